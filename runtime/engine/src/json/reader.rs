//! The grammar of a JSON value over `hifijson`'s lexer, one step a token.
//!
//! In: bytes. Out: tokens to a sink. Invariant: the next step depends on the last token and the innermost open container
//! alone, so the reader needs neither recursion nor a stack of its own.
//! Source: RFC 8259, sections 2 to 7.

use alloc::string::String;
use core::str::from_utf8;

use hifijson::escape::{self, Lex as _};
use hifijson::num::LexWrite as _;
use hifijson::str::LexWrite as _;
use hifijson::token::Lex as _;
use hifijson::{Read as _, SliceLexer};
use memchr::memchr2;

use super::nesting::{Container, Nesting};
use crate::arguments::{ArgumentError, Defect, Token, TokenSink};

/// What the grammar wants next.
#[derive(Clone, Copy)]
enum Step {
    Value,
    FirstElement,
    FirstKey,
    Key,
    AfterValue,
    Done,
}

/// A reading in progress.
pub(super) struct Reader<'a, 's, S: ?Sized> {
    lexer: SliceLexer<'a>,
    /// The whole text; none where it is not all UTF-8, so that each string is looked at alone.
    text: Option<&'a str>,
    length: usize,
    nesting: Nesting,
    scratch: &'s mut String,
    sink: &'s mut S,
}

impl<'a, 's, S: TokenSink + ?Sized> Reader<'a, 's, S> {
    pub(super) fn new(bytes: &'a [u8], scratch: &'s mut String, sink: &'s mut S) -> Self {
        Self { lexer: SliceLexer::new(bytes), text: from_utf8(bytes).ok(), length: bytes.len(), nesting: Nesting::default(), scratch, sink }
    }

    /// Reads one value and the end of the bytes.
    pub(super) fn run(mut self) -> Result<(), ArgumentError> {
        let mut step = Step::Value;
        loop {
            step = match step {
                Step::Value => self.value()?,
                Step::FirstElement => self.first(b']', Step::Value)?,
                Step::FirstKey => self.first(b'}', Step::Key)?,
                Step::Key => self.key()?,
                Step::AfterValue => self.after_value()?,
                Step::Done => return Ok(()),
            };
        }
    }

    fn value(&mut self) -> Result<Step, ArgumentError> {
        match self.peek()? {
            b'"' => {
                self.lexer.take_next();
                self.string(|text| Token::String(text))
            }
            b'-' | b'0'..=b'9' => self.number(),
            b'n' | b't' | b'f' => self.word(),
            b'[' => self.open(Container::Array),
            b'{' => self.open(Container::Object),
            byte => Err(self.malformed(Defect::UnexpectedByte(byte))),
        }
    }

    /// The step after an opening: the closing at once, or `item`.
    fn first(&mut self, closing: u8, item: Step) -> Result<Step, ArgumentError> {
        if self.peek()? == closing { self.close() } else { Ok(item) }
    }

    fn key(&mut self) -> Result<Step, ArgumentError> {
        self.take(b'"')?;
        self.string(|text| Token::Key(text))?;
        self.take(b':')?;
        Ok(Step::Value)
    }

    fn after_value(&mut self) -> Result<Step, ArgumentError> {
        let Some(container) = self.nesting.innermost() else {
            return match self.lexer.ws_peek() {
                None => Ok(Step::Done),
                Some(_) => Err(self.malformed(Defect::TrailingBytes)),
            };
        };
        match (self.peek()?, container) {
            (b',', Container::Array) => self.skip_to(Step::Value),
            (b',', Container::Object) => self.skip_to(Step::Key),
            (b']', Container::Array) | (b'}', Container::Object) => self.close(),
            (byte, _) => Err(self.malformed(Defect::UnexpectedByte(byte))),
        }
    }

    fn open(&mut self, container: Container) -> Result<Step, ArgumentError> {
        if !self.nesting.open(container) {
            return Err(self.malformed(Defect::TooDeep));
        }
        self.lexer.take_next();
        let (token, step) = match container {
            Container::Array => (Token::BeginArray, Step::FirstElement),
            Container::Object => (Token::BeginObject, Step::FirstKey),
        };
        self.sink.token(token)?;
        Ok(step)
    }

    fn close(&mut self) -> Result<Step, ArgumentError> {
        self.lexer.take_next();
        let token = match self.nesting.innermost() {
            Some(Container::Object) => Token::EndObject,
            Some(Container::Array) | None => Token::EndArray,
        };
        self.nesting.close();
        self.sink.token(token)?;
        Ok(Step::AfterValue)
    }

    fn word(&mut self) -> Result<Step, ArgumentError> {
        let token = match self.lexer.null_or_bool() {
            Some(None) => Token::Null,
            Some(Some(value)) => Token::Bool(value),
            None => return Err(self.unexpected()),
        };
        self.sink.token(token)?;
        Ok(Step::AfterValue)
    }

    fn number(&mut self) -> Result<Step, ArgumentError> {
        let lexed = self.lexer.num_bytes().validated();
        let text = lexed.ok().and_then(|(bytes, _parts)| from_utf8(bytes).ok()).ok_or_else(|| self.malformed(Defect::Number))?;
        self.sink.token(Token::Number(text))?;
        Ok(Step::AfterValue)
    }

    /// Reads a string whose opening quote has been taken; without escapes it stays a slice of the source.
    #[inline]
    fn string(&mut self, token: impl FnOnce(&str) -> Token<'_>) -> Result<Step, ArgumentError> {
        if let Some((text, after)) = self.plain() {
            self.lexer = SliceLexer::new(after);
            self.sink.token(token(text))?;
            return Ok(Step::AfterValue);
        }
        self.escaped(token)
    }

    /// A string without escapes up to its closing quote, and what follows that; none where the lexer has to look closer.
    #[inline]
    fn plain(&self) -> Option<(&'a str, &'a [u8])> {
        let rest = self.lexer.as_slice();
        let length = memchr2(b'"', b'\\', rest)?;
        let (bytes, after) = rest.split_at_checked(length)?;
        let (quote, after) = after.split_first()?;
        let least = bytes.iter().fold(u8::MAX, |least, byte| least.min(*byte));
        if *quote != b'"' || least < b' ' {
            return None;
        }
        let start = self.length.checked_sub(rest.len())?;
        Some((self.text?.get(start..start.checked_add(length)?)?, after))
    }

    /// Reads a string that is not plain, or no string at all.
    fn escaped(&mut self, token: impl FnOnce(&str) -> Token<'_>) -> Result<Step, ArgumentError> {
        self.scratch.clear();
        let decoded = Decoded { slice: "", escapes: false, scratch: &mut *self.scratch };
        let decoded = self.lexer.str_fold(decoded, take_plain, take_escape);
        let sent = match &decoded {
            Ok(decoded) => self.sink.token(token(decoded.text())),
            Err(error) => {
                let defect = defect(error);
                return Err(self.malformed(defect));
            }
        };
        sent?;
        Ok(Step::AfterValue)
    }

    fn take(&mut self, wanted: u8) -> Result<(), ArgumentError> {
        if self.peek()? == wanted {
            self.lexer.take_next();
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn skip_to(&mut self, step: Step) -> Result<Step, ArgumentError> {
        self.lexer.take_next();
        Ok(step)
    }

    fn peek(&mut self) -> Result<u8, ArgumentError> {
        let byte = self.lexer.ws_peek();
        byte.ok_or_else(|| self.malformed(Defect::UnexpectedEnd))
    }

    fn unexpected(&self) -> ArgumentError {
        self.malformed(match self.lexer.as_slice().first() {
            Some(byte) => Defect::UnexpectedByte(*byte),
            None => Defect::UnexpectedEnd,
        })
    }

    fn malformed(&self, defect: Defect) -> ArgumentError {
        let offset = self.length.saturating_sub(self.lexer.as_slice().len());
        ArgumentError::Malformed { offset, defect }
    }
}

/// A string on the way: a slice of the source until its first escape, from then on a copy.
struct Decoded<'a, 's> {
    slice: &'a str,
    escapes: bool,
    scratch: &'s mut String,
}

impl Decoded<'_, '_> {
    fn text(&self) -> &str {
        if self.escapes { self.scratch } else { self.slice }
    }
}

fn take_plain<'a>(bytes: &mut &'a [u8], decoded: &mut Decoded<'a, '_>) -> Result<(), hifijson::str::Error> {
    let plain = from_utf8(bytes).map_err(hifijson::str::Error::Utf8)?;
    if decoded.escapes {
        decoded.scratch.push_str(plain);
    } else {
        decoded.slice = plain;
    }
    Ok(())
}

fn take_escape(lexer: &mut SliceLexer<'_>, decoded: &mut Decoded<'_, '_>) -> Result<(), hifijson::str::Error> {
    if !decoded.escapes {
        decoded.escapes = true;
        decoded.scratch.push_str(decoded.slice);
    }
    let kind = lexer.take_next().ok_or(escape::Error::Eof)?;
    decoded.scratch.push(lexer.escape(kind)?);
    Ok(())
}

fn defect(error: &hifijson::str::Error) -> Defect {
    use hifijson::str::Error;
    match error {
        Error::Control => Defect::ControlCharacter,
        Error::Utf8(_) => Defect::Utf8,
        Error::Eof | Error::Escape(escape::Error::Eof) => Defect::UnexpectedEnd,
        Error::Escape(escape::Error::InvalidChar(_) | escape::Error::ExpectedLowSurrogate) => Defect::Surrogate,
        Error::Escape(escape::Error::InvalidKind(_) | escape::Error::InvalidHex(_)) => Defect::Escape,
    }
}
