//! Standard output and error, written so that a closed pipe, a file and a terminal all end well.
//!
//! In: text, with ANSI styles where it is for people. Out: the same, its styles taken off where nobody can see them. Styles are kept on
//! a terminal only, and not where `NO_COLOR` is set; `CLICOLOR_FORCE` keeps them.
//! Invariant: no write panics; an error of standard output comes back as a [`Failure`].

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::exit::Failure;
use crate::limits::OUTPUT_BUFFER_BYTES;

/// What is refused.
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
/// What is asked, and warnings.
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
/// What goes on.
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
/// Names that a story turns on.
pub(crate) const CYAN: Style = AnsiColor::Cyan.on_default();
/// Headings.
pub(crate) const BOLD: Style = Style::new().bold();
/// What may be overlooked.
pub(crate) const DIM: Style = Style::new().dimmed();

/// Whether an output is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Styles are kept where they can be seen.
    People,
    /// Bytes are written as they are.
    Programs,
}

/// Standard output, held back in chunks.
pub(crate) struct Output {
    audience: Audience,
    held: Vec<u8>,
    bar: Option<indicatif::ProgressBar>,
}

impl Output {
    /// Nothing written yet.
    pub(crate) fn new(audience: Audience) -> Self {
        Self { audience, held: Vec::new(), bar: None }
    }

    /// Writes around `bar` from now on, so that neither garbles the other.
    pub(crate) fn around(&mut self, bar: &indicatif::ProgressBar) {
        self.bar = Some(bar.clone());
    }

    /// Adds text.
    ///
    /// # Errors
    /// What writing a full chunk gives.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.held.extend_from_slice(text.as_bytes());
        self.relieve()
    }

    /// Adds bytes as they are.
    ///
    /// # Errors
    /// What writing a full chunk gives.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.held.extend_from_slice(bytes);
        self.relieve()
    }

    /// Adds text and ends the line.
    ///
    /// # Errors
    /// What writing a full chunk gives.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.held.extend_from_slice(text.as_bytes());
        self.held.push(b'\n');
        self.relieve()
    }

    /// Adds a value as JSON and ends the line.
    ///
    /// # Errors
    /// What writing a full chunk gives.
    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.held, value).map_err(|error| Failure::Internal(error.to_string()))?;
        self.held.push(b'\n');
        self.relieve()
    }

    /// Writes all that is held back.
    ///
    /// # Errors
    /// [`Failure::ClosedPipe`] or [`Failure::Output`].
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let write = || match self.audience {
            Audience::People => put(anstream::stdout().lock(), &self.held),
            Audience::Programs => put(io::stdout().lock(), &self.held),
        };
        let written = match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        };
        self.held.clear();
        written.map_err(Failure::output)
    }

    fn relieve(&mut self) -> Result<(), Failure> {
        if self.held.len() >= OUTPUT_BUFFER_BYTES { self.flush() } else { Ok(()) }
    }
}

/// Text in a style.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Tells the people at standard error; that nobody listens is no error.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Tells of a failure.
pub(crate) fn tell_error(text: &str) {
    tell(&format!("{} {text}", styled(RED, "error:")));
}

/// Warns.
pub(crate) fn tell_warning(text: &str) {
    tell(&format!("{} {text}", styled(YELLOW, "warning:")));
}

/// Text from outside as people may see it: what moves a cursor, hides or reorders text is spelled out.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// At most `limit` characters of `text`, and an ellipsis where there were more.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// Zero-width characters, bidirectional controls, tags and variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn put(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::{printable, shortened};

    #[test]
    fn what_hides_text_is_spelled_out() {
        assert_eq!(printable("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(printable("pay \u{202e}eve"), "pay \\u{202e}eve");
        assert_eq!(printable("Zoë · 客户"), "Zoë · 客户");
    }

    #[test]
    fn shortening_counts_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 3), "äöü…");
    }
}
