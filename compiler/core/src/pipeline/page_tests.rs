//! The pages of the codes of types and rules are their tests: the bad example raises the code and nothing else, the good one raises no error.
//! A snapshot holds each bad example with its drawn diagnostics.

use std::collections::BTreeMap;

use codespan_reporting::diagnostic as drawing;
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term::{self, Config};
use leverframe_syntax::{Code, Diagnostic, Severity};

use super::{Checked, check};

/// Bounds of conditions and rules, which have pages with examples too.
const BOUNDS: [Code; 5] = [Code::LF0707, Code::LF0708, Code::LF0709, Code::LF0750, Code::LF0751];

fn codes() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| code.text().starts_with("LF02") || BOUNDS.contains(code))
}

pub(super) fn checked(text: &str) -> Checked {
    let files = BTreeMap::from([("policy.lever".to_owned(), text.to_owned())]);
    check("policy.lever", &files).unwrap()
}

fn example(code: Code, section: &str) -> &'static str {
    let (_, rest) = code.page().split_once(&format!("\n## {section}\n")).unwrap();
    rest.split("```lever\n").nth(1).unwrap().split("```").next().unwrap()
}

pub(super) fn draw(checked: &Checked) -> String {
    let mut files = SimpleFiles::new();
    for file in &checked.sources {
        files.add(file.path.clone(), file.text.clone());
    }
    let mut drawn = String::new();
    for found in &checked.diagnostics {
        term::emit_to_string(&mut drawn, &Config::default(), &files, &drawing_of(found)).unwrap();
    }
    drawn
}

fn drawing_of(found: &Diagnostic) -> drawing::Diagnostic<usize> {
    let severity = match found.severity {
        Severity::Note => drawing::Severity::Note,
        Severity::Warning => drawing::Severity::Warning,
        Severity::Error => drawing::Severity::Error,
    };
    let labels = found.labels.iter().map(|label| {
        let style = if label.primary { drawing::LabelStyle::Primary } else { drawing::LabelStyle::Secondary };
        drawing::Label::new(style, label.span.file.0 as usize, label.span.range()).with_message(&label.text)
    });
    drawing::Diagnostic::new(severity)
        .with_code(found.code.text())
        .with_message(&found.message)
        .with_labels(labels.collect())
        .with_notes(found.notes.clone())
}

#[test]
fn bad_examples_raise_their_code_and_good_ones_nothing() {
    for code in codes() {
        let bad = checked(example(code, "Bad"));
        assert!(bad.diagnostics.iter().any(|found| found.code == code), "{code} is not raised:\n{}", draw(&bad));
        let others = bad.diagnostics.iter().filter(|found| found.code != code);
        assert_eq!(others.count(), 0, "{code} is not alone:\n{}", draw(&bad));
        let good = checked(example(code, "Good"));
        assert!(good.diagnostics.is_empty(), "the good example of {code} is not good:\n{}", draw(&good));
        assert!(good.core.is_some(), "the good example of {code} has no core form");
    }
}

#[test]
fn diagnostics_are_drawn() {
    for code in codes() {
        insta::assert_snapshot!(code.text(), draw(&checked(example(code, "Bad"))));
    }
}
