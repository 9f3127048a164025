//! Types and fields, as written (language.md section 3).

use super::{Name, Text};
use crate::span::Span;

/// A field of a tool, an event, a record or the context.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// Its name; no word is reserved here.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// Whether a `?` follows the type.
    pub optional: bool,
    /// From the name to the end of the type or its `?`.
    pub span: Span,
}

/// A type.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeExpr {
    /// Which one.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// The types of the language.
#[derive(Clone, PartialEq, Debug)]
pub enum TypeKind {
    /// `bool`
    Bool,
    /// `int`, or `int LO..=HI` with both bounds; LO may exceed HI here.
    Int(Option<(i64, i64)>),
    /// `number`
    Number,
    /// `string`
    String,
    /// `"a" | "b"`: at least one member, repetitions not yet refused.
    Enumeration(Vec<Text>),
    /// `email`
    Email,
    /// `url`
    Url,
    /// `path`
    Path,
    /// `ip`
    Ip,
    /// `timestamp`
    Timestamp,
    /// `duration`
    Duration,
    /// `list<T>`
    List(Box<TypeExpr>),
    /// `{f: T, g: T?}`
    Record(Vec<Field>),
    /// `json`
    Json,
}
