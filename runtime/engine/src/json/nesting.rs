//! Which arrays and objects are open, as one bit each.
//!
//! In: openings and closings. Out: the innermost open container. Invariant: never more than [`JSON_DEPTH`] open, which is
//! the number of bits there are.

use crate::limits::JSON_DEPTH;

/// An array or an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

/// The open containers, the innermost in the lowest bit.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    objects: u128,
    depth: u32,
}

const _: () = assert!(JSON_DEPTH <= u128::BITS);

impl Nesting {
    /// Opens a container; false where the bound is reached.
    pub(super) fn open(&mut self, container: Container) -> bool {
        if self.depth >= JSON_DEPTH {
            return false;
        }
        self.objects = (self.objects << 1) | u128::from(container == Container::Object);
        self.depth += 1;
        true
    }

    /// Closes the innermost container.
    pub(super) fn close(&mut self) {
        self.objects >>= 1;
        self.depth = self.depth.saturating_sub(1);
    }

    /// The innermost open container, if any.
    pub(super) fn innermost(&self) -> Option<Container> {
        match (self.depth, self.objects & 1) {
            (0, _) => None,
            (_, 0) => Some(Container::Array),
            (_, _) => Some(Container::Object),
        }
    }
}
