//! Reading a broken module statement by statement.
//!
//! In: a text that the grammar of the whole file refuses. Out: the statements that can be read, and a finding for each
//! that cannot.
//! Invariants: every statement is read by the same rules as in the whole file, so nothing is accepted here that would be
//! refused there; findings of one statement do not depend on another. If no statement shows a mistake, the finding of the
//! whole file is given: a refused text never comes out clean.

use std::ops::ControlFlow;

use pest::Parser;

use crate::blame::blame;
use crate::build::Builder;
use crate::codes::Code;
use crate::cut::{Piece, Stretch, Words};
use crate::diagnostic::Diagnostic;
use crate::grammar::{Grammar, Rule};
use crate::lexical;
use crate::limits::{self, exceeded};
use crate::nesting::{self, TooDeep};
use crate::read::{self, Read, inner};
use crate::span::{FileId, Span};
use crate::token::{Token, TokenKind, offset};
use crate::tree::{DeclKind, Declaration, Everyone, File, Number, Persona, PersonaItem};
use crate::words::{begins_declaration, begins_permission, begins_rule};

struct Reader<'a> {
    file: FileId,
    source: &'a str,
    tokens: &'a [Token],
    words: Words<'a>,
    language: Option<Number>,
    declarations: Vec<Declaration>,
    diagnostics: Vec<Diagnostic>,
}

/// Where a statement stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Persona,
    Everyone,
}

/// Reads what can be read.
pub(crate) fn read(file: FileId, source: &str, tokens: &[Token]) -> Read {
    let mut reader = Reader {
        file,
        source,
        tokens,
        words: Words::new(tokens, source),
        language: None,
        declarations: Vec::new(),
        diagnostics: Vec::new(),
    };
    reader.lexical();
    if reader.run().is_continue() && reader.diagnostics.is_empty() {
        reader.diagnostics.extend(read::whole_error(source, &reader.words));
    }
    let span = Span::new(file, 0, offset(source.len()));
    let tree = File { language: reader.language, declarations: reader.declarations, span };
    (tree, reader.diagnostics)
}

/// Whether a module has too many statements.
///
/// # Errors
/// LF0703.
pub(crate) fn check_count(tree: &File) -> Option<Diagnostic> {
    let items = |declaration: &Declaration| match &declaration.kind {
        DeclKind::Persona(persona) => persona.items.len(),
        DeclKind::Everyone(everyone) => everyone.items.len(),
        _ => 0,
    };
    let count = tree.declarations.iter().map(|declaration| 1 + items(declaration)).sum();
    too_many(count, tree.span)
}

fn too_many(count: usize, span: Span) -> Option<Diagnostic> {
    (count > limits::STATEMENTS).then(|| {
        let start = Span::new(span.file, span.start, span.start);
        exceeded(Code::LF0703, start, "statements of one file", limits::STATEMENTS, count)
    })
}

impl<'a> Reader<'a> {
    /// Comments are no part of a statement; their findings are made here, and all too long tokens.
    fn lexical(&mut self) {
        let found = self.tokens.iter().filter_map(|token| lexical::check(token, self.source));
        self.diagnostics.extend(found);
    }

    fn run(&mut self) -> ControlFlow<()> {
        let start = Span::new(self.file, 0, 0);
        if self.tokens.len() > limits::TOKENS {
            let given = self.tokens.len();
            self.diagnostics.push(exceeded(Code::LF0704, start, "tokens of one file", limits::TOKENS, given));
            return ControlFlow::Break(());
        }
        let pieces = self.words.cut();
        let items = |piece: &Piece| match piece {
            Piece::Block { items, .. } => 1 + items.len(),
            _ => 1,
        };
        if let Some(found) = too_many(pieces.iter().map(items).sum(), start) {
            self.diagnostics.push(found);
            return ControlFlow::Break(());
        }
        self.check_first(pieces.first());
        for (at, piece) in pieces.into_iter().enumerate() {
            self.piece(piece, at == 0);
        }
        ControlFlow::Continue(())
    }

    /// # Errors
    /// LF0006 where the file does not begin with its `language` line.
    fn check_first(&mut self, piece: Option<&Piece>) {
        let word = match piece {
            None => None,
            Some(Piece::Statement(stretch) | Piece::Block { head: stretch, .. }) => self.words.get(stretch.first),
            Some(Piece::Stray(at)) => self.words.get(*at),
        };
        if word.is_some_and(|word| word.text == "language") {
            return;
        }
        let span = word.map_or(Span::new(self.file, 0, 0), |word| word.span);
        self.diagnostics.push(
            Diagnostic::new(Code::LF0006, span, "the file does not begin with its `language` line")
                .note(format!("write `language {}` before everything else", read::LANGUAGE_VERSION)),
        );
    }

    fn piece(&mut self, piece: Piece, is_first: bool) {
        match piece {
            Piece::Stray(at) => self.stray(at),
            Piece::Statement(stretch) if self.head(stretch) == "language" => self.language_line(stretch, is_first),
            Piece::Statement(stretch) => {
                if let Some(declaration) =
                    self.statement(stretch, Level::Top, Rule::declaration_alone, |builder, node| builder.declaration(node))
                {
                    self.declarations.push(declaration);
                }
            }
            Piece::Block { head, everyone, items, close } => {
                let last = close.unwrap_or_else(|| items.last().map_or(head.last, |item| item.last));
                let read = self.block(head, everyone, items);
                if let Some(kind) = read {
                    self.add_block(kind, Stretch { first: head.first, last, unclosed: None });
                }
            }
        }
    }

    fn head(&self, stretch: Stretch) -> &'a str {
        let first = self.words.get(stretch.first);
        first.filter(|word| word.kind == TokenKind::Word).map_or("", |word| word.text)
    }

    fn language_line(&mut self, stretch: Stretch, is_first: bool) {
        let read = self.statement(stretch, Level::Top, Rule::language_line_alone, |builder, node| builder.language_line(node));
        match read {
            Some(_) if !is_first => {
                let span = self.span(stretch);
                self.diagnostics.push(Diagnostic::new(Code::LF0006, span, "the `language` line stands once, before everything else"));
            }
            Some(version) => {
                self.diagnostics.extend(read::check_version(version));
                self.language = Some(version);
            }
            None => {}
        }
    }

    fn block(&mut self, head: Stretch, everyone: bool, items: Vec<Stretch>) -> Option<DeclKind> {
        if let Some(open) = head.unclosed {
            self.unclosed(open);
        }
        let head = Stretch { unclosed: None, ..head };
        let (level, rule, item_rule) = if everyone {
            (Level::Everyone, Rule::everyone_head_alone, Rule::everyone_item_alone)
        } else {
            (Level::Persona, Rule::persona_head_alone, Rule::persona_item_alone)
        };
        let names = self.statement(
            head,
            Level::Top,
            rule,
            |builder, node| {
                if everyone { Some(None) } else { builder.persona_head(node).map(Some) }
            },
        );
        let items: Vec<PersonaItem> =
            items.into_iter().filter_map(|item| self.statement(item, level, item_rule, |builder, node| builder.item(node))).collect();
        Some(match names? {
            None => DeclKind::Everyone(Everyone { items }),
            Some((name, parents)) => DeclKind::Persona(Persona { name, parents, items }),
        })
    }

    fn add_block(&mut self, kind: DeclKind, stretch: Stretch) {
        let span = self.span(stretch);
        let docs = crate::docs::in_front_of(span, self.source, self.tokens);
        self.declarations.push(Declaration { docs, kind, span });
    }

    fn span(&self, stretch: Stretch) -> Span {
        match (self.words.get(stretch.first), self.words.get(stretch.last)) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::new(self.file, 0, 0),
        }
    }

    /// Reads one statement by its rule; a finding and nothing where that is not possible.
    fn statement<T>(
        &mut self,
        stretch: Stretch,
        level: Level,
        rule: Rule,
        build: impl FnOnce(&mut Builder<'_>, &crate::build::Node<'_>) -> Option<T>,
    ) -> Option<T> {
        if !self.may_be_read(stretch, level) {
            return None;
        }
        let span = self.span(stretch);
        let pairs = match Grammar::parse(rule, span.text(self.source)) {
            Ok(pairs) => pairs,
            Err(error) => {
                self.diagnostics.push(blame(&error, &self.words, stretch, span.start));
                return None;
            }
        };
        let mut builder = Builder::new(self.file, span.start, self.source, self.tokens);
        let made = pairs.into_iter().next().and_then(|root| inner(&root).next()).and_then(|node| build(&mut builder, &node));
        self.diagnostics.append(&mut builder.diagnostics);
        if made.is_none() {
            self.diagnostics.push(Diagnostic::new(Code::LF0001, span, "this statement could not be read"));
        }
        made
    }

    /// Whether pest may see the statement: its tokens are good, its brackets closed, its depth bounded, its place right.
    fn may_be_read(&mut self, stretch: Stretch, level: Level) -> bool {
        let words = self.words.slice(stretch);
        let tokens: Vec<Token> = words.iter().map(|word| Token { kind: word.kind, span: word.span }).collect();
        if tokens.iter().any(|token| lexical::check(token, self.source).is_some()) {
            return false;
        }
        if let Some(found) = self.misplaced(stretch, level) {
            self.diagnostics.push(found);
            return false;
        }
        if let Some(open) = stretch.unclosed {
            self.unclosed(open);
            return false;
        }
        if let Some(deep) = nesting::measure(tokens.iter(), self.source) {
            self.diagnostics.push(too_deep(deep));
            return false;
        }
        true
    }

    /// # Errors
    /// LF0014 where a statement stands where none of its kind may; LF0001 where none begins.
    fn misplaced(&self, stretch: Stretch, level: Level) -> Option<Diagnostic> {
        let first = self.words.get(stretch.first)?;
        let head = self.head(stretch);
        let finding = |message: String| Some(Diagnostic::new(Code::LF0014, first.span, message));
        match level {
            Level::Top if begins_permission(head) => finding(format!("`{head}` stands in a persona, not at top level")),
            Level::Top if begins_declaration(head) || begins_rule(head) => None,
            Level::Persona if begins_permission(head) || begins_rule(head) => None,
            Level::Everyone if begins_rule(head) || head == "deny" => None,
            Level::Everyone if begins_permission(head) => finding(format!("`{head}` does not stand in `everyone`"))
                .map(|found| found.note("`everyone` holds `deny`, `forbid`, `require`, `protocol`, `limit` and `scan`")),
            Level::Persona | Level::Everyone if begins_declaration(head) => finding(format!("`{head}` stands at top level, not in braces")),
            _ => Some(nothing_begins(first.span, first.text, level)),
        }
    }

    /// # Errors
    /// LF0004
    fn unclosed(&mut self, open: usize) {
        if let Some(word) = self.words.get(open) {
            let message = format!("this `{}` is never closed", word.text);
            self.diagnostics.push(Diagnostic::new(Code::LF0004, word.span, message));
        }
    }

    /// # Errors
    /// LF0004
    fn stray(&mut self, at: usize) {
        if let Some(word) = self.words.get(at) {
            let message = format!("this `{}` closes nothing", word.text);
            self.diagnostics.push(Diagnostic::new(Code::LF0004, word.span, message));
        }
    }
}

fn nothing_begins(span: Span, text: &str, level: Level) -> Diagnostic {
    if matches!(text, "}" | ")" | "]") {
        return Diagnostic::new(Code::LF0004, span, format!("this `{text}` closes nothing"));
    }
    let (what, words) = match level {
        Level::Top => ("a declaration", "such as `tool`, `persona` or `forbid`"),
        Level::Persona => ("an item of a persona", "such as `allow`, `ask`, `deny`, `on` or `otherwise`"),
        Level::Everyone => ("an item of `everyone`", "such as `deny` or `forbid`"),
    };
    Diagnostic::new(Code::LF0001, span, format!("expected {what}, found `{text}`")).note(format!("{what} begins with a word {words}"))
}

fn too_deep(deep: TooDeep) -> Diagnostic {
    match deep {
        TooDeep::Nesting(span) => {
            let found = Diagnostic::new(Code::LF0702, span, format!("this is nested more than {} levels deep", limits::NESTING));
            found.note("brackets, `not` and `times` count; name a part by `define`, or split the rule")
        }
        TooDeep::Dots(span) => Diagnostic::new(Code::LF0702, span, format!("this has more than {} dots", limits::PATH_DOTS)),
    }
}
