//! Values and the constants they are held against: small pools, so that a random value often lies at a random boundary.
//!
//! In: a kind. Out: literals in the language's writing, and JSON values, right and wrong ones.

use super::world::Kind;
use crate::random::Dice;

/// Ints of conditions.
pub const INTS: &[&str] = &["0", "3", "10", "9_000", "-1"];
/// Decimals of conditions.
pub const DECIMALS: &[&str] = &["1.5", "0.0", "2.50", "-0.25", "10"];
/// Texts of conditions.
pub const TEXTS: &[&str] = &["abc", "ABC", "", "ab", "draft one", "caf\u{e9}"];
/// Patterns with `*`.
pub const LIKES: &[&str] = &["ab*", "*c", "*b*", "a*c", "*", "abc", "**a"];
/// Regular expressions.
pub const REGEXES: &[&str] = &["[a-c]+", "ab.*", "(abc|ABC)?", ".+", "[^ ]*", "(?i)abc", "\\w{2,3}"];
/// Domains of addresses and hosts.
pub const DOMAINS: &[&str] = &["acme.example", "evil.example", "mail.acme.example"];
/// Addresses of people.
pub const EMAILS: &[&str] = &["ann@acme.example", "bob@evil.example", "ann@mail.acme.example"];
/// Addresses of pages.
pub const URLS: &[&str] = &["https://acme.example/", "http://evil.example/a/b", "https://docs.acme.example:8443/x?q=1"];
/// Paths.
pub const PATHS: &[&str] = &["/srv/data", "/srv", "/etc/passwd", "/srv/data/a.txt", "/"];
/// Addresses of machines.
pub const IPS: &[&str] = &["10.0.0.1", "192.168.1.7", "2001:db8::1"];
/// Networks.
pub const NETWORKS: &[&str] = &["10.0.0.0/8", "192.168.1.0/24", "2001:db8::/32", "10.0.0.1/32", "0.0.0.0/0"];
/// Instants.
pub const STAMPS: &[&str] = &["2026-11-22T10:00:00Z", "2026-11-23T00:00:00Z", "2026-11-22T12:30:00+02:00"];
/// Durations.
pub const SPANS: &[&str] = &["500ms", "30s", "10m", "2h"];
/// Members of the enumeration.
pub const CHOICES: &[&str] = &["low", "mid", "top"];

const INT_VALUES: &[&str] = &["0", "1", "-1", "2", "3", "4", "9", "10", "11", "8999", "9000", "9001", "10.0", "1e1"];
const WIDE_INTS: &[&str] = &["9223372036854775807", "-9223372036854775808", "9223372036854775800", "4611686018427387904"];
const NUMBER_VALUES: &[&str] =
    &["1.5", "1.50", "15e-1", "0", "-0.0", "2.5", "2.4999999999999999999999", "-0.25", "10", "1e1", "1e30", "9999999999999999999"];
const TEXT_VALUES: &[&str] = &[
    "abc",
    "ABC",
    "",
    "ab",
    "abcd",
    "xabc",
    "c",
    "draft one",
    "caf\u{e9}",
    "cafe\u{301}",
    "aBc",
    "a\\nb",
    "\u{130}",
    "ann@acme.example",
    "card 4111 1111 1111 1111",
];
const ADDRESS_VALUES: &[&str] =
    &["ann@acme.example", "ann@ACME.example", "Ann@acme.example", "bob@evil.example", "ann@mail.acme.example", "ann@acme.example.org"];
const BAD_ADDRESSES: &[&str] = &["ann", "ann@@acme.example", "Ann <ann@acme.example>", "ann@acme.example.", "ann%x@acme.example", ""];
const URL_VALUES: &[&str] = &[
    "https://acme.example/",
    "HTTPS://Acme.Example:443/",
    "http://evil.example/a/b",
    "http://evil.example/a/../a/b",
    "https://docs.acme.example:8443/x?q=1",
    "https://notacme.example/",
    "ws://acme.example./",
    "ftp://10.0.0.1/x",
    "https://acme.example",
];
const BAD_URLS: &[&str] = &[
    "nonsense",
    "https://u@acme.example/",
    "https:acme.example",
    "http://0x7f.1/",
    "https://acme.example:08/",
    "javascript:1",
    "http://a\\\\b/",
    "",
];
const PATH_VALUES: &[&str] =
    &["/srv/data", "/srv/data/", "/srv//data/./a.txt", "/srv/data/../x", "/srv/database", "/etc/passwd", "/", "/srv"];
const BAD_PATHS: &[&str] = &["srv/data", "/../x", "/srv/%2e%2e/x", "/srv\\\\data", "", "/a\\u0000b"];
const IP_VALUES: &[&str] =
    &["10.0.0.1", "10.255.255.255", "11.0.0.0", "192.168.1.7", "192.168.2.1", "2001:db8::1", "2001:db9::", "::ffff:10.0.0.1"];
const BAD_IPS: &[&str] = &["10.0.0.01", "10.1", "2001:DB8::1", "localhost", "", "1.2.3.4.5"];
const STAMP_VALUES: &[&str] = &[
    "2026-11-22T10:00:00Z",
    "2026-11-22T09:59:59.999Z",
    "2026-11-22T11:00:00+01:00",
    "2026-11-23T00:00:00Z",
    "2026-11-22T23:59:59.9999Z",
    "1969-12-31T23:59:59Z",
    "2026-11-22T10:30:00.000Z",
];
const SPAN_VALUES: &[&str] = &["500ms", "30s", "30000ms", "10m", "600s", "2h", "120m", "1ms", "0s", "7d"];

/// A JSON value that fits the kind; strings that should hold an address, a path or a page nearly always do.
pub fn fitting(dice: &mut Dice, kind: Kind) -> String {
    match kind {
        Kind::Int if dice.chance(6) => (*dice.pick(WIDE_INTS)).to_owned(),
        Kind::Int => (*dice.pick(INT_VALUES)).to_owned(),
        Kind::Small => dice.pick(&["0", "1", "3", "9", "10", "11", "20"]).to_string(),
        Kind::Number => (*dice.pick(NUMBER_VALUES)).to_owned(),
        Kind::Text => quoted(dice.pick(TEXT_VALUES)),
        Kind::Choice => quoted(dice.pick(CHOICES)),
        Kind::Flag => dice.pick(&["true", "false"]).to_string(),
        Kind::Email => quoted(dice.pick(ADDRESS_VALUES)),
        Kind::Url => quoted(dice.pick(URL_VALUES)),
        Kind::Path => quoted(dice.pick(PATH_VALUES)),
        Kind::Ip => quoted(dice.pick(IP_VALUES)),
        Kind::Address => mostly(dice, ADDRESS_VALUES, BAD_ADDRESSES),
        Kind::Href => mostly(dice, URL_VALUES, BAD_URLS),
        Kind::Dir => mostly(dice, PATH_VALUES, BAD_PATHS),
        Kind::Peer => mostly(dice, IP_VALUES, BAD_IPS),
        Kind::Stamp => quoted(dice.pick(STAMP_VALUES)),
        Kind::Span => quoted(dice.pick(SPAN_VALUES)),
        Kind::Words => several(dice, Kind::Text),
        Kind::Ints => several(dice, Kind::Int),
        Kind::Emails => several(dice, Kind::Email),
        Kind::Records => several(dice, Kind::Record),
        Kind::Record => record(dice),
        Kind::Nest => nest(dice),
        Kind::Grid => several(dice, Kind::Ints),
        Kind::Many(element) => several(dice, *element),
        Kind::Items(id) => items(dice, *id),
        Kind::Json => dice.pick(&["1", "{\"x\":[1,{}]}", "\"x\"", "[]", "{\"x\":1,\"X\":2}"]).to_string(),
    }
}

/// A JSON value that fits the kind, and on which most conditions fail.
pub fn doubtful(dice: &mut Dice, kind: Kind) -> String {
    match kind {
        Kind::Int => (*dice.pick(WIDE_INTS)).to_owned(),
        Kind::Address => quoted(dice.pick(BAD_ADDRESSES)),
        Kind::Href => quoted(dice.pick(BAD_URLS)),
        Kind::Dir => quoted(dice.pick(BAD_PATHS)),
        Kind::Peer => quoted(dice.pick(BAD_IPS)),
        _ => fitting(dice, kind),
    }
}

/// A JSON value that does not fit the kind, or hardly.
pub fn unfitting(dice: &mut Dice, kind: Kind) -> String {
    let bad = match kind {
        Kind::Int => dice.pick(&["50.5", "9223372036854775808", "\"10\"", "1e99", "1e401"]).to_string(),
        Kind::Small => dice.pick(&["21", "-1", "0.5"]).to_string(),
        Kind::Number => dice.pick(&["1e401", "\"1.5\"", "true"]).to_string(),
        Kind::Choice => dice.pick(&["\"LOW\"", "\"\"", "1"]).to_string(),
        Kind::Email => quoted(dice.pick(BAD_ADDRESSES)),
        Kind::Url => quoted(dice.pick(BAD_URLS)),
        Kind::Path => quoted(dice.pick(BAD_PATHS)),
        Kind::Ip => quoted(dice.pick(BAD_IPS)),
        Kind::Stamp => dice.pick(&["\"2026-11-22\"", "\"2026-11-22t10:00:00z\"", "\"2026-11-22T10:00:60Z\"", "1795428000003"]).to_string(),
        Kind::Span => dice.pick(&["\"30\"", "\"030s\"", "\"1_0s\"", "30"]).to_string(),
        Kind::Words => dice.pick(&["[\"a\",1]", "{}", "[null]"]).to_string(),
        Kind::Ints => dice.pick(&["[1,\"1\"]", "[0.5]", "1"]).to_string(),
        Kind::Emails => dice.pick(&["[\"ann\"]", "[\"ann@acme.example\",\"\"]"]).to_string(),
        Kind::Record => dice.pick(&["{}", "{\"a\":1,\"c\":2}", "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":null}", "{\"A\":1}"]).to_string(),
        Kind::Records => dice.pick(&["[{}]", "[{\"a\":1},{\"a\":\"x\"}]", "{\"a\":1}"]).to_string(),
        Kind::Nest => dice
            .pick(&["{\"c\":{}}", "{\"f\":\"low\",\"c\":null}", "{\"f\":\"low\",\"c\":{\"d\":1,\"D\":1}}", "{\"c\":{\"d\":1}}"])
            .to_string(),
        Kind::Grid => dice.pick(&["[1]", "[[1],[\"x\"]]", "[[null]]"]).to_string(),
        Kind::Many(_) => dice.pick(&["[{}]", "[null]", "{}"]).to_string(),
        Kind::Items(_) => dice.pick(&["[{}]", "[{\"qty\":-1}]", "[{\"qty\":1,\"more\":2}]", "3"]).to_string(),
        Kind::Json => dice.pick(&["null", "{\"x\":1,\"x\":2}", "\"\\ud800\""]).to_string(),
        Kind::Text | Kind::Address | Kind::Href | Kind::Dir | Kind::Peer => {
            dice.pick(&["1", "\"a\\ud83e\"", "[\"a\"]", "true"]).to_string()
        }
        Kind::Flag => dice.pick(&["1", "\"true\"", "0"]).to_string(),
    };
    if dice.chance(15) { "null".to_owned() } else { bad }
}

/// A literal of the kind that a call's argument may be matched with: as the language writes it, and as JSON.
pub fn literal(dice: &mut Dice, kind: Kind) -> Option<(String, String)> {
    match kind {
        Kind::Int | Kind::Small => {
            let text = *dice.pick(&["0", "3", "10"]);
            Some((text.to_owned(), text.to_owned()))
        }
        Kind::Number => Some(("1.5".to_owned(), dice.pick(&["1.5", "1.50"]).to_string())),
        Kind::Text => Some(alike(dice, &["abc", "ABC", "ab"])),
        Kind::Choice => Some(alike(dice, CHOICES)),
        Kind::Flag => {
            let text = *dice.pick(&["true", "false"]);
            Some((text.to_owned(), text.to_owned()))
        }
        Kind::Email => Some((quoted(EMAILS[0]), quoted("ann@ACME.example"))),
        Kind::Url => Some((quoted(URLS[0]), quoted("https://acme.example"))),
        Kind::Path => Some((quoted("/srv//data"), quoted(dice.pick(&["/srv/data", "/srv/./data/"])))),
        Kind::Ip => Some(alike(dice, &IPS[..1])),
        Kind::Span => Some(("30s".to_owned(), quoted("30s"))),
        Kind::Stamp => Some((format!("ts{}", quoted(STAMPS[0])), quoted("2026-11-22T11:00:00+01:00"))),
        _ => None,
    }
}

/// Different values of a kind, each in all its spellings: what a variable may stand for.
#[must_use]
pub fn identities(kind: Kind) -> &'static [&'static [&'static str]] {
    match kind {
        Kind::Int | Kind::Small => &[&["1", "1.0"], &["2", "20e-1"], &["3"], &["4"], &["5"], &["0", "-0"], &["9"]],
        Kind::Number => {
            &[&["1.5", "1.50", "15e-1"], &["0.1"], &["2", "2.0"], &["1e3", "1000"], &["-0.0", "0"], &["0.10000000000000000001"]]
        }
        Kind::Choice => &[&["\"low\""], &["\"mid\""], &["\"top\""]],
        Kind::Flag => &[&["true"], &["false"]],
        Kind::Email => &[
            &["\"ann@acme.example\"", "\"ann@ACME.example\""],
            &["\"bob@acme.example\""],
            &["\"Ann@acme.example\""],
            &["\"ann@evil.example\""],
            &["\"cy@acme.example\""],
        ],
        Kind::Url => &[
            &["\"https://acme.example/\"", "\"https://ACME.example:443\""],
            &["\"https://acme.example/a\"", "\"https://acme.example/b/../a\""],
            &["\"http://acme.example/\""],
            &["\"https://evil.example/\""],
            &["\"https://acme.example/?q\""],
        ],
        Kind::Path => &[&["\"/srv\"", "\"//srv/.\""], &["\"/srv/a\"", "\"/srv/b/../a\""], &["\"/\""], &["\"/srv/b\""], &["\"/SRV\""]],
        Kind::Ip => &[&["\"10.0.0.1\"", "\"::ffff:10.0.0.1\""], &["\"10.0.0.2\""], &["\"::1\""], &["\"10.0.0.3\""], &["\"2001:db8::1\""]],
        Kind::Stamp => &[
            &["\"2026-11-22T10:00:00Z\"", "\"2026-11-22T11:00:00+01:00\""],
            &["\"2026-11-22T10:00:00.001Z\""],
            &["\"2026-11-23T10:00:00Z\""],
            &["\"1969-12-31T23:59:59Z\""],
        ],
        Kind::Span => &[&["\"30s\"", "\"30000ms\""], &["\"1m\"", "\"60s\""], &["\"0s\"", "\"0ms\""], &["\"2h\""], &["\"31s\""]],
        _ => &[&["\"abc\"", "\"a\\u0062c\""], &["\"ABC\""], &["\"\""], &["\"ab\""], &["\"caf\u{e9}\""], &["\"cafe\u{301}\""], &["\"a,b\""]],
    }
}

/// One text, written alike in the language and in JSON.
fn alike(dice: &mut Dice, from: &[&str]) -> (String, String) {
    let text = quoted(dice.pick(from));
    (text.clone(), text)
}

/// The text as a string of the language and of JSON; the pools hold nothing that needs more than is written in them.
#[must_use]
pub fn quoted(text: impl AsRef<str>) -> String {
    format!("\"{}\"", text.as_ref())
}

fn mostly(dice: &mut Dice, good: &[&str], bad: &[&str]) -> String {
    let pool = if dice.chance(93) { good } else { bad };
    quoted(dice.pick(pool))
}

fn several(dice: &mut Dice, kind: Kind) -> String {
    let count = dice.weighted(&[20, 40, 25, 15]);
    let items: Vec<String> = (0..count).map(|_| fitting(dice, kind)).collect();
    format!("[{}]", items.join(","))
}

fn items(dice: &mut Dice, id: Kind) -> String {
    let count = dice.weighted(&[15, 45, 25, 15]);
    let items: Vec<String> = (0..count)
        .map(|_| {
            let id = fitting(dice, id);
            item(dice, Some(id))
        })
        .collect();
    format!("[{}]", items.join(","))
}

/// An element of [`Kind::Items`].
pub fn item(dice: &mut Dice, id: Option<String>) -> String {
    let id = id.filter(|_| !dice.chance(15)).map_or(String::new(), |id| format!("\"id\":{id},"));
    format!("{{{id}\"qty\":{}}}", dice.pick(&["0", "1", "2", "5", "20"]))
}

fn record(dice: &mut Dice) -> String {
    let a = fitting(dice, Kind::Int);
    if dice.chance(60) { format!("{{\"a\":{a},\"b\":{}}}", fitting(dice, Kind::Text)) } else { format!("{{\"a\":{a}}}") }
}

fn nest(dice: &mut Dice) -> String {
    let f = fitting(dice, Kind::Choice);
    let d = fitting(dice, Kind::Int);
    let c = match dice.below(3) {
        0 => String::new(),
        1 => format!(",\"c\":{{\"d\":{d}}}"),
        _ => format!(",\"c\":{{\"d\":{d},\"e\":{}}}", fitting(dice, Kind::Flag)),
    };
    format!("{{\"f\":{f}{c}}}")
}
