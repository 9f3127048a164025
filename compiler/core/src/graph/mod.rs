//! Pictures of rules: the tables as data, and drawings of them that need no other program.
//!
//! In: a frame and a rule of it. Out: [`Picture`] (and its JSON), dot text, SVG. Invariant: everything is read from the frame alone, so what is shown is
//! what is enforced.
//! Left out: products of rules; which combinations of tests can happen.
//! Source: contracts section 4.

mod condition;
mod dot;
mod drawing;
mod layout;
mod paths;
mod picture;
mod svg;
#[cfg(test)]
mod tests;
mod words;

use leverframe_runtime::frame::{Frame, RuleId};
use serde::Serialize;

pub use picture::{Class, Example, Picture, Register, RegisterUpdate, describe};

/// The version of the JSON.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    rules: &'a [Picture],
}

/// Pictures as one JSON document.
#[must_use]
pub fn json(pictures: &[Picture]) -> serde_json::Value {
    // Plain data with text keys can always be written.
    serde_json::to_value(Document { version: VERSION, rules: pictures }).unwrap_or_default()
}

/// The rule as a dot graph; none where the frame has no such rule.
#[must_use]
pub fn dot(frame: &Frame, rule: RuleId) -> Option<String> {
    drawing::Drawing::of(frame, rule).map(|drawing| dot::write(&drawing))
}

/// The rule as an SVG picture; none where the frame has no such rule.
#[must_use]
pub fn svg(frame: &Frame, rule: RuleId) -> Option<String> {
    drawing::Drawing::of(frame, rule).map(|drawing| svg::write(&drawing, &layout::place(&drawing)))
}
