//! The requirements that users bring, as policies: each compiles, its own tests pass, its recorded sessions come out as they say, and the page answers each.
//!
//! In: `lang-spec/requirements.md` and the policies and records of `lang-spec/requirements`. Out: what the binary said of the first that fail.
//! Invariant: an answer on the page is a file that runs or a sentence, and every policy is shown to allow and to deny. Source: [test.block], [trace.expect].
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod binary;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// How many requirements the page has.
const REQUIREMENTS: usize = 60;
/// Policies below which the language has lost an answer.
const LEAST_POLICIES: usize = 52;
/// Words below which an answer without a file says nothing.
const LEAST_WORDS: usize = 12;

fn chapter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").join("lang-spec")
}

fn files(ending: &str) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(chapter().join("requirements")).expect("a readable folder");
    let mut found: Vec<PathBuf> = folder
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    found.sort();
    found
}

fn run(arguments: &[&OsStr]) -> Result<(), String> {
    let output: Output = Command::new(binary::leverframe()).args(arguments).output().expect("the binary runs");
    let said = || format!("{arguments:?}:\n{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(said()) }
}

/// Formatted, free of errors, compiled, and as its tests and its record say.
fn judge(policy: &Path) -> Result<(), String> {
    let name = policy.file_stem().expect("a name").to_string_lossy().into_owned();
    let frame = std::env::temp_dir().join(format!("leverframe-{}-{name}.frame", std::process::id()));
    run(&["fmt".as_ref(), "--check".as_ref(), policy.as_ref()])?;
    run(&["check".as_ref(), policy.as_ref()])?;
    run(&["test".as_ref(), policy.as_ref()])?;
    run(&["build".as_ref(), policy.as_ref(), "-o".as_ref(), frame.as_ref()])?;
    let record = policy.with_extension("jsonl");
    let replayed = if record.is_file() { run(&["replay".as_ref(), frame.as_ref(), record.as_ref(), "--expect".as_ref()]) } else { Ok(()) };
    std::fs::remove_file(&frame).expect("the frame was written");
    replayed
}

#[test]
fn every_policy_holds() {
    let policies = files("lever");
    assert!(policies.len() >= LEAST_POLICIES, "only {} policies", policies.len());
    let wrong: Vec<String> = policies.iter().filter_map(|policy| judge(policy).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The verdicts that a policy's tests and its record expect.
fn verdicts(policy: &Path) -> String {
    let tests = std::fs::read_to_string(policy).expect("a policy in UTF-8");
    let tests = tests.find("\ntest \"").map(|at| tests[at..].to_owned()).unwrap_or_default();
    let record = std::fs::read_to_string(policy.with_extension("jsonl")).unwrap_or_default();
    tests + &record
}

#[test]
fn every_policy_is_shown_to_let_through_and_to_stop() {
    let has = |text: &str, verdict: &str| text.contains(&format!("=> {verdict}")) || text.contains(&format!("\"expect\":\"{verdict}\""));
    for policy in files("lever") {
        let shown = verdicts(&policy);
        let lets_through = has(&shown, "allow") || (has(&shown, "ask") && shown.contains("approved"));
        let stops = has(&shown, "deny") || has(&shown, "ask");
        assert!(lets_through && stops, "{} shows one side only", policy.display());
    }
}

#[test]
fn no_record_stands_alone() {
    for record in files("jsonl") {
        assert!(record.with_extension("lever").is_file(), "{} has no policy", record.display());
    }
}

/// What the page answers to a requirement: the cells of its row after the question.
fn answer<'page>(page: &'page str, id: &str) -> (&'page str, &'page str) {
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with(&format!("| {id} | "))).collect();
    assert_eq!(rows.len(), 1, "{id} stands {} times on the page", rows.len());
    let cells: Vec<&str> = rows[0].trim_matches('|').split(" | ").map(str::trim).collect();
    assert_eq!(cells.len(), 4, "{id}: {}", rows[0]);
    (cells[2], cells[3])
}

#[test]
fn the_page_answers_every_requirement() {
    let page = std::fs::read_to_string(chapter().join("requirements.md")).expect("requirements.md");
    let policies = files("lever");
    for number in 1..=REQUIREMENTS {
        let id = format!("R{number:02}");
        let (said, file) = answer(&page, &id);
        let prefix = format!("r{number:02}-");
        let own: Vec<&PathBuf> =
            policies.iter().filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))).collect();
        if own.is_empty() {
            assert!(
                said.split_whitespace().count() >= LEAST_WORDS && said.starts_with("Outside the language"),
                "{id} has neither file nor sentence"
            );
        }
        for path in own {
            let name = path.file_name().expect("a name").to_string_lossy();
            assert!(file.contains(&format!("(requirements/{name})")), "{id}: the page does not lead to {name}");
        }
    }
}
