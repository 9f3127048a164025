//! The steps of [`crate::step`], taken letter by letter, in place of the pair semantics.
//!
//! In: a rule and a history as the rule sees it, whose last letter is a call. Out: whether the rule judges that call in the history of some value. Invariants:
//! nothing is read of the letters before the last but through bits and registers; values are kept apart without bound.
//! Left out: limits, which have no bits; what a rule forgets for want of room.
//! Source: `lang-spec/certificate.md`, [cert.source].

use super::rows::{Row, Tuple};
use super::rules::some_value;
use crate::policy::Rule;
use crate::step::{Ask, Change, Holds, Letter, Outcome, Source, Values};

/// What a register holds that nothing was put into.
const UNSET: i64 = i64::MIN;

/// Whether the rule judges the last letter; nothing for a limit.
pub(crate) fn judges(rule: &Rule, rows: &[Row]) -> Option<bool> {
    let source = Source::of(&rule.body)?;
    Some(some_value(rows, |value| Run::over(&source, rows, value)))
}

/// A source and its registers.
struct Run<'s> {
    source: &'s Source<'s>,
    state: Vec<bool>,
    registers: Vec<i64>,
}

impl<'s> Run<'s> {
    /// Whether the last letter is judged.
    fn over(source: &'s Source<'s>, rows: &[Row], value: &Tuple) -> bool {
        let mut run = Self { source, state: source.initial(), registers: vec![UNSET; source.registers.len()] };
        let mut judged = false;
        for (index, row) in rows.iter().enumerate() {
            judged = run.step(rows, index, row, value);
        }
        judged
    }

    fn step(&mut self, rows: &[Row], index: usize, row: &Row, value: &Tuple) -> bool {
        let answers: Vec<Option<bool>> = self.source.asks.iter().map(|ask| Some(self.answer(*ask, row, value))).collect();
        // Every ask has an answer, so the step is never open.
        let Ok(outcome) = self.source.step(&self.state, Letter { call: row.is_call, answers: &answers }) else { return true };
        let called = rows.get(row.begun).unwrap_or(row).at;
        let changed: Vec<(usize, i64)> = outcome
            .changes
            .iter()
            .map(|(register, change)| (*register, self.changed(*register, change, (row.at, index, called))))
            .collect();
        for (register, now) in changed {
            self.registers.get_mut(register).into_iter().for_each(|register| *register = now);
        }
        let Outcome { next, judged, .. } = outcome;
        self.state = next;
        judged
    }

    fn answer(&self, ask: Ask<'_>, row: &Row, value: &Tuple) -> bool {
        match ask {
            Ask::Pattern { pattern, doubt, of } => {
                let hit = row.hit(pattern);
                let matches = hit.sure || (doubt && hit.doubtful);
                match of {
                    Values::Bound if doubt => hit.may(value),
                    Values::Bound => hit.surely(value),
                    Values::Lacking => matches && hit.lacking,
                    Values::Broken => matches && hit.broken,
                }
            }
            Ask::Open { register, ms } => {
                let then = self.register(register);
                then != UNSET && row.at.saturating_sub(then) <= ms
            }
            Ask::After { register } => i64::try_from(row.begun).unwrap_or(i64::MAX) > self.register(register),
        }
    }

    fn register(&self, register: usize) -> i64 {
        self.registers.get(register).copied().unwrap_or(UNSET)
    }

    fn changed(&self, register: usize, change: &Change, (at, index, called): (i64, usize, i64)) -> i64 {
        match change {
            Change::Now if self.source.registers.get(register) == Some(&Holds::Place) => i64::try_from(index).unwrap_or(i64::MAX),
            Change::Now => at,
            Change::LaterCall => self.register(register).max(called),
            Change::Unset => UNSET,
            Change::Latest { keep, of } => {
                let own = if *keep { self.register(register) } else { UNSET };
                of.iter().map(|all| all.iter().map(|one| self.register(*one)).min().unwrap_or(at)).fold(own, i64::max)
            }
        }
    }
}
