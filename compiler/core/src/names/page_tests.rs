//! The pages of the codes of this module are their tests: the bad example raises the code, the good one raises no error.

use std::collections::BTreeMap;

use codespan_reporting::diagnostic as drawing;
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term::{self, Config};
use leverframe_syntax::{Code, Diagnostic, sort};

use super::resolve;
use crate::elaborate::Typed;
use crate::modules::{Program, read_program};

/// Codes that only inputs too large for a page raise.
const WITHOUT_EXAMPLES: [&str; 3] = ["LF0720", "LF0721", "LF0722"];

fn codes() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| code.text().starts_with("LF01") || code.text().starts_with("LF072"))
}

/// The files of a section of a page: the fence `lever` is `policy.lever`, any other fence names its file.
fn files(page: &str, section: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let Some((_, rest)) = page.split_once(&format!("\n## {section}\n")) else { return files };
    let rest = rest.split("\n## ").next().unwrap();
    let mut fences = rest.split("```").skip(1).step_by(2);
    for fence in &mut fences {
        let (info, text) = fence.split_once('\n').unwrap();
        let name = info.split_once(' ').map_or("policy.lever", |(_, name)| name);
        files.insert(name.to_owned(), text.to_owned());
    }
    files
}

fn check(files: &BTreeMap<String, String>) -> (Program, Vec<Diagnostic>) {
    let program = read_program(files, "policy.lever").unwrap();
    let (symbols, mut found) = resolve(&program);
    found.extend(Typed::new(&symbols).1);
    found.extend(program.diagnostics.iter().cloned());
    sort(&mut found);
    (program, found)
}

fn draw(program: &Program, found: &[Diagnostic]) -> String {
    let mut files = SimpleFiles::new();
    for file in &program.files {
        files.add(file.path.clone(), file.text.clone());
    }
    let mut drawn = String::new();
    for finding in found {
        let labels = finding.labels.iter().map(|label| {
            let style = if label.primary { drawing::LabelStyle::Primary } else { drawing::LabelStyle::Secondary };
            drawing::Label::new(style, label.span.file.0 as usize, label.span.range()).with_message(&label.text)
        });
        let report = drawing::Diagnostic::error()
            .with_code(finding.code.text())
            .with_message(&finding.message)
            .with_labels(labels.collect())
            .with_notes(finding.notes.clone());
        term::emit_to_string(&mut drawn, &Config::default(), &files, &report).unwrap();
    }
    drawn
}

#[test]
fn the_bad_example_raises_the_code_and_the_good_one_no_error() {
    for code in codes().filter(|code| !WITHOUT_EXAMPLES.contains(&code.text())) {
        let (program, found) = check(&files(code.page(), "Bad"));
        assert!(found.iter().any(|found| found.code == code), "{code}: {}", draw(&program, &found));
        let (program, found) = check(&files(code.page(), "Good"));
        assert!(found.iter().all(|found| !found.is_error() || found.code == Code::LF0290), "{code}: {}", draw(&program, &found));
    }
}

#[test]
fn what_the_bad_examples_draw() {
    for code in codes().filter(|code| !WITHOUT_EXAMPLES.contains(&code.text())) {
        let sources = files(code.page(), "Bad");
        let (program, found) = check(&sources);
        let shown: String = sources.iter().map(|(name, text)| format!("── {name}\n{text}")).collect();
        insta::assert_snapshot!(code.text(), format!("{shown}\n{}", draw(&program, &found)));
    }
}
