//! How deep a stretch of tokens nests, measured without recursion.
//!
//! In: significant tokens. Out: the first one that lies too deep.
//! Invariant: pest's recursion on the stretch, and that of everything that walks its tree, is at most proportional to
//! the depth measured here: brackets, `list<`, and runs of `not` and of `N times`, each run counted in the brackets around
//! it. Chains of `.field` are measured apart.

use crate::limits::{NESTING, PATH_DOTS};
use crate::span::Span;
use crate::token::{Token, TokenKind};

/// What passed a bound, and where.
pub(crate) enum TooDeep {
    /// The nesting.
    Nesting(Span),
    /// The dots of a chain.
    Dots(Span),
}

struct Depth {
    /// For each open bracket whether it is a `<`, and the length of the run in front of it.
    open: Vec<(bool, usize)>,
    /// The runs in front of all open brackets.
    carried: usize,
    run: usize,
    dots: usize,
    after_dot: bool,
}

/// The first token of the stretch that lies beyond a bound.
pub(crate) fn measure<'t>(tokens: impl Iterator<Item = &'t Token>, source: &str) -> Option<TooDeep> {
    let mut depth = Depth { open: Vec::new(), carried: 0, run: 0, dots: 0, after_dot: false };
    let mut after_list = false;
    for token in tokens {
        let text = token.span.text(source);
        depth.step(token.kind, text, after_list);
        after_list = text == "list";
        if depth.open.len() + depth.carried + depth.run > NESTING {
            return Some(TooDeep::Nesting(token.span));
        }
        if depth.dots > PATH_DOTS {
            return Some(TooDeep::Dots(token.span));
        }
    }
    None
}

impl Depth {
    fn step(&mut self, kind: TokenKind, text: &str, after_list: bool) {
        use TokenKind as T;
        match kind {
            T::OpenBrace | T::OpenParen | T::OpenBracket => self.push(false),
            T::Less if after_list => self.push(true),
            T::Greater if self.open.last().is_some_and(|(angle, _)| *angle) => self.pop(),
            T::CloseBrace | T::CloseParen | T::CloseBracket => {
                while self.open.last().is_some_and(|(angle, _)| *angle) {
                    self.pop();
                }
                self.pop();
            }
            T::Word if matches!(text, "not" | "times") => self.run += 1,
            T::Integer => {}
            _ => self.run = 0,
        }
        match kind {
            T::Dot => self.dots += 1,
            T::Word | T::QuotedName if self.after_dot => {}
            T::OpenBracket | T::CloseBracket => {}
            _ => self.dots = 0,
        }
        self.after_dot = kind == T::Dot;
    }

    fn push(&mut self, angle: bool) {
        self.open.push((angle, self.run));
        self.carried += self.run;
        self.run = 0;
    }

    fn pop(&mut self) {
        if let Some((_, run)) = self.open.pop() {
            self.carried -= run;
        }
        self.run = 0;
    }
}
