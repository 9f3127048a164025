//! Which values a `require` keeps.
//!
//! In: a `require` and a history as the rule sees it. Out: whether a prerequisite has been met for a value. Invariants: where the rule has had no more values than it
//! keeps apart, nothing is forgotten; what is forgotten counts as not met, and with `reset by` as reset.
//! Source: language section 5 (`require`); `lang-spec/variables.md`, [var.capacity].

use super::rows::{Row, Tuple, values_in};
use super::rules::{reads_results, unseen};
use crate::policy::{Body, Pattern, Rule};

/// What was forgotten.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Values with a place.
    places: Vec<Place>,
    /// The letter at which each of these was forgotten, in a rule without `reset by`.
    forgotten: Vec<(Tuple, usize)>,
    /// The letter at which every value without a place was last reset by forgetting.
    floor: Option<usize>,
}

#[derive(Clone, Debug)]
struct Place {
    value: Tuple,
    floor: Option<usize>,
    last: Own,
}

/// The last event of a value's own; what is least is forgotten first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Own {
    met: bool,
    position: usize,
    /// Among the values of that letter.
    order: usize,
}

/// What a rule remembers of a value: for each prerequisite whether it is met, since when where that is measured, and the last reset where results are compared with it.
type Memory = (Vec<Option<Option<i64>>>, Option<usize>);

struct Requirement<'r> {
    prerequisites: &'r [Pattern],
    within: Option<i64>,
    reset: Option<&'r Pattern>,
}

impl Kept {
    /// What was forgotten after all letters.
    pub(crate) fn after(rule: &Rule, rows: &[Row]) -> Self {
        let mut kept = Self::default();
        let (Some(capacity), Body::Require { prerequisites, within, reset, .. }) = (rule.capacity, &rule.body) else { return kept };
        let room = usize::try_from(capacity).unwrap_or(usize::MAX);
        if values_in(rows).len() <= room {
            return kept;
        }
        let requirement = Requirement { prerequisites, within: *within, reset: reset.as_ref() };
        for length in 1..=rows.len() {
            if let Some(rows) = rows.get(..length) {
                kept.step(&requirement, rows, room);
            }
        }
        kept
    }

    /// Whether a prerequisite has happened, with its call, since the last reset, and its call within the time.
    pub(crate) fn met(
        &self,
        pattern: &Pattern,
        within: Option<i64>,
        reset: Option<&Pattern>,
        value: &Tuple,
        at: i64,
        rows: &[Row],
    ) -> bool {
        self.times(pattern, reset, value, rows).any(|time| within.is_none_or(|ms| at.saturating_sub(time) <= ms))
    }

    /// When what meets a prerequisite began.
    fn times<'k>(
        &'k self,
        pattern: &'k Pattern,
        reset: Option<&'k Pattern>,
        value: &'k Tuple,
        rows: &'k [Row],
    ) -> impl Iterator<Item = i64> + 'k {
        let line = self.last_reset(reset, value, rows);
        let forgotten = self.forgotten.iter().rev().find(|(owner, _)| owner == value).map(|(_, at)| *at);
        // What concerns every value is met for one that is forgotten as it is for one never seen.
        let kept = move |index: usize, row: &Row| row.hit(pattern).free || forgotten.is_none_or(|at| at < index);
        let meets = move |(index, row): &(usize, &Row)| {
            row.hit(pattern).surely(value) && line.is_none_or(|line| line < row.begun) && kept(*index, row)
        };
        rows.iter().enumerate().filter(meets).filter_map(|(_, row)| rows.get(row.begun)).map(|row| row.at)
    }

    /// The last letter that reset a value, by the rule or by forgetting. What could be any value resets each.
    fn last_reset(&self, reset: Option<&Pattern>, value: &Tuple, rows: &[Row]) -> Option<usize> {
        let resets = |reset: &Pattern, row: &Row| row.hit(reset).may(value) || row.hit(reset).broken;
        let by_rule = reset.and_then(|reset| rows.iter().rposition(|row| resets(reset, row)));
        let place = self.places.iter().find(|place| place.value == *value);
        by_rule.max(place.map_or(self.floor, |place| place.floor))
    }

    fn memory(&self, requirement: &Requirement<'_>, value: &Tuple, rows: &[Row]) -> Memory {
        let now = rows.last().map_or(0, |row| row.at);
        let met = |pattern: &Pattern| {
            let times = self.times(pattern, requirement.reset, value, rows);
            let latest = times.filter(|time| requirement.within.is_none_or(|ms| now.saturating_sub(*time) <= ms)).max()?;
            Some(requirement.within.map(|_| latest))
        };
        let compared = requirement.reset.filter(|_| requirement.prerequisites.iter().any(reads_results));
        let line = compared.and_then(|reset| self.last_reset(Some(reset), value, rows));
        (requirement.prerequisites.iter().map(met).collect(), line)
    }

    fn step(&mut self, requirement: &Requirement<'_>, rows: &[Row], room: usize) {
        let Some(position) = rows.len().checked_sub(1) else { return };
        let own = self.own_events(requirement, rows, position);
        for place in &mut self.places {
            if let Some((_, last)) = own.iter().find(|(value, _)| *value == place.value) {
                place.last = *last;
            }
        }
        let unseen = self.memory(requirement, &unseen(), rows);
        let differs: Vec<bool> = self.places.iter().map(|place| self.memory(requirement, &place.value, rows) != unseen).collect();
        let mut differs = differs.into_iter();
        self.places.retain(|_| differs.next().unwrap_or(false));
        for (value, last) in own {
            let known = self.places.iter().any(|place| place.value == value);
            if known || self.memory(requirement, &value, rows) == self.memory(requirement, &self::unseen(), rows) {
                continue;
            }
            self.places.push(Place { value, floor: self.floor, last });
            if self.places.len() > room {
                self.forget(requirement, position);
            }
        }
    }

    /// The values that the last letter has, in its order, with what it is to them.
    fn own_events(&self, requirement: &Requirement<'_>, rows: &[Row], position: usize) -> Vec<(Tuple, Own)> {
        let Some((row, before)) = rows.split_last() else { return Vec::new() };
        let mut own: Vec<(Tuple, Own)> = Vec::new();
        let mut note = |value: &Tuple, met: bool| match own.iter_mut().find(|(known, _)| known == value) {
            Some((_, last)) => last.met &= met,
            None => {
                let order = own.len();
                own.push((value.clone(), Own { met, position, order }));
            }
        };
        for hit in requirement.prerequisites.iter().map(|pattern| row.hit(pattern)).filter(|hit| hit.sure && !hit.free) {
            let met = |value: &&Tuple| self.last_reset(requirement.reset, value, before).is_none_or(|line| line < row.begun);
            hit.values.iter().filter(met).for_each(|value| note(value, true));
        }
        let reset = requirement.reset.map(|reset| row.hit(reset)).filter(|hit| (hit.sure || hit.doubtful) && !hit.free);
        reset.into_iter().flat_map(|hit| &hit.values).for_each(|value| note(value, false));
        own
    }

    fn forget(&mut self, requirement: &Requirement<'_>, position: usize) {
        let oldest = self.places.iter().enumerate().min_by_key(|(_, place)| place.last).map(|(index, _)| index);
        let Some(oldest) = oldest else { return };
        let place = self.places.remove(oldest);
        if requirement.reset.is_some() {
            self.floor = Some(position);
        } else {
            self.forgotten.push((place.value, position));
        }
    }
}
