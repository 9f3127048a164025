//! The verifier takes what the compiler makes: of every policy in the repository, of the acceptance suites where they are named, and of random policies.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use std::path::{Path, PathBuf};

use leverframe_reference::Disk;
use leverframe_tests::certified::Certified;
use leverframe_tests::engine;
use leverframe_tests::policy::Policy;
use leverframe_tests::random::Dice;

/// Policies below which this test has lost its corpus.
const LEAST_FILES: usize = 300;
const RANDOM: u64 = 400;
const LEAST_RANDOM: usize = 380;
const SEED: u64 = 26_112_026;

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a readable folder").map(|entry| entry.expect("a readable entry").path()) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_dir() && name != "target" && !name.starts_with('.') {
            walk(&entry, found);
        } else if name.ends_with(".lever") {
            found.push(entry);
        }
    }
}

#[test]
fn every_policy_of_the_repository_is_verified() {
    let mut files = Vec::new();
    walk(Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace"), &mut files);
    if let Some(suites) = std::env::var_os("LEVERFRAME_SUITES") {
        walk(Path::new(&suites), &mut files);
    }
    let (mut verified, mut steps, mut wrong) = (0, 0, Vec::new());
    for file in &files {
        let Some(certified) = Certified::of(file.to_str().expect("a path of text"), &engine::Disk, &Disk) else { continue };
        match certified.verify() {
            Ok(report) => (verified, steps) = (verified + 1, steps + report.steps),
            Err(problems) => wrong.push(format!("{}: {problems:#?}", file.display())),
        }
    }
    println!("{verified} of {} policies compile and are verified; {steps} steps compared", files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(verified >= LEAST_FILES, "only {verified} policies compile");
}

#[test]
fn random_policies_are_verified() {
    let (mut verified, mut steps) = (0, 0);
    for seed in 0..RANDOM {
        let text = Policy::random(Dice::new(SEED + seed).split()).text();
        let Some(certified) = Certified::of_text(&text) else { continue };
        let report = certified.verify().unwrap_or_else(|problems| panic!("policy {seed}: {problems:#?}\n{text}"));
        (verified, steps) = (verified + 1, steps + report.steps);
    }
    println!("{verified} of {RANDOM} random policies compile and are verified; {steps} steps compared");
    assert!(verified >= LEAST_RANDOM, "only {verified} random policies compile");
}
