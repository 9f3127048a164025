//! Sessions decided by the runtime, step by step.
//!
//! In: events one after the other. Out: what the runtime says of each, and the session as anybody can replay it. Invariant: what stands in a step's `expect` is
//! what the runtime said. Source: contracts sections 2 and 5.

use std::collections::BTreeMap;

use leverframe_compiler::core::{Core, Key};
use leverframe_runtime::{Approval, Call, LabelSet, Outcome, Policy, RawJson, Scratch, State, States, Ticket, Verdict};
use serde_json::{Map, Value, json};

use crate::question::Example;
use crate::report::{WitnessCall, WitnessStep};

/// Who takes part in a session beside its persona.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Party {
    pub(crate) session: String,
    /// Principal, agent and tenant, as far as the policy reads them.
    pub(crate) keys: [Option<String>; 3],
}

/// What the runtime said of a call.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) verdict: Verdict,
    pub(crate) admitted: bool,
    /// The code, as records have it.
    pub(crate) code: &'static str,
    /// The rules of that verdict.
    pub(crate) rules: Vec<String>,
    /// The rules that would have judged it and only observe.
    pub(crate) observed: Vec<String>,
}

/// A call to decide.
pub(crate) struct Attempt<'a> {
    pub(crate) party: &'a Party,
    pub(crate) persona: &'a str,
    pub(crate) tool: &'a str,
    pub(crate) example: &'a Example,
    pub(crate) at: i64,
}

/// How a call came out.
#[derive(Clone, Debug)]
pub(crate) struct CameOut {
    pub(crate) ok: bool,
    /// The labels that its record names.
    pub(crate) labels: Vec<String>,
    pub(crate) structured: Option<Value>,
}

impl CameOut {
    /// A success with these labels.
    pub(crate) fn succeeded(labels: Vec<String>) -> Self {
        Self { ok: true, labels, structured: None }
    }

    /// How a call came out, as its record has it.
    pub(crate) fn recorded(result: &Value) -> Self {
        let labels = result.get("labels").and_then(Value::as_array).into_iter().flatten();
        Self {
            ok: result.get("ok") != Some(&Value::Bool(false)),
            labels: labels.filter_map(|label| label.as_str().map(str::to_owned)).collect(),
            structured: result.get("structured").cloned(),
        }
    }
}

/// Sessions as they go on.
pub(crate) struct Run<'p> {
    policy: &'p Policy,
    sessions: BTreeMap<String, State>,
    others: [BTreeMap<String, State>; 3],
    scratch: Scratch,
    tickets: BTreeMap<String, (Party, Ticket)>,
    /// The last call of the session at hand.
    last: Option<(String, Example)>,
    pub(crate) steps: Vec<WitnessStep>,
}

/// The name of the session at hand.
pub(crate) const OWN: &str = "w";

/// The kinds of key beside the session, in the order of [`Party::keys`].
pub(crate) const SHARED: [Key; 3] = [Key::Principal, Key::Agent, Key::Tenant];

/// Whom a session of that name belongs to: to the same as all others as far as `shared` says, and only where the policy reads it.
pub(crate) fn party(core: &Core, session: &str, shared: &dyn Fn(Key) -> bool) -> Party {
    let name = |key: Key| {
        let used = core.rules.iter().any(|rule| rule.key == key);
        let own = match key {
            Key::Principal => "u",
            Key::Agent => "a",
            Key::Session | Key::Tenant => "t",
        };
        used.then(|| if shared(key) { format!("{own}1") } else { format!("{own}-{session}") })
    };
    Party { session: session.to_owned(), keys: SHARED.map(name) }
}

fn party_of(call: &WitnessCall) -> Party {
    Party { session: call.session.clone(), keys: [call.principal.clone(), call.agent.clone(), call.tenant.clone()] }
}

fn example_of(call: &WitnessCall) -> Example {
    Example { args: call.args.clone(), context: call.context.clone(), ..Example::default() }
}

impl<'p> Run<'p> {
    pub(crate) fn new(policy: &'p Policy) -> Self {
        Self {
            policy,
            sessions: BTreeMap::new(),
            others: Default::default(),
            scratch: Scratch::default(),
            tickets: BTreeMap::new(),
            last: None,
            steps: Vec::new(),
        }
    }

    /// Decides a call; an asked one is approved.
    pub(crate) fn call(&mut self, attempt: &Attempt<'_>, approval: Approval) -> Said {
        // A rule that asks may have nothing to say any more once the call is approved, which is then allowed.
        let asked = approval == Approval::Given && self.rules_ask() && self.would(attempt, Approval::None).verdict == Verdict::Ask;
        let (said, ticket) = self.decide(attempt, approval);
        if attempt.party.session == OWN {
            self.last = Some((attempt.tool.to_owned(), attempt.example.clone()));
        }
        let id = said.admitted.then(|| format!("c{}", self.steps.len() + 1));
        if let Some(id) = &id {
            self.tickets.insert(id.clone(), (attempt.party.clone(), ticket));
        }
        let [principal, agent, tenant] = attempt.party.keys.clone();
        let expect = word(said.verdict).to_owned();
        self.steps.push(WitnessStep::Call(WitnessCall {
            session: attempt.party.session.clone(),
            persona: attempt.persona.to_owned(),
            tool: attempt.tool.to_owned(),
            args: attempt.example.args.clone(),
            id,
            at: attempt.at,
            principal,
            agent,
            tenant,
            context: attempt.example.context.clone(),
            approved: ((asked || said.verdict == Verdict::Ask) && said.admitted).then_some(true),
            result: None,
            expect,
        }));
        said
    }

    /// Decides a call that is on record.
    pub(crate) fn recorded(&mut self, call: &WitnessCall, approval: Approval) -> Said {
        let (party, example) = (party_of(call), example_of(call));
        self.call(&Attempt { party: &party, persona: &call.persona, tool: &call.tool, example: &example, at: call.at }, approval)
    }

    /// The verdict that a call on record would get; nothing comes of it.
    pub(crate) fn would_be(&mut self, call: &WitnessCall, approval: Approval) -> Verdict {
        let (party, example) = (party_of(call), example_of(call));
        self.would(&Attempt { party: &party, persona: &call.persona, tool: &call.tool, example: &example, at: call.at }, approval).verdict
    }

    /// What would be said of a call now; nothing comes of it.
    pub(crate) fn probe(&mut self, attempt: &Attempt<'_>) -> Said {
        self.would(attempt, Approval::Given)
    }

    fn would(&mut self, attempt: &Attempt<'_>, approval: Approval) -> Said {
        let (sessions, others) = (self.sessions.clone(), self.others.clone());
        let (said, _) = self.decide(attempt, approval);
        (self.sessions, self.others) = (sessions, others);
        said
    }

    fn rules_ask(&self) -> bool {
        self.policy.frame().rules.iter().any(|rule| matches!(rule.action, leverframe_runtime::frame::Action::Ask(_)))
    }

    fn decide(&mut self, attempt: &Attempt<'_>, approval: Approval) -> (Said, Ticket) {
        let policy = self.policy;
        let args = Value::Object(attempt.example.args.clone()).to_string();
        let context = Value::Object(attempt.example.context.clone()).to_string();
        let call = Call {
            persona: policy.persona(attempt.persona).unwrap_or(leverframe_runtime::frame::PersonaId::UNKNOWN),
            tool: policy.tool(attempt.tool).unwrap_or(leverframe_runtime::frame::ToolId::UNKNOWN),
            args: &RawJson(args.as_bytes()),
            context: &RawJson(context.as_bytes()),
            at: attempt.at,
            approval,
            argument_labels: LabelSet::default(),
        };
        let mut states = self.lend(attempt.party);
        let decision = policy.decide(&mut states, &call, &mut self.scratch);
        let (verdict, admitted, code) = (decision.verdict, decision.admitted, decision.code.as_str());
        let ticket = decision.ticket;
        self.take_back(attempt.party, states);
        let rules = policy.rules(&self.scratch).map(str::to_owned).collect();
        let observed = policy.observed(&self.scratch).map(str::to_owned).collect();
        (Said { verdict, admitted, code, rules, observed }, ticket)
    }

    /// The result of the call of that id; false where the runtime does not take it.
    pub(crate) fn result(&mut self, id: &str, came: &CameOut, at: i64) -> bool {
        let CameOut { ok, labels, structured: example } = came;
        let ok = *ok;
        let Some((party, ticket)) = self.tickets.remove(id) else { return false };
        let set = labels.iter().filter_map(|name| self.policy.label(name)).fold(0, |set, label| set | (1_u64 << label.0));
        let structured = example.as_ref().map(Value::to_string);
        let raw = structured.as_ref().map(|text| RawJson(text.as_bytes()));
        let outcome = Outcome {
            ok,
            content: !labels.is_empty() || structured.is_some(),
            labels: LabelSet(set),
            at,
            structured: raw.as_ref().map(|raw| raw as &dyn leverframe_runtime::Arguments),
        };
        let mut states = self.lend(&party);
        let taken = self.policy.record(&mut states, ticket, &outcome).is_ok();
        self.take_back(&party, states);
        let mut result = json!({ "ok": ok });
        if let Value::Object(members) = &mut result {
            if !labels.is_empty() {
                members.insert("labels".to_owned(), json!(labels));
                members.insert("content".to_owned(), json!("…"));
            }
            if let Some(example) = example {
                members.insert("structured".to_owned(), example.clone());
            }
        }
        self.steps.push(WitnessStep::Result { result_of: id.to_owned(), at, result });
        taken
    }

    /// A host event; false where the runtime does not take it.
    pub(crate) fn event(&mut self, party: &Party, name: &str, args: &Map<String, Value>, at: i64) -> bool {
        let Some(event) = self.policy.event(name) else { return false };
        let text = Value::Object(args.clone()).to_string();
        let mut states = self.lend(party);
        let taken = self.policy.report(&mut states, event, &RawJson(text.as_bytes()), at, &mut self.scratch).is_ok();
        self.take_back(party, states);
        let [principal, agent, tenant] = party.keys.clone();
        let (session, event) = (party.session.clone(), name.to_owned());
        self.steps.push(WitnessStep::Event { session, event, args: args.clone(), at, principal, agent, tenant });
        taken
    }

    /// The tool and the values of the last call.
    pub(crate) fn last_example(&self) -> Option<(String, Example)> {
        self.last.clone()
    }

    /// Results for all calls that have none yet, so that none counts as succeeded where it stands.
    pub(crate) fn close(&mut self, at: i64) {
        let open: Vec<String> = self.tickets.keys().cloned().collect();
        for id in open {
            self.result(&id, &CameOut::succeeded(Vec::new()), at);
        }
    }

    fn lend(&mut self, party: &Party) -> States {
        let policy = self.policy;
        let session = self.sessions.remove(&party.session).unwrap_or_else(|| policy.new_session(&party.session));
        let [principal, agent, tenant] =
            [0, 1, 2].map(|kind| {
                let name = party.keys.get(kind)?.as_ref()?;
                let known = self.others.get_mut(kind)?.remove(name);
                Some(known.unwrap_or_else(|| {
                    policy.new_state(SHARED.get(kind).copied().map_or(leverframe_runtime::frame::Key::Session, key), name)
                }))
            });
        States { session: Some(session), principal, agent, tenant }
    }

    fn take_back(&mut self, party: &Party, states: States) {
        let States { session, principal, agent, tenant } = states;
        if let Some(session) = session {
            self.sessions.insert(party.session.clone(), session);
        }
        for (kind, state) in [principal, agent, tenant].into_iter().enumerate() {
            let name = party.keys.get(kind).and_then(Option::as_ref);
            if let (Some(state), Some(name), Some(known)) = (state, name, self.others.get_mut(kind)) {
                known.insert(name.clone(), state);
            }
        }
    }
}

fn key(key: Key) -> leverframe_runtime::frame::Key {
    match key {
        Key::Session => leverframe_runtime::frame::Key::Session,
        Key::Principal => leverframe_runtime::frame::Key::Principal,
        Key::Agent => leverframe_runtime::frame::Key::Agent,
        Key::Tenant => leverframe_runtime::frame::Key::Tenant,
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "ask",
        Verdict::Deny => "deny",
    }
}
