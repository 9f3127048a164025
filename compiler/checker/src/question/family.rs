//! Functions that read one text, or fail on it, together; and what texts they read look like.
//!
//! In: a function, or a text. Out: its family; spellings. Invariant: what a family is said to look like, or to exclude, is true of every text that the runtime's
//! functions of that family read.
//! Source: the runtime's normal forms.

use std::collections::HashSet;

use leverframe_compiler::core::cond::Function;

use super::language::{Kind, Predicate};
use super::texts::{Reading, Texts};

/// A family of functions that read a text or fail together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Family {
    Email,
    Url,
    Path,
    Ip,
}

pub(super) fn family(function: Function) -> Option<Family> {
    match function {
        Function::EmailDomain | Function::EmailLocal => Some(Family::Email),
        Function::UrlScheme | Function::UrlHost | Function::UrlPort | Function::UrlPath => Some(Family::Url),
        Function::NormPath => Some(Family::Path),
        Function::NormIp => Some(Family::Ip),
        Function::Lower | Function::Size | Function::Hour | Function::Weekday => None,
    }
}

/// What every text that a family reads looks like, so that the text itself is not asked for what no such text has.
pub(super) fn marker(family: Family) -> Predicate {
    let expression = match family {
        Family::Email => "[^@]+@[A-Za-z0-9.-]+",
        Family::Url => r"(?i:https|http|wss|ws|ftp)://[^/?#@\s\\]+([/?#][^\s\\]*)?",
        Family::Path => r"/[^\x00\\]*",
        Family::Ip => "[0-9]{1,3}([.][0-9]{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*",
    };
    Predicate::Matches(expression.to_owned())
}

/// Whether no text is read by all of the families: a URL has a colon, a path begins with a slash, and only an e-mail address may do so too.
pub(super) fn excluded(read: &[Family]) -> bool {
    let has = |family: Family| read.contains(&family);
    read.len() > 1 && (has(Family::Url) || has(Family::Ip) || !has(Family::Email) || !has(Family::Path))
}

/// Asks the texts themselves how they look, where they are asked anything and something of another look is read in them.
pub(super) fn mark(texts: &mut Texts) {
    for text in 0..texts.texts.len() {
        let whole = texts.reading(text, &[]);
        let linked = texts.links.iter().any(|(a, b)| *a == whole || *b == whole);
        let asked = texts.readings.get(whole).is_some_and(|whole| !whole.predicates.is_empty());
        if !(linked || asked) || texts.texts.get(text).is_none_or(|text| text.kind != Kind::Any) {
            continue;
        }
        let first = |reading: &Reading| reading.functions.first().copied().filter(|_| reading.text == text).and_then(family);
        let families: HashSet<Family> = texts.readings.iter().filter_map(first).collect();
        for family in [Family::Email, Family::Url, Family::Path, Family::Ip].into_iter().filter(|family| families.contains(family)) {
            texts.predicate(whole, marker(family));
        }
    }
}

/// The value of which nothing is asked.
pub(super) fn plain(kind: &Kind) -> &str {
    match kind {
        Kind::Enum(all) => all.first().map_or("", String::as_str),
        Kind::Email => "a@example.org",
        Kind::Url => "https://example.org:443/",
        Kind::Path => "/",
        Kind::Ip => "192.0.2.1",
        _ => "",
    }
}

pub(super) fn default_port(scheme: &str) -> &'static str {
    match scheme {
        "https" | "wss" => ":443",
        "ftp" => ":21",
        _ => ":80",
    }
}

/// The URL with another port.
pub(super) fn with_port(text: &str, port: u16) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let (authority, tail) = match rest.find(['/', '?', '#']) {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, ""),
    };
    let after = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let host = match authority.get(after..)?.find(':') {
        Some(colon) => authority.get(..after + colon)?,
        None => authority,
    };
    Some(format!("{scheme}://{host}:{port}{tail}"))
}
