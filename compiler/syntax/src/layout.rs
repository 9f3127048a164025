//! The one layout of a policy.
//!
//! In: a text that the grammar accepts. Out: the same text with other white space.
//! Invariants: only white space changes, so the tree is the same and every comment is kept; laying out twice gives what
//! laying out once gives, since lines depend on nothing but words, comments, which of these stand on lines of their own,
//! and where one empty line or more stood. Left out: parentheses and commas, which stay as the author wrote them.

mod atoms;
mod flow;
mod spacing;

use pest::Parser;

use crate::diagnostic::Diagnostic;
use crate::grammar::{Grammar, Rule};
use crate::read::{inner, parse};
use crate::span::FileId;

use atoms::{Atoms, Range};
use flow::Page;

type Node<'i> = crate::build::Node<'i>;

/// What one level of indentation adds.
const INDENT: usize = 2;
/// The widest condition or call that its neighbours' `=>` are aligned with.
const ALIGNED: usize = 60;

/// The text in its one layout.
///
/// # Errors
/// The findings of a text that cannot be read.
pub fn format(source: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(FileId(0), source);
    if !parsed.is_ok() {
        return Err(parsed.diagnostics);
    }
    let root = Grammar::parse(Rule::file, source).ok().and_then(|mut pairs| pairs.next());
    let Some(root) = root else {
        return Err(parsed.diagnostics);
    };
    let atoms = Atoms::new(source, &parsed.tokens, &root);
    let mut layout = Layout { page: Page::new(&atoms) };
    layout.file(&root);
    Ok(layout.page.finish())
}

struct Layout<'a, 's> {
    page: Page<'a, 's>,
}

impl Layout<'_, '_> {
    fn atoms(&self) -> &Atoms<'_> {
        self.page.atoms
    }

    fn range(&self, node: &Node<'_>) -> Range {
        self.atoms().range(node.as_span().start(), node.as_span().end())
    }

    fn file(&mut self, root: &Node<'_>) {
        let mut previous_apart = false;
        for (at, node) in inner(root).enumerate() {
            let range = self.range(&node);
            let apart = node.as_rule() == Rule::language_line || self.stands_apart(&node, &range);
            self.page.leading(range.start, 0, at > 0 && (apart || previous_apart), at > 0);
            self.statement(&node, range, 0);
            previous_apart = apart;
        }
    }

    /// Whether empty lines stand around a declaration.
    fn stands_apart(&self, node: &Node<'_>, range: &Range) -> bool {
        matches!(node.as_rule(), Rule::persona_declaration | Rule::everyone_declaration | Rule::test_declaration)
            || !self.page.fits(range, 0)
    }

    fn statement(&mut self, node: &Node<'_>, range: Range, indent: usize) {
        match node.as_rule() {
            Rule::persona_declaration | Rule::everyone_declaration => self.block(node, range, indent),
            Rule::on_block => self.aligned_block(node, range, indent),
            Rule::test_declaration => self.aligned_block(node, range, indent),
            _ if self.page.fits(&range, indent) => self.page.flow(range, indent),
            Rule::context_declaration | Rule::refine_declaration => self.fields(range, indent),
            Rule::forbid_rule | Rule::require_rule | Rule::protocol_rule | Rule::assertion => {
                self.braced(range, indent);
            }
            _ => self.page.flow(range, indent),
        }
    }

    /// `persona` and `everyone`: an item a line.
    fn block(&mut self, node: &Node<'_>, range: Range, indent: usize) {
        let items: Vec<Node<'_>> = inner(node).skip(1).filter(|item| item.as_rule() != Rule::rbrace).collect();
        let close = range.end.saturating_sub(1);
        let head_end = items.first().map_or(close, |item| self.range(item).start);
        self.page.flow(range.start..head_end, indent);
        for (at, item) in items.iter().enumerate() {
            let item_range = self.range(item);
            self.page.leading(item_range.start, indent + INDENT, false, at > 0);
            self.statement(item, item_range, indent + INDENT);
        }
        self.close(close..range.end, indent);
    }

    fn close(&mut self, range: Range, indent: usize) {
        self.page.leading_comments(range.start, indent + INDENT);
        self.page.flow(range, indent);
    }

    /// `on` and `test`: an arm or step a line, their `=>` aligned.
    fn aligned_block(&mut self, node: &Node<'_>, range: Range, indent: usize) {
        let lines = self.lines_of(node, &range);
        let first = lines.first().map_or(range.end.saturating_sub(1), |line| line.start);
        self.page.flow(range.start..first, indent);
        let width = lines.iter().filter_map(|line| self.page.width_before_arrow(line)).filter(|w| *w <= ALIGNED).max();
        for (at, line) in lines.iter().enumerate() {
            self.page.leading(line.start, indent + INDENT, false, at > 0);
            self.page.aligned(line.clone(), indent + INDENT, width.unwrap_or_default());
        }
        let close = lines.last().map_or(first, |line| line.end);
        self.close(close..range.end, indent);
    }

    /// The arms or steps of a block, each with the comma after it.
    fn lines_of(&self, node: &Node<'_>, range: &Range) -> Vec<Range> {
        let mut lines: Vec<Range> = Vec::new();
        for part in inner(node) {
            match part.as_rule() {
                Rule::arm | Rule::otherwise_arm | Rule::test_step => lines.push(self.range(&part)),
                Rule::comma => {
                    if let Some(line) = lines.last_mut() {
                        line.end = (line.end + 1).min(range.end);
                    }
                }
                _ => {}
            }
        }
        lines
    }

    /// `{ … }` over several lines, what is in it filled.
    fn braced(&mut self, range: Range, indent: usize) {
        let Some((open, close)) = self.atoms().braces(&range) else {
            return self.page.flow(range, indent);
        };
        self.page.flow(range.start..open + 1, indent);
        self.page.leading_comments(open + 1, indent + INDENT);
        self.page.flow(open + 1..close, indent + INDENT);
        self.close(close..range.end, indent);
    }

    /// `{ … }` over several lines, a field a line.
    fn fields(&mut self, range: Range, indent: usize) {
        let Some((open, close)) = self.atoms().braces(&range) else {
            return self.page.flow(range, indent);
        };
        self.page.flow(range.start..open + 1, indent);
        for field in self.atoms().split_at_commas(open + 1..close) {
            self.page.leading(field.start, indent + INDENT, false, field.start > open + 1);
            self.page.flow(field, indent + INDENT);
        }
        self.close(close..range.end, indent);
    }
}
