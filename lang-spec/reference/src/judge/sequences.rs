//! Sequences as sets of pairs.
//!
//! In: a sequence and a whole history. Out: all pairs (start, end) of positions between which the sequence lies. This is the meaning of language section 5 read
//! aloud: nothing is remembered from one letter to the next. Positions count from 0; `start` stands before them, at -1.
//! Limits: as slow as it looks. Source: language section 5, "Meaning, as a set of pairs".

use std::collections::BTreeSet;

use super::history::{Doubt, Letter, What, matches};
use crate::policy::{Gap, Sequence};

/// A position, or -1 for the beginning.
type Position = i64;
type Pairs = BTreeSet<(Position, Position)>;

/// Whether the last letter completes the sequence.
pub(crate) fn completed_by_last(sequence: &Sequence, letters: &[Letter]) -> bool {
    let last = position(letters.len()) - 1;
    pairs(sequence, letters).iter().any(|(_, end)| *end == last)
}

fn pairs(sequence: &Sequence, letters: &[Letter]) -> Pairs {
    match sequence {
        Sequence::Start => Pairs::from([(-1, -1)]),
        Sequence::Event(pattern) => {
            let here = letters.iter().enumerate().filter(|(_, letter)| matches(pattern, letter, Doubt::Matches));
            here.map(|(index, _)| (position(index), position(index))).collect()
        }
        Sequence::Then(first, gap, second) => join(&pairs(first, letters), gap, &pairs(second, letters), letters),
        Sequence::Or(parts) => parts.iter().flat_map(|part| pairs(part, letters)).collect(),
        Sequence::And(parts) => {
            let mut parts = parts.iter().map(|part| pairs(part, letters));
            let first = parts.next().unwrap_or_default();
            parts.fold(first, |so_far, part| together(&so_far, &part))
        }
        Sequence::Times(count, part) => {
            let once = pairs(part, letters);
            (1..*count).fold(once.clone(), |so_far, _| join(&so_far, &Gap::default(), &once, letters))
        }
    }
}

/// (i, j) and (k, l) with j < k make (i, l) if the gap between j and k is as its clauses say.
fn join(first: &Pairs, gap: &Gap, second: &Pairs, letters: &[Letter]) -> Pairs {
    let mut joined = Pairs::new();
    for (i, j) in first {
        for (k, l) in second {
            if j < k && holds(gap, *j, *k, letters) {
                joined.insert((*i, *l));
            }
        }
    }
    joined
}

/// One match of each, in any order: (min, max).
fn together(first: &Pairs, second: &Pairs) -> Pairs {
    first.iter().flat_map(|(i, j)| second.iter().map(move |(k, l)| (*i.min(k), *j.max(l)))).collect()
}

fn holds(gap: &Gap, from: Position, to: Position, letters: &[Letter]) -> bool {
    let between = || letters.iter().enumerate().map(|(index, letter)| (position(index), letter)).filter(|(at, _)| from < *at && *at < to);
    let within = gap.within.is_none_or(|ms| match (letter(letters, from), letter(letters, to)) {
        (Some(from), Some(to)) => to.at.saturating_sub(from.at) <= ms,
        _ => false,
    });
    let excused = gap.unless.iter().any(|pattern| {
        between().any(|(_, letter)| {
            // A result counts only if its call, too, lies inside.
            let inside = match &letter.what {
                What::Result { position: call, .. } => from < position(*call),
                What::Call(_) | What::Event(_) => true,
            };
            inside && matches(pattern, letter, Doubt::DoesNot)
        })
    });
    let next = !gap.next || !between().any(|(_, letter)| matches!(letter.what, What::Call(_)));
    within && !excused && next
}

fn letter(letters: &[Letter], at: Position) -> Option<&Letter> {
    letters.get(usize::try_from(at).ok()?)
}

fn position(index: usize) -> Position {
    Position::try_from(index).unwrap_or(Position::MAX)
}
