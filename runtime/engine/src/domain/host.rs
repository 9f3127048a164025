//! Hosts: domain names, IPv4 addresses, IPv6 addresses in brackets.
//!
//! In: the host of a URL, or a policy's literal. Out: a domain name lower-cased, mapped by IDNA to ASCII, without the
//! trailing dot; an IPv4 address in four decimal numbers; an IPv6 address in its canonical form, in brackets.
//! Invariants: the mapping is that of the WHATWG URL standard (`url`, `idna`), so `ｅvil.example` is `evil.example`; after it
//! a name has only letters, digits, `-`, `_` and single dots.
//! Choices, all to the strict side: addresses must be spelled canonically (`0177.0.0.1`, `0x7f.1`, `2130706433`, `127.1` and
//! `127.0.0.1.` fail; hexadecimal IPv6 digits may be upper-case), an IPv6 address that maps an IPv4 address fails in either
//! spelling, a name with a character that IDNA would silently remove (soft hyphen, zero-width space, variation selector)
//! fails, `%XX` fails, empty labels fail, and so does punctuation that URLs allow in a name but no name server does.
//! A literal may give an IPv6 address without brackets. An e-mail address's domain is a host in normal form.
//! Left out on purpose: look-alikes across scripts. Cyrillic `асme.example` maps to its own `xn--` name and equals no other.
//! Source: clauses 3 and 4 of the language; WHATWG URL, "host parsing"; UTS 46.

use alloc::string::{String, ToString};

use super::{DomainError, fill, ip};
use crate::limits::HOST_BYTES;

/// Writes the normal form of `host` to `out`.
///
/// # Errors
/// [`DomainError::Empty`], [`DomainError::TooLong`], [`DomainError::WhiteSpace`], [`DomainError::ControlCharacter`],
/// [`DomainError::InvisibleCharacter`], [`DomainError::PercentEncoded`], [`DomainError::NotCanonical`] or [`DomainError::Host`].
///
/// # Limits
/// [`HOST_BYTES`] as written; linear below it.
pub fn normalise(host: &str, out: &mut String) -> Result<(), DomainError> {
    fill(out, |out| {
        refuse_characters(host)?;
        if host.contains(':') { write_bracketed(host, out) } else { write_name(host, out) }
    })
}

/// Whether `host` is `domain` or a name below it, label by label; both are normal forms.
#[must_use]
pub fn under(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

fn refuse_characters(host: &str) -> Result<(), DomainError> {
    if host.is_empty() {
        return Err(DomainError::Empty);
    }
    if host.len() > HOST_BYTES {
        return Err(DomainError::TooLong);
    }
    host.chars().try_for_each(|c| match c {
        c if c.is_control() => Err(DomainError::ControlCharacter),
        c if c.is_whitespace() => Err(DomainError::WhiteSpace),
        c if is_invisible(c) => Err(DomainError::InvisibleCharacter),
        '\\' => Err(DomainError::Backslash),
        '%' => Err(DomainError::PercentEncoded),
        _ => Ok(()),
    })
}

/// What UTS 46 maps to nothing, the joiners that it allows in some scripts, and marks of direction and tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn write_bracketed(host: &str, out: &mut String) -> Result<(), DomainError> {
    let inner = match host.strip_prefix('[') {
        Some(opened) => opened.strip_suffix(']').ok_or(DomainError::Host)?,
        None => host,
    };
    let lower = inner.to_ascii_lowercase();
    match ip::parse(&lower)? {
        // A mapped address comes back as the IPv4 address that it maps.
        core::net::IpAddr::V4(_) => Err(DomainError::NotCanonical),
        core::net::IpAddr::V6(_) => {
            out.extend(["[", &lower, "]"]);
            Ok(())
        }
    }
}

fn write_name(host: &str, out: &mut String) -> Result<(), DomainError> {
    match ::url::Host::parse(host) {
        Ok(::url::Host::Ipv4(address)) if address.to_string() == host => {
            out.push_str(host);
            Ok(())
        }
        Ok(::url::Host::Ipv4(_)) => Err(DomainError::NotCanonical),
        Ok(::url::Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(&name);
            refuse_labels(name)?;
            out.push_str(name);
            Ok(())
        }
        Ok(::url::Host::Ipv6(_)) | Err(_) => Err(DomainError::Host),
    }
}

fn refuse_labels(name: &str) -> Result<(), DomainError> {
    if name.split('.').any(str::is_empty) {
        return Err(DomainError::Empty);
    }
    let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    if name.bytes().all(plain) { Ok(()) } else { Err(DomainError::Host) }
}
