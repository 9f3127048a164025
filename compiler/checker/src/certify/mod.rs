//! Proofs of what was found out about permissions that somebody can check without this crate: case distinctions whose branches end in contradictions of few tests.
//!
//! In: a policy, and what became of its claims. Out: a [`Claim`] for each `no_conflict` and `no_gap` that was proved, with a tree for each of its obligations. Invariants: a
//! tree says nothing that the rules of a lemma do not show; where none is found the branch is marked as trusted. Left out: the search for whether a claim holds
//! at all; assertions.
//! Source: `lang-spec/certificate.md`; verification section 2.

mod contradiction;
mod goal;
mod numbers;
mod search;
mod texts;

use leverframe_compiler::core::Core;
use leverframe_runtime::frame::{About, Claim, PersonaId, Proof, Tree};

use crate::report::{self, Verdict};
use contradiction::Known;
use goal::Obligation;

/// Proofs of what the report says is proved of the permissions of each persona, in the order of the personas.
#[must_use]
pub fn permissions(core: &Core, proofs: &[report::Proof]) -> Vec<Claim> {
    let mut known = Known::default();
    let mut claims = Vec::new();
    for (persona, number) in core.personas.iter().zip(0..) {
        let id = PersonaId(number);
        let name = || persona.name.clone();
        if is_proved(proofs, &report::Claim::NoConflict { persona: name() }) {
            claims.push(Claim { about: About::NoConflict(id), proof: cases(core, &goal::conflicts(core, persona), &mut known) });
        }
        if is_proved(proofs, &report::Claim::NoGap { persona: name() }) {
            claims.push(Claim { about: About::NoGap(id), proof: cases(core, &goal::gaps(core, persona), &mut known) });
        }
    }
    claims
}

/// Why everything holds that the report says is proved: permissions by trees, assertions on the word of the search that proved them.
#[must_use]
pub fn claims(core: &Core, proofs: &[report::Proof]) -> Vec<Claim> {
    let mut claims = permissions(core, proofs);
    let proved = proofs.iter().filter(|proof| proof.verdict == Verdict::Proved);
    claims.extend(proved.filter_map(|proof| match &proof.claim {
        report::Claim::Assertion { name } => Some(Claim { about: About::Assertion(name.clone()), proof: Proof::Trusted }),
        _ => None,
    }));
    claims
}

fn is_proved(proofs: &[report::Proof], claim: &report::Claim) -> bool {
    proofs.iter().any(|proof| proof.claim == *claim && proof.verdict == Verdict::Proved)
}

/// A tree for each obligation, or the word that they hold where one of them is too large.
fn cases(core: &Core, obligations: &[Obligation<'_>], known: &mut Known) -> Proof {
    let trees: Option<Vec<Tree>> = obligations.iter().map(|obligation| search::tree(core, obligation, known)).collect();
    trees.map_or(Proof::Trusted, Proof::Cases)
}
