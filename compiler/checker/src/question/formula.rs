//! Formulas of a question: a graph in which equal parts stand once.
//!
//! In: parts. Out: [`F`] and [`N`], positions in a [`Graph`]. Invariants: a part stands after what it is made of; constants are folded; the graph
//! stops to grow at a bound and says so.
//! Source: verification section 3 ("Decision procedures").

use std::collections::HashMap;

use leverframe_compiler::core::cond::{ArithOp, CompareOp};

use crate::limits;

/// A formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct F(pub(super) usize);

/// A number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct N(pub(super) usize);

/// How two numbers are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Relation {
    Equal,
    Less,
    AtMost,
}

/// A step of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Op {
    Const(bool),
    /// An unknown truth, by its number.
    Bool(usize),
    /// The reading of a text satisfies the predicate, by their numbers.
    Text(usize, usize),
    /// The text has no such reading.
    Unread(usize),
    /// Two readings are the same text.
    Same(usize, usize),
    Relate(Relation, N, N),
    Not(F),
    And(F, F),
    Or(F, F),
}

/// A step of a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Number {
    Int(i128),
    /// An exact decimal in normal form.
    Decimal(String),
    Unknown(usize),
    Add(N, N),
    Sub(N, N),
    Mul(N, N),
    Hour(N),
    Weekday(N),
}

/// An unknown number.
#[derive(Clone, Debug)]
pub(super) struct Unknown {
    pub(super) lo: i64,
    pub(super) hi: i64,
    /// A decimal; then it has no bounds.
    pub(super) decimal: bool,
}

/// The graph.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) ops: Vec<Op>,
    pub(super) numbers: Vec<Number>,
    pub(super) unknowns: Vec<Unknown>,
    pub(super) bools: usize,
    pub(super) full: bool,
    known: HashMap<Op, F>,
    known_numbers: HashMap<Number, N>,
}

pub(super) const NO: F = F(0);
pub(super) const YES: F = F(1);

impl Graph {
    pub(super) fn new() -> Self {
        let ops = vec![Op::Const(false), Op::Const(true)];
        let known = [(Op::Const(false), NO), (Op::Const(true), YES)].into();
        Self { ops, numbers: Vec::new(), unknowns: Vec::new(), bools: 0, full: false, known, known_numbers: HashMap::new() }
    }

    pub(super) fn op(&mut self, op: Op) -> F {
        if let Some(known) = self.known.get(&op) {
            return *known;
        }
        if self.ops.len() >= limits::FORMULA_NODES {
            self.full = true;
            return NO;
        }
        self.ops.push(op);
        let made = F(self.ops.len() - 1);
        self.known.insert(op, made);
        made
    }

    pub(super) fn constant(value: bool) -> F {
        if value { YES } else { NO }
    }

    pub(super) fn fresh_bool(&mut self) -> F {
        self.bools += 1;
        self.op(Op::Bool(self.bools - 1))
    }

    pub(super) fn not(&mut self, a: F) -> F {
        match self.ops.get(a.0) {
            Some(Op::Const(value)) => Self::constant(!*value),
            Some(Op::Not(inner)) => *inner,
            _ => self.op(Op::Not(a)),
        }
    }

    pub(super) fn and(&mut self, a: F, b: F) -> F {
        match (a, b) {
            (NO, _) | (_, NO) => NO,
            (YES, other) | (other, YES) => other,
            _ if a == b => a,
            _ => self.op(Op::And(a, b)),
        }
    }

    pub(super) fn or(&mut self, a: F, b: F) -> F {
        match (a, b) {
            (YES, _) | (_, YES) => YES,
            (NO, other) | (other, NO) => other,
            _ if a == b => a,
            _ => self.op(Op::Or(a, b)),
        }
    }

    pub(super) fn equal_truths(&mut self, a: F, b: F) -> F {
        let (not_a, not_b) = (self.not(a), self.not(b));
        let (both, neither) = (self.and(a, b), self.and(not_a, not_b));
        self.or(both, neither)
    }

    pub(super) fn number(&mut self, number: Number) -> N {
        if let Some(known) = self.known_numbers.get(&number) {
            return *known;
        }
        self.numbers.push(number.clone());
        let made = N(self.numbers.len() - 1);
        self.known_numbers.insert(number, made);
        made
    }

    pub(super) fn int(&mut self, value: i64) -> N {
        self.number(Number::Int(i128::from(value)))
    }

    pub(super) fn fresh(&mut self, unknown: Unknown) -> N {
        self.unknowns.push(unknown);
        self.number(Number::Unknown(self.unknowns.len() - 1))
    }

    /// A calculation, and where it overflows.
    pub(super) fn arith(&mut self, op: ArithOp, a: N, b: N) -> (N, F) {
        let made = match op {
            ArithOp::Add => Number::Add(a, b),
            ArithOp::Sub => Number::Sub(a, b),
            ArithOp::Mul => Number::Mul(a, b),
        };
        let made = self.number(made);
        let made = match self.range(made) {
            Some((lo, hi)) if lo == hi => self.number(Number::Int(lo)),
            _ => made,
        };
        let (least, most) = (self.int(i64::MIN), self.int(i64::MAX));
        let (below, above) = (self.relate(Relation::Less, made, least), self.relate(Relation::Less, most, made));
        (made, self.or(below, above))
    }

    /// A comparison; what the ranges decide is decided.
    pub(super) fn compare(&mut self, op: CompareOp, a: N, b: N) -> F {
        match op {
            CompareOp::Eq => self.relate(Relation::Equal, a, b),
            CompareOp::Ne => {
                let equal = self.relate(Relation::Equal, a, b);
                self.not(equal)
            }
            CompareOp::Lt => self.relate(Relation::Less, a, b),
            CompareOp::Le => self.relate(Relation::AtMost, a, b),
            CompareOp::Gt => self.relate(Relation::Less, b, a),
            CompareOp::Ge => self.relate(Relation::AtMost, b, a),
        }
    }

    fn relate(&mut self, relation: Relation, a: N, b: N) -> F {
        if a == b {
            return Self::constant(relation != Relation::Less);
        }
        if let (Some((a_lo, a_hi)), Some((b_lo, b_hi))) = (self.range(a), self.range(b)) {
            let decided = match relation {
                Relation::Equal if a_hi < b_lo || b_hi < a_lo => Some(false),
                Relation::Equal if a_lo == a_hi && (a_lo, a_hi) == (b_lo, b_hi) => Some(true),
                Relation::Less if a_hi < b_lo => Some(true),
                Relation::Less if a_lo >= b_hi => Some(false),
                Relation::AtMost if a_hi <= b_lo => Some(true),
                Relation::AtMost if a_lo > b_hi => Some(false),
                _ => None,
            };
            if let Some(decided) = decided {
                return Self::constant(decided);
            }
        }
        self.op(Op::Relate(relation, a, b))
    }

    /// Least and greatest value; none where it may be a decimal.
    fn range(&self, number: N) -> Option<(i128, i128)> {
        match self.numbers.get(number.0)? {
            Number::Int(value) => Some((*value, *value)),
            Number::Decimal(_) => None,
            Number::Unknown(index) => {
                let unknown = self.unknowns.get(*index).filter(|unknown| !unknown.decimal)?;
                Some((unknown.lo.into(), unknown.hi.into()))
            }
            Number::Add(a, b) => spread(self.range(*a)?, self.range(*b)?, i128::saturating_add),
            Number::Sub(a, b) => spread(self.range(*a)?, self.range(*b)?, i128::saturating_sub),
            Number::Mul(a, b) => spread(self.range(*a)?, self.range(*b)?, i128::saturating_mul),
            Number::Hour(_) => Some((0, 23)),
            Number::Weekday(_) => Some((1, 7)),
        }
    }
}

/// The corners bound what lies between: all three operations are monotone in each argument, or linear.
fn spread(a: (i128, i128), b: (i128, i128), op: fn(i128, i128) -> i128) -> Option<(i128, i128)> {
    let corners = [op(a.0, b.0), op(a.0, b.1), op(a.1, b.0), op(a.1, b.1)];
    Some((corners.iter().copied().min()?, corners.iter().copied().max()?))
}
