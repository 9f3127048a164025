//! Tests of one text, and equalities.
//!
//! In: tests and what they came to. Out: whether they contradict each other, by the one rule or the other. Source: `lang-spec/certificate.md`, [cert.lemmas].

use leverframe_compiler::core::cond::CompareOp;
use leverframe_compiler::core::{Cond, Literal, Term};
use leverframe_runtime::domain::ip;

use super::contradiction::{Decided, Known};
use crate::question::automaton::Table;
use crate::question::language::Predicate;
use crate::question::networks;

/// Of one of these literals the term has to be, by some test.
pub(super) fn alternatives<'a>(tests: &[Decided<'a>]) -> Option<&'a [Literal]> {
    tests.iter().find_map(|(test, holds)| match (test, holds) {
        (Cond::In(_, _, literals), true) => Some(literals.as_slice()),
        (Cond::Compare(op, _, left, right), holds) if is_equal(*op) == Some(*holds) => match (left, right) {
            (Term::Literal(literal), _) | (_, Term::Literal(literal)) => Some(std::slice::from_ref(literal)),
            _ => None,
        },
        _ => None,
    })
}

fn is_equal(op: CompareOp) -> Option<bool> {
    match op {
        CompareOp::Eq => Some(true),
        CompareOp::Ne => Some(false),
        _ => None,
    }
}

/// Whether each of the literals fails some test.
pub(super) fn none_of(literals: &[Literal], tests: &[Decided<'_>]) -> bool {
    literals.iter().all(|literal| tests.iter().any(|(test, holds)| of_literal(test, literal) == Some(!holds)))
}

/// What a test comes to of this value; nothing where that is not known.
pub(super) fn of_literal(test: &Cond, value: &Literal) -> Option<bool> {
    if let Cond::Compare(op, _, left, right) = test {
        let equal = match (left, right) {
            (Term::Literal(other), _) | (_, Term::Literal(other)) => other == value,
            _ => true,
        };
        return Some(is_equal(*op)? == equal);
    }
    if let Cond::In(_, _, literals) = test {
        return Some(literals.contains(value));
    }
    let Literal::String(text) = value else { return None };
    if let Cond::InCidr(_, network) = test {
        return Some(ip::Network::parse(network).ok()?.contains(ip::parse(text).ok()?));
    }
    Some(Table::new(&[expression(test)?.0]).ok()?.of(text).contains(&true))
}

/// Whether no address has all the tests, which are of networks and of single addresses.
pub(super) fn no_address(tests: &[Decided<'_>]) -> bool {
    let predicate = |(test, _): &Decided<'_>| match test {
        Cond::InCidr(_, network) => Some(Predicate::InCidr(network.clone())),
        Cond::Compare(..) | Cond::In(..) => single(test).map(|(predicate, _)| predicate),
        _ => None,
    };
    let Some(predicates) = tests.iter().map(predicate).collect::<Option<Vec<Predicate>>>() else { return false };
    let literals: Vec<Literal> = networks::samples(&predicates, 1).into_iter().map(Literal::String).collect();
    none_of(&literals, tests)
}

/// That a text is one of some literals, or (with `false`) none of them.
fn single(test: &Cond) -> Option<(Predicate, bool)> {
    match test {
        Cond::Compare(op, _, Term::Literal(Literal::String(text)), _) | Cond::Compare(op, _, _, Term::Literal(Literal::String(text))) => {
            Some((Predicate::OneOf(vec![text.clone()]), is_equal(*op)?))
        }
        Cond::In(_, _, literals) => {
            let text = |literal: &Literal| if let Literal::String(text) = literal { Some(text.clone()) } else { None };
            Some((Predicate::OneOf(literals.iter().map(text).collect::<Option<_>>()?), true))
        }
        _ => None,
    }
}

/// The language of a test, or of its contrary.
fn expression(test: &Cond) -> Option<(String, bool)> {
    let (predicate, holds) = match test {
        Cond::Compare(..) | Cond::In(..) => single(test)?,
        Cond::UnderHost(_, root) => (Predicate::UnderHost(root.clone()), true),
        Cond::UnderPath(_, root) => (Predicate::UnderPath(root.clone()), true),
        Cond::Text(op, _, literal) => (Predicate::text(*op, literal), true),
        _ => return None,
    };
    Some((predicate.expression()?, holds))
}

impl Known {
    /// Whether there is no text of which all the tests come to what they did.
    pub(super) fn no_text(&mut self, tests: &[Decided<'_>]) -> bool {
        let of = |(test, holds): &Decided<'_>| expression(test).map(|(expression, wanted)| (expression, wanted == *holds));
        let Some(mut key) = tests.iter().map(of).collect::<Option<Vec<(String, bool)>>>() else { return false };
        key.sort();
        if let Some(known) = self.0.get(&key) {
            return *known;
        }
        let none = is_none(&key);
        self.0.insert(key, none);
        none
    }
}

fn is_none(key: &[(String, bool)]) -> bool {
    let any = ".*".to_owned();
    let expressions: Vec<String> = [any].into_iter().chain(key.iter().map(|(expression, _)| expression.clone())).collect();
    let wanted: Vec<bool> = [true].into_iter().chain(key.iter().map(|(_, wanted)| *wanted)).collect();
    let found = Table::new(&expressions).and_then(|table| table.samples(1, |bits| *bits == wanted));
    found.is_ok_and(|found| found.is_empty())
}

/// Whether the equalities contradict each other: what is the same by some is not the same by another, or is two literals.
pub(super) fn unequal(tests: &[Decided<'_>]) -> bool {
    let mut tags = tests.iter().filter_map(|(test, _)| if let Cond::Compare(_, tag, ..) = test { Some(tag) } else { None });
    let first = tags.next();
    if tags.any(|tag| Some(tag) != first) {
        return false;
    }
    let pairs = |wanted: bool| {
        tests.iter().filter_map(move |(test, holds)| match test {
            Cond::Compare(op, _, a, b) if (is_equal(*op) == Some(*holds)) == wanted => Some((a, b)),
            _ => None,
        })
    };
    pairs(false).any(|(a, b)| reached(a, &mut pairs(true).collect()).contains(&b)) || {
        let literal = |term: &&Term| matches!(term, Term::Literal(_));
        pairs(true).any(|(a, _)| {
            let same = reached(a, &mut pairs(true).collect());
            let mut literals = same.into_iter().filter(literal);
            literals.next().is_some_and(|first| literals.any(|other| differ(first, other)))
        })
    }
}

/// Whether they are two values, however they are written: an int may be the number that another literal writes.
fn differ(a: &Term, b: &Term) -> bool {
    match (a, b) {
        (Term::Literal(a), Term::Literal(b)) => a != b && std::mem::discriminant(a) == std::mem::discriminant(b),
        _ => false,
    }
}

/// Everything that is the same as the term.
fn reached<'a>(from: &'a Term, pairs: &mut Vec<(&'a Term, &'a Term)>) -> Vec<&'a Term> {
    let mut all = vec![from];
    while let Some(at) = pairs.iter().position(|(a, b)| all.contains(a) || all.contains(b)) {
        let (a, b) = pairs.swap_remove(at);
        for term in [a, b] {
            if !all.contains(&term) {
                all.push(term);
            }
        }
    }
    all
}
