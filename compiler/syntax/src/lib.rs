//! Tokens, grammar, tree, diagnostics and canonical layout of Leverframe policies.
//!
//! In: the text of one module. Out: [`Parsed`], its tokens, [`tree`] and diagnostics; or the text in its one layout
//! ([`format`]).
//! Invariants: the grammar of the whole file, `lang-spec/grammar.pest`, decides what is accepted; no input panics,
//! overflows the stack or takes more than linear time; every diagnostic has a code with a page.
//! Left out: files, names, types, meaning. Source: language.md sections 2 to 9, architecture.md section 2.

mod blame;
mod build;
mod codes;
mod cut;
mod diagnostic;
mod docs;
mod expected;
mod grammar;
mod layout;
mod lexical;
pub mod limits;
mod nesting;
mod read;
mod span;
mod statements;
mod token;
pub mod tree;
mod words;

#[cfg(test)]
mod tests;

pub use codes::{Code, Severity};
pub use diagnostic::{Diagnostic, SpanLabel, sort};
pub use layout::format;
pub use read::{LANGUAGE_VERSION, Parsed, parse};
pub use span::{FileId, Span};
pub use token::{Token, TokenKind, is_hidden, tokens};
pub use words::{RESERVED, is_reserved};
