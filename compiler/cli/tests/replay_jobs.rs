//! `leverframe replay --jobs`: with any number of threads the output is the same, byte for byte.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use support::Bench;

/// Rules over every kind of key, so that a wrong order of calls that share one shows.
const SHARED: &str = r#"language 1
label pii sensitive
event user.message(text: string)
tool crm.find(id: string)
tool mail.send(to: string)
tool pay.refund(amount: int)
effect crm.find returns pii
effect mail.send sends

persona support {
  allow crm.find, mail.send
  on pay.refund { amount <= 100 => allow, otherwise => ask by "a team lead" }
  limit 7 crm.find per session
  limit 9 mail.send per 10d per principal
  limit 11 pay.refund per 10d per tenant
  otherwise deny
}

forbid leak { any returns pii then mail.send then any returns pii then mail.send }
require told { user.message before pay.refund }
"#;

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// Members that a line may have or not have.
fn keys(random: &mut Random, sessions: u64) -> String {
    let session = random.below(sessions);
    let mut text = format!(r#""session":"s{session}""#);
    // Mostly the session's own, sometimes another's: components grow together while the record goes on.
    for (kind, spread, of) in [("principal", 3, sessions / 2 + 1), ("agent", 6, 4), ("tenant", 7, 3)] {
        if random.below(spread) == 0 {
            let who = if random.below(5) == 0 { random.below(of) } else { session % of };
            let _ = write!(text, r#","{kind}":"{kind}{who}""#);
        }
    }
    text
}

fn time(random: &mut Random, line: u64) -> String {
    match random.below(4) {
        0 => String::new(),
        1 if line < 3_600 => format!(r#","at":"2026-11-23T10:{:02}:{:02}Z""#, line / 60, line % 60),
        _ => format!(r#","at":{}"#, 1_795_428_000_000 + line * 1_000 + random.below(3_000)),
    }
}

/// A record with calls, results in their lines and in lines of their own, host events, and now and then a line in error.
fn record(seed: u64, lines: u64, errors: bool) -> String {
    let mut random = Random(seed);
    let sessions = 3 + random.below(60);
    let mut text = String::new();
    let mut waiting: Vec<u64> = Vec::new();
    for line in 0..lines {
        let (keys, at) = (keys(&mut random, sessions), time(&mut random, line));
        match random.below(12) {
            0 => text += &format!(r#"{{{keys},"event":"user.message","args":{{"text":"go"}}{at}}}"#),
            1 | 2 if !waiting.is_empty() => {
                let id = waiting.swap_remove(usize::try_from(random.below(waiting.len() as u64)).unwrap());
                let ok = random.below(3) > 0;
                text += &format!(r#"{{"result_of":"{id}","result":{{"ok":{ok},"content":"x"}}{at}}}"#);
            }
            3 if errors => {
                text += random.one(&[
                    "{",
                    "[]",
                    r#"{"result_of":"none","result":{"ok":true}}"#,
                    r#"{"session":"s1","event":"user.message","args":{"text":7},"at":5}"#,
                    r#"{"session":"s1","event":"user.typed"}"#,
                    r#"{"session":"s1","persona":"support","tool":"crm.find","args":{},"result":{"ok":true,"labels":["x"]}}"#,
                    "",
                ]);
            }
            _ => {
                let (tool, args) = [
                    ("crm.find", r#"{"id":"c"}"#),
                    ("mail.send", r#"{"to":"caf\u00e9"}"#),
                    ("pay.refund", r#"{"amount":50}"#),
                    ("pay.refund", r#"{"amount":500}"#),
                    ("no.such", "{}"),
                ][usize::try_from(random.below(5)).unwrap()];
                let persona = if random.below(40) == 0 { "nobody" } else { "support" };
                text += &format!(r#"{{{keys},"persona":"{persona}","tool":"{tool}","args":{args}{at}"#);
                match random.below(5) {
                    0 => text += r#","result":{"ok":true,"content":"x","labels":["pii"]}"#,
                    1 => text += r#","approved":true"#,
                    2 => {
                        waiting.push(line);
                        text += &format!(r#","id":"{line}""#);
                    }
                    _ => {}
                }
                text += "}";
            }
        }
        text += "\n";
    }
    text
}

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
