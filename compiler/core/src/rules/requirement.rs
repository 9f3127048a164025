//! Requirements typed: `A and B before C within D reset by E`.
//!
//! In: a requirement as written. Out: its patterns in their roles. Invariant: what it guards is a call.
//! Source: language section 5.

use leverframe_syntax::tree;

use super::{Requirement, Role, RuleChecker, shape};
use crate::core::Pattern;

impl RuleChecker<'_, '_> {
    pub(super) fn requirement(&mut self, requirement: &tree::Requirement) -> Option<Requirement> {
        let no_call = shape::no_call(self.checker.symbols, &requirement.target, "what a `require` guards");
        let guards_call = no_call.is_none();
        self.checker.found.extend(no_call);
        let prerequisites: Vec<Option<Pattern>> =
            requirement.prerequisites.iter().map(|event| self.pattern(event, Role::Prerequisite)).collect();
        // What is no call was reported as that; the rest of it would be noise.
        let target = if guards_call { self.pattern(&requirement.target, Role::Target) } else { None };
        let reset = requirement.reset.as_ref().map(|event| self.pattern(event, Role::Reset));
        self.check_variables(false);
        let prerequisites: Option<Vec<Pattern>> = prerequisites.into_iter().collect();
        let reset = match reset {
            Some(reset) => Some(reset?),
            None => None,
        };
        let within_ms = requirement.within.map(|within| within.millis);
        Some(Requirement { prerequisites: prerequisites?, target: target?, within_ms, reset })
    }
}
