//! Results of tests, for people and for programs.
//!
//! In: results. Out: text, one JSON object, or JUnit's XML.

use std::fmt::Write;

use serde::Serialize;

use crate::output::{DIM, GREEN, RED, printable, styled};

/// The version of the JSON form.
const VERSION: u32 = 1;

/// A test that was run.
#[derive(Debug, Serialize)]
pub(crate) struct TestResult {
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) steps: usize,
    pub(crate) failures: Vec<StepFailure>,
}

/// A step that did not come out as its test says.
#[derive(Debug, Serialize)]
pub(crate) struct StepFailure {
    pub(crate) line: usize,
    /// The step as it is written.
    pub(crate) step: String,
    pub(crate) message: String,
}

#[derive(Serialize)]
struct Whole<'a> {
    version: u32,
    ok: bool,
    passed: usize,
    failed: usize,
    tests: &'a [TestResult],
}

/// How many failed.
pub(crate) fn failed(results: &[TestResult]) -> usize {
    results.iter().filter(|result| !result.failures.is_empty()).count()
}

/// Text for people.
pub(crate) fn human(results: &[TestResult]) -> String {
    let mut text = String::new();
    let mut file = None;
    for result in results {
        if file != Some(&result.file) {
            let _ = writeln!(text, "{}", printable(&result.file));
            file = Some(&result.file);
        }
        let steps = styled(DIM, &format!("{} steps", result.steps));
        let mark = if result.failures.is_empty() { styled(GREEN, "✓") } else { styled(RED, "✗") };
        let _ = writeln!(text, "  {mark} {}  {steps}", printable(&result.name));
        for failure in &result.failures {
            let _ = writeln!(text, "      {}:{}: {}", printable(&result.file), failure.line, printable(&failure.step));
            let _ = writeln!(text, "        {}", styled(RED, &printable(&failure.message)));
        }
    }
    let failed = failed(results);
    let passed = results.len() - failed;
    let style = if failed == 0 { GREEN } else { RED };
    let _ = writeln!(text, "{}", styled(style, &format!("{passed} passed, {failed} failed")));
    text
}

/// One JSON object; `ok` where every policy compiled and every test passed.
pub(crate) fn json(results: &[TestResult], ok: bool) -> impl Serialize + '_ {
    let failed = failed(results);
    Whole { version: VERSION, ok, passed: results.len() - failed, failed, tests: results }
}

/// JUnit's XML: a suite a file, a case a test.
pub(crate) fn junit(results: &[TestResult]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(text, "<testsuites tests=\"{}\" failures=\"{}\">", results.len(), failed(results));
    for suite in results.chunk_by(|a, b| a.file == b.file) {
        let file = suite.first().map_or("", |result| result.file.as_str());
        let _ = writeln!(text, "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">", escaped(file), suite.len(), failed(suite));
        suite.iter().for_each(|result| junit_case(&mut text, result));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn junit_case(text: &mut String, result: &TestResult) {
    let head = format!(
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{1}\" line=\"{}\"",
        escaped(&result.name),
        escaped(&result.file),
        result.line
    );
    if result.failures.is_empty() {
        let _ = writeln!(text, "{head}/>");
        return;
    }
    let _ = writeln!(text, "{head}>");
    for failure in &result.failures {
        let place = format!("{}:{}: {}", result.file, failure.line, failure.step);
        let _ = writeln!(text, "      <failure message=\"{}\">{}</failure>", escaped(&failure.message), escaped(&place));
    }
    text.push_str("    </testcase>\n");
}

/// Text as XML may hold it; characters that XML has none of are spelled out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{StepFailure, TestResult, junit};

    #[test]
    fn junit_escapes_what_xml_cannot_hold() {
        let failures = vec![StepFailure { line: 3, step: "a(x: \"<\")".to_owned(), message: "expected allow, got \u{1}".to_owned() }];
        let result = TestResult { file: "p.lever".to_owned(), name: "a & b".to_owned(), line: 1, steps: 2, failures };
        let text = junit(&[result]);
        assert!(text.contains("name=\"a &amp; b\""));
        assert!(text.contains("message=\"expected allow, got \\u{1}\""));
        assert!(text.contains("p.lever:3: a(x: &quot;&lt;&quot;)</failure>"));
        assert!(text.contains("<testsuites tests=\"1\" failures=\"1\">"));
    }
}
