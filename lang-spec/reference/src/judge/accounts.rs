//! The accounts of a limit.
//!
//! In: a limit and a history as the rule sees it. Out: whether a value's account is over. Invariants: what one account counts never goes back in time; a value that
//! has no place of its own is counted in a shared account, so more is counted for it and never less; what could be any value is counted for all.
//! Source: `lang-spec/limits.md`; `lang-spec/variables.md`, [var.limit] and [var.capacity].

use super::rows::{Hit, Measured, Row, Tuple};
use super::values::Value;
use crate::limits::SUM_BUCKETS;
use crate::policy::{Measure, Pattern, Rule};

/// All accounts of a limit.
pub(crate) struct Books<'r> {
    measure: &'r Measure,
    window: Option<i64>,
    room: usize,
    own: Vec<(Tuple, Account)>,
    shared: Account,
}

#[derive(Clone, Debug, Default)]
struct Account {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    at: i64,
    measured: Measured,
}

impl<'r> Books<'r> {
    /// The accounts after all letters.
    pub(crate) fn of(rule: &Rule, event: &Pattern, measure: &'r Measure, window: Option<i64>, rows: &[Row]) -> Self {
        let room = rule.capacity.and_then(|capacity| usize::try_from(capacity).ok()).unwrap_or(usize::MAX);
        let mut books = Self { measure, window, room, own: Vec::new(), shared: Account::default() };
        for row in rows {
            let hit = row.hit(event);
            if hit.sure || hit.doubtful {
                books.take(hit, row.at);
            }
        }
        books
    }

    /// Whether a call that has the value is one too many.
    pub(crate) fn is_over(&self, value: &Tuple, hit: &Hit, at: i64) -> bool {
        let account = self.own.iter().find(|(owner, _)| owner == value).map(|(_, account)| account);
        let account = account.filter(|account| self.remembers(account, at)).unwrap_or(&self.shared);
        let counted = account.entries.iter().filter(|entry| self.counts(entry, at));
        match self.measure {
            Measure::Count(count) | Measure::Identical(count) => u64::try_from(counted.count()).unwrap_or(u64::MAX) >= *count,
            Measure::Distinct(count, ..) => {
                // It might be about anything.
                hit.measured.lacking
                    || u64::try_from(different(counted.map(|entry| &entry.measured).chain([&hit.measured]))).unwrap_or(u64::MAX) > *count
            }
            Measure::Sum(most, _) => {
                let sum = counted.fold(0_i64, |sum, entry| sum.saturating_add(entry.measured.amount));
                i128::from(sum) + i128::from(hit.measured.amount) > i128::from(*most)
            }
        }
    }

    fn take(&mut self, hit: &Hit, at: i64) {
        let (measure, window) = (self.measure, self.window);
        let remembers =
            |account: &Account| account.entries.iter().any(|entry| counts(measure, window, entry, at) && leaves_a_trace(measure, entry));
        self.own.retain(|(_, account)| remembers(account));
        if hit.broken {
            self.own.iter_mut().for_each(|(_, account)| account.add(hit, at));
            self.shared.add(hit, at);
        }
        for value in &hit.values {
            if let Some((_, account)) = self.own.iter_mut().find(|(owner, _)| owner == value) {
                account.add(hit, at);
                continue;
            }
            let nothing = matches!(measure, Measure::Sum(..)) && hit.measured.amount == 0;
            if nothing {
                continue;
            }
            let mut account = self.shared.clone();
            account.add(hit, at);
            if self.own.len() < self.room {
                self.own.push((value.clone(), account));
            } else {
                self.shared = account;
            }
        }
    }

    fn counts(&self, entry: &Entry, at: i64) -> bool {
        counts(self.measure, self.window, entry, at)
    }

    fn remembers(&self, account: &Account, at: i64) -> bool {
        account.entries.iter().any(|entry| self.counts(entry, at) && leaves_a_trace(self.measure, entry))
    }
}

impl Account {
    fn add(&mut self, hit: &Hit, at: i64) {
        self.entries.push(Entry { at, measured: hit.measured.clone() });
    }
}

/// A sum of nothing is nothing.
fn leaves_a_trace(measure: &Measure, entry: &Entry) -> bool {
    !matches!(measure, Measure::Sum(..)) || entry.measured.amount > 0
}

/// Whether an entry lies in the window that ends at a time; a sum's window is cut into buckets.
fn counts(measure: &Measure, window: Option<i64>, entry: &Entry, at: i64) -> bool {
    let Some(ms) = window else { return true };
    match measure {
        Measure::Sum(..) => {
            let length = ms.div_euclid(SUM_BUCKETS) + i64::from(ms.rem_euclid(SUM_BUCKETS) > 0);
            let bucket = |at: i64| at.div_euclid(length.max(1));
            bucket(entry.at) >= bucket(at).saturating_sub(SUM_BUCKETS)
        }
        _ => at.saturating_sub(entry.at) < ms,
    }
}

/// How many different elements there are; what lacks an element has one of its own kind.
fn different<'m>(measured: impl Iterator<Item = &'m Measured>) -> usize {
    let mut found: Vec<&Value> = Vec::new();
    let mut lacking = false;
    for measured in measured {
        lacking |= measured.lacking;
        for element in &measured.elements {
            if !found.contains(&element) {
                found.push(element);
            }
        }
    }
    found.len() + usize::from(lacking)
}
