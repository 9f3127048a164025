//! Conditions typed: from an expression as written to a [`Cond`] of the core form.
//!
//! In: an expression, the place where it stands ([`Site`]), what is known to be present there ([`Facts`]), and the symbol tables. Out: the
//! condition and what its answers say about presence ([`Flow`]), or nothing and at least one diagnostic.
//! Invariants: a condition that is returned is well typed for its site; literals are in normal form; definitions are inlined and
//! constants replaced; no optional field is read where it may be absent.
//! Left out: what a solver would say (a condition that no call satisfies is none of this module's findings).
//! Source: language section 4; `lang-spec/core-form.md`, [core.cond].

mod comparison;
mod condition;
mod define;
mod facts;
mod function;
pub(crate) mod lattice;
pub(crate) mod literal;
pub mod pattern;
pub(crate) mod problem;
mod site;
mod value;

use std::collections::BTreeSet;

use leverframe_syntax::{Diagnostic, tree};

pub(crate) use facts::{Facts, Flow};
pub(crate) use site::{Site, Subject};

use crate::core::Cond;
use crate::limits;
use crate::names::symbols::Symbols;
use site::Bindings;

/// Types conditions one after the other and keeps what it finds.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    pub(crate) symbols: &'a Symbols,
    pub(crate) found: Vec<Diagnostic>,
    /// Definitions with errors of their own, reported where they stand and not at every use.
    broken: BTreeSet<String>,
    checked: BTreeSet<String>,
    site: Site<'a>,
    bindings: Bindings,
    /// How many more parts the condition at hand may have.
    parts_left: usize,
    /// How many conditions lie around the one at hand, definitions written out.
    depth: usize,
}

impl<'a> Checker<'a> {
    /// A checker that has looked at every definition once.
    pub(crate) fn new(symbols: &'a Symbols) -> Self {
        let mut checker = Self {
            symbols,
            found: Vec::new(),
            broken: BTreeSet::new(),
            checked: BTreeSet::new(),
            site: Site::DEFINITION,
            bindings: Bindings::default(),
            parts_left: 0,
            depth: 0,
        };
        checker.definitions();
        checker
    }

    /// The condition at `site`, where `facts` hold.
    pub(crate) fn condition(&mut self, site: Site<'a>, expr: &tree::Expr, facts: &Facts) -> (Option<Cond>, Flow) {
        self.enter(site);
        let (cond, flow) = self.cond(expr, facts);
        if self.parts_left == 0 && cond.is_none() {
            self.report(problem::too_large(expr.span));
        }
        (cond, flow)
    }

    /// Begins at a site, with nothing bound.
    pub(crate) fn enter(&mut self, site: Site<'a>) {
        self.site = site;
        self.bindings = Bindings::default();
        self.parts_left = limits::CONDITION_PARTS;
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Keeps a result, or reports why there is none.
    pub(crate) fn keep<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|diagnostic| self.report(diagnostic)).ok()
    }
}
