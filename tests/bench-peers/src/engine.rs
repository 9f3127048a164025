//! This project's engine as a peer.
//!
//! In: `policy.lever`, which is compiled ahead as `leverframe build --unproven` does. Out: verdicts.
//! Invariants: a persona and a tool are resolved once and decided by handle; the arguments are read from their text by every decision.
//! Source: contracts section 5.

use leverframe_compiler::modules::{LoadError, Loader};
use leverframe_compiler::pipeline;
use leverframe_runtime::frame::{self, PersonaId, ToolId};
use leverframe_runtime::{Approval, Call, LabelSet, LoadOptions, Outcome, Policy, RawJson, Scratch, States};

use crate::peer::{self, Case, Peer};

struct Prepared {
    persona: PersonaId,
    tool: ToolId,
    args: String,
    /// Which of the sessions it belongs to: one a persona.
    session: usize,
}

/// A loaded policy with its sessions.
pub struct Leverframe {
    policy: Policy,
    scratch: Scratch,
    sessions: Vec<(String, States)>,
    calls: Vec<Prepared>,
    /// Whether results are recorded: where rules speak of histories.
    records: bool,
}

/// The files of this machine.
struct Disk;

impl Loader for Disk {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        std::fs::read_to_string(path).map_err(|error| LoadError { path: path.to_owned(), reason: error.to_string() })
    }
}

impl Leverframe {
    fn session(&mut self, persona: &str) -> usize {
        if let Some(index) = self.sessions.iter().position(|(name, _)| name == persona) {
            return index;
        }
        let states = States { session: Some(self.policy.new_session(persona)), ..States::default() };
        self.sessions.push((persona.to_owned(), states));
        self.sessions.len() - 1
    }

    fn prepared(&mut self, call: &peer::Call) -> Prepared {
        Prepared {
            persona: self.policy.persona(&call.persona).unwrap_or(PersonaId::UNKNOWN),
            tool: self.policy.tool(&call.tool).unwrap_or(ToolId::UNKNOWN),
            args: call.args.clone(),
            session: self.session(&call.persona),
        }
    }
}

/// One decision, and the record of its result.
fn judge(policy: &Policy, states: &mut States, prepared: &Prepared, scratch: &mut Scratch, at: i64, records: bool) -> bool {
    let call = Call {
        persona: prepared.persona,
        tool: prepared.tool,
        args: &RawJson(prepared.args.as_bytes()),
        context: &RawJson(b"{}"),
        at,
        approval: Approval::None,
        argument_labels: LabelSet::default(),
    };
    let decision = policy.decide(states, &call, scratch);
    let admitted = decision.admitted;
    if records && admitted {
        let outcome = Outcome { ok: true, content: false, labels: LabelSet::default(), at, structured: None };
        let recorded = policy.record(states, decision.ticket, &outcome);
        assert!(recorded.is_ok(), "the states are those of the call");
    }
    admitted
}

impl Peer for Leverframe {
    type Source = Vec<u8>;

    fn source(case: &Case) -> Vec<u8> {
        let path = case.folder.join("policy.lever");
        let built = pipeline::build(&path.display().to_string(), &Disk).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        frame::write(&built.frame, None).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn load(source: &Vec<u8>) -> Self {
        let options = LoadOptions { accept_unproven: true, ..LoadOptions::default() };
        let policy = Policy::load(source, &options).unwrap_or_else(|error| panic!("the frame: {error}"));
        Self { policy, scratch: Scratch::default(), sessions: Vec::new(), calls: Vec::new(), records: false }
    }

    fn prepare(&mut self, case: &Case) {
        self.records = !case.history.is_empty();
        self.calls = case.calls.iter().map(|call| self.prepared(call)).collect();
    }

    fn take(&mut self, call: &peer::Call, at: i64) {
        let prepared = self.prepared(call);
        let (_, states) = &mut self.sessions[prepared.session];
        assert!(judge(&self.policy, states, &prepared, &mut self.scratch, at * 1_000, true), "history is of admitted calls: {}", call.line);
    }

    fn decide(&mut self, index: usize, at: i64) -> bool {
        let prepared = &self.calls[index];
        let (_, states) = &mut self.sessions[prepared.session];
        judge(&self.policy, states, prepared, &mut self.scratch, at * 1_000, self.records)
    }
}

/// Allocations of so many decisions are counted by `src/bin/allocations.rs`, which needs the engine without the line protocol.
impl Leverframe {
    /// The case of a folder, loaded, after so many events.
    #[must_use]
    pub fn after(case: &Case, events: usize) -> Self {
        let mut loaded = Self::load(&Self::source(case));
        loaded.prepare(case);
        for (index, call) in case.history.iter().take(events).enumerate() {
            loaded.take(call, i64::try_from(index).unwrap_or(i64::MAX) * peer::STEP);
        }
        loaded
    }
}
