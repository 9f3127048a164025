//! Random texts with planted secrets: after redaction none survives, and everything between them does.

use crate::independent::assert_redacted;
use crate::policy::redacting;

/// Marsaglia's xorshift: numbers that are the same on every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub(crate) fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// Digits of a Visa card.
    pub(crate) fn card(&mut self) -> String {
        let mut digits: Vec<u32> = vec![4];
        digits.extend((0..14).map(|_| u32::try_from(self.below(10)).unwrap()));
        let sum: u32 =
            digits.iter().rev().enumerate().map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit }).sum();
        digits.push((10 - sum % 10) % 10);
        digits.iter().map(ToString::to_string).collect()
    }
}

const FILLERS: &[&str] = &[
    " ",
    ", ",
    "é",
    "卡号",
    "\u{1f4b3}",
    "\\",
    "\"",
    "/",
    "\n",
    "\t",
    "\u{7}",
    " price 12.50 ",
    " id-7 ",
    "<b>",
    "и",
    ":",
    "\u{2028}",
    "[redacted]",
    " order 2026 ",
    "{}",
    "''",
];

/// A string literal of the text, some of its characters spelled as escapes that they do not need.
fn spelled(random: &mut Random, text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        let must = character < ' ' || matches!(character, '"' | '\\');
        if must || random.below(9) == 0 {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                out += &if random.below(2) == 0 { format!("\\u{unit:04x}") } else { format!("\\u{unit:04X}") };
            }
        } else if character == '/' && random.below(2) == 0 {
            out += "\\/";
        } else {
            out.push(character);
        }
    }
    out + "\""
}

fn planted(random: &mut Random, secrets: &mut Vec<String>) -> String {
    let card = random.card();
    let secret = match random.below(6) {
        0 => card,
        1 => [&card[..4], &card[4..8], &card[8..12], &card[12..]].join(" "),
        2 => format!("user{}@mail.example", random.below(1000)),
        3 => "DE89 3704 0044 0532 0130 00".into(),
        4 => format!("{:03}-{:02}-{:04}", 100 + random.below(500), 1 + random.below(99), 1 + random.below(9999)),
        _ => format!("AKIA{:016X}", random.next()),
    };
    secrets.push(secret.clone());
    secret
}

fn text(random: &mut Random, secrets: &mut Vec<String>) -> String {
    let mut out = String::new();
    for _ in 0..random.below(8) {
        out += random.one(FILLERS);
        if random.below(3) == 0 {
            let secret = planted(random, secrets);
            out += &format!(" ({secret}) ");
        }
    }
    out
}

fn value(random: &mut Random, depth: usize, secrets: &mut Vec<String>) -> String {
    let white = |random: &mut Random| random.one(&["", "", " ", "\n  ", "\t"]).to_owned();
    match random.below(if depth == 0 { 4 } else { 6 }) {
        0 | 1 => {
            let text = text(random, secrets);
            spelled(random, &text)
        }
        2 if random.below(3) == 0 => {
            let card = random.card();
            secrets.push(card.clone());
            card
        }
        2 => random.one(&["0", "-1.5e+3", "17", "0.4111111111111111", "1e9"]).into(),
        3 => random.one(&["true", "false", "null"]).into(),
        4 => {
            let items: Vec<String> =
                (0..random.below(4)).map(|_| white(random) + &value(random, depth - 1, secrets) + &white(random)).collect();
            format!("[{}]", items.join(","))
        }
        _ => {
            let members: Vec<String> = (0..random.below(4))
                .map(|at| {
                    let name = format!("k{at}{}", text(random, secrets));
                    format!("{}{}{}:{}", white(random), spelled(random, &name), white(random), value(random, depth - 1, secrets))
                })
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

#[test]
fn planted_secrets_are_gone_and_nothing_else_is() {
    let policy = redacting(&[], &["std.credit_card", "std.email", "std.iban", "std.us_ssn", "std.aws_key"]);
    let mut random = Random::new(7);
    for _ in 0..1500 {
        let mut secrets = Vec::new();
        let raw = format!("{{\"structuredContent\":{}}}", value(&mut random, 4, &mut secrets));
        let redacted = assert_redacted(&policy, &raw);
        assert_eq!(redacted != raw, !secrets.is_empty(), "{raw}");
        let strings = crate::independent::strings(&redacted);
        for secret in &secrets {
            assert!(!strings.iter().any(|string| string.contains(secret.as_str())), "{secret} survives in {redacted} of {raw}");
        }
    }
}
