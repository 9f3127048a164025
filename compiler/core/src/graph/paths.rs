//! The paths from sites to classes: each is one way in which a letter gets its class.
//!
//! In: an alphabet. Out: [`Path`]s, sites in order, `no` before `yes`. Invariant: at most [`PATHS`] of them for each class; what is left out is counted.
//! Source: `lang-spec/frame-format.md`, [frame.policy].

use leverframe_runtime::frame::{Alphabet, Site, Target, Test};

/// The most paths that are listed of one class.
pub(super) const PATHS: usize = 64;
/// The most paths that are walked in one rule.
const WALKED: usize = 20_000;

/// One way to a class: a site, and the tests on the way with their answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) site: usize,
    pub(super) tests: Vec<(Test, bool)>,
}

/// The ways to one class.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways {
    pub(super) paths: Vec<Path>,
    /// Whether there are more than those listed.
    pub(super) more: bool,
}

/// The ways to each class.
pub(super) fn ways(alphabet: &Alphabet) -> Vec<Ways> {
    let mut walk = Walk { alphabet, ways: vec![Ways::default(); usize::from(alphabet.classes)], walked: 0 };
    for (index, site) in alphabet.sites.iter().enumerate() {
        walk.go(index, site.root, &mut Vec::new());
    }
    if walk.walked >= WALKED {
        walk.ways.iter_mut().for_each(|ways| ways.more = true);
    }
    walk.ways
}

struct Walk<'a> {
    alphabet: &'a Alphabet,
    ways: Vec<Ways>,
    walked: usize,
}

impl Walk<'_> {
    fn go(&mut self, site: usize, at: Target, tests: &mut Vec<(Test, bool)>) {
        if self.walked >= WALKED {
            return;
        }
        match at {
            Target::Class(class) => {
                self.walked += 1;
                let Some(ways) = self.ways.get_mut(usize::from(class)) else { return };
                if ways.paths.len() < PATHS {
                    ways.paths.push(Path { site, tests: tests.clone() });
                } else {
                    ways.more = true;
                }
            }
            Target::Node(node) => {
                let Some(node) = self.alphabet.nodes.get(usize::from(node)).copied() else { return };
                for (answer, to) in [(false, node.no), (true, node.yes)] {
                    tests.push((node.test, answer));
                    self.go(site, to, tests);
                    tests.pop();
                }
            }
        }
    }
}

/// Every test that a letter of the site can be asked, ascending.
pub(super) fn tests_of(alphabet: &Alphabet, site: &Site) -> Vec<Test> {
    let mut todo = vec![site.root];
    let mut seen = vec![false; alphabet.nodes.len()];
    let mut tests = Vec::new();
    while let Some(at) = todo.pop() {
        let Target::Node(index) = at else { continue };
        let fresh = seen.get_mut(usize::from(index)).is_some_and(|seen| !std::mem::replace(seen, true));
        if let Some(node) = alphabet.nodes.get(usize::from(index)).filter(|_| fresh) {
            tests.push(node.test);
            todo.extend([node.yes, node.no]);
        }
    }
    tests.sort_unstable();
    tests.dedup();
    tests
}
