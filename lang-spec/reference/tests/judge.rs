//! Decisions on sessions written for the purpose, clause by clause of the language.

use std::collections::BTreeMap;

use leverframe_reference::{Decision, decide, elaborate_from, read_records};

fn decisions(policy: &str, record: &str) -> Result<Vec<Decision>, String> {
    let files = BTreeMap::from([("p.lever".to_owned(), format!("language 1\n{policy}"))]);
    let policy = elaborate_from(&files, "p.lever").map_err(|refusal| refusal.to_string())?;
    let records = read_records(record).map_err(|error| error.to_string())?;
    decide(&policy, &records).map_err(|error| error.to_string())
}

/// A line of a call is `tool`, `tool {"args"…}` or `tool {…} | "more":members`; one that begins with a brace is as it stands.
fn record(lines: &[&str]) -> String {
    let line = |line: &&str| {
        if line.starts_with('{') {
            return (*line).to_owned();
        }
        let (call, more) = line.split_once(" | ").unwrap_or((line, ""));
        let (tool, args) = call.split_once(' ').unwrap_or((call, "{}"));
        let more = if more.is_empty() { String::new() } else { format!(",{more}") };
        let session = if more.contains("\"session\"") { "" } else { "\"session\":\"s\"," };
        let persona = if more.contains("\"persona\"") { "" } else { "\"persona\":\"p\"," };
        format!("{{{session}{persona}\"tool\":\"{tool}\",\"args\":{args}{more}}}")
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `verdict`, then the deciding rule or the code.
fn said(policy: &str, lines: &[&str]) -> Vec<String> {
    let said = |decision: &Decision| format!("{} {}", decision.verdict.word(), decision.rule.as_deref().unwrap_or(decision.code.word()));
    match decisions(policy, &record(lines)) {
        Ok(decided) => decided.iter().map(said).collect(),
        Err(error) => vec![error],
    }
}

const OPEN: &str = "tool a(n: int?)\ntool b(n: int?)\ntool c(n: int?)\nevent e(s: string)\nlabel pii sensitive\npersona p { allow a, b, c\n otherwise deny }\n";
const A: &str = "allow p.allow#1";

fn open(rules: &str, lines: &[&str]) -> Vec<String> {
    said(&format!("{OPEN}{rules}"), lines)
}

#[test]
fn the_most_severe_verdict_wins_and_everyone_speaks_first() {
    let policy = "tool a(n: int)
persona p { ask a when n > 1 by \"x\"
 allow low: a when n <= 1
 deny a when n > 8 \"too much\"
 otherwise deny }
everyone { deny a when n == 9 }
forbid f { a then a when (n == 3) } => ask by \"y\"";
    let lines = [r#"a {"n":1}"#, r#"a {"n":2}"#, r#"a {"n":3}"#, r#"a {"n":9}"#, r#"a {"n":10}"#];
    assert_eq!(said(policy, &lines), ["allow p.low", "ask p.ask#1", "ask p.ask#1", "deny everyone.deny#1", "deny p.deny#1"]);
    let decided = decisions(policy, &record(&lines)).unwrap_or_default();
    assert_eq!(decided[2].rules, ["p.ask#1", "f"]);
    assert_eq!(decided[2].who, ["x", "y"]);
    assert_eq!(decided[3].rules, ["everyone.deny#1", "p.deny#1"]);
    assert_eq!(decided[4].message.as_deref(), Some("too much"));
}

#[test]
fn a_gap_denies_without_a_rule() {
    let policy = "tool a(n: int)\ntool b()\npersona p { allow a when n > 1\n ask b }\nforbid f { b then a }";
    assert_eq!(
        said(policy, &[r#"a {"n":1}"#, "b | \"approved\":true", r#"a {"n":1}"#, r#"a {"n":2}"#]),
        ["deny no_rule", "ask p.ask#1", "deny f", "deny f"]
    );
}

#[test]
fn plain_calls_are_read_the_safe_way() {
    // A failed call counts in a forbid, and not as a prerequisite nor as an excuse.
    let failed = r#"a | "result":{"ok":false}"#;
    assert_eq!(open("forbid f { a then b }", &[failed, "b"]), [A, "deny f"]);
    assert_eq!(open("require r { a before b }", &[failed, "b", "a", "b"]), [A, "deny r", A, A]);
    assert_eq!(open("forbid f { a then[unless c] b }", &["a", r#"c | "result":{"ok":false}"#, "b", "c", "b"]), [A, A, "deny f", A, A]);
    // The call of an excuse must lie inside the gap, that of a prerequisite after the reset.
    let late = [r#"c | "id":"1""#, "a", r#"{"result_of":"1","result":{"ok":true}}"#, "b"];
    assert_eq!(open("forbid f { a then[unless c] b }", &late), [A, A, "deny f"]);
    assert_eq!(open("require r { c before b reset by a }", &late), [A, A, "deny r"]);
    assert_eq!(open("require r { c succeeds before b reset by a }", &late), [A, A, "deny r"]);
}

#[test]
fn pairs_of_sequences() {
    assert_eq!(open("forbid f { a then a }", &["a", "a", "b", "a"]), [A, "deny f", A, "deny f"]);
    assert_eq!(open("forbid f { (a and b) then c }", &["b", "c", "a", "c"]), [A, A, A, "deny f"]);
    assert_eq!(open("forbid f { 2 times a then b }", &["a", "b", "a", "b"]), [A, A, A, "deny f"]);
    assert_eq!(open("forbid f { start then[next] b }", &["b", "a", "b"]), ["deny f", A, A]);
    assert_eq!(open("forbid f { start then[unless a] b }", &["b", "a", "b"]), ["deny f", A, A]);
    assert_eq!(
        open("forbid f { (a or c) then[next] b }", &["a", "c", "a", "b", r#"{"session":"s","event":"e","args":{"s":""}}"#, "b"]),
        [A, A, A, "deny f", "deny f"]
    );
    assert_eq!(open("forbid f { (a then b) and c }", &["c", "a", "b", "a"]), [A, A, "deny f", A]);
}

#[test]
fn windows_are_closed_at_their_far_end() {
    let at = |tool: &str, ms: i64| format!("{tool} | \"at\":{ms}");
    let lines = [at("a", 0), at("b", 10), at("b", 11)];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(open("forbid f { a then[within 10ms] b }", &lines), [A, "deny f", A]);
    assert_eq!(open("require r { a before b within 10ms }", &lines), [A, A, "deny r"]);
    // A limit counts in (t − D, t].
    let lines = [at("a", 0), at("a", 9), at("a", 10), at("a", 18)];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(open("limit 1 a per 10ms", &lines), [A, "deny limit#1", A, "deny limit#1"]);
    assert_eq!(open("limit many: 2 (a, b) per session", &["a", "b", "c", "b", "c"]), [A, A, A, "deny many", A]);
}

#[test]
fn within_of_a_require_runs_from_the_call() {
    let lines = [r#"a | "at":0,"id":"1""#, r#"{"result_of":"1","at":20,"result":{"ok":true}}"#, r#"b | "at":25"#];
    assert_eq!(open("require r { a before b within 10ms }", &lines), [A, "deny r"]);
    assert_eq!(open("forbid f { a succeeds then[within 10ms] b }", &lines), [A, "deny f"]);
}

#[test]
fn labels_come_with_results() {
    let policy = format!("{OPEN}effect a returns pii\nforbid f {{ any returns pii then b }}\neveryone {{ deny c when session has pii }}");
    let own = r#"{"result_of":"1","result":{"ok":false,"content":"x"}}"#;
    assert_eq!(said(&policy, &[r#"a | "id":"1""#, "b", "c", own, "b", "c"]), [A, A, A, "deny f", "deny everyone.deny#1"]);
    assert_eq!(said(&policy, &[r#"a | "result":{"ok":false}"#, "b"]), [A, A]);
    assert_eq!(said(&policy, &[r#"b | "result":{"ok":false,"labels":["pii"]}"#, "b"]), [A, "deny f"]);
    let decided = decisions(&policy, &record(&["a", "b"])).unwrap_or_default();
    assert_eq!((decided[0].labels.len(), decided[1].labels.as_slice()), (0, ["pii".to_owned()].as_slice()));
}

#[test]
fn an_asked_call_is_decided_again_when_it_is_approved() {
    let policy = "tool a()\ntool b()\npersona p { ask a\n allow b\n otherwise deny }\nforbid f { b then approved a }\nforbid g { approved a then b }";
    let approved = r#"a | "approved":true"#;
    assert_eq!(said(policy, &["a", "b"]), ["ask p.ask#1", "allow p.allow#1"]);
    assert_eq!(said(policy, &[approved, "b"]), ["ask p.ask#1", "deny g"]);
    assert_eq!(said(policy, &["b", "a", approved]), ["allow p.allow#1", "ask p.ask#1", "deny f"]);
    assert_eq!(said(policy, &[r#"a | "approved":false"#, "b"]), ["ask p.ask#1", "allow p.allow#1"]);
}

#[test]
fn observing_and_ending() {
    let rules = "forbid w { a then b } => observe\nforbid e { b then b } => end session";
    assert_eq!(open(rules, &["a", "b", "b", "c"]), [A, A, "deny e", "deny session_ended"]);
    let decided = decisions(&format!("{OPEN}{rules}"), &record(&["a", "b"])).unwrap_or_default();
    assert_eq!(decided[1].observed, ["w"]);
}

#[test]
fn sessions_and_keys() {
    let rules = "forbid f per principal { a then b }";
    let lines = [
        "a",
        r#"a | "principal":"u""#,
        r#"b | "principal":"u","session":"t""#,
        r#"b | "principal":"v","session":"t""#,
        r#"c | "session":"t""#,
        r#"c | "persona":"q""#,
    ];
    assert_eq!(open(rules, &lines), ["deny missing_key", A, "deny f", "deny missing_key", A, "deny unknown_persona"]);
    // A host event that names no key belongs to its session's.
    let event = r#"{"session":"s","event":"e","args":{"s":"x"}}"#;
    assert_eq!(
        open("forbid f per principal { e then b }", &[r#"c | "principal":"u""#, event, r#"b | "principal":"u","session":"t""#]),
        [A, "deny f"]
    );
}

#[test]
fn the_clock_may_step_back_a_little() {
    let lines = [r#"a | "at":10000"#, r#"c | "at":4999"#, r#"b | "at":5000"#, r#"b | "at":11001"#];
    assert_eq!(open("forbid f { a then[within 1s] b }", &lines), [A, "deny clock", "deny f", A]);
}

#[test]
fn what_cannot_be_evaluated_denies_whatever_rule() {
    let policy = "tool a(u: string, n: int)\ntool b(u: string)\ntool c(u: string)\nevent e(u: string)\nlabel pii sensitive
context { r: string }
effect c sends when url(u).host == \"x.example\"
persona p { on a { n > 1 => allow, url(u).host == \"x.example\" => allow, otherwise => deny }
 allow b, c
 otherwise deny }
persona q { allow b
 otherwise deny }
forbid f { e when (url(u).host == \"x.example\") then b }
require r { e when (url(u).host == \"x.example\") before c }
forbid g { b when (context.r == \"x\" and url(u).port == 1) then a }";
    let bad = |tool: &str, more: &str| format!("{tool} {{\"u\":\"?\"{more}}} | \"context\":{{\"r\":\"x\"}}");
    let (lazy, eager, effect, guard) = (bad("a", ",\"n\":2"), bad("a", ",\"n\":1"), bad("c", ""), bad("b", ""));
    let context = r#"b {"u":"?"}"#;
    assert_eq!(
        said(policy, &[&lazy, &eager, &effect, &guard, context]),
        ["allow p.on(a)#1", "deny condition_failed", "deny condition_failed", "deny condition_failed", "deny missing_context"]
    );
    // On a host event it matches in a step and does not in a prerequisite.
    let event = r#"{"session":"s","event":"e","args":{"u":"?"}}"#;
    let (b, c) = (r#"b {"u":"https://x.example"} | "context":{"r":"y"}"#, r#"c {"u":"https://x.example"}"#);
    assert_eq!(said(policy, &[b, event, b, c]), ["allow p.allow#1", "deny f", "deny r"]);
}

#[test]
fn arguments_that_do_not_fit_are_malformed() {
    let policy = "tool a(n: int 0..=50, k: \"x\" | \"y\", x: number?, r: {d: path}?)\npersona p { allow a\n otherwise deny }";
    let good = [r#"{"n":50.0,"k":"x"}"#, r#"{"n":5e1,"k":"y","x":1e-2,"r":{"d":"/a"}}"#];
    let bad = [
        "null",
        "[]",
        r#"{"n":51,"k":"x"}"#,
        r#"{"n":1.5,"k":"x"}"#,
        r#"{"n":"1","k":"x"}"#,
        r#"{"n":1,"k":"z"}"#,
        r#"{"n":1}"#,
        r#"{"n":1,"n":1,"k":"x"}"#,
        r#"{"n":1,"\u006e":1,"k":"x"}"#,
        r#"{"n":1,"k":"x","K":"x"}"#,
        r#"{"n":1,"k":"x","x":null}"#,
        r#"{"n":1,"k":"x","r":{"d":"a"}}"#,
        r#"{"n":1,"k":"x","r":{}}"#,
        r#"{"n":1,"k":"x\ud800"}"#,
    ];
    for args in good {
        assert_eq!(said(policy, &[&format!("a {args}")]), ["allow p.allow#1"], "{args}");
    }
    for args in bad {
        assert_eq!(said(policy, &[&format!("a {args}")]), ["deny malformed_arguments"], "{args}");
    }
}

#[test]
fn codes_stand_in_their_order() {
    let policy = format!("{OPEN}forbid f per principal {{ a when (n is present and n * 9_000_000_000_000_000_000 > 0) then b }}");
    let lines = [
        r#"z {"n":"x"} | "at":9000,"persona":"nobody","session":"t""#,
        r#"c | "at":20000"#,
        r#"z {"n":"x"} | "at":1"#,
        r#"z {"n":"x"} | "at":20000"#,
        r#"a {"n":"x"}"#,
        r#"a {"n":2}"#,
        r#"a {"n":2} | "principal":"u""#,
    ];
    let wanted = [
        "deny unknown_persona",
        A,
        "deny clock",
        "deny unknown_tool",
        "deny malformed_arguments",
        "deny missing_key",
        "deny condition_failed",
    ];
    assert_eq!(said(&policy, &lines), wanted);
}

#[test]
fn a_child_is_judged_by_its_ancestors_rules_and_by_means_the_persona_itself() {
    let policy = "tool a()\ntool b()\npersona p { allow a, b\n forbid f per tenant { a then b }\n otherwise deny }
persona q extends p {}\npersona r { allow a, b\n otherwise deny }\nforbid g per tenant { a by p then a by q }";
    let line = |tool: &str, persona: &str| format!("{tool} | \"persona\":\"{persona}\",\"session\":\"{persona}\",\"tenant\":\"t\"");
    let lines = [line("a", "r"), line("a", "q"), line("b", "q"), line("b", "r"), line("a", "p"), line("a", "q")];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(said(policy, &lines), ["allow r.allow#1", "allow p.allow#1", "deny f", "allow r.allow#1", "allow p.allow#1", "deny g"]);
}

#[test]
fn errors_of_a_record_name_their_line() {
    for (lines, wanted) in [
        (vec!["a", "{"], "line 2"),
        (vec!["a", r#"{"session":"s","event":"x","args":{}}"#], "line 2: no event is called `x`"),
        (vec![r#"{"session":"s","event":"e","args":{}}"#], "line 1: the event's arguments do not fit"),
        (vec!["a", r#"{"result_of":"1","result":{"ok":true}}"#], "line 2: no call before has the id `1`"),
        (
            vec![r#"a | "id":"1""#, r#"{"result_of":"1","result":{"ok":true}}"#, r#"{"result_of":"1","result":{"ok":true}}"#],
            "line 3: the call `1` has had",
        ),
        (vec![r#"a | "result":{"ok":true,"labels":["nope"]}"#], "line 1: no label is called `nope`"),
        (vec![r#"a | "tool":"b""#], "line 1: `tool` is given twice"),
    ] {
        let error = decisions(OPEN, &record(&lines)).err().unwrap_or_default();
        assert!(error.starts_with(wanted), "{lines:?}: {error}");
    }
}

#[test]
fn times_run_over_the_file() {
    let decided = decisions(OPEN, &record(&["a", r#"b | "session":"t""#, r#"a | "at":"1970-01-01T00:00:01Z""#, "c"])).unwrap_or_default();
    assert_eq!(decided.iter().map(|decision| decision.at).collect::<Vec<_>>(), [0, 1, 1_000, 1_001]);
    assert_eq!(decided.iter().map(|decision| decision.step).collect::<Vec<_>>(), [1, 1, 2, 3]);
}
