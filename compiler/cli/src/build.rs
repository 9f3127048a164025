//! `leverframe build`: a policy to a frame.
//!
//! In: a policy. Out: a file that the runtime has loaded before it was written; nothing where there are errors, the checker's among them.
//! Invariant: a frame is marked unproven unless the checker has proved every claim that there is about its policy.
//! Left out: finding proofs, which is the checker's, and checking them, which is the verifier's.
//! Source: the command line's contract.

use std::fs;
use std::path::Path;

use ed25519_dalek::SigningKey;
use leverframe_checker::certify;
use leverframe_compiler::pipeline;
use leverframe_runtime::TrustedKey;
use leverframe_runtime::frame::{self, Claim, Frame, Origin, Witness};
use leverframe_verifier::Reading;

use crate::check::drawn;
use crate::exit::{Exit, Failure};
use crate::frames;
use crate::kept::Kept;
use crate::options::Build;
use crate::output::{printable, tell, tell_warning};
use crate::policy::{self, Compiled};
use crate::prove::{self, prove_and_show};
use leverframe_trust::keys;

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a policy or a key that cannot be read, a frame that cannot be written.
pub(crate) fn build(options: &Build) -> Result<Exit, Failure> {
    let signer = options.sign.as_deref().map(keys::secret).transpose()?;
    let compiled = policy::compile(&options.file)?;
    let Some(Judged { proved, claims, witnesses }) = judged(&compiled, options)? else {
        return Ok(refused(&options.file));
    };
    let Some(frame) = &compiled.frame else {
        return Ok(refused(&options.file));
    };
    let marked = Frame { unproven: !proved, ..frame.clone() };
    let broken = |error: frame::FrameError| Failure::Internal(error.to_string());
    let bytes = if options.no_certificate {
        frame::write(&marked, None).map_err(broken)?
    } else {
        certified(&options.file, &compiled, &marked, (claims, witnesses))?
    };
    let bytes = match &signer {
        Some(signer) => frame::sign(&bytes, signer.as_bytes(), keys::now_ms()).map_err(broken)?,
        None => bytes,
    };
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

/// The frame with its certificate. What `verify` would refuse is never written: it is a fault of this program, whose compiler and reference do not agree.
fn certified(
    path: &Path,
    compiled: &Compiled,
    marked: &Frame,
    (claims, witnesses): (Vec<Claim>, Vec<Vec<Witness>>),
) -> Result<Vec<u8>, Failure> {
    let broken = |problem: &dyn std::fmt::Display| Failure::Internal(problem.to_string());
    let core = compiled.checked.core.as_ref().ok_or_else(|| Failure::Internal("a frame without a core form".to_owned()))?;
    let policy = Reading::of(path).map_err(|problem| broken(&problem))?;
    let origins = shown(compiled.origins.clone(), policy.witnessed(marked, witnesses));
    let certificate = pipeline::certificate(core, marked, origins, policy.upheld(claims)).map_err(|error| broken(&error))?;
    let bytes = frame::write(marked, Some(&certificate)).map_err(|error| broken(&error))?;
    match policy.verify(&bytes) {
        Ok(_) => Ok(bytes),
        Err(problems) => {
            Err(problems.first().map_or_else(|| Failure::Internal("it is not verified".to_owned()), |problem| broken(problem)))
        }
    }
}

/// The origins of tables with their witnesses; without, where there are none.
fn shown(mut origins: Vec<Origin>, witnesses: Vec<Vec<Witness>>) -> Vec<Origin> {
    for (origin, made) in origins.iter_mut().zip(witnesses) {
        if let Origin::Table { witnesses, .. } = origin {
            *witnesses = made;
        }
    }
    origins
}

/// The key that a signature by `signer` must hold under.
fn own(signer: &SigningKey) -> TrustedKey {
    TrustedKey { public: signer.verifying_key().to_bytes(), expires_ms: None }
}

/// What the checker says of a policy without errors.
struct Judged {
    /// Whether every claim is proved.
    proved: bool,
    /// What is proved, and why.
    claims: Vec<Claim>,
    /// Letters of the classes of tables, by rule.
    witnesses: Vec<Vec<Witness>>,
}

/// Tells what was found; nothing where the policy has errors.
fn judged(compiled: &Compiled, options: &Build) -> Result<Option<Judged>, Failure> {
    let drawing = compiled.sources().drawing();
    if options.unproven {
        compiled.checked.diagnostics.iter().for_each(|finding| drawing.tell(finding));
        return Ok(Some(Judged { proved: false, claims: Vec::new(), witnesses: Vec::new() }));
    }
    let kept = options.cache.as_deref().map(|folder| Kept::of(folder, &options.file)).transpose()?;
    let (proven, witnesses) = prove_and_show(compiled, &options.proving, kept.as_ref())?;
    proven.findings.iter().for_each(|finding| tell(&drawn(&drawing, finding)));
    if proven.has_errors() {
        return Ok(None);
    }
    let stated = || proven.findings.iter().filter_map(|finding| finding.stated.as_ref());
    let both = |core| certify::claims(core, &proven.proofs).into_iter().chain(certify::findings(core, stated())).collect();
    let claims = compiled.checked.core.as_ref().map_or_else(Vec::new, both);
    Ok(Some(Judged { proved: proven.all_proved(prove::claims(compiled)), claims, witnesses }))
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
