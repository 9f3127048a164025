//! Inheritance: what a persona says with what its ancestors say.
//!
//! In: what each persona states itself, and its lineage. Out: personas of the core form. Invariants: an ancestor's rules stand before its heirs', each
//! ancestor once; an `override` removes every rule that an ancestor of the overriding persona has on that tool.
//! Source: language sections 4 and 9 (inheritance); `lang-spec/core-form.md`, [core.file].

use std::collections::{BTreeMap, BTreeSet};

use super::{Stated, Statement, problem};
use crate::core::{Answer, Member, Persona, PersonaId, ToolId, ToolRules};
use crate::names::symbols::Symbols;
use crate::types::Checker;

/// The personas of the policy; `stated` holds what each says itself, in the same order.
pub(crate) fn personas(checker: &mut Checker<'_>, stated: &[Stated]) -> Vec<Persona> {
    let symbols = checker.symbols;
    let mut answers: Vec<Option<Answer>> = vec![None; stated.len()];
    for (at, persona) in symbols.personas.iter().enumerate() {
        // A persona's lineage ends with itself and may reach forward in the source.
        for id in &persona.lineage {
            let own = otherwise(checker, symbols, stated, &answers, *id, at == id.index());
            if let Some(slot) = answers.get_mut(id.index()) {
                *slot = own;
            }
        }
    }
    let inherited = symbols.personas.iter().zip(answers);
    inherited
        .map(|(persona, otherwise)| Persona {
            name: persona.name.text.clone(),
            otherwise,
            tools: with_ancestors(symbols, stated, &persona.lineage),
        })
        .collect()
}

/// A persona's own `otherwise`, or the one that its parents agree on; says so where they do not.
fn otherwise(
    checker: &mut Checker<'_>,
    symbols: &Symbols,
    stated: &[Stated],
    answers: &[Option<Answer>],
    id: PersonaId,
    tell: bool,
) -> Option<Answer> {
    if let Some(own) = stated.get(id.index()).and_then(|stated| stated.otherwise.clone()) {
        return Some(own);
    }
    let persona = symbols.personas.get(id.index())?;
    let parents = persona.parents.iter().filter_map(|parent| answers.get(parent.index())?.as_ref());
    let mut parents = parents.peekable();
    let first = parents.peek().map(|first| (*first).clone())?;
    let differs = parents.any(|other| (other.verdict, &other.who) != (first.verdict, &first.who));
    if differs && tell {
        let names = persona.parents.iter().filter_map(|parent| symbols.personas.get(parent.index()));
        let names: Vec<&str> = names.map(|parent| parent.name.text.as_str()).collect();
        checker.report(problem::differing_otherwise(&persona.name.text, &names, persona.name.span));
    }
    Some(first)
}

/// The members on each tool, ancestors' first, without those that somebody nearer overrides.
fn with_ancestors(symbols: &Symbols, stated: &[Stated], lineage: &[PersonaId]) -> Vec<ToolRules> {
    let overridden = overridden(symbols, stated, lineage);
    let mut by_tool: BTreeMap<ToolId, Vec<Member>> = BTreeMap::new();
    for id in lineage {
        let Some(stated) = stated.get(id.index()) else { continue };
        for (tool, member) in stated.statements.iter().flat_map(|statement| &statement.tools) {
            if !overridden.contains(&(*id, *tool)) {
                by_tool.entry(*tool).or_default().push(member.clone());
            }
        }
    }
    by_tool.into_iter().map(|(tool, members)| ToolRules { tool, members }).collect()
}

/// Which persona's rules on which tool are gone. Heirs come first, so that what is gone from a persona is known before its parents are looked at.
fn overridden(symbols: &Symbols, stated: &[Stated], lineage: &[PersonaId]) -> BTreeSet<(PersonaId, ToolId)> {
    let mut gone: BTreeMap<PersonaId, BTreeSet<ToolId>> = BTreeMap::new();
    for id in lineage.iter().rev() {
        let (Some(stated), Some(persona)) = (stated.get(id.index()), symbols.personas.get(id.index())) else { continue };
        let overriding = stated.statements.iter().filter(|statement| statement.overrides).flat_map(tools);
        let here: BTreeSet<ToolId> = overriding.chain(gone.get(id).into_iter().flatten().copied()).collect();
        if here.is_empty() {
            continue;
        }
        for parent in &persona.parents {
            gone.entry(*parent).or_default().extend(here.iter().copied());
        }
    }
    gone.into_iter().flat_map(|(persona, tools)| tools.into_iter().map(move |tool| (persona, tool))).collect()
}

fn tools(statement: &Statement) -> impl Iterator<Item = ToolId> + '_ {
    statement.tools.iter().map(|(tool, _)| *tool)
}

/// The members of `everyone` on each tool, in source order.
pub(crate) fn by_tool(statements: Vec<Statement>) -> Vec<ToolRules> {
    let mut by_tool: BTreeMap<ToolId, Vec<Member>> = BTreeMap::new();
    for (tool, member) in statements.into_iter().flat_map(|statement| statement.tools) {
        by_tool.entry(tool).or_default().push(member);
    }
    by_tool.into_iter().map(|(tool, members)| ToolRules { tool, members }).collect()
}
