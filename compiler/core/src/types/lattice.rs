//! How types relate: what compares with what, what a parameter takes, how a type is called in a sentence.
//!
//! In: types. Out: the type a comparison reads its sides as, or nothing where they do not compare.
//! Invariant: a domain type compares with itself only, so a normal form never meets a text that has none.
//! Source: language sections 3 and 4; `lang-spec/core-form.md`, [core.cond].

use crate::core::{Field, Record, Type, TypeTag};

/// The full range of an int.
pub(crate) const INT: Type = Type::Int { lo: i64::MIN, hi: i64::MAX };

/// What two values compare as; none where they do not compare.
pub(crate) fn compared(left: &Type, right: &Type) -> Option<TypeTag> {
    let (left, right) = (tag(left)?, tag(right)?);
    match (left, right) {
        _ if left == right => Some(left),
        (TypeTag::Int, TypeTag::Number) | (TypeTag::Number, TypeTag::Int) => Some(TypeTag::Number),
        _ => None,
    }
}

/// What values of a type compare as; none where it has parts or is opaque.
pub(crate) fn tag(ty: &Type) -> Option<TypeTag> {
    match ty {
        Type::Bool => Some(TypeTag::Bool),
        Type::Int { .. } => Some(TypeTag::Int),
        Type::Number => Some(TypeTag::Number),
        Type::String | Type::Enum(_) => Some(TypeTag::String),
        Type::Email => Some(TypeTag::Email),
        Type::Url => Some(TypeTag::Url),
        Type::Path => Some(TypeTag::Path),
        Type::Ip => Some(TypeTag::Ip),
        Type::Timestamp => Some(TypeTag::Timestamp),
        Type::Duration => Some(TypeTag::Duration),
        Type::Json(_) | Type::List(_) | Type::Record(_) => None,
    }
}

/// Whether values of the type have an order that `<` can speak of.
pub(crate) fn ordered(tag: TypeTag) -> bool {
    matches!(tag, TypeTag::Int | TypeTag::Number | TypeTag::Timestamp | TypeTag::Duration)
}

/// Whether a value of the type is one text.
pub(crate) fn textual(ty: &Type) -> bool {
    matches!(ty, Type::String | Type::Enum(_) | Type::Email | Type::Url | Type::Path | Type::Ip)
}

/// Whether every value of `given` is one of `wanted`.
pub(crate) fn fits(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (Type::Int { lo, hi }, Type::Int { lo: least, hi: most }) => least <= lo && hi <= most,
        (Type::Int { .. }, Type::Number) | (Type::Enum(_), Type::String) | (Type::Json(_), Type::Json(_)) => true,
        (Type::Enum(members), Type::Enum(all)) => members.iter().all(|member| all.contains(member)),
        (Type::List(given), Type::List(wanted)) => fits(given, wanted),
        (Type::Record(given), Type::Record(wanted)) => record_fits(given, wanted),
        _ => given == wanted,
    }
}

/// Every field that `wanted` speaks of is there and fits; more may be.
fn record_fits(given: &Record, wanted: &Record) -> bool {
    wanted.fields.iter().all(|field| {
        field_of(given, &field.name).is_some_and(|found| fits(&found.ty, &field.ty) && (may_be_absent(field) || !may_be_absent(found)))
    })
}

/// The member of that name.
pub(crate) fn field_of<'a>(record: &'a Record, name: &str) -> Option<&'a Field> {
    record.fields.iter().find(|field| field.name == name)
}

/// Whether a condition may find nothing where the field should be; one with a default is judged by that.
pub(crate) fn may_be_absent(field: &Field) -> bool {
    (!field.required || field.nullable) && field.default.is_none()
}

/// A type as a sentence calls it, with its article.
pub(crate) fn describe(ty: &Type) -> String {
    match ty {
        Type::Bool => "a bool".into(),
        Type::Int { .. } => "an int".into(),
        Type::Number => "a number".into(),
        Type::String => "a string".into(),
        Type::Enum(_) => "an enumeration".into(),
        Type::Email => "an email".into(),
        Type::Url => "a url".into(),
        Type::Path => "a path".into(),
        Type::Ip => "an ip".into(),
        Type::Timestamp => "a timestamp".into(),
        Type::Duration => "a duration".into(),
        Type::Json(_) => "json".into(),
        Type::List(element) => match &**element {
            Type::Record(_) => "a list of records".into(),
            element => format!("a list of {}", plural(element)),
        },
        Type::Record(_) => "a record".into(),
    }
}

fn plural(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bools",
        Type::Int { .. } => "ints",
        Type::Number => "numbers",
        Type::String => "strings",
        Type::Enum(_) => "enumerated strings",
        Type::Email => "emails",
        Type::Url => "urls",
        Type::Path => "paths",
        Type::Ip => "ips",
        Type::Timestamp => "timestamps",
        Type::Duration => "durations",
        Type::Json(_) => "json values",
        Type::List(_) => "lists",
        Type::Record(_) => "records",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ints_mix_with_numbers_and_nothing_else() {
        assert_eq!(compared(&INT, &Type::Number), Some(TypeTag::Number));
        assert_eq!(compared(&INT, &Type::String), None);
        assert_eq!(compared(&Type::Email, &Type::String), None);
        assert_eq!(compared(&Type::Enum(vec!["a".into()]), &Type::String), Some(TypeTag::String));
        assert_eq!(compared(&Type::Json(None), &Type::Json(None)), None);
    }

    #[test]
    fn a_wider_int_does_not_fit_a_narrower_parameter() {
        let narrow = Type::Int { lo: 0, hi: 9 };
        assert!(fits(&narrow, &INT));
        assert!(!fits(&INT, &narrow));
    }

    #[test]
    fn a_record_with_more_fields_fits_and_one_with_an_optional_for_a_required_does_not() {
        let field = |required| Field { name: "f".into(), ty: Type::Bool, required, nullable: false, default: None };
        let record = |fields| Type::Record(Record { open: false, fields });
        assert!(fits(&record(vec![field(true)]), &record(vec![])));
        assert!(fits(&record(vec![field(true)]), &record(vec![field(false)])));
        assert!(!fits(&record(vec![field(false)]), &record(vec![field(true)])));
    }
}
