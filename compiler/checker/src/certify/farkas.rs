//! The search for multipliers of linear inequalities that add up to what no numbers fulfil.
//!
//! In: what tests say, and the ranges of their terms. Out: a lemma of those that are needed. The way is that of Fourier and Motzkin: one term after the other is
//! taken out by adding each inequality that bounds it above to each that bounds it below; every inequality remembers what it is the sum of.
//! Invariants: exact; where there are too many inequalities, or too large numbers, nothing is found. Source: `lang-spec/certificate.md`, [cert.lemmas].

use std::collections::BTreeMap;

use leverframe_runtime::frame::{Lemma, LemmaRule};

use super::sums::{Row, Says, common};
use crate::limits::{LEMMA_ROWS, LEMMA_TERMS, LEMMA_UNEQUAL};

/// Which test an inequality is of, and whether it is the second one that the test says.
type From = (u16, bool);

/// How often each inequality of a test is taken.
type Multiples = BTreeMap<From, i128>;

/// An inequality, and of which it is the sum.
#[derive(Clone, PartialEq, Eq)]
struct Line {
    parts: BTreeMap<usize, i128>,
    bound: i128,
    strict: bool,
    from: Multiples,
}

/// A lemma that the tests cannot all be so.
pub(super) fn lemma(said: &[(u16, Says)], ranges: &[(usize, i64, i64)]) -> Option<Lemma> {
    let always: Vec<Line> = said.iter().flat_map(|(test, says)| lines(*test, says)).chain(ranges.iter().flat_map(of_range)).collect();
    let unequal: Vec<(u16, [&Row; 2])> = said.iter().filter_map(|(test, says)| Some((*test, either(says)?))).take(LEMMA_UNEQUAL).collect();
    let alone = unequal.iter().map(|one| vec![*one]);
    let pairs = unequal.iter().enumerate().flat_map(|(at, one)| unequal.iter().skip(at + 1).map(|other| vec![*one, *other]));
    let mut choices = std::iter::once(Vec::new()).chain(alone).chain(pairs);
    choices.find_map(|chosen| written(&chosen, &cases(&always, &chosen)?))
}

fn either(says: &Says) -> Option<[&Row; 2]> {
    match says {
        Says::Either(less, more) => Some([less, more]),
        Says::One(_) | Says::Both(..) => None,
    }
}

/// The multiples that show each case of those that may be unequal to be impossible.
fn cases(always: &[Line], chosen: &[(u16, [&Row; 2])]) -> Option<Vec<Multiples>> {
    let case = |number: usize| {
        let more = chosen.iter().enumerate().filter_map(|(at, (test, rows))| {
            let side = number >> at & 1;
            rows.get(side).map(|row| Line::of(row, Some((*test, false))))
        });
        refuted(always.iter().cloned().chain(more).collect())
    };
    (0..1 << chosen.len()).map(case).collect()
}

/// The lemma: the tests that may be unequal first, then every inequality that some case needs.
fn written(chosen: &[(u16, [&Row; 2])], cases: &[Multiples]) -> Option<Lemma> {
    let mut places: Vec<From> = chosen.iter().map(|(test, _)| (*test, false)).collect();
    for from in cases.iter().flat_map(BTreeMap::keys) {
        if !places.contains(from) {
            places.push(*from);
        }
    }
    let multiplier = |case: &Multiples, from: &From| {
        let times = i64::try_from(case.get(from).copied().unwrap_or(0)).ok()?;
        if from.1 { times.checked_neg() } else { Some(times) }
    };
    let list = |case: &Multiples| places.iter().map(|from| multiplier(case, from)).collect::<Option<Vec<i64>>>();
    let multipliers: Vec<Vec<i64>> = cases.iter().map(list).collect::<Option<_>>()?;
    Some(Lemma { tests: places.iter().map(|(test, _)| *test).collect(), rule: LemmaRule::Farkas(multipliers) })
}

fn lines(test: u16, says: &Says) -> Vec<Line> {
    match says {
        Says::One(row) => vec![Line::of(row, Some((test, false)))],
        Says::Both(one, other) => vec![Line::of(one, Some((test, false))), Line::of(other, Some((test, true)))],
        Says::Either(..) => Vec::new(),
    }
}

fn of_range((term, lo, hi): &(usize, i64, i64)) -> [Line; 2] {
    let line = |factor: i128, bound: i128| Line::of(&Row { parts: vec![(*term, factor)], bound, strict: false }, None);
    [line(1, i128::from(*hi)), line(-1, -i128::from(*lo))]
}

/// The multiples that add up to a contradiction.
fn refuted(mut lines: Vec<Line>) -> Option<Multiples> {
    loop {
        if let Some(line) = lines.iter().find(|line| line.is_false()) {
            return Some(line.from.clone());
        }
        let term = next(&lines)?;
        let (with, mut left): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| line.parts.contains_key(&term));
        let (above, below): (Vec<Line>, Vec<Line>) = with.into_iter().partition(|line| line.factor(term) > 0);
        for one in &above {
            for other in &below {
                if let Some(sum) = one.without(other, term) {
                    keep(&mut left, sum);
                }
            }
        }
        if left.len() > LEMMA_ROWS {
            return None;
        }
        lines = left;
    }
}

/// The term that makes the fewest inequalities; none where none is left, or there are too many.
fn next(lines: &[Line]) -> Option<usize> {
    let mut counts: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (term, factor) in lines.iter().flat_map(|line| &line.parts) {
        let (above, below) = counts.entry(*term).or_default();
        *(if *factor > 0 { above } else { below }) += 1;
    }
    let few = counts.len() <= LEMMA_TERMS;
    let (term, (above, below)) = counts.into_iter().min_by_key(|(_, (above, below))| above * below)?;
    (few && above * below <= LEMMA_ROWS).then_some(term)
}

/// Adds a line unless there is one that says as much.
fn keep(lines: &mut Vec<Line>, line: Line) {
    if let Some(known) = lines.iter_mut().find(|known| known.parts == line.parts) {
        if (line.bound, !line.strict) < (known.bound, !known.strict) {
            *known = line;
        }
    } else if !line.parts.is_empty() || line.is_false() {
        lines.push(line);
    }
}

impl Line {
    fn of(row: &Row, from: Option<From>) -> Self {
        Self {
            parts: row.parts.iter().copied().collect(),
            bound: row.bound,
            strict: row.strict,
            from: from.into_iter().map(|from| (from, 1)).collect(),
        }
    }

    fn is_false(&self) -> bool {
        self.parts.is_empty() && (self.bound < 0 || (self.strict && self.bound == 0))
    }

    fn factor(&self, term: usize) -> i128 {
        self.parts.get(&term).copied().unwrap_or(0)
    }

    /// The sum of multiples of both in which the term is gone.
    fn without(&self, other: &Self, term: usize) -> Option<Self> {
        let (up, down) = (self.factor(term), other.factor(term).checked_neg()?);
        let divisor = common(up, down).max(1);
        let sum = self.times(down / divisor)?.plus(&other.times(up / divisor)?)?;
        Some(sum.shortened())
    }

    fn times(&self, factor: i128) -> Option<Self> {
        Some(Self {
            parts: scaled(&self.parts, factor)?,
            bound: self.bound.checked_mul(factor)?,
            strict: self.strict,
            from: scaled(&self.from, factor)?,
        })
    }

    fn plus(mut self, other: &Self) -> Option<Self> {
        for (term, factor) in &other.parts {
            let sum = self.factor(*term).checked_add(*factor)?;
            self.parts.insert(*term, sum);
        }
        self.parts.retain(|_, factor| *factor != 0);
        for (from, times) in &other.from {
            let sum = self.from.get(from).copied().unwrap_or(0).checked_add(*times)?;
            self.from.insert(*from, sum);
        }
        self.bound = self.bound.checked_add(other.bound)?;
        self.strict |= other.strict;
        Some(self)
    }

    /// The same, divided by whatever divides all of it.
    fn shortened(mut self) -> Self {
        let all = self.parts.values().chain(self.from.values()).chain([&self.bound]);
        let divisor = all.fold(0, |divisor, value| common(divisor, *value));
        if divisor > 1 {
            self.parts.values_mut().chain(self.from.values_mut()).for_each(|value| *value /= divisor);
            self.bound /= divisor;
        }
        self
    }
}

fn scaled<K: Ord + Copy>(values: &BTreeMap<K, i128>, factor: i128) -> Option<BTreeMap<K, i128>> {
    values.iter().map(|(key, value)| Some((*key, value.checked_mul(factor)?))).collect()
}
