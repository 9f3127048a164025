//! A check that uses what others found out says what a fresh one says: over random small policies, each edited one step at a time.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use leverframe_checker::{Cache, Options, Report, Verdict, check, check_again};
use leverframe_compiler::pipeline::build;
use leverframe_tests::brute::policy::Policy;
use leverframe_tests::engine::ROOT;
use leverframe_tests::policy::files::split;

/// Policies that are edited.
const POLICIES: u64 = 120;

/// Who keeps the cache.
const MAKER: &str = "this test";

/// Edited policies below which this test says too little.
const LEAST: usize = 600;

fn options() -> Options {
    Options { timeout: Duration::from_secs(10), record_queries: false }
}

/// Every policy that one small edit makes of this one; the last is the policy itself.
fn edits(policy: &Policy) -> Vec<Policy> {
    let mut all = Vec::new();
    let mut edited = |edit: &dyn Fn(&mut Policy)| {
        let mut other = policy.clone();
        edit(&mut other);
        all.push(other);
    };
    for at in 0..policy.rules.rules.len() {
        edited(&|policy| drop(policy.rules.rules.remove(at)));
        edited(&|policy| {
            let rule = policy.rules.rules.remove(at);
            policy.rules.rules.push(rule);
        });
    }
    for at in 0..policy.rules.assertions.len() {
        edited(&|policy| drop(policy.rules.assertions.remove(at)));
    }
    for persona in 0..policy.permissions.personas.len() {
        edited(&|policy| policy.permissions.personas[persona].otherwise = None);
        for at in 0..policy.permissions.personas[persona].statements.len() {
            edited(&|policy| drop(policy.permissions.personas[persona].statements.remove(at)));
        }
    }
    edited(&|policy| policy.permissions.everyone.clear());
    edited(&|_| ());
    all
}

/// What a report says, as far as anybody can see it.
fn said(report: &Report) -> Vec<String> {
    let findings = report.findings.iter().map(|finding| {
        let diagnostic = &finding.diagnostic;
        format!("{diagnostic:?} {:?} {:?} {:?} {:?}", finding.persona, finding.tool, finding.rules, finding.witness)
    });
    let proofs = report.proofs.iter().map(|proof| format!("{:?} {:?} {:?}", proof.claim, proof.verdict, proof.basis));
    findings.chain(proofs).collect()
}

/// What the reports of a policy say: the fresh one and the one that goes on from `cache`.
fn both(text: &str, cache: &mut Cache) -> Option<[Report; 2]> {
    let built = build(ROOT, &split(text)).ok()?;
    let fresh = check(&built.checked, &built.frame, &options());
    let again = check_again(&built.checked, &built.frame, &options(), cache);
    Some([fresh, again])
}

/// Bounds may end a fresh hunt where an earlier one saw that there is nothing: then the check that knows more may say more.
fn gave_up(report: &Report) -> bool {
    report.proofs.iter().any(|proof| matches!(proof.verdict, Verdict::Unknown(_)))
}

#[test]
fn what_was_found_out_before_changes_no_word() {
    let (mut looked_at, mut cache) = (0, Cache::default());
    for seed in 0..POLICIES {
        for edited in edits(&Policy::random(seed)) {
            let text = edited.text();
            let Some([fresh, again]) = both(&text, &mut cache) else { continue };
            looked_at += 1;
            assert!(said(&fresh) == said(&again) || gave_up(&fresh), "seed {seed}\n{text}\n{:#?}\n{:#?}", said(&fresh), said(&again));
        }
        // As a file would have it.
        let bytes = cache.kept(MAKER).expect("it can be written");
        cache = Cache::read(&bytes, MAKER).expect("it can be read");
    }
    assert!(looked_at >= LEAST, "only {looked_at} policies compile");
}

#[test]
fn a_cache_of_another_program_is_none() {
    let policy = Policy::random(1).text();
    let mut cache = Cache::default();
    both(&policy, &mut cache).expect("it compiles");
    let bytes = cache.kept(MAKER).expect("it can be written");
    assert!(Cache::read(&bytes, MAKER).is_ok());
    assert!(Cache::read(&bytes, "another program").is_err());
    assert!(Cache::read(&bytes[..bytes.len() / 2], MAKER).is_err());
}
