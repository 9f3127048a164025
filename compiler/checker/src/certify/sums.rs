//! Comparisons of numbers as linear inequalities.
//!
//! In: comparisons and what each came to; the kinds of their terms. Out: for each the [`Row`]s that it says. Invariants: exact; what leaves 128 bits is not linear.
//! Left out: products of terms, of which nothing is known but that they are integers.
//! Source: `lang-spec/certificate.md`, [cert.lemmas].

use leverframe_compiler::core::cond::{ArithOp, CompareOp, TypeTag};
use leverframe_compiler::core::{Cond, Literal, Term};

use super::contradiction::{Decided, Sort};
use super::numbers::contrary;

/// Digits after the point.
const PLACES: u32 = 36;

/// A sum of multiples of terms, by their numbers, and of a constant; divided by ten to the power of `places`.
#[derive(Clone, Debug, Default)]
struct Sum {
    parts: Vec<(usize, i128)>,
    constant: i128,
    places: u32,
}

/// A sum of multiples of terms is at most `bound`, or less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// By the number of the term; no factor is 0.
    pub(super) parts: Vec<(usize, i128)>,
    pub(super) bound: i128,
    pub(super) strict: bool,
}

/// What a test says.
#[derive(Debug)]
pub(super) enum Says {
    /// One inequality.
    One(Row),
    /// Both of these.
    Both(Row, Row),
    /// One of these.
    Either(Row, Row),
}

/// Terms that are no sums, and what values each may have.
pub(super) struct Reader<'s, 'a> {
    sort: &'s dyn Fn(&Term) -> Option<Sort>,
    known: Vec<(&'a Term, Sort)>,
}

impl<'s, 'a> Reader<'s, 'a> {
    pub(super) fn new(sort: &'s dyn Fn(&Term) -> Option<Sort>) -> Self {
        Self { sort, known: Vec::new() }
    }

    /// The ranges of the terms that have one.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (usize, i64, i64)> {
        self.known.iter().enumerate().filter_map(|(number, (_, sort))| match sort {
            Sort::Int(lo, hi) => Some((number, *lo, *hi)),
            _ => None,
        })
    }

    /// What a comparison of numbers says; nothing of other tests.
    pub(super) fn says(&mut self, (test, holds): Decided<'a>) -> Option<Says> {
        match test {
            Cond::Compare(op, tag, left, right) if is_numeric(*tag) => {
                let less = self.sum(left)?.plus(&self.sum(right)?, -1)?;
                let more = less.times(-1)?;
                let row = |sum: &Sum, strict| self.row(sum, strict);
                Some(match if holds { *op } else { contrary(*op) } {
                    CompareOp::Lt => Says::One(row(&less, true)?),
                    CompareOp::Le => Says::One(row(&less, false)?),
                    CompareOp::Gt => Says::One(row(&more, true)?),
                    CompareOp::Ge => Says::One(row(&more, false)?),
                    CompareOp::Eq => Says::Both(row(&less, false)?, row(&more, false)?),
                    CompareOp::Ne => Says::Either(row(&less, true)?, row(&more, true)?),
                })
            }
            Cond::In(tag, term, literals) if is_numeric(*tag) => {
                let sum = self.sum(term)?;
                let above: Vec<Sum> = literals.iter().map(|literal| sum.plus(&Sum::of(literal)?, -1)).collect::<Option<_>>()?;
                match (holds, above.as_slice()) {
                    (false, [one]) => Some(Says::Either(self.row(one, true)?, self.row(&one.times(-1)?, true)?)),
                    (true, all) => Some(Says::Both(self.row(&least(all, 1)?, false)?, self.row(&least(all, -1)?, false)?)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn sum(&mut self, term: &'a Term) -> Option<Sum> {
        match term {
            Term::Literal(literal) => Sum::of(literal),
            Term::Arith(op, left, right) => {
                let (left, right) = (self.sum(left)?, self.sum(right)?);
                match op {
                    ArithOp::Add => left.plus(&right, 1),
                    ArithOp::Sub => left.plus(&right, -1),
                    ArithOp::Mul if right.parts.is_empty() => left.times(right.constant),
                    ArithOp::Mul if left.parts.is_empty() => right.times(left.constant),
                    ArithOp::Mul => Some(self.simple(term, Sort::Whole)),
                }
            }
            _ => {
                let sort = (self.sort)(term).filter(|sort| matches!(sort, Sort::Int(..) | Sort::Number))?;
                Some(self.simple(term, sort))
            }
        }
    }

    fn simple(&mut self, term: &'a Term, sort: Sort) -> Sum {
        let number = self.known.iter().position(|(known, _)| *known == term).unwrap_or_else(|| {
            self.known.push((term, sort));
            self.known.len() - 1
        });
        Sum { parts: vec![(number, 1)], ..Sum::default() }
    }

    /// That the sum is at most 0, or less; of integers as tight as can be.
    fn row(&self, sum: &Sum, strict: bool) -> Option<Row> {
        let parts: Vec<(usize, i128)> = sum.parts.iter().copied().filter(|(_, factor)| *factor != 0).collect();
        let bound = sum.constant.checked_neg()?;
        let whole = parts.iter().all(|(number, _)| self.known.get(*number).is_some_and(|(_, sort)| *sort != Sort::Number));
        let divisor = parts.iter().fold(0, |divisor, (_, factor)| common(divisor, *factor));
        if divisor == 0 || !whole {
            return Some(Row { parts, bound, strict });
        }
        let bound = bound.checked_sub(i128::from(strict))?.div_euclid(divisor);
        Some(Row { parts: parts.into_iter().map(|(number, factor)| (number, factor / divisor)).collect(), bound, strict: false })
    }
}

impl Says {
    /// The terms that it speaks of.
    pub(super) fn terms(&self) -> Vec<usize> {
        let (Self::One(row) | Self::Both(row, _) | Self::Either(row, _)) = self;
        row.parts.iter().map(|(term, _)| *term).collect()
    }
}

impl Sum {
    fn of(literal: &Literal) -> Option<Self> {
        let (constant, places) = match literal {
            Literal::Int(value) | Literal::Timestamp(value) | Literal::Duration(value) => (i128::from(*value), 0),
            Literal::Number(text) => {
                let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
                let places = u32::try_from(fraction.len()).ok().filter(|places| *places <= PLACES)?;
                (format!("{whole}{fraction}").parse().ok()?, places)
            }
            Literal::Bool(_) | Literal::String(_) => return None,
        };
        Some(Self { parts: Vec::new(), constant, places })
    }

    fn plus(&self, other: &Self, times: i128) -> Option<Self> {
        let places = self.places.max(other.places);
        let mut sum = self.widened(places)?;
        let other = other.widened(places)?.times(times)?;
        sum.constant = sum.constant.checked_add(other.constant)?;
        for (number, factor) in other.parts {
            match sum.parts.iter_mut().find(|(known, _)| *known == number) {
                Some((_, known)) => *known = known.checked_add(factor)?,
                None => sum.parts.push((number, factor)),
            }
        }
        Some(sum)
    }

    fn times(&self, factor: i128) -> Option<Self> {
        let parts = self.parts.iter().map(|(number, one)| Some((*number, one.checked_mul(factor)?)));
        Some(Self { parts: parts.collect::<Option<_>>()?, constant: self.constant.checked_mul(factor)?, places: self.places })
    }

    fn widened(&self, places: u32) -> Option<Self> {
        let factor = 10_i128.checked_pow(places.checked_sub(self.places)?)?;
        Some(Self { places, ..self.times(factor)? })
    }
}

/// Of sums that differ in their constants alone the least one, each taken so many times.
fn least(sums: &[Sum], times: i128) -> Option<Sum> {
    let mut found: Option<Sum> = None;
    for sum in sums {
        let sum = sum.times(times)?;
        let less = match &found {
            Some(known) => sum.plus(known, -1)?.constant < 0,
            None => true,
        };
        found = if less { Some(sum) } else { found };
    }
    found
}

fn is_numeric(tag: TypeTag) -> bool {
    matches!(tag, TypeTag::Int | TypeTag::Number | TypeTag::Timestamp | TypeTag::Duration)
}

/// The greatest common divisor.
pub(super) fn common(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.saturating_abs(), b.saturating_abs());
    while b != 0 {
        (a, b) = (b, a.rem_euclid(b));
    }
    a
}
