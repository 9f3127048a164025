//! Random policies × random sessions, random catalogs and random spellings: engine against reference.

use leverframe_tests::coverage::LEAST_PER_THOUSAND;
use leverframe_tests::differential::{catalogs, run, shown, spellings};

const SEED: u64 = 20_261_122;
const PAIRS: usize = 20_000;
const THREADS: usize = 2;
/// Of a hundred random policies, how many the compiler must take: they are made to be of the right types.
const ACCEPTED_PERCENT: usize = 95;
const CATALOGS: usize = 3_000;
const RECORDS: usize = 500;
const CALLS: usize = 40;
/// Of a hundred random catalogs, how many must not be refused, or the test shows little.
const TAKEN_PERCENT: usize = 50;
/// Every kind of answer must fall this often among the spellings.
const LEAST_ANSWERS: usize = 200;

#[test]
fn engine_and_reference_agree_on_random_policies_and_sessions() {
    let report = run(SEED, PAIRS, THREADS);
    println!("{}", report.text());
    assert!(report.cases.is_empty(), "engine and reference disagree:\n{}", report.text());
    assert!(report.coverage.pairs() >= PAIRS, "only {} pairs", report.coverage.pairs());
    assert!(report.accepted_percent() >= ACCEPTED_PERCENT, "the compiler refuses too many policies:\n{}", report.text());
    let rare = report.coverage.rare();
    assert!(rare.is_empty(), "constructs that decide in less than {LEAST_PER_THOUSAND} of 1,000 pairs: {rare:?}");
}

#[test]
fn compiler_and_reference_read_random_catalogs_alike() {
    let (differences, taken) = catalogs(SEED, CATALOGS);
    println!("{taken} of {CATALOGS} random catalogs are taken, and read alike");
    assert!(differences.is_empty(), "{:#?}", differences.first());
    assert!(taken * 100 >= CATALOGS * TAKEN_PERCENT, "only {taken} catalogs are taken");
}

#[test]
fn engine_and_reference_read_random_spellings_alike() {
    let (case, verdicts) = spellings(SEED, RECORDS, CALLS);
    println!("answers: {verdicts:?}");
    assert!(case.is_none(), "{}", case.map_or(String::new(), |case| shown(SEED, &case)));
    for answer in ["allow rule", "ask rule", "deny rule", "deny condition_failed", "deny malformed_arguments"] {
        let count = verdicts.get(answer).copied().unwrap_or(0);
        assert!(count >= LEAST_ANSWERS, "`{answer}` fell {count} times only");
    }
}
