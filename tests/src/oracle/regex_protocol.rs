//! Protocols as regular expressions over one byte a letter, determinised and minimised by regex-automata.
//!
//! In: a protocol as it was written. Out: whether the table judges where no word goes on. Letters that no event of the protocol matches may stand anywhere.
//! Left out: conditions on results and host events, of which one that cannot be evaluated leaves the protocol.
//! Source: `lang-spec/sequences.md`, [seq.protocol].

use std::collections::{HashMap, HashSet, VecDeque};

use leverframe_compiler::core::{Core, Rule as CoreRule};
use leverframe_runtime::frame::LetterKind;
use regex_automata::Anchored;
use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::{primitives::StateID, start};

use super::alphabet::{Letter, Letters};
use super::regex::{self, MARK, Walked, Writer};
use super::rules::{Event, Expression};
use super::table::Table;

/// The bits that a protocol's letters need.
#[must_use]
pub fn bits(expression: &Expression) -> Vec<String> {
    let mut bits = Vec::new();
    expression.events().iter().for_each(|event| regex::collect_event(event, false, &mut bits));
    bits
}

/// Compares the table of a rule with the expression of its protocol.
///
/// # Errors
/// A history on which they differ.
///
/// # Panics
/// Where the letters are more than a byte has values.
pub fn compare(core: &Core, rule: &CoreRule, expression: &Expression) -> Result<Walked, String> {
    let letters = Letters::new(core, bits(expression));
    let writer = Writer { letters: &letters, all: letters.all().collect() };
    assert!(writer.all.len() < usize::from(MARK), "one byte a letter");
    let table = Table::new(core, rule, &letters, &[regex::equals_one()])?;
    let events = expression.events();
    let named = |letter: Letter| events.iter().any(|event| writer.matches(event, false, letter));
    let others = format!("{}*", writer.class(|letter| !named(letter), false));
    let dfa = regex::determinise(&format!("(?s-u:\\xff{others}{})", body(&writer, expression, &others)));
    walk(&table, &dfa, &letters, &writer, &events)
}

fn body(writer: &Writer<'_>, expression: &Expression, others: &str) -> String {
    let list = |parts: &[Expression], sign: &str| parts.iter().map(|part| body(writer, part, others)).collect::<Vec<_>>().join(sign);
    match expression {
        Expression::Event(event) => format!("{}{others}", writer.class(|letter| writer.matches(event, false, letter), false)),
        Expression::Then(parts) => format!("(?:{})", list(parts, "")),
        Expression::Or(parts) => format!("(?:{})", list(parts, "|")),
        Expression::Many(part) => format!("(?:{})*", body(writer, part, others)),
        Expression::Some(part) => format!("(?:{})+", body(writer, part, others)),
        Expression::Maybe(part) => format!("(?:{})?", body(writer, part, others)),
    }
}

/// States from which a word can be reached, or already has been.
struct Alive<'d> {
    dfa: &'d dense::DFA<Vec<u32>>,
    letters: usize,
    known: HashMap<StateID, bool>,
}

impl Alive<'_> {
    fn ask(&mut self, state: StateID) -> bool {
        if let Some(known) = self.known.get(&state) {
            return *known;
        }
        let mut seen = HashSet::from([state]);
        let mut queue = VecDeque::from([state]);
        let mut found = false;
        while let (Some(at), false) = (queue.pop_front(), found) {
            found = self.dfa.is_match_state(self.dfa.next_eoi_state(at));
            for (byte, _) in (0_u8..).zip(0..self.letters) {
                let next = self.dfa.next_state(at, byte);
                if seen.insert(next) {
                    queue.push_back(next);
                }
            }
        }
        self.known.insert(state, found);
        found
    }
}

fn walk(table: &Table, dfa: &dense::DFA<Vec<u32>>, letters: &Letters, writer: &Writer<'_>, events: &[&Event]) -> Result<Walked, String> {
    let first = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).expect("an anchored start");
    let begin = (0, dfa.next_state(first, MARK));
    let mut alive = Alive { dfa, letters: writer.all.len(), known: HashMap::new() };
    let mut came: HashMap<(usize, StateID), String> = HashMap::from([(begin, String::new())]);
    let mut queue = VecDeque::from([begin]);
    while let Some(at) = queue.pop_front() {
        for (byte, letter) in (0_u8..).zip(&writer.all) {
            let (next, judged) = table.step(at.0, *letter);
            let state = dfa.next_state(at.1, byte);
            let call = letters.sites[letter.site].0 == LetterKind::Call;
            let named = events.iter().any(|event| writer.matches(event, false, *letter));
            let expected = call && named && !alive.ask(state);
            let history = regex::shown(&came[&at], letters, *letter);
            if judged != expected {
                return Err(format!("after <{history}> the table says {judged}, the expression {expected}"));
            }
            came.entry((next, state)).or_insert_with(|| {
                queue.push_back((next, state));
                history
            });
        }
    }
    let states: HashSet<StateID> = came.keys().map(|(_, state)| *state).collect();
    Ok(Walked { dfa_states: states.len(), pairs: came.len() })
}
