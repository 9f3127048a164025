//! The solver's queries as files, so that another solver can repeat them.
//!
//! In: what was found out of each policy, with its queries. Out: a folder with one SMT-LIB 2 file a query, numbered in the order in which they were asked,
//! and `queries.json`, the list of them: file, what it is about, the answer, and the claims and findings that rest on it by the solver's word alone.
//! Invariants: the list names the files of this run and no others; of what lies in the folder only files that an earlier list names are removed, and a
//! list that this program did not write is never replaced.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use leverframe_checker::{Finding, Proof, Query, QueryId};
use serde::{Deserialize, Serialize};

use super::json::Proved;
use crate::exit::Failure;

/// The list's name.
const LIST: &str = "queries.json";
/// The version of the list's form.
const VERSION: u32 = 1;
/// The end of every query's name.
const ENDING: &str = ".smt2";

/// A policy's queries and what rests on them.
pub(super) struct Asked<'a> {
    pub(super) policy: &'a str,
    pub(super) queries: &'a [Query],
    pub(super) proofs: &'a [Proof],
    pub(super) findings: &'a [Finding],
}

#[derive(Serialize)]
struct List<'a> {
    version: u32,
    queries: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    file: String,
    policy: &'a str,
    about: &'a str,
    answer: &'a str,
    claims: Vec<Proved<'a>>,
    findings: Vec<Found<'a>>,
}

/// A finding, as far as it must be known again.
#[derive(Serialize)]
struct Found<'a> {
    code: &'static str,
    persona: Option<&'a str>,
    tool: Option<&'a str>,
    rules: &'a [String],
}

/// What is read of an earlier list.
#[derive(Deserialize)]
struct Earlier {
    version: u32,
    queries: Vec<EarlierQuery>,
}

#[derive(Deserialize)]
struct EarlierQuery {
    file: String,
}

/// Writes them, and makes the folder where there is none.
///
/// # Errors
/// [`Failure::Read`] of a list that is none of ours, [`Failure::Write`].
pub(super) fn write(folder: &Path, policies: &[Asked<'_>]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::write(folder, error))?;
    for path in earlier(folder)? {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Failure::write(&path, error)),
            _ => {}
        }
    }
    let queries: Vec<(Listed<'_>, &Query)> = policies
        .iter()
        .flat_map(|asked| asked.queries.iter().map(move |query| (asked, query)))
        .zip(1_u64..)
        .map(|((asked, query), number)| (asked.listed(file_name(number, &query.about), query), query))
        .collect();
    // The list stands before the files do: what a broken run leaves behind the next one knows.
    let (listed, texts): (Vec<Listed<'_>>, Vec<&Query>) = queries.into_iter().unzip();
    let list = List { version: VERSION, queries: listed };
    let text = serde_json::to_string_pretty(&list).map_err(|error| Failure::Internal(error.to_string()))?;
    put(&folder.join(LIST), &format!("{text}\n"))?;
    list.queries.iter().zip(texts).try_for_each(|(listed, query)| put(&folder.join(&listed.file), &commented(query)))
}

fn put(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| Failure::write(path, error))
}

/// The files of an earlier run.
fn earlier(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let path = folder.join(LIST);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| Failure::read(&path, error))?,
    };
    let foreign = || Failure::read(&path, io::Error::new(io::ErrorKind::InvalidData, "it is not a list that `check --smtlib` wrote"));
    let list: Earlier = serde_json::from_str(&text).map_err(|_| foreign())?;
    if list.version != VERSION || !list.queries.iter().all(|query| is_own_name(&query.file)) {
        return Err(foreign());
    }
    Ok(list.queries.into_iter().map(|query| folder.join(query.file)).collect())
}

/// Whether a file of this name lies in the folder itself, and may be a query.
fn is_own_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit()) && name.ends_with(ENDING) && name.chars().all(is_tame)
}

fn is_tame(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

impl<'a> Asked<'a> {
    fn listed(&self, file: String, query: &'a Query) -> Listed<'a> {
        let rests = |queries: &[QueryId]| queries.contains(&query.number);
        Listed {
            file,
            policy: self.policy,
            about: &query.about,
            answer: query.answer,
            claims: self.proofs.iter().filter(|proof| rests(&proof.queries)).map(|proof| Proved::new(proof, None)).collect(),
            findings: self.findings.iter().filter(|finding| rests(&finding.queries)).map(Found::new).collect(),
        }
    }
}

impl<'a> Found<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self {
            code: finding.diagnostic.code.text(),
            persona: finding.persona.as_deref(),
            tool: finding.tool.as_deref(),
            rules: &finding.rules,
        }
    }
}

/// What is asked about may bear any name; the name of a file keeps what every system takes.
fn file_name(number: u64, about: &str) -> String {
    let kept: String = about.chars().take(crate::limits::QUERY_NAME_CHARS).map(|c| if is_tame(c) { c } else { '_' }).collect();
    format!("{number:03}-{kept}{ENDING}")
}

fn commented(query: &Query) -> String {
    let about: String = query.about.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("; about {about}\n{}", query.text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use leverframe_checker::{Basis, Claim, Finding, Proof, Query, Shown, Verdict};
    use leverframe_syntax::{Code, Diagnostic, FileId, Span};
    use serde_json::{Value, json};

    use super::{Asked, file_name, write};

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("leverframe-smtlib-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn query(number: usize, about: &str) -> Query {
        Query { number, about: about.to_owned(), text: "(check-sat)\n".to_owned(), answer: "unsat" }
    }

    fn asked<'a>(queries: &'a [Query], proofs: &'a [Proof], findings: &'a [Finding]) -> Asked<'a> {
        Asked { policy: "p.lever", queries, proofs, findings }
    }

    fn list(folder: &std::path::Path) -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join("queries.json")).unwrap()).unwrap()
    }

    #[test]
    fn names_of_files_are_tame() {
        assert_eq!(file_name(7, "pay.send"), "007-pay.send.smt2");
        assert_eq!(file_name(1_234, "../a b/ü"), "1234-.._a_b__.smt2");
        assert!(file_name(1, &"x".repeat(10_000)).len() < 200);
    }

    #[test]
    fn each_query_is_a_file_and_a_name_cannot_leave_its_comment() {
        let folder = folder("one").join("deep");
        write(&folder, &[asked(&[query(1, "a\n(exit)")], &[], &[])]).unwrap();
        let written = fs::read_to_string(folder.join("001-a__exit_.smt2")).unwrap();
        assert_eq!(written, "; about a (exit)\n(check-sat)\n");
        fs::remove_dir_all(folder.parent().unwrap()).unwrap();
    }

    #[test]
    fn the_list_says_what_rests_on_a_query() {
        let folder = folder("list");
        let claim = Claim::NoGap { persona: "clerk".to_owned() };
        let proof = Proof { claim, verdict: Verdict::Proved, basis: Some(Basis::Solver), queries: vec![2], shown: Shown::Nothing };
        let diagnostic = Diagnostic::new(Code::LF0303, Span::new(FileId(0), 0, 1), "found");
        let finding = Finding { queries: vec![1], rules: vec!["clerk.r".to_owned()], ..Finding::new(diagnostic) };
        write(&folder, &[asked(&[query(1, "a"), query(2, "b")], &[proof], &[finding])]).unwrap();
        let list = list(&folder);
        assert_eq!(list["queries"][0]["findings"], json!([{"code": "LF0303", "persona": null, "tool": null, "rules": ["clerk.r"]}]));
        assert_eq!(list["queries"][0]["claims"], json!([]));
        let claim = json!({"claim": "no_gap", "persona": "clerk", "verdict": "proved", "basis": "solver"});
        assert_eq!((&list["queries"][1]["file"], &list["queries"][1]["claims"]), (&json!("002-b.smt2"), &json!([claim])));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_earlier_runs_files_go_and_others_stay() {
        let folder = folder("stale");
        write(&folder, &[asked(&[query(1, "a"), query(2, "b")], &[], &[])]).unwrap();
        fs::write(folder.join("999-mine.smt2"), "mine").unwrap();
        write(&folder, &[asked(&[query(1, "c")], &[], &[])]).unwrap();
        let mut names: Vec<String> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["001-c.smt2", "999-mine.smt2", "queries.json"]);
        assert_eq!(list(&folder)["queries"].as_array().unwrap().len(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_foreign_list_is_left_alone() {
        let folder = folder("foreign");
        fs::create_dir_all(folder.join("inner")).unwrap();
        fs::write(folder.join("kept.smt2"), "kept").unwrap();
        let escaping = r#"{"version": 1, "queries": [{"file": "../inner/../kept.smt2"}]}"#;
        for text in ["select 1", "{}", r#"{"version": 2, "queries": []}"#, escaping, r#"{"version": 1, "queries": [{"file": "kept.txt"}]}"#]
        {
            fs::write(folder.join("inner/queries.json"), text).unwrap();
            let error = write(&folder.join("inner"), &[asked(&[query(1, "a")], &[], &[])]).unwrap_err().to_string();
            assert!(error.contains("not a list that `check --smtlib` wrote"), "{error}");
            assert_eq!(fs::read_to_string(folder.join("inner/queries.json")).unwrap(), text);
            assert!(folder.join("kept.smt2").is_file() && !folder.join("inner/001-a.smt2").exists());
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
