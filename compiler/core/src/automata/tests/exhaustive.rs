//! Every word up to a length, for rules of every construct: tables against definitions.

use super::history::{Happened, holds};
use super::machine::Machine;
use super::sequence::{Sequence, formula, one, then, times};
use super::*;

struct Run<'a> {
    formula: &'a Formula,
    guards: &'a Guards,
    compiled: &'a Compiled,
    /// Calls and host events, and how long after the letter before they come.
    letters: Vec<(LetterKind, u32, i64)>,
    /// How results may end, with their labels.
    results: Vec<(LetterKind, u64)>,
    denied: usize,
    judged: usize,
}

impl Run<'_> {
    /// Extends a history by every letter.
    fn extend(&mut self, history: &mut Vec<Happened>, machine: &Machine, left: usize) {
        if left == 0 {
            return;
        }
        let now = history.last().map_or(0, |letter| letter.at);
        let mut letters: Vec<Happened> = Vec::new();
        for (kind, subject, later) in &self.letters {
            letters.push(letter(*kind, *subject, now + later, history.len(), 0));
        }
        let calls = (0..history.len()).filter(|place| history[*place].kind == LetterKind::Call);
        for call in calls.filter(|call| !history.iter().skip(call + 1).any(|other| other.call == *call)) {
            for (kind, labels) in &self.results {
                letters.push(letter(*kind, history[call].subject, now, call, *labels));
            }
        }
        for letter in letters {
            history.push(letter);
            let mut after = machine.clone();
            let deny = after.step(&self.compiled.alphabet, automaton(self.compiled), self.guards, history);
            let last = history.len() - 1;
            if history[last].kind == LetterKind::Call {
                let expected = holds(self.formula, history, last);
                assert_eq!(deny, expected, "{:#?}\n{history:#?}", self.formula);
                self.judged += 1;
                self.denied += usize::from(expected);
            }
            self.extend(history, &after, left - 1);
            history.pop();
        }
    }
}

fn letter(kind: LetterKind, subject: u32, at: i64, call: usize, labels: u64) -> Happened {
    Happened { kind, subject, persona: 0, approved: false, labels, n: Some(1), at, call }
}

/// All words over calls of these tools and host event 0, with results where there are endings, at these distances.
fn all_words(formula: &Formula, tools: &[u32], host: bool, results: &[(LetterKind, u64)], later: &[i64], length: usize) {
    let (_, guards, compiled) = compiled(formula);
    super::minimal::check(&compiled);
    let mut letters = Vec::new();
    for later in later {
        letters.extend(tools.iter().map(|tool| (LetterKind::Call, *tool, *later)));
        letters.extend(host.then_some((LetterKind::Event, 0, *later)));
    }
    let machine = Machine::new(automaton(&compiled));
    let mut run = Run { formula, guards: &guards, compiled: &compiled, letters, results: results.to_vec(), denied: 0, judged: 0 };
    run.extend(&mut Vec::new(), &machine, length);
    assert!(run.denied > 0 && run.denied < run.judged, "the words decide nothing: {} of {}", run.denied, run.judged);
}

const OK: (LetterKind, u64) = (LetterKind::Ok, 0);
const FAILED: (LetterKind, u64) = (LetterKind::Failed, 0);

#[test]
fn chains_gaps_and_choices() {
    let abc = then(then(one(call(A)), gap(), one(call(B))), gap(), one(call(C)));
    all_words(&formula(&abc), &[A, B, C, D], false, &[], &[1], 6);
    all_words(&formula(&times(4, &call(A))), &[A, B], true, &[OK], &[1], 6);
    all_words(&formula(&then(one(call(A)), next(), one(call(B)))), &[A, B, C], true, &[OK], &[1], 5);
    let either = Sequence::Or(vec![one(call(A)), then(one(call(B)), gap(), one(call(C)))]);
    all_words(&formula(&then(either, next(), one(call(D)))), &[A, B, C, D], false, &[], &[1], 6);
    let both = Sequence::And(vec![one(call(A)), one(call(B)), one(event(0, Cond::Const(true)))]);
    all_words(&formula(&then(both, gap(), one(call(C)))), &[A, B, C], true, &[], &[1], 6);
    let pairs = Sequence::And(vec![then(one(call(A)), gap(), one(call(B))), then(one(call(B)), gap(), one(call(A)))]);
    all_words(&formula(&pairs), &[A, B], false, &[], &[1], 6);
}

#[test]
fn late_results_and_unless() {
    let rule = formula(&then(one(call(A)), unless(&[ok(C)]), one(call(B))));
    all_words(&rule, &[A, B, C], false, &[OK, FAILED], &[1], 5);
    let rule =
        formula(&then(then(one(call(A)), unless(&[ok(C)]), one(call(B))), unless(&[ok(C), event(0, Cond::Const(true))]), one(call(A))));
    all_words(&rule, &[A, B, C], true, &[OK], &[1], 5);
    let rule = formula(&then(one(ok(A)), unless(&[ok(C)]), one(call(B))));
    all_words(&rule, &[A, B, C], false, &[OK], &[1], 6);
    let rule = formula(&then(Sequence::Start, unless(&[ok(A)]), one(call(B))));
    all_words(&rule, &[A, B], false, &[OK, FAILED], &[1], 6);
}

#[test]
fn windows() {
    let rule = formula(&then(one(call(A)), within(2), one(call(B))));
    all_words(&rule, &[A, B], false, &[], &[0, 1, 2], 5);
    let rule = formula(&then(then(one(call(A)), within(2), one(call(B))), within(1), one(call(C))));
    all_words(&rule, &[A, B, C], false, &[], &[0, 2], 6);
    let guarded = Clause { within_ms: Some(2), unless: vec![ok(C)], next: false };
    all_words(&formula(&then(one(call(A)), guarded, one(call(B)))), &[A, B, C], false, &[OK], &[0, 2], 5);
    let rule = formula(&then(one(ok(A)), within(2), one(call(B))));
    all_words(&rule, &[A, B], false, &[OK, FAILED], &[0, 2], 5);
}

#[test]
fn requires() {
    all_words(&require(&[ok(A)], call(B), None, Some(&call(C))), &[A, B, C], false, &[OK, FAILED], &[1], 5);
    all_words(&require(&[ok(A)], call(B), None, Some(&call(A))), &[A, B], false, &[OK], &[1], 6);
    all_words(&require(&[ok(A), ok(B)], call(C), None, Some(&call(C))), &[A, B, C], false, &[OK], &[1], 5);
    all_words(&require(&[ok(A)], call(B), Some(2), None), &[A, B, C], false, &[OK], &[0, 2], 5);
    all_words(&require(&[ok(A)], call(B), Some(2), Some(&ok(C))), &[A, B, C], false, &[OK], &[0, 2], 5);
    all_words(&require(&[event(0, Cond::Const(true))], call(B), Some(2), Some(&call(B))), &[A, B], true, &[OK], &[0, 2], 5);
}

#[test]
fn labels() {
    let both = Sequence::And(vec![one(labelled(&[A, B], 0)), one(labelled(&[A, B], 1))]);
    let endings: Vec<(LetterKind, u64)> = (0..4).map(|labels| (LetterKind::Ok, labels)).collect();
    all_words(&formula(&then(both, gap(), one(call(C)))), &[A, C], false, &endings, &[1], 5);
}
