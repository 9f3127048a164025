//! Hosts: IDNA, dots, addresses, and what lies under what.

use leverframe_runtime::domain::DomainError as E;
use leverframe_runtime::domain::host::{normalise, under};

use super::{becomes, fails};

#[test]
fn names_are_mapped_to_one_form() {
    becomes(
        normalise,
        &[
            ("acme.example", "acme.example"),
            ("ACME.Example", "acme.example"),
            ("acme.example.", "acme.example"),
            ("\u{ff41}cme.example", "acme.example"),
            ("acme\u{3002}example", "acme.example"),
            ("acme\u{ff0e}example\u{ff61}", "acme.example"),
            ("\u{212a}.example", "k.example"),
            ("\u{24d0}cme.example", "acme.example"),
            ("m\u{fc}nchen.example", "xn--mnchen-3ya.example"),
            ("M\u{dc}NCHEN.example", "xn--mnchen-3ya.example"),
            ("mu\u{308}nchen.example", "xn--mnchen-3ya.example"),
            ("fa\u{df}.example", "xn--fa-hia.example"),
            ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
            ("a_b.acme.example", "a_b.acme.example"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("::1", "[::1]"),
            ("[2001:DB8::1]", "[2001:db8::1]"),
        ],
    );
}

#[test]
fn look_alikes_become_names_of_their_own() {
    let mut out = String::new();
    for text in ["\u{430}cme.example", "acme.exampl\u{435}", "\u{3b1}cme.example"] {
        normalise(text, &mut out).unwrap();
        assert_ne!(out, "acme.example");
        assert!(out.contains("xn--"), "{out}");
    }
}

#[test]
fn ambiguous_hosts_fail() {
    fails(
        normalise,
        &[
            ("", E::Empty),
            (".", E::Empty),
            (".acme.example", E::Empty),
            ("acme..example", E::Empty),
            ("acme.example..", E::Empty),
            ("acme example", E::WhiteSpace),
            ("acme.example\u{3000}", E::WhiteSpace),
            ("acme\u{a0}.example", E::WhiteSpace),
            ("acme.example\n", E::ControlCharacter),
            ("acme\u{85}.example", E::ControlCharacter),
            ("ac\u{ad}me.example", E::InvisibleCharacter),
            ("ac\u{200b}me.example", E::InvisibleCharacter),
            ("ac\u{200d}me.example", E::InvisibleCharacter),
            ("\u{202e}acme.example", E::InvisibleCharacter),
            ("acme.example\u{feff}", E::InvisibleCharacter),
            ("acme\u{fe0f}.example", E::InvisibleCharacter),
            ("acme%2eexample", E::PercentEncoded),
            ("acme\\example", E::Backslash),
            ("acme.example/x", E::Host),
            ("acme.example@evil.example", E::Host),
            ("acme.example\u{ff20}evil.example", E::Host),
            ("evil.example\u{ff0f}.acme.example", E::Host),
            ("a\u{2100}b.example", E::Host),
            ("acme.example,evil.example", E::Host),
            ("evil.example;.acme.example", E::Host),
            ("evil{}.acme.example", E::Host),
            ("*.acme.example", E::Host),
            ("xn--acme-.example", E::Host),
            ("xn--a\u{fc}.example", E::Host),
            ("acme.example:80", E::NotIp),
        ],
    );
    let long = "a.".repeat(600);
    fails(normalise, &[(&long, E::TooLong)]);
}

#[test]
fn addresses_are_read_in_their_canonical_spelling_only() {
    fails(
        normalise,
        &[
            ("127.1", E::NotCanonical),
            ("2130706433", E::NotCanonical),
            ("0x7f000001", E::NotCanonical),
            ("0x7f.0.0.1", E::NotCanonical),
            ("0177.0.0.1", E::NotCanonical),
            ("127.0.0.01", E::NotCanonical),
            ("127.0.0.1.", E::NotCanonical),
            ("\u{ff11}\u{ff12}\u{ff17}.\u{ff10}.\u{ff10}.\u{ff11}", E::NotCanonical),
            ("\u{2460}27.0.0.1", E::NotCanonical),
            ("127.0.0.256", E::Host),
            ("1.2.3.4.5", E::Host),
            ("x.1.2.3.4", E::Host),
            ("4294967296", E::Host),
            ("[0:0:0:0:0:0:0:1]", E::NotCanonical),
            ("[::0001]", E::NotCanonical),
            ("[::ffff:127.0.0.1]", E::NotCanonical),
            ("[::ffff:7f00:1]", E::NotCanonical),
            ("[::127.0.0.1]", E::NotCanonical),
            ("[fe80::1%25eth0]", E::PercentEncoded),
            ("[::1", E::Host),
            ("::1]", E::NotIp),
            ("[127.0.0.1]", E::Host),
            ("[]", E::Host),
        ],
    );
}

#[test]
fn under_is_the_host_or_a_name_below_it() {
    assert!(under("acme.example", "acme.example"));
    assert!(under("a.acme.example", "acme.example"));
    assert!(under("a.b.acme.example", "acme.example"));
    assert!(!under("xacme.example", "acme.example"));
    assert!(!under("acme.example.evil.example", "acme.example"));
    assert!(!under("example", "acme.example"));
    assert!(!under("acme.examples", "acme.example"));
    assert!(under("[::1]", "[::1]"));
    assert!(!under("[2001:db8::1]", "[::1]"));
    assert!(under("10.0.0.1", "10.0.0.1"));
    assert!(!under("110.0.0.1", "10.0.0.1"));
}

#[test]
fn literals_normalise_as_hosts_do() {
    let mut host = String::new();
    let mut literal = String::new();
    for (spelled, domain) in [
        ("X.BAD.example.", "bad.example"),
        ("x.bad.example", "Bad.Example."),
        ("bad.example.", "BAD.EXAMPLE"),
        ("a.m\u{fc}nchen.example", "XN--MNCHEN-3YA.example"),
    ] {
        normalise(spelled, &mut host).unwrap();
        normalise(domain, &mut literal).unwrap();
        assert!(under(&host, &literal), "{spelled} under {domain}");
    }
}
