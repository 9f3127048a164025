//! Texts made of parts: languages of the whole and of each part, at once.
//!
//! In: an automaton of the whole and one of each part. Out: which sets of languages go together, with a text each. Invariant: of an e-mail address the
//! answer is exact, as it is of a text and its lower case; of a URL it is exact for the normal form, and spellings without a port come in addition.
//! Source: the runtime's normal forms of `email` and `url`.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::OnceLock;

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
    /// Nothing is cut; the one part is the whole in lower case.
    Lower,
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

    fn ends(self, place: Place) -> bool {
        match self {
            Self::Email => place == Place::Part(1),
            Self::Url => matches!(place, Place::Part(2) | Place::Rest),
            Self::Lower => true,
        }
    }

    /// Parts are read in lower case where the normal form folds them.
    fn folds(self, part: usize) -> bool {
        self == Self::Lower || (self == Self::Email && part == 1)
    }
}

/// What one text has: the languages of the whole and of each part.
pub(super) struct Joined {
    pub(super) whole: Bits,
    pub(super) parts: Vec<Bits>,
    pub(super) text: String,
}

/// How far a part is. A finished one is remembered by its languages alone, or too many ways through it would be told apart.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Part {
    Open(StateID),
    Done(Bits),
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    whole: StateID,
    parts: Vec<Part>,
    place: Place,
}

/// What is asked of each part: its automaton, and which languages are those of a part at all.
pub(super) struct Asked<'t> {
    pub(super) table: &'t Table,
    pub(super) fits: Box<dyn Fn(&Bits) -> bool + 't>,
}

/// Every combination that texts have, each with the shortest. `parts` are in the order of the cut.
pub(super) fn joined(cut: Cut, whole: &Table, parts: &[Asked<'_>]) -> Result<Vec<Joined>, String> {
    let begin = parts.iter().map(|part| Part::Open(part.table.first())).collect();
    let first = State { whole: whole.first(), parts: begin, place: Place::Part(0) };
    let mut seen = HashSet::from([first.clone()]);
    let mut queue = VecDeque::from([(first, Vec::new())]);
    let mut found: HashMap<(Bits, Vec<Bits>), String> = HashMap::new();
    let mut order = Vec::new();
    let bytes = letters(whole, parts);
    while let Some((state, text)) = queue.pop_front() {
        if cut.ends(state.place)
            && let Ok(text) = String::from_utf8(text.clone())
            && let Some(languages) = languages(parts, &state)
        {
            let key = (whole.at_end(state.whole), languages);
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
        for (character, lower) in if cut == Cut::Lower { folded() } else { &[] } {
            let Some(next) = fold(whole, parts, &state, character, lower) else { continue };
            if seen.insert(next.clone()) {
                queue.push_back((next, [text.as_slice(), character.as_bytes()].concat()));
            }
        }
        if seen.len() > limits::TEXT_VISITS {
            return Err("the parts of a text need too many states".to_owned());
        }
    }
    let join = |key: (Bits, Vec<Bits>)| found.remove(&key).map(|text| Joined { whole: key.0, parts: key.1, text });
    Ok(order.into_iter().filter_map(join).collect())
}

/// A byte of each sort, in the order of [`bytes`]: two of one sort lead the same way from every state.
fn letters(whole: &Table, parts: &[Asked<'_>]) -> Vec<u8> {
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    let sort = |byte: u8| {
        let mark = match byte {
            b'@' | b':' | b'/' | b'[' | b']' | b'?' | b'#' => byte,
            b'0'..=b'9' => 1,
            b'!'..=b'~' => 2,
            _ => 3,
        };
        // What [`Cut::step`] tells apart, and the automata.
        let own = parts.iter().flat_map(|part| [byte, byte.to_ascii_lowercase()].map(|byte| part.table.class(byte)));
        [mark, whole.class(byte)].into_iter().chain(own).collect::<Vec<u8>>()
    };
    bytes().into_iter().filter(|byte| seen.insert(sort(*byte))).collect()
}

fn languages(parts: &[Asked<'_>], state: &State) -> Option<Vec<Bits>> {
    let of = |(asked, part): (&Asked<'_>, &Part)| match part {
        Part::Open(at) => Some(asked.table.at_end(*at)).filter(|bits| (asked.fits)(bits)),
        Part::Done(bits) => Some(bits.clone()),
    };
    parts.iter().zip(&state.parts).map(of).collect()
}

fn advance(cut: Cut, whole: &Table, parts: &[Asked<'_>], state: &State, byte: u8) -> Option<State> {
    let cutting = cut.step(state.place, byte)?;
    // Most bytes lead nowhere; only where one does is a state made.
    let after = whole.step(state.whole, byte)?;
    let mut next = state.clone();
    next.whole = after;
    let (part, place) = match cutting {
        Cutting::Between(place) => (None, place),
        Cutting::In(part, place) => (Some(part), place),
    };
    next.place = place;
    let begun = |place: Place| match place {
        Place::Part(part) => Some(part),
        Place::Bracket => Some(1),
        Place::Slashes(_) | Place::Port | Place::Rest => None,
    };
    if let Some(left) = begun(state.place).filter(|left| begun(place) != Some(*left)) {
        finish(parts.get(left)?, next.parts.get_mut(left)?)?;
    }
    if let Some(part) = part
        && let Part::Open(at) = next.parts.get_mut(part)?
    {
        let folded = if cut.folds(part) { byte.to_ascii_lowercase() } else { byte };
        *at = parts.get(part)?.table.step(*at, folded)?;
    }
    Some(next)
}

/// Every character beyond ASCII that has another one in lower case, and that. Byte by byte it would be read as itself, which is nothing in lower case.
fn folded() -> &'static [(String, String)] {
    static FOLDED: OnceLock<Vec<(String, String)>> = OnceLock::new();
    FOLDED.get_or_init(|| {
        let pair = |character: char| (character.to_string(), character.to_lowercase().collect::<String>());
        ('\u{80}'..=char::MAX).map(pair).filter(|(character, lower)| character != lower).collect()
    })
}

/// A step over a character whose lower case is another one.
fn fold(whole: &Table, parts: &[Asked<'_>], state: &State, character: &str, lower: &str) -> Option<State> {
    let (asked, Part::Open(at)) = (parts.first()?, state.parts.first()?) else { return None };
    let whole = character.bytes().try_fold(state.whole, |at, byte| whole.step(at, byte))?;
    let part = lower.bytes().try_fold(*at, |at, byte| asked.table.step(at, byte))?;
    Some(State { whole, parts: vec![Part::Open(part)], place: state.place })
}

/// A part that is over has its languages, or is none.
fn finish(asked: &Asked<'_>, part: &mut Part) -> Option<()> {
    if let Part::Open(at) = part {
        let bits = asked.table.at_end(*at);
        if !(asked.fits)(&bits) {
            return None;
        }
        *part = Part::Done(bits);
    }
    Some(())
}
