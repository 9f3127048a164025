//! State counts that are known from elsewhere: a complete automaton over all traces has one sink more than the Mealy table.

use super::sequence::{Sequence, formula, one, then, times};
use super::*;

fn size(formula: &Formula) -> (u16, u16, usize) {
    let (_, _, compiled) = compiled(formula);
    let automaton = automaton(&compiled);
    (automaton.states, compiled.alphabet.classes, automaton.registers.len())
}

fn states(formula: &Formula) -> u16 {
    size(formula).0
}

fn steps(patterns: &[Pattern]) -> Sequence {
    patterns.iter().skip(1).fold(one(patterns[0].clone()), |before, pattern| then(before, gap(), one(pattern.clone())))
}

#[test]
fn complete_automata_have_the_sizes_that_mona_gives() {
    let complete = |formula: &Formula| states(formula) + 1;
    assert_eq!(complete(&require(&[ok(A)], call(B), None, None)), 3, "precedence");
    assert_eq!(complete(&require(&[ok(A)], call(B), None, Some(&call(C)))), 3, "precedence with reset");
    assert_eq!(complete(&formula(&steps(&[call(A), call(B), call(C)]))), 4, "chain of three");
    assert_eq!(complete(&formula(&times(3, &call(A)))), 4, "at most two");
    assert_eq!(complete(&formula(&times(11, &call(A)))), 12, "at most ten");
}

#[test]
fn states_classes_and_registers_of_the_usual_rules() {
    let table = [
        ("require a before b", require(&[ok(A)], call(B), None, None), (2, 2, 0)),
        ("require a before b reset by c", require(&[ok(A)], call(B), None, Some(&call(C))), (2, 4, 1)),
        ("require a before b within", require(&[ok(A)], call(B), Some(10), None), (2, 3, 1)),
        ("require a and b before c", require(&[ok(A), ok(B)], call(C), None, None), (4, 3, 0)),
        ("a then b", formula(&steps(&[call(A), call(B)])), (2, 2, 0)),
        ("a then b then c", formula(&steps(&[call(A), call(B), call(C)])), (3, 3, 0)),
        ("a then[within] b", formula(&then(one(call(A)), within(10), one(call(B)))), (2, 3, 1)),
        ("a then[next] b", formula(&then(one(call(A)), next(), one(call(B)))), (2, 3, 0)),
        ("a then[unless c] b", formula(&then(one(call(A)), unless(&[ok(C)]), one(call(B)))), (2, 4, 1)),
        ("a then[unless event] b", formula(&then(one(call(A)), unless(&[event(0, Cond::Const(true))]), one(call(B)))), (2, 3, 0)),
        ("start then[unless a] b", formula(&then(Sequence::Start, unless(&[ok(A)]), one(call(B)))), (2, 3, 1)),
        ("a or b, then c", formula(&then(Sequence::Or(vec![one(call(A)), one(call(B))]), gap(), one(call(C)))), (2, 2, 0)),
        ("3 times a", formula(&times(3, &call(A))), (3, 1, 0)),
        ("a then a", formula(&times(2, &call(A))), (2, 1, 0)),
    ];
    for (name, formula, expected) in table {
        assert_eq!(size(&formula), expected, "{name}");
    }
}

#[test]
fn labels_in_any_order() {
    let both = Sequence::And(vec![one(labelled(&[A, B], 0)), one(labelled(&[A, B], 1))]);
    let rule = formula(&then(both, gap(), one(call(C))));
    assert_eq!(size(&rule), (4, 5, 0), "none, one, the other, both; no label, pii, outsider, both, c");
}

#[test]
fn a_rule_that_matches_nothing_is_one_state() {
    let nothing = Pattern { parts: vec![] };
    assert_eq!(size(&formula(&then(one(nothing.clone()), gap(), one(call(A))))), (1, 1, 0));
    assert_eq!(size(&Formula::Match(nothing)), (1, 1, 0));
}

#[test]
fn a_chain_past_the_bound_is_refused_with_its_code() {
    let formula = formula(&times(300, &call(A)));
    let core = world(vec![rule(Body::Deny(formula))]);
    let oversize = super::super::rule(&core, &Guards::collect(&core), &core.rules[0]).unwrap_err();
    assert_eq!((oversize.code, oversize.bound, oversize.given), ("LF0713", 256, 300));
    let windows = (0..70).fold(one(call(A)), |before, ms| then(before, within(ms), one(call(B))));
    let core = world(vec![rule(Body::Deny(self::formula(&windows)))]);
    let oversize = super::super::rule(&core, &Guards::collect(&core), &core.rules[0]).unwrap_err();
    assert_eq!((oversize.code, oversize.bound, oversize.given), ("LF0716", 64, 70));
}

#[test]
fn limits_are_templates() {
    let compile = |count, window_ms| {
        let core = world(vec![rule(limit(count, window_ms, tools(LetterKind::Call, &[A, B], equals(1))))]);
        super::super::rule(&core, &Guards::collect(&core), &core.rules[0])
    };
    use leverframe_runtime::frame;
    let gauge = |most, window_ms| frame::Body::Gauge(frame::Gauge { measure: frame::Measure::Count { most }, window_ms });
    assert_eq!(compile(3, None).unwrap().body, gauge(3, None));
    assert_eq!(compile(3, Some(1000)).unwrap().body, gauge(3, Some(1000)));
    assert_eq!(compile(5000, Some(1000)).unwrap_err().code, "LF0719");
    let alphabet = compile(3, None).unwrap().alphabet;
    assert_eq!((alphabet.classes, alphabet.sites.len(), alphabet.nodes.len()), (8, 2, 1));
}

/// A call whose result a rule of another key than the session waits for needs that key, or its result would be in no history.
#[test]
fn calls_of_awaited_results_are_named_where_the_key_is_not_the_session() {
    let sites = |key| {
        let core = world(vec![Rule { key, ..rule(Body::Deny(require(&[ok(A)], call(B), None, None))) }]);
        let compiled = super::super::rule(&core, &Guards::collect(&core), &core.rules[0]).unwrap();
        let sites: Vec<(String, u32, bool)> =
            compiled.alphabet.sites.iter().map(|site| (format!("{:?}", site.kind), site.subject, site.named)).collect();
        (sites, automaton(&compiled).states, compiled.alphabet.classes)
    };
    let (session, principal) = (sites(Key::Session), sites(Key::Principal));
    assert_eq!(session, (vec![("Call".into(), B, true), ("Ok".into(), A, true)], 2, 2));
    assert_eq!(principal, (vec![("Call".into(), A, true), ("Call".into(), B, true), ("Ok".into(), A, true)], 2, 3));
}

/// `next` reads every call, and names only those of its patterns.
#[test]
fn next_reads_calls_that_it_does_not_name() {
    let (_, _, compiled) = compiled(&formula(&then(one(call(A)), next(), one(call(B)))));
    let named: Vec<bool> = compiled.alphabet.sites.iter().map(|site| site.named).collect();
    assert_eq!(named, [true, true, false, false]);
}

#[test]
fn guards_are_effects_first_and_each_once() {
    let first = then(one(tools(LetterKind::Call, &[A], equals(1))), gap(), one(tools(LetterKind::Call, &[A, B], equals(2))));
    let mut core = world(vec![rule(Body::Deny(formula(&first))), rule(Body::Deny(formula(&first)))]);
    core.tools[0].sends = equals(2);
    core.tools[0].destroys = Cond::Const(true);
    let guards = Guards::collect(&core);
    assert_eq!(guards.tool(0), [equals(2), equals(1)]);
    assert_eq!(guards.tool(1), [equals(2)]);
    assert!(guards.event(0).is_empty());
}
