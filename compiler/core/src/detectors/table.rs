//! The built-in detectors.
//!
//! In: nothing. Out: their names, expressions and checks. Invariant: none finds the empty text.
//! Source: `lang-spec/content.md`, [content.std].

use leverframe_runtime::frame::Check;

/// A built-in detector.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its name, `std.NAME`.
    pub name: &'static str,
    /// What it finds, in a sentence.
    pub doc: &'static str,
    /// Its expressions; each is a part.
    pub expressions: &'static [&'static str],
    /// What confirms a match of any of them.
    pub check: Check,
}

const fn built_in(name: &'static str, check: Check, doc: &'static str, expressions: &'static [&'static str]) -> BuiltIn {
    BuiltIn { name, doc, expressions, check }
}

/// All of them, by name.
pub const BUILT_IN: &[BuiltIn] = &[
    built_in(
        "std.aws_key",
        Check::Bounded,
        "access keys of AWS: the identifier, and the secret beside its name",
        &[
            "(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
            "[Aa][Ww][Ss]_?[Ss][Ee][Cc][Rr][Ee][Tt]_?[Aa][Cc][Cc][Ee][Ss][Ss]_?[Kk][Ee][Yy][ \"']{0,3}[:=][ \"']{0,3}[A-Za-z0-9/+]{40}",
        ],
    ),
    built_in(
        "std.credit_card",
        Check::Card,
        "payment card numbers: a known issuer's beginning and length, with the right check digit",
        &["[0-9]([ \\u{a0}\\u{202f}\\u{2010}-\\u{2013}-]?[0-9]){11,18}"],
    ),
    built_in(
        "std.email",
        Check::Bounded,
        "e-mail addresses",
        &[concat!(
            "[A-Za-z0-9\\u{c0}-\\u{24f}\\u{370}-\\u{52f}_][A-Za-z0-9\\u{c0}-\\u{24f}\\u{370}-\\u{52f}_.%+'-]*@",
            "([A-Za-z0-9\\u{c0}-\\u{24f}\\u{370}-\\u{52f}-]+\\.)+",
            "(xn--[A-Za-z0-9-]+|[A-Za-z\\u{c0}-\\u{24f}\\u{370}-\\u{52f}]{2,})",
        )],
    ),
    built_in("std.github_token", Check::Bounded, "tokens of GitHub", &["gh[pousr]_[A-Za-z0-9_]{36,}", "github_pat_[A-Za-z0-9_]{22,}"]),
    built_in(
        "std.iban",
        Check::Iban,
        "international bank account numbers: the country's length, with the right check digits",
        &[concat!(
            "[A-Za-z]{2}[0-9]{2}([ \\u{a0}\\u{202f}\\u{2010}-\\u{2013}-]?[A-Za-z0-9]{4}){2,7}",
            "([ \\u{a0}\\u{202f}\\u{2010}-\\u{2013}-]?[A-Za-z0-9]{1,3})?",
        )],
    ),
    built_in(
        "std.ip",
        Check::Ip,
        "IPv4 and IPv6 addresses",
        &["([0-9]{1,3}\\.){3}[0-9]{1,3}", "[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,8}(\\.[0-9]{1,3}){0,3}"],
    ),
    built_in(
        "std.jwt",
        Check::Bounded,
        "JSON web tokens, signed or encrypted",
        &[
            "eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*",
            "eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+",
        ],
    ),
    built_in(
        "std.phone",
        Check::Bounded,
        "telephone numbers in international form, and North American ones with separators",
        &["\\+[1-9]([ .()/-]{0,2}[0-9]){6,14}", "(1[ .-]?)?(\\([2-9][0-9]{2}\\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}"],
    ),
    built_in(
        "std.private_key",
        Check::None,
        "private keys: PEM, OpenSSH, PGP, age",
        &[
            concat!("-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----([^-]|-[^-])*", "(-----END ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----)?",),
            "AGE-SECRET-KEY-1[0-9A-Z]{58}",
        ],
    ),
    built_in(
        "std.secret",
        Check::Entropy,
        "tokens that look generated: 20 to 256 characters of several kinds, evenly used; no digests, no UUIDs",
        &["[A-Za-z0-9+/_-]{20,}={0,2}"],
    ),
    built_in(
        "std.slack_token",
        Check::Bounded,
        "tokens and incoming webhooks of Slack",
        &[
            "xox[a-z](\\.xox[a-z])?-[A-Za-z0-9-]{10,}",
            "xapp-[0-9]-[A-Za-z0-9-]{10,}",
            "https://hooks\\.slack\\.com/(services|workflows|triggers)/[A-Za-z0-9/_-]{20,}",
        ],
    ),
    built_in(
        "std.us_ssn",
        Check::Ssn,
        "social security numbers of the United States, with separators",
        &["[0-9]{3}(-[0-9]{2}-| [0-9]{2} )[0-9]{4}"],
    ),
];

/// The built-in detector of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    let index = BUILT_IN.binary_search_by(|known| known.name.cmp(name)).ok()?;
    BUILT_IN.get(index)
}
