//! Files that say what is trusted: public keys of frames, and the lock of tools' definitions.
//!
//! In: paths, texts. Out: keys, locks, or what is wrong with them. Invariant: a file that cannot be read whole says nothing.
//! Source: `lang-spec/frame-format.md`, [frame.signature]; `lang-spec/lock.md`.

pub mod keys;
pub mod lock;
