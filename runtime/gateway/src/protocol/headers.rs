//! The headers that repeat parts of a message, held against it.
//!
//! In: headers; a request. Out: nothing, or what differs. Invariants: a header that is there twice, is missing, cannot be read or says something else than the
//! body is a fault; values in Base64 are decoded before they are compared.
//! Source: MCP 2026-07-28, Streamable HTTP ("Request metadata", "Server validation").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::message::Request;
use super::{Members, VERSION_KEY};

/// What a header says that it should not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("header mismatch: {0}")]
pub struct HeaderFault(pub String);

/// The headers of a message: their names and what they say, in their order.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a>(pub &'a [(&'a str, &'a [u8])]);

impl Headers<'_> {
    /// The value of a header.
    ///
    /// # Errors
    /// [`HeaderFault`]: it is there more than once, or is no plain text.
    pub fn get(&self, name: &str) -> Result<Option<&str>, HeaderFault> {
        let mut values = self.0.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => plain(name, value).map(Some),
            (Some(_), Some(_)) => Err(HeaderFault(format!("`{name}` is there more than once"))),
        }
    }

    fn needed(&self, name: &str) -> Result<&str, HeaderFault> {
        self.get(name)?.ok_or_else(|| HeaderFault(format!("`{name}` is missing")))
    }

    /// Holds the headers that every request has against the request.
    ///
    /// # Errors
    /// [`HeaderFault`].
    pub fn check(&self, request: &Request<'_>, meta: &Members<'_>) -> Result<(), HeaderFault> {
        let version = meta.text(VERSION_KEY).map_err(|error| HeaderFault(error.to_string()))?;
        same("MCP-Protocol-Version", self.needed("MCP-Protocol-Version")?, version.as_deref().unwrap_or_default())?;
        same("Mcp-Method", self.needed("Mcp-Method")?, &request.method)?;
        let named = match request.method.as_str() {
            "tools/call" | "prompts/get" => "name",
            "resources/read" => "uri",
            _ => return Ok(()),
        };
        let value = request.params.text(named).map_err(|error| HeaderFault(error.to_string()))?;
        same("Mcp-Name", &decoded("Mcp-Name", self.needed("Mcp-Name")?)?, value.as_deref().unwrap_or_default())
    }

    /// Holds the headers that repeat arguments against them: those that the tool's schema names, by header and by the way to the argument.
    ///
    /// # Errors
    /// [`HeaderFault`].
    pub fn check_arguments<'m>(&self, marked: impl IntoIterator<Item = (&'m str, &'m [String])>, args: &str) -> Result<(), HeaderFault> {
        for (header, way) in marked {
            let name = format!("Mcp-Param-{header}");
            let given = self.get(&name)?.map(|value| decoded(&name, value)).transpose()?;
            match (given, argument(args, way)?) {
                (None, None) => {}
                (Some(given), Some(meant)) if alike(&given, &meant) => {}
                (None, Some(_)) => return Err(HeaderFault(format!("`{name}` is missing"))),
                (Some(_), _) => return Err(HeaderFault(format!("`{name}` is not what the body says"))),
            }
        }
        Ok(())
    }
}

/// The headers that repeat arguments, by what stands after `Mcp-Param-`.
pub fn header_values<'m>(marked: impl IntoIterator<Item = (&'m str, &'m [String])>, args: &str) -> Vec<(String, String)> {
    let value = |way: &[String]| argument(args, way).ok().flatten();
    marked.into_iter().filter_map(|(header, way)| Some((header.to_owned(), value(way)?))).collect()
}

fn plain<'a>(name: &str, value: &'a [u8]) -> Result<&'a str, HeaderFault> {
    let is_plain = value.iter().all(|byte| matches!(byte, 0x20..=0x7e | b'\t'));
    let text = std::str::from_utf8(value).ok().filter(|_| is_plain);
    text.ok_or_else(|| HeaderFault(format!("`{name}` has characters that no header has")))
}

fn decoded(name: &str, value: &str) -> Result<String, HeaderFault> {
    let Some(inner) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else { return Ok(value.to_owned()) };
    let bytes = STANDARD.decode(inner).map_err(|_| HeaderFault(format!("`{name}` is no Base64")))?;
    String::from_utf8(bytes).map_err(|_| HeaderFault(format!("`{name}` is no UTF-8")))
}

fn same(name: &str, header: &str, body: &str) -> Result<(), HeaderFault> {
    if header == body { Ok(()) } else { Err(HeaderFault(format!("`{name}` says `{header}`, the body `{body}`"))) }
}

/// A primitive argument as a header writes it; none where it is absent or `null`.
fn argument(args: &str, way: &[String]) -> Result<Option<String>, HeaderFault> {
    let mut value = args;
    for step in way {
        let Ok(members) = Members::of(value) else { return Ok(None) };
        match members.get(step).map_err(|error| HeaderFault(error.to_string()))? {
            None => return Ok(None),
            Some(inner) => value = inner.get(),
        }
    }
    match serde_json::from_str(value) {
        Ok(serde_json::Value::String(text)) => Ok(Some(text)),
        Ok(serde_json::Value::Null) => Ok(None),
        _ => Ok(Some(value.to_owned())),
    }
}

/// Equal as text, or as whole numbers.
fn alike(given: &str, meant: &str) -> bool {
    let whole = |text: &str| text.strip_suffix(".0").unwrap_or(text).parse::<i64>().ok();
    given == meant || (whole(given).is_some() && whole(given) == whole(meant))
}

#[cfg(test)]
mod tests {
    use super::Headers;
    use crate::protocol::{Message, Plain};

    const BODY: &[u8] =
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"caf\u00e9","arguments":{"region":"eu","n":{"k":42}},
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;

    fn checked(headers: &[(&str, &[u8])]) -> Result<(), super::HeaderFault> {
        let plain = Plain::of(BODY).unwrap();
        let Message::Request(request) = Message::read(&plain).unwrap() else { panic!("a request") };
        let meta = request.params.object("_meta").unwrap();
        Headers(headers).check(&request, &meta)
    }

    const GOOD: [(&str, &[u8]); 3] =
        [("mcp-protocol-version", b"2026-07-28"), ("mcp-method", b"tools/call"), ("mcp-name", b"=?base64?Y2Fmw6k=?=")];

    #[test]
    fn headers_that_agree_pass() {
        assert_eq!(checked(&GOOD), Ok(()));
    }

    #[test]
    fn headers_that_do_not_are_refused() {
        for index in 0..3 {
            let without: Vec<_> = GOOD.iter().copied().enumerate().filter(|(at, _)| *at != index).map(|(_, header)| header).collect();
            assert!(checked(&without).is_err(), "without {index}");
            let mut twice = GOOD.to_vec();
            twice.push(GOOD[index]);
            assert!(checked(&twice).is_err(), "twice {index}");
            for value in [&b"other"[..], b"=?base64?!!?=", b"\xff"] {
                let mut other = GOOD;
                other[index].1 = value;
                assert!(checked(&other).is_err(), "{value:?} at {index}");
            }
        }
    }

    #[test]
    fn arguments_are_compared_as_they_are_meant() {
        let args = r#"{"region":"eu","n":{"k":42},"none":null}"#;
        let marked =
            [("Region", vec!["region".to_owned()]), ("K", vec!["n".to_owned(), "k".to_owned()]), ("None", vec!["none".to_owned()])];
        let marked = || marked.iter().map(|(header, way)| (*header, way.as_slice()));
        let check = |headers: &[(&str, &[u8])]| Headers(headers).check_arguments(marked(), args);
        assert_eq!(check(&[("mcp-param-region", b"eu"), ("mcp-param-k", b"42.0")]), Ok(()));
        for headers in [
            &[("mcp-param-region", &b"eu"[..])][..],
            &[("mcp-param-region", b"us"), ("mcp-param-k", b"42")],
            &[("mcp-param-region", b"eu"), ("mcp-param-k", b"42"), ("mcp-param-none", b"")],
        ] {
            assert!(check(headers).is_err(), "{headers:?}");
        }
    }
}
