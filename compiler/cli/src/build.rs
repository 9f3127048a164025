//! `leverframe build`: a policy to a frame.
//!
//! In: a policy. Out: a file that the runtime has loaded before it was written; nothing where there are errors.
//! Left out: certificates and signatures. Until there is a checker every frame is marked unproven.
//! Source: the command line's contract.

use std::fs;
use std::path::Path;

use leverframe_runtime::frame;

use crate::exit::{Exit, Failure};
use crate::frames;
use crate::options::Build;
use crate::output::{printable, tell, tell_warning};
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
        tell_warning(
            "this version has no checker: the frame is marked unproven, and a runtime loads it only where it is told to accept that",
        );
    }
    replaceable(&options.output)?;
    frames::replace(&options.output, &bytes)?;
    Ok(Exit::Clean)
}

/// What stands where the frame goes may be an old frame or an empty file; a policy or a catalog that was named by mistake stays.
fn replaceable(path: &Path) -> Result<(), Failure> {
    if !fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0) {
        return Ok(());
    }
    let old = fs::read(path).map_err(|error| Failure::read(path, error))?;
    match frames::from_bytes(path, &old) {
        Err(Failure::Frame { code: "LF0601", .. }) => Err(Failure::Usage(format!(
            "`{}` is there already and is no frame: it is not overwritten",
            printable(&path.display().to_string())
        ))),
        _ => Ok(()),
    }
}

fn refused(file: &Path) -> Exit {
    tell(&format!("`{}` has errors; no frame was written", printable(&file.display().to_string())));
    Exit::Findings
}
