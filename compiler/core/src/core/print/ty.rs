//! The text of types and literals.
//!
//! In: a type or a literal. Out: its form. Invariant: an int of the full range prints as `int`, any other with both bounds.
//! Source: `lang-spec/core-form.md`, [core.type] and the literals of [core.cond].

use std::fmt::{self, Write};

use super::{Printer, Quoted};
use crate::core::{Field, Literal, Record, Scalar, Type};

impl Printer<'_> {
    pub(super) fn ty(&mut self, ty: &Type) -> fmt::Result {
        match ty {
            Type::Int { lo: i64::MIN, hi: i64::MAX } => self.raw("int"),
            Type::Int { lo, hi } => write!(self.out, "(int {lo} {hi})"),
            Type::Enum(members) => self.list("enum", members, |printer, member| printer.quoted(member)),
            Type::List(element) => {
                self.raw("(list ")?;
                self.ty(element)?;
                self.raw(")")
            }
            Type::Record(record) => self.record(record),
            simple => self.raw(simple_name(simple)),
        }
    }

    pub(super) fn record(&mut self, record: &Record) -> fmt::Result {
        let head = if record.open { "record open" } else { "record closed" };
        self.list(head, &record.fields, Self::field)
    }

    fn field(&mut self, field: &Field) -> fmt::Result {
        write!(self.out, "(field {} ", Quoted(&field.name))?;
        self.ty(&field.ty)?;
        self.raw(if field.required { " required" } else { " optional" })?;
        if field.nullable {
            self.raw(" nullable")?;
        }
        if let Some(default) = &field.default {
            self.raw(" (default ")?;
            self.literal(default)?;
            self.raw(")")?;
        }
        self.raw(")")
    }

    pub(super) fn literal(&mut self, literal: &Literal) -> fmt::Result {
        match literal {
            Scalar::Bool(value) => write!(self.out, "{value}"),
            Scalar::Int(value) => write!(self.out, "{value}"),
            Scalar::Number(text) => write!(self.out, "(number {})", Quoted(text)),
            Scalar::String(text) => self.quoted(text),
            Scalar::Timestamp(ms) => write!(self.out, "(timestamp {ms})"),
            Scalar::Duration(ms) => write!(self.out, "(duration {ms})"),
        }
    }
}

/// The name of a type that has no parts; the others are printed by the caller.
fn simple_name(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::Int { .. } => "int",
        Type::Number => "number",
        Type::String => "string",
        Type::Enum(_) => "enum",
        Type::Email => "email",
        Type::Url => "url",
        Type::Path => "path",
        Type::Ip => "ip",
        Type::Timestamp => "timestamp",
        Type::Duration => "duration",
        Type::Json(_) => "json",
        Type::List(_) => "list",
        Type::Record(_) => "record",
    }
}
