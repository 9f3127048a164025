//! Why a policy has no meaning here.
//!
//! In: the text that was being read. Out: one [`Refusal`], the first that was met. It is data with a place; wording for authors is the compiler's.
//! Source: language sections 8 and 9.

use std::fmt;

/// A policy that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The text is no policy.
    Wrong {
        /// What is wrong.
        what: String,
        /// Module and line.
        at: String,
    },
    /// A bound of [`crate::limits`] is passed.
    Bound {
        /// What is bounded.
        what: &'static str,
        /// The bound.
        bound: usize,
    },
    /// A file that the policy needs cannot be read.
    Unreadable {
        /// Its path.
        path: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong { what, at } => write!(f, "{at}: {what}"),
            Self::Bound { what, bound } => write!(f, "{what}: the bound is {bound}"),
            Self::Unreadable { path } => write!(f, "`{path}` cannot be read"),
        }
    }
}

impl std::error::Error for Refusal {}
