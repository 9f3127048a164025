//! Assertions: typed like rules, and not proved yet.
//!
//! In: assertions as written. Out: findings, for each well-formed one a note that nothing has proved it.
//! Left out: the proof. Source: language section 7.

use leverframe_syntax::tree::{self, AssertionKind};

use super::{RuleChecker, problem};
use crate::core::Key;

impl RuleChecker<'_, '_> {
    /// Looks at every assertion.
    pub(crate) fn assertions(&mut self) {
        self.denies = false;
        for assertion in &self.checker.symbols.assertions {
            self.begin(Key::Session);
            let before = self.checker.found.len();
            self.assertion(&assertion.tree);
            if self.checker.found.len() == before {
                self.report(problem::not_proved(&assertion.tree.name.text, assertion.tree.name.span));
            }
        }
    }

    fn assertion(&mut self, assertion: &tree::Assertion) {
        match &assertion.kind {
            AssertionKind::Never { sequence, personas, .. } => {
                self.named(personas);
                self.sequence(sequence);
            }
            AssertionKind::Always { requirement, personas } => {
                self.named(personas);
                self.requirement(requirement);
            }
            AssertionKind::Can { persona, sequence } => {
                self.named(std::slice::from_ref(persona));
                self.sequence(sequence);
            }
        }
    }

    fn named(&mut self, personas: &[tree::Name]) {
        for persona in personas {
            self.checker.keep(self.checker.symbols.persona(persona));
        }
    }
}
