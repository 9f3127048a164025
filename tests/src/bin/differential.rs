//! The longer run of the differential test: `--pairs N --seed S [--jobs T]`; `--write DIR` for the disagreements as files;
//! `--policy SEED` for one policy, `--show SEED` to print it;
//! `--catalogs N` for random catalogs, `--spellings N` for random spellings of values.

use std::path::PathBuf;
use std::process::ExitCode;

use leverframe_tests::differential::{Report, catalogs, run, shown, spellings, write};
use leverframe_tests::policy::Policy;
use leverframe_tests::random::Dice;

const PAIRS: usize = 100_000;
const THREADS: usize = 2;
const CALLS: usize = 40;
/// Differences of catalogs that are printed.
const PRINTED: usize = 5;

fn option<T: std::str::FromStr>(name: &str) -> Option<T> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).and_then(|value| value.parse().ok())
}

fn main() -> ExitCode {
    let seed = option("--seed").unwrap_or(1);
    if let Some(policy) = option("--show") {
        println!("{}", Policy::random(Dice::new(policy).split()).text());
        return ExitCode::SUCCESS;
    }
    let agreed = match (option("--catalogs"), option("--spellings")) {
        (Some(count), _) => of_catalogs(seed, count),
        (_, Some(count)) => of_spellings(seed, count),
        (None, None) => of_policies(seed),
    };
    if agreed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn of_policies(seed: u64) -> bool {
    let report = match option("--policy") {
        Some(policy) => {
            let mut report = Report::default();
            report.policy(policy);
            report
        }
        None => run(seed, option("--pairs").unwrap_or(PAIRS), option("--jobs").unwrap_or(THREADS).max(1)),
    };
    println!("{}", report.text());
    if let Some(folder) = option::<PathBuf>("--write")
        && let Err(error) = write(&report, &folder)
    {
        eprintln!("{}: {error}", folder.display());
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
