//! Faults put into the examples on purpose: each is a small change of the text, with the code that the checker must say of it.
//!
//! In: `tests/faults/EXAMPLE.toml`, ten faults or more each; code and rule were written before the checker was asked. Out: a table of what was found,
//! misses among it, which `tests/faults/README.md` must be. Invariants: a fault counts as found only if the example without it does not get the same
//! finding, and, where its code carries a session, if that session replays; a miss has a reason beside it, and one that is found after all fails.
//! Source: verification section 3, the table of codes.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

mod binary;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;

use serde::Deserialize;
use serde_json::Value;

const THREADS: usize = 2;
/// Faults of one example below which this test says too little.
const LEAST_FAULTS: usize = 10;
/// Codes whose findings carry a session.
const WITH_SESSION: [&str; 7] = ["LF0301", "LF0302", "LF0309", "LF0405", "LF0406", "LF0407", "LF0501"];
/// Set, the table is written instead of compared.
const WRITE: &str = "LEVERFRAME_WRITE_FAULTS";
const HEAD: &str = "# Seeded faults\n\nEach is put into a copy of the example's policy by itself. The code was chosen before the checker was asked; \
    the example without the fault does not get that finding. `tests/tests/seeded_faults.rs` checks all of this and that this table is what it found; \
    with `LEVERFRAME_WRITE_FAULTS=1` it writes the table.\n";

#[derive(Deserialize)]
struct File {
    fault: Vec<Fault>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    name: String,
    what: String,
    find: String,
    replace: String,
    code: String,
    /// The rule or the assertion that the finding names first or among others.
    rule: Option<String>,
    /// The tool that the finding is about.
    tool: Option<String>,
    /// Why it is not found.
    missed: Option<String>,
}

/// What the checker said of a faulty policy.
#[derive(Clone)]
enum Said {
    Found,
    /// And the codes that it said instead.
    Missed(Vec<String>),
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_path_buf()
}

fn examples() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("examples")).expect("a readable folder");
    let folders = entries.map(|entry| entry.expect("a readable entry").path()).filter(|path| path.join("policy.lever").is_file());
    let mut names: Vec<String> = folders.map(|path| path.file_name().expect("a name").to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn faults(example: &str) -> Vec<Fault> {
    let path = root().join("tests/faults").join(format!("{example}.toml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    file.fault
}

fn run(arguments: &[&std::ffi::OsStr]) -> Output {
    Command::new(binary::leverframe()).args(arguments).output().expect("the binary runs")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a readable folder").map(|entry| entry.expect("a readable entry")) {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else {
            std::fs::copy(&source, &target).expect("a readable file");
        }
    }
}

/// The example's text with the fault in it.
fn patched(text: &str, fault: &Fault) -> Result<String, String> {
    match text.matches(&fault.find).count() {
        1 if fault.find != fault.replace => Ok(text.replacen(&fault.find, &fault.replace, 1)),
        1 => Err(format!("`{}` changes nothing", fault.name)),
        times => Err(format!("`{}`: the text to replace stands there {times} times", fault.name)),
    }
}

/// What `check` finds, and nothing that keeps it from checking.
fn findings(policy: &Path) -> Vec<Value> {
    let output = run(&["check".as_ref(), policy.as_ref(), "--format".as_ref(), "json".as_ref()]);
    let error = String::from_utf8_lossy(&output.stderr);
    let result: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|broke| panic!("{}: {broke}: {error}", policy.display()));
    let found = result["diagnostics"].as_array().expect("a list").clone();
    let early = found.iter().find(|finding| finding["severity"] == "error" && code(finding) < "LF0300");
    assert!(early.is_none(), "{} does not compile: {}", policy.display(), early.expect("it is there"));
    found
}

fn code(finding: &Value) -> &str {
    finding["code"].as_str().expect("a code")
}

fn is_meant(finding: &Value, fault: &Fault) -> bool {
    let names = |rule: &String| finding["rules"].as_array().is_some_and(|rules| rules.iter().any(|named| named == rule));
    let about = |tool: &String| finding["tool"] == *tool;
    code(finding) == fault.code && fault.rule.as_ref().is_none_or(names) && fault.tool.as_ref().is_none_or(about)
}

/// The witness replays in the faulty policy, every verdict as it says.
fn replays(folder: &Path, witness: &[Value]) -> bool {
    let (frame, record) = (folder.join("faulty.frame"), folder.join("witness.jsonl"));
    let lines: String = witness.iter().map(|step| format!("{step}\n")).collect();
    std::fs::write(&record, lines).expect("it is written");
    let policy = folder.join("policy.lever");
    let built = run(&["build".as_ref(), "--unproven".as_ref(), policy.as_ref(), "-o".as_ref(), frame.as_ref()]);
    assert!(built.status.success(), "{}: {}", policy.display(), String::from_utf8_lossy(&built.stderr));
    run(&["replay".as_ref(), frame.as_ref(), record.as_ref(), "--expect".as_ref()]).status.success()
}

fn said(example: &str, number: usize, fault: &Fault) -> Said {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("seeded-faults").join(example).join(number.to_string());
    copy(&root().join("examples").join(example), &folder);
    let policy = folder.join("policy.lever");
    let text = std::fs::read_to_string(&policy).expect("the example's policy");
    std::fs::write(&policy, patched(&text, fault).unwrap_or_else(|why| panic!("{example}: {why}"))).expect("it is written");
    let found = findings(&policy);
    let Some(meant) = found.iter().find(|finding| is_meant(finding, fault)) else {
        return Said::Missed(found.iter().map(|finding| code(finding).to_owned()).collect());
    };
    let witness = meant["witness"].as_array().expect("a list");
    if WITH_SESSION.contains(&fault.code.as_str()) {
        assert!(!witness.is_empty(), "{example}, {}: a finding without a session: {meant}", fault.name);
        assert!(replays(&folder, witness), "{example}, {}: the session does not replay: {meant}", fault.name);
    }
    Said::Found
}

/// Runs all of them, by example and number.
fn judged(work: &[(String, usize, Fault)]) -> BTreeMap<(String, usize), Said> {
    let (next, results) = (Mutex::new(work.iter()), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((example, number, fault)) = { next.lock().expect("no panic").next() } {
                    let said = said(example, *number, fault);
                    results.lock().expect("no panic").insert((example.clone(), *number), said);
                }
            });
        }
    });
    results.into_inner().expect("no panic")
}

fn row(fault: &Fault, said: &Said) -> String {
    let on = fault.rule.as_ref().or(fault.tool.as_ref()).map_or_else(String::new, |name| format!(" on `{name}`"));
    let found = match (said, &fault.missed) {
        (Said::Found, _) if WITH_SESSION.contains(&fault.code.as_str()) => "found, with a session that replays".to_owned(),
        (Said::Found, _) => "found".to_owned(),
        (Said::Missed(_), reason) => format!("**missed**: {}", reason.as_deref().unwrap_or("no reason is given")),
    };
    format!("| {} | {} | {}{on} | {found} |\n", fault.name, fault.what, fault.code)
}

#[test]
fn seeded_faults_are_found() {
    let all: Vec<(String, Vec<Fault>)> = examples().into_iter().map(|example| (example.clone(), faults(&example))).collect();
    let work: Vec<(String, usize, Fault)> =
        all.iter().flat_map(|(example, faults)| (0..).zip(faults).map(|(at, fault)| (example.clone(), at, fault.clone()))).collect();
    let results = judged(&work);
    let (mut table, mut wrong, mut hits) = (HEAD.to_owned(), Vec::new(), 0);
    for (example, faults) in &all {
        assert!(faults.len() >= LEAST_FAULTS, "{example} has {} faults only", faults.len());
        let sound = findings(&root().join("examples").join(example).join("policy.lever"));
        write!(table, "\n## {example}\n\n| fault | what is wrong | expected | outcome |\n|---|---|---|---|\n").expect("memory");
        for (at, fault) in faults.iter().enumerate() {
            let said = &results[&(example.clone(), at)];
            table.push_str(&row(fault, said));
            hits += usize::from(matches!(said, Said::Found));
            match (said, &fault.missed) {
                (Said::Found, Some(_)) => wrong.push(format!("{example}, {}: found after all, take `missed` out", fault.name)),
                (Said::Missed(codes), None) => wrong.push(format!("{example}, {}: {} is not found, but {codes:?}", fault.name, fault.code)),
                _ => {}
            }
            if sound.iter().any(|finding| is_meant(finding, fault)) {
                wrong.push(format!("{example}, {}: the example has {} without the fault too", fault.name, fault.code));
            }
        }
    }
    write!(table, "\n{hits} of {} are found.\n", work.len()).expect("memory");
    println!("{table}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    compare(&table);
}

/// The page is the table.
fn compare(table: &str) {
    let page = root().join("tests/faults/README.md");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&page, table).expect("it is written");
    }
    let stands = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(stands == table, "{} is not what was found; {WRITE}=1 writes it", page.display());
}

#[test]
fn a_fault_that_does_not_fit_is_refused() {
    let fault = |find: &str, replace: &str| Fault {
        name: "n".to_owned(),
        what: String::new(),
        find: find.to_owned(),
        replace: replace.to_owned(),
        code: "LF0301".to_owned(),
        rule: None,
        tool: None,
        missed: None,
    };
    assert_eq!(patched("a b", &fault("b", "c")).as_deref(), Ok("a c"));
    for (find, replace) in [("d", "c"), ("a", "a"), ("", "c")] {
        assert!(patched("a b a", &fault(find, replace)).is_err(), "{find}");
    }
    assert!(patched("a b a", &fault("a", "c")).is_err());
}
