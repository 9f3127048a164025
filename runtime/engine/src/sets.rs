//! Sets of literals in ascending order, so that a value is looked for in them and not compared with each.
//!
//! In: a validated frame. Out: the same, with the members of every set of ints or texts sorted. Invariant: the meaning stays the same, since one member of a
//! set is as good as any other, and comparing with a member of its kind cannot fail.

use crate::frame::{Frame, Kind, Predicate};

/// Sorts the sets of a frame.
pub(crate) fn sort(frame: &mut Frame) {
    for branch in frame.programs.iter_mut().flat_map(|program| program.tests.iter_mut()) {
        if let Predicate::In(kind, _, members) = &mut branch.test
            && is_ordered(*kind)
        {
            members.sort_unstable();
        }
    }
}

/// Whether the sets of a kind are sorted: decimals are not, which have more than one spelling.
pub(crate) fn is_ordered(kind: Kind) -> bool {
    matches!(kind, Kind::Int | Kind::Text)
}
