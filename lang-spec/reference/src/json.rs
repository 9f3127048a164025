//! JSON read strictly, with what a careless reader would hide.
//!
//! In: text. Out: a [`Json`] that keeps the text of numbers, every member of an object (twice where it stands twice) and the fact that a string held a
//! lone surrogate. Invariant: [`Json::sound`] is false wherever two readers could differ; the caller says what that means.
//! Source: language section 3 (duplicate keys, lone surrogates); RFC 8259.

use std::collections::BTreeSet;

use crate::decimal::Decimal;

/// A JSON value. A string is nothing where it holds a lone surrogate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    String(Option<String>),
    Array(Vec<Json>),
    /// In the order of the text.
    Object(Vec<(Option<String>, Json)>),
}

/// How deep a text may nest before it is no text at all; what a reader makes of less is its own affair.
const READ_DEPTH: usize = 1_000;

/// Reads one value and nothing after it.
pub(crate) fn parse(text: &str) -> Option<Json> {
    let mut reader = Reader { rest: text };
    reader.space();
    let value = reader.value(READ_DEPTH)?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

impl Json {
    /// Whether every string is text and no object has a member twice, all the way down.
    pub(crate) fn sound(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => true,
            Self::String(text) => text.is_some(),
            Self::Array(items) => items.iter().all(Self::sound),
            Self::Object(members) => {
                let mut seen = BTreeSet::new();
                members.iter().all(|(key, value)| key.as_ref().is_some_and(|key| seen.insert(key)) && value.sound())
            }
        }
    }

    /// Whether no string, all the way down, holds a lone surrogate.
    pub(crate) fn is_text(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => true,
            Self::String(text) => text.is_some(),
            Self::Array(items) => items.iter().all(Self::is_text),
            Self::Object(members) => members.iter().all(|(key, value)| key.is_some() && value.is_text()),
        }
    }

    /// How deep it nests; a value without parts is 0.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Array(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// The same value with members by name and numbers in normal form, where they have one.
    pub(crate) fn canonical(&self) -> Self {
        match self {
            Self::Number(text) => Self::Number(Decimal::parse(text).map_or_else(|| text.clone(), |number| number.plain())),
            Self::Array(items) => Self::Array(items.iter().map(Self::canonical).collect()),
            Self::Object(members) => {
                let mut members: Vec<(Option<String>, Self)> =
                    members.iter().map(|(key, value)| (key.clone(), value.canonical())).collect();
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                Self::Object(members)
            }
            other => other.clone(),
        }
    }

    /// The first member of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.members().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = match self {
            Self::Object(members) => members.as_slice(),
            _ => &[],
        };
        members.iter().filter_map(|(key, value)| key.as_deref().map(|key| (key, value)))
    }

    /// The text of a string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) => text.as_deref(),
            _ => None,
        }
    }

    /// The items of an array.
    pub(crate) fn items(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn take(&mut self, wanted: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        match self.rest.chars().next()? {
            '{' => self.object(depth.checked_sub(1)?),
            '[' => self.array(depth.checked_sub(1)?),
            '"' => self.string().map(Json::String),
            't' => self.take("true").map(|()| Json::Bool(true)),
            'f' => self.take("false").map(|()| Json::Bool(false)),
            'n' => self.take("null").map(|()| Json::Null),
            _ => self.number(),
        }
    }

    fn array(&mut self, depth: usize) -> Option<Json> {
        self.take("[")?;
        self.space();
        let mut items = Vec::new();
        if self.take("]").is_some() {
            return Some(Json::Array(items));
        }
        loop {
            self.space();
            items.push(self.value(depth)?);
            self.space();
            if self.take("]").is_some() {
                return Some(Json::Array(items));
            }
            self.take(",")?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        self.take("{")?;
        self.space();
        let mut members = Vec::new();
        if self.take("}").is_some() {
            return Some(Json::Object(members));
        }
        loop {
            self.space();
            let key = self.string()?;
            self.space();
            self.take(":")?;
            self.space();
            members.push((key, self.value(depth)?));
            self.space();
            if self.take("}").is_some() {
                return Some(Json::Object(members));
            }
            self.take(",")?;
        }
    }

    fn number(&mut self) -> Option<Json> {
        let end = self.rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(self.rest.len());
        let (text, after) = self.rest.split_at_checked(end)?;
        is_number(text).then_some(())?;
        self.rest = after;
        Some(Json::Number(text.to_owned()))
    }

    /// The outer option is syntax, the inner one is a lone surrogate.
    fn string(&mut self) -> Option<Option<String>> {
        self.take("\"")?;
        let mut units: Vec<u16> = Vec::new();
        loop {
            let c = self.rest.chars().next()?;
            self.rest = self.rest.get(c.len_utf8()..)?;
            match c {
                '"' => return Some(String::from_utf16(&units).ok()),
                '\\' => units.push(self.escape()?),
                c if u32::from(c) < 0x20 => return None,
                c => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..)?;
        let plain = match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unit(),
            _ => return None,
        };
        u16::try_from(u32::from(plain)).ok()
    }

    fn unit(&mut self) -> Option<u16> {
        let (digits, after) = self.rest.split_at_checked(4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
        self.rest = after;
        u16::from_str_radix(digits, 16).ok()
    }
}

fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (text, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole) && digits(fraction) && digits(exponent) && (whole == "0" || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text() {
        for text in ["0", "-0", "1.50", "1e+5", "10000000000000000000000"] {
            assert_eq!(parse(text), Some(Json::Number(text.into())));
        }
        for text in ["01", "1.", ".5", "+1", "1e", "0x1", "NaN", "--1", "1-1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_readers_differ_on_is_not_sound() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, r#"["\ud83e"]"#, r#"{"\udc00":1}"#, r#""\udc00\ud83e""#] {
            let json = parse(text);
            assert!(json.is_some_and(|json| !json.sound()), "{text}");
        }
        assert!(parse(r#"{"a":"\ud83e\uddf1","b":{"a":1}}"#).is_some_and(|json| json.sound()));
    }

    #[test]
    fn syntax_is_strict() {
        for text in ["", "{", "[1,]", "{\"a\":1,}", "'a'", "\"\n\"", "1 2", "\"\\x\"", "\u{feff}1"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_none());
    }
}
