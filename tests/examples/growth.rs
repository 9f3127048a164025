//! What an event costs as its session grows: `cargo run --release -p leverframe-tests --example growth [EVENTS]`.
//!
//! In: nothing, or how many events to go to (1,000,000 where nothing is said). Out: for each construct the nanoseconds of one event (a decision and the
//! result of its call) after so many events of one session, and the bytes that the construct's rule keeps.
//! Source: language section 5; contracts section 5 ("cost is independent of the length of history").
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement that breaks should break"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use leverframe_runtime::frame::{PersonaId, ToolId};
use leverframe_runtime::{Approval, Call, LabelSet, Outcome, Policy, RawJson, Scratch, States};
use leverframe_tests::engine::compile;

/// After how many events an event is measured.
const AFTER: [usize; 4] = [10, 1_000, 100_000, 1_000_000];
/// Events that are timed together, each time from a copy of the state.
const TOGETHER: usize = 64;
/// How often.
const ROUNDS: usize = 200;
const HEAD: &str = "language 1
label pii sensitive
tool t.a(id: string, n: int 0..=20, ids: list<string>)
tool t.b(id: string, n: int 0..=20, ids: list<string>)
tool t.c(id: string, n: int 0..=20, ids: list<string>)
tool t.d(id: string, n: int 0..=20, ids: list<string>)
persona p {
  allow t.a, t.b, t.c
  otherwise deny
}
";

/// A rule, and the calls of its session.
struct Construct {
    name: &'static str,
    rule: &'static str,
    /// The tools that are called in turn.
    tools: &'static [&'static str],
    /// How many different values the calls have.
    values: usize,
}

const fn of(name: &'static str, rule: &'static str, tools: &'static [&'static str], values: usize) -> Construct {
    Construct { name, rule, tools, values }
}

const CONSTRUCTS: &[Construct] = &[
    of("no rule", "", &["t.a", "t.b", "t.c"], 1),
    of("forbid: a chain", "forbid f { t.a then t.b then t.c } => observe", &["t.a", "t.b", "t.c"], 1),
    of("forbid: within and unless", "forbid f { t.a then[within 1m, unless t.b] t.c } => observe", &["t.a", "t.b", "t.c"], 1),
    of("forbid: a group with a window", "forbid f { within 1m (t.a then t.b then t.c) } => observe", &["t.a", "t.b", "t.c"], 1),
    of("forbid: a count in a window", "forbid f { within 1m (8 times t.a) then t.c } => observe", &["t.a", "t.b", "t.c"], 1),
    of("require: within, reset by", "require r { t.a before t.c within 1h reset by t.b } => observe", &["t.a", "t.b", "t.c"], 1),
    of("protocol", "protocol o { many (t.a then maybe (t.b) then some (t.c)) } => observe", &["t.a", "t.b", "t.c"], 1),
    of("limit: 1,000 a session", "limit 1_000 t.a per session => observe", &["t.a", "t.b"], 1),
    of("limit: 1,000 in a window", "limit 1_000 t.a per 1h => observe", &["t.a", "t.b"], 1),
    of("limit: a sum in a window", "limit sum(n) of t.a to 1_000 per 1h => observe", &["t.a", "t.b"], 1),
    of("limit: 64 distinct in a window", "limit 64 distinct(id) of t.a per 1h => observe", &["t.a", "t.b"], 64),
    of("limit: identical", "limit 3 identical any per 1h => observe", &["t.a", "t.b"], 64),
    of("limit: identical, 1,000 values", "limit 3 identical any per 1h => observe", &["t.a", "t.b"], 1_000),
    of("limit: by value", "limit 3 t.a(id: ?v) per 1h => observe", &["t.a", "t.b"], 64),
    of("forbid: 64 values kept", "forbid f { t.a(id: ?v) then t.c(id: ?v) } => observe", &["t.a"], 64),
    of("forbid: elements of a list", "forbid f { t.a(ids[]: ?v) then t.c(id: ?v) } => observe", &["t.a"], 32),
    of("forbid: past its capacity", "forbid f { t.a(id: ?v) then t.c(id: ?v) } => observe", &["t.a", "t.c"], 1_000),
    of("forbid: a value-free step, 64 values", "forbid f { t.a(id: ?v) then t.b then t.c(id: ?v) } => observe", &["t.a", "t.a", "t.b"], 64),
    of("require: 64 values kept", "require r { t.a(id: ?v) before t.c(id: ?v) } => observe", &["t.a", "t.c"], 64),
    of(
        "require: 1,000 values, 64 kept",
        "require r { t.a(id: ?v) before t.c(id: ?v) reset by t.b(id: ?v) } => observe",
        &["t.a", "t.b", "t.c"],
        1_000,
    ),
    of("protocol: 64 values kept", "protocol o { t.a(id: ?v) then many (t.b(id: ?v)) then t.c(id: ?v) } => observe", &["t.a", "t.b"], 32),
    of("denied attempts", "forbid f { 3 times denied t.d then t.c } => observe", &["t.d", "t.c"], 1),
    of("limit: denied attempts", "limit 1_000 denied t.d per 1h => observe", &["t.d", "t.a"], 1),
    of("scan of arguments", "scan t.a arguments for std.email, std.credit_card => label pii", &["t.a"], 64),
];

/// A session under one policy.
struct Session<'p> {
    policy: &'p Policy,
    persona: PersonaId,
    tools: Vec<ToolId>,
    arguments: Vec<String>,
    scratch: Scratch,
}

impl Session<'_> {
    /// Event number `index`: a call, and its result.
    fn event(&mut self, states: &mut States, index: usize) {
        let at = i64::try_from(index).expect("few events") * 1_000;
        let call = Call {
            persona: self.persona,
            tool: self.tools[index % self.tools.len()],
            args: &RawJson(self.arguments[index / self.tools.len() % self.arguments.len()].as_bytes()),
            context: &RawJson(b"{}"),
            at,
            approval: Approval::None,
            argument_labels: LabelSet::default(),
        };
        let decision = self.policy.decide(states, &call, &mut self.scratch);
        let outcome = Outcome { ok: true, content: false, labels: LabelSet::default(), at, structured: None };
        let recorded = self.policy.record(states, black_box(decision).ticket, &outcome);
        assert!(recorded.is_ok(), "the states are those of the call");
    }

    /// Nanoseconds of one event after so many.
    fn cost(&mut self, states: &States, after: usize) -> f64 {
        let mut best = Duration::MAX;
        let mut spent = Duration::ZERO;
        for _ in 0..ROUNDS {
            let mut states = copy(states);
            let begun = Instant::now();
            for index in after..after + TOGETHER {
                self.event(&mut states, index);
            }
            let took = begun.elapsed();
            best = best.min(took);
            spent += took;
        }
        // The median would need all of them; the least is what the work costs where nothing else ran.
        let _ = spent;
        best.as_nanos() as f64 / TOGETHER as f64
    }
}

fn copy(states: &States) -> States {
    States { session: states.session.clone(), principal: None, agent: None, tenant: None }
}

fn arguments(values: usize) -> Vec<String> {
    let one = |value: usize| {
        let ids: Vec<String> = (0..4).map(|element| format!("\"v{}\"", (value + element) % values)).collect();
        format!("{{\"id\":\"v{value}\",\"n\":{},\"ids\":[{}]}}", value % 20, ids.join(","))
    };
    (0..values).map(one).collect()
}

fn measure(construct: &Construct, most: usize) -> (usize, Vec<f64>) {
    let compiled = compile(&format!("{HEAD}{}\n", construct.rule)).unwrap_or_else(|found| panic!("{}: {found:?}", construct.name));
    let policy = compiled.policy();
    let mut session = Session {
        policy,
        persona: policy.persona("p").expect("declared"),
        tools: construct.tools.iter().map(|tool| policy.tool(tool).expect("declared")).collect(),
        arguments: arguments(construct.values),
        scratch: Scratch::default(),
    };
    let mut states = States { session: Some(policy.new_session("s")), principal: None, agent: None, tenant: None };
    let mut costs = Vec::new();
    let mut index = 0;
    for after in AFTER.into_iter().filter(|after| *after <= most) {
        while index < after {
            session.event(&mut states, index);
            index += 1;
        }
        costs.push(session.cost(&states, after));
    }
    (policy.state_bytes().session, costs)
}

fn main() {
    let most = std::env::args().nth(1).and_then(|most| most.parse().ok()).unwrap_or(1_000_000);
    let heads: Vec<String> = AFTER.iter().filter(|after| **after <= most).map(|after| format!("{after:>9}")).collect();
    println!("nanoseconds of one event (decision and result), least of {ROUNDS} runs of {TOGETHER} events, after so many events:");
    println!("{:<38} {}  last/first  bytes of state", "construct", heads.join(" "));
    for construct in CONSTRUCTS {
        let (bytes, costs) = measure(construct, most);
        let shown: Vec<String> = costs.iter().map(|cost| format!("{cost:>9.0}")).collect();
        let growth = costs.last().copied().unwrap_or(0.0) / costs.first().copied().unwrap_or(1.0);
        println!("{:<38} {}  {growth:>10.2}  {bytes:>14}", construct.name, shown.join(" "));
    }
}
