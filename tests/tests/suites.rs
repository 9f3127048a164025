//! The acceptance suites, where they are at hand: `LEVERFRAME_SUITES` names the folder that holds `semantics/`. `tests/suites/semantics.txt` lists the
//! cases that pass; it only grows. Without the variable this test says so and checks the list alone.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod binary;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn committed() -> BTreeSet<String> {
    let list = include_str!("../suites/semantics.txt");
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(String::from).collect()
}

/// All cases of the suite, and those that its runner finds fault with.
fn run(suite: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let cases: BTreeSet<String> = std::fs::read_dir(suite)
        .expect("a readable suite")
        .map(|entry| entry.expect("a readable entry"))
        .filter(|entry| entry.path().join("policy.lever").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let output = Command::new("python3").arg(suite.join("run.py")).arg(binary::leverframe()).output().expect("python3 runs the suite");
    let text = String::from_utf8_lossy(&output.stdout);
    let named = |line: &str| line.split([':', ' ']).next().map(String::from);
    let failed = text.lines().filter_map(named).filter(|name| cases.contains(name)).collect();
    let last = text.lines().last().unwrap_or("");
    assert!(last.ends_with("failed"), "the suite's runner broke: {last}\n{}", String::from_utf8_lossy(&output.stderr));
    (cases, failed)
}

#[test]
fn every_committed_case_of_the_semantics_suite_passes() {
    let committed = committed();
    assert!(committed.len() >= 130, "the list has shrunk to {} cases", committed.len());
    let Some(place) = std::env::var_os("LEVERFRAME_SUITES").map(PathBuf::from) else {
        println!("LEVERFRAME_SUITES is not set: the semantics suite was not run");
        return;
    };
    let (cases, failed) = run(&place.join("semantics"));
    let broken: Vec<&String> = committed.intersection(&failed).collect();
    let absent: Vec<&String> = committed.difference(&cases).collect();
    let fresh: Vec<&String> = cases.iter().filter(|case| !failed.contains(*case) && !committed.contains(*case)).collect();
    println!("semantics suite: {} of {} cases pass; passing and not in the list: {fresh:?}", cases.len() - failed.len(), cases.len());
    assert!(broken.is_empty(), "cases that passed before fail: {broken:?}");
    assert!(absent.len() < committed.len(), "no committed case is in this suite");
}
