//! Automata: each rule over histories becomes one minimal table with registers and a decision graph in front of it.
//!
//! In: the [`Core`](crate::core::Core). Out: for each rule an [`Alphabet`] and a [`Body`]; [`compile`] puts them into a frame.
//! Invariants: every truth vector of a site's tests has its exact transition (nothing is dropped because it seems infeasible); tables are minimal
//! and numbered canonically, so equal rules give equal tables.
//! Left out: products of rules, which are analysis, not enforcement.
//! Source: verification section 1; `lang-spec/core-form.md`, [core.formula]. The bit vector is that of Havelund and Roşu, "Synthesizing
//! monitors for safety properties" (TACAS 2002); minimisation is Moore's.

mod canonical;
mod decision;
mod explore;
mod guards;
mod limit;
mod minimise;
mod oversize;
mod site;
mod source;
#[cfg(test)]
pub(crate) mod tests;

pub use crate::emit::compile;
pub use explore::{Explored, Letter};
pub use guards::Guards;
pub use oversize::{Oversize, Subject};
pub use source::{Outcome, Source};

use leverframe_runtime::frame::{Alphabet, Body};

use crate::core::{self, Core};

/// A rule's part of the frame, and where it comes from.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// How letters become classes.
    pub alphabet: Alphabet,
    /// What classes do.
    pub body: Body,
    /// The states of the source semantics that the table was made of; none for a limit, which is a template.
    pub origin: Option<Origin>,
}

/// The source semantics behind a table.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The rule's formula as bits and registers, with the states that can be reached.
    pub explored: Explored,
    /// The table's state that each explored state became.
    pub state_of: Vec<u16>,
}

/// Compiles one rule.
///
/// # Errors
/// The first bound that it passes: LF0713 to LF0716, LF0719.
pub fn rule(core: &Core, guards: &Guards, rule: &core::Rule) -> Result<Compiled, Oversize> {
    let oversize = |bound: oversize::Bound| bound.of(Subject::Rule(rule.name.clone()));
    match &rule.body {
        core::Body::Deny(formula) => {
            let source = Source::of(formula).map_err(oversize)?;
            let explored = explore::explore(core, guards, rule.key, source).map_err(oversize)?;
            let blocks = minimise::blocks(&explored.table);
            let canonical = canonical::number(&explored, &blocks).map_err(oversize)?;
            let origin = Origin { explored, state_of: canonical.state_of };
            Ok(Compiled { alphabet: canonical.alphabet, body: Body::Automaton(canonical.automaton), origin: Some(origin) })
        }
        core::Body::Limit { count, window_ms, event } => {
            let (alphabet, body) = limit::compile(core, guards, rule.key, *count, *window_ms, event).map_err(oversize)?;
            Ok(Compiled { alphabet, body, origin: None })
        }
    }
}
