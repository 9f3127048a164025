//! `check` and `build` with what the checker says: claims, sessions that show what is refuted, the mark of a frame.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use serde_json::{Value, json};
use support::{Bench, exists};

const SOUND: &str = r#"language 1
tool notes.read(id: string)
tool mail.send(to: list<string>)
persona clerk {
  allow notes.read, mail.send
  otherwise deny
}
forbid stays_in "what was read stays in" { notes.read then mail.send }
assert stays never { notes.read then mail.send }
"#;

/// The same without its rule.
fn leaky() -> String {
    SOUND.lines().filter(|line| !line.starts_with("forbid")).map(|line| format!("{line}\n")).collect()
}

fn entry<'a>(result: &'a Value, claim: &str) -> &'a Value {
    result["proofs"].as_array().unwrap().iter().find(|proof| proof["claim"] == claim).unwrap_or_else(|| panic!("{claim}: {result}"))
}

#[test]
fn a_proved_policy_makes_a_frame_without_a_mark() {
    let bench = Bench::with_policy(SOUND);
    let ran = bench.run(&["check", "policy.lever", "--format", "json"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    for (claim, of, name) in [("no_conflict", "persona", "clerk"), ("no_gap", "persona", "clerk"), ("assertion", "name", "stays")] {
        let result = ran.json();
        let proof = entry(&result, claim);
        assert_eq!((&proof["verdict"], &proof[of]), (&json!("proved"), &json!(name)), "{proof}");
        assert!(["certificate", "solver"].contains(&proof["basis"].as_str().unwrap()), "{proof}");
        assert!(proof.get("reason").is_none() && proof.get("file").is_none(), "{proof}");
    }
    let ran = bench.run(&["build", "policy.lever", "-o", "policy.frame"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.err);
    assert!(!ran.err.contains("unproven"), "{}", ran.err);
    bench.write("trace.jsonl", "");
    let ran = bench.run(&["replay", "policy.frame", "trace.jsonl"]);
    assert_eq!((ran.exit, ran.err.contains("unproven")), (Some(0), false), "{}", ran.err);
}

#[test]
fn a_refuted_assertion_comes_with_a_session_that_replays() {
    let bench = Bench::built(&leaky());
    let ran = bench.run(&["check", "policy.lever", "--format", "json"]);
    assert_eq!(ran.exit, Some(1));
    let result = ran.json();
    assert_eq!((&result["ok"], &entry(&result, "assertion")["verdict"]), (&json!(false), &json!("refuted")));
    let finding = result["diagnostics"].as_array().unwrap().iter().find(|finding| finding["code"] == "LF0501").unwrap();
    assert_eq!((&finding["persona"], &finding["spans"][0]["start"]["line"]), (&json!("clerk"), &json!(8)), "{finding}");
    let witness: String = finding["witness"].as_array().unwrap().iter().map(|step| format!("{step}\n")).collect();
    assert!(witness.contains("notes.read") && witness.contains("mail.send"), "{witness}");
    bench.write("witness.jsonl", &witness);
    let ran = bench.run(&["replay", "policy.frame", "witness.jsonl", "--expect"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
}

#[test]
fn people_see_the_session_and_what_the_claims_came_to() {
    let ran = Bench::with_policy(&leaky()).run(&["check", "policy.lever"]);
    assert_eq!(ran.exit, Some(1));
    assert!(ran.out.contains("a session that shows it:\n    1 w clerk notes.read("), "{}", ran.out);
    assert!(ran.out.contains(" at +0s → allow") && ran.out.contains("1 refuted"), "{}", ran.out);
}

#[test]
fn what_only_the_checker_refuses_is_built_as_unproven() {
    let bench = Bench::with_policy(&leaky());
    let ran = bench.run(&["build", "policy.lever", "-o", "out.frame"]);
    assert_eq!(ran.exit, Some(1));
    assert!(ran.err.contains("error[LF0501]") && ran.err.contains("a session that shows it:"), "{}", ran.err);
    assert!(!exists(&bench.path("out.frame")));
    assert_eq!(bench.run(&["build", "policy.lever", "-o", "out.frame", "--unproven"]).exit, Some(0));
    bench.write("trace.jsonl", "");
    assert!(bench.run(&["replay", "out.frame", "trace.jsonl"]).err.contains("is unproven"));
}

#[test]
fn what_is_unknown_is_no_success() {
    let unknown = SOUND.replace("{ notes.read then mail.send }\n", "{ mail.send when (size(to) > 20000) then notes.read }\n");
    let unknown: String = unknown.lines().filter(|line| !line.starts_with("forbid")).map(|line| format!("{line}\n")).collect();
    let bench = Bench::with_policy(&unknown);
    let ran = bench.run(&["check", "policy.lever", "--format", "json"]);
    assert_eq!(ran.exit, Some(1), "{}", ran.out);
    let result = ran.json();
    let proof = entry(&result, "assertion");
    assert_eq!(proof["verdict"], "unknown");
    assert!(!proof["reason"].as_str().unwrap().is_empty() && proof.get("basis").is_none(), "{proof}");
    assert!(result["diagnostics"].as_array().unwrap().iter().any(|finding| finding["code"] == "LF0503"), "{result}");
    assert_eq!(bench.run(&["build", "policy.lever", "-o", "out.frame"]).exit, Some(1));
}
