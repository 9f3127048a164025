//! The variables of a rule, all together.
//!
//! In: a note of every use. Out: what a variable compares as, and at the end of the rule what is wrong with them all. Invariant: where a pattern could not
//! be read nothing is said, since a use may be missing. Source: language section 5 (variables); `lang-spec/variables.md`.

use std::collections::BTreeMap;

use leverframe_syntax::{Diagnostic, Span, tree};

use super::problem;
use crate::core::TypeTag;

/// The uses of variables in one rule.
#[derive(Debug, Default)]
pub(super) struct Uses {
    patterns: usize,
    found: Vec<Use>,
    /// Some pattern could not be read, so that a use may be missing.
    incomplete: bool,
}

#[derive(Clone, Debug)]
struct Use {
    name: String,
    span: Span,
    /// What it compares as; none where it was met on no tool.
    tag: Option<TypeTag>,
    pattern: usize,
}

impl Uses {
    /// The next pattern begins.
    pub(super) fn begin(&mut self) {
        self.patterns += 1;
    }

    /// A pattern could not be read whole.
    pub(super) fn lose(&mut self) {
        self.incomplete = true;
    }

    /// The pattern at hand has that variable, whatever it stands on.
    pub(super) fn mention(&mut self, name: &tree::Name) {
        self.found.push(Use { name: name.text.clone(), span: name.span, tag: None, pattern: self.patterns });
    }

    /// The variable stands for a value of that type on some tool or event.
    pub(super) fn add(&mut self, name: &tree::Name, tag: TypeTag) {
        self.found.push(Use { name: name.text.clone(), span: name.span, tag: Some(tag), pattern: self.patterns });
    }

    /// Whether the rule has variables.
    pub(super) fn any(&self) -> bool {
        !self.found.is_empty()
    }

    /// What the variable compares as, as far as the rule has been read: at this place first, where it stands on a tool.
    pub(super) fn tag(&self, name: &tree::Name) -> Option<TypeTag> {
        let here = self.found.iter().filter(|found| found.span == name.span);
        let anywhere = self.found.iter().filter(|found| found.name == name.text);
        here.chain(anywhere).find_map(|found| found.tag)
    }

    /// What is wrong with the variables of the rule.
    pub(super) fn faults(&self, once_allowed: bool) -> Vec<Diagnostic> {
        let mut by_name: BTreeMap<&str, Vec<&Use>> = BTreeMap::new();
        if self.incomplete {
            return Vec::new();
        }
        for found in &self.found {
            by_name.entry(&found.name).or_default().push(found);
        }
        let mut faults = Vec::new();
        for (name, uses) in &by_name {
            let Some(first) = uses.first() else { continue };
            let mut spans: Vec<Span> = uses.iter().map(|found| found.span).collect();
            spans.sort_unstable();
            spans.dedup();
            // Where patterns lack it, that is what is wrong.
            if spans.len() == 1 && !once_allowed && self.missing_in(uses).next().is_none() {
                faults.push(problem::variable_once(name, first.span));
            }
            faults.extend(types_differ(name, uses));
        }
        faults.extend(self.missing(&by_name));
        faults
    }

    fn missing(&self, by_name: &BTreeMap<&str, Vec<&Use>>) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for (name, uses) in by_name {
            let Some(other) = uses.first() else { continue };
            let missing = self.missing_in(uses).map(|here| problem::variable_missing(name, here.span, other.span));
            faults.extend(missing);
        }
        faults
    }

    /// The first variable of each pattern that has variables, but none of these uses.
    fn missing_in<'u>(&'u self, uses: &'u [&Use]) -> impl Iterator<Item = &'u Use> {
        let first = |pattern| self.found.iter().find(|found| found.pattern == pattern);
        (1..=self.patterns).filter_map(first).filter(|here| !uses.iter().any(|found| found.pattern == here.pattern))
    }
}

/// All uses of a variable have one type.
fn types_differ(name: &str, uses: &[&Use]) -> Option<Diagnostic> {
    let mut typed = uses.iter().filter(|found| found.tag.is_some());
    let first = typed.next()?;
    let other = typed.find(|found| found.tag != first.tag)?;
    Some(if other.span == first.span {
        problem::variable_types_here(name, first.span)
    } else {
        problem::variable_types(name, other.span, first.span)
    })
}
