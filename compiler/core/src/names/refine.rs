//! `refine`: sharper types than a catalog gives.
//!
//! In: a tool's record and the fields of a `refine`. Out: the record with those types.
//! Invariants: every value of the refined type is a value of the type before; whether a field is there is what the schema says; a default is a
//! value of the refined type, in normal form. Source: `lang-spec/catalogs.md`, [catalog.refine].

use std::collections::BTreeMap;

use leverframe_runtime::domain::{DomainError, email, ip, path, time, url};
use leverframe_syntax::{Diagnostic, Span, tree};

use super::suggest::suggest;
use super::symbols::Tool;
use super::{report, types};
use crate::catalog::same;
use crate::core::{Field, Literal, Record, Scalar, Type};

/// The fields of a tool that have been refined, and where.
pub(crate) type Already = BTreeMap<String, Span>;

/// Applies the fields of a `refine` to a tool's arguments.
///
/// # Errors
/// As diagnostics in `found`: `LF0108` (a field twice), `LF0121`, `LF0122`, `LF0123`. A field with a fault stays as it was.
pub(crate) fn refine_tool(tool: &mut Tool, already: &mut Already, fields: &[tree::Field], found: &mut Vec<Diagnostic>) {
    refine(&tool.name, &mut tool.args, already, fields, found);
}

fn refine(tool: &str, record: &mut Record, already: &mut Already, fields: &[tree::Field], found: &mut Vec<Diagnostic>) {
    for field in fields {
        match already.get(&field.name.text) {
            Some(first) => found.push(report::duplicate("refined field", &field.name.text, field.name.span, *first)),
            None => {
                already.insert(field.name.text.clone(), field.name.span);
                refine_field(tool, record, field, found);
            }
        }
    }
}

fn refine_field(tool: &str, record: &mut Record, field: &tree::Field, found: &mut Vec<Diagnostic>) {
    match record.fields.binary_search_by(|known| known.name.as_str().cmp(&field.name.text)) {
        Ok(at) => {
            if let Some(known) = record.fields.get_mut(at) {
                sharpen(tool, known, field, found);
            }
        }
        Err(at) if record.open => {
            let ty = types::declared(&field.ty, found);
            record.fields.insert(at, types::member(field, ty));
        }
        Err(_) => {
            let near = suggest(&field.name.text, record.fields.iter().map(|known| known.name.as_str()));
            found.push(report::refined_unknown(tool, &field.name, near));
        }
    }
}

fn sharpen(tool: &str, known: &mut Field, field: &tree::Field, found: &mut Vec<Diagnostic>) {
    if known.required && field.optional {
        found.push(report::refined_looser(&field.name.text, "the schema requires it, so `?` cannot stand here", field.span));
        return;
    }
    let before = found.len();
    let Some(ty) = refined(tool, &known.ty, &field.ty, found) else {
        if found.len() == before {
            found.push(report::refined_looser(&field.name.text, "some of its values are none of the type before", field.ty.span));
        }
        return;
    };
    let default = known.default.as_ref().map(|default| as_value(default, &ty));
    match default {
        Some(Err(why)) => {
            let why = format!("its default {why}");
            found.push(report::refined_looser(&field.name.text, &why, field.ty.span));
        }
        Some(Ok(default)) => (known.ty, known.default) = (ty, Some(default)),
        None => known.ty = ty,
    }
}

/// The refined type; nothing where it is no refinement, or a part of it has been reported.
fn refined(tool: &str, known: &Type, wanted: &tree::TypeExpr, found: &mut Vec<Diagnostic>) -> Option<Type> {
    match (known, &wanted.kind) {
        (Type::List(known), tree::TypeKind::List(wanted)) => {
            refined(tool, known, wanted, found).map(|element| Type::List(Box::new(element)))
        }
        (Type::Record(known), tree::TypeKind::Record(fields)) => {
            let before = found.len();
            let mut record = known.clone();
            refine(tool, &mut record, &mut Already::new(), fields, found);
            (found.len() == before).then_some(Type::Record(record))
        }
        _ => {
            let before = found.len();
            let ty = types::declared(wanted, found);
            (found.len() == before && sharper(known, &ty)).then_some(ty)
        }
    }
}

fn sharper(known: &Type, wanted: &Type) -> bool {
    match (known, wanted) {
        (Type::Json(_), _) => true,
        (Type::String, Type::Enum(_) | Type::Email | Type::Url | Type::Path | Type::Ip | Type::Timestamp | Type::Duration) => true,
        (Type::Enum(known), Type::Enum(wanted)) => wanted.iter().all(|member| known.contains(member)),
        (Type::Int { lo, hi }, Type::Int { lo: least, hi: greatest }) => lo <= least && greatest <= hi,
        (Type::Number, Type::Int { .. }) => true,
        _ => same(known, wanted),
    }
}

/// A default as a value of the refined type, or how it fails to be one.
fn as_value(default: &Literal, ty: &Type) -> Result<Literal, String> {
    match (default, ty) {
        (Scalar::String(text), _) => of_text(text, ty),
        (Scalar::Number(text), Type::Int { lo, hi }) => match text.parse::<i64>() {
            Ok(value) if (*lo..=*hi).contains(&value) => Ok(Scalar::Int(value)),
            _ => Err(format!("`{text}` is no such int")),
        },
        (Scalar::Int(value), Type::Int { lo, hi }) if !(lo..=hi).contains(&value) => Err(format!("`{value}` lies outside")),
        _ => Ok(default.clone()),
    }
}

fn of_text(text: &str, ty: &Type) -> Result<Literal, String> {
    let normal = |write: fn(&str, &mut String) -> Result<(), DomainError>| {
        let mut out = String::new();
        write(text, &mut out).map(|()| Scalar::String(out))
    };
    let value = match ty {
        Type::Email => normal(email::normalise),
        Type::Url => normal(url::normalise),
        Type::Path => normal(path::normalise),
        Type::Ip => normal(ip::normalise),
        Type::Timestamp => time::parse_timestamp(text).map(Scalar::Timestamp),
        Type::Duration => time::parse_duration(text).map(Scalar::Duration),
        Type::Enum(members) if !members.iter().any(|member| member == text) => {
            return Err(format!("`{}` is no member", types::shown(text)));
        }
        _ => Ok(Scalar::String(text.to_owned())),
    };
    value.map_err(|fault| format!("`{}` {fault}", types::shown(text)))
}
