//! Conditions by hand: every type and operator, and boundaries that are easily missed.

use leverframe_compiler::core::cond::CompareOp;
use leverframe_compiler::core::{EventId, LabelId, Literal, Term, TypeTag};

use super::*;

fn possible(cond: &str) {
    let world = World::new(cond).unwrap_or_else(|| panic!("refused: {cond}"));
    match world.holds() {
        Answer::Possible(example) => world.confirm(cond, &example),
        other => panic!("{cond}: {other:?}"),
    }
    if let Answer::Possible(example) = world.does_not_hold() {
        world.confirm_not(cond, &example);
    }
}

fn impossible(cond: &str) {
    let world = World::new(cond).unwrap_or_else(|| panic!("refused: {cond}"));
    let answer = world.holds();
    assert!(matches!(answer, Answer::Impossible(_)), "{cond}: {answer:?}");
    match world.does_not_hold() {
        Answer::Possible(example) => world.confirm_not(cond, &example),
        other => panic!("not {cond}: {other:?}"),
    }
}

#[test]
fn numbers_and_times() {
    for cond in [
        "n * 3 <= 301 and n + 5 > 13",
        "m == 9223372036854775807",
        "r > 1 and r < 2",
        "r > 0.1 and r < 0.11 and q < r and q > 0.1",
        "n == r and r > 3.5",
        "r != n",
        "hour(at) >= 23 and weekday(at) == 7",
        "hour(at) < 8",
        "w > ts\"2026-11-22T10:00:00Z\" and weekday(w) == 1 and hour(w) == 5",
        "w < ts\"1969-01-01T00:00:00Z\" and hour(w) == 23 and weekday(w) == 3",
        "d > 10m and d < 11m",
        "k * 7 == -49",
        "m + 1 > m",
    ] {
        possible(cond);
    }
    for cond in [
        "n * 3 == 26",
        "n > 9",
        "r <= 1 and r >= 2",
        "n <= 1 and r >= 2 and r == n",
        "hour(at) > 23",
        "weekday(w) == 0",
        "m + 1 < m",
        "n > k and k > n",
        "k * 2 == 7",
    ] {
        impossible(cond);
    }
}

#[test]
fn texts() {
    for cond in [
        "s like \"report-*.pdf\" and s matches r\"report-[0-9]{4}\\.(pdf|csv)\"",
        "s starts_with \"aba\" and s ends_with \"bab\" and s matches r\"[a-z]{4}\"",
        "s contains \"\u{e9}\" and s != \"\u{e9}\"",
        "s != z and s matches r\"[ab]\" and z matches r\"[ab]\"",
        "s == z and s starts_with \"a\" and z ends_with \"b\"",
        "lower(s) == \"acme\" and s != \"acme\"",
        "lower(s) == \"acme\" and s starts_with \"AC\"",
        "lower(s) == \"k\" and not (s in [\"k\", \"K\"])",
        "lower(s) contains \"drop\" and not (s contains \"drop\") and not (s contains \"DROP\")",
        "lower(s) == z and z contains \"x\"",
        "e != \"dev\" and e != \"prod\"",
        "s in [\"a\", \"b\"] and not (s == \"a\")",
        "e == context.region or s == context.home",
        "context.home != \"\" and context.home == s",
        "s == \"\"",
    ] {
        possible(cond);
    }
    for cond in [
        "s starts_with \"aba\" and s ends_with \"bab\" and s matches r\"[a-z]{5}\"",
        "s == z and s matches r\"[ab]\" and z matches r\"[cd]\"",
        "s != z and s matches r\"a\" and z matches r\"a\"",
        "lower(s) == \"Acme\"",
        "lower(s) contains \"drop\" and s == \"select\"",
        "s == z and lower(s) == \"a\" and lower(z) != \"a\"",
        "e != \"dev\" and e != \"prod\" and e != \"dr\"",
        "s contains \"ab\" and not (s contains \"a\")",
        "s == z and z == context.home and s != context.home",
    ] {
        impossible(cond);
    }
}

#[test]
fn mail_addresses() {
    for cond in [
        "email(to).domain == \"acme.example\" and email(to).local starts_with \"x\"",
        "email(to).domain ends_with \".example\" and email(to).domain != \"acme.example\"",
        "to ends_with \"@acme.example\" and email(to).local == \"bob\"",
        "email(to).domain under \"acme.example\" and email(to).domain != \"acme.example\"",
        "email(s).domain == \"acme.example\"",
        "email(s).domain == \"acme.example\" and not (s ends_with \"@acme.example\")",
        "email(s).domain == email(to).domain",
        "email(to).domain == email(context.me).domain and to != context.me",
        "to == cc and email(to).domain == \"a.example\"",
        "to in [\"a@b.example\", \"c@d.example\"] and email(to).domain == \"d.example\"",
        "not (email(s).domain under \"acme.example\")",
    ] {
        possible(cond);
    }
    for cond in [
        "email(to).domain == \"acme.example\" and not (email(to).domain ends_with \".example\")",
        "to ends_with \"@acme.example\" and email(to).domain != \"acme.example\"",
        "to ends_with \"@ACME.example\"",
        "email(to).local contains \"@\"",
        "email(to).domain ends_with \".1\"",
        "to == cc and email(to).domain != email(cc).domain",
        "email(s).domain == \"a.example\" and s ends_with \"@b.example\"",
        "to == \"a@b.example\" and email(to).domain != \"b.example\"",
    ] {
        impossible(cond);
    }
}

#[test]
fn urls_paths_and_addresses() {
    for cond in [
        "url(u).host under \"acme.example\" and url(u).scheme != \"https\"",
        "url(u).host under \"acme.example.evil.example\"",
        "url(u).port == 8443 and url(u).path starts_with \"/admin\"",
        "url(u).host == \"10.0.0.1\"",
        "u starts_with \"https://acme.example:443/\" and url(u).path != \"/\"",
        "url(s).host == \"acme.example\" and s starts_with \"https:\"",
        "url(s).host == \"acme.example\" and url(s).port != 443 and url(s).scheme == \"https\"",
        "not (url(s).host under \"acme.example\")",
        "path(p) under \"/srv/data\" and p != \"/srv/data\"",
        "path(s) under \"/srv\" and path(s) != \"/srv\"",
        "path(s) == \"/a\" and s != \"/a\"",
        "p contains \"..\"",
        "a in \"10.0.0.0/9\" and a != \"10.0.0.0\"",
        "a in \"2001:db8::/32\"",
        "not (a in \"0.0.0.0/0\")",
        "not (a in \"0.0.0.0/1\") and not (a in \"128.0.0.0/2\") and not (a in \"::/0\")",
        "ip(s) in \"10.0.0.0/8\"",
        "ip(s) in \"10.0.0.0/8\" and s starts_with \"10.2\"",
        "lower(url(u).host) == \"acme.example\"",
    ] {
        possible(cond);
    }
    for cond in [
        "path(p) under \"/srv/data\" and path(p) under \"/srv/database\"",
        "url(u).host under \"acme.example\" and url(u).host == \"notacme.example\"",
        "url(u).scheme == \"file\"",
        "url(u).path contains \"/../\"",
        "url(u).host contains \"A\"",
        "url(u).port > 65535",
        "a in \"10.0.0.0/9\" and a in \"10.128.0.0/9\"",
        "p ends_with \"/\" and p != \"/\"",
        "p contains \"/../\"",
        "p contains \"%41\"",
        "not (a in \"0.0.0.0/1\") and not (a in \"128.0.0.0/1\") and not (a in \"::/0\")",
        "u starts_with \"https:\" and url(u).scheme == \"http\"",
    ] {
        impossible(cond);
    }
}

#[test]
fn optional_fields_and_truths() {
    for cond in [
        "o is present and o == \"\"",
        "not (o is present)",
        "oi is present and oi > 3",
        "rec is present and rec.f == \"x\"",
        "b and not (j is present)",
        "j is present or b",
        "carries hot or n > 3",
    ] {
        possible(cond);
    }
    impossible("o is present and o == \"\" and o != \"\"");
    impossible("b and not b");
}

#[test]
fn lists() {
    for cond in [
        "all x in many : (email(x).domain == \"acme.example\")",
        "some x in many : (email(x).domain != \"acme.example\")",
        "some x in many : (email(x).domain == \"a.example\") and some y in many : (email(y).domain == \"b.example\")",
        "size(items) <= 10 and all i in items : (i.qty <= 5) and size(items) > 3",
        "some i in items : (some t in i.tags : (t == \"x\") and all t in i.tags : (t != \"y\"))",
        "size(xs) == 0",
        "all x in xs : (x > 5)",
        "size(xs) > 3 and all x in xs : (some y in xs : (x != y)) and n > 1",
        "some x in ys : (some y in ys : (x != y and x starts_with \"a\" and y starts_with \"a\"))",
        "some x in xs : (all y in xs : (x >= y)) and some z in xs : (z == 0) and some z in xs : (z == 3)",
        "size(ys) == 4096",
    ] {
        possible(cond);
    }
    for cond in [
        "all x in xs : (x > 5) and size(xs) > 0",
        "some x in xs : (x > 3) and all y in xs : (y < 2)",
        "some x in xs : (x != x)",
        "size(xs) < 2 and some x in xs : (some y in xs : (x != y))",
        "some i in items : (i.qty > 100)",
        "size(many) < 0",
    ] {
        impossible(cond);
    }
}

/// What fails is outside of every question.
#[test]
fn failures() {
    let world = World::new("url(s).host == \"a.example\" or b").unwrap();
    let cond = world.cond().clone();
    let Cond::Or(parts) = &cond else { panic!("{cond:?}") };
    // Evaluable and neither: the URL is one of another host.
    let neither = parts.iter().map(|part| Cond::Not(Box::new(part.clone()))).collect();
    let Answer::Possible(example) = world.ask(&Goal { holds: neither, evaluable: vec![&cond] }) else { panic!("impossible") };
    world.confirm_not("a.example or b", &example);
    assert!(example.args["s"].as_str().unwrap().contains("://"), "{example:?}");
    // What overflows fails, so it is never found to be so.
    impossible("m * 2 > 9223372036854775807");
    // `is present` is decided first; what follows is not evaluated.
    possible("not (oi is present and oi + 1 > 3)");
}

#[test]
fn one_text_is_a_certificate_and_arithmetic_the_solvers_word() {
    let basis = |cond: &str| match World::new(cond).unwrap().holds() {
        Answer::Impossible(basis) => basis,
        other => panic!("{cond}: {other:?}"),
    };
    assert_eq!(basis("s starts_with \"a\" and s matches r\"b*\""), Basis::Certificate);
    assert_eq!(basis("n > 3 and n < 4"), Basis::Certificate);
    assert_eq!(basis("n * 3 == 26"), Basis::Solver);
}

#[test]
fn what_is_too_long_is_unknown() {
    let answer = World::new("size(xs) > 20000").unwrap().holds();
    assert!(matches!(&answer, Answer::Unknown(reason) if reason.contains("10000")), "{answer:?}");
}

#[test]
fn queries_are_kept_where_that_is_wanted() {
    let world = World::new("n * 3 == 26").unwrap();
    let goal = Goal { holds: vec![world.cond().clone()], evaluable: Vec::new() };
    let mut questions = Questions::new(&world.core, Duration::from_secs(10));
    questions.ask(Subject::Tool(ToolId(0)), &goal);
    assert!(questions.queries().is_empty());
    let mut questions = Questions::new(&world.core, Duration::from_secs(10)).recording();
    questions.ask(Subject::Tool(ToolId(0)), &goal);
    questions.ask(Subject::Tool(ToolId(0)), &goal);
    let [query] = questions.queries() else { panic!("{:?}", questions.queries()) };
    assert_eq!(query.answer, "unsat");
    assert!(query.text.contains("(check-sat)") && query.text.contains("declare-fun n0"), "{}", query.text);
    for said in ["(set-logic QF_LIRA)", "(set-info :status unsat)"] {
        assert!(query.text.contains(said), "{}", query.text);
    }
}

#[test]
fn what_rests_on_a_query_is_known_when_it_is_asked_again_too() {
    let world = World::new("n * 3 == 26").unwrap();
    let never = Goal { holds: vec![world.cond().clone()], evaluable: Vec::new() };
    let certain = Goal { holds: vec![Cond::Const(false)], evaluable: Vec::new() };
    let mut questions = Questions::new(&world.core, Duration::from_secs(10));
    let outer = questions.begin();
    let inner = questions.begin();
    questions.ask(Subject::Tool(ToolId(0)), &certain);
    assert_eq!(questions.end(inner), Vec::<usize>::new());
    for _ in 0..2 {
        let inner = questions.begin();
        questions.ask(Subject::Tool(ToolId(0)), &never);
        assert_eq!(questions.end(inner), [1]);
    }
    assert_eq!(questions.end(outer), [1], "what encloses a claim rests on what that rests on");
}

/// SMT-LIB has no `or` of fewer than two parts, and z3 prints what it is given.
#[test]
fn what_no_text_can_be_is_said_in_words_that_smt_lib_has() {
    let world = World::new("n * 3 == m and (s == \"a\" or s == z)").unwrap();
    let goal = Goal { holds: vec![world.cond().clone()], evaluable: Vec::new() };
    let mut questions = Questions::new(&world.core, Duration::from_secs(10)).recording();
    questions.ask(Subject::Tool(ToolId(0)), &goal);
    assert!(!questions.queries().is_empty());
    for query in questions.queries() {
        let words: Vec<&str> = query.text.split_whitespace().collect();
        assert!(!words.iter().any(|word| word.trim_end_matches(')') == "or"), "{}", query.text);
    }
}

/// What a catalog can declare and a policy cannot.
fn with_field(change: fn(&mut leverframe_compiler::core::Field)) -> Core {
    let mut core = World::new("n == 3").unwrap().core;
    core.tools[0].args.fields.iter_mut().filter(|field| field.name == "n").for_each(change);
    core
}

fn decided(core: &Core, cond: Cond) -> Option<Example> {
    let mut core = core.clone();
    let Member::Rule(answer) = &mut core.personas[0].tools[0].members[0] else { panic!("no rule") };
    answer.cond = cond.clone();
    let frame = leverframe_compiler::automata::compile(&core).unwrap();
    let policy =
        Policy::load(&frame::write(&frame, None).unwrap(), &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).unwrap();
    let world = World { core, policy };
    match world.holds() {
        Answer::Possible(example) => {
            world.confirm(&format!("{cond:?}"), &example);
            Some(*example)
        }
        Answer::Impossible(_) => None,
        Answer::Unknown(reason) => panic!("{reason}"),
    }
}

fn field(name: &str) -> Term {
    Term::Arg(vec![name.to_owned()])
}

fn is(term: Term, value: i64) -> Cond {
    Cond::Compare(CompareOp::Eq, TypeTag::Int, term, Term::Literal(Literal::Int(value)))
}

#[test]
fn null_and_defaults() {
    let absent = || Cond::Not(Box::new(Cond::Present(field("n"))));
    let nullable = with_field(|field| field.nullable = true);
    assert_eq!(decided(&nullable, absent()).unwrap().args["n"], Value::Null);
    assert_eq!(decided(&nullable, is(field("n"), 3)).unwrap().args["n"], Value::from(3));
    let default = with_field(|field| (field.required, field.default) = (false, Some(Literal::Int(7))));
    assert!(decided(&default, absent()).is_none());
    assert_eq!(decided(&default, is(field("n"), 7)).unwrap().args["n"], Value::from(7));
    assert!(!decided(&default, is(field("k"), 7)).unwrap().args.contains_key("n"));
    let both = with_field(|field| (field.required, field.nullable, field.default) = (false, true, Some(Literal::Int(7))));
    assert_eq!(decided(&both, absent()).unwrap().args["n"], Value::Null);
    assert!(decided(&both, Cond::And(vec![absent(), is(field("n"), 7)])).is_none());
}

#[test]
fn results_events_and_labels() {
    let mut core = World::new("n == 3").unwrap().core;
    core.tools[0].result = Some(core.tools[0].args.clone());
    core.events.push(leverframe_compiler::core::Event { name: "seen".to_owned(), args: core.tools[0].args.clone() });
    let mut questions = Questions::new(&core, Duration::from_secs(10));
    let both = vec![
        is(Term::Result(vec!["n".to_owned()]), 4),
        is(field("n"), 5),
        Cond::Has(LabelId(0)),
        Cond::Not(Box::new(Cond::Carries(LabelId(0)))),
    ];
    let Answer::Possible(example) = questions.ask(Subject::Tool(ToolId(0)), &Goal { holds: both, evaluable: Vec::new() }) else {
        panic!("impossible")
    };
    assert_eq!((&example.result.as_ref().unwrap()["n"], &example.args["n"]), (&Value::from(4), &Value::from(5)));
    assert_eq!((example.has.as_slice(), example.carries.as_slice()), (&[LabelId(0)][..], &[][..]));
    let same = Goal { holds: vec![is(field("n"), 5)], evaluable: Vec::new() };
    assert!(matches!(questions.ask(Subject::Event(EventId(0)), &same), Answer::Possible(_)));
    assert!(matches!(questions.ask(Subject::Event(EventId(9)), &same), Answer::Unknown(_)));
    let of_event = Goal { holds: vec![is(Term::Result(vec!["n".to_owned()]), 4)], evaluable: Vec::new() };
    assert!(matches!(questions.ask(Subject::Event(EventId(0)), &of_event), Answer::Impossible(_)));
    // A label is there or it is not.
    let neither = Goal { holds: vec![Cond::Has(LabelId(0)), Cond::Not(Box::new(Cond::Has(LabelId(0))))], evaluable: Vec::new() };
    assert!(matches!(questions.ask(Subject::Tool(ToolId(0)), &neither), Answer::Impossible(Basis::Certificate)));
}

/// Where no number of elements is known to suffice, nothing is said to be impossible.
#[test]
fn lists_against_themselves() {
    // Every element has a greater one, and there is one: not with ints up to five.
    let answer = World::new("size(xs) > 0 and all x in xs : (some y in xs : (y > x))").unwrap().holds();
    assert!(matches!(answer, Answer::Unknown(_)), "{answer:?}");
    possible("some x in items : (some y in items : (some t in y.tags : (t == x.sku) and x.qty > y.qty))");
    possible("all x in items : (some t in x.tags : (t == x.sku)) and size(items) == 3");
}
