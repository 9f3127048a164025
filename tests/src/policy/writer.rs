//! What is kept while a policy is written: the dice, the world, names and counts, and which constructs each rule is made of.

use std::collections::{BTreeMap, BTreeSet};

use super::pattern::Step;
use super::variables::Variable;
use super::world::World;
use crate::random::Dice;

/// In which block a rule over histories stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Owner {
    Top,
    Everyone,
    Persona(&'static str),
}

/// The constructs that a rule is made of.
pub type Tags = BTreeSet<&'static str>;

/// A policy that is being written.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    /// Every choice.
    pub dice: Dice,
    /// What the policy speaks of.
    pub world: World,
    /// Rule name → its constructs.
    pub constructs: BTreeMap<String, Tags>,
    /// Steps of sessions that come near a rule.
    pub stories: Vec<Vec<Step>>,
    pub(super) variables: usize,
    pub(super) depth: usize,
    /// The variables of the rule that is being written.
    pub(super) variables_of_rule: Vec<Variable>,
    /// How many of its patterns have them.
    pub(super) bound: usize,
    pub(super) tags: Tags,
    names: usize,
    counts: BTreeMap<String, usize>,
}

impl Writer {
    /// Nothing written yet.
    #[must_use]
    pub(super) fn new(mut dice: Dice) -> Self {
        let world = World::random(&mut dice);
        Self {
            dice,
            world,
            constructs: BTreeMap::new(),
            stories: Vec::new(),
            variables: 0,
            depth: 0,
            variables_of_rule: Vec::new(),
            bound: 0,
            tags: Tags::new(),
            names: 0,
            counts: BTreeMap::new(),
        }
    }

    /// Begins a rule.
    pub(super) fn begin(&mut self) {
        self.tags.clear();
        self.variables_of_rule.clear();
    }

    /// The rule that is being written has this construct.
    pub(super) fn tag(&mut self, construct: &'static str) {
        self.tags.insert(construct);
    }

    /// Ends the rule that is being written.
    pub(super) fn finish(&mut self, name: &str, steps: Vec<Step>) {
        self.constructs.insert(name.to_owned(), std::mem::take(&mut self.tags));
        if !steps.is_empty() {
            self.stories.push(steps);
        }
    }

    /// A name that nothing else has.
    pub(super) fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn count(&mut self, of: String) -> usize {
        let count = self.counts.entry(of).or_default();
        *count += 1;
        *count
    }

    /// The name that decisions give the next permission of this kind.
    pub(super) fn count_permission(&mut self, block: &str, verdict: &str, label: Option<&str>) -> String {
        let kind = format!("{block}.{verdict}");
        let number = self.count(kind.clone());
        label.map_or_else(|| format!("{kind}#{number}"), |label| format!("{block}.{label}"))
    }

    /// The name of the next arm on a tool.
    pub(super) fn count_arm(&mut self, persona: &str, tool: &str) -> String {
        let kind = format!("{persona}.on({tool})");
        let number = self.count(kind.clone());
        format!("{kind}#{number}")
    }

    /// The name of the next limit, if it has none of its own.
    pub(super) fn count_limit(&mut self, owner: Owner) -> String {
        let kind = match owner {
            Owner::Top => "limit".to_owned(),
            Owner::Everyone => "everyone.limit".to_owned(),
            Owner::Persona(persona) => format!("{persona}.limit"),
        };
        let number = self.count(kind.clone());
        format!("{kind}#{number}")
    }

    /// The name of the next scan.
    pub(super) fn count_scan(&mut self, owner: Owner) -> String {
        let kind = match owner {
            Owner::Top => "scan".to_owned(),
            Owner::Everyone => "everyone.scan".to_owned(),
            Owner::Persona(persona) => format!("{persona}.scan"),
        };
        let number = self.count(kind.clone());
        format!("{kind}#{number}")
    }
}
