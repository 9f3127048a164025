//! What is known to be present at a place in a condition.
//!
//! In: terms that `is present` was asked of. Out: [`Facts`], sets of places, and [`Flow`], what a condition's two answers add to them.
//! Invariant: a fact says "evaluation gets here only where this is present", so forgetting one can only refuse a policy.
//! Source: language section 4 (an optional field may be used only where `is present` guards it).

use std::collections::BTreeSet;

use crate::core::Term;

/// A place that may be absent: its root and the fields from there.
pub(crate) type Place = Vec<String>;

/// Places known to be present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Everything is: what stands here was reported already, and a follow-up would be noise.
    everything: bool,
    places: BTreeSet<Place>,
}

/// What holds in addition where a condition is true, and where it is false.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    pub(crate) yes: Facts,
    pub(crate) no: Facts,
}

impl Facts {
    /// The facts after an error: no more is asked.
    pub(crate) fn unknown() -> Self {
        Self { everything: true, places: BTreeSet::new() }
    }

    /// That `term` is present, and all that it lies in.
    pub(crate) fn present(term: &Term) -> Self {
        let mut places = BTreeSet::new();
        let mut place = place(term).unwrap_or_default();
        while place.len() > 1 {
            places.insert(place.clone());
            place.pop();
        }
        Self { everything: false, places }
    }

    pub(crate) fn holds(&self, place: &Place) -> bool {
        self.everything || self.places.contains(place)
    }

    pub(crate) fn with(&self, more: &Self) -> Self {
        let places = self.places.union(&more.places).cloned().collect();
        Self { everything: self.everything || more.everything, places }
    }

    fn common(&self, other: &Self) -> Self {
        match (self.everything, other.everything) {
            (true, _) => other.clone(),
            (_, true) => self.clone(),
            _ => Self { everything: false, places: self.places.intersection(&other.places).cloned().collect() },
        }
    }
}

impl Flow {
    pub(crate) fn unknown() -> Self {
        Self { yes: Facts::unknown(), no: Facts::unknown() }
    }

    pub(crate) fn swapped(self) -> Self {
        Self { yes: self.no, no: self.yes }
    }

    /// What `self and next` adds, `next` having been judged where `self` holds.
    pub(crate) fn and(self, next: &Self) -> Self {
        let late = self.yes.with(&next.no);
        Self { yes: self.yes.with(&next.yes), no: self.no.common(&late) }
    }

    /// What `self or next` adds, `next` having been judged where `self` does not hold.
    pub(crate) fn or(self, next: &Self) -> Self {
        self.swapped().and(&next.clone().swapped()).swapped()
    }
}

/// The place of a term that can be absent: a path into the arguments, an element, the context or the result.
pub(crate) fn place(term: &Term) -> Option<Place> {
    let (root, name, path) = match term {
        Term::Arg(path) => ("arg", None, path),
        Term::Context(path) => ("context", None, path),
        Term::Result(path) => ("result", None, path),
        Term::Var(name, path) => ("var", Some(name), path),
        _ => return None,
    };
    Some(std::iter::once(root.to_owned()).chain(name.cloned()).chain(path.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x_present() -> Flow {
        Flow { yes: Facts::present(&Term::Arg(vec!["x".into()])), no: Facts::default() }
    }

    fn x() -> Place {
        vec!["arg".into(), "x".into()]
    }

    #[test]
    fn a_conjunction_knows_what_its_parts_know() {
        let flow = x_present().and(&Flow::default());
        assert!(flow.yes.holds(&x()));
        assert!(!flow.no.holds(&x()));
    }

    #[test]
    fn a_failed_disjunction_of_absences_knows_presence() {
        let flow = x_present().swapped().or(&Flow::default());
        assert!(flow.no.holds(&x()));
        assert!(!flow.yes.holds(&x()));
    }

    #[test]
    fn the_root_of_an_argument_is_no_fact() {
        let facts = Facts::present(&Term::Arg(vec!["a".into(), "b".into()]));
        assert!(facts.holds(&vec!["arg".into(), "a".into()]));
        assert!(!facts.holds(&vec!["arg".into()]));
    }
}
