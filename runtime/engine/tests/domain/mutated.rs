//! Random mutations of the corpora's tricks: nothing panics, every normal form is its own, and each keeps its promises.

use leverframe_runtime::domain::decimal::Decimal;
use leverframe_runtime::domain::{email, host, ip, path, time, url};

use super::{Normaliser, normal};

/// How many mutated texts one run tries with each type.
const TEXTS: usize = 30_000;

const PIECES: [&str; 44] = [
    "/",
    "//",
    ".",
    "..",
    "\\",
    "%2e",
    "%2F",
    "%00",
    "%",
    "@",
    ":",
    "?",
    "#",
    "[",
    "]",
    "::1",
    "::ffff:",
    "127.0.0.1",
    "0177.",
    "0x7f",
    "1",
    "0",
    "443",
    "-",
    "+",
    "e",
    "E",
    "_",
    " ",
    "\t",
    "\n",
    "\0",
    "xn--",
    "acme",
    "example",
    "HTTPS",
    "http",
    "\u{ff0e}",
    "\u{3002}",
    "\u{ff41}",
    "\u{430}",
    "\u{ad}",
    "\u{200b}",
    "\u{fc}",
];

/// A linear congruential generator, so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % bound as u64).unwrap_or(0)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let at = self.below(from.len());
        from.get(at).copied().unwrap_or_default()
    }

    /// One of the seeds, with up to three of its characters cut out or pieces put in.
    fn mutated(&mut self, seeds: &[&str]) -> String {
        let mut text: Vec<char> = self.pick(seeds).chars().collect();
        for _ in 0..self.below(4) {
            let at = self.below(text.len() + 1);
            let end = (at + self.below(3)).min(text.len());
            let piece = if self.below(3) == 0 { "" } else { self.pick(&PIECES) };
            text.splice(at..end, piece.chars());
        }
        text.into_iter().collect()
    }
}

/// Runs `check` on the normal forms of mutated seeds, and holds each to be its own.
fn run(normalise: Normaliser, seeds: &[&str], check: impl Fn(&str, &str)) {
    let mut random = Random(42);
    let mut accepted = 0;
    for _ in 0..TEXTS {
        let text = random.mutated(seeds);
        if let Ok(form) = normal(normalise, &text) {
            let again = normal(normalise, &form);
            assert_eq!(again.as_deref(), Ok(form.as_str()), "{text:?}");
            check(&text, &form);
            accepted += 1;
        }
    }
    assert!(accepted > TEXTS / 10, "{accepted} accepted");
    assert!(accepted < TEXTS * 9 / 10, "{accepted} accepted");
}

#[test]
fn paths_never_climb() {
    let seeds = ["/srv/data/x", "/srv/../etc/passwd", "/a/./b//c/"];
    run(path::normalise, &seeds, |text, form| {
        assert!(form.starts_with('/') && path::under(form, "/"), "{text:?}");
        let names = form.strip_prefix('/').unwrap_or_default();
        let plain = |name| !matches!(name, "" | "." | "..");
        assert!(form == "/" || names.split('/').all(plain), "{text:?}");
    });
}

#[test]
fn urls_have_the_components_that_the_standard_gives_them() {
    let seeds = [
        "https://acme.example/public/../private",
        "HTTP://A.acme.example.:8080/x?y#z",
        "wss://[2001:db8::1]:9/s",
        "https://127.0.0.1/",
        "https://m\u{fc}nchen.example",
    ];
    run(url::normalise, &seeds, |text, form| {
        let parts = url::components(form).expect("components");
        let standard = ::url::Url::parse(text).expect("a URL");
        let read = standard.host_str().unwrap_or_default();
        assert_eq!(parts.host, read.trim_end_matches('.'), "{text:?}");
        assert_eq!(Some(parts.port), standard.port_or_known_default());
        assert_eq!(parts.scheme, standard.scheme());
        assert_eq!(parts.path, standard.path());
        assert_eq!(::url::Url::parse(form).map(|u| u.path().len()), Ok(parts.path.len()));
    });
}

#[test]
fn hosts_are_ascii_and_without_empty_labels() {
    let seeds = ["acme.example", "A.m\u{fc}nchen.example.", "127.0.0.1", "[::1]"];
    run(host::normalise, &seeds, |text, form| {
        assert!(form.is_ascii() && !form.ends_with('.'), "{text:?}");
        assert!(!form.contains("..") && !form.starts_with('.'), "{text:?}");
        assert!(!form.bytes().any(|b| b.is_ascii_uppercase()), "{text:?}");
    });
}

#[test]
fn addresses_keep_their_parts() {
    let seeds = ["bob@acme.example", "b.o.b+x@Sub.ACME.example"];
    run(email::normalise, &seeds, |text, form| {
        let (local, domain) = email::parts(form).expect("parts");
        assert_eq!(text.split_once('@').map(|(local, _)| local), Some(local));
        let mut as_host = String::new();
        let host = host::normalise(domain, &mut as_host).map(|()| as_host);
        // A domain that no URL could name (a broken `xn--` label) stays what it is.
        assert!(host.is_err() || host.as_deref() == Ok(domain), "{text:?}");
    });
}

#[test]
fn ip_addresses_print_as_they_were_written() {
    let seeds = ["10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", "::"];
    run(ip::normalise, &seeds, |text, form| {
        let mapped = text.strip_prefix("::ffff:").unwrap_or(text);
        assert!(form == text || form == mapped, "{text:?}");
        assert_eq!(ip::parse(form).map(|ip| ip.to_string()).as_deref(), Ok(form));
    });
}

#[test]
fn times_and_numbers_do_not_panic() {
    let mut random = Random(7);
    let seeds = ["2026-11-22T10:00:00.5+01:00", "10m", "-12.50e-3", "9223372036854775807"];
    let (mut numbers, mut times) = (0, 0);
    for _ in 0..TEXTS {
        let text = random.mutated(&seeds);
        times += usize::from(time::parse_timestamp(&text).is_ok());
        times += usize::from(time::parse_duration(&text).is_ok());
        if let Ok(number) = Decimal::parse(&text) {
            let mut form = String::new();
            number.write_normal(&mut form);
            assert_eq!(Decimal::parse_normal(&form), Ok(number), "{text:?}");
            let double: f64 = text.parse().expect("a number");
            let near: f64 = form.parse().expect("a number");
            assert_eq!(double, near, "{text:?}");
            numbers += 1;
        }
    }
    assert!(numbers > 1_000 && times > 1_000, "{numbers} {times}");
}
