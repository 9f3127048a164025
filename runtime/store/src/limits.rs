//! Every bound of the store, as it is where the operator says nothing.
//!
//! Source: `runtime/store/README.md`.

/// Sessions that are known at once.
pub const SESSIONS: usize = 1_000_000;
/// Principals, agents and tenants that are known at once.
pub const KEYS: usize = 1_000_000;
/// Names of expired sessions that are remembered.
pub const EXPIRED: usize = 10_000_000;
/// Bytes of states in memory: 4 GiB, or 1 GiB where no more than 4 can be addressed.
pub const BYTES: usize = if usize::BITS < 64 { 1 << 30 } else { 1 << (usize::BITS / 2) };
/// Bytes of states that lie unpacked in memory.
pub const WARM_BYTES: usize = 256 << 20;
/// Milliseconds after which a session that nobody used expires: a day.
pub const IDLE_MS: i64 = 24 * 60 * 60 * 1_000;
/// How often a decision is made again because another process changed its states.
pub const ATTEMPTS: u32 = 16;
/// Parts of the table of names, each with its lock.
pub(crate) const SHARDS: usize = 64;
/// How many states are looked at for one to pack when one more is unpacked.
pub(crate) const LOOKS: usize = 8;
/// Milliseconds between two looks through a part of the table for want of room.
pub(crate) const LOOK_MS: i64 = 1_000;

// On no machine may the bound be less than what it bounds.
const _: () = assert!(BYTES >= WARM_BYTES);
