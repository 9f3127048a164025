//! A frame that lies in one part of its rules is refused.

use leverframe_runtime::frame::{
    Automaton, Body, Branch, Exit, Expiry, Frame, Gauge, Kind, Mark, Measure, Operation, Overflow, Predicate, Program, ProgramId,
    RegisterKind, Scan, Scope, Target, Term, Test, TypeId, Update, ValueOrigin, ValueSource, ValueStep,
};
use leverframe_runtime::{LabelId, PersonaId, ToolId};

use super::build::{LIST, N, V, forbid, frame, keyed, limit, site};

fn automaton(frame: &mut Frame) -> &mut Automaton {
    match &mut frame.rules[0].body {
        Body::Automaton(automaton) => automaton,
        Body::Gauge(_) => panic!("an automaton"),
    }
}

fn overflow(frame: &mut Frame) -> &mut Overflow {
    &mut frame.rules[0].slots.as_mut().unwrap().overflow
}

fn value(frame: &mut Frame, path: Vec<ValueStep>, origin: ValueOrigin, kind: Kind) {
    frame.tools[0].values.push(ValueSource { origin, path, kind });
}

type Lie = (&'static str, fn(&mut Frame));

fn refused(honest: &Frame, lies: &[Lie]) {
    assert!(keyed(honest, [0; 32]).is_ok());
    for (what, lie) in lies {
        let mut frame = honest.clone();
        lie(&mut frame);
        assert_eq!(keyed(&frame, [0; 32]).map(|_| ()), Err("LF0607"), "{what}");
    }
}

#[test]
fn of_values_and_results() {
    use ValueOrigin::{Arguments, Result, Whole};
    use ValueStep::{Each, Field};
    let lies: &[Lie] = &[
        ("a result that is no record", |f| f.tools[0].result = Some(TypeId(0))),
        ("a result that is closed", |f| f.tools[0].result = Some(TypeId(5))),
        ("a value of a result that is not declared", |f| {
            let source = ValueSource { origin: Result, path: vec![Field(0)], kind: Kind::Text };
            f.tools[1].values.push(source);
        }),
        ("a value out of range", |f| value(f, vec![Field(3)], Arguments, Kind::Text)),
        ("a value of another kind", |f| value(f, vec![Field(2)], Arguments, Kind::Int)),
        ("each of no list", |f| value(f, vec![Field(2), Each], Arguments, Kind::Text)),
        ("a list as a value", |f| value(f, vec![Field(0)], Arguments, Kind::Text)),
        ("two lists", |f| value(f, vec![Field(0), Each, Each], Arguments, Kind::Text)),
        ("a whole call with a path", |f| value(f, vec![Field(2)], Whole, Kind::Text)),
        ("a whole event", |f| f.events[0].values.push(ValueSource { origin: Whole, path: vec![], kind: Kind::Text })),
        ("a result guard out of range", |f| f.tools[0].result_guards.push(ProgramId(4))),
        ("an unknown label", |f| condition(f, Predicate::Carries(LabelId(2)))),
        ("a condition of a call that reads its result", |f| {
            condition(f, Predicate::Present(Term::Result(vec![0])));
            f.tools[0].guards.push(ProgramId(0));
        }),
        ("a permission that reads a result", |f| {
            condition(f, Predicate::Present(Term::Result(vec![0])));
            f.answers[0].condition = Some(ProgramId(0));
        }),
    ];
    refused(&frame(forbid(4, V)), lies);
}

fn condition(frame: &mut Frame, test: Predicate) {
    frame.programs.push(Program { tests: vec![Branch { test, yes: Exit::Holds, no: Exit::Fails }], entry: Exit::To(0) });
}

#[test]
fn of_variables() {
    let lies: &[Lie] = &[
        ("no capacity", |f| f.rules[0].slots.as_mut().unwrap().capacity = 0),
        ("too much capacity", |f| f.rules[0].slots.as_mut().unwrap().capacity = 4_097),
        ("an overflow of limits", |f| *overflow(f) = Overflow::Share),
        ("marks of another size", |f| *overflow(f) = Overflow::Evict { resets: false, marks: vec![Mark::None] }),
        ("an overflow with more classes", |f| absorb(f).classes = 3),
        ("an overflow that asks for values", |f| {
            absorb(f).nodes.push(super::build::node(Test::Binds { binding: 0 }, Target::Class(0), Target::Class(1)));
        }),
        ("an overflow of other letters", |f| absorb(f).sites[0].subject = 2),
        ("a binding out of range", |f| f.rules[0].alphabet.sites[0].bindings[0] = vec![9]),
        ("an empty binding", |f| f.rules[0].alphabet.sites[0].bindings[0] = vec![]),
        ("a binding of two lists", |f| f.rules[0].alphabet.sites[0].bindings[0] = vec![LIST, LIST]),
        ("values of two types", |f| f.rules[0].alphabet.sites[0].bindings[0] = vec![N]),
        ("tuples of two lengths", |f| f.rules[0].alphabet.sites[0].bindings[0] = vec![V, V]),
        ("too many bindings", |f| f.rules[0].alphabet.sites[0].bindings = vec![vec![V]; 65]),
        ("a binding that is not there", |f| f.rules[0].alphabet.sites[1].bindings.clear()),
        ("a measure that nothing counts", |f| f.rules[0].alphabet.sites[0].measure = Some(N)),
        ("overflows of another size", |f| automaton(f).overflows = vec![true]),
        ("an overflow without variables", |f| {
            let size = automaton(f).delta.len();
            automaton(f).overflows = vec![true; size];
            f.rules[0].slots = None;
        }),
        ("closing windows of another size", |f| automaton(f).expiry = vec![vec![]]),
        ("a window of no register", |f| closing(f, 0, vec![0])),
        ("a window that keeps its time", |f| {
            automaton(f).registers.push(RegisterKind::Time);
            closing(f, 0, vec![]);
        }),
        ("a window that leads nowhere", |f| {
            automaton(f).registers.push(RegisterKind::Time);
            closing(f, 7, vec![0]);
        }),
        ("a beginning that is no time", |f| {
            automaton(f).registers = vec![RegisterKind::Time, RegisterKind::Position];
            let operation = Operation::Latest { keep: true, of: vec![vec![0, 1]] };
            automaton(f).update_sets.push(vec![Update { register: 0, operation }]);
        }),
        ("an attempt on nobody", |f| {
            let attempt = site(leverframe_runtime::frame::LetterKind::Denied, 9, Target::Class(0), None);
            f.rules[0].alphabet.sites.push(attempt);
        }),
    ];
    refused(&frame(forbid(4, V)), lies);
}

fn absorb(frame: &mut Frame) -> &mut leverframe_runtime::frame::Alphabet {
    match overflow(frame) {
        Overflow::Absorb(alphabet) => alphabet,
        _ => panic!("an absorbing overflow"),
    }
}

fn closing(frame: &mut Frame, to: u16, clears: Vec<u8>) {
    automaton(frame).expiry = vec![vec![], vec![Expiry { register: 0, ms: 1, to, clears }]];
}

fn gauge(frame: &mut Frame) -> &mut Gauge {
    match &mut frame.rules[0].body {
        Body::Gauge(gauge) => gauge,
        Body::Automaton(_) => panic!("a limit"),
    }
}

#[test]
fn of_limits() {
    let lies: &[Lie] = &[
        ("other classes", |f| f.rules[0].alphabet.classes = 9),
        ("an empty window", |f| gauge(f).window_ms = Some(0)),
        ("less than nothing", |f| gauge(f).measure = Measure::Sum { most: -1 }),
        ("too many values", |f| gauge(f).measure = Measure::Distinct { most: 4_097 }),
        ("too many letters", |f| gauge(f).measure = Measure::Count { most: 4_097 }),
        ("nothing measured", |f| f.rules[0].alphabet.sites[0].measure = None),
        ("a measure out of range", |f| f.rules[0].alphabet.sites[0].measure = Some(9)),
        ("an amount that is text", |f| f.rules[0].alphabet.sites[0].measure = Some(V)),
        ("an overflow of automata", |f| {
            f.rules[0].slots.as_mut().unwrap().overflow = Overflow::Evict { resets: false, marks: vec![] };
        }),
    ];
    refused(&frame(limit(Measure::Sum { most: 5 }, Some(10), Some((V, 4)), Some(N))), lies);
}

#[test]
fn of_scans() {
    let mut honest = frame(forbid(4, V));
    honest.scans.push(Scan {
        name: "scan#1".into(),
        scope: Scope::All,
        results: true,
        tools: vec![ToolId(0), ToolId(1)],
        detectors: vec![],
        deny: false,
        redact: false,
        labels: 1,
    });
    let lies: &[Lie] = &[
        ("tools unsorted", |f| f.scans[0].tools.swap(0, 1)),
        ("a tool out of range", |f| f.scans[0].tools.push(ToolId(3))),
        ("a detector out of range", |f| f.scans[0].detectors.push(0)),
        ("an unknown label", |f| f.scans[0].labels = 4),
        ("a persona out of range", |f| f.scans[0].scope = Scope::Personas(vec![PersonaId(3)])),
    ];
    refused(&honest, lies);
}
