//! Random policies × random sessions, engine against reference; and both core forms of every policy in the repository.

use leverframe_tests::coverage::LEAST_PER_THOUSAND;
use leverframe_tests::differential::run;

const SEED: u64 = 20_261_122;
const PAIRS: usize = 20_000;
const ACCEPTED_PERCENT: usize = 95;

#[test]
fn engine_and_reference_agree_on_random_policies_and_sessions() {
    let report = run(SEED, PAIRS, 2);
    println!("{}", report.text());
    assert!(report.cases.is_empty(), "engine and reference disagree:\n{}", report.text());
    assert!(report.coverage.pairs() >= PAIRS, "only {} pairs", report.coverage.pairs());
    assert!(report.accepted_percent() > ACCEPTED_PERCENT, "the compiler refuses too many policies:\n{}", report.text());
    let rare = report.coverage.rare();
    assert!(rare.is_empty(), "constructs that decide in less than {LEAST_PER_THOUSAND} of 1,000 pairs: {rare:?}");
}
