//! The shape of a sequence: what begins it, what ends it, and which clauses may stand between.
//!
//! In: a sequence as written. Out: findings. Invariant: what passes has calls at its end where it must be denied, `start` only at its beginning, and gap clauses only
//! between single events. Source: language section 5; `lang-spec/core-form.md`, [core.formula].

use leverframe_syntax::tree::{self, GapClauseKind, ModeKind, Sequence, SequenceKind, TargetKind};
use leverframe_syntax::{Diagnostic, Span};

use super::pattern::is_result;
use super::problem;
use crate::names::symbols::{Symbols, Target};

/// The events that can be last.
pub(super) fn lasts(sequence: &Sequence) -> Vec<&tree::EventPattern> {
    match &sequence.kind {
        SequenceKind::Event(event) => vec![event],
        SequenceKind::Then { first, rest } => lasts(rest.last().map_or(first, |step| &step.sequence)),
        SequenceKind::Or(parts) | SequenceKind::And(parts) => parts.iter().flat_map(lasts).collect(),
        SequenceKind::Times { body, .. } | SequenceKind::Within { body, .. } => lasts(body),
    }
}

/// The events that can be first.
fn firsts(sequence: &Sequence) -> Vec<&tree::EventPattern> {
    match &sequence.kind {
        SequenceKind::Event(event) => vec![event],
        SequenceKind::Then { first, .. } => firsts(first),
        SequenceKind::Or(parts) | SequenceKind::And(parts) => parts.iter().flat_map(firsts).collect(),
        SequenceKind::Times { body, .. } | SequenceKind::Within { body, .. } => firsts(body),
    }
}

fn ends_in_and(sequence: &Sequence) -> bool {
    match &sequence.kind {
        SequenceKind::Event(_) => false,
        SequenceKind::And(_) => true,
        SequenceKind::Then { first, rest } => ends_in_and(rest.last().map_or(first, |step| &step.sequence)),
        SequenceKind::Or(parts) => parts.iter().any(ends_in_and),
        SequenceKind::Times { body, .. } | SequenceKind::Within { body, .. } => ends_in_and(body),
    }
}

fn begins_with_and(sequence: &Sequence) -> bool {
    match &sequence.kind {
        SequenceKind::Event(_) => false,
        SequenceKind::And(_) => true,
        SequenceKind::Then { first, .. } => begins_with_and(first),
        SequenceKind::Or(parts) => parts.iter().any(begins_with_and),
        SequenceKind::Times { body, .. } | SequenceKind::Within { body, .. } => begins_with_and(body),
    }
}

/// Why a pattern is no call that can be denied, if it is none.
pub(super) fn no_call(symbols: &Symbols, event: &tree::EventPattern, place: &str) -> Option<Diagnostic> {
    if let TargetKind::Start = event.target.kind {
        return Some(problem::not_a_call("`start`", place, event.span));
    }
    if let Some(mode) = event.mode.filter(|mode| mode.kind == ModeKind::Denied) {
        return Some(problem::not_a_call("a denied attempt", place, mode.span));
    }
    if let Some(outcome) = event.outcome.as_ref().filter(|outcome| is_result(Some(&outcome.kind))) {
        return Some(problem::not_a_call("a result", place, outcome.span));
    }
    let paths = match &event.target.kind {
        TargetKind::One(path) => std::slice::from_ref(path),
        TargetKind::List(paths) => paths.as_slice(),
        TargetKind::Any | TargetKind::Start => &[],
    };
    let event = paths.iter().find(|path| matches!(symbols.target(path), Ok(Target::Event(_))))?;
    Some(problem::not_a_call(&format!("the host event `{}`", event.text()), place, event.span))
}

/// What is wrong with the gaps of a sequence and with the places of `start`.
pub(super) fn faults(sequence: &Sequence) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let starts: Vec<Span> = firsts(sequence).into_iter().filter(|event| is_start(event)).map(|event| event.span).collect();
    walk(sequence, &starts, &mut faults);
    faults
}

fn is_start(event: &tree::EventPattern) -> bool {
    matches!(event.target.kind, TargetKind::Start)
}

fn walk(sequence: &Sequence, starts: &[Span], faults: &mut Vec<Diagnostic>) {
    match &sequence.kind {
        SequenceKind::Event(event) => {
            if is_start(event) && !starts.contains(&event.span) {
                faults.push(problem::start_misplaced(event.span));
            }
        }
        SequenceKind::Then { first, rest } => {
            walk(first, starts, faults);
            let mut left: &Sequence = first;
            for step in rest {
                gap(left, step, faults);
                walk(&step.sequence, starts, faults);
                left = &step.sequence;
            }
        }
        SequenceKind::Or(parts) | SequenceKind::And(parts) => parts.iter().for_each(|part| walk(part, starts, faults)),
        SequenceKind::Times { count, body } => {
            if count.value == 0 {
                faults.push(problem::number("a sequence that happens 0 times happens always", count.span));
            }
            walk(body, starts, faults);
        }
        SequenceKind::Within { body, .. } => {
            nested(body, sequence.span, faults);
            unless_after(body, sequence.span, Order::Kept, faults);
            if firsts(body).into_iter().any(is_start) {
                faults.push(problem::group_start(sequence.span));
            }
            walk(body, starts, faults);
        }
    }
}

/// Every `within` of a gap below a group that has one.
fn nested(sequence: &Sequence, group: Span, faults: &mut Vec<Diagnostic>) {
    match &sequence.kind {
        SequenceKind::Event(_) => {}
        SequenceKind::Or(parts) | SequenceKind::And(parts) => parts.iter().for_each(|part| nested(part, group, faults)),
        SequenceKind::Times { body, .. } => nested(body, group, faults),
        // The inner group reports its own.
        SequenceKind::Within { .. } => {}
        SequenceKind::Then { first, rest } => {
            nested(first, group, faults);
            for step in rest {
                let within = step.gap.clauses.iter().filter(|clause| matches!(clause.kind, GapClauseKind::Within(_)));
                faults.extend(within.map(|clause| problem::nested_within(clause.span, group)));
                nested(&step.sequence, group, faults);
            }
        }
    }
}

/// Whether a match of it is one event.
fn single(sequence: &Sequence) -> bool {
    match &sequence.kind {
        SequenceKind::Event(_) => true,
        SequenceKind::Or(parts) => parts.iter().all(single),
        SequenceKind::And(_) | SequenceKind::Then { .. } => false,
        SequenceKind::Times { count, body } => count.value <= 1 && single(body),
        SequenceKind::Within { body, .. } => single(body),
    }
}

/// Whether, of two matches of what stands before, the one that ends later also begins later, or at the same letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Kept,
    Lost,
}

/// Every `unless` of a gap below a group with a window that follows something of which matches may begin in another order than they end.
/// `before` is the order of what stands before the sequence; the answer is that of what stands before what follows it.
fn unless_after(sequence: &Sequence, group: Span, before: Order, faults: &mut Vec<Diagnostic>) -> Order {
    match &sequence.kind {
        SequenceKind::Event(_) => before,
        SequenceKind::Or(parts) | SequenceKind::And(parts) => {
            let own = if parts.iter().all(single) { Order::Kept } else { Order::Lost };
            parts.iter().fold(before.max(own), |after, part| unless_after(part, group, before, faults).max(after))
        }
        SequenceKind::Times { count, body } => {
            let after = unless_after(body, group, before, faults);
            // From the second time on the body follows itself.
            if count.value > 1 && after > before { unless_after(body, group, after, faults) } else { after }
        }
        SequenceKind::Within { body, .. } => unless_after(body, group, before, faults),
        SequenceKind::Then { first, rest } => {
            let mut order = unless_after(first, group, before, faults);
            for step in rest {
                let unless = step.gap.clauses.iter().filter(|clause| matches!(clause.kind, GapClauseKind::Unless(_)));
                if order == Order::Lost {
                    faults.extend(unless.map(|clause| problem::unless_in_window(clause.span, group)));
                }
                order = unless_after(&step.sequence, group, order, faults);
            }
            order
        }
    }
}

fn gap(left: &Sequence, step: &tree::ThenStep, faults: &mut Vec<Diagnostic>) {
    let clauses = &step.gap.clauses;
    if !clauses.is_empty() {
        if ends_in_and(left) {
            faults.push(problem::gap_meets_and(step.gap.span, "ends in"));
        } else if begins_with_and(&step.sequence) {
            faults.push(problem::gap_meets_and(step.gap.span, "begins with"));
        }
    }
    let beside_start = lasts(left).into_iter().chain(firsts(&step.sequence)).any(is_start);
    let mut within: Option<Span> = None;
    let mut next: Option<Span> = None;
    for clause in clauses {
        let (seen, word) = match clause.kind {
            GapClauseKind::Within(_) => (&mut within, "within"),
            GapClauseKind::Next => (&mut next, "next"),
            GapClauseKind::Unless(_) => continue,
        };
        if let Some(first) = *seen {
            faults.push(problem::clause_twice(word, clause.span, first));
        }
        seen.get_or_insert(clause.span);
    }
    faults.extend(within.filter(|_| beside_start).map(problem::within_start));
}
