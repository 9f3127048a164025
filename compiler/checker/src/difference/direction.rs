//! One direction: what a policy answers less severely than another one.
//!
//! In: two policies over the same names, `from` and `to`. Out: sessions that part them, and why it is not known that there are no others. Invariant: where
//! there are neither, every call after every session that both admit gets from `to` an answer at least as severe as from `from`. Why: the answer of `from`
//! is that of a permission, of a rule, or of what is asked before any rule; each of the three is looked at for itself, over all sessions of `to`.
//! Source: verification section 3.

use std::collections::BTreeMap;
use std::time::Duration;

use leverframe_compiler::core::{Core, PersonaId, ToolId};
use leverframe_runtime::Policy;

use super::align::labelled_freely;
use super::lockstep::{Parted, Told, parted};
use super::{Answered, Change};
use crate::question::{Example, Questions};
use crate::report::{WitnessCall, WitnessStep};
use crate::session::ground::Ground;
use crate::session::run::{OWN, SHARED, Said, party};

/// A policy: as it is, over the names of both, and loaded.
pub(super) struct Side<'c> {
    pub(super) whole: &'c Core,
    pub(super) core: &'c Core,
    pub(super) policy: &'c Policy,
}

/// Which of the two is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Toward {
    /// `to`: what is found is newly allowed.
    Allowed,
    /// `from`: what is found is newly denied.
    Denied,
}

/// What a direction came to.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) changes: Vec<Change>,
    pub(super) doubts: Vec<(String, String)>,
}

/// Whoever looks for sessions that part two policies.
pub(super) struct Looking<'d> {
    pub(super) from: &'d Side<'d>,
    pub(super) to: &'d Side<'d>,
    toward: Toward,
    /// Tools that the policies read differently, and why.
    pub(super) apart: &'d BTreeMap<String, String>,
    pub(super) ground: &'d Ground,
    pub(super) questions: Questions<'d>,
    pub(super) timeout: Duration,
    pub(super) found: Found,
}

/// Looks for all that `to` answers less severely than `from`.
pub(super) fn look(from: &Side<'_>, to: &Side<'_>, toward: Toward, apart: &BTreeMap<String, String>, timeout: Duration) -> Found {
    let core = match labelled_freely(to.core, from.core) {
        Ok(core) => core,
        Err(why) => return lost(from, to, why),
    };
    let ground = match Ground::new(&core, |_| ()) {
        Ok((ground, ())) => ground,
        Err(why) => return lost(from, to, why),
    };
    let to = &Side { core: &core, ..*to };
    let questions = Questions::new(to.core, timeout);
    let mut looking = Looking { from, to, toward, apart, ground: &ground, questions, timeout, found: Found::default() };
    looking.permissions();
    looking.rules();
    looking.alone();
    looking.arguments();
    looking.unread();
    looking.found
}

/// Nothing could be looked for, which matters where there is anything to look for.
fn lost(from: &Side<'_>, to: &Side<'_>, why: String) -> Found {
    let doubts = if from.whole == to.whole { Vec::new() } else { vec![("the policies together".to_owned(), why)] };
    Found { changes: Vec::new(), doubts }
}

impl Looking<'_> {
    /// Takes a session that `to` admits: true where it parts the policies.
    pub(super) fn take(&mut self, session: &[WitnessStep], rule: Option<&str>) -> bool {
        let told = if self.toward == Toward::Allowed { Told::To } else { Told::From };
        match parted(self.from.policy, self.to.policy, session, told) {
            Some(parted) => {
                self.keep(parted, rule);
                true
            }
            None => false,
        }
    }

    fn keep(&mut self, parted: Parted, rule: Option<&str>) {
        let call = parted.steps.iter().rev().find_map(|step| match step {
            WitnessStep::Call(call) => Some(call),
            _ => None,
        });
        let Some(call) = call else { return };
        let (persona, tool) = (call.persona.clone(), call.tool.clone());
        let answered = |said: Said| Answered { verdict: said.verdict, code: said.code, rules: said.rules };
        let (from, to) = (answered(parted.from), answered(parted.to));
        let (old, new) = if self.toward == Toward::Allowed { (from, to) } else { (to, from) };
        let change = Change { persona, tool, rule: rule.map(str::to_owned), old, new, witness: parted.steps };
        let same = |known: &Change| {
            (&known.persona, &known.tool, &known.rule) == (&change.persona, &change.tool, &change.rule)
                && (known.old.verdict, known.new.verdict) == (change.old.verdict, change.new.verdict)
        };
        if !self.found.changes.iter().any(same) {
            self.found.changes.push(change);
        }
    }

    pub(super) fn doubt(&mut self, about: impl Into<String>, reason: impl Into<String>) {
        let doubt = (about.into(), reason.into());
        if !self.found.doubts.contains(&doubt) {
            self.found.doubts.push(doubt);
        }
    }

    /// Whether calls of the persona to the tool are known to be answered less severely.
    pub(super) fn is_known(&self, persona: &str, tool: &str) -> bool {
        self.found.changes.iter().any(|change| change.persona == persona && change.tool == tool)
    }

    /// The name of a persona and of a tool that both declare.
    pub(super) fn names(&self, persona: PersonaId, tool: ToolId) -> (String, String) {
        names(self.to.core, persona, tool)
    }

    /// A call at the beginning of a session. Whoever takes part in it is given as far as either policy reads it.
    pub(super) fn call(&self, persona: &str, tool: &str, example: &Example, at: i64) -> WitnessCall {
        let parties = [self.from.whole, self.to.whole].map(|core| party(core, OWN, &|_| true));
        let mut keys = SHARED.iter().enumerate().map(|(at, _)| parties.iter().find_map(|party| party.keys.get(at).cloned().flatten()));
        WitnessCall {
            session: OWN.to_owned(),
            persona: persona.to_owned(),
            tool: tool.to_owned(),
            args: example.args.clone(),
            id: Some("c1".to_owned()),
            at,
            principal: keys.next().flatten(),
            agent: keys.next().flatten(),
            tenant: keys.next().flatten(),
            context: example.context.clone(),
            approved: None,
            result: None,
            expect: String::new(),
        }
    }
}

/// The names of a persona and of a tool.
pub(super) fn names(core: &Core, persona: PersonaId, tool: ToolId) -> (String, String) {
    let who = core.personas.get(persona.index()).map_or_else(String::new, |persona| persona.name.clone());
    let what = core.tools.get(tool.index()).map_or_else(String::new, |tool| tool.name.clone());
    (who, what)
}

/// Every persona of a policy, with every tool.
pub(super) fn pairs(core: &Core) -> Vec<(PersonaId, ToolId)> {
    let count = |length: usize| 0..u32::try_from(length).unwrap_or(u32::MAX);
    count(core.personas.len()).flat_map(|persona| count(core.tools.len()).map(move |tool| (PersonaId(persona), ToolId(tool)))).collect()
}
