//! A million live sessions of an example's policy in memory: bytes each, and what a decision costs with them.
//!
//! In: how many, the example's folder. Out: bytes and nanoseconds. Each session makes the calls of the example's first benign session, with their results.
//! Source: `runtime/store/README.md`.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use leverframe_compiler::modules::{LoadError, Loader};
use leverframe_compiler::pipeline::build;
use leverframe_runtime::{Approval, Call, LabelSet, LoadOptions, Outcome, Policy, RawJson, Scratch, frame};
use leverframe_store::{Handle, Keys, Opening, Options, Sessions};
use serde_json::Value;

struct Files;

impl Loader for Files {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        fs::read_to_string(path).map_err(|error| LoadError { path: path.to_owned(), reason: error.to_string() })
    }
}

/// A call of the recorded session.
struct Recorded {
    persona: String,
    tool: String,
    args: Vec<u8>,
}

fn recorded(text: &str) -> Vec<Recorded> {
    let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let first = lines.iter().find_map(|line| line["session"].as_str()).expect("a session");
    let calls = lines.iter().filter(|line| line["session"].as_str() == Some(first));
    let call = |line: &Value| {
        let (persona, tool) = (line["persona"].as_str()?.to_owned(), line["tool"].as_str()?.to_owned());
        Some(Recorded { persona, tool, args: line["args"].to_string().into_bytes() })
    };
    calls.filter_map(call).collect()
}

fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("the process's status");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("the resident size");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<usize>().ok()).expect("a number") * 1024
}

fn step(sessions: &Sessions, handle: &Handle, recorded: &Recorded, at: i64, scratch: &mut Scratch) {
    let policy = sessions.policy();
    let call = Call {
        persona: policy.persona(&recorded.persona).expect("the persona"),
        tool: policy.tool(&recorded.tool).expect("the tool"),
        args: &RawJson::new(&recorded.args),
        context: &RawJson::new(b"{}"),
        at,
        approval: Approval::Given,
        argument_labels: LabelSet(0),
    };
    let answer = sessions.decide(handle, &call, scratch);
    assert_eq!(answer.unavailable, None, "a state is there");
    let outcome = Outcome { ok: true, content: true, labels: LabelSet(0), at, structured: None };
    sessions.record(handle, answer.decision.ticket, &outcome).expect("it is recorded");
}

/// Measures one example.
pub fn run(folder: &Path, count: usize) {
    let built = build(&folder.join("policy.lever").display().to_string(), &Files).unwrap_or_else(|error| panic!("{error:?}"));
    let bytes = frame::write(&built.frame, None).expect("a frame");
    let policy = Policy::load(&bytes, &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).expect("a policy");
    let calls = recorded(&fs::read_to_string(folder.join("sessions/benign.jsonl")).expect("sessions"));
    let sizes = policy.state_bytes();
    let options = Options { sessions: count, keys: count, bytes: usize::MAX, idle_ms: None, ..Options::default() };
    let sessions = Sessions::in_memory(Arc::new(policy), options);
    println!("{}: {count} sessions of {} calls each, a principal for each hundred", folder.display(), calls.len());
    println!("  a state's rules: {} bytes of a session, {} of a principal", sizes.session, sizes.principal);
    let (before, start) = (resident(), Instant::now());
    let handles: Vec<Handle> = (0..count).map(|index| open(&sessions, index)).collect();
    report("opening a session", start, count);
    let empty = resident();
    let (mut scratch, start) = (Scratch::default(), Instant::now());
    for handle in &handles {
        (0..).zip(&calls).for_each(|(at, call)| step(&sessions, handle, call, at, &mut scratch));
    }
    report("a call and its result, session after session", start, count * calls.len());
    let full = resident();
    println!("  bytes a session, its place and handle: {}; with its state {}", (empty - before) / count, (full - before) / count);
    costs(&sessions, &handles, &calls, &mut scratch);
}

fn open(sessions: &Sessions, index: usize) -> Handle {
    let (session, principal) = (format!("session-{index}"), format!("principal-{}", index / 100));
    let keys = Keys { session: &session, principal: Some(&principal), ..Keys::default() };
    sessions.open(&keys, Opening::Any, 0).expect("a session")
}

/// What a call and its result cost in one session, in sessions taken at random, and what finding a session by its name costs.
fn costs(sessions: &Sessions, handles: &[Handle], calls: &[Recorded], scratch: &mut Scratch) {
    const TIMES: usize = 200_000;
    let mut dice = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = || {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        usize::try_from(dice >> 11).unwrap_or(0) % handles.len()
    };
    for _ in 0..3 {
        let start = Instant::now();
        (0..TIMES).for_each(|at| step(sessions, &handles[7], &calls[0], 1_000 + i64::try_from(at).unwrap_or(0), scratch));
        let hot = report("a call and its result, one session", start, TIMES);
        let start = Instant::now();
        (0..TIMES).for_each(|_| step(sessions, &handles[random()], &calls[0], 1_000_000, scratch));
        let cold = report("a call and its result, sessions at random", start, TIMES);
        println!("  random / one: {:.2}", cold / hot);
        let start = Instant::now();
        (0..TIMES).for_each(|_| drop(black_box(open(sessions, random()))));
        report("finding a session and a principal by name", start, TIMES);
    }
}

fn report(what: &str, start: Instant, times: usize) -> f64 {
    let each = start.elapsed().as_nanos() as f64 / times as f64;
    println!("  {what:<48} {each:>9.0} ns");
    each
}
