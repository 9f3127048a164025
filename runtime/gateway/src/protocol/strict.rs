//! One walk over a message before anything of it is believed.
//!
//! In: bytes. Out: [`Plain`] text, or why they are refused. Invariants: it is one JSON value in UTF-8, as the engine's own reader reads it, in which no object has a
//! name twice and no string a lone surrogate, written without white space: so it has no line's end, and can neither end a line nor begin a message.
//! Source: RFC 8259 sections 4 and 8.2; language section 3 ("Declarations").

use std::collections::HashSet;

use leverframe_runtime::arguments::Stop;
use leverframe_runtime::{ArgumentError, Arguments, RawJson, Token, TokenSink};

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is not plain JSON: {0}")]
pub struct Malformed(pub String);

/// JSON that was read strictly: no name twice, no lone surrogate, and no white space outside of strings, so that it has no line's end and stands in a line of its own
/// wherever it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain(String);

impl Plain {
    /// Refuses whatever two parsers could read differently.
    ///
    /// # Errors
    /// [`Malformed`], with the place.
    pub fn of(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut open = Open::default();
        RawJson(bytes).visit(&mut open).map_err(|error| {
            Malformed(match error {
                ArgumentError::Stopped => format!("the name `{}` stands twice in one object", open.twice.escape_debug()),
                malformed @ ArgumentError::Malformed { .. } => malformed.to_string(),
            })
        })?;
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed("no UTF-8".to_owned()))?;
        Ok(Self(bare(text)))
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A JSON text without its white space. In strings there is none that a line could end at: control characters are escaped there.
fn bare(text: &str) -> String {
    let (mut out, mut from, mut inside, mut escaped) = (String::with_capacity(text.len()), 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b' ' | b'\t' | b'\r' | b'\n' if !inside => {
                out.push_str(text.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// The objects that are open, each with its names.
#[derive(Default)]
struct Open {
    objects: Vec<Names>,
    twice: String,
}

impl TokenSink for Open {
    fn token(&mut self, token: Token<'_>) -> Result<(), Stop> {
        match token {
            Token::BeginObject => self.objects.push(Names::default()),
            Token::EndObject => {
                self.objects.pop();
            }
            Token::Key(name) => {
                if !self.objects.last_mut().is_some_and(|names| names.add(name)) {
                    name.clone_into(&mut self.twice);
                    return Err(Stop);
                }
            }
            Token::Null | Token::Bool(_) | Token::Number(_) | Token::String(_) | Token::BeginArray | Token::EndArray => {}
        }
        Ok(())
    }
}

/// The names of an object: few of them are compared one by one.
#[derive(Default)]
struct Names {
    few: Vec<String>,
    many: HashSet<String>,
}

impl Names {
    const FEW: usize = 12;

    /// Whether it was not there before.
    fn add(&mut self, name: &str) -> bool {
        if self.many.is_empty() && self.few.len() < Self::FEW {
            let new = self.few.iter().all(|other| other != name);
            self.few.push(name.to_owned());
            return new;
        }
        self.many.extend(self.few.drain(..));
        self.many.insert(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Plain;

    #[test]
    fn plain_messages_pass() {
        for text in ["{}", r#"{"a":{"b":[1,2.5e400,-0,null,true,"x\u00e9\ud83d\ude00"]},"c":{"b":1}}"#, "[]", " 1 "] {
            assert!(Plain::of(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn white_space_is_gone_but_in_strings() {
        let text = " { \"a b\" :\n[ 1 ,\r\n\t\"x \\\" y\\\\\" , \"\\u000a\" ] } ";
        let plain = Plain::of(text.as_bytes()).expect("plain JSON");
        assert_eq!(plain.text(), "{\"a b\":[1,\"x \\\" y\\\\\",\"\\u000a\"]}");
        let (one, other): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(text).expect("JSON"), serde_json::from_str(plain.text()).expect("JSON"));
        assert_eq!(one, other);
    }

    #[test]
    fn what_parsers_read_differently_is_refused() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        let many: String = (0..40).map(|n| format!("\"k{n}\":1,")).collect();
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"{"x":[{"a":1,"\u0061":2}]}"#,
            r#"{"a":"\ud800"}"#,
            "{\"a\":\"\u{1}\"}",
            "{} {}",
            "",
            "{\"a\":1,}",
            "NaN",
            &deep,
            &format!("{{{many}\"k7\":1}}"),
        ] {
            assert!(Plain::of(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Plain::of(b"{\"a\":\"\xff\"}").is_err());
    }
}
