//! From pest's pairs to the tree: small functions, one a rule of the grammar.
//!
//! In: the pairs of a text that the grammar read. Out: nodes of [`crate::tree`].
//! Invariants: no node is made up and none left out. A function gives `None` only where the pairs are not what the
//! grammar promises, which the caller reports as a statement that could not be read; nothing is dropped silently.
//! What the grammar cannot say is said here: numbers that fit where they stand.

mod condition;
mod declaration;
mod event;
mod literal;
mod permission;
mod rule;
mod sequence;
mod test;
mod types;

use pest::iterators::Pair;

use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::docs;
use crate::grammar::Rule;
use crate::span::{FileId, Span};
use crate::token::{Token, offset};
use crate::tree::{Doc, Name, Path};

pub(crate) use literal::unescape;

/// A pair of this grammar.
pub(crate) type Node<'i> = Pair<'i, Rule>;

/// Makes nodes of the pairs of one stretch of a file.
pub(crate) struct Builder<'a> {
    file: FileId,
    /// Where the stretch begins in the file.
    base: u32,
    source: &'a str,
    tokens: &'a [Token],
    /// What was found on the way.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The first child by that rule.
fn child<'i>(node: &Node<'i>, rule: Rule) -> Option<Node<'i>> {
    node.clone().into_inner().find(|inner| inner.as_rule() == rule)
}

/// Whether there is a child by that rule.
fn has(node: &Node<'_>, rule: Rule) -> bool {
    child(node, rule).is_some()
}

/// All children by that rule.
fn children<'i>(node: &Node<'i>, rule: Rule) -> impl Iterator<Item = Node<'i>> {
    node.clone().into_inner().filter(move |inner| inner.as_rule() == rule)
}

/// The first child.
fn first<'i>(node: &Node<'i>) -> Option<Node<'i>> {
    node.clone().into_inner().next()
}

impl<'a> Builder<'a> {
    /// For a stretch of `source` that begins at `base`.
    pub(crate) fn new(file: FileId, base: u32, source: &'a str, tokens: &'a [Token]) -> Self {
        Self { file, base, source, tokens, diagnostics: Vec::new() }
    }

    /// Where a node stands: pest counts the white space in front of an absent optional part in, which is cut off here.
    fn span(&self, node: &Node<'_>) -> Span {
        let span = node.as_span();
        let mut place = self.between(span.start(), span.end());
        let behind = self.tokens.partition_point(|token| token.span.start < place.end);
        let last = self.tokens.get(..behind).unwrap_or_default().iter().rfind(|token| !token.kind.is_trivia());
        if let Some(last) = last {
            place.end = place.end.min(last.span.end).max(place.start);
        }
        place
    }

    fn between(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.base.saturating_add(offset(start)), self.base.saturating_add(offset(end)))
    }

    /// A stretch of the text that is read, as a span of the file.
    pub(crate) fn whole(&self, start: usize, end: usize) -> Span {
        self.between(start, end)
    }

    fn docs(&self, span: Span) -> Vec<Doc> {
        docs::in_front_of(span, self.source, self.tokens)
    }

    /// `name`, `any_name`, `field_name` or `variable`, without what marks it.
    fn name(&self, node: &Node<'_>) -> Name {
        let text = node.as_str().trim_start_matches('?').trim_matches('`');
        Name { text: text.to_owned(), span: self.span(node) }
    }

    fn name_in(&self, node: &Node<'_>) -> Option<Name> {
        child(node, Rule::name).map(|name| self.name(&name))
    }

    fn names_in(&self, node: &Node<'_>) -> Vec<Name> {
        children(node, Rule::name).map(|name| self.name(&name)).collect()
    }

    fn path(&self, node: &Node<'_>) -> Path {
        let segments = node
            .clone()
            .into_inner()
            .filter(|inner| matches!(inner.as_rule(), Rule::name | Rule::any_name))
            .map(|segment| self.name(&segment))
            .collect();
        Path { segments, span: self.span(node) }
    }

    fn path_in(&self, node: &Node<'_>) -> Option<Path> {
        child(node, Rule::path).map(|path| self.path(&path))
    }

    /// Where a word of the language stands among the children.
    fn place(&self, node: &Node<'_>, rule: Rule) -> Option<Span> {
        child(node, rule).map(|word| self.span(&word))
    }

    fn too_large(&mut self, span: Span, what: &str) {
        let text = span.text(self.source).to_owned();
        self.diagnostics.push(Diagnostic::new(Code::LF0015, span, format!("`{text}` does not fit: {what}")));
    }
}
