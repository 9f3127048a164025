//! The search for a case distinction.
//!
//! In: an obligation. Out: a tree in post-order, or nothing where it is too large. Invariants: a test is decided only where a branch below needs it; every branch ends in a
//! truth that makes the obligation false, in a contradiction, or in a word to be trusted.
//! Source: `lang-spec/certificate.md`, [cert.tree].

use leverframe_compiler::core::Core;
use leverframe_runtime::frame::{Case, Tree};

use super::contradiction::{Known, Prover};
use super::goal::{Goal, Obligation, Tests};
use crate::limits::{CASE_DEPTH, CASE_NODES, CASE_STEPS};

struct Search<'s, 'a> {
    goal: &'s Goal<'a>,
    prover: Prover<'s, 'a>,
    decided: Vec<Option<bool>>,
    nodes: Vec<Case>,
    steps: usize,
}

/// The tree of an obligation.
pub(super) fn tree(core: &Core, obligation: &Obligation<'_>, known: &mut Known) -> Option<Tree> {
    let goal = Goal::new(core, obligation)?;
    let prover = Prover::new(core, obligation.tool, &goal.tests, known);
    let decided = vec![None; goal.tests.len()];
    let mut search = Search { goal: &goal, prover, decided, nodes: Vec::new(), steps: 0 };
    search.branch(None, 0)?;
    Some(Tree { nodes: search.nodes })
}

impl Search<'_, '_> {
    /// Adds the nodes of what follows from what is decided, `last` of all; the tests that they need. Nothing where there are too many.
    fn branch(&mut self, last: Option<u16>, depth: usize) -> Option<Tests> {
        self.steps += 1;
        if self.steps > CASE_STEPS || self.nodes.len() > CASE_NODES || depth > CASE_DEPTH {
            return None;
        }
        if let Some(tests) = self.goal.refuted(&self.decided) {
            self.nodes.push(Case::False);
            return Some(tests);
        }
        if let Some(lemma) = last.and_then(|last| self.prover.lemma(&self.decided, last)) {
            let tests = lemma.tests.iter().copied().collect();
            self.nodes.push(Case::Contradiction(lemma));
            return Some(tests);
        }
        match self.goal.next(&self.decided) {
            Some(test) => self.split(test, depth),
            None => {
                self.nodes.push(Case::Trusted);
                Some((0..).zip(&self.decided).filter(|(_, value)| value.is_some()).map(|(test, _)| test).collect())
            }
        }
    }

    /// Both ways, unless one of them comes to its end without the test: then that is all there is to say.
    fn split(&mut self, test: u16, depth: usize) -> Option<Tests> {
        let before = self.nodes.len();
        let mut needed = self.way(test, true, depth)?;
        if !needed.remove(&test) {
            return Some(needed);
        }
        let between = self.nodes.len();
        let mut others = self.way(test, false, depth)?;
        if !others.remove(&test) {
            self.forget(before, between);
            return Some(others);
        }
        let node = |after: usize| u32::try_from(after).ok()?.checked_sub(1);
        let (yes, no) = (node(between)?, node(self.nodes.len())?);
        self.nodes.push(Case::Split { test, yes, no });
        needed.extend(others);
        Some(needed)
    }

    fn way(&mut self, test: u16, value: bool, depth: usize) -> Option<Tests> {
        *self.decided.get_mut(usize::from(test))? = Some(value);
        let needed = self.branch(Some(test), depth + 1);
        *self.decided.get_mut(usize::from(test))? = None;
        needed
    }

    /// Takes nodes out; those after them move up.
    fn forget(&mut self, from: usize, to: usize) {
        self.nodes.drain(from..to);
        let gone = u32::try_from(to - from).unwrap_or(u32::MAX);
        for case in self.nodes.iter_mut().skip(from) {
            if let Case::Split { yes, no, .. } = case {
                *yes = yes.saturating_sub(gone);
                *no = no.saturating_sub(gone);
            }
        }
    }
}
