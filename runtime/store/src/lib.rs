//! Keeps the states of sessions, principals, agents and tenants, and decides calls with them: in memory, on disk, or in Redis or Valkey for many gateways.
//!
//! In: outside names, calls, results, host events, times. Out: decisions. Invariants: a decision is given out only after what it does to the histories is
//! where it must survive; a call whose states cannot be had is denied (`state_unavailable`); no state that is in use is ever dropped, and a session that was
//! dropped for idleness does not begin anew under the same name; two processes that change one state never both do so from the same version of it.
//! Source: contracts section 5; `runtime/store/README.md`.

#[cfg_attr(not(all(feature = "disk", feature = "redis")), allow(dead_code, reason = "what only one of the places to keep states in needs"))]
mod backend;
mod carry;
mod change;
#[cfg(feature = "disk")]
mod disk;
mod error;
mod keys;
pub mod limits;
mod memory;
mod options;
#[cfg(feature = "redis")]
mod redis;
mod sessions;
mod slot;
mod table;
mod unaided;
mod warm;

#[cfg(feature = "redis")]
pub use self::redis::{RedisOptions, Tls, create as create_in_redis};
#[cfg(feature = "disk")]
pub use disk::{Durability, create as create_on_disk};
pub use error::{ChangeError, OpenError, Unavailable};
pub use keys::Keys;
pub use options::{OnUnavailable, Opening, Options};
pub use sessions::{Answer, Sessions, Swept};
pub use slot::Handle;
