//! Conformance cases and examples, end to end through the binary: build, then replay against the verdicts that stand beside.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod binary;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").join(name)
}

fn run(arguments: &[&std::ffi::OsStr]) -> Output {
    Command::new(binary::leverframe()).args(arguments).output().expect("the binary runs")
}

fn say(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Builds a policy and replays sessions that carry their verdicts; the story of what is wrong, if anything is.
fn replay(policy: &Path, options: &[&str], traces: &[PathBuf]) -> Result<(), String> {
    let frame = std::env::temp_dir().join(format!("leverframe-{}-{:016x}.frame", std::process::id(), hash(policy)));
    let mut build = vec!["build".as_ref(), policy.as_os_str(), "-o".as_ref(), frame.as_os_str()];
    build.extend(options.iter().map(|option| std::ffi::OsStr::new(*option)));
    let built = run(&build);
    if !built.status.success() {
        return Err(format!("{} does not build:\n{}", policy.display(), say(&built)));
    }
    let mut wrong = Vec::new();
    for trace in traces {
        let replayed = run(&["replay".as_ref(), frame.as_ref(), trace.as_ref(), "--expect".as_ref()]);
        if !replayed.status.success() {
            wrong.push(format!("{}:\n{}", trace.display(), say(&replayed)));
        }
    }
    std::fs::remove_file(&frame).expect("the frame was written");
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn hash(path: &Path) -> u64 {
    path.to_string_lossy().bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(of)
        .expect("a readable folder")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// The examples that are policies, not programs.
fn examples() -> Vec<PathBuf> {
    let mut found = folders(&folder("examples"));
    found.retain(|example| example.join("policy.lever").is_file());
    assert!(found.len() >= 3, "only {} examples", found.len());
    found
}

#[test]
fn every_conformance_case_holds() {
    let cases = folders(&folder("lang-spec/conformance"));
    assert!(cases.len() >= 130, "only {} cases", cases.len());
    // What a gap or a conflict does at run time is among the cases, and no such policy is proved.
    let wrong: Vec<String> =
        cases.iter().filter_map(|case| replay(&case.join("policy.lever"), &["--unproven"], &[case.join("trace.jsonl")]).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for case in &cases {
        assert!(case.join("why.txt").is_file(), "{} does not say why", case.display());
    }
}

#[test]
fn every_example_is_clean_tested_and_replayed() {
    for example in &examples() {
        let policy = example.join("policy.lever");
        for command in ["check", "test"] {
            let output = run(&[command.as_ref(), policy.as_ref()]);
            assert!(output.status.success(), "{command} {}:\n{}", policy.display(), say(&output));
        }
        let formatted = run(&["fmt".as_ref(), "--check".as_ref(), policy.as_ref()]);
        assert!(formatted.status.success(), "{} is not formatted:\n{}", policy.display(), say(&formatted));
        let sessions = example.join("sessions");
        let traces = ["benign.jsonl", "attacked.jsonl"].map(|name| sessions.join(name));
        assert_eq!(replay(&policy, &[], &traces), Ok(()));
    }
}

#[test]
fn attacks_are_stopped_and_work_is_let_through() {
    for example in examples() {
        let attacked = std::fs::read_to_string(example.join("sessions/attacked.jsonl")).expect("attacked sessions");
        let benign = std::fs::read_to_string(example.join("sessions/benign.jsonl")).expect("benign sessions");
        assert!(
            attacked.contains(r#""expect":"deny""#) || attacked.contains(r#""expect": "deny""#),
            "{}: no attack is denied",
            example.display()
        );
        assert!(!benign.contains(r#""expect":"deny""#) && !benign.contains(r#""expect": "deny""#), "{}: work is denied", example.display());
    }
}
