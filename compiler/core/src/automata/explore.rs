//! Exploration: all states of a rule's bits that any sequence of letters can reach, and what each letter does in each of them.
//!
//! In: a [`Source`]. Out: [`Explored`]: the decision diagram of each site, whose leaves are letters, and the table of states × letters.
//! Invariants: state 0 is the initial one; a letter is the set of the source's conditions that hold at it; letters that do the same in every state are one column.
//! Left out: whether a combination of tests can happen at all.
//! Source: verification section 1.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use leverframe_runtime::frame::{LetterKind, Mark, Test, Update};

use super::decision::{Decisions, NO, Ref, YES};
use super::guards::Guards;
use super::oversize::Bound;
use super::site::{self, Entrance, SiteKey};
use super::source::{BitKind, Condition, Judgement, Node, Outcome, Source};
use crate::core::{Core, Key};
use crate::limits;
use crate::planted::{Fault, planted};
use leverframe_runtime::limits::BINDINGS_PER_SITE;

/// What a rule sees of a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Letter {
    /// Whether it is an admitted call.
    pub call: bool,
    /// The conditions of the source that hold, ascending.
    pub(super) truths: Vec<usize>,
}

impl Letter {
    pub(super) fn holds(&self, condition: usize) -> bool {
        self.truths.binary_search(&condition).is_ok()
    }

    fn with(&self, condition: usize) -> Self {
        let mut letter = self.clone();
        if let Err(place) = letter.truths.binary_search(&condition) {
            letter.truths.insert(place, condition);
        }
        letter
    }
}

/// A rule's source semantics, written out.
#[derive(Clone, Debug)]
pub struct Explored {
    /// Bits and registers.
    pub source: Source,
    /// Reachable states, the initial one first.
    pub states: Vec<Vec<bool>>,
    /// Letters that differ as sets of conditions.
    pub letters: Vec<Letter>,
    pub(super) decisions: Decisions,
    pub(super) sites: BTreeMap<SiteKey, Entry>,
    /// The column of each letter.
    pub(super) columns: Vec<usize>,
    pub(super) table: Table,
}

/// Where a site enters the decisions.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) root: Ref,
    pub(super) named: bool,
    pub(super) bindings: Vec<Vec<u16>>,
}

/// States × columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) update_sets: Vec<Vec<Update>>,
    /// What each state becomes when a window closes; only of rules with variables.
    pub(super) expiries: Vec<Vec<Closing>>,
    /// What each state remembers of a value; nothing, where the rule has no variables.
    pub(super) memories: Vec<Vec<bool>>,
}

/// A window that closes: the register that it is measured from, its length, and the state that is then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Closing {
    pub(super) register: u8,
    pub(super) ms: u64,
    pub(super) to: usize,
}

/// What a letter does in a state; `updates` indexes the table's update sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Cell {
    pub(super) next: usize,
    pub(super) deny: bool,
    pub(super) updates: usize,
    pub(super) mark: Mark,
    pub(super) overflow: bool,
}

pub(super) fn explore(core: &Core, guards: &Guards, key: Key, source: Source) -> Result<Explored, Bound> {
    let mut alphabet = Letters::default();
    let reads_every_call = source.bits.iter().any(|bit| matches!(bit.kind, BitKind::Prev { next: true, .. }));
    let keys = site::keys(core, key, source.patterns().map(|(_, pattern)| &pattern.pattern), reads_every_call);
    let mut sites = BTreeMap::new();
    for (site, named) in keys {
        let mut entrance = Entrance::new(guards, site);
        let root = alphabet.enter(&mut entrance, &source)?;
        Bound::check("LF0753", "values that a rule takes from one letter", BINDINGS_PER_SITE, entrance.bindings.len())?;
        sites.insert(site, Entry { root, named, bindings: entrance.bindings });
    }
    let (letters, decisions) = alphabet.used(&mut sites)?;
    let (states, full) = reach(&source, &letters)?;
    let (columns, table) = merge_columns(&full, letters.len());
    Ok(Explored { source, states, letters, decisions, sites, columns, table })
}

/// Letters by what they are, and the diagrams that lead to them.
#[derive(Default)]
struct Letters {
    letters: Vec<Letter>,
    known: HashMap<Letter, usize>,
    decisions: Decisions,
}

impl Letters {
    fn intern(&mut self, letter: Letter) -> Result<usize, Bound> {
        if planted(Fault::Determinisation)
            && let Some((_, fewer)) = letter.truths.split_last()
            && let Some(known) = self.known.get(&Letter { truths: fewer.to_vec(), ..letter.clone() })
        {
            return Ok(*known);
        }
        if let Some(known) = self.known.get(&letter) {
            return Ok(*known);
        }
        Bound::stop("LF0714", "classes", limits::EXPLORED_LETTERS, self.letters.len() + 1)?;
        self.known.insert(letter.clone(), self.letters.len());
        self.letters.push(letter);
        Ok(self.letters.len() - 1)
    }

    /// The diagram of a site: each condition that can matter there is decided by its tests.
    fn enter(&mut self, entrance: &mut Entrance<'_>, source: &Source) -> Result<Ref, Bound> {
        let kind = entrance.at.0;
        let mut first = Letter { call: kind == LetterKind::Call, truths: Vec::new() };
        if !is_result(kind) {
            // What is no result was "called" where it stands, after everything.
            let after = source.conditions.iter().enumerate().filter(|(_, condition)| matches!(condition, Condition::After { .. }));
            first.truths = after.map(|(index, _)| index).collect();
        }
        let mut root = Ref::Leaf(self.intern(first)?);
        for (condition, diagram) in self.conditions(entrance, source)? {
            let mut decisions = std::mem::take(&mut self.decisions);
            let combined = decisions.combine(root, diagram, &mut |letter, holds| {
                let extended = self.letters.get(letter).map(|letter| letter.with(condition));
                extended.filter(|_| holds == 1).map_or(Ok(letter), |extended| self.intern(extended))
            });
            self.decisions = decisions;
            root = combined?;
        }
        Ok(root)
    }

    fn conditions(&mut self, entrance: &mut Entrance<'_>, source: &Source) -> Result<Vec<(usize, Ref)>, Bound> {
        let mut found = Vec::new();
        let mut matching = vec![false; source.conditions.len()];
        for (index, pattern) in source.patterns() {
            let diagram = self.any(&entrance.cubes(pattern))?;
            if diagram != NO {
                found.push((index, diagram));
                matching.get_mut(index).into_iter().for_each(|matches| *matches = true);
            }
        }
        let kind = entrance.at.0;
        let windows = windows_read(source, &matching, kind == LetterKind::Call);
        let afters = if is_result(kind) { afters_read(source, &matching) } else { Vec::new() };
        for index in windows.into_iter().chain(afters) {
            let test = match source.conditions.get(index) {
                Some(Condition::Open { register, ms }) => Test::Within { register: *register, ms: *ms },
                Some(Condition::After { register }) => Test::CallAfter { register: *register },
                _ => continue,
            };
            found.push((index, self.decisions.make(test, YES, NO)?));
        }
        Ok(found)
    }

    /// The letters that some site leads to: those made on the way are none. The diagrams are rebuilt over their new numbers.
    fn used(self, sites: &mut BTreeMap<SiteKey, Entry>) -> Result<(Vec<Letter>, Decisions), Bound> {
        let mut numbers = HashMap::new();
        let mut letters = Vec::new();
        for leaf in self.decisions.leaves(sites.values().map(|entry| entry.root)) {
            numbers.insert(leaf, letters.len());
            letters.extend(self.letters.get(leaf).cloned());
        }
        let (mut rebuilt, mut done) = (Decisions::default(), HashMap::new());
        let number = |leaf: usize| numbers.get(&leaf).copied().unwrap_or(0);
        for entry in sites.values_mut() {
            entry.root = self.decisions.relabel(entry.root, &number, &mut rebuilt, &mut done)?;
        }
        Ok((letters, rebuilt))
    }

    fn any(&mut self, cubes: &[Vec<Test>]) -> Result<Ref, Bound> {
        let mut diagram = NO;
        for cube in cubes {
            let cube = self.decisions.all(cube)?;
            diagram = self.decisions.combine(diagram, cube, &mut |a, b| Ok(a | b))?;
        }
        Ok(diagram)
    }
}

fn is_result(kind: LetterKind) -> bool {
    matches!(kind, LetterKind::Ok | LetterKind::Failed)
}

/// The conditions "the call lies after" that can change what a result does, given the patterns that can match it.
fn afters_read(source: &Source, matching: &[bool]) -> Vec<usize> {
    let matches = |pattern: &usize| matching.get(*pattern).copied().unwrap_or(false);
    let reads = |kind: &BitKind| match kind {
        BitKind::Prev { unless, .. } => unless.iter().any(matches),
        BitKind::Met { pattern, .. } => matches(pattern),
        BitKind::Last => false,
    };
    source.bits.iter().filter(|bit| reads(&bit.kind)).filter_map(|bit| bit.position).map(|position| position.after).collect()
}

/// The conditions "the window is open" that can change what a letter does, given the patterns that can match it.
fn windows_read(source: &Source, matching: &[bool], call: bool) -> Vec<usize> {
    let possible = possible(source, matching);
    let can = |node: &usize| possible.get(*node).copied().unwrap_or(false);
    let bodies = source.bits.iter().filter_map(|bit| match bit.kind {
        BitKind::Prev { body, .. } => Some(body),
        BitKind::Met { .. } | BitKind::Last => None,
    });
    let root = match &source.verdict {
        Judgement::Formula { root, .. } if call => Some(*root),
        _ => None,
    };
    let mut todo: Vec<usize> = bodies.chain(root).filter(can).collect();
    let mut seen = vec![false; source.nodes.len()];
    let mut read = std::collections::BTreeSet::new();
    while let Some(node) = todo.pop() {
        let fresh = seen.get_mut(node).is_some_and(|seen| !std::mem::replace(seen, true));
        match source.nodes.get(node).filter(|_| fresh) {
            Some(Node::And(parts) | Node::Or(parts)) => todo.extend(parts.iter().copied().filter(can)),
            Some(Node::Not(part) | Node::From { body: part, .. }) => todo.push(*part),
            Some(Node::Remembered { windows, .. }) => read.extend(windows.iter().copied()),
            _ => {}
        }
    }
    read.into_iter().collect()
}

/// Which nodes can hold in some state, given the patterns that can match.
fn possible(source: &Source, matching: &[bool]) -> Vec<bool> {
    let mut possible: Vec<bool> = Vec::with_capacity(source.nodes.len());
    for node in &source.nodes {
        let of = |part: &usize| possible.get(*part).copied().unwrap_or(false);
        let can = match node {
            Node::Start => false,
            Node::Match(pattern) => matching.get(*pattern).copied().unwrap_or(false),
            Node::And(parts) => parts.iter().all(of),
            Node::Or(parts) => parts.iter().any(of),
            Node::From { body, .. } => of(body),
            Node::Not(_) | Node::Remembered { .. } => true,
        };
        possible.push(can);
    }
    possible
}

/// Breadth first from the initial state.
fn reach(source: &Source, letters: &[Letter]) -> Result<(Vec<Vec<bool>>, Table), Bound> {
    let mut found = Found::default();
    let _ = found.state(source.initial())?;
    let _ = found.update_set(Vec::new());
    let mut table = Table::default();
    while let Some(state) = found.states.get(table.rows.len()).cloned() {
        let cells = (table.rows.len() + 1).saturating_mul(letters.len());
        Bound::stop("LF0714", "entries of the table before it is made minimal", limits::EXPLORED_CELLS, cells)?;
        let mut row = Vec::with_capacity(letters.len());
        for letter in letters {
            let Outcome { next, deny, updates, mark, overflow } = source.step(&state, letter);
            let updates = found.update_set(updates);
            row.push(Cell { next: found.state(next)?, deny, updates, mark, overflow });
        }
        table.rows.push(row);
        table.expiries.push(if source.sliced { closings(source, &state, &mut found)? } else { Vec::new() });
        table.memories.push(if source.sliced { source.memory(&state) } else { Vec::new() });
    }
    table.update_sets = found.update_sets;
    Ok((found.states, table))
}

fn closings(source: &Source, state: &[bool], found: &mut Found) -> Result<Vec<Closing>, Bound> {
    let mut closings = Vec::new();
    for (timer, closed) in source.expiries(state) {
        closings.push(Closing { register: timer.register, ms: timer.ms, to: found.state(closed)? });
    }
    closings.sort_unstable();
    Ok(closings)
}

#[derive(Default)]
struct Found {
    states: Vec<Vec<bool>>,
    known: HashMap<Vec<bool>, usize>,
    update_sets: Vec<Vec<Update>>,
    known_sets: HashMap<Vec<Update>, usize>,
}

impl Found {
    fn state(&mut self, state: Vec<bool>) -> Result<usize, Bound> {
        if let Some(known) = self.known.get(&state) {
            return Ok(*known);
        }
        Bound::stop("LF0713", "states", limits::EXPLORED_STATES, self.states.len() + 1)?;
        self.known.insert(state.clone(), self.states.len());
        self.states.push(state);
        Ok(self.states.len() - 1)
    }

    fn update_set(&mut self, set: Vec<Update>) -> usize {
        let next = self.update_sets.len();
        let index = *self.known_sets.entry(set.clone()).or_insert(next);
        if index == next {
            self.update_sets.push(set);
        }
        index
    }
}

/// Letters that do the same in every state become one column.
fn merge_columns(full: &Table, letters: usize) -> (Vec<usize>, Table) {
    let mut known: HashMap<Vec<Cell>, usize> = HashMap::new();
    let mut table = Table { rows: vec![Vec::new(); full.rows.len()], ..full.clone() };
    let mut columns = Vec::with_capacity(letters);
    for letter in 0..letters {
        let column: Vec<Cell> = full.rows.iter().filter_map(|row| row.get(letter).copied()).collect();
        let fresh = known.len();
        let index = *known.entry(column.clone()).or_insert(fresh);
        if index == fresh {
            table.rows.iter_mut().zip(column).for_each(|(row, cell)| row.push(cell));
        }
        columns.push(index);
    }
    (columns, table)
}

impl Explored {
    /// What a letter, given as a position in `letters`, does in a state, given as a position in `states`: the state after it and whether it is judged.
    #[must_use]
    pub fn step(&self, state: usize, letter: usize) -> Option<(usize, bool)> {
        let cell = self.columns.get(letter).and_then(|column| self.table.rows.get(state)?.get(*column))?;
        Some((cell.next, cell.deny))
    }

    /// The letter that a truth vector of tests is at a site; none where the rule does not read the site.
    #[must_use]
    pub fn letter(&self, kind: LetterKind, subject: u32, ask: &mut dyn FnMut(Test) -> bool) -> Option<usize> {
        let root = self.sites.get(&(kind, subject))?.root;
        let mut walk = |at: Ref| match at {
            Ref::Leaf(letter) => ControlFlow::Break(Some(letter)),
            Ref::Node(node) => match self.decisions.get(node) {
                Some(node) => ControlFlow::Continue(if ask(node.test) { node.yes } else { node.no }),
                None => ControlFlow::Break(None),
            },
        };
        let mut at = root;
        loop {
            match walk(at) {
                ControlFlow::Break(letter) => return letter,
                ControlFlow::Continue(next) => at = next,
            }
        }
    }
}
