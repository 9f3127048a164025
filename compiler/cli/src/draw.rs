//! Drawing diagnostics for people.
//!
//! In: diagnostics, and the sources that their spans are in. Out: the source lines with the places marked, in colour where it can be seen.

use codespan_reporting::diagnostic::{Diagnostic as Picture, Label, LabelStyle, Severity as Weight};
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term::termcolor::Ansi;
use codespan_reporting::term::{self, Config, Styles, StylesWriter};
use leverframe_syntax::{Diagnostic, Severity};

use crate::output::tell;

/// What drawing needs: the sources, in the order of their numbers.
pub(crate) struct Drawing {
    files: SimpleFiles<String, String>,
}

impl Drawing {
    /// Sources as (name, text), numbered from 0.
    pub(crate) fn new<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut files = SimpleFiles::new();
        for (name, text) in sources {
            files.add(name.to_owned(), text.to_owned());
        }
        Self { files }
    }

    /// The one source there is.
    pub(crate) fn of_one(name: &str, text: &str) -> Self {
        Self::new([(name, text)])
    }

    /// A diagnostic as text with ANSI styles.
    pub(crate) fn draw(&self, diagnostic: &Diagnostic) -> String {
        let styles = Styles::default();
        let mut ansi = Ansi::new(Vec::new());
        let drawn =
            term::emit_to_write_style(&mut StylesWriter::new(&mut ansi, &styles), &Config::default(), &self.files, &picture(diagnostic));
        match drawn {
            Ok(()) => String::from_utf8_lossy(ansi.get_ref()).trim_end().to_owned(),
            // A place that is in no source: the words alone.
            Err(_) => format!("{}[{}]: {}", diagnostic.severity, diagnostic.code, diagnostic.message),
        }
    }

    /// Draws it to standard error.
    pub(crate) fn tell(&self, diagnostic: &Diagnostic) {
        tell(&self.draw(diagnostic));
    }
}

fn picture(diagnostic: &Diagnostic) -> Picture<usize> {
    let labels = diagnostic.labels.iter().map(|label| {
        let style = if label.primary { LabelStyle::Primary } else { LabelStyle::Secondary };
        Label::new(style, label.span.file.0 as usize, label.span.range()).with_message(&label.text)
    });
    Picture::new(weight(diagnostic.severity))
        .with_code(diagnostic.code.text())
        .with_message(&diagnostic.message)
        .with_labels(labels.collect())
        .with_notes(diagnostic.notes.clone())
}

fn weight(severity: Severity) -> Weight {
    match severity {
        Severity::Error => Weight::Error,
        Severity::Warning => Weight::Warning,
        Severity::Note => Weight::Note,
    }
}
