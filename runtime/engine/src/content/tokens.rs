//! The tokens of JSON bytes, with their places.
//!
//! In: bytes that are one well-formed JSON value ([`crate::json`] has read them). Out: tokens, in order. Invariant: on other bytes it ends, and
//! says nothing of use.
//! Source: RFC 8259.

use core::ops::Range;

/// A token, as bytes of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RawToken {
    Open(Bracket),
    Close,
    /// A member's name, its quotes included.
    Key(Range<usize>),
    /// A string, its quotes included.
    String(Range<usize>),
    Number(Range<usize>),
    /// `null`, `true`, `false`.
    Word,
}

/// What is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    Array,
    Object,
}

/// The tokens from a position on.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn skip(&mut self, skipped: fn(u8) -> bool) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !skipped(*byte) {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// The token that ends before the first byte that is not of a kind.
    fn run(&mut self, kind: fn(u8) -> bool) -> Range<usize> {
        let start = self.at;
        self.at += 1;
        self.skip(kind);
        start..self.at
    }

    fn string(&mut self) -> RawToken {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == b'"' {
                break;
            }
        }
        let range = start..self.at;
        if self.skip(is_white) == Some(b':') { RawToken::Key(range) } else { RawToken::String(range) }
    }

    fn one(&mut self, token: RawToken) -> RawToken {
        self.at += 1;
        token
    }
}

impl Iterator for Tokens<'_> {
    type Item = RawToken;

    fn next(&mut self) -> Option<RawToken> {
        Some(match self.skip(|byte| is_white(byte) || matches!(byte, b',' | b':'))? {
            b'{' => self.one(RawToken::Open(Bracket::Object)),
            b'[' => self.one(RawToken::Open(Bracket::Array)),
            b'}' | b']' => self.one(RawToken::Close),
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => {
                RawToken::Number(self.run(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-')))
            }
            _ => {
                self.run(|byte| byte.is_ascii_lowercase());
                RawToken::Word
            }
        })
    }
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
