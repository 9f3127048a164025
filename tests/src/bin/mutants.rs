//! The attack on the verifier: every part of a frame and of its certificate changed, one at a time, under a right checksum.
//!
//! In: policies, or how many random ones and from which seed. Out: what became of the mutants; failure where one is accepted that decides otherwise.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "nothing here is part of the product: a test that breaks should break")]

use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use clap::Parser;
use leverframe_runtime::frame::Certificate;
use leverframe_tests::mutate::Choice;
use leverframe_tests::mutate::report::Report;
use leverframe_tests::mutate::run::{Effort, Subject};

/// Other policies whose certificates each frame is tried with.
const FOREIGN: usize = 2;

/// Changes frames and certificates everywhere, and says what is still accepted
#[derive(Parser)]
struct Options {
    /// Policies
    #[arg(value_name = "POLICY", required_unless_present = "random", conflicts_with = "random")]
    policies: Vec<String>,
    /// So many random policies instead
    #[arg(long, value_name = "N")]
    random: Option<u64>,
    /// Where the dice begin
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Mutants of places of one shape, at most; 0: all
    #[arg(long, value_name = "K", default_value_t = 20)]
    per_place: usize,
    /// Sessions that an accepted mutant is compared on
    #[arg(long, value_name = "N", default_value_t = 40)]
    sessions: usize,
    /// How many threads
    #[arg(long, value_name = "N", default_value_t = 2)]
    jobs: usize,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let report = run(&options);
    println!("{}", report.text());
    if report.policies == 0 {
        eprintln!("no policy compiles");
        return ExitCode::FAILURE;
    }
    if report.harmful() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(options: &Options) -> Report {
    let effort = Effort { choice: Choice { per_shape: options.per_place, seed: options.seed }, sessions: options.sessions };
    let subject = |index: usize| match options.random {
        Some(_) => Subject::random(options.seed.wrapping_mul(0x0100_0000_01b3).wrapping_add(index as u64), &effort),
        None => Subject::of_file(&options.policies[index], &effort),
    };
    let count = options.random.map_or(options.policies.len(), |count| usize::try_from(count).unwrap_or(usize::MAX));
    let foreign: Vec<Certificate> = (0..count).filter_map(subject).take(FOREIGN).map(|subject| subject.certificate()).collect();
    let (next, whole) = (Mutex::new(0), Mutex::new(Report::default()));
    thread::scope(|scope| {
        for _ in 0..options.jobs.max(1) {
            scope.spawn(|| {
                while let Some(index) = take(&next, count) {
                    let report = subject(index).map_or(Report::of(false), |subject| subject.mutated(&effort, &foreign));
                    whole.lock().expect("no thread panics").merge(report);
                }
            });
        }
    });
    whole.into_inner().expect("no thread panics")
}

fn take(next: &Mutex<usize>, count: usize) -> Option<usize> {
    let mut next = next.lock().expect("no thread panics");
    let index = *next;
    *next += 1;
    (index < count).then_some(index)
}
