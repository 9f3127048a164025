//! The source semantics of a rule: one bit for each distinct `prev` and `met` of its formula, and the registers beside them.
//!
//! In: a [`Formula`]. Out: [`Source`], whose [`Source::step`] is the meaning of a letter. Invariants: equal subformulas are one bit; a register whose bit
//! becomes 0 is cleared; where a bit is 0 before and after a letter, its time and anchor are not touched.
//! The latest match is the best match, for windows and for gaps: a later one is nearer, and fewer letters lie after it.
//! Source: verification section 1; `lang-spec/core-form.md`, [core.formula].

use leverframe_runtime::frame::{Operation, RegisterKind, Update};
use leverframe_runtime::limits;

use super::explore::Letter;
use super::oversize::Bound;
use crate::core::{Formula, LetterKind, Pattern};

/// A formula as bits and registers.
#[derive(Clone, Debug)]
pub struct Source {
    pub(super) patterns: Vec<SourcePattern>,
    /// Children come before their parents.
    pub(super) nodes: Vec<Node>,
    pub(super) bits: Vec<Bit>,
    /// What each register holds.
    pub registers: Vec<RegisterKind>,
    pub(super) root: usize,
}

/// A pattern, and what its guards count as where they cannot be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SourcePattern {
    pub(super) pattern: Pattern,
    pub(super) failed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Start,
    Match(usize),
    And(Vec<usize>),
    Or(Vec<usize>),
    Not(usize),
    /// A bit, and within its window if it has one.
    Remembered(usize),
}

/// What one `prev` or `met` remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bit {
    pub(super) kind: BitKind,
    pub(super) within_ms: Option<u64>,
    /// The time that the window is measured from.
    pub(super) time: Option<u8>,
    /// The anchor of the gap, or the last reset, for results that must have been called after it.
    pub(super) position: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BitKind {
    Prev { body: usize, unless: Vec<usize>, next: bool },
    Met { pattern: usize, reset: Option<usize> },
}

/// What a letter does in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The state after it.
    pub next: Vec<bool>,
    /// Whether the rule judges it.
    pub deny: bool,
    /// What happens to the registers, by register.
    pub updates: Vec<Update>,
}

impl Source {
    /// Cuts a formula into bits.
    pub(super) fn of(formula: &Formula) -> Result<Self, Bound> {
        let mut source = Self { patterns: Vec::new(), nodes: Vec::new(), bits: Vec::new(), registers: Vec::new(), root: 0 };
        source.root = source.node(formula, true);
        Bound::check("LF0716", "registers", limits::REGISTERS_PER_RULE, source.registers.len())?;
        Ok(source)
    }

    /// The state after the virtual first letter, at which `start` holds and nothing else does.
    #[must_use]
    pub fn initial(&self) -> Vec<bool> {
        let before = vec![false; self.bits.len()];
        let values = self.values(&before, &Letter::default(), true);
        let holds = |bit: &Bit| match &bit.kind {
            BitKind::Prev { body, .. } => value(&values, *body),
            BitKind::Met { .. } => false,
        };
        self.bits.iter().map(holds).collect()
    }

    /// The meaning of a letter.
    #[must_use]
    pub fn step(&self, state: &[bool], letter: &Letter) -> Outcome {
        let values = self.values(state, letter, false);
        let mut next = Vec::with_capacity(self.bits.len());
        let mut updates = Vec::new();
        for (index, bit) in self.bits.iter().enumerate() {
            let old = value(state, index);
            let change = self.change(index, bit, &values, letter);
            let new = change.to.unwrap_or(old);
            registers(bit, old, new, change, &mut updates);
            next.push(new);
        }
        updates.sort_unstable();
        Outcome { next, deny: letter.call && value(&values, self.root), updates }
    }

    /// The number of bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.bits.len()
    }

    /// The condition "this pattern matches".
    pub(super) fn matches(&self, pattern: usize) -> usize {
        pattern
    }

    /// The condition "this bit's window is still open".
    pub(super) fn window(&self, bit: usize) -> usize {
        self.patterns.len() + bit
    }

    /// The condition "the result's call lies after this bit's position".
    pub(super) fn after(&self, bit: usize) -> usize {
        self.patterns.len() + self.bits.len() + bit
    }

    fn values(&self, state: &[bool], letter: &Letter, at_start: bool) -> Vec<bool> {
        let mut values: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let holds = match node {
                Node::Start => at_start,
                Node::Match(pattern) => letter.holds(self.matches(*pattern)),
                Node::And(parts) => parts.iter().all(|part| value(&values, *part)),
                Node::Or(parts) => parts.iter().any(|part| value(&values, *part)),
                Node::Not(part) => !value(&values, *part),
                Node::Remembered(bit) => value(state, *bit) && self.window_open(*bit, letter),
            };
            values.push(holds);
        }
        values
    }

    fn window_open(&self, bit: usize, letter: &Letter) -> bool {
        let timed = self.bits.get(bit).is_some_and(|bit| bit.within_ms.is_some());
        !timed || letter.holds(self.window(bit))
    }

    fn change(&self, index: usize, bit: &Bit, values: &[bool], letter: &Letter) -> Change {
        let after = || bit.position.is_none() || letter.holds(self.after(index));
        match &bit.kind {
            BitKind::Prev { body, unless, next } => {
                let fired = value(values, *body);
                let stopped = unless.iter().any(|pattern| letter.holds(self.matches(*pattern))) && after();
                let cleared = stopped || (*next && letter.call);
                Change { to: if fired { Some(true) } else { cleared.then_some(false) }, fired, reset: false }
            }
            BitKind::Met { pattern, reset } => {
                let reset = reset.is_some_and(|reset| letter.holds(self.matches(reset)));
                let fired = !reset && letter.holds(self.matches(*pattern)) && after();
                Change { to: if reset { Some(false) } else { fired.then_some(true) }, fired, reset }
            }
        }
    }
}

/// What a letter does to a bit.
#[derive(Clone, Copy)]
struct Change {
    to: Option<bool>,
    fired: bool,
    reset: bool,
}

fn value(values: &[bool], index: usize) -> bool {
    values.get(index).copied().unwrap_or(false)
}

/// The canonical updates: a fired bit takes the letter, a bit that becomes 0 forgets, and a reset is remembered in every state.
fn registers(bit: &Bit, old: bool, new: bool, change: Change, updates: &mut Vec<Update>) {
    let met = matches!(bit.kind, BitKind::Met { .. });
    let mut update = |register: Option<u8>, operation: Option<Operation>| {
        if let (Some(register), Some(operation)) = (register, operation) {
            updates.push(Update { register, operation });
        }
    };
    let forgotten = (old && !new).then_some(Operation::Clear);
    let taken = if met { Operation::MaxCall } else { Operation::Now };
    update(bit.time, if change.fired { Some(taken) } else { forgotten });
    if met {
        update(bit.position, change.reset.then_some(Operation::Now));
    } else {
        update(bit.position, if change.fired { Some(Operation::Now) } else { forgotten });
    }
}

/// Building: equal parts become one.
impl Source {
    /// `positive`: whether more letters of the formula's patterns can only make it hold more often. A guard that cannot be evaluated counts as
    /// matching there, and as not matching under a negation, so that a rule can only deny more for it.
    fn node(&mut self, formula: &Formula, positive: bool) -> usize {
        let node = match formula {
            Formula::Start => Node::Start,
            Formula::Match(pattern) => Node::Match(self.pattern(pattern, positive)),
            Formula::And(parts) => Node::And(self.nodes_of(parts, positive)),
            Formula::Or(parts) => Node::Or(self.nodes_of(parts, positive)),
            Formula::Not(part) => Node::Not(self.node(part, !positive)),
            Formula::Prev(body, clause) => {
                let body = self.node(body, positive);
                let unless: Vec<usize> = clause.unless.iter().map(|pattern| self.pattern(pattern, !positive)).collect();
                let reads_results = clause.unless.iter().any(has_results);
                let kind = BitKind::Prev { body, unless, next: clause.next };
                Node::Remembered(self.bit(kind, clause.within_ms, reads_results))
            }
            Formula::Met { pattern, within_ms, reset } => {
                let reads_results = reset.is_some() && has_results(pattern);
                let pattern = self.pattern(pattern, positive);
                let reset = reset.as_ref().map(|reset| self.pattern(reset, !positive));
                Node::Remembered(self.bit(BitKind::Met { pattern, reset }, *within_ms, reads_results))
            }
        };
        intern(&mut self.nodes, node)
    }

    fn nodes_of(&mut self, parts: &[Formula], positive: bool) -> Vec<usize> {
        parts.iter().map(|part| self.node(part, positive)).collect()
    }

    fn pattern(&mut self, pattern: &Pattern, failed: bool) -> usize {
        intern(&mut self.patterns, SourcePattern { pattern: pattern.clone(), failed })
    }

    fn bit(&mut self, kind: BitKind, within_ms: Option<u64>, reads_results: bool) -> usize {
        if let Some(known) = self.bits.iter().position(|bit| bit.kind == kind && bit.within_ms == within_ms) {
            return known;
        }
        let time = within_ms.map(|_| self.register(RegisterKind::Time));
        let position = reads_results.then(|| self.register(RegisterKind::Position));
        self.bits.push(Bit { kind, within_ms, time, position });
        self.bits.len() - 1
    }

    /// A number past the bound is never used: [`Source::of`] refuses the rule.
    fn register(&mut self, kind: RegisterKind) -> u8 {
        self.registers.push(kind);
        u8::try_from(self.registers.len() - 1).unwrap_or(u8::MAX)
    }
}

fn intern<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}

fn has_results(pattern: &Pattern) -> bool {
    pattern.parts.iter().any(|part| matches!(part.kind, LetterKind::Ok | LetterKind::Failed | LetterKind::Result))
}
