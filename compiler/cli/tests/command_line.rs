//! Arguments and exit codes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use support::{Bench, exists};

const SMALL: &str = "language 1\ntool t.a()\npersona p { allow t.a otherwise deny }\n";

#[test]
fn usage_is_two_and_help_is_nought() {
    let bench = Bench::new();
    for arguments in [
        &[][..],
        &["nonsense"],
        &["check"],
        &["build", "a.lever"],
        &["replay", "a.frame"],
        &["check", "a.lever", "--format", "xml"],
        &["replay", "a", "b", "--jobs", "0"],
        &["check", "policy.lever", "--timeout", "0"],
        &["check", "policy.lever", "--timeout", "soon"],
    ] {
        assert_eq!(bench.run(arguments).exit, Some(2), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["--version"], &["replay", "--help"]] {
        let ran = bench.run(arguments);
        assert!(ran.exit == Some(0) && !ran.out.is_empty(), "{arguments:?}");
    }
}

#[test]
fn what_is_not_built_says_so_and_leaves_nothing_behind() {
    let bench = Bench::built(SMALL);
    bench.write("t.jsonl", "");
    let refused: &[&[&str]] = &[
        &["report", "policy.lever", "-o", "out"],
        &["import", "tools.json", "-o", "out"],
        &["infer", "t.jsonl", "--catalog", "tools.json", "--persona", "p"],
        &["lsp"],
        &["check", "policy.lever", "--format", "sarif"],
        &["test", "policy.lever", "--coverage"],
        &["explain", "--decision", "1", "t.jsonl", "policy.frame"],
        &["graph", "policy.lever", "--format", "html"],
    ];
    for arguments in refused {
        let ran = bench.run(arguments);
        assert_eq!(ran.exit, Some(2), "{arguments:?}");
        assert!(ran.err.contains("is not built yet"), "{arguments:?}: {}", ran.err);
        assert!(!exists(&bench.path("out")), "{arguments:?}");
    }
}

#[test]
fn an_output_that_cannot_be_written_is_two() {
    let bench = Bench::with_policy(SMALL);
    let ran = bench.run(&["build", "policy.lever", "-o", "no/such/directory/out.frame"]);
    assert_eq!(ran.exit, Some(2));
    assert!(ran.err.contains("cannot write"), "{}", ran.err);
}

#[test]
fn queries_go_into_a_folder_of_their_own() {
    let bench = Bench::with_policy(SMALL);
    let ran = bench.run(&["check", "policy.lever", "--smtlib", "deep/queries"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    assert!(bench.read("deep/queries/queries.json").contains("\"queries\": []"));
    let ran = bench.run(&["check", "policy.lever", "--smtlib", "policy.lever"]);
    assert_eq!(ran.exit, Some(2));
    assert!(ran.err.contains("cannot write `policy.lever`"), "{}", ran.err);
    assert_eq!(bench.read("policy.lever"), SMALL);
}

#[test]
fn an_old_frame_is_replaced_whole_or_not_at_all() {
    let bench = Bench::built(SMALL);
    let old = std::fs::read(bench.path("policy.frame")).unwrap();
    bench.write("policy.lever", "language 1\npersona p { allow t.missing otherwise deny }\n");
    assert_eq!(bench.run(&["build", "policy.lever", "-o", "policy.frame"]).exit, Some(1));
    assert_eq!(std::fs::read(bench.path("policy.frame")).unwrap(), old);
}

#[test]
fn only_a_frame_is_overwritten_by_a_frame() {
    let bench = Bench::with_policy(SMALL);
    let ran = bench.run(&["build", "policy.lever", "-o", "policy.lever"]);
    assert_eq!(ran.exit, Some(2));
    assert!(ran.err.contains("is no frame"), "{}", ran.err);
    assert_eq!(bench.read("policy.lever"), SMALL);
    bench.write("empty.frame", "");
    for output in ["empty.frame", "empty.frame"] {
        assert_eq!(bench.run(&["build", "policy.lever", "-o", output]).exit, Some(0));
    }
}

#[test]
fn colour_is_for_terminals() {
    let bench = Bench::with_policy("language 1\npersona {\n");
    let ran = bench.run(&["check", "policy.lever"]);
    assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'));
    let forced = bench.command().args(["check", "policy.lever"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(forced.stdout.contains(&0x1b) || forced.stderr.contains(&0x1b));
    let neither = bench.command().args(["check", "policy.lever"]).env("NO_COLOR", "1").output().unwrap();
    assert!(!neither.stdout.contains(&0x1b) && !neither.stderr.contains(&0x1b));
}
