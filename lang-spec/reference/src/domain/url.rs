//! URLs with a host.
//!
//! Source: `lang-spec/domain-types.md`, [domain.url]; WHATWG URL.

use super::host;

/// A URL in parts, each in normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) scheme: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) path: String,
    /// The query and the fragment with their marks.
    tail: String,
}

/// The whole URL in its normal form.
pub(crate) fn normal(text: &str) -> Option<String> {
    let Url { scheme, host, port, path, tail } = parse(text)?;
    Some(format!("{scheme}://{host}:{port}{path}{tail}"))
}

/// Reads a URL whose spelling leaves no doubt.
pub(crate) fn parse(text: &str) -> Option<Url> {
    if text.chars().any(|c| c == '\\' || c.is_control() || c.is_whitespace()) {
        return None;
    }
    let (host, port) = written(text)?;
    let host = host::normal(host)?;
    let read = url::Url::parse(text).ok()?;
    let read_host = read.host_str()?;
    let read_port = read.port_or_known_default()?;
    // What stands in the text and what the standard's parser makes of it must be the same place.
    if read_host.strip_suffix('.').unwrap_or(read_host) != host || port.is_some_and(|port| port != read_port) || climbs(read.path()) {
        return None;
    }
    let query = read.query().map_or(String::new(), |query| format!("?{query}"));
    let fragment = read.fragment().map_or(String::new(), |fragment| format!("#{fragment}"));
    Some(Url { scheme: read.scheme().to_owned(), host, port: read_port, path: read.path().to_owned(), tail: query + &fragment })
}

/// The host and the port as they stand in the text.
fn written(text: &str) -> Option<(&str, Option<u16>)> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if !["http", "https", "ws", "wss", "ftp"].contains(&scheme.as_str()) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    if authority.is_empty() || authority.contains('@') {
        return None;
    }
    let after_host = authority.find(']').map_or_else(|| authority.find(':'), |bracket| Some(bracket + 1)).unwrap_or(authority.len());
    let (host, port) = authority.split_at_checked(after_host)?;
    if port.is_empty() {
        return Some((host, None));
    }
    let digits = port.strip_prefix(':')?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    plain.then_some(())?;
    Some((host, Some(digits.parse().ok()?)))
}

/// Whether a server that decodes slashes first would climb.
fn climbs(path: &str) -> bool {
    let decoded = path.to_ascii_lowercase().replace("%2f", "/").replace("%5c", "/").replace("%2e", ".");
    path.contains('%') && decoded.split('/').any(|name| name == "." || name == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        for (text, wanted) in [
            ("HTTPS://ACME.example./a/../b?q#f", "https://acme.example:443/b?q#f"),
            ("http://acme.example", "http://acme.example:80/"),
            ("https://acme.example:8443/x", "https://acme.example:8443/x"),
            ("https://[::1]/", "https://[::1]:443/"),
            ("https://acme.example/@x", "https://acme.example:443/@x"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn doubtful_spellings_fail() {
        for text in [
            "nope",
            "https:acme.example",
            "https:/acme.example",
            "https:///acme.example",
            "https://a@b.example/",
            "https://@b.example/",
            "https://a.example:/",
            "https://a.example:0443/",
            "https://a.example:99999/",
            "https://a.example\\b",
            " https://a.example/",
            "file:///etc",
            "javascript:alert(1)",
            "https://a.example/..%2fb",
            "https://0x7f.1/",
            "https://",
            "data:,x",
            "https://a.example/\tx",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
