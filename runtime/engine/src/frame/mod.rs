//! The frame: what the compiler writes, and what the runtime loads after validating it once.
//!
//! In: bytes, or a [`Frame`]. Out: a validated [`Frame`], or bytes. This is the only definition of the format.
//! Source: `lang-spec/frame-format.md`.

mod bounded;
mod certificate;
mod content;
mod finding;
mod format;
mod model;
mod program;
mod rule;
mod signature;
mod validate;
mod validate_rules;
mod validate_values;

pub use certificate::*;
pub use content::*;
pub use finding::*;
pub use format::{Decoded, FrameError, digest, read, strip_certificate, write};
pub(crate) use format::{Sections, certificate};
pub use model::*;
pub use program::{ArithOp, Branch, Cidr, CompareOp, Exit, Function, Kind, Predicate, Program, Scalar, Term};
pub use rule::*;
pub(crate) use signature::trusted;
pub use signature::{Signature, SignatureError, TrustedKey, key_id, sign};
pub use validate::{Invalid, validate};
