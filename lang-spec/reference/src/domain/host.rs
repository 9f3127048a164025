//! Hosts of URLs.
//!
//! Source: `lang-spec/domain-types.md`, [domain.url]; the mapping of names is that of the WHATWG URL standard.

use super::ip;
use crate::limits::HOST_BYTES;

/// The host in lower case, mapped by IDNA, without a trailing dot; an IPv6 address in brackets.
pub(crate) fn normal(text: &str) -> Option<String> {
    if text.is_empty() || text.len() > HOST_BYTES || text.chars().any(refused) {
        return None;
    }
    if text.contains(':') { normal_ipv6(text) } else { normal_name(text) }
}

/// Whether a normal host is that domain or below it.
pub(crate) fn under(host: &str, domain: &str) -> bool {
    host == domain || host.ends_with(&format!(".{domain}"))
}

fn refused(c: char) -> bool {
    c.is_control() || c.is_whitespace() || matches!(c, '\\' | '%') || is_invisible(c)
}

/// Characters that a reader does not see: those that UTS 46 drops, joiners, marks of direction, variation selectors and tags.
fn is_invisible(c: char) -> bool {
    const RANGES: &[(u32, u32)] = &[
        (0xad, 0xad),
        (0x34f, 0x34f),
        (0x61c, 0x61c),
        (0x115f, 0x1160),
        (0x17b4, 0x17b5),
        (0x180b, 0x180f),
        (0x200b, 0x200f),
        (0x202a, 0x202e),
        (0x2060, 0x206f),
        (0x3164, 0x3164),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xffa0, 0xffa0),
        (0xfff0, 0xfffb),
        (0x1bca0, 0x1bca3),
        (0x1d173, 0x1d17a),
        (0xe0000, 0xe0fff),
    ];
    RANGES.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)))
}

/// Canonical but for the case of its letters; one that maps an IPv4 address fails. Brackets may be left out in a literal.
fn normal_ipv6(text: &str) -> Option<String> {
    let inner = match text.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None => text,
    };
    let lower = inner.to_ascii_lowercase();
    (ip::normal(&lower)? == lower && lower.contains(':')).then(|| format!("[{lower}]"))
}

fn normal_name(text: &str) -> Option<String> {
    match url::Host::parse(text).ok()? {
        url::Host::Ipv4(address) => (address.to_string() == text).then(|| text.to_owned()),
        url::Host::Ipv6(_) => None,
        url::Host::Domain(mapped) => {
            let name = mapped.strip_suffix('.').unwrap_or(&mapped);
            let plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
            let labels = name.split('.').all(|label| !label.is_empty() && label.chars().all(plain));
            labels.then(|| name.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_mapped() {
        for (text, wanted) in [
            ("ACME.Example", "acme.example"),
            ("acme.example.", "acme.example"),
            ("\u{ff45}vil.example", "evil.example"),
            ("10.0.0.1", "10.0.0.1"),
            ("[::FFEE]", "[::ffee]"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn other_spellings_fail() {
        for text in
            ["", "0x7f.1", "2130706433", "127.1", "0177.0.0.1", "a..b", "a%2eb", "a\u{ad}b.example", "[::ffff:10.0.0.1]", "a b", "a<b"]
        {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
