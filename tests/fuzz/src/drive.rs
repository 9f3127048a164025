//! A loaded policy driven through everything that it can be asked.
//!
//! In: a policy that was loaded, whatever it holds. Out: nothing; a panic where something that was validated fails late after all.
//! Invariants: bounded work, whatever the frame: a few tools, personas and events of each.

use leverframe_runtime::content::Memory;
use leverframe_runtime::frame::{Key, TypeId};
use leverframe_runtime::{
    Approval, Arguments, Call, EventId, LabelSet, Outcome, PersonaId, Policy, RawJson, Scratch, State, States, Ticket, ToolId,
};

use super::fitting::{ODD, fitting};

const TOOLS: usize = 8;
const PERSONAS: usize = 3;
const EVENTS: usize = 4;
const ROUNDS: usize = 3;
/// States larger than this are not made: the fuzzer would measure the allocator.
const STATE_BYTES: usize = 1 << 16;

/// Asks it everything.
pub fn drive(policy: &Policy) {
    let bytes = policy.state_bytes();
    if bytes.session + bytes.principal + bytes.agent + bytes.tenant > STATE_BYTES {
        return;
    }
    let mut driver = Driver { policy, states: all(policy), scratch: Scratch::default(), memory: Memory::default(), at: 0, choice: 0 };
    for round in 0..ROUNDS {
        for persona in ids(policy.frame().personas.len(), PERSONAS) {
            for tool in ids(policy.frame().tools.len(), TOOLS) {
                driver.call(PersonaId(persona), ToolId(tool));
            }
        }
        for event in ids(policy.frame().events.len(), EVENTS) {
            driver.event(EventId(event));
        }
        driver.saved(round);
    }
    driver.spoilt();
}

/// The first ids of a list, the last one, and one that nobody has.
fn ids(length: usize, most: usize) -> impl Iterator<Item = u32> {
    let last = (length > most).then(|| length as u32 - 1);
    (0..length.min(most) as u32).chain(last).chain([u32::MAX])
}

fn all(policy: &Policy) -> States {
    let state = |key| Some(policy.new_state(key, "k"));
    States {
        session: Some(policy.new_session("s")),
        principal: state(Key::Principal),
        agent: state(Key::Agent),
        tenant: state(Key::Tenant),
    }
}

struct Driver<'p> {
    policy: &'p Policy,
    states: States,
    scratch: Scratch,
    memory: Memory,
    at: i64,
    choice: usize,
}

impl Driver<'_> {
    fn next(&mut self) -> usize {
        self.choice += 1;
        // Mostly forwards; now and then back, and once to where arithmetic ends.
        let step = [1, 7, 0, 30_000, -4_000, 3_600_000, -9_000][self.choice % 7];
        self.at = if self.choice == 150 { i64::MAX - 3 } else { self.at.saturating_add(step) };
        self.choice
    }

    fn fitting(&self, ty: Option<TypeId>, choice: usize) -> String {
        match ty {
            Some(ty) if choice % 5 != 4 => fitting(self.policy.frame(), ty, choice),
            _ => ODD[choice % ODD.len()].to_owned(),
        }
    }

    fn call(&mut self, persona: PersonaId, tool: ToolId) {
        let choice = self.next();
        let declared = self.policy.frame().tools.get(tool.index());
        let args = self.fitting(declared.map(|tool| tool.args), choice);
        let context = self.fitting(Some(self.policy.frame().context), choice + choice % 2);
        let scanned = self.policy.scan_arguments(persona, tool, args.as_bytes(), &mut self.memory);
        let (labels, redacted) = (scanned.labels, scanned.redacted);
        let args = redacted.as_deref().unwrap_or(args.as_bytes());
        let call = Call {
            persona,
            tool,
            args: &RawJson(args),
            context: &RawJson(context.as_bytes()),
            at: self.at,
            approval: [Approval::Given, Approval::None, Approval::Given, Approval::Refused][choice % 4],
            argument_labels: labels,
        };
        let decision = self.policy.decide(&mut self.states, &call, &mut self.scratch);
        let ticket = decision.ticket;
        assert!(self.policy.rules(&self.scratch).all(|rule| rule.len() < usize::MAX));
        let _ = (self.policy.observed(&self.scratch).count(), self.policy.who(&self.scratch));
        let result = declared.and_then(|tool| tool.result);
        self.record(persona, tool, ticket, result);
    }

    fn record(&mut self, persona: PersonaId, tool: ToolId, ticket: Ticket, result: Option<TypeId>) {
        let choice = self.next();
        let structured = self.fitting(result, choice);
        let message = format!("{{\"content\":[{{\"type\":\"text\",\"text\":\"abc\"}}],\"structuredContent\":{structured}}}");
        let scanned = self.policy.scan_result(persona, tool, message.as_bytes(), &mut self.memory);
        let read = RawJson(structured.as_bytes());
        let outcome = Outcome {
            ok: !choice.is_multiple_of(4),
            content: !choice.is_multiple_of(3),
            labels: LabelSet(scanned.labels.0 | u64::from(choice.is_multiple_of(2))),
            at: self.at,
            structured: choice.is_multiple_of(2).then_some(&read as &dyn Arguments),
        };
        self.policy.record(&mut self.states, ticket, &outcome).expect("the states are those of the call");
    }

    fn event(&mut self, event: EventId) {
        let choice = self.next();
        let args = self.fitting(self.policy.frame().events.get(event.index()).map(|event| event.args), choice);
        let _ = self.policy.report(&mut self.states, event, &RawJson(args.as_bytes()), self.at, &mut self.scratch);
    }

    /// Every state is written, read, and read again with bytes changed; half of the rounds go on from what was read.
    fn saved(&mut self, round: usize) {
        let States { session, principal, agent, tenant } = &mut self.states;
        for state in [session, principal, agent, tenant].into_iter().flatten() {
            let bytes = self.policy.save_state(state).expect("a state of this policy is written");
            let loaded = self.policy.load_state(&bytes).expect("a state that was written is read");
            if round.is_multiple_of(2) {
                *state = afresh(self.policy, loaded.state, &loaded.stale);
            }
        }
    }
}

fn afresh(policy: &Policy, mut state: State, stale: &[String]) -> State {
    for rule in stale {
        policy.start_afresh(&mut state, rule).expect("a stale rule begins anew");
    }
    state
}

/// A number near the end of its type, as it is written.
const FAR: &[u8] = &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
const SPOILT: usize = 48;

impl Driver<'_> {
    /// What bytes that nobody wrote do to the reader of states, and what decisions make of what it takes.
    fn spoilt(&mut self) {
        let Some(bytes) = self.states.session.as_ref().and_then(|state| self.policy.save_state(state).ok()) else { return };
        let step = bytes.len().div_ceil(SPOILT).max(1);
        let tools = self.policy.frame().tools.len();
        for at in (0..bytes.len()).step_by(step) {
            let _ = self.policy.load_state(&bytes[..at]);
            let far = [&bytes[..at], FAR, &bytes[at + 1..]].concat();
            if let Ok(loaded) = self.policy.load_state(&far) {
                self.states.session = Some(loaded.state);
                self.call(PersonaId(0), ToolId((at % tools.max(1)) as u32));
            }
        }
    }
}
