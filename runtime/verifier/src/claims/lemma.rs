//! Lemmas: decided tests that no values of their terms have together.
//!
//! In: tests, what each came to, and the rule by which they contradict each other. Out: nothing, or why they do not. Invariants: a lemma is shown of all values that
//! a term's kind has, whether a call has them or not; a test counts against a value only if the reference evaluates it there.
//! Source: `lang-spec/certificate.md`, [cert.lemmas].

use std::collections::BTreeSet;

use leverframe_reference::constant;
use leverframe_reference::policy::{Cond, Op, Term};
use leverframe_reference::types::Literal;
use leverframe_runtime::frame::LemmaRule;

use super::kind::{Kind, Values};
use super::regular::Machines;
use super::{equality, farkas, network, substitution};

/// Tests of one lemma.
const TESTS: usize = 256;

/// A test and what it came to.
pub(super) type Decided<'p> = (&'p Cond, bool);

/// Checks a lemma.
///
/// # Errors
/// Why it does not hold, or is not seen to.
pub(super) fn check(rule: &LemmaRule, tests: &[Decided<'_>], values: &Values<'_>, machines: &mut Machines) -> Result<(), String> {
    if tests.is_empty() || tests.len() > TESTS {
        return Err("it has no tests, or too many".to_owned());
    }
    match rule {
        LemmaRule::Equality => {
            machines.spend(tests.len().pow(2))?;
            equality::check(tests, values)
        }
        LemmaRule::Farkas(cases) => farkas::check(tests, cases, values, machines),
        LemmaRule::Substitution => substitution::check(tests, values, machines),
        of_one_value => of_one(of_one_value, tests, values, machines),
    }
}

/// The rules about tests of one and the same term.
fn of_one(rule: &LemmaRule, tests: &[Decided<'_>], values: &Values<'_>, machines: &mut Machines) -> Result<(), String> {
    let term = subject(tests).ok_or("its tests are not of one value")?;
    let kind = values.of(term).ok_or("the values of its term are not known")?;
    if !tests.iter().all(|(test, _)| reads(test, &kind)) {
        return Err("a test does not read values of this kind".to_owned());
    }
    let candidates = match (rule, kind) {
        (LemmaRule::Regular, _) => return machines.disjoint(tests),
        (LemmaRule::Enumeration, Kind::Members(members)) => members,
        (LemmaRule::Interval, Kind::Int(lo, hi)) => integers(lo, hi, &literals(tests)),
        (LemmaRule::Interval, Kind::Whole) if !within_reach(&literals(tests)) => return Err("a literal is too large".to_owned()),
        (LemmaRule::Interval, Kind::Whole) => integers(i64::MIN, i64::MAX, &literals(tests)),
        (LemmaRule::Interval, Kind::Number) => decimals(&literals(tests)),
        (LemmaRule::Networks, Kind::Address) => network::candidates(tests).ok_or("a test is not of networks or addresses")?,
        (LemmaRule::Literal, _) => alternatives(tests).ok_or("no test says that it is one of some literals")?,
        _ => return Err("the rule does not speak of values of this kind".to_owned()),
    };
    machines.spend(size(tests).saturating_mul(candidates.len()))?;
    excluded(tests, term, &candidates)
}

/// What a test reads, literals apart.
pub(super) fn operands(test: &Cond) -> Option<Vec<&Term>> {
    let all = match test {
        Cond::Compare(_, _, left, right) => vec![left, right],
        Cond::In(_, term, _) | Cond::InCidr(term, _) | Cond::UnderHost(term, _) | Cond::UnderPath(term, _) => vec![term],
        Cond::Text(_, term, _) => vec![term],
        _ => return None,
    };
    Some(all.into_iter().filter(|term| !matches!(term, Term::Literal(_))).collect())
}

/// The one term that all tests read.
fn subject<'p>(tests: &[Decided<'p>]) -> Option<&'p Term> {
    let mut all = Vec::new();
    for (test, _) in tests {
        let read = operands(test)?;
        if read.is_empty() {
            return None;
        }
        all.extend(read);
    }
    let first = *all.first()?;
    all.iter().all(|term| *term == first).then_some(first)
}

fn reads(test: &Cond, kind: &Kind) -> bool {
    match test {
        Cond::Compare(_, tag, ..) | Cond::In(tag, ..) => kind.fits(*tag),
        _ => kind.is_text(),
    }
}

/// The literals that the tests compare with.
pub(super) fn literals<'p>(tests: &[Decided<'p>]) -> Vec<&'p Literal> {
    let of = |(test, _): &Decided<'p>| match *test {
        Cond::Compare(_, _, left, right) => [left, right].into_iter().filter_map(literal).collect(),
        Cond::In(_, _, literals) => literals.iter().collect(),
        _ => Vec::new(),
    };
    tests.iter().flat_map(of).collect()
}

pub(super) fn literal(term: &Term) -> Option<&Literal> {
    match term {
        Term::Literal(literal) => Some(literal),
        _ => None,
    }
}

/// All values that the term can have, if some test says that it is equal to one of them.
pub(super) fn alternatives(tests: &[Decided<'_>]) -> Option<Vec<Literal>> {
    tests.iter().find_map(|(test, holds)| match (test, holds) {
        (Cond::Compare(Op::Eq, _, left, right), true) | (Cond::Compare(Op::Ne, _, left, right), false) => {
            literal(left).or(literal(right)).map(|one| vec![one.clone()])
        }
        (Cond::In(_, _, literals), true) => Some(literals.clone()),
        _ => None,
    })
}

/// The greatest integer that is not more than the literal; none where it is far beyond all values.
fn rounded(literal: &Literal) -> Option<i128> {
    match literal {
        Literal::Int(value) | Literal::Timestamp(value) | Literal::Duration(value) => Some(i128::from(*value)),
        Literal::Number(text) => floor(text),
        Literal::Bool(_) | Literal::String(_) => None,
    }
}

/// Whether 64 bits have integers below all literals and above them.
fn within_reach(literals: &[&Literal]) -> bool {
    let ends = (i128::from(i64::MIN), i128::from(i64::MAX));
    literals.iter().all(|literal| rounded(literal).is_some_and(|floor| ends.0 < floor && floor < ends.1))
}

/// An integer of every stretch between the literals on which no test can tell two integers apart.
fn integers(lo: i64, hi: i64, literals: &[&Literal]) -> Vec<Literal> {
    let floors = literals.iter().filter_map(|literal| rounded(literal));
    let points: BTreeSet<i64> = floors.flat_map(|floor| [floor, floor + 1]).filter_map(|point| i64::try_from(point).ok()).collect();
    points.into_iter().filter(|point| (lo..=hi).contains(point)).chain([lo]).map(Literal::Int).collect()
}

/// The same of a decimal.
fn floor(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').map_or((text, false), |(whole, _)| (whole, true));
    let magnitude: i128 = whole.trim_start_matches('-').parse().ok().filter(|value| *value < 1 << 100)?;
    Some(if text.starts_with('-') { -magnitude - i128::from(fraction) } else { magnitude })
}

/// A number of every stretch: the literals, 0, and what is a little further from 0 than each, by less than any two of them differ.
fn decimals(literals: &[&Literal]) -> Vec<Literal> {
    let written = literals.iter().filter_map(|literal| match literal {
        Literal::Number(text) => Some(text.clone()),
        Literal::Int(value) => Some(value.to_string()),
        _ => None,
    });
    let written: BTreeSet<String> = written.chain(["0".to_owned()]).collect();
    let places = written.iter().filter_map(|text| text.split_once('.')).map(|(_, fraction)| fraction.len()).max().unwrap_or(0);
    let mut found = BTreeSet::new();
    for text in written {
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let further = format!("{whole}.{fraction:0<places$}1");
        if text == "0" {
            found.insert(format!("-{further}"));
        }
        found.extend([further, text]);
    }
    found.into_iter().map(Literal::Number).collect()
}

/// How much it is to evaluate all of them.
pub(super) fn size(tests: &[Decided<'_>]) -> usize {
    tests.iter().map(|(test, _)| if let Cond::In(_, _, all) = test { all.len() } else { 1 }).sum()
}

/// Whether every value fails some test.
fn excluded(tests: &[Decided<'_>], term: &Term, candidates: &[Literal]) -> Result<(), String> {
    let fails = |value: &Literal| tests.iter().any(|(test, holds)| constant(&at(test, term, value)) == Some(!holds));
    match candidates.iter().find(|value| !fails(value)) {
        Some(value) => Err(format!("{value} is a value that its tests allow")),
        None => Ok(()),
    }
}

/// The test of this value instead of the term.
fn at(test: &Cond, term: &Term, value: &Literal) -> Cond {
    let put = |operand: &Term| if operand == term { Term::Literal(value.clone()) } else { operand.clone() };
    match test {
        Cond::Compare(op, tag, left, right) => Cond::Compare(*op, *tag, put(left), put(right)),
        Cond::In(tag, operand, literals) => Cond::In(*tag, put(operand), literals.clone()),
        Cond::InCidr(operand, network) => Cond::InCidr(put(operand), network.clone()),
        Cond::UnderHost(operand, root) => Cond::UnderHost(put(operand), root.clone()),
        Cond::UnderPath(operand, root) => Cond::UnderPath(put(operand), root.clone()),
        Cond::Text(op, operand, literal) => Cond::Text(*op, put(operand), literal.clone()),
        other => other.clone(),
    }
}
