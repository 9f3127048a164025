//! Names resolved: from modules and catalogs to the tables of everything that has a name.
//!
//! In: a [`Program`]. Out: [`Symbols`] and what is wrong. Invariant: the tables can be used even where something is
//! wrong, so that later stages find their own mistakes: what is broken is there with a type or a set that causes no further finding.
//! Left out: names inside conditions, patterns and rules, which later stages look up in the tables. Source: `lang-spec/catalogs.md`.

mod circle;
mod declare;
mod json;
mod lookup;
#[cfg(test)]
mod page_tests;
mod persona;
mod refine;
pub(crate) mod report;
mod rule;
mod set;
pub mod suggest;
pub mod symbols;
pub mod tests;
mod tools;
mod types;
#[cfg(test)]
mod unit_tests;

use leverframe_syntax::Diagnostic;
use leverframe_syntax::tree::DeclKind;

pub(crate) use lookup::id;
pub(crate) use types::shown;

use crate::modules::Program;
use symbols::Symbols;

/// Resolves the names of a program: the tables, and what is wrong with names, in no particular order.
///
/// # Errors
/// As diagnostics: `LF0107` to `LF0127`. Where [`Program::complete`] is false, or a statement could not be read, a name that nothing
/// has may be declared in what is missing; whoever prints the findings leaves those out.
#[must_use]
pub fn resolve(program: &Program) -> (Symbols, Vec<Diagnostic>) {
    let mut declared = declare::declare(program);
    refine_tools(program, &mut declared);
    set::groups(&mut declared);
    circle::definitions(&mut declared);
    circle::detectors(&mut declared);
    persona::link(&mut declared);
    set::effects(program, &mut declared);
    let rules = rule::names(&mut declared);
    test_blocks(program, &rules, &mut declared);
    (declared.symbols, declared.found)
}

fn refine_tools(program: &Program, declared: &mut declare::Declared) {
    for (_, declaration) in declare::declarations(program) {
        let DeclKind::Refine(refinement) = &declaration.kind else { continue };
        let found = match declared.symbols.tool(&refinement.tool) {
            Ok(tool) => declared.symbols.tools.get_mut(tool.index()),
            Err(fault) => {
                declared.found.push(fault);
                None
            }
        };
        if let Some(tool) = found {
            let already = declared.refined.entry(tool.name.clone()).or_default();
            refine::refine_tool(tool, already, &refinement.fields, &mut declared.found);
        }
    }
}

fn test_blocks(program: &Program, rules: &rule::Names, declared: &mut declare::Declared) {
    for (_, declaration) in declare::declarations(program) {
        if let DeclKind::Test(test) = &declaration.kind {
            let test = tests::resolve(test, &declared.symbols, rules, &mut declared.found);
            declared.symbols.tests.push(test);
        }
    }
}
