//! Predicates of text and kinds of text, as regular languages.
//!
//! In: a predicate, or a kind. Out: expressions of regex-syntax. Invariant: a kind's language has all values of the kind; where it has more (hosts that
//! IDNA refuses, IPv6 spellings), a value counts only after [`reads`] has confirmed it.
//! Source: language sections 3, 4 and 9; the runtime's normal forms.

use leverframe_compiler::core::cond::{Function, TextOp};
use leverframe_compiler::types::pattern::parser;
use leverframe_runtime::domain::{email, host, ip, path, url};
use regex_syntax::escape;
use regex_syntax::hir::Hir;

/// A predicate of one text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Predicate {
    OneOf(Vec<String>),
    InCidr(String),
    UnderHost(String),
    UnderPath(String),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    Like(String),
    Matches(String),
}

/// What texts there can be in a place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Any,
    Enum(Vec<String>),
    Email,
    Domain,
    Local,
    Url,
    Scheme,
    Host,
    UrlPath,
    Path,
    Ip,
    Lower,
}

/// The language without texts.
pub(super) const NOTHING: &str = r"[^\s\S]";
const LOCAL: &str = r"[A-Za-z0-9#$&'*+/=?^_`{|}~\-]+(\.[A-Za-z0-9#$&'*+/=?^_`{|}~\-]+)*";
const DOMAIN: &str = r"([a-z0-9]([a-z0-9\-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9\-]*[a-z0-9])?";
const NUMERIC_END: &str = r"(.*[.@])?[0-9]+";
const SCHEME: &str = "https|http|wss|ws|ftp";
const OCTET: &str = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const URL_PATH: &str = r"/[!$-;=@-\[\]-_a-z|~]*";
const DOT_SEGMENT: &str = r"(.*/)?\.\.?(/.*)?";
const PATH: &str = r"/|(/[^/\x00\\]+)+";
const PATH_BAD: &str = r"(.*/)?\.\.?(/.*)?|.*%[0-9A-Fa-f]{2}.*";

impl Predicate {
    pub(crate) fn text(op: TextOp, literal: &str) -> Self {
        let literal = literal.to_owned();
        match op {
            TextOp::Contains => Self::Contains(literal),
            TextOp::StartsWith => Self::StartsWith(literal),
            TextOp::EndsWith => Self::EndsWith(literal),
            TextOp::Like => Self::Like(literal),
            TextOp::Matches => Self::Matches(literal),
        }
    }

    /// Its language; networks have none here.
    pub(crate) fn expression(&self) -> Option<String> {
        Some(match self {
            Self::OneOf(all) => one_of(all),
            Self::InCidr(_) => return None,
            Self::UnderHost(root) => format!(r"(.*\.)?{}", escape(root)),
            Self::UnderPath(root) if root == "/" => "/.*".to_owned(),
            Self::UnderPath(root) => format!("{}(/.*)?", escape(root)),
            Self::Contains(part) => format!(".*{}.*", escape(part)),
            Self::StartsWith(part) => format!("{}.*", escape(part)),
            Self::EndsWith(part) => format!(".*{}", escape(part)),
            Self::Like(pattern) => pattern.split('*').map(escape).collect::<Vec<_>>().join(".*"),
            Self::Matches(regex) => regex.clone(),
        })
    }
}

fn one_of(all: &[String]) -> String {
    if all.is_empty() {
        return NOTHING.to_owned();
    }
    all.iter().map(|text| escape(text)).collect::<Vec<_>>().join("|")
}

impl Kind {
    /// The language, and what of it is none after all.
    pub(super) fn expressions(&self) -> (String, Option<String>) {
        let bad = |text: &str| Some(text.to_owned());
        match self {
            Self::Any => (".*".to_owned(), None),
            Self::Enum(all) => (one_of(all), None),
            Self::Email => (format!("({LOCAL})@({DOMAIN})"), bad(NUMERIC_END)),
            Self::Domain => (DOMAIN.to_owned(), bad(NUMERIC_END)),
            Self::Local => (LOCAL.to_owned(), None),
            Self::Scheme => (SCHEME.to_owned(), None),
            Self::Host => (host_language(), None),
            Self::UrlPath => (URL_PATH.to_owned(), bad(DOT_SEGMENT)),
            Self::Url => (format!(r"({SCHEME})://({}):[0-9]+({URL_PATH})([?][!-~]*)?(#[!-~]*)?", host_language()), None),
            Self::Path => (PATH.to_owned(), bad(PATH_BAD)),
            Self::Ip => (format!(r"{OCTET}(\.{OCTET}){{3}}|[0-9a-f:]*:[0-9a-f:.]*"), None),
            Self::Lower => (".*".to_owned(), bad(r".*\p{Changes_When_Lowercased}.*")),
        }
    }

    /// What the function makes.
    pub(super) fn of(function: Function) -> Option<Self> {
        Some(match function {
            Function::Lower => Self::Lower,
            Function::EmailDomain => Self::Domain,
            Function::EmailLocal => Self::Local,
            Function::UrlScheme => Self::Scheme,
            Function::UrlHost => Self::Host,
            Function::UrlPath => Self::UrlPath,
            Function::NormPath => Self::Path,
            Function::NormIp => Self::Ip,
            Function::UrlPort | Function::Size | Function::Hour | Function::Weekday => return None,
        })
    }

    /// Whether the text is surely of this kind, as a field of a call has it.
    pub(super) fn confirms(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Enum(all) => all.iter().any(|member| member == text),
            Self::Email => normal(text, email::normalise).is_some_and(|normal| normal == text),
            Self::Url => normal(text, url::normalise).is_some_and(|normal| normal == text),
            Self::Path => normal(text, path::normalise).is_some_and(|normal| normal == text),
            Self::Ip => normal(text, ip::normalise).is_some_and(|normal| normal == text),
            Self::Host => normal(text, host::normalise).is_some_and(|normal| normal == text),
            Self::Domain | Self::Local | Self::Scheme | Self::UrlPath | Self::Lower => true,
        }
    }
}

/// Names (a last label of digits would be an address) and addresses.
fn host_language() -> String {
    let label = "[a-z0-9_-]+";
    let name = "([0-9]*[a-z_-][a-z0-9_-]*)";
    format!(r"({label}\.)*{name}|{OCTET}(\.{OCTET}){{3}}|\[[0-9a-f:]*:[0-9a-f:.]*\]")
}

fn normal<E>(text: &str, write: fn(&str, &mut String) -> Result<(), E>) -> Option<String> {
    let mut out = String::new();
    write(text, &mut out).ok().map(|()| out)
}

/// What a function reads in a text, as the runtime does; none where it fails.
pub(crate) fn reads(function: Function, text: &str) -> Option<String> {
    match function {
        Function::Lower => Some(text.chars().flat_map(char::to_lowercase).collect()),
        Function::EmailDomain => normal(text, email::normalise).and_then(|normal| Some(email::parts(&normal)?.1.to_owned())),
        Function::EmailLocal => normal(text, email::normalise).and_then(|normal| Some(email::parts(&normal)?.0.to_owned())),
        Function::UrlScheme => normal(text, url::normalise).and_then(|normal| Some(url::components(&normal)?.scheme.to_owned())),
        Function::UrlHost => normal(text, url::normalise).and_then(|normal| Some(url::components(&normal)?.host.to_owned())),
        Function::UrlPath => normal(text, url::normalise).and_then(|normal| Some(url::components(&normal)?.path.to_owned())),
        Function::UrlPort => normal(text, url::normalise).and_then(|normal| Some(url::components(&normal)?.port.to_string())),
        Function::NormPath => normal(text, path::normalise),
        Function::NormIp => normal(text, ip::normalise),
        Function::Size | Function::Hour | Function::Weekday => None,
    }
}

/// What a chain of functions reads.
pub(super) fn reads_all(functions: &[Function], text: &str) -> Option<String> {
    functions.iter().try_fold(text.to_owned(), |text, function| reads(*function, &text))
}

/// The expression as the compiler reads it.
pub(super) fn parse(expression: &str) -> Result<Hir, String> {
    parser().parse(expression).map_err(|_| "a regular expression could not be read".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::automaton::Table;
    use super::*;

    fn takes(kind: &Kind, text: &str) -> bool {
        let (good, bad) = kind.expressions();
        Table::new(&[good, bad.unwrap_or_else(|| NOTHING.to_owned())]).unwrap().of(text) == [true, false]
    }

    /// A kind has every value that a function makes, or `Impossible` could be said of what there is.
    #[test]
    fn kinds_have_what_functions_make() {
        let urls = [
            "https://acme.example/a/../b?q=%20#x",
            "HTTP://\u{ff45}vil.example:8080",
            "ws://[2001:DB8::1]/a{b}|c^d`e'f~%7e",
            "ftp://10.0.0.1/[x]/@;=&",
            "wss://a_b-c.1x.example/\u{e9}\"<>",
        ];
        for text in urls {
            for function in [Function::UrlScheme, Function::UrlHost, Function::UrlPath] {
                let read = reads(function, text).unwrap_or_else(|| panic!("{text}"));
                assert!(takes(&Kind::of(function).unwrap(), &read), "{text}: {read}");
            }
            let whole = normal(text, url::normalise).unwrap();
            assert!(takes(&Kind::Url, &whole) && Kind::Url.confirms(&whole), "{whole}");
        }
        for text in ["a.b+c/d#$&'*=?^_`{|}~-@A-b.1x.Example", "x@1.2-3"] {
            for function in [Function::EmailLocal, Function::EmailDomain] {
                let read = reads(function, text).unwrap_or_else(|| panic!("{text}"));
                assert!(takes(&Kind::of(function).unwrap(), &read), "{text}: {read}");
            }
            assert!(takes(&Kind::Email, &normal(text, email::normalise).unwrap()), "{text}");
        }
        for text in ["/", "//a/./b/../c/", "/%4 x/...", "/\n\u{e9}/%"] {
            assert!(takes(&Kind::Path, &reads(Function::NormPath, text).unwrap()), "{text}");
        }
        for text in ["0.0.0.0", "255.249.199.1", "::", "2001:db8::1", "::ffff:10.0.0.1", "1:2:3:4:5:6:7:8"] {
            assert!(takes(&Kind::Ip, &reads(Function::NormIp, text).unwrap()), "{text}");
        }
    }

    #[test]
    fn kinds_have_little_else() {
        let none = [
            (Kind::Domain, "a.1"),
            (Kind::Domain, "A.b"),
            (Kind::Email, "a@b@c"),
            (Kind::Host, "a.b."),
            (Kind::Host, "10.0.0.256"),
            (Kind::UrlPath, "/a/../b"),
            (Kind::Path, "/a/"),
            (Kind::Path, "/%41"),
            (Kind::Ip, "01.2.3.4"),
            (Kind::Scheme, "file"),
        ];
        for (kind, text) in none {
            assert!(!takes(&kind, text), "{kind:?}: {text}");
        }
    }

    /// What is its own lower case is a text in lower case; and what is no such text is not its own lower case.
    #[test]
    fn lower_case_is_what_the_runtime_makes() {
        let (good, bad) = Kind::Lower.expressions();
        let table = Table::new(&[good, bad.unwrap()]).unwrap();
        for character in '\0'..=char::MAX {
            let lower: String = character.to_lowercase().collect();
            assert_eq!(table.of(&lower), [true, false], "{character:?}");
        }
    }
}
