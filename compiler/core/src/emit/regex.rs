//! Regular expressions become automata that the runtime only has to read.
//!
//! In: the text of a `matches`. Out: a serialised sparse DFA, anchored, whose longest match is asked for: a text matches if that is all of it.
//! Invariants: one automaton for each text; `.` is any scalar value; the automaton never gives up, since there is no look-around in the language.
//! Left out: minimisation of the DFA, which costs more than it saves here.
//! Source: language section 9 (regular expressions); regex-automata's documentation of serialisation.

use std::collections::HashMap;

use leverframe_runtime::frame::RegexId;
use regex_automata::MatchKind;
use regex_automata::dfa::{StartKind, dense};
use regex_automata::nfa::thompson;

use crate::automata::{Oversize, Subject};
use crate::limits;
use crate::types::pattern::parser;

/// The automata of a frame.
#[derive(Debug, Default)]
pub(super) struct Regexes {
    pub(super) automata: Vec<Vec<u8>>,
    known: HashMap<String, RegexId>,
}

impl Regexes {
    pub(super) fn get(&mut self, subject: &Subject, text: &str) -> Result<RegexId, Oversize> {
        if let Some(known) = self.known.get(text) {
            return Ok(*known);
        }
        let automaton = build(text).map_err(|problem| problem.of(subject))?;
        Oversize::check("LF0747", subject, "bytes of a regular expression's automaton", limits::REGEX_BYTES, automaton.len())?;
        let id = RegexId(u32::try_from(self.automata.len()).unwrap_or(u32::MAX));
        self.known.insert(text.to_owned(), id);
        self.automata.push(automaton);
        Ok(id)
    }
}

/// Why there is no automaton.
enum Problem {
    /// The pattern is none; the front end has refused it.
    Syntax,
    TooLarge,
}

impl Problem {
    fn of(&self, subject: &Subject) -> Oversize {
        match self {
            Self::Syntax => Oversize::contradiction(subject, "patterns that are no regular expression"),
            Self::TooLarge => Oversize {
                code: "LF0747",
                subject: subject.clone(),
                what: "bytes that making a regular expression's automaton takes",
                bound: limits::REGEX_WORK as u64,
                given: limits::REGEX_WORK as u64 + 1,
                at_least: true,
            },
        }
    }
}

fn build(text: &str) -> Result<Vec<u8>, Problem> {
    let hir = parser().parse(text).map_err(|_| Problem::Syntax)?;
    let compiler = thompson::Config::new().nfa_size_limit(Some(limits::REGEX_WORK)).which_captures(thompson::WhichCaptures::None);
    let nfa = thompson::Compiler::new().configure(compiler).build_from_hir(&hir).map_err(|_| Problem::TooLarge)?;
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .match_kind(MatchKind::All)
        .accelerate(false)
        .dfa_size_limit(Some(limits::REGEX_WORK))
        .determinize_size_limit(Some(limits::REGEX_WORK));
    let dfa = dense::Builder::new().configure(config).build_from_nfa(&nfa).map_err(|_| Problem::TooLarge)?;
    let sparse = dfa.to_sparse().map_err(|_| Problem::TooLarge)?;
    Ok(sparse.to_bytes_little_endian())
}
