//! Recorded sessions that people wrote: the binary's replay and the reference's judge, decision by decision. Examples, conformance cases, and the acceptance
//! suites where `LEVERFRAME_SUITES` names them.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

mod binary;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use leverframe_reference::{Decision, policy::Verdict, run};
use serde_json::Value;

/// Decisions below which this test has lost its corpus.
const LEAST_DECISIONS: usize = 150;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_path_buf()
}

/// Policies with the records that lie beside them or below.
fn records(dir: &Path, found: &mut Vec<(PathBuf, PathBuf)>) {
    let mut inside: Vec<PathBuf> =
        std::fs::read_dir(dir).expect("a readable folder").map(|entry| entry.expect("a readable entry").path()).collect();
    inside.sort();
    let policy = dir.join("policy.lever");
    for path in inside {
        if path.is_dir() {
            records(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "jsonl") {
            let beside = if policy.is_file() { policy.clone() } else { dir.with_file_name("policy.lever") };
            found.push((beside, path));
        }
    }
}

/// What the binary decides; nothing where it refuses the policy or a line.
fn replayed(policy: &Path, record: &Path) -> Option<Vec<Value>> {
    let frame = std::env::temp_dir().join(format!("leverframe-replays-{}.frame", std::process::id()));
    let built = Command::new(binary::leverframe())
        .args(["build", "--unproven"])
        .arg(policy)
        .arg("-o")
        .arg(&frame)
        .output()
        .expect("the binary runs");
    if !built.status.success() {
        return None;
    }
    let output = Command::new(binary::leverframe())
        .arg("replay")
        .arg(&frame)
        .arg(record)
        .args(["--format", "jsonl"])
        .output()
        .expect("the binary runs");
    std::fs::remove_file(&frame).expect("the frame was written");
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    output.status.success().then(|| lines.lines().map(|line| serde_json::from_str(line).expect("a decision is JSON")).collect())
}

/// What both must say alike, as the binary says it.
fn told(decision: &Decision) -> Value {
    serde_json::json!({
        "line": decision.line,
        "id": decision.id,
        "session": decision.session,
        "step": decision.step,
        "tool": decision.tool,
        "verdict": match decision.verdict { Verdict::Allow => "allow", Verdict::Ask => "ask", Verdict::Deny => "deny" },
        "rule": decision.rule,
        "rules": decision.rules,
        "observed": decision.observed,
        "code": decision.code.word(),
        "message": decision.message,
        "who": decision.who,
        "labels": decision.labels.iter().collect::<BTreeSet<_>>(),
    })
}

/// The same members of the binary's decision.
fn as_told(decision: &Value, like: &Value) -> Value {
    let members = like.as_object().expect("an object").keys().map(|name| (name.clone(), decision[name].clone()));
    let mut picked: serde_json::Map<String, Value> = members.collect();
    if let Some(Value::Array(labels)) = picked.get_mut("labels") {
        labels.sort_by_key(ToString::to_string);
    }
    Value::Object(picked)
}

/// How many decisions are equal, or the first that is not.
fn compare(policy: &Path, record: &Path) -> Result<usize, String> {
    let name = record.display();
    match (replayed(policy, record), run(policy, record)) {
        (None, Err(_)) => Ok(0),
        (Some(_), Err(stop)) => Err(format!("{name}: the binary decides it, the reference stops: {stop}")),
        // The reference takes some policies that the compiler's closer look refuses; there is nothing to compare then.
        (None, Ok(_)) => Ok(0),
        (Some(ours), Ok(theirs)) => {
            if ours.len() != theirs.len() {
                return Err(format!("{name}: {} decisions, the reference has {}", ours.len(), theirs.len()));
            }
            for (one, other) in ours.iter().zip(theirs.iter().map(told)) {
                let one = as_told(one, &other);
                if one != other {
                    return Err(format!("{name}:\n  binary:    {one}\n  reference: {other}"));
                }
            }
            Ok(ours.len())
        }
    }
}

#[test]
fn binary_and_reference_decide_recorded_sessions_alike() {
    let mut found = Vec::new();
    records(&root().join("examples"), &mut found);
    records(&root().join("lang-spec/conformance"), &mut found);
    if let Some(suites) = std::env::var_os("LEVERFRAME_SUITES") {
        records(&Path::new(&suites).join("semantics"), &mut found);
    }
    let compared: Vec<Result<usize, String>> = found.iter().map(|(policy, record)| compare(policy, record)).collect();
    let decisions: usize = compared.iter().filter_map(|compared| compared.as_ref().ok()).sum();
    let wrong: Vec<&String> = compared.iter().filter_map(|compared| compared.as_ref().err()).collect();
    println!("{decisions} decisions in {} records, the same from both", found.len());
    assert!(wrong.is_empty(), "{}", wrong.iter().map(|wrong| wrong.as_str()).collect::<Vec<_>>().join("\n"));
    assert!(decisions >= LEAST_DECISIONS, "only {decisions} decisions");
}
