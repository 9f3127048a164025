//! Findings in certificates: of each kind one that is so and is shown, and ones that are not so and are refused, whatever stands there as their proof.
//!
//! In: policies, and claims made by hand. Out: what the verifier says of them. Source: `lang-spec/certificate.md`, [cert.findings].
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use std::collections::BTreeMap;

use leverframe_reference::{Policy, elaborate_from};
use leverframe_runtime::frame::{About, Case, Claim, Finding, Lemma, LemmaRule, PersonaId, Proof, Shadow, Statement, Tree};
use leverframe_verifier::claims::{check, is_certified};

const RULES: [LemmaRule; 3] = [LemmaRule::Interval, LemmaRule::Enumeration, LemmaRule::Literal];
const TOOLS: &str = "tool t(n: int 0..=9, e: \"x\" | \"y\")\ntool a()\ntool b()\n";
const P: PersonaId = PersonaId(0);

fn policy(rest: &str) -> Policy {
    let text = format!("language 1\n{TOOLS}{rest}\n");
    elaborate_from(&BTreeMap::from([("p.lever".to_owned(), text.clone())]), "p.lever").unwrap_or_else(|why| panic!("{why}: {text}"))
}

fn claim(finding: &Finding, proof: Proof) -> Claim {
    Claim { about: About::Finding(finding.clone()), proof }
}

/// A node and what hangs from it, in post-order.
type Nodes = Vec<Case>;

/// Every tree that decides these tests in their order, each leaf any that there is.
fn trees(first: u16, tests: u16) -> Vec<Nodes> {
    let decided: Vec<u16> = (0..first).collect();
    let lemma = |rule| vec![Case::Contradiction(Lemma { tests: decided.clone(), rule })];
    let mut all = vec![vec![Case::False]];
    all.extend(RULES.into_iter().filter(|_| first > 0).map(lemma));
    if first < tests {
        let below = trees(first + 1, tests);
        for yes in &below {
            all.extend(below.iter().map(|no| split(first, yes, no)));
        }
    }
    all
}

fn split(test: u16, yes: &Nodes, no: &Nodes) -> Nodes {
    let moved = |case: &Case| match case {
        Case::Split { test, yes: a, no: b } => {
            let by = u32::try_from(yes.len()).unwrap();
            Case::Split { test: *test, yes: a + by, no: b + by }
        }
        other => other.clone(),
    };
    let (last_yes, last) = (u32::try_from(yes.len()).unwrap() - 1, u32::try_from(yes.len() + no.len()).unwrap() - 1);
    let whole = yes.iter().cloned().chain(no.iter().map(moved));
    whole.chain([Case::Split { test, yes: last_yes, no: last }]).collect()
}

/// Whether some proof by cases of at most two tests is taken.
fn by_cases(policy: &Policy, finding: &Finding) -> bool {
    let proofs = std::iter::once(Vec::new()).chain(trees(0, 2).into_iter().map(|nodes| vec![Tree { nodes }]));
    proofs.into_iter().any(|trees| is_certified(policy, &claim(finding, Proof::Cases(trees))))
}

/// Whether the product of some rules is taken.
fn by_rules(policy: &Policy, finding: &Finding) -> bool {
    let places: Vec<u16> = (0..u16::try_from(policy.rules.len()).unwrap()).collect();
    let sets = (0..1_u32 << places.len()).map(|set| places.iter().copied().filter(|place| set & (1 << place) != 0).collect());
    sets.into_iter().any(|rules: Vec<u16>| is_certified(policy, &claim(finding, Proof::Unreachable(rules))))
}

fn shown(policy: &Policy, finding: &Finding) -> bool {
    by_cases(policy, finding) || by_rules(policy, finding)
}

/// What is wrong with a claim.
fn wrong(policy: &Policy, finding: &Finding, proof: Proof) -> String {
    check(policy, &[claim(finding, proof)]).unwrap_err().join("; ")
}

fn of(name: &str) -> Statement {
    Statement { persona: Some(P), name: name.to_owned() }
}

fn house(name: &str) -> Statement {
    Statement { persona: None, name: name.to_owned() }
}

/// Checks that each of the first is shown, and none of the others.
fn told(policy: &Policy, so: &[Finding], not_so: &[Finding]) {
    for finding in so {
        assert!(shown(policy, finding), "{finding:?} is so");
        assert!(check(policy, &[claim(finding, Proof::Trusted)]).unwrap()[0].trusted == 1, "{finding:?} may be trusted");
    }
    for finding in not_so {
        assert!(!shown(policy, finding), "{finding:?} is not so");
    }
}

#[test]
fn conditions_that_no_call_or_every_call_meets() {
    let of_p = policy("persona p {\nallow t when n > 9\nask t when n >= 0\ndeny t when n >= 1 and n < 9\n}");
    let not = [of("p.ask#1"), of("p.deny#1")].map(Finding::NeverMet);
    told(&of_p, &[Finding::NeverMet(of("p.allow#1")), Finding::AlwaysMet(of("p.ask#1"))], &not);
    told(&of_p, &[], &[of("p.allow#1"), of("p.deny#1")].map(Finding::AlwaysMet));
    let of_all = policy("everyone {\ndeny t when n > 9\ndeny t when n >= 0\n}\npersona p { otherwise deny }");
    told(&of_all, &[Finding::NeverMet(house("everyone.deny#1")), Finding::AlwaysMet(house("everyone.deny#2"))], &[]);
    told(&of_all, &[], &[Finding::NeverMet(house("everyone.deny#2")), Finding::AlwaysMet(house("everyone.deny#1"))]);
}

#[test]
fn arms_that_decide_before() {
    let arms = policy("persona p {\non t {\nn > 3 => allow,\nn > 5 => deny,\notherwise => ask\n}\n}");
    let shadowed = |name: &str| Finding::Shadowed(of(name), Shadow::Arms);
    told(&arms, &[shadowed("p.on(t)#2")], &[shadowed("p.on(t)#1"), shadowed("p.on(t)#3"), Finding::NeverMet(of("p.on(t)#2"))]);
}

#[test]
fn what_everyone_denies() {
    let text =
        "everyone {\ndeny t when n > 3\ndeny t when n > 5\n}\npersona p {\ndeny t when n > 6\nallow t when n > 7\nask t when n > 2\n}";
    let policy = policy(text);
    let by = |statement| Finding::Shadowed(statement, Shadow::Everyone);
    told(&policy, &[by(house("everyone.deny#2")), by(of("p.deny#1")), Finding::Overridden(of("p.allow#1"))], &[]);
    // What comes before the first is nothing; nobody's permission is none.
    told(&policy, &[], &[by(house("everyone.deny#1")), by(of("p.ask#1")), Finding::Overridden(of("p.ask#1"))]);
    told(&policy, &[], &[Finding::Overridden(house("everyone.deny#2"))]);
    assert!(wrong(&policy, &Finding::Overridden(house("everyone.deny#2")), Proof::Trusted).contains("nobody"));
}

#[test]
fn what_other_rules_say() {
    let text = "persona p {\nallow t when n > 3\nallow t when n > 5\nask t when n > 1\nask t when n > 2 by \"boss\"\notherwise deny\n}";
    let policy = policy(text);
    let said = |statement| Finding::Shadowed(statement, Shadow::Others);
    told(&policy, &[said(of("p.allow#2"))], &[said(of("p.allow#1")), said(of("p.ask#1")), said(of("p.ask#2"))]);
    assert!(wrong(&policy, &said(house("p.allow#2")), Proof::Trusted).contains("nobody"));
}

#[test]
fn the_otherwise_alone() {
    let alone = Finding::OtherwiseAlone(P);
    told(&policy("persona p {\nallow t, a\notherwise deny\n}"), std::slice::from_ref(&alone), &[]);
    told(&policy("persona p {\nallow t, a, b\notherwise deny\n}"), &[], std::slice::from_ref(&alone));
    told(&policy("persona p {\nallow t, a\n}"), &[], std::slice::from_ref(&alone));
    told(&policy("everyone {\ndeny b\n}\npersona p {\nallow t, a\notherwise ask\n}"), &[], std::slice::from_ref(&alone));
}

#[test]
fn what_a_call_in_between_evades() {
    let policy = policy("persona p { allow a, b, t }\nforbid f { a then[next] b }\nforbid g { a then b }\nlimit l: 2 a per session");
    let evaded = |name: &str| Finding::Evaded(name.to_owned());
    told(&policy, &[evaded("f")], &[evaded("g"), evaded("l"), evaded("h")]);
}

#[test]
fn rules_that_never_judge() {
    let never = |name: &str| Finding::NeverTriggers(name.to_owned());
    let of_none = policy("persona p {\nallow b\notherwise deny\n}\nforbid f { a then b }\nforbid g { b then a }\nforbid h { b then b }");
    told(&of_none, &[never("f"), never("g")], &[never("h"), never("no")]);
    let by_another = policy("persona p { allow a, b, t }\nforbid f { a then b }\nforbid g { a }");
    told(&by_another, &[never("f")], &[never("g")]);
    assert!(wrong(&by_another, &never("f"), Proof::Unreachable(Vec::new())).contains("may come to it"));
    assert!(wrong(&by_another, &never("f"), Proof::Unreachable(vec![7])).contains("no such rule"));
    assert!(wrong(&by_another, &never("f"), Proof::Cases(Vec::new())).contains("none of sessions"));
    let observed = policy("persona p { allow a, b, t }\nforbid f { a then b }\nforbid g { a } => observe");
    told(&observed, &[], &[never("f"), never("g")]);
    let elsewhere = policy("persona p { allow a, b, t }\npersona q { otherwise deny\nforbid g { a } }\nforbid f { a then b }");
    told(&elsewhere, &[never("g")], &[never("f")]);
    let ending = policy("persona p {\nallow b\notherwise deny\n}\nforbid f { a then b } => end session");
    assert!(wrong(&ending, &never("f"), Proof::Unreachable(Vec::new())).contains("ends sessions"));
}

/// While values are kept apart; where one is lacking, or broken, the rule may judge.
#[test]
fn rules_with_variables_that_never_judge() {
    let never = || Finding::NeverTriggers("f".to_owned());
    let text = |allowed: &str| format!("persona p {{\nallow {allowed}\notherwise deny\n}}\nforbid f {{ t(n: ?x) then t(n: ?x) }}");
    told(&policy(&text("a")), &[never()], &[]);
    told(&policy(&text("t")), &[], &[never()]);
}

#[test]
fn rules_that_others_imply() {
    let implied = |name: &str| Finding::Implied(name.to_owned());
    let plain = policy("persona p { allow a, b, t }\nforbid f { a then b }\nforbid g { b }\nforbid h { a then a }");
    told(&plain, &[implied("f")], &[implied("g"), implied("h")]);
    assert!(wrong(&plain, &implied("f"), Proof::Unreachable(vec![0, 1])).contains("by itself"));
    assert!(wrong(&plain, &implied("f"), Proof::Unreachable(vec![2])).contains("may come to it"));
    let asking = policy("persona p { allow a, b, t }\nforbid f { a then b }\nforbid g { b } => ask\nforbid h { b } => ask by \"boss\"");
    told(&asking, &[implied("g")], &[implied("f"), implied("h")]);
    let observing = policy("persona p { allow a, b, t }\nforbid f { a then b } => observe\nforbid g { b }");
    told(&observing, &[], &[implied("f")]);
    let of_q = policy("persona p { allow a, b, t }\npersona q { allow a, b, t\nforbid g { b } }\nforbid f { a then b }");
    told(&of_q, &[], &[implied("f")]);
    let of_others = policy("persona p { allow a, b, t }\nforbid f per principal { a then b }\nforbid g { b }");
    told(&of_others, &[], &[implied("f")]);
}

#[test]
fn permissions_that_no_session_uses() {
    let policy = policy(
        "persona p {\nallow a\nask b\nallow t when n > 3\nallow t when n < 2\notherwise deny\n}\nforbid f { a }\nforbid g { b then b }\nforbid h { t when (n > 3) }",
    );
    let never = |name: &str| Finding::NeverUsed(of(name));
    told(&policy, &[never("p.allow#1"), never("p.allow#2")], &[never("p.ask#1"), never("p.allow#3"), never("p.allow#9")]);
    assert!(wrong(&policy, &Finding::NeverUsed(house("p.allow#1")), Proof::Unreachable(vec![0])).contains("no such statement"));
}

#[test]
fn prerequisites_that_never_count() {
    let policy = policy("persona p {\nallow b, t\notherwise deny\n}\nrequire r { a and t before b }");
    let never = |prerequisite| Finding::NeverCounts { persona: P, rule: "r".to_owned(), prerequisite };
    told(&policy, &[never(0)], &[never(1), never(2)]);
    let of_nobody = Finding::NeverCounts { persona: PersonaId(1), rule: "r".to_owned(), prerequisite: 0 };
    assert!(wrong(&policy, &of_nobody, Proof::Trusted).contains("no such persona"));
}

#[test]
fn counts_that_are_never_met() {
    let full = |name: &str| Finding::NeverFull(name.to_owned());
    let values = policy(
        "persona p { allow a, b, t }\nlimit one: 1 distinct(e) of t per session\nlimit two: 2 distinct(e) of t per session\nlimit ten: 10 distinct(n) of t per session\nlimit nine: 9 distinct(n) of t per session",
    );
    told(&values, &[full("two"), full("ten")], &[full("one"), full("nine")]);
    let counts =
        policy("persona p { allow a, b, t }\nforbid f { a then a }\nlimit l: 1 a per session\nlimit m: 2 a per 1h\nlimit n: 2 b per 1h");
    told(&counts, &[full("m")], &[full("n")]);
    assert!(wrong(&counts, &full("m"), Proof::Unreachable(Vec::new())).contains("may come to it"));
}

#[test]
fn assertions_that_nothing_comes_to() {
    let text = "persona p {\nallow b\notherwise deny\n}\nassert x can p { a then b }\nassert y can p { b then b }
assert no never { a then b }\nassert yes never { b then a }\nassert first never { a }\nassert calls always { t before a }\nassert back always { t before b }";
    let policy = policy(text);
    let (never, vacuous) = (|name: &str| Finding::Impossible(name.to_owned()), |name: &str| Finding::Vacuous(name.to_owned()));
    told(&policy, &[never("x"), vacuous("no"), vacuous("calls")], &[never("y"), never("no"), vacuous("yes"), vacuous("back")]);
    told(&policy, &[], &[vacuous("first"), vacuous("x"), vacuous("nothing")]);
}

/// A finding is not believed to be about something that is not there.
#[test]
fn what_the_policy_does_not_have() {
    let policy = policy("persona p { allow a, b, t }\nforbid f { a then b }");
    let names = [
        Finding::NeverMet(of("p.allow#2")),
        Finding::NeverMet(Statement { persona: Some(PersonaId(1)), name: "p.allow#1".to_owned() }),
        Finding::AlwaysMet(house("p.allow#1")),
        Finding::Shadowed(of(""), Shadow::Arms),
        Finding::OtherwiseAlone(PersonaId(9)),
        Finding::NeverTriggers("p.allow#1".to_owned()),
        Finding::Implied("x".to_owned()),
        Finding::NeverFull("x".to_owned()),
        Finding::NeverCounts { persona: P, rule: "f".to_owned(), prerequisite: 0 },
        Finding::Impossible("f".to_owned()),
        Finding::Vacuous("f".to_owned()),
    ];
    for finding in names {
        for proof in [Proof::Trusted, Proof::Cases(Vec::new()), Proof::Unreachable(Vec::new()), Proof::Session(Vec::new())] {
            assert!(check(&policy, &[claim(&finding, proof.clone())]).is_err(), "{finding:?} {proof:?}");
        }
    }
    let twice = vec![claim(&Finding::AlwaysMet(of("p.allow#1")), Proof::Trusted); 2];
    assert!(check(&policy, &twice).unwrap_err()[0].contains("twice"));
}
