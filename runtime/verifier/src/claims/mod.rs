//! What is claimed of a policy: that no call gets two answers and every call one, that assertions hold, that statements and rules do nothing.
//!
//! In: the policy as the reference has it; claims. Out: for each claim whether it is certified, and how many branches of its proof rest on somebody's word.
//! Invariants: what has to be shown is derived from the policy, never from the claim; a tree has no shared nodes, so that it has no more ways
//! than nodes; every bound that is passed is an error. Assertions are in `sessions`, what does nothing in `finding`.
//! Source: `lang-spec/certificate.md`, [cert.claims] to [cert.lemmas], [cert.findings].

mod different;
mod equality;
mod farkas;
mod finding;
mod kind;
mod lemma;
mod linear;
mod network;
pub(crate) mod obligation;
mod product;
mod regular;
mod sessions;
mod substitution;
mod tree;

use std::collections::BTreeSet;

use leverframe_reference::Policy;
use leverframe_runtime::frame::{About, Claim, Finding, Proof, Tree};

use obligation::Obligation;
use regular::Machines;

/// Errors that are told.
const ERRORS: usize = 64;

/// What a claim comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    /// What is claimed.
    pub about: About,
    /// The same in words.
    pub name: String,
    /// How many things were to be shown.
    pub obligations: usize,
    /// How many nodes their proofs have.
    pub nodes: usize,
    /// How many branches rest on the word of the checker or its solver; a claim without any tree is one such branch.
    pub trusted: usize,
}

impl Certified {
    /// Whether it rests on nobody's word.
    #[must_use]
    pub fn is_certified(&self) -> bool {
        self.trusted == 0
    }
}

/// Checks the proofs of claims about a policy.
///
/// # Errors
/// What is wrong: of a claim the first thing, of the first claims that have something.
pub fn check(policy: &Policy, claims: &[Claim]) -> Result<Vec<Certified>, Vec<String>> {
    let (mut certified, mut wrong) = (Vec::new(), Vec::new());
    let mut machines = Machines::default();
    let mut about = BTreeSet::new();
    for claim in claims {
        let once = about.insert(&claim.about);
        let checked = if once { one(policy, claim, &mut machines) } else { Err("it is claimed twice".to_owned()) };
        match checked {
            Ok(found) => certified.push(found),
            Err(why) => wrong.push(format!("{}: {why}", named(policy, &claim.about))),
        }
        if wrong.len() >= ERRORS {
            break;
        }
    }
    if wrong.is_empty() { Ok(certified) } else { Err(wrong) }
}

/// The same claims; each whose proof does not hold rests on its maker's word instead.
#[must_use]
pub fn upheld(policy: &Policy, claims: Vec<Claim>) -> Vec<Claim> {
    let holds = |claim: &Claim| check(policy, std::slice::from_ref(claim)).is_ok();
    claims.into_iter().map(|claim| if holds(&claim) { claim } else { Claim { proof: Proof::Trusted, ..claim } }).collect()
}

/// Which of the claims rest on nobody's word.
#[must_use]
pub fn certified(policy: &Policy, claims: &[Claim]) -> Vec<About> {
    let certain = |claim: &&Claim| check(policy, std::slice::from_ref(claim)).is_ok_and(|found| found.iter().all(Certified::is_certified));
    claims.iter().filter(certain).map(|claim| claim.about.clone()).collect()
}

/// Whether a claim's proof holds and rests on nobody's word.
#[must_use]
pub fn is_certified(policy: &Policy, claim: &Claim) -> bool {
    check(policy, std::slice::from_ref(claim)).is_ok_and(|found| found.iter().all(Certified::is_certified))
}

/// A claim in words.
pub(crate) fn named(policy: &Policy, about: &About) -> String {
    let persona = |id: u32| usize::try_from(id).ok().and_then(|id| policy.personas.get(id)).map_or("?", |persona| persona.name.as_str());
    match about {
        About::NoConflict(id) => format!("no conflict of persona `{}`", persona(id.0)),
        About::NoGap(id) => format!("no gap of persona `{}`", persona(id.0)),
        About::Assertion(name) => format!("assertion `{name}`"),
        About::Finding(finding) => {
            let (of, id) = match finding {
                Finding::NeverMet(statement) | Finding::Shadowed(statement, _) | Finding::AlwaysMet(statement) => {
                    (&statement.name, statement.persona)
                }
                Finding::Overridden(statement) | Finding::NeverUsed(statement) => (&statement.name, statement.persona),
                Finding::OtherwiseAlone(id) => return format!("{} of persona `{}`", finding.code(), persona(id.0)),
                Finding::NeverCounts { persona, rule, .. } => (rule, Some(*persona)),
                Finding::NeverTriggers(name) | Finding::Implied(name) | Finding::NeverFull(name) | Finding::Evaded(name) => (name, None),
                Finding::Impossible(name) | Finding::Vacuous(name) => (name, None),
            };
            let whose = id.map_or_else(String::new, |id| format!(" of persona `{}`", persona(id.0)));
            format!("{} of `{of}`{whose}", finding.code())
        }
    }
}

fn one(policy: &Policy, claim: &Claim, machines: &mut Machines) -> Result<Certified, String> {
    let persona = |id: u32| {
        let persona = usize::try_from(id).ok().and_then(|id| policy.personas.get(id));
        persona.ok_or_else(|| "the policy has no such persona".to_owned())
    };
    let obligations = match &claim.about {
        About::NoConflict(id) => Some(obligation::conflicts(policy, persona(id.0)?)),
        About::NoGap(id) => Some(obligation::gaps(policy, persona(id.0)?)),
        About::Assertion(_) => None,
        About::Finding(finding) => finding::obligations(policy, finding)?,
    };
    let mut found = Certified {
        about: claim.about.clone(),
        name: named(policy, &claim.about),
        obligations: obligations.as_ref().map_or(0, Vec::len),
        nodes: 0,
        trusted: 0,
    };
    match (&claim.proof, obligations) {
        (Proof::Trusted, _) => found.trusted = 1,
        (Proof::Cases(_), None) => return Err("a proof by cases is none of sessions".to_owned()),
        (Proof::Unreachable(rules), None) => {
            (found.obligations, found.nodes) = match &claim.about {
                About::Finding(finding) => finding::unreachable(policy, finding, rules)?,
                about => sessions::unreachable(policy, about, rules)?,
            }
        }
        (Proof::Session(lines), None) => (found.obligations, found.nodes) = sessions::shown(policy, &claim.about, lines)?,
        (Proof::Unreachable(_) | Proof::Session(_), Some(_)) => return Err("a proof over sessions is none of permissions".to_owned()),
        (Proof::Cases(trees), Some(obligations)) => {
            if trees.len() != obligations.len() {
                return Err(format!("{} proofs for {} obligations", trees.len(), obligations.len()));
            }
            for (number, (obligation, tree)) in obligations.iter().zip(trees).enumerate() {
                let place = |why: String| format!("obligation {}, {}: {why}", number + 1, obligation.what());
                found.nodes += tree.nodes.len();
                found.trusted += proved(policy, obligation, tree, machines).map_err(place)?;
            }
        }
    }
    Ok(found)
}

fn proved(policy: &Policy, obligation: &Obligation<'_>, tree: &Tree, machines: &mut Machines) -> Result<usize, String> {
    let tool = policy.tool(obligation.tool).ok_or("the policy has no such tool")?;
    let values = kind::Values { tool, context: &policy.context };
    tree::check(tree, &obligation.question()?, &values, machines)
}
