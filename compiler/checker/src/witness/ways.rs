//! Ways through a decision graph, by the class to which they lead.
//!
//! In: an alphabet. Out: for each class a few ways, those of the fewest conditions first. Invariants: a way decides each test once, and not against what follows from tests
//! before it; the walk of an alphabet is bounded. Left out: whether there is a letter that goes it.

use std::collections::BTreeMap;

use leverframe_runtime::frame::{Alphabet, LetterKind, Target, Test};

use crate::limits::{WITNESS_STEPS, WITNESS_WAYS};

/// A way from a site to a class.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// The site, by its place.
    pub(super) site: usize,
    /// What its tests come to, in their order.
    pub(super) tests: Vec<(Test, bool)>,
}

impl Way {
    /// What a test comes to, if it is asked.
    pub(super) fn truth(&self, test: Test) -> Option<bool> {
        self.tests.iter().find(|(own, _)| *own == test).map(|(_, holds)| *holds)
    }

    /// How hard it is to make a letter of it.
    fn cost(&self) -> usize {
        let cost = |(test, holds): &(Test, bool)| match test {
            Test::Guard { .. } => 4,
            Test::Binds { .. } | Test::Lacks { .. } | Test::Broken { .. } => 2,
            _ => usize::from(*holds),
        };
        self.tests.iter().map(cost).sum()
    }
}

/// The ways to each class.
pub(super) fn ways(alphabet: &Alphabet) -> BTreeMap<u16, Vec<Way>> {
    let mut found: BTreeMap<u16, Vec<Way>> = BTreeMap::new();
    let share = (WITNESS_STEPS / alphabet.sites.len().max(1)).max(alphabet.nodes.len().min(WITNESS_STEPS));
    let mut left = WITNESS_STEPS;
    for (number, site) in alphabet.sites.iter().enumerate() {
        let mut steps = share.min(left);
        left -= steps;
        let mut to_do = vec![(site.root, Vec::new())];
        while let Some((at, tests)) = to_do.pop() {
            let Some(fewer) = steps.checked_sub(1) else { break };
            steps = fewer;
            match at {
                Target::Class(class) => keep(found.entry(class).or_default(), Way { site: number, tests }),
                Target::Node(index) => {
                    let Some(node) = alphabet.nodes.get(usize::from(index)) else { continue };
                    for (holds, to) in [(true, node.yes), (false, node.no)] {
                        if follows(site.kind, &tests, node.test).is_none_or(|known| known == holds) {
                            let mut more = tests.clone();
                            more.push((node.test, holds));
                            to_do.push((to, more));
                        }
                    }
                }
            }
        }
        left += steps;
    }
    found
}

/// Keeps the cheapest.
fn keep(ways: &mut Vec<Way>, way: Way) {
    let place = ways.partition_point(|known| known.cost() <= way.cost());
    if place < WITNESS_WAYS {
        ways.insert(place, way);
        ways.truncate(WITNESS_WAYS);
    }
}

/// What a test must come to after others.
fn follows(kind: LetterKind, before: &[(Test, bool)], test: Test) -> Option<bool> {
    let truth = |wanted: Test| before.iter().find(|(own, _)| *own == wanted).map(|(_, holds)| *holds);
    match test {
        Test::By(_) => before.iter().any(|(own, holds)| matches!(own, Test::By(_)) && *holds).then_some(false),
        Test::Guard { guard, failed } => {
            let other = truth(Test::Guard { guard, failed: !failed })?;
            // Of a call everything was evaluated; elsewhere one that holds in spite of doubt holds without it.
            (kind == LetterKind::Call || other == failed).then_some(other)
        }
        Test::Within { register, .. } => {
            let set = |(own, holds): &(Test, bool)| matches!(own, Test::Within { register: own, .. } if *own == register) && *holds;
            before.iter().any(set).then_some(true)
        }
        Test::Lacks { binding } => truth(Test::Broken { binding }).filter(|broken| *broken),
        Test::Broken { binding } => truth(Test::Lacks { binding }).filter(|lacks| !lacks),
        _ => None,
    }
}
