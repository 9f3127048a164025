//! Minimisation: states that no sequence of letters can tell apart become one.
//!
//! In: a table. Out: the block of each state. Invariant: two states share a block exactly if every sequence of letters gives the same judgements and
//! the same register updates from both and, where the rule has variables, they are the same memory (`lang-spec/variables.md`, [var.capacity]): which value takes
//! a place must not depend on what a compiler finds out about the rule.
//! Source: Moore, "Gedanken-experiments on sequential machines" (1956).

use std::collections::HashMap;
use std::hash::Hash;

use super::explore::{Closing, Table};
use crate::planted::{Fault, planted};

/// The block of each state, numbered by first appearance.
pub(super) fn blocks(table: &Table) -> Vec<usize> {
    let outputs = table.rows.iter().zip(&table.memories).map(|(row, memory)| {
        let judged = !planted(Fault::Minimisation);
        let cells = row.iter().map(|cell| (cell.deny && judged, cell.updates, cell.mark, cell.overflow));
        (cells.collect::<Vec<_>>(), memory)
    });
    let (mut blocks, mut count) = partition(outputs);
    loop {
        let of = |state: usize| blocks.get(state).copied().unwrap_or(0);
        let successors = table.rows.iter().zip(&table.expiries).enumerate().map(|(state, (row, expiries))| {
            let next: Vec<usize> = row.iter().map(|cell| of(cell.next)).collect();
            let closed: Vec<Closing> = expiries.iter().map(|closing| Closing { to: of(closing.to), ..*closing }).collect();
            (of(state), next, closed)
        });
        let (finer, finer_count) = partition(successors);
        if finer_count == count {
            return blocks;
        }
        (blocks, count) = (finer, finer_count);
    }
}

fn partition<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> (Vec<usize>, usize) {
    let mut known = HashMap::new();
    let blocks = keys
        .map(|key| {
            let fresh = known.len();
            *known.entry(key).or_insert(fresh)
        })
        .collect();
    (blocks, known.len())
}
