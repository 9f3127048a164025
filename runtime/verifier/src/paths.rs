//! Paths: which answers lead a letter to which class.
//!
//! In: a rule's decision graph, where letters of a site enter it, and for each ask what decides it. Out: every pair of a class and of answers that some truth of
//! the tests leads to. Invariants: no truth of the tests is left out, be it possible or not; where the graph does not ask what an answer depends on, both
//! answers are followed; an ask that is put off is left open unless the graph decides it.
//! Source: verification section 1 ("Alphabet"); `lang-spec/certificate.md`, [cert.letters]; Bryant, "Graph-based algorithms for Boolean function
//! manipulation", 1986.

use std::collections::{BTreeSet, HashMap};

use leverframe_runtime::frame::{Alphabet, Target, Test};

use crate::limits::PATHS_PER_SITE;
use crate::{Checked, require};

/// What is known of an ask on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Known {
    /// It is decided.
    Answer(bool),
    /// One of these conjunctions must hold; none is empty.
    Any(Vec<Vec<Test>>),
    /// It holds if the test does, and is not asked about for its own sake.
    PutOff(Test),
    /// It is left open.
    Open,
}

impl Known {
    /// From conjunctions.
    pub(crate) fn of(mut cubes: Vec<Vec<Test>>) -> Self {
        if cubes.iter().any(Vec::is_empty) {
            return Self::Answer(true);
        }
        cubes.iter_mut().for_each(|cube| cube.sort_unstable());
        if cubes.is_empty() { Self::Answer(false) } else { Self::Any(cubes) }
    }

    pub(crate) fn after(&self, test: Test, holds: bool) -> Self {
        match self {
            Self::PutOff(own) if *own == test => Self::Answer(holds),
            Self::Any(cubes) => {
                let possible = cubes.iter().filter(|cube| holds || !cube.contains(&test));
                Self::of(possible.map(|cube| cube.iter().copied().filter(|other| *other != test).collect()).collect())
            }
            other => other.clone(),
        }
    }

    pub(crate) fn next(&self) -> Option<Test> {
        match self {
            Self::Any(cubes) => cubes.iter().flatten().min().copied(),
            Self::Answer(_) | Self::PutOff(_) | Self::Open => None,
        }
    }
}

/// A class, and the answers with which letters come to it; nothing where an answer is open.
pub(crate) type Leaf = (u16, Vec<Option<bool>>);

/// A place on the way.
type Point = (Target, Vec<Known>);

/// All leaves that letters come to.
pub(crate) fn leaves(alphabet: &Alphabet, root: Target, asks: Vec<Known>) -> Checked<BTreeSet<Leaf>> {
    let mut seen: HashMap<Point, ()> = HashMap::new();
    let mut leaves = BTreeSet::new();
    let mut to_do = vec![(root, asks)];
    while let Some((at, asks)) = to_do.pop() {
        let node = match at {
            Target::Node(index) => Some(alphabet.nodes.get(usize::from(index)).ok_or("a decision is absent")?),
            Target::Class(_) => None,
        };
        let own = asks.iter().filter_map(Known::next).min();
        let test = match (node.map(|node| node.test), own) {
            (Some(test), Some(own)) => test.min(own),
            (test, own) => match (test.or(own), at) {
                (Some(test), _) => test,
                (None, Target::Class(class)) => {
                    leaves.insert((class, asks.iter().map(answer).collect()));
                    continue;
                }
                (None, Target::Node(_)) => continue,
            },
        };
        for holds in [true, false] {
            let to = match node.filter(|node| node.test == test) {
                Some(node) => {
                    if holds {
                        node.yes
                    } else {
                        node.no
                    }
                }
                None => at,
            };
            let point = (to, asks.iter().map(|known| known.after(test, holds)).collect::<Vec<Known>>());
            if seen.insert(point.clone(), ()).is_none() {
                to_do.push(point);
            }
        }
        require(seen.len() <= PATHS_PER_SITE, || format!("a site has more than {PATHS_PER_SITE} paths"))?;
    }
    Ok(leaves)
}

/// The answer, if there is one.
pub(crate) fn answer(known: &Known) -> Option<bool> {
    match known {
        Known::Answer(answer) => Some(*answer),
        Known::Any(_) | Known::PutOff(_) | Known::Open => None,
    }
}

/// Whether tests ascend on every way through the graph, so that none is asked twice.
pub(crate) fn ordered(alphabet: &Alphabet) -> Checked {
    for node in &alphabet.nodes {
        for to in [node.yes, node.no] {
            let Target::Node(index) = to else { continue };
            let below = alphabet.nodes.get(usize::from(index)).ok_or("a decision is absent")?;
            require(node.test < below.test, || "the tests of a decision graph do not ascend".to_owned())?;
        }
    }
    Ok(())
}
