//! The second evaluator: what a rule remembers as one bit for each `prev` and `met` of its formula, and registers beside them.
//!
//! In: a rule's body. Out: a [`Source`]: its states, and what a letter does in one. Nothing is believed of a letter but the answers to [`Ask`]s, and an answer
//! may be left open: then a step says which one it needs.
//! Invariants: equal parts are one; a register is touched only where its bit is set before or after the letter, but for the place of a reset, which every state
//! remembers; a bit that becomes 0 forgets its registers. The latest match is the best one, and inside a span the one that began last.
//! Source: `lang-spec/certificate.md`, [cert.source]; `lang-spec/core-form.md`, [core.formula]; Havelund and Roşu, "Synthesizing monitors for safety
//! properties", TACAS 2002.

mod begins;
mod build;
mod positions;

pub use build::{binds, judged_at};
use positions::Positions;

use crate::policy::{Body, Pattern};

/// A rule as bits and registers.
#[derive(Clone, Debug)]
pub struct Source<'r> {
    /// What may be asked of a letter.
    pub asks: Vec<Ask<'r>>,
    /// What each register holds.
    pub registers: Vec<Holds>,
    /// Parts stand before the wholes.
    nodes: Vec<Node>,
    bits: Vec<Bit>,
    judges: Judges,
}

/// A question about a letter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ask<'r> {
    /// Does the pattern match?
    Pattern {
        /// The pattern.
        pattern: &'r Pattern,
        /// Whether a guard that cannot be evaluated counts as holding.
        doubt: bool,
        /// What is asked of the values that it binds.
        of: Values,
    },
    /// Is the register set, and at most so many milliseconds before the letter?
    Open {
        /// The register.
        register: usize,
        /// Milliseconds.
        ms: i64,
    },
    /// Does the letter's call lie after the register's place?
    After {
        /// The register.
        register: usize,
    },
}

/// What is asked of the values that a pattern binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Whether the value at hand is one of them.
    Bound,
    /// Whether one is lacking.
    Lacking,
    /// Whether one is broken.
    Broken,
}

/// What a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A time.
    Time,
    /// A place in the history.
    Place,
}

/// What happens to a register at a letter; all of them read the registers as they were before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It takes the letter's time, or place.
    Now,
    /// It takes the time of the letter's call, if that is later than its own.
    LaterCall,
    /// It is unset.
    Unset,
    /// It takes the latest of these; each is the earliest of some registers.
    Latest {
        /// Whether its own value is one of them.
        keep: bool,
        /// The registers.
        of: Vec<Vec<usize>>,
    },
}

/// What a letter did to a value of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Nothing that it is remembered by.
    None,
    /// It met a prerequisite.
    Met,
    /// It reset the value.
    Reset,
}

/// What a letter does in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The state after it.
    pub next: Vec<bool>,
    /// Whether the rule judges it.
    pub judged: bool,
    /// The registers that change, ascending.
    pub changes: Vec<(usize, Change)>,
    /// What it did to a value of its own.
    pub mark: Mark,
    /// Whether the rule overflows by it.
    pub overflow: bool,
}

/// A window that may close: the register that it is measured from, its length, the registers that are then unset, and the state that is then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The register.
    pub register: usize,
    /// Milliseconds.
    pub ms: i64,
    /// Ascending.
    pub clears: Vec<usize>,
    /// The state.
    pub next: Vec<bool>,
}

/// A letter: whether it is an admitted call, and the answers to the asks, as far as they are known.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'l> {
    /// Whether it is an admitted call.
    pub call: bool,
    /// By the number of the ask; nothing where it is open.
    pub answers: &'l [Option<bool>],
}

/// A step that depends on an ask without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open(pub usize);

type Known = Result<bool, Open>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Start,
    Ask(usize),
    All(Vec<usize>),
    Any(Vec<usize>),
    Not(usize),
    /// The bit is set, and its windows (asks) are open.
    Remembered {
        bit: usize,
        windows: Vec<usize>,
    },
    /// A match begins here for this span.
    From {
        part: usize,
        span: usize,
    },
}

#[derive(Clone, Debug)]
struct Bit {
    what: Remembers,
    /// The register of its own window.
    window: Option<Timed>,
    /// The register of its place (of the last reset), and the ask whether a call lies after it.
    place: Option<(usize, usize)>,
    /// For each span around it, the register of when its match began.
    begins: Vec<(usize, Timed)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Timed {
    register: usize,
    ms: i64,
    open: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Remembers {
    Prev {
        part: usize,
        unless: Vec<usize>,
        next: bool,
    },
    Met {
        pattern: usize,
        own: bool,
        resets: Vec<usize>,
        own_reset: bool,
    },
    /// A place of a protocol.
    Last,
}

#[derive(Clone, Debug)]
enum Judges {
    /// Calls at which the node holds, or at which one of the asks does.
    Node {
        root: usize,
        lacking: Vec<usize>,
        broken: Vec<usize>,
    },
    Positions(Positions),
}

impl Letter<'_> {
    fn asks(&self, ask: usize) -> Known {
        self.answers.get(ask).copied().flatten().ok_or(Open(ask))
    }

    /// Whether one of the asks is answered by yes.
    fn any(&self, asks: &[usize]) -> Known {
        any(asks.iter().map(|ask| self.asks(*ask)))
    }
}

/// Whether one of them is true; one that is open matters only where no other is.
fn any(mut parts: impl Iterator<Item = Known>) -> Known {
    let mut open = Ok(false);
    let decided = parts.any(|part| {
        open = open.and(part);
        part == Ok(true)
    });
    if decided { Ok(true) } else { open }
}

fn all(parts: impl Iterator<Item = Known>) -> Known {
    any(parts.map(|part| part.map(|part| !part))).map(|some_fails| !some_fails)
}

impl<'r> Source<'r> {
    /// The source of a rule's body; nothing for a limit, which is an account.
    #[must_use]
    pub fn of(body: &'r Body) -> Option<Self> {
        build::source(body)
    }

    /// How many bits a state has.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.bits.len()
    }

    /// Whether letters that are admitted calls matter whatever their tool is.
    #[must_use]
    pub fn hears_every_call(&self) -> bool {
        self.bits.iter().any(|bit| matches!(bit.what, Remembers::Prev { next: true, .. }))
    }

    /// The state before the first letter: what held at the beginning has held.
    #[must_use]
    pub fn initial(&self) -> Vec<bool> {
        let before = vec![false; self.bits.len()];
        let nothing = vec![Some(false); self.asks.len()];
        let moment = Moment { state: &before, letter: Letter { call: false, answers: &nothing }, start: true };
        let holds = |(index, bit): (usize, &Bit)| match bit.what {
            Remembers::Prev { part, .. } => self.holds(part, &moment) == Ok(true),
            Remembers::Met { .. } => false,
            Remembers::Last => index == 0,
        };
        self.bits.iter().enumerate().map(holds).collect()
    }

    /// What a letter does in a state.
    ///
    /// # Errors
    /// [`Open`]: it depends on an ask that has no answer.
    pub fn step(&self, state: &[bool], letter: Letter<'_>) -> Result<Outcome, Open> {
        let (root, lacking, broken) = match &self.judges {
            Judges::Positions(positions) => return positions.step(state, letter),
            Judges::Node { root, lacking, broken } => (*root, lacking, broken),
        };
        let moment = Moment { state, letter, start: false };
        let judged = letter.call && any([self.holds(root, &moment), letter.any(lacking)].into_iter())?;
        let overflow = !letter.call && letter.any(broken)?;
        let mut outcome = Outcome { next: Vec::new(), judged, changes: Vec::new(), mark: Mark::None, overflow };
        for (index, bit) in self.bits.iter().enumerate() {
            let old = state.get(index).copied().unwrap_or(false);
            match &bit.what {
                Remembers::Prev { part, unless, next } => self.prev(bit, (*part, unless, *next), old, &moment, &mut outcome)?,
                Remembers::Met { pattern, own, resets, own_reset } => {
                    Self::met(bit, (*pattern, *own, resets, *own_reset), old, letter, &mut outcome)?;
                }
                Remembers::Last => outcome.next.push(old),
            }
        }
        outcome.changes.sort_by_key(|(register, _)| *register);
        Ok(outcome)
    }

    /// Whether what a formula speaks of is so at a letter, whatever kind of letter it is; never of a protocol.
    ///
    /// # Errors
    /// [`Open`]: it depends on an ask that has no answer.
    pub fn notes(&self, state: &[bool], letter: Letter<'_>) -> Result<bool, Open> {
        let Judges::Node { root, lacking, .. } = &self.judges else { return Ok(false) };
        any([self.holds(*root, &Moment { state, letter, start: false }), letter.any(lacking)].into_iter())
    }

    fn prev(
        &self,
        bit: &Bit,
        (part, unless, next): (usize, &[usize], bool),
        old: bool,
        moment: &Moment<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), Open> {
        let letter = moment.letter;
        let ends = || -> Known {
            let after = bit.place.map_or(Ok(true), |(_, after)| letter.asks(after));
            any([Ok(next && letter.call), all([letter.any(unless), after].into_iter())].into_iter())
        };
        let registers = bit.window.iter().map(|window| window.register).chain(bit.place.map(|(register, _)| register));
        if self.holds(part, moment)? {
            outcome.next.push(true);
            outcome.changes.extend(registers.map(|register| (register, Change::Now)));
            let survives = old && !bit.begins.is_empty() && !ends()?;
            for (span, begun) in &bit.begins {
                outcome.changes.push((begun.register, self.beginning(part, *span, survives, moment)?));
            }
        } else if old && ends()? {
            outcome.next.push(false);
            let begins = bit.begins.iter().map(|(_, begun)| begun.register);
            outcome.changes.extend(registers.chain(begins).map(|register| (register, Change::Unset)));
        } else {
            outcome.next.push(old);
        }
        Ok(())
    }

    fn met(
        bit: &Bit,
        (pattern, own, resets, own_reset): (usize, bool, &[usize], bool),
        old: bool,
        letter: Letter<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), Open> {
        let window = bit.window.map(|window| window.register);
        if letter.any(resets)? {
            outcome.next.push(false);
            outcome.changes.extend(window.filter(|_| old).map(|register| (register, Change::Unset)));
            outcome.changes.extend(bit.place.map(|(register, _)| (register, Change::Now)));
            outcome.mark = outcome.mark.max(if own_reset { Mark::Reset } else { Mark::None });
            return Ok(());
        }
        let after = bit.place.map_or(Ok(true), |(_, after)| letter.asks(after));
        let fired = all([letter.asks(pattern), after].into_iter())?;
        outcome.next.push(old || fired);
        if fired {
            outcome.changes.extend(window.map(|register| (register, Change::LaterCall)));
            outcome.mark = outcome.mark.max(if own { Mark::Met } else { Mark::None });
        }
        Ok(())
    }

    fn holds(&self, node: usize, moment: &Moment<'_>) -> Known {
        match self.nodes.get(node) {
            Some(Node::Start) => Ok(moment.start),
            Some(Node::Ask(ask)) => moment.letter.asks(*ask),
            Some(Node::All(parts)) => all(parts.iter().map(|part| self.holds(*part, moment))),
            Some(Node::Any(parts)) => any(parts.iter().map(|part| self.holds(*part, moment))),
            Some(Node::Not(part)) => self.holds(*part, moment).map(|holds| !holds),
            Some(Node::From { part, .. }) => self.holds(*part, moment),
            Some(Node::Remembered { bit, windows }) => {
                let set = moment.state.get(*bit).copied().unwrap_or(false);
                if set { all(windows.iter().map(|window| moment.letter.asks(*window))) } else { Ok(false) }
            }
            None => Ok(false),
        }
    }

    /// The windows that may close in a state.
    #[must_use]
    pub fn closings(&self, state: &[bool]) -> Vec<Closing> {
        let mut closings = Vec::new();
        for (index, bit) in self.bits.iter().enumerate().filter(|(index, _)| state.get(*index) == Some(&true)) {
            let mut next = state.to_vec();
            next.get_mut(index).into_iter().for_each(|bit| *bit = false);
            let timed: Vec<Timed> = bit.window.into_iter().chain(bit.begins.iter().map(|(_, begun)| *begun)).collect();
            // The place of a requirement's last reset outlives its window.
            let place = bit.place.filter(|_| !matches!(bit.what, Remembers::Met { .. })).map(|(register, _)| register);
            let mut clears: Vec<usize> = timed.iter().map(|timed| timed.register).chain(place).collect();
            clears.sort_unstable();
            let closing = |timed: &Timed| Closing { register: timed.register, ms: timed.ms, clears: clears.clone(), next: next.clone() };
            closings.extend(timed.iter().map(closing));
        }
        closings.sort_by_key(|closing| (closing.register, closing.ms));
        closings
    }

    /// What a state remembers of a value: values of which the same is remembered are not kept apart.
    #[must_use]
    pub fn memory(&self, state: &[bool]) -> Vec<bool> {
        match &self.judges {
            Judges::Node { .. } => state.to_vec(),
            Judges::Positions(positions) => positions.may_come(state),
        }
    }
}

/// A letter in a state.
struct Moment<'m> {
    state: &'m [bool],
    letter: Letter<'m>,
    start: bool,
}
