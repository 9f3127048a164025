//! From a sequence to the formula that holds where it is completed.
//!
//! In: a [`Step`]. Out: a [`Formula`]. Invariant: the formula holds at a letter exactly where some pair of the sequence's meaning ends there; its size is
//! known, and bounded, before it is made.
//! Source: `lang-spec/core-form.md`, [core.formula] (the function `M`).

use leverframe_syntax::{Diagnostic, Span};

use super::{Requirement, Step, TypedBody, TypedRule, problem};
use crate::core::{Body, Clause, Formula, Protocol};
use crate::limits::{FORMULA_PARTS, SEQUENCE_EVENTS};

/// What a rule says, as the core form has it.
///
/// # Errors
/// `LF0708` where the formula would be too large.
pub(crate) fn body(rule: &TypedRule) -> Result<Body, Diagnostic> {
    Ok(match &rule.body {
        TypedBody::Forbid(step) => Body::Deny(forbidden(step, &rule.name, rule.span)?),
        TypedBody::Require(requirement) => Body::Deny(required(requirement)),
        TypedBody::Protocol(protocol) => Body::Protocol(bounded(protocol, &rule.name, rule.span)?.clone()),
        TypedBody::Limit(limit) => Body::Limit(limit.clone()),
    })
}

fn bounded<'p>(protocol: &'p Protocol, name: &str, span: Span) -> Result<&'p Protocol, Diagnostic> {
    let (in_a_row, parts) = of_protocol(protocol);
    if in_a_row > SEQUENCE_EVENTS || parts > FORMULA_PARTS {
        return Err(problem::too_long(name, span));
    }
    Ok(protocol)
}

/// How many events of a protocol follow one another in the longest way through without repetition, and how many parts it has.
fn of_protocol(protocol: &Protocol) -> (u64, u64) {
    match protocol {
        Protocol::Event(_) => (1, 1),
        Protocol::Then(parts) => parts.iter().map(of_protocol).fold((0, 1), |sum, part| (sum.0 + part.0, sum.1 + part.1)),
        Protocol::Or(parts) => parts.iter().map(of_protocol).fold((0, 1), |sum, part| (sum.0.max(part.0), sum.1 + part.1)),
        Protocol::Many(body) | Protocol::Some(body) | Protocol::Maybe(body) => {
            let (in_a_row, parts) = of_protocol(body);
            (in_a_row, parts + 1)
        }
    }
}

fn forbidden(step: &Step, name: &str, span: Span) -> Result<Formula, Diagnostic> {
    if events(step) > SEQUENCE_EVENTS || size(step, 0) > FORMULA_PARTS {
        return Err(problem::too_long(name, span));
    }
    Ok(completed(step, None))
}

fn required(requirement: &Requirement) -> Formula {
    let Requirement { prerequisites, target, within_ms, reset } = requirement;
    let mut met: Vec<Formula> = prerequisites
        .iter()
        .map(|pattern| Formula::Met { pattern: pattern.clone(), within_ms: *within_ms, reset: reset.clone() })
        .collect();
    let all = match met.len() {
        1 => met.pop().unwrap_or(Formula::And(Vec::new())),
        _ => Formula::And(met),
    };
    Formula::And(vec![Formula::Match(target.clone()), Formula::Not(Box::new(all))])
}

/// Where the step is completed, `start` having held at its beginning.
fn completed(step: &Step, start: Option<&Formula>) -> Formula {
    match step {
        Step::Start => beginning(Formula::Start, start),
        Step::Event(pattern) => beginning(Formula::Match(pattern.clone()), start),
        Step::Then(first, rest) => {
            let mut so_far = completed(first, start);
            for (clause, step) in rest {
                so_far = completed(step, Some(&earlier(so_far, clause.clone())));
            }
            so_far
        }
        Step::Or(parts) => Formula::Or(parts.iter().map(|part| completed(part, start)).collect()),
        Step::And(parts) => in_any_order(parts.iter().map(|part| completed(part, start)).collect()),
        Step::Times(count, step) => {
            let mut so_far = completed(step, start);
            for _ in 1..*count {
                so_far = completed(step, Some(&earlier(so_far, Clause::default())));
            }
            so_far
        }
        Step::Within(ms, step) => {
            let start = start.map(|start| Formula::From(Box::new(start.clone())));
            Formula::Span(*ms, Box::new(completed(step, start.as_ref())))
        }
    }
}

fn beginning(event: Formula, start: Option<&Formula>) -> Formula {
    match start {
        None => event,
        Some(start) => Formula::And(vec![event, start.clone()]),
    }
}

fn earlier(formula: Formula, clause: Clause) -> Formula {
    Formula::Prev(Box::new(formula), clause)
}

/// One of them now, and each of them now or before.
fn in_any_order(parts: Vec<Formula>) -> Formula {
    let now = Formula::Or(parts.clone());
    let each = parts.into_iter().map(|part| Formula::Or(vec![part.clone(), earlier(part, Clause::default())]));
    Formula::And(std::iter::once(now).chain(each).collect())
}

/// How many events follow one another in the longest way through.
fn events(step: &Step) -> u64 {
    match step {
        Step::Start | Step::Event(_) => 1,
        Step::Then(first, rest) => rest.iter().fold(events(first), |sum, (_, step)| sum.saturating_add(events(step))),
        Step::Or(parts) | Step::And(parts) => parts.iter().map(events).max().unwrap_or(0),
        Step::Times(count, step) => events(step).saturating_mul(*count),
        Step::Within(_, step) => events(step),
    }
}

/// How many parts [`completed`] makes where the formula at the beginning has `start` of them; no more than a few beyond the bound.
fn size(step: &Step, start: u64) -> u64 {
    let size = match step {
        Step::Start | Step::Event(_) if start == 0 => 1,
        Step::Start | Step::Event(_) => start.saturating_add(2),
        Step::Then(first, rest) => rest.iter().fold(size(first, start), |so_far, (_, step)| size(step, so_far.saturating_add(1))),
        Step::Or(parts) => parts.iter().fold(1, |sum: u64, part| sum.saturating_add(size(part, start))),
        Step::And(parts) => {
            parts.iter().fold(2, |sum: u64, part| sum.saturating_add(size(part, start).saturating_mul(3).saturating_add(2)))
        }
        Step::Times(count, step) => {
            let mut so_far = size(step, start);
            let mut done = 1;
            while done < *count && so_far <= FORMULA_PARTS {
                so_far = size(step, so_far.saturating_add(1));
                done += 1;
            }
            so_far
        }
        Step::Within(_, step) if start == 0 => size(step, 0).saturating_add(1),
        Step::Within(_, step) => size(step, start.saturating_add(1)).saturating_add(1),
    };
    size.min(FORMULA_PARTS.saturating_mul(4))
}
