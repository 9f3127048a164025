//! Values apart: one history each, places that are full, forgetting, windows that close.

use std::collections::{BTreeMap, BTreeSet};

use leverframe_runtime::frame::{
    Alphabet, Body, Expiry, LetterKind, Mark, Operation, Overflow, RegisterKind, Rule, Slots, Target, Test, Update,
};
use leverframe_runtime::{Code, Verdict};

use super::build::{Dice, LIST, N, Said, Session, V, automaton, forbid, frame, load, node, rule, site, target, value};

const JUDGED: Said = Said { verdict: Verdict::Deny, code: Code::Rule, judged: true };
const FULL: Said = Said { verdict: Verdict::Deny, code: Code::Capacity, judged: true };

#[test]
fn each_value_has_its_own_history() {
    let policy = load(&frame(forbid(64, V)));
    let mut session = Session::new(&policy);
    let (mut dice, mut opened) = (Dice(3), BTreeSet::new());
    for at in 0..300 {
        let v = dice.below(40);
        if dice.below(4) == 0 {
            assert!(!session.judged("a", &value(v), at));
            opened.insert(v);
        } else {
            assert_eq!(session.judged("b", &value(v), at), opened.contains(&v), "{v}");
        }
    }
    assert_eq!(session.call("b", "{}", 300), JUDGED, "a call without the value might be about any");
}

#[test]
fn lists_bind_each_element() {
    let policy = load(&frame(forbid(64, LIST)));
    let mut session = Session::new(&policy);
    let list = (0..40).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(",");
    assert!(!session.judged("a", &format!(r#"{{"list":[{list}]}}"#), 0));
    assert!((0..40).all(|v| session.judged("b", &value(v), 1)));
    assert!(!session.judged("b", &value(40), 1));
    assert!(!session.judged("a", r#"{"list":[]}"#, 2), "an earlier step without a value finds none");
    assert!(!session.judged("b", &value(40), 3));
}

#[test]
fn a_forbid_that_is_full_judges_all_for_good() {
    let policy = load(&frame(forbid(2, V)));
    let mut session = Session::new(&policy);
    for v in 0..2 {
        assert!(!session.judged("a", &value(v), 0));
    }
    assert!(!session.judged("b", &value(7), 1));
    assert_eq!(session.call("b", &value(1), 1), JUDGED);
    assert!(!session.judged("a", &value(2), 2), "the letter that overflows is not judged by it");
    for v in [0, 2, 9] {
        assert_eq!(session.call("b", &value(v), 3), FULL);
    }
    assert_eq!(session.call("b", "{}", 4), FULL);
    assert!(!session.judged("a", &value(3), 5));
    let decided = session.ask("b", &value(3), 6, leverframe_runtime::Approval::None);
    assert_eq!((decided.rule, decided.message), (None, None));
}

#[test]
fn a_forbid_that_observes_records_its_overflow() {
    let mut shadow = forbid(1, V);
    shadow.action = leverframe_runtime::frame::Action::Observe;
    let policy = load(&frame(shadow));
    let mut session = Session::new(&policy);
    session.call("a", &value(0), 0);
    session.call("a", &value(1), 0);
    let said = session.call("b", &value(9), 1);
    assert_eq!((said.verdict, said.judged), (Verdict::Allow, true));
}

/// `require { a(v: ?x) before b(v: ?x) [within ms] [reset by c] }`
fn require(capacity: u32, within: Option<u64>, resets: bool) -> Rule {
    let mut nodes = target(2);
    nodes.push(node(Test::Binds { binding: 0 }, Target::Class(1), Target::Class(0)));
    nodes.push(node(Test::CallAfter { register: 0 }, Target::Node(2), Target::Class(0)));
    let met = if resets { Target::Node(3) } else { Target::Node(2) };
    nodes.push(node(Test::Within { register: 1, ms: within.unwrap_or(0) }, Target::Class(0), Target::Class(2)));
    nodes.push(node(Test::Binds { binding: 0 }, Target::Node(4), Target::Node(0)));
    let goal = if within.is_some() { Target::Node(5) } else { Target::Node(1) };
    let mut sites = vec![site(LetterKind::Call, 1, goal, Some(V)), site(LetterKind::Call, 2, Target::Class(4), None)];
    sites.push(site(LetterKind::Ok, 0, met, Some(LIST)));
    let update = |register, operation| Update { register, operation };
    let sets = vec![vec![], vec![update(1, Operation::MaxCall)], vec![update(0, Operation::Now), update(1, Operation::Clear)]];
    // With a window a value's target is judged by its register, so class 2 denies in both states.
    let late = within.is_some();
    let mut table = automaton(
        &[
            &[(0, false, 0), (1, false, 1), (0, true, 0), (0, true, 0), (0, false, 2)],
            &[(1, false, 0), (1, false, 1), (1, late, 0), (1, true, 0), (0, false, 2)],
        ],
        sets,
        vec![RegisterKind::Position, RegisterKind::Time],
    );
    table.expiry = vec![vec![], within.map(|ms| Expiry { register: 1, ms, to: 0, clears: vec![1] }).into_iter().collect()];
    let marks = [Mark::None, Mark::Met, Mark::None, Mark::None, Mark::Reset].repeat(2);
    let slots = Slots { capacity, overflow: Overflow::Evict { resets, marks } };
    rule(Alphabet { nodes, sites, classes: 5 }, Body::Automaton(table), Some(slots))
}

fn list(values: &[u64]) -> String {
    format!(r#"{{"list":[{}]}}"#, values.iter().map(|v| format!("\"{v}\"")).collect::<Vec<_>>().join(","))
}

#[test]
fn a_require_keeps_the_values_met_last() {
    for seed in 0..20 {
        let policy = load(&frame(require(3, None, false)));
        let mut session = Session::new(&policy);
        let (mut dice, mut met) = (Dice(seed), Vec::<u64>::new());
        for at in 0..200 {
            if dice.below(3) == 0 {
                let mut values: Vec<u64> = (0..1 + dice.below(3)).map(|_| dice.below(8)).collect();
                assert!(!session.judged("a", &list(&values), at));
                let mut seen = BTreeSet::new();
                values.retain(|v| seen.insert(*v));
                met.retain(|v| !values.contains(v));
                met.extend(values);
                met.drain(..met.len().saturating_sub(3));
            } else {
                let v = dice.below(8);
                session.reload();
                assert_eq!(session.judged("b", &value(v), at), !met.contains(&v), "seed {seed}, {v} at {at}, met {met:?}");
            }
        }
    }
}

#[test]
fn a_reset_is_one_of_all_values() {
    let policy = load(&frame(require(4, None, true)));
    let mut session = Session::new(&policy);
    session.call("a", &list(&[1, 2]), 0);
    assert!(!session.judged("b", &value(1), 1));
    session.call("c", "{}", 2);
    assert!(session.judged("b", &value(1), 3));
    assert!(session.judged("b", &value(2), 3));
    session.call("a", &list(&[2]), 4);
    assert!(!session.judged("b", &value(2), 5));
}

#[test]
fn forgetting_a_value_resets_those_that_are_not_kept() {
    let policy = load(&frame(require(1, None, true)));
    let mut session = Session::new(&policy);
    // A call of `a` for 3 before 1 is forgotten, whose result comes after.
    let early = session.ask("a", &list(&[3]), 0, leverframe_runtime::Approval::None).ticket;
    session.call("a", &list(&[1]), 1);
    session.call("a", &list(&[2]), 2);
    assert!(session.judged("b", &value(1), 3), "1 is forgotten");
    assert!(!session.judged("b", &value(2), 3));
    let outcome =
        leverframe_runtime::Outcome { ok: true, content: false, labels: leverframe_runtime::LabelSet(0), at: 4, structured: None };
    policy.record(&mut session.states, early, &outcome).unwrap();
    assert!(session.judged("b", &value(3), 5), "its call lies before the reset");
    assert!(!session.judged("b", &value(2), 5));
}

#[test]
fn closed_windows_make_room() {
    let rule = require(2, Some(10), false);
    let policy = load(&frame(rule));
    let mut session = Session::new(&policy);
    session.call("a", &list(&[1]), 0);
    session.call("a", &list(&[2]), 5);
    for (v, at, judged) in [(1, 10, false), (2, 10, false), (1, 11, true), (2, 15, false), (2, 16, true)] {
        assert_eq!(session.judged("b", &value(v), at), judged, "{v} at {at}");
    }
    session.call("a", &list(&[3]), 16);
    session.call("a", &list(&[4]), 16);
    assert!(!session.judged("b", &value(3), 16));
    assert!(!session.judged("b", &value(4), 16));
}

/// The same as [`forbid`], but what `a` opens closes after 10 ms, so that it takes no place any more.
#[test]
fn a_forbid_is_full_only_of_open_windows() {
    let mut windowed = forbid(2, V);
    let Body::Automaton(table) = &mut windowed.body else { panic!("an automaton") };
    table.registers = vec![RegisterKind::Time];
    table.update_sets.push(vec![Update { register: 0, operation: Operation::Now }]);
    table.updates[1] = 1;
    table.updates[5] = 1;
    table.expiry = vec![vec![], vec![Expiry { register: 0, ms: 10, to: 0, clears: vec![0] }]];
    let policy = load(&frame(windowed));
    for (late, code) in [(10, Code::Capacity), (11, Code::Rule)] {
        let mut session = Session::new(&policy);
        session.call("a", &value(1), 0);
        session.call("a", &value(2), 5);
        session.call("a", &value(3), late);
        assert_eq!(session.call("b", &value(3), late), Said { verdict: Verdict::Deny, code, judged: true }, "{late}");
        assert_eq!(session.judged("b", &value(9), late), code == Code::Capacity);
    }
}

#[test]
fn a_long_list_is_forgotten_quickly() {
    // Where forgetting is a reset, it is one for the values of the same letter that have no place yet.
    for (resets, first, last) in [(false, 145_904, 149_999), (true, 1, 4_096)] {
        let policy = load(&frame(require(4_096, None, resets)));
        let mut session = Session::new(&policy);
        session.call("a", &list(&(0..150_000).collect::<Vec<_>>()), 0);
        let kept: BTreeMap<u64, bool> =
            [first - 1, first, last, (last + 1) % 150_000].map(|v| (v, !session.judged("b", &value(v), 1))).into();
        assert_eq!(kept, [(first - 1, false), (first, true), (last, true), ((last + 1) % 150_000, false)].into(), "{resets}");
    }
}

/// [`forbid`] with other bindings on both sides.
fn bound(binding: Vec<u16>) -> Rule {
    let mut rule = forbid(8, V);
    rule.alphabet.sites.iter_mut().for_each(|site| site.bindings = vec![binding.clone()]);
    rule
}

#[test]
fn several_variables_are_compared_one_by_one() {
    let policy = load(&frame(bound(vec![V, LIST])));
    let mut session = Session::new(&policy);
    session.call("a", r#"{"v":"a","list":["bc","d"]}"#, 0);
    for (args, judged) in [
        (r#"{"v":"ab","list":["c"]}"#, false),
        (r#"{"v":"bc","list":["a"]}"#, false),
        (r#"{"v":"a","list":["x","d"]}"#, true),
        (r#"{"v":"a","list":["bc"]}"#, true),
        (r#"{"v":"a","list":[]}"#, true),
        (r#"{"list":["q"]}"#, true),
        (r#"{"v":"q","list":["d"]}"#, false),
    ] {
        assert_eq!(session.judged("b", args, 1), judged, "{args}");
    }
}

#[test]
fn numbers_are_one_value_however_they_are_spelled() {
    let policy = load(&frame(bound(vec![N])));
    let mut session = Session::new(&policy);
    session.call("a", r#"{"n":100}"#, 0);
    session.call("a", "{}", 0);
    for (n, judged) in [("1e2", true), ("100.00", true), ("10", false), ("0", true), ("-0.0", true)] {
        assert_eq!(session.judged("b", &format!(r#"{{"n":{n}}}"#), 1), judged, "{n}");
    }
}
