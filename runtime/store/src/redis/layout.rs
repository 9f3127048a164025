//! How states lie in Redis: the names of their keys, and which of them lie together.
//!
//! In: kinds of keys, names. Out: [`Layout`], keys. Form: `lf:{SPACE.BUCKET}:KIND:IDENTITY`, the identity in 32 hexadecimal digits, so that no two names have one key; what stands in braces is the hash tag, by which a cluster divides keys
//! over its nodes. Invariants: all states of one call have one tag, so that one script changes them together; a name's state has one tag whatever call it
//! comes with, so that no history is split. So a cluster divides by the session where the policy reads sessions only, by the other kind where it reads one,
//! and not at all where it reads two or more.
//! Source: `runtime/store/README.md`; the cluster specification of Redis.

use leverframe_runtime::Key;

use crate::error::OpenError;
use crate::keys::{KeyName, Kinds, ORDER, letter};

/// Parts of a divided store; each has a register of its own, so that the loss of one is noticed.
const BUCKETS: u16 = 1_024;

/// How a store is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Divided {
    /// All in one part.
    Whole,
    /// By this kind of key.
    By(Key),
}

impl Divided {
    /// How a store is divided that has to be, for these kinds of keys.
    pub(crate) fn of(kinds: Kinds, cluster: bool) -> Self {
        let mut shared = kinds.shared();
        match (cluster, shared.next(), shared.next()) {
            (false, ..) | (true, Some(_), Some(_)) => Self::Whole,
            (true, None, _) => Self::By(Key::Session),
            (true, Some(kind), None) => Self::By(kind),
        }
    }

    pub(crate) fn buckets(self) -> u16 {
        if self == Self::Whole { 1 } else { BUCKETS }
    }

    /// As it is noted in the store.
    pub(crate) fn letter(self) -> char {
        match self {
            Self::Whole => '-',
            Self::By(kind) => letter(kind),
        }
    }

    /// Whether a session's state may lie with a state of another kind, so that it has to be noted with whose.
    pub(crate) fn follows(self) -> Option<Key> {
        match self {
            Self::By(kind) if kind != Key::Session => Some(kind),
            _ => None,
        }
    }
}

/// A store's names of keys.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) space: String,
    pub(crate) divided: Divided,
}

impl Layout {
    /// # Errors
    /// [`OpenError::Options`] where the name of the space could be mistaken.
    pub(crate) fn new(space: &str, divided: Divided) -> Result<Self, OpenError> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        if space.is_empty() || space.len() > 64 || !space.chars().all(plain) {
            return Err(OpenError::Options("the name of a space is 1 to 64 letters, digits, `-` and `_`".to_owned()));
        }
        Ok(Self { space: space.to_owned(), divided })
    }

    /// What the store says of itself.
    pub(crate) fn about(space: &str) -> String {
        format!("lf:{{{space}}}:about")
    }

    /// In which part the states of a call lie; none where the call lacks the key that decides it.
    pub(crate) fn bucket(&self, names: impl Iterator<Item = KeyName>) -> Option<u16> {
        match self.divided {
            Divided::Whole => Some(0),
            Divided::By(kind) => names.into_iter().find(|name| name.kind == kind).map(Self::bucket_of),
        }
    }

    pub(crate) fn bucket_of(name: KeyName) -> u16 {
        u16::try_from(name.identity % u128::from(BUCKETS)).unwrap_or(0)
    }

    /// The hash tag of a part.
    pub(crate) fn tag(&self, bucket: u16) -> String {
        format!("{}.{bucket}", self.space)
    }

    /// The register of a part: the store's mark, the count of its changes, and every name that has a state there which may not vanish.
    pub(crate) fn register(&self, bucket: u16) -> String {
        format!("lf:{{{}.{bucket}}}:register", self.space)
    }

    pub(crate) fn state(&self, bucket: u16, name: KeyName) -> String {
        self.key(bucket, letter(name.kind), name.identity)
    }

    /// That a session has begun whose name may begin anew at last; it outlasts the session.
    pub(crate) fn begun(&self, bucket: u16, name: KeyName) -> String {
        self.key(bucket, 'b', name.identity)
    }

    /// A name in a register; `letter` for what stands there of it.
    pub(crate) fn entry(letter: char, identity: u128) -> Vec<u8> {
        let letter = u8::try_from(letter).unwrap_or(b'?');
        std::iter::once(letter).chain(identity.to_be_bytes()).collect()
    }

    fn key(&self, bucket: u16, letter: char, identity: u128) -> String {
        format!("lf:{{{}.{bucket}}}:{letter}:{identity:032x}", self.space)
    }
}

/// The kind of key with this letter.
pub(crate) fn kind_of(text: char) -> Option<Key> {
    ORDER.into_iter().find(|kind| letter(*kind) == text)
}
