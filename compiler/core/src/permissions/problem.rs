//! What can be wrong with a persona, one function a finding.
//!
//! In: the place. Out: a [`Diagnostic`]. Source: language sections 4 and 9; the page `LF0220` of `lang-spec/codes`.

use leverframe_syntax::{Code, Diagnostic, Span};

/// A second `otherwise`.
pub(super) fn second_otherwise(persona: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0220, span, format!("`{persona}` has an `otherwise` already")).also(first, "the first")
}

/// Parents that answer differently.
pub(super) fn differing_otherwise(persona: &str, parents: &[&str], span: Span) -> Diagnostic {
    let parents: Vec<String> = parents.iter().map(|parent| format!("`{parent}`")).collect();
    let message = format!("the parents of `{persona}` differ in their `otherwise`: {}", parents.join(", "));
    Diagnostic::new(Code::LF0220, span, message)
        .label("which one?")
        .note(format!("state `otherwise deny` or `otherwise ask` in `{persona}`"))
}
