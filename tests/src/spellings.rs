//! Random spellings of URLs, paths, addresses, times and numbers: both sides must give them the same normal form, or none.
//!
//! In: dice. Out: a policy that tells normal forms apart, and a record of calls. Beside each random spelling stands what the engine makes of it, so a
//! reference that makes something else answers differently.
//! Source: `lang-spec/domain-types.md`.

use std::fmt::Write;

use leverframe_runtime::domain::{email, ip, path, url};

use crate::random::Dice;
use crate::trace::{Call, Event};

/// Tells apart what two spellings stand for; `t.` are typed arguments, `s.` strings that conditions read.
pub const POLICY: &str = r#"language 1
tool t.url(a: url, b: url)
tool t.path(a: path, b: path)
tool t.email(a: email, b: email)
tool t.ip(a: ip, b: ip)
tool t.timestamp(a: timestamp, b: timestamp)
tool t.duration(a: duration, b: duration)
tool t.number(a: number, b: number)
tool t.int(a: int, b: int)
tool s.url(a: string, scheme: string, host: string, path: string, port: int)
tool s.path(a: string, b: string)
tool s.email(a: string, local: string, domain: string)
tool s.ip(a: string, b: string)
tool s.text(a: string, b: string)
persona p {
  on t.url { a == b => allow }
  on t.path { a == b => allow, a under "/srv/data" => ask }
  on t.email { a == b => allow }
  on t.ip { a == b => allow, a in "10.0.0.0/8" => ask, a in "2001:db8::/33" => ask }
  on t.timestamp { a == b => allow, a < b => ask, hour(a) == hour(b) => deny "hour", weekday(a) == weekday(b) => deny "day" }
  on t.duration { a == b => allow, a < b => ask }
  on t.number { a == b => allow, a < b => ask }
  on t.int { a == b => allow, a < b => ask }
  on s.url { url(a).scheme != scheme => deny "scheme", url(a).host != host => deny "host", url(a).path != path => deny "path", url(a).port != port => deny "port",
    url(a).host under "acme.example" => ask, otherwise => allow }
  on s.path { path(a) == path(b) => allow, path(a) under "/srv/data" => ask }
  on s.email { email(a).local != local => deny "local", email(a).domain != domain => deny "domain", otherwise => allow }
  on s.ip { ip(a) == ip(b) => allow, ip(a) in "10.0.0.0/8" => ask }
  on s.text { lower(a) == lower(b) => ask, a like "*a*b" => deny "like", a matches r"[a-c]*(\d|é)?" => deny "matches", otherwise => allow }
  otherwise deny
}
"#;

const URLS: &[&str] = &[
    "https://acme.example/a/b?q=1#f",
    "http://10.0.0.1:8080/",
    "wss://[2001:db8::1]/x",
    "https://b\u{fc}cher.example/%2f..",
    "ftp://acme.example./a/./../b",
];
const PATHS: &[&str] = &["/srv/data/a.txt", "/srv//data/../x/", "/a/./b", "/srv/data"];
const EMAILS: &[&str] = &["ann@acme.example", "a.b+c@Mail.ACME.example", "x_y@a-b.example", "o'neil@acme.example"];
const IPS: &[&str] = &["10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", "fe80::1:0:0:1", "::", "255.255.255.255"];
const STAMPS: &[&str] = &[
    "2026-11-22T10:00:00Z",
    "2024-02-29T23:59:59.999+23:59",
    "1969-12-31T00:00:00.0000001-00:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
];
const SPANS: &[&str] = &["500ms", "30s", "10m", "2h", "7d", "0s", "106751991167d"];
const NUMBERS: &[&str] =
    &["1.5", "-0.0", "1e3", "150E-2", "9223372036854775807", "-9223372036854775808", "0.30000000000000004", "12345678901234567890.5"];
const TEXTS: &[&str] = &["abc", "\u{130}stanbul", "\u{3a3}\u{391}\u{3a3}", "aXb", "cab1", "stra\u{df}e", "\u{1e9e}"];
/// What mutations put in.
const PIECES: &[&str] = &[
    "/",
    "\\",
    ".",
    "..",
    "%2e",
    "%2F",
    "%",
    "@",
    ":",
    "::",
    "?",
    "#",
    " ",
    "\t",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{ff0f}",
    "\u{3002}",
    "\u{ff21}",
    "0",
    "00",
    "1",
    "9",
    "a",
    "A",
    "x",
    "[",
    "]",
    "-",
    "_",
    "+",
    "e",
    "E",
    "Z",
    "T",
    "s",
    "xn--",
    "\u{e9}",
    "\u{301}",
    "\u{1f600}",
    "~",
    "!",
    "'",
    "\"",
    "<",
    "|",
    "^",
    ",",
    ";",
    "=",
    "&",
    "*",
    "(",
    "\u{0}",
    "\n",
    "\u{7f}",
    "example",
    "//",
];

/// A record of calls with random spellings.
#[must_use]
pub fn record(mut dice: Dice, calls: usize) -> Vec<Event> {
    (0..calls).map(|_| call(&mut dice)).collect()
}

fn call(dice: &mut Dice) -> Event {
    let (tool, args) = match dice.below(13) {
        0 => ("t.url", typed(dice, URLS, url_normal)),
        1 => ("t.path", typed(dice, PATHS, path_normal)),
        2 => ("t.email", typed(dice, EMAILS, email_normal)),
        3 => ("t.ip", typed(dice, IPS, ip_normal)),
        4 => ("t.timestamp", typed(dice, STAMPS, |_| None)),
        5 => ("t.duration", typed(dice, SPANS, |_| None)),
        6 => ("t.number", numbers(dice)),
        7 => ("t.int", numbers(dice)),
        8 => ("s.url", url_parts(dice)),
        9 => ("s.path", typed(dice, PATHS, path_normal)),
        10 => ("s.email", email_parts(dice)),
        11 => ("s.ip", typed(dice, IPS, ip_normal)),
        _ => ("s.text", typed(dice, TEXTS, |_| None)),
    };
    Event::Call(Call {
        id: None,
        session: "s".to_owned(),
        persona: "p".to_owned(),
        tool: tool.to_owned(),
        args,
        context: None,
        keys: [None, None, None],
        at: None,
        approved: None,
        result: None,
    })
}

/// A spelling, and its normal form or a near relation.
fn typed(dice: &mut Dice, seeds: &[&str], normal: impl Fn(&str) -> Option<String>) -> String {
    let seed = *dice.pick(seeds);
    let a = mutated(dice, seed);
    let b = match normal(&a) {
        Some(normal) if dice.chance(80) => normal,
        _ if dice.chance(50) => a.clone(),
        _ => mutated(dice, seed),
    };
    format!("{{\"a\":{},\"b\":{}}}", json(&a), json(&b))
}

/// Numbers are not quoted, so only what JSON lets stand may stand.
fn numbers(dice: &mut Dice) -> String {
    let mut one = || {
        let (sign, digits) = (*dice.pick(&["", "-"]), dice.below(25));
        let mut text = String::from(sign);
        let whole: String = (0..=digits).map(|_| char::from(b'0' + u8::try_from(dice.below(10)).unwrap_or(0))).collect();
        let whole = whole.trim_start_matches('0');
        text.push_str(if whole.is_empty() { "0" } else { whole });
        if dice.chance(40) {
            let _ = write!(text, ".{}", dice.pick(&["0", "5", "00", "50", "000000000000000000001"]));
        }
        if dice.chance(40) {
            let _ = write!(
                text,
                "{}{}{}",
                dice.pick(&["e", "E"]),
                dice.pick(&["", "+", "-"]),
                dice.pick(&["0", "1", "2", "18", "400", "401", "05"])
            );
        }
        if dice.chance(30) { (*dice.pick(NUMBERS)).to_owned() } else { text }
    };
    let (a, other) = (one(), one());
    let b = if dice.chance(30) { a.clone() } else { other };
    format!("{{\"a\":{a},\"b\":{b}}}")
}

fn url_parts(dice: &mut Dice) -> String {
    let seed = *dice.pick(URLS);
    let a = mutated(dice, seed);
    let normal = url_normal(&a).unwrap_or_default();
    let parts = url::components(&normal).map(|parts| (parts.scheme.to_owned(), parts.host.to_owned(), parts.path.to_owned(), parts.port));
    let (scheme, host, path, port) = parts.unwrap_or_default();
    format!("{{\"a\":{},\"scheme\":{},\"host\":{},\"path\":{},\"port\":{port}}}", json(&a), json(&scheme), json(&host), json(&path))
}

fn email_parts(dice: &mut Dice) -> String {
    let seed = *dice.pick(EMAILS);
    let a = mutated(dice, seed);
    let normal = email_normal(&a).unwrap_or_default();
    let (local, domain) = email::parts(&normal).unwrap_or_default();
    format!("{{\"a\":{},\"local\":{},\"domain\":{}}}", json(&a), json(local), json(domain))
}

fn mutated(dice: &mut Dice, seed: &str) -> String {
    let mut letters: Vec<char> = seed.chars().collect();
    for _ in 0..dice.weighted(&[15, 45, 25, 15]) {
        let at = dice.below(letters.len() + 1);
        let piece: Vec<char> = dice.pick(PIECES).chars().collect();
        match dice.below(4) {
            0 if at < letters.len() => {
                letters.remove(at);
            }
            1 if at < letters.len() => {
                letters.splice(at..=at, piece);
            }
            2 if at < letters.len() => {
                let letter = letters[at];
                letters.insert(at, letter);
            }
            _ => {
                letters.splice(at..at, piece);
            }
        }
    }
    letters.into_iter().collect()
}

fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\u{0}'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

fn url_normal(text: &str) -> Option<String> {
    let mut out = String::new();
    url::normalise(text, &mut out).ok().map(|()| out)
}

fn path_normal(text: &str) -> Option<String> {
    let mut out = String::new();
    path::normalise(text, &mut out).ok().map(|()| out)
}

fn email_normal(text: &str) -> Option<String> {
    let mut out = String::new();
    email::normalise(text, &mut out).ok().map(|()| out)
}

fn ip_normal(text: &str) -> Option<String> {
    let mut out = String::new();
    ip::normalise(text, &mut out).ok().map(|()| out)
}
