//! What the solver said, said again by another: every query that `check --smtlib` writes for the policies of the repository, repeated by cvc5.
//!
//! In: examples, conformance cases, requirements, the corpus where there is one, and the policies of `tests/second_opinion`, which are written for this.
//! Out: how many queries cvc5 answers alike; where the two say sat and unsat, or a script is not SMT-LIB, the test fails.
//! Source: verification section 3 ("a second solver can repeat it").
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

mod binary;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

const THREADS: usize = 2;
/// Milliseconds that cvc5 may take for one query.
const QUERY_MILLISECONDS: u32 = 10_000;
/// Of a hundred answers, how many cvc5 may leave open.
const OPEN_PERCENT: usize = 5;
/// Different queries below which this test says too little.
const LEAST_QUERIES: usize = 200;
/// Those of each answer.
const LEAST_OF_EACH: usize = 50;
/// Folders of policies.
const FOLDERS: [&str; 5] = ["examples", "lang-spec/conformance", "lang-spec/requirements", "tests/corpus", "tests/second_opinion"];

/// A query, and what z3 said.
struct Asked {
    file: PathBuf,
    policy: String,
    answer: String,
    /// Whether a claim or a finding rests on it.
    relied: bool,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_path_buf()
}

/// The policies of a folder: whole ones, not the modules beside a `policy.lever`.
fn policies(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let inside: BTreeSet<PathBuf> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    let whole = folder.join("policy.lever");
    if inside.contains(&whole) {
        found.push(whole);
        return;
    }
    for path in inside {
        if path.is_dir() {
            policies(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "lever") {
            found.push(path);
        }
    }
}

/// Checks one policy; the queries of it.
fn asked(policy: &Path, number: usize) -> Vec<Asked> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("second-opinion").join(number.to_string());
    let ran = Command::new(binary::leverframe()).arg("check").arg(policy).arg("--smtlib").arg(&folder).output().expect("the binary runs");
    let broke = || format!("{}: {}", policy.display(), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.code().is_some_and(|code| code < 2), "{}", broke());
    let list = std::fs::read(folder.join("queries.json")).unwrap_or_else(|error| panic!("{error}: {}", broke()));
    let list: Value = serde_json::from_slice(&list).expect("JSON");
    let rests = |query: &Value, on: &str| query[on].as_array().is_some_and(|all| !all.is_empty());
    let queries = list["queries"].as_array().expect("a list").iter();
    queries
        .map(|query| Asked {
            file: folder.join(query["file"].as_str().expect("a name")),
            policy: query["policy"].as_str().expect("a name").to_owned(),
            answer: query["answer"].as_str().expect("an answer").to_owned(),
            relied: rests(query, "claims") || rests(query, "findings"),
        })
        .collect()
}

/// All queries, each text once.
fn all_asked() -> BTreeMap<String, Asked> {
    let mut found = Vec::new();
    FOLDERS.iter().for_each(|folder| policies(&root().join(folder), &mut found));
    let work = Mutex::new(found.into_iter().enumerate());
    let texts = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((number, policy)) = { work.lock().expect("no panic").next() } {
                    for asked in asked(&policy, number) {
                        let text = std::fs::read_to_string(&asked.file).expect("the query was written");
                        assert!(text.contains(&format!("(set-info :status {})", asked.answer)), "{text}");
                        // Of equal ones the one that something rests on.
                        let mut texts = texts.lock().expect("no panic");
                        if asked.relied || !texts.contains_key(&text) {
                            texts.insert(text, asked);
                        }
                    }
                }
            });
        }
    });
    texts.into_inner().expect("no panic")
}

/// What cvc5 says of each file.
fn repeated(files: &[&Path]) -> Vec<String> {
    let python = root().join("target/python/bin/python");
    let python = if python.exists() { python } else { "python3".into() };
    let mut cvc5 = Command::new(&python)
        .arg(root().join("tests/second_opinion.py"))
        .arg(QUERY_MILLISECONDS.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{} does not run, bash tests/setup.sh tests: {error}", python.display()));
    let mut input = cvc5.stdin.take().expect("it is piped");
    let lines: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    let writer = thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = cvc5.wait_with_output().expect("it ends");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cvc5 is missing or broke, bash tests/setup.sh tests: {error}");
    writer.join().expect("no panic").expect("it reads all lines");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    said.lines().map(|line| line.split('\t').next().unwrap_or("").to_owned()).collect()
}

#[test]
fn cvc5_says_what_z3_said() {
    let asked: Vec<Asked> = all_asked().into_values().collect();
    let files: Vec<&Path> = asked.iter().map(|asked| asked.file.as_path()).collect();
    let said = repeated(&files);
    assert_eq!(said.len(), asked.len(), "an answer each");
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (asked, said) in asked.iter().zip(&said) {
        let word = if said.starts_with("error") { "error" } else { said.as_str() };
        *counts.entry((asked.answer.as_str(), word)).or_default() += 1;
        let opposite = [("sat", "unsat"), ("unsat", "sat")].contains(&(asked.answer.as_str(), word));
        if opposite || word == "error" {
            wrong.push(format!("{} ({}): z3 said {}, cvc5 says {said}", asked.file.display(), asked.policy, asked.answer));
        }
    }
    let relied = asked.iter().filter(|asked| asked.relied).count();
    println!("{} different queries, {relied} of them relied on; (z3, cvc5): {counts:?}", asked.len());
    assert!(wrong.is_empty(), "{} of {} queries:\n{}", wrong.len(), asked.len(), wrong.join("\n"));
    let alike = |answer| counts.get(&(answer, answer)).copied().unwrap_or(0);
    assert!(alike("sat") >= LEAST_OF_EACH && alike("unsat") >= LEAST_OF_EACH && asked.len() >= LEAST_QUERIES, "too few: {counts:?}");
    let open: usize = counts.iter().filter(|((_, said), _)| *said == "unknown").map(|(_, count)| count).sum();
    assert!(open * 100 <= asked.len() * OPEN_PERCENT, "cvc5 leaves {open} of {} open", asked.len());
    assert!(relied > 0, "nothing rests on any of them");
}

/// The comparison can fail: an answer that is turned round is noticed, and so is a script that is none.
#[test]
fn cvc5_contradicts_what_is_wrong() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("second-opinion-wrong");
    std::fs::create_dir_all(&folder).expect("a folder");
    let head = "(set-logic QF_LIRA)\n(set-info :status unsat)\n(declare-fun n () Int)\n";
    let scripts = [("sat", "(assert (> n 3))"), ("unsat", "(assert (and (> n 3) (< n 4)))"), ("error", "(assert (or))")];
    let files: Vec<PathBuf> = scripts.iter().map(|(name, _)| folder.join(format!("{name}.smt2"))).collect();
    for (file, (_, assertion)) in files.iter().zip(scripts) {
        std::fs::write(file, format!("{head}{assertion}\n(check-sat)\n")).expect("it is written");
    }
    let said = repeated(&files.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    for (said, (wanted, _)) in said.iter().zip(scripts) {
        assert!(said.starts_with(wanted), "{said} for {wanted}");
    }
}
