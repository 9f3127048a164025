//! URLs: user information, slashes, encodings, ports, schemes.

use leverframe_runtime::domain::DomainError as E;
use leverframe_runtime::domain::url::{Components, components, normalise};

use super::{becomes, fails, normal};

#[test]
fn spellings_of_one_url_have_one_normal_form() {
    becomes(
        normalise,
        &[
            ("https://acme.example", "https://acme.example:443/"),
            ("https://acme.example/", "https://acme.example:443/"),
            ("HTTPS://ACME.example./", "https://acme.example:443/"),
            ("https://acme.example:443/", "https://acme.example:443/"),
            ("http://acme.example", "http://acme.example:80/"),
            ("ws://acme.example/s", "ws://acme.example:80/s"),
            ("wss://acme.example/s", "wss://acme.example:443/s"),
            ("ftp://acme.example/f", "ftp://acme.example:21/f"),
            ("https://acme.example:8443/x", "https://acme.example:8443/x"),
            ("https://acme.example:0/", "https://acme.example:0/"),
            ("https://acme.example/a/../b", "https://acme.example:443/b"),
            ("https://acme.example/a/%2e%2E/b/.", "https://acme.example:443/b/"),
            ("https://acme.example/../..", "https://acme.example:443/"),
            ("https://acme.example/a//b", "https://acme.example:443/a//b"),
            ("https://acme.example?q=1#f", "https://acme.example:443/?q=1#f"),
            ("https://acme.example/?", "https://acme.example:443/?"),
            ("https://acme.example/#", "https://acme.example:443/#"),
            ("https://acme.example#@evil.example/", "https://acme.example:443/#@evil.example/"),
            ("https://acme.example/@evil.example", "https://acme.example:443/@evil.example"),
            ("https://\u{ff45}vil.example/", "https://evil.example:443/"),
            ("https://m\u{fc}nchen.example/stra\u{df}e", "https://xn--mnchen-3ya.example:443/stra%C3%9Fe"),
            ("https://acme.example/group%2Fproject", "https://acme.example:443/group%2Fproject"),
            ("https://127.0.0.1/", "https://127.0.0.1:443/"),
            ("https://[2001:DB8::1]:8080/", "https://[2001:db8::1]:8080/"),
            ("http://[::1]", "http://[::1]:80/"),
        ],
    );
}

#[test]
fn components_are_those_of_the_normal_form() {
    let parts = |scheme, host, port, path| Some(Components { scheme, host, port, path });
    for (text, wanted) in [
        ("HTTPS://Acme.example.?q=/x#y", parts("https", "acme.example", 443, "/")),
        ("http://acme.example/a/b?c://d", parts("http", "acme.example", 80, "/a/b")),
        ("https://acme.example/a#b?c", parts("https", "acme.example", 443, "/a")),
        ("wss://[2001:db8::1]:9/s", parts("wss", "[2001:db8::1]", 9, "/s")),
        ("https://good.example/https://evil.example/", parts("https", "good.example", 443, "/https://evil.example/")),
        ("https://acme.example/public/%2e%2e/private/a", parts("https", "acme.example", 443, "/private/a")),
    ] {
        let text = normal(normalise, text).unwrap();
        assert_eq!(components(&text), wanted, "{text}");
    }
    for text in ["", "https://", "acme.example", "https://acme.example/"] {
        assert_eq!(components(text), None, "{text:?} is no normal form");
    }
}

#[test]
fn user_information_and_slashes_fail() {
    fails(
        normalise,
        &[
            ("https://user:pw@acme.example/", E::UserInfo),
            ("https://user@acme.example", E::UserInfo),
            ("https://@acme.example/", E::UserInfo),
            ("https://:@acme.example/", E::UserInfo),
            ("https://acme.example@evil.example/", E::UserInfo),
            ("https://acme.example:443@evil.example/", E::UserInfo),
            ("https://a@b@evil.example/", E::UserInfo),
            ("https://acme.example\\@evil.example/", E::Backslash),
            ("https:\\\\acme.example/", E::Backslash),
            ("https://acme.example/public\\a", E::Backslash),
            ("https:acme.example", E::NotCanonical),
            ("https:/acme.example/", E::NotCanonical),
            ("https:", E::NotCanonical),
            ("https:///acme.example/", E::Host),
            ("https:////acme.example/", E::Host),
            ("https://", E::Host),
            ("https:///", E::Host),
            ("https://?q", E::Host),
            ("https://#f", E::Host),
        ],
    );
}

#[test]
fn white_space_and_control_characters_fail() {
    fails(
        normalise,
        &[
            ("https://ac me.example/", E::WhiteSpace),
            (" https://acme.example/", E::WhiteSpace),
            ("https://acme.example/ ", E::WhiteSpace),
            ("https://acme.example/a b", E::WhiteSpace),
            ("https://acme.example/\u{a0}", E::WhiteSpace),
            ("https://acme.example/\u{2028}", E::WhiteSpace),
            ("https://acme.exa\tmple/", E::ControlCharacter),
            ("ht\ntps://acme.example/", E::ControlCharacter),
            ("https://acme.example/\n", E::ControlCharacter),
            ("https://acme.example/\r\nHost: evil", E::ControlCharacter),
            ("\0https://acme.example/", E::ControlCharacter),
            ("https://acme.example/\u{7f}", E::ControlCharacter),
            ("https://ac\u{200b}me.example/", E::InvisibleCharacter),
            ("https://ac\u{ad}me.example/", E::InvisibleCharacter),
        ],
    );
}

#[test]
fn what_is_no_url_with_a_host_fails() {
    fails(
        normalise,
        &[
            ("", E::NotUrl),
            ("acme.example", E::NotUrl),
            ("//acme.example/", E::NotUrl),
            ("/path", E::NotUrl),
            ("not a url", E::WhiteSpace),
            ("acme.example:443/", E::Scheme),
            ("://acme.example", E::Scheme),
            ("javascript:alert(1)", E::Scheme),
            ("javascript://acme.example/%0aalert(1)", E::Scheme),
            ("data:text/html,x", E::Scheme),
            ("file:///etc/passwd", E::Scheme),
            ("file://acme.example/x", E::Scheme),
            ("mailto:bob@acme.example", E::Scheme),
            ("blob:https://acme.example/x", E::Scheme),
            ("view-source:https://acme.example/", E::Scheme),
            ("s3://bucket/key", E::Scheme),
            ("httpss://acme.example/", E::Scheme),
            ("\u{ff48}ttps://acme.example/", E::Scheme),
        ],
    );
}

#[test]
fn hosts_and_ports_are_spelled_canonically() {
    fails(
        normalise,
        &[
            ("https://0177.0.0.1/", E::NotCanonical),
            ("https://0x7f.1/", E::NotCanonical),
            ("https://2130706433/", E::NotCanonical),
            ("https://127.1/", E::NotCanonical),
            ("https://[::ffff:127.0.0.1]/", E::NotCanonical),
            ("https://[0::1]/", E::NotCanonical),
            ("https://%65vil.example/", E::PercentEncoded),
            ("https://acme.example%2eevil.example/", E::PercentEncoded),
            ("https://acme.example%00.evil.example/", E::PercentEncoded),
            ("https://acme..example/", E::Empty),
            ("https://acme.example../", E::Empty),
            ("https://acme.example,evil.example/", E::Host),
            ("https://acme.example:99999/", E::Port),
            ("https://acme.example:80a/", E::Port),
            ("https://acme.example:/", E::Port),
            ("https://acme.example:0443/", E::Port),
            ("https://acme.example:-1/", E::Port),
            ("https://acme.example:+443/", E::Port),
            ("https://acme.example:80:443/", E::Port),
            ("https://[::1]x/", E::Port),
            ("https://::1/", E::Empty),
            ("https://[::1/", E::Host),
        ],
    );
}

#[test]
fn climbing_behind_an_encoded_slash_fails() {
    fails(
        normalise,
        &[
            ("https://acme.example/public/..%2fprivate", E::EncodedDotSegment),
            ("https://acme.example/public%2F..%2Fprivate", E::EncodedDotSegment),
            ("https://acme.example/public/%2e%2e%2fprivate", E::EncodedDotSegment),
            ("https://acme.example/public/..%5cprivate", E::EncodedDotSegment),
            ("https://acme.example/a%2f.%2fb", E::EncodedDotSegment),
        ],
    );
}

#[test]
fn equal_urls_and_only_those_are_equal() {
    let form = |text| normal(normalise, text).unwrap();
    assert_eq!(form("https://A.example"), form("https://a.example.:443/"));
    assert_ne!(form("https://a.example/x"), form("https://a.example/X"));
    assert_ne!(form("https://a.example/"), form("http://a.example:443/"));
    assert_ne!(form("https://a.example/?"), form("https://a.example/"));
    assert_ne!(form("https://\u{430}cme.example/"), form("https://acme.example/"));
}
