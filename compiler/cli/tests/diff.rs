//! `diff`: the word, the sessions, the exit code, the three formats.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use serde_json::{Value, json};
use support::{Bench, Ran};

const OLD: &str = r#"language 1
tool notes.read(id: string)
tool mail.send(to: list<string>)
tool pay.send(amount: int 0..=1000)
persona clerk {
  allow notes.read, mail.send
  ask pay.send when amount <= 100
  otherwise deny
}
forbid stays_in "what was read stays in" { notes.read then mail.send }
"#;

fn bench(new: &str) -> Bench {
    let bench = Bench::new();
    bench.write("old.lever", OLD);
    bench.write("new.lever", new);
    bench
}

fn run(bench: &Bench, format: &str) -> Ran {
    bench.run(&["diff", "old.lever", "new.lever", "--format", format])
}

fn looser() -> String {
    OLD.replace("  ask pay.send when amount <= 100", "  ask pay.send when amount <= 200")
        .replace("notes.read then mail.send", "notes.read then[within 5m] mail.send")
}

fn stricter() -> String {
    OLD.replace("amount <= 100", "amount <= 50")
}

#[test]
fn exit_codes_say_whether_anything_is_newly_allowed() {
    let incomparable = looser().replace("allow notes.read, mail.send", "allow mail.send\n  ask notes.read");
    let unknown = format!("{OLD}detector key = matches r\"k[0-9]+\"\nscan mail.send arguments for key => deny\n");
    let cases = [
        (OLD.replace("stays_in", "kept_in"), "equivalent", 0),
        (stricter(), "stricter", 0),
        (looser(), "looser", 1),
        (incomparable, "incomparable", 1),
        (unknown, "unknown", 1),
    ];
    for (new, word, exit) in cases {
        let ran = run(&bench(&new), "json");
        assert_eq!((ran.json()["result"].as_str(), ran.exit), (Some(word), Some(exit)), "{}{}", ran.out, ran.err);
        assert_eq!(ran.json()["ok"], json!(exit == 0));
    }
}

#[test]
fn what_cannot_be_compared_is_no_success() {
    let bench = bench("language 1\ntool t.a(\n");
    let ran = run(&bench, "human");
    assert_eq!(ran.exit, Some(1));
    assert!(ran.out.is_empty() && ran.err.contains("`new.lever` has errors; nothing was compared"), "{}{}", ran.out, ran.err);
    assert_eq!(bench.run(&["diff", "old.lever", "none.lever"]).exit, Some(2));
    assert_eq!(bench.run(&["diff", "old.lever"]).exit, Some(2));
}

#[test]
fn sessions_replay_as_the_new_policy_decides_them() {
    for new in [looser(), stricter()] {
        let bench = bench(&new);
        let result = run(&bench, "json").json();
        assert_eq!(bench.run(&["build", "new.lever", "-o", "new.frame", "--unproven"]).exit, Some(0));
        assert_eq!(bench.run(&["build", "old.lever", "-o", "old.frame", "--unproven"]).exit, Some(0));
        let changes = ["newly_allowed", "newly_denied"].map(|member| result[member].as_array().unwrap().clone()).concat();
        assert!(!changes.is_empty());
        for change in changes {
            let steps = change["witness"].as_array().unwrap();
            let trace: String = steps.iter().map(|step| format!("{step}\n")).collect();
            bench.write("trace.jsonl", &trace);
            let ran = bench.run(&["replay", "new.frame", "trace.jsonl", "--expect"]);
            assert_eq!(ran.exit, Some(0), "{trace}{}", ran.out);
            assert_eq!(last(&bench, "new.frame"), change["new"]["verdict"], "{trace}");
            assert_eq!(last(&bench, "old.frame"), change["old"]["verdict"], "{trace}");
        }
    }
}

/// What a frame says of the record's last call.
fn last(bench: &Bench, frame: &str) -> Value {
    let ran = bench.run(&["replay", frame, "trace.jsonl", "--format", "jsonl"]);
    ran.decisions().last().map(|decision| decision["verdict"].clone()).unwrap_or_default()
}

#[test]
fn people_see_what_changed_and_a_session() {
    insta::assert_snapshot!("looser_human", run(&bench(&looser()), "human").out);
}

#[test]
fn programs_get_one_object() {
    let ran = run(&bench(&looser()), "json");
    insta::assert_snapshot!("looser_json", serde_json::to_string_pretty(&ran.json()).unwrap());
}

#[test]
fn a_pull_request_gets_tables() {
    insta::assert_snapshot!("looser_markdown", run(&bench(&looser()), "markdown").out);
    let unknown = format!("{OLD}detector key = matches r\"k[0-9]+\"\nscan mail.send arguments for key => deny\n");
    insta::assert_snapshot!("unknown_markdown", run(&bench(&unknown), "markdown").out);
}
