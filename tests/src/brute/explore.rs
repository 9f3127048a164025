//! Every session up to a number of calls.
//!
//! In: a policy with twins, compiled; a persona. Out: [`Facts`]: what has come about, each with a session that it came about in. Calls are enumerated, not asked about:
//! all arguments, results that succeed, fail, or come later, host events, and times around the windows. States that the engine cannot tell apart are looked at once.
//! Left out: keys other than the session; more than one result that is still to come. Source: verification section 3.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use leverframe_runtime::frame::{EventId, PersonaId, ToolId, Verdict as Said};
use leverframe_runtime::json::RawJson;
use leverframe_runtime::{Approval, Code, LabelSet, Outcome, Policy as Engine, Scratch, State, States, Ticket};

use super::permission::Verdict;
use super::policy::Policy;
use super::rule::{Action, Kind};

/// How far sessions are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most admitted calls.
    pub calls: usize,
    /// The most states.
    pub states: usize,
}

/// Where something came about first: after how many calls, and in which session.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Seen {
    pub calls: usize,
    pub session: String,
}

/// A state in which the persona can do nothing more.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Dead {
    pub session: String,
    /// The rules that refuse calls there which permissions admit.
    pub rules: HashSet<usize>,
    pub ended: bool,
    pub first: bool,
}

/// What has come about in some session.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// All sessions of so many calls have been looked at.
    pub depth: usize,
    /// States that were looked at.
    pub states: usize,
    /// Rules that judged a call which permissions admit.
    pub triggered: BTreeMap<usize, Seen>,
    /// Rules without which a verdict would have been another one.
    pub alone: BTreeMap<usize, Seen>,
    /// Statements that permitted an admitted call.
    pub used: BTreeMap<String, Seen>,
    /// Twins of assertions that spoke, by name; of those that are properties of admitted calls, at an admitted one.
    pub spoke: BTreeMap<String, Seen>,
    /// Twins of prerequisites that did not speak: they were met.
    pub met: BTreeMap<String, Seen>,
    /// States without a way on.
    pub dead: Vec<Dead>,
    /// Labels that sessions have got.
    pub labels: u64,
    /// Verdicts that are not what the permissions and the rules' twins come to.
    pub odd: Vec<String>,
}

/// A result that is still to come: its call can be decided again, for a ticket is used once.
#[derive(Clone)]
struct Pending {
    before: Rc<States>,
    call: usize,
    at: i64,
}

#[derive(Clone)]
struct Node {
    states: States,
    at: i64,
    calls: usize,
    pending: Option<Pending>,
    by: Option<(usize, String)>,
    goes_on: bool,
    leads_to: Vec<usize>,
    refusing: HashSet<usize>,
    ended: bool,
}

/// An event in words, where they are needed.
type How<'h> = &'h dyn Fn() -> String;

/// An exploration of one persona's sessions.
pub struct Explorer<'p> {
    policy: &'p Policy,
    engine: &'p Engine,
    persona: usize,
    approval: Approval,
    bounds: Bounds,
    delays: Vec<i64>,
    nodes: Vec<Node>,
    known: HashMap<Vec<u8>, usize>,
    full: bool,
    facts: Facts,
    scratch: Scratch,
}

/// What was decided of one call at one state.
struct Decided {
    verdict: Said,
    admitted: bool,
    ended: bool,
    ticket: Ticket,
    labels: u64,
    observed: Vec<String>,
}

impl<'p> Explorer<'p> {
    /// Looks at all sessions within bounds.
    #[must_use]
    pub fn facts(policy: &'p Policy, engine: &'p Engine, persona: usize, approval: Approval, bounds: Bounds) -> Facts {
        let mut delays = vec![0];
        delays.extend(policy.rules.windows.iter().flat_map(|ms| [*ms, ms + 1]));
        let mut explorer = Self {
            policy,
            engine,
            persona,
            approval,
            bounds,
            delays,
            nodes: Vec::new(),
            known: HashMap::new(),
            full: false,
            facts: Facts { depth: bounds.calls, ..Facts::default() },
            scratch: Scratch::default(),
        };
        let states = States { session: Some(engine.new_session("w")), ..States::default() };
        explorer.enter(states, 0, 0, None, None);
        let mut next = 0;
        while next < explorer.nodes.len() {
            explorer.look(next);
            next += 1;
        }
        explorer.finish();
        explorer.facts
    }

    /// The place of a state; nothing where it is one too many.
    fn enter(&mut self, states: States, at: i64, calls: usize, pending: Option<Pending>, by: Option<(usize, How<'_>)>) -> Option<usize> {
        let bytes = |state: Option<&State>| state.and_then(|state| self.engine.save_state(state).ok()).unwrap_or_default();
        let mut key = bytes(states.session.as_ref());
        key.extend(at.to_le_bytes());
        key.push(u8::try_from(calls).unwrap_or(u8::MAX));
        if let Some(pending) = &pending {
            key.extend(bytes(pending.before.session.as_ref()));
            key.extend(pending.call.to_le_bytes());
            key.extend(pending.at.to_le_bytes());
        }
        if let Some(known) = self.known.get(&key) {
            return Some(*known);
        }
        if self.nodes.len() >= self.bounds.states {
            if !self.full {
                self.full = true;
                self.facts.depth = self.facts.depth.min(by.as_ref().map_or(0, |(from, _)| self.nodes[*from].calls));
            }
            return None;
        }
        let by = by.map(|(from, how)| (from, how()));
        let node = Node { states, at, calls, pending, by, goes_on: false, leads_to: Vec::new(), refusing: HashSet::new(), ended: false };
        self.known.insert(key, self.nodes.len());
        self.nodes.push(node);
        Some(self.nodes.len() - 1)
    }

    fn look(&mut self, index: usize) {
        let node = self.nodes[index].clone();
        let last = node.calls >= self.bounds.calls;
        let mut ends = Vec::new();
        for delay in if last { vec![0] } else { self.delays.clone() } {
            for call in 0..self.policy.world.calls.len() {
                self.call(index, &node, call, node.at + delay, last, &mut ends);
            }
            if !last {
                self.events(index, &node, node.at + delay);
                self.late(index, &node, node.at + delay);
            }
        }
        if self.nodes[index].goes_on {
            for (rule, session) in ends {
                self.facts.alone.entry(rule).or_insert(Seen { calls: node.calls + 1, session });
            }
        }
    }

    fn decide(&mut self, states: &mut States, call: usize, at: i64) -> Decided {
        let wanted = &self.policy.world.calls[call];
        let name = |index: usize| self.policy.world.tools[index].name.as_str();
        let who = &self.policy.permissions.personas[self.persona].name;
        let asked = leverframe_runtime::Call {
            persona: self.engine.persona(who).unwrap_or(PersonaId::UNKNOWN),
            tool: self.engine.tool(name(wanted.tool)).unwrap_or(ToolId::UNKNOWN),
            args: &RawJson(wanted.json.as_bytes()),
            context: &RawJson(b"{}"),
            at,
            approval: self.approval,
            argument_labels: LabelSet::default(),
        };
        let decision = self.engine.decide(states, &asked, &mut self.scratch);
        let observed = self.engine.observed(&self.scratch).map(str::to_owned).collect();
        Decided {
            verdict: decision.verdict,
            admitted: decision.admitted,
            ended: decision.code == Code::SessionEnded,
            ticket: decision.ticket,
            labels: decision.labels_before.0,
            observed,
        }
    }

    fn call(&mut self, index: usize, node: &Node, call: usize, at: i64, last: bool, ends: &mut Vec<(usize, String)>) {
        let mut states = node.states.clone();
        let decided = self.decide(&mut states, call, at);
        self.facts.labels |= decided.labels;
        let word = ["allow", "ask", "deny"][decided.verdict as usize];
        let policy = self.policy;
        let wanted = &policy.world.calls[call];
        let how = move || format!("{at:>6} {}{} {word}", policy.world.tools[wanted.tool].name, wanted.json);
        self.claims(index, &decided, &how);
        if last || decided.ended {
            self.nodes[index].ended |= decided.ended;
            return;
        }
        self.judged(index, call, &decided, &how, ends);
        if !decided.admitted {
            // Nothing hears refused attempts, but one may have ended the session.
            let target = self.enter(states, node.at, node.calls, node.pending.clone(), Some((index, &how)));
            self.nodes[index].leads_to.extend(target);
            return;
        }
        self.nodes[index].goes_on = true;
        let Decided { ticket, .. } = decided;
        let mut succeeded = states.clone();
        self.record(&mut succeeded, ticket, at, (true, false));
        self.enter(succeeded, at, node.calls + 1, node.pending.clone(), Some((index, &|| how() + ", succeeds")));
        // A failure carries labels where it has content.
        let labels = self.policy.world.tools[wanted.tool].returns.is_some();
        for content in if labels { vec![false, true] } else { vec![false] } {
            let mut failed = node.states.clone();
            let again = self.decide(&mut failed, call, at);
            self.record(&mut failed, again.ticket, at, (false, content));
            let how = || format!("{}, fails{}", how(), if content { " with content" } else { "" });
            self.enter(failed, at, node.calls + 1, node.pending.clone(), Some((index, &how)));
        }
        if node.pending.is_none() {
            let pending = Pending { before: Rc::new(node.states.clone()), call, at };
            self.enter(states, at, node.calls + 1, Some(pending), Some((index, &|| how() + ", result later")));
        }
    }

    fn record(&self, states: &mut States, ticket: Ticket, at: i64, (ok, content): (bool, bool)) {
        let outcome = Outcome { ok, content, labels: LabelSet::default(), at, structured: None };
        self.engine.record(states, ticket, &outcome).expect("a result is recorded with the states of its call");
    }

    fn events(&mut self, index: usize, node: &Node, at: i64) {
        for event in 0..self.policy.world.events.len() {
            let mut states = node.states.clone();
            let id = EventId(u32::try_from(event).unwrap_or(u32::MAX));
            if self.engine.report(&mut states, id, &RawJson(b"{}"), at, &mut self.scratch).is_err() {
                continue;
            }
            let policy = self.policy;
            let how = || format!("{at:>6} {}", policy.world.events[event]);
            let target = self.enter(states, at, node.calls + 1, node.pending.clone(), Some((index, &how)));
            self.nodes[index].leads_to.extend(target);
        }
    }

    fn late(&mut self, index: usize, node: &Node, at: i64) {
        let Some(pending) = &node.pending else { return };
        for ok in [true, false] {
            let decided = self.decide(&mut (*pending.before).clone(), pending.call, pending.at);
            let mut states = node.states.clone();
            self.record(&mut states, decided.ticket, at, (ok, false));
            let how = || format!("{at:>6} the late result: {}", if ok { "success" } else { "failure" });
            let target = self.enter(states, at, node.calls, None, Some((index, &how)));
            self.nodes[index].leads_to.extend(target);
        }
    }

    /// What the twins of assertions and prerequisites say.
    fn claims(&mut self, index: usize, decided: &Decided, how: How<'_>) {
        let policy = self.policy;
        let has = |name: &str| decided.observed.iter().any(|other| other == name);
        for assertion in &policy.rules.assertions {
            let at_admitted = assertion.said == super::rule::Said::Always;
            for (name, counts) in
                [(format!("z{}", assertion.name), !at_admitted || decided.admitted), (format!("y{}", assertion.name), true)]
            {
                if counts && has(&name) && !self.facts.spoke.contains_key(&name) {
                    let seen = self.seen(index, how, 0);
                    self.facts.spoke.insert(name, seen);
                }
            }
        }
        if decided.ended {
            return;
        }
        for rule in &policy.rules.rules {
            for place in 0..rule.prerequisites.len() {
                let name = format!("m{}_{place}", rule.name);
                if !has(&name) && !self.facts.met.contains_key(&name) {
                    let seen = self.seen(index, how, 0);
                    self.facts.met.insert(name, seen);
                }
            }
        }
    }

    /// What permissions and the rules' twins say of a call.
    fn judged(&mut self, index: usize, call: usize, decided: &Decided, how: How<'_>, ends: &mut Vec<(usize, String)>) {
        let policy = self.policy;
        let wanted = &policy.world.calls[call];
        let permitted = policy.permissions.verdict(&policy.world, self.persona, wanted, decided.labels).unwrap_or(Verdict::Deny);
        let rules = policy.rules.rules.iter().enumerate();
        let triggered: Vec<usize> = rules
            .filter(|(_, rule)| decided.observed.iter().any(|name| name.strip_prefix('z') == Some(&rule.name)))
            .map(|(at, _)| at)
            .collect();
        let action = |rule: usize| policy.rules.rules[rule].action;
        let without = |left_out: Option<usize>| {
            let own = triggered.iter().filter(|rule| Some(**rule) != left_out).filter_map(|rule| severity(action(*rule)));
            own.fold(permitted, Verdict::max)
        };
        let whole = without(None);
        if whole as usize != decided.verdict as usize {
            let session = self.session(index, how);
            self.facts.odd.push(format!("permissions and rules come to {}, the engine does not:\n{session}", whole.word()));
        }
        if permitted == Verdict::Deny {
            return;
        }
        self.nodes[index].refusing.extend(triggered.iter().filter(|rule| severity(action(**rule)) == Some(Verdict::Deny)));
        for rule in &triggered {
            // What asks about a call that is denied decides nothing.
            let decides = severity(action(*rule)).is_none_or(|own| own == whole);
            if decides && !self.facts.triggered.contains_key(rule) {
                let seen = self.seen(index, how, 1);
                self.facts.triggered.insert(*rule, seen);
            }
            if self.facts.alone.contains_key(rule) {
                continue;
            }
            let others_end = triggered.iter().any(|other| other != rule && action(*other) == Action::EndSession);
            if without(Some(*rule)) != whole {
                let seen = self.seen(index, how, 1);
                self.facts.alone.insert(*rule, seen);
            } else if action(*rule) == Action::EndSession && !others_end {
                ends.push((*rule, self.session(index, how)));
            }
        }
        if decided.admitted {
            for ruling in policy.permissions.rulings(&policy.world, self.persona, wanted.tool) {
                if ruling.verdict != Verdict::Deny && ruling.takes(wanted, decided.labels) && !self.facts.used.contains_key(&ruling.name) {
                    let seen = self.seen(index, how, 1);
                    self.facts.used.insert(ruling.name, seen);
                }
            }
        }
    }

    fn seen(&self, index: usize, how: How<'_>, more: usize) -> Seen {
        Seen { calls: self.nodes[index].calls + more, session: self.session(index, how) }
    }

    /// A session, a line for each event.
    fn session(&self, index: usize, how: How<'_>) -> String {
        let (mut lines, mut at) = (vec![how()], index);
        while let Some((before, how)) = &self.nodes[at].by {
            lines.push(how.clone());
            at = *before;
        }
        lines.reverse();
        lines.join("\n")
    }

    /// Finds the states from which nothing leads on.
    fn finish(&mut self) {
        self.facts.states = self.nodes.len();
        let mut alive: Vec<bool> = self.nodes.iter().map(|node| node.goes_on || node.calls >= self.bounds.calls).collect();
        loop {
            let more: Vec<usize> =
                (0..alive.len()).filter(|at| !alive[*at] && self.nodes[*at].leads_to.iter().any(|to| alive[*to])).collect();
            if more.is_empty() {
                break;
            }
            more.into_iter().for_each(|at| alive[at] = true);
        }
        if self.full {
            return;
        }
        for at in (0..alive.len()).filter(|at| !alive[*at]) {
            let node = &self.nodes[at];
            let dead =
                Dead { session: self.session(at, &|| "stuck".to_owned()), rules: node.refusing.clone(), ended: node.ended, first: at == 0 };
            self.facts.dead.push(dead);
        }
    }
}

fn severity(action: Action) -> Option<Verdict> {
    match action {
        Action::Deny | Action::EndSession => Some(Verdict::Deny),
        Action::Ask => Some(Verdict::Ask),
        Action::Observe => None,
    }
}

impl Dead {
    /// Whether an author may have wanted it so, as far as that is easily said.
    #[must_use]
    pub fn may_be_wanted(&self, policy: &Policy) -> bool {
        let wanted = |rule: &usize| {
            let rule = &policy.rules.rules[*rule];
            rule.action == Action::EndSession || rule.kind == Kind::Protocol || rule.per_session
        };
        self.ended || self.rules.iter().any(wanted)
    }
}
