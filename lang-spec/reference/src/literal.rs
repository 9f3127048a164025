//! Literals as a policy writes them.
//!
//! In: a piece of a module. Out: its value. Invariant: a number out of its range is refused, never wrapped.
//! Source: language section 2; `lang-spec/core-form.md`, the literals of [core.cond].

use crate::decimal::Decimal;
use crate::domain::time;
use crate::grammar::{Node, Rule};
use crate::refusal::Refusal;
use crate::types::Literal;

/// The value of a literal.
pub(crate) fn literal(node: &Node<'_>) -> Result<Literal, Refusal> {
    let node = if node.rule() == Rule::literal { node.only()? } else { node.clone() };
    match node.rule() {
        Rule::string => text(&node).map(Literal::String),
        Rule::integer | Rule::natural => integer(&node).map(Literal::Int),
        Rule::decimal => {
            let plain = Decimal::parse(&digits(&node)).ok_or_else(|| node.wrong("no number of the language"))?.plain();
            Ok(Literal::Number(plain))
        }
        Rule::duration => duration(&node).map(Literal::Duration),
        Rule::timestamp => {
            let inner = node.text().get(3..node.text().len().saturating_sub(1)).unwrap_or_default();
            time::timestamp(inner).map(Literal::Timestamp).ok_or_else(|| node.wrong("no timestamp"))
        }
        Rule::kw_true => Ok(Literal::Bool(true)),
        Rule::kw_false => Ok(Literal::Bool(false)),
        _ => Err(node.wrong("`null` is no value")),
    }
}

/// The text of a string.
pub(crate) fn text(node: &Node<'_>) -> Result<String, Refusal> {
    let node = if node.rule() == Rule::string { node.only()? } else { node.clone() };
    if node.rule() == Rule::raw_string {
        let inner = node.text().get(2..node.text().len().saturating_sub(1));
        return Ok(inner.unwrap_or_default().to_owned());
    }
    match crate::json::parse(&node.text().replace('\t', "\\t")) {
        Some(crate::json::Json::String(Some(text))) => Ok(text),
        _ => Err(node.wrong("no string")),
    }
}

/// The string directly inside, if there is one.
pub(crate) fn optional_text(node: &Node<'_>) -> Result<Option<String>, Refusal> {
    node.child(Rule::string).map(|string| text(&string)).transpose()
}

/// A 64-bit integer.
pub(crate) fn integer(node: &Node<'_>) -> Result<i64, Refusal> {
    digits(node).parse().map_err(|_| node.wrong("the integer is wider than 64 bits"))
}

/// A count.
pub(crate) fn count(node: &Node<'_>) -> Result<u64, Refusal> {
    let count: u64 = digits(node).parse().map_err(|_| node.wrong("the count is too large"))?;
    if count == 0 { Err(node.wrong("the count is 0")) } else { Ok(count) }
}

/// Milliseconds.
pub(crate) fn duration(node: &Node<'_>) -> Result<i64, Refusal> {
    let text = digits(node);
    let unit = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let ms = number.parse::<i64>().ok().zip(time::unit_ms(unit)).and_then(|(number, unit)| number.checked_mul(unit));
    ms.ok_or_else(|| node.wrong("the duration is too long"))
}

fn digits(node: &Node<'_>) -> String {
    node.text().replace('_', "")
}
