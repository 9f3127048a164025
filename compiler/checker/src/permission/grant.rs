//! Permissions that give away more than their author may see.
//!
//! In: a persona. Out: LF0308 (a wildcard over a tool with an effect), LF0309 (a child that may more than its parents). Source: verification section 3.

use std::collections::BTreeSet;

use leverframe_compiler::core::{Cond, PersonaId, ToolId, Verdict};
use leverframe_syntax::{Code, Diagnostic, tree};

use super::matter::{Matter, Ruling};
use super::show;
use crate::question::Answer;
use crate::report::Finding;
use crate::session::permit::{Permits, and, negated, or};

/// Looks at every statement of the persona itself.
pub(super) fn grants(matter: &mut Matter<'_, '_, '_>) -> Vec<Finding> {
    let own = matter.own_names();
    let mut found = Vec::new();
    let all: BTreeSet<ToolId> = matter.by_name().iter().flat_map(|(name, _)| named_in_full(matter, name)).collect();
    for (name, on) in matter.by_name().into_iter().filter(|(name, _)| own.contains(name)) {
        found.extend(by_wildcard(matter, name, &on, &all));
        found.extend(more_than_parents(matter, name, &on));
    }
    found
}

/// A persona's permission of that name, as written, or none for an arm.
fn written<'a>(matter: &Matter<'a, '_, '_>, name: &str) -> Option<&'a tree::Permission> {
    let span = matter.origins.rules.get(name)?;
    let items = matter.symbols.personas.iter().flat_map(|persona| &persona.items);
    items.filter(|item| item.span == *span).find_map(|item| match &item.kind {
        tree::ItemKind::Permission(permission) => Some(permission),
        _ => None,
    })
}

/// The tools that a statement names in full.
pub(super) fn named_in_full(matter: &Matter<'_, '_, '_>, name: &str) -> BTreeSet<ToolId> {
    written(matter, name).map(|permission| matter.symbols.named_in_full(&permission.tools)).unwrap_or_default()
}

/// `full` has the tools that some statement of the persona names in full.
fn by_wildcard(matter: &mut Matter<'_, '_, '_>, name: &str, on: &[(ToolId, Ruling<'_>)], full: &BTreeSet<ToolId>) -> Option<Finding> {
    if on.first().is_none_or(|(_, ruling)| ruling.arm || ruling.answer.verdict != Verdict::Allow) {
        return None;
    }
    let (tool, effect) = on.iter().filter(|(tool, _)| !full.contains(tool)).find_map(|(tool, ruling)| {
        let declared = matter.core.tools.get(tool.index())?;
        let effects = [(&declared.destroys, "destroys"), (&declared.sends, "sends")];
        let free = negated(matter.house(*tool));
        let granted =
            effects.into_iter().find(|(cond, _)| !matter.impossible(*tool, vec![ruling.calls.clone(), (*cond).clone(), free.clone()]));
        granted.map(|(_, effect)| (*tool, effect))
    })?;
    let message = format!("a wildcard of `{name}` grants `{}`, which {effect}", matter.tool(tool));
    let diagnostic = Diagnostic::new(Code::LF0308, matter.place(name), message)
        .note("name the tool in full where that is meant, or take it out with `except`");
    let (persona, tool) = (Some(matter.name().to_owned()), Some(matter.tool(tool).to_owned()));
    Some(Finding { persona, tool, rules: vec![name.to_owned()], ..Finding::new(diagnostic) })
}

fn more_than_parents(matter: &mut Matter<'_, '_, '_>, name: &str, on: &[(ToolId, Ruling<'_>)]) -> Option<Finding> {
    let parents: Vec<PersonaId> = matter.written()?.parents.iter().map(|parent| PersonaId(parent.0)).collect();
    let grants = on.first().is_some_and(|(_, ruling)| ruling.answer.verdict != Verdict::Deny);
    if parents.is_empty() || !grants || overrides(matter, name) {
        return None;
    }
    for (tool, ruling) in on {
        let more = more(matter, &parents, *tool);
        let holds = vec![ruling.calls.clone(), more];
        let reach = matter.within_reach(&holds);
        let Answer::Possible(example) = matter.ask(*tool, holds.into_iter().chain([reach]).collect::<Vec<Cond>>()) else { continue };
        let Ok(witness) = show::show(matter, *tool, &example, Verdict::Allow) else { continue };
        let names: Vec<String> = parents
            .iter()
            .filter_map(|parent| matter.core.personas.get(parent.index()))
            .map(|parent| format!("`{}`", parent.name))
            .collect();
        let message = format!("`{name}` lets `{}` do what {} may not", matter.name(), names.join(" and "));
        let diagnostic = Diagnostic::new(Code::LF0309, matter.place(name), message)
            .label(format!("a call of `{}` that is denied to the parent, or asked about", matter.tool(*tool)))
            .note("say `override` where that is meant");
        let (persona, tool) = (Some(matter.name().to_owned()), Some(matter.tool(*tool).to_owned()));
        return Some(Finding { persona, tool, rules: vec![name.to_owned()], witness, ..Finding::new(diagnostic) });
    }
    None
}

/// The calls that the persona may make and its parents may not, or only after an ask.
fn more(matter: &Matter<'_, '_, '_>, parents: &[PersonaId], tool: ToolId) -> Cond {
    let theirs: Vec<Permits> = parents.iter().map(|parent| Permits::of(matter.core, *parent, tool)).collect();
    let allowed = or(theirs.iter().map(|permits| permits.allow.clone()).collect());
    let granted = or(theirs.into_iter().flat_map(|permits| [permits.allow, permits.ask]).collect());
    let own = Permits::of(matter.core, matter.persona, tool);
    or(vec![and(vec![own.allow, negated(allowed)]), and(vec![own.ask, negated(granted)])])
}

/// Whether the statement says `override`, as a permission or as an `on`.
fn overrides(matter: &Matter<'_, '_, '_>, name: &str) -> bool {
    if let Some(permission) = written(matter, name) {
        return permission.overrides.is_some();
    }
    let Some(span) = matter.origins.rules.get(name) else { return false };
    let items = matter.symbols.personas.iter().flat_map(|persona| &persona.items);
    items
        .filter_map(|item| match &item.kind {
            tree::ItemKind::On(on) => Some(on),
            _ => None,
        })
        .any(|on| on.overrides.is_some() && on.arms.iter().any(|arm| arm.span == *span))
}
