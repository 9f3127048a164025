//! URLs with a host, by the WHATWG standard, less the spellings on which parsers differ.
//!
//! In: any text. Out: `scheme://host:port/path[?query][#fragment]` with scheme and host lower-cased, the port always
//! explicit, dot segments (encoded ones too) resolved, and characters encoded as the standard encodes them.
//! Invariants: [`components`] of a normal form are those of the URL; two URLs are equal iff their normal forms are.
//! Choices, all to the strict side: only `http`, `https`, `ws`, `wss` and `ftp` have the host and default port that the
//! components need, so every other scheme (`data:`, `file:`, `javascript:`, `mailto:`, a company's own) fails, as does a URL without
//! a host; after the scheme exactly two slashes; user information fails even when empty; a port has neither leading zeros nor
//! nothing after its colon; `.` or `..` beside `%2f` or `%5c` fails, because servers that decode first would climb. For hosts see [`super::host`].
//! Left out on purpose: meaning that a server alone knows, such as a second decoding or what a query's parameters do.
//! Source: clause 3 of the language and its fine print; WHATWG URL.

use alloc::string::String;
use core::fmt::Write;

use super::{DomainError, fill, host};

/// The parts of a URL in normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Components<'a> {
    /// The scheme, without its colon.
    pub scheme: &'a str,
    /// The host, in the normal form of [`super::host`]; an IPv6 address keeps its brackets.
    pub host: &'a str,
    /// The port, the scheme's default where the URL gave none.
    pub port: u16,
    /// The path, from its first slash up to the query.
    pub path: &'a str,
}

/// Writes the normal form of `url` to `out`.
///
/// # Errors
/// [`DomainError::NotUrl`], [`DomainError::Scheme`], [`DomainError::UserInfo`], [`DomainError::Port`], [`DomainError::NotCanonical`],
/// [`DomainError::Backslash`], [`DomainError::WhiteSpace`], [`DomainError::ControlCharacter`],
/// [`DomainError::EncodedDotSegment`], and those of [`host::normalise`].
///
/// # Limits
/// Linear in the text; allocates.
pub fn normalise(url: &str, out: &mut String) -> Result<(), DomainError> {
    fill(out, |out| write_normal(url, out))
}

/// Takes a URL in normal form apart; none where `normal` is no normal form.
#[must_use]
pub fn components(normal: &str) -> Option<Components<'_>> {
    let (scheme, rest) = normal.split_once("://")?;
    let (authority, tail) = rest.split_at_checked(rest.find('/')?)?;
    let (host, port) = authority.rsplit_once(':')?;
    let path = tail.split_once(['?', '#']).map_or(tail, |(path, _query)| path);
    Some(Components { scheme, host, port: port.parse().ok()?, path })
}

/// The authority of a URL as it was written, before any parser has corrected it.
struct Spelling<'a> {
    host: &'a str,
    port: Option<&'a str>,
}

fn write_normal(text: &str, out: &mut String) -> Result<(), DomainError> {
    refuse_characters(text)?;
    let spelling = spell(text)?;
    let mut host = String::new();
    host::normalise(spelling.host, &mut host)?;
    let port = spelling.port.map(parse_port).transpose()?;
    let parsed = ::url::Url::parse(text).map_err(|_| DomainError::NotUrl)?;
    let read_port = agree(&parsed, &host, port)?;
    refuse_encoded_climbing(parsed.path())?;
    // Writing to a string cannot fail.
    let _ = write!(out, "{}://{host}:{read_port}{}", parsed.scheme(), parsed.path());
    for (mark, part) in [('?', parsed.query()), ('#', parsed.fragment())] {
        if let Some(part) = part {
            out.push(mark);
            out.push_str(part);
        }
    }
    Ok(())
}

fn refuse_characters(text: &str) -> Result<(), DomainError> {
    text.chars().try_for_each(|c| match c {
        '\\' => Err(DomainError::Backslash),
        c if c.is_control() => Err(DomainError::ControlCharacter),
        c if c.is_whitespace() => Err(DomainError::WhiteSpace),
        _ => Ok(()),
    })
}

fn spell(text: &str) -> Result<Spelling<'_>, DomainError> {
    let (scheme, rest) = text.split_once(':').ok_or(DomainError::NotUrl)?;
    let known = ["http", "https", "ws", "wss", "ftp"];
    if !known.iter().any(|name| scheme.eq_ignore_ascii_case(name)) {
        return Err(DomainError::Scheme);
    }
    let rest = rest.strip_prefix("//").ok_or(DomainError::NotCanonical)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(DomainError::UserInfo);
    }
    if authority.is_empty() {
        return Err(DomainError::Host);
    }
    split_authority(authority)
}

fn split_authority(authority: &str) -> Result<Spelling<'_>, DomainError> {
    let port_from = match authority.find(']') {
        Some(bracket) => bracket + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at_checked(port_from).ok_or(DomainError::Host)?;
    if port.is_empty() {
        return Ok(Spelling { host, port: None });
    }
    let port = port.strip_prefix(':').ok_or(DomainError::Port)?;
    Ok(Spelling { host, port: Some(port) })
}

fn parse_port(digits: &str) -> Result<u16, DomainError> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    if !plain || (digits.len() > 1 && digits.starts_with('0')) {
        return Err(DomainError::Port);
    }
    digits.parse().map_err(|_| DomainError::Port)
}

/// Holds the two readings of a URL's host and port together; where they differ, one of them is an attack.
fn agree(parsed: &::url::Url, host: &str, port: Option<u16>) -> Result<u16, DomainError> {
    let read_host = parsed.host_str().ok_or(DomainError::Host)?;
    let read_port = parsed.port_or_known_default().ok_or(DomainError::Scheme)?;
    let same_host = read_host.strip_suffix('.').unwrap_or(read_host) == host;
    if same_host && port.is_none_or(|port| port == read_port) { Ok(read_port) } else { Err(DomainError::NotCanonical) }
}

/// Refuses `..%2f` and its like; plain dot segments are resolved already.
fn refuse_encoded_climbing(path: &str) -> Result<(), DomainError> {
    if !path.contains('%') {
        return Ok(());
    }
    let decoded = path.to_ascii_lowercase().replace("%2f", "/").replace("%5c", "/").replace("%2e", ".");
    if decoded.split('/').any(|name| name == "." || name == "..") { Err(DomainError::EncodedDotSegment) } else { Ok(()) }
}
