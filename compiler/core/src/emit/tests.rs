//! Whole frames in the runtime: conditions, permissions and scopes mean there what they mean in the core.

use leverframe_runtime::frame::{self, Frame, PersonaId};
use leverframe_runtime::{Approval, Call, Code, LoadOptions, Policy, RawJson, Scratch, States, Verdict as Given};

use crate::automata::compile;
use crate::core::cond::{ArithOp, CompareOp, Function, TextOp};
use crate::core::*;

fn field(name: &str, ty: Type, required: bool) -> Field {
    Field { name: name.into(), ty, required, nullable: false, default: None }
}

fn record(fields: Vec<Field>) -> Record {
    Record { open: false, fields }
}

fn fields() -> Record {
    let item = Type::Record(record(vec![field("price", Type::Number, true), field("tags", Type::List(Box::new(Type::String)), true)]));
    record(vec![
        field("items", Type::List(Box::new(item)), false),
        field("n", Type::Int { lo: i64::MIN, hi: i64::MAX }, false),
        field("s", Type::String, false),
        field("to", Type::Email, false),
    ])
}

/// One tool `t`, one persona `p` that may call it where the condition holds and is denied otherwise.
fn core(cond: Cond) -> Core {
    let answer = |verdict, name: &str, cond| Answer { verdict, name: name.into(), cond, who: None, why: None };
    let tool =
        Tool { name: "t".into(), args: fields(), result: None, returns: vec![], sends: Cond::Const(false), destroys: Cond::Const(false) };
    let allow = Member::Rule(answer(Verdict::Allow, "p.allow#1", cond.clone()));
    let deny = Member::Rule(answer(Verdict::Deny, "p.deny#1", Cond::Not(Box::new(cond))));
    let members = vec![allow, deny];
    let region = |name: &str| ContextField { name: name.into(), ty: Type::String };
    Core {
        labels: vec![],
        context: vec![region("zone"), region("region")],
        events: vec![],
        tools: vec![tool],
        everyone: vec![],
        personas: vec![Persona { name: "p".into(), otherwise: None, tools: vec![ToolRules { tool: ToolId(0), members }] }],
        rules: vec![],
        detectors: vec![],
        scans: vec![],
    }
}

fn load(frame: &Frame) -> Policy {
    Policy::load(&frame::write(frame, None).unwrap(), &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).unwrap()
}

/// The verdict on a call of tool 0; none where the condition cannot be evaluated.
fn decide(policy: &Policy, args: &str, context: &str) -> Option<bool> {
    let mut states = States { session: Some(policy.new_session("s")), ..States::default() };
    let call = Call {
        persona: PersonaId(0),
        tool: frame::ToolId(0),
        args: &RawJson(args.as_bytes()),
        context: &RawJson(context.as_bytes()),
        at: 13 * 3_600_000,
        approval: Approval::None,
        argument_labels: leverframe_runtime::LabelSet::default(),
    };
    let decision = policy.decide(&mut states, &call, &mut Scratch::default());
    match decision.code {
        Code::Rule => Some(decision.verdict == Given::Allow),
        Code::ConditionFailed | Code::MissingContext => None,
        other => panic!("{other:?} on {args}"),
    }
}

fn arg(name: &str) -> Term {
    Term::Arg(vec![name.into()])
}

fn text(value: &str) -> Term {
    Term::Literal(Scalar::String(value.into()))
}

fn int(value: i64) -> Term {
    Term::Literal(Scalar::Int(value))
}

fn n(op: CompareOp, value: i64) -> Cond {
    Cond::Compare(op, TypeTag::Int, arg("n"), int(value))
}

fn check(cond: Cond, cases: &[(&str, Option<bool>)]) {
    let frame = compile(&core(cond.clone())).unwrap();
    frame::validate(&frame).unwrap();
    let policy = load(&frame);
    for (args, expected) in cases {
        assert_eq!(decide(&policy, args, r#"{"region":"eu"}"#), *expected, "{cond:?} on {args}");
    }
}

#[test]
fn and_or_not_are_left_to_right() {
    let present = Cond::Present(arg("n"));
    let guarded = Cond::And(vec![present.clone(), n(CompareOp::Gt, 3)]);
    check(guarded.clone(), &[("{}", Some(false)), (r#"{"n":3}"#, Some(false)), (r#"{"n":4}"#, Some(true))]);
    check(n(CompareOp::Gt, 3), &[("{}", None), (r#"{"n":4}"#, Some(true))]);
    let either =
        Cond::Or(vec![Cond::Not(Box::new(present)), n(CompareOp::Le, 1), Cond::And(vec![n(CompareOp::Ge, 5), n(CompareOp::Ne, 7)])]);
    let cases = [("{}", true), (r#"{"n":1}"#, true), (r#"{"n":2}"#, false), (r#"{"n":5}"#, true), (r#"{"n":7}"#, false)];
    check(either.clone(), &cases.map(|(args, holds)| (args, Some(holds))));
    check(Cond::Not(Box::new(either)), &cases.map(|(args, holds)| (args, Some(!holds))));
    check(Cond::And(vec![]), &[("{}", Some(true))]);
    check(Cond::Or(vec![]), &[("{}", Some(false))]);
    check(Cond::And(vec![Cond::Const(false), n(CompareOp::Eq, 1)]), &[("{}", Some(false))]);
}

/// Every shape of three tests with `and`, `or` and `not`, on every valuation, against plain evaluation.
#[test]
fn random_shapes_agree_with_plain_evaluation() {
    fn shape(seed: &mut u64, depth: u32) -> Cond {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let dice = *seed >> 40;
        match dice % 6 {
            _ if depth == 0 => Cond::Compare(CompareOp::Eq, TypeTag::Int, arg("n"), int((dice / 6 % 4) as i64)),
            0 | 1 => Cond::And((0..1 + dice / 6 % 3).map(|_| shape(seed, depth - 1)).collect()),
            2 | 3 => Cond::Or((0..1 + dice / 6 % 3).map(|_| shape(seed, depth - 1)).collect()),
            4 => Cond::Not(Box::new(shape(seed, depth - 1))),
            _ => shape(seed, 0),
        }
    }
    fn plain(cond: &Cond, value: i64) -> bool {
        match cond {
            Cond::And(parts) => parts.iter().all(|part| plain(part, value)),
            Cond::Or(parts) => parts.iter().any(|part| plain(part, value)),
            Cond::Not(part) => !plain(part, value),
            Cond::Compare(_, _, _, Term::Literal(Scalar::Int(literal))) => value == *literal,
            other => panic!("{other:?}"),
        }
    }
    let (mut seed, mut held) = (7, 0);
    for _ in 0..300 {
        let cond = shape(&mut seed, 4);
        let policy = load(&compile(&core(cond.clone())).unwrap());
        for value in 0..5 {
            let expected = plain(&cond, value);
            held += usize::from(expected);
            assert_eq!(decide(&policy, &format!("{{\"n\":{value}}}"), "{}"), Some(expected), "{cond:?} at {value}");
        }
    }
    assert!((200..1_300).contains(&held), "{held}");
}

#[test]
fn strings_and_domains() {
    let op = |op, literal: &str| Cond::Text(op, arg("s"), literal.into());
    check(op(TextOp::Contains, "b"), &[(r#"{"s":"abc"}"#, Some(true)), (r#"{"s":"ac"}"#, Some(false)), ("{}", None)]);
    check(op(TextOp::StartsWith, "a"), &[(r#"{"s":"abc"}"#, Some(true)), (r#"{"s":"ba"}"#, Some(false))]);
    check(op(TextOp::EndsWith, "c"), &[(r#"{"s":"abc"}"#, Some(true)), (r#"{"s":"cb"}"#, Some(false))]);
    check(op(TextOp::Like, "a*c"), &[(r#"{"s":"abbc"}"#, Some(true)), (r#"{"s":"abb"}"#, Some(false))]);
    let domain =
        Cond::Compare(CompareOp::Eq, TypeTag::String, Term::Apply(Function::EmailDomain, Box::new(arg("to"))), text("acme.example"));
    check(domain, &[(r#"{"to":"a@ACME.example"}"#, Some(true)), (r#"{"to":"a@evil.example"}"#, Some(false)), ("{}", None)]);
    let lower = Cond::In(
        TypeTag::String,
        Term::Apply(Function::Lower, Box::new(arg("s"))),
        vec![Scalar::String("x".into()), Scalar::String("y".into())],
    );
    check(lower, &[(r#"{"s":"Y"}"#, Some(true)), (r#"{"s":"z"}"#, Some(false))]);
    let hour = Cond::Compare(CompareOp::Eq, TypeTag::Int, Term::Apply(Function::Hour, Box::new(Term::At)), int(13));
    check(hour, &[("{}", Some(true))]);
    let sum = Term::Arith(ArithOp::Add, Box::new(arg("n")), Box::new(int(1)));
    let over = Cond::Compare(CompareOp::Gt, TypeTag::Int, sum, int(0));
    check(over, &[(r#"{"n":0}"#, Some(true)), (r#"{"n":9223372036854775807}"#, None)]);
}

#[test]
fn regular_expressions_match_the_whole_string() {
    let matches = |regex: &str| Cond::Text(TextOp::Matches, arg("s"), regex.into());
    check(
        matches("a|ab"),
        &[(r#"{"s":"ab"}"#, Some(true)), (r#"{"s":"a"}"#, Some(true)), (r#"{"s":"abc"}"#, Some(false)), (r#"{"s":"xab"}"#, Some(false))],
    );
    check(
        matches("a.c"),
        &[
            (r#"{"s":"a\nc"}"#, Some(true)),
            (r#"{"s":"aüc"}"#, Some(true)),
            (r#"{"s":"a\uD83D\uDE00c"}"#, Some(true)),
            (r#"{"s":"ac"}"#, Some(false)),
        ],
    );
    check(matches(""), &[(r#"{"s":""}"#, Some(true)), (r#"{"s":"a"}"#, Some(false))]);
    check(
        matches("(ls|cat)( [a-z./-]+)*"),
        &[(r#"{"s":"ls -l ./a"}"#, Some(true)), (r#"{"s":"ls; rm -rf /"}"#, Some(false)), (r#"{"s":"ls\n"}"#, Some(false))],
    );
    check(matches("a+?"), &[(r#"{"s":"aaa"}"#, Some(true))]);
}

#[test]
fn too_large_a_regular_expression_is_refused() {
    let cond = Cond::Text(TextOp::Matches, arg("s"), ".*a.{18}b.*".into());
    let problems = compile(&core(cond)).unwrap_err();
    assert!(problems.iter().all(|problem| problem.code == "LF0747"), "{problems:?}");
    assert_eq!(problems[0].subject.to_string(), "`p.allow#1`");
}

#[test]
fn quantifiers_read_elements_and_what_is_around() {
    let price = Term::Var("x".into(), vec!["price".into()]);
    let cheap = Cond::Compare(CompareOp::Le, TypeTag::Number, price, Term::Literal(Scalar::Number("1.5".into())));
    let tags = Term::Var("x".into(), vec!["tags".into()]);
    let same = Cond::Compare(CompareOp::Eq, TypeTag::String, Term::Var("y".into(), vec![]), arg("s"));
    let tagged = Cond::Some("y".into(), tags, Box::new(Cond::And(vec![cheap, same])));
    let all = Cond::All("x".into(), arg("items"), Box::new(tagged));
    check(
        all,
        &[
            (r#"{"s":"a","items":[{"price":1.50,"tags":["b","a"]},{"price":0,"tags":["a"]}]}"#, Some(true)),
            (r#"{"s":"a","items":[{"price":1.51,"tags":["a"]}]}"#, Some(false)),
            (r#"{"s":"a","items":[{"price":1,"tags":["b"]}]}"#, Some(false)),
            (r#"{"s":"a","items":[]}"#, Some(true)),
            ("{}", None),
        ],
    );
    let size = Cond::Compare(CompareOp::Ge, TypeTag::Int, Term::Apply(Function::Size, Box::new(arg("items"))), int(1));
    check(size, &[(r#"{"items":[]}"#, Some(false)), (r#"{"items":[{"price":1,"tags":[]}]}"#, Some(true))]);
}

/// The context is declared `zone`, `region`: positions are by name.
#[test]
fn context_fields_are_found_by_name() {
    let cond = Cond::Compare(CompareOp::Eq, TypeTag::String, Term::Context(vec!["region".into()]), text("eu"));
    let policy = load(&compile(&core(cond)).unwrap());
    assert_eq!(decide(&policy, "{}", r#"{"region":"eu","zone":"x"}"#), Some(true));
    assert_eq!(decide(&policy, "{}", r#"{"region":"us","zone":"eu"}"#), Some(false));
    assert_eq!(decide(&policy, "{}", r#"{"zone":"eu"}"#), None);
}

#[test]
fn bounds_are_told_with_their_codes_and_subjects() {
    let mut deep = Type::String;
    for _ in 0..40 {
        deep = Type::List(Box::new(deep));
    }
    let mut policy = core(Cond::Const(true));
    policy.tools[0].args.fields.push(field("z", deep, false));
    let codes =
        |core: &Core| compile(core).unwrap_err().into_iter().map(|problem| (problem.code, problem.subject.to_string())).collect::<Vec<_>>();
    assert_eq!(codes(&policy), [("LF0718", "tool `t`".to_owned())]);

    let nested = (0..20).fold(arg("s"), |inner, _| Term::Apply(Function::Lower, Box::new(inner)));
    let problems = codes(&core(Cond::Compare(CompareOp::Eq, TypeTag::String, nested, text("x"))));
    assert_eq!(problems[0], ("LF0717", "`p.allow#1`".to_owned()));

    let long = Cond::Or((0..5_000).map(|value| n(CompareOp::Eq, value)).collect());
    assert_eq!(codes(&core(long))[0].0, "LF0741");

    let mut labels = core(Cond::Const(true));
    labels.labels = (0..65).map(|index| Label { name: format!("l{index}"), kind: LabelKind::Sensitive }).collect();
    assert_eq!(codes(&labels), [("LF0711", "the policy".to_owned())]);

    assert_eq!(codes(&core(Cond::Present(arg("nowhere"))))[0].0, "LF0748");
}

fn limit(key: Key, count: u32, value: i64) -> Rule {
    let case = formula::Case { names: vec![ToolId(0)], guard: n(CompareOp::Eq, value) };
    let cases = PatternCases::Tools(vec![case]);
    let part = PatternPart { kind: LetterKind::Call, approved: false, by: None, label: None, unknown: false, bindings: vec![], cases };
    let event = Pattern { parts: vec![part] };
    let body = Body::Limit(Limit { measure: Measure::Count(count), window_ms: Some(1_000), event, judged: None });
    let name = format!("limit#{value}");
    Rule { kind: RuleKind::Limit, name, key, scope: Scope::All, action: Action::Deny, why: None, body, capacity: None }
}

#[test]
fn guards_and_bytes_of_state_are_bounded() {
    let mut many = core(Cond::Const(true));
    many.rules = (0..65).map(|value| limit(Key::Session, 1, value)).collect();
    let problems = compile(&many).unwrap_err();
    assert_eq!((problems[0].code, problems[0].given, problems.len()), ("LF0712", 65, 1));
    let mut heavy = core(Cond::Const(true));
    heavy.rules = (0..40).map(|_| limit(Key::Principal, 4_000, 1)).collect();
    let problems = compile(&heavy).unwrap_err();
    assert_eq!((problems[0].code, problems[0].what, problems.len()), ("LF0740", "bytes of a principal's state", 1));
    // Equal guards are judged once.
    heavy.rules.truncate(3);
    assert_eq!(compile(&heavy).unwrap().tools[0].guards.len(), 1);
}
