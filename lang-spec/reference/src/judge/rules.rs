//! Whether a rule speaks of a call.
//!
//! In: a rule and a history whose last letter is the call, as if it were admitted. Out: whether the rule denies, asks or notes it, and whether for want of room.
//! A call is judged if it is in the history of any value: any that was seen, any of the call, or one that was never seen.
//! Source: language section 5 and the table of safe readings; `lang-spec/variables.md`, `lang-spec/limits.md`.

use super::accounts::Books;
use super::bits;
use super::history::Watch;
use super::kept::Kept;
use super::memory;
use super::protocol;
use super::rows::{Hit, Row, Tuple, values_in};
use super::sequences::completed_by_last;
use crate::policy::{Body, Kind, Pattern, Rule};

/// What a rule says of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// Nothing.
    Silent,
    /// The rule judges it.
    Judged,
    /// The rule has had more values than it can keep apart, and judges whatever it could ever judge.
    Overflowed,
}

/// How sequences are evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Evaluator {
    /// As sets of pairs over the whole history, as the language defines them.
    #[default]
    Pairs,
    /// By the bits and registers of [`crate::step`], where the rule has forgotten nothing.
    Bits,
}

/// What the rule says of the last letter.
pub(crate) fn speaks(rule: &Rule, watch: &Watch, evaluator: Evaluator) -> Judgement {
    let Some((call, before)) = watch.rows.split_last() else { return Judgement::Silent };
    let concerned: Vec<&Hit> = judging_patterns(rule).iter().map(|pattern| call.hit(pattern)).filter(|hit| hit.sure).collect();
    if concerned.is_empty() {
        return Judgement::Silent;
    }
    if watch.overflowed {
        return Judgement::Overflowed;
    }
    let lacking = rule.has_values() && concerned.iter().any(|hit| hit.lacking);
    if lacking || judged(rule, &watch.rows, (call, before), evaluator) { Judgement::Judged } else { Judgement::Silent }
}

/// The patterns that a call must match to be judged.
fn judging_patterns(rule: &Rule) -> Vec<&Pattern> {
    match &rule.body {
        Body::Forbid(sequence) => sequence.last().into_iter().flatten().collect(),
        Body::Require { target, .. } => vec![target],
        Body::Protocol(expression) => expression.patterns(),
        Body::Limit { event, judged, .. } => vec![judged.as_ref().unwrap_or(event)],
    }
}

fn judged(rule: &Rule, rows: &[Row], (call, before): (&Row, &[Row]), evaluator: Evaluator) -> bool {
    let room = rule.capacity.and_then(|capacity| usize::try_from(capacity).ok()).unwrap_or(usize::MAX);
    let by_bits = evaluator == Evaluator::Bits && values_in(rows).len() <= room;
    let judged = if by_bits { bits::judges(rule, rows) } else { None };
    judged.unwrap_or_else(|| judges(rule, rows, call, before))
}

fn judges(rule: &Rule, rows: &[Row], call: &Row, before: &[Row]) -> bool {
    match &rule.body {
        Body::Forbid(sequence) => some_value(rows, |value| completed_by_last(sequence, rows, value)),
        Body::Require { prerequisites, target, within, reset } => {
            let kept = Kept::after(rule, before);
            let met = |prerequisite: &Pattern, value: &Tuple| kept.met(prerequisite, *within, reset.as_ref(), value, call.at, before);
            some_value(rows, |value| call.hit(target).surely(value) && !prerequisites.iter().all(|prerequisite| met(prerequisite, value)))
        }
        Body::Protocol(expression) => some_value(rows, |value| protocol::leaves(expression, rows, value)),
        Body::Limit { measure, window, event, judged } => {
            let books = Books::of(rule, event, measure, *window, before);
            let hit = call.hit(judged.as_ref().unwrap_or(event));
            hit.values.iter().any(|value| books.is_over(value, hit, call.at))
        }
    }
}

/// Whether something holds for any value: one that is in the rows, or one that was never seen, which no tuple of values equals.
pub(crate) fn some_value(rows: &[Row], holds: impl Fn(&Tuple) -> bool) -> bool {
    holds(&unseen()) || values_in(rows).iter().any(holds)
}

/// A value that no letter has.
pub(crate) fn unseen() -> Tuple {
    Tuple::new()
}

/// Whether the last letter gives the rule more values than it can keep apart ([var.capacity]).
pub(crate) fn overflows(rule: &Rule, rows: &[Row]) -> bool {
    let (Some(capacity), Some(last)) = (rule.capacity, rows.last()) else { return false };
    match &rule.body {
        // It might be any value.
        Body::Forbid(sequence) if sequence.steps().iter().any(|pattern| last.hit(pattern).broken) => return true,
        Body::Forbid(_) | Body::Protocol(_) => {}
        Body::Require { .. } | Body::Limit { .. } => return false,
    }
    let values = values_in(rows);
    let room = usize::try_from(capacity).unwrap_or(usize::MAX);
    if values.len() <= room {
        return false;
    }
    let differs = |value: &&Tuple| match &rule.body {
        Body::Forbid(sequence) => memory::of(sequence, rows, value) != memory::of(sequence, rows, &unseen()),
        Body::Protocol(expression) => protocol::memory(expression, rows, value) != protocol::memory(expression, rows, &unseen()),
        Body::Require { .. } | Body::Limit { .. } => false,
    };
    values.iter().filter(differs).count() > room
}

/// Whether the pattern is about results, so that the place of a call is compared with it.
pub(crate) fn reads_results(pattern: &Pattern) -> bool {
    pattern.parts.iter().any(|part| matches!(part.kind, Kind::Ok | Kind::Failed | Kind::Result))
}
