//! Normal forms of the domain types.
//!
//! In: any text. Out: the one spelling that equals of its kind have, or nothing where two parsers could differ on the text.
//! Source: language sections 3 and 9; `lang-spec/domain-types.md`.

pub(crate) mod email;
pub(crate) mod host;
pub(crate) mod ip;
pub(crate) mod path;
pub(crate) mod time;
pub(crate) mod url;
