//! The longer run of the differential test: `--pairs N --seed S [--threads T]`, or `--policy SEED` for one policy, `--show SEED` to print it.

use std::process::ExitCode;

use leverframe_tests::differential::{Report, run};
use leverframe_tests::policy::Policy;
use leverframe_tests::random::Dice;

const PAIRS: u64 = 100_000;
const THREADS: u64 = 2;

fn option(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).and_then(|value| value.parse().ok())
}

fn main() -> ExitCode {
    if let Some(seed) = option("--show") {
        let policy = Policy::random(Dice::new(seed).split());
        println!("{}", policy.text());
        return ExitCode::SUCCESS;
    }
    let count = |name: &str, otherwise: u64| usize::try_from(option(name).unwrap_or(otherwise)).unwrap_or(usize::MAX);
    let report = match option("--policy") {
        Some(seed) => {
            let mut report = Report::default();
            report.policy(seed);
            report
        }
        None => run(option("--seed").unwrap_or(1), count("--pairs", PAIRS), count("--threads", THREADS).max(1)),
    };
    println!("{}", report.text());
    if report.cases.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
