//! Canonical numbering: equal rules give byte for byte equal tables.
//!
//! In: what was explored, and its blocks. Out: alphabet and automaton of the frame. The numbering: sites ascend by kind and subject; classes are numbered
//! as they are first met when the sites are walked in that order, each through its reduced diagram, the `no` of a test before its `yes`; states are
//! numbered breadth first from the initial one, classes ascending; update sets as they are first met in the table row by row, after the empty one.
//! Source: verification section 1.

use std::collections::HashMap;

use leverframe_runtime::frame::{Alphabet, Automaton, Expiry, Mark, Node, Site, Target, Update};
use leverframe_runtime::limits;
use sha2::{Digest, Sha256};

use super::decision::{Decisions, Ref};
use super::explore::{Cell, Closing, Entry, Explored};
use super::oversize::Bound;
use super::site::SiteKey;

/// A rule's tables.
#[derive(Clone, Debug)]
pub(super) struct Canonical {
    pub(super) alphabet: Alphabet,
    pub(super) automaton: Automaton,
    /// What each cell did to a value of its own.
    pub(super) marks: Vec<Mark>,
    /// The table's state of each explored state.
    pub(super) state_of: Vec<u16>,
}

pub(super) fn number(explored: &Explored, blocks: &[usize]) -> Result<Canonical, Bound> {
    let quotient = Quotient::of(explored, blocks);
    let states = quotient.rows.len();
    Bound::check("LF0713", "states", limits::STATES_PER_RULE, states)?;
    let roots = explored.sites.iter().map(|(site, entry)| (*site, entry));
    let leaf = |letter: usize| explored.columns.get(letter).and_then(|column| quotient.merged.get(*column)).copied().unwrap_or(0);
    let (mut alphabet, order) = alphabet(&explored.decisions, roots, &leaf)?;
    // A rule that reads nothing still has a table.
    alphabet.classes = alphabet.classes.max(1);
    let numbers = breadth_first(&quotient, &order);
    let (automaton, marks) = tables(explored, &quotient, &order, &numbers);
    let state_of = blocks.iter().map(|block| numbers.get(*block).copied().unwrap_or(0)).collect();
    Ok(Canonical { alphabet, automaton, marks, state_of })
}

/// States are blocks, columns those that still differ.
struct Quotient {
    rows: Vec<Vec<Cell>>,
    /// What each block becomes when a window closes.
    expiries: Vec<Vec<Closing>>,
    /// The column of the quotient for each column before.
    merged: Vec<usize>,
    /// A name for each block, made of the states that it is.
    names: Vec<i64>,
}

impl Quotient {
    fn of(explored: &Explored, blocks: &[usize]) -> Self {
        let of = |state: usize| blocks.get(state).copied().unwrap_or(0);
        let count = blocks.iter().max().map_or(0, |last| last + 1);
        let mut rows: Vec<Option<Vec<Cell>>> = vec![None; count];
        let mut expiries = vec![Vec::new(); count];
        for ((row, closings), block) in explored.table.rows.iter().zip(&explored.table.expiries).zip(blocks) {
            if let (Some(place @ None), Some(expiry)) = (rows.get_mut(*block), expiries.get_mut(*block)) {
                *place = Some(row.iter().map(|cell| Cell { next: of(cell.next), ..*cell }).collect());
                *expiry = closings.iter().map(|closing| Closing { to: of(closing.to), ..*closing }).collect();
            }
        }
        let rows: Vec<Vec<Cell>> = rows.into_iter().flatten().collect();
        let width = rows.first().map_or(0, Vec::len);
        let mut known: HashMap<Vec<Cell>, usize> = HashMap::new();
        let mut kept = Vec::new();
        let mut merged = Vec::with_capacity(width);
        for column in 0..width {
            let cells: Vec<Cell> = rows.iter().filter_map(|row| row.get(column).copied()).collect();
            let fresh = known.len();
            let index = *known.entry(cells).or_insert(fresh);
            if index == fresh {
                kept.push(column);
            }
            merged.push(index);
        }
        let rows = rows.iter().map(|row| kept.iter().filter_map(|column| row.get(*column).copied()).collect()).collect();
        Self { rows, expiries, merged, names: names(&explored.states, blocks, count) }
    }

    fn cell(&self, block: usize, column: usize) -> Cell {
        let identity = Cell { next: block, deny: false, updates: 0, mark: Mark::None, overflow: false };
        self.rows.get(block).and_then(|row| row.get(column)).copied().unwrap_or(identity)
    }
}

/// A block's name: 64 bits of SHA-256 over the memories that it is, which depend on the rule alone.
fn names(states: &[Vec<bool>], blocks: &[usize], count: usize) -> Vec<i64> {
    let name = |block: usize| {
        let mut members: Vec<&Vec<bool>> = states.iter().zip(blocks).filter(|(_, of)| **of == block).map(|(state, _)| state).collect();
        members.sort_unstable();
        let mut hash = Sha256::new();
        for member in members {
            hash.update(member.iter().map(|bit| u8::from(*bit)).chain([2]).collect::<Vec<u8>>());
        }
        hash.finalize().iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)).cast_signed()
    };
    (0..count).map(name).collect()
}

/// Rebuilds the diagrams over `leaf`'s numbers and numbers those in canonical order. The answer lists them in that order.
fn alphabet<'e>(
    decisions: &Decisions,
    roots: impl Iterator<Item = (SiteKey, &'e Entry)>,
    leaf: &dyn Fn(usize) -> usize,
) -> Result<(Alphabet, Vec<usize>), Bound> {
    let mut rebuilt = Decisions::default();
    let mut done = HashMap::new();
    let mut sites = Vec::new();
    for (site, entry) in roots {
        sites.push((site, entry, decisions.relabel(entry.root, leaf, &mut rebuilt, &mut done)?));
    }
    let mut writer = Writer::default();
    for (_, _, root) in &sites {
        writer.classes(&rebuilt, *root);
    }
    Bound::check("LF0714", "classes", limits::CLASSES_PER_RULE, writer.order.len())?;
    for (_, _, root) in &sites {
        writer.nodes(&rebuilt, *root);
    }
    Bound::check("LF0715", "decision nodes", limits::NODES_PER_RULE, writer.nodes.len())?;
    let site = |((kind, subject), entry, root): (SiteKey, &Entry, Ref)| Site {
        kind,
        subject,
        root: writer.target(root),
        named: entry.named,
        bindings: entry.bindings.clone(),
        measure: None,
    };
    let sites = sites.into_iter().map(site).collect();
    let classes = short(writer.order.len());
    Ok((Alphabet { nodes: writer.nodes, sites, classes }, writer.order))
}

/// Numbers classes and nodes.
#[derive(Default)]
struct Writer {
    order: Vec<usize>,
    class_of: HashMap<usize, u16>,
    visited: HashMap<usize, ()>,
    nodes: Vec<Node>,
    node_of: HashMap<usize, u16>,
}

impl Writer {
    fn classes(&mut self, decisions: &Decisions, at: Ref) {
        match at {
            Ref::Leaf(leaf) => {
                let fresh = short(self.order.len());
                if usize::from(*self.class_of.entry(leaf).or_insert(fresh)) == self.order.len() {
                    self.order.push(leaf);
                }
            }
            Ref::Node(index) => {
                if let (None, Some(node)) = (self.visited.insert(index, ()), decisions.get(index)) {
                    self.classes(decisions, node.no);
                    self.classes(decisions, node.yes);
                }
            }
        }
    }

    fn nodes(&mut self, decisions: &Decisions, at: Ref) {
        let Ref::Node(index) = at else { return };
        if self.node_of.contains_key(&index) {
            return;
        }
        let Some(node) = decisions.get(index) else { return };
        self.nodes(decisions, node.no);
        self.nodes(decisions, node.yes);
        self.node_of.insert(index, short(self.nodes.len()));
        self.nodes.push(Node { test: node.test, yes: self.target(node.yes), no: self.target(node.no) });
    }

    fn target(&self, at: Ref) -> Target {
        match at {
            Ref::Leaf(leaf) => Target::Class(self.class_of.get(&leaf).copied().unwrap_or(0)),
            Ref::Node(index) => Target::Node(self.node_of.get(&index).copied().unwrap_or(0)),
        }
    }
}

/// The number of each block.
fn breadth_first(quotient: &Quotient, order: &[usize]) -> Vec<u16> {
    let mut numbers: Vec<Option<u16>> = vec![None; quotient.rows.len()];
    let mut queue = std::collections::VecDeque::from([0]);
    let mut count = 0;
    if let Some(first) = numbers.first_mut() {
        *first = Some(0);
        count = 1;
    }
    while let Some(block) = queue.pop_front() {
        let by_letters = order.iter().map(|column| quotient.cell(block, *column).next);
        let by_time = quotient.expiries.get(block).into_iter().flatten().map(|closing| closing.to);
        for next in by_letters.chain(by_time) {
            if let Some(place @ None) = numbers.get_mut(next) {
                *place = Some(short(count));
                count += 1;
                queue.push_back(next);
            }
        }
    }
    numbers.into_iter().map(Option::unwrap_or_default).collect()
}

fn tables(explored: &Explored, quotient: &Quotient, order: &[usize], numbers: &[u16]) -> (Automaton, Vec<Mark>) {
    let number = |block: usize| numbers.get(block).copied().unwrap_or(0);
    let mut blocks: Vec<usize> = (0..quotient.rows.len()).collect();
    blocks.sort_unstable_by_key(|block| number(*block));
    // Column `usize::MAX` is no column, so it changes nothing: the one class of a rule that reads nothing.
    let order = if order.is_empty() { &[usize::MAX] } else { order };
    let mut sets = Sets { update_sets: vec![Vec::new()], known: HashMap::from([(0, 0)]) };
    let mut automaton = Automaton {
        states: short(blocks.len()),
        names: Vec::new(),
        delta: Vec::new(),
        deny: Vec::new(),
        updates: Vec::new(),
        update_sets: Vec::new(),
        registers: explored.source.registers.clone(),
        expiry: Vec::new(),
        overflows: Vec::new(),
    };
    let mut marks = Vec::new();
    for block in blocks {
        automaton.names.push(quotient.names.get(block).copied().unwrap_or(0));
        for column in order {
            let cell = quotient.cell(block, *column);
            automaton.delta.push(number(cell.next));
            automaton.deny.push(cell.deny);
            automaton.updates.push(sets.number(cell.updates, &explored.table.update_sets));
            automaton.overflows.push(cell.overflow);
            marks.push(cell.mark);
        }
        if explored.source.sliced {
            automaton.expiry.push(expiries(explored, quotient, block, &number));
        }
    }
    automaton.update_sets = sets.update_sets;
    if !automaton.overflows.contains(&true) {
        automaton.overflows.clear();
    }
    (automaton, marks)
}

fn expiries(explored: &Explored, quotient: &Quotient, block: usize, number: &dyn Fn(usize) -> u16) -> Vec<Expiry> {
    let expiry = |closing: &Closing| Expiry {
        register: closing.register,
        ms: closing.ms,
        to: number(closing.to),
        clears: explored.source.registers_of(closing.register),
    };
    quotient.expiries.get(block).into_iter().flatten().map(expiry).collect()
}

struct Sets {
    update_sets: Vec<Vec<Update>>,
    known: HashMap<usize, u16>,
}

impl Sets {
    fn number(&mut self, set: usize, all: &[Vec<Update>]) -> u16 {
        let fresh = short(self.update_sets.len());
        let number = *self.known.entry(set).or_insert(fresh);
        if usize::from(number) == self.update_sets.len() {
            self.update_sets.push(all.get(set).cloned().unwrap_or_default());
        }
        number
    }
}

/// Bounds are checked before numbers are used, so a number that does not fit is never used.
fn short(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}
