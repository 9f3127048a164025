//! Every bound of this crate, with its code.
//!
//! In: a source text and its tokens. Out: findings about what is too large.
//! Invariant: what passes here can be read without overflowing the stack and in time linear in its length; pest recurses
//! once a level of nesting, so depth is measured on tokens before pest sees the text. Source: language.md section 8.

use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::span::{FileId, Span};

/// The most bytes of one module (LF0701).
pub const FILE_BYTES: usize = 1 << 20;
/// The deepest nesting of brackets, `list<…>`, `not` and `times` together (LF0702).
pub const NESTING: usize = 64;
/// The most statements of one module, items of personas included (LF0703).
pub const STATEMENTS: usize = 10_000;
/// The most tokens of one module, white space and comments included (LF0704).
pub const TOKENS: usize = 400_000;
/// The most bytes of one name, path, string or number (LF0705).
pub const TOKEN_BYTES: usize = 8_192;
/// The most dots of one path or chain of fields (LF0702).
pub const PATH_DOTS: usize = 16;
/// The most findings about the syntax of one module (LF0706).
pub const FINDINGS: usize = 200;

/// Reports a bound that was passed: what it bounds, the bound, and what was given.
pub(crate) fn exceeded(code: Code, span: Span, what: &str, bound: usize, given: usize) -> Diagnostic {
    Diagnostic::new(code, span, format!("{what}: {given} given, at most {bound} allowed"))
}

/// Whether the text is too large to look at.
///
/// # Errors
/// LF0701.
pub(crate) fn check_size(file: FileId, source: &str) -> Option<Diagnostic> {
    (source.len() > FILE_BYTES).then(|| {
        exceeded(Code::LF0701, Span::new(file, 0, 0), "bytes of one file", FILE_BYTES, source.len())
            .note("move some of it into a module of its own and `import` that")
    })
}

/// Keeps the first findings where there are too many.
///
/// # Errors
/// LF0706 beside those kept.
pub(crate) fn cap(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if found.len() > FINDINGS {
        let given = found.len();
        found.truncate(FINDINGS);
        let at = found.last().map(Diagnostic::span).unwrap_or_default();
        found.push(
            exceeded(Code::LF0706, at, "findings about the syntax of one file", FINDINGS, given)
                .note("those after this place are not shown"),
        );
    }
    found
}
