//! One part of a detector: two automata and a check, searched in one text.
//!
//! In: a text. Out: the part's finds in it: of all pairs of positions that qualify the leftmost, of those the longest, then on from its end.
//! Invariants: an automaton that finds the empty text is refused at load; a search reads at most [`limits::CONTENT_WORK`] bytes for each byte of
//! the text. The reverse automaton marks, in one pass from the end, every position at which some match begins, so the forward one starts only
//! where it will come to a match.
//! Source: `lang-spec/content.md`, [content.find], [content.work]; regex-automata's documentation of DFAs ("matches are delayed by one byte").

use alloc::vec::Vec;
use core::fmt;

use regex_automata::Anchored;
use regex_automata::dfa::Automaton;
use regex_automata::dfa::sparse::DFA;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;

use super::check::{self, Place};
use crate::frame::{Check, Recogniser};
use crate::limits;

/// A recogniser that has been loaded.
pub(crate) struct Part {
    forward: Table,
    reverse: Table,
    check: Check,
}

/// An automaton and the state it starts in.
struct Table {
    dfa: DFA<Vec<u8>>,
    start: StateID,
}

/// Memory that searches reuse.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// A bit for each position at which a match begins.
    marks: Vec<u64>,
    /// Where matches from the position at hand end.
    ends: Vec<usize>,
}

/// A search that would take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMuchWork;

/// How many finds are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Whether there is one.
    Any,
    /// All.
    All,
}

impl fmt::Debug for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Part").field("check", &self.check).finish_non_exhaustive()
    }
}

impl Table {
    fn load(bytes: &[u8], anchored: Anchored) -> Option<Self> {
        let (dfa, read) = DFA::from_bytes(bytes).ok()?;
        if read != bytes.len() {
            return None;
        }
        let start = dfa.start_state(&start::Config::new().anchored(anchored)).ok()?;
        let empty = dfa.is_match_state(start) || dfa.is_match_state(dfa.next_eoi_state(start));
        if empty {
            return None;
        }
        Some(Self { dfa: dfa.to_owned(), start })
    }

    /// The next state; none where the automaton gives up, which the language's never do.
    fn step(&self, state: StateID, byte: u8) -> Result<StateID, TooMuchWork> {
        let next = self.dfa.next_state(state, byte);
        if self.dfa.is_special_state(next) && self.dfa.is_quit_state(next) { Err(TooMuchWork) } else { Ok(next) }
    }

    fn matched(&self, state: StateID) -> bool {
        self.dfa.is_special_state(state) && self.dfa.is_match_state(state)
    }

    fn dead(&self, state: StateID) -> bool {
        self.dfa.is_special_state(state) && self.dfa.is_dead_state(state)
    }
}

impl Part {
    /// Reads and validates both automata; none where the bytes are not exactly that, or find the empty text.
    pub(crate) fn load(recogniser: &Recogniser) -> Option<Self> {
        Some(Self {
            forward: Table::load(&recogniser.forward, Anchored::Yes)?,
            reverse: Table::load(&recogniser.reverse, Anchored::No)?,
            check: recogniser.check,
        })
    }

    /// Hands every find (or the first, where one is enough) to `found`; whether there was one.
    ///
    /// # Errors
    /// [`TooMuchWork`].
    ///
    /// # Limits
    /// [`limits::CONTENT_WORK`] bytes read for each byte of the text.
    pub(crate) fn search(
        &self,
        text: &str,
        wanted: Wanted,
        buffers: &mut Buffers,
        found: &mut dyn FnMut(usize, usize),
    ) -> Result<bool, TooMuchWork> {
        let bytes = text.as_bytes();
        if !self.mark(bytes, &mut buffers.marks)? {
            return Ok(false);
        }
        let mut work = limits::CONTENT_WORK.saturating_mul(bytes.len().saturating_add(limits::CONTENT_WORK)).saturating_sub(bytes.len());
        let (mut from, mut any) = (0, false);
        while let Some(start) = next_mark(&buffers.marks, from) {
            from = start + 1;
            if !check::may_begin(self.check, bytes, start) {
                continue;
            }
            self.walk(bytes, start, &mut work, &mut buffers.ends)?;
            let end = buffers.ends.iter().rev().find(|end| check::confirms(self.check, Place { text, start, end: **end }));
            if let Some(end) = end.copied().filter(|end| *end > start) {
                (from, any) = (end, true);
                found(start, end);
                if wanted == Wanted::Any {
                    return Ok(true);
                }
            }
        }
        Ok(any)
    }

    /// Marks the positions at which matches begin; false where there are none.
    fn mark(&self, bytes: &[u8], marks: &mut Vec<u64>) -> Result<bool, TooMuchWork> {
        marks.clear();
        marks.resize(bytes.len() / 64 + 1, 0);
        let mut any = false;
        let mut state = self.reverse.start;
        for (at, byte) in bytes.iter().enumerate().rev() {
            state = self.reverse.step(state, *byte)?;
            if self.reverse.matched(state) {
                any |= set(marks, at + 1);
            }
        }
        if self.reverse.dfa.is_match_state(self.reverse.dfa.next_eoi_state(state)) {
            any |= set(marks, 0);
        }
        Ok(any)
    }

    /// Collects where matches from `start` end, ascending; only the longest where there is no check.
    fn walk(&self, bytes: &[u8], start: usize, work: &mut usize, ends: &mut Vec<usize>) -> Result<(), TooMuchWork> {
        ends.clear();
        let mut state = self.forward.start;
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            *work = work.checked_sub(1).ok_or(TooMuchWork)?;
            state = self.forward.step(state, *byte)?;
            if self.forward.matched(state) {
                self.end(bytes, at, ends);
            } else if self.forward.dead(state) {
                return Ok(());
            }
        }
        if self.forward.dfa.is_match_state(self.forward.dfa.next_eoi_state(state)) {
            self.end(bytes, bytes.len(), ends);
        }
        Ok(())
    }

    fn end(&self, bytes: &[u8], at: usize, ends: &mut Vec<usize>) {
        if self.check == Check::None {
            ends.clear();
        }
        if check::may_end(self.check, bytes, at) {
            ends.push(at);
        }
    }
}

fn set(marks: &mut [u64], at: usize) -> bool {
    if let Some(word) = marks.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
    true
}

/// The first mark at or after `from`.
fn next_mark(marks: &[u64], from: usize) -> Option<usize> {
    let mut index = from / 64;
    let mut word = marks.get(index)? & (u64::MAX << (from % 64));
    loop {
        if word != 0 {
            return Some(index * 64 + word.trailing_zeros() as usize);
        }
        index += 1;
        word = *marks.get(index)?;
    }
}
