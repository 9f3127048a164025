//! A term that is one of some literals, and what is computed of it.
//!
//! In: tests, the first of which says that a term is one of some literals. Out: nothing, if each of these fails some test once it stands in the term's place.
//! Invariant: a test counts only if nothing else is left in it to read, and the reference evaluates it.
//! Source: `lang-spec/certificate.md`, [cert.lemmas].

use leverframe_reference::constant;
use leverframe_reference::policy::{Cond, Term};
use leverframe_reference::types::Literal;

use super::kind::{Kind, Values};
use super::lemma::{Decided, alternatives, operands, size};
use super::regular::Machines;

/// Whether each of the literals that the first test leaves fails one of the tests.
pub(super) fn check(tests: &[Decided<'_>], values: &Values<'_>, machines: &mut Machines) -> Result<(), String> {
    let first = tests.first().ok_or("it has no tests")?;
    let term = operands(first.0).and_then(|terms| <[&Term; 1]>::try_from(terms).ok()).ok_or("the first test is not of one term")?;
    let [term] = term;
    let literals = alternatives(std::slice::from_ref(first)).ok_or("the first test does not say that it is one of some literals")?;
    let kind = values.of(term).ok_or("the values of its term are not known")?;
    if !literals.iter().all(|literal| is_value(literal, &kind)) {
        return Err("a literal is no value of its term".to_owned());
    }
    machines.spend(size(tests).saturating_mul(literals.len()))?;
    let fails = |value: &Literal| tests.iter().any(|(test, holds)| constant_at(test, term, value) == Some(!holds));
    match literals.iter().find(|value| !fails(value)) {
        Some(value) => Err(format!("{value} is a value that its tests allow")),
        None => Ok(()),
    }
}

/// Whether a term of this kind that is equal to the literal is the literal: a decimal may be written in several ways.
fn is_value(literal: &Literal, kind: &Kind) -> bool {
    match literal {
        Literal::Int(_) | Literal::Timestamp(_) | Literal::Duration(_) => kind.is_whole(),
        Literal::String(_) | Literal::Bool(_) => !kind.is_whole() && *kind != Kind::Number,
        Literal::Number(_) => false,
    }
}

/// What the test comes to of the value; nothing where it reads anything else.
fn constant_at(test: &Cond, term: &Term, value: &Literal) -> Option<bool> {
    let put = |operand: &Term| put(operand, term, value);
    constant(&match test {
        Cond::Compare(op, tag, left, right) => Cond::Compare(*op, *tag, put(left)?, put(right)?),
        Cond::In(tag, operand, literals) => Cond::In(*tag, put(operand)?, literals.clone()),
        Cond::InCidr(operand, network) => Cond::InCidr(put(operand)?, network.clone()),
        Cond::UnderHost(operand, root) => Cond::UnderHost(put(operand)?, root.clone()),
        Cond::UnderPath(operand, root) => Cond::UnderPath(put(operand)?, root.clone()),
        Cond::Text(op, operand, literal) => Cond::Text(*op, put(operand)?, literal.clone()),
        _ => return None,
    })
}

/// The operand with the value wherever the term stands; nothing where it reads another one.
fn put(operand: &Term, term: &Term, value: &Literal) -> Option<Term> {
    if operand == term {
        return Some(Term::Literal(value.clone()));
    }
    let inner = |operand: &Term| put(operand, term, value).map(Box::new);
    match operand {
        Term::Literal(literal) => Some(Term::Literal(literal.clone())),
        Term::Apply(function, operand) => Some(Term::Apply(*function, inner(operand)?)),
        Term::Arith(op, left, right) => Some(Term::Arith(*op, inner(left)?, inner(right)?)),
        _ => None,
    }
}
