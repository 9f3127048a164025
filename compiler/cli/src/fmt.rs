//! `leverframe fmt`: the one canonical layout.
//!
//! In: policies. Out: the same files laid out, or with `--check` and `--diff` only what would change. A file that does not parse stays as it
//! is; the others are laid out all the same.
//! Invariant: a file is replaced whole or not at all, and only where its text changes.

use std::path::Path;

use similar::TextDiff;

use crate::draw::Drawing;
use crate::exit::{Exit, Failure};
use crate::frames;
use crate::options::Fmt;
use crate::output::{Audience, GREEN, Output, RED, printable, styled};
use crate::policy;

/// Lines of unchanged text around a change.
const CONTEXT_LINES: usize = 3;

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a file that cannot be read or written.
pub(crate) fn fmt(options: &Fmt) -> Result<Exit, Failure> {
    let mut output = Output::new(Audience::People);
    let mut exit = Exit::Clean;
    for path in &options.files {
        exit = exit.max(one(options, path, &mut output)?);
    }
    output.flush()?;
    Ok(exit)
}

fn one(options: &Fmt, path: &Path, output: &mut Output) -> Result<Exit, Failure> {
    let old = policy::read_text(path)?;
    let new = match leverframe_syntax::format(&old) {
        Ok(new) => new,
        Err(diagnostics) => {
            output.flush()?;
            let drawing = Drawing::of_one(&path.display().to_string(), &old);
            diagnostics.iter().for_each(|diagnostic| drawing.tell(diagnostic));
            return Ok(Exit::Findings);
        }
    };
    if new == old {
        return Ok(Exit::Clean);
    }
    let name = printable(&path.display().to_string());
    if options.diff {
        output.text(&difference(&name, &old, &new))?;
    } else if options.check {
        output.line(&format!("{name} is not in the canonical layout"))?;
    }
    if options.diff || options.check {
        return Ok(Exit::Findings);
    }
    frames::replace(path, new.as_bytes())?;
    Ok(Exit::Clean)
}

fn difference(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut unified = diff.unified_diff();
    unified.context_radius(CONTEXT_LINES).header(name, name);
    unified.to_string().split_inclusive('\n').map(coloured).collect()
}

fn coloured(line: &str) -> String {
    let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
    let style = match text.as_bytes().first() {
        Some(b'+') => GREEN,
        Some(b'-') => RED,
        _ => return line.to_owned(),
    };
    format!("{}{end}", styled(style, text))
}
