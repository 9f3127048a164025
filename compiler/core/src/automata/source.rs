//! The source semantics of a rule: one bit for each distinct `prev` and `met` of its formula (or for each event of its protocol), and the registers beside them.
//!
//! In: a formula or a protocol. Out: [`Source`], whose [`Source::step`] is the meaning of a letter in the history of one value. Invariants: equal
//! subformulas are one bit; a register whose bit becomes 0 is cleared; where a bit is 0 before and after a letter, its registers are not touched.
//! The latest match is the best match, for windows and for gaps: a later one is nearer, and fewer letters lie after it. Where a match's beginning
//! matters (inside a `span`), the latest beginning is the best.
//! Source: verification section 1; `lang-spec/core-form.md`, [core.formula]; `lang-spec/variables.md`.

mod begin;
mod build;
mod protocol;

use leverframe_runtime::frame::{Mark, Operation, RegisterKind, Update};

use super::explore::Letter;
use crate::core::Pattern;
pub(super) use build::last_patterns;
use protocol::Positions;

/// A rule as bits and registers.
#[derive(Clone, Debug)]
pub struct Source {
    /// What may hold at a letter, beside the state.
    pub(super) conditions: Vec<Condition>,
    /// Children come before their parents.
    pub(super) nodes: Vec<Node>,
    pub(super) bits: Vec<Bit>,
    /// What each register holds.
    pub registers: Vec<RegisterKind>,
    pub(super) verdict: Judgement,
    /// Whether the rule has variables.
    pub(super) sliced: bool,
}

/// Something that holds at a letter or does not.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    /// A pattern matches.
    Matches(SourcePattern),
    /// A register is set, and at most so many milliseconds ago.
    Open { register: u8, ms: u64 },
    /// The letter's call lies after the register's position.
    After { register: u8 },
}

/// A pattern, what its guards count as where they cannot be evaluated, and what is asked of its values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SourcePattern {
    pub(super) pattern: Pattern,
    pub(super) failed: bool,
    pub(super) values: Asked,
}

/// What is asked of the values that a pattern binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Whether the value at hand is among them.
    Binds,
    /// Whether one is lacking.
    Lacks,
    /// Whether one is broken.
    Broken,
    /// Nothing.
    Any,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Start,
    /// A condition.
    Match(usize),
    And(Vec<usize>),
    Or(Vec<usize>),
    Not(usize),
    /// A bit, while its windows are open (conditions).
    Remembered {
        bit: usize,
        windows: Vec<usize>,
    },
    /// It holds; a match begins here, for this span.
    From {
        body: usize,
        span: usize,
    },
}

/// How a call is judged, and what else a letter does.
#[derive(Clone, Debug)]
pub(super) enum Judgement {
    /// Where the node holds, or a last step lacks a value (conditions).
    Formula { root: usize, lacking: Vec<usize>, broken: Vec<usize> },
    /// Where it leaves the language; the bits are its positions.
    Protocol(Positions),
}

/// What one `prev` or `met` remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bit {
    pub(super) kind: BitKind,
    /// The time that its own window is measured from.
    pub(super) time: Option<Timer>,
    /// The anchor of the gap, or the last reset, for results that must have been called after it.
    pub(super) position: Option<Position>,
    /// Where its match began, for each span around it.
    pub(super) begins: Vec<Begin>,
}

/// A register and the window that is measured from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timer {
    pub(super) register: u8,
    pub(super) ms: u64,
    /// The condition that it is still open.
    pub(super) open: usize,
}

/// A register and the condition that a result's call lies after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) register: u8,
    pub(super) after: usize,
}

/// Where a match began, for one span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Begin {
    pub(super) span: usize,
    pub(super) timer: Timer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BitKind {
    Prev {
        body: usize,
        unless: Vec<usize>,
        next: bool,
    },
    /// Conditions; `own` says whether the pattern (the reset) binds variables.
    Met {
        pattern: usize,
        own: bool,
        resets: Vec<usize>,
        own_reset: bool,
    },
    /// A position of a protocol; 0 is its beginning.
    Last,
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
    /// What it did to a value of its own.
    pub mark: Mark,
    /// Whether it takes the rule to its overflow.
    pub overflow: bool,
}

impl Source {
    /// The state after the virtual first letter, at which `start` holds and nothing else does.
    #[must_use]
    pub fn initial(&self) -> Vec<bool> {
        let before = vec![false; self.bits.len()];
        let values = self.values(&before, &Letter::default(), true);
        let holds = |(index, bit): (usize, &Bit)| match &bit.kind {
            BitKind::Prev { body, .. } => value(&values, *body),
            BitKind::Met { .. } => false,
            BitKind::Last => index == 0,
        };
        self.bits.iter().enumerate().map(holds).collect()
    }

    /// The meaning of a letter.
    #[must_use]
    pub fn step(&self, state: &[bool], letter: &Letter) -> Outcome {
        let (root, lacking, broken) = match &self.verdict {
            Judgement::Protocol(positions) => return positions.step(state, letter),
            Judgement::Formula { root, lacking, broken } => (*root, lacking, broken),
        };
        let values = self.values(state, letter, false);
        let mut outcome =
            Outcome { next: Vec::with_capacity(self.bits.len()), deny: false, updates: Vec::new(), mark: Mark::None, overflow: false };
        for (index, bit) in self.bits.iter().enumerate() {
            let old = value(state, index);
            let change = change(bit, old, &values, letter);
            let new = change.to.unwrap_or(old);
            self.registers(bit, (old, new), change, &values, &mut outcome.updates);
            outcome.next.push(new);
            outcome.mark = outcome.mark.max(change.mark);
        }
        outcome.updates.sort_unstable();
        let any = |conditions: &[usize]| conditions.iter().any(|condition| letter.holds(*condition));
        outcome.deny = letter.call && (value(&values, root) || any(lacking));
        outcome.overflow = !letter.call && any(broken);
        outcome
    }

    /// The states that a state becomes when one of its windows closes, each with the register that it is measured from.
    pub(super) fn expiries(&self, state: &[bool]) -> Vec<(Timer, Vec<bool>)> {
        let mut found = Vec::new();
        for (index, bit) in self.bits.iter().enumerate().filter(|(index, _)| value(state, *index)) {
            let timers = bit.time.into_iter().chain(bit.begins.iter().map(|begin| begin.timer));
            for timer in timers {
                let mut closed = state.to_vec();
                closed.get_mut(index).into_iter().for_each(|bit| *bit = false);
                found.push((timer, closed));
            }
        }
        found
    }

    /// What a state remembers: its bits; of a protocol, which events may come next.
    pub(super) fn memory(&self, state: &[bool]) -> Vec<bool> {
        match &self.verdict {
            Judgement::Formula { .. } => state.to_vec(),
            Judgement::Protocol(positions) => positions.next_events(state),
        }
    }

    /// The registers that end with a window that is measured from this one. The place of a requirement's last reset outlives its window.
    pub(super) fn registers_of(&self, register: u8) -> Vec<u8> {
        let of = |bit: &Bit| {
            let timers = bit.time.into_iter().chain(bit.begins.iter().map(|begin| begin.timer)).map(|timer| timer.register);
            let anchor = bit.position.filter(|_| !matches!(bit.kind, BitKind::Met { .. }));
            timers.chain(anchor.map(|position| position.register)).collect::<Vec<u8>>()
        };
        let mut registers = self.bits.iter().map(of).find(|registers| registers.contains(&register)).unwrap_or_default();
        registers.sort_unstable();
        registers
    }

    /// The number of bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.bits.len()
    }

    /// The patterns, with their conditions.
    pub(super) fn patterns(&self) -> impl Iterator<Item = (usize, &SourcePattern)> {
        self.conditions.iter().enumerate().filter_map(|(index, condition)| match condition {
            Condition::Matches(pattern) => Some((index, pattern)),
            _ => None,
        })
    }

    fn values(&self, state: &[bool], letter: &Letter, at_start: bool) -> Vec<bool> {
        let mut values: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let holds = match node {
                Node::Start => at_start,
                Node::Match(condition) => letter.holds(*condition),
                Node::And(parts) => parts.iter().all(|part| value(&values, *part)),
                Node::Or(parts) => parts.iter().any(|part| value(&values, *part)),
                Node::Not(part) => !value(&values, *part),
                Node::From { body, .. } => value(&values, *body),
                Node::Remembered { bit, windows } => value(state, *bit) && windows.iter().all(|window| letter.holds(*window)),
            };
            values.push(holds);
        }
        values
    }

    /// The canonical updates: a fired bit takes the letter, a bit that becomes 0 forgets, and a reset is remembered in every state.
    fn registers(&self, bit: &Bit, (old, new): (bool, bool), change: Change, values: &[bool], updates: &mut Vec<Update>) {
        let met = matches!(bit.kind, BitKind::Met { .. });
        let mut update = |register: Option<u8>, operation: Option<Operation>| {
            if let (Some(register), Some(operation)) = (register, operation) {
                updates.push(Update { register, operation });
            }
        };
        let forgotten = || (old && !new).then_some(Operation::Clear);
        let taken = if met { Operation::MaxCall } else { Operation::Now };
        update(bit.time.map(|time| time.register), if change.fired { Some(taken) } else { forgotten() });
        let position = bit.position.map(|position| position.register);
        if met {
            update(position, change.reset.then_some(Operation::Now));
        } else {
            update(position, if change.fired { Some(Operation::Now) } else { forgotten() });
        }
        for begin in &bit.begins {
            let operation = if change.fired { self.beginning(bit, begin.span, change.survives, values) } else { forgotten() };
            update(Some(begin.timer.register), operation);
        }
    }
}

/// What a letter does to a bit.
#[derive(Clone, Copy)]
struct Change {
    to: Option<bool>,
    fired: bool,
    reset: bool,
    /// An earlier match is still good after the letter.
    survives: bool,
    mark: Mark,
}

fn change(bit: &Bit, old: bool, values: &[bool], letter: &Letter) -> Change {
    let after = || bit.position.is_none_or(|position| letter.holds(position.after));
    let any = |conditions: &[usize]| conditions.iter().any(|condition| letter.holds(*condition));
    match &bit.kind {
        BitKind::Prev { body, unless, next } => {
            let fired = value(values, *body);
            let cleared = (any(unless) && after()) || (*next && letter.call);
            let to = if fired { Some(true) } else { cleared.then_some(false) };
            Change { to, fired, reset: false, survives: old && !cleared, mark: Mark::None }
        }
        BitKind::Met { pattern, own, resets, own_reset } => {
            let reset = any(resets);
            let fired = !reset && letter.holds(*pattern) && after();
            let mark = match (reset, fired) {
                (true, _) if *own_reset => Mark::Reset,
                (_, true) if *own => Mark::Met,
                _ => Mark::None,
            };
            Change { to: if reset { Some(false) } else { fired.then_some(true) }, fired, reset, survives: false, mark }
        }
        BitKind::Last => Change { to: None, fired: false, reset: false, survives: false, mark: Mark::None },
    }
}

pub(super) fn value(values: &[bool], index: usize) -> bool {
    values.get(index).copied().unwrap_or(false)
}
