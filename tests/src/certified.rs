//! Frames with certificates, as `leverframe build` writes them, and what the verifier says of them.
//!
//! In: a policy. Out: its frame, certificate and bytes; the verifier's report. Left out: claims, which need the checker.

use leverframe_compiler::modules::Loader;
use leverframe_compiler::pipeline::{BuildError, Built, build, certificate};
use leverframe_reference::{Files, Policy, elaborate_from};
use leverframe_runtime::frame::{self, Certificate, Frame};
use leverframe_verifier::{Problem, Report, verify};

use crate::engine::ROOT;
use crate::policy::files::split;

/// A policy, its frame and the frame's certificate.
#[derive(Debug)]
pub struct Certified {
    /// As the reference has it.
    pub policy: Policy,
    /// What the compiler made of it.
    pub frame: Frame,
    /// What it says of that.
    pub certificate: Certificate,
}

impl Certified {
    /// The policy whose files are bundled in one text; nothing where the compiler refuses it.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let files = split(text);
        Self::of(ROOT, &files, &files)
    }

    /// The policy at `root`; nothing where the compiler refuses it.
    ///
    /// # Panics
    /// Where the reference refuses what the compiler takes.
    #[must_use]
    pub fn of(root: &str, compiler: &dyn Loader, reference: &dyn Files) -> Option<Self> {
        let built = match build(root, compiler) {
            Ok(built) => built,
            Err(BuildError::Load(_) | BuildError::Refused(_)) => return None,
        };
        let Built { frame, origins, checked } = built;
        let core = checked.core.expect("a built policy has a core");
        let certificate = certificate(&core, &frame, origins, Vec::new()).expect("a frame can be encoded");
        let policy = elaborate_from(reference, root).unwrap_or_else(|refusal| panic!("{root}: the reference refuses it: {refusal}"));
        Some(Self { policy, frame, certificate })
    }

    /// The frame's bytes.
    ///
    /// # Panics
    /// Where it cannot be written.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        frame::write(&self.frame, Some(&self.certificate)).expect("a frame can be written")
    }

    /// What the verifier says.
    ///
    /// # Errors
    /// Its problems.
    pub fn verify(&self) -> Result<Report, Vec<Problem>> {
        verify(&self.policy, &self.bytes())
    }
}
