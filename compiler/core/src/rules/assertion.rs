//! Assertions: typed like rules.
//!
//! In: assertions as written. Out: findings.
//! Left out: the proof. Source: language section 7.

use leverframe_syntax::tree::{self, AssertionKind};

use super::RuleChecker;
use crate::core::Key;

impl RuleChecker<'_, '_> {
    /// Looks at every assertion.
    pub(crate) fn assertions(&mut self) {
        self.denies = false;
        for assertion in &self.checker.symbols.assertions {
            self.begin(Key::Session);
            self.assertion(&assertion.tree);
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
