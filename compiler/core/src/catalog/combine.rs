//! Several readings become one: `anyOf` and lists of types join, `allOf` merges.
//!
//! In: [`Reading`]s. Out: one. Invariant: a join allows whatever one of its members allows. Source: `lang-spec/catalogs.md`, [catalog.read], *Join* and *Merge*.

use super::reading::{Reading, same};
use super::values::enumeration;
use crate::core::{Field, Record, Type};

/// One of several; `json` for `reason` where their types do not unite.
pub(super) fn join(readings: Vec<Reading>, reason: &str) -> Reading {
    let nullable = readings.iter().any(|reading| reading.nullable);
    let mut types = readings.into_iter().filter_map(|reading| reading.ty);
    let Some(first) = types.next() else {
        return Reading::null();
    };
    match types.try_fold(first, |united, next| unite(united, &next)) {
        Some(ty) => Reading { ty: Some(ty), nullable },
        None => Reading::json(reason),
    }
}

fn unite(a: Type, b: &Type) -> Option<Type> {
    match (&a, b) {
        (Type::Json(_), _) | (_, Type::Json(_)) => None,
        (Type::Int { lo, hi }, Type::Int { lo: other_lo, hi: other_hi }) => {
            Some(Type::Int { lo: *lo.min(other_lo), hi: *hi.max(other_hi) })
        }
        (Type::Int { .. }, Type::Number) | (Type::Number, Type::Int { .. }) => Some(Type::Number),
        (Type::Enum(members), Type::Enum(others)) => Some(enumeration([members.as_slice(), others].concat())),
        (Type::Enum(_), Type::String) | (Type::String, Type::Enum(_)) => Some(Type::String),
        _ => same(&a, b).then_some(a),
    }
}

/// All of several, none of them bare; `json` where they are not all records that agree.
pub(super) fn merge(parts: Vec<Reading>) -> Reading {
    let mut parts = parts.into_iter();
    let Some(mut merged) = parts.next() else {
        return Reading::json("allOf");
    };
    for part in parts {
        let (Some(Type::Record(into)), Some(Type::Record(record))) = (&mut merged.ty, part.ty) else {
            return Reading::json("allOf");
        };
        merged.nullable &= part.nullable;
        into.open &= record.open;
        for field in record.fields {
            if !merge_field(into, field) {
                return Reading::json("allOf");
            }
        }
    }
    merged
}

/// Whether the field could be added.
fn merge_field(record: &mut Record, field: Field) -> bool {
    match record.fields.binary_search_by(|known| known.name.cmp(&field.name)) {
        Err(at) => record.fields.insert(at, field),
        Ok(at) => {
            let Some(known) = record.fields.get_mut(at).filter(|known| same(&known.ty, &field.ty)) else {
                return false;
            };
            known.required |= field.required;
            known.nullable &= field.nullable;
            known.default = known.default.take().or(field.default);
        }
    }
    true
}

/// Makes the fields of that name required, which then have no default.
pub(super) fn require(record: &mut Record, names: &[&str]) {
    for field in &mut record.fields {
        field.required |= names.contains(&field.name.as_str());
        if field.required {
            field.default = None;
        }
    }
}
