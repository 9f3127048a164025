//! What the gateway and the bindings for other languages share: a policy with its sessions, used by outside names and numbers only.
//!
//! In: a frame's bytes; names, raw JSON, times. Out: [`Decided`], which knows its JSON line; what of a result may be given on. Invariants: a number that is no
//! open session's denies (`state_unavailable`); a name that the policy does not know denies; a result counts once; what fails is an error or a denial.
//! Left out: a clock (every time is given), making stores on disk and in Redis, and everything that is a language's own.
//! Source: contracts sections 2 and 5; `runtime/host/README.md`.

mod carry;
mod decided;
mod error;
mod host;
pub mod limits;
mod result;
mod session;

pub use decided::{Decided, digest_text};
pub use error::HostError;
pub use host::{Host, Request, Settings};
pub use leverframe_runtime::{Approval, LoadOptions, TrustedKey, Verdict};
pub use leverframe_store::{Options, Swept, Unavailable};
pub use result::{Came, Passed, Recorded};
pub use session::{Names, SessionId};
