//! The definitions of `lang-spec/core-form.md` over whole histories: nothing incremental, nothing shared with the compiler.

use std::collections::BTreeSet;

use crate::core::cond::Term;
use crate::core::{Clause, Cond, Formula, LetterKind, Pattern, PatternCases, Scalar};

/// One letter of a history.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Happened {
    /// `Call`, `Ok`, `Failed` or `Event`.
    pub(super) kind: LetterKind,
    pub(super) subject: u32,
    pub(super) persona: u32,
    pub(super) approved: bool,
    pub(super) labels: u64,
    pub(super) n: Option<i64>,
    pub(super) at: i64,
    /// For a result the place of its call, else its own.
    pub(super) call: usize,
}

/// What a condition of the test world comes to; none where it cannot be evaluated.
pub(super) fn truth(cond: &Cond, n: Option<i64>) -> Option<bool> {
    match cond {
        Cond::Const(value) => Some(*value),
        Cond::Compare(_, _, Term::Arg(_), Term::Literal(Scalar::Int(value))) => n.map(|n| n == *value),
        other => panic!("no condition of the test world: {other:?}"),
    }
}

/// Whether a pattern matches, `failed` being what a guard that cannot be evaluated counts as.
fn matches(pattern: &Pattern, letter: &Happened, failed: bool) -> bool {
    pattern.parts.iter().any(|part| {
        let kind = match part.kind {
            LetterKind::Result => matches!(letter.kind, LetterKind::Ok | LetterKind::Failed),
            kind => kind == letter.kind,
        };
        let guard = match &part.cases {
            PatternCases::Tools(cases) => {
                cases.iter().find(|case| case.names.iter().any(|id| id.0 == letter.subject)).map(|case| &case.guard)
            }
            PatternCases::Events(cases) => {
                cases.iter().find(|case| case.names.iter().any(|id| id.0 == letter.subject)).map(|case| &case.guard)
            }
        };
        kind && (!part.approved || letter.approved)
            && part.by.is_none_or(|persona| persona.0 == letter.persona)
            && part.label.is_none_or(|label| letter.labels & (1 << label.0) != 0)
            && guard.is_some_and(|guard| truth(guard, letter.n).unwrap_or(failed))
    })
}

/// Whether a formula holds at the letter in place `i`.
pub(super) fn holds(formula: &Formula, history: &[Happened], i: usize) -> bool {
    at(formula, history, Some(i), true)
}

/// When each match of the formula at a place began, for each of so many spans around it, the innermost last.
fn beginnings(formula: &Formula, history: &[Happened], place: Option<usize>, step: bool, spans: usize) -> BTreeSet<Vec<i64>> {
    let now = || vec![place.map_or(i64::MIN, |i| history[i].at); spans];
    let of = |part: &Formula| beginnings(part, history, place, step, spans);
    match formula {
        Formula::And(parts) => parts.iter().fold(BTreeSet::from([now()]), |so_far, part| {
            let part = of(part);
            so_far.iter().flat_map(|a| part.iter().map(|b| a.iter().zip(b).map(|(a, b)| *a.min(b)).collect())).collect()
        }),
        Formula::Or(parts) => parts.iter().flat_map(of).collect(),
        Formula::Prev(body, clause) => {
            let Some(i) = place else { return BTreeSet::new() };
            let anchors = std::iter::once(None).chain((0..i).map(Some)).filter(|j| gap_is(clause, history, *j, i, step));
            anchors.flat_map(|j| beginnings(body, history, j, step, spans)).collect()
        }
        Formula::Span(ms, body) => {
            let Some(i) = place else { return BTreeSet::new() };
            let inside = beginnings(body, history, place, step, spans + 1).into_iter();
            let recent = inside.filter(|began| history[i].at - began.last().unwrap() <= *ms as i64);
            recent.map(|began| began[..spans].to_vec()).collect()
        }
        Formula::From(body) => {
            let outside = beginnings(body, history, place, step, spans - 1).into_iter();
            outside
                .map(|mut began| {
                    began.extend(now().last());
                    began
                })
                .collect()
        }
        other => {
            if at(other, history, place, step) {
                BTreeSet::from([now()])
            } else {
                BTreeSet::new()
            }
        }
    }
}

/// `place` is none at the beginning, before the first letter. `step`: whether patterns stand as steps (a guard that fails matches) or not.
fn at(formula: &Formula, history: &[Happened], place: Option<usize>, step: bool) -> bool {
    match formula {
        Formula::Start => place.is_none(),
        Formula::Match(pattern) => place.is_some_and(|i| matches(pattern, &history[i], step)),
        Formula::And(parts) => parts.iter().all(|part| at(part, history, place, step)),
        Formula::Or(parts) => parts.iter().any(|part| at(part, history, place, step)),
        Formula::Not(part) => !at(part, history, place, !step),
        Formula::Span(..) => !beginnings(formula, history, place, step, 0).is_empty(),
        Formula::From(_) => panic!("stands in a span"),
        Formula::Prev(body, clause) => {
            let Some(i) = place else { return false };
            let anchors = std::iter::once(None).chain((0..i).map(Some));
            anchors.into_iter().any(|j| gap_is(clause, history, j, i, step) && at(body, history, j, step))
        }
        Formula::Met { pattern, within_ms, reset } => {
            let Some(i) = place else { return false };
            let is_reset = |k: &usize| reset.as_ref().is_some_and(|reset| matches(reset, &history[*k], !step));
            let last_reset = (0..i).rev().find(is_reset);
            (0..i).any(|j| {
                let letter = &history[j];
                let recent = within_ms.is_none_or(|ms| history[i].at - history[letter.call].at <= ms as i64);
                let since = last_reset.is_none_or(|k| letter.call > k && j > k);
                matches(pattern, letter, step) && recent && since
            })
        }
    }
}

fn gap_is(clause: &Clause, history: &[Happened], from: Option<usize>, to: usize, step: bool) -> bool {
    let inside = |k: usize| k < to && from.is_none_or(|from| k > from);
    let recent = clause.within_ms.is_none_or(|ms| from.is_some_and(|from| history[to].at - history[from].at <= ms as i64));
    let quiet = (0..to).filter(|k| inside(*k)).all(|k| {
        let letter = &history[k];
        let stops = clause.unless.iter().any(|pattern| matches(pattern, letter, !step)) && inside(letter.call);
        let called = clause.next && letter.kind == LetterKind::Call;
        !stops && !called
    });
    recent && quiet
}
