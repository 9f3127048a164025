//! Where a match begins, as the registers of a span know it.
//!
//! In: a node that holds, and the truth of all nodes at the letter. Out: an [`Operation`]. Invariant: the alternatives are minimal: none contains another.
//! Source: `lang-spec/core-form.md`, [core.formula] (`span`).

use leverframe_runtime::frame::Operation;

use super::{Bit, BitKind, Node, Source, value};

/// The latest of alternatives, each the earliest of registers; no registers: the letter's time.
type Beginnings = Vec<Vec<u8>>;

impl Source {
    /// What a bit's register of a span takes when the bit fires.
    pub(super) fn beginning(&self, bit: &Bit, span: usize, survives: bool, values: &[bool]) -> Option<Operation> {
        let BitKind::Prev { body, .. } = bit.kind else { return None };
        let of = self.begins(body, span, values);
        // Nothing begins later than the letter.
        if of.iter().any(Vec::is_empty) {
            return Some(Operation::Now);
        }
        Some(Operation::Latest { keep: survives, of })
    }

    fn begins(&self, node: usize, span: usize, values: &[bool]) -> Beginnings {
        let now = || -> Beginnings { vec![Vec::new()] };
        match self.nodes.get(node) {
            Some(Node::And(parts)) => parts.iter().fold(now(), |so_far, part| earliest(&so_far, &self.begins(*part, span, values))),
            Some(Node::Or(parts)) => {
                let holding = parts.iter().filter(|part| value(values, **part));
                minimal(holding.flat_map(|part| self.begins(*part, span, values)).collect())
            }
            Some(Node::From { body, span: other }) if *other != span => self.begins(*body, span, values),
            Some(Node::Remembered { bit, .. }) => {
                let begins = self.bits.get(*bit).map(|bit| bit.begins.as_slice()).unwrap_or_default();
                let register = begins.iter().find(|begin| begin.span == span).map(|begin| begin.timer.register);
                vec![register.into_iter().collect()]
            }
            _ => now(),
        }
    }
}

/// Both of them: the earlier of each pair.
fn earliest(a: &Beginnings, b: &Beginnings) -> Beginnings {
    let both = |one: &Vec<u8>| {
        let one = one.clone();
        b.iter().map(move |other| {
            let mut registers = [one.clone(), other.clone()].concat();
            registers.sort_unstable();
            registers.dedup();
            registers
        })
    };
    minimal(a.iter().flat_map(both).collect())
}

/// Drops what another alternative makes no later: one that has all the registers of another.
fn minimal(mut all: Beginnings) -> Beginnings {
    all.sort_by_key(|registers| (registers.len(), registers.clone()));
    let mut kept: Beginnings = Vec::new();
    for registers in all {
        if !kept.iter().any(|fewer| fewer.iter().all(|register| registers.contains(register))) {
            kept.push(registers);
        }
    }
    kept.sort_unstable();
    kept
}
