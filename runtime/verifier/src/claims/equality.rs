//! Equality of terms and literals.
//!
//! In: equalities that hold or do not. Out: nothing if they contradict each other. Source: `lang-spec/certificate.md`, [cert.lemmas].

use leverframe_reference::constant;
use leverframe_reference::policy::{Cond, Op, Tag, Term};

use super::kind::Values;
use super::lemma::Decided;

/// Whether what is the same by some of the tests is different by another one, or is two different literals.
pub(super) fn check(tests: &[Decided<'_>], values: &Values<'_>) -> Result<(), String> {
    let mut known: Vec<&Term> = Vec::new();
    let mut number = |term| {
        known.iter().position(|other| *other == term).unwrap_or_else(|| {
            known.push(term);
            known.len() - 1
        })
    };
    let (mut same, mut apart, mut tags) = (Vec::new(), Vec::new(), Vec::new());
    for (test, holds) in tests {
        let Cond::Compare(op @ (Op::Eq | Op::Ne), tag, left, right) = test else { return Err("a test is no equality".to_owned()) };
        let equal = *holds == (*op == Op::Eq);
        if ![left, right].into_iter().all(|term| values.of(term).is_some_and(|kind| kind.fits(*tag))) {
            return Err("a test does not read values of this kind".to_owned());
        }
        tags.push(*tag);
        let pair = (number(left), number(right));
        if equal { same.push(pair) } else { apart.push(pair) }
    }
    let tag = tags.first().copied().filter(|tag| tags.iter().all(|other| other == tag)).ok_or("its tests compare as different types")?;
    let classes = classes(known.len(), &same);
    let alike = |(a, b): &(usize, usize)| classes.get(*a) == classes.get(*b);
    if apart.iter().any(alike) || two_literals(&known, &classes, tag) { Ok(()) } else { Err("they go together".to_owned()) }
}

/// Of each term the least number that it is the same as.
fn classes(count: usize, same: &[(usize, usize)]) -> Vec<usize> {
    let mut classes: Vec<usize> = (0..count).collect();
    for (a, b) in same {
        let (Some(a), Some(b)) = (classes.get(*a).copied(), classes.get(*b).copied()) else { continue };
        for class in classes.iter_mut().filter(|class| **class == a.max(b)) {
            *class = a.min(b);
        }
    }
    classes
}

fn two_literals(known: &[&Term], classes: &[usize], tag: Tag) -> bool {
    let literals: Vec<(&&Term, &usize)> = known.iter().zip(classes).filter(|(term, _)| matches!(term, Term::Literal(_))).collect();
    let differ = |a: &Term, b: &Term| constant(&Cond::Compare(Op::Eq, tag, a.clone(), b.clone())) == Some(false);
    literals.iter().enumerate().any(|(at, (a, class))| literals.iter().skip(at + 1).any(|(b, other)| class == other && differ(a, b)))
}
