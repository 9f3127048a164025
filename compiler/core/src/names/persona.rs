//! Personas and their ancestors.
//!
//! In: the parents as written. Out: for each persona its parents and its lineage. Invariant: the lineage is finite and ends in the persona
//! itself, even where inheritance went in a circle. Source: `lang-spec/catalogs.md`, [names.spaces]; `lang-spec/core-form.md`, [core.file].

use std::collections::BTreeSet;

use super::circle::{References, circles, named};
use super::declare::Declared;
use super::{id, report};
use crate::core::PersonaId;

/// Links every persona to its parents and ancestors.
pub(super) fn link(declared: &mut Declared) {
    let references = parents(declared);
    let names: Vec<String> = declared.symbols.personas.iter().map(|persona| persona.name.text.clone()).collect();
    let (circles, order) = circles(&references);
    for circle in &circles {
        declared.found.push(report::inheritance_cycle(&named(circle, &names)));
    }
    let broken: Vec<usize> = circles.iter().flatten().map(|(at, _)| *at).collect();
    for at in order {
        let parents: Vec<PersonaId> = match references.get(at) {
            Some(parents) if !broken.contains(&at) => parents.iter().map(|(parent, _)| PersonaId(id(*parent))).collect(),
            _ => Vec::new(),
        };
        let lineage = lineage(declared, &parents, PersonaId(id(at)));
        if let Some(persona) = declared.symbols.personas.get_mut(at) {
            persona.parents = parents;
            persona.lineage = lineage;
        }
    }
}

fn parents(declared: &mut Declared) -> References {
    let mut references = References::new();
    for names in &declared.parents {
        let mut parents: Vec<(usize, leverframe_syntax::Span)> = Vec::new();
        for name in names {
            match declared.symbols.persona(name) {
                Ok(parent) => match parents.iter().find(|(known, _)| *known == parent.index()) {
                    Some((_, first)) => declared.found.push(report::duplicate("parent", &name.text, name.span, *first)),
                    None => parents.push((parent.index(), name.span)),
                },
                Err(fault) => declared.found.push(fault),
            }
        }
        references.push(parents);
    }
    references
}

/// The lineages of the parents one after the other, each persona once, and then the persona itself.
fn lineage(declared: &Declared, parents: &[PersonaId], own: PersonaId) -> Vec<PersonaId> {
    let mut lineage: Vec<PersonaId> = Vec::new();
    let mut known: BTreeSet<PersonaId> = BTreeSet::new();
    for parent in parents {
        let above = declared.symbols.personas.get(parent.index()).map(|persona| persona.lineage.as_slice());
        lineage.extend(above.unwrap_or_default().iter().filter(|ancestor| known.insert(**ancestor)));
    }
    lineage.push(own);
    lineage
}
