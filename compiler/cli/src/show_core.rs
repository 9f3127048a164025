//! `leverframe core`: the elaborated core form of a policy.
//!
//! In: a policy without errors. Out: its core form, whose text is fixed byte for byte.
//! Source: `lang-spec/core-form.md`.

use std::path::Path;

use leverframe_compiler::core::print;

use crate::exit::{Exit, Failure};
use crate::output::{Audience, Output};
use crate::policy;

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a policy that cannot be read.
pub(crate) fn core(path: &Path) -> Result<Exit, Failure> {
    let compiled = policy::compile(path)?;
    let drawing = compiled.sources().drawing();
    compiled.checked.diagnostics.iter().filter(|finding| finding.is_error()).for_each(|finding| drawing.tell(finding));
    let Some(core) = &compiled.checked.core else { return Ok(Exit::Findings) };
    let mut output = Output::new(Audience::Programs);
    output.text(&print::text(core))?;
    output.flush()?;
    Ok(Exit::Clean)
}
