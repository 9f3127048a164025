//! Questions that are not small go to the solver: linear arithmetic and finite choices, no strings.
//!
//! In: a [`Problem`]. Out: an assignment, that there is none, or why it is not known. Invariants: time is bounded for each question; numbers of an
//! assignment are near zero where that costs little, and decimals end.
//! Source: verification section 3; the manual of z3 4.8.

use std::time::Duration;

use z3::ast::{Bool, Int, Real};
use z3::{Params, SatResult, Solver};

use super::formula::{F, N, Number, Op, Relation};
use super::problem::{Among, Amount, Assignment, Problem};
use crate::limits;

/// What the solver says.
pub(super) enum Said {
    Found(Assignment),
    Nothing,
    Unknown(String),
}

/// A number as the solver has it.
#[derive(Clone)]
enum Term {
    Int(Int),
    Real(Real),
}

impl Term {
    fn real(&self) -> Real {
        match self {
            Self::Int(int) => int.to_real(),
            Self::Real(real) => real.clone(),
        }
    }
}

/// A question as the solver has it.
struct Asked<'p> {
    problem: &'p Problem,
    solver: Solver,
    numbers: Vec<Option<Term>>,
    truths: Vec<Option<Bool>>,
}

/// Integers, exact decimals, and products with constants.
const LINEAR: &str = "QF_LIRA";
/// The logic that has `div` and `mod` too, which hours and weekdays are made of.
const WITH_DIVISION: &str = "QF_NIRA";

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How near a number is wanted, the nearest first.
const NEAR: [i128; 8] = [1, 3, 10, 100, 1_000, 10_000, 1_000_000, 1_000_000_000_000];

/// Asks the solver; of all texts, or of those that are known. Also gives what was stated.
pub(super) fn asked(problem: &Problem, among: Among, timeout: Duration) -> (Said, Stated) {
    let solver = Solver::new();
    let mut params = Params::new();
    params.set_u32("timeout", u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX));
    solver.set_params(&params);
    let mut asked =
        Asked { problem, solver, numbers: vec![None; problem.graph.numbers.len()], truths: vec![None; problem.graph.ops.len()] };
    let Some(goal) = asked.state(among) else {
        return (Said::Unknown("the question could not be put to the solver".to_owned()), Stated { logic: LINEAR, text: String::new() });
    };
    asked.solver.assert(&goal);
    let stated = Stated { logic: logic(problem), text: asked.solver.to_string() };
    let said = match asked.solver.check() {
        SatResult::Unsat => Said::Nothing,
        SatResult::Unknown => Said::Unknown(format!("the solver did not find out within {} ms", timeout.as_millis())),
        SatResult::Sat => asked.found(among),
    };
    (said, stated)
}

/// Declarations and assertions in SMT-LIB 2, and the logic that they are in.
pub(super) struct Stated {
    logic: &'static str,
    text: String,
}

impl Stated {
    /// A script that any solver can run.
    pub(super) fn script(&self, answer: &str) -> String {
        let Self { logic, text } = self;
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        format!("(set-info :smt-lib-version 2.6)\n(set-logic {logic})\n(set-info :status {answer})\n{text}{end}(check-sat)\n")
    }
}

fn logic(problem: &Problem) -> &'static str {
    let divides = |at: &usize| matches!(problem.graph.numbers.get(*at), Some(Number::Hour(_) | Number::Weekday(_)));
    if problem.used.numbers.iter().any(divides) { WITH_DIVISION } else { LINEAR }
}

fn unknown(index: usize) -> String {
    format!("n{index}")
}

fn choice(text: usize) -> Int {
    Int::new_const(format!("c{text}"))
}

impl Asked<'_> {
    /// States what is known of the unknowns; the goal is left to be stated.
    fn state(&mut self, among: Among) -> Option<Bool> {
        let problem = self.problem;
        for at in &problem.used.numbers {
            let term = self.number(*at)?;
            *self.numbers.get_mut(*at)? = Some(term);
        }
        for index in &problem.used.unknowns {
            let declared = problem.graph.unknowns.get(*index).filter(|declared| !declared.decimal);
            if let Some(declared) = declared {
                let int = Int::new_const(unknown(*index));
                self.solver.assert(int.ge(Int::from_i64(declared.lo)));
                self.solver.assert(int.le(Int::from_i64(declared.hi)));
            }
        }
        for text in &problem.used.texts {
            let all: Vec<usize> = problem.choices(*text, among).map(|(index, _)| index).collect();
            self.solver.assert(one_of(&choice(*text), &all));
            if among == Among::Certain {
                self.state_ports(*text);
            }
        }
        for at in &problem.used.ops {
            let truth = self.step(*problem.graph.ops.get(*at)?)?;
            *self.truths.get_mut(*at)? = Some(truth);
        }
        self.truth(problem.goal)
    }

    fn state_ports(&self, text: usize) {
        for (index, chosen) in self.problem.choices(text, Among::Certain) {
            let Some(port) = chosen.port else { continue };
            for number in self.problem.ports(text) {
                let has = Int::new_const(unknown(number)).eq(Int::from_i64(port.into()));
                self.solver.assert(one_of(&choice(text), &[index]).implies(has));
            }
        }
    }

    fn truth(&self, F(at): F) -> Option<Bool> {
        self.truths.get(at)?.clone()
    }

    fn term(&self, N(at): N) -> Option<Term> {
        self.numbers.get(at)?.clone()
    }

    fn int(&self, at: N) -> Option<Int> {
        match self.term(at)? {
            Term::Int(int) => Some(int),
            Term::Real(_) => None,
        }
    }

    fn number(&self, at: usize) -> Option<Term> {
        Some(match self.problem.graph.numbers.get(at)? {
            Number::Int(value) => Term::Int(Int::from_i128(*value)),
            Number::Decimal(text) => Term::Real(decimal(text)?),
            Number::Unknown(index) => {
                let declared = self.problem.graph.unknowns.get(*index)?;
                if declared.decimal { Term::Real(Real::new_const(unknown(*index))) } else { Term::Int(Int::new_const(unknown(*index))) }
            }
            Number::Add(a, b) => Term::Int(self.int(*a)? + self.int(*b)?),
            Number::Sub(a, b) => Term::Int(self.int(*a)? - self.int(*b)?),
            Number::Mul(a, b) => Term::Int(self.int(*a)? * self.int(*b)?),
            Number::Hour(at) => Term::Int(self.int(*at)?.modulo(Int::from_i64(DAY_MS)) / Int::from_i64(HOUR_MS)),
            // 1970-01-01 was a Thursday, three days after a Monday; the solver divides downwards as the calendar does.
            Number::Weekday(at) => {
                let days = self.int(*at)? / Int::from_i64(DAY_MS) + Int::from_i64(3);
                Term::Int(days.modulo(Int::from_i64(7)) + Int::from_i64(1))
            }
        })
    }

    fn step(&self, op: Op) -> Option<Bool> {
        Some(match op {
            Op::Const(value) => Bool::from_bool(value),
            Op::Bool(index) => Bool::new_const(format!("b{index}")),
            Op::Text(reading, _) | Op::Unread(reading) => {
                let text = self.problem.text_of(reading);
                let holds = self.problem.choices(text, Among::All).filter(|(_, chosen)| self.problem.leaf(op, chosen));
                one_of(&choice(text), &holds.map(|(index, _)| index).collect::<Vec<_>>())
            }
            Op::Same(a, b) => self.same(a, b),
            Op::Relate(relation, a, b) => self.related(relation, &self.term(a)?, &self.term(b)?),
            Op::Not(part) => self.truth(part)?.not(),
            Op::And(a, b) => Bool::and(&[self.truth(a)?, self.truth(b)?]),
            Op::Or(a, b) => Bool::or(&[self.truth(a)?, self.truth(b)?]),
        })
    }

    /// Both readings have one value of their class.
    fn same(&self, a: usize, b: usize) -> Bool {
        let values = self.problem.options.class(a).map_or(0, |class| class.values.len());
        let has = |reading: usize, value: usize| {
            let text = self.problem.text_of(reading);
            let holds =
                self.problem.choices(text, Among::All).filter(|(_, chosen)| self.problem.options.value(reading, chosen) == Some(value));
            one_of(&choice(text), &holds.map(|(index, _)| index).collect::<Vec<_>>())
        };
        let equal: Vec<Bool> = (0..values).map(|value| Bool::and(&[has(a, value), has(b, value)])).collect();
        any_of(equal)
    }

    fn related(&self, relation: Relation, a: &Term, b: &Term) -> Bool {
        match (relation, a, b) {
            (Relation::Equal, Term::Int(a), Term::Int(b)) => a.eq(b),
            (Relation::Less, Term::Int(a), Term::Int(b)) => a.lt(b),
            (Relation::AtMost, Term::Int(a), Term::Int(b)) => a.le(b),
            (Relation::Equal, a, b) => a.real().eq(b.real()),
            (Relation::Less, a, b) => a.real().lt(b.real()),
            (Relation::AtMost, a, b) => a.real().le(b.real()),
        }
    }

    /// Fixes one unknown after the other, each to a plain value where that still can be.
    fn found(&self, among: Among) -> Said {
        let mut assignment = self.problem.anything();
        let lost = || Said::Unknown("the solver gave no values for what it found possible".to_owned());
        for text in &self.problem.used.texts {
            let int = choice(*text);
            let first = self.problem.choices(*text, among).map(|(index, _)| index as i128).next();
            let Some(value) = self.fixed(&int, first) else { return lost() };
            if let Some(slot) = assignment.choices.get_mut(*text) {
                *slot = usize::try_from(value).unwrap_or(usize::MAX);
            }
        }
        for index in &self.problem.used.bools {
            let truth = Bool::new_const(format!("b{index}"));
            let absent = self.take(&truth.not());
            if !absent {
                self.solver.assert(&truth);
            }
            if let Some(slot) = assignment.bools.get_mut(*index) {
                *slot = !absent;
            }
        }
        for index in &self.problem.used.unknowns {
            let Some(slot) = assignment.numbers.get_mut(*index) else { continue };
            let plain = slot.clone();
            let value = match plain {
                Amount::Int(near) => self.fixed(&Int::new_const(unknown(*index)), Some(near)).map(Amount::Int),
                Amount::Decimal(_) => self.ending(&Real::new_const(unknown(*index))).map(Amount::Decimal),
            };
            match value {
                Some(value) => *slot = value,
                None => return lost(),
            }
        }
        Said::Found(assignment)
    }

    /// States it if it still can be.
    fn take(&self, what: &Bool) -> bool {
        self.solver.push();
        self.solver.assert(what);
        let can = self.solver.check() == SatResult::Sat;
        self.solver.pop(1);
        if can {
            self.solver.assert(what);
        }
        can
    }

    fn fixed(&self, int: &Int, plain: Option<i128>) -> Option<i128> {
        if let Some(plain) = plain
            && self.take(&int.eq(Int::from_i128(plain)))
        {
            return Some(plain);
        }
        // Not that one: as near to it as tens, hundreds and thousands tell.
        let plain = plain.unwrap_or(0);
        let near = |distance: i128| Bool::and(&[int.ge(Int::from_i128(plain - distance)), int.le(Int::from_i128(plain + distance))]);
        let _ = NEAR.into_iter().any(|distance| self.take(&near(distance)));
        if self.solver.check() != SatResult::Sat {
            return None;
        }
        let value = self.solver.get_model()?.eval(int, true)?.as_i128()?;
        self.solver.assert(int.eq(Int::from_i128(value)));
        Some(value)
    }

    /// A decimal that ends, with as few places as can be.
    fn ending(&self, real: &Real) -> Option<String> {
        if self.solver.check() != SatResult::Sat {
            return None;
        }
        let (above, below) = self.solver.get_model()?.eval(real, true)?.as_rational()?;
        let (above, below) = (i128::from(above), i128::from(below));
        for places in 0..=limits::DECIMAL_PLACES {
            let scale = 10_i128.pow(places);
            let Some(scaled) = above.checked_mul(scale) else { break };
            let floor = scaled.div_euclid(below);
            for digits in [floor, floor + 1] {
                let Some(value) = Real::from_rational_str(&digits.to_string(), &scale.to_string()) else { continue };
                if self.take(&real.eq(&value)) {
                    return Some(written(digits, places));
                }
            }
        }
        None
    }
}

/// The integer with so many decimal places.
fn written(digits: i128, places: u32) -> String {
    let places = usize::try_from(places).unwrap_or(0);
    let sign = if digits < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", digits.unsigned_abs(), width = places + 1);
    match text.split_at_checked(text.len() - places) {
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => text,
    }
}

/// An exact decimal in normal form.
fn decimal(text: &str) -> Option<Real> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    Real::from_rational_str(&format!("{whole}{fraction}"), &format!("1{}", "0".repeat(fraction.len())))
}

/// The choice is one of these; neighbours are stated together.
fn one_of(choice: &Int, all: &[usize]) -> Bool {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for index in all {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => runs.push((*index, *index)),
        }
    }
    let bound = |index: usize| Int::from_u64(index as u64);
    let within: Vec<Bool> = runs.into_iter().map(|(first, last)| Bool::and(&[choice.ge(bound(first)), choice.le(bound(last))])).collect();
    any_of(within)
}

/// One of these holds. SMT-LIB knows no `or` of fewer than two.
fn any_of(mut parts: Vec<Bool>) -> Bool {
    match parts.len() {
        0 => Bool::from_bool(false),
        1 => parts.swap_remove(0),
        _ => Bool::or(&parts),
    }
}
