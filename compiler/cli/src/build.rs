//! `leverframe build`: a policy to a frame.
//!
//! In: a policy. Out: a file that the runtime has loaded before it was written; nothing where there are errors, the checker's among them.
//! Invariant: a frame is marked unproven unless the checker has proved every claim that there is about its policy.
//! Left out: making certificates.
//! Source: the command line's contract.

use std::fs;
use std::path::Path;

use ed25519_dalek::SigningKey;
use leverframe_runtime::TrustedKey;
use leverframe_runtime::frame::{self, Certificate, Frame, FrameError};

use crate::check::drawn;
use crate::exit::{Exit, Failure};
use crate::frames;
use crate::kept::Kept;
use crate::keys;
use crate::options::Build;
use crate::output::{printable, tell, tell_warning};
use crate::policy::{self, Compiled};
use crate::prove::{Record, claims, prove};

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a policy or a key that cannot be read, a frame that cannot be written.
pub(crate) fn build(options: &Build) -> Result<Exit, Failure> {
    let signer = options.sign.as_deref().map(keys::secret).transpose()?;
    let compiled = policy::compile(&options.file)?;
    let Some(proved) = judged(&compiled, options)? else {
        return Ok(refused(&options.file));
    };
    let Some(frame) = &compiled.frame else {
        return Ok(refused(&options.file));
    };
    let marked = Frame { unproven: !proved, ..frame.clone() };
    let certificate: Option<Certificate> = None;
    let bytes = written(&marked, certificate.as_ref(), options, signer.as_ref());
    let bytes = bytes.map_err(|error| Failure::Internal(error.to_string()))?;
    // What the runtime would refuse is never written.
    frames::signed(&options.output, &bytes, signer.iter().map(own).collect())?;
    if marked.unproven && !options.unproven {
        tell_warning(
            "not every claim is proved: the frame is marked unproven, and a runtime loads it only where it is told to accept that",
        );
    }
    replaceable(&options.output)?;
    frames::replace(&options.output, &bytes)?;
    Ok(Exit::Clean)
}

/// The frame's bytes, as the options want them.
fn written(frame: &Frame, certificate: Option<&Certificate>, options: &Build, signer: Option<&SigningKey>) -> Result<Vec<u8>, FrameError> {
    let mut bytes = frame::write(frame, certificate)?;
    if options.no_certificate {
        bytes = frame::strip_certificate(&bytes)?;
    }
    match signer {
        Some(signer) => frame::sign(&bytes, signer.as_bytes(), keys::now_ms()),
        None => Ok(bytes),
    }
}

/// The key that a signature by `signer` must hold under.
fn own(signer: &SigningKey) -> TrustedKey {
    TrustedKey { public: signer.verifying_key().to_bytes(), expires_ms: None }
}

/// Tells what was found; whether the policy is proved, nothing where it has errors.
fn judged(compiled: &Compiled, options: &Build) -> Result<Option<bool>, Failure> {
    let drawing = compiled.sources().drawing();
    if options.unproven {
        compiled.checked.diagnostics.iter().for_each(|finding| drawing.tell(finding));
        return Ok(Some(false));
    }
    let kept = options.cache.as_deref().map(|folder| Kept::of(folder, &options.file)).transpose()?;
    let proven = prove(compiled, &options.proving, Record::Nothing, kept.as_ref())?;
    proven.findings.iter().for_each(|finding| tell(&drawn(&drawing, finding)));
    Ok((!proven.has_errors()).then(|| proven.all_proved(claims(compiled))))
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
