//! What several schemas say together.
//!
//! Source: `lang-spec/catalogs.md`, *Join* and *Merge* of [catalog.read].

use crate::types::{Field, Record, Type};

/// What a schema says: a type, or null alone, and whether null is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// Nothing where only null is allowed.
    pub(super) ty: Option<Type>,
    pub(super) null: bool,
}

impl Reading {
    /// What cannot be typed.
    pub(super) const JSON: Self = Self { ty: Some(Type::Json), null: true };
    /// Null alone.
    pub(super) const NULL: Self = Self { ty: None, null: true };

    pub(super) fn of(ty: Type) -> Self {
        Self { ty: Some(ty), null: false }
    }
}

/// One of several.
pub(super) fn join(readings: &[Reading]) -> Reading {
    let null = readings.iter().any(|reading| reading.null);
    let mut types = readings.iter().filter_map(|reading| reading.ty.clone());
    let Some(mut united) = types.next() else { return Reading::NULL };
    for next in types {
        match union(&united, &next) {
            Some(wider) => united = wider,
            None => return Reading::JSON,
        }
    }
    Reading { ty: Some(united), null }
}

fn union(one: &Type, other: &Type) -> Option<Type> {
    match (one, other) {
        (Type::Json, _) | (_, Type::Json) => None,
        (one, other) if one == other => Some(one.clone()),
        (Type::Int(lo, hi), Type::Int(other_lo, other_hi)) => Some(Type::Int(*lo.min(other_lo), *hi.max(other_hi))),
        (Type::Int(..), Type::Number) | (Type::Number, Type::Int(..)) => Some(Type::Number),
        (Type::Enum(members), Type::Enum(others)) => Some(Type::enumeration([members.clone(), others.clone()].concat())),
        (Type::Enum(_), Type::String) | (Type::String, Type::Enum(_)) => Some(Type::String),
        _ => None,
    }
}

/// All of several, those that are bare set aside.
pub(super) fn merge(parts: &[Reading]) -> Reading {
    match parts {
        [] => Reading::JSON,
        [one] => one.clone(),
        several => {
            let merged = several.iter().try_fold(Record { open: true, fields: Vec::new() }, |merged, part| match &part.ty {
                Some(Type::Record(record)) => merge_records(merged, record),
                _ => None,
            });
            match merged {
                Some(record) => Reading { ty: Some(Type::Record(record)), null: several.iter().all(|part| part.null) },
                None => Reading::JSON,
            }
        }
    }
}

fn merge_records(merged: Record, part: &Record) -> Option<Record> {
    let mut fields = merged.fields;
    for field in &part.fields {
        match fields.iter_mut().find(|known| known.name == field.name) {
            None => fields.push(field.clone()),
            Some(known) if known.ty != field.ty => return None,
            Some(known) => {
                let default = known.default.clone().or_else(|| field.default.clone());
                *known = Field {
                    required: known.required || field.required,
                    nullable: known.nullable && field.nullable,
                    default,
                    ..known.clone()
                };
            }
        }
    }
    Some(Record::new(merged.open && part.open, fields))
}
