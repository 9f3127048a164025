//! Arguments as values of their types.
//!
//! In: JSON and a type. Out: a value, or nothing where the JSON does not fit. Invariant: nothing is coerced; a value of a domain type is its normal form.
//! Source: language section 3 ("A call whose arguments do not fit …") and section 9 ("Normal forms").

use std::collections::BTreeMap;

use crate::decimal::Decimal;
use crate::domain;
use crate::json::Json;
use crate::limits::JSON_DEPTH;
use crate::types::{Literal, Record, Type};

/// A value that conditions read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Absent,
    Bool(bool),
    /// Also a time or a duration in milliseconds.
    Int(i64),
    Number(Decimal),
    Text(String),
    List(Vec<Value>),
    Record(Fields),
    /// Conditions know only that it is there.
    Opaque(Json),
    /// A field of a result that is there and does not fit its type.
    Broken,
}

/// The fields of a record by name.
pub(crate) type Fields = BTreeMap<String, Value>;

/// What conditions read of a result: a field that is not there, or null, is absent, whatever its declaration says of its presence ([var.meaning]).
pub(crate) fn result(structured: Option<&Json>, record: &Record) -> Fields {
    let Some(structured) = structured.filter(|json| **json != Json::Null) else { return Fields::new() };
    let readable = matches!(structured, Json::Object(_)) && structured.is_text() && structured.depth() <= JSON_DEPTH;
    let field = |field: &crate::types::Field| {
        let mut given = structured.members().filter(|(key, _)| *key == field.name);
        let value = match (given.next(), given.next()) {
            _ if !readable => Value::Broken,
            (None, _) => Value::Absent,
            (Some((_, Json::Null)), None) => Value::Absent,
            (Some((_, value)), None) => in_result(value, &field.ty),
            (Some(_), _) => Value::Broken,
        };
        (field.name.clone(), value)
    };
    record.fields.iter().map(field).collect()
}

/// A value inside a result: each field and each element stands for itself.
fn in_result(json: &Json, ty: &Type) -> Value {
    match (ty, json) {
        (Type::Record(record), Json::Object(_)) => Value::Record(result(Some(json), record)),
        (Type::List(element), Json::Array(items)) => {
            let item = |item: &Json| if *item == Json::Null { Value::Broken } else { in_result(item, element) };
            Value::List(items.iter().map(item).collect())
        }
        (ty, json) => fit(json, ty).unwrap_or(Value::Broken),
    }
}

/// The arguments of a call or an event.
pub(crate) fn arguments(json: &Json, record: &Record) -> Option<Fields> {
    if !json.sound() || json.depth() > JSON_DEPTH {
        return None;
    }
    fields(json, record)
}

/// One context field; nothing where it is missing, given twice or ill-typed, or where the context is no text that a strict reader takes.
pub(crate) fn supplied(context: &Json, name: &str, ty: &Type) -> Option<Value> {
    if !context.is_text() || context.depth() > JSON_DEPTH {
        return None;
    }
    let mut given = context.members().filter(|(key, _)| *key == name);
    let (_, value) = given.next()?;
    let well_formed = given.next().is_none() && value.sound() && *value != Json::Null;
    well_formed.then(|| fit(value, ty))?
}

fn fit(json: &Json, ty: &Type) -> Option<Value> {
    match (ty, json) {
        (Type::Json, json) => Some(Value::Opaque(json.canonical())),
        (Type::Bool, Json::Bool(value)) => Some(Value::Bool(*value)),
        (Type::Int(lo, hi), Json::Number(text)) => {
            Decimal::parse(text)?.to_int().filter(|value| (lo..=hi).contains(&value)).map(Value::Int)
        }
        (Type::Number, Json::Number(text)) => Decimal::parse(text).map(Value::Number),
        (Type::List(element), Json::Array(items)) => {
            let items: Option<Vec<Value>> = items.iter().map(|item| fit(item, element)).collect();
            items.map(Value::List)
        }
        (Type::Record(record), json) => fields(json, record).map(Value::Record),
        (ty, Json::String(Some(text))) => fit_text(text, ty),
        _ => None,
    }
}

fn fit_text(text: &str, ty: &Type) -> Option<Value> {
    let text = match ty {
        Type::String => Some(text.to_owned()),
        Type::Enum(members) => members.iter().find(|member| *member == text).cloned(),
        Type::Email => domain::email::normal(text),
        Type::Url => domain::url::normal(text),
        Type::Path => domain::path::normal(text),
        Type::Ip => domain::ip::normal(text),
        Type::Timestamp => return domain::time::timestamp(text).map(Value::Int),
        Type::Duration => return domain::time::duration(text).map(Value::Int),
        _ => None,
    };
    text.map(Value::Text)
}

fn fields(json: &Json, record: &Record) -> Option<Fields> {
    let Json::Object(_) = json else { return None };
    for (key, _) in json.members().filter(|(key, _)| record.field(key).is_none()) {
        // A key that differs from a declared one only by case is a trick, not a new argument.
        if !record.open || record.fields.iter().any(|field| fold(&field.name) == fold(key)) {
            return None;
        }
    }
    let mut values = Fields::new();
    let undeclared = json.members().filter(|(key, _)| record.field(key).is_none());
    values.extend(undeclared.map(|(key, value)| (key.to_owned(), Value::Opaque(value.canonical()))));
    for field in &record.fields {
        let value = match (json.get(&field.name), &field.default) {
            (Some(Json::Null), _) if field.nullable => Value::Absent,
            // An opaque value may be anything but what no schema allows.
            (Some(Json::Null), _) => return None,
            (Some(given), _) => fit(given, &field.ty)?,
            (None, _) if field.required => return None,
            (None, Some(default)) => literal(default),
            (None, None) => Value::Absent,
        };
        values.insert(field.name.clone(), value);
    }
    Some(values)
}

/// The value of a literal.
pub(crate) fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) | Literal::Timestamp(value) | Literal::Duration(value) => Value::Int(*value),
        Literal::Number(text) => Decimal::parse_plain(text).map_or(Value::Absent, Value::Number),
        Literal::String(text) => Value::Text(text.clone()),
    }
}

/// A key as a reader that ignores case may see it: by way of upper case, since `ſ` is its own lower case and an `S` all the same.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Every character by its lower-case mapping, without context.
pub(crate) fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}
