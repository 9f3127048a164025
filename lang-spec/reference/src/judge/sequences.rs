//! Sequences as sets of pairs.
//!
//! In: a sequence, a value and a whole history as the rule sees it. Out: all pairs (start, end) of positions between which the sequence lies, in the history of that
//! value. This is the meaning of language section 5 read aloud: nothing is remembered from one letter to the next. Positions count from 0; `start` stands before
//! them, at -1. Limits: as slow as it looks. Source: language section 5, "Meaning, as a set of pairs"; `lang-spec/variables.md`, [var.meaning].

use std::collections::BTreeSet;

use super::rows::{Row, Tuple};
use crate::policy::{Gap, Sequence};

/// A position, or -1 for the beginning.
type Position = i64;
type Pairs = BTreeSet<(Position, Position)>;

/// Whether the last letter completes the sequence, in the history of a value.
pub(crate) fn completed_by_last(sequence: &Sequence, rows: &[Row], value: &Tuple) -> bool {
    let last = position(rows.len()) - 1;
    History { rows, value }.pairs(sequence).iter().any(|(_, end)| *end == last)
}

struct History<'h> {
    rows: &'h [Row],
    value: &'h Tuple,
}

impl History<'_> {
    fn pairs(&self, sequence: &Sequence) -> Pairs {
        match sequence {
            Sequence::Start => Pairs::from([(-1, -1)]),
            Sequence::Event(pattern) => {
                let here = self.rows.iter().enumerate().filter(|(_, row)| row.hit(pattern).may(self.value));
                here.map(|(index, _)| (position(index), position(index))).collect()
            }
            Sequence::Then(first, gap, second) => {
                let first = self.pairs(first);
                if first.is_empty() { first } else { self.join(&first, gap, &self.pairs(second)) }
            }
            Sequence::Or(parts) => parts.iter().flat_map(|part| self.pairs(part)).collect(),
            Sequence::And(parts) => {
                let mut parts = parts.iter().map(|part| self.pairs(part));
                let first = parts.next().unwrap_or_default();
                parts.fold(first, |so_far, part| together(&so_far, &part))
            }
            Sequence::Times(count, part) => {
                let once = self.pairs(part);
                let mut so_far = once.clone();
                for _ in 1..*count {
                    if so_far.is_empty() {
                        break;
                    }
                    so_far = self.join(&so_far, &Gap::default(), &once);
                }
                so_far
            }
            Sequence::Within(ms, part) => self.pairs(part).into_iter().filter(|(start, end)| self.in_time(*start, *end, *ms)).collect(),
        }
    }

    /// (i, j) and (k, l) with j < k make (i, l) if the gap between j and k is as its clauses say.
    fn join(&self, first: &Pairs, gap: &Gap, second: &Pairs) -> Pairs {
        let mut joined = Pairs::new();
        for (i, j) in first {
            for (k, l) in second {
                if j < k && !joined.contains(&(*i, *l)) && self.holds(gap, *j, *k) {
                    joined.insert((*i, *l));
                }
            }
        }
        joined
    }

    fn holds(&self, gap: &Gap, from: Position, to: Position) -> bool {
        let between = || self.rows.iter().enumerate().map(|(index, row)| (position(index), row)).filter(|(at, _)| from < *at && *at < to);
        let within = gap.within.is_none_or(|ms| self.in_time(from, to, ms));
        // A result counts only if its call, too, lies inside.
        let inside = |row: &Row| !row.is_result || from < position(row.begun);
        let excused = gap.unless.iter().any(|pattern| between().any(|(_, row)| inside(row) && row.hit(pattern).surely(self.value)));
        let next = !gap.next || !between().any(|(_, row)| row.is_call);
        within && !excused && next
    }

    fn in_time(&self, from: Position, to: Position, ms: i64) -> bool {
        match (self.time(from), self.time(to)) {
            (Some(from), Some(to)) => to.saturating_sub(from) <= ms,
            _ => false,
        }
    }

    fn time(&self, at: Position) -> Option<i64> {
        self.rows.get(usize::try_from(at).ok()?).map(|row| row.at)
    }
}

/// One match of each, in any order: (min, max).
fn together(first: &Pairs, second: &Pairs) -> Pairs {
    first.iter().flat_map(|(i, j)| second.iter().map(move |(k, l)| (*i.min(k), *j.max(l)))).collect()
}

fn position(index: usize) -> Position {
    Position::try_from(index).unwrap_or(Position::MAX)
}
