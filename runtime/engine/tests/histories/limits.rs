//! Limits against naive counting of everything that ever happened, on random letters whose times lie on the edges of the window.

use std::collections::BTreeMap;

use leverframe_runtime::frame::{Action, Measure};

use super::build::{Dice, LIST, N, Session, V, WHOLE, frame, limit, load};

const D: i64 = 64 * 3;

/// A counted letter.
#[derive(Clone)]
struct Counted {
    account: u64,
    at: i64,
    amount: u64,
    values: Vec<u64>,
}

/// What naive counting says of a call.
fn over(counted: &[Counted], call: &Counted, measure: Measure, window: Option<i64>) -> bool {
    let inside = |one: &&Counted| one.account == call.account && window.is_none_or(|d| call.at - one.at < d);
    let all = counted.iter().filter(inside);
    match measure {
        Measure::Count { most } => all.count() >= most as usize,
        Measure::Sum { most } => {
            // The page counts whole buckets: those from 64 before the call's on.
            let length = window.map(|d| (d + 63) / 64);
            let bucketed = |one: &&Counted| {
                one.account == call.account && length.is_none_or(|length| one.at.div_euclid(length) >= call.at.div_euclid(length) - 64)
            };
            counted.iter().filter(bucketed).map(|one| i64::try_from(one.amount).unwrap()).sum::<i64>() + i64::try_from(call.amount).unwrap()
                > most
        }
        Measure::Distinct { most } => {
            let mut values: Vec<u64> = all.flat_map(|one| one.values.clone()).chain(call.values.clone()).collect();
            values.sort_unstable();
            values.dedup();
            values.len() > most as usize
        }
    }
}

struct Case {
    measure: Measure,
    measured: Option<u16>,
    window: Option<i64>,
    accounts: u64,
    action: Action,
}

/// Runs random calls and compares each judgement; the measure of `Distinct` is `list`.
fn compare(case: &Case, seed: u64) {
    let binding = (case.accounts > 1).then_some((V, 16));
    let window = case.window.map(|d| u64::try_from(d).unwrap());
    let mut rule = limit(case.measure, window, binding, case.measured);
    rule.action = case.action.clone();
    let policy = load(&frame(rule));
    let mut session = Session::new(&policy);
    let (mut dice, mut counted, mut at) = (Dice(seed), Vec::new(), 1_000_i64);
    let steps = [0, 0, 1, 2, D / 3, D - 1, D, D + 1];
    let mut said = BTreeMap::new();
    for number in 0..400 {
        at += steps[usize::try_from(dice.below(8)).unwrap()];
        let values: Vec<u64> = (0..1 + dice.below(2)).map(|_| dice.below(5)).collect();
        let call = Counted { account: dice.below(case.accounts), at, amount: dice.below(40), values };
        let list = call.values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(",");
        let args = format!(r#"{{"v":"{}","n":{},"list":[{list}]}}"#, call.account, call.amount);
        let expected = over(&counted, &call, case.measure, case.window);
        assert_eq!(session.judged("a", &args, at), expected, "seed {seed}, call {number}: {args} at {at}, {:?}", case.measure);
        if number % 7 == 0 {
            session.reload();
        }
        *said.entry(expected).or_insert(0) += 1;
        if !expected || case.action == Action::Observe {
            counted.push(call);
        }
    }
    assert!(said.len() == 2, "seed {seed}: the case must both judge and let pass: {said:?}");
}

fn compare_all(measure: Measure, measured: Option<u16>) {
    let mut seed = 0;
    for window in [None, Some(D)] {
        for accounts in [1, 4] {
            for action in [Action::Deny, Action::Observe] {
                for _ in 0..3 {
                    seed += 1;
                    compare(&Case { measure, measured, window, accounts, action: action.clone() }, seed);
                }
            }
        }
    }
}

#[test]
fn counts_are_those_of_naive_counting() {
    compare_all(Measure::Count { most: 3 }, None);
}

#[test]
fn sums_are_those_of_naive_counting() {
    compare_all(Measure::Sum { most: 60 }, Some(N));
}

#[test]
fn different_values_are_those_of_naive_counting() {
    compare_all(Measure::Distinct { most: 3 }, Some(LIST));
}

#[test]
fn the_edges_of_a_window() {
    for (apart, judged) in [(D - 1, true), (D, false), (D + 1, false)] {
        let policy = load(&frame(limit(Measure::Count { most: 1 }, Some(192), None, None)));
        let mut session = Session::new(&policy);
        assert!(!session.judged("a", "{}", 0));
        assert_eq!(session.judged("a", "{}", apart), judged, "{apart}");
    }
}

#[test]
fn a_sum_never_passes_its_end() {
    let policy = load(&frame(limit(Measure::Sum { most: i64::MAX - 1 }, None, None, Some(N))));
    let mut session = Session::new(&policy);
    let most = i64::MAX - 1;
    assert!(!session.judged("a", &format!(r#"{{"n":{most}}}"#), 0));
    assert!(!session.judged("a", r#"{"n":0}"#, 1));
    assert!(session.judged("a", r#"{"n":1}"#, 2));
    assert!(session.judged("a", &format!(r#"{{"n":{}}}"#, i64::MAX), 3));
}

#[test]
fn a_call_without_the_value_is_judged() {
    let policy = load(&frame(limit(Measure::Distinct { most: 2 }, None, None, Some(LIST))));
    let mut session = Session::new(&policy);
    assert!(session.judged("a", "{}", 0));
    assert!(session.judged("a", r#"{"list":[]}"#, 1));
    assert!(!session.judged("a", r#"{"list":["x","x"]}"#, 2));
    let policy = load(&frame(limit(Measure::Count { most: 2 }, None, Some((V, 4)), None)));
    let mut session = Session::new(&policy);
    assert!(session.judged("a", "{}", 0));
    assert!(!session.judged("a", r#"{"v":"x"}"#, 1));
}

#[test]
fn identical_calls_are_those_of_one_value() {
    let policy = load(&frame(limit(Measure::Count { most: 1 }, None, Some((WHOLE, 64)), None)));
    let same: &[&[&str]] = &[
        &[r#"{"v":"x"}"#, r#"{"n":0,"v":"x"}"#, r#"{"v":"x","n":0.0}"#],
        &[r#"{"v":"x","o":{"p":1,"q":[1,2]}}"#, r#"{"o":{"q":[1.0,2],"p":10e-1},"v":"x"}"#],
        &[r#"{"v":"x","o":{"p":1,"q":[2,1]}}"#],
        &[r#"{"v":"x","o":{"p":1}}"#],
        &[r#"{"v":"x","p":1}"#],
        &[r#"{"v":"x","o":null}"#],
        &[r#"{"v":"x","list":["a","b"]}"#],
        &[r#"{"v":"x","list":["b","a"]}"#],
        &[r#"{"v":"x","list":["ab"]}"#],
        &[r#"{"v":"x","list":[]}"#],
    ];
    let mut session = Session::new(&policy);
    for (class, spellings) in same.iter().enumerate() {
        for (number, args) in spellings.iter().enumerate() {
            assert_eq!(session.judged("a", args, 0), number > 0, "class {class}: {args}");
        }
    }
    for spellings in same {
        assert!(session.judged("a", spellings[0], 1));
    }
}

#[test]
fn values_without_a_place_share_an_account() {
    let policy = load(&frame(limit(Measure::Count { most: 2 }, Some(100), Some((V, 2)), None)));
    let mut session = Session::new(&policy);
    for v in ["1", "2"] {
        assert!(!session.judged("a", &format!(r#"{{"v":"{v}"}}"#), 0), "{v}");
    }
    for (v, judged) in [("3", false), ("4", false), ("5", true), ("1", false), ("2", false), ("1", true)] {
        assert_eq!(session.judged("a", &format!(r#"{{"v":"{v}"}}"#), 50), judged, "{v}");
    }
    // Every window is over but that of the shared account, with which a new value begins.
    assert!(session.judged("a", r#"{"v":"6"}"#, 149));
    assert!(!session.judged("a", r#"{"v":"6"}"#, 150));
    assert!(!session.judged("a", r#"{"v":"6"}"#, 150));
    assert!(session.judged("a", r#"{"v":"6"}"#, 150));
    assert!(!session.judged("a", r#"{"v":"7"}"#, 150));
}

#[test]
fn each_element_of_a_list_is_counted() {
    let policy = load(&frame(limit(Measure::Count { most: 1 }, None, Some((LIST, 8)), None)));
    let mut session = Session::new(&policy);
    assert!(!session.judged("a", r#"{"list":["x","y","x"]}"#, 0));
    assert!(session.judged("a", r#"{"list":["z","y"]}"#, 1));
    assert!(!session.judged("a", r#"{"list":["z"]}"#, 2));
    assert!(session.judged("a", r#"{"list":["z"]}"#, 3));
}

#[test]
fn a_long_list_is_quick() {
    let policy = load(&frame(limit(Measure::Count { most: 1 }, None, Some((LIST, 4_096)), None)));
    let mut session = Session::new(&policy);
    let list = (0..200_000).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(",");
    assert!(!session.judged("a", &format!(r#"{{"list":[{list}]}}"#), 0));
    assert!(session.judged("a", r#"{"list":["4095"]}"#, 1));
    assert!(session.judged("a", r#"{"list":["4096"]}"#, 1));
}
