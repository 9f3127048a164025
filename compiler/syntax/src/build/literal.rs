//! Literals, strings, numbers and durations.

use super::{Builder, Node, child, first};
use crate::grammar::Rule;
use crate::tree::{Duration, Literal, LiteralKind, Number, Text};

const WHOLE_NUMBERS: &str = "whole numbers go from -9223372036854775808 to 9223372036854775807";
const NATURALS: &str = "counts go up to 9223372036854775807";
const DURATIONS: &str = "durations go up to 9223372036854775807 milliseconds";

impl Builder<'_> {
    pub(super) fn text(&self, node: &Node<'_>) -> Option<Text> {
        Some(Text { value: string_value(node)?, span: self.span(node) })
    }

    /// The string among the children.
    pub(super) fn text_in(&self, node: &Node<'_>) -> Option<Text> {
        child(node, Rule::string).and_then(|string| self.text(&string))
    }

    pub(super) fn natural(&mut self, node: &Node<'_>) -> Number {
        let span = self.span(node);
        let value = digits(node.as_str()).parse::<i64>().ok().and_then(|value| u64::try_from(value).ok());
        if value.is_none() {
            self.too_large(span, NATURALS);
        }
        // One that does not fit has its finding; any number that later stages take will do.
        Number { value: value.unwrap_or(1), span }
    }

    pub(super) fn natural_in(&mut self, node: &Node<'_>) -> Option<Number> {
        child(node, Rule::natural).map(|number| self.natural(&number))
    }

    /// A bound of `int LO..=HI`.
    pub(super) fn bound(&mut self, node: &Node<'_>) -> i64 {
        digits(node.as_str()).parse().unwrap_or_else(|_| {
            let span = self.span(node);
            self.too_large(span, WHOLE_NUMBERS);
            0
        })
    }

    pub(super) fn duration(&mut self, node: &Node<'_>) -> Duration {
        let span = self.span(node);
        let millis = millis(node.as_str());
        if millis.is_none() {
            self.too_large(span, DURATIONS);
        }
        // One that does not fit has its finding; any length that later stages take will do.
        Duration { millis: millis.unwrap_or(1), span }
    }

    pub(super) fn duration_in(&mut self, node: &Node<'_>) -> Option<Duration> {
        child(node, Rule::duration).map(|duration| self.duration(&duration))
    }

    pub(super) fn literal(&mut self, node: &Node<'_>) -> Option<Literal> {
        let span = self.span(node);
        let inner = first(node)?;
        let kind = match inner.as_rule() {
            Rule::string => LiteralKind::String(string_value(&inner)?),
            Rule::timestamp => LiteralKind::Timestamp(between_quotes(inner.as_str())?.to_owned()),
            Rule::duration => LiteralKind::Duration(self.duration(&inner).millis),
            Rule::decimal => LiteralKind::Decimal(digits(inner.as_str())),
            Rule::integer => whole_number(inner.as_str()),
            Rule::kw_true => LiteralKind::Bool(true),
            Rule::kw_false => LiteralKind::Bool(false),
            Rule::kw_null => LiteralKind::Null,
            _ => return None,
        };
        Some(Literal { kind, span })
    }
}

/// A `number` may be compared with more than 64 bits hold, so a wide literal stays a decimal.
fn whole_number(text: &str) -> LiteralKind {
    let digits = digits(text);
    digits.parse().map_or(LiteralKind::Decimal(digits), LiteralKind::Int)
}

fn digits(text: &str) -> String {
    text.chars().filter(|c| *c != '_').collect()
}

fn millis(text: &str) -> Option<u64> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (count, unit) = text.split_at_checked(unit)?;
    let count: u64 = digits(count).parse().ok()?;
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    count.checked_mul(factor).filter(|millis| i64::try_from(*millis).is_ok())
}

fn between_quotes(text: &str) -> Option<&str> {
    let open = text.find('"')?;
    text.get(open + 1..)?.strip_suffix('"')
}

/// What a `string` says.
fn string_value(node: &Node<'_>) -> Option<String> {
    unescape(node.as_str())
}

/// What a string literal of either kind says; `None` where an escape is none of JSON's, or half a surrogate pair.
pub(crate) fn unescape(literal: &str) -> Option<String> {
    let body = between_quotes(literal)?;
    if literal.starts_with('r') {
        return Some(body.to_owned());
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = body.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.push(escape(&mut rest)?),
            c => out.push(c),
        }
    }
    Some(out)
}

fn escape(rest: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match rest.next()? {
        c @ ('"' | '\\' | '/') => c,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let high = unit(rest)?;
            if (0xd800..0xdc00).contains(&high) {
                let pair = [rest.next()?, rest.next()?];
                let low = if pair == ['\\', 'u'] { unit(rest)? } else { return None };
                return char::decode_utf16([high, low]).next()?.ok();
            }
            char::from_u32(u32::from(high))?
        }
        _ => return None,
    })
}

fn unit(rest: &mut std::str::Chars<'_>) -> Option<u16> {
    let mut value = 0;
    for _ in 0..4 {
        value = value * 16 + rest.next()?.to_digit(16)?;
    }
    u16::try_from(value).ok()
}
