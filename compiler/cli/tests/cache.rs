//! `--cache`: the second run says what the first did; what is damaged, foreign or in the way is told or counts as nothing.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use std::fs;

use sha2::{Digest, Sha256};
use support::Bench;

const POLICY: &str = r#"language 1
tool notes.read(id: string)
tool mail.send(to: email, size: int 0..=100, fee: int 0..=100)
persona clerk {
  allow notes.read
  allow low: mail.send when size * 3 < fee
  deny high: mail.send when size * 3 >= fee
  otherwise deny
}
forbid stays_in "what was read stays in" { notes.read then mail.send }
limit often: 2 mail.send per session
assert stays never { notes.read then mail.send }
assert sends never { mail.send then mail.send }
"#;

/// The one file of answers in the folder.
fn kept(bench: &Bench) -> String {
    let names: Vec<String> =
        fs::read_dir(bench.path("cache")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.len() == 1, "{names:?}");
    format!("cache/{}", names[0])
}

#[test]
fn every_run_says_the_same() {
    let bench = Bench::with_policy(POLICY);
    let fresh = bench.run(&["check", "policy.lever", "--format", "json"]);
    assert_eq!(fresh.exit, Some(1), "{}", fresh.err);
    for _ in 0..3 {
        let ran = bench.run(&["check", "policy.lever", "--format", "json", "--cache", "cache"]);
        assert_eq!((ran.exit, &ran.out, ran.err.as_str()), (Some(1), &fresh.out, ""));
    }
    // After an edit, too: the assertion that fails is gone, and the rest stays proved.
    let edited: String = POLICY.lines().filter(|line| !line.contains("sends")).map(|line| format!("{line}\n")).collect();
    bench.write("policy.lever", &edited);
    let fresh = bench.run(&["check", "policy.lever", "--format", "json"]);
    let ran = bench.run(&["check", "policy.lever", "--format", "json", "--cache", "cache"]);
    assert_eq!((ran.exit, &ran.out), (Some(0), &fresh.out));
    let built = bench.run(&["build", "policy.lever", "-o", "policy.frame", "--cache", "cache"]);
    assert_eq!((built.exit, built.err.as_str()), (Some(0), ""));
}

#[test]
fn what_is_no_file_of_answers_is_told_and_replaced() {
    let bench = Bench::with_policy(POLICY);
    let run = || bench.run(&["check", "policy.lever", "--cache", "cache"]);
    let first = run();
    let path = kept(&bench);
    let whole = bench.read(&path);
    // One answer is another one, and all else is as it was.
    let changed = whole.replacen("Impossible", "Possible", 1);
    assert!(changed != whole);
    for damaged in ["", "no json", &whole[..whole.len() / 2], "{}", "[]", &changed, &whole[1..]] {
        bench.write(&path, damaged);
        let ran = run();
        assert_eq!((ran.exit, &ran.out), (first.exit, &first.out), "{damaged:.40}");
        assert!(ran.err.contains("is not used"), "{}", ran.err);
        assert_eq!(bench.read(&path), whole, "the next run has them again");
    }
}

#[test]
fn the_answers_of_another_program_count_as_nothing() {
    let bench = Bench::with_policy(POLICY);
    let first = bench.run(&["check", "policy.lever", "--cache", "cache"]);
    let path = kept(&bench);
    let whole = bench.read(&path);
    let (_, body) = whole.split_once('\n').unwrap();
    let mut other: serde_json::Value = serde_json::from_str(body).unwrap();
    other["maker"] = "another program".into();
    // What it says of sessions and letters is a lie.
    for table in ["answers", "hunts", "refusals"] {
        other[table] = serde_json::json!({});
    }
    let body = other.to_string();
    let sum: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    bench.write(&path, &format!("{sum}\n{body}"));
    let ran = bench.run(&["check", "policy.lever", "--cache", "cache"]);
    assert_eq!((ran.exit, &ran.out, ran.err.as_str()), (first.exit, &first.out, ""));
    assert_eq!(bench.read(&path), whole);
}

#[test]
fn all_queries_are_written_whatever_is_known() {
    let bench = Bench::with_policy(POLICY);
    let run = |folder: &str, more: &[&str]| {
        let ran = bench.run(&[["check", "policy.lever", "--smtlib", folder].as_slice(), more].concat());
        (ran.out, bench.read(&format!("{folder}/queries.json")))
    };
    let fresh = run("one", &[]);
    bench.run(&["check", "policy.lever", "--cache", "cache"]);
    assert_eq!(run("two", &["--cache", "cache"]), fresh);
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let bench = Bench::with_policy(POLICY);
    bench.write("in-the-way", "");
    let ran = bench.run(&["check", "policy.lever", "--cache", "in-the-way"]);
    assert_eq!(ran.exit, Some(2));
    assert!(ran.err.contains("in-the-way"), "{}", ran.err);
}

#[test]
fn a_policy_with_errors_leaves_the_answers_alone() {
    let bench = Bench::with_policy(POLICY);
    bench.run(&["check", "policy.lever", "--cache", "cache"]);
    let path = kept(&bench);
    let whole = bench.read(&path);
    bench.write("policy.lever", "language 1\npersona p { allow nothing.known }\n");
    let ran = bench.run(&["check", "policy.lever", "--cache", "cache"]);
    assert_eq!(ran.exit, Some(1));
    assert_eq!(bench.read(&path), whole);
}
