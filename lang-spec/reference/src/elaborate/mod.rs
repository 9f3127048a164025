//! From text to a policy.
//!
//! In: a root module and whatever it imports. Out: a [`Policy`], or the first [`Refusal`]. Invariant: whatever a policy may hold is read or refused. Left out: what only a person needs to be told (flow of `is present`, conflicts, gaps);
//! the compiler has accepted the text.
//! Source: language sections 3 to 5; `lang-spec/core-form.md`, [core.file].

mod assertions;
mod condition;
mod content;
mod effects;
mod fields;
mod measure;
mod modules;
mod pattern;
mod personas;
mod rules;
mod scope;
mod sequence;
mod term;
mod tools;
mod types;

use std::path::Path;

pub use modules::{Disk, Files};
pub(crate) use tools::like;

use crate::grammar::{self, Node};
use crate::limits::STACK_BYTES;
use crate::policy::{Policy, Tool};
use crate::refusal::Refusal;
use effects::Effects;
use scope::Scope;

/// Elaborates the policy whose root module is this file.
///
/// # Errors
/// The first [`Refusal`].
pub fn elaborate(root: &Path) -> Result<Policy, Refusal> {
    elaborate_from(&Disk, &root.to_string_lossy())
}

/// Elaborates a policy whose files come from wherever they are kept.
///
/// # Errors
/// The first [`Refusal`].
pub fn elaborate_from(files: &dyn Files, root: &str) -> Result<Policy, Refusal> {
    // Reading is recursive and written to be read, so it gets a stack that the bounds cannot exhaust.
    let broken = || Refusal::Bound { what: "stack", bound: STACK_BYTES };
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || whole(files, root));
        reader.map_err(|_| broken())?.join().map_err(|_| broken())?
    })
}

fn whole(files: &dyn Files, root: &str) -> Result<Policy, Refusal> {
    let sources = modules::load(files, root)?;
    let parsed: Result<Vec<Vec<Node<'_>>>, Refusal> =
        sources.modules.iter().map(|module| grammar::read(&module.path, &module.text)).collect();
    let declarations: Vec<Node<'_>> = parsed?.into_iter().flatten().collect();
    let scope = Scope::collect(&declarations, &sources.catalogs)?;
    for group in scope.groups.values() {
        tools::listed(&scope, group)?;
    }
    condition::check_definitions(&scope)?;
    let effects = Effects::collect(&scope, &declarations)?;
    let personas = personas::read(&scope, &declarations)?;
    let tool = |(name, args): (&String, &crate::types::Record)| Tool {
        name: name.clone(),
        args: args.clone(),
        result: scope.results.get(name).cloned(),
        returns: effects.returns(name),
        sends: effects.sends(name),
        destroys: effects.destroys(name),
    };
    Ok(Policy {
        detectors: content::detectors(&declarations)?,
        scans: content::scans(&scope, &personas, &declarations)?,
        tools: scope.tools.iter().map(tool).collect(),
        everyone: personas.everyone(&scope)?,
        personas: personas.inherited(&scope)?,
        rules: rules::read(&scope, &effects, &personas, &declarations)?,
        assertions: assertions::read(&scope, &effects, &declarations)?,
        labels: scope.labels,
        context: scope.context,
        events: scope.events,
    })
}
