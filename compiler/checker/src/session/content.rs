//! What hunts in a policy depend on, as digests.
//!
//! In: a core form. Out: keys of a cache. Invariants: two hunts that can come out otherwise have different keys; so have two sessions of which only one is a
//! session of its policy's tools at all. Left out: what the program itself contributes, which whoever keeps a cache knows.

use std::collections::BTreeSet;
use std::fmt::Debug;

use leverframe_compiler::automata::Guards;
use leverframe_compiler::core::{Core, Key, PersonaId, Rule};

use super::claim::is_claim;
use super::ground::Approvals;
use super::hunt::Quarry;
use super::machine::{RuleIndex, asking};
use crate::cache::Digest;

/// The parts of a policy.
pub(crate) struct Content {
    /// Everything that can be called and returned, and what is recognised in it.
    vocabulary: Digest,
    /// All of it but personas.
    common: Digest,
    /// What calls depend on beside personas, whatever the rules refuse.
    calls: Digest,
    /// Each rule, by what it says.
    rules: Vec<Digest>,
    /// The personas, where one hunt sees the calls of all of them, or each by itself.
    personas: Personas,
}

enum Personas {
    Together(Digest),
    Each(Vec<Digest>),
}

impl Content {
    pub(super) fn of(core: &Core, guards: &Guards) -> Self {
        let Core { labels, context, events, tools, everyone, personas, rules, detectors, scans } = core;
        let vocabulary = Digest::of(format_args!("{labels:?} {context:?} {events:?} {tools:?} {detectors:?} {scans:?}"));
        let common = Digest::of(format_args!("{vocabulary:?} {everyone:?} {rules:?}"));
        let calls = Digest::of(format_args!("{vocabulary:?} {everyone:?} {guards:?} {:?}", asking(core)));
        let by_content = rules.iter().map(|rule| Digest::of(format_args!("{:?}", says(rule)))).collect();
        // A history that is not the session's own has events of other personas in it.
        let together = rules.iter().any(|rule| rule.key != Key::Session);
        let personas = if together {
            Personas::Together(Digest::of(format_args!("{personas:?}")))
        } else {
            Personas::Each(personas.iter().map(|persona| Digest::of(format_args!("{persona:?}"))).collect())
        };
        Self { vocabulary, common, calls, rules: by_content, personas }
    }

    /// Everything that a hunt depends on.
    pub(super) fn hunt(&self, persona: PersonaId, what: &(impl Debug + ?Sized)) -> Digest {
        Digest::of(format_args!("{:?} {:?} {persona:?} {what:?}", self.common, self.who(persona)))
    }

    /// Everything that a hunt which comes to nothing depends on, beside the rules for which it does.
    pub(super) fn refusal(&self, core: &Core, persona: PersonaId, quarry: &Quarry, approvals: Approvals) -> Digest {
        Digest::of(format_args!("{:?} {:?} {persona:?} {:?} {approvals:?}", self.calls, self.who(persona), wanted(core, quarry)))
    }

    /// What tells a session that was hunted for from others. Rules are told by what they say, since they may stand elsewhere in another policy.
    pub(super) fn session(&self, core: &Core, persona: PersonaId, quarry: &Quarry, approvals: Approvals) -> Digest {
        let who = core.personas.get(persona.index()).map(|persona| &persona.name);
        Digest::of(format_args!("{:?} {who:?} {:?} {approvals:?}", self.vocabulary, wanted(core, quarry)))
    }

    /// These rules, by what they say, without the one that is asked about.
    pub(super) fn of_rules(&self, rules: &BTreeSet<RuleIndex>, quarry: &Quarry) -> Vec<Digest> {
        rules.iter().filter(|rule| quarry.rule() != Some(**rule)).filter_map(|rule| self.rules.get(rule.0).copied()).collect()
    }

    /// Where these rules stand, if the policy has all of them.
    pub(super) fn places(&self, rules: &[Digest]) -> Option<BTreeSet<usize>> {
        rules.iter().map(|rule| self.rules.iter().position(|own| own == rule)).collect()
    }

    fn who(&self, persona: PersonaId) -> Option<Digest> {
        match &self.personas {
            Personas::Together(all) => Some(*all),
            Personas::Each(each) => each.get(persona.index()).copied(),
        }
    }
}

/// All of a rule but its reason, and but its name where it is a claim: those are numbered. Two rules of a policy that say the same are two all the same.
fn says(rule: &Rule) -> impl Debug + '_ {
    let Rule { kind, name, key, scope, action, why: _, body, capacity } = rule;
    ((!is_claim(rule)).then_some(name), kind, key, scope, action, body, capacity)
}

/// What is hunted for, the rule that it is about by what that says.
fn wanted<'c>(core: &'c Core, quarry: &'c Quarry) -> impl Debug + 'c {
    let kind = match quarry {
        Quarry::Claim(_) => "claim",
        Quarry::Allowed(_) => "allowed",
        Quarry::Passes(_) => "passes",
        Quarry::Triggers { alone: false, .. } => "triggers",
        Quarry::Triggers { alone: true, .. } => "triggers alone",
        Quarry::Admitted(..) => "admitted",
        Quarry::Granted(..) => "granted",
    };
    (kind, quarry.rule().and_then(|rule| core.rules.get(rule.0)).map(says), quarry.probe())
}
