//! Terms of numbers as sums of multiples of simpler terms.
//!
//! In: terms. Out: for each a [`Sum`] that has the term's value, whatever values the simpler terms have. Invariants: exact; what leaves 128 bits has no sum;
//! arithmetic is read over all integers, of which `lang-spec/certificate.md`, [cert.completion], says why that is sound; a product of two terms, neither of which is a
//! literal, is a simple term itself. Source: `lang-spec/certificate.md`, [cert.lemmas].

use leverframe_reference::policy::{Arith, Term};
use leverframe_reference::types::Literal;

use super::kind::{Kind, Values};

/// Digits after the point that a sum may have.
const PLACES: u32 = 36;

/// A sum of multiples of simple terms, by their numbers, and of a constant; all of it divided by ten to the power of `places`.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    pub(super) parts: Vec<(usize, i128)>,
    pub(super) constant: i128,
    places: u32,
}

/// The simple terms that were met, and what values each may have.
pub(super) struct Reader<'v, 'p> {
    values: &'v Values<'v>,
    known: Vec<(&'p Term, Kind)>,
}

impl<'v, 'p> Reader<'v, 'p> {
    pub(super) fn new(values: &'v Values<'v>) -> Self {
        Self { values, known: Vec::new() }
    }

    /// The kind of the simple term of this number.
    pub(super) fn kind(&self, number: usize) -> Option<&Kind> {
        self.known.get(number).map(|(_, kind)| kind)
    }

    /// Whether all simple terms of the sum are integers.
    pub(super) fn is_whole(&self, sum: &Sum) -> bool {
        sum.parts.iter().all(|(number, _)| self.kind(*number).is_some_and(Kind::is_whole))
    }

    /// The sum that a term is; none of a term that is not of numbers, or not of known kind.
    pub(super) fn sum(&mut self, term: &'p Term) -> Option<Sum> {
        match term {
            Term::Literal(literal) => Sum::of(literal),
            Term::Arith(op, left, right) => {
                let (left, right) = (self.integer(left)?, self.integer(right)?);
                match op {
                    Arith::Add => left.plus(&right, 1),
                    Arith::Sub => left.plus(&right, -1),
                    Arith::Mul if right.parts.is_empty() => left.times(right.constant),
                    Arith::Mul if left.parts.is_empty() => right.times(left.constant),
                    Arith::Mul => Some(self.simple(term, Kind::Whole)),
                }
            }
            _ => {
                let kind = self.values.of(term).filter(|kind| kind.is_whole() || *kind == Kind::Number)?;
                Some(self.simple(term, kind))
            }
        }
    }

    /// An operand of arithmetic, which is of integers alone.
    fn integer(&mut self, term: &'p Term) -> Option<Sum> {
        if matches!(term, Term::Literal(Literal::Number(_))) {
            return None;
        }
        self.sum(term).filter(|sum| self.is_whole(sum))
    }

    fn simple(&mut self, term: &'p Term, kind: Kind) -> Sum {
        let number = self.known.iter().position(|(known, _)| *known == term).unwrap_or_else(|| {
            self.known.push((term, kind));
            self.known.len() - 1
        });
        Sum { parts: vec![(number, 1)], ..Sum::default() }
    }
}

impl Sum {
    /// The number that a literal writes.
    pub(super) fn of(literal: &Literal) -> Option<Self> {
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

    /// It and so many times the other.
    pub(super) fn plus(&self, other: &Self, times: i128) -> Option<Self> {
        let places = self.places.max(other.places);
        let mut sum = self.widened(places)?;
        let other = other.widened(places)?.times(times)?;
        sum.constant = sum.constant.checked_add(other.constant)?;
        for (number, factor) in other.parts {
            add(&mut sum.parts, number, factor)?;
        }
        Some(sum)
    }

    fn times(&self, factor: i128) -> Option<Self> {
        let parts = self.parts.iter().map(|(number, one)| Some((*number, one.checked_mul(factor)?)));
        Some(Self { parts: parts.collect::<Option<_>>()?, constant: self.constant.checked_mul(factor)?, places: self.places })
    }

    /// The same with more places.
    fn widened(&self, places: u32) -> Option<Self> {
        let factor = 10_i128.checked_pow(places.checked_sub(self.places)?)?;
        Some(Self { places, ..self.times(factor)? })
    }
}

/// Adds a multiple of a simple term to others.
pub(super) fn add(parts: &mut Vec<(usize, i128)>, number: usize, factor: i128) -> Option<()> {
    match parts.iter_mut().find(|(known, _)| *known == number) {
        Some((_, known)) => *known = known.checked_add(factor)?,
        None => parts.push((number, factor)),
    }
    Some(())
}
