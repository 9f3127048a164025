//! What is wrong with single tokens.
//!
//! In: tokens. Out: findings, one a token.
//! Invariant: the grammar accepts no text with a finding of this module, but for tokens that are merely too long.

use crate::build::unescape;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::limits::{TOKEN_BYTES, exceeded};
use crate::span::Span;
use crate::token::{Token, TokenKind, is_hidden, offset};

/// The finding about a token, if there is one.
pub(crate) fn check(token: &Token, source: &str) -> Option<Diagnostic> {
    let text = token.span.text(source);
    if token.kind != TokenKind::Whitespace
        && let Some(found) = hidden(token, text)
    {
        return Some(found);
    }
    if !token.kind.is_trivia() && text.len() > TOKEN_BYTES {
        return Some(exceeded(Code::LF0705, token.span, "bytes of one name, string or number", TOKEN_BYTES, text.len()));
    }
    match token.kind {
        TokenKind::Unknown => Some(unknown(token.span, text)),
        TokenKind::Unclosed => Some(unclosed(token.span, text)),
        TokenKind::BadNumber => Some(
            Diagnostic::new(Code::LF0015, token.span, format!("`{text}` is no number"))
                .note("numbers are digits that single `_` may part; durations end in `ms`, `s`, `m`, `h` or `d`"),
        ),
        TokenKind::String if unescape(text).is_none() => Some(
            Diagnostic::new(Code::LF0003, token.span, "this string has an escape that means nothing")
                .note("escapes are those of JSON: `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u` with four hex digits, surrogates in pairs")
                .note("a raw string `r\"…\"` takes every backslash as it is"),
        ),
        _ => None,
    }
}

fn hidden(token: &Token, text: &str) -> Option<Diagnostic> {
    let (at, c) = text.char_indices().find(|(_, c)| is_hidden(*c))?;
    let start = token.span.start.saturating_add(offset(at));
    let span = Span::new(token.span.file, start, start.saturating_add(offset(c.len_utf8())));
    let message = format!("the hidden character U+{:04X} may not stand in a policy", u32::from(c));
    Some(Diagnostic::new(Code::LF0016, span, message).note("in a string, write it as a `\\u` escape"))
}

fn unknown(span: Span, text: &str) -> Diagnostic {
    let shown: String = text.chars().take(16).collect();
    let found = Diagnostic::new(Code::LF0002, span, format!("`{shown}` stands nowhere in the language"));
    match text.chars().next() {
        Some(';') => found.note("statements need no terminator"),
        Some('\'' | '“' | '”' | '„' | '‘' | '’') => found.note("strings stand in straight double quotes"),
        Some('!') => found.note("negation is written `not`"),
        Some('&') => found.note("conjunction is written `and`"),
        Some('\u{feff}') => found.note("save the file as UTF-8 without a byte order mark"),
        _ => found,
    }
}

fn unclosed(span: Span, text: &str) -> Diagnostic {
    let (what, sign) = if text.starts_with('`') { ("name in backticks", '`') } else { ("string", '"') };
    if text == "``" || text == "`" {
        return Diagnostic::new(Code::LF0003, span, "a name in backticks holds at least one character");
    }
    Diagnostic::new(Code::LF0003, span, format!("this {what} is not closed on its line"))
        .note(format!("add the closing `{sign}`; neither strings nor names go over a line's end"))
}
