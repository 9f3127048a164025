//! Sequences.
//!
//! In: the body of a `forbid`. Out: a [`Sequence`] of the same shape; a chain of `then` associates to the left. Invariants: every event that can be last is a
//! call; `start` is never last; a gap clause never meets an `and`. Source: language section 5.

use crate::grammar::{Node, Rule};
use crate::limits::FORMULA_PARTS;
use crate::literal;
use crate::policy::{Gap, Kind, Pattern, Sequence};
use crate::refusal::Refusal;

use super::pattern::{Names, Place};

/// Reads the sequence of a `forbid`.
pub(super) fn sequence(names: Names<'_, '_>, node: &Node<'_>) -> Result<Sequence, Refusal> {
    let sequence = asserted(names, node)?;
    if sequence.last().iter().all(|end| end.is_some_and(is_call)) {
        Ok(sequence)
    } else {
        Err(node.wrong("every event that can be last must be a call"))
    }
}

/// Reads the sequence of an assertion, which may end with any letter.
pub(super) fn asserted(names: Names<'_, '_>, node: &Node<'_>) -> Result<Sequence, Refusal> {
    let sequence = whole(names, node)?;
    if parts(&sequence, 0) > FORMULA_PARTS {
        return Err(Refusal::Bound { what: "parts of a rule's formula", bound: FORMULA_PARTS });
    }
    Ok(sequence)
}

fn whole(names: Names<'_, '_>, node: &Node<'_>) -> Result<Sequence, Refusal> {
    let ones: Result<Vec<Sequence>, Refusal> = node.children(Rule::one).map(|one| self::one(names, &one)).collect();
    let mut ones = ones?;
    if node.has(Rule::kw_or) {
        return Ok(Sequence::Or(ones));
    }
    if node.has(Rule::kw_and) {
        return Ok(Sequence::And(ones));
    }
    let mut chain = ones.pop().ok_or_else(|| node.wrong("nothing here"))?;
    for step in node.children(Rule::then_step) {
        let gap = gap(names, &step)?;
        let next = one(names, &step.need(Rule::one)?)?;
        let clauses = gap.within.is_some() || gap.next || !gap.unless.is_empty();
        if clauses && (ends_in_and(&chain) || begins_with_and(&next)) {
            return Err(step.wrong("a gap clause meets an `and`"));
        }
        if gap.within.is_some() && chain.last().iter().any(Option::is_none) {
            return Err(step.wrong("`within` beside `start`"));
        }
        chain = Sequence::Then(Box::new(chain), gap, Box::new(next));
    }
    Ok(chain)
}

fn one(names: Names<'_, '_>, node: &Node<'_>) -> Result<Sequence, Refusal> {
    let node = node.only()?;
    match node.rule() {
        Rule::repeated => {
            let count = literal::count(&node.need(Rule::natural)?)?;
            Ok(Sequence::Times(count, Box::new(one(names, &node.need(Rule::one)?)?)))
        }
        Rule::within_group => {
            let part = whole(names, &node.need(Rule::sequence)?)?;
            if has_start_or_within(&part) {
                return Err(node.wrong("inside `within D (…)` stands a `within` of a gap, or `start`"));
            }
            Ok(Sequence::Within(literal::duration(&node.need(Rule::duration)?)?, Box::new(part)))
        }
        Rule::sequence_group => whole(names, &node.need(Rule::sequence)?),
        _ if node.has(Rule::kw_start) => Ok(Sequence::Start),
        _ => names.pattern(&node, Place::Step).map(Sequence::Event),
    }
}

fn gap(names: Names<'_, '_>, step: &Node<'_>) -> Result<Gap, Refusal> {
    let mut gap = Gap::default();
    for clause in step.child(Rule::gap).iter().flat_map(|gap| gap.children(Rule::gap_clause)) {
        if let Some(event) = clause.child(Rule::event) {
            gap.unless.push(names.pattern(&event, Place::Succeeded)?);
        } else if let Some(duration) = clause.child(Rule::duration) {
            if gap.within.replace(literal::duration(&duration)?).is_some() {
                return Err(clause.wrong("`within` stands twice"));
            }
        } else {
            gap.next = true;
        }
    }
    Ok(gap)
}

/// How many parts the formula of a sequence has that begins where a formula of so many holds.
fn parts(sequence: &Sequence, before: usize) -> usize {
    let all = |several: &[Sequence]| several.iter().fold(1_usize, |sum, part| sum.saturating_add(parts(part, before)));
    match sequence {
        Sequence::Start | Sequence::Event(_) => before.saturating_add(1),
        Sequence::Then(first, _, second) => parts(second, parts(first, before)),
        Sequence::Or(several) => all(several),
        Sequence::And(several) => all(several).saturating_mul(3),
        Sequence::Within(_, part) => parts(part, before).saturating_add(2),
        Sequence::Times(count, part) => {
            let mut so_far = before;
            for _ in 0..*count {
                so_far = parts(part, so_far);
                if so_far > FORMULA_PARTS {
                    break;
                }
            }
            so_far
        }
    }
}

fn has_start_or_within(sequence: &Sequence) -> bool {
    match sequence {
        Sequence::Start => true,
        Sequence::Event(_) => false,
        Sequence::Then(first, gap, second) => gap.within.is_some() || has_start_or_within(first) || has_start_or_within(second),
        Sequence::Or(parts) | Sequence::And(parts) => parts.iter().any(has_start_or_within),
        Sequence::Times(_, part) | Sequence::Within(_, part) => has_start_or_within(part),
    }
}

fn is_call(pattern: &Pattern) -> bool {
    pattern.parts.iter().all(|part| part.kind == Kind::Call)
}

fn ends_in_and(sequence: &Sequence) -> bool {
    match sequence {
        Sequence::Start | Sequence::Event(_) => false,
        Sequence::And(_) => true,
        Sequence::Then(_, _, second) => ends_in_and(second),
        Sequence::Or(parts) => parts.iter().any(ends_in_and),
        Sequence::Times(_, part) | Sequence::Within(_, part) => ends_in_and(part),
    }
}

fn begins_with_and(sequence: &Sequence) -> bool {
    match sequence {
        Sequence::Start | Sequence::Event(_) => false,
        Sequence::And(_) => true,
        Sequence::Then(first, _, _) => begins_with_and(first),
        Sequence::Or(parts) => parts.iter().any(begins_with_and),
        Sequence::Times(_, part) | Sequence::Within(_, part) => begins_with_and(part),
    }
}
