//! JSON of a catalog, read so that two readers cannot differ on it.
//!
//! In: text. Out: [`Json`]. Invariants: no object had a member twice; numbers that fit `i64` and are written without fraction and
//! exponent are exact; nesting is bounded by the reader (128). Left out: the order of members, which never matters here.
//! Source: `lang-spec/catalogs.md`, [catalog.file].

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::names::shown;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// The member of that name, if this is an object that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// Whether this is an object that has the member.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The elements, if this is an array.
    pub(crate) fn array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The string, if this is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as a 64-bit integer, if it is a whole number in range.
    pub(crate) fn whole(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Double(value) if value.fract() == 0.0 && (-TWO_63..TWO_63).contains(value) => Some(*value as i64),
            _ => None,
        }
    }

    /// Whether this is a number.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Double(_))
    }
}

const TWO_63: f64 = 9_223_372_036_854_775_808.0;

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Double(value as f64), Json::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Double(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = BTreeMap::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                let name = shown(&name);
                return Err(A::Error::custom(format_args!("the member `{name}` stands twice in one object")));
            }
            let value = members.next_value()?;
            object.insert(name, value);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    fn read(text: &str) -> Result<Json, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn a_member_given_twice_is_an_error_with_its_place() {
        let fault = read("{\"a\": 1,\n \"\\u0061\": 1}").unwrap_err();
        assert_eq!((fault.line(), fault.to_string().contains("`a` stands twice")), (2, true));
    }

    #[test]
    fn whole_numbers_are_exact_where_they_fit() {
        assert_eq!(read("9223372036854775807").unwrap(), Json::Int(i64::MAX));
        assert_eq!(read("9223372036854775808").unwrap().whole(), None);
        assert_eq!(read("2.0").unwrap().whole(), Some(2));
        assert_eq!(read("-9223372036854775808.0").unwrap().whole(), Some(i64::MIN));
        assert_eq!(read("2.5").unwrap().whole(), None);
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
