//! Random formulas × random words: tables against definitions, explored states against tables, minimality of each.

use super::super::Compiled;
use super::history::{Happened, holds};
use super::machine::{Machine, answer, kind};
use super::sequence::{Sequence, formula, one, then};
use super::*;

/// xorshift64*: enough for tests, and the same everywhere.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

/// What generated patterns may ask.
#[derive(Clone, Copy)]
pub(super) struct Taste {
    pub(super) approved: bool,
}

fn names(dice: &mut Dice) -> Vec<u32> {
    let mut names: Vec<u32> = (0..4).filter(|_| dice.one_in(3)).collect();
    if names.is_empty() {
        names.push(dice.below(4) as u32);
    }
    names
}

fn guard(dice: &mut Dice) -> Cond {
    if dice.one_in(3) { equals(dice.below(2) as i64) } else { Cond::Const(true) }
}

fn pattern(dice: &mut Dice, taste: Taste, kinds: &[LetterKind]) -> Pattern {
    let kind = kinds[dice.below(kinds.len() as u64) as usize];
    if kind == LetterKind::Event {
        return event(dice.below(2) as u32, guard(dice));
    }
    let mut pattern = tools(kind, &names(dice), guard(dice));
    let part = &mut pattern.parts[0];
    part.approved = taste.approved && dice.one_in(5);
    part.by = dice.one_in(6).then(|| PersonaId(dice.below(2) as u32));
    let result = matches!(kind, LetterKind::Ok | LetterKind::Failed | LetterKind::Result);
    part.label = (result && dice.one_in(4)).then(|| LabelId(dice.below(2) as u32));
    if dice.one_in(8) {
        let other = event(dice.below(2) as u32, guard(dice)).parts;
        pattern.parts.extend(other);
    }
    pattern
}

const STEP: &[LetterKind] =
    &[LetterKind::Call, LetterKind::Call, LetterKind::Call, LetterKind::Ok, LetterKind::Failed, LetterKind::Result, LetterKind::Event];
const WITNESS: &[LetterKind] = &[LetterKind::Ok, LetterKind::Ok, LetterKind::Failed, LetterKind::Event];

fn clause(dice: &mut Dice, taste: Taste, windows: bool) -> Clause {
    let unless = if dice.one_in(3) { (0..=dice.below(2)).map(|_| pattern(dice, taste, WITNESS)).collect() } else { vec![] };
    Clause { within_ms: (windows && dice.one_in(3)).then(|| dice.below(5)), unless, next: dice.one_in(7) }
}

fn sequence(dice: &mut Dice, taste: Taste, depth: u64) -> Sequence {
    if depth == 0 {
        return one(pattern(dice, taste, STEP));
    }
    match dice.below(10) {
        8 | 9 => Sequence::Within(dice.below(6), Box::new(sequence(dice, taste, depth - 1).grouped())),
        0 | 1 => one(pattern(dice, taste, STEP)),
        2..=4 => {
            let first = sequence(dice, taste, depth - 1);
            let gap = clause(dice, taste, true);
            then(first, gap, sequence(dice, taste, depth - 1))
        }
        5 => Sequence::Or(vec![sequence(dice, taste, depth - 1), sequence(dice, taste, depth - 1)]),
        6 => Sequence::And(vec![sequence(dice, taste, depth - 1), sequence(dice, taste, depth - 1)]),
        _ => then(Sequence::Start, clause(dice, taste, false), sequence(dice, taste, depth - 1)),
    }
}

/// A rule as the language can write it: a forbid, or a require.
pub(super) fn random_formula(dice: &mut Dice, taste: Taste) -> Formula {
    let last = pattern(dice, taste, &[LetterKind::Call]);
    if dice.one_in(3) {
        let prerequisites: Vec<Pattern> = (0..=dice.below(2)).map(|_| pattern(dice, taste, WITNESS)).collect();
        let within_ms = dice.one_in(2).then(|| dice.below(5));
        let reset = dice.one_in(2).then(|| pattern(dice, taste, STEP));
        return require(&prerequisites, last, within_ms, reset.as_ref());
    }
    let depth = 1 + dice.below(2);
    let first = sequence(dice, taste, depth);
    let gap = clause(dice, taste, true);
    formula(&then(first, gap, one(last)))
}

/// One more letter: a call, the result of a call that has none, or a host event.
pub(super) fn random_letter(dice: &mut Dice, taste: Taste, persona: Option<u32>, history: &[Happened]) -> Happened {
    let at = history.last().map_or(0, |letter| letter.at) + dice.below(3) as i64;
    let persona = persona.unwrap_or(dice.below(2) as u32);
    let has_result = |call: &usize| history.iter().enumerate().any(|(place, other)| place != *call && other.call == *call);
    let open: Vec<usize> = (0..history.len()).filter(|place| history[*place].kind == LetterKind::Call && !has_result(place)).collect();
    if !open.is_empty() && dice.one_in(2) {
        let call = open[dice.below(open.len() as u64) as usize];
        let kind = if dice.one_in(4) { LetterKind::Failed } else { LetterKind::Ok };
        return Happened { kind, labels: dice.below(4), at, call, ..history[call].clone() };
    }
    let host = dice.one_in(5);
    let (kind, subject) = if host { (LetterKind::Event, dice.below(2) as u32) } else { (LetterKind::Call, dice.below(4) as u32) };
    // A call on which a guard cannot be evaluated is denied, so only host events lack their argument.
    let n = if host && dice.one_in(3) { None } else { Some(dice.below(2) as i64) };
    Happened { kind, subject, persona, approved: taste.approved && !host && dice.one_in(3), labels: 0, n, at, call: history.len() }
}

/// What runs beside each other on one word.
struct Trio<'a> {
    formula: &'a Formula,
    guards: &'a Guards,
    compiled: &'a Compiled,
}

impl Trio<'_> {
    /// Whether some call of a random word is denied.
    fn run(&self, dice: &mut Dice, taste: Taste, length: usize) -> bool {
        let table = automaton(self.compiled);
        let origin = self.compiled.origin.as_ref().unwrap();
        let (mut machine, mut source, mut bits) = (Machine::new(table), 0, origin.explored.source.initial());
        let mut history = Vec::new();
        let mut denied = false;
        for place in 0..length {
            history.push(random_letter(dice, taste, None, &history));
            let letter = &history[place];
            let registers = machine.registers.clone();
            let mut ask = |test| answer(test, self.guards, &history, place, &registers);
            let read = origin.explored.letter(kind(letter.kind), letter.subject, &mut ask);
            let deny = machine.step(&self.compiled.alphabet, table, self.guards, &history);
            let expected = letter.kind == LetterKind::Call && holds(self.formula, &history, place);
            assert_eq!(deny, expected, "{:#?}\n{history:#?}", self.formula);
            if let Some(read) = read {
                let outcome = origin.explored.source.step(&bits, &origin.explored.letters[read]);
                let (next, judged) = origin.explored.step(source, read).unwrap();
                assert_eq!((&outcome.next, outcome.deny), (&origin.explored.states[next], judged));
                (bits, source) = (outcome.next, next);
                assert_eq!(judged, deny);
            }
            assert_eq!(origin.state_of[source], machine.state);
            denied |= deny;
        }
        denied
    }
}

#[test]
fn random_rules_on_random_words() {
    let (mut denying, mut most_states, mut refused) = (0, 0, 0);
    for seed in 0..2_400 {
        let mut dice = Dice::new(seed);
        let taste = Taste { approved: true };
        let formula = random_formula(&mut dice, taste);
        let core = world(vec![rule(Body::Deny(formula.clone()))]);
        let guards = Guards::collect(&core);
        let compiled = match super::super::rule(&core, &guards, &core.rules[0]) {
            Ok(compiled) => compiled,
            Err(oversize) => {
                assert!(["LF0713", "LF0714"].contains(&oversize.code), "{oversize}");
                refused += 1;
                continue;
            }
        };
        super::minimal::check(&compiled);
        most_states = most_states.max(automaton(&compiled).states);
        let trio = Trio { formula: &formula, guards: &guards, compiled: &compiled };
        denying += usize::from((0..30).filter(|_| trio.run(&mut dice, taste, 8)).count() > 0);
    }
    assert!(denying > 1_500, "only {denying} rules deny anything");
    assert!(most_states >= 12, "the largest table has {most_states} states");
    assert!(refused <= 24, "{refused} rules are too large");
}

#[test]
fn compiling_twice_gives_the_same_tables() {
    for seed in 0..200 {
        let formula = random_formula(&mut Dice::new(seed), Taste { approved: true });
        let core = world(vec![rule(Body::Deny(formula))]);
        assert_eq!(crate::automata::compile(&core), crate::automata::compile(&core));
    }
}
