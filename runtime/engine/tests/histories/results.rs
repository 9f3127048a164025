//! Results: guards and values that read their content, with everything else as it was at the call.

use leverframe_runtime::frame::{
    Alphabet, Body, Branch, CompareOp, Exit, Frame, Gauge, Kind, LetterKind, Measure, Node, Overflow, Predicate, Program, ProgramId, Rule,
    Slots, Target, Term, Test, gauge_class,
};

use super::build::{LIST, REF, Session, V, automaton, frame, load, node, rule, site};

fn program(test: Predicate) -> Program {
    Program { tests: vec![Branch { test, yes: Exit::Holds, no: Exit::Fails }], entry: Exit::To(0) }
}

/// `forbid { a succeeds when (GUARD) then b }`, where a guard that cannot be evaluated counts as `failed`.
fn guarded(test: Predicate, failed: bool) -> Frame {
    let nodes = vec![node(Test::Guard { guard: 0, failed }, Target::Class(2), Target::Class(0))];
    let sites = vec![site(LetterKind::Call, 1, Target::Class(1), None), site(LetterKind::Ok, 0, Target::Node(0), None)];
    let table =
        automaton(&[&[(0, false, 0), (0, false, 0), (1, false, 0)], &[(1, false, 0), (1, true, 0), (1, false, 0)]], vec![vec![]], vec![]);
    let mut frame = frame(rule(Alphabet { nodes, sites, classes: 3 }, Body::Automaton(table), None));
    frame.programs.push(program(test));
    frame.tools[0].result_guards.push(ProgramId(0));
    frame
}

fn judged_after(frame: &Frame, args: &str, structured: Option<&str>) -> bool {
    let policy = load(frame);
    let mut session = Session::new(&policy);
    assert!(!session.call_with("a", args, 0, structured).judged);
    session.judged("b", "{}", 1)
}

#[test]
fn a_guard_reads_the_result_beside_the_call() {
    let same = Predicate::Compare(CompareOp::Eq, Kind::Text, Term::Result(vec![0]), Term::Arg(vec![2]));
    let frame = guarded(same, false);
    assert!(judged_after(&frame, r#"{"v":"x"}"#, Some(r#"{"ref":"x","more":[1]}"#)));
    assert!(!judged_after(&frame, r#"{"v":"y"}"#, Some(r#"{"ref":"x"}"#)));
    assert!(!judged_after(&frame, r#"{"v":"y"}"#, None));
}

#[test]
fn what_is_missing_is_absent_and_what_does_not_fit_is_broken() {
    let present = || Predicate::Present(Term::Result(vec![0]));
    for (content, there, broken) in [
        (Some(r#"{"ref":"x"}"#), true, false),
        (Some(r#"{"ref":null}"#), false, false),
        (Some("{}"), false, false),
        (None, false, false),
        (Some(r#"{"ref":7}"#), false, true),
        (Some(r#"{"ref":{"a":["b"]}}"#), false, true),
        (Some(r#"{"ref":"x","ref":"x"}"#), false, true),
        (Some(r#"{"ref":null,"ref":"x"}"#), false, true),
        (Some("[]"), false, true),
        (Some("7"), false, true),
        (Some(r#"{"ref":"x""#), false, true),
    ] {
        assert_eq!(judged_after(&guarded(present(), false), "{}", content), there, "{content:?}");
        assert_eq!(judged_after(&guarded(present(), true), "{}", content), there || broken, "{content:?}");
    }
}

#[test]
fn a_condition_may_ask_for_the_labels_of_arguments() {
    let mut frame = frame(rule(
        Alphabet { nodes: vec![], sites: vec![], classes: 1 },
        Body::Automaton(automaton(&[&[(0, false, 0)]], vec![vec![]], vec![])),
        None,
    ));
    frame.programs.push(program(Predicate::Carries(leverframe_runtime::LabelId(1))));
    frame.answers[0].condition = Some(ProgramId(0));
    let policy = load(&frame);
    for (labels, verdict) in
        [(0, leverframe_runtime::Verdict::Deny), (1, leverframe_runtime::Verdict::Deny), (2, leverframe_runtime::Verdict::Allow)]
    {
        let mut session = Session::new(&policy);
        let call = leverframe_runtime::Call {
            persona: leverframe_runtime::PersonaId(0),
            tool: leverframe_runtime::ToolId(0),
            args: &leverframe_runtime::RawJson(b"{}"),
            context: &leverframe_runtime::RawJson(b"{}"),
            at: 0,
            approval: leverframe_runtime::Approval::None,
            argument_labels: leverframe_runtime::LabelSet(labels),
        };
        assert_eq!(policy.decide(&mut session.states, &call, &mut session.scratch).verdict, verdict, "{labels}");
    }
}

/// `forbid { a succeeds with (ref: ?x) then b(v: ?x) }`; a broken value overflows.
fn bound() -> Rule {
    let nodes: Vec<Node> = vec![
        node(Test::Broken { binding: 0 }, Target::Class(2), Target::Class(0)),
        node(Test::Binds { binding: 0 }, Target::Class(1), Target::Node(0)),
        node(Test::Binds { binding: 0 }, Target::Class(3), Target::Class(0)),
    ];
    let sites = vec![site(LetterKind::Call, 1, Target::Node(2), Some(V)), site(LetterKind::Ok, 0, Target::Node(1), Some(REF))];
    let quiet = (0, false, 0);
    let mut table = automaton(
        &[&[quiet, (1, false, 0), quiet, quiet], &[(1, false, 0), (1, false, 0), (1, false, 0), (1, true, 0)]],
        vec![vec![]],
        vec![],
    );
    table.overflows = [false, false, true, false].repeat(2);
    let absorb = Alphabet { nodes: vec![], sites: vec![site(LetterKind::Call, 1, Target::Class(1), None)], classes: 2 };
    let slots = Slots { capacity: 4, overflow: Overflow::Absorb(absorb) };
    rule(Alphabet { nodes, sites, classes: 4 }, Body::Automaton(table), Some(slots))
}

#[test]
fn a_result_binds_values_and_a_broken_one_is_any() {
    let policy = load(&frame(bound()));
    let mut session = Session::new(&policy);
    session.call_with("a", "{}", 0, Some(r#"{"ref":"x"}"#));
    session.call_with("a", "{}", 0, Some("{}"));
    assert!(session.judged("b", r#"{"v":"x"}"#, 1));
    assert!(!session.judged("b", r#"{"v":"y"}"#, 1));
    session.call_with("a", "{}", 2, Some(r#"{"ref":false}"#));
    assert_eq!(session.call("b", r#"{"v":"y"}"#, 3).code, leverframe_runtime::Code::Capacity);
}

/// `limit 1 a succeeds (list[]: ?x)`: counted at results, judged at calls.
fn counted(source: u16) -> Rule {
    let nodes: Vec<Node> = vec![
        node(Test::Broken { binding: 0 }, Target::Class(gauge_class::REFUSED), Target::Class(0)),
        node(Test::Binds { binding: 0 }, Target::Class(gauge_class::COUNTS), Target::Node(0)),
        node(Test::Binds { binding: 0 }, Target::Class(gauge_class::JUDGED), Target::Class(0)),
    ];
    let sites = vec![site(LetterKind::Call, 0, Target::Node(2), Some(LIST)), site(LetterKind::Ok, 0, Target::Node(1), Some(source))];
    let slots = Some(Slots { capacity: 4, overflow: Overflow::Share });
    let body = Body::Gauge(Gauge { measure: Measure::Count { most: 1 }, window_ms: None });
    rule(Alphabet { nodes, sites, classes: gauge_class::CLASSES }, body, slots)
}

#[test]
fn a_result_counts_by_what_its_call_was() {
    let policy = load(&frame(counted(LIST)));
    let mut session = Session::new(&policy);
    assert!(!session.judged("a", r#"{"list":["x","y"]}"#, 0));
    assert!(session.judged("a", r#"{"list":["y"]}"#, 1));
    assert!(!session.judged("a", r#"{"list":["z"]}"#, 1));
}

#[test]
fn a_broken_value_counts_for_all() {
    let policy = load(&frame(counted(REF)));
    let mut session = Session::new(&policy);
    session.call_with("a", r#"{"list":["k"]}"#, 0, Some(r#"{"ref":"x"}"#));
    assert!(session.judged("a", r#"{"list":["x"]}"#, 1));
    session.call_with("a", r#"{"list":["k"]}"#, 1, Some(r#"{"ref":1}"#));
    assert!(session.judged("a", r#"{"list":["q"]}"#, 2));
}
