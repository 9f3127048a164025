//! What a `forbid` remembers of a value.
//!
//! In: a sequence, a value and a history as the rule sees it. Out: for each `prev` of the sequence's formula whether it may still hold at the letter to come, with
//! what it is measured by. Nothing is decided by it: it only tells which values take a place.
//! Source: `lang-spec/core-form.md`, [core.formula]; `lang-spec/variables.md`, [var.capacity].

use super::rows::{Row, Tuple};
use super::rules::reads_results;
use crate::policy::{Gap, Pattern, Sequence};

/// A formula as [core.formula] has it, with nothing in it for a value that must not be looked at.
enum Formula<'s> {
    Start,
    Event(&'s Pattern),
    All(Vec<Formula<'s>>),
    Any(Vec<Formula<'s>>),
    Prev(Box<Formula<'s>>, Gap),
    Span(i64, Box<Formula<'s>>),
    From(Box<Formula<'s>>),
}

/// Of one `prev`: nothing, or the times its match began in each span around, its own time where a `within` applies, and its place where results are compared with it.
type Memory = Option<(Vec<i64>, Option<i64>, Option<i64>)>;

/// When the matches at each position began, in each span around; the first position is the beginning of the history.
type Matches = Vec<Option<Vec<i64>>>;

/// What the rule remembers of the value after all letters.
pub(crate) fn of(sequence: &Sequence, rows: &[Row], value: &Tuple) -> Vec<Memory> {
    let mut reader = Reader { rows, value, memories: Vec::new() };
    reader.matches(&formula(sequence, None), &[]);
    reader.memories
}

/// `M(sequence, before)`.
fn formula<'s>(sequence: &'s Sequence, before: Option<&dyn Fn() -> Formula<'s>>) -> Formula<'s> {
    let beside = |event: Formula<'s>| match before {
        Some(before) => Formula::All(vec![event, before()]),
        None => event,
    };
    match sequence {
        Sequence::Start => beside(Formula::Start),
        Sequence::Event(pattern) => beside(Formula::Event(pattern)),
        Sequence::Then(first, gap, second) => formula(second, Some(&|| Formula::Prev(Box::new(formula(first, before)), gap.clone()))),
        Sequence::Or(parts) => Formula::Any(parts.iter().map(|part| formula(part, before)).collect()),
        Sequence::And(parts) => {
            let part = |part: &'s Sequence| formula(part, before);
            let until_now = |one: &'s Sequence| Formula::Any(vec![part(one), Formula::Prev(Box::new(part(one)), Gap::default())]);
            let now = Formula::Any(parts.iter().map(part).collect());
            Formula::All(std::iter::once(now).chain(parts.iter().map(until_now)).collect())
        }
        Sequence::Times(count, part) => times(*count, part, before),
        Sequence::Within(ms, part) => {
            let from = || before.map(|before| Formula::From(Box::new(before())));
            let inner = match before {
                Some(_) => formula(part, Some(&|| from().unwrap_or(Formula::Any(Vec::new())))),
                None => formula(part, None),
            };
            Formula::Span(*ms, Box::new(inner))
        }
    }
}

fn times<'s>(count: u64, part: &'s Sequence, before: Option<&dyn Fn() -> Formula<'s>>) -> Formula<'s> {
    if count <= 1 {
        return formula(part, before);
    }
    formula(part, Some(&|| Formula::Prev(Box::new(times(count - 1, part, before)), Gap::default())))
}

struct Reader<'h> {
    rows: &'h [Row],
    value: &'h Tuple,
    memories: Vec<Memory>,
}

impl Reader<'_> {
    /// Where the formula holds; `spans` are the lengths of those around, the innermost last.
    fn matches(&mut self, formula: &Formula<'_>, spans: &[i64]) -> Matches {
        let length = self.rows.len();
        match formula {
            Formula::Start => (0..=length).map(|at| (at == 0).then(Vec::new)).collect(),
            Formula::Event(pattern) => {
                let here = |row: &Row| row.hit(pattern).may(self.value).then(|| vec![row.at; spans.len()]);
                std::iter::once(None).chain(self.rows.iter().map(here)).collect()
            }
            Formula::All(parts) => {
                let parts: Vec<Matches> = parts.iter().map(|part| self.matches(part, spans)).collect();
                combine(&parts, length, |column| {
                    column.iter().cloned().collect::<Option<Vec<_>>>()?.into_iter().reduce(|a, b| merge(a, b, i64::min))
                })
            }
            Formula::Any(parts) => {
                let parts: Vec<Matches> = parts.iter().map(|part| self.matches(part, spans)).collect();
                combine(&parts, length, |column| column.iter().flatten().cloned().reduce(|a, b| merge(a, b, i64::max)))
            }
            Formula::Prev(inner, gap) => {
                let inner = self.matches(inner, spans);
                self.remember(&inner, gap, spans);
                (0..=length)
                    .map(|at| self.survivors(&inner, gap, at).map(|(_, begun)| begun).reduce(|a, b| merge(a, b, i64::max)))
                    .collect()
            }
            Formula::Span(ms, inner) => {
                let inner = self.matches(inner, &[spans, &[*ms]].concat());
                inner.into_iter().enumerate().map(|(at, begun)| self.in_span(at, begun?, *ms)).collect()
            }
            Formula::From(inner) => {
                let outer = spans.split_last().map_or(spans, |(_, outer)| outer);
                let inner = self.matches(inner, outer);
                let with = |(at, begun): (usize, Option<Vec<i64>>)| Some([begun?, vec![self.time(at)?]].concat());
                inner.into_iter().enumerate().map(with).collect()
            }
        }
    }

    fn in_span(&self, at: usize, mut begun: Vec<i64>, ms: i64) -> Option<Vec<i64>> {
        let start = begun.pop()?;
        (self.time(at)?.saturating_sub(start) <= ms).then_some(begun)
    }

    /// The time at a position of [`Matches`].
    fn time(&self, at: usize) -> Option<i64> {
        self.rows.get(at.checked_sub(1)?).map(|row| row.at)
    }

    /// The earlier matches of which a gap's clauses hold at a position, or would hold at a letter to come now.
    fn survivors<'m>(&'m self, inner: &'m Matches, gap: &'m Gap, to: usize) -> impl Iterator<Item = (usize, Vec<i64>)> + 'm {
        let earlier = inner.iter().enumerate().take(to).filter_map(|(from, begun)| Some((from, begun.clone()?)));
        earlier.filter(move |(from, _)| self.holds(gap, *from, to))
    }

    fn holds(&self, gap: &Gap, from: usize, to: usize) -> bool {
        // The row at an index is the letter at the position after it.
        let between = || self.rows.iter().take(to.saturating_sub(1)).skip(from);
        let now = self.time(to).or_else(|| self.rows.last().map(|row| row.at));
        let within = gap.within.is_none_or(|ms| self.time(from).zip(now).is_some_and(|(from, to)| to.saturating_sub(from) <= ms));
        let inside = |row: &Row| !row.is_result || row.begun >= from;
        let excused = gap.unless.iter().any(|pattern| between().any(|row| inside(row) && row.hit(pattern).surely(self.value)));
        within && !excused && !(gap.next && between().any(|row| row.is_call))
    }

    fn remember(&mut self, inner: &Matches, gap: &Gap, spans: &[i64]) {
        let now = self.rows.last().map_or(0, |row| row.at);
        let in_time = |begun: &[i64]| begun.iter().zip(spans).all(|(begun, ms)| now.saturating_sub(*begun) <= *ms);
        let alive: Vec<(usize, Vec<i64>)> = self.survivors(inner, gap, self.rows.len() + 1).filter(|(_, begun)| in_time(begun)).collect();
        let place = alive.iter().map(|(from, _)| *from).max();
        let begun = alive.iter().map(|(_, begun)| begun.clone()).reduce(|a, b| merge(a, b, i64::max));
        let time = place.and_then(|place| self.time(place)).filter(|_| gap.within.is_some());
        let compared = place.filter(|_| gap.unless.iter().any(reads_results)).and_then(|place| i64::try_from(place).ok());
        self.memories.push(begun.map(|begun| (begun, time, compared)));
    }
}

fn merge(a: Vec<i64>, b: Vec<i64>, pick: fn(i64, i64) -> i64) -> Vec<i64> {
    a.into_iter().zip(b).map(|(a, b)| pick(a, b)).collect()
}

fn combine(parts: &[Matches], length: usize, join: impl Fn(&[Option<Vec<i64>>]) -> Option<Vec<i64>>) -> Matches {
    let column = |at: usize| parts.iter().map(|part| part.get(at).cloned().flatten()).collect::<Vec<_>>();
    (0..=length).map(|at| join(&column(at))).collect()
}
