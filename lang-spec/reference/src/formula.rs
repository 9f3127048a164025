//! From a rule's body to its past-time formula, by the rules `M(sequence, X)`.
//!
//! In: a rule's body. Out: its formula, which prints as the core form says, and the text of the bodies that have none. Invariant: the text and the steps of
//! [`crate::step`] are made of one tree; the judge of pairs never sees it.
//! Source: `lang-spec/core-form.md`, [core.formula].

use std::fmt::{self, Display};
use std::rc::Rc;

use crate::policy::{Body, Expression, Gap, Measure, Pattern, Sequence};

/// A formula, judged at a letter of a history.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Formula<'r> {
    /// At the beginning only.
    Start,
    /// The letter matches.
    Event(&'r Pattern),
    And(Vec<Formula<'r>>),
    Or(Vec<Formula<'r>>),
    Not(Box<Formula<'r>>),
    /// It held at an earlier letter, and the gap is as it says.
    Prev(Rc<Formula<'r>>, &'r Gap),
    /// A prerequisite has been met since the last reset.
    Met {
        pattern: &'r Pattern,
        within: Option<i64>,
        reset: Option<&'r Pattern>,
    },
    /// By way of a match that began at most so many milliseconds before.
    Span(i64, Box<Formula<'r>>),
    /// For the innermost span around it, a match begins here.
    From(Rc<Formula<'r>>),
}

/// A gap that asks nothing.
const ANY_GAP: &Gap = &Gap { within: None, unless: Vec::new(), next: false };

/// What a `forbid` or `require` denies; nothing for other bodies.
pub(crate) fn denied(body: &Body) -> Option<Formula<'_>> {
    match body {
        Body::Forbid(sequence) => Some(formula(sequence, None)),
        Body::Require { prerequisites, target, within, reset } => {
            let met = |pattern| Formula::Met { pattern, within: *within, reset: reset.as_ref() };
            let mut met: Vec<Formula<'_>> = prerequisites.iter().map(met).collect();
            let all = if met.len() == 1 { met.remove(0) } else { Formula::And(met) };
            Some(Formula::And(vec![Formula::Event(target), Formula::Not(Box::new(all))]))
        }
        Body::Protocol(_) | Body::Limit { .. } => None,
    }
}

/// The text of a rule's body.
pub(crate) fn body(body: &Body) -> String {
    match body {
        Body::Forbid(_) | Body::Require { .. } => denied(body).map_or(String::new(), |formula| format!("(deny {formula})")),
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

/// `M(sequence, before)`.
fn formula<'r>(sequence: &'r Sequence, before: Option<&Formula<'r>>) -> Formula<'r> {
    match sequence {
        Sequence::Start => beside(Formula::Start, before),
        Sequence::Event(pattern) => beside(Formula::Event(pattern), before),
        Sequence::Then(first, gap, second) => {
            let first = formula(first, before);
            formula(second, Some(&Formula::Prev(Rc::new(first), gap)))
        }
        Sequence::Or(parts) => Formula::Or(all(parts, before)),
        Sequence::And(parts) => {
            let parts = all(parts, before);
            let until_now = |part: &Formula<'r>| Formula::Or(vec![part.clone(), Formula::Prev(Rc::new(part.clone()), ANY_GAP)]);
            let each: Vec<Formula<'r>> = parts.iter().map(until_now).collect();
            Formula::And(std::iter::once(Formula::Or(parts)).chain(each).collect())
        }
        Sequence::Times(count, part) => {
            let first = formula(part, before);
            (1..*count).fold(first, |so_far, _| formula(part, Some(&Formula::Prev(Rc::new(so_far), ANY_GAP))))
        }
        Sequence::Within(ms, part) => {
            let from = before.map(|before| Formula::From(Rc::new(before.clone())));
            Formula::Span(*ms, Box::new(formula(part, from.as_ref())))
        }
    }
}

fn all<'r>(parts: &'r [Sequence], before: Option<&Formula<'r>>) -> Vec<Formula<'r>> {
    parts.iter().map(|part| formula(part, before)).collect()
}

fn beside<'r>(event: Formula<'r>, before: Option<&Formula<'r>>) -> Formula<'r> {
    match before {
        Some(before) => Formula::And(vec![event, before.clone()]),
        None => event,
    }
}

/// Every pattern of a rule in the order of its formula, of a protocol or limit as it is written; a pattern that stands twice may come twice.
#[must_use]
pub fn patterns(body: &Body) -> Vec<&Pattern> {
    let mut found = Vec::new();
    match body {
        Body::Protocol(expression) => found = expression.patterns(),
        Body::Limit { event, judged, .. } => found.extend([event].into_iter().chain(judged)),
        Body::Forbid(_) | Body::Require { .. } => denied(body).iter().for_each(|formula| collect(formula, &mut found)),
    }
    found
}

fn collect<'r>(formula: &Formula<'r>, found: &mut Vec<&'r Pattern>) {
    match formula {
        Formula::Start => {}
        Formula::Event(pattern) => found.push(pattern),
        Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| collect(part, found)),
        Formula::Not(part) | Formula::Span(_, part) => collect(part, found),
        Formula::From(part) => collect(part, found),
        Formula::Prev(part, gap) => {
            collect(part, found);
            found.extend(&gap.unless);
        }
        Formula::Met { pattern, reset, .. } => found.extend(std::iter::once(*pattern).chain(*reset)),
    }
}

impl Display for Formula<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within = |f: &mut fmt::Formatter<'_>, ms: &Option<i64>| ms.map_or(Ok(()), |ms| write!(f, " (within {ms})"));
        match self {
            Self::Start => f.write_str("start"),
            Self::Event(pattern) => write!(f, "{pattern}"),
            Self::And(parts) => crate::print::list(f, "and", parts),
            Self::Or(parts) => crate::print::list(f, "or", parts),
            Self::Not(part) => write!(f, "(not {part})"),
            Self::Prev(part, gap) => {
                write!(f, "(prev {part}")?;
                within(f, &gap.within)?;
                if !gap.unless.is_empty() {
                    f.write_str(" ")?;
                    crate::print::list(f, "unless", &gap.unless)?;
                }
                f.write_str(if gap.next { " next)" } else { ")" })
            }
            Self::Met { pattern, within: ms, reset } => {
                write!(f, "(met {pattern}")?;
                within(f, ms)?;
                reset.iter().try_for_each(|reset| write!(f, " (reset {reset})"))?;
                f.write_str(")")
            }
            Self::Span(ms, part) => write!(f, "(span {ms} {part})"),
            Self::From(part) => write!(f, "(from {part})"),
        }
    }
}
