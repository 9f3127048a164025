//! Bounds that automata passed, told at the statement that passed them.
//!
//! In: an [`Oversize`]. Out: a [`Diagnostic`]. Source: language section 8.

use leverframe_syntax::{Code, Diagnostic, FileId, Span};

use super::Checked;
use crate::automata::{Oversize, Subject};

/// The finding, at the rule, tool or event that it speaks of.
pub(super) fn diagnostic(oversize: &Oversize, checked: &Checked) -> Diagnostic {
    let code = Code::parse(oversize.code).unwrap_or(Code::LF0708);
    Diagnostic::new(code, place(&oversize.subject, checked), oversize.to_string())
}

fn place(subject: &Subject, checked: &Checked) -> Span {
    let symbols = &checked.symbols;
    let found = match subject {
        Subject::Policy => None,
        Subject::Rule(name) | Subject::Answer(name) => checked.origins.rules.get(name).copied(),
        Subject::Detector(name) => symbols.detectors.iter().find(|detector| detector.name.text == *name).map(|detector| detector.name.span),
        Subject::Tool(name) => symbols.tools.iter().find(|tool| tool.name == *name).map(|tool| tool.origin.span()),
        Subject::Event(name) => symbols.events.iter().find(|event| event.name == *name).map(|event| event.span),
    };
    let root = symbols.modules.last().map_or(FileId(0), |module| module.file);
    found.unwrap_or_else(|| Span::new(root, 0, 0))
}
