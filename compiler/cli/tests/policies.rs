//! `check`, `build`, `test`, `core`, `fmt`, `explain`, `graph`: policies as files.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use serde_json::json;
use support::{Bench, exists};

const GOOD: &str = r#"language 1
tool t.a(n: int)
tool t.b()
persona work {
  allow t.a when n <= 10
  allow t.b
  otherwise deny
}
forbid f "b comes first" { t.a then t.b }
test "b after a" {
  as work
  t.b() => allow by work.allow#2
  t.a(n: 5) => allow
  t.b() => deny by f
  t.a(n: 50) => deny by work.otherwise
}
"#;

const BROKEN: &str = "language 1\ntool t.a(n: int)\npersona work {\n  allow t.a when n <= \"ten\"\n  allow t.typo\n  otherwise deny\n}\n";

#[test]
fn a_good_policy_is_checked_and_built() {
    let bench = Bench::with_policy(GOOD);
    let ran = bench.run(&["check", "policy.lever"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    let ran = bench.run(&["build", "policy.lever", "-o", "out.frame"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    assert!(exists(&bench.path("out.frame")));
    assert_eq!(std::fs::read_dir(&bench.dir).unwrap().count(), 2, "nothing is left beside the frame");
}

#[test]
fn the_same_policy_gives_the_same_bytes() {
    let bench = Bench::with_policy(GOOD);
    for out in ["a.frame", "b.frame"] {
        assert_eq!(bench.run(&["build", "policy.lever", "-o", out]).exit, Some(0));
    }
    assert_eq!(std::fs::read(bench.path("a.frame")).unwrap(), std::fs::read(bench.path("b.frame")).unwrap());
}

#[test]
fn a_broken_policy_is_refused_and_leaves_no_frame() {
    let bench = Bench::with_policy(BROKEN);
    for arguments in [&["build", "policy.lever", "-o", "out.frame"][..], &["build", "policy.lever", "-o", "out.frame", "--unproven"]] {
        let ran = bench.run(arguments);
        assert_eq!(ran.exit, Some(1));
        assert!(ran.err.contains("policy.lever:4") || ran.out.contains("policy.lever:4"), "{}{}", ran.out, ran.err);
        assert!(!exists(&bench.path("out.frame")));
    }
}

#[test]
fn two_mistakes_are_two_findings_with_places() {
    let bench = Bench::with_policy(BROKEN);
    let ran = bench.run(&["check", "policy.lever", "--format", "json"]);
    assert_eq!(ran.exit, Some(1));
    let result = ran.json();
    assert_eq!((&result["version"], &result["ok"]), (&json!(1), &json!(false)));
    let findings = result["diagnostics"].as_array().unwrap();
    let lines: Vec<u64> = findings.iter().map(|finding| finding["spans"][0]["start"]["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [4, 5], "{result}");
    for finding in findings {
        assert_eq!(finding["severity"], "error");
        assert_eq!(finding["spans"][0]["file"], "policy.lever");
        assert!(finding["code"].as_str().unwrap().starts_with("LF0"));
        let (start, end) = (&finding["spans"][0]["start"], &finding["spans"][0]["end"]);
        let text = &BROKEN[start["byte"].as_u64().unwrap() as usize..end["byte"].as_u64().unwrap() as usize];
        assert!(!text.is_empty());
    }
}

#[test]
fn columns_are_characters_and_bytes_are_bytes() {
    let bench = Bench::with_policy("language 1\ntool t.a()\npersona p { allow /* */ t.a otherwise deny }\n");
    let ran = bench.run(&["check", "policy.lever", "--format", "json"]);
    assert_eq!(ran.exit, Some(1));
    let accents = Bench::with_policy("language 1\nlabel l sensitive \"äöü\" typo\n");
    let result = accents.run(&["check", "policy.lever", "--format", "json"]).json();
    let start = &result["diagnostics"][0]["spans"][0]["start"];
    assert_eq!(start["line"], 2, "{result}");
    assert_eq!(start["byte"].as_u64().unwrap(), 11 + start["column"].as_u64().unwrap() - 1 + 3, "{result}");
}

#[test]
fn sizes_are_those_of_the_frame() {
    let bench = Bench::with_policy(GOOD);
    let ran = bench.run(&["check", "policy.lever", "--format", "json"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.err);
    let result = ran.json();
    assert_eq!(result["ok"], true);
    assert_eq!(result["sizes"]["rules"][0]["name"], "f");
    assert_eq!(result["sizes"]["rules"][0]["states"], 2, "a then b: before a, after a");
    assert!(result["sizes"]["state_bytes"]["session"].as_u64().unwrap() >= 1);
    assert_eq!(result["sizes"]["state_bytes"]["tenant"], 0);
}

#[test]
fn a_frame_that_nobody_proved_is_marked_and_not_loaded_in_silence() {
    let bench = Bench::with_policy(GOOD);
    let ran = bench.run(&["build", "policy.lever", "-o", "out.frame", "--unproven"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    bench.write("trace.jsonl", "");
    let ran = bench.run(&["replay", "out.frame", "trace.jsonl"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.err);
    assert!(ran.err.contains("is unproven"), "{}", ran.err);
}

#[test]
fn findings_as_annotations() {
    let bench = Bench::with_policy(BROKEN);
    let ran = bench.run(&["check", "policy.lever", "--format", "github"]);
    assert_eq!(ran.exit, Some(1));
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.out);
    assert!(lines[0].starts_with("::error file=policy.lever,line=4,col="), "{}", ran.out);
}

#[test]
fn several_files_give_one_result() {
    let bench = Bench::with_policy(GOOD);
    bench.write("other.lever", BROKEN);
    let ran = bench.run(&["check", "policy.lever", "other.lever", "--format", "json"]);
    assert_eq!(ran.exit, Some(1));
    let result = ran.json();
    assert_eq!(result["ok"], false);
    assert!(result["diagnostics"].as_array().unwrap().iter().all(|finding| finding["spans"][0]["file"] == "other.lever"));
    assert_eq!(result["sizes"]["rules"][0]["file"], "policy.lever");
}

#[test]
fn modules_and_catalogs_are_found_beside_the_importer() {
    let bench = Bench::new();
    bench.write(
        "sub/policy.lever",
        "language 1\nimport \"org/rules.lever\"\nimport catalog \"tools.json\" as x\npersona p { allow x.f otherwise deny }\n",
    );
    bench.write("sub/org/rules.lever", "language 1\nimport catalog \"../more.json\" as y\neveryone { deny y.g \"never\" }\n");
    bench.write("sub/tools.json", r#"[{"name":"f","inputSchema":{"type":"object"}}]"#);
    bench.write("sub/more.json", r#"{"tools":[{"name":"g","inputSchema":{"type":"object"}}]}"#);
    let ran = bench.run(&["check", "sub/policy.lever"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
}

#[test]
fn a_file_that_is_not_there_is_unreadable_input() {
    let bench = Bench::new();
    for command in ["check", "test", "core", "fmt"] {
        let ran = bench.run(&[command, "absent.lever"]);
        assert_eq!(ran.exit, Some(2), "{command}");
        assert!(ran.err.contains("absent.lever"), "{}", ran.err);
    }
}

#[test]
fn what_is_no_text_is_no_panic() {
    let bench = Bench::new();
    for (name, bytes) in
        [("a.lever", &b"\xff\xfe\x00"[..]), ("b.lever", b""), ("c.lever", b"\0\0\0\0"), ("d.lever", b"language 1\npersona \xf0\x9f")]
    {
        std::fs::write(bench.path(name), bytes).unwrap();
        for command in ["check", "core", "fmt", "test"] {
            let ran = bench.run(&[command, name]);
            assert!(matches!(ran.exit, Some(1 | 2)), "{command} {name}: {:?} {}", ran.exit, ran.err);
        }
    }
    let deep = format!("language 1\npersona p {{ allow t.a when {}true{} }}\n", "(".repeat(100_000), ")".repeat(100_000));
    bench.write("deep.lever", &deep);
    assert_eq!(bench.run(&["check", "deep.lever"]).exit, Some(1));
}

#[test]
fn tests_of_a_policy_run_through_the_runtime() {
    let bench = Bench::with_policy(GOOD);
    let ran = bench.run(&["test", "policy.lever"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("b after a") && ran.out.contains("1 passed, 0 failed"), "{}", ran.out);
}

#[test]
fn a_test_that_fails_says_where_and_what_came_instead() {
    let bench = Bench::with_policy(&GOOD.replace("t.b() => deny by f", "t.b() => allow"));
    let ran = bench.run(&["test", "policy.lever", "--format", "json"]);
    assert_eq!(ran.exit, Some(1));
    let result = ran.json();
    assert_eq!((&result["ok"], &result["failed"]), (&json!(false), &json!(1)));
    let failure = &result["tests"][0]["failures"][0];
    assert_eq!(failure["line"], 14);
    assert_eq!(failure["message"], "expected allow, got deny by f: b comes first");
    let junit = bench.run(&["test", "policy.lever", "--format", "junit"]);
    assert_eq!(junit.exit, Some(1));
    assert!(junit.out.contains("failures=\"1\"") && junit.out.contains("expected allow, got deny by f"), "{}", junit.out);
}

#[test]
fn the_layout_is_canonical_once() {
    let ugly = "language 1\n// kept\ntool   t.a( n:int )\npersona p{allow t.a\n\n\notherwise deny}\n";
    let bench = Bench::with_policy(ugly);
    assert_eq!(bench.run(&["fmt", "policy.lever", "--check"]).exit, Some(1));
    let diff = bench.run(&["fmt", "policy.lever", "--diff"]);
    assert_eq!(diff.exit, Some(1));
    assert!(diff.out.contains("-tool   t.a( n:int )"), "{}", diff.out);
    assert_eq!(bench.read("policy.lever"), ugly, "neither option writes");
    assert_eq!(bench.run(&["fmt", "policy.lever"]).exit, Some(0));
    let once = bench.read("policy.lever");
    assert!(once != ugly && once.contains("// kept"));
    assert_eq!(bench.run(&["fmt", "policy.lever", "--check"]).exit, Some(0));
    assert_eq!(bench.run(&["fmt", "policy.lever"]).exit, Some(0));
    assert_eq!(bench.read("policy.lever"), once);
    assert_eq!(std::fs::read_dir(&bench.dir).unwrap().count(), 1);
}

#[test]
fn what_does_not_parse_stays_as_it_is() {
    let text = "language 1\npersona {{{\n";
    let bench = Bench::with_policy(text);
    assert_eq!(bench.run(&["fmt", "policy.lever"]).exit, Some(1));
    assert_eq!(bench.read("policy.lever"), text);
}

#[test]
fn the_core_form_is_printed() {
    let bench = Bench::with_policy(GOOD);
    let ran = bench.run(&["core", "policy.lever"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.err);
    assert!(ran.out.starts_with("(core 1)\n"), "{}", ran.out);
    assert!(ran.out.contains("(rule forbid \"f\""), "{}", ran.out);
}

#[test]
fn every_code_has_its_page() {
    let bench = Bench::new();
    let ran = bench.run(&["explain", "lf0001"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.err);
    assert!(ran.out.contains("LF0001"));
    assert_eq!(bench.run(&["explain", "LF9999"]).exit, Some(2));
}

#[test]
fn automata_in_three_forms() {
    let bench = Bench::with_policy(GOOD);
    let ran = bench.run(&["graph", "policy.lever", "--format", "json"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.err);
    let graph = ran.json();
    let rule = &graph["rules"][0];
    assert_eq!((&rule["name"], &rule["states"], &rule["initial"]), (&json!("f"), &json!(2), &json!(0)));
    let classes = rule["classes"].as_array().unwrap().len();
    for table in ["delta", "deny"] {
        let rows = rule[table].as_array().unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.as_array().unwrap().len() == classes));
    }
    let dot = bench.run(&["graph", "policy.lever", "f", "--format", "dot"]);
    assert!(dot.exit == Some(0) && dot.out.contains("digraph"), "{}{}", dot.out, dot.err);
    let svg = bench.run(&["graph", "policy.lever", "f"]);
    assert!(svg.exit == Some(0) && svg.out.contains("<svg") && svg.out.trim_end().ends_with("</svg>"), "{}", svg.err);
    assert_eq!(bench.run(&["graph", "policy.lever", "absent"]).exit, Some(2));
}
