//! The corpus of findings: `tests/corpus/checker/CODE/NAME.lever`. Each policy says in its first lines what is to be found in it (`// expect: CODE PERSONA RULE…`,
//! one line a finding, `-` where there is no persona; or `// expect: nothing`) and to which codes it comes near (`// near: CODE`); what is found must be just that.
//! How it is drawn is kept beside this file.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod binary;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use leverframe_syntax::Code;
use serde_json::Value;

struct Case {
    code: String,
    name: String,
    expected: Vec<String>,
    near: Vec<String>,
    lines: usize,
    explained: bool,
    path: PathBuf,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/checker")
}

fn entries(place: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(place).expect("a folder").map(|entry| entry.expect("a readable entry").path()).collect();
    found.sort();
    found
}

fn word(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

fn case(code: &str, path: PathBuf) -> Case {
    let text = std::fs::read_to_string(&path).expect("a text");
    let head: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("// ")).collect();
    let said = |prefix: &str| head.iter().filter_map(|line| line.strip_prefix(prefix)).map(String::from).collect::<Vec<String>>();
    let mut expected = said("expect: ");
    assert!(!expected.is_empty(), "{}: it does not say what to expect", path.display());
    if expected == ["nothing"] {
        expected.clear();
    }
    expected.sort();
    let explained = head.iter().any(|line| !line.starts_with("expect: ") && !line.starts_with("near: "));
    Case { code: code.to_owned(), name: word(&path), expected, near: said("near: "), lines: text.lines().count(), explained, path }
}

fn corpus() -> Vec<Case> {
    let policies = |folder: PathBuf| {
        let code = word(&folder);
        let files = entries(&folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "lever"));
        files.map(move |path| case(&code, path)).collect::<Vec<Case>>()
    };
    entries(&folder()).into_iter().flat_map(policies).collect()
}

/// What `check` says of a policy: the findings, and the drawing.
struct Said {
    found: Vec<String>,
    drawn: String,
}

fn run(case: &Case, format: &str) -> String {
    let folder = case.path.parent().expect("a folder");
    let name = case.path.file_name().expect("a name");
    let output = Command::new(binary::leverframe())
        .current_dir(folder)
        .arg("check")
        .arg(name)
        .args(["--format", format])
        .output()
        .expect("the binary runs");
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("UTF-8")).concat()
}

fn said(case: &Case) -> Said {
    let result: Value = serde_json::from_str(&run(case, "json")).unwrap_or_else(|error| panic!("{}: {error}", case.path.display()));
    let line = |finding: &Value| {
        let text = |member: &str| finding[member].as_str().map(String::from);
        let rules = finding["rules"].as_array().into_iter().flatten().filter_map(Value::as_str).map(String::from);
        let head = [text("code").expect("a code"), text("persona").unwrap_or_else(|| "-".to_owned())];
        head.into_iter().chain(rules).collect::<Vec<String>>().join(" ")
    };
    let mut found: Vec<String> = result["diagnostics"].as_array().expect("a list").iter().map(line).collect();
    found.sort();
    Said { found, drawn: run(case, "human") }
}

fn all() -> &'static [(Case, Said)] {
    static ALL: OnceLock<Vec<(Case, Said)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let cases = corpus();
        let answers: Vec<Said> = std::thread::scope(|scope| {
            let half = cases.len().div_ceil(2).max(1);
            let parts: Vec<_> = cases.chunks(half).map(|part| scope.spawn(move || part.iter().map(said).collect::<Vec<Said>>())).collect();
            parts.into_iter().flat_map(|part| part.join().expect("the thread ends")).collect()
        });
        cases.into_iter().zip(answers).collect()
    })
}

fn codes() -> BTreeSet<&'static str> {
    let families = ["LF03", "LF04", "LF05"];
    Code::ALL.iter().map(|code| code.text()).filter(|code| families.iter().any(|family| code.starts_with(family))).collect()
}

#[test]
fn every_code_has_policies_that_raise_it_and_near_misses() {
    let cases = corpus();
    assert!(cases.len() >= 150, "only {} policies", cases.len());
    for case in &cases {
        assert!(case.explained, "{}: it does not say why", case.path.display());
        assert!(case.lines <= 60, "{}: {} lines are too many", case.path.display(), case.lines);
    }
    for code in codes() {
        let raised = cases.iter().filter(|case| case.expected.iter().any(|line| line.starts_with(code))).count();
        let near = cases.iter().filter(|case| case.near.iter().any(|other| other == code)).count();
        assert!(raised >= 1 && near >= 1, "{code}: raised by {raised} policies, near misses {near}");
    }
}

#[test]
fn just_what_is_expected_is_found() {
    let mut wrong = Vec::new();
    for (case, said) in all() {
        if case.expected != said.found {
            wrong.push(format!("{}/{}\n  expected {:?}\n  found    {:?}", case.code, case.name, case.expected, said.found));
        }
        for code in &case.near {
            assert!(!case.expected.iter().any(|line| line.starts_with(code.as_str())), "{}: near and expected", case.path.display());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn drawings_are_those_on_record() {
    let mut by_code: BTreeMap<&str, String> = BTreeMap::new();
    for (case, said) in all() {
        let drawing = by_code.entry(&case.code).or_default();
        drawing.push_str(&format!("===== {}\n{}\n", case.name, said.drawn.trim_end()));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../corpus/checker-drawn");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (code, drawing) in by_code {
            insta::assert_snapshot!(code, drawing);
        }
    });
}
