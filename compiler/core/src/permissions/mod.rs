//! Permissions typed: effects of tools, the statements of personas and of `everyone`.
//!
//! In: the symbol tables. Out: tools with their effects, and for each persona what it states itself, tool by tool; inheritance comes later.
//! Invariants: every answer has its full name; a statement covers a tool once; conditions are typed for their tool.
//! Left out: conflicts and gaps, which need a solver. Source: language section 4; `lang-spec/core-form.md`, [core.file].

mod effect;
mod inherit;
mod problem;
mod statement;

pub(crate) use effect::{CallEffect, guard, tools_with_effects};
pub(crate) use inherit::{by_tool, personas};
pub(crate) use statement::{everyone, stated};

use leverframe_syntax::Span;

use crate::core::{Answer, Member, ToolId};

/// What a persona says itself.
#[derive(Debug, Default)]
pub(crate) struct Stated {
    pub(crate) statements: Vec<Statement>,
    pub(crate) otherwise: Option<Answer>,
}

/// One item of a persona or of `everyone`.
#[derive(Debug)]
pub(crate) struct Statement {
    /// Whether it replaces what ancestors say of its tools.
    pub(crate) overrides: bool,
    /// What it says of each of its tools.
    pub(crate) tools: Vec<(ToolId, Member)>,
}

/// Where each named answer was written.
pub(crate) type Places = Vec<(String, Span)>;
