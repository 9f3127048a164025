//! Frames of one rule, and sessions over them.
//!
//! Three tools `a`, `b`, `c` with the same arguments (`list`: list of strings, `n`: int, `v`: string; all may be absent, `n` is then 0), of which `a`
//! declares a result `{ref: string}`, and a host event `e` with those arguments. Everybody may call everything.

use leverframe_runtime::frame::{
    self, Action, Alphabet, Answer, AnswerId, Automaton, Body, Event, Field, Frame, Gauge, Key, Kind, LetterKind, Measure, Member, Node,
    Overflow, Persona, RegisterKind, Rule, Scalar, Scope, Site, Slots, Target, Test, Tool, ToolRules, Type, TypeId, Update, ValueOrigin,
    ValueSource, ValueStep, Verdict, gauge_class,
};
use leverframe_runtime::{
    Approval, Arguments, Call, Code, Decision, LabelSet, LoadOptions, Outcome, PersonaId, Policy, RawJson, Scratch, States, ToolId,
};

pub(crate) const V: u16 = 0;
pub(crate) const LIST: u16 = 1;
pub(crate) const N: u16 = 2;
pub(crate) const WHOLE: u16 = 3;
pub(crate) const REF: u16 = 4;

const ARGS: TypeId = TypeId(3);

pub(crate) fn frame(rule: Rule) -> Frame {
    let field = |name: &str, ty, default| Field { name: name.into(), ty: TypeId(ty), required: false, nullable: false, default };
    let allow = Answer { name: "p.allow#1".into(), verdict: Verdict::Allow, condition: None, who: None, why: None };
    Frame {
        language: 1,
        unproven: true,
        labels: vec!["pii".into(), "web".into()],
        types: vec![
            Type::String,
            Type::Int { lo: 0, hi: i64::MAX },
            Type::List(TypeId(0)),
            Type::Record { open: true, fields: vec![field("list", 2, None), field("n", 1, Some(Scalar::Int(0))), field("v", 0, None)] },
            Type::Record { open: true, fields: vec![field("ref", 0, None)] },
            Type::Record { open: false, fields: vec![] },
        ],
        context: TypeId(5),
        tools: ["a", "b", "c"].map(tool).into(),
        events: vec![Event { name: "e".into(), args: ARGS, guards: vec![], values: arguments() }],
        personas: vec![Persona {
            name: "p".into(),
            otherwise: None,
            tools: (0..3).map(|tool| ToolRules { tool: ToolId(tool), members: vec![Member::Rule(AnswerId(0))] }).collect(),
        }],
        everyone: vec![],
        answers: vec![allow],
        rules: vec![rule],
        detectors: vec![],
        scans: vec![],
        programs: vec![],
        regexes: vec![],
    }
}

fn tool(name: &str) -> Tool {
    let mut values = arguments();
    values.push(ValueSource { origin: ValueOrigin::Whole, path: vec![], kind: Kind::Text });
    let result = (name == "a").then_some(TypeId(4));
    if result.is_some() {
        values.push(ValueSource { origin: ValueOrigin::Result, path: vec![ValueStep::Field(0)], kind: Kind::Text });
    }
    Tool { name: name.into(), args: ARGS, result, returns: 0, guards: vec![], result_guards: vec![], values }
}

fn arguments() -> Vec<ValueSource> {
    let source = |path, kind| ValueSource { origin: ValueOrigin::Arguments, path, kind };
    vec![
        source(vec![ValueStep::Field(2)], Kind::Text),
        source(vec![ValueStep::Field(0), ValueStep::Each], Kind::Text),
        source(vec![ValueStep::Field(1)], Kind::Int),
    ]
}

pub(crate) fn site(kind: LetterKind, subject: u32, root: Target, binding: Option<u16>) -> Site {
    Site { kind, subject, root, named: true, bindings: binding.map(|source| vec![source]).into_iter().collect(), measure: None }
}

pub(crate) fn node(test: Test, yes: Target, no: Target) -> Node {
    Node { test, yes, no }
}

pub(crate) fn rule(alphabet: Alphabet, body: Body, slots: Option<Slots>) -> Rule {
    Rule { name: "r".into(), digest: [7; 16], key: Key::Session, scope: Scope::All, action: Action::Deny, why: None, alphabet, body, slots }
}

/// An automaton from rows of `(to, deny, update set)`.
pub(crate) fn automaton(rows: &[&[(u16, bool, u16)]], update_sets: Vec<Vec<Update>>, registers: Vec<RegisterKind>) -> Automaton {
    let cells = || rows.iter().flat_map(|row| row.iter());
    Automaton {
        states: u16::try_from(rows.len()).unwrap(),
        names: (0..rows.len()).map(|row| 100 + i64::try_from(row).unwrap()).collect(),
        delta: cells().map(|cell| cell.0).collect(),
        deny: cells().map(|cell| cell.1).collect(),
        updates: cells().map(|cell| cell.2).collect(),
        update_sets,
        registers,
        expiry: vec![],
        overflows: vec![],
    }
}

/// Classes of a target: 0 nothing, `class` where the value at hand is bound, 3 where it lacks a value. Two nodes.
pub(crate) fn target(class: u16) -> Vec<Node> {
    vec![
        node(Test::Lacks { binding: 0 }, Target::Class(3), Target::Class(0)),
        node(Test::Binds { binding: 0 }, Target::Class(class), Target::Node(0)),
    ]
}

/// `forbid { a(v: ?x) then b(v: ?x) }`; `source` is what `a` binds.
pub(crate) fn forbid(capacity: u32, source: u16) -> Rule {
    let mut nodes = target(2);
    nodes.push(node(Test::Binds { binding: 0 }, Target::Class(1), Target::Class(0)));
    let sites = vec![site(LetterKind::Call, 0, Target::Node(2), Some(source)), site(LetterKind::Call, 1, Target::Node(1), Some(V))];
    let table = automaton(
        &[&[(0, false, 0), (1, false, 0), (0, false, 0), (0, true, 0)], &[(1, false, 0), (1, false, 0), (1, true, 0), (1, true, 0)]],
        vec![vec![]],
        vec![],
    );
    let absorb = Alphabet { nodes: vec![], sites: vec![site(LetterKind::Call, 1, Target::Class(1), None)], classes: 2 };
    let slots = Slots { capacity, overflow: Overflow::Absorb(absorb) };
    rule(Alphabet { nodes, sites, classes: 4 }, Body::Automaton(table), Some(slots))
}

/// A limit on calls of `a`, which counts `measure` of each and keeps accounts by `binding`.
pub(crate) fn limit(measure: Measure, window_ms: Option<u64>, binding: Option<(u16, u32)>, measured: Option<u16>) -> Rule {
    let both = Target::Class(gauge_class::COUNTS | gauge_class::JUDGED);
    let refused = Target::Class(gauge_class::COUNTS | gauge_class::JUDGED | gauge_class::REFUSED);
    let nodes = vec![
        node(Test::Lacks { binding: 0 }, Target::Class(gauge_class::REFUSED), Target::Class(0)),
        node(Test::Binds { binding: 0 }, both, Target::Node(0)),
        node(Test::Lacks { binding: 0 }, refused, both),
    ];
    let (root, bound) = match (binding, measure) {
        (Some((source, _)), _) => (Target::Node(1), Some(source)),
        (None, Measure::Distinct { .. }) => (Target::Node(2), measured),
        (None, _) => (both, None),
    };
    let mut site = site(LetterKind::Call, 0, root, bound);
    site.measure = measured;
    let slots = binding.map(|(_, capacity)| Slots { capacity, overflow: Overflow::Share });
    let alphabet = Alphabet { nodes, sites: vec![site], classes: gauge_class::CLASSES };
    rule(alphabet, Body::Gauge(Gauge { measure, window_ms }), slots)
}

pub(crate) fn load(frame: &Frame) -> Policy {
    keyed(frame, [0; 32]).unwrap()
}

pub(crate) fn keyed(frame: &Frame, value_key: [u8; 32]) -> Result<Policy, &'static str> {
    Policy::load(&frame::write(frame, None).unwrap(), &LoadOptions { accept_unproven: true, value_key, ..LoadOptions::default() })
        .map_err(|error| error.code())
}

/// A session of a policy.
pub(crate) struct Session<'p> {
    pub(crate) policy: &'p Policy,
    pub(crate) states: States,
    pub(crate) scratch: Scratch,
}

/// What became of a call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) verdict: Verdict,
    pub(crate) code: Code,
    pub(crate) judged: bool,
}

impl<'p> Session<'p> {
    pub(crate) fn new(policy: &'p Policy) -> Self {
        let states = States { session: Some(policy.new_session("s")), ..States::default() };
        Self { policy, states, scratch: Scratch::default() }
    }

    pub(crate) fn ask(&mut self, tool: &str, args: &str, at: i64, approval: Approval) -> Decision<'p> {
        let call = Call {
            persona: PersonaId(0),
            tool: self.policy.tool(tool).unwrap_or(ToolId::UNKNOWN),
            args: &RawJson(args.as_bytes()),
            context: &RawJson(b"{}"),
            at,
            approval,
            argument_labels: LabelSet(0),
        };
        self.policy.decide(&mut self.states, &call, &mut self.scratch)
    }

    /// A call that succeeds without content, if it is admitted.
    pub(crate) fn call(&mut self, tool: &str, args: &str, at: i64) -> Said {
        self.call_with(tool, args, at, None)
    }

    pub(crate) fn call_with(&mut self, tool: &str, args: &str, at: i64, structured: Option<&str>) -> Said {
        let decision = self.ask(tool, args, at, Approval::None);
        let judged = decision.code != Code::Rule || decision.rule == Some("r") || self.policy.observed(&self.scratch).next().is_some();
        let said = Said { verdict: decision.verdict, code: decision.code, judged };
        let content = structured.map(|text| RawJson(text.as_bytes()));
        let structured = content.as_ref().map(|content| content as &dyn Arguments);
        let outcome = Outcome { ok: true, content: structured.is_some(), labels: LabelSet(0), at, structured };
        self.policy.record(&mut self.states, decision.ticket, &outcome).unwrap();
        said
    }

    /// Saves the session's state and goes on from what was saved.
    pub(crate) fn reload(&mut self) {
        let bytes = self.policy.save_state(self.states.session.as_ref().unwrap()).unwrap();
        let loaded = self.policy.load_state(&bytes).unwrap();
        assert!(loaded.stale.is_empty());
        assert_eq!(self.states.session.as_ref(), Some(&loaded.state));
        self.states.session = Some(loaded.state);
    }

    pub(crate) fn judged(&mut self, tool: &str, args: &str, at: i64) -> bool {
        self.call(tool, args, at).judged
    }
}

/// A reproducible run of numbers.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

pub(crate) fn value(v: u64) -> String {
    format!(r#"{{"v":"{v}"}}"#)
}
