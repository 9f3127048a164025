//! A policy with claims, ready to be hunted in.
//!
//! In: a core form and claims about it. Out: [`Ground`]. Source: verification section 3.

use std::rc::Rc;

use leverframe_compiler::automata::{Guards, compile};
use leverframe_compiler::core::{Core, PersonaId};
use leverframe_runtime::{LoadOptions, Policy, frame};

use super::claim::{Claims, Wanted};
use super::hunt::{Hunted, Hunter, Quarry};
use super::machine::RuleIndex;
use crate::question::Questions;

/// A core form with claims, compiled.
pub(crate) struct Ground {
    pub(crate) core: Core,
    guards: Guards,
    policy: Policy,
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
        let frame = compile(&core).map_err(|passed| {
            let codes: Vec<String> = passed.iter().map(ToString::to_string).collect();
            format!("it passes a bound: {}", codes.join(", "))
        })?;
        let bytes = frame::write(&frame).map_err(|error| error.to_string())?;
        let options = LoadOptions { accept_unproven: true, ..LoadOptions::default() };
        let policy = Policy::load(&bytes, &options).map_err(|error| error.to_string())?;
        let guards = Guards::collect(&core);
        Ok((Self { core, guards, policy }, added))
    }

    /// A policy for each claim: one for all of them, or where that passes a bound, one each.
    pub(crate) fn each(core: &Core, claims: &[Wanted]) -> Vec<Claimed> {
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
        let mut hunter = Hunter { core: &self.core, guards: &self.guards, policy: &self.policy, questions };
        hunter.hunt(persona, quarry, approvals)
    }

    pub(crate) fn guards(&self) -> &Guards {
        &self.guards
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// A policy with a claim, and which of its rules that is; or why the runtime cannot hold it.
pub(crate) type Claimed = Result<(Rc<Ground>, RuleIndex), String>;

/// Whether asked calls are admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approvals {
    /// They are taken as approved.
    Given,
    /// They are not.
    Withheld,
}
