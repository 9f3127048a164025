//! The values that a rule with variables keeps apart: a bounded table beside the account of every value that was never seen.
//!
//! In: a letter's candidates and the rule's part of a key's registers. Out: whether the rule judges a call; the table after. Layout: whether the rule has
//! overflowed, how many values are kept, the default entry, then as many entries as the rule has capacity; an entry is its value (two words), its state,
//! its mark, its registers. Invariants: words after the last entry are unset; entries stand in the order in which a mark was last set; what is forgotten
//! can only make the rule judge more.
//! Source: `lang-spec/variables.md`; verification section 1 ("Variables").
//! Proof: `Slicing.v`, `slicing_judges`; `Slicing.v`, `forgetting_is_safe`; `Slicing.v`, `forgetting_with_resets_is_safe`; `Slicing.v`, `overflow_is_safe`.

use alloc::vec::Vec;

use crate::found::{Bindings, Candidate, Lookup};
use crate::frame::{Automaton, Body, Mark, Overflow, RegisterKind, Rule, Slots, Target, gauge_class};
use crate::gauge::{self, joined};
use crate::history::{Seen, Word, cell, expire, measure, transition, walk};
use crate::state::UNSET;

/// Words before the default entry.
pub(crate) const HEAD: usize = 2;
/// Words of an entry before its registers.
pub(crate) const ENTRY: usize = 4;
const CONTROL: usize = 2;
const STAMP: usize = 3;
/// Marks of resets lie this much before marks of what was met.
const RESET: i64 = 1 << 62;

/// Memory that steps reuse.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(crate) before: Vec<i64>,
    pub(crate) fresh: Vec<i64>,
    compared: Vec<i64>,
    pub(crate) seen: Vec<bool>,
}

/// A rule with variables at a letter.
pub(crate) struct Table<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) slots: &'a Slots,
    pub(crate) seen: &'a Seen<'a>,
}

/// What became of a value that had no place.
pub(crate) enum Placed {
    Kept,
    /// Another value, or this one, was forgotten.
    Forgotten,
    Overflowed,
    /// It is counted together with all others that have no place.
    Shared,
}

/// How many values that have no place are still to come, by what binds them. Those of one kind all get the same mark, so where forgetting has no other effect
/// they would push out one another.
struct Crowd(Vec<(Bindings, usize)>);

impl Crowd {
    fn of<'c>(overflow: &Overflow, fresh: impl Iterator<Item = &'c Candidate>) -> Self {
        let mut crowd = Self(Vec::new());
        if matches!(overflow, Overflow::Evict { resets: false, .. }) {
            fresh.for_each(|candidate| match crowd.0.iter_mut().find(|(binds, _)| *binds == candidate.binds) {
                Some((_, left)) => *left += 1,
                None => crowd.0.push((candidate.binds, 1)),
            });
        }
        crowd
    }

    /// Counts a value off; how many of its kind are left.
    fn pass(&mut self, binds: Bindings) -> usize {
        let Some((_, left)) = self.0.iter_mut().find(|(known, _)| *known == binds) else { return 0 };
        *left -= 1;
        *left
    }
}

/// Words of an entry of the rule.
pub(crate) fn entry_words(rule: &Rule) -> usize {
    ENTRY + register_words(rule)
}

/// Registers of a rule, or of each of its values.
pub(crate) fn register_words(rule: &Rule) -> usize {
    match &rule.body {
        Body::Automaton(automaton) => automaton.registers.len(),
        Body::Gauge(gauge) => gauge::words(gauge),
    }
}

/// Words of a rule's whole table.
pub(crate) fn table_words(rule: &Rule, slots: &Slots) -> usize {
    HEAD + entry_words(rule) * (slots.capacity as usize + 1)
}

/// Whether registers are a table of the rule.
pub(crate) fn valid(rule: &Rule, slots: &Slots, region: &[i64]) -> bool {
    let size = entry_words(rule);
    let used = used(region);
    let head = region.first().is_some_and(|flag| matches!(*flag, UNSET | 0 | 1));
    if !head || used > slots.capacity as usize {
        return false;
    }
    let rest = region.get(HEAD + (used + 1) * size..).is_some_and(|rest| rest.iter().all(|word| *word == UNSET));
    let fits = |entry: &[i64]| match &rule.body {
        Body::Automaton(automaton) => control(entry) < usize::from(automaton.states),
        Body::Gauge(gauge) => gauge::valid(gauge, registers(entry)),
    };
    rest && entries(region, size).take(used + 1).all(fits)
}

/// Writes the states of all entries in another way; whether each had one. A rule without variables has no entries.
pub(crate) fn rename(rule: &Rule, region: &mut [i64], spell: impl Fn(i64) -> Option<i64>) -> bool {
    if rule.slots.is_none() || !matches!(rule.body, Body::Automaton(_)) {
        return true;
    }
    // What somebody else wrote may say that more is used than there is room for.
    let (size, used) = (entry_words(rule), used(region).min(region.len()));
    (0..=used).all(|index| {
        // What nothing has happened to yet is all unset.
        let Some(control) = region.get_mut(HEAD + index * size + CONTROL).filter(|control| **control != UNSET) else { return true };
        spell(*control).map(|spelled| *control = spelled).is_some()
    })
}

pub(crate) fn used(region: &[i64]) -> usize {
    region.get(1).and_then(|used| usize::try_from(*used).ok()).unwrap_or(0)
}

fn set_used(region: &mut [i64], used: usize) {
    if let Some(word) = region.get_mut(1) {
        *word = i64::try_from(used).unwrap_or(i64::MAX);
    }
}

/// The default entry, then the kept ones and the free places.
fn entries(region: &[i64], size: usize) -> impl Iterator<Item = &[i64]> {
    region.get(HEAD..).unwrap_or(&[]).chunks_exact(size)
}

pub(crate) fn entry_mut(region: &mut [i64], size: usize, index: usize) -> Option<&mut [i64]> {
    region.get_mut(HEAD + index * size..HEAD + (index + 1) * size)
}

pub(crate) fn entry(region: &[i64], size: usize, index: usize) -> &[i64] {
    region.get(HEAD + index * size..HEAD + (index + 1) * size).unwrap_or(&[])
}

fn control(entry: &[i64]) -> usize {
    entry.get(CONTROL).and_then(|control| usize::try_from(*control).ok()).unwrap_or(0)
}

fn set_word(entry: &mut [i64], at: usize, value: i64) {
    if let Some(word) = entry.get_mut(at) {
        *word = value;
    }
}

fn registers(entry: &[i64]) -> &[i64] {
    entry.get(ENTRY..).unwrap_or(&[])
}

pub(crate) fn registers_mut(entry: &mut [i64]) -> &mut [i64] {
    entry.get_mut(ENTRY..).unwrap_or(&mut [])
}

fn set_control(entry: &mut [i64], control: usize) {
    set_word(entry, CONTROL, i64::try_from(control).unwrap_or(0));
}

fn stamp(entry: &[i64]) -> i64 {
    entry.get(STAMP).copied().unwrap_or(UNSET)
}

/// Whether two entries remember the same, exactly.
fn equal(a: &[i64], b: &[i64]) -> bool {
    control(a) == control(b) && registers(a) == registers(b)
}

impl Table<'_> {
    pub(crate) fn size(&self) -> usize {
        entry_words(self.rule)
    }

    pub(crate) fn candidates(&self) -> &[Candidate] {
        self.seen.found.candidates(self.seen.bound)
    }

    pub(crate) fn class(&self, entry: &[i64], binds: Bindings) -> u16 {
        walk(&self.rule.alphabet, self.seen.touch.root, self.seen, registers(entry), binds)
    }

    /// What the rule says of a call.
    pub(crate) fn judge(&self, region: &[i64]) -> Word {
        if region.first() == Some(&1) {
            return self.judge_overflowed();
        }
        let (size, lookup) = (self.size(), Lookup::new(self.candidates()));
        let default = entry(region, size, 0);
        let mut known = 0;
        for slot in entries(region, size).skip(1).take(used(region)) {
            let candidate = lookup.find(joined(slot)).and_then(|at| self.candidates().get(at));
            if candidate.is_some() && self.forgets(slot) {
                continue;
            }
            known += usize::from(candidate.is_some());
            let binds = candidate.map_or(Bindings::NONE, |candidate| candidate.binds);
            let idle = candidate.is_none() && self.seen.touch.others_idle;
            if !idle && self.judges(slot, self.class(slot, binds)) {
                return Word::Judged;
            }
        }
        if !self.seen.touch.others_idle && self.judges(default, self.class(default, Bindings::NONE)) {
            return Word::Judged;
        }
        let fresh = match known {
            0 => self.judge_fresh(default, self.candidates().iter()),
            _ if known == self.candidates().len() => false,
            _ => {
                // Those that have a place have been asked already; as never seen they would say more than they do.
                let held = self.held(region, size, &lookup);
                self.judge_fresh(default, self.candidates().iter().zip(&held).filter(|(_, held)| !**held).map(|(candidate, _)| candidate))
            }
        };
        Word::of(fresh)
    }

    /// Which candidates have a place.
    fn held(&self, region: &[i64], size: usize, lookup: &Lookup<'_>) -> Vec<bool> {
        let mut held = alloc::vec![false; self.candidates().len()];
        for slot in entries(region, size).skip(1).take(used(region)) {
            if let Some(held) = lookup.find(joined(slot)).and_then(|at| held.get_mut(at)) {
                *held = !self.forgets(slot);
            }
        }
        held
    }

    /// Whether an account has nothing any more that it has counted, so that its value is one like all that have no place.
    fn forgets(&self, slot: &[i64]) -> bool {
        matches!(&self.rule.body, Body::Gauge(gauge) if gauge::is_empty(gauge, registers(slot), self.seen.letter.at))
    }

    fn judge_fresh<'c>(&self, default: &[i64], fresh: impl Iterator<Item = &'c Candidate>) -> bool {
        let mut asked = None;
        for candidate in fresh {
            // Many values of one list are all bound by the same binding: one question answers for them.
            if asked != Some(candidate.binds) {
                if self.judges(default, self.class(default, candidate.binds)) {
                    return true;
                }
                asked = Some(candidate.binds);
            }
        }
        false
    }

    fn judge_overflowed(&self) -> Word {
        let (Overflow::Absorb(alphabet), Some(root)) = (&self.slots.overflow, self.seen.touch.absorb) else { return Word::Silent };
        if walk(alphabet, root, self.seen, &[], Bindings::NONE) == 1 { Word::Overflowed } else { Word::Silent }
    }

    fn judges(&self, entry: &[i64], class: u16) -> bool {
        match &self.rule.body {
            Body::Automaton(automaton) => {
                let index = cell(automaton, &self.rule.alphabet, control(entry), class);
                index.and_then(|index| automaton.deny.get(index)).copied().unwrap_or(true)
            }
            Body::Gauge(gauge) => {
                let own = self.seen.found.measured(measure(self.rule, self.seen.touch));
                class & gauge_class::REFUSED != 0
                    || (class & gauge_class::JUDGED != 0 && gauge::is_over(gauge, registers(entry), self.seen.letter.at, &own))
            }
        }
    }

    /// Takes the letter into the table.
    pub(crate) fn step(&self, region: &mut [i64], work: &mut Work) {
        if region.first() == Some(&1) {
            return;
        }
        let overflowed = match &self.rule.body {
            Body::Automaton(automaton) => self.step_values(automaton, region, work),
            Body::Gauge(gauge) => {
                self.count_values(gauge, region, work);
                false
            }
        };
        if overflowed {
            region.fill(UNSET);
            set_word(region, 0, 1);
        }
    }

    /// Steps every value and those without a place. The answer is whether the rule overflows.
    fn step_values(&self, automaton: &Automaton, region: &mut [i64], work: &mut Work) -> bool {
        let size = self.size();
        let lookup = Lookup::new(self.candidates());
        work.before.clear();
        work.before.extend_from_slice(entry(region, size, 0));
        work.seen.clear();
        work.seen.resize(self.candidates().len(), false);
        let idle = self.seen.touch.others_idle;
        let mut overflows = !idle && entry_mut(region, size, 0).is_some_and(|entry| self.transit(automaton, entry, Bindings::NONE));
        for index in 1..=used(region) {
            let Some(slot) = entry_mut(region, size, index) else { continue };
            let at = lookup.find(joined(slot));
            let binds = at.and_then(|at| self.candidates().get(at)).map_or(Bindings::NONE, |candidate| candidate.binds);
            if let Some(seen) = at.and_then(|at| work.seen.get_mut(at)) {
                *seen = true;
            }
            if at.is_some() || !idle {
                overflows |= self.transit(automaton, slot, binds);
            }
        }
        if overflows {
            return true;
        }
        self.drop_equal(region);
        let overflows = self.step_fresh(automaton, region, &lookup, work);
        self.reorder(region, &lookup, work);
        overflows
    }

    /// Steps one entry. The answer is whether that takes the rule to its overflow.
    fn transit(&self, automaton: &Automaton, entry: &mut [i64], binds: Bindings) -> bool {
        let class = self.class(entry, binds);
        let Some(index) = cell(automaton, &self.rule.alphabet, control(entry), class) else { return false };
        let next = transition(automaton, index, self.seen.letter, registers_mut(entry));
        set_control(entry, usize::from(next));
        if let (Overflow::Evict { marks, .. }, true) = (&self.slots.overflow, binds != Bindings::NONE) {
            let position = self.seen.letter.position;
            match marks.get(index) {
                Some(Mark::Met) => set_word(entry, STAMP, position),
                Some(Mark::Reset) => set_word(entry, STAMP, position.saturating_sub(RESET)),
                Some(Mark::None) | None => {}
            }
        }
        automaton.overflows.get(index).copied().unwrap_or(false)
    }

    /// A mark's place among those of its letter, from 1; 0 for marks of earlier letters.
    fn rank(&self, entry: &[i64], lookup: &Lookup<'_>) -> usize {
        let position = self.seen.letter.position;
        let marked = [position, position.saturating_sub(RESET)].contains(&stamp(entry));
        if marked { lookup.find(joined(entry)).map_or(0, |order| order + 1) } else { 0 }
    }

    /// Puts the values that the letter has marked last, in its order, so that of equal marks the first in the table is the oldest.
    fn reorder(&self, region: &mut [i64], lookup: &Lookup<'_>, work: &mut Work) {
        if !matches!(self.slots.overflow, Overflow::Evict { .. }) {
            return;
        }
        let (size, used) = (self.size(), used(region));
        let mut order: Vec<(usize, usize)> = (1..=used).map(|index| (self.rank(entry(region, size, index), lookup), index)).collect();
        if order.is_sorted() {
            return;
        }
        order.sort_unstable();
        work.compared.clear();
        order.iter().for_each(|(_, index)| work.compared.extend_from_slice(entry(region, size, *index)));
        if let Some(places) = region.get_mut(HEAD + size..HEAD + (used + 1) * size) {
            places.copy_from_slice(&work.compared);
        }
    }

    /// Drops the values of which no more is remembered than of one never seen.
    fn drop_equal(&self, region: &mut [i64]) {
        self.retain(region, |slot, default| !equal(slot, default));
    }

    /// Drops those of which nothing is remembered once the windows are closed that are over now.
    pub(crate) fn drop_closed(&self, region: &mut [i64], work: &mut Work) {
        let compared = &mut work.compared;
        self.retain(region, |slot, default| !self.same_now(slot, default, compared));
    }

    fn retain(&self, region: &mut [i64], mut keep: impl FnMut(&[i64], &[i64]) -> bool) {
        let (size, before) = (self.size(), used(region));
        let mut kept = 0;
        for index in 1..=before {
            if keep(entry(region, size, index), entry(region, size, 0)) {
                kept += 1;
                if kept != index {
                    region.copy_within(HEAD + index * size..HEAD + (index + 1) * size, HEAD + kept * size);
                }
            }
        }
        if let Some(free) = region.get_mut(HEAD + (kept + 1) * size..HEAD + (before + 1) * size) {
            free.fill(UNSET);
        }
        set_used(region, kept);
    }

    /// Whether an entry remembers what one never seen does, once windows that are over are closed; of a limit, nothing: what others share is not its own.
    fn same_now(&self, a: &[i64], b: &[i64], compared: &mut Vec<i64>) -> bool {
        let at = self.seen.letter.at;
        match &self.rule.body {
            Body::Gauge(gauge) => gauge::is_empty(gauge, registers(a), at),
            Body::Automaton(automaton) => {
                compared.clear();
                compared.extend_from_slice(registers(a));
                let split = compared.len();
                compared.extend_from_slice(registers(b));
                let (first, second) = compared.split_at_mut(split);
                let states = (expire(automaton, control(a), first, at), expire(automaton, control(b), second, at));
                states.0 == states.1 && first == second
            }
        }
    }

    /// Steps the values that have no place from what is remembered of all others, and finds places for them.
    fn step_fresh(&self, automaton: &Automaton, region: &mut [i64], lookup: &Lookup<'_>, work: &mut Work) -> bool {
        let seen = core::mem::take(&mut work.seen);
        let fresh = || self.candidates().iter().enumerate().filter(|(order, _)| seen.get(*order) == Some(&false));
        let mut crowd = Crowd::of(&self.slots.overflow, fresh().map(|(_, candidate)| candidate));
        let mut overflows = false;
        for (order, candidate) in fresh() {
            overflows = self.start(automaton, candidate, work);
            if overflows {
                break;
            }
            let crowded = crowd.pass(candidate.binds) >= self.slots.capacity as usize;
            if crowded || equal(&work.fresh, entry(region, self.size(), 0)) {
                continue;
            }
            match self.place(region, order, lookup, work) {
                Placed::Kept | Placed::Shared => {}
                Placed::Overflowed => overflows = true,
                Placed::Forgotten => {
                    if self.reset_others(automaton, region) {
                        // Those that have no place yet are reset at this letter, which therefore counts for none of them.
                        break;
                    }
                }
            }
            if overflows {
                break;
            }
        }
        work.seen = seen;
        overflows
    }

    fn fresh_is_nothing(&self, region: &[i64], work: &mut Work) -> bool {
        let mut compared = core::mem::take(&mut work.compared);
        let nothing = self.same_now(&work.fresh, entry(region, self.size(), 0), &mut compared);
        work.compared = compared;
        nothing
    }

    /// Makes the entry of a value that was never seen, and steps it.
    fn start(&self, automaton: &Automaton, candidate: &Candidate, work: &mut Work) -> bool {
        self.copy(candidate, work);
        self.transit(automaton, &mut work.fresh, candidate.binds)
    }

    pub(crate) fn copy(&self, candidate: &Candidate, work: &mut Work) {
        work.fresh.clear();
        work.fresh.extend_from_slice(&work.before);
        gauge::write(&mut work.fresh, 0, candidate.value);
        let state = control(&work.fresh);
        set_control(&mut work.fresh, state);
        set_word(&mut work.fresh, STAMP, UNSET);
    }

    /// Finds a place for the fresh entry.
    pub(crate) fn place(&self, region: &mut [i64], order: usize, lookup: &Lookup<'_>, work: &mut Work) -> Placed {
        let capacity = self.slots.capacity as usize;
        if used(region) >= capacity {
            self.drop_closed(region, work);
        }
        let gauge = matches!(self.rule.body, Body::Gauge(_));
        if (gauge || used(region) >= capacity) && self.fresh_is_nothing(region, work) {
            return Placed::Kept;
        }
        if used(region) < capacity {
            self.append(region, &work.fresh);
            return Placed::Kept;
        }
        match self.slots.overflow {
            Overflow::Absorb(_) => Placed::Overflowed,
            Overflow::Share => Placed::Shared,
            Overflow::Evict { .. } => {
                self.evict(region, order, lookup, &work.fresh);
                Placed::Forgotten
            }
        }
    }

    fn append(&self, region: &mut [i64], fresh: &[i64]) {
        let index = used(region) + 1;
        if let Some(place) = entry_mut(region, self.size(), index) {
            place.copy_from_slice(fresh);
            set_used(region, index);
        }
    }

    /// Forgets the value of the least mark; of equal ones that which was marked first.
    fn evict(&self, region: &mut [i64], order: usize, lookup: &Lookup<'_>, fresh: &[i64]) {
        let (size, used) = (self.size(), used(region));
        let key = |slot: &[i64]| (stamp(slot), self.rank(slot, lookup));
        let least = entries(region, size).skip(1).take(used).map(key).enumerate().min_by_key(|(_, key)| *key);
        let Some((index, least)) = least.map(|(index, key)| (index + 1, key)) else { return };
        if (stamp(fresh), order + 1) < least {
            return;
        }
        if let Some(tail) = region.get_mut(HEAD + index * size..HEAD + (used + 1) * size) {
            tail.rotate_left(size);
        }
        if let Some(place) = entry_mut(region, size, used) {
            place.copy_from_slice(fresh);
        }
    }

    /// Forgetting a value resets every value that is not kept, at this letter; whether it does in this rule.
    fn reset_others(&self, automaton: &Automaton, region: &mut [i64]) -> bool {
        if !matches!(self.slots.overflow, Overflow::Evict { resets: true, .. }) {
            return false;
        }
        if let Some(default) = entry_mut(region, self.size(), 0) {
            set_control(default, 0);
            for (register, kind) in registers_mut(default).iter_mut().zip(&automaton.registers) {
                *register = match kind {
                    RegisterKind::Time => UNSET,
                    RegisterKind::Position => self.seen.letter.position,
                };
            }
        }
        self.drop_equal(region);
        true
    }
}

/// Whether letters of a site leave every value alone that they do not bind, whatever else they are.
pub(crate) fn others_idle(rule: &Rule, root: Target) -> bool {
    let Body::Automaton(automaton) = &rule.body else { return reachable(rule, root).iter().all(|class| *class == 0) };
    let (classes, states) = (usize::from(rule.alphabet.classes), usize::from(automaton.states));
    let quiet = |class: u16, state: usize| {
        let index = state * classes + usize::from(class);
        let stays = automaton.delta.get(index).is_some_and(|to| usize::from(*to) == state) && automaton.updates.get(index) == Some(&0);
        stays && automaton.deny.get(index) == Some(&false) && !automaton.overflows.get(index).copied().unwrap_or(false)
    };
    reachable(rule, root).iter().all(|class| (0..states).all(|state| quiet(*class, state)))
}

/// The classes that a value has which the letter does not bind.
fn reachable(rule: &Rule, root: Target) -> Vec<u16> {
    let mut marked = alloc::vec![false; rule.alphabet.nodes.len()];
    let (mut open, mut classes) = (alloc::vec![root], Vec::new());
    while let Some(target) = open.pop() {
        let node = match target {
            Target::Class(class) => {
                classes.push(class);
                continue;
            }
            Target::Node(node) => usize::from(node),
        };
        let (Some(mark), Some(node)) = (marked.get_mut(node), rule.alphabet.nodes.get(node)) else { continue };
        if core::mem::replace(mark, true) {
            continue;
        }
        open.push(node.no);
        if !matches!(node.test, crate::frame::Test::Binds { .. }) {
            open.push(node.yes);
        }
    }
    classes.sort_unstable();
    classes.dedup();
    classes
}
