//! How many elements of each list a question has to tell apart.
//!
//! In: conditions. Out: for each list (by the way to it) a number of slots. Why so many suffice: of a list on which the conditions come to what they come
//! to, keep for each quantifier that is evaluated the element that ends it (the first that decides, or fails), in the order of the list, or any one element
//! where none does. Each quantifier still ends at its element or at none, since what stood before it did not end it. Elements beyond the last slot
//! are copies of it, which change nothing either: a quantifier that the slot did not end they do not end, and one that it ended is over.
//! A quantifier inside another one is evaluated once for each slot of the outer list, unless it runs over a part of that list's own element.
//! Where no condition can fail, that is more than is needed: a wanted `some`, or an unwanted `all`, keeps one element, and for it alone its body's elements;
//! a wanted `all` keeps none, since it holds of fewer elements if it holds of more.
//! Where a count has no end (`all x in xs : (some y in xs : …)`), a few slots are tried, and only what is found then counts.
//! Source: verification section 3 ("one element variable per existential").

use std::collections::BTreeMap;

use leverframe_compiler::core::{Cond, Term};

use crate::limits;

/// Slots by the way to the list: `args.items`, `args.items[].tags`.
pub(super) type Slots = BTreeMap<String, usize>;

/// The quantifiers around a condition.
type Around<'c> = Vec<Outer<'c>>;

struct Outer<'c> {
    name: &'c str,
    /// The way to its elements.
    way: String,
    /// Its body matters for one element only.
    single: bool,
    /// The variable whose element has its list.
    of: Option<String>,
}

/// Whether conditions can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failing {
    Never,
    Perhaps,
}

/// The slots of every list that a quantifier runs over, and whether they suffice.
pub(super) fn slots<'c>(conditions: impl Iterator<Item = &'c Cond> + Clone, failing: Failing) -> (Slots, bool) {
    let mut slots = Slots::new();
    // The count of one list multiplies that of another, so it is taken until nothing changes.
    loop {
        let mut counting = Counting { failing, known: &slots, found: Slots::new(), around: Vec::new() };
        for condition in conditions.clone() {
            counting.count(condition, Sign::Plain);
        }
        let mut next = counting.found;
        if next == slots {
            return (slots, true);
        }
        if next.values().any(|count| *count > limits::LIST_SLOTS) {
            next.values_mut().for_each(|count| *count = (*count).min(limits::LIST_TRIED));
            return (next, false);
        }
        slots = next;
    }
}

/// Whether a condition is wanted or its contrary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Plain,
    Negated,
}

impl Sign {
    fn other(self) -> Self {
        match self {
            Self::Plain => Self::Negated,
            Self::Negated => Self::Plain,
        }
    }
}

struct Counting<'c, 's> {
    failing: Failing,
    known: &'s Slots,
    found: Slots,
    around: Around<'c>,
}

impl<'c> Counting<'c, '_> {
    fn count(&mut self, condition: &'c Cond, sign: Sign) {
        match condition {
            Cond::And(parts) | Cond::Or(parts) => parts.iter().for_each(|part| self.count(part, sign)),
            Cond::Not(part) => self.count(part, sign.other()),
            Cond::All(name, list, body) => self.quantifier((name, list, body), sign, sign == Sign::Negated),
            Cond::Some(name, list, body) => self.quantifier((name, list, body), sign, sign == Sign::Plain),
            _ => {}
        }
    }

    fn quantifier(&mut self, (name, list, body): (&'c str, &Term, &'c Cond), sign: Sign, existential: bool) {
        let way = way(list, &self.around);
        // Where nothing fails, only an existential quantifier has an element that must stay, and its body matters for that one only.
        let single = self.failing == Failing::Never && existential;
        let universal = self.failing == Failing::Never && !existential;
        let inside = self.inside(list);
        // Slots of the lists around it, but of those whose own element it runs over.
        let times: usize = self
            .around
            .iter()
            .filter(|outer| !outer.single && !inside.contains(&outer.name))
            .map(|outer| self.known.get(outer.way.trim_end_matches("[]")).copied().unwrap_or(1))
            .fold(1, usize::saturating_mul);
        let slots = self.found.entry(way.clone()).or_insert(0);
        *slots = if universal { (*slots).max(1) } else { slots.saturating_add(times) };
        self.around.push(Outer { name, way: format!("{way}[]"), single, of: root(list) });
        self.count(body, sign);
        self.around.pop();
    }

    /// The variables whose own elements a list is in.
    fn inside(&self, list: &Term) -> Vec<&'c str> {
        let mut names = Vec::new();
        let mut at = root(list);
        while let Some(outer) = at.as_ref().and_then(|name| self.around.iter().rev().find(|outer| outer.name == name)) {
            names.push(outer.name);
            at.clone_from(&outer.of);
        }
        names
    }
}

/// The variable that a term is a part of.
fn root(term: &Term) -> Option<String> {
    if let Term::Var(name, _) = term { Some(name.clone()) } else { None }
}

/// The way to a term.
fn way(term: &Term, around: &Around<'_>) -> String {
    let (root, names) = match term {
        Term::Arg(names) => ("args".to_owned(), names.as_slice()),
        Term::Result(names) => ("result".to_owned(), names.as_slice()),
        Term::Context(names) => ("context".to_owned(), names.as_slice()),
        Term::Var(name, names) => {
            let element = around.iter().rev().find(|outer| outer.name == name).map(|outer| outer.way.clone());
            (element.unwrap_or_default(), names.as_slice())
        }
        _ => (String::new(), [].as_slice()),
    };
    names.iter().fold(root, |way, name| format!("{way}.{name}"))
}
