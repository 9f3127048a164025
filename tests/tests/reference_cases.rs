//! Conformance cases against the reference, and, for the members that `replay --expect` does not compare, against the binary; the table of schemas against
//! the reference's reading of catalogs.
//!
//! In: `lang-spec/conformance`. Out: the first wrong members of each line. Invariant: a member that begins with `expect` and that nobody compares is a
//! mistake in the case, so that no expectation is silently without effect. Source: `lang-spec/conformance/README.md`, [trace.expect], [catalog.read].
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod binary;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use leverframe_reference::policy::Verdict;
use leverframe_reference::{Decision, elaborate_from, run};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Value, json};

/// Cases, and calls in them, below which this test has lost its corpus.
const LEAST_CASES: usize = 320;
const LEAST_CALLS: usize = 3_000;
/// Rows of the table of schemas below which it has lost some.
const LEAST_SCHEMAS: usize = 100;

/// What is compared: the member of a line, and the member of a decision.
const COMPARED: [(&str, &str); 6] = [
    ("expect", "verdict"),
    ("expect_rule", "rule"),
    ("expect_code", "code"),
    ("expect_rules", "rules"),
    ("expect_who", "who"),
    ("expect_observed", "observed"),
];

/// A line of a record, but only what it expects; arguments may hold what no JSON value of serde can, such as lone surrogates.
struct Line {
    call: bool,
    expected: BTreeMap<String, Value>,
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = Line;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a line of a record")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Line, M::Error> {
        let mut line = Line { call: false, expected: BTreeMap::new() };
        while let Some(name) = map.next_key::<String>()? {
            if name.starts_with("expect") {
                line.expected.insert(name, map.next_value()?);
            } else {
                line.call |= name == "tool";
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(line)
    }
}

fn read(text: &str) -> Line {
    let mut reader = serde_json::Deserializer::from_str(text);
    let line = reader.deserialize_map(LineVisitor).unwrap_or_else(|error| panic!("{error}: {text}"));
    reader.end().unwrap_or_else(|error| panic!("{error}: {text}"));
    line
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_path_buf()
}

fn cases() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(root().join("lang-spec/conformance")).expect("a readable folder");
    let mut found: Vec<PathBuf> = folder.map(|entry| entry.expect("a readable entry").path()).filter(|path| path.is_dir()).collect();
    found.sort();
    assert!(found.len() >= LEAST_CASES, "only {} cases", found.len());
    found
}

/// Lists in `expect`, `expect_rule` and `expect_code` are values of which any will do; the other members are lists themselves.
fn met(member: &str, wanted: &Value, found: &Value) -> bool {
    let any = matches!(member, "expect" | "expect_rule" | "expect_code");
    wanted == found || (any && wanted.as_array().is_some_and(|values| values.contains(found)))
}

/// What is wrong with the decisions on one record, by the record's own expectations; how many calls it has.
fn judge(record: &Path, decisions: &BTreeMap<u64, Value>) -> (Vec<String>, usize) {
    let text = std::fs::read_to_string(record).expect("a record in UTF-8");
    let (mut wrong, mut calls) = (Vec::new(), 0);
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let Line { call, expected } = read(line);
        let place = format!("{}:{number}", record.display());
        let known = |name: &String| COMPARED.iter().any(|(member, _)| member == name);
        wrong.extend(expected.keys().filter(|name| !known(name)).map(|name| format!("{place}: nobody compares `{name}`")));
        if call != expected.contains_key("expect") {
            wrong.push(format!("{place}: calls, and only calls, say what is expected"));
        }
        if !call {
            continue;
        }
        calls += 1;
        let Some(decision) = decisions.get(&number) else {
            wrong.push(format!("{place}: it is not decided"));
            continue;
        };
        for (member, of) in COMPARED {
            let found = &decision[of];
            if let Some(wanted) = expected.get(member).filter(|wanted| !met(member, wanted, found)) {
                wrong.push(format!("{place}: {of} is {found}, not {wanted}"));
            }
        }
    }
    (wrong, calls)
}

fn by_line(decisions: impl Iterator<Item = Value>) -> BTreeMap<u64, Value> {
    decisions.map(|decision| (decision["line"].as_u64().expect("a number"), decision)).collect()
}

fn told(decision: &Decision) -> Value {
    let verdict = match decision.verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "ask",
        Verdict::Deny => "deny",
    };
    json!({
        "line": decision.line, "verdict": verdict, "rule": decision.rule, "code": decision.code.word(),
        "rules": decision.rules, "who": decision.who, "observed": decision.observed,
    })
}

fn by_reference(policy: &Path, record: &Path) -> Result<BTreeMap<u64, Value>, String> {
    run(policy, record).map(|decisions| by_line(decisions.iter().map(told))).map_err(|stop| stop.to_string())
}

fn by_binary(policy: &Path, record: &Path) -> Result<BTreeMap<u64, Value>, String> {
    let frame = std::env::temp_dir().join(format!("leverframe-reference-cases-{}.frame", std::process::id()));
    let run = |command: &mut Command| {
        let output = command.output().expect("the binary runs");
        let failed = !output.status.success();
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        if failed { Err(said + &String::from_utf8_lossy(&output.stderr)) } else { Ok(said) }
    };
    run(Command::new(binary::leverframe()).args(["build", "--unproven"]).arg(policy).arg("-o").arg(&frame))?;
    let replayed = run(Command::new(binary::leverframe()).arg("replay").arg(&frame).arg(record).args(["--format", "jsonl"]));
    std::fs::remove_file(&frame).expect("the frame was written");
    Ok(by_line(replayed?.lines().map(|line| serde_json::from_str(line).expect("a decision is JSON"))))
}

fn hold(decide: impl Fn(&Path, &Path) -> Result<BTreeMap<u64, Value>, String>) {
    let (mut wrong, mut calls) = (Vec::new(), 0);
    for case in cases() {
        let (policy, record) = (case.join("policy.lever"), case.join("trace.jsonl"));
        match decide(&policy, &record) {
            Ok(decisions) => {
                let (faults, here) = judge(&record, &decisions);
                wrong.extend(faults);
                calls += here;
            }
            Err(stop) => wrong.push(format!("{}: {stop}", case.display())),
        }
    }
    println!("{calls} calls decided as expected, but for {}", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(calls >= LEAST_CALLS, "only {calls} calls");
}

#[test]
fn the_reference_holds_in_every_case() {
    hold(by_reference);
}

#[test]
fn the_binary_names_the_same_rules_and_people_in_every_case() {
    hold(by_binary);
}

/// Whether it is written as clauses are: `seq.forbid.then`.
fn is_clause(text: &str) -> bool {
    text.contains('.') && text.chars().all(|character| character.is_ascii_lowercase() || character == '.')
}

#[test]
fn what_is_not_met_is_told() {
    let record = std::env::temp_dir().join(format!("leverframe-reference-cases-{}.jsonl", std::process::id()));
    let lines = [
        r#"{"tool":"t","args":"\ud800","expect":"deny","expect_rule":null,"expect_who":["a"],"expect_observed":[]}"#,
        r#"{"tool":"t","expect":["ask","deny"],"expect_rules":["r"],"expect_whom":[]}"#,
        r#"{"tool":"t"}"#,
        r#"{"event":"e","expect":"deny"}"#,
    ];
    std::fs::write(&record, lines.join("\n")).expect("a place to write");
    let decision = |line: u64| json!({ "line": line, "verdict": "ask", "rule": "r", "rules": ["r", "s"], "who": ["b"], "observed": [], "code": "rule" });
    let (wrong, calls) = judge(&record, &by_line((1..=3).map(decision)));
    std::fs::remove_file(&record).expect("it was written");
    let told: Vec<&str> = wrong.iter().filter_map(|wrong| wrong.split_once(".jsonl:")).map(|(_, told)| told).collect();
    let wanted = [
        r#"1: verdict is "ask", not "deny""#,
        r#"1: rule is "r", not null"#,
        r#"1: who is ["b"], not ["a"]"#,
        "2: nobody compares `expect_whom`",
        r#"2: rules is ["r","s"], not ["r"]"#,
        "3: calls, and only calls, say what is expected",
        "4: calls, and only calls, say what is expected",
    ];
    assert_eq!((told.as_slice(), calls), (wanted.as_slice(), 3));
}

#[test]
fn every_case_cites_its_clause() {
    let mut clauses = String::new();
    for entry in std::fs::read_dir(root().join("lang-spec")).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.extension().is_some_and(|ending| ending == "md") {
            clauses.push_str(&std::fs::read_to_string(&path).expect("a page in UTF-8"));
        }
    }
    for case in cases() {
        let why = std::fs::read_to_string(case.join("why.txt")).expect("a case says why");
        let cited: Vec<&str> = why.split('[').skip(1).filter_map(|rest| rest.split(']').next()).filter(|cited| is_clause(cited)).collect();
        let section = why.strip_prefix('s').is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
        assert!(!cited.is_empty() || section, "{} cites nothing", case.display());
        for clause in cited {
            assert!(clauses.contains(&format!("[{clause}]")), "{} cites [{clause}], which no page has", case.display());
        }
    }
}

#[test]
fn the_reference_reads_every_schema_of_the_table() {
    let table = std::fs::read_to_string(root().join("lang-spec/conformance/schemas.json")).expect("the table");
    let table: Value = serde_json::from_str(&table).expect("the table is JSON");
    let rows = table.as_array().expect("a list");
    assert!(rows.len() >= LEAST_SCHEMAS, "only {} schemas", rows.len());
    let policy = "language 1\nimport catalog \"c.tools.json\" as c\npersona p {\n  allow c.t\n  otherwise deny\n}\n";
    let mut wrong = Vec::new();
    for row in rows {
        let catalog = json!([{ "name": "t", "inputSchema": row["inputSchema"] }]).to_string();
        let files = BTreeMap::from([("p.lever".to_owned(), policy.to_owned()), ("c.tools.json".to_owned(), catalog)]);
        let read = match elaborate_from(&files, "p.lever") {
            Ok(policy) => policy.tool("c.t").expect("the catalog's tool").args.to_string(),
            Err(refusal) => refusal.to_string(),
        };
        if row["arguments"] != read {
            wrong.push(format!("{}: {read}, not {}", row["why"], row["arguments"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
