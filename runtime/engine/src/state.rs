//! The state of one key: one flat value whose size the policy fixes.
//!
//! In: letters, through `history`. Out: itself. Invariants: lengths are those of the policy's layout for its kind of key.
//! Left out: its bytes, and carrying it over to another frame, which `stored` does.
//! Source: verification section 1; contracts section 5.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use crate::frame::{Key, PersonaId, RuleId};

/// The value of a register that holds nothing.
pub(crate) const UNSET: i64 = i64::MIN;

/// The state of one session, principal, agent or tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub(crate) key: Key,
    /// Who it is, as 128 bits of SHA-256.
    pub(crate) identity: Owner,
    /// The time of the latest letter that is no refused attempt, in milliseconds: the clock.
    pub(crate) latest: i64,
    /// The time of the latest letter, refused attempts among them, in milliseconds: never before `latest`.
    pub(crate) newest: i64,
    /// How many letters there have been.
    pub(crate) position: i64,
    /// The state of each automaton of this key.
    pub(crate) control: Box<[u8]>,
    /// The registers of each rule of this key.
    pub(crate) registers: Box<[i64]>,
    pub(crate) session: Option<SessionPart>,
    /// The rules whose past it does not hold, ascending.
    pub(crate) stale: Vec<RuleId>,
}

/// Who a state is, 128 bits in halves: what may be absent is then told by one word, and needs no more room than that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owner([u64; 2]);

impl Owner {
    #[expect(clippy::cast_possible_truncation, reason = "the halves of a word")]
    pub(crate) fn of(word: u128) -> Self {
        Self([(word >> 64) as u64, word as u64])
    }

    pub(crate) fn word(self) -> u128 {
        let [high, low] = self.0;
        (u128::from(high) << 64) | u128::from(low)
    }
}

/// What only a session has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionPart {
    /// Fixed by the first call, denied or not.
    pub(crate) persona: Option<PersonaId>,
    /// Principal, agent and tenant, each fixed by the first call that has one.
    pub(crate) identities: [Option<Owner>; 3],
    pub(crate) labels: u64,
    pub(crate) ended: bool,
}

/// When a letter counts. A refused attempt leaves the clock where it is, so a rule that hears attempts needs a time of its own, or time ran backward for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    /// Not before the latest letter that is no refused attempt.
    clock: i64,
    /// Not before the latest letter, refused attempts among them.
    heard: i64,
}

impl Times {
    /// When it counts for a rule that hears attempts, or for one that does not.
    pub(crate) fn of(self, hears_attempts: bool) -> i64 {
        if hears_attempts { self.heard } else { self.clock }
    }
}

/// Where a call stands in a key's history.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CallPlace {
    identity: Owner,
    /// Counted from 1; 0 where the call had no such key.
    pub(crate) position: i64,
    pub(crate) at: Times,
}

impl CallPlace {
    /// Whether the call had such a key.
    pub(crate) fn is_some(&self) -> bool {
        self.position != 0
    }

    /// Whether it is this state's.
    pub(crate) fn is_of(&self, state: &State) -> bool {
        self.identity == state.identity
    }

    /// The call's times and its position; none where it had no such key.
    pub(crate) fn get(&self) -> Option<(Times, i64)> {
        self.is_some().then_some((self.at, self.position))
    }
}

/// How large the states of a kind of key are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) control: usize,
    pub(crate) registers: usize,
}

impl Shape {
    /// Bytes of a state's rules: a byte an automaton, eight a register.
    pub(crate) fn bytes(self) -> usize {
        self.control.saturating_add(self.registers.saturating_mul(8))
    }
}

/// What the states of a call are, by one look at each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// The keys of which there is a state, a bit each.
    pub(crate) given: u8,
    /// Whether one was not made by the policy for its key.
    pub(crate) strange: bool,
    /// Whether one does not hold the past of some rule.
    pub(crate) stale: bool,
    /// The latest time of any.
    pub(crate) latest: i64,
}

/// Why a serialised state cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The bytes are no state.
    #[error("the bytes are no state of this version")]
    Decode,
    /// The rule is not one of those whose past the state does not hold.
    #[error("the rule is not stale in this state")]
    NotStale,
}

impl State {
    /// Whose kind of key it is of.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// Who it is: what [`identity`] says of the name.
    #[must_use]
    pub fn identity(&self) -> u128 {
        self.identity.word()
    }

    /// Bytes of its rules' states and registers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        Shape { control: self.control.len(), registers: self.registers.len() }.bytes()
    }

    pub(crate) fn new(key: Key, identity: u128, shape: Shape) -> Self {
        let session = (key == Key::Session).then(SessionPart::default);
        Self {
            key,
            identity: Owner::of(identity),
            // The earliest time that counts lies after the value that says "nothing yet".
            latest: UNSET + 1,
            newest: UNSET + 1,
            position: 0,
            control: vec![0; shape.control].into_boxed_slice(),
            registers: vec![UNSET; shape.registers].into_boxed_slice(),
            session,
            stale: Vec::new(),
        }
    }

    pub(crate) fn fits(&self, shape: Shape) -> bool {
        self.control.len() == shape.control
            && self.registers.len() == shape.registers
            && self.session.is_some() == (self.key == Key::Session)
    }

    pub(crate) fn has_stale(&self) -> bool {
        !self.stale.is_empty()
    }

    pub(crate) fn is_stale(&self, rule: RuleId) -> bool {
        self.stale.contains(&rule)
    }

    /// The time at which something given for `at` counts: never before the latest.
    pub(crate) fn effective(&self, at: i64) -> i64 {
        at.max(self.latest)
    }

    /// The times at which a letter given for `at` counts.
    pub(crate) fn times(&self, at: i64) -> Times {
        Times { clock: at.max(self.latest), heard: at.max(self.newest) }
    }

    /// Makes room for the next letter and gives its place.
    pub(crate) fn advance(&mut self, at: i64) -> CallPlace {
        let times = self.times(at);
        (self.latest, self.newest) = (times.clock, times.heard);
        self.position = self.position.saturating_add(1);
        CallPlace { identity: self.identity, position: self.position, at: times }
    }

    /// Takes in the time of a refused attempt, which moves neither the clock nor the position.
    pub(crate) fn attempted(&mut self, at: i64) {
        self.newest = self.times(at).heard;
    }
}

/// What a key's name comes to: 128 bits of SHA-256, in which two names are one only by a collision.
#[must_use]
pub fn identity(name: &str) -> u128 {
    let hash = Sha256::digest(name.as_bytes());
    hash.iter().take(16).fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
}

/// The states that a call concerns; a key that the caller does not know is absent.
#[derive(Clone, Debug, Default)]
pub struct States {
    /// The session's.
    pub session: Option<State>,
    /// The principal's.
    pub principal: Option<State>,
    /// The agent's.
    pub agent: Option<State>,
    /// The tenant's.
    pub tenant: Option<State>,
}

/// The keys in the order of [`States`].
pub(crate) const KEYS: [Key; 4] = [Key::Session, Key::Principal, Key::Agent, Key::Tenant];

impl States {
    pub(crate) fn get(&self, key: Key) -> Option<&State> {
        match key {
            Key::Session => self.session.as_ref(),
            Key::Principal => self.principal.as_ref(),
            Key::Agent => self.agent.as_ref(),
            Key::Tenant => self.tenant.as_ref(),
        }
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut State> {
        match key {
            Key::Session => self.session.as_mut(),
            Key::Principal => self.principal.as_mut(),
            Key::Agent => self.agent.as_mut(),
            Key::Tenant => self.tenant.as_mut(),
        }
    }

    pub(crate) fn session_part(&mut self) -> Option<&mut SessionPart> {
        self.session.as_mut().and_then(|state| state.session.as_mut())
    }
}

pub(crate) fn key_index(key: Key) -> usize {
    match key {
        Key::Session => 0,
        Key::Principal => 1,
        Key::Agent => 2,
        Key::Tenant => 3,
    }
}
