//! The defaults of fields.
//!
//! In: a JSON value and the field's type. Out: the literal, if it is a value of the type. Source: `lang-spec/catalogs.md`, [catalog.read], *Default*.

use super::json::Json;
use crate::core::{Literal, Scalar, Type};

/// The value as a literal of the type; nothing where it is none of its values, or the type is no scalar of JSON.
pub(super) fn literal(value: &Json, ty: &Type) -> Option<Literal> {
    match (ty, value) {
        (Type::Bool, Json::Bool(value)) => Some(Scalar::Bool(*value)),
        (Type::Int { lo, hi }, value) => value.whole().filter(|whole| (lo..=hi).contains(&whole)).map(Scalar::Int),
        (Type::Number, Json::Int(value)) => Some(Scalar::Number(value.to_string())),
        (Type::Number, Json::Double(value)) => Some(Scalar::Number(decimal(*value))),
        (Type::String, Json::Text(text)) => Some(Scalar::String(text.clone())),
        (Type::Enum(members), Json::Text(text)) if members.contains(text) => Some(Scalar::String(text.clone())),
        _ => None,
    }
}

/// The shortest decimal that reads back as the double, in normal form.
fn decimal(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn a_double_is_written_in_normal_form() {
        assert_eq!(decimal(-0.0), "0");
        assert_eq!(decimal(0.1), "0.1");
        assert_eq!(decimal(2.0), "2");
        assert_eq!(decimal(1e21), "1000000000000000000000");
        assert_eq!(decimal(-2.5e-7), "-0.00000025");
    }
}
