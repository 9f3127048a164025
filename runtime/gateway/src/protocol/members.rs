//! The members of an object, each as the bytes that stand there.
//!
//! In: the text of an object that is [`Plain`](super::Plain). Out: [`Members`]. Invariants: order and spelling of values stay; a name that differs
//! from one that is asked for only by case is refused.
//! Source: language section 3 ("keys that differ from a declared one only by case").

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::strict::Malformed;

/// The members of an object in their order.
#[derive(Clone, Debug, Default)]
pub struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Takes an object apart.
    ///
    /// # Errors
    /// [`Malformed`]: it is no object.
    pub fn of(text: &'a str) -> Result<Self, Malformed> {
        serde_json::from_str(text).map_err(|error| Malformed(error.to_string()))
    }

    /// The member of a name.
    ///
    /// # Errors
    /// [`Malformed`]: another name differs from it only by case.
    pub fn get(&self, name: &str) -> Result<Option<&'a RawValue>, Malformed> {
        let mut found = None;
        for (other, value) in &self.0 {
            if other == name {
                found = Some(*value);
            } else if alike(other, name) {
                return Err(Malformed(format!("`{other}` differs from `{name}` only by case")));
            }
        }
        Ok(found)
    }

    /// The text of a member that is to be a string.
    ///
    /// # Errors
    /// [`Malformed`]: it is none, or another name differs from it only by case.
    pub fn text(&self, name: &str) -> Result<Option<String>, Malformed> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        serde_json::from_str(value.get()).map(Some).map_err(|_| Malformed(format!("`{name}` is no string")))
    }

    /// A member that is an object, taken apart; an absent one is empty.
    ///
    /// # Errors
    /// [`Malformed`]: it is no object, or another name differs from it only by case.
    pub fn object(&self, name: &str) -> Result<Self, Malformed> {
        match self.get(name)? {
            None => Ok(Self::default()),
            Some(value) => Self::of(value.get()).map_err(|_| Malformed(format!("`{name}` is no object"))),
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<Name<'de>>()? {
                    members.push((name.0, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// Whether two names, which are not the same, are in some reader's eyes. The names that are asked for are ASCII; letters beyond it that fold into it are `ſ` and the Kelvin sign.
fn alike(other: &str, name: &str) -> bool {
    if other.is_ascii() {
        other.eq_ignore_ascii_case(name)
    } else {
        other.len() <= name.len() * 3 && other.to_lowercase().replace('ſ', "s") == name.to_lowercase()
    }
}

/// A name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Name<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

/// An object of these members.
#[must_use]
pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::from("{");
    for (name, value) in members {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&quoted(name));
        text.push(':');
        text.push_str(value);
    }
    text.push('}');
    text
}

/// A string as JSON.
#[must_use]
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Members, object, quoted};

    #[test]
    fn values_keep_their_spelling() {
        let members = Members::of(r#" {"a": 1.50 , "b\u0062":{ "x" : [ ] }} "#).unwrap();
        assert_eq!(members.get("a").unwrap().unwrap().get(), "1.50");
        assert_eq!(members.get("bb").unwrap().unwrap().get(), r#"{ "x" : [ ] }"#);
        assert!(members.get("c").unwrap().is_none());
        assert_eq!(object(members.iter().map(|(name, value)| (name, value.get()))), r#"{"a":1.50,"bb":{ "x" : [ ] }}"#);
    }

    #[test]
    fn another_case_is_refused() {
        let members = Members::of(r#"{"Method":"a","method":"b"}"#).unwrap();
        assert!(members.get("method").is_err());
        assert!(Members::of("[]").is_err());
        assert_eq!(quoted("a\"\n"), r#""a\"\n""#);
    }
}
