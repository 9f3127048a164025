//! On what findings about all calls or all sessions rest.
//!
//! In: a policy that was looked at. Out: for each of its findings that states something of all, whether its proof is one that the verifier takes, or only the word of
//! the checker's search or its solver. Invariant: `certificate` is said only of what the verifier, which reads the policy by the reference, has just checked.
//! Source: `lang-spec/certificate.md`, [cert.findings].

use std::path::Path;

use leverframe_checker::{Basis, Stated, certify};
use leverframe_runtime::frame::{About, Finding};
use leverframe_verifier::Reading;

use super::Checked;

/// A finding of a file.
type Key<'a> = (&'a str, &'a Finding);

/// What each finding of a policy rests on.
pub(super) fn bases(checked: &Checked) -> Vec<(Key<'_>, Basis)> {
    let stated: Vec<&Stated> = checked.proven.findings.iter().filter_map(|finding| finding.stated.as_ref()).collect();
    let Some(core) = checked.compiled.checked.core.as_ref().filter(|_| !stated.is_empty()) else { return Vec::new() };
    let reading = Reading::of(Path::new(&checked.file)).ok();
    let claims = certify::findings(core, stated.iter().copied());
    let is_certified = |finding: &Finding| {
        let claim = claims.iter().find(|claim| matches!(&claim.about, About::Finding(own) if own == finding));
        claim.zip(reading.as_ref()).is_some_and(|(claim, reading)| reading.is_certified(claim))
    };
    let basis = |finding| if is_certified(finding) { Basis::Certificate } else { Basis::Solver };
    stated.into_iter().map(|stated| ((checked.file.as_str(), &stated.what), basis(&stated.what))).collect()
}
