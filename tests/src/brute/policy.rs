//! A random small finite policy.
//!
//! In: a seed. Out: its text; its text with twins in place of its assertions. Source: language section 1.

use std::fmt::Write;

use super::domain::World;
use super::permission::Permissions;
use super::rule::{Action, Author, Rules};
use crate::random::Dice;

/// A policy, and what it is made of.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Policy {
    pub world: World,
    pub permissions: Permissions,
    pub rules: Rules,
}

impl Policy {
    /// The policy of a seed.
    #[must_use]
    pub fn random(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut parts = [dice.split(), dice.split(), dice.split()];
        let world = World::random(&mut parts[0]);
        let permissions = Permissions::random(&mut parts[1], &world);
        let rules = Author::write(parts[2].clone(), &world, permissions.personas.len());
        Self { world, permissions, rules }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        let assertions: String = self.rules.assertions.iter().map(super::rule::Assertion::text).collect();
        self.with(&assertions, false)
    }

    /// Its text with a twin for every rule, assertion and prerequisite, which tell where those would speak.
    #[must_use]
    pub fn twin(&self) -> String {
        let mut twins: String = self.rules.assertions.iter().map(super::rule::Assertion::twins).collect();
        for rule in &self.rules.rules {
            for (place, prerequisite) in rule.prerequisites.iter().enumerate() {
                let _ = writeln!(twins, "require m{}_{place} {{ {prerequisite} }} => observe", rule.name);
            }
        }
        self.with(&twins, true)
    }

    fn with(&self, more: &str, twins: bool) -> String {
        let mut text = format!("language 1\n{}", self.world.text());
        for (index, persona) in self.permissions.personas.iter().enumerate() {
            let parent = persona.extends.map_or(String::new(), |parent| format!(" extends {}", self.permissions.personas[parent].name));
            let _ = writeln!(text, "persona {}{parent} {{", persona.name);
            text.extend(persona.statements.iter().map(|statement| statement.text(&self.world)));
            text.push_str(&self.rules_of(Some(index), twins));
            if let Some(verdict) = persona.otherwise {
                let _ = writeln!(text, "  otherwise {}", verdict.word());
            }
            text.push_str("}\n");
        }
        if !self.permissions.everyone.is_empty() {
            let statements: String = self.permissions.everyone.iter().map(|statement| statement.text(&self.world)).collect();
            let _ = writeln!(text, "everyone {{\n{statements}}}");
        }
        text + &self.rules_of(None, twins) + more
    }

    fn rules_of(&self, scope: Option<usize>, twins: bool) -> String {
        let rules = self.rules.rules.iter().filter(|rule| rule.scope == scope);
        let both = rules.map(|rule| {
            let own = rule.text(&rule.name, rule.action);
            if twins { own + &rule.text(&format!("z{}", rule.name), Action::Observe) } else { own }
        });
        both.collect()
    }

    /// Whether a rule judges calls of a persona.
    #[must_use]
    pub fn judges(&self, rule: usize, persona: usize) -> bool {
        let Some(scope) = self.rules.rules[rule].scope else { return true };
        let parent = |at: usize| self.permissions.personas[at].extends;
        std::iter::successors(Some(persona), |at| parent(*at)).any(|at| at == scope)
    }
}
