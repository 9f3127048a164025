//! Rules of lemmas, each from the checker that finds it to the verifier that takes it: claims that hold are certified by the rule that is meant, claims that almost
//! hold are not, whatever is made of the proofs of others.
//!
//! In: pairs of conditions that exclude each other, or just do not. Out: whether the proof that no call has both is certified.
//! Source: `lang-spec/certificate.md`, [cert.lemmas].
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use leverframe_reference::{Policy, elaborate_from};
use leverframe_runtime::frame::{About, Case, Claim, LemmaRule, Proof};
use leverframe_tests::certified::Certified;
use leverframe_tests::engine::ROOT;
use leverframe_tests::mutate::{Choice, mutants};
use leverframe_tests::policy::files::split;
use leverframe_verifier::claims;

const FIELDS: &str = "a: int 0..=10, b: int 0..=10, c: int, d: int, x: number, y: number, t: timestamp, u: timestamp, l: duration, m: duration, \
                      s: string, e: email, w: url, i: ip, xs: list<int>";
/// Mutants of one shape.
const MUTANTS: usize = 60;
/// Mutants below which too little was tried.
const LEAST_MUTANTS: usize = 500;

/// A rule, and two conditions that exclude each other by it; then one instead of the second that does not.
type Example = (&'static str, &'static str, &'static str, &'static str);

const EXAMPLES: &[Example] = &[
    ("Farkas", "c < d and d < a", "c >= a", "c <= a"),
    ("Farkas", "b + 7 < a", "a <= 7", "a <= 8"),
    ("Farkas", "a * 3 <= 29", "a + 5 > 14", "a + 5 > 13"),
    ("Farkas", "c * 3 >= 25", "c * 3 <= 26", "c * 3 <= 27"),
    ("Farkas", "a - 9 > b", "a < 10", "a <= 10"),
    ("Farkas", "c * 2 == d * 4", "c != d * 2", "c != d * 2 + 1"),
    ("Farkas", "t < u", "u <= t", "u >= t"),
    ("Farkas", "t < u and u <= at", "t >= at", "t <= at"),
    ("Farkas", "l < m", "m == 0s", "m == 1s"),
    ("Farkas", "x < y", "y < x", "y > x"),
    ("Farkas", "x <= y and y <= x", "x != y", "x == y"),
    ("Farkas", "x >= c", "c >= 3 and x < 2.5", "c >= 2 and x < 2.5"),
    ("Farkas", "c in [4, 6, 9] and d > c", "d < 5", "d < 6"),
    ("Farkas", "c == d", "c < d", "c <= d"),
    ("Farkas", "size(xs) > c", "c > size(xs)", "c >= size(xs) - 1"),
    ("Substitution", "s == \"Admin\"", "lower(s) == \"root\"", "lower(s) == \"admin\""),
    ("Substitution", "s in [\"A\", \"B\"]", "not (lower(s) in [\"a\", \"b\"])", "not (lower(s) in [\"a\", \"c\"])"),
    ("Substitution", "e == \"ann@acme.example\"", "email(e).domain == \"evil.example\"", "email(e).domain == \"acme.example\""),
    ("Substitution", "e == \"ann@acme.example\"", "email(e).local starts_with \"b\"", "email(e).local starts_with \"a\""),
    (
        "Substitution",
        "w == \"https://acme.example/a\"",
        "not (url(w).host under \"acme.example\")",
        "not (url(w).host under \"b.acme.example\")",
    ),
    ("Substitution", "w == \"https://acme.example/a\"", "url(w).port != 443", "url(w).port == 443"),
    ("Substitution", "w == \"https://acme.example/a\"", "url(w).scheme == \"http\"", "url(w).scheme == \"https\""),
    ("Substitution", "t == ts\"2026-11-26T10:00:00Z\"", "hour(t) > 10", "hour(t) >= 10"),
    ("Networks", "ip(i) in \"10.0.0.0/9\"", "ip(i) in \"10.128.0.0/9\"", "ip(i) in \"10.64.0.0/10\""),
    ("Networks", "ip(i) in \"10.0.0.0/8\"", "not (ip(i) in \"0.0.0.0/0\")", "not (ip(i) in \"10.0.0.0/9\")"),
    ("Networks", "not (ip(i) in \"0.0.0.0/0\") and not (ip(i) in \"8000::/1\")", "not (ip(i) in \"::/1\")", "not (ip(i) in \"::/2\")"),
    ("Networks", "ip(i) in \"10.0.0.6/31\" and i != \"10.0.0.6\"", "i != \"10.0.0.7\"", "i != \"10.0.0.8\""),
    ("Networks", "i == \"::ffff:10.0.0.1\"", "ip(i) in \"::/0\"", "ip(i) in \"10.0.0.1\""),
];

fn text(one: &str, other: &str) -> String {
    format!("language 1\ntool t.t({FIELDS})\npersona p {{\n  allow t.t when {one}\n  deny t.t when {other}\n  otherwise deny\n}}\n")
}

/// The proof that no call has both, if there is one.
fn no_conflict(one: &str, other: &str) -> Option<Claim> {
    let text = text(one, other);
    let made = Certified::of_text(&text).unwrap_or_else(|| panic!("the compiler refuses\n{text}"));
    made.certificate.claims.into_iter().find(|claim| matches!(claim.about, About::NoConflict(_)))
}

fn rules(claim: &Claim) -> Vec<&LemmaRule> {
    let Proof::Cases(trees) = &claim.proof else { return Vec::new() };
    let nodes = trees.iter().flat_map(|tree| &tree.nodes);
    nodes.filter_map(|node| if let Case::Contradiction(lemma) = node { Some(&lemma.rule) } else { None }).collect()
}

fn name(rule: &LemmaRule) -> String {
    let text = format!("{rule:?}");
    text.split('(').next().unwrap_or_default().to_owned()
}

#[test]
fn what_holds_is_certified_and_what_almost_holds_is_not() {
    for (rule, one, other, almost) in EXAMPLES {
        let claim = no_conflict(one, other).unwrap_or_else(|| panic!("`{one}` and `{other}` are not shown to exclude each other"));
        let names: Vec<String> = rules(&claim).into_iter().map(name).collect();
        assert!(names.iter().any(|name| name == rule), "`{one}` and `{other}`: by {names:?}");
        assert!(no_conflict(one, almost).is_none(), "`{one}` and `{almost}` go together");
    }
}

#[test]
fn the_proof_of_one_claim_proves_no_other() {
    let proofs: Vec<Claim> = EXAMPLES.iter().filter_map(|(_, one, other, _)| no_conflict(one, other)).collect();
    assert_eq!(proofs.len(), EXAMPLES.len());
    let (mut tried, mut taken) = (0, 0);
    for (claim, (_, one, other, almost)) in proofs.iter().zip(EXAMPLES) {
        let policy = |other: &str| -> Policy { elaborate_from(&split(&text(one, other)), ROOT).expect("a policy") };
        let (right, wrong) = (policy(other), policy(almost));
        let takes = |policy: &Policy, claim: &Claim| {
            claims::check(policy, std::slice::from_ref(claim)).is_ok_and(|found| found.iter().all(claims::Certified::is_certified))
        };
        assert!(takes(&right, claim) && !takes(&wrong, claim), "`{one}` and `{almost}`");
        mutants(claim, Choice { per_shape: MUTANTS, seed: 7 }, |mutant| {
            if matches!(mutant.value.about, About::NoConflict(_)) {
                tried += 1;
                taken += usize::from(takes(&right, &mutant.value));
                assert!(!takes(&wrong, &mutant.value), "`{one}` and `{almost}`, {}: {}", mutant.path, mutant.what);
            }
        });
    }
    println!("{tried} mutants of {} proofs; {taken} of them still prove what the proof proved", proofs.len());
    assert!(tried > LEAST_MUTANTS && taken < tried / 4);
}
