//! Frames with certificates, as `leverframe build` writes them, and what the verifier says of them.
//!
//! In: a policy. Out: its frame, certificate and bytes; the verifier's report. Claims are those that a proof is found for, without the checker's searches.

mod findings;

use std::time::Duration;

use leverframe_checker::question::Questions;
use leverframe_checker::{Claim, Proof, Shown, Verdict};
use leverframe_checker::{certify, witness};
use leverframe_compiler::core::{Assertion, Core};
use leverframe_compiler::modules::Loader;
use leverframe_compiler::pipeline::{BuildError, Built, build, certificate};
use leverframe_reference::{Files, Policy, elaborate_from};
use leverframe_runtime::frame::{self, Certificate, Frame, Origin};
use leverframe_verifier::{Problem, Report, claims as verifier, verify};

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
        let policy = elaborate_from(reference, root).unwrap_or_else(|refusal| panic!("{root}: the reference refuses it: {refusal}"));
        let claims = claims(&core, &checked.assertions, &policy);
        let origins = witnessed(&core, &frame, origins, &policy);
        let certificate = certificate(&core, &frame, origins, claims).expect("a frame can be encoded");
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

/// How long one question may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The origins of tables, with witnesses.
fn witnessed(core: &Core, frame: &Frame, mut origins: Vec<Origin>, policy: &Policy) -> Vec<Origin> {
    let made = witness::witnesses(core, frame, &mut Questions::new(core, TIMEOUT));
    for (origin, made) in origins.iter_mut().zip(leverframe_verifier::witnessed(policy, frame, made)) {
        if let Origin::Table { witnesses, .. } = origin {
            *witnesses = made;
        }
    }
    origins
}

/// Every claim for which a proof is found that rests on nobody's word: trees, and products of few rules.
fn claims(core: &Core, assertions: &[Assertion], policy: &Policy) -> Vec<frame::Claim> {
    let proved = |claim, shown| Proof { claim, verdict: Verdict::Proved, basis: None, queries: Vec::new(), shown };
    let name = |persona: &leverframe_compiler::core::Persona| persona.name.clone();
    let permissions = core.personas.iter().flat_map(|persona| {
        let claims = [Claim::NoConflict { persona: name(persona) }, Claim::NoGap { persona: name(persona) }];
        claims.map(|claim| proved(claim, Shown::Nothing))
    });
    let certified = |claim: &frame::Claim| {
        verifier::check(policy, std::slice::from_ref(claim)).is_ok_and(|found| found.iter().all(|claim| claim.is_certified()))
    };
    let proofs: Vec<Proof> = permissions.collect();
    let permissions = certify::claims(core, &proofs).into_iter().filter(|claim| certified(claim));
    // Most assertions need no rule, or one; the others are tried with all.
    let all = 0..core.rules.len();
    let sets: Vec<Vec<usize>> = std::iter::once(Vec::new()).chain(all.clone().map(|rule| vec![rule])).chain([all.collect()]).collect();
    let sessions = assertions.iter().filter_map(|assertion| {
        let claim = || Claim::Assertion { name: assertion.rule.name.clone() };
        let tried = sets.iter().flat_map(|rules| certify::claims(core, &[proved(claim(), Shown::Rules(rules.clone()))]));
        tried.into_iter().find(|claim| certified(claim))
    });
    let stated = findings::candidates(core, assertions);
    permissions.chain(sessions).chain(findings::shown(&stated, |stated| certify::findings(core, [stated]), certified)).collect()
}
