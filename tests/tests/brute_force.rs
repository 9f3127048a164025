//! Brute force in small: the checker against every call and every session of random small policies. The long run is the program `brute_force`.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use leverframe_tests::brute::{BOUNDS, run};

/// Policies of the short run.
const POLICIES: usize = 24;

/// Different codes below which this test says too little.
const LEAST_CODES: usize = 10;

/// Of a hundred claims, how many may stay unknown.
const UNKNOWN: usize = 5;

#[test]
fn enumeration_finds_what_the_checker_finds() {
    let report = run(1, POLICIES, 2, BOUNDS);
    assert!(report.wrong.is_empty(), "{}", report.text());
    assert!(report.refused.is_empty() && report.policies == POLICIES, "all of them were looked at: {}", report.text());
    assert!(report.replayed > 0 && report.findings.len() >= LEAST_CODES, "they are worth looking at: {}", report.text());
    assert!(report.unknown.len() * 100 <= report.claims * UNKNOWN, "{}", report.text());
}
