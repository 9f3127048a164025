//! Assertions typed like rules.
//!
//! In: assertions as written. Out: for each one a rule that would record what it speaks of, and what is said of that. Left out: the proof.
//! Source: language section 7.

use leverframe_syntax::tree::{self, AssertionKind};
use leverframe_syntax::{Diagnostic, Span};

use super::{RuleChecker, TypedBody, TypedRule, formula};
use crate::core::{self, Action, Key, PersonaId, RuleKind, Scope};

/// An assertion with its patterns typed.
#[derive(Debug)]
pub(crate) struct TypedAssertion {
    claim: core::AssertionClaim,
    personas: Vec<PersonaId>,
    rule: TypedRule,
}

impl TypedAssertion {
    /// The assertion in core form.
    ///
    /// # Errors
    /// `LF0708` where the formula would be too large.
    pub(crate) fn elaborate(self) -> Result<core::Assertion, Diagnostic> {
        let body = formula::body(&self.rule)?;
        let TypedRule { kind, name, key, scope, action, why, capacity, span, .. } = self.rule;
        let rule = core::Rule { kind, name, key, scope, action, why, body, capacity };
        Ok(core::Assertion { claim: self.claim, personas: self.personas, rule, span })
    }
}

impl RuleChecker<'_, '_> {
    /// Every assertion that is well formed.
    pub(crate) fn assertions(&mut self) -> Vec<TypedAssertion> {
        self.denies = false;
        let symbols = self.checker.symbols;
        symbols.assertions.iter().filter_map(|assertion| self.assertion(&assertion.tree, assertion.span)).collect()
    }

    fn assertion(&mut self, assertion: &tree::Assertion, span: Span) -> Option<TypedAssertion> {
        self.begin(Key::Session);
        let (claim, personas, kind, body) = match &assertion.kind {
            AssertionKind::Never { sequence, personas, without_approval } => {
                let claim = core::AssertionClaim::Never { without_approval: without_approval.is_some() };
                let personas = self.named(personas);
                (claim, personas, RuleKind::Forbid, self.sequence(sequence).map(TypedBody::Forbid))
            }
            AssertionKind::Always { requirement, personas } => {
                let personas = self.named(personas);
                (core::AssertionClaim::Always, personas, RuleKind::Require, self.requirement(requirement).map(TypedBody::Require))
            }
            AssertionKind::Can { persona, sequence } => {
                let personas = self.named(std::slice::from_ref(persona));
                (core::AssertionClaim::Can, personas, RuleKind::Forbid, self.sequence(sequence).map(TypedBody::Forbid))
            }
        };
        let capacity = self.capacity(None, body.as_ref());
        let (name, why) = (assertion.name.text.clone(), assertion.why.as_ref().map(|why| why.value.clone()));
        let rule =
            TypedRule { kind, name, key: Key::Session, scope: Scope::All, action: Action::Observe, why, body: body?, capacity, span };
        Some(TypedAssertion { claim, personas: personas?, rule })
    }

    /// The personas of these names, each once; nothing where one is unknown.
    fn named(&mut self, names: &[tree::Name]) -> Option<Vec<PersonaId>> {
        let found: Vec<Option<PersonaId>> = names.iter().map(|name| self.checker.keep(self.checker.symbols.persona(name))).collect();
        let mut personas: Vec<PersonaId> = found.into_iter().collect::<Option<_>>()?;
        personas.sort_unstable();
        personas.dedup();
        Some(personas)
    }
}
