//! Tests of one text as regular languages.
//!
//! In: tests and what each came to. Out: nothing if no text has them so. Invariants: all texts are looked at, byte by byte, of which those that are UTF-8 count;
//! a machine or a product that is too large shows nothing. Left out: networks, and what a kind of text excludes of itself.
//! Source: `lang-spec/certificate.md`, [cert.lemmas]; the readings of the predicates are those of `lang-spec/domain-types.md`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use leverframe_reference::policy::{Cond, Op, Term, TextOp};
use leverframe_reference::types::Literal;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

use super::lemma::Decided;

/// Bytes of one machine, and of the work to make it.
const MACHINE_BYTES: usize = 16 * 1024 * 1024;
/// Machines that are kept ready.
const READY: usize = 32;
/// States of a product.
const STATES: usize = 1 << 17;
/// Any text.
const TEXT: &str = ".*";

/// Steps that the proof of one obligation may take: of a machine, of an evaluation, bytes of a machine that is made.
const WORK: usize = 1 << 28;

/// Machines of languages that were asked for before, and how much work may still be done.
#[derive(Default)]
pub(super) struct Machines {
    ready: BTreeMap<String, Rc<Machine>>,
    left: usize,
}

struct Machine {
    dfa: dense::DFA<Vec<u32>>,
    first: StateID,
}

impl Machines {
    /// Begins the proof of an obligation.
    pub(super) fn begin(&mut self) {
        self.left = WORK;
    }

    /// Does so much work.
    ///
    /// # Errors
    /// It is too much.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), String> {
        self.left = self.left.checked_sub(steps).ok_or("the proof takes too much work")?;
        Ok(())
    }

    /// Shows that no text has all the tests as they were decided.
    ///
    /// # Errors
    /// Why that is not shown.
    pub(super) fn disjoint(&mut self, tests: &[Decided<'_>]) -> Result<(), String> {
        let one = |(test, holds): &Decided<'_>| language(test).map(|(expression, wanted)| (expression, wanted == *holds));
        let languages: Vec<(String, bool)> = tests.iter().map(one).collect::<Option<_>>().ok_or("a test is no regular language")?;
        let any = (TEXT.to_owned(), true);
        let made = [any].into_iter().chain(languages).map(|(expression, wanted)| Ok((self.machine(&expression)?, wanted)));
        let parts: Vec<(Rc<Machine>, bool)> = made.collect::<Result<_, String>>()?;
        self.empty(&parts)
    }

    fn machine(&mut self, expression: &str) -> Result<Rc<Machine>, String> {
        if let Some(known) = self.ready.get(expression) {
            return Ok(Rc::clone(known));
        }
        let made = Rc::new(Machine::new(expression).ok_or("a language is none, or needs too large a machine")?);
        self.spend(made.dfa.memory_usage())?;
        if self.ready.len() >= READY {
            self.ready.clear();
        }
        self.ready.insert(expression.to_owned(), Rc::clone(&made));
        Ok(made)
    }

    /// Whether no text is taken by just those machines that should take it.
    fn empty(&mut self, parts: &[(Rc<Machine>, bool)]) -> Result<(), String> {
        let first: Vec<StateID> = parts.iter().map(|(machine, _)| machine.first).collect();
        let bytes = bytes(parts);
        let mut seen = BTreeSet::from([first.clone()]);
        let mut queue = VecDeque::from([first]);
        while let Some(states) = queue.pop_front() {
            if parts.iter().zip(&states).all(|((machine, wanted), state)| machine.takes(*state) == *wanted) {
                return Err("some text has all of its tests".to_owned());
            }
            for byte in &bytes {
                self.spend(parts.len())?;
                let Some(next) = after(parts, &states, *byte) else { continue };
                if !seen.contains(&next) {
                    seen.insert(next.clone());
                    queue.push_back(next);
                }
            }
            if seen.len() > STATES {
                return Err("the product of its languages is too large".to_owned());
            }
        }
        Ok(())
    }
}

impl Machine {
    fn new(expression: &str) -> Option<Self> {
        let reading = syntax::Config::new().dot_matches_new_line(true).nest_limit(64);
        let config = thompson::Config::new().nfa_size_limit(Some(MACHINE_BYTES)).which_captures(thompson::WhichCaptures::None);
        let nfa = thompson::Compiler::new().syntax(reading).configure(config).build(expression).ok()?;
        if !nfa.look_set_any().is_empty() {
            return None;
        }
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .accelerate(false)
            .dfa_size_limit(Some(MACHINE_BYTES))
            .determinize_size_limit(Some(MACHINE_BYTES));
        let dfa = dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()?;
        let first = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        Some(Self { dfa, first })
    }

    fn takes(&self, state: StateID) -> bool {
        self.dfa.is_match_state(self.dfa.next_eoi_state(state))
    }
}

/// The texts of which a test holds (or, with `false`, of which it does not).
fn language(test: &Cond) -> Option<(String, bool)> {
    Some(match test {
        Cond::Compare(Op::Eq, _, left, right) => (exactly(left, right)?, true),
        Cond::Compare(Op::Ne, _, left, right) => (exactly(left, right)?, false),
        Cond::In(_, _, literals) if !literals.is_empty() => {
            let all: Option<Vec<String>> = literals.iter().map(text).collect();
            (all?.join("|"), true)
        }
        Cond::UnderHost(_, root) => (format!("(?:.*\\.)?{}", plain(root)), true),
        Cond::UnderPath(_, root) if root == "/" => (TEXT.to_owned(), true),
        Cond::UnderPath(_, root) => (format!("{}(?:/.*)?", plain(root)), true),
        Cond::Text(op, _, literal) => (predicate(*op, literal), true),
        _ => return None,
    })
}

fn exactly(left: &Term, right: &Term) -> Option<String> {
    match (left, right) {
        (Term::Literal(literal), _) | (_, Term::Literal(literal)) => text(literal),
        _ => None,
    }
}

fn text(literal: &Literal) -> Option<String> {
    match literal {
        Literal::String(text) => Some(plain(text)),
        _ => None,
    }
}

fn predicate(op: TextOp, literal: &str) -> String {
    match op {
        TextOp::Contains => format!(".*{}.*", plain(literal)),
        TextOp::StartsWith => format!("{}.*", plain(literal)),
        TextOp::EndsWith => format!(".*{}", plain(literal)),
        TextOp::Like => literal.split('*').map(plain).collect::<Vec<_>>().join(".*"),
        TextOp::Matches => literal.to_owned(),
    }
}

/// The text itself, no character of which means anything.
fn plain(text: &str) -> String {
    text.chars().map(|c| format!("\\x{{{:x}}}", u32::from(c))).collect()
}

/// All states after a byte; none where a machine that should take the text no longer can.
fn after(parts: &[(Rc<Machine>, bool)], states: &[StateID], byte: u8) -> Option<Vec<StateID>> {
    let next = |((machine, wanted), state): (&(Rc<Machine>, bool), &StateID)| {
        let next = machine.dfa.next_state(*state, byte);
        (!*wanted || !machine.dfa.is_dead_state(next)).then_some(next)
    };
    parts.iter().zip(states).map(next).collect()
}

/// A byte of each sort that some machine tells apart.
fn bytes(parts: &[(Rc<Machine>, bool)]) -> Vec<u8> {
    let mut sorts: BTreeSet<Vec<u8>> = BTreeSet::new();
    let sort = |byte: u8| parts.iter().map(|(machine, _)| machine.dfa.byte_classes().get(byte)).collect();
    (0..=u8::MAX).filter(|byte| sorts.insert(sort(*byte))).collect()
}
