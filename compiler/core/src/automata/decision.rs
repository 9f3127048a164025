//! Ordered decision diagrams over the tests of a letter, with numbers at their leaves.
//!
//! In: conjunctions of tests. Out: a reduced diagram. Invariants: tests ascend on every path; no node has two equal exits; no two nodes are equal: so
//! two diagrams are equal exactly if they decide alike.
//! Left out: what tests imply of each other. Every truth vector keeps its leaf.
//! Source: Bryant, "Graph-based algorithms for Boolean function manipulation" (IEEE Transactions on Computers, 1986).

use std::collections::{BTreeSet, HashMap, HashSet};

use leverframe_runtime::frame::Test;

use super::oversize::Bound;
use crate::limits;

/// Where a decision leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Ref {
    /// To a node of the same [`Decisions`].
    Node(usize),
    /// To an end.
    Leaf(usize),
}

/// A node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Decision {
    pub(super) test: Test,
    pub(super) yes: Ref,
    pub(super) no: Ref,
}

/// All nodes of a rule, each once; a node's children come before it.
#[derive(Clone, Debug, Default)]
pub(super) struct Decisions {
    nodes: Vec<Decision>,
    known: HashMap<Decision, usize>,
}

/// Leaves of a diagram that answers yes or no.
pub(super) const NO: Ref = Ref::Leaf(0);
pub(super) const YES: Ref = Ref::Leaf(1);

impl Decisions {
    pub(super) fn get(&self, node: usize) -> Option<&Decision> {
        self.nodes.get(node)
    }

    /// One node, or what both of its exits lead to.
    pub(super) fn make(&mut self, test: Test, yes: Ref, no: Ref) -> Result<Ref, Bound> {
        if yes == no {
            return Ok(yes);
        }
        let decision = Decision { test, yes, no };
        if let Some(known) = self.known.get(&decision) {
            return Ok(Ref::Node(*known));
        }
        Bound::stop("LF0715", "decision nodes", limits::DECISION_WORK, self.nodes.len() + 1)?;
        self.known.insert(decision, self.nodes.len());
        self.nodes.push(decision);
        Ok(Ref::Node(self.nodes.len() - 1))
    }

    /// Whether all of the tests hold.
    pub(super) fn all(&mut self, tests: &[Test]) -> Result<Ref, Bound> {
        let mut sorted = tests.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        sorted.iter().rev().try_fold(YES, |rest, test| self.make(*test, rest, NO))
    }

    /// The diagram whose leaf is `join` of the leaves of two.
    pub(super) fn combine(&mut self, a: Ref, b: Ref, join: &mut dyn FnMut(usize, usize) -> Result<usize, Bound>) -> Result<Ref, Bound> {
        self.combine_known(a, b, join, &mut HashMap::new())
    }

    fn combine_known(
        &mut self,
        a: Ref,
        b: Ref,
        join: &mut dyn FnMut(usize, usize) -> Result<usize, Bound>,
        done: &mut HashMap<(Ref, Ref), Ref>,
    ) -> Result<Ref, Bound> {
        if let Some(known) = done.get(&(a, b)) {
            return Ok(*known);
        }
        let test = match (self.test(a), self.test(b)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let result = match (test, a, b) {
            (Some(test), _, _) => {
                let (a_yes, a_no) = self.exits(a, test);
                let (b_yes, b_no) = self.exits(b, test);
                let yes = self.combine_known(a_yes, b_yes, join, done)?;
                let no = self.combine_known(a_no, b_no, join, done)?;
                self.make(test, yes, no)?
            }
            (None, Ref::Leaf(a), Ref::Leaf(b)) => Ref::Leaf(join(a, b)?),
            // Not reached: what has no test is a leaf.
            (None, a, _) => a,
        };
        done.insert((a, b), result);
        Ok(result)
    }

    fn test(&self, of: Ref) -> Option<Test> {
        match of {
            Ref::Node(node) => self.get(node).map(|node| node.test),
            Ref::Leaf(_) => None,
        }
    }

    fn exits(&self, of: Ref, test: Test) -> (Ref, Ref) {
        match of {
            Ref::Node(index) => match self.get(index) {
                Some(node) if node.test == test => (node.yes, node.no),
                _ => (of, of),
            },
            Ref::Leaf(_) => (of, of),
        }
    }

    /// The leaves that some of the diagrams lead to, ascending.
    pub(super) fn leaves(&self, roots: impl Iterator<Item = Ref>) -> BTreeSet<usize> {
        let mut todo: Vec<Ref> = roots.collect();
        let mut seen = HashSet::new();
        let mut leaves = BTreeSet::new();
        while let Some(at) = todo.pop() {
            match at {
                Ref::Leaf(leaf) => {
                    leaves.insert(leaf);
                }
                Ref::Node(index) if seen.insert(index) => todo.extend(self.get(index).into_iter().flat_map(|node| [node.yes, node.no])),
                Ref::Node(_) => {}
            }
        }
        leaves
    }

    /// The same diagram with other leaves, in another set of nodes.
    pub(super) fn relabel(
        &self,
        of: Ref,
        leaf: &dyn Fn(usize) -> usize,
        into: &mut Self,
        done: &mut HashMap<usize, Ref>,
    ) -> Result<Ref, Bound> {
        let index = match of {
            Ref::Leaf(old) => return Ok(Ref::Leaf(leaf(old))),
            Ref::Node(index) => index,
        };
        if let Some(known) = done.get(&index) {
            return Ok(*known);
        }
        let Some(node) = self.get(index).copied() else { return Ok(of) };
        let no = self.relabel(node.no, leaf, into, done)?;
        let yes = self.relabel(node.yes, leaf, into, done)?;
        let made = into.make(node.test, yes, no)?;
        done.insert(index, made);
        Ok(made)
    }
}
