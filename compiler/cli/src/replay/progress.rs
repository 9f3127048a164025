//! The progress of a replay: a bar on a terminal, nothing anywhere else.
//!
//! In: how many bytes of a file are read. Out: a bar on standard error.

use std::io::IsTerminal;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar for one file.
pub(crate) struct Progress {
    bar: ProgressBar,
    lines: u64,
}

impl Progress {
    /// A bar for the bytes of `path`; a hidden one where standard error is no terminal.
    pub(crate) fn over(path: &Path) -> Self {
        let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        let target = if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        let template = "{prefix} {bar:30} {binary_bytes} of {binary_total_bytes}, {msg} lines, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        Self { bar, lines: 0 }
    }

    /// The bar, for who writes around it.
    pub(crate) fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    /// So many lines more were taken, and so many bytes are read.
    pub(crate) fn lines(&mut self, lines: usize, bytes_read: u64) {
        self.lines += lines as u64;
        self.bar.set_position(bytes_read);
        self.bar.set_message(self.lines.to_string());
    }

    /// The file is read.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
