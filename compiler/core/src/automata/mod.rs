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

pub use crate::emit::{compile, with_origins};
pub use explore::{Explored, Letter};
pub use guards::{Guards, Value, patterns_of};
pub use oversize::{Oversize, Subject};
pub use source::{Outcome, Source};

use leverframe_runtime::frame::{Alphabet, Body, Mark, Overflow, Slots};
use leverframe_runtime::limits::CAPACITY;

use crate::core::{self, Core, Formula, Pattern, Protocol};
use oversize::Bound;
use source::last_patterns;

/// A rule's part of the frame, and where it comes from.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// How letters become classes.
    pub alphabet: Alphabet,
    /// What classes do.
    pub body: Body,
    /// How values are kept apart.
    pub slots: Option<Slots>,
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
/// The first bound that it passes: LF0713 to LF0716, LF0719, LF0750, LF0751, LF0753.
pub fn rule(core: &Core, guards: &Guards, rule: &core::Rule) -> Result<Compiled, Oversize> {
    compiled(core, guards, rule).map_err(|bound| bound.of(Subject::Rule(rule.name.clone())))
}

fn compiled(core: &Core, guards: &Guards, rule: &core::Rule) -> Result<Compiled, Bound> {
    let capacity = rule.capacity.unwrap_or(0);
    Bound::check("LF0750", "values that are kept apart", CAPACITY as usize, capacity as usize)?;
    let source = match &rule.body {
        core::Body::Deny(formula) => Source::of(formula)?,
        core::Body::Protocol(protocol) => Source::of_protocol(protocol)?,
        core::Body::Limit(limit) => {
            let (alphabet, body) = limit::compile(core, guards, rule.key, limit)?;
            let slots = rule.capacity.map(|capacity| Slots { capacity, overflow: Overflow::Share });
            return Ok(Compiled { alphabet, body, slots, origin: None });
        }
    };
    let explored = explore::explore(core, guards, rule.key, source)?;
    let blocks = minimise::blocks(&explored.table);
    let canonical = canonical::number(&explored, &blocks)?;
    let slots = match rule.capacity {
        Some(capacity) => Some(Slots { capacity, overflow: overflow(core, guards, rule, canonical.marks)? }),
        None => None,
    };
    let origin = Origin { explored, state_of: canonical.state_of };
    Ok(Compiled { alphabet: canonical.alphabet, body: Body::Automaton(canonical.automaton), slots, origin: Some(origin) })
}

/// What happens to a value for which there is no place.
fn overflow(core: &Core, guards: &Guards, rule: &core::Rule, marks: Vec<Mark>) -> Result<Overflow, Bound> {
    let mut judged = Vec::new();
    match &rule.body {
        core::Body::Deny(formula) if rule.kind == core::RuleKind::Require => {
            return Ok(Overflow::Evict { resets: resets(formula), marks });
        }
        core::Body::Deny(formula) => last_patterns(formula, &mut judged),
        core::Body::Protocol(protocol) => protocol_patterns(protocol, &mut judged),
        core::Body::Limit(_) => return Ok(Overflow::Share),
    }
    Ok(Overflow::Absorb(limit::matching(core, guards, rule.key, &judged)?))
}

fn resets(formula: &Formula) -> bool {
    match formula {
        Formula::Met { reset, .. } => reset.is_some(),
        Formula::And(parts) | Formula::Or(parts) => parts.iter().any(resets),
        Formula::Not(part) | Formula::Span(_, part) | Formula::From(part) | Formula::Prev(part, _) => resets(part),
        Formula::Start | Formula::Match(_) => false,
    }
}

/// The events of a protocol.
fn protocol_patterns<'p>(protocol: &'p Protocol, found: &mut Vec<&'p Pattern>) {
    match protocol {
        Protocol::Event(pattern) => found.push(pattern),
        Protocol::Then(parts) | Protocol::Or(parts) => parts.iter().for_each(|part| protocol_patterns(part, found)),
        Protocol::Many(part) | Protocol::Some(part) | Protocol::Maybe(part) => protocol_patterns(part, found),
    }
}
