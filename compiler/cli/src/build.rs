//! `leverframe build`: a policy to a frame.
//!
//! In: a policy. Out: a file that the runtime has loaded before it was written; nothing where there are errors.
//! Left out: certificates and signatures. Until there is a checker every frame is marked unproven.
//! Source: the command line's contract.

use leverframe_runtime::frame;

use crate::exit::{Exit, Failure};
use crate::frames;
use crate::options::Build;
use crate::output::{tell, tell_warning};
use crate::policy;

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a policy that cannot be read, a frame that cannot be written.
pub(crate) fn build(options: &Build) -> Result<Exit, Failure> {
    if options.sign.is_some() {
        return Err(Failure::NotBuilt("`build --sign`"));
    }
    let compiled = policy::compile(&options.file)?;
    let drawing = compiled.sources.drawing();
    compiled.diagnostics.iter().for_each(|finding| drawing.tell(finding));
    let Some(frame) = &compiled.frame else {
        return Ok(refused(&options.file));
    };
    let bytes = frame::write(frame).map_err(|error| Failure::Internal(error.to_string()))?;
    // What the runtime would refuse is never written.
    frames::from_bytes(&options.output, &bytes)?;
    if frame.unproven && !options.unproven {
        tell_warning("this version has no checker: the frame is marked unproven, and a gateway does not load it");
    }
    frames::replace(&options.output, &bytes)?;
    Ok(Exit::Clean)
}

fn refused(file: &std::path::Path) -> Exit {
    tell(&format!("`{}` has errors; no frame was written", crate::output::printable(&file.display().to_string())));
    Exit::Findings
}
