//! Makes a disagreement small enough to read.
//!
//! In: a policy's tree, a record, the disagreement. Out: the smallest of them that a greedy walk finds: no single part of the policy, no line and no
//! member of a line can go without the disagreement going too.
//! Source: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input" (TSE 2002), with the tree's own parts for chunks.

use crate::compare::{Difference, Read, read};
use crate::trace::Event;
use crate::tree::Tree;

/// A disagreement with all that shows it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The policy.
    pub tree: Tree,
    /// The record; empty where the policy alone shows it.
    pub events: Vec<Event>,
    /// What differs.
    pub difference: Difference,
}

impl Case {
    /// The difference that this policy and record show, if any.
    fn difference(tree: &Tree, events: &[Event]) -> Option<Difference> {
        match read(&tree.text()) {
            Read::Refused(_) => None,
            Read::Difference(difference) => Some(difference),
            Read::Same(both) => both.decide(events).1,
        }
    }

    fn try_with(&mut self, tree: Tree, events: Vec<Event>) -> bool {
        match Self::difference(&tree, &events) {
            Some(difference) if difference.is_like(&self.difference) => {
                *self = Self { tree, events, difference };
                true
            }
            _ => false,
        }
    }

    /// The smallest case that shows the same kind of difference.
    #[must_use]
    pub fn shrunk(mut self) -> Self {
        loop {
            let smaller = self.fewer_lines() | self.smaller_policy() | self.simpler_lines();
            if !smaller {
                return self;
            }
        }
    }

    fn smaller_policy(&mut self) -> bool {
        let (mut edit, mut smaller) = (0, false);
        while edit < self.tree.edits() {
            if self.try_with(self.tree.edited(edit), self.events.clone()) {
                smaller = true;
            } else {
                edit += 1;
            }
        }
        smaller
    }

    /// Leaves out runs of lines, long ones first.
    fn fewer_lines(&mut self) -> bool {
        let (mut length, mut smaller) = (self.events.len(), false);
        while length > 0 {
            let mut from = 0;
            while from < self.events.len() {
                if self.try_with(self.tree.clone(), without(&self.events, from, length)) {
                    smaller = true;
                } else {
                    from += length;
                }
            }
            length /= 2;
        }
        smaller
    }

    fn simpler_lines(&mut self) -> bool {
        let (mut line, mut smaller) = (0, false);
        while line < self.events.len() {
            let candidates = self.events[line].simpler();
            let found = candidates.into_iter().any(|simple| {
                let mut events = self.events.clone();
                events[line] = simple;
                self.try_with(self.tree.clone(), events)
            });
            smaller |= found;
            line += usize::from(!found);
        }
        smaller
    }
}

/// The record without these lines, and without the results of calls that are gone.
fn without(events: &[Event], from: usize, length: usize) -> Vec<Event> {
    let left: Vec<Event> =
        events.iter().enumerate().filter(|(index, _)| !(from..from + length).contains(index)).map(|(_, event)| event.clone()).collect();
    let ids: Vec<&str> = left.iter().filter_map(id).collect();
    left.iter().filter(|event| !matches!(event, Event::Result(late) if !ids.contains(&late.of.as_str()))).cloned().collect()
}

fn id(event: &Event) -> Option<&str> {
    match event {
        Event::Call(call) => call.id.as_deref(),
        Event::Result(_) | Event::Host(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::without;
    use crate::policy::Policy;
    use crate::random::Dice;
    use crate::sessions::record;
    use crate::trace::Event;

    #[test]
    fn a_result_goes_with_its_call() {
        for seed in 0..40 {
            let policy = Policy::random(Dice::new(seed));
            let events = record(&policy, Dice::new(seed));
            for from in 0..events.len() {
                let left = without(&events, from, 2);
                let called = |of: &str| left.iter().any(|event| matches!(event, Event::Call(call) if call.id.as_deref() == Some(of)));
                assert!(left.iter().all(|event| !matches!(event, Event::Result(late) if !called(&late.of))));
                assert!(left.len() + 2 <= events.len() || from + 2 > events.len());
            }
        }
    }
}
