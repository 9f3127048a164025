//! What stands inside a persona, as written (language.md section 4).

use super::{Doc, Expr, Name, Path, Rule, Text};
use crate::span::Span;

/// An item of `persona` or `everyone`, with the doc comments in front of it.
#[derive(Clone, PartialEq, Debug)]
pub struct PersonaItem {
    /// Its `///` lines.
    pub docs: Vec<Doc>,
    /// What it is.
    pub kind: ItemKind,
    /// Where it stands, without its docs.
    pub span: Span,
}

/// The kinds of item.
#[derive(Clone, PartialEq, Debug)]
pub enum ItemKind {
    /// `allow`, `ask` or `deny`
    Permission(Permission),
    /// `on TOOL { … }`
    On(OnBlock),
    /// `otherwise deny` or `otherwise ask`
    Otherwise(Otherwise),
    /// A sequence rule, limit or scan.
    Rule(Rule),
}

/// `[override] allow|ask|deny [NAME:] TOOLS [except TOOLS] [when COND] [by "who"] ["why"]`
#[derive(Clone, PartialEq, Debug)]
pub struct Permission {
    /// Where `override` stands, if it does.
    pub overrides: Option<Span>,
    /// Its verdict.
    pub verb: Verb,
    /// Where the verdict's word stands.
    pub verb_span: Span,
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// The tools it covers.
    pub tools: Tools,
    /// On which calls.
    pub when: Option<Expr>,
    /// Who is asked; only with [`Verb::Ask`].
    pub by: Option<Text>,
    /// Why; only with [`Verb::Deny`].
    pub why: Option<Text>,
}

/// The three verdicts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verb {
    /// `allow`
    Allow,
    /// `ask`
    Ask,
    /// `deny`
    Deny,
}

/// TOOLS, with what `except` takes away.
#[derive(Clone, PartialEq, Debug)]
pub struct Tools {
    /// Those named: one or more.
    pub patterns: Vec<ToolPattern>,
    /// Those taken away again; empty without `except`.
    pub except: Vec<ToolPattern>,
    /// From the first to the last, `except` included.
    pub span: Span,
}

/// One entry of TOOLS.
#[derive(Clone, PartialEq, Debug)]
pub enum ToolPattern {
    /// A tool or a group.
    Path(Path),
    /// A glob such as `crm.get_*`: `*` is any text without a dot, in the last segment only.
    Glob {
        /// The segments before the last dot, joined by dots; empty without a dot.
        server: String,
        /// The last segment; holds a `*`.
        pattern: String,
        /// Where it stands.
        span: Span,
    },
}

impl ToolPattern {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Path(path) => path.span,
            Self::Glob { span, .. } => *span,
        }
    }
}

/// `[override] on TOOL { COND => VERDICT, … }`
#[derive(Clone, PartialEq, Debug)]
pub struct OnBlock {
    /// Where `override` stands, if it does.
    pub overrides: Option<Span>,
    /// The tool.
    pub tool: Path,
    /// Its arms in order: one or more; an `otherwise` arm is the last.
    pub arms: Vec<Arm>,
}

/// One arm of `on`.
#[derive(Clone, PartialEq, Debug)]
pub struct Arm {
    /// Its condition; `None` for `otherwise`.
    pub condition: Option<Expr>,
    /// Its verdict.
    pub verdict: Verdict,
    /// The whole arm.
    pub span: Span,
}

/// What an arm answers.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    /// The answer.
    pub kind: VerdictKind,
    /// Where it stands.
    pub span: Span,
}

/// The answers of an arm.
#[derive(Clone, PartialEq, Debug)]
pub enum VerdictKind {
    /// `allow`
    Allow,
    /// `ask [by "who"]`
    Ask(Option<Text>),
    /// `deny ["why"]`
    Deny(Option<Text>),
}

/// `otherwise deny` or `otherwise ask`
#[derive(Clone, PartialEq, Debug)]
pub struct Otherwise {
    /// The persona's answer for everything else.
    pub verdict: OtherwiseVerdict,
}

/// What a persona may answer for everything else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OtherwiseVerdict {
    /// `deny`
    Deny,
    /// `ask`
    Ask,
}
