//! Reading a module: the grammar of the whole file first, statement by statement where that refuses.
//!
//! In: a text. Out: [`Parsed`]: what could be read, every token, and what is wrong.
//! Invariants: without an error among the diagnostics the grammar accepts the whole text and the tree is all of it; with
//! one, the tree holds the statements that could be read. A text that the grammar refuses always has an error.
//! Any input ends in time and stack linear in its length: bounds come first ([`crate::limits`]), then depth
//! ([`crate::nesting`]), then pest. Source: architecture.md section 2.

use pest::Parser;
use pest::iterators::Pairs;

use crate::blame::blame;
use crate::build::{Builder, Node};
use crate::codes::Code;
use crate::cut::Words;
use crate::diagnostic::{self, Diagnostic};
use crate::grammar::{Grammar, Rule};
use crate::lexical;
use crate::limits;
use crate::nesting;
use crate::span::{FileId, Span};
use crate::statements;
use crate::token::{self, Token, offset};
use crate::tree::{File, Number};

/// The version of the language that this crate reads.
pub const LANGUAGE_VERSION: u64 = 1;

/// What reading a module gave.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What could be read.
    pub tree: File,
    /// Every token, white space and comments included; none where the text is too large.
    pub tokens: Vec<Token>,
    /// What is wrong, by position.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// Whether the whole text was read without an error.
    pub fn is_ok(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// A tree and what was found while making it.
pub(crate) type Read = (File, Vec<Diagnostic>);

/// Reads a module.
///
/// # Errors
/// As diagnostics: LF0001 to LF0018 and LF0701 to LF0706.
///
/// # Limits
/// Those of [`crate::limits`].
pub fn parse(file: FileId, source: &str) -> Parsed {
    let span = Span::new(file, 0, offset(source.len()));
    if let Some(found) = limits::check_size(file, source) {
        let tree = File { language: None, declarations: Vec::new(), span };
        return Parsed { tree, tokens: Vec::new(), diagnostics: vec![found] };
    }
    let tokens = token::tokens(file, source);
    let (tree, mut diagnostics) = match read_whole(file, source, &tokens) {
        Some(read) => read,
        None => statements::read(file, source, &tokens),
    };
    diagnostic::sort(&mut diagnostics);
    Parsed { tree, tokens, diagnostics: limits::cap(diagnostics) }
}

/// Reads a text by the grammar of the whole file; `None` where it is refused or too large for that.
pub(crate) fn read_whole(file: FileId, source: &str, tokens: &[Token]) -> Option<Read> {
    let significant = || tokens.iter().filter(|token| !token.kind.is_trivia());
    if tokens.len() > limits::TOKENS
        || tokens.iter().any(|token| lexical::check(token, source).is_some())
        || nesting::measure(significant(), source).is_some()
    {
        return None;
    }
    let pairs = Grammar::parse(Rule::file, source).ok()?;
    let mut builder = Builder::new(file, 0, source, tokens);
    let tree = whole_tree(pairs, &mut builder)?;
    let mut diagnostics = builder.diagnostics;
    diagnostics.extend(tree.language.and_then(check_version));
    diagnostics.extend(statements::check_count(&tree));
    Some((tree, diagnostics))
}

/// The finding of the grammar of the whole file, for texts whose statements alone show nothing wrong.
pub(crate) fn whole_error(source: &str, words: &Words<'_>) -> Option<Diagnostic> {
    let error = Grammar::parse(Rule::file, source).err()?;
    let last = words.all.len().checked_sub(1)?;
    Some(blame(&error, words, crate::cut::Stretch { first: 0, last, unclosed: None }, 0))
}

/// Whether the version is one that this crate reads.
///
/// # Errors
/// LF0007.
pub(crate) fn check_version(version: Number) -> Option<Diagnostic> {
    (version.value != LANGUAGE_VERSION).then(|| {
        Diagnostic::new(Code::LF0007, version.span, format!("language version `{}` is not known", version.value))
            .note(format!("this compiler reads `language {LANGUAGE_VERSION}`"))
    })
}

fn whole_tree(pairs: Pairs<'_, Rule>, builder: &mut Builder<'_>) -> Option<File> {
    let root = pairs.into_iter().next()?;
    let mut language = None;
    let mut declarations = Vec::new();
    let span = root.as_span();
    for node in inner(&root) {
        match node.as_rule() {
            Rule::language_line => language = builder.language_line(&node),
            _ => declarations.push(builder.declaration(&node)?),
        }
    }
    Some(File { language, declarations, span: builder.whole(span.start(), span.end()) })
}

/// The children that are no end mark.
pub(crate) fn inner<'i>(node: &Node<'i>) -> impl Iterator<Item = Node<'i>> {
    node.clone().into_inner().filter(|inner| inner.as_rule() != Rule::EOI)
}
