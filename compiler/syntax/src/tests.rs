//! Tests that need what this crate keeps to itself.

mod layout;
mod mutation;
mod pages;
mod readings;
mod recovery;
mod robust;
mod words;

/// The texts that every property is tested over.
pub(crate) const TEXTS: [(&str, &str); 5] = [
    ("declarations", include_str!("../tests/texts/declarations.lever")),
    ("permissions", include_str!("../tests/texts/permissions.lever")),
    ("sequences", include_str!("../tests/texts/sequences.lever")),
    ("layout", include_str!("../tests/texts/layout.lever")),
    ("whole", include_str!("../tests/texts/whole.lever")),
];
