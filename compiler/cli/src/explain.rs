//! `leverframe explain`: the page of a code.
//!
//! In: a code, in any case. Out: its page, as Markdown.
//! Left out: explaining a recorded decision, which is not built yet.

use leverframe_syntax::Code;

use crate::exit::{Exit, Failure};
use crate::options::Explain;
use crate::output::{Audience, Output};

/// Runs the command.
///
/// # Errors
/// [`Failure::Usage`] where there is no such code.
pub(crate) fn explain(options: &Explain) -> Result<Exit, Failure> {
    let code = match (&options.code, &options.decision) {
        (Some(code), None) => code,
        _ => return Err(Failure::NotBuilt("`explain --decision`")),
    };
    let Some(known) = Code::parse(&code.trim().to_ascii_uppercase()) else {
        return Err(Failure::Usage(format!("there is no code `{}`", crate::output::printable(code))));
    };
    let mut output = Output::new(Audience::Programs);
    output.line(known.page().trim_end())?;
    output.flush()?;
    Ok(Exit::Clean)
}
