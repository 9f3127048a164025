//! Refused attempts as letters: which they are, when, and what they leave alone.

use leverframe_runtime::frame::{
    Action, Alphabet, Answer, AnswerId, Body, Gauge, Key, LetterKind, Measure, Member, Node, Overflow, Rule, Slots, Target, Test, Verdict,
    gauge_class,
};
use leverframe_runtime::{Approval, Code, ToolId};

use super::build::{LIST, Session, V, automaton, frame, load, node, rule, site};

/// `forbid { denied (a, unknown) then b }`
fn after_attempt() -> Rule {
    let sites = vec![
        site(LetterKind::Call, 1, Target::Class(1), None),
        site(LetterKind::Denied, 0, Target::Class(2), None),
        site(LetterKind::Denied, ToolId::UNKNOWN.0, Target::Class(2), None),
    ];
    let table =
        automaton(&[&[(0, false, 0), (0, false, 0), (1, false, 0)], &[(1, false, 0), (1, true, 0), (1, false, 0)]], vec![vec![]], vec![]);
    rule(Alphabet { nodes: vec![], sites, classes: 3 }, Body::Automaton(table), None)
}

fn answer(verdict: Verdict) -> leverframe_runtime::frame::Frame {
    let mut frame = frame(after_attempt());
    frame.answers.push(Answer { name: "p.a".into(), verdict, condition: None, who: None, why: None });
    frame.personas[0].tools[0].members = vec![Member::Rule(AnswerId(1))];
    frame
}

#[test]
fn a_denied_call_is_an_attempt() {
    let policy = load(&answer(Verdict::Deny));
    let mut session = Session::new(&policy);
    assert!(!session.judged("b", "{}", 0));
    session.call("a", "{}", 1);
    assert!(session.judged("b", "{}", 2));
}

#[test]
fn a_refused_ask_is_one_and_an_unanswered_is_none() {
    let policy = load(&answer(Verdict::Ask));
    for (approval, judged) in [(Approval::None, false), (Approval::Given, false), (Approval::Refused, true)] {
        let mut session = Session::new(&policy);
        let decided = session.ask("a", "{}", 0, approval);
        assert_eq!((decided.verdict, decided.admitted), (Verdict::Ask, approval == Approval::Given));
        assert_eq!(session.judged("b", "{}", 1), judged, "{approval:?}");
    }
}

#[test]
fn whatever_denies_makes_an_attempt() {
    let policy = load(&frame(after_attempt()));
    for (tool, args, at) in [("a", "{", 0), ("a", r#"{"n":-1}"#, 0), ("nobody", "{}", 0), ("a", "{}", -6_000)] {
        let mut session = Session::new(&policy);
        assert!(!session.judged("b", "{}", 0));
        let decided = session.ask(tool, args, at, Approval::None);
        assert_eq!(decided.verdict, Verdict::Deny);
        assert!(session.judged("b", "{}", 0), "{tool} {args} {at}");
    }
    let mut session = Session::new(&policy);
    session.call("c", r#"{"n":-1}"#, 0);
    assert!(!session.judged("b", "{}", 0), "no pattern speaks of `c`");
}

#[test]
fn an_attempt_moves_neither_clock_nor_position() {
    let policy = load(&answer(Verdict::Deny));
    let mut session = Session::new(&policy);
    session.call("c", "{}", 0);
    let before = policy.save_state(session.states.session.as_ref().unwrap()).unwrap();
    session.call("a", "{}", 1_000_000);
    let after = policy.save_state(session.states.session.as_ref().unwrap()).unwrap();
    assert_ne!(before, after, "the rule has moved");
    assert!(session.judged("b", "{}", 0));
    assert_ne!(session.call("c", "{}", 1).code, Code::Clock);
}

/// `limit 1 denied a(v: ?x)`: the next call of `a` with that value is judged.
fn limit_attempts(source: u16, measure: Measure) -> Rule {
    let nodes: Vec<Node> = vec![
        node(Test::Binds { binding: 0 }, Target::Class(gauge_class::JUDGED), Target::Class(0)),
        node(Test::Broken { binding: 0 }, Target::Class(gauge_class::REFUSED), Target::Class(0)),
        node(Test::Binds { binding: 0 }, Target::Class(gauge_class::COUNTS), Target::Node(1)),
    ];
    let sites = vec![site(LetterKind::Call, 0, Target::Node(0), Some(source)), site(LetterKind::Denied, 0, Target::Node(2), Some(source))];
    let slots = Some(Slots { capacity: 4, overflow: Overflow::Share });
    let alphabet = Alphabet { nodes, sites, classes: gauge_class::CLASSES };
    rule(alphabet, Body::Gauge(Gauge { measure, window_ms: Some(100) }), slots)
}

#[test]
fn attempts_are_counted_by_value() {
    let mut frame = frame(limit_attempts(V, Measure::Count { most: 1 }));
    frame.answers.push(Answer { name: "p.deny".into(), verdict: Verdict::Ask, condition: None, who: None, why: None });
    frame.personas[0].tools[0].members = vec![Member::Rule(AnswerId(1))];
    let policy = load(&frame);
    let mut session = Session::new(&policy);
    assert!(!session.judged("a", r#"{"v":"x"}"#, 0));
    assert_eq!(session.ask("a", r#"{"v":"x"}"#, 0, Approval::Refused).verdict, Verdict::Ask);
    assert!(!session.judged("a", r#"{"v":"y"}"#, 1));
    assert!(session.judged("a", r#"{"v":"x"}"#, 99));
    // The denial of that call was another attempt.
    assert!(session.judged("a", r#"{"v":"x"}"#, 198));
    assert!(!session.judged("a", r#"{"v":"x"}"#, 298));
    // Arguments that cannot be read might hold any value.
    session.call("a", "{", 298);
    assert!(session.judged("a", r#"{"v":"z"}"#, 299));
}

#[test]
fn an_attempt_may_come_before_the_one_before() {
    let mut frame = frame(limit_attempts(LIST, Measure::Count { most: 2 }));
    frame.answers.push(Answer { name: "p.deny".into(), verdict: Verdict::Ask, condition: None, who: None, why: None });
    frame.personas[0].tools[0].members = vec![Member::Rule(AnswerId(1))];
    let policy = load(&frame);
    let mut session = Session::new(&policy);
    for at in [1_000, 950] {
        let _ = session.ask("a", r#"{"list":["x"]}"#, at, Approval::Refused);
    }
    assert!(session.judged("a", r#"{"list":["x"]}"#, 1_099), "the second counts at the time of the first");
    assert!(!session.judged("a", r#"{"list":["x"]}"#, 1_300));
}

#[test]
fn attempts_reach_every_history_that_is_given() {
    let mut by_principal = after_attempt();
    by_principal.key = Key::Principal;
    by_principal.action = Action::Deny;
    let policy = load(&frame(by_principal));
    let mut session = Session::new(&policy);
    session.states.principal = Some(policy.new_state(Key::Principal, "u"));
    session.call("nobody", "{}", 0);
    assert!(session.judged("b", "{}", 1));
    let mut other = Session::new(&policy);
    other.states.principal = Some(policy.new_state(Key::Principal, "w"));
    assert!(!other.judged("b", "{}", 1));
}
