//! Doc comments and what they document.
//!
//! In: a statement's span and the tokens. Out: the `///` lines in front of it.
//! Invariant: only lines that hold nothing but the comment count; plain comments and white space may stand between.

use crate::span::Span;
use crate::token::{Token, TokenKind};
use crate::tree::Doc;

/// The `///` lines between a statement and whatever stands before it.
pub(crate) fn in_front_of(span: Span, source: &str, tokens: &[Token]) -> Vec<Doc> {
    let end = tokens.partition_point(|token| token.span.start < span.start);
    let before = tokens.get(..end).unwrap_or_default();
    let first = before.iter().rposition(|token| !token.kind.is_trivia()).map_or(0, |at| at + 1);
    (first..end)
        .filter(|at| tokens.get(*at).is_some_and(|token| token.kind == TokenKind::DocComment))
        .filter(|at| begins_line(*at, source, tokens))
        .filter_map(|at| tokens.get(at).map(|token| doc(token.span, source)))
        .collect()
}

/// Whether nothing but white space stands before a token on its line.
pub(crate) fn begins_line(at: usize, source: &str, tokens: &[Token]) -> bool {
    match at.checked_sub(1).and_then(|before| tokens.get(before)) {
        None => true,
        Some(token) => token.kind == TokenKind::Whitespace && (at == 1 || token.span.text(source).contains('\n')),
    }
}

fn doc(span: Span, source: &str) -> Doc {
    let text = span.text(source).trim_start_matches('/');
    Doc { text: text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned(), span }
}
