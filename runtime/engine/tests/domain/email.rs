//! E-mail addresses: lists, display names, quoting, relays, look-alikes.

use leverframe_runtime::domain::DomainError as E;
use leverframe_runtime::domain::email::{normalise, parts};

use super::{becomes, fails};

#[test]
fn plain_addresses_are_read() {
    becomes(
        normalise,
        &[
            ("bob@acme.example", "bob@acme.example"),
            ("bob@ACME.Example", "bob@acme.example"),
            ("Bob@acme.example", "Bob@acme.example"),
            ("bob+tag@acme.example", "bob+tag@acme.example"),
            ("b.o.b@acme.example", "b.o.b@acme.example"),
            ("o'hara/x=y@acme.example", "o'hara/x=y@acme.example"),
            ("bob@sub.acme.example", "bob@sub.acme.example"),
            ("bob@localhost", "bob@localhost"),
            ("bob@3com.example", "bob@3com.example"),
            ("bob@xn--mnchen-3ya.example", "bob@xn--mnchen-3ya.example"),
            ("1@1.a", "1@1.a"),
        ],
    );
}

#[test]
fn anything_but_one_plain_address_fails() {
    fails(normalise, &[("", E::Empty)]);
    for text in [
        "bob",
        "acme.example",
        "@",
        "@acme.example",
        "bob@",
        "bob@acme.example@evil.example",
        "bob@evil.example@acme.example",
        "\"bob@acme.example\"@evil.example",
        "\"bob\"@acme.example",
        "bob@acme.example, eve@evil.example",
        "eve@evil.example,bob@acme.example",
        "eve@evil.example;bob@acme.example",
        "eve@evil.example bob@acme.example",
        "bob@acme.example\nBcc: eve@evil.example",
        "bob@acme.example\r\n",
        "bob@acme.example\0",
        "eve@evil.example\0@acme.example",
        "eve@evil.example <bob@acme.example>",
        "<bob@acme.example>",
        "Bob <bob@acme.example>",
        "bob(comment)@acme.example",
        "bob@(comment)acme.example",
        " bob@acme.example",
        "bob@acme.example ",
        "bob @acme.example",
        "bob@ acme.example",
        "bob@acme .example",
        "bob\t@acme.example",
        "mailto:bob@acme.example",
        "bob@acme.example?bcc=eve",
        "@relay.example:bob@acme.example",
        "bob%evil.example@acme.example",
        "evil.example!bob@acme.example",
        ".bob@acme.example",
        "bob.@acme.example",
        "b..b@acme.example",
        "bob@.acme.example",
        "bob@acme..example",
        "bob@acme.example.",
        "bob@-acme.example",
        "bob@acme-.example",
        "bob@ac_me.example",
        "bob@[127.0.0.1]",
        "bob@[IPv6:::1]",
        "bob@127.0.0.1",
        "bob@2130706433",
        "bob@acme.example:25",
        "bob@acme.example/x",
        "bob\\@evil.example",
        "bob=?utf-8?q?=40?=",
    ] {
        fails(normalise, &[(text, E::NotEmail)]);
    }
}

#[test]
fn other_scripts_are_never_folded_into_ascii() {
    for text in [
        "bob@\u{430}cme.example",
        "bob@acme.exampl\u{435}",
        "bob@\u{ff41}cme.example",
        "bob@acme\u{3002}example",
        "bob@acme\u{ff0e}example",
        "bob@\u{212a}acme.example",
        "bob@acme.\u{200b}example",
        "bob@acme.example\u{feff}",
        "bob@ac\u{ad}me.example",
        "bob@m\u{fc}nchen.example",
        "bob\u{ff20}acme.example",
        "b\u{f6}b@acme.example",
        "bob\u{202e}@acme.example",
    ] {
        fails(normalise, &[(text, E::NotEmail)]);
    }
}

#[test]
fn parts_are_what_stands_before_and_after_the_at_sign() {
    let mut out = String::new();
    normalise("Bob+x@ACME.example", &mut out).unwrap();
    assert_eq!(parts(&out), Some(("Bob+x", "acme.example")));
    assert_eq!(parts("bob"), None);
}
