//! `leverframe replay` of Parquet files, which pyarrow has written: they are decided as the same events in JSON Lines.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::records::{Random, SHARED, record};
use support::{Bench, Ran};

/// A Python in which pyarrow is.
fn python() -> PathBuf {
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    if set_up.exists() { set_up } else { "python3".into() }
}

fn run_python(arguments: &[&str]) {
    let output = Command::new(python()).args(arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "pyarrow is missing or broke, bash tests/setup.sh tests: {error}");
}

/// Has `trace.jsonl` written as `trace.parquet`.
fn convert(bench: &Bench, options: &[&str]) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/parquet.py");
    let (from, to) = (bench.path("trace.jsonl"), bench.path("trace.parquet"));
    let mut arguments = vec![script, from.to_str().unwrap(), to.to_str().unwrap()];
    arguments.extend(options);
    run_python(&arguments);
}

/// Has `trace.parquet` written of these columns, given as Python.
fn table(bench: &Bench, columns: &str) {
    let target = bench.path("trace.parquet");
    let script = format!("import pyarrow as pa, pyarrow.parquet as pq\npq.write_table(pa.table({{{columns}}}), {target:?})");
    run_python(&["-c", &script]);
}

fn replay(bench: &Bench, trace: &str, more: &[&str]) -> Ran {
    let mut arguments = vec!["replay", "policy.frame", trace, "--format", "jsonl"];
    arguments.extend(more);
    bench.run(&arguments)
}

/// The columns of three calls, the one of `args` as given.
fn calls(args: &str) -> String {
    format!(r#""session": ["s", "s", "t"], "persona": ["support"] * 3, "tool": ["crm.find"] * 3, "args": {args}"#)
}

#[test]
fn tables_are_decided_as_lines() {
    let bench = Bench::built(SHARED);
    let ways: [&[&str]; 8] = [
        &[],
        &["compression=zstd", "at=ms", "rows=64"],
        &["compression=gzip", "at=us", "version=2.0"],
        &["compression=none", "at=ns", "dictionary=no", "page=512"],
        &["at=int96", "rows=37"],
        &["at=text", "page=100"],
        &["rows=1"],
        &["version=2.0", "dictionary=no", "compression=zstd", "rows=300"],
    ];
    for (seed, way) in (20..).zip(ways) {
        bench.write("trace.jsonl", &record(seed, 400, false));
        convert(&bench, way);
        let lines = replay(&bench, "trace.jsonl", &[]);
        assert_eq!((lines.exit, lines.out.lines().count() > 200), (Some(0), true), "{}", lines.err);
        for jobs in ["1", "3"] {
            let table = replay(&bench, "trace.parquet", &["--jobs", jobs]);
            assert_eq!((table.exit, &table.out), (Some(0), &lines.out), "{way:?}, {jobs} threads: {}", table.err);
        }
    }
}

#[test]
fn long_tables_are_decided_as_lines() {
    let bench = Bench::built(SHARED);
    bench.write("trace.jsonl", &record(7, 30_000, false));
    convert(&bench, &["rows=20000"]);
    let lines = replay(&bench, "trace.jsonl", &[]);
    for jobs in ["1", "2"] {
        let table = replay(&bench, "trace.parquet", &["--jobs", jobs]);
        assert!(table.exit == Some(0) && table.out == lines.out, "{jobs} threads: {}", table.err);
    }
}

#[test]
fn arguments_reach_the_runtime_as_they_stand() {
    let bench = Bench::built(SHARED);
    let odd = [r#"{"id":"a","id":"b"}"#, r#"{"id":"\ud83e"}"#, r#"{"id":100000000000000000000000}"#, "null", "[1]", r#" {"id":"c"} "#];
    let lines: Vec<String> =
        odd.iter().map(|args| format!(r#"{{"session":"s","persona":"support","tool":"crm.find","args":{args}}}"#)).collect();
    bench.write("trace.jsonl", &lines.join("\n"));
    convert(&bench, &[]);
    let (lines, table) = (replay(&bench, "trace.jsonl", &[]), replay(&bench, "trace.parquet", &[]));
    assert_eq!((table.exit, &table.out), (Some(0), &lines.out), "{}", table.err);
    assert_eq!(table.out.matches("malformed_arguments").count(), 5, "{}", table.out);
}

#[test]
fn a_column_that_cannot_be_of_its_member_is_named() {
    let bench = Bench::built(SHARED);
    let args = r#"['{"id":"c"}'] * 3"#;
    for (columns, said) in [
        (calls("[1, 2, 3]"), "column `args` must be text, and is INT64"),
        (calls(r#"[{"id": "c"}] * 3"#), "column `args` is nested"),
        (
            format!(r#"{}, "at": [1.5, 2.5, 3.5]"#, calls(args)),
            "column `at` must be a timestamp, a signed integer of 64 bits (milliseconds) or text, and is DOUBLE",
        ),
        (format!(r#"{}, "at": pa.array([1, 2, 3], pa.uint64())"#, calls(args)), "column `at` must be"),
        (format!(r#"{}, "approved": ["yes"] * 3"#, calls(args)), "column `approved` must be a boolean, and is BYTE_ARRAY"),
        (r#""session": ["s"]"#.to_owned(), "no column is `tool` (calls), `result_of` (results) or `event` (host events)"),
    ] {
        table(&bench, &columns);
        let ran = replay(&bench, "trace.parquet", &["--keep-going"]);
        assert_eq!((ran.exit, ran.out.as_str()), (Some(2), ""), "{columns}");
        assert!(ran.err.contains("trace.parquet: ") && ran.err.contains(said), "{}", ran.err);
    }
}

#[test]
fn a_row_in_error_is_named_with_its_column() {
    let bench = Bench::built(SHARED);
    let good = r#"'{"id":"c"}'"#;
    for (columns, said) in [
        (calls(&format!("[{good}, '{{', {good}]")), "trace.parquet:2: column `args`: no JSON value: "),
        (calls(&format!("[{good}, '{{}} {{}}', {good}]")), "trace.parquet:2: column `args`: no JSON value: "),
        (calls(&format!("[{good}, None, {good}]")), "trace.parquet:2: a call needs `args`"),
        (calls(r"[b'{}', b'\xff', b'{}']"), "trace.parquet:2: column `args`: the text is not UTF-8"),
        (format!("{}, 'context': [None, '7', None]", calls(&format!("[{good}] * 3"))), "trace.parquet:2: `context` must be an object"),
        (format!("{}, 'at': [None, 'noon', None]", calls(&format!("[{good}] * 3"))), "trace.parquet:2: `at` must be an RFC 3339 time"),
        (format!("{}, 'event': [None, 'user.message', None]", calls(&format!("[{good}] * 3"))), "trace.parquet:2: a line cannot have both"),
        (
            format!("{}, 'result': [None, '{{\"ok\":1}}', None]", calls(&format!("[{good}] * 3"))),
            "trace.parquet:2: column `result`: invalid type",
        ),
    ] {
        table(&bench, &columns);
        let stopped = replay(&bench, "trace.parquet", &[]);
        assert_eq!((stopped.exit, stopped.out.lines().count()), (Some(2), 1), "{columns}: {}", stopped.err);
        assert!(stopped.err.contains(said), "{columns}: {}", stopped.err);
        let went_on = replay(&bench, "trace.parquet", &["--keep-going", "--jobs", "3"]);
        assert_eq!((went_on.exit, went_on.out.lines().count()), (Some(2), 2), "{columns}: {}", went_on.err);
        assert!(went_on.err.contains(said), "{columns}: {}", went_on.err);
    }
}

#[test]
fn a_malformed_file_is_an_error_and_nothing_else() {
    let bench = Bench::built(SHARED);
    bench.write("trace.jsonl", &record(3, 60, false));
    convert(&bench, &["compression=none", "rows=25"]);
    let whole = fs::read(bench.path("trace.parquet")).unwrap();
    let mut random = Random(5);
    let mut refused = 0;
    for round in 0..150 {
        let mut bytes = whole.clone();
        match round % 3 {
            0 => bytes.truncate(4 + usize::try_from(random.below(bytes.len() as u64 - 4)).unwrap()),
            // The last bytes of all describe the rest.
            part => {
                let end = if part == 1 { bytes.len() } else { bytes.len() / 4 };
                let place = bytes.len() - 1 - usize::try_from(random.below(end as u64 - 5)).unwrap();
                bytes[place] ^= 1 << random.below(8);
            }
        }
        fs::write(bench.path("trace.parquet"), &bytes).unwrap();
        let ran = replay(&bench, "trace.parquet", &["--keep-going", "--jobs", "1"]);
        assert!(matches!(ran.exit, Some(0 | 2)), "round {round}: {:?} {}", ran.exit, ran.err);
        assert!(!ran.err.contains("internal"), "round {round}: {}", ran.err);
        refused += usize::from(ran.exit == Some(2));
    }
    assert!(refused >= 50, "only {refused} refused");
}
