//! Sequences, and the formulas that they become by the definition of `M` in `lang-spec/core-form.md`.

use crate::core::{Clause, Formula, Pattern};

#[derive(Clone, Debug)]
pub(crate) enum Sequence {
    Start,
    One(Pattern),
    Then(Box<Sequence>, Clause, Box<Sequence>),
    Or(Vec<Sequence>),
    And(Vec<Sequence>),
}

pub(crate) fn one(pattern: Pattern) -> Sequence {
    Sequence::One(pattern)
}

pub(crate) fn then(first: Sequence, gap: Clause, second: Sequence) -> Sequence {
    Sequence::Then(Box::new(first), gap, Box::new(second))
}

pub(crate) fn times(count: usize, pattern: &Pattern) -> Sequence {
    (1..count).fold(one(pattern.clone()), |before, _| then(before, Clause::default(), one(pattern.clone())))
}

pub(crate) fn formula(sequence: &Sequence) -> Formula {
    m(sequence, None)
}

fn m(sequence: &Sequence, x: Option<&Formula>) -> Formula {
    let with = |formula: Formula| match x {
        Some(x) => Formula::And(vec![formula, x.clone()]),
        None => formula,
    };
    match sequence {
        Sequence::Start => with(Formula::Start),
        Sequence::One(pattern) => with(Formula::Match(pattern.clone())),
        Sequence::Then(p, gap, q) => m(q, Some(&Formula::Prev(Box::new(m(p, x)), gap.clone()))),
        Sequence::Or(parts) => Formula::Or(parts.iter().map(|part| m(part, x)).collect()),
        Sequence::And(parts) => {
            let each: Vec<Formula> = parts.iter().map(|part| m(part, x)).collect();
            let seen = |part: &Formula| Formula::Or(vec![part.clone(), Formula::Prev(Box::new(part.clone()), Clause::default())]);
            Formula::And(std::iter::once(Formula::Or(each.clone())).chain(each.iter().map(seen)).collect())
        }
    }
}
