//! Sets of ints and of texts that a test asks for, and what `and` and `or` make of two of them.
//!
//! In: literals. Out: [`Ranges`], [`Texts`]. Invariants: what stands in a set is in ascending order, each once; a set made of two has each value for which the
//! two answers combine to yes.

use alloc::vec;
use alloc::vec::Vec;

use crate::frame::CompareOp;

/// A set of ints by where it begins and ends: a value is in it if an odd number of these is not above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(pub(super) Vec<i64>);

impl Ranges {
    /// The values that compare so with a literal.
    pub(super) fn compared(op: CompareOp, literal: i64) -> Self {
        let after = literal.checked_add(1);
        let below = |end: Option<i64>| Self::between(Some(i64::MIN), end);
        match op {
            CompareOp::Eq => Self::between(Some(literal), after),
            CompareOp::Ne => Self::between(Some(literal), after).complement(),
            CompareOp::Lt => below(Some(literal)),
            CompareOp::Le => below(after),
            CompareOp::Gt => Self::between(after, None),
            CompareOp::Ge => Self::between(Some(literal), None),
        }
    }

    /// The values of a list.
    pub(super) fn listed(mut values: Vec<i64>) -> Self {
        values.sort_unstable();
        values.dedup();
        let mut bounds: Vec<i64> = Vec::with_capacity(values.len());
        for value in values {
            if bounds.last() == Some(&value) {
                bounds.pop();
            } else {
                bounds.push(value);
            }
            bounds.extend(value.checked_add(1));
        }
        Self(bounds)
    }

    /// From a value on, none where there is no greater one, up to before another, or without an end.
    fn between(from: Option<i64>, end: Option<i64>) -> Self {
        match (from, end) {
            (None, _) => Self::default(),
            (Some(from), Some(end)) if from >= end => Self::default(),
            (Some(from), end) => Self([from].into_iter().chain(end).collect()),
        }
    }

    pub(super) fn complement(mut self) -> Self {
        if self.0.first() == Some(&i64::MIN) {
            self.0.remove(0);
        } else {
            self.0.insert(0, i64::MIN);
        }
        self
    }

    /// The values for which the answers of both combine to yes; `combine` of two noes may be one.
    pub(super) fn with(&self, other: &Self, combine: impl Fn(bool, bool) -> bool) -> Self {
        let mut bounds = vec![i64::MIN];
        bounds.extend(self.0.iter().chain(&other.0));
        bounds.sort_unstable();
        bounds.dedup();
        let mut inside = false;
        bounds.retain(|bound| core::mem::replace(&mut inside, combine(self.has(*bound), other.has(*bound))) != inside);
        Self(bounds)
    }

    fn has(&self, value: i64) -> bool {
        odd(&self.0, value)
    }
}

/// Whether an odd number of bounds is not above a value.
#[inline]
pub(super) fn odd(bounds: &[i64], value: i64) -> bool {
    bounds.partition_point(|bound| *bound <= value) & 1 == 1
}

/// A set of texts: those that are listed, or all but those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Texts<'f> {
    pub(super) listed: Vec<&'f str>,
    /// What is answered of a text that is not listed.
    pub(super) others: bool,
}

impl<'f> Texts<'f> {
    pub(super) fn listed(mut listed: Vec<&'f str>) -> Self {
        listed.sort_unstable();
        listed.dedup();
        Self { listed, others: false }
    }

    pub(super) fn but(literal: &'f str) -> Self {
        Self { listed: vec![literal], others: true }
    }

    /// The texts for which the answers of both combine to yes.
    pub(super) fn with(&self, other: &Self, combine: impl Fn(bool, bool) -> bool) -> Self {
        let others = combine(self.others, other.others);
        let mut listed: Vec<&'f str> = self.listed.iter().chain(&other.listed).copied().collect();
        listed.sort_unstable();
        listed.dedup();
        listed.retain(|text| combine(self.has(text), other.has(text)) != others);
        Self { listed, others }
    }

    fn has(&self, text: &str) -> bool {
        self.listed.binary_search(&text).is_ok() != self.others
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const NEAR: [i64; 9] = [i64::MIN, i64::MIN + 1, -2, -1, 0, 1, 2, i64::MAX - 1, i64::MAX];
    const OPS: [CompareOp; 6] = [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge];

    fn compares(op: CompareOp, a: i64, b: i64) -> bool {
        match op {
            CompareOp::Eq => a == b,
            CompareOp::Ne => a != b,
            CompareOp::Lt => a < b,
            CompareOp::Le => a <= b,
            CompareOp::Gt => a > b,
            CompareOp::Ge => a >= b,
        }
    }

    #[test]
    fn a_range_has_what_compares_so() {
        for (op, literal, value) in OPS.iter().flat_map(|op| NEAR.iter().flat_map(move |a| NEAR.iter().map(move |b| (*op, *a, *b)))) {
            assert_eq!(Ranges::compared(op, literal).has(value), compares(op, value, literal), "{value} {op:?} {literal}");
            assert_eq!(
                Ranges::compared(op, literal).complement().has(value),
                !compares(op, value, literal),
                "not {value} {op:?} {literal}"
            );
        }
    }

    #[test]
    fn ranges_combine_value_by_value() {
        let sets: Vec<Ranges> = OPS.iter().flat_map(|op| NEAR.iter().map(|literal| Ranges::compared(*op, *literal))).collect();
        for (a, b) in sets.iter().flat_map(|a| sets.iter().map(move |b| (a, b))) {
            for value in NEAR {
                assert_eq!(a.with(b, |a, b| a && b).has(value), a.has(value) && b.has(value), "{a:?} and {b:?}: {value}");
                assert_eq!(a.with(b, |a, b| a || b).has(value), a.has(value) || b.has(value), "{a:?} or {b:?}: {value}");
                assert_eq!(a.with(b, |a, b| !a || b).has(value), !a.has(value) || b.has(value), "not {a:?} or {b:?}: {value}");
            }
        }
    }

    #[test]
    fn a_list_has_its_values() {
        let listed = Ranges::listed(vec![3, i64::MAX, 1, 2, 3, 7, i64::MIN]);
        assert_eq!(listed.0, [i64::MIN, i64::MIN + 1, 1, 4, 7, 8, i64::MAX]);
        assert!([1, 2, 3, 7, i64::MIN, i64::MAX].iter().all(|value| listed.has(*value)));
        assert!(![0, 4, 6, 8, i64::MAX - 1, i64::MIN + 1].iter().any(|value| listed.has(*value)));
    }

    #[test]
    fn texts_combine_text_by_text() {
        let sets = [Texts::listed(vec!["b", "a", "b"]), Texts::listed(vec![]), Texts::but("a"), Texts::but("c"), Texts::listed(vec!["c"])];
        for (a, b) in sets.iter().flat_map(|a| sets.iter().map(move |b| (a, b))) {
            for text in ["", "a", "b", "c", "d"] {
                assert_eq!(a.with(b, |a, b| a && b).has(text), a.has(text) && b.has(text), "{a:?} and {b:?}: {text}");
                assert_eq!(a.with(b, |a, b| a || b).has(text), a.has(text) || b.has(text), "{a:?} or {b:?}: {text}");
                assert_eq!(a.with(b, |a, b| !a && b).has(text), !a.has(text) && b.has(text), "not {a:?} and {b:?}: {text}");
            }
        }
    }
}
