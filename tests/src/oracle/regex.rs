//! Sequences as regular expressions over one byte a letter, determinised and minimised by regex-automata.
//!
//! In: a sequence as it was written. Out: whether the table judges where the expression ends. `p then q` is `p.*q`, a gap clause a smaller class than
//! `.`, `and` every order of its events, some of which may be one letter; the beginning is a letter of its own before all others.
//! Left out: windows, and results in `unless`, which are no regular languages of letters; sequences that are joined by `and`.
//! Source: `lang-spec/sequences.md`, [seq.forbid].

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write as _;

use leverframe_compiler::core::cond::CompareOp;
use leverframe_compiler::core::{Cond, Core, Rule as CoreRule, Scalar, Term, TypeTag};
use leverframe_runtime::frame::LetterKind;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::{primitives::StateID, start, syntax};
use regex_automata::{Anchored, MatchKind};

use super::alphabet::{Letter, Letters, UNKNOWN};
use super::mona_text::{APPROVED, guard_bit, label_bit, persona_bit};
use super::rules::{Event, Gap, Outcome, Sequence, Target};
use super::table::Table;

/// The letter before all others.
pub(super) const MARK: u8 = 0xff;

/// What a comparison went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked {
    /// States of the minimal DFA that histories reach, as regex-automata counts them: a match is known a letter late.
    pub dfa_states: usize,
    /// Pairs of states that histories reach.
    pub pairs: usize,
}

/// Compares the table of a rule with the expression of its sequence.
///
/// # Errors
/// A history on which they differ.
pub fn compare(core: &Core, rule: &CoreRule, sequence: &Sequence) -> Result<Walked, String> {
    let letters = letters(core, sequence);
    let writer = Writer { letters: &letters, all: letters.all().collect() };
    assert!(writer.all.len() < usize::from(MARK), "one byte a letter");
    let table = Table::new(core, rule, &letters, &[equals_one()])?;
    let dfa = determinise(&format!("(?s-u:.*{})", writer.expression(sequence)));
    walk(&table, &dfa, &letters, &writer.all)
}

/// The letters of a sequence.
#[must_use]
pub fn letters(core: &Core, sequence: &Sequence) -> Letters {
    let bits = bits(sequence);
    if sequence.has_attempts() { Letters::with_attempts(core, bits) } else { Letters::new(core, bits) }
}

/// `n == 1`, the only condition of these rules.
pub(super) fn equals_one() -> Cond {
    Cond::Compare(CompareOp::Eq, TypeTag::Int, Term::Arg(vec!["n".into()]), Term::Literal(Scalar::Int(1)))
}

pub(super) fn determinise(expression: &str) -> dense::DFA<Vec<u32>> {
    let config = dense::Config::new().minimize(true).match_kind(MatchKind::All).start_kind(StartKind::Anchored);
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .thompson(thompson::Config::new().utf8(false))
        .build(expression)
        .expect("an expression within the bounds")
}

fn walk(table: &Table, dfa: &dense::DFA<Vec<u32>>, letters: &Letters, all: &[Letter]) -> Result<Walked, String> {
    let first = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).expect("an anchored start");
    let begin = (0, dfa.next_state(first, MARK));
    let mut came: HashMap<(usize, StateID), String> = HashMap::from([(begin, String::new())]);
    let mut queue = VecDeque::from([begin]);
    while let Some(at) = queue.pop_front() {
        for (byte, letter) in (0_u8..).zip(all) {
            let (next, judged) = table.step(at.0, *letter);
            let state = dfa.next_state(at.1, byte);
            let call = letters.sites[letter.site].0 == LetterKind::Call;
            let expected = call && dfa.is_match_state(dfa.next_eoi_state(state));
            if judged != expected {
                return Err(format!("after <{}> the table says {judged}, the expression {expected}", shown(&came[&at], letters, *letter)));
            }
            let history = shown(&came[&at], letters, *letter);
            came.entry((next, state)).or_insert_with(|| {
                queue.push_back((next, state));
                history
            });
        }
    }
    let states: HashSet<StateID> = came.keys().map(|(_, state)| *state).collect();
    Ok(Walked { dfa_states: states.len(), pairs: came.len() })
}

pub(super) fn shown(before: &str, letters: &Letters, letter: Letter) -> String {
    let letter = letters.show(letter);
    if before.is_empty() { letter } else { format!("{before}, {letter}") }
}

/// The bits that a sequence's letters need.
#[must_use]
pub fn bits(sequence: &Sequence) -> Vec<String> {
    let mut bits = Vec::new();
    collect(sequence, &mut bits);
    bits
}

fn collect(sequence: &Sequence, bits: &mut Vec<String>) {
    match sequence {
        Sequence::Start => {}
        Sequence::Event(event) => collect_event(event, true, bits),
        Sequence::Or(parts) | Sequence::And(parts) => parts.iter().for_each(|part| collect(part, bits)),
        Sequence::Times(_, of) => collect(of, bits),
        Sequence::Then(first, gap, then) => {
            collect(first, bits);
            gap.unless.iter().for_each(|event| collect_event(event, false, bits));
            collect(then, bits);
        }
    }
}

pub(super) fn collect_event(event: &Event, step: bool, bits: &mut Vec<String>) {
    for name in tests(event, step) {
        if !bits.contains(&name) {
            bits.push(name);
        }
    }
}

/// What an event asks beside its site. A guard that cannot be evaluated matches in a step, and not in an `unless`.
fn tests(event: &Event, step: bool) -> Vec<String> {
    let mut names: Vec<String> = event.approved.then(|| APPROVED.to_owned()).into_iter().collect();
    names.extend(event.by.map(|persona| persona_bit(u32::try_from(persona).expect("few personas"))));
    if let Outcome::Returns(label) = event.outcome {
        names.push(label_bit(u32::try_from(label).expect("few labels")));
    }
    names.extend(event.when.map(|_| guard_bit(0, step)));
    names
}

pub(super) struct Writer<'a> {
    pub(super) letters: &'a Letters,
    pub(super) all: Vec<Letter>,
}

impl Writer<'_> {
    /// The expression of a sequence, or nothing that matches where none can.
    fn expression(&self, sequence: &Sequence) -> String {
        match sequence {
            Sequence::Start => self.class(|_| false, true),
            Sequence::Event(event) => self.class(|letter| self.matches(event, true, letter), false),
            Sequence::Then(first, gap, then) => {
                format!("{}{}{}", self.expression(first), self.gap(gap), self.expression(then))
            }
            Sequence::Or(parts) => alternatives(parts.iter().map(|part| self.expression(part)).collect()),
            Sequence::Times(count, of) => vec![self.expression(of); *count].join(".*"),
            Sequence::And(parts) => {
                let events: Vec<&Event> = parts.iter().map(event).collect();
                let orders = orders(events.len());
                alternatives(orders.iter().map(|order| self.order(&events, order)).collect())
            }
        }
    }

    /// Groups of events, one after the other; those of a group are one letter.
    fn order(&self, events: &[&Event], order: &[Vec<usize>]) -> String {
        let group = |group: &Vec<usize>| self.class(|letter| group.iter().all(|index| self.matches(events[*index], true, letter)), false);
        order.iter().map(group).collect::<Vec<_>>().join(".*")
    }

    fn gap(&self, gap: &Gap) -> String {
        let stops = |letter: Letter| {
            let call = self.letters.sites[letter.site].0 == LetterKind::Call;
            gap.next && call || gap.unless.iter().any(|event| self.matches(event, false, letter))
        };
        format!("{}*", self.class(|letter| !stops(letter), true))
    }

    pub(super) fn class(&self, holds: impl Fn(Letter) -> bool, mark: bool) -> String {
        let mut class = String::new();
        for (byte, _) in (0_u8..).zip(&self.all).filter(|(_, letter)| holds(**letter)) {
            write!(class, "\\x{byte:02x}").expect("text can be written");
        }
        if mark {
            class.push_str("\\xff");
        }
        // A class of no byte is what is not among all of them.
        if class.is_empty() { "[^\\x00-\\xff]".to_owned() } else { format!("[{class}]") }
    }

    pub(super) fn matches(&self, event: &Event, step: bool, letter: Letter) -> bool {
        let (kind, subject) = self.letters.sites[letter.site];
        let subject = subject as usize;
        let tool = kind != LetterKind::Event;
        // Of a tool that nobody knows no guard can be evaluated, so that it matches.
        let unknown = kind == LetterKind::Denied && letter_is_unknown(self.letters, letter);
        let target = match &event.target {
            Target::Host(index) => !tool && subject == *index,
            Target::Any => tool,
            Target::Tools(tools) => tool && tools.contains(&subject),
        };
        let outcome = match event.outcome {
            _ if event.denied => kind == LetterKind::Denied,
            Outcome::None => matches!(kind, LetterKind::Call | LetterKind::Event),
            Outcome::Succeeds => kind == LetterKind::Ok,
            Outcome::Fails => kind == LetterKind::Failed,
            Outcome::Returns(_) => matches!(kind, LetterKind::Ok | LetterKind::Failed),
        };
        let holds = |name: String| self.letters.bits.iter().position(|bit| *bit == name).is_some_and(|bit| letter.bits >> bit & 1 == 1);
        target && outcome && tests(event, step).into_iter().filter(|name| !unknown || *name != guard_bit(0, step)).all(holds)
    }
}

fn letter_is_unknown(letters: &Letters, letter: Letter) -> bool {
    letters.sites[letter.site].1 == UNKNOWN
}

fn event(sequence: &Sequence) -> &Event {
    match sequence {
        Sequence::Event(event) => event,
        other => panic!("only events are joined by `and` here, not {other:?}"),
    }
}

fn alternatives(parts: Vec<String>) -> String {
    format!("(?:{})", parts.join("|"))
}

/// Every way to put so many events into groups one after the other.
fn orders(count: usize) -> Vec<Vec<Vec<usize>>> {
    let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
    let mut found = Vec::new();
    for order in orders(last) {
        for place in 0..=order.len() {
            let mut alone = order.clone();
            alone.insert(place, vec![last]);
            found.push(alone);
        }
        for place in 0..order.len() {
            let mut joined = order.clone();
            joined[place].push(last);
            found.push(joined);
        }
    }
    found
}
