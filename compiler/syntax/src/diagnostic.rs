//! Findings about a policy, as data.
//!
//! In: what a stage noticed. Out: [`Diagnostic`], which the command line draws and the editor shows.
//! Invariants: the message is one lower-case sentence without a full stop, user text in backticks; there is at least one
//! label, and the first is the primary one. Left out: drawing, line numbers, file names.

use crate::codes::{Code, Severity};
use crate::span::Span;

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// What kind of finding.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The places it speaks of, the primary one first.
    pub labels: Vec<SpanLabel>,
    /// What to do, one sentence each.
    pub notes: Vec<String>,
}

/// A place with what there is to say about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpanLabel {
    /// The place.
    pub span: Span,
    /// What is there; may be empty.
    pub text: String,
    /// Whether this is the statement or word that a person would change.
    pub primary: bool,
}

impl Diagnostic {
    /// A finding of the code's own severity at `span`, with no text beside the place yet.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let primary = SpanLabel { span, text: String::new(), primary: true };
        Self { code, severity: code.severity(), message: message.into(), labels: vec![primary], notes: Vec::new() }
    }

    /// Says something beside the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(SpanLabel { span, text: text.into(), primary: false });
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Gives it another weight than its code has.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Where it is.
    pub fn span(&self) -> Span {
        self.labels.first().map(|label| label.span).unwrap_or_default()
    }

    /// Whether nothing may be built.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Orders findings by file, position and code, and drops repetitions.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (a.span(), a.code, &a.message).cmp(&(b.span(), b.code, &b.message)));
    diagnostics.dedup();
}
