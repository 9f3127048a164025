//! The normal forms of values that have more than one spelling, and the predicates over them.
//!
//! In: the text of an argument or of a policy's literal. Out: its one normal form (a string in a buffer that the caller
//! owns, or a number), or the reason why it has none. Both sides of every comparison go through the same function, the
//! argument when a call is decided, the literal when the policy is compiled.
//! Invariants: nothing here panics; time and space are linear in the text; on an error the output buffer is left empty, so a
//! caller that forgets the error compares with nothing; every normal form is its own normal form.
//! The choice throughout: a spelling that two parsers in use could read differently has no normal form. A call that carries
//! one is denied, whatever the rule says.
//! Left out on purpose: the world. No name is looked up, no link followed, no zone database consulted.
//! Source: clauses 3, 4 and 9 of the language.

pub mod decimal;
pub mod email;
mod error;
pub mod host;
pub mod ip;
pub mod path;
pub mod text;
pub mod time;
pub mod url;

use alloc::string::String;

pub use error::DomainError;

/// Fills `out` by `write`, and leaves it empty where that fails.
fn fill(out: &mut String, write: impl FnOnce(&mut String) -> Result<(), DomainError>) -> Result<(), DomainError> {
    out.clear();
    let written = write(out);
    if written.is_err() {
        out.clear();
    }
    written
}

/// Whether `text` holds `%` and two hexadecimal digits anywhere.
fn has_percent_triplet(text: &str) -> bool {
    text.as_bytes().windows(3).any(|window| matches!(window, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()))
}
