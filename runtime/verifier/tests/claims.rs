//! Proofs of claims: each rule of a lemma rightly and wrongly used, and trees that lie in each way that a tree can.
//!
//! In: policies, and proofs made by hand. Out: what the verifier says of them. Source: `lang-spec/certificate.md`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use std::collections::BTreeMap;

use leverframe_reference::{Policy, elaborate_from};
use leverframe_runtime::frame::{About, Case, Claim, Lemma, LemmaRule, PersonaId, Proof, Tree};
use leverframe_verifier::claims::{Certified, check};

/// The rules without parameters.
const RULES: [LemmaRule; 7] = [
    LemmaRule::Interval,
    LemmaRule::Equality,
    LemmaRule::Enumeration,
    LemmaRule::Literal,
    LemmaRule::Regular,
    LemmaRule::Networks,
    LemmaRule::Substitution,
];

const TOOL: &str =
    "tool t(n: int 0..=9, m: int, r: number, e: \"a\" | \"b\" | \"c\", f: bool, s: string, z: string, p: path, to: email, u: url,
  i: ip, d: duration, o: int?, l: list<string>, when: timestamp)";

fn policy(members: &str) -> Policy {
    let text = format!("language 1\n{TOOL}\ntool other()\npersona p {{\n{members}\n}}");
    elaborate_from(&BTreeMap::from([("p.lever".to_owned(), text.clone())]), "p.lever").unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// A policy in which the one obligation is that both conditions hold.
fn both(one: &str, other: &str) -> Policy {
    policy(&format!("allow t when {one}\ndeny t when {other}\notherwise deny"))
}

fn said(policy: &Policy, about: About, trees: Vec<Tree>) -> Result<Certified, String> {
    let claim = Claim { about, proof: Proof::Cases(trees) };
    check(policy, &[claim]).map(|mut found| found.remove(0)).map_err(|wrong| wrong.join("; "))
}

fn conflict(policy: &Policy, nodes: Vec<Case>) -> Result<Certified, String> {
    said(policy, About::NoConflict(PersonaId(0)), vec![Tree { nodes }])
}

fn lemma(rule: LemmaRule, tests: &[u16]) -> Case {
    Case::Contradiction(Lemma { tests: tests.to_vec(), rule })
}

fn split(test: u16, yes: u32, no: u32) -> Case {
    Case::Split { test, yes, no }
}

/// Both tests decided, and this where both hold.
fn together(last: Case) -> Vec<Case> {
    vec![last, Case::False, split(1, 0, 1), Case::False, split(0, 2, 3)]
}

/// Both tests decided, and this where both conditions hold.
fn met(one: &str, other: &str, last: Case) -> Vec<Case> {
    let way = |cond: &str, test: u16, to: u32| {
        let contrary = cond.starts_with("not (") || cond.starts_with("some ");
        if contrary { split(test, to + 1, to) } else { split(test, to, to + 1) }
    };
    vec![last, Case::False, way(other, 1, 0), Case::False, way(one, 0, 2)]
}

#[test]
fn each_rule_shows_what_it_should() {
    for (one, other, rules) in [
        ("n <= 4", "n > 4", "Interval"),
        ("n < 5", "4 < n", "Interval"),
        ("n >= 10", "n != 12", "Interval"),
        ("n in [1, 2]", "n >= 3", "Interval Literal Substitution"),
        ("m > 9223372036854775806", "m != 9223372036854775807", "Interval"),
        ("n > 1.25", "n < 1.75", "Interval"),
        ("n > -1.5", "n < -0.5", "Interval"),
        ("r > 0.1", "r < 0.1", "Interval"),
        ("r >= 0.1", "r < 0.10", "Interval"),
        ("r in [0.5, 7]", "r == 0.25", "Interval Literal"),
        ("d < 0s", "n >= 0", ""),
        ("d > 3m", "d < 180s", "Interval"),
        ("when > ts\"2026-01-01T00:00:00Z\"", "when < ts\"2025-12-31T23:59:59Z\"", "Interval"),
        ("hour(at) > 22", "not (hour(at) == 23)", "Interval"),
        ("size(l) < 1", "size(l) != 0", "Interval"),
        ("e == \"a\"", "e == \"b\"", "Equality Enumeration Literal Regular Substitution"),
        ("e != \"a\"", "not (e in [\"b\", \"c\"])", "Enumeration"),
        ("f == true", "f != true", "Equality Enumeration Literal Substitution"),
        ("url(u).scheme != \"https\"", "not (url(u).scheme in [\"http\", \"ws\", \"wss\", \"ftp\"])", "Enumeration"),
        ("s == \"a\"", "s != \"a\"", "Equality Literal Regular Substitution"),
        ("s in [\"ab\", \"ac\"]", "s ends_with \"d\"", "Literal Regular Substitution"),
        ("s == \"abc\"", "not (s like \"a*c\")", "Literal Regular Substitution"),
        ("s starts_with \"a\"", "s matches r\"[b-z]+\"", "Regular"),
        ("s contains \"ab\"", "not (s contains \"a\")", "Regular"),
        ("s matches r\"(?i)k\"", "s matches r\"[^kK\u{212a}]\"", "Regular"),
        ("p under \"/srv/a\"", "p under \"/srv/b\"", "Regular"),
        ("p == \"/srv/ab\"", "p under \"/srv/a\"", "Literal Regular Substitution"),
        ("email(to).domain under \"acme.example\"", "not (email(to).domain ends_with \"acme.example\")", "Regular"),
        ("url(u).host == \"a.acme.example\"", "not (url(u).host under \"acme.example\")", "Literal Regular Substitution"),
        ("i == \"10.1.2.3\"", "ip(i) in \"11.0.0.0/8\"", "Literal Networks Substitution"),
        ("s == z", "s != z", "Equality"),
        ("ip(i) in \"10.0.0.0/8\"", "ip(i) in \"11.0.0.0/8\"", "Networks"),
        ("ip(i) in \"10.0.0.0/9\"", "not (ip(i) in \"10.0.0.0/8\")", "Networks"),
        ("ip(s) in \"::/1\"", "ip(s) in \"0.0.0.0/0\"", "Networks"),
        ("s == \"A\"", "lower(s) != \"a\"", "Substitution"),
        ("to == \"ann@acme.example\"", "email(to).domain under \"evil.example\"", "Substitution"),
        ("m == 9", "m + 1 > 10", "Substitution"),
        ("m == 9223372036854775807", "m + 1 > 0", ""),
        ("m + n > 9223372036854775807", "n >= 0", ""),
        ("m + n > 9223372036854775806", "m + n < 7", "Interval"),
    ] {
        let policy = both(one, other);
        let shown: Vec<String> = RULES
            .into_iter()
            .filter(|rule| conflict(&policy, met(one, other, lemma(rule.clone(), &[0, 1]))).is_ok_and(|found| found.is_certified()))
            .map(|rule| format!("{rule:?}"))
            .collect();
        assert_eq!(shown.join(" "), rules, "{one} and {other}");
    }
}

#[test]
fn no_rule_shows_what_is_possible() {
    for (one, other) in [
        ("n <= 4", "n > 3"),
        ("n != 1", "n != 2"),
        ("n > 1.25", "n < 2.25"),
        ("r > 0.1", "r < 0.11"),
        ("r != 0.5", "r != 0"),
        ("r > 4", "r < 5"),
        ("r < -4", "r > -5"),
        ("e != \"a\"", "e != \"b\""),
        ("f == true", "n > 3"),
        ("s != \"a\"", "s != \"b\""),
        ("s in [\"ab\", \"ac\"]", "s ends_with \"c\""),
        ("s starts_with \"a\"", "s contains \"b\""),
        ("not (s starts_with \"a\")", "not (s starts_with \"b\")"),
        ("p under \"/srv\"", "p under \"/srv/b\""),
        ("i == \"10.1.2.3\"", "ip(i) in \"10.0.0.0/8\""),
        ("ip(i) in \"10.0.0.0/8\"", "ip(i) in \"10.1.0.0/16\""),
        ("s == z", "s == \"a\""),
        ("s == z", "s starts_with \"a\""),
        ("lower(s) == \"a\"", "s == \"A\""),
        ("all x in l : (x == \"a\")", "some x in l : (x == \"a\")"),
        ("m + 1 > 5", "m < 9"),
        ("size(l) > 3", "n < 2"),
        ("m == 9", "m + 1 > 9"),
        ("s == \"A\"", "lower(z) == \"b\""),
        ("hour(at) == 3", "at > ts\"2026-01-01T00:00:00Z\""),
        ("n == 3", "at > ts\"2026-01-01T00:00:00Z\""),
        ("not (ip(i) in \"0.0.0.0/0\")", "not (ip(i) in \"::/1\")"),
    ] {
        let policy = both(one, other);
        for rule in RULES {
            for tests in [&[0, 1][..], &[0], &[1], &[0, 0, 1]] {
                let found = conflict(&policy, met(one, other, lemma(rule.clone(), tests)));
                assert!(found.is_err(), "{one} and {other} by {rule:?} of {tests:?}: {found:?}");
            }
        }
        assert!(conflict(&policy, met(one, other, Case::False)).is_err(), "{one} and {other} are not false of themselves");
        assert!(conflict(&policy, met(one, other, Case::Trusted)).is_ok_and(|found| found.trusted == 1), "{one} and {other}");
    }
}

#[test]
fn equalities_go_through_terms() {
    let chain = |last: &str| both("s == z and p == \"/a\"", &format!("z == \"x\" and {last}"));
    let tree = |tests: &[u16]| {
        let lemma = lemma(LemmaRule::Equality, tests);
        vec![lemma, Case::False, split(3, 0, 1), Case::False, split(2, 2, 3), Case::False, split(1, 4, 5), Case::False, split(0, 6, 7)]
    };
    assert!(conflict(&chain("s == \"y\""), tree(&[0, 2, 3])).is_ok());
    assert!(conflict(&chain("s != \"x\""), tree(&[0, 2, 3])).is_ok());
    for (last, tests) in
        [("s == \"x\"", &[0, 2, 3][..]), ("s == \"y\"", &[2, 3]), ("s == \"y\"", &[0, 1, 2, 3]), ("s != \"y\"", &[0, 2, 3])]
    {
        assert!(conflict(&chain(last), tree(tests)).is_err(), "{last}");
    }
}

#[test]
fn what_does_not_hold_counts_as_well() {
    let policy = policy("on t { n < 3 => allow, n < 6 => ask, n >= 6 => deny }\nallow other");
    let gap = |rule, tests: &[u16]| {
        let nodes = vec![Case::False, Case::False, Case::False, lemma(rule, tests), split(2, 2, 3), split(1, 1, 4), split(0, 0, 5)];
        said(&policy, About::NoGap(PersonaId(0)), vec![Tree { nodes: vec![Case::False] }, Tree { nodes }])
    };
    // Tools stand by name: `other` before `t`.
    assert!(gap(LemmaRule::Interval, &[1, 2]).is_ok_and(|found| (found.obligations, found.trusted) == (2, 0)));
    assert!(gap(LemmaRule::Interval, &[0, 2]).is_err());
    assert!(gap(LemmaRule::Literal, &[1, 2]).is_err());
}

#[test]
fn trees_that_lie_are_refused() {
    let policy = both("n <= 4", "n > 4");
    let good = lemma(LemmaRule::Interval, &[0, 1]);
    assert!(conflict(&policy, together(good.clone())).is_ok());
    let lies: Vec<(&str, Vec<Case>)> = vec![
        ("empty", vec![]),
        ("false at once", vec![Case::False]),
        ("undecided tests", vec![good.clone()]),
        ("a lemma without tests", together(lemma(LemmaRule::Interval, &[]))),
        ("a test that is not", together(lemma(LemmaRule::Interval, &[0, 2]))),
        ("a split over a test that is not", vec![Case::False, Case::False, split(2, 0, 1)]),
        ("a forward reference", vec![Case::False, split(0, 2, 0), Case::False, split(1, 1, 2)]),
        ("its own branch", vec![Case::False, split(0, 0, 1)]),
        ("a branch beyond the end", vec![Case::False, split(0, 0, 9)]),
        ("a shared branch", vec![good.clone(), split(1, 0, 0), Case::False, split(0, 1, 2)]),
        ("a branch that hangs from two", vec![Case::False, Case::False, split(1, 0, 1), split(0, 2, 0)]),
        ("a node that nobody reads", vec![Case::False, good.clone(), Case::False, split(1, 1, 2), Case::False, split(0, 3, 4)]),
        ("a test decided twice", vec![good.clone(), Case::False, split(1, 0, 1), Case::False, split(0, 2, 3), Case::False, split(0, 4, 5)]),
        ("the wrong branch", vec![Case::False, good.clone(), split(1, 0, 1), Case::False, split(0, 2, 3)]),
        ("a branch left out", vec![good, Case::False, split(1, 0, 1)]),
    ];
    for (lie, nodes) in lies {
        assert!(conflict(&policy, nodes).is_err(), "{lie}");
    }
}

/// Each node twice the branch of the next: a tree of as many ways as there are sets of tests, if that were not refused.
#[test]
fn a_tree_that_shares_its_branches_costs_nothing() {
    let many: Vec<String> = (0..60).map(|n| format!("s == \"{n}\"")).collect();
    let policy = both(&many.join(" or "), "n > 4");
    let shared = (0..60).map(|test| split(test, test.into(), test.into()));
    assert!(conflict(&policy, [Case::False].into_iter().chain(shared).collect()).is_err());
    let large = vec![Case::False; 1 << 20];
    assert!(conflict(&policy, large).is_err());
}

#[test]
fn claims_that_lie_are_refused() {
    let policy = both("n <= 4", "n > 4");
    let tree = || Tree { nodes: together(lemma(LemmaRule::Interval, &[0, 1])) };
    let about = About::NoConflict(PersonaId(0));
    assert!(said(&policy, about.clone(), vec![tree()]).is_ok());
    assert!(said(&policy, about.clone(), vec![]).is_err(), "an obligation without a proof");
    assert!(said(&policy, about.clone(), vec![tree(), tree()]).is_err(), "a proof without an obligation");
    assert!(said(&policy, About::NoConflict(PersonaId(1)), vec![]).is_err(), "a persona that is not");
    assert!(said(&policy, About::Assertion("x".to_owned()), vec![]).is_err(), "an assertion by cases");
    assert!(said(&policy, About::NoGap(PersonaId(0)), vec![]).is_ok_and(|found| found.obligations == 0), "`otherwise` leaves nothing");
    let trusted = Claim { about, proof: Proof::Trusted };
    assert!(check(&policy, std::slice::from_ref(&trusted)).is_ok_and(|found| !found[0].is_certified()));
    assert!(check(&policy, &[trusted.clone(), trusted]).is_err(), "claimed twice");
    let wrong = said(&both("n <= 4", "n > 3"), About::NoConflict(PersonaId(0)), vec![tree()]).unwrap_err();
    for word in ["`p`", "`t`", "`p.allow#1`", "`p.deny#1`", "obligation 1"] {
        assert!(wrong.contains(word), "{wrong}");
    }
}

/// Of the tools that have the same tests only one has values that they exhaust.
#[test]
fn a_tree_is_of_one_tool() {
    let text = "language 1\ntool a(n: int 0..=9)\ntool b(n: int 0..=10)\npersona p {\non a { n < 5 => allow, n in [5, 6, 7, 8, 9] => deny }\n\
                on b { n < 5 => allow, n in [5, 6, 7, 8, 9] => deny }\n}";
    let policy = elaborate_from(&BTreeMap::from([("p.lever".to_owned(), text.to_owned())]), "p.lever").unwrap();
    let tree = |last| Tree { nodes: vec![Case::False, Case::False, last, split(1, 1, 2), split(0, 0, 3)] };
    let shown = || tree(lemma(LemmaRule::Interval, &[0, 1]));
    let gap = |trees| said(&policy, About::NoGap(PersonaId(0)), trees);
    assert!(gap(vec![shown(), tree(Case::Trusted)]).is_ok_and(|found| found.trusted == 1));
    let wrong = gap(vec![tree(Case::Trusted), shown()]).unwrap_err();
    assert!(wrong.contains("call of `b`"), "{wrong}");
}

#[test]
fn everyone_and_equal_verdicts_are_exempt() {
    let text = format!(
        "language 1\n{TOOL}\neveryone {{ deny t when n > 4 }}\npersona p {{ allow t when n > 2\nask t when n > 5\nask t when m > 0 and n < 2\notherwise deny }}"
    );
    let policy = elaborate_from(&BTreeMap::from([("p.lever".to_owned(), text)]), "p.lever").unwrap();
    let first = vec![lemma(LemmaRule::Interval, &[1, 2]), Case::False, split(1, 0, 1), Case::False, split(2, 3, 2)];
    let second = vec![lemma(LemmaRule::Interval, &[0, 2]), Case::False, split(2, 0, 1), Case::False, split(0, 2, 3)];
    let found = said(&policy, About::NoConflict(PersonaId(0)), vec![Tree { nodes: first }, Tree { nodes: second }]);
    assert_eq!(found.map(|found| (found.obligations, found.trusted)), Ok((2, 0)));
}

#[test]
fn quantifiers_that_say_the_contrary_are_one_test() {
    let all = "all x in l : (x == \"a\" or not (x starts_with \"b\"))";
    let nodes = || vec![Case::False, Case::False, split(0, 0, 1)];
    for other in [
        format!("not ({all})"),
        "some x in l : (x != \"a\" and x starts_with \"b\")".to_owned(),
        "some x in l : (not (x == \"a\" or not (x starts_with \"b\")))".to_owned(),
    ] {
        assert!(conflict(&both(all, &other), nodes()).is_ok(), "{other}");
    }
    for other in ["some x in l : (x != \"a\" or x starts_with \"b\")", "some x in l : (x starts_with \"b\" and x != \"a\")", all] {
        assert!(conflict(&both(all, other), nodes()).is_err(), "{other}");
    }
}
