//! Automata of several languages at once, and the texts that tell them apart.
//!
//! In: expressions. Out: for each set of languages that some text is in, the shortest such texts. Invariants: an automaton is total and deterministic,
//! so two ways through it are two texts; a search that passes its bound gives none at all.
//! Left out: regular expressions that the runtime would read otherwise (it shares the parser). Source: verification section 3.

use std::collections::{BTreeMap, VecDeque};

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

use super::language;
use crate::limits;

/// Which of an automaton's languages a text is in.
pub(crate) type Bits = Vec<bool>;

/// An automaton of several languages.
pub(crate) struct Table {
    dfa: dense::DFA<Vec<u32>>,
    languages: usize,
    first: StateID,
}

impl Table {
    /// The automaton of the expressions, in their order.
    pub(crate) fn new(expressions: &[String]) -> Result<Self, String> {
        // A search needs one language at least, to know where a text may end.
        let hirs: Result<Vec<_>, String> = expressions.iter().map(|text| language::parse(text)).collect();
        let large = || "the texts that a condition speaks of need too large an automaton".to_owned();
        let config = thompson::Config::new().nfa_size_limit(Some(limits::AUTOMATON_BYTES)).which_captures(thompson::WhichCaptures::None);
        let nfa = thompson::Compiler::new().configure(config).build_many_from_hir(&hirs?).map_err(|_| large())?;
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .accelerate(false)
            .dfa_size_limit(Some(limits::AUTOMATON_BYTES))
            .determinize_size_limit(Some(limits::AUTOMATON_BYTES));
        let dfa = dense::Builder::new().configure(config).build_from_nfa(&nfa).map_err(|_| large())?;
        let first = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).map_err(|_| large())?;
        Ok(Self { dfa, languages: expressions.len(), first })
    }

    pub(super) fn first(&self) -> StateID {
        self.first
    }

    /// The state after a byte; none where no text of any language goes on so.
    pub(super) fn step(&self, state: StateID, byte: u8) -> Option<StateID> {
        let next = self.dfa.next_state(state, byte);
        (!self.dfa.is_dead_state(next) && !self.dfa.is_quit_state(next)).then_some(next)
    }

    /// A name for all bytes that this one leads the same way as, from every state.
    pub(super) fn class(&self, byte: u8) -> u8 {
        self.dfa.byte_classes().get(byte)
    }

    /// The first `most` bytes of each class, in the order of [`bytes`]: more of them lead nowhere else.
    fn letters(&self, most: usize) -> Vec<u8> {
        let mut taken = [0_usize; 256];
        let mut fresh = |byte: &u8| {
            let taken = taken.get_mut(usize::from(self.class(*byte)));
            taken.is_some_and(|taken| {
                *taken += 1;
                *taken <= most
            })
        };
        bytes().into_iter().filter(|byte| fresh(byte)).collect()
    }

    /// The languages of a text that ends here.
    pub(super) fn at_end(&self, state: StateID) -> Bits {
        let mut bits = vec![false; self.languages];
        let end = self.dfa.next_eoi_state(state);
        if self.dfa.is_match_state(end) {
            for index in 0..self.dfa.match_len(end) {
                if let Some(bit) = bits.get_mut(self.dfa.match_pattern(end, index).as_usize()) {
                    *bit = true;
                }
            }
        }
        bits
    }

    /// The languages of a text.
    pub(crate) fn of(&self, text: &str) -> Bits {
        let end = text.bytes().try_fold(self.first, |state, byte| self.step(state, byte));
        end.map_or_else(|| vec![false; self.languages], |state| self.at_end(state))
    }

    /// The `most` shortest texts of each set of languages of which `wanted` approves.
    ///
    /// A state is visited `most` times. That is enough: of the shortest texts to a state, all beginnings are among the shortest to the states before it.
    pub(crate) fn samples(&self, most: usize, wanted: impl Fn(&Bits) -> bool) -> Result<BTreeMap<Bits, Vec<String>>, String> {
        let mut found: BTreeMap<Bits, Vec<String>> = BTreeMap::new();
        let mut visits: Vec<usize> = Vec::new();
        let mut queue = VecDeque::from([(self.first, Vec::new())]);
        let bytes = self.letters(most);
        let mut total = 0_usize;
        while let Some((state, text)) = queue.pop_front() {
            let bits = self.at_end(state);
            if wanted(&bits)
                && let Ok(text) = String::from_utf8(text.clone())
            {
                let texts = found.entry(bits).or_default();
                if texts.len() < most {
                    texts.push(text);
                }
            }
            for byte in &bytes {
                let Some(next) = self.step(state, *byte) else { continue };
                let place = next.as_usize() >> self.dfa.stride2();
                if place >= visits.len() {
                    visits.resize(place + 1, 0);
                }
                let Some(seen) = visits.get_mut(place) else { continue };
                if *seen < most {
                    *seen += 1;
                    total += 1;
                    let mut longer = text.clone();
                    longer.push(*byte);
                    queue.push_back((next, longer));
                }
            }
            if total > limits::TEXT_VISITS {
                return Err("the texts that a condition speaks of need too many states".to_owned());
            }
        }
        Ok(found)
    }
}

/// Every byte, those that a person would write first before the others.
pub(super) fn bytes() -> Vec<u8> {
    let mut all: Vec<u8> = (0..=u8::MAX).collect();
    all.sort_by_key(|byte| match byte {
        b'a'..=b'z' => 0,
        b'0'..=b'9' => 1,
        b'A'..=b'Z' => 2,
        b'-' | b'_' | b'.' => 3,
        b'!'..=b'~' => 4,
        b' ' => 5,
        0x80.. => 6,
        _ => 7,
    });
    all
}
