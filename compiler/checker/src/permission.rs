//! Permissions: that the answer to a call is one, and that there is one.
//!
//! In: a policy. Out: LF0301 to LF0310, and what became of `no_conflict` and `no_gap` of each persona. Invariants: a call on which some condition fails is denied
//! and lies outside every question; a claim is proved only where every question was answered; a witness was replayed.
//! Source: language sections 4 and 9; verification section 3.

mod conflict;
mod gap;
mod grant;
mod house;
mod matter;
mod show;
mod statement;

use leverframe_compiler::core::PersonaId;
use leverframe_compiler::pipeline::Checked;
use leverframe_runtime::Policy;
use leverframe_syntax::{Code, Diagnostic, Severity};

use crate::question::{QueryId, Questions};
use crate::report::{Claim, Finding, Proof, Report, Verdict};
use matter::Matter;

/// What a claim about a persona came to.
#[derive(Debug, Default)]
struct Outcome {
    findings: Vec<Finding>,
    unknown: Option<String>,
    /// What a proof rests on by the solver's word alone.
    queries: Vec<QueryId>,
}

impl Outcome {
    /// Whether something was found that is more than a note: a note hides no question that stayed open.
    fn refuted(&self) -> bool {
        self.findings.iter().any(|finding| finding.diagnostic.is_error())
    }
}

/// Looks at the permissions of every persona.
pub(crate) fn permissions(checked: &Checked, policy: &Policy, questions: &mut Questions<'_>) -> Report {
    let mut report = Report::default();
    let Some(core) = &checked.core else { return report };
    report.findings.extend(house::house(core, &checked.origins, questions));
    for persona in (0..core.personas.len()).filter_map(|at| u32::try_from(at).ok()).map(PersonaId) {
        let mut matter = Matter::new(checked, core, policy, questions, persona);
        let name = matter.name().to_owned();
        let (conflict, gap) = (resting(&mut matter, conflict::conflicts), resting(&mut matter, gap::gaps));
        report.findings.extend(statement::statements(&mut matter));
        report.findings.extend(grant::grants(&mut matter));
        let unknown = |outcome: &Outcome| outcome.unknown.clone().filter(|_| !outcome.refuted());
        for (outcome, what) in [(&conflict, "no two of its rules contradict each other"), (&gap, "every call has an answer")] {
            if let Some(why) = unknown(outcome) {
                let message = format!("it is not known whether, of `{name}`, {what}");
                let diagnostic = Diagnostic::new(Code::LF0310, matter.span(), message).note(why);
                report.findings.push(Finding { persona: Some(name.clone()), ..Finding::new(diagnostic) });
            }
        }
        report.proofs.push(proof(Claim::NoConflict { persona: name.clone() }, &conflict));
        report.proofs.push(proof(Claim::NoGap { persona: name }, &gap));
        report.findings.extend(conflict.findings.into_iter().chain(gap.findings));
    }
    report
}

fn proof(claim: Claim, outcome: &Outcome) -> Proof {
    let verdict = match &outcome.unknown {
        Some(why) if !outcome.refuted() => Verdict::Unknown(why.clone()),
        _ if !outcome.findings.is_empty() => Verdict::Refuted,
        _ => Verdict::Proved,
    };
    Proof::new(claim, verdict, outcome.queries.clone())
}

/// What a claim comes to, and what that rests on.
fn resting<'a, 'q, 'c>(matter: &mut Matter<'a, 'q, 'c>, claim: impl Fn(&mut Matter<'a, 'q, 'c>) -> Outcome) -> Outcome {
    let before = matter.questions.begin();
    let outcome = claim(matter);
    Outcome { queries: matter.questions.end(before), ..outcome }
}

/// A finding that only labels nobody can give allow is a note.
fn as_note(finding: Finding) -> Finding {
    Finding {
        diagnostic: finding.diagnostic.severity(Severity::Note).note("only labels that no admitted call of this persona gives allow it"),
        ..finding
    }
}
