//! Tokens: the text cut into words, signs, white space and comments.
//!
//! In: any text. Out: [`Token`]s whose texts joined are the text again, whatever it is.
//! Invariants: lossless and total; unreadable characters become [`TokenKind::Unknown`], a string that is not closed ends
//! with its line. Words are not told apart here: which of them are names depends on where they stand.
//! Left out: what is accepted, which the grammar alone says.

use logos::Logos;

use crate::span::{FileId, Span};

/// A token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of token.
#[derive(Logos, Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// Blanks, tabs and line ends.
    #[regex(r"([ \t\n]|\r\n)+")]
    Whitespace,
    /// `// …`
    #[regex(r"//[^\r\n]*", allow_greedy = true)]
    Comment,
    /// `/// …`
    #[regex(r"///([^/\r\n][^\r\n]*)?", priority = 100, allow_greedy = true)]
    DocComment,
    /// A word: a keyword or a name.
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Word,
    /// A name in backticks.
    #[regex(r"`[^`\r\n]+`")]
    QuotedName,
    /// `?v`
    #[regex(r"\?[A-Za-z_][A-Za-z0-9_]*")]
    Variable,
    /// `"…"` or `r"…"`
    #[regex(r#""([^"\\\r\n]|\\[^\r\n])*""#)]
    #[regex(r#"r"[^"\r\n]*""#)]
    String,
    /// `ts"…"`
    #[regex(r#"ts"[^"\\\r\n]*""#)]
    Timestamp,
    /// `10m`
    #[regex(r"[0-9](_?[0-9])*(ms|s|m|h|d)", priority = 50)]
    Duration,
    /// `1_000`
    #[regex(r"[0-9](_?[0-9])*", priority = 50)]
    Integer,
    /// `1.5`
    #[regex(r"[0-9](_?[0-9])*\.[0-9](_?[0-9])*", priority = 50)]
    Decimal,
    /// Something that begins like a number and is none: `3x`, `1__0`.
    #[regex(r"[0-9][A-Za-z0-9_]*(\.[0-9][A-Za-z0-9_]*)?", priority = 5)]
    BadNumber,
    /// A string, or a name in backticks, that its line does not close.
    #[regex(r#""([^"\\\r\n]|\\[^\r\n])*\\?"#, priority = 2)]
    #[regex(r#"r"[^"\r\n]*"#, priority = 2)]
    #[regex(r#"ts"[^"\r\n]*"#, priority = 2)]
    #[regex(r"`[^`\r\n]*", priority = 2)]
    Unclosed,
    /// `{`
    #[token("{")]
    OpenBrace,
    /// `}`
    #[token("}")]
    CloseBrace,
    /// `(`
    #[token("(")]
    OpenParen,
    /// `)`
    #[token(")")]
    CloseParen,
    /// `[`
    #[token("[")]
    OpenBracket,
    /// `]`
    #[token("]")]
    CloseBracket,
    /// `,`
    #[token(",")]
    Comma,
    /// `:`
    #[token(":")]
    Colon,
    /// `.`
    #[token(".")]
    Dot,
    /// `=>`
    #[token("=>")]
    Arrow,
    /// `<`
    #[token("<")]
    Less,
    /// `>`
    #[token(">")]
    Greater,
    /// `==`, `!=`, `<=` or `>=`
    #[token("==")]
    #[token("!=")]
    #[token("<=")]
    #[token(">=")]
    Compare,
    /// `*`
    #[token("*")]
    Star,
    /// Any other sign of the language: `= -> ..= | ? + - #`
    #[token("=")]
    #[token("->")]
    #[token("..=")]
    #[token("|")]
    #[token("?")]
    #[token("+")]
    #[token("-")]
    #[token("#")]
    Sign,
    /// Characters that stand nowhere in the language.
    Unknown,
}

impl TokenKind {
    /// Whether it is white space or a comment.
    pub fn is_trivia(self) -> bool {
        matches!(self, Self::Whitespace | Self::Comment | Self::DocComment)
    }

    /// Whether it is a comment of either kind.
    pub fn is_comment(self) -> bool {
        matches!(self, Self::Comment | Self::DocComment)
    }
}

/// Cuts a text into tokens. Offsets beyond 32 bits are cut off; [`crate::limits::FILE_BYTES`] lies far below.
pub fn tokens(file: FileId, source: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    for (kind, range) in TokenKind::lexer(source).spanned() {
        let kind = kind.unwrap_or(TokenKind::Unknown);
        let span = Span::new(file, offset(range.start), offset(range.end));
        match out.last_mut() {
            Some(last) if kind == TokenKind::Unknown && last.kind == kind => last.span = last.span.to(span),
            _ => out.push(Token { kind, span }),
        }
    }
    out
}

/// A byte offset as spans hold it.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The characters that no text may show, because they would make it read otherwise than it is: controls other than the
/// tab and line ends (a carriage return alone is none), and those that change the direction of writing. The same set as `hidden` in the grammar.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}'..='\u{200f}' | '\u{61c}'
        | '\u{2028}'..='\u{2029}')
}
