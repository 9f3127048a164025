//! Checks that a frame decides exactly as its policy says, without solver and without compiler.
//!
//! In: a policy, elaborated by the reference, and the bytes of a frame. Out: what was checked, or where the two differ.
//! Invariants: nothing in the frame is believed; what cannot be checked is an error or is counted as trusted, never passed over.
//! Left out: minimality of automata; what `lang-spec/trust.md` lists as trusted.
//! Source: verification section 2; `lang-spec/certificate.md`.

pub mod claims;
