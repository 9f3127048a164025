//! The pages of the codes of this module are their tests: the bad example raises the code, the good one raises no error.

use std::collections::BTreeMap;

use codespan_reporting::diagnostic as drawing;
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term::{self, Config};
use leverframe_syntax::Code;

use crate::pipeline::{Checked, check};

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

fn checked(files: &BTreeMap<String, String>) -> Checked {
    check("policy.lever", files).unwrap()
}

fn draw(checked: &Checked) -> String {
    let mut files = SimpleFiles::new();
    for file in &checked.sources {
        files.add(file.path.clone(), file.text.clone());
    }
    let mut drawn = String::new();
    for finding in &checked.diagnostics {
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
fn the_bad_example_raises_the_code_alone_and_the_good_one_nothing() {
    for code in codes().filter(|code| !WITHOUT_EXAMPLES.contains(&code.text())) {
        let bad = checked(&files(code.page(), "Bad"));
        assert!(!bad.diagnostics.is_empty(), "{code} is not raised");
        assert!(bad.diagnostics.iter().all(|found| found.code == code), "{code} is not alone:\n{}", draw(&bad));
        let good = checked(&files(code.page(), "Good"));
        assert_eq!(good.diagnostics.first(), None, "{code}:\n{}", draw(&good));
    }
}

#[test]
fn what_the_bad_examples_draw() {
    for code in codes().filter(|code| !WITHOUT_EXAMPLES.contains(&code.text())) {
        let sources = files(code.page(), "Bad");
        let shown: String = sources.iter().map(|(name, text)| format!("── {name}\n{text}")).collect();
        insta::assert_snapshot!(code.text(), format!("{shown}\n{}", draw(&checked(&sources))));
    }
}
