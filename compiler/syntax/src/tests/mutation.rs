//! Small random changes of texts, the same in every run.

use crate::span::FileId;
use crate::token::{TokenKind, tokens};

/// A generator of numbers (xorshift64*); its seed must not be zero.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let value = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(value).unwrap() % bound.max(1)
    }
}

const SCRAPS: [&str; 40] = [
    "{", "}", "(", ")", "[", "]", ",", ":", ".", "*", "=>", "=", "\"", "`", "r\"", "not", "then", "and", "or", "in", "is", "when", "by",
    "per", "limit", "allow", "persona", "test", "scan", "within", "5m", "7", "1_", "\n", "// c\n", "/// d\n", "?v", "a.b", "#", "\u{202e}",
];

/// The text with one or two small changes.
pub(crate) fn mutate(source: &str, random: &mut Random) -> String {
    let mut text = source.to_owned();
    for _ in 0..=random.below(2) {
        text = change(&text, random);
    }
    text
}

fn change(source: &str, random: &mut Random) -> String {
    let all = tokens(FileId(0), source);
    let significant: Vec<_> = all.iter().filter(|token| token.kind != TokenKind::Whitespace).collect();
    if significant.is_empty() {
        return "persona".to_owned();
    }
    let one = significant[random.below(significant.len())].span.range();
    let other = significant[random.below(significant.len())].span.range();
    let scrap = SCRAPS[random.below(SCRAPS.len())];
    let (before, text, after) = (&source[..one.start], &source[one.clone()], &source[one.end..]);
    match random.below(7) {
        0 => format!("{before}{after}"),
        1 => format!("{before}{text} {text}{after}"),
        2 => format!("{before}{}{after}", &source[other]),
        3 => format!("{before}{scrap}{after}"),
        4 => format!("{before}{scrap} {text}{after}"),
        5 => format!("{before}{text}{scrap}{after}"),
        _ => {
            let cut = text.char_indices().nth(random.below(text.len())).map_or(0, |(at, _)| at);
            format!("{before}{}{after}", &text[..cut])
        }
    }
}
