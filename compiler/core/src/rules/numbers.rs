//! The names of limits and scans, which count where they have none.
//!
//! In: where each stands, in module and source order. Out: its full name. Invariant: named and wrong ones count too, so a mistake renames nothing.
//! Source: `lang-spec/core-form.md`, *Names* of [core.file].

use std::collections::BTreeMap;

use leverframe_syntax::tree;

use super::Owner;
use crate::names::symbols::Symbols;

/// How many limits and scans each block has had.
#[derive(Default)]
pub(super) struct Numbers {
    limits: BTreeMap<Owner, usize>,
    scans: BTreeMap<Owner, usize>,
}

impl Numbers {
    /// The name of the next limit of that block.
    pub(super) fn limit(&mut self, symbols: &Symbols, owner: Owner, limit: &tree::Limit) -> String {
        let count = next(&mut self.limits, owner);
        match &limit.name {
            Some(name) => name.text.clone(),
            None => counted(symbols, owner, "limit", count),
        }
    }

    /// The name of the next scan of that block.
    pub(super) fn scan(&mut self, symbols: &Symbols, owner: Owner) -> String {
        let count = next(&mut self.scans, owner);
        counted(symbols, owner, "scan", count)
    }
}

fn next(counts: &mut BTreeMap<Owner, usize>, owner: Owner) -> usize {
    let count = counts.entry(owner).or_default();
    *count += 1;
    *count
}

fn counted(symbols: &Symbols, owner: Owner, kind: &str, count: usize) -> String {
    match owner {
        Owner::Policy => format!("{kind}#{count}"),
        Owner::Everyone => format!("everyone.{kind}#{count}"),
        Owner::Persona(id) => {
            let persona = symbols.personas.get(id.index()).map_or("", |persona| &persona.name.text);
            format!("{persona}.{kind}#{count}")
        }
    }
}
