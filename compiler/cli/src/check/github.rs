//! Findings as annotations of GitHub's workflows.
//!
//! In: a finding. Out: one workflow command, its text escaped so that it stays one.

use leverframe_syntax::{Diagnostic, Severity};

use crate::place::place;
use crate::policy::Sources;

/// A finding as one line.
pub(crate) fn annotation(diagnostic: &Diagnostic, sources: Sources<'_>) -> String {
    let kind = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let span = diagnostic.span();
    let (file, text) = sources.get(span.file);
    let (start, end) = (place(text, span.range().start), place(text, span.range().end));
    let mut message = diagnostic.message.clone();
    for note in &diagnostic.notes {
        message.push('\n');
        message.push_str(note);
    }
    format!(
        "::{kind} file={},line={},col={},endLine={},endColumn={},title={}::{}",
        property(file),
        start.line,
        start.column,
        end.line,
        end.column,
        diagnostic.code,
        data(&message)
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn a_command_stays_one_line() {
        assert_eq!(data("50%\nof"), "50%25%0Aof");
        assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
    }
}
