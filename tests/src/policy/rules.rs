//! Random rules over histories: `forbid`, `require`; the heads and actions of all.
//!
//! In: where a rule stands. Out: its text; its name with the constructs it is made of; a story, the steps of a session that comes near it.

use super::pattern::{Pattern, Place, Step};
use super::sequences::{Spot, Window};
use super::writer::{Owner, Writer};
use crate::tree::{Tree, list, maybe, nothing, seq, word};

/// Where prerequisites, target and reset of a `require` are kept until its head is written.
struct Requirement {
    prerequisites: Vec<Pattern>,
    target: Pattern,
    reset: Option<Pattern>,
}

impl Writer {
    /// One rule over histories.
    pub(super) fn history_rule(&mut self, owner: Owner) -> Tree {
        self.begin();
        self.tag(match owner {
            Owner::Top => "rule at top level",
            Owner::Everyone => "rule in everyone",
            Owner::Persona(_) => "rule in a persona",
        });
        match self.dice.weighted(&[42, 21, 16, 21]) {
            0 => self.forbid(),
            1 => self.require(),
            2 => self.protocol(),
            _ => self.limit(owner),
        }
    }

    /// `per KEY`, and whether its histories have calls of several personas.
    pub(super) fn key(&mut self) -> (&'static str, bool) {
        let (text, tag) = *self.dice.pick(&[
            ("", "per session"),
            ("", "per session"),
            ("", "per session"),
            (" per session", "per session"),
            (" per principal", "per principal"),
            (" per agent", "per agent"),
            (" per tenant", "per tenant"),
        ]);
        self.tag(tag);
        (text, tag != "per session")
    }

    /// The key of a rule, with a capacity where it has variables.
    pub(super) fn key_and_capacity(&mut self, key: &'static str) -> Tree {
        let capacity = if self.variables_of_rule.is_empty() { None } else { self.capacity() };
        match capacity {
            None => maybe(word(key)),
            Some(capacity) => maybe(seq(vec![word(if key.is_empty() { " per session" } else { key }), maybe(word(capacity))])),
        }
    }

    pub(super) fn action(&mut self) -> Tree {
        // Rules in shadow stop nobody, so that histories grow.
        let (text, tag) = match self.dice.weighted(&[34, 5, 7, 15, 36, 3]) {
            0 => return nothing(),
            1 => (" => deny", "=> deny"),
            2 => (" => ask", "=> ask"),
            3 => (*self.dice.pick(&[" => ask by \"lead\"", " => ask by \"owner\""]), "=> ask by"),
            4 => (" => observe", "=> observe"),
            _ => (" => end session", "=> end session"),
        };
        self.tag(tag);
        maybe(word(text))
    }

    pub(super) fn why(&mut self, name: &str) -> Tree {
        if self.dice.chance(40) { maybe(word(format!(" \"why {name}\""))) } else { nothing() }
    }

    fn forbid(&mut self) -> Tree {
        self.tag("forbid");
        let name = self.fresh("f");
        let why = self.why(&name);
        let (key, by) = self.key();
        let spot = Spot { last: true, by, begins: true, window: Window::None };
        let sequence = self.with_variables(2, |writer| writer.sequence(2, spot));
        self.tag_kind("forbid with variables");
        let key = self.key_and_capacity(key);
        let action = self.action();
        self.finish(&name, sequence.steps);
        seq(vec![word(format!("forbid {name}")), why, key, word(" { "), sequence.tree, word(" }"), action])
    }

    fn tag_kind(&mut self, tag: &'static str) {
        if !self.variables_of_rule.is_empty() {
            self.tag(tag);
        }
    }

    fn requirement(&mut self, by: bool) -> Requirement {
        let count = self.dice.weighted(&[0, 65, 27, 8]);
        if count > 1 {
            self.tag("several prerequisites");
        }
        let prerequisites = (0..count).map(|_| self.pattern(Place::Prerequisite, by)).collect();
        let target = self.pattern(Place::Call, by);
        let reset = self.dice.chance(40).then(|| self.pattern(Place::Reset, by));
        Requirement { prerequisites, target, reset }
    }

    fn require(&mut self) -> Tree {
        self.tag("require");
        let name = self.fresh("r");
        let why = self.why(&name);
        let (key, by) = self.key();
        let Requirement { prerequisites, target, reset } = self.with_variables(2, |writer| writer.requirement(by));
        self.tag_kind("require with variables");
        let within = if self.dice.chance(40) { self.within("require within", " within ") } else { nothing() };
        let mut steps: Vec<Step> = prerequisites.iter().map(|pattern| pattern.step.clone()).collect();
        steps.push(target.step.clone());
        let mut parts = vec![word(format!("require {name}")), why, self.key_and_capacity(key), word(" { ")];
        parts.push(list(" and ", 1, prerequisites.into_iter().map(|pattern| pattern.tree).collect()));
        parts.extend([word(" before "), target.tree, within]);
        if let Some(reset) = reset {
            self.tag("reset by");
            self.tag_kind("reset by, with variables");
            steps.extend([reset.step, target.step]);
            parts.push(maybe(seq(vec![word(" reset by "), reset.tree])));
        }
        parts.push(word(" }"));
        parts.push(self.action());
        self.finish(&name, steps);
        seq(parts)
    }

    pub(super) fn within(&mut self, tag: &'static str, before: &str) -> Tree {
        self.tag(tag);
        let (_, window) = *self.dice.pick(&self.world.windows);
        maybe(word(format!("{before}{window}")))
    }
}
