//! Findings in certificates: what the checker finds is claimed and taken, and mutants of claims are taken only where they are so.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that breaks should break")]

use std::collections::BTreeSet;
use std::time::Duration;

use leverframe_checker::{Options, Stated, certify, check};
use leverframe_compiler::pipeline::build;
use leverframe_reference::{Policy, elaborate_from};
use leverframe_runtime::frame::{About, Claim, Finding, PersonaId, Proof, Shadow, Statement};
use leverframe_tests::certified::Certified;
use leverframe_tests::engine::ROOT;
use leverframe_tests::mutate::{Choice, mutants};
use leverframe_tests::policy::files::split;
use leverframe_verifier::claims::is_certified;

const POLICY: &str = "language 1
tool t.a(n: int 0..=9)
tool t.b()
tool t.c(e: \"x\" | \"y\")
everyone { deny t.a when n > 7 }
persona p {
  deny t.a when n > 8
  allow t.a when n > 9
  allow t.b
  allow t.b when true
  otherwise deny
}
persona q {
  allow t.b
  allow t.c when e in [\"x\", \"y\"]
  otherwise deny
}
forbid f { t.a then t.b }
forbid g { t.b then t.b }
forbid h { t.b then t.b then t.b }
forbid n { t.b then[next] t.c }
forbid i { t.b then t.c }
limit l: 5 distinct(e) of t.c per session
assert none never { t.a then t.b }
";

fn of(persona: u32, name: &str) -> Statement {
    Statement { persona: Some(PersonaId(persona)), name: name.to_owned() }
}

/// All that is so in the policy, but for what speaks of statements that other findings already make pointless.
fn so() -> BTreeSet<Finding> {
    let name = |text: &str| text.to_owned();
    [
        Finding::NeverMet(of(0, "p.allow#1")),
        Finding::Shadowed(of(0, "p.allow#1"), Shadow::Arms),
        Finding::Shadowed(of(0, "p.allow#1"), Shadow::Everyone),
        Finding::Shadowed(of(0, "p.allow#1"), Shadow::Others),
        Finding::Overridden(of(0, "p.allow#1")),
        Finding::NeverUsed(of(0, "p.allow#1")),
        Finding::Shadowed(of(0, "p.deny#1"), Shadow::Everyone),
        Finding::Overridden(of(0, "p.deny#1")),
        Finding::NeverUsed(of(0, "p.deny#1")),
        Finding::Shadowed(of(0, "p.allow#2"), Shadow::Others),
        Finding::Shadowed(of(0, "p.allow#3"), Shadow::Others),
        Finding::AlwaysMet(of(0, "p.allow#2")),
        Finding::AlwaysMet(of(0, "p.allow#3")),
        Finding::AlwaysMet(of(1, "q.allow#1")),
        Finding::AlwaysMet(of(1, "q.allow#2")),
        Finding::OtherwiseAlone(PersonaId(0)),
        Finding::OtherwiseAlone(PersonaId(1)),
        Finding::NeverTriggers(name("f")),
        Finding::NeverFull(name("f")),
        Finding::Implied(name("f")),
        Finding::Implied(name("h")),
        // Who may call `t.c` may beside it only call `t.b`, so that nothing lies in between: of `n` and `i` each says what the other does.
        Finding::Implied(name("n")),
        Finding::Implied(name("i")),
        Finding::NeverTriggers(name("h")),
        Finding::NeverFull(name("h")),
        Finding::Evaded(name("n")),
        Finding::NeverFull(name("l")),
        Finding::Vacuous(name("none")),
    ]
    .into()
}

/// What the checker finds and states of a policy.
fn found(text: &str) -> (Vec<Claim>, Policy) {
    let built = build(ROOT, &split(text)).expect("it compiles");
    let options = Options { timeout: Duration::from_secs(10), record_queries: false };
    let report = check(&built.checked, &built.frame, &options);
    let stated: Vec<Stated> = report.findings.into_iter().filter_map(|finding| finding.stated).collect();
    let claims = certify::findings(built.checked.core.as_ref().expect("a core"), &stated);
    (claims, elaborate_from(&split(text), ROOT).expect("the reference reads it"))
}

#[test]
fn what_the_checker_finds_is_certified() {
    let (claims, policy) = found(POLICY);
    let codes: BTreeSet<&str> = claims.iter().filter_map(|claim| Some(finding(claim)?.code())).collect();
    assert_eq!(codes, ["LF0303", "LF0304", "LF0305", "LF0307", "LF0401", "LF0404", "LF0409", "LF0411", "LF0504"].into(), "{claims:#?}");
    // That no call meets the condition of `p.allow#1` is a lemma about numbers, and products know of conditions only what logic says.
    let beyond = [Finding::NeverTriggers("f".to_owned()), Finding::Vacuous("none".to_owned())];
    for claim in &claims {
        let finding = finding(claim).expect("a finding");
        assert_eq!(is_certified(&policy, claim), !beyond.contains(finding), "{claim:?}");
        assert!(so().contains(finding), "{claim:?}");
    }
}

fn finding(claim: &Claim) -> Option<&Finding> {
    if let About::Finding(finding) = &claim.about { Some(finding) } else { None }
}

/// A mutant may say something else that is so; nothing that is not.
#[test]
fn mutants_that_are_taken_are_so() {
    let (claims, policy) = found(POLICY);
    let (so, mut taken, mut refused) = (so(), 0, 0);
    for claim in &claims {
        mutants(claim, Choice { per_shape: 0, seed: 1 }, |mutant| {
            if !is_certified(&policy, &mutant.value) {
                refused += 1;
                return;
            }
            taken += 1;
            if let Some(finding) = finding(&mutant.value) {
                assert!(so.contains(finding), "{}: {finding:?} is not so", mutant.path);
            }
        });
    }
    println!("{taken} mutants are taken, {refused} refused");
    assert!(taken > 0 && refused > taken);
}

/// Of every finding that can be stated of this policy: what is not so is never shown, with whatever rules.
#[test]
fn what_is_not_so_is_refused() {
    let (_, policy) = found(POLICY);
    let so = so();
    let mut tried = 0;
    for name in ["f", "g", "h", "n", "i", "l", "none"] {
        for kind in [Finding::NeverTriggers, Finding::Implied, Finding::NeverFull, Finding::Evaded, Finding::Impossible, Finding::Vacuous] {
            let finding = kind(name.to_owned());
            let sets = (0..32_u16).map(|set| (0..5).filter(|rule| set & (1 << rule) != 0).collect());
            let proofs = sets.map(Proof::Unreachable).chain([Proof::Cases(Vec::new())]);
            for proof in proofs {
                tried += 1;
                let taken = is_certified(&policy, &Claim { about: About::Finding(finding.clone()), proof });
                assert!(!taken || so.contains(&finding), "{finding:?}");
            }
        }
    }
    assert!(tried > 1_000);
}

/// A finding is counted apart, and no mark depends on it.
#[test]
fn a_report_has_findings_apart() {
    let mut certified = Certified::of_text(POLICY).expect("it compiles");
    let claims = certified.verify().expect("it is verified");
    assert!(claims.findings.len() >= 8 && claims.claims.iter().all(|claim| !matches!(claim.about, About::Finding(_))));
    assert!(claims.findings.iter().all(|claim| claim.is_certified()));
    certified
        .certificate
        .claims
        .iter_mut()
        .filter(|claim| matches!(claim.about, About::Finding(_)))
        .for_each(|claim| claim.proof = Proof::Trusted);
    let trusted = certified.verify().expect("they may be trusted");
    assert!(trusted.findings.iter().all(|claim| claim.trusted == 1));
    assert_eq!(trusted.claims, claims.claims);
    let lie = Finding::NeverTriggers("g".to_owned());
    certified.certificate.claims.push(Claim { about: About::Finding(lie), proof: Proof::Unreachable(vec![0, 1, 2]) });
    let problems = certified.verify().expect_err("a lie is refused");
    assert!(problems.iter().any(|problem| problem.code == "LF0612" && problem.what.contains("LF0401 of `g`")), "{problems:?}");
}

/// A call without a value is judged whatever was counted, so that such a limit does something.
#[test]
fn a_limit_that_calls_without_a_value_meet() {
    let text = |optional: &str| {
        format!("language 1\ntool t.a(e: \"x\" | \"y\"{optional})\npersona p {{ allow t.a }}\nlimit l: 5 distinct(e) of t.a per session\n")
    };
    let full = |text: &str| found(text).0.iter().filter_map(finding).any(|finding| matches!(finding, Finding::NeverFull(_)));
    assert!(full(&text("")) && !full(&text("?")));
}
