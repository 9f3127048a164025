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

/// A claim rests on the solver exactly where the solver alone said that something is impossible, and the list of queries says where.
#[test]
fn what_rests_on_the_solver_alone_is_marked() {
    let policy = r#"language 1
tool t.pay(amount: int 0..=100, fee: int 0..=100)
persona clerk { on t.pay { amount * 3 == 50 => allow, otherwise => deny } }
persona sums { allow low: t.pay when amount < fee deny high: t.pay when amount >= fee }
persona halves { allow low: t.pay when amount < 50 deny high: t.pay when amount >= 50 }
assert unpaid never { t.pay } for clerk
assert half can halves { t.pay }
"#;
    let bench = Bench::with_policy(policy);
    let ran = bench.run(&["check", "policy.lever", "--format", "json", "--smtlib", "queries"]);
    let result = ran.json();
    let basis = |claim: &str, who: &str| {
        let proofs = result["proofs"].as_array().unwrap();
        let of = |proof: &&Value| proof["claim"] == claim && (proof["persona"] == who || proof["name"] == who);
        proofs.iter().find(of).unwrap_or_else(|| panic!("{claim} {who}: {result}"))["basis"].clone()
    };
    for (claim, who, wanted) in [
        ("no_conflict", "sums", "solver"),
        ("no_gap", "sums", "solver"),
        ("no_conflict", "halves", "certificate"),
        ("no_gap", "halves", "certificate"),
        ("assertion", "unpaid", "solver"),
        ("assertion", "half", "certificate"),
    ] {
        assert_eq!(basis(claim, who), wanted, "{claim} {who}: {result}");
    }
    let list: Value = serde_json::from_str(&bench.read("queries/queries.json")).unwrap();
    let queries = list["queries"].as_array().unwrap();
    let rests = |on: &str, fits: &dyn Fn(&Value) -> bool| {
        queries.iter().filter(|query| query["answer"] == "unsat").any(|query| query[on].as_array().unwrap().iter().any(fits))
    };
    assert!(rests("claims", &|claim| claim["name"] == "unpaid") && rests("claims", &|claim| claim["persona"] == "sums"), "{list}");
    assert!(!rests("claims", &|claim| claim["persona"] == "halves" || claim["name"] == "half"), "{list}");
    assert!(rests("findings", &|finding| finding["code"] == "LF0303"), "{list}");
    let ran = bench.run(&["check", "policy.lever"]);
    assert!(ran.out.contains("on the solver's word") && ran.out.contains("this rests on the solver's word"), "{}", ran.out);
}

#[test]
fn a_label_that_only_scans_find_is_followed() {
    let policy = r#"language 1
label secret sensitive "A key"
tool fs.read(path: string)
tool gh.comment(body: string)
effect gh.comment sends
detector keys = std.aws_key
persona coder {
  allow fs.read, gh.comment
  scan fs.read results for keys => redact, label secret
  otherwise deny
}
forbid key_leaves "a key stays" { any returns secret then any sends }
assert keys_stay never { any returns secret then any sends }
"#;
    let bench = Bench::with_policy(policy);
    let ran = bench.run(&["check", "policy.lever", "--fail-level", "warning"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.out);
    let open: String = policy.lines().filter(|line| !line.starts_with("forbid")).map(|line| format!("{line}\n")).collect();
    let bench = Bench::with_policy(&open);
    let result = bench.run(&["check", "policy.lever", "--format", "json"]).json();
    assert_eq!(entry(&result, "assertion")["verdict"], "refuted", "{result}");
}

#[test]
fn a_question_that_a_window_ends_does_not_hide_a_flow() {
    let policy = r#"language 1
label outsider untrusted "Text of others"
label chat sensitive "What was said"
tool inbox.read(user: string)
tool web.fetch(url: string)
effect inbox.read returns outsider, chat
effect web.fetch sends
persona p { allow inbox.read, web.fetch otherwise deny }
forbid soon "not right after" { any returns chat then[within 1m] web.fetch sends } => ask by "the user"
"#;
    let codes = |policy: &str| {
        let result = Bench::with_policy(policy).run(&["check", "policy.lever", "--format", "json"]).json();
        let found = result["diagnostics"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap().to_owned());
        found.collect::<Vec<_>>()
    };
    assert_eq!(codes(policy), ["LF0407"]);
    assert_eq!(codes(&policy.replace("[within 1m]", "")), Vec::<String>::new());
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
