//! Raw JSON bytes as a call's arguments, read without building a tree.
//!
//! In: bytes. Out: the tokens of exactly one JSON value, or where and why they are none.
//! Invariants: the whole of RFC 8259 and nothing beside it: UTF-8 only, no byte order mark, no lone surrogates, nothing after
//! the value. A number's token is a slice of the source. No recursion: what is open is a word of bits.
//! Left out on purpose: lexing, which `hifijson` does; duplicate keys and types, which the sink judges.
//! Source: RFC 8259; clause 3 of the language.

mod nesting;
mod reader;

use alloc::string::String;

use crate::arguments::{ArgumentError, Arguments, TokenSink};

/// The raw bytes of one JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawJson<'a>(pub &'a [u8]);

impl Arguments for RawJson<'_> {
    /// Allocates only where a string holds an escape; [`read`] reuses a buffer for those.
    fn visit(&self, sink: &mut dyn TokenSink) -> Result<(), ArgumentError> {
        read(self.0, &mut String::new(), sink)
    }

    fn json(&self) -> Option<&[u8]> {
        Some(self.0)
    }
}

/// Hands the tokens of `bytes` to `sink`, decoding strings that hold escapes in `scratch`.
///
/// # Errors
/// [`ArgumentError::Malformed`] where the bytes are not one JSON value, [`ArgumentError::Stopped`] where the sink stops.
///
/// # Limits
/// [`crate::limits::JSON_DEPTH`] arrays and objects inside one another; linear in the bytes; no allocation once `scratch`
/// has room for the longest string with an escape.
pub fn read<S: TokenSink + ?Sized>(bytes: &[u8], scratch: &mut String, sink: &mut S) -> Result<(), ArgumentError> {
    reader::Reader::new(bytes, scratch, sink).run()
}
