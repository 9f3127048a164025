//! A question, ready to be decided: a formula over truths, numbers and finite choices.
//!
//! In: the graph, the goal and the options of its texts. Out: which unknowns matter, and what a leaf is under a choice. Invariant: unknowns that the goal does
//! not reach have any value.
//! Source: verification section 3.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::formula::{F, Graph, N, Number, Op};
use super::options::{Choice, Options};

/// A question.
pub(super) struct Problem {
    pub(super) graph: Graph,
    pub(super) options: Rc<Options>,
    pub(super) goal: F,
    pub(super) used: Used,
}

/// Which texts are looked among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Among {
    /// Those that are known.
    Certain,
    /// All that there may be.
    All,
}

/// What the goal reaches.
#[derive(Debug, Default)]
pub(super) struct Used {
    pub(super) ops: BTreeSet<usize>,
    pub(super) numbers: BTreeSet<usize>,
    pub(super) bools: BTreeSet<usize>,
    /// Unknown numbers.
    pub(super) unknowns: BTreeSet<usize>,
    pub(super) texts: BTreeSet<usize>,
}

/// A value of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    Int(i128),
    Decimal(String),
}

/// A value for every unknown.
#[derive(Clone, Debug)]
pub(super) struct Assignment {
    pub(super) bools: Vec<bool>,
    pub(super) numbers: Vec<Amount>,
    /// Of each text, the position of its choice.
    pub(super) choices: Vec<usize>,
}

impl Problem {
    pub(super) fn new(graph: Graph, options: Rc<Options>, goal: F) -> Self {
        let mut problem = Self { graph, options, goal, used: Used::default() };
        problem.reach();
        problem
    }

    /// The choices that may be made: all, or those that a text is known of.
    pub(super) fn choices(&self, text: usize, among: Among) -> impl Iterator<Item = (usize, &Choice)> {
        let all = self.options.choices.get(text).map_or(&[][..], Vec::as_slice);
        all.iter().enumerate().filter(move |(_, choice)| among == Among::All || choice.text.is_some())
    }

    /// Whether some choice that matters is known of no text.
    pub(super) fn is_uncertain(&self) -> bool {
        self.used.texts.iter().any(|text| self.choices(*text, Among::All).any(|(_, choice)| choice.text.is_none()))
    }

    /// Whether a leaf about one text holds under a choice of it.
    pub(super) fn leaf(&self, op: Op, choice: &Choice) -> bool {
        match op {
            Op::Text(reading, predicate) => self.holds(reading, predicate, choice).unwrap_or(false),
            Op::Unread(reading) => self.options.value(reading, choice).is_none(),
            _ => false,
        }
    }

    fn holds(&self, reading: usize, predicate: usize, choice: &Choice) -> Option<bool> {
        let value = self.options.value(reading, choice)?;
        let predicate = self.options.texts.readings.get(reading)?.predicates.get(predicate)?;
        Some(self.options.class(reading)?.holds(value, predicate))
    }

    /// The text of a reading.
    pub(super) fn text_of(&self, reading: usize) -> usize {
        self.options.texts.readings.get(reading).map_or(usize::MAX, |reading| reading.text)
    }

    /// The ports of a text that matter: unknown numbers.
    pub(super) fn ports(&self, text: usize) -> impl Iterator<Item = usize> {
        let all = self.options.texts.ports.iter().filter(move |port| port.text == text);
        all.map(|port| port.number).filter(|number| self.used.unknowns.contains(number))
    }

    fn reach(&mut self) {
        let mut used = Used::default();
        let mut open = vec![self.goal];
        while let Some(F(at)) = open.pop() {
            if !used.ops.insert(at) {
                continue;
            }
            match self.graph.ops.get(at) {
                Some(Op::Bool(index)) => {
                    used.bools.insert(*index);
                }
                Some(Op::Text(reading, _) | Op::Unread(reading)) => {
                    used.texts.insert(self.text_of(*reading));
                }
                Some(Op::Same(a, b)) => used.texts.extend([self.text_of(*a), self.text_of(*b)]),
                Some(Op::Not(part)) => open.push(*part),
                Some(Op::And(a, b) | Op::Or(a, b)) => open.extend([*a, *b]),
                Some(Op::Relate(_, a, b)) => {
                    self.reach_number(*a, &mut used);
                    self.reach_number(*b, &mut used);
                }
                Some(Op::Const(_)) | None => {}
            }
        }
        for port in &self.options.texts.ports {
            if used.unknowns.contains(&port.number) {
                used.texts.insert(port.text);
            }
        }
        self.used = used;
    }

    fn reach_number(&self, N(at): N, used: &mut Used) {
        if !used.numbers.insert(at) {
            return;
        }
        match self.graph.numbers.get(at) {
            Some(Number::Unknown(index)) => {
                used.unknowns.insert(*index);
            }
            Some(Number::Add(a, b) | Number::Sub(a, b) | Number::Mul(a, b)) => {
                self.reach_number(*a, used);
                self.reach_number(*b, used);
            }
            Some(Number::Hour(inner) | Number::Weekday(inner)) => self.reach_number(*inner, used),
            Some(Number::Int(_) | Number::Decimal(_)) | None => {}
        }
    }

    /// What stands where nothing is asked: no, the number nearest to zero, the first choice.
    pub(super) fn anything(&self) -> Assignment {
        let near = |unknown: &super::formula::Unknown| {
            if unknown.decimal { Amount::Decimal("0".to_owned()) } else { Amount::Int(i128::from(0_i64.clamp(unknown.lo, unknown.hi))) }
        };
        Assignment {
            bools: vec![false; self.graph.bools],
            numbers: self.graph.unknowns.iter().map(near).collect(),
            choices: vec![0; self.options.choices.len()],
        }
    }
}
