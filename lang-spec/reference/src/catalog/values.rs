//! Values that a schema lists, bounds of ints, and defaults.
//!
//! Source: `lang-spec/catalogs.md`, [catalog.file] on numbers, *Values*, *Ints* and *Default* of [catalog.read].

use super::unite::Reading;
use crate::decimal::Decimal;
use crate::json::Json;
use crate::types::{Literal, Type};

/// A number of a catalog.
enum Number {
    Exact(i64),
    Double(f64),
}

fn number(value: &Json) -> Option<Number> {
    let Json::Number(text) = value else { return None };
    let whole = !text.contains(['.', 'e', 'E']);
    match text.parse() {
        Ok(exact) if whole => Some(Number::Exact(exact)),
        _ => text.parse().ok().map(Number::Double),
    }
}

/// The whole number that fits 64 bits; one with a fraction of zero is whole.
fn whole(value: &Json) -> Option<i64> {
    match number(value)? {
        Number::Exact(value) => Some(value),
        Number::Double(value) => Decimal::parse(&format!("{value:e}"))?.to_int(),
    }
}

/// The type of the values that a `type`, if there is one, admits.
pub(super) fn listed(values: &[&Json], ty: Option<&str>) -> Reading {
    let admitted = values.iter().filter(|value| match ty {
        None => true,
        Some("string") => value.text().is_some(),
        Some("boolean") => matches!(value, Json::Bool(_)),
        Some("integer") => whole(value).is_some(),
        Some(_) => number(value).is_some(),
    });
    let (nulls, rest): (Vec<&Json>, Vec<&Json>) = admitted.copied().partition(|value| **value == Json::Null);
    let null = !nulls.is_empty();
    if rest.is_empty() {
        return if null { Reading::NULL } else { Reading::JSON };
    }
    kind(&rest).map_or(Reading::JSON, |ty| Reading { ty: Some(ty), null })
}

fn kind(values: &[&Json]) -> Option<Type> {
    if let Some(texts) = all(values, Json::text) {
        return Some(Type::enumeration(texts.into_iter().map(str::to_owned).collect()));
    }
    if values.iter().all(|value| matches!(value, Json::Bool(_))) {
        return Some(Type::Bool);
    }
    if let Some(wholes) = all(values, whole) {
        return Some(Type::Int(*wholes.iter().min()?, *wholes.iter().max()?));
    }
    values.iter().all(|value| number(value).is_some()).then_some(Type::Number)
}

fn all<'j, T>(values: &[&'j Json], read: impl Fn(&'j Json) -> Option<T>) -> Option<Vec<T>> {
    values.iter().map(|value| read(value)).collect()
}

/// The type of `integer`, by its bounds; what is no number there is not read.
pub(super) fn ints(schema: &Json) -> Reading {
    let bound = |name| schema.get(name).and_then(number);
    let exclusive = |name| schema.get(name) == Some(&Json::Bool(true));
    let mut lo = i128::from(i64::MIN);
    let mut hi = i128::from(i64::MAX);
    if let Some(minimum) = bound("minimum") {
        lo = lo.max(if exclusive("exclusiveMinimum") { down(&minimum).saturating_add(1) } else { up(&minimum) });
    }
    if let Some(above) = bound("exclusiveMinimum") {
        lo = lo.max(down(&above).saturating_add(1));
    }
    if let Some(maximum) = bound("maximum") {
        hi = hi.min(if exclusive("exclusiveMaximum") { up(&maximum).saturating_sub(1) } else { down(&maximum) });
    }
    if let Some(below) = bound("exclusiveMaximum") {
        hi = hi.min(up(&below).saturating_sub(1));
    }
    // Bounds beyond 64 bits are cut to 64 bits.
    let cut = |bound: i128| i64::try_from(bound).unwrap_or(if bound < 0 { i64::MIN } else { i64::MAX });
    let (lo, hi) = (cut(lo), cut(hi));
    if lo > hi { Reading::JSON } else { Reading::of(Type::Int(lo, hi)) }
}

/// The greatest whole number that is not greater; far ones are as far as 128 bits go.
fn down(number: &Number) -> i128 {
    match number {
        Number::Exact(value) => i128::from(*value),
        Number::Double(value) => value.floor() as i128,
    }
}

/// The least whole number that is not less.
fn up(number: &Number) -> i128 {
    match number {
        Number::Exact(value) => i128::from(*value),
        Number::Double(value) => value.ceil() as i128,
    }
}

/// The default as a value of the type; nothing where it is none.
pub(super) fn default(value: &Json, ty: &Type) -> Option<Literal> {
    match (ty, value) {
        (Type::Bool, Json::Bool(value)) => Some(Literal::Bool(*value)),
        (Type::Int(lo, hi), value) => whole(value).filter(|value| (lo..=hi).contains(&value)).map(Literal::Int),
        (Type::Number, value) => match number(value)? {
            Number::Exact(value) => Some(Literal::Number(value.to_string())),
            // The shortest decimal that reads back as the same double.
            Number::Double(value) => Decimal::parse(&format!("{value:e}")).map(|decimal| Literal::Number(decimal.plain())),
        },
        (Type::String, Json::String(Some(text))) => Some(Literal::String(text.clone())),
        (Type::Enum(members), Json::String(Some(text))) if members.contains(text) => Some(Literal::String(text.clone())),
        _ => None,
    }
}
