//! How a call's arguments reach the engine: as a flat run of tokens, in the order of their JSON text.
//!
//! In: whatever the gateway holds (raw bytes, a parsed tree, a protocol buffer). Out: calls of a [`TokenSink`].
//! Invariants: an implementation of [`Arguments`] hands over exactly one value, with every key followed by its value and
//! every array and object closed; numbers keep the exact text they came with, strings are decoded scalar values. A sink that
//! meets anything else treats the arguments as malformed.
//! Left out on purpose: duplicate keys, types and unknown fields. Those are judged against a tool's schema, by the sink.
//! Source: clause 3 of the language ("a call whose arguments do not fit").

use alloc::string::String;

use crate::prepared::Prepared;

/// Arguments of a call, whatever form the embedding program keeps them in.
pub trait Arguments {
    /// Hands every token of the arguments to `sink`, in order.
    ///
    /// # Errors
    /// [`ArgumentError::Stopped`] as soon as the sink wants no more, and [`ArgumentError::Malformed`] where the source is not
    /// one well-formed value; tokens handed over before an error mean nothing.
    fn visit(&self, sink: &mut dyn TokenSink) -> Result<(), ArgumentError>;

    /// The raw JSON text, where the arguments are no more than that: the engine then reads it without a call for each token.
    fn json(&self) -> Option<&[u8]> {
        None
    }

    /// What was read of them before, by [`Policy::prepare`](crate::Policy::prepare).
    fn prepared(&self) -> Option<&Prepared<'_>> {
        None
    }
}

/// Hands every token of `arguments` to `sink`, decoding strings that hold escapes in `escapes`.
pub(crate) fn visit<S: TokenSink>(arguments: &dyn Arguments, escapes: &mut String, sink: &mut S) -> Result<(), ArgumentError> {
    #[cfg(feature = "json")]
    if let Some(bytes) = arguments.json() {
        return crate::json::read(bytes, escapes, sink);
    }
    #[cfg(not(feature = "json"))]
    let _ = escapes;
    arguments.visit(sink)
}

/// What takes the tokens of a call's arguments.
pub trait TokenSink {
    /// Takes the next token.
    ///
    /// # Errors
    /// [`Stop`] when the sink has seen enough; the sink itself remembers why.
    fn token(&mut self, token: Token<'_>) -> Result<(), Stop>;
}

/// One token of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as the exact text of its source.
    Number(&'a str),
    /// A string, decoded.
    String(&'a str),
    /// `[`.
    BeginArray,
    /// `]`.
    EndArray,
    /// `{`.
    BeginObject,
    /// A member's name, decoded; its value follows.
    Key(&'a str),
    /// `}`.
    EndObject,
}

/// A sink's word that it wants no more tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop;

/// Why a visit of arguments did not reach its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// The sink asked to stop.
    #[error("the reader of the arguments stopped")]
    Stopped,
    /// The source is not one well-formed value.
    #[error("{defect} at byte {offset}")]
    Malformed {
        /// Where the defect was met, in bytes from the start of the source.
        offset: usize,
        /// What is wrong there.
        defect: Defect,
    },
}

/// What keeps a source from being one well-formed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// The source ends inside a value, or holds none.
    #[error("unexpected end")]
    UnexpectedEnd,
    /// A byte that cannot stand here.
    #[error("unexpected byte 0x{0:02x}")]
    UnexpectedByte(u8),
    /// A number that breaks off, such as `1.` or `-`.
    #[error("incomplete number")]
    Number,
    /// A control character that a string holds unescaped.
    #[error("unescaped control character in a string")]
    ControlCharacter,
    /// An escape sequence that JSON does not know.
    #[error("unknown escape sequence")]
    Escape,
    /// Half of a surrogate pair without its other half.
    #[error("lone surrogate")]
    Surrogate,
    /// Bytes of a string that are not UTF-8.
    #[error("invalid UTF-8")]
    Utf8,
    /// More arrays and objects inside one another than the bound.
    #[error("nesting deeper than the bound")]
    TooDeep,
    /// Something follows the value.
    #[error("bytes after the value")]
    TrailingBytes,
}

impl From<Stop> for ArgumentError {
    fn from(_: Stop) -> Self {
        Self::Stopped
    }
}
