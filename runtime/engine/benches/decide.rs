//! What a decision costs: `cargo bench -p leverframe-runtime --bench decide`.
//!
//! In: nothing. Out: criterion's report, for raw JSON and for arguments that were read before, by rules of a policy, by rules that speak of the call, and by
//! length of history.
//! Source: contracts section 5 ("cost is independent of the length of history, of rules that do not mention the tool, and of the number of sessions").
#![allow(clippy::expect_used, missing_docs, reason = "a measurement that breaks should break")]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use leverframe_compiler::modules::{LoadError, Loader};
use leverframe_compiler::pipeline::build;
use leverframe_runtime::frame::{self, PersonaId, ToolId};
use leverframe_runtime::{Approval, Arguments, Call, LabelSet, LoadOptions, Policy, RawJson, Scratch, States};

/// A call's arguments, of common size.
const ARGUMENTS: &str = r#"{"id":"c-1029","amount":42,"currency":"EUR","note":"the second instalment, as agreed by telephone","path":"/srv/data/reports/q3.csv"}"#;
const FIELDS: &str = "id: string, amount: int 0..=100_000, currency: string, note: string, path: path";

/// The one file of a policy.
struct Text(String);

impl Loader for Text {
    fn load(&self, _: &str) -> Result<String, LoadError> {
        Ok(self.0.clone())
    }
}

/// A policy of so many personas' permission rules, and rules over histories that speak of the tools `t.a` and `t.b`.
fn policy(rules: usize, sequences: usize) -> Policy {
    let mut text = String::from("language 1\n");
    for tool in ["t.a", "t.b", "t.c"] {
        let _ = writeln!(text, "tool {tool}({FIELDS})");
    }
    (1..rules).for_each(|other| {
        let _ = writeln!(text, "tool other.t{other}({FIELDS})");
    });
    text.push_str("persona p {\n  allow t.a when amount < 5_000 and currency == \"EUR\"\n  allow t.b\n  otherwise deny\n}\npersona q {\n");
    (1..rules).for_each(|other| {
        let _ = writeln!(text, "  allow other.t{other} when amount < {other}");
    });
    text.push_str("  otherwise deny\n}\n");
    for sequence in 0..sequences {
        let _ = writeln!(text, "forbid f{sequence} {{ t.b when (amount > {sequence}) then t.c then t.a }}");
    }
    let built = build("policy.lever", &Text(text)).expect("the policy compiles");
    let bytes = frame::write(&built.frame, None).expect("a frame can be written");
    Policy::load(&bytes, &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).expect("the frame is valid")
}

struct Agent<'p> {
    policy: &'p Policy,
    persona: PersonaId,
    tool: ToolId,
    states: States,
    scratch: Scratch,
    at: i64,
}

impl<'p> Agent<'p> {
    fn new(policy: &'p Policy) -> Self {
        let (persona, tool) = (policy.persona("p").expect("declared"), policy.tool("t.a").expect("declared"));
        let states = States { session: Some(policy.new_session("s")), ..States::default() };
        Self { policy, persona, tool, states, scratch: Scratch::default(), at: 0 }
    }

    fn decide(&mut self, args: &dyn Arguments) -> bool {
        self.at += 1_000;
        let call = Call {
            persona: self.persona,
            tool: self.tool,
            args,
            context: &RawJson(b"{}"),
            at: self.at,
            approval: Approval::None,
            argument_labels: LabelSet::default(),
        };
        black_box(self.policy.decide(&mut self.states, &call, &mut self.scratch)).admitted
    }
}

fn rules(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("raw JSON, by permission rules");
    for rules in [1, 10, 100, 1_000] {
        let policy = policy(rules, 0);
        let mut agent = Agent::new(&policy);
        assert!(agent.decide(&RawJson(ARGUMENTS.as_bytes())), "the call is allowed");
        group.bench_function(BenchmarkId::from_parameter(rules), |b| b.iter(|| agent.decide(&RawJson(black_box(ARGUMENTS).as_bytes()))));
    }
}

fn sequences(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("raw JSON, by sequence rules that speak of the call");
    for sequences in [1, 3, 50] {
        let policy = policy(1, sequences);
        let mut agent = Agent::new(&policy);
        assert!(agent.decide(&RawJson(ARGUMENTS.as_bytes())), "the call is allowed");
        group.bench_function(BenchmarkId::from_parameter(sequences), |b| {
            b.iter(|| agent.decide(&RawJson(black_box(ARGUMENTS).as_bytes())));
        });
    }
}

fn history(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("raw JSON, by events of history");
    for events in [10, 1_000, 100_000] {
        let policy = policy(10, 3);
        let mut agent = Agent::new(&policy);
        (0..events).for_each(|_| assert!(agent.decide(&RawJson(ARGUMENTS.as_bytes())), "the call is allowed"));
        group.bench_function(BenchmarkId::from_parameter(events), |b| b.iter(|| agent.decide(&RawJson(black_box(ARGUMENTS).as_bytes()))));
    }
}

/// The bar: at most 60 ns, and no allocation (`tests/allocations.rs`).
fn prepared(criterion: &mut Criterion) {
    let policy = policy(1, 3);
    let mut agent = Agent::new(&policy);
    let raw = RawJson(ARGUMENTS.as_bytes());
    let prepared = policy.prepare(agent.tool, &raw, &mut Scratch::default()).expect("the arguments fit");
    assert!(agent.decide(&prepared), "the call is allowed");
    criterion.bench_function("prepared arguments, one session, 3 sequence rules (bar: 60 ns)", |b| {
        b.iter(|| agent.decide(black_box(&prepared)));
    });
}

criterion_group!(benches, prepared, rules, sequences, history);
criterion_main!(benches);
