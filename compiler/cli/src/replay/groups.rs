//! Which lines of a chunk may be decided beside each other.
//!
//! In: the lines' places. Out: for each line its group, and for each group its lines and the handles that it concerns. Two lines that concern one session,
//! principal, agent or tenant are of one connected component, and a component is of one group; so no state is in two groups.
//! Invariant: what is decided does not depend on the grouping.
//! Source: the command line's contract (`--jobs`).

use super::names::Handle;
use super::sequence::{Placed, Whom};

/// Finds the groups of one chunk after another; its memory is used again.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// By handle: a handle of the same component, at last the one that stands for it.
    parents: Vec<Handle>,
    /// By handle: lines of the component, where it stands for one.
    lines: Vec<usize>,
    /// By handle: the group of the component.
    group: Vec<usize>,
    /// The handles of this chunk.
    touched: Vec<Handle>,
}

/// One group.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Its lines, by their place in the chunk.
    pub(crate) lines: Vec<usize>,
    /// Whom they concern, each once.
    pub(crate) handles: Vec<Handle>,
}

impl Groups {
    /// Spreads the lines over at most `count` groups of about the same size.
    pub(crate) fn split(&mut self, placed: &[Placed], count: usize) -> Vec<Group> {
        for line in placed {
            self.join(&line.whom);
        }
        let mut roots: Vec<Handle> = self.touched.iter().copied().filter(|handle| self.parent(*handle) == *handle).collect();
        roots.sort_by_key(|root| std::cmp::Reverse(self.lines.get(*root).copied()));
        let mut loads = vec![0; count.max(1)];
        for root in roots {
            let lightest = loads.iter().enumerate().min_by_key(|(_, load)| **load).map_or(0, |(index, _)| index);
            if let (Some(load), Some(lines), Some(group)) = (loads.get_mut(lightest), self.lines.get(root), self.group.get_mut(root)) {
                *load += lines;
                *group = lightest;
            }
        }
        let mut groups: Vec<Group> = loads.iter().map(|_| Group::default()).collect();
        for (index, line) in placed.iter().enumerate() {
            let group = self.group_of(line.whom.iter().flatten().next().copied());
            if let Some(group) = groups.get_mut(group) {
                group.lines.push(index);
            }
        }
        for handle in std::mem::take(&mut self.touched) {
            let group = self.group_of(Some(handle));
            if let Some(group) = groups.get_mut(group) {
                group.handles.push(handle);
            }
        }
        self.forget(&groups);
        groups
    }

    fn group_of(&mut self, handle: Option<Handle>) -> usize {
        let root = handle.map(|handle| self.root(handle));
        root.and_then(|root| self.group.get(root)).copied().unwrap_or(0)
    }

    /// All whom a line concerns are one component.
    fn join(&mut self, whom: &Whom) {
        let mut all = whom.iter().flatten().copied();
        let Some(first) = all.next() else { return };
        self.meet(first);
        let mut root = self.root(first);
        for handle in all {
            self.meet(handle);
            let other = self.root(handle);
            if other != root {
                let lines = self.lines.get(other).copied().unwrap_or(0);
                self.point(other, root);
                self.count(root, lines);
            }
            root = self.root(root);
        }
        self.count(root, 1);
    }

    fn meet(&mut self, handle: Handle) {
        if self.parents.len() <= handle {
            self.parents.resize(handle + 1, Handle::MAX);
            self.lines.resize(handle + 1, 0);
            self.group.resize(handle + 1, 0);
        }
        if self.parent(handle) == Handle::MAX {
            self.point(handle, handle);
            self.touched.push(handle);
        }
    }

    fn root(&mut self, handle: Handle) -> Handle {
        let mut at = handle;
        // Every step halves the way for the next who goes it.
        while self.parent(at) != at {
            let above = self.parent(self.parent(at));
            self.point(at, above);
            at = above;
        }
        at
    }

    fn parent(&self, handle: Handle) -> Handle {
        self.parents.get(handle).copied().unwrap_or(handle)
    }

    fn point(&mut self, handle: Handle, to: Handle) {
        if let Some(parent) = self.parents.get_mut(handle) {
            *parent = to;
        }
    }

    fn count(&mut self, root: Handle, lines: usize) {
        if let Some(count) = self.lines.get_mut(root) {
            *count += lines;
        }
    }

    /// Ready for the next chunk.
    fn forget(&mut self, groups: &[Group]) {
        for handle in groups.iter().flat_map(|group| &group.handles) {
            self.point(*handle, Handle::MAX);
            if let Some(lines) = self.lines.get_mut(*handle) {
                *lines = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Groups;
    use crate::replay::sequence::{Coming, Placed};

    fn line(whom: [Option<usize>; 4]) -> Placed {
        Placed { at: 0, step: 0, whom, coming: Coming::Nowhere }
    }

    #[test]
    fn who_shares_a_key_is_of_one_group() {
        let mut groups = Groups::default();
        let mut seed = 7_u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((seed >> 33) % below).unwrap()
        };
        for _ in 0..200 {
            let lines: Vec<_> = (0..random(60))
                .map(|_| {
                    let principal = (random(4) == 0).then(|| 100 + random(20));
                    let tenant = (random(9) == 0).then(|| 200 + random(3));
                    line([Some(random(40)), principal, None, tenant])
                })
                .collect();
            let split = groups.split(&lines, 3);
            let mut all: Vec<usize> = split.iter().flat_map(|group| group.lines.clone()).collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..lines.len()));
            let mut handles: Vec<usize> = split.iter().flat_map(|group| group.handles.clone()).collect();
            let count = handles.len();
            handles.sort_unstable();
            handles.dedup();
            assert_eq!(handles.len(), count, "a handle is in two groups");
            for group in &split {
                assert!(group.lines.is_sorted());
                let whom = group.lines.iter().flat_map(|index| lines[*index].whom).flatten();
                assert!(whom.into_iter().all(|handle| group.handles.contains(&handle)));
            }
        }
    }

    #[test]
    fn lines_that_share_nothing_are_spread() {
        let lines: Vec<_> = (0..100).map(|session| line([Some(session % 10), None, None, None])).collect();
        let split = Groups::default().split(&lines, 2);
        assert_eq!(split.iter().map(|group| group.lines.len()).collect::<Vec<_>>(), [50, 50]);
    }
}
