//! Sequences, and the formulas that they become by the definition of `M` in `lang-spec/core-form.md`.

use crate::core::{Clause, Formula, Pattern};

#[derive(Clone, Debug)]
pub(crate) enum Sequence {
    Start,
    One(Pattern),
    Then(Box<Sequence>, Clause, Box<Sequence>),
    Or(Vec<Sequence>),
    And(Vec<Sequence>),
    Within(u64, Box<Sequence>),
}

impl Sequence {
    /// Whether several matches of it may begin at different times though one ends last: an `or` or `and` of more than events.
    pub(crate) fn forks(&self) -> bool {
        match self {
            Self::Start | Self::One(_) => false,
            Self::Then(p, _, q) => p.forks() || q.forks(),
            Self::Within(_, p) => p.forks(),
            Self::Or(parts) | Self::And(parts) => parts.iter().any(|part| !matches!(part, Self::One(_))),
        }
    }

    /// The same with nothing that may not stand in a group: gaps without windows, no `start`, and no `unless` after what forks.
    pub(crate) fn grouped(self) -> Self {
        match self {
            Self::Then(p, _, q) if matches!(*p, Self::Start) => q.grouped(),
            Self::Then(p, gap, q) => {
                let unless = if p.forks() || matches!(*p, Self::And(_)) { vec![] } else { gap.unless };
                Self::Then(Box::new(p.grouped()), Clause { within_ms: None, unless, ..gap }, Box::new(q.grouped()))
            }
            Self::Or(parts) => Self::Or(parts.into_iter().map(Self::grouped).collect()),
            Self::And(parts) => Self::And(parts.into_iter().map(Self::grouped).collect()),
            Self::Within(ms, p) => Self::Within(ms, Box::new(p.grouped())),
            other => other,
        }
    }
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
        Sequence::Within(ms, p) => {
            let from = x.map(|x| Formula::From(Box::new(x.clone())));
            Formula::Span(*ms, Box::new(m(p, from.as_ref())))
        }
        Sequence::Or(parts) => Formula::Or(parts.iter().map(|part| m(part, x)).collect()),
        Sequence::And(parts) => {
            let each: Vec<Formula> = parts.iter().map(|part| m(part, x)).collect();
            let seen = |part: &Formula| Formula::Or(vec![part.clone(), Formula::Prev(Box::new(part.clone()), Clause::default())]);
            Formula::And(std::iter::once(Formula::Or(each.clone())).chain(each.iter().map(seen)).collect())
        }
    }
}
