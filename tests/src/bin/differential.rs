//! The longer run of the differential test: engine against reference, on random policies and sessions, catalogs or spellings of values.
//!
//! In: how much, and from which seed. Out: what was compared, and every disagreement; failure where there is one.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use leverframe_tests::differential::{Report, catalogs, run, shown, spellings, write};
use leverframe_tests::policy::Policy;
use leverframe_tests::random::Dice;

const CALLS: usize = 40;
/// Differences of catalogs that are printed.
const PRINTED: usize = 5;

/// Compares engine and reference
#[derive(Parser)]
struct Options {
    /// How many pairs of a policy and a session
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pairs: usize,
    /// Where the dice begin
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// How many threads
    #[arg(long, value_name = "N", default_value_t = 2)]
    jobs: usize,
    /// Where the disagreements go, as files
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Compares on this policy alone
    #[arg(long, value_name = "SEED")]
    policy: Option<u64>,
    /// Prints this policy, and compares nothing
    #[arg(long, value_name = "SEED")]
    show: Option<u64>,
    /// Compares so many random catalogs instead
    #[arg(long, value_name = "N")]
    catalogs: Option<usize>,
    /// Compares so many random spellings of values instead
    #[arg(long, value_name = "N", conflicts_with = "catalogs")]
    spellings: Option<usize>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(policy) = options.show {
        println!("{}", Policy::random(Dice::new(policy).split()).text());
        return ExitCode::SUCCESS;
    }
    let agreed = match (options.catalogs, options.spellings) {
        (Some(count), _) => of_catalogs(options.seed, count),
        (_, Some(count)) => of_spellings(options.seed, count),
        (None, None) => of_policies(&options),
    };
    if agreed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn of_policies(options: &Options) -> bool {
    let report = match options.policy {
        Some(policy) => {
            let mut report = Report::default();
            report.policy(policy);
            report
        }
        None => run(options.seed, options.pairs, options.jobs.max(1)),
    };
    println!("{}", report.text());
    if let Some(folder) = &options.write
        && let Err(error) = write(&report, folder)
    {
        eprintln!("{}: {error}", folder.display());
        return false;
    }
    report.cases.is_empty()
}

fn of_catalogs(seed: u64, count: usize) -> bool {
    let (differences, taken) = catalogs(seed, count);
    for (policy, difference) in differences.iter().take(PRINTED) {
        println!("{policy}=> {difference:#?}\n");
    }
    println!("{count} catalogs, {taken} taken by both, {} read differently", differences.len());
    differences.is_empty()
}

fn of_spellings(seed: u64, count: usize) -> bool {
    let (case, verdicts) = spellings(seed, count.div_ceil(CALLS), CALLS);
    if let Some(case) = &case {
        println!("{}", shown(seed, case));
    }
    println!("{verdicts:#?}");
    case.is_none()
}
