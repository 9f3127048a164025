//! Types as written become types of the core.
//!
//! In: type expressions and lists of fields. Out: [`Type`]s and closed [`Record`]s with their fields by name.
//! Invariant: what comes out is a type even where the text was wrong, so one mistake costs one diagnostic.
//! Source: language section 3; `lang-spec/core-form.md`, [core.type].

use std::borrow::Cow;
use std::collections::BTreeMap;

use leverframe_syntax::tree::{self, TypeKind};
use leverframe_syntax::{Diagnostic, Span};

use super::report;
use crate::core::{Field, Record, Type};
use crate::limits::MAX_PRINTED_NAME;

/// The type that is written.
pub(crate) fn declared(ty: &tree::TypeExpr, found: &mut Vec<Diagnostic>) -> Type {
    match &ty.kind {
        TypeKind::Bool => Type::Bool,
        TypeKind::Int(range) => int(*range, ty.span, found),
        TypeKind::Number => Type::Number,
        TypeKind::String => Type::String,
        TypeKind::Enumeration(members) => enumeration(members, found),
        TypeKind::Email => Type::Email,
        TypeKind::Url => Type::Url,
        TypeKind::Path => Type::Path,
        TypeKind::Ip => Type::Ip,
        TypeKind::Timestamp => Type::Timestamp,
        TypeKind::Duration => Type::Duration,
        TypeKind::List(element) => Type::List(Box::new(declared(element, found))),
        TypeKind::Record(fields) => Type::Record(record(fields, found)),
        TypeKind::Json => Type::Json(None),
    }
}

/// The closed record of the fields that are written.
pub(crate) fn record(fields: &[tree::Field], found: &mut Vec<Diagnostic>) -> Record {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut typed: Vec<Field> = Vec::new();
    for field in fields {
        if let Some(first) = seen.get(field.name.text.as_str()) {
            found.push(report::duplicate("field", &field.name.text, field.name.span, *first));
            continue;
        }
        seen.insert(&field.name.text, field.name.span);
        typed.push(member(field, declared(&field.ty, found)));
    }
    typed.sort_by(|a, b| a.name.cmp(&b.name));
    Record { open: false, fields: typed }
}

/// A field of that type, present as it is written.
pub(crate) fn member(field: &tree::Field, ty: Type) -> Field {
    Field { name: field.name.text.clone(), ty, required: !field.optional, nullable: false, default: None }
}

fn int(range: Option<(i64, i64)>, span: Span, found: &mut Vec<Diagnostic>) -> Type {
    let (lo, hi) = range.unwrap_or((i64::MIN, i64::MAX));
    if lo > hi {
        found.push(report::bad_type(format!("no int lies from {lo} to {hi}"), span).label("the bounds are the wrong way round"));
        return Type::Int { lo: hi, hi: lo };
    }
    Type::Int { lo, hi }
}

fn enumeration(members: &[tree::Text], found: &mut Vec<Diagnostic>) -> Type {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for member in members {
        if let Some(first) = seen.insert(&member.value, member.span) {
            let message = format!("`\"{}\"` stands in the enumeration twice", shown(&member.value));
            found.push(report::bad_type(message, member.span).label("again here").also(first, "first here"));
        }
    }
    Type::Enum(seen.into_keys().map(str::to_owned).collect())
}

/// A name as a diagnostic prints it: not endless, and without characters that control a terminal or hide.
pub(crate) fn shown(name: &str) -> Cow<'_, str> {
    let unfit = |c: char| c.is_control() || leverframe_syntax::is_hidden(c);
    if name.len() <= MAX_PRINTED_NAME && !name.contains(unfit) {
        return Cow::Borrowed(name);
    }
    let mut cut: String = name.chars().map(|c| if unfit(c) { '\u{fffd}' } else { c }).take(MAX_PRINTED_NAME).collect();
    if name.chars().count() > MAX_PRINTED_NAME {
        cut.push('…');
    }
    Cow::Owned(cut)
}
