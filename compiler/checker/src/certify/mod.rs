//! Proofs of what was found out about permissions that somebody can check without this crate: case distinctions whose branches end in contradictions of few tests.
//!
//! In: a policy, and what became of its claims. Out: a [`Claim`] for each `no_conflict` and `no_gap` that was proved, with a tree for each of its obligations, and one for each finding that states something of all
//! calls or sessions. Invariants: a
//! tree says nothing that the rules of a lemma do not show; where none is found the branch is marked as trusted. Left out: the search for whether a claim holds
//! at all; assertions.
//! Source: `lang-spec/certificate.md`; verification section 2.

mod computed;
mod contradiction;
mod farkas;
mod findings;
mod goal;
mod numbers;
mod search;
mod sums;
mod texts;

use leverframe_compiler::core::{Body, Core, Key, Limit, Measure, Rule};
use leverframe_runtime::frame::{About, Claim, PersonaId, Proof, Tree};

use crate::report::{self, Shown, Verdict};
use contradiction::Known;
use goal::Obligation;

pub use findings::findings;

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

/// Why everything holds that the report says is proved: permissions by trees, assertions by the rules that they need or by a session. Whether that is enough for
/// somebody else is not known here: whoever writes it down tries it, and takes it for trusted where it is not.
#[must_use]
pub fn claims(core: &Core, proofs: &[report::Proof]) -> Vec<Claim> {
    let mut claims = permissions(core, proofs);
    let proved = proofs.iter().filter(|proof| proof.verdict == Verdict::Proved);
    claims.extend(proved.filter_map(|proof| match &proof.claim {
        report::Claim::Assertion { name } => Some(Claim { about: About::Assertion(name.clone()), proof: of_sessions(core, &proof.shown) }),
        _ => None,
    }));
    claims
}

fn of_sessions(core: &Core, shown: &Shown) -> Proof {
    match shown {
        Shown::Nothing => Proof::Trusted,
        Shown::Rules(rules) => product(core, rules),
        Shown::Session(steps) => {
            let lines: Option<Vec<String>> = steps.iter().map(|step| serde_json::to_string(step).ok()).collect();
            lines.map_or(Proof::Trusted, Proof::Session)
        }
    }
}

/// Rules over other histories, with variables, or over time have no place in such a proof; without them it may still hold.
fn product(core: &Core, rules: &[usize]) -> Proof {
    let usable = |rule: &Rule| {
        let counts = |limit: &Limit| matches!(limit.measure, Measure::Count(_)) && limit.window_ms.is_none();
        let body = !matches!(&rule.body, Body::Limit(limit) if !counts(limit));
        rule.key == Key::Session && rule.capacity.is_none() && body
    };
    let place = |rule: &usize| core.rules.get(*rule).filter(|rule| usable(rule)).and_then(|_| u16::try_from(*rule).ok());
    Proof::Unreachable(rules.iter().filter_map(place).collect())
}

fn is_proved(proofs: &[report::Proof], claim: &report::Claim) -> bool {
    proofs.iter().any(|proof| proof.claim == *claim && proof.verdict == Verdict::Proved)
}

/// A tree for each obligation, or the word that they hold where one of them is too large.
fn cases(core: &Core, obligations: &[Obligation<'_>], known: &mut Known) -> Proof {
    let trees: Option<Vec<Tree>> = obligations.iter().map(|obligation| search::tree(core, obligation, known)).collect();
    trees.map_or(Proof::Trusted, Proof::Cases)
}
