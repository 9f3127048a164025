//! `leverframe replay --jobs`: with any number of threads the output is the same, byte for byte.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use std::fs;
use std::io::Write as _;

use support::Bench;
use support::records::{SHARED, record};

fn same_with_any_number_of_threads(bench: &Bench, arguments: &[&str]) -> String {
    let run = |jobs: &str| {
        let mut all = vec!["replay", "policy.frame"];
        all.extend(arguments);
        all.extend(["--jobs", jobs]);
        bench.run(&all)
    };
    let one = run("1");
    for jobs in ["2", "3", "8"] {
        let many = run(jobs);
        assert_eq!((many.exit, &many.out, &many.err), (one.exit, &one.out, &one.err), "{arguments:?} with {jobs} threads");
    }
    one.out
}

#[test]
fn random_records_are_decided_alike() {
    let bench = Bench::built(SHARED);
    for seed in 0..12 {
        bench.write("trace.jsonl", &record(seed, 400, seed % 2 == 1));
        for format in ["jsonl", "human", "summary"] {
            let out = same_with_any_number_of_threads(&bench, &["trace.jsonl", "--format", format, "--keep-going"]);
            assert!(format != "jsonl" || out.lines().count() > 200, "{out}");
        }
        same_with_any_number_of_threads(&bench, &["trace.jsonl", "--format", "jsonl"]);
    }
}

#[test]
fn long_records_are_decided_alike() {
    let bench = Bench::built(SHARED);
    // Several chunks for two and for three threads; results far from their calls.
    let text = record(99, 120_000, true);
    assert!(text.len() > 5 << 20, "{}", text.len());
    bench.write("trace.jsonl", &text);
    let out = same_with_any_number_of_threads(&bench, &["trace.jsonl", "--format", "jsonl", "--keep-going"]);
    for verdict in ["allow", "ask", "deny"] {
        assert!(out.contains(&format!(r#""verdict":"{verdict}""#)), "no {verdict}");
    }
    for rule in ["leak", "told", "support.limit#1", "support.limit#2", "support.limit#3"] {
        assert!(out.contains(&format!(r#""rule":"{rule}""#)), "{rule} never decides");
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    fs::write(bench.path("trace.gz"), encoder.finish().unwrap()).unwrap();
    let compressed = same_with_any_number_of_threads(&bench, &["trace.gz", "--format", "jsonl", "--keep-going"]);
    assert!(compressed == out, "compressed, the record is decided otherwise");
}

#[test]
fn a_summary_has_no_story() {
    let bench = Bench::built(SHARED);
    bench.write("trace.jsonl", &record(5, 300, false));
    let story = bench.run(&["replay", "policy.frame", "trace.jsonl"]);
    let summary = bench.run(&["replay", "policy.frame", "trace.jsonl", "--format", "summary"]);
    assert_eq!((story.exit, summary.exit), (Some(0), Some(0)), "{}{}", story.err, summary.err);
    assert!(story.out.ends_with(&summary.out), "{}", summary.out);
    assert!(!summary.out.contains("session s") && summary.out.contains("allowed"), "{}", summary.out);
}
