//! What a schema says: a type, and whether null is allowed beside it.
//!
//! Invariant: what became `json` allows null. Source: `lang-spec/catalogs.md`, [catalog.read].

use crate::core::{Field, Record, Type};

/// A schema, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    /// The type; nothing where only null is allowed.
    pub(super) ty: Option<Type>,
    /// Whether null is allowed.
    pub(super) nullable: bool,
}

impl Reading {
    /// A type that does not allow null.
    pub(super) fn of(ty: Type) -> Self {
        Self { ty: Some(ty), nullable: false }
    }

    /// Opaque, because of a keyword.
    pub(super) fn json(reason: &str) -> Self {
        Self { ty: Some(Type::Json(Some(reason.to_owned()))), nullable: true }
    }

    /// Only null.
    pub(super) fn null() -> Self {
        Self { ty: None, nullable: true }
    }
}

/// Whether two types print the same: the reasons of `json` do not count.
pub(crate) fn same(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Json(_), Type::Json(_)) => true,
        (Type::List(a), Type::List(b)) => same(a, b),
        (Type::Record(a), Type::Record(b)) => same_record(a, b),
        _ => a == b,
    }
}

fn same_record(a: &Record, b: &Record) -> bool {
    let fields = || a.fields.iter().zip(&b.fields);
    a.open == b.open && a.fields.len() == b.fields.len() && fields().all(|(a, b)| same_field(a, b))
}

fn same_field(a: &Field, b: &Field) -> bool {
    let rest = |field: &Field| (field.name.clone(), field.required, field.nullable, field.default.clone());
    same(&a.ty, &b.ty) && rest(a) == rest(b)
}
