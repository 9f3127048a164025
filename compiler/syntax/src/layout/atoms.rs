//! The words that layout moves, each with the comments around it.
//!
//! In: the pairs and tokens of an accepted text. Out: [`Atoms`] in order.
//! Invariants: the atoms' texts and the comments are all significant text; what the grammar reads without white space
//! inside (a path, a glob, a literal) is one atom and so cannot be torn.

use crate::docs;
use crate::grammar::Rule;
use crate::token::{Token, TokenKind};

use super::Node;

/// Atoms from the first to before the last index.
pub(super) type Range = std::ops::Range<usize>;

/// A word, sign or name.
pub(super) struct Atom<'s> {
    pub(super) text: &'s str,
    pub(super) rule: Rule,
    pub(super) parent: Rule,
    pub(super) grandparent: Rule,
    /// The brackets open around it.
    pub(super) depth: usize,
    /// The comments on lines of their own in front of it.
    pub(super) before: Vec<Comment<'s>>,
    /// Whether an empty line stands directly in front of it.
    pub(super) blank: bool,
    /// The comment behind it on its line.
    pub(super) trailing: Option<&'s str>,
    start: usize,
    end: usize,
}

/// A comment on a line of its own.
pub(super) struct Comment<'s> {
    pub(super) text: &'s str,
    /// Whether an empty line stands in front of it.
    pub(super) blank: bool,
}

/// All of a file.
pub(super) struct Atoms<'s> {
    pub(super) all: Vec<Atom<'s>>,
    /// The comments after the last atom.
    pub(super) after: Vec<Comment<'s>>,
}

impl<'s> Atoms<'s> {
    pub(super) fn new(source: &'s str, tokens: &[Token], root: &Node<'s>) -> Self {
        let mut atoms = Self { all: Vec::new(), after: Vec::new() };
        atoms.collect(root, Rule::file, Rule::file);
        atoms.measure_depth();
        atoms.attach_comments(source, tokens);
        atoms
    }

    pub(super) fn get(&self, at: usize) -> Option<&Atom<'s>> {
        self.all.get(at)
    }

    pub(super) fn slice(&self, range: &Range) -> &[Atom<'s>] {
        self.all.get(range.clone()).unwrap_or_default()
    }

    /// The atoms of a stretch of the text.
    pub(super) fn range(&self, start: usize, end: usize) -> Range {
        self.all.partition_point(|atom| atom.start < start)..self.all.partition_point(|atom| atom.start < end)
    }

    /// The first braces of a statement.
    pub(super) fn braces(&self, range: &Range) -> Option<(usize, usize)> {
        let open = range.clone().find(|at| self.get(*at).is_some_and(|atom| atom.rule == Rule::lbrace))?;
        let depth = self.get(open)?.depth;
        let close = (open..range.end).find(|at| self.get(*at).is_some_and(|atom| atom.rule == Rule::rbrace && atom.depth == depth))?;
        Some((open, close))
    }

    /// The parts of a list, each with the comma after it.
    pub(super) fn split_at_commas(&self, range: Range) -> Vec<Range> {
        let depth = self.get(range.start).map_or(0, |atom| atom.depth);
        let mut parts = Vec::new();
        let mut start = range.start;
        for at in range.clone() {
            if self.get(at).is_some_and(|atom| atom.rule == Rule::comma && atom.depth == depth) {
                parts.push(start..at + 1);
                start = at + 1;
            }
        }
        if start < range.end {
            parts.push(start..range.end);
        }
        parts
    }

    /// Recursion is bounded by the nesting of the text.
    fn collect(&mut self, node: &Node<'s>, parent: Rule, grandparent: Rule) {
        let rule = node.as_rule();
        let mut children = node.clone().into_inner().peekable();
        if children.peek().is_none() || is_solid(rule) {
            let (start, end) = (node.as_span().start(), node.as_span().end());
            if end > start {
                let text = node.as_str();
                let (before, blank, trailing) = (Vec::new(), false, None);
                self.all.push(Atom { text, rule, parent, grandparent, depth: 0, before, blank, trailing, start, end });
            }
            return;
        }
        for child in children {
            self.collect(&child, rule, parent);
        }
    }

    fn measure_depth(&mut self) {
        let mut depth: usize = 0;
        for atom in &mut self.all {
            if matches!(atom.rule, Rule::rbrace | Rule::rparen | Rule::rbracket) {
                depth = depth.saturating_sub(1);
            }
            atom.depth = depth;
            if matches!(atom.rule, Rule::lbrace | Rule::lparen | Rule::lbracket) {
                depth += 1;
            }
        }
    }

    fn attach_comments(&mut self, source: &'s str, tokens: &[Token]) {
        let mut next: usize = 0;
        let mut waiting: Vec<Comment<'s>> = Vec::new();
        let mut blank = false;
        for (at, token) in tokens.iter().enumerate() {
            let text = source.get(token.span.range()).unwrap_or_default();
            match token.kind {
                TokenKind::Whitespace => blank |= text.matches('\n').count() > 1,
                kind if kind.is_comment() => {
                    let own_line = docs::begins_line(at, source, tokens);
                    match next.checked_sub(1).and_then(|before| self.all.get_mut(before)) {
                        Some(atom) if !own_line => atom.trailing = Some(text.trim_end()),
                        _ => waiting.push(Comment { text: text.trim_end(), blank: std::mem::take(&mut blank) }),
                    }
                }
                _ => {
                    let Some(atom) = self.all.get_mut(next).filter(|atom| atom.start <= token.span.start as usize) else {
                        continue;
                    };
                    if token.span.start as usize == atom.start {
                        atom.before = std::mem::take(&mut waiting);
                        atom.blank = std::mem::take(&mut blank);
                    }
                    if token.span.end as usize >= atom.end {
                        next += 1;
                    }
                }
            }
        }
        self.after = waiting;
    }
}

/// What is not torn, though it has parts.
fn is_solid(rule: Rule) -> bool {
    use Rule as R;
    matches!(
        rule,
        R::path
            | R::glob
            | R::argument_field
            | R::measured_field
            | R::rule_reference
            | R::literal
            | R::string
            | R::name
            | R::any_name
            | R::field_name
            | R::variable
    )
}
