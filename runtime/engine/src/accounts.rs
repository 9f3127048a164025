//! The accounts of a limit with variables: one a value, and one that those share which have no place.
//!
//! In: a letter's candidates and the limit's part of a key's registers. Out: the accounts after. Invariants: a value with a place counts what is its own, one
//! without counts with all others; what might be any value counts for each; so no account ever counts too little.
//! Source: `lang-spec/variables.md`, [var.capacity] and [var.limit].
//! Proof: `Accounts.v`, `limits_share_safely`.

use crate::found::{Bindings, Lookup};
use crate::frame::{Gauge, LetterKind, Measure, gauge_class};
use crate::gauge::{self, joined};
use crate::history::measure;
use crate::slots::{Placed, Table, Work, entry, entry_mut, registers_mut, used};

impl Table<'_> {
    /// Counts the letter for each of its values.
    pub(crate) fn count_values(&self, gauge: &Gauge, region: &mut [i64], work: &mut Work) {
        let size = self.size();
        let breaks = self.seen.letter.kind != LetterKind::Call && self.any_class(region, gauge_class::REFUSED);
        if !breaks && !self.any_class(region, gauge_class::COUNTS) {
            return;
        }
        self.drop_closed(region, work);
        if breaks {
            self.count_for_all(gauge, region);
        }
        let lookup = Lookup::new(self.candidates());
        work.seen.clear();
        work.seen.resize(self.candidates().len(), false);
        for index in 0..=used(region) {
            let Some(slot) = entry_mut(region, size, index) else { continue };
            let at = if index == 0 { None } else { lookup.find(joined(slot)) };
            let binds = at.and_then(|at| self.candidates().get(at)).map_or(Bindings::NONE, |candidate| candidate.binds);
            if let Some(seen) = at.and_then(|at| work.seen.get_mut(at)) {
                *seen = true;
            }
            if (at.is_some() || !self.seen.touch.others_idle) && self.class(slot, binds) & gauge_class::COUNTS != 0 {
                self.count(gauge, slot);
            }
        }
        work.before.clear();
        work.before.extend_from_slice(entry(region, size, 0));
        self.count_fresh(gauge, region, &lookup, work);
    }

    /// Whether the letter has one of the class's bits for any value; a limit's classes ask no registers.
    fn any_class(&self, region: &[i64], bits: u16) -> bool {
        let default = entry(region, self.size(), 0);
        let has = |binds: Bindings| self.class(default, binds) & bits != 0;
        let mut asked = Bindings::NONE;
        has(Bindings::NONE)
            || self.candidates().iter().any(|candidate| {
                let other = candidate.binds != asked;
                asked = candidate.binds;
                other && has(candidate.binds)
            })
    }

    /// Counts the letter in every account: each begins with what all others share, so none is counted too little.
    fn count_for_all(&self, gauge: &Gauge, region: &mut [i64]) {
        for index in 0..=used(region) {
            if let Some(slot) = entry_mut(region, self.size(), index) {
                self.count(gauge, slot);
            }
        }
    }

    fn count(&self, gauge: &Gauge, entry: &mut [i64]) {
        let own = self.seen.found.measured(measure(self.rule, self.seen.touch));
        gauge::count(gauge, registers_mut(entry), self.seen.letter.at, &own);
    }

    /// A sum of nothing is nothing to remember.
    fn adds_nothing(&self, gauge: &Gauge) -> bool {
        matches!(gauge.measure, Measure::Sum { .. }) && self.seen.found.measured(measure(self.rule, self.seen.touch)).amount == 0
    }

    fn count_fresh(&self, gauge: &Gauge, region: &mut [i64], lookup: &Lookup<'_>, work: &mut Work) {
        let seen = core::mem::take(&mut work.seen);
        let (mut full, mut shared) = (false, false);
        for (order, candidate) in self.candidates().iter().enumerate().filter(|(order, _)| seen.get(*order) == Some(&false)) {
            self.copy(candidate, work);
            if self.class(&work.fresh, candidate.binds) & gauge_class::COUNTS == 0 || self.adds_nothing(gauge) {
                continue;
            }
            if !full {
                self.count(gauge, &mut work.fresh);
                full = matches!(self.place(region, order, lookup, work), Placed::Shared);
            }
            // Different values are the same for all that share; events and amounts add up.
            let again = !(shared && matches!(gauge.measure, Measure::Distinct { .. }));
            if full
                && again
                && let Some(default) = entry_mut(region, self.size(), 0)
            {
                self.count(gauge, default);
                shared = true;
            }
        }
        work.seen = seen;
    }
}
