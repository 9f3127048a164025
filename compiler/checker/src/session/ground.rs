//! A policy with claims, ready to be hunted in.
//!
//! In: a core form and claims about it. Out: [`Ground`]. Source: verification section 3.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use leverframe_compiler::automata::{Guards, compile};
use leverframe_compiler::core::{Core, PersonaId};
use leverframe_runtime::{LoadOptions, Policy, frame};

use super::again::Again;
use super::claim::{Claims, Wanted};
use super::content::Content;
use super::hunt::{Hunted, Hunter, Quarry};
use super::machine::RuleIndex;
use crate::cache::Cache;
use crate::limits::HUNT_STEPS;
use crate::question::Questions;
use crate::report::WitnessStep;

/// A core form with claims, compiled.
pub(crate) struct Ground {
    pub(crate) core: Core,
    guards: Guards,
    policy: Policy,
    content: OnceCell<Content>,
    /// The policy without its rules, once somebody has asked for it.
    permissions: OnceCell<Option<Policy>>,
}

impl Ground {
    /// A policy with the claims that `add` adds, and what that gives back.
    ///
    /// # Errors
    /// Why the runtime cannot hold the claims.
    pub(crate) fn new<T>(core: &Core, add: impl FnOnce(&mut Claims) -> T) -> Result<(Self, T), String> {
        let mut claims = Claims::new(core);
        let added = add(&mut claims);
        let core = claims.core;
        let policy = runnable(&core)?;
        let guards = Guards::collect(&core);
        Ok((Self { core, guards, policy, content: OnceCell::new(), permissions: OnceCell::new() }, added))
    }

    /// A policy without claims, whose frame the runtime has loaded.
    pub(crate) fn of(core: &Core, policy: Policy) -> Self {
        let (core, guards) = (core.clone(), Guards::collect(core));
        Self { core, guards, policy, content: OnceCell::new(), permissions: OnceCell::new() }
    }

    /// A policy for each claim: one for all of them, or where that passes a bound, one each.
    pub(crate) fn each(core: &Core, claims: &[Wanted]) -> Vec<Claimed> {
        if claims.is_empty() {
            return Vec::new();
        }
        let add = |claims: &mut Claims, wanted: &Wanted| wanted.add(claims);
        if let Ok((ground, indices)) = Self::new(core, |made| claims.iter().map(|wanted| add(made, wanted)).collect::<Vec<_>>()) {
            let ground = Rc::new(ground);
            return indices.into_iter().map(|index| Ok((Rc::clone(&ground), index))).collect();
        }
        claims.iter().map(|wanted| Self::new(core, |made| add(made, wanted)).map(|(ground, index)| (Rc::new(ground), index))).collect()
    }

    /// Hunts in the sessions of a persona.
    pub(crate) fn hunt(&self, questions: &mut Questions<'_>, persona: PersonaId, quarry: &Quarry) -> Hunted {
        self.hunt_with(questions, persona, quarry, Approvals::Given)
    }

    /// Hunts in the sessions of a persona in which asked calls are approved, or in which none is.
    pub(crate) fn hunt_with(&self, questions: &mut Questions<'_>, persona: PersonaId, quarry: &Quarry, approvals: Approvals) -> Hunted {
        let content = self.content();
        let key = content.hunt(persona, &(quarry, approvals));
        let keep = |cache: &mut Cache, hunted: &Hunted| {
            cache.hunts.insert(key, hunted.clone());
            match hunted {
                Hunted::Impossible(reason) => {
                    let rests_on = content.of_rules(&reason.rests_on, quarry);
                    cache.refusals.insert(content.refusal(&self.core, persona, quarry, approvals), rests_on);
                }
                Hunted::Session(session) => {
                    cache.sessions.insert(content.session(&self.core, persona, quarry, approvals), session.clone());
                }
                Hunted::Unknown(_) => {}
            }
        };
        // No session is believed that the runtime does not decide so now.
        let holds = |hunted: &Hunted| match hunted {
            Hunted::Session(session) => self.shows(persona, quarry, approvals, session),
            Hunted::Impossible(_) | Hunted::Unknown(_) => true,
        };
        let known = |cache: &mut Cache| cache.hunts.get(key).filter(holds);
        questions.recalled(known, keep, |questions| self.search(questions, persona, quarry, approvals))
    }

    /// Whether there is such a session, where nobody wants to see it: one that an earlier check found will do.
    pub(crate) fn comes_to(&self, questions: &mut Questions<'_>, persona: PersonaId, quarry: &Quarry) -> Possible {
        self.judged(questions, persona, quarry).0
    }

    /// Whether it is sure that there is no such session; the rules that refuse enough for that are added to `needed`.
    pub(crate) fn never(&self, questions: &mut Questions<'_>, persona: PersonaId, quarry: &Quarry, needed: &mut Needed) -> bool {
        let (possible, rules) = self.judged(questions, persona, quarry);
        needed.extend(rules.into_iter().filter(|_| possible == Possible::No));
        possible == Possible::No
    }

    fn judged(&self, questions: &mut Questions<'_>, persona: PersonaId, quarry: &Quarry) -> (Possible, Needed) {
        if self.known_to_come_to(questions, persona, quarry) {
            return (Possible::Yes, Needed::new());
        }
        if let Some(rules) = self.refusing(questions, persona, quarry) {
            return (Possible::No, rules);
        }
        match self.hunt(questions, persona, quarry) {
            Hunted::Impossible(reason) => (Possible::No, reason.rests_on.iter().map(|rule| rule.0).collect()),
            Hunted::Unknown(_) => (Possible::Unknown, Needed::new()),
            Hunted::Session(_) => (Possible::Yes, Needed::new()),
        }
    }

    /// Whether an earlier check saw that there is no such session, for rules that this policy has as well: those that it has beside them only refuse more.
    pub(crate) fn known_impossible(&self, questions: &mut Questions<'_>, persona: PersonaId, quarry: &Quarry) -> bool {
        self.refusing(questions, persona, quarry).is_some()
    }

    fn refusing(&self, questions: &mut Questions<'_>, persona: PersonaId, quarry: &Quarry) -> Option<Needed> {
        let content = self.content();
        let key = content.refusal(&self.core, persona, quarry, Approvals::Given);
        questions.recollected(|cache| cache.refusals.get(key)).and_then(|rules| content.places(&rules))
    }

    /// Whether a session of an earlier check is such a one.
    pub(crate) fn known_to_come_to(&self, questions: &mut Questions<'_>, persona: PersonaId, quarry: &Quarry) -> bool {
        let approvals = Approvals::Given;
        let key = self.content().session(&self.core, persona, quarry, approvals);
        let session = questions.recollected(|cache| cache.sessions.get(key));
        session.is_some_and(|session| self.shows(persona, quarry, approvals, &session))
    }

    fn search(&self, questions: &mut Questions<'_>, persona: PersonaId, quarry: &Quarry, approvals: Approvals) -> Hunted {
        let (core, guards, policy, rests_on, steps) = (&self.core, &self.guards, &self.policy, BTreeSet::new(), Cell::new(HUNT_STEPS));
        let mut hunter = Hunter { core, guards, policy, questions, rests_on, steps };
        hunter.hunt(persona, quarry, approvals)
    }

    pub(super) fn content(&self) -> &Content {
        self.content.get_or_init(|| Content::of(&self.core, &self.guards))
    }

    /// Whether the session is one that is hunted for, as the runtime says now.
    fn shows(&self, persona: PersonaId, quarry: &Quarry, approvals: Approvals, session: &[WitnessStep]) -> bool {
        let Some(permissions) = self.permissions() else { return false };
        Again { core: &self.core, policy: &self.policy, permissions, persona, quarry, approvals }.shows(session)
    }

    fn permissions(&self) -> Option<&Policy> {
        let made = || runnable(&Core { rules: Vec::new(), ..self.core.clone() }).ok();
        self.permissions.get_or_init(made).as_ref()
    }

    pub(crate) fn guards(&self) -> &Guards {
        &self.guards
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// A core form as the runtime has it.
fn runnable(core: &Core) -> Result<Policy, String> {
    let frame = compile(core).map_err(|passed| {
        let codes: Vec<String> = passed.iter().map(ToString::to_string).collect();
        format!("it passes a bound: {}", codes.join(", "))
    })?;
    let bytes = frame::write(&frame, None).map_err(|error| error.to_string())?;
    let options = LoadOptions { accept_unproven: true, ..LoadOptions::default() };
    Policy::load(&bytes, &options).map_err(|error| error.to_string())
}

/// A policy with a claim, and which of its rules that is; or why the runtime cannot hold it.
pub(crate) type Claimed = Result<(Rc<Ground>, RuleIndex), String>;

/// Rules, by their place.
pub(crate) type Needed = BTreeSet<usize>;

/// Whether there is a session of some kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Possible {
    Yes,
    No,
    /// It is not known.
    Unknown,
}

/// Whether asked calls are admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approvals {
    /// They are taken as approved.
    Given,
    /// They are not.
    Withheld,
}
