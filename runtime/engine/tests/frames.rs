//! Frames by hand: loading, refusing, deciding. A frame that lies in any one part must be refused; a changed byte must be noticed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use leverframe_runtime::frame::{
    self, Action, Alphabet, Answer, AnswerId, Automaton, Body, Branch, CompareOp, Exit, Field, Frame, Gauge, Key, Kind, LetterKind,
    Measure, Member, Node, Operation, Persona, Predicate, Program, ProgramId, RegisterKind, Rule, Scalar, Scope, Site, Target, Term, Test,
    Tool, ToolRules, Type, TypeId, Update, Verdict,
};
use leverframe_runtime::{
    Approval, Call, Code, LabelSet, LoadOptions, Outcome, PersonaId, Policy, RawJson, Scratch, States, ToolId, limits,
};

const OPTIONS: LoadOptions =
    LoadOptions { accept_unproven: true, require_certificate: false, keys: Vec::new(), now_ms: None, value_key: [0; 32] };

/// Two tools: `read(n: int)` allowed for n < 10, `send()` allowed; a rule denies `send` within 10 ms after `read` succeeded.
fn sample() -> Frame {
    let field = Field { name: "n".into(), ty: TypeId(0), required: true, nullable: false, default: None };
    let condition = Program {
        tests: vec![Branch {
            test: Predicate::Compare(CompareOp::Lt, Kind::Int, Term::Arg(vec![0]), Term::Scalar(Scalar::Int(10))),
            yes: Exit::Holds,
            no: Exit::Fails,
        }],
        entry: Exit::To(0),
    };
    let answer = |name: &str, verdict, condition| Answer { name: name.into(), verdict, condition, who: None, why: Some("because".into()) };
    Frame {
        language: 1,
        unproven: true,
        labels: vec!["pii".into()],
        types: vec![
            Type::Int { lo: i64::MIN, hi: i64::MAX },
            Type::Record { open: false, fields: vec![field] },
            Type::Record { open: false, fields: vec![] },
        ],
        context: TypeId(2),
        tools: vec![
            Tool { name: "read".into(), args: TypeId(1), returns: 1, guards: vec![], result: None, result_guards: vec![], values: vec![] },
            Tool { name: "send".into(), args: TypeId(2), returns: 0, guards: vec![], result: None, result_guards: vec![], values: vec![] },
        ],
        events: vec![],
        personas: vec![Persona {
            name: "p".into(),
            otherwise: None,
            tools: vec![
                ToolRules { tool: ToolId(0), members: vec![Member::Rule(AnswerId(0))] },
                ToolRules { tool: ToolId(1), members: vec![Member::Rule(AnswerId(1))] },
            ],
        }],
        everyone: vec![],
        answers: vec![answer("p.allow#1", Verdict::Allow, Some(ProgramId(0))), answer("p.allow#2", Verdict::Allow, None)],
        rules: vec![after_read()],
        detectors: vec![],
        scans: vec![],
        programs: vec![condition],
        regexes: vec![],
    }
}

fn after_read() -> Rule {
    let site = |kind, subject, root| Site { kind, subject, root, named: true, bindings: vec![], measure: None };
    Rule {
        name: "after_read".into(),
        digest: [0; 16],
        slots: None,
        key: Key::Session,
        scope: Scope::All,
        action: Action::Deny,
        why: Some("too soon".into()),
        alphabet: Alphabet {
            nodes: vec![Node { test: Test::Within { register: 0, ms: 10 }, yes: Target::Class(2), no: Target::Class(0) }],
            sites: vec![site(LetterKind::Call, 1, Target::Node(0)), site(LetterKind::Ok, 0, Target::Class(1))],
            classes: 3,
        },
        body: Body::Automaton(Automaton {
            states: 1,
            names: vec![0],
            delta: vec![0, 0, 0],
            deny: vec![false, false, true],
            updates: vec![0, 1, 0],
            update_sets: vec![vec![], vec![Update { register: 0, operation: Operation::Now }]],
            registers: vec![RegisterKind::Time],
            expiry: vec![],
            overflows: vec![],
        }),
    }
}

fn load(frame: &Frame) -> Policy {
    Policy::load(&frame::write(frame, None).unwrap(), &OPTIONS).unwrap()
}

fn refused(change: impl FnOnce(&mut Frame)) -> &'static str {
    let mut frame = sample();
    change(&mut frame);
    Policy::load(&frame::write(&frame, None).unwrap(), &OPTIONS).unwrap_err().code()
}

fn decide(policy: &Policy, states: &mut States, tool: &str, args: &str, at: i64) -> (Verdict, Code, bool) {
    let tool = policy.tool(tool).unwrap_or(ToolId::UNKNOWN);
    let call = Call {
        persona: policy.persona("p").unwrap(),
        tool,
        args: &RawJson(args.as_bytes()),
        context: &RawJson(b"{}"),
        at,
        approval: Approval::None,
        argument_labels: LabelSet(0),
    };
    let decision = policy.decide(states, &call, &mut Scratch::default());
    let found = (decision.verdict, decision.code, decision.admitted);
    policy.record(states, decision.ticket, &Outcome { ok: true, content: false, labels: LabelSet(0), at, structured: None }).unwrap();
    found
}

fn session(policy: &Policy) -> States {
    States { session: Some(policy.new_session("s")), ..States::default() }
}

#[test]
fn a_window_denies_inside_and_lets_through_outside() {
    let policy = load(&sample());
    let mut states = session(&policy);
    assert_eq!(decide(&policy, &mut states, "send", "{}", 0), (Verdict::Allow, Code::Rule, true));
    assert_eq!(decide(&policy, &mut states, "read", r#"{"n":1}"#, 100), (Verdict::Allow, Code::Rule, true));
    assert_eq!(decide(&policy, &mut states, "send", "{}", 110), (Verdict::Deny, Code::Rule, false));
    assert_eq!(decide(&policy, &mut states, "send", "{}", 111), (Verdict::Allow, Code::Rule, true));
}

#[test]
fn whatever_cannot_be_judged_is_denied() {
    let policy = load(&sample());
    let mut states = session(&policy);
    assert_eq!(decide(&policy, &mut states, "read", r#"{"n":10}"#, 0), (Verdict::Deny, Code::NoRule, false));
    for args in [
        r#"{"n":1.5}"#,
        r#"{"n":1,"n":1}"#,
        r#"{"n":1,"N":1}"#,
        r#"{"n":null}"#,
        "{}",
        "[]",
        "1",
        "",
        r#"{"n":1}x"#,
        r#"{"n":9223372036854775808}"#,
    ] {
        assert_eq!(decide(&policy, &mut states, "read", args, 0), (Verdict::Deny, Code::MalformedArguments, false), "{args}");
    }
    assert_eq!(decide(&policy, &mut states, "write", "{}", 0), (Verdict::Deny, Code::UnknownTool, false));
    assert_eq!(decide(&policy, &mut States::default(), "send", "{}", 0), (Verdict::Deny, Code::MissingKey, false));
}

/// `work(list: list<int>, text: string)`, allowed where `all x in list : (lower(text) != "q")`.
fn quantified() -> Frame {
    let field = |name: &str, ty| Field { name: name.into(), ty: TypeId(ty), required: true, nullable: false, default: None };
    let only = |test| Program { tests: vec![Branch { test, yes: Exit::Holds, no: Exit::Fails }], entry: Exit::To(0) };
    let lower = Term::Apply(frame::Function::Lower, Box::new(Term::Arg(vec![1])));
    let body = Predicate::Compare(CompareOp::Ne, Kind::Text, lower, Term::Scalar(Scalar::Text("q".into())));
    let mut frame = sample();
    frame.types = vec![
        Type::Int { lo: i64::MIN, hi: i64::MAX },
        Type::List(TypeId(0)),
        Type::String,
        Type::Record { open: false, fields: vec![field("list", 1), field("text", 2)] },
        Type::Record { open: false, fields: vec![] },
    ];
    frame.context = TypeId(4);
    frame.tools = vec![Tool {
        name: "work".into(),
        args: TypeId(3),
        returns: 0,
        guards: vec![],
        result: None,
        result_guards: vec![],
        values: vec![],
    }];
    frame.personas[0].tools.truncate(1);
    frame.answers[0].condition = Some(ProgramId(1));
    frame.answers.truncate(1);
    frame.rules.clear();
    frame.programs = vec![only(body), only(Predicate::Quantified { every: true, list: Term::Arg(vec![0]), body: ProgramId(0) })];
    frame
}

#[test]
fn a_quantifier_that_would_cost_a_product_of_lengths_is_denied() {
    let policy = load(&quantified());
    let mut states = session(&policy);
    let args = |elements: usize, bytes: usize| format!(r#"{{"list":[{}0],"text":"{}"}}"#, "0,".repeat(elements - 1), "A".repeat(bytes));
    assert_eq!(decide(&policy, &mut states, "work", &args(100, 10_000), 0), (Verdict::Allow, Code::Rule, true));
    assert_eq!(decide(&policy, &mut states, "work", &args(10_000, 10_000), 0), (Verdict::Deny, Code::ConditionFailed, false));
    assert_eq!(decide(&policy, &mut states, "work", &args(100, 10_000), 0), (Verdict::Allow, Code::Rule, true));
}

#[test]
fn the_first_of_all_times_is_one() {
    let policy = load(&sample());
    let mut states = session(&policy);
    assert_eq!(decide(&policy, &mut states, "read", r#"{"n":1}"#, i64::MIN), (Verdict::Allow, Code::Rule, true));
    assert_eq!(decide(&policy, &mut states, "send", "{}", i64::MIN), (Verdict::Deny, Code::Rule, false));
}

#[test]
fn an_unproven_frame_needs_an_option() {
    let bytes = frame::write(&sample(), None).unwrap();
    assert_eq!(Policy::load(&bytes, &LoadOptions::default()).unwrap_err().code(), "LF0608");
}

#[test]
fn every_changed_byte_and_every_truncation_is_noticed() {
    let bytes = frame::write(&sample(), None).unwrap();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(Policy::load(&changed, &OPTIONS).is_err(), "byte {at}, bit {bit}");
        }
        assert!(Policy::load(&bytes[..at], &OPTIONS).is_err(), "cut at {at}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(Policy::load(&longer, &OPTIONS).is_err());
}

#[test]
fn a_frame_that_lies_in_one_part_is_refused() {
    type Change = fn(&mut Frame);
    let lies: &[(&str, Change)] = &[
        ("language", |f| f.language = 2),
        ("type refers forward", |f| f.types[0] = Type::List(TypeId(1))),
        ("type out of range", |f| f.types[0] = Type::List(TypeId(9))),
        ("empty range", |f| f.types[0] = Type::Int { lo: 1, hi: 0 }),
        ("context is no record", |f| f.context = TypeId(0)),
        ("arguments are no record", |f| f.tools[0].args = TypeId(0)),
        ("tools unsorted", |f| f.tools.swap(0, 1)),
        ("unknown label", |f| f.tools[0].returns = 2),
        ("guard out of range", |f| f.tools[0].guards = vec![ProgramId(7)]),
        ("answer out of range", |f| f.personas[0].otherwise = Some(AnswerId(9))),
        ("member out of range", |f| f.personas[0].tools[0].members = vec![Member::On(vec![AnswerId(9)])]),
        ("tools of a persona unsorted", |f| f.personas[0].tools.swap(0, 1)),
        ("condition out of range", |f| f.answers[0].condition = Some(ProgramId(3))),
        ("jump out", |f| f.programs[0].entry = Exit::To(1)),
        ("jump backward", |f| f.programs[0].tests[0].yes = Exit::To(0)),
        ("body refers forward", |f| {
            f.programs[0].tests[0].test = Predicate::Quantified { every: true, list: Term::Arg(vec![0]), body: ProgramId(0) };
        }),
        ("network", |f| f.programs[0].tests[0].test = Predicate::InCidr(Term::At, frame::Cidr { text: "10.0.0.1/8".into() })),
        ("host", |f| f.programs[0].tests[0].test = Predicate::UnderHost(Term::At, "Acme.example".into())),
        ("path", |f| f.programs[0].tests[0].test = Predicate::UnderPath(Term::At, "/a/../b".into())),
        ("scope", |f| f.rules[0].scope = Scope::Personas(vec![PersonaId(5)])),
        ("delta", |f| automaton(f).delta[1] = 1),
        ("delta size", |f| automaton(f).delta.push(0)),
        ("deny size", |f| automaton(f).deny.truncate(1)),
        ("update absent", |f| automaton(f).updates[1] = 2),
        ("register absent", |f| automaton(f).update_sets[1][0].register = 1),
        ("no states", |f| automaton(f).states = 0),
        ("class out of range", |f| f.rules[0].alphabet.nodes[0].yes = Target::Class(3)),
        ("node refers forward", |f| f.rules[0].alphabet.nodes[0].yes = Target::Node(0)),
        ("wrong register", |f| f.rules[0].alphabet.nodes[0].test = Test::CallAfter { register: 0 }),
        ("guard of nobody", |f| f.rules[0].alphabet.nodes[0].test = Test::Guard { guard: 0, failed: true }),
        ("site unsorted", |f| f.rules[0].alphabet.sites.swap(0, 1)),
        ("site out of range", |f| f.rules[0].alphabet.sites[0].subject = 7),
        ("ring too large", |f| f.rules[0].body = Body::Gauge(Gauge { measure: Measure::Count { most: u32::MAX }, window_ms: Some(1) })),
        ("regular expression", |f| f.regexes = vec![vec![1, 2, 3]]),
        ("too many labels", |f| f.labels = (0..65).map(|n| n.to_string()).collect()),
    ];
    for (what, lie) in lies {
        assert_eq!(refused(lie), "LF0607", "{what}");
    }
}

fn automaton(frame: &mut Frame) -> &mut Automaton {
    match &mut frame.rules[0].body {
        Body::Automaton(automaton) => automaton,
        _ => panic!("the sample's rule is an automaton"),
    }
}

/// The sample with one more condition on this term.
fn with_term(term: Term) -> Frame {
    let mut frame = sample();
    let tests = vec![Branch { test: Predicate::Present(term), yes: Exit::Holds, no: Exit::Fails }];
    frame.programs.push(Program { tests, entry: Exit::To(0) });
    frame
}

#[test]
fn every_term_comes_back_as_it_was_written() {
    let sum = |a, b| Term::Arith(frame::ArithOp::Mul, Box::new(a), Box::new(b));
    let mut deep = Term::At;
    for _ in 1..limits::TERM_DEPTH {
        deep = Term::Apply(frame::Function::Weekday, Box::new(deep));
    }
    let number = Term::Scalar(Scalar::Number("1.5".into()));
    let terms = [Term::Arg(vec![0, 1]), Term::Element(3, vec![2]), Term::Context(vec![]), Term::Result(vec![65_535]), Term::At, number];
    let sums: Vec<Term> = terms.iter().cloned().map(|term| sum(term, Term::At)).collect();
    for term in terms.into_iter().chain(sums).chain([deep.clone(), sum(Term::At, sum(Term::At, Term::At))]) {
        let frame = with_term(term);
        assert_eq!(frame::read(&frame::write(&frame, None).unwrap()).unwrap().frame, frame);
        assert_eq!(serde_json::from_str::<Frame>(&serde_json::to_string(&frame).unwrap()).unwrap(), frame);
    }
    for deeper in [Term::Apply(frame::Function::Lower, Box::new(deep.clone())), sum(Term::At, deep)] {
        assert_eq!(frame::validate(&with_term(deeper.clone())).unwrap_err().what, "a term nests too deep");
        assert_eq!(frame::read(&frame::write(&with_term(deeper), None).unwrap()).unwrap_err().code(), "LF0606");
    }
}

#[test]
fn a_state_comes_back_under_its_own_frame_only() {
    let policy = load(&sample());
    let mut states = session(&policy);
    decide(&policy, &mut states, "read", r#"{"n":1}"#, 100);
    let bytes = policy.save_state(states.session.as_ref().unwrap()).unwrap();
    let mut states = States { session: Some(policy.load_state(&bytes).unwrap().state), ..States::default() };
    assert_eq!(decide(&policy, &mut states, "send", "{}", 105), (Verdict::Deny, Code::Rule, false));
    let mut other = sample();
    other.rules[0].name = "other".into();
    other.rules[0].digest = [1; 16];
    assert_eq!(load(&other).load_state(&bytes).unwrap().stale, ["other"]);
    for at in 0..bytes.len() {
        let _ = policy.load_state(&bytes[..at]).expect_err("a cut state");
    }
}

#[test]
fn a_ticket_needs_the_states_of_its_call() {
    let policy = load(&sample());
    let mut states = session(&policy);
    let call = Call {
        persona: policy.persona("p").unwrap(),
        tool: policy.tool("send").unwrap(),
        args: &RawJson(b"{}"),
        context: &RawJson(b"{}"),
        at: 0,
        approval: Approval::None,
        argument_labels: LabelSet(0),
    };
    let decision = policy.decide(&mut states, &call, &mut Scratch::default());
    let mut other = States { session: Some(policy.new_session("another")), ..States::default() };
    let outcome = Outcome { ok: true, content: false, labels: LabelSet(0), at: 0, structured: None };
    assert!(policy.record(&mut other, decision.ticket, &outcome).is_err());
}
