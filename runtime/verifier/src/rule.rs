//! Rules over histories: whose, about whom, what they do, and how values are kept apart. Tables are in `table`, limits in `gauge`, witnesses in `witness`.
//!
//! In: a rule of the policy and of the frame, and the origin of its table. Out: whether they are the same rule.
//! Source: `lang-spec/frame-format.md`, [frame.policy]; `lang-spec/certificate.md`, [cert.verify].

use std::collections::BTreeSet;

use leverframe_reference::memory_text;
use leverframe_reference::policy::{Action, Body, Key, Rule};
use leverframe_reference::step::judged_at;
use leverframe_runtime::frame::{self, Alphabet, LetterKind, Origin, Overflow};
use sha2::{Digest, Sha256};

use crate::letter::{Question, Site, sites};
use crate::paths::{Known, Leaf, leaves, ordered};
use crate::{Checked, Checker, as_many, equal, require};

impl<'a> Checker<'a> {
    /// All rules, in deciding order.
    pub(crate) fn rules(&mut self, origins: &'a [Origin]) {
        let (policy, frame) = (self.policy, self.frame);
        self.note(|| "the rules".to_owned(), as_many("rules over histories", policy.rules.len(), frame.rules.len()));
        for ((rule, other), origin) in policy.rules.iter().zip(&frame.rules).zip(origins) {
            let checked = self.rule(rule, other, origin);
            if checked.is_ok() {
                self.witnesses(rule, other, origin);
            }
            self.note(|| format!("rule `{}`", rule.name), checked);
        }
    }

    fn rule(&mut self, rule: &'a Rule, other: &'a frame::Rule, origin: &'a Origin) -> Checked {
        let key = match rule.key {
            Key::Session => frame::Key::Session,
            Key::Principal => frame::Key::Principal,
            Key::Agent => frame::Key::Agent,
            Key::Tenant => frame::Key::Tenant,
        };
        let action = match &rule.action {
            Action::Deny => frame::Action::Deny,
            Action::Ask(who) => frame::Action::Ask(who.clone()),
            Action::EndSession => frame::Action::EndSession,
            Action::Observe => frame::Action::Observe,
        };
        equal("its name", &rule.name, &other.name)?;
        equal("its key", &key, &other.key)?;
        self.scope(rule.scope.as_deref(), &other.scope)?;
        equal("what it does", &action, &other.action)?;
        equal("its reason", &rule.why, &other.why)?;
        equal("its digest", &digest(rule, &other.body), &other.digest)?;
        ordered(&other.alphabet)?;
        let capacity = other.slots.as_ref().map(|slots| u64::from(slots.capacity));
        equal("how many values it keeps apart", &rule.capacity, &capacity)?;
        match (&rule.body, &other.body, origin) {
            (Body::Limit { .. }, frame::Body::Gauge(gauge), Origin::Template) => self.limit(rule, other, gauge),
            (Body::Limit { .. }, _, _) | (_, frame::Body::Gauge(_), _) => Err("only one of both is a limit".to_owned()),
            (_, frame::Body::Automaton(automaton), Origin::Table { registers, states, .. }) => {
                self.table(rule, other, automaton, (registers, states))
            }
            _ => Err("the certificate has not the origin of its table".to_owned()),
        }
    }

    /// Whether the sites of an alphabet are these; what each asks, and all leaves of its letters.
    pub(crate) fn at_site(
        &self,
        site: &Site<'a>,
        other: &frame::Site,
        named: bool,
        alphabet: &Alphabet,
        asks: Vec<Known>,
    ) -> Checked<BTreeSet<Leaf>> {
        equal("whether a pattern speaks of a letter", &named, &other.named)?;
        equal("the values that are bound at a letter", &site.bindings, &other.bindings)?;
        leaves(alphabet, other.root, asks)
    }

    /// Whether values without a place do to the rule what the policy says; its marks are those of its table.
    ///
    /// Proof: `Requirement.v`, `require_forgets_safely`; `Requirement.v`, `require_with_resets_forgets_safely`; `Slicing.v`, `sharing_is_safe`.
    pub(crate) fn overflow(&self, rule: &'a Rule, other: &frame::Rule) -> Checked {
        let Some(slots) = &other.slots else { return Ok(()) };
        match (&rule.body, &slots.overflow) {
            (Body::Require { reset, .. }, Overflow::Evict { resets, .. }) => equal("whether forgetting resets", &reset.is_some(), resets),
            (Body::Forbid(_) | Body::Protocol(_), Overflow::Absorb(alphabet)) => self.absorbing(rule, alphabet),
            (Body::Limit { .. }, Overflow::Share) => Ok(()),
            _ => Err("values without a place are treated in another way".to_owned()),
        }
    }

    /// Whether class 1 is every call that the rule could ever judge.
    ///
    /// Proof: `Slicing.v`, `overflow_is_safe`.
    fn absorbing(&self, rule: &'a Rule, alphabet: &Alphabet) -> Checked {
        ordered(alphabet)?;
        equal("the number of classes of the rule that has overflowed", &2, &alphabet.classes)?;
        let patterns = judged_at(&rule.body);
        let mut expected = sites(self.subjects, rule.key, patterns.iter().copied(), false);
        expected.retain(|(kind, _), _| *kind == LetterKind::Call);
        as_many("letters that an overflowed rule reads", expected.len(), alphabet.sites.len())?;
        for ((at, named), other) in expected.into_iter().zip(&alphabet.sites) {
            equal("a letter that an overflowed rule reads", &at, &(other.kind, other.subject))?;
            equal("what an overflowed rule measures", &None, &other.measure)?;
            let mut site = Site::new(self.subjects, at);
            let mut cubes = Vec::new();
            for pattern in &patterns {
                cubes.extend(site.cubes(Question { pattern, doubt: true, of: None })?);
            }
            for (class, answers) in self.at_site(&site, other, named, alphabet, vec![Known::of(cubes)])? {
                let matches = answers == [Some(true)];
                require(matches == (class == 1), || "an overflowed rule judges other calls".to_owned())?;
            }
        }
        Ok(())
    }
}

/// What a rule's memory is known by: its text and, of a table, the names of its states.
fn digest(rule: &Rule, body: &frame::Body) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(memory_text(rule).as_bytes());
    if let frame::Body::Automaton(automaton) = body {
        let mut names = automaton.names.clone();
        names.sort_unstable();
        names.iter().for_each(|name| hash.update(name.to_le_bytes()));
    }
    let whole = hash.finalize();
    std::array::from_fn(|index| whole.get(index).copied().unwrap_or(0))
}
