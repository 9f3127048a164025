//! The longer run of brute force: the checker against every call and every session of random small policies.
//!
//! In: how many policies, and from which seed. Out: findings and disagreements; failure where there is one.

use std::process::ExitCode;

use clap::Parser;
use leverframe_tests::brute::explore::Bounds;
use leverframe_tests::brute::policy::Policy;
use leverframe_tests::brute::{BOUNDS, of_seeds, run};

/// Compares the checker with enumeration
#[derive(Parser)]
struct Options {
    /// How many policies
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    policies: usize,
    /// Where the dice begin
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// How many threads
    #[arg(long, value_name = "N", default_value_t = 2)]
    jobs: usize,
    /// The most calls of a session
    #[arg(long, value_name = "N", default_value_t = BOUNDS.calls)]
    calls: usize,
    /// The most states of a persona's sessions
    #[arg(long, value_name = "N", default_value_t = BOUNDS.states)]
    states: usize,
    /// Compares on this policy alone
    #[arg(long, value_name = "SEED")]
    policy: Option<u64>,
    /// Prints this policy, and compares nothing
    #[arg(long, value_name = "SEED")]
    show: Option<u64>,
    /// Prints this policy with the rules that tell what comes about
    #[arg(long, value_name = "SEED")]
    twin: Option<u64>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let shown = options.show.map(|seed| Policy::random(seed).text()).or(options.twin.map(|seed| Policy::random(seed).twin()));
    if let Some(text) = shown {
        println!("{text}");
        return ExitCode::SUCCESS;
    }
    let bounds = Bounds { calls: options.calls, states: options.states };
    let report = match options.policy {
        Some(policy) => of_seeds(&[policy], bounds),
        None => run(options.seed, options.policies, options.jobs, bounds),
    };
    println!("{}", report.text());
    if report.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
