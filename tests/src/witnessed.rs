//! The class that the engine itself gives to the letter of a witness.
//!
//! In: a frame, one of its rules, a witness. Out: the classes that the rule's table was at after the engine took the letter: one, or of a rule with variables one for
//! each value that it keeps. The frame is doctored: the rule stands alone, reads only letters of the witness's kind and subject, goes to state N + 1 at class N, and what
//! the witness says of registers is decided; everybody may do everything. Arguments, conditions, labels, values and scans are the engine's own.

use std::collections::{BTreeSet, HashMap};

use leverframe_runtime::frame::{
    self, Answer, Automaton, Body, Frame, LetterKind, Node, Overflow, Rule, Target, Test, ToolId, Verdict, Witness,
};
use leverframe_runtime::{LoadOptions, Policy};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::run_from;
use crate::trace::{Call, Event, Host, Outcome};

/// Classes of a rule, beyond which its states would not do.
const CLASSES: u16 = 255;
/// How many values the doctored rule keeps at least, so that none of a letter's goes without a place.
const CAPACITY: u32 = 64;
/// Words of a table of values before its entries, and of an entry before its registers.
const HEAD: usize = 2;
const ENTRY: usize = 4;
const CONTROL: usize = 2;
/// A register that holds nothing.
const UNSET: i64 = i64::MIN;

/// A state as the runtime writes it.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    key: frame::Key,
    identity: u128,
    latest: i64,
    newest: i64,
    position: i64,
    session: Option<StoredSession>,
    rules: Vec<Section>,
}

#[derive(Serialize, Deserialize)]
struct StoredSession {
    persona: Option<String>,
    identities: [Option<u128>; 3],
    labels: Vec<String>,
    ended: bool,
}

#[derive(Serialize, Deserialize)]
struct Section {
    seal: [u8; 16],
    control: i64,
    registers: Vec<i64>,
}

/// The classes that the engine sees; nothing of a rule with more classes than can be told apart.
///
/// # Panics
/// Where the doctored frame is none, or the engine does not take the letter's line.
#[must_use]
pub fn classes(frame: &Frame, rule: &Rule, witness: &Witness) -> Option<BTreeSet<u16>> {
    let Body::Automaton(automaton) = &rule.body else { return None };
    if rule.alphabet.classes > CLASSES {
        return None;
    }
    let line: Value = serde_json::from_str(&witness.line).expect("a witness's line is JSON");
    let event = event(&line);
    let doctored = Frame { rules: vec![told(rule, automaton, witness, &line, frame)], ..permitting(frame, witness, &line) };
    let bytes = frame::write(&doctored, None).expect("a frame can be written");
    let options = LoadOptions { accept_unproven: true, ..LoadOptions::default() };
    let policy = Policy::load(&bytes, &options).unwrap_or_else(|error| panic!("rule `{}`: {error:?}", rule.name));
    let session = text(&line, "session").expect("a session");
    let begun = HashMap::from([(session.clone(), begun(&policy, &session, frame, witness))]);
    let (story, states) = run_from(&policy, &[event], begun);
    assert_eq!(story.error, None, "the engine does not take {}", witness.line);
    let stored = states.values().map(|bytes| postcard::from_bytes::<Stored>(bytes).expect("a state is written so"));
    Some(stored.flat_map(|stored| stored.rules).flat_map(|section| seen(rule, automaton, &section)).collect())
}

/// The session before the letter.
fn begun(policy: &Policy, session: &str, frame: &Frame, witness: &Witness) -> leverframe_runtime::State {
    let fresh = policy.save_state(&policy.new_session(session)).expect("a fresh state");
    let mut stored: Stored = postcard::from_bytes(&fresh).expect("a state is written so");
    let part = stored.session.as_mut().expect("a session's");
    part.labels = frame.labels.iter().enumerate().filter(|(bit, _)| witness.labels >> bit & 1 == 1).map(|(_, name)| name.clone()).collect();
    part.persona = witness.persona.map(|id| frame.personas[id.index()].name.clone());
    let bytes = postcard::to_allocvec(&stored).expect("a state can be written");
    policy.load_state(&bytes).expect("a state can be read").state
}

/// A frame in which nothing but the letter's kind decides whether the call is admitted.
fn permitting(frame: &Frame, witness: &Witness, line: &Value) -> Frame {
    let verdict = match witness.kind {
        LetterKind::Denied => Verdict::Deny,
        _ if line["approved"] == Value::Bool(true) => Verdict::Ask,
        _ => Verdict::Allow,
    };
    let answer = Answer { name: "any".to_owned(), verdict, condition: None, who: None, why: None };
    let mut frame = Frame { everyone: Vec::new(), answers: vec![answer], rules: Vec::new(), ..frame.clone() };
    for persona in &mut frame.personas {
        persona.otherwise = Some(frame::AnswerId(0));
        persona.tools = Vec::new();
    }
    frame.scans.iter_mut().filter(|scan| !scan.results).for_each(|scan| scan.deny = false);
    frame
}

/// The rule, telling its class by its state.
fn told(rule: &Rule, automaton: &Automaton, witness: &Witness, line: &Value, frame: &Frame) -> Rule {
    let classes = usize::from(rule.alphabet.classes);
    let states = classes + 1;
    let size = states * classes;
    let mut told = rule.clone();
    let kept = |site: &frame::Site| site.kind == witness.kind && named(frame, line, site);
    told.alphabet.sites.retain(kept);
    let nodes = told.alphabet.nodes.clone();
    let settle = |target: &mut Target| *target = settled(&nodes, *target, witness);
    told.alphabet.nodes.iter_mut().for_each(|node| [&mut node.yes, &mut node.no].into_iter().for_each(settle));
    told.alphabet.sites.iter_mut().for_each(|site| settle(&mut site.root));
    if let Some(slots) = &mut told.slots {
        slots.capacity = slots.capacity.max(CAPACITY);
    }
    match told.slots.as_mut().map(|slots| &mut slots.overflow) {
        Some(Overflow::Evict { marks, .. }) => *marks = vec![frame::Mark::None; size],
        Some(Overflow::Absorb(absorb)) => absorb.sites.retain(kept),
        Some(Overflow::Share) | None => {}
    }
    told.body = Body::Automaton(Automaton {
        states: u16::try_from(states).expect("few states"),
        names: (0..).take(states).collect(),
        delta: (0..size).map(|cell| u16::try_from(cell % classes + 1).expect("few classes")).collect(),
        deny: vec![false; size],
        updates: vec![0; size],
        update_sets: vec![Vec::new()],
        registers: automaton.registers.clone(),
        expiry: Vec::new(),
        overflows: Vec::new(),
    });
    told
}

/// Whether a site is about what the line names.
fn named(frame: &Frame, line: &Value, site: &frame::Site) -> bool {
    if site.kind == LetterKind::Event {
        return text(line, "event").as_deref() == frame.events.get(site.subject as usize).map(|event| event.name.as_str());
    }
    let place = text(line, "tool").and_then(|name| frame.tools.iter().position(|tool| tool.name == name));
    place.map_or(ToolId::UNKNOWN.0, |place| u32::try_from(place).expect("few tools")) == site.subject
}

/// Where a decision leads once registers are known.
fn settled(nodes: &[Node], mut target: Target, witness: &Witness) -> Target {
    loop {
        let Target::Node(index) = target else { return target };
        let node = nodes[usize::from(index)];
        let holds = match node.test {
            Test::Within { register, ms } => witness.ages.iter().any(|(set, age)| *set == register && *age <= ms),
            Test::CallAfter { register } => !witness.passed.contains(&register),
            _ => return target,
        };
        target = if holds { node.yes } else { node.no };
    }
}

/// The classes after which the states of a rule are what they are.
fn seen(rule: &Rule, automaton: &Automaton, section: &Section) -> Vec<u16> {
    let class = |control: i64| u16::try_from(control).ok().and_then(|state| state.checked_sub(1));
    if rule.slots.is_none() {
        return class(section.control).into_iter().collect();
    }
    let entries = section.registers.get(HEAD..).unwrap_or(&[]).chunks(ENTRY + automaton.registers.len());
    entries.filter_map(|entry| entry.get(CONTROL).copied().filter(|control| *control != UNSET)).filter_map(class).collect()
}

fn event(line: &Value) -> Event {
    let keys = ["principal", "agent", "tenant"].map(|key| text(line, key));
    let at = line["at"].as_i64();
    let session = text(line, "session").expect("a session");
    let args = line["args"].to_string();
    if let Some(event) = text(line, "event") {
        return Event::Host(Host { session, event, args, keys, at });
    }
    Event::Call(Call {
        id: None,
        session,
        persona: text(line, "persona").expect("a persona"),
        tool: text(line, "tool").expect("a tool"),
        args,
        context: line.get("context").map(Value::to_string),
        keys,
        at,
        approved: line["approved"].as_bool(),
        result: line.get("result").map(outcome),
    })
}

fn outcome(result: &Value) -> Outcome {
    let labels = result["labels"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Outcome { ok: result["ok"] == Value::Bool(true), labels, content: None, structured: result.get("structured").map(Value::to_string) }
}

fn text(line: &Value, name: &str) -> Option<String> {
    line[name].as_str().map(str::to_owned)
}
