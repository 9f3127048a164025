//! How many elements of each list a question has to tell apart.
//!
//! In: conditions. Out: for each list (by the way to it) a number of slots. Why so many suffice: of a list on which the conditions come to what they come
//! to, keep for each quantifier that is evaluated the element that ends it (the first that decides, or fails), in the order of the list, or any one element
//! where none does. Each quantifier still ends at its element or at none, since what stood before it did not end it. Elements beyond the last slot
//! are copies of it, which change nothing either: a quantifier that the slot did not end they do not end, and one that it ended is over.
//! A quantifier inside another one is evaluated once for each slot of the outer list, unless it runs over a part of that list's own element.
//! Source: verification section 3 ("one element variable per existential").

use std::collections::BTreeMap;

use leverframe_compiler::core::{Cond, Term};

use crate::limits;

/// Slots by the way to the list: `args.items`, `args.items[].tags`.
pub(super) type Slots = BTreeMap<String, usize>;

/// A quantifier around a condition: its variable, and the way to its elements.
type Around<'c> = Vec<(&'c str, String)>;

/// The slots of every list that a quantifier runs over.
pub(super) fn slots<'c>(conditions: impl Iterator<Item = &'c Cond> + Clone) -> Result<Slots, String> {
    let mut slots = Slots::new();
    // The count of one list multiplies that of another, so it is taken until nothing changes.
    loop {
        let mut next = Slots::new();
        for condition in conditions.clone() {
            count(condition, &mut Vec::new(), &slots, &mut next);
        }
        if next == slots {
            return Ok(slots);
        }
        if next.values().any(|count| *count > limits::LIST_SLOTS) {
            return Err(format!("its quantifiers tell more than {} elements of one list apart", limits::LIST_SLOTS));
        }
        slots = next;
    }
}

fn count<'c>(condition: &'c Cond, around: &mut Around<'c>, known: &Slots, found: &mut Slots) {
    match condition {
        Cond::And(parts) | Cond::Or(parts) => parts.iter().for_each(|part| count(part, around, known, found)),
        Cond::Not(part) => count(part, around, known, found),
        Cond::All(name, list, body) | Cond::Some(name, list, body) => {
            let way = way(list, around);
            // Slots of the lists around it, but of those whose own element it runs over.
            let times: usize = around
                .iter()
                .filter(|(_, outer)| !way.starts_with(outer.as_str()))
                .map(|(_, outer)| known.get(outer.trim_end_matches("[]")).copied().unwrap_or(1))
                .fold(1, usize::saturating_mul);
            let slots = found.entry(way.clone()).or_default();
            *slots = slots.saturating_add(times);
            around.push((name, format!("{way}[]")));
            count(body, around, known, found);
            around.pop();
        }
        _ => {}
    }
}

/// The way to a term.
fn way(term: &Term, around: &Around<'_>) -> String {
    let (root, names) = match term {
        Term::Arg(names) => ("args".to_owned(), names.as_slice()),
        Term::Result(names) => ("result".to_owned(), names.as_slice()),
        Term::Context(names) => ("context".to_owned(), names.as_slice()),
        Term::Var(name, names) => {
            let element = around.iter().rev().find(|(bound, _)| bound == name).map(|(_, way)| way.clone());
            (element.unwrap_or_default(), names.as_slice())
        }
        _ => (String::new(), [].as_slice()),
    };
    names.iter().fold(root, |way, name| format!("{way}.{name}"))
}
