//! Sessions of earlier checks, decided again.
//!
//! In: a session that showed something of a policy much like this one, and what it is to show of this one. Out: whether it does, as the runtime now says.
//! Invariant: that it does never rests on what an earlier check said. Source: verification section 3 ("a refutation counts only after replay").

use leverframe_compiler::core::{Core, PersonaId};
use leverframe_runtime::{Approval, Policy};

use super::ground::Approvals;
use super::hunt::{Quarry, acceptance};
use super::run::{CameOut, OWN, Party, Run, Said};
use crate::report::WitnessStep;

/// What a session is decided again for.
pub(super) struct Again<'a> {
    pub(super) core: &'a Core,
    pub(super) policy: &'a Policy,
    /// The policy without its rules.
    pub(super) permissions: &'a Policy,
    pub(super) persona: PersonaId,
    pub(super) quarry: &'a Quarry,
    pub(super) approvals: Approvals,
}

impl Again<'_> {
    /// Whether the session still is one that is hunted for: each call but the last comes out as it did, and the runtime accepts what it comes to.
    pub(super) fn shows(&self, session: &[WitnessStep]) -> bool {
        let Some(last) = session.iter().rposition(is_own_call) else { return false };
        let triggers = matches!(self.quarry, Quarry::Triggers { .. });
        if triggers && !self.permitted(session.get(..=last).unwrap_or_default()) {
            return false;
        }
        let accepts = acceptance(self.core, self.quarry, self.persona);
        let mut run = Run::new(self.policy);
        let mut said = None;
        for (place, step) in session.iter().enumerate() {
            if !self.step(&mut run, step, place == last, &mut said) {
                return false;
            }
            // What follows the last call are results, which may be what it takes or only the end of the record.
            if place >= last && accepts(&mut run, said.as_ref(), at(step)) {
                return true;
            }
        }
        false
    }

    /// Whether permissions admit the last call of the session: what they refuse no rule triggers.
    fn permitted(&self, session: &[WitnessStep]) -> bool {
        let (mut run, mut said) = (Run::new(self.permissions), None);
        for (place, step) in session.iter().enumerate() {
            self.step(&mut run, step, place + 1 == session.len(), &mut said);
        }
        said.is_some_and(|said| said.admitted)
    }

    /// Takes a step; false where it goes otherwise than it did.
    fn step(&self, run: &mut Run<'_>, step: &WitnessStep, last: bool, said: &mut Option<Said>) -> bool {
        match step {
            WitnessStep::Call(call) => {
                let admitted = call.id.is_some();
                let judged = last && matches!(self.quarry, Quarry::Triggers { .. });
                let now = run.recorded(call, self.approval(admitted || judged));
                let fine = judged || now.admitted == admitted;
                *said = Some(now);
                fine
            }
            WitnessStep::Result { result_of, at, result } => run.result(result_of, &CameOut::recorded(result), *at),
            WitnessStep::Event { session, event, args, at, principal, agent, tenant } => {
                let party = Party { session: session.clone(), keys: [principal.clone(), agent.clone(), tenant.clone()] };
                run.event(&party, event, args, *at)
            }
        }
    }

    fn approval(&self, wanted: bool) -> Approval {
        match self.approvals {
            _ if !wanted => Approval::Refused,
            Approvals::Given => Approval::Given,
            Approvals::Withheld => Approval::None,
        }
    }
}

fn is_own_call(step: &WitnessStep) -> bool {
    matches!(step, WitnessStep::Call(call) if call.session == OWN)
}

fn at(step: &WitnessStep) -> i64 {
    match step {
        WitnessStep::Call(call) => call.at,
        WitnessStep::Result { at, .. } | WitnessStep::Event { at, .. } => *at,
    }
}
