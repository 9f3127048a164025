//! The result of `check` for people.
//!
//! In: findings, claims, sizes. Out: drawn findings, each with the session that shows it; a line a policy about its size and its claims; a last line.
//! Invariant: what rests on the solver's word alone is never said to be simply proved.

use leverframe_checker::{Basis, Finding, Proof, Verdict};
use leverframe_runtime::Policy;

use super::{Checked, Outcome, distinct, witness};
use crate::draw::Drawing;
use crate::exit::Failure;
use crate::output::{Audience, BOLD, DIM, GREEN, Output, RED, YELLOW, printable, styled};

/// Prints everything.
///
/// # Errors
/// What writing gives.
pub(super) fn print(checked: &[Checked], result: &Outcome) -> Result<(), Failure> {
    let mut output = Output::new(Audience::People);
    for (owner, finding) in distinct(checked) {
        output.line(&drawn(&owner.compiled.sources().drawing(), finding))?;
        output.line("")?;
    }
    for checked in checked {
        if let Some(policy) = &checked.policy {
            output.line(&sizes(&checked.file, policy))?;
        }
        if let Some(claims) = claims(&checked.proven.proofs) {
            output.line(&format!("{}: {claims}", styled(BOLD, &printable(&checked.file))))?;
        }
    }
    output.line(&last(result))?;
    output.flush()
}

/// A finding, and the session that shows it.
pub(crate) fn drawn(drawing: &Drawing, finding: &Finding) -> String {
    let mut text = drawing.draw(&finding.diagnostic);
    if !finding.witness.is_empty() {
        text.push_str("\n\n");
        text.push_str(&witness::story(&finding.witness));
    }
    text
}

fn sizes(file: &str, policy: &Policy) -> String {
    let frame = policy.frame();
    let bytes = policy.state_bytes();
    let text = format!(
        "{} tools, {} personas, {} rules over histories; {} bytes of state a session",
        frame.tools.len(),
        frame.personas.len(),
        frame.rules.len(),
        bytes.session
    );
    format!("{}: {}", styled(BOLD, &printable(file)), styled(DIM, &text))
}

/// What the claims came to; nothing where there are none.
fn claims(proofs: &[Proof]) -> Option<String> {
    let count = |fits: &dyn Fn(&Proof) -> bool| proofs.iter().filter(|proof| fits(proof)).count();
    let proved = count(&|proof| proof.verdict == Verdict::Proved);
    let trusted = |proof: &Proof| proof.verdict == Verdict::Proved && proof.basis == Some(Basis::Solver);
    // Where no question to the solver is behind it, the checker found out by itself what the verifier cannot show.
    let solver = count(&|proof| trusted(proof) && !proof.queries.is_empty());
    let checker = count(&|proof| trusted(proof) && proof.queries.is_empty());
    let refuted = count(&|proof| proof.verdict == Verdict::Refuted);
    let unknown = count(&|proof| matches!(proof.verdict, Verdict::Unknown(_)));
    let word = if proved == 1 { "claim" } else { "claims" };
    let mut parts = vec![styled(GREEN, &format!("{proved} {word} proved"))];
    for (trusted, whose) in [(solver, "solver"), (checker, "checker")] {
        if trusted > 0 {
            parts.push(styled(DIM, &format!("({trusted} of them on the {whose}'s word)")));
        }
    }
    let mut text = parts.join(" ");
    for (number, word, style) in [(refuted, "refuted", RED), (unknown, "unknown", YELLOW)] {
        if number > 0 {
            text.push_str(", ");
            text.push_str(&styled(style, &format!("{number} {word}")));
        }
    }
    (!proofs.is_empty()).then_some(text)
}

fn last(result: &Outcome) -> String {
    let parts =
        [(result.errors, "error", "errors", RED), (result.warnings, "warning", "warnings", YELLOW), (result.notes, "note", "notes", DIM)];
    let found: Vec<String> = parts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many, style)| styled(*style, &format!("{count} {}", if *count == 1 { one } else { many })))
        .collect();
    if found.is_empty() { styled(GREEN, "no findings") } else { found.join(", ") }
}

#[cfg(test)]
mod tests {
    use leverframe_checker::{Basis, Claim, Proof, Shown, Verdict};

    use super::claims;

    fn proof(verdict: Verdict, basis: Option<Basis>) -> Proof {
        Proof { claim: Claim::NoGap { persona: "p".to_owned() }, verdict, basis, queries: Vec::new(), shown: Shown::Nothing }
    }

    fn plain(proofs: &[Proof]) -> Option<String> {
        claims(proofs).map(|text| anstream::adapter::strip_str(&text).to_string())
    }

    #[test]
    fn claims_are_counted_by_what_they_came_to() {
        let certain = proof(Verdict::Proved, Some(Basis::Certificate));
        let trusted = Proof { queries: vec![0], ..proof(Verdict::Proved, Some(Basis::Solver)) };
        let searched = proof(Verdict::Proved, Some(Basis::Solver));
        let unknown = proof(Verdict::Unknown("time".to_owned()), None);
        assert_eq!(plain(&[]), None);
        assert_eq!(plain(std::slice::from_ref(&certain)).as_deref(), Some("1 claim proved"));
        assert_eq!(plain(std::slice::from_ref(&searched)).as_deref(), Some("1 claim proved (1 of them on the checker's word)"));
        let all = [certain, trusted, proof(Verdict::Refuted, None), unknown];
        assert_eq!(plain(&all).as_deref(), Some("2 claims proved (1 of them on the solver's word), 1 refuted, 1 unknown"));
    }
}
