//! Texts made of parts: languages of the whole and of each part, at once.
//!
//! In: an automaton of the whole and one of each part. Out: which sets of languages go together, with a text each. Invariant: of an e-mail address the
//! answer is exact; of a URL it is exact for the normal form, and spellings without a port come in addition.
//! Source: the runtime's normal forms of `email` and `url`.

use std::collections::{HashMap, HashSet, VecDeque};

use regex_automata::util::primitives::StateID;

use super::automaton::{Bits, Table, bytes};
use crate::limits;

/// How a text is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// `local@domain`
    Email,
    /// `scheme://host:port/path?rest`
    Url,
}

/// Where a text is being cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    /// In a part, by its number.
    Part(usize),
    /// After the scheme's colon, and after one slash.
    Slashes(u8),
    /// Inside the brackets of a host.
    Bracket,
    Port,
    Rest,
}

/// What a byte is.
enum Cutting {
    /// A byte of this part, and the next place.
    In(usize, Place),
    /// No part's.
    Between(Place),
}

impl Cut {
    /// Where the cutting is after a byte; the host's part also takes what it refuses.
    fn step(self, place: Place, byte: u8) -> Option<Cutting> {
        Some(match (self, place, byte) {
            (Self::Email, Place::Part(0), b'@') => Cutting::Between(Place::Part(1)),
            (Self::Url, Place::Part(0), b':') => Cutting::Between(Place::Slashes(0)),
            (Self::Url, Place::Slashes(0), b'/') => Cutting::Between(Place::Slashes(1)),
            (Self::Url, Place::Slashes(1), b'/') => Cutting::Between(Place::Part(1)),
            (Self::Url, Place::Part(1), b'[') => Cutting::In(1, Place::Bracket),
            (Self::Url, Place::Bracket, b']') => Cutting::In(1, Place::Part(1)),
            (Self::Url, Place::Bracket, _) => Cutting::In(1, Place::Bracket),
            (Self::Url, Place::Part(1), b':') => Cutting::Between(Place::Port),
            (Self::Url, Place::Part(1) | Place::Port, b'/') => Cutting::In(2, Place::Part(2)),
            (Self::Url, Place::Port, b'0'..=b'9') => Cutting::Between(Place::Port),
            (Self::Url, Place::Part(2), b'?' | b'#') | (Self::Url, Place::Rest, b'!'..=b'~') => Cutting::Between(Place::Rest),
            (_, Place::Part(part), _) => Cutting::In(part, place),
            _ => return None,
        })
    }

    fn parts(self) -> usize {
        match self {
            Self::Email => 2,
            Self::Url => 3,
        }
    }

    fn ends(self, place: Place) -> bool {
        match self {
            Self::Email => place == Place::Part(1),
            Self::Url => matches!(place, Place::Part(2) | Place::Rest),
        }
    }

    /// Parts are read in lower case where the normal form folds them.
    fn folds(self, part: usize) -> bool {
        self == Self::Email && part == 1
    }
}

/// What one text has: the languages of the whole and of each part.
pub(super) struct Joined {
    pub(super) whole: Bits,
    pub(super) parts: Vec<Bits>,
    pub(super) text: String,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    whole: StateID,
    parts: Vec<StateID>,
    place: Place,
}

/// Every combination that texts have, each with the shortest. `parts` are the automata in the order of the cut; none: nothing is asked of it.
pub(super) fn joined(cut: Cut, whole: &Table, parts: &[Option<&Table>]) -> Result<Vec<Joined>, String> {
    let begin = |part: usize| parts.get(part).copied().flatten().map_or(whole.first(), Table::first);
    let first = State { whole: whole.first(), parts: (0..cut.parts()).map(begin).collect(), place: Place::Part(0) };
    let mut seen = HashSet::from([first.clone()]);
    let mut queue = VecDeque::from([(first, Vec::new())]);
    let mut found: HashMap<(Bits, Vec<Bits>), String> = HashMap::new();
    let mut order = Vec::new();
    let bytes = bytes();
    while let Some((state, text)) = queue.pop_front() {
        if cut.ends(state.place)
            && let Ok(text) = String::from_utf8(text.clone())
        {
            let key = languages(whole, parts, &state);
            if !found.contains_key(&key) {
                found.insert(key.clone(), text);
                order.push(key);
            }
        }
        for byte in &bytes {
            let Some(next) = advance(cut, whole, parts, &state, *byte) else { continue };
            if seen.insert(next.clone()) {
                let mut longer = text.clone();
                longer.push(*byte);
                queue.push_back((next, longer));
            }
        }
        if seen.len() > limits::TEXT_VISITS {
            return Err("the parts of a text need too many states".to_owned());
        }
    }
    let join = |key: (Bits, Vec<Bits>)| found.remove(&key).map(|text| Joined { whole: key.0, parts: key.1, text });
    Ok(order.into_iter().filter_map(join).collect())
}

fn languages(whole: &Table, parts: &[Option<&Table>], state: &State) -> (Bits, Vec<Bits>) {
    let of = |(index, at): (usize, &StateID)| parts.get(index).copied().flatten().map_or_else(Vec::new, |table| table.at_end(*at));
    (whole.at_end(state.whole), state.parts.iter().enumerate().map(of).collect())
}

fn advance(cut: Cut, whole: &Table, parts: &[Option<&Table>], state: &State, byte: u8) -> Option<State> {
    let mut next = state.clone();
    next.whole = whole.step(state.whole, byte)?;
    match cut.step(state.place, byte)? {
        Cutting::Between(place) => next.place = place,
        Cutting::In(part, place) => {
            next.place = place;
            if let Some(table) = parts.get(part).copied().flatten() {
                let folded = if cut.folds(part) { byte.to_ascii_lowercase() } else { byte };
                let at = next.parts.get_mut(part)?;
                *at = table.step(*at, folded)?;
            }
        }
    }
    Some(next)
}
