//! Types that follow from values and bounds: `enum`, `const`, `minimum` and their like.
//!
//! In: a schema object. Out: a [`Reading`], or the range of an `int`. Source: `lang-spec/catalogs.md`, [catalog.read], *Values* and *Ints*.

use super::json::Json;
use super::reading::Reading;
use crate::core::Type;

/// The values that `const` or `enum` lists, if one does.
pub(super) fn listed(schema: &Json) -> Option<Vec<&Json>> {
    if let Some(value) = schema.get("const") {
        return Some(vec![value]);
    }
    Some(schema.get("enum")?.array()?.iter().collect())
}

/// The type of the values that `type` (if there is one) admits.
pub(super) fn of_values(values: &[&Json], name: Option<&str>) -> Reading {
    let admitted: Vec<&Json> = values.iter().copied().filter(|value| admits(name, value)).collect();
    let (nulls, rest): (Vec<&Json>, Vec<&Json>) = admitted.into_iter().partition(|value| **value == Json::Null);
    if rest.is_empty() {
        return if nulls.is_empty() { Reading::json("enum") } else { Reading::null() };
    }
    match of_kind(&rest) {
        Some(ty) => Reading { ty: Some(ty), nullable: !nulls.is_empty() },
        None => Reading::json("enum"),
    }
}

fn admits(name: Option<&str>, value: &Json) -> bool {
    match name {
        None => true,
        Some("string") => value.text().is_some(),
        Some("boolean") => matches!(value, Json::Bool(_)),
        Some("integer") => value.whole().is_some(),
        Some("number") => value.is_number(),
        Some(_) => false,
    }
}

fn of_kind(values: &[&Json]) -> Option<Type> {
    if let Some(texts) = values.iter().map(|value| value.text()).collect::<Option<Vec<&str>>>() {
        return Some(enumeration(texts.into_iter().map(str::to_owned).collect()));
    }
    if values.iter().all(|value| matches!(value, Json::Bool(_))) {
        return Some(Type::Bool);
    }
    if let Some(wholes) = values.iter().map(|value| value.whole()).collect::<Option<Vec<i64>>>() {
        let (lo, hi) = (wholes.iter().min()?, wholes.iter().max()?);
        return Some(Type::Int { lo: *lo, hi: *hi });
    }
    values.iter().all(|value| value.is_number()).then_some(Type::Number)
}

/// An enumeration with its members by name, each once.
pub(super) fn enumeration(mut members: Vec<String>) -> Type {
    members.sort();
    members.dedup();
    Type::Enum(members)
}

/// The type of `integer`, by its bounds.
pub(super) fn ints(schema: &Json) -> Reading {
    let lo = lower(schema).clamp(i64::MIN.into(), i64::MAX.into());
    let hi = upper(schema).clamp(i64::MIN.into(), i64::MAX.into());
    match (i64::try_from(lo), i64::try_from(hi)) {
        (Ok(lo), Ok(hi)) if lo <= hi => Reading::of(Type::Int { lo, hi }),
        _ => Reading::json("minimum"),
    }
}

fn lower(schema: &Json) -> i128 {
    let inclusive = schema.get("minimum");
    let exclusive = schema.get("exclusiveMinimum");
    let above = |bound: Option<&Json>| bound.and_then(floor).map(|bound| bound.saturating_add(1));
    let at_least = if exclusive == Some(&Json::Bool(true)) { above(inclusive) } else { inclusive.and_then(ceiling) };
    i128::from(i64::MIN).max(at_least.unwrap_or(i128::MIN)).max(above(exclusive).unwrap_or(i128::MIN))
}

fn upper(schema: &Json) -> i128 {
    let inclusive = schema.get("maximum");
    let exclusive = schema.get("exclusiveMaximum");
    let below = |bound: Option<&Json>| bound.and_then(ceiling).map(|bound| bound.saturating_sub(1));
    let at_most = if exclusive == Some(&Json::Bool(true)) { below(inclusive) } else { inclusive.and_then(floor) };
    i128::from(i64::MAX).min(at_most.unwrap_or(i128::MAX)).min(below(exclusive).unwrap_or(i128::MAX))
}

fn floor(bound: &Json) -> Option<i128> {
    match bound {
        Json::Int(value) => Some((*value).into()),
        Json::Double(value) => Some(value.floor() as i128),
        _ => None,
    }
}

fn ceiling(bound: &Json) -> Option<i128> {
    match bound {
        Json::Int(value) => Some((*value).into()),
        Json::Double(value) => Some(value.ceil() as i128),
        _ => None,
    }
}
