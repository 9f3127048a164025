//! Steps of regular expressions that were taken before, by state and byte: a text that leads where others led is read at a look a byte.
//!
//! In: an automaton of a frame, and a text. Out: whether the whole text matches. Invariants: a row says what its automaton says; what has no row is followed in
//! the automaton, so that a full table costs time and changes nothing; rows are of one policy. The table is made whole, once enough was read to make it worth its
//! room, so that a decision allocates nothing for a text that is new.
//! Left out: rows for several expressions at once; they would be as many as the ways in which their states meet.
//! Source: language section 9; contracts section 5.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use regex_automata::util::primitives::StateID;

use crate::frame::RegexId;
use crate::regex::Regex;

/// How many rows there may be: of half a kilobyte each.
const ROWS: usize = 128;
/// So many bytes are read in the automata themselves before there is a table.
const WORTH: usize = 16 * 1024;

/// Where a byte leads that was never met here.
const UNKNOWN: u16 = 0;
/// Where a byte leads after which nothing matches.
const DEAD: u16 = 1;
/// The first row.
const FIRST: u16 = 2;

/// A state, and where each byte leads from it.
struct Row {
    state: StateID,
    /// Whether a text that ends here matches.
    matches: bool,
    next: [u16; 256],
}

/// Rows of the expressions of one policy.
#[derive(Default)]
pub(crate) struct Rows {
    policy: [u8; 32],
    /// How many bytes were read without a table.
    read: usize,
    rows: Vec<Row>,
    /// The rows by expression and state, in order.
    known: Vec<(RegexId, StateID, u16)>,
    /// Where each expression begins.
    starts: Vec<u16>,
}

impl fmt::Debug for Rows {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Rows").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

impl Rows {
    /// Whether the whole text matches the expression `id` of the policy's; none where the automaton gave up.
    pub(crate) fn matches(&mut self, policy: &[u8; 32], regexes: &[Regex], id: RegexId, text: &str) -> Option<bool> {
        let regex = regexes.get(id.index())?;
        if self.policy != *policy {
            *self = Self { policy: *policy, ..Self::default() };
        }
        if self.read < WORTH {
            self.read = self.read.saturating_add(text.len());
            return regex.matches(text);
        }
        if self.starts.is_empty() {
            self.starts = vec![UNKNOWN; regexes.len()];
            (self.rows, self.known) = (Vec::with_capacity(ROWS), Vec::with_capacity(ROWS));
        }
        match self.follow(regex, id, text.as_bytes()) {
            Some(matches) => Some(matches),
            None => regex.matches(text),
        }
    }

    /// The same by the rows; none where they do not go so far.
    fn follow(&mut self, regex: &Regex, id: RegexId, text: &[u8]) -> Option<bool> {
        let mut at = match self.starts.get(id.index()).copied()? {
            UNKNOWN => self.begin(regex, id)?,
            start => start,
        };
        for byte in text {
            let next = self.row(at)?.next.get(usize::from(*byte)).copied()?;
            at = match next {
                UNKNOWN => self.step(regex, id, at, *byte)?,
                next => next,
            };
            if at == DEAD {
                return Some(false);
            }
        }
        self.row(at).map(|row| row.matches)
    }

    #[inline]
    fn row(&self, at: u16) -> Option<&Row> {
        self.rows.get(usize::from(at.checked_sub(FIRST)?))
    }

    #[cold]
    fn begin(&mut self, regex: &Regex, id: RegexId) -> Option<u16> {
        let start = self.find(regex, id, regex.start()?)?;
        *self.starts.get_mut(id.index())? = start;
        Some(start)
    }

    /// Takes a step in the automaton, and keeps where it leads.
    #[cold]
    fn step(&mut self, regex: &Regex, id: RegexId, at: u16, byte: u8) -> Option<u16> {
        let state = regex.step(self.row(at)?.state, byte)?;
        let next = match state {
            Some(state) => self.find(regex, id, state)?,
            None => DEAD,
        };
        let row = self.rows.get_mut(usize::from(at.checked_sub(FIRST)?))?;
        *row.next.get_mut(usize::from(byte))? = next;
        Some(next)
    }

    /// The row of a state; none where there is no room for one.
    fn find(&mut self, regex: &Regex, id: RegexId, state: StateID) -> Option<u16> {
        let place = match self.known.binary_search_by_key(&(id, state), |(id, state, _)| (*id, *state)) {
            Ok(found) => return self.known.get(found).map(|(_, _, row)| *row),
            Err(place) => place,
        };
        if self.rows.len() >= ROWS {
            return None;
        }
        let row = u16::try_from(self.rows.len()).ok()?.checked_add(FIRST)?;
        self.rows.push(Row { state, matches: regex.ends(state), next: [UNKNOWN; 256] });
        self.known.insert(place, (id, state, row));
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use alloc::format;
    use alloc::string::String;

    use leverframe_compiler::modules::{LoadError, Loader};
    use leverframe_compiler::pipeline::build;

    use super::*;

    const PATTERNS: [&str; 6] = ["[a-z]*", "(ab|b)*c?", "é+.*x", "[0-9]{2,4}-[a-z]{1,3}", ".*(secret|token).*", "[a-z]{1,300}!"];

    struct Text(String);

    impl Loader for Text {
        fn load(&self, _: &str) -> Result<String, LoadError> {
            Ok(self.0.clone())
        }
    }

    fn regexes() -> Vec<Regex> {
        let conditions: Vec<String> = PATTERNS.iter().map(|pattern| format!("  allow a when v matches \"{pattern}\"\n")).collect();
        let policy = format!("language 1\ntool a(v: string)\npersona p {{\n{}  otherwise deny\n}}\n", conditions.concat());
        let built = build("policy.lever", &Text(policy)).ok().unwrap();
        built.frame.regexes.iter().map(|bytes| Regex::load(bytes).unwrap()).collect()
    }

    /// Texts of letters that the patterns know, and of one that they do not.
    fn texts() -> Vec<String> {
        let mut texts: Vec<String> = ["", "ab", "abc", "é", "éx", "12-ab", "a token here", "12345-a", "ü"].map(String::from).into();
        let mut dice = 2026_u64;
        for length in 0..400_usize {
            let mut text = String::new();
            for _ in 0..length % 40 {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.extend("abcx!1-é".chars().nth(usize::try_from(dice >> 33).unwrap() % 8));
            }
            texts.push(text);
        }
        texts.extend([0, 1, 99, 200, 299, 300, 301].map(|length| format!("{}!", "q".repeat(length))));
        texts
    }

    #[test]
    fn rows_say_what_their_automata_say() {
        let (regexes, texts) = (regexes(), texts());
        assert_eq!(regexes.len(), PATTERNS.len());
        let (policy, mut yes) = ([1; 32], 0);
        let mut rows = Rows { policy, read: WORTH, ..Rows::default() };
        // The first time steps are taken, the second time most stand in rows.
        for text in texts.iter().chain(&texts) {
            for (number, regex) in regexes.iter().enumerate() {
                let id = RegexId(u32::try_from(number).unwrap());
                let matches = rows.matches(&policy, &regexes, id, text);
                assert_eq!(matches, regex.matches(text), "{:?} of {text:?}", PATTERNS.get(number));
                yes += usize::from(matches == Some(true));
            }
        }
        assert_eq!((rows.rows.len(), rows.known.len()), (ROWS, ROWS), "the table is full");
        // Another policy's expressions of the same numbers are none of these.
        assert_eq!(rows.matches(&[2; 32], &regexes, RegexId(0), "ab"), Some(true));
        assert_eq!((rows.rows.len(), rows.read), (0, 2), "the table is empty");
        assert!(yes > 50, "some match: {yes}");
    }
}
