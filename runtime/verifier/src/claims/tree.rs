//! Case distinctions.
//!
//! In: a tree and the question that it is about. Out: how many of its branches are taken on trust. Invariants: every node but the root is the branch of exactly one
//! later node; a test is decided once on a way; the work is bounded, whatever the tree. Source: `lang-spec/certificate.md`, [cert.tree].

use leverframe_runtime::frame::{Case, Lemma, Tree};

use super::kind::Values;
use super::lemma;
use super::obligation::Question;
use super::regular::Machines;

/// Nodes of one tree.
const NODES: usize = 1 << 14;

enum Step {
    At(u32),
    Decide(u16, Option<bool>),
}

/// Checks a tree.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn check(tree: &Tree, question: &Question<'_>, values: &Values<'_>, machines: &mut Machines) -> Result<usize, String> {
    let root = root(tree)?;
    machines.begin();
    let mut decided = vec![None; question.tests.len()];
    let mut trusted = 0;
    let mut steps = vec![Step::At(root)];
    while let Some(step) = steps.pop() {
        let at = match step {
            Step::Decide(test, value) => {
                decide(&mut decided, test, value)?;
                continue;
            }
            Step::At(at) => at,
        };
        machines.spend(question.size)?;
        match node(tree, at)? {
            Case::False if question.is_false(&decided) => {}
            Case::False => return Err(format!("node {at} is not false")),
            Case::Contradiction(found) => {
                contradiction(found, question, &decided, values, machines).map_err(|why| format!("node {at} is no contradiction: {why}"))?
            }
            Case::Trusted => trusted += 1,
            Case::Split { test, yes, no } => {
                let branch = |to: u32, value: bool| [Step::At(to), Step::Decide(*test, Some(value))];
                steps.push(Step::Decide(*test, None));
                steps.extend(branch(*no, false).into_iter().chain([Step::Decide(*test, None)]).chain(branch(*yes, true)));
            }
        }
    }
    Ok(trusted)
}

fn node(tree: &Tree, at: u32) -> Result<&Case, String> {
    usize::try_from(at).ok().and_then(|at| tree.nodes.get(at)).ok_or_else(|| format!("there is no node {at}"))
}

/// The last node, if the others hang from it as a tree whose branches stand before it.
fn root(tree: &Tree) -> Result<u32, String> {
    let last = u32::try_from(tree.nodes.len()).ok().and_then(|count| count.checked_sub(1)).ok_or("the proof is empty")?;
    if tree.nodes.len() > NODES {
        return Err("the proof is too large".to_owned());
    }
    let mut free = vec![false; tree.nodes.len()];
    for (at, case) in tree.nodes.iter().enumerate() {
        if let Case::Split { yes, no, .. } = case {
            for branch in [yes, no] {
                let branch = usize::try_from(*branch).ok().filter(|branch| *branch < at).and_then(|branch| free.get_mut(branch));
                if !branch.is_some_and(std::mem::take) {
                    return Err(format!("a branch of node {at} is no free node before it"));
                }
            }
        }
        free.get_mut(at).into_iter().for_each(|slot| *slot = true);
    }
    let roots = free.iter().filter(|free| **free).count();
    if roots == 1 { Ok(last) } else { Err("some node is no branch of another one".to_owned()) }
}

fn decide(decided: &mut [Option<bool>], test: u16, value: Option<bool>) -> Result<(), String> {
    let slot = decided.get_mut(usize::from(test)).ok_or_else(|| format!("there is no test {test}"))?;
    if value.is_some() && slot.is_some() {
        return Err(format!("test {test} is decided twice"));
    }
    *slot = value;
    Ok(())
}

fn contradiction(
    lemma: &Lemma,
    question: &Question<'_>,
    decided: &[Option<bool>],
    values: &Values<'_>,
    machines: &mut Machines,
) -> Result<(), String> {
    let of = |test: &u16| {
        let at = usize::from(*test);
        let value = decided.get(at).copied().flatten();
        question.tests.get(at).copied().zip(value).ok_or_else(|| format!("test {test} is not decided there"))
    };
    let tests: Vec<_> = lemma.tests.iter().map(of).collect::<Result<_, String>>()?;
    lemma::check(&lemma.rule, &tests, values, machines)
}
