//! How many different values can stand at a place of a letter.
//!
//! In: a type, and conditions that hold of the letter. Out: a [`Domain`]. Invariant: a domain that is listed leaves no value out.
//! Left out: conditions other than equality with literals. Source: verification section 3 (LF0410).

use std::collections::BTreeSet;

use leverframe_compiler::core::cond::CompareOp;
use leverframe_compiler::core::{Cond, Record, Scalar, Term, Type, ValuePath, ValueStep};
use leverframe_runtime::limits::CAPACITY;

/// The values that can stand somewhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Domain {
    /// These, or some of them.
    Listed(BTreeSet<String>),
    /// More than any rule keeps.
    Endless,
}

impl Domain {
    /// No value at all.
    pub(super) fn empty() -> Self {
        Self::Listed(BTreeSet::new())
    }

    /// One value.
    pub(super) fn one(value: &str) -> Self {
        Self::Listed(BTreeSet::from([value.to_owned()]))
    }

    /// What a path leads to in a record.
    pub(super) fn of(record: Option<&Record>, path: &ValuePath) -> Self {
        let Some(record) = record else { return Self::Endless };
        match reached(&Type::Record(record.clone()), &path.steps) {
            Some(Type::Bool) => Self::Listed([true, false].map(|value| text(&Scalar::Bool(value))).into()),
            Some(Type::Enum(names)) => Self::Listed(names.into_iter().map(|name| text(&Scalar::String(name))).collect()),
            Some(Type::Int { lo, hi }) if hi.checked_sub(lo).is_some_and(|more| more < i64::from(CAPACITY)) => {
                Self::Listed((lo..=hi).map(|value| text(&Scalar::Int(value))).collect())
            }
            _ => Self::Endless,
        }
    }

    /// What a condition leaves of it for a term.
    pub(super) fn narrowed(self, cond: &Cond, term: &Term) -> Self {
        match (self, listed(cond, term)) {
            (Self::Listed(own), Some(other)) => Self::Listed(own.intersection(&other).cloned().collect()),
            (Self::Endless, Some(other)) => Self::Listed(other),
            (own, None) => own,
        }
    }

    /// What stands in either.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Listed(mut own), Self::Listed(other)) => {
                own.extend(other);
                Self::Listed(own)
            }
            _ => Self::Endless,
        }
    }

    /// How many they are; nothing where there is no end of them.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::Listed(values) => Some(values.len() as u64),
            Self::Endless => None,
        }
    }
}

fn text(value: &Scalar) -> String {
    format!("{value:?}")
}

fn reached(ty: &Type, steps: &[ValueStep]) -> Option<Type> {
    let Some((step, rest)) = steps.split_first() else { return Some(ty.clone()) };
    match (step, ty) {
        (ValueStep::Field(name), Type::Record(record)) => reached(&record.fields.iter().find(|field| field.name == *name)?.ty, rest),
        (ValueStep::Each, Type::List(element)) => reached(element, rest),
        _ => None,
    }
}

/// The values of a term that a condition admits, where it lists them.
fn listed(cond: &Cond, term: &Term) -> Option<BTreeSet<String>> {
    match cond {
        Cond::Const(false) => Some(BTreeSet::new()),
        Cond::In(_, own, literals) if own == term => Some(literals.iter().map(text).collect()),
        Cond::Compare(CompareOp::Eq, _, own, Term::Literal(literal)) | Cond::Compare(CompareOp::Eq, _, Term::Literal(literal), own)
            if own == term =>
        {
            Some(BTreeSet::from([text(literal)]))
        }
        Cond::And(parts) => parts.iter().filter_map(|part| listed(part, term)).reduce(|a, b| a.intersection(&b).cloned().collect()),
        Cond::Or(parts) => {
            let all: Option<Vec<BTreeSet<String>>> = parts.iter().map(|part| listed(part, term)).collect();
            all.map(|all| all.into_iter().flatten().collect())
        }
        _ => None,
    }
}
