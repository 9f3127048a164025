//! Faults put into the examples on purpose: each is a small change of the text, with the code that the checker must say of it.
//!
//! In: `tests/faults/EXAMPLE.toml`, ten faults or more each, with what is expected. Out: a table of what was found, misses among it, which
//! `tests/faults/README.md` must be. Invariants: a fault counts as found only if the example without it does not get the same finding, and, where its
//! code carries a session, if that session replays; a miss has a reason beside it, and one that is found after all fails.
//! Source: verification section 3, the table of codes.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

mod binary;

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
const HEAD: &str = "# Seeded faults\n\nEach is put into a copy of the example's policy by itself. It is found if `check` gives the expected finding, \
    which the example without the fault does not get, and if the finding's session, where its code has one, replays. Misses stay, with the reason.\n\n\
    The expected code was written down first. But this is no blind trial: some texts and expectations were adjusted after answers of the checker had \
    been seen. The last column says where, as far as it is known.\n\n\
    `tests/tests/seeded_faults.rs` runs the faults and fails where this table is not what it found; with `LEVERFRAME_WRITE_FAULTS=1` it writes the table.\n";

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
    /// What was adjusted after an answer had been seen.
    adjusted: Option<String>,
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

/// Does all of the work, on a few threads.
fn each<W: Sync, R: Send>(work: &[W], does: impl Fn(&W) -> R + Sync) -> Vec<R> {
    let (next, results) = (Mutex::new(work.iter().enumerate()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((at, item)) = { next.lock().expect("no panic").next() } {
                    let result = does(item);
                    results.lock().expect("no panic").push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no panic");
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

fn row(fault: &Fault, said: &Said) -> String {
    let on = fault.rule.as_ref().or(fault.tool.as_ref()).map_or_else(String::new, |name| format!(" on `{name}`"));
    let found = match (said, &fault.missed) {
        (Said::Found, _) if WITH_SESSION.contains(&fault.code.as_str()) => "found, with a session that replays".to_owned(),
        (Said::Found, _) => "found".to_owned(),
        (Said::Missed(_), reason) => format!("**missed**: {}", reason.as_deref().unwrap_or("no reason is given")),
    };
    let adjusted = fault.adjusted.as_deref().unwrap_or("");
    format!("| {} | {} | {}{on} | {found} | {adjusted} |\n", fault.name, fault.what, fault.code)
}

/// What is not as the file of faults says.
fn wrong(fault: &Fault, said: &Said, sound: &[Value]) -> Option<String> {
    if sound.iter().any(|finding| is_meant(finding, fault)) {
        return Some(format!("the example has {} without the fault too", fault.code));
    }
    match (said, &fault.missed) {
        (Said::Found, Some(_)) => Some("found after all, take `missed` out".to_owned()),
        (Said::Missed(codes), None) => Some(format!("{} is not found, but {codes:?}", fault.code)),
        _ => None,
    }
}

#[test]
fn seeded_faults_are_found() {
    let examples = examples();
    let work: Vec<(&String, usize, Fault)> =
        examples.iter().flat_map(|example| (0..).zip(faults(example)).map(move |(at, fault)| (example, at, fault))).collect();
    let results = each(&work, |(example, number, fault)| said(example, *number, fault));
    let sound = each(&examples, |example| findings(&root().join("examples").join(example).join("policy.lever")));
    let (mut table, mut all_wrong) = (HEAD.to_owned(), Vec::new());
    for (example, sound) in examples.iter().zip(&sound) {
        let own: Vec<(&Fault, &Said)> =
            work.iter().zip(&results).filter(|((of, ..), _)| *of == example).map(|((.., fault), said)| (fault, said)).collect();
        assert!(own.len() >= LEAST_FAULTS, "{example} has {} faults only", own.len());
        let hits = own.iter().filter(|(_, said)| matches!(said, Said::Found)).count();
        write!(table, "\n## {example}: {hits} of {} found\n\n", own.len()).expect("memory");
        table.push_str("| fault | what is wrong | expected | outcome | adjusted afterwards |\n|---|---|---|---|---|\n");
        for (fault, said) in own {
            table.push_str(&row(fault, said));
            all_wrong.extend(wrong(fault, said, sound).map(|why| format!("{example}, {}: {why}", fault.name)));
        }
    }
    println!("{table}");
    assert!(all_wrong.is_empty(), "{}", all_wrong.join("\n"));
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

fn fault(find: &str, replace: &str) -> Fault {
    Fault {
        name: "n".to_owned(),
        what: String::new(),
        find: find.to_owned(),
        replace: replace.to_owned(),
        code: "LF0301".to_owned(),
        rule: None,
        tool: None,
        missed: None,
        adjusted: None,
    }
}

#[test]
fn what_is_not_as_written_is_told() {
    let (hit, miss) = (fault("a", "b"), Fault { missed: Some("why".to_owned()), ..fault("a", "b") });
    let (found, missed) = (Said::Found, Said::Missed(Vec::new()));
    assert!(wrong(&hit, &found, &[]).is_none() && wrong(&miss, &missed, &[]).is_none());
    assert!(wrong(&hit, &missed, &[]).is_some(), "a hit became a miss");
    assert!(wrong(&miss, &found, &[]).is_some(), "a miss became a hit");
    assert!(wrong(&hit, &found, &[serde_json::json!({ "code": "LF0301" })]).is_some(), "the example has it anyway");
}

#[test]
fn a_fault_that_does_not_fit_is_refused() {
    assert_eq!(patched("a b", &fault("b", "c")).as_deref(), Ok("a c"));
    for (find, replace) in [("d", "c"), ("a", "a"), ("", "c")] {
        assert!(patched("a b a", &fault(find, replace)).is_err(), "{find}");
    }
    assert!(patched("a b a", &fault("a", "c")).is_err());
}
