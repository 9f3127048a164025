//! The pages of the checker's codes (LF03xx to LF05xx) hold: both examples are policies that compile without a finding, so that whatever is said of them
//! the checker says; the bad one raises the page's code and nothing else that weighs, the good one nothing that weighs and not the code.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod binary;

use std::collections::BTreeMap;
use std::process::Command;

use leverframe_compiler::pipeline::build;
use leverframe_syntax::{Code, Severity};
use serde_json::Value;

struct Example {
    code: Code,
    good: bool,
    text: String,
}

fn codes() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| ["LF03", "LF04", "LF05"].iter().any(|family| code.text().starts_with(family)))
}

/// Every example of a page, the bad ones first.
fn examples(code: Code) -> Vec<Example> {
    let (bad, good) = code.page().split_once("\n## Good\n").unwrap_or_else(|| panic!("{code} shows nothing good"));
    let (_, bad) = bad.split_once("\n## Bad\n").unwrap_or_else(|| panic!("{code} shows nothing bad"));
    let mut found = Vec::new();
    for (section, good) in [(bad, false), (good, true)] {
        let before = found.len();
        for rest in section.split("```lever\n").skip(1) {
            let (text, _) = rest.split_once("```").expect("an example ends");
            found.push(Example { code, good, text: text.to_owned() });
        }
        assert!(found.len() > before, "{code}: a section without an example");
    }
    found
}

fn all() -> Vec<Example> {
    let found: Vec<Example> = codes().flat_map(examples).collect();
    assert!(found.len() >= 50, "only {} examples", found.len());
    found
}

#[test]
fn examples_compile_without_a_finding() {
    for example in all() {
        let files = BTreeMap::from([("policy.lever".to_owned(), example.text.clone())]);
        let built = build("policy.lever", &files).unwrap_or_else(|error| panic!("{}: {error}\n{}", example.code, example.text));
        let found = &built.checked.diagnostics;
        assert!(found.is_empty(), "{}: {found:?}\n{}", example.code, example.text);
    }
}

#[test]
fn severities_are_those_of_their_table() {
    let weight = |code: Code| match &code.text()[2..] {
        "0301" | "0302" | "0306" | "0310" | "0402" | "0403" | "0407" | "0501" | "0502" | "0503" => Severity::Error,
        "0305" | "0307" | "0410" => Severity::Note,
        _ => Severity::Warning,
    };
    assert_eq!(codes().count(), 25);
    for code in codes() {
        assert_eq!(code.severity(), weight(code), "{code}");
    }
}

/// What `check` finds, as (code, severity).
fn found(example: &Example) -> Vec<(String, String)> {
    let name = format!("leverframe-page-{}-{}-{}.lever", std::process::id(), example.code, example.good);
    let policy = std::env::temp_dir().join(name);
    std::fs::write(&policy, &example.text).expect("a file in the folder for such files");
    let output = Command::new(binary::leverframe()).arg("check").arg(&policy).args(["--format", "json"]).output().expect("the binary runs");
    std::fs::remove_file(&policy).expect("it was written");
    let result: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let word = |finding: &Value, member: &str| finding[member].as_str().expect("text").to_owned();
    let findings = result["diagnostics"].as_array().expect("a list");
    findings.iter().map(|finding| (word(finding, "code"), word(finding, "severity"))).collect()
}

/// What is wrong with an example, if anything.
fn judge(example: &Example) -> Option<String> {
    let found = found(example);
    let code = example.code.text();
    let raised = found.iter().any(|(other, severity)| other == code && *severity == example.code.severity().to_string());
    let beside = found.iter().any(|(other, severity)| severity != "note" && (example.good || other != code));
    let right = raised != example.good && !beside;
    (!right).then(|| format!("{code}, good {}: found {found:?}\n{}", example.good, example.text))
}

#[test]
fn examples_raise_what_their_page_says() {
    let wrong: Vec<String> = all().iter().filter_map(judge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
