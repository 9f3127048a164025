//! Sets of tools: groups expanded, effects given their tools.
//!
//! In: groups and effects as written. Out: their tools in the tables. Invariant: a group is expanded after those that it names.
//! Source: `lang-spec/catalogs.md`, [names.tools].

use leverframe_syntax::{Diagnostic, tree};

use super::circle::{References, circles, named};
use super::declare::{Declared, declarations};
use super::report;
use super::symbols::{Effect, EffectKind};
use crate::core::LabelId;
use crate::modules::Program;

/// Expands every group.
pub(super) fn groups(declared: &mut Declared) {
    let references: References = declared.groups.iter().map(|tools| group_references(tools, declared)).collect();
    let names: Vec<String> = declared.symbols.groups.iter().map(|group| group.name.text.clone()).collect();
    let (circles, order) = circles(&references);
    for circle in &circles {
        declared.found.push(report::recursion("the group", &named(circle, &names)));
    }
    let broken: Vec<usize> = circles.iter().flatten().map(|(at, _)| *at).collect();
    for at in order.into_iter().filter(|at| !broken.contains(at)) {
        let Some(tools) = declared.groups.get(at) else { continue };
        match (declared.symbols.resolve_tools(tools), declared.symbols.groups.get_mut(at)) {
            (Ok(tools), Some(group)) => group.tools = tools,
            (Err(faults), _) => declared.found.extend(faults),
            (Ok(_), None) => {}
        }
    }
}

fn group_references(tools: &tree::Tools, declared: &Declared) -> Vec<(usize, leverframe_syntax::Span)> {
    let paths = tools.patterns.iter().chain(&tools.except).filter_map(|pattern| match pattern {
        tree::ToolPattern::Path(path) => Some(path),
        tree::ToolPattern::Glob { .. } => None,
    });
    paths.filter_map(|path| Some((*declared.symbols.index.groups.get(&path.text())?, path.span))).collect()
}

/// Enters every effect.
pub(super) fn effects(program: &Program, declared: &mut Declared) {
    for (_, declaration) in declarations(program) {
        let tree::DeclKind::Effect(effect) = &declaration.kind else { continue };
        let mut faults = Vec::new();
        let tools = declared.symbols.resolve_tools(&effect.tools).unwrap_or_else(|found| {
            faults.extend(found);
            Vec::new()
        });
        let kind = match &effect.kind {
            tree::EffectKind::Returns(labels) => EffectKind::Returns(labels_of(labels, declared, &mut faults)),
            tree::EffectKind::Sends(condition) => EffectKind::Sends(condition.clone()),
            tree::EffectKind::Destroys(condition) => EffectKind::Destroys(condition.clone()),
        };
        declared.found.append(&mut faults);
        declared.symbols.effects.push(Effect { tools, kind, span: declaration.span });
    }
}

fn labels_of(names: &[tree::Name], declared: &Declared, faults: &mut Vec<Diagnostic>) -> Vec<LabelId> {
    let mut labels = Vec::new();
    for name in names {
        match declared.symbols.label(name) {
            Ok(label) => labels.push(label),
            Err(fault) => faults.push(fault),
        }
    }
    labels
}
