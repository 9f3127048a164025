//! Raw JSON arguments: strictness, exact texts, bounds, and acceptance held against another parser.

mod differential;
mod strict;

use leverframe_runtime::arguments::{ArgumentError, Arguments, Stop, Token, TokenSink};
use leverframe_runtime::json::RawJson;

/// A sink that prints its tokens, one after the other, and stops after so many.
struct Printed {
    text: String,
    left: usize,
}

impl TokenSink for Printed {
    fn token(&mut self, token: Token<'_>) -> Result<(), Stop> {
        self.left = self.left.checked_sub(1).ok_or(Stop)?;
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(&match token {
            Token::Null => "null".into(),
            Token::Bool(value) => format!("{value}"),
            Token::Number(text) => text.into(),
            Token::String(text) => format!("{text:?}"),
            Token::Key(text) => format!("{text:?}:"),
            Token::BeginArray => "[".into(),
            Token::EndArray => "]".into(),
            Token::BeginObject => "{".into(),
            Token::EndObject => "}".into(),
        });
        Ok(())
    }
}

/// The tokens of `bytes`, printed.
fn tokens(bytes: &[u8]) -> Result<String, ArgumentError> {
    let mut sink = Printed { text: String::new(), left: usize::MAX };
    RawJson(bytes).visit(&mut sink)?;
    Ok(sink.text)
}
