//! What the checker says of a policy, beside what the compiler said.
//!
//! In: a compiled policy. Out: [`Proven`]: all findings by place, and what each claim came to.
//! Invariant: a policy counts as proved only if every claim that there is about it was made and proved; a claim that is missing is not proved.
//! Left out: the proofs, which are the checker's.

use std::path::Path;
use std::time::Duration;

use leverframe_checker::question::Questions;
use leverframe_checker::{Basis, Cache, Claim, Finding, Options, Proof, Query, Report, Verdict, certify};
use leverframe_compiler::core::Core;
use leverframe_runtime::frame::{About, PersonaId, Witness};
use leverframe_syntax::Diagnostic;
use leverframe_verifier::Reading;

use crate::exit::Failure;
use crate::kept::Kept;
use crate::options::Proving;
use crate::policy::Compiled;

/// A policy that was looked at.
pub(crate) struct Proven {
    /// The compiler's findings and the checker's, by place.
    pub(crate) findings: Vec<Finding>,
    /// What each claim came to; nothing where the policy has errors.
    pub(crate) proofs: Vec<Proof>,
    /// What the solver was asked, where that is to be recorded.
    pub(crate) queries: Vec<Query>,
}

/// Whether the solver's queries are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// For somebody who repeats them.
    Queries,
    /// Nobody reads them.
    Nothing,
}

/// Runs the checker on a policy that compiled; `kept` has what earlier runs found out.
///
/// # Errors
/// What keeping the answers of this run gives.
pub(crate) fn prove(compiled: &Compiled, proving: &Proving, record: Record, kept: Option<&Kept>) -> Result<Proven, Failure> {
    let kept = asked(compiled, kept);
    let mut cache = kept.map_or_else(Cache::default, Kept::read);
    let proven = proven(compiled, proving, record, &mut cache);
    kept.map_or(Ok(()), |kept| kept.write(cache))?;
    Ok(proven)
}

/// As [`prove`]; of a policy without errors also a witness for each class of its tables that has one.
///
/// # Errors
/// As [`prove`].
pub(crate) fn prove_and_show(compiled: &Compiled, proving: &Proving, kept: Option<&Kept>) -> Result<(Proven, Vec<Vec<Witness>>), Failure> {
    let kept = asked(compiled, kept);
    let mut cache = kept.map_or_else(Cache::default, Kept::read);
    let proven = proven(compiled, proving, Record::Nothing, &mut cache);
    let witnesses = match (&compiled.checked.core, &compiled.frame) {
        (Some(core), Some(frame)) if !proven.has_errors() => {
            let mut questions = Questions::new(core, timeout(proving)).with(std::mem::take(&mut cache));
            let witnesses = leverframe_checker::witness::witnesses(core, frame, &mut questions);
            cache = questions.into_cache();
            witnesses
        }
        _ => Vec::new(),
    };
    kept.map_or(Ok(()), |kept| kept.write(cache))?;
    Ok((proven, witnesses))
}

/// The answers that a run may need: none where the policy has errors, so that nothing is asked and what is kept stays as it is.
fn asked<'k>(compiled: &Compiled, kept: Option<&'k Kept>) -> Option<&'k Kept> {
    kept.filter(|_| compiled.frame.is_some())
}

fn proven(compiled: &Compiled, proving: &Proving, record: Record, cache: &mut Cache) -> Proven {
    let options = Options { timeout: timeout(proving), record_queries: record == Record::Queries };
    let report = match &compiled.frame {
        Some(frame) => leverframe_checker::check_again(&compiled.checked, frame, &options, cache),
        None => Report::default(),
    };
    Proven::new(&compiled.checked.diagnostics, report)
}

fn timeout(proving: &Proving) -> Duration {
    Duration::from_secs(u64::from(proving.timeout))
}

impl Proven {
    fn new(compiler: &[Diagnostic], report: Report) -> Self {
        let mut findings: Vec<Finding> = compiler.iter().cloned().map(Finding::new).chain(report.findings).collect();
        findings.sort_by(|a, b| place(a).cmp(&place(b)));
        Self { findings, proofs: report.proofs, queries: report.queries }
    }

    /// Says of no proof any more that somebody else can check it where the verifier does not: it rests on the word of the checker's own search.
    pub(crate) fn attest(&mut self, path: &Path, compiled: &Compiled) {
        let claimed = |proof: &Proof| proof.basis == Some(Basis::Certificate);
        let Some(core) = compiled.checked.core.as_ref().filter(|_| self.proofs.iter().any(claimed)) else { return };
        let certified = Reading::of(path).map_or_else(|_| Vec::new(), |policy| policy.certified(&certify::claims(core, &self.proofs)));
        for proof in self.proofs.iter_mut().filter(|proof| claimed(proof)) {
            if !about(core, &proof.claim).is_some_and(|about| certified.contains(&about)) {
                proof.basis = Some(Basis::Solver);
            }
        }
    }

    /// Whether anything was found that nothing may be built of.
    pub(crate) fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.diagnostic.is_error())
    }

    /// Whether all of `claims` are proved, and nothing else is in doubt.
    pub(crate) fn all_proved(&self, claims: impl IntoIterator<Item = Claim>) -> bool {
        self.proofs.iter().all(|proof| proof.verdict == Verdict::Proved) && self.unsaid(claims).is_none()
    }

    /// A claim of which nothing is said, neither that it is proved nor that it is not.
    pub(crate) fn unsaid(&self, claims: impl IntoIterator<Item = Claim>) -> Option<Claim> {
        claims.into_iter().find(|claim| !self.proofs.iter().any(|proof| proof.claim == *claim))
    }
}

/// Every claim that there is about a policy; none where it has errors.
pub(crate) fn claims(compiled: &Compiled) -> Vec<Claim> {
    let personas = compiled.checked.core.iter().flat_map(|core| &core.personas).flat_map(|persona| {
        let persona = || persona.name.clone();
        [Claim::NoConflict { persona: persona() }, Claim::NoGap { persona: persona() }]
    });
    personas.chain(compiled.assertions().map(|name| Claim::Assertion { name: name.to_owned() })).collect()
}

/// What a certificate calls the claim.
fn about(core: &Core, claim: &Claim) -> Option<About> {
    let persona = |name: &str| {
        let place = core.personas.iter().position(|persona| persona.name == *name)?;
        u32::try_from(place).ok().map(PersonaId)
    };
    Some(match claim {
        Claim::NoConflict { persona: name } => About::NoConflict(persona(name)?),
        Claim::NoGap { persona: name } => About::NoGap(persona(name)?),
        Claim::Assertion { name } => About::Assertion(name.clone()),
    })
}

fn place(finding: &Finding) -> impl Ord + '_ {
    let diagnostic = &finding.diagnostic;
    (diagnostic.span(), diagnostic.code, &diagnostic.message, &finding.persona, &finding.tool)
}

#[cfg(test)]
mod tests {
    use leverframe_checker::{Basis, Claim, Finding, Proof, Report, Shown, Verdict};
    use leverframe_syntax::{Code, Diagnostic, FileId, Severity, Span};

    use super::Proven;

    fn found(code: Code, start: u32) -> Diagnostic {
        Diagnostic::new(code, Span::new(FileId(0), start, start + 1), "found")
    }

    fn proof(claim: Claim, verdict: Verdict) -> Proof {
        let basis = (verdict == Verdict::Proved).then_some(Basis::Certificate);
        Proof { claim, verdict, basis, queries: Vec::new(), shown: Shown::Nothing }
    }

    fn no_gap() -> Claim {
        Claim::NoGap { persona: "p".to_owned() }
    }

    fn no_conflict() -> Claim {
        Claim::NoConflict { persona: "p".to_owned() }
    }

    fn proven(proofs: Vec<Proof>) -> Proven {
        Proven::new(&[], Report { proofs, ..Report::default() })
    }

    #[test]
    fn findings_of_both_stand_by_place() {
        let findings = vec![Finding::new(found(Code::LF0304, 4)), Finding::new(found(Code::LF0303, 9))];
        let proven = Proven::new(&[found(Code::LF0201, 2), found(Code::LF0201, 7)], Report { findings, ..Report::default() });
        let codes: Vec<&str> = proven.findings.iter().map(|finding| finding.diagnostic.code.text()).collect();
        assert_eq!(codes, ["LF0201", "LF0304", "LF0201", "LF0303"]);
        assert!(proven.has_errors());
    }

    #[test]
    fn a_note_of_a_severe_code_is_no_error() {
        let findings = vec![Finding::new(found(Code::LF0302, 1).severity(Severity::Note))];
        assert!(!Proven::new(&[], Report { findings, ..Report::default() }).has_errors());
    }

    #[test]
    fn what_was_not_proved_is_not_proved() {
        let claims = || [no_conflict(), no_gap()];
        let both = vec![proof(no_conflict(), Verdict::Proved), proof(no_gap(), Verdict::Proved)];
        assert!(proven(both.clone()).all_proved(claims()));
        assert!(!proven(Vec::new()).all_proved(claims()), "a checker that says nothing proves nothing");
        assert!(!proven(vec![proof(no_conflict(), Verdict::Proved)]).all_proved(claims()));
        assert_eq!(proven(vec![proof(no_conflict(), Verdict::Refuted)]).unsaid(claims()), Some(no_gap()));
        assert_eq!(proven(both.clone()).unsaid(claims()), None);
        for verdict in [Verdict::Refuted, Verdict::Unknown("time".to_owned())] {
            assert!(!proven(vec![proof(no_conflict(), Verdict::Proved), proof(no_gap(), verdict.clone())]).all_proved(claims()));
            let beside = both.iter().cloned().chain([proof(Claim::Assertion { name: "a".to_owned() }, verdict)]).collect();
            assert!(!proven(beside).all_proved(claims()), "of a claim that nobody asked for, too");
        }
    }
}
