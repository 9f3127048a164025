//! Protocols: the events that an expression names, in the history of a value, begin a word of it.
//!
//! In: an expression, a value and a history as the rule sees it. Out: where the history stands, and whether its last letter leaves the language. The positions
//! of an expression are its events; a history stands at the set of events that may have been last.
//! Source: language section 5 (`protocol`); V. M. Glushkov, "The abstract theory of automata", 1961, for the sets of positions.

use std::collections::BTreeSet;

use super::rows::{Row, Tuple};
use crate::policy::{Expression, Pattern};

/// Where a history stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// No event of the protocol has been.
    Begin,
    /// One of these was last.
    Last(BTreeSet<usize>),
    /// The language was left, for good.
    Left,
}

/// The sets that a part of an expression has.
struct Sets {
    empty: bool,
    first: BTreeSet<usize>,
    last: BTreeSet<usize>,
    /// After which event which may come.
    follow: BTreeSet<(usize, usize)>,
}

/// Whether the last letter is an event of the protocol and does not go on with a word of it.
pub(crate) fn leaves(expression: &Expression, rows: &[Row], value: &Tuple) -> bool {
    let named = rows.last().is_some_and(|row| !matched(expression, row, value).is_empty());
    named && state(expression, rows, value) == State::Left
}

/// Where the history stands after all its letters.
pub(crate) fn state(expression: &Expression, rows: &[Row], value: &Tuple) -> State {
    let sets = sets(expression);
    rows.iter().fold(State::Begin, |state, row| step(expression, &sets, state, row, value))
}

/// What a protocol remembers of a value: which events may come next.
pub(crate) fn memory(expression: &Expression, rows: &[Row], value: &Tuple) -> BTreeSet<usize> {
    may_come(&sets(expression), &state(expression, rows, value))
}

fn may_come(sets: &Sets, state: &State) -> BTreeSet<usize> {
    match state {
        State::Left => BTreeSet::new(),
        State::Begin => sets.first.clone(),
        State::Last(last) => sets.follow.iter().filter(|(before, _)| last.contains(before)).map(|(_, after)| *after).collect(),
    }
}

fn step(expression: &Expression, sets: &Sets, state: State, row: &Row, value: &Tuple) -> State {
    // What might be any value leaves the language of each.
    if expression.patterns().iter().any(|pattern| row.hit(pattern).broken) {
        return State::Left;
    }
    let matched = matched(expression, row, value);
    if matched.is_empty() {
        return state;
    }
    // What cannot be evaluated leaves the language.
    if expression.patterns().iter().any(|pattern| row.hit(pattern).doubtful && row.hit(pattern).may(value)) {
        return State::Left;
    }
    let next: BTreeSet<usize> = matched.intersection(&may_come(sets, &state)).copied().collect();
    if next.is_empty() { State::Left } else { State::Last(next) }
}

fn matched(expression: &Expression, row: &Row, value: &Tuple) -> BTreeSet<usize> {
    let matches = |pattern: &&Pattern| row.hit(pattern).may(value);
    expression.patterns().into_iter().filter(matches).map(|pattern| pattern.id).collect()
}

fn sets(expression: &Expression) -> Sets {
    match expression {
        Expression::Event(pattern) => {
            let only = BTreeSet::from([pattern.id]);
            Sets { empty: false, first: only.clone(), last: only, follow: BTreeSet::new() }
        }
        Expression::Then(parts) => {
            let nothing = Sets { empty: true, first: BTreeSet::new(), last: BTreeSet::new(), follow: BTreeSet::new() };
            parts.iter().map(sets).fold(nothing, after)
        }
        Expression::Or(parts) => {
            let nothing = Sets { empty: false, first: BTreeSet::new(), last: BTreeSet::new(), follow: BTreeSet::new() };
            parts.iter().map(sets).fold(nothing, |a, b| Sets {
                empty: a.empty || b.empty,
                first: union(a.first, b.first),
                last: union(a.last, b.last),
                follow: union(a.follow, b.follow),
            })
        }
        Expression::Some(part) => again(sets(part)),
        Expression::Many(part) => Sets { empty: true, ..again(sets(part)) },
        Expression::Maybe(part) => Sets { empty: true, ..sets(part) },
    }
}

fn after(a: Sets, b: Sets) -> Sets {
    let between = pairs(&a.last, &b.first);
    Sets {
        empty: a.empty && b.empty,
        first: if a.empty { union(a.first, b.first) } else { a.first },
        last: if b.empty { union(a.last, b.last) } else { b.last },
        follow: union(union(a.follow, b.follow), between),
    }
}

fn again(part: Sets) -> Sets {
    let round = pairs(&part.last, &part.first);
    Sets { follow: union(part.follow, round), ..part }
}

fn pairs(before: &BTreeSet<usize>, after: &BTreeSet<usize>) -> BTreeSet<(usize, usize)> {
    before.iter().flat_map(|a| after.iter().map(move |b| (*a, *b))).collect()
}

fn union<T: Ord>(a: BTreeSet<T>, b: BTreeSet<T>) -> BTreeSet<T> {
    a.into_iter().chain(b).collect()
}
