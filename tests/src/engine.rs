//! One side: compiler, frame, engine.
//!
//! In: a policy's text; a record. Out: its core form; decisions. The frame goes through its bytes, as it does outside.
//! Source: contracts sections 2 and 5.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use leverframe_compiler::core::print;
use leverframe_compiler::modules::{LoadError, Loader};
use leverframe_compiler::pipeline::{BuildError, build};
use leverframe_runtime::content::Memory;
use leverframe_runtime::frame::{self, Key, PersonaId, ToolId, Verdict};
use leverframe_runtime::json::RawJson;
use leverframe_runtime::{Approval, Arguments, LabelSet, LoadOptions, Outcome, Policy, Scratch, State, States, Ticket};

use crate::decided::{Decided, Story};
use crate::policy::files::split;
use crate::trace::{self, Event};

/// The name of a policy's own file in memory.
pub const ROOT: &str = "policy.lever";

/// What is said of a frame that the compiler writes and the runtime does not load: a fault of one of them.
pub const INVALID: &str = "the runtime does not load the frame";

/// The files of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Loader for Disk {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        std::fs::read_to_string(path).map_err(|error| LoadError { path: path.to_owned(), reason: error.to_string() })
    }
}

/// A compiled policy.
#[derive(Debug)]
pub struct Compiled {
    /// Its core form.
    pub core: String,
    policy: Policy,
}

impl Compiled {
    /// What decides.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// Compiles a policy whose files are bundled in one text.
///
/// # Errors
/// The codes and words of what was found.
pub fn compile(text: &str) -> Result<Compiled, Vec<String>> {
    compile_at(ROOT, &split(text))
}

/// Compiles a policy.
///
/// # Errors
/// The codes and words of what was found.
pub fn compile_at(root: &str, files: &dyn Loader) -> Result<Compiled, Vec<String>> {
    let built = build(root, files).map_err(|error| match error {
        BuildError::Load(error) => vec![error.to_string()],
        BuildError::Refused(checked) => {
            checked.diagnostics.iter().filter(|found| found.is_error()).map(|found| format!("{} {}", found.code, found.message)).collect()
        }
    })?;
    let core = print::text(built.checked.core.as_ref().expect("a built policy has a core"));
    let bytes = frame::write(&built.frame, None).expect("a frame can be written");
    let policy = Policy::load(&bytes, &LoadOptions { accept_unproven: true, ..LoadOptions::default() });
    let policy = policy.map_err(|error| vec![format!("{INVALID}: {error:?}")])?;
    Ok(Compiled { core, policy })
}

/// Decides a record.
#[must_use]
pub fn run(compiled: &Compiled, events: &[Event]) -> Story {
    run_to_the_end(&compiled.policy, events).0
}

/// Decides a record; also the states that it leaves, as bytes, by what they are of.
///
/// # Panics
/// Where a state of the policy cannot be written.
#[must_use]
pub fn run_to_the_end(policy: &Policy, events: &[Event]) -> (Story, BTreeMap<String, Vec<u8>>) {
    run_from(policy, events, HashMap::new())
}

/// As [`run_to_the_end`], where some sessions have begun.
///
/// # Panics
/// Where a state of the policy cannot be written.
#[must_use]
pub fn run_from(policy: &Policy, events: &[Event], begun: HashMap<String, State>) -> (Story, BTreeMap<String, Vec<u8>>) {
    let mut replay = Replay { sessions: begun, ..Replay::new(policy, events) };
    let mut story = Story::default();
    for (index, event) in events.iter().enumerate() {
        match replay.take(event, index + 1) {
            Ok(decided) => story.decisions.extend(decided),
            Err(WrongLine) => {
                story.error = Some(index + 1);
                break;
            }
        }
    }
    story.scans = std::mem::take(&mut replay.scans);
    let bytes = |state: &State| policy.save_state(state).expect("a state of this policy is written");
    let mut states: BTreeMap<String, Vec<u8>> = replay.sessions.iter().map(|(name, state)| (name.clone(), bytes(state))).collect();
    states.extend(replay.others.iter().map(|((kind, name), state)| (format!("{:?} {name}", OTHERS[*kind]), bytes(state))));
    (story, states)
}

/// The record cannot hold such a line.
struct WrongLine;

/// Whose states a line concerns.
#[derive(Clone)]
struct Concerned {
    session: String,
    keys: [Option<String>; 3],
    /// Whose scans read a call's result.
    scans: (PersonaId, ToolId),
}

struct Replay<'p> {
    policy: &'p Policy,
    sessions: HashMap<String, State>,
    others: HashMap<(usize, String), State>,
    /// The keys that a session's calls have named first.
    known: HashMap<String, [Option<String>; 3]>,
    /// Ids that lines of results name.
    referenced: HashSet<String>,
    open: HashMap<String, (Ticket, Concerned)>,
    last: Option<i64>,
    scratch: Scratch,
    memory: Memory,
    scans: BTreeSet<&'static str>,
}

const OTHERS: [Key; 3] = [Key::Principal, Key::Agent, Key::Tenant];

impl<'p> Replay<'p> {
    fn new(policy: &'p Policy, events: &[Event]) -> Self {
        let reference = |event: &Event| match event {
            Event::Result(late) => Some(late.of.clone()),
            _ => None,
        };
        Self {
            policy,
            sessions: HashMap::new(),
            others: HashMap::new(),
            known: HashMap::new(),
            referenced: events.iter().filter_map(reference).collect(),
            open: HashMap::new(),
            last: None,
            scratch: Scratch::default(),
            memory: Memory::default(),
            scans: BTreeSet::new(),
        }
    }

    fn take(&mut self, event: &Event, line: usize) -> Result<Option<Decided>, WrongLine> {
        match event {
            Event::Call(call) => self.call(call, line).map(Some),
            Event::Result(late) => {
                let at = self.time(late.at);
                let (ticket, concerned) = self.open.remove(&late.of).ok_or(WrongLine)?;
                self.record(&concerned, ticket, &late.result, at)?;
                Ok(None)
            }
            Event::Host(host) => self.host(host).map(|()| None),
        }
    }

    /// One millisecond after the line before, where a line does not say.
    fn time(&mut self, at: Option<i64>) -> i64 {
        let at = at.unwrap_or_else(|| self.last.map_or(0, |last| last.saturating_add(1)));
        self.last = Some(at);
        at
    }

    fn call(&mut self, call: &trace::Call, line: usize) -> Result<Decided, WrongLine> {
        let at = self.time(call.at);
        let scans =
            (self.policy.persona(&call.persona).unwrap_or(PersonaId::UNKNOWN), self.policy.tool(&call.tool).unwrap_or(ToolId::UNKNOWN));
        let concerned = Concerned { session: call.session.clone(), keys: call.keys.clone(), scans };
        let known = self.known.entry(call.session.clone()).or_default();
        for (known, key) in known.iter_mut().zip(&call.keys) {
            if known.is_none() {
                known.clone_from(key);
            }
        }
        let (decided, ticket) = self.decide(&concerned, call, at, line);
        let awaited = call.id.as_ref().filter(|id| self.referenced.contains(*id));
        match (&call.result, awaited) {
            (Some(result), _) => self.record(&concerned, ticket, result, at)?,
            (None, Some(id)) => {
                self.open.insert(id.clone(), (ticket, concerned));
            }
            (None, None) => {
                self.record(&concerned, ticket, &trace::Outcome { ok: true, labels: Vec::new(), content: None, structured: None }, at)?
            }
        }
        Ok(decided)
    }

    fn decide(&mut self, concerned: &Concerned, call: &trace::Call, at: i64, line: usize) -> (Decided, Ticket) {
        let policy = self.policy;
        let mut states = self.lend(concerned);
        let (persona, tool) = concerned.scans;
        let scanned = policy.scan_arguments(persona, tool, call.args.as_bytes(), &mut self.memory);
        self.scans.extend(scanned.redacted.as_ref().map(|_| "redacted arguments"));
        let args = scanned.redacted.as_deref().unwrap_or(call.args.as_bytes());
        let asked = leverframe_runtime::Call {
            persona,
            tool,
            args: &RawJson(args),
            context: &RawJson(call.context.as_deref().unwrap_or("{}").as_bytes()),
            at,
            approval: match call.approved {
                None => Approval::None,
                Some(true) => Approval::Given,
                Some(false) => Approval::Refused,
            },
            argument_labels: scanned.labels,
        };
        let decision = policy.decide(&mut states, &asked, &mut self.scratch);
        self.give_back(concerned, states);
        let decided = Decided {
            line,
            verdict: verdict(decision.verdict).to_owned(),
            code: decision.code.as_str().to_owned(),
            rule: decision.rule.map(str::to_owned),
            rules: policy.rules(&self.scratch).map(str::to_owned).collect(),
            observed: policy.observed(&self.scratch).map(str::to_owned).collect(),
            message: decision.message.map(str::to_owned),
            who: policy.who(&self.scratch),
            labels: label_names(policy, decision.labels_before),
        };
        (decided, decision.ticket)
    }

    fn record(&mut self, concerned: &Concerned, ticket: Ticket, result: &trace::Outcome, at: i64) -> Result<(), WrongLine> {
        let mut labels = 0;
        for name in &result.labels {
            labels |= 1_u64 << self.policy.label(name).ok_or(WrongLine)?.0;
        }
        let (persona, tool) = concerned.scans;
        let scanned = self.policy.scan_result(persona, tool, message(result).as_bytes(), &mut self.memory);
        let told = [
            (!scanned.found.is_empty(), "found in a result"),
            (scanned.withheld, "withheld result"),
            (scanned.labels.0 != 0, "label of a result by a scan"),
        ];
        self.scans.extend(told.into_iter().filter(|(so, _)| *so).map(|(_, told)| told));
        let structured = result.structured.as_deref().filter(|structured| *structured != "null");
        let content = structured.is_some() || result.content.is_some_and(|content| !["\"\"", "[]", "null"].contains(&content));
        let read = structured.map(|structured| RawJson(structured.as_bytes()));
        let outcome = Outcome {
            ok: result.ok && !scanned.withheld,
            content,
            labels: LabelSet(labels | scanned.labels.0),
            at,
            structured: read.as_ref().map(|read| read as &dyn Arguments),
        };
        let mut states = self.lend(concerned);
        let recorded = self.policy.record(&mut states, ticket, &outcome);
        self.give_back(concerned, states);
        recorded.map_err(|_| WrongLine)
    }

    fn host(&mut self, host: &trace::Host) -> Result<(), WrongLine> {
        let event = self.policy.event(&host.event).ok_or(WrongLine)?;
        let at = self.time(host.at);
        let mut keys = host.keys.clone();
        for (key, known) in keys.iter_mut().zip(self.known.entry(host.session.clone()).or_default()) {
            if key.is_none() {
                key.clone_from(known);
            }
        }
        let concerned = Concerned { session: host.session.clone(), keys, scans: (PersonaId::UNKNOWN, ToolId::UNKNOWN) };
        let mut states = self.lend(&concerned);
        let reported = self.policy.report(&mut states, event, &RawJson(host.args.as_bytes()), at, &mut self.scratch);
        self.give_back(&concerned, states);
        reported.map_err(|_| WrongLine)
    }

    fn lend(&mut self, concerned: &Concerned) -> States {
        let policy = self.policy;
        let session = self.sessions.remove(&concerned.session).unwrap_or_else(|| policy.new_session(&concerned.session));
        let [principal, agent, tenant] = [0, 1, 2].map(|kind| {
            let name = concerned.keys[kind].clone()?;
            Some(self.others.remove(&(kind, name.clone())).unwrap_or_else(|| policy.new_state(OTHERS[kind], &name)))
        });
        States { session: Some(session), principal, agent, tenant }
    }

    fn give_back(&mut self, concerned: &Concerned, states: States) {
        let States { session, principal, agent, tenant } = states;
        self.sessions.extend(session.map(|state| (concerned.session.clone(), state)));
        for (kind, state) in [principal, agent, tenant].into_iter().enumerate() {
            if let (Some(state), Some(name)) = (state, concerned.keys[kind].clone()) {
                self.others.insert((kind, name), state);
            }
        }
    }
}

/// A result as MCP writes it.
fn message(result: &trace::Outcome) -> String {
    let content = result.content.map(|content| format!("\"content\":{content}"));
    let structured = result.structured.as_ref().map(|structured| format!("\"structuredContent\":{structured}"));
    format!("{{{}}}", content.into_iter().chain(structured).collect::<Vec<_>>().join(","))
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "ask",
        Verdict::Deny => "deny",
    }
}

fn label_names(policy: &Policy, set: LabelSet) -> Vec<String> {
    let named = policy.frame().labels.iter().enumerate();
    let mut names: Vec<String> = named.filter(|(index, _)| set.0 >> index & 1 == 1).map(|(_, name)| name.clone()).collect();
    names.sort();
    names
}
