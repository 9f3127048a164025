//! Small questions: every assignment is tried.
//!
//! In: a [`Problem`] whose numbers are compared with constants only. Out: an assignment, or that there is none; or that the question is not small.
//! Why it is exact: between two neighbouring constants that a number is compared with, all its values are alike, so one of each such interval is tried.
//! Source: verification section 3 (what is decided without the solver).

use std::collections::BTreeSet;

use super::formula::{F, N, Number, Op, Relation};
use super::problem::{Among, Amount, Assignment, Problem};
use crate::limits;

/// What trying comes to.
pub(super) enum Tried {
    Found(Assignment),
    Nothing,
    TooLarge,
}

/// An unknown and the values that are tried.
enum Axis {
    Truth(usize),
    Number(usize, Vec<i128>),
    Choice(usize, Vec<usize>),
}

impl Axis {
    fn length(&self) -> usize {
        match self {
            Self::Truth(_) => 2,
            Self::Number(_, values) => values.len(),
            Self::Choice(_, values) => values.len(),
        }
    }

    fn assign(&self, at: usize, assignment: &mut Assignment) {
        match self {
            Self::Truth(index) => {
                if let Some(truth) = assignment.bools.get_mut(*index) {
                    *truth = at == 1;
                }
            }
            Self::Number(index, values) => {
                if let (Some(number), Some(value)) = (assignment.numbers.get_mut(*index), values.get(at)) {
                    *number = Amount::Int(*value);
                }
            }
            Self::Choice(index, values) => {
                if let (Some(choice), Some(value)) = (assignment.choices.get_mut(*index), values.get(at)) {
                    *choice = *value;
                }
            }
        }
    }
}

/// Tries every assignment, or every one of which all texts are known.
pub(super) fn tried(problem: &Problem, among: Among) -> Tried {
    let Some(axes) = axes(problem, among) else { return Tried::TooLarge };
    let rows = axes.iter().fold(1_usize, |rows, axis| rows.saturating_mul(axis.length()));
    if rows > limits::TABLE_ROWS || rows.saturating_mul(problem.used.ops.len()) > limits::TABLE_WORK {
        return Tried::TooLarge;
    }
    let mut assignment = problem.anything();
    let mut truths = vec![false; problem.graph.ops.len()];
    for row in 0..rows {
        let mut rest = row;
        for axis in &axes {
            axis.assign(rest % axis.length(), &mut assignment);
            rest /= axis.length();
        }
        if holds(problem, &assignment, &mut truths) && (among == Among::All || ports_fit(problem, &assignment)) {
            return Tried::Found(assignment);
        }
    }
    Tried::Nothing
}

fn axes(problem: &Problem, among: Among) -> Option<Vec<Axis>> {
    let mut axes = Vec::new();
    for text in &problem.used.texts {
        axes.push(Axis::Choice(*text, problem.choices(*text, among).map(|(index, _)| index).collect()));
    }
    for unknown in &problem.used.unknowns {
        axes.push(Axis::Number(*unknown, representatives(problem, *unknown)?));
    }
    axes.extend(problem.used.bools.iter().map(|index| Axis::Truth(*index)));
    Some(axes)
}

/// One value of each interval; none where the number is compared with something else than a constant.
fn representatives(problem: &Problem, unknown: usize) -> Option<Vec<i128>> {
    let declared = problem.graph.unknowns.get(unknown).filter(|unknown| !unknown.decimal)?;
    let (lo, hi) = (i128::from(declared.lo), i128::from(declared.hi));
    let mut values = BTreeSet::from([0.clamp(lo, hi)]);
    for at in &problem.used.numbers {
        match problem.graph.numbers.get(*at)? {
            Number::Unknown(_) | Number::Int(_) => {}
            _ => return None,
        }
    }
    for at in &problem.used.ops {
        let Some(Op::Relate(_, a, b)) = problem.graph.ops.get(*at) else { continue };
        match (number(problem, *a)?, number(problem, *b)?) {
            (Number::Unknown(index), Number::Int(value)) | (Number::Int(value), Number::Unknown(index)) if *index == unknown => {
                values.extend([value - 1, *value, value + 1]);
            }
            (Number::Unknown(a), Number::Unknown(b)) if *a == unknown || *b == unknown => return None,
            _ => {}
        }
    }
    for port in problem.options.texts.ports.iter().filter(|port| port.number == unknown) {
        let fixed = problem.choices(port.text, Among::All).filter_map(|(_, choice)| choice.port);
        values.extend(fixed.map(i128::from).chain([443, 80]));
    }
    let mut values: Vec<i128> = values.into_iter().filter(|value| (lo..=hi).contains(value)).collect();
    values.sort_by_key(|value| value.unsigned_abs());
    Some(values)
}

fn number(problem: &Problem, N(at): N) -> Option<&Number> {
    problem.graph.numbers.get(at)
}

/// Whether every port is the one that its text has.
fn ports_fit(problem: &Problem, assignment: &Assignment) -> bool {
    problem.used.texts.iter().all(|text| {
        let chosen = assignment.choices.get(*text).and_then(|choice| problem.options.choices.get(*text)?.get(*choice));
        let fixed = chosen.and_then(|choice| choice.port);
        let fits = |port: usize| fixed.is_none_or(|fixed| assignment.numbers.get(port) == Some(&Amount::Int(fixed.into())));
        problem.ports(*text).all(fits)
    })
}

/// Whether the goal holds; every step stands after its parts.
fn holds(problem: &Problem, assignment: &Assignment, truths: &mut [bool]) -> bool {
    for at in &problem.used.ops {
        let Some(op) = problem.graph.ops.get(*at) else { continue };
        let truth = step(problem, assignment, truths, *op);
        if let Some(slot) = truths.get_mut(*at) {
            *slot = truth;
        }
    }
    truths.get(problem.goal.0).copied().unwrap_or(false)
}

fn step(problem: &Problem, assignment: &Assignment, truths: &[bool], op: Op) -> bool {
    let truth = |F(at): F| truths.get(at).copied().unwrap_or(false);
    let chosen = |reading: usize| {
        let text = problem.text_of(reading);
        problem.options.choices.get(text)?.get(*assignment.choices.get(text)?)
    };
    match op {
        Op::Const(value) => value,
        Op::Bool(index) => assignment.bools.get(index).copied().unwrap_or(false),
        Op::Text(reading, _) | Op::Unread(reading) => chosen(reading).is_some_and(|choice| problem.leaf(op, choice)),
        Op::Same(a, b) => {
            let value = |reading: usize| problem.options.value(reading, chosen(reading)?);
            value(a).is_some() && value(a) == value(b)
        }
        Op::Relate(relation, a, b) => related(problem, assignment, relation, a, b).unwrap_or(false),
        Op::Not(part) => !truth(part),
        Op::And(a, b) => truth(a) && truth(b),
        Op::Or(a, b) => truth(a) || truth(b),
    }
}

fn related(problem: &Problem, assignment: &Assignment, relation: Relation, a: N, b: N) -> Option<bool> {
    let value = |at: N| match number(problem, at)? {
        Number::Int(value) => Some(*value),
        Number::Unknown(index) => match assignment.numbers.get(*index)? {
            Amount::Int(value) => Some(*value),
            Amount::Decimal(_) => None,
        },
        _ => None,
    };
    let (a, b) = (value(a)?, value(b)?);
    Some(match relation {
        Relation::Equal => a == b,
        Relation::Less => a < b,
        Relation::AtMost => a <= b,
    })
}
