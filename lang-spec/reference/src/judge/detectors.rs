//! The built-in detectors: their languages and their checks.
//!
//! In: a name; a text and a range of it. Out: the detector's parts; whether a check holds of that range in its place.
//! Source: `lang-spec/content.md`, [content.std], [content.card], [content.iban], [content.ip], [content.secret]; ISO/IEC 7812-1 annex B (Luhn); ISO 13616 and
//! ISO/IEC 7064 (mod 97); RFC 4291 section 2.2.

use std::collections::BTreeMap;
use std::net::Ipv6Addr;

/// The names of the built-in detectors, after `std.`.
pub(crate) const BUILT_IN: [&str; 12] =
    ["email", "us_ssn", "credit_card", "iban", "phone", "ip", "jwt", "private_key", "aws_key", "github_token", "slack_token", "secret"];

/// What must hold of a find beside its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Nothing.
    None,
    /// No letter or digit touches it.
    Free,
    /// A social security number that is given out.
    Ssn,
    /// A payment card's number.
    Card,
    /// An international bank account number.
    Iban,
    /// An Internet address.
    Ip,
    /// A token that looks generated.
    Secret,
}

/// Letters and digits of names, as `content.md` has them.
const LETTERS: &str = r"A-Za-z\u{c0}-\u{24f}\u{370}-\u{52f}";
/// One separator.
const SEPARATOR: &str = r"[ \u{a0}\u{202f}\u{2010}-\u{2013}-]";

/// The languages of a built-in detector, each with its check.
pub(crate) fn built_in(name: &str) -> Vec<(String, Check)> {
    let word = format!("0-9{LETTERS}");
    let (check, languages): (Check, Vec<String>) = match name {
        "email" => (Check::Free, vec![format!(r"[{word}_][{word}_.%+'\-]*@([{word}\-]+\.)+(xn--[A-Za-z0-9\-]+|[{LETTERS}]{{2,}})")]),
        "us_ssn" => (Check::Ssn, vec!["[0-9]{3}(-[0-9]{2}-| [0-9]{2} )[0-9]{4}".into()]),
        "credit_card" => (Check::Card, vec![format!("[0-9]({SEPARATOR}?[0-9]){{11,18}}")]),
        "iban" => {
            (Check::Iban, vec![format!("[A-Za-z]{{2}}[0-9]{{2}}({SEPARATOR}?[A-Za-z0-9]{{4}}){{2,7}}({SEPARATOR}?[A-Za-z0-9]{{1,3}})?")])
        }
        "ip" => {
            (Check::Ip, vec![r"([0-9]{1,3}\.){3}[0-9]{1,3}".into(), r"[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,8}(\.[0-9]{1,3}){0,3}".into()])
        }
        "private_key" => (Check::None, listed(PRIVATE_KEY)),
        "secret" => (Check::Secret, vec![r"[A-Za-z0-9+/_\-]{20,}={0,2}".into()]),
        "phone" => (Check::Free, listed(PHONE)),
        "jwt" => (Check::Free, listed(JWT)),
        "aws_key" => (Check::Free, listed(AWS_KEY)),
        "github_token" => (Check::Free, listed(GITHUB_TOKEN)),
        "slack_token" => (Check::Free, listed(SLACK_TOKEN)),
        _ => (Check::None, Vec::new()),
    };
    languages.into_iter().map(|language| (language, check)).collect()
}

fn listed(languages: &[&str]) -> Vec<String> {
    languages.iter().map(|language| (*language).to_owned()).collect()
}

const PHONE: &[&str] =
    &[r"\+[1-9]([ .()/\-]{0,2}[0-9]){6,14}", r"(1[ .\-]?)?(\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .\-])[2-9][0-9]{2}[ .\-][0-9]{4}"];
const JWT: &[&str] = &[
    r"eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*",
    r"eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+",
];
const PRIVATE_KEY: &[&str] = &[
    r"-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----([^-]|-[^-])*(-----END ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----)?",
    r"AGE-SECRET-KEY-1[0-9A-Z]{58}",
];
const AWS_KEY: &[&str] = &[
    r"(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    r#"[Aa][Ww][Ss]_?[Ss][Ee][Cc][Rr][Ee][Tt]_?[Aa][Cc][Cc][Ee][Ss][Ss]_?[Kk][Ee][Yy][ "']{0,3}[:=][ "']{0,3}[A-Za-z0-9/+]{40}"#,
];
const GITHUB_TOKEN: &[&str] = &[r"gh[pousr]_[A-Za-z0-9_]{36,}", r"github_pat_[A-Za-z0-9_]{22,}"];
const SLACK_TOKEN: &[&str] = &[
    r"xox[a-z](\.xox[a-z])?-[A-Za-z0-9\-]{10,}",
    r"xapp-[0-9]-[A-Za-z0-9\-]{10,}",
    r"https://hooks\.slack\.com/(services|workflows|triggers)/[A-Za-z0-9/_\-]{20,}",
];

impl Check {
    /// Whether it holds of a range of a text, in its place.
    pub(crate) fn holds(self, text: &str, start: usize, end: usize) -> bool {
        let place = (text.get(..start), text.get(start..end), text.get(end..));
        let (Some(before), Some(found), Some(after)) = place else { return false };
        let free = !before.ends_with(|c: char| c.is_ascii_alphanumeric()) && !after.starts_with(|c: char| c.is_ascii_alphanumeric());
        match self {
            Self::None => true,
            Self::Free => free,
            Self::Ssn => free && is_ssn(found),
            Self::Card => free && !follows_a_fraction(before) && is_card(found),
            Self::Iban => free && is_iban(found),
            Self::Ip => free && !follows_a_fraction(before) && is_ip(before, found, after),
            Self::Secret => free && !before.ends_with(of_token) && !after.starts_with(of_token) && is_secret(found),
        }
    }
}

/// Whether a text ends in a dot that follows a digit.
fn follows_a_fraction(before: &str) -> bool {
    before.strip_suffix('.').is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()))
}

fn is_ssn(found: &str) -> bool {
    let digits: Vec<&str> = found.split(['-', ' ']).collect();
    match digits.as_slice() {
        [area, group, serial] => !matches!(*area, "000" | "666") && !area.starts_with('9') && *group != "00" && *serial != "0000",
        _ => false,
    }
}

/// Beginnings of the same length, from the first to the last, and the numbers of digits that they go with.
const CARDS: &[(u32, u32, usize, usize)] = &[
    (4, 4, 13, 13),
    (4, 4, 16, 16),
    (4, 4, 19, 19),
    (51, 55, 16, 16),
    (2221, 2720, 16, 16),
    (34, 34, 15, 15),
    (37, 37, 15, 15),
    (300, 305, 14, 19),
    (3095, 3095, 14, 19),
    (36, 36, 14, 19),
    (38, 39, 14, 19),
    (3528, 3589, 16, 19),
    (60, 60, 16, 19),
    (62, 62, 16, 19),
    (644, 649, 16, 19),
    (65, 65, 16, 19),
    (636, 636, 16, 19),
    (2200, 2204, 16, 19),
    (5018, 5018, 12, 19),
    (5019, 5020, 12, 19),
    (5038, 5038, 12, 19),
    (5893, 5893, 12, 19),
    (6304, 6304, 12, 19),
    (6759, 6759, 12, 19),
    (6761, 6763, 12, 19),
    (506_099, 506_198, 16, 19),
    (81, 82, 16, 19),
    (508, 508, 16, 19),
    (9792, 9792, 16, 19),
];

fn is_card(found: &str) -> bool {
    let digits: String = found.chars().filter(char::is_ascii_digit).collect();
    let begins = |(from, to, least, most): &(u32, u32, usize, usize)| {
        let beginning = digits.get(..from.to_string().len()).and_then(|text| text.parse::<u32>().ok());
        (*least..=*most).contains(&digits.len()) && beginning.is_some_and(|beginning| (*from..=*to).contains(&beginning))
    };
    CARDS.iter().any(begins) && luhn(&digits)
}

/// Every second digit from the right but one is doubled, and its digits added.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    sum.is_multiple_of(10)
}

const IBANS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 \
FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 \
MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 \
VG24 XK20 YE30";

fn is_iban(found: &str) -> bool {
    let plain: String = found.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let Some((head, tail)) = plain.split_at_checked(4) else { return false };
    let wanted = format!("{}{}", head.get(..2).unwrap_or_default(), plain.len());
    if !IBANS.split(' ').any(|known| known == wanted) {
        return false;
    }
    let remainder = tail.chars().chain(head.chars()).filter_map(|c| c.to_digit(36)).fold(0, |so_far, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (so_far * shift + value) % 97
    });
    remainder == 1
}

fn is_ip(before: &str, found: &str, after: &str) -> bool {
    let mut following = after.chars();
    let next = (following.next(), following.next());
    if matches!(next, (Some('.'), Some(c)) if c.is_ascii_digit()) || !found.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    if found.contains(':') {
        let follows = before.strip_suffix(':').is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
        return found.parse::<Ipv6Addr>().is_ok() && !follows && !matches!(next, (Some(':'), Some(c)) if c.is_ascii_alphanumeric());
    }
    let number = |part: &str| part == "0" || (!part.starts_with('0') && part.parse::<u8>().is_ok());
    found.split('.').count() == 4 && found.split('.').all(number)
}

fn of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '-')
}

fn is_secret(found: &str) -> bool {
    let length = found.len();
    let count = |is: fn(&char) -> bool| found.chars().filter(is).count();
    let (digits, letters) = (count(char::is_ascii_digit), count(char::is_ascii_alphabetic));
    let both_cases = count(char::is_ascii_lowercase) > 0 && count(char::is_ascii_uppercase) > 0;
    let beyond_hex = found.chars().any(|c| !c.is_ascii_hexdigit() && c != '-');
    if length > 256 || letters == 0 || digits < 2 || !beyond_hex || !(both_cases || digits * 6 >= length) {
        return false;
    }
    let mut times: BTreeMap<char, usize> = BTreeMap::new();
    found.chars().for_each(|c| *times.entry(c).or_default() += 1);
    let equal: usize = times.values().map(|times| times * (times - 1)).sum();
    let kinds: Vec<u8> = found.chars().map(kind).collect();
    let changes = kinds.windows(2).filter(|pair| matches!(pair, [a, b] if a != b)).count();
    24 * equal <= length * (length - 1) && 4 * changes >= length
}

fn kind(c: char) -> u8 {
    match c {
        'a'..='z' => 0,
        'A'..='Z' => 1,
        '0'..='9' => 2,
        _ => 3,
    }
}
