//! From a sequence to its past-time formula, by the rules `M(sequence, X)`.
//!
//! In: a sequence. Out: the formula's text. Invariant: the text is the only product; the judge never sees a formula.
//! Source: `lang-spec/core-form.md`, [core.formula].

use crate::policy::{Body, Expression, Gap, Measure, Pattern, Sequence};

/// The text of a rule's body.
pub(crate) fn body(body: &Body) -> String {
    match body {
        Body::Forbid(sequence) => format!("(deny {})", formula(sequence, None)),
        Body::Require { prerequisites, target, within, reset } => {
            let met: Vec<String> = prerequisites.iter().map(|pattern| met(pattern, *within, reset.as_ref())).collect();
            let all = if let [one] = met.as_slice() { one.clone() } else { format!("(and {})", met.join(" ")) };
            format!("(deny (and {target} (not {all})))")
        }
        Body::Protocol(expression) => format!("(protocol {})", self::expression(expression)),
        Body::Limit { measure, window, event, judged } => {
            let period = window.map_or_else(|| "session".to_owned(), |ms| format!("(window {ms})"));
            let judged = judged.as_ref().map_or(String::new(), |judged| format!(" {judged}"));
            format!("(limit {} {period} {event}{judged})", self::measure(measure))
        }
    }
}

fn measure(measure: &Measure) -> String {
    match measure {
        Measure::Count(count) => count.to_string(),
        Measure::Identical(count) => format!("(identical {count})"),
        Measure::Distinct(count, tag, path) => format!("(distinct {count} ({} {path}))", tag.word()),
        Measure::Sum(most, path) => format!("(sum {most} (int {path}))"),
    }
}

fn expression(expression: &Expression) -> String {
    let several =
        |word: &str, parts: &[Expression]| format!("({word} {})", parts.iter().map(self::expression).collect::<Vec<_>>().join(" "));
    match expression {
        Expression::Event(pattern) => pattern.to_string(),
        Expression::Then(parts) => several("then", parts),
        Expression::Or(parts) => several("or", parts),
        Expression::Many(part) => format!("(many {})", self::expression(part)),
        Expression::Some(part) => format!("(some {})", self::expression(part)),
        Expression::Maybe(part) => format!("(maybe {})", self::expression(part)),
    }
}

fn met(pattern: &Pattern, within: Option<i64>, reset: Option<&Pattern>) -> String {
    let within = within.map_or(String::new(), |ms| format!(" (within {ms})"));
    let reset = reset.map_or(String::new(), |reset| format!(" (reset {reset})"));
    format!("(met {pattern}{within}{reset})")
}

/// `M(sequence, before)`.
fn formula(sequence: &Sequence, before: Option<&str>) -> String {
    match sequence {
        Sequence::Start => beside("start", before),
        Sequence::Event(pattern) => beside(&pattern.to_string(), before),
        Sequence::Then(first, gap, second) => {
            let first = formula(first, before);
            formula(second, Some(&prev(&first, gap)))
        }
        Sequence::Or(parts) => format!("(or {})", all(parts, before).join(" ")),
        Sequence::And(parts) => {
            let parts = all(parts, before);
            let now = format!("(or {})", parts.join(" "));
            let until_now: Vec<String> = parts.iter().map(|part| format!("(or {part} (prev {part}))")).collect();
            format!("(and {now} {})", until_now.join(" "))
        }
        Sequence::Times(count, part) => {
            let first = formula(part, before);
            (1..*count).fold(first, |so_far, _| formula(part, Some(&prev(&so_far, &Gap::default()))))
        }
        Sequence::Within(ms, part) => {
            let from = before.map(|before| format!("(from {before})"));
            format!("(span {ms} {})", formula(part, from.as_deref()))
        }
    }
}

fn all(parts: &[Sequence], before: Option<&str>) -> Vec<String> {
    parts.iter().map(|part| formula(part, before)).collect()
}

fn beside(event: &str, before: Option<&str>) -> String {
    before.map_or_else(|| event.to_owned(), |before| format!("(and {event} {before})"))
}

fn prev(formula: &str, gap: &Gap) -> String {
    let within = gap.within.map_or(String::new(), |ms| format!(" (within {ms})"));
    let unless: String = gap.unless.iter().map(|pattern| format!(" {pattern}")).collect();
    let unless = if unless.is_empty() { unless } else { format!(" (unless{unless})") };
    format!("(prev {formula}{within}{unless}{})", if gap.next { " next" } else { "" })
}
