//! JSON strings: what they spell, and how to change some of it without touching the rest.
//!
//! In: the inside of a well-formed JSON string. Out: its text; or the inside with some characters of its text replaced, every other byte as it
//! was.
//! Source: RFC 8259, section 7; `lang-spec/content.md`, [content.redact].

use alloc::string::String;

use super::reading::Reading;

/// Decodes the inside of a string; a slice of it where it holds no escape.
pub(super) fn decode<'a>(inside: &'a str, scratch: &'a mut String) -> &'a str {
    if !inside.contains('\\') {
        return inside;
    }
    scratch.clear();
    scratch.extend(Units(inside).map(|(_, character)| character));
    scratch
}

/// The inside of a string with the finds of `reading` in its text replaced.
pub(super) fn rewrite(inside: &str, reading: &Reading<'_>) -> String {
    let mut out = String::with_capacity(inside.len());
    let mut spans = reading.spans().iter().peekable();
    let mut at = 0;
    for (spelled, character) in Units(inside) {
        while spans.next_if(|span| span.end <= at).is_some() {}
        match spans.peek() {
            Some(span) if span.start <= at => {
                if span.start == at {
                    replacement(reading.name(span), &mut out);
                }
            }
            _ => out.push_str(spelled),
        }
        at += character.len_utf8();
    }
    out
}

/// What stands for a find, inside a JSON string.
fn replacement(name: &str, out: &mut String) {
    out.push_str("[redacted:");
    for character in name.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\0'..='\u{1f}' => out.push(' '),
            _ => out.push(character),
        }
    }
    out.push(']');
}

/// The characters of a string's text, each with its spelling.
struct Units<'a>(&'a str);

impl<'a> Iterator for Units<'a> {
    type Item = (&'a str, char);

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.0.chars().next()?;
        let (length, character) = if first == '\\' { escape(self.0)? } else { (first.len_utf8(), first) };
        let (spelled, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some((spelled, character))
    }
}

/// Reads the escape at the beginning: how many bytes spell it, and what it stands for.
fn escape(text: &str) -> Option<(usize, char)> {
    let character = match text.as_bytes().get(1)? {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        other => char::from(*other),
    };
    Some((2, character))
}

fn unicode(text: &str) -> Option<(usize, char)> {
    let unit = |at: usize| u16::from_str_radix(text.get(at + 2..at + 6)?, 16).ok();
    let first = unit(0)?;
    match char::from_u32(u32::from(first)) {
        Some(character) => Some((6, character)),
        None => char::decode_utf16([first, unit(6)?]).next()?.ok().map(|character| (12, character)),
    }
}
