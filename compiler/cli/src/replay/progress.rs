//! The progress of a replay: a bar on a terminal, nothing anywhere else.
//!
//! In: how many bytes of a file are read. Out: a bar on standard error.

use std::io::IsTerminal;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Lines between two looks at how far the reading is.
const LINES_A_TICK: u64 = 256;

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

    /// A line was taken, and so many bytes are read.
    pub(crate) fn line(&mut self, bytes_read: u64) {
        self.lines += 1;
        if self.lines.is_multiple_of(LINES_A_TICK) {
            self.bar.set_position(bytes_read);
            self.bar.set_message(self.lines.to_string());
        }
    }

    /// The file is read.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
