//! States that outlive their frame: what comes back, what is stale, what a stale rule does.

use leverframe_runtime::frame::{Action, Frame, Measure};
use leverframe_runtime::{Code, Policy, State, StateError, States, Verdict};

use super::build::{LIST, Session, V, WHOLE, forbid, frame, keyed, limit, load, value};

fn saved(policy: &Policy, session: &Session<'_>) -> Vec<u8> {
    policy.save_state(session.states.session.as_ref().unwrap()).unwrap()
}

fn resumed<'p>(policy: &'p Policy, state: State) -> Session<'p> {
    let mut session = Session::new(policy);
    session.states = States { session: Some(state), ..States::default() };
    session
}

/// A forbid with variables and three limits, told apart by name and digest.
fn four() -> Frame {
    let mut frame = frame(forbid(4, V));
    frame.rules.push(limit(Measure::Count { most: 3 }, Some(100), Some((WHOLE, 4)), None));
    frame.rules.push(limit(Measure::Distinct { most: 3 }, Some(100), None, Some(LIST)));
    frame.rules.push(limit(Measure::Count { most: 30 }, None, None, None));
    for (index, rule) in frame.rules.iter_mut().enumerate() {
        rule.digest = [u8::try_from(index).unwrap(); 16];
        rule.name = format!("r{index}");
        if index > 0 {
            rule.action = Action::Observe;
        }
    }
    frame
}

#[test]
fn a_state_comes_back_exactly() {
    let policy = load(&four());
    let mut session = Session::new(&policy);
    for at in 0..20 {
        session.call("a", &format!(r#"{{"v":"{}","list":["{}","x"]}}"#, at % 3, at % 5), at);
        let bytes = saved(&policy, &session);
        let loaded = policy.load_state(&bytes).unwrap();
        assert!(loaded.stale.is_empty());
        assert_eq!(Some(&loaded.state), session.states.session.as_ref());
        assert_eq!(policy.save_state(&loaded.state).unwrap(), bytes);
        for cut in 0..bytes.len() {
            assert_eq!(policy.load_state(&bytes[..cut]).unwrap_err(), StateError::Decode);
        }
    }
}

#[test]
fn rules_that_are_unchanged_keep_what_they_remember() {
    let policy = load(&four());
    let mut session = Session::new(&policy);
    session.call("a", &value(1), 0);
    let bytes = saved(&policy, &session);
    let mut other = four();
    other.rules.swap(0, 3);
    other.rules[1].digest = [9; 16];
    other.rules[1].name = "new".into();
    other.rules[1].action = Action::Deny;
    let policy = load(&other);
    let loaded = policy.load_state(&bytes).unwrap();
    assert_eq!(loaded.stale, ["new"]);
    let mut session = resumed(&policy, loaded.state);
    assert_eq!(session.call("b", &value(1), 1).code, Code::Rule, "`b` is not `new`'s, and the forbid still knows 1");
    assert!(!session.judged("b", &value(2), 1));
    let said = session.call("a", &value(5), 2);
    assert_eq!((said.verdict, said.code), (Verdict::Deny, Code::StateUnavailable));
    let state = session.states.session.as_mut().unwrap();
    assert_eq!(policy.start_afresh(state, "r0"), Err(StateError::NotStale));
    let again = policy.load_state(&policy.save_state(state).unwrap()).unwrap();
    assert_eq!(again.stale, ["new"], "saved and loaded, it is stale still");
    policy.start_afresh(state, "new").unwrap();
    assert!(policy.stale(state).is_empty());
    assert_eq!(session.call("a", &value(5), 3).verdict, Verdict::Allow);
}

#[test]
fn a_stale_rule_in_shadow_records() {
    let policy = load(&four());
    let bytes = saved(&policy, &Session::new(&policy));
    let mut other = four();
    other.rules[3].digest = [9; 16];
    let policy = load(&other);
    let mut session = resumed(&policy, policy.load_state(&bytes).unwrap().state);
    let said = session.call("a", r#"{"v":"1","list":["x"]}"#, 0);
    assert_eq!((said.verdict, said.judged), (Verdict::Allow, true));
}

#[test]
fn identities_hold_under_their_key_only() {
    let policy = load(&four());
    let bytes = saved(&policy, &Session::new(&policy));
    let other = keyed(&four(), [1; 32]).unwrap();
    assert_eq!(other.load_state(&bytes).unwrap().stale, ["r0", "r1", "r2"]);
    assert!(keyed(&four(), [0; 32]).unwrap().load_state(&bytes).unwrap().stale.is_empty());
}

#[test]
fn a_persona_and_labels_come_back_by_name() {
    let mut first = four();
    first.tools[0].returns = 2;
    let policy = load(&first);
    let mut session = Session::new(&policy);
    session.call("a", &value(1), 0);
    let bytes = saved(&policy, &session);
    let mut other = first.clone();
    other.labels = vec!["web".into()];
    other.tools[0].returns = 1;
    let policy = load(&other);
    let mut session = resumed(&policy, policy.load_state(&bytes).unwrap().state);
    let decided = session.ask("c", "{}", 1, leverframe_runtime::Approval::None);
    assert_eq!((decided.verdict, decided.labels_before.0), (Verdict::Allow, 1));
    other.personas[0].name = "q".into();
    let policy = load(&other);
    let mut session = resumed(&policy, policy.load_state(&bytes).unwrap().state);
    assert_eq!(session.call("c", "{}", 1).code, Code::UnknownPersona);
}

/// Numbers that no state holds, as they are written: lengths, counts, times and buckets near the ends of their types.
const FAR: &[&[u8]] = &[
    &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40],
];

#[test]
fn a_state_that_nobody_wrote_is_refused_or_read_at_once() {
    let mut frame = four();
    frame.rules.push(limit(Measure::Sum { most: 3 }, Some(100), None, Some(super::build::N)));
    frame.rules.push(limit(Measure::Sum { most: 3 }, Some(100), Some((V, 4)), Some(super::build::N)));
    for (index, rule) in frame.rules.iter_mut().enumerate() {
        rule.digest = [u8::try_from(index).unwrap(); 16];
    }
    let policy = load(&frame);
    let mut session = Session::new(&policy);
    for at in 0..4 {
        session.call("a", &format!(r#"{{"v":"{at}","n":1,"list":["x"]}}"#), at);
    }
    let bytes = saved(&policy, &session);
    let mut read = 0;
    for at in 0..bytes.len() {
        for far in FAR {
            let hostile = [&bytes[..at], far, &bytes[at + 1..]].concat();
            let Ok(loaded) = policy.load_state(&hostile) else { continue };
            let mut session = resumed(&policy, loaded.state);
            session.call("a", r#"{"v":"1","n":1,"list":["x"]}"#, 5);
            session.call("b", &value(1), 6);
            read += 1;
        }
    }
    assert!(read > 0, "some numbers may be anything");
}

#[test]
fn the_bytes_of_a_state_are_told() {
    let bytes = |frame: &Frame| load(frame).state_bytes().session;
    assert_eq!(bytes(&frame(forbid(4, V))), 8 * (2 + 5 * 4));
    assert_eq!(bytes(&frame(limit(Measure::Count { most: 3 }, Some(100), None, None))), 8 * 4);
    assert_eq!(bytes(&frame(limit(Measure::Sum { most: 3 }, Some(100), None, Some(super::build::N)))), 8 * 66);
    assert_eq!(bytes(&frame(limit(Measure::Distinct { most: 3 }, Some(100), None, Some(LIST)))), 8 * (1 + 4 * 3));
    let large = frame(limit(Measure::Count { most: 4_096 }, Some(100), Some((V, 4_096)), None));
    assert_eq!(keyed(&large, [0; 32]).unwrap_err(), "LF0740");
}
