//! Comparisons of one number with literals.
//!
//! In: the range of a type, and comparisons. Out: whether they leave no number. Invariant: decimals are compared exactly, never as floating point.
//! Source: `lang-spec/certificate.md`, [cert.lemmas]; `lang-spec/domain-types.md`, [domain.number].

use std::cmp::Ordering;

use leverframe_compiler::core::cond::CompareOp;
use leverframe_compiler::core::{Cond, Literal, Term};
use leverframe_runtime::domain::decimal::Decimal;

use super::contradiction::Decided;

/// What is left of a type: a stretch, less some numbers, and only these where they are named.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    whole: bool,
    /// The end, and whether it belongs to it.
    lo: Option<(String, bool)>,
    hi: Option<(String, bool)>,
    not: Vec<String>,
    only: Option<Vec<String>>,
}

impl Numbers {
    pub(super) fn integers(lo: i64, hi: i64) -> Self {
        Self { whole: true, lo: Some((lo.to_string(), true)), hi: Some((hi.to_string(), true)), not: Vec::new(), only: None }
    }

    /// Integers without a range; nothing is said of literals at the ends of 64 bits, where the verifier has no integers beside them.
    pub(super) fn whole() -> Self {
        Self { whole: true, lo: None, hi: None, not: Vec::new(), only: None }
    }

    pub(super) fn decimals() -> Self {
        Self { whole: false, lo: None, hi: None, not: Vec::new(), only: None }
    }

    /// Whether nothing is left by the tests.
    pub(super) fn exclude(mut self, term: &Term, tests: &[Decided<'_>]) -> bool {
        tests.iter().all(|(test, holds)| self.take(term, test, *holds).is_some()) && self.is_empty().unwrap_or(false)
    }

    fn take(&mut self, term: &Term, test: &Cond, holds: bool) -> Option<()> {
        match test {
            Cond::In(_, _, literals) => {
                let all: Vec<String> = literals.iter().map(text).collect::<Option<_>>()?;
                if holds { self.keep(&all) } else { self.not.extend(all) }
            }
            Cond::Compare(op, _, left, right) => {
                let op = if holds { *op } else { contrary(*op) };
                let (op, literal) = match (left, right) {
                    (left, Term::Literal(literal)) if left == term => (op, literal),
                    (Term::Literal(literal), _) => (swapped(op), literal),
                    _ => return None,
                };
                self.compare(op, text(literal)?)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn compare(&mut self, op: CompareOp, value: String) -> Option<()> {
        match op {
            CompareOp::Eq => self.keep(&[value]),
            CompareOp::Ne => self.not.push(value),
            CompareOp::Lt | CompareOp::Le => {
                let end = (value, op == CompareOp::Le);
                let tighter = self.hi.as_ref().map_or(Some(true), |old| tighter(&end, old, Ordering::Less))?;
                if tighter {
                    self.hi = Some(end);
                }
            }
            CompareOp::Gt | CompareOp::Ge => {
                let end = (value, op == CompareOp::Ge);
                let tighter = self.lo.as_ref().map_or(Some(true), |old| tighter(&end, old, Ordering::Greater))?;
                if tighter {
                    self.lo = Some(end);
                }
            }
        }
        Some(())
    }

    fn keep(&mut self, values: &[String]) {
        let old = self.only.take();
        let stays = |value: &&String| old.as_ref().is_none_or(|old| old.iter().any(|known| order(known, value) == Some(Ordering::Equal)));
        self.only = Some(values.iter().filter(stays).cloned().collect());
    }

    fn is_empty(&self) -> Option<bool> {
        if let Some(only) = &self.only {
            let left: Vec<bool> = only.iter().map(|value| self.has(value)).collect::<Option<_>>()?;
            return Some(!left.contains(&true));
        }
        if self.whole {
            return self.has_no_integer();
        }
        let (Some((lo, with_lo)), Some((hi, with_hi))) = (&self.lo, &self.hi) else { return Some(false) };
        Some(match order(lo, hi)? {
            Ordering::Less => false,
            Ordering::Equal => !(*with_lo && *with_hi && self.has(lo)?),
            Ordering::Greater => true,
        })
    }

    fn has_no_integer(&self) -> Option<bool> {
        let (lo, with_lo) = self.lo.as_ref()?;
        let (hi, with_hi) = self.hi.as_ref()?;
        let first = floor(lo)? + i128::from(!(*with_lo && is_whole(lo)));
        let last = floor(hi)? - i128::from(!*with_hi && is_whole(hi));
        let count = last.checked_sub(first)?;
        if count < 0 {
            return Some(true);
        }
        // More integers than are named are not all excluded.
        if count >= i128::try_from(self.not.len()).ok()? {
            return Some(false);
        }
        let left: Vec<bool> = (first..=last).map(|value| self.has(&value.to_string())).collect::<Option<_>>()?;
        Some(!left.contains(&true))
    }

    fn has(&self, value: &str) -> Option<bool> {
        let above = self.lo.as_ref().map_or(Some(true), |(lo, with)| Some(on_side(order(value, lo)?, *with, Ordering::Greater)))?;
        let below = self.hi.as_ref().map_or(Some(true), |(hi, with)| Some(on_side(order(value, hi)?, *with, Ordering::Less)))?;
        let excluded = self.not.iter().any(|not| order(not, value) == Some(Ordering::Equal));
        Some(above && below && !excluded && (!self.whole || is_whole(value)))
    }
}

fn on_side(order: Ordering, with_end: bool, side: Ordering) -> bool {
    order == side || (with_end && order == Ordering::Equal)
}

/// Whether the first end leaves less than the second.
fn tighter(new: &(String, bool), old: &(String, bool), side: Ordering) -> Option<bool> {
    let order = order(&new.0, &old.0)?;
    Some(order == side || (order == Ordering::Equal && !new.1))
}

fn order(a: &str, b: &str) -> Option<Ordering> {
    Some(Decimal::parse_normal(a).ok()?.cmp(&Decimal::parse_normal(b).ok()?))
}

fn text(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Int(value) | Literal::Timestamp(value) | Literal::Duration(value) => Some(value.to_string()),
        Literal::Number(text) => Some(text.clone()),
        Literal::Bool(_) | Literal::String(_) => None,
    }
}

/// A number in normal form has a point only where it has a fraction.
fn is_whole(value: &str) -> bool {
    !value.contains('.')
}

fn floor(value: &str) -> Option<i128> {
    let whole: i128 = value.split('.').next()?.parse().ok()?;
    let below = value.starts_with('-') && !is_whole(value);
    whole.checked_sub(i128::from(below)).filter(|floor| floor.unsigned_abs() < 1 << 100)
}

/// What holds where the comparison does not.
pub(super) fn contrary(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::Ne,
        CompareOp::Ne => CompareOp::Eq,
        CompareOp::Lt => CompareOp::Ge,
        CompareOp::Le => CompareOp::Gt,
        CompareOp::Gt => CompareOp::Le,
        CompareOp::Ge => CompareOp::Lt,
    }
}

/// The same of the sides changed.
fn swapped(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        same => same,
    }
}
