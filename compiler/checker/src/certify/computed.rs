//! What is computed of a term whose value is known.
//!
//! In: a test, a term, a literal in its place. Out: what the test comes to; nothing where it reads anything else, or cannot be evaluated.
//! Source: `lang-spec/certificate.md`, [cert.lemmas]; the readings of the functions are those of `lang-spec/domain-types.md`.

use std::cmp::Ordering;

use leverframe_compiler::core::cond::{ArithOp, CompareOp, Function};
use leverframe_compiler::core::{Cond, Literal, Term};
use leverframe_runtime::domain::time;

use super::texts;
use crate::question::language::reads;

/// Whether the operand reads the term, or what is computed of it, and nothing else.
pub(super) fn is_of(operand: &Term, term: &Term) -> bool {
    operand == term
        || match operand {
            Term::Literal(_) => true,
            Term::Apply(_, inner) => is_of(inner, term),
            Term::Arith(_, left, right) => is_of(left, term) && is_of(right, term),
            _ => false,
        }
}

/// What the test comes to where the term has this value.
pub(super) fn truth(test: &Cond, term: &Term, value: &Literal) -> Option<bool> {
    let of = |operand: &Term| computed(operand, term, value);
    match test {
        Cond::Compare(op, _, left, right) => compared(*op, &of(left)?, &of(right)?),
        Cond::In(_, operand, _)
        | Cond::InCidr(operand, _)
        | Cond::UnderHost(operand, _)
        | Cond::UnderPath(operand, _)
        | Cond::Text(_, operand, _) => texts::of_literal(test, &of(operand)?),
        _ => None,
    }
}

fn computed(operand: &Term, term: &Term, value: &Literal) -> Option<Literal> {
    if operand == term {
        return Some(value.clone());
    }
    let of = |operand: &Term| computed(operand, term, value);
    match operand {
        Term::Literal(literal) => Some(literal.clone()),
        Term::Apply(function, inner) => applied(*function, of(inner)?),
        Term::Arith(op, left, right) => {
            let (left, right) = (integer(&of(left)?)?, integer(&of(right)?)?);
            let value = match op {
                ArithOp::Add => left.checked_add(right),
                ArithOp::Sub => left.checked_sub(right),
                ArithOp::Mul => left.checked_mul(right),
            };
            value.map(Literal::Int)
        }
        _ => None,
    }
}

fn applied(function: Function, value: Literal) -> Option<Literal> {
    match (function, value) {
        (Function::Hour, value) => Some(Literal::Int(time::hour(integer(&value)?))),
        (Function::Weekday, value) => Some(Literal::Int(time::weekday(integer(&value)?))),
        (Function::UrlPort, Literal::String(text)) => reads(function, &text)?.parse().ok().map(Literal::Int),
        (function, Literal::String(text)) => reads(function, &text).map(Literal::String),
        _ => None,
    }
}

fn integer(value: &Literal) -> Option<i64> {
    match value {
        Literal::Int(value) | Literal::Timestamp(value) | Literal::Duration(value) => Some(*value),
        _ => None,
    }
}

fn compared(op: CompareOp, left: &Literal, right: &Literal) -> Option<bool> {
    let order = match (left, right) {
        (Literal::String(left), Literal::String(right)) => left.cmp(right),
        (Literal::Bool(left), Literal::Bool(right)) => left.cmp(right),
        (left, right) => integer(left)?.cmp(&integer(right)?),
    };
    Some(match op {
        CompareOp::Eq => order == Ordering::Equal,
        CompareOp::Ne => order != Ordering::Equal,
        CompareOp::Lt => order == Ordering::Less,
        CompareOp::Le => order != Ordering::Greater,
        CompareOp::Gt => order == Ordering::Greater,
        CompareOp::Ge => order != Ordering::Less,
    })
}
