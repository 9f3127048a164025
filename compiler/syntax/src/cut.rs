//! Cuts the tokens of a file into statements, so that one broken statement costs no neighbour.
//!
//! In: tokens of any text. Out: [`Piece`]s in order that together hold every significant token once.
//! Invariants: for a text that the grammar accepts the pieces are its declarations and, inside `persona` and
//! `everyone`, its items (but for a name spelled like one of the operators, right in front of a statement on its line).
//! For any other text a cut is a guess: a statement begins at a word that begins statements, at
//! bracket depth zero; where a bracket stays open, at such a word at the beginning of a line.
//! Left out: whether a piece is right, which the grammar says. Source: architecture.md section 2.

use crate::span::Span;
use crate::token::{Token, TokenKind};
use crate::words::{awaits_operand, begins_declaration, begins_permission, begins_rule};

/// A significant token.
pub(crate) struct Word<'s> {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
    pub(crate) text: &'s str,
    /// Nothing stands before it on its line.
    pub(crate) begins_line: bool,
    /// It begins its line without indentation.
    column_zero: bool,
}

/// A run of words, first and last included.
#[derive(Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// A bracket in it that is never closed.
    pub(crate) unclosed: Option<usize>,
}

/// One statement at top level.
pub(crate) enum Piece {
    /// A declaration without items of its own.
    Statement(Stretch),
    /// `persona` or `everyone`.
    Block {
        /// From the first word to the `{`.
        head: Stretch,
        /// Whether it is `everyone`.
        everyone: bool,
        /// What stands in it.
        items: Vec<Stretch>,
        /// Its `}`, if there is one.
        close: Option<usize>,
    },
    /// A closing bracket that closes nothing.
    Stray(usize),
}

/// The significant tokens of a file.
pub(crate) struct Words<'s> {
    pub(crate) all: Vec<Word<'s>>,
}

impl<'s> Words<'s> {
    pub(crate) fn new(tokens: &[Token], source: &'s str) -> Self {
        let mut begins_line = true;
        let mut column_zero = true;
        let mut all = Vec::new();
        for token in tokens {
            let text = token.span.text(source);
            if token.kind.is_trivia() {
                let line_end = text.contains('\n');
                begins_line |= line_end;
                column_zero = if line_end { text.ends_with('\n') } else { column_zero && text.is_empty() };
            } else {
                all.push(Word { kind: token.kind, span: token.span, text, begins_line, column_zero });
                begins_line = false;
                column_zero = false;
            }
        }
        Self { all }
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Word<'s>> {
        self.all.get(at)
    }

    pub(crate) fn before(&self, at: usize) -> Option<&Word<'s>> {
        at.checked_sub(1).and_then(|before| self.all.get(before))
    }

    pub(crate) fn slice(&self, stretch: Stretch) -> &[Word<'s>] {
        self.all.get(stretch.first..=stretch.last).unwrap_or_default()
    }

    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.get(at).map(|word| word.kind)
    }

    fn text(&self, at: usize) -> &str {
        self.get(at).map_or("", |word| word.text)
    }

    /// Cuts everything.
    pub(crate) fn cut(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < self.all.len() {
            let (piece, next) = self.piece(at);
            pieces.push(piece);
            at = next;
        }
        pieces
    }

    fn piece(&self, at: usize) -> (Piece, usize) {
        if self.kind(at).is_some_and(closes) {
            return (Piece::Stray(at), at + 1);
        }
        if self.kind(at) == Some(TokenKind::Word)
            && matches!(self.text(at), "persona" | "everyone")
            && let Some(open) = self.block_open(at)
        {
            return self.block(at, open);
        }
        let stretch = self.stretch(at);
        (Piece::Statement(stretch), stretch.last + 1)
    }

    /// The `{` of a block, unless another statement begins before it.
    fn block_open(&self, first: usize) -> Option<usize> {
        let mut at = first + 1;
        while let Some(word) = self.get(at) {
            match word.kind {
                TokenKind::OpenBrace => return Some(at),
                kind if closes(kind) || self.begins(at, first) => return None,
                _ => at += 1,
            }
        }
        None
    }

    fn block(&self, first: usize, open: usize) -> (Piece, usize) {
        let mut items = Vec::new();
        let mut at = open + 1;
        let close = loop {
            match self.kind(at) {
                None => break None,
                Some(TokenKind::CloseBrace) => break Some(at),
                Some(_) if self.begins_outer(at) => break None,
                Some(kind) if closes(kind) => {
                    items.push(Stretch { first: at, last: at, unclosed: None });
                    at += 1;
                }
                Some(_) => {
                    let item = self.stretch(at);
                    at = item.last + 1;
                    items.push(item);
                }
            }
        };
        let head = Stretch { first, last: open, unclosed: close.is_none().then_some(open) };
        let everyone = self.text(first) == "everyone";
        (Piece::Block { head, everyone, items, close }, close.map_or(at, |close| close + 1))
    }

    /// One statement from `first` on: at least that word.
    fn stretch(&self, first: usize) -> Stretch {
        let mut open: Vec<usize> = Vec::new();
        let mut unclosed = None;
        let mut at = first;
        while let Some(word) = self.get(at) {
            if at > first && self.next_begins(at, first, &open) {
                break;
            }
            if opens(word.kind) {
                open.push(at);
            } else if closes(word.kind) && !self.close(word.kind, &mut open, &mut unclosed) {
                break;
            }
            at += 1;
        }
        Stretch { first, last: at.max(first + 1) - 1, unclosed: unclosed.or(open.last().copied()) }
    }

    /// Takes the bracket that this one closes; `false` where it belongs to somebody else.
    fn close(&self, kind: TokenKind, open: &mut Vec<usize>, unclosed: &mut Option<usize>) -> bool {
        let Some(depth) = open.iter().rposition(|at| self.kind(*at).is_some_and(|o| closed_by(o) == Some(kind))) else {
            return kind != TokenKind::CloseBrace && !open.is_empty();
        };
        if depth + 1 < open.len() {
            *unclosed = open.last().copied();
        }
        open.truncate(depth);
        true
    }

    fn next_begins(&self, at: usize, first: usize, open: &[usize]) -> bool {
        if open.is_empty() { self.begins(at, first) } else { self.begins_outer(at) || self.begins_inner(at) }
    }

    /// A word that begins a statement, at depth zero of the statement that began at `first`.
    fn begins(&self, at: usize, first: usize) -> bool {
        let text = self.text(at);
        let starts = begins_declaration(text) || begins_rule(text) || begins_permission(text);
        if self.kind(at) != Some(TokenKind::Word) || !starts || self.is_name(at) {
            return false;
        }
        let before = self.kind(at.wrapping_sub(1));
        let action = matches!(text, "allow" | "ask" | "deny") && before == Some(TokenKind::Arrow);
        let scan_action =
            self.text(first) == "scan" && matches!(text, "deny" | "label") && matches!(before, Some(TokenKind::Arrow | TokenKind::Comma));
        !action && !scan_action && !self.continues_head(at, first) && !self.is_operand(at)
    }

    /// A word on the same line as something that must be followed by a name or a value.
    fn is_operand(&self, at: usize) -> bool {
        use TokenKind as T;
        let Some(before) = self.before(at).filter(|_| self.get(at).is_some_and(|word| !word.begins_line)) else {
            return false;
        };
        match before.kind {
            T::Comma | T::Compare | T::Less | T::Greater | T::Arrow => true,
            T::Sign => before.text != "?",
            T::Word => awaits_operand(before.text) && !self.is_name(at - 1),
            _ => false,
        }
    }

    /// The second word of a statement whose first one is on the same line, or goes with it: `otherwise deny`,
    /// `override allow`, and a reserved word where a name should stand.
    fn continues_head(&self, at: usize, first: usize) -> bool {
        let head = self.text(first);
        at == first + 1
            && self.kind(first) == Some(TokenKind::Word)
            && (begins_declaration(head) || begins_rule(head) || begins_permission(head))
            && (head == "override"
                || (head == "otherwise" && matches!(self.text(at), "deny" | "ask"))
                || self.get(at).is_some_and(|word| !word.begins_line))
    }

    /// A word that is a part of a path, a field's name, or a value.
    fn is_name(&self, at: usize) -> bool {
        let follows_dot = match (self.before(at), self.get(at)) {
            (Some(dot), Some(word)) => dot.kind == TokenKind::Dot && dot.span.end == word.span.start,
            _ => false,
        };
        let after = self.kind(at + 1);
        follows_dot || after == Some(TokenKind::Colon) || (self.text(at) == "context" && after == Some(TokenKind::Dot))
    }

    /// A declaration at the beginning of a line without indentation, while a bracket is open.
    fn begins_outer(&self, at: usize) -> bool {
        self.get(at).is_some_and(|word| word.column_zero && begins_declaration(word.text)) && self.may_resume(at)
    }

    /// A rule or permission at the beginning of a line, inside what holds neither.
    fn begins_inner(&self, at: usize) -> bool {
        let starts = |text: &str| text != "otherwise" && (begins_rule(text) || begins_permission(text));
        self.get(at).is_some_and(|word| word.begins_line && starts(word.text)) && self.may_resume(at)
    }

    fn may_resume(&self, at: usize) -> bool {
        let awaited = self.before(at).is_some_and(|word| matches!(word.kind, TokenKind::Arrow | TokenKind::Dot) || word.text == "by");
        self.kind(at) == Some(TokenKind::Word) && !self.is_name(at) && !awaited
    }
}

fn opens(kind: TokenKind) -> bool {
    closed_by(kind).is_some()
}

fn closed_by(kind: TokenKind) -> Option<TokenKind> {
    match kind {
        TokenKind::OpenBrace => Some(TokenKind::CloseBrace),
        TokenKind::OpenParen => Some(TokenKind::CloseParen),
        TokenKind::OpenBracket => Some(TokenKind::CloseBracket),
        _ => None,
    }
}

fn closes(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::CloseBrace | TokenKind::CloseParen | TokenKind::CloseBracket)
}
