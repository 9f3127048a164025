//! Every bound of the checker. What passes one is not guessed: the question stays unknown, and says so.

/// States of one search.
pub(crate) const SEARCH_NODES: usize = 1 << 16;

/// Letters of one tool that a search tells apart.
pub(crate) const LETTERS_PER_SUBJECT: usize = 256;

/// Letters that a limit without a window counts up to in a search.
pub(crate) const COUNTED: u32 = 256;

/// Letters that a limit with a window keeps times of in a search.
pub(crate) const RING: u32 = 8;

/// Rules that one search takes in.
pub(crate) const CONE: usize = 24;

/// Constants that one search tells apart.
pub(crate) const CONSTANTS: usize = 6;

/// Ways to make one counterexample concrete that are tried.
pub(crate) const ATTEMPTS: usize = 20_000;

/// Counterexamples of one search that are tried.
pub(crate) const COUNTEREXAMPLES: usize = 24;
