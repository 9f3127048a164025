//! Bounds of the gateway, beside those of the store and of the engine.
//!
//! Source: `runtime/gateway/README.md` ("Bounds").

/// Bytes of one message, where the configuration says nothing.
pub const MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of one message that a configuration may allow, and one more.
pub const MESSAGE_BYTES_MOST: u64 = 256 * 1024 * 1024 + 1;
/// Calls on their way at once, where the configuration says nothing.
pub const CALLS: usize = 10_000;
/// Milliseconds for which an upstream may take its time, where the configuration says nothing.
pub const UPSTREAM_MS: u64 = 60_000;
/// Lines of the log from one checkpoint to the next, where the configuration says nothing.
pub const CHECKPOINT: u64 = 1_000;
/// Milliseconds after which an idle session ends, where the configuration says nothing.
pub const IDLE_MS: u64 = 3_600_000;
/// Milliseconds for which an approval may be given, where the configuration says nothing.
pub const APPROVAL_MS: u64 = 900_000;
/// Signed tokens that are remembered as good; with more, all are asked again.
pub const TOKENS: usize = 10_000;
/// Calls that wait for an approval at once; one more is denied.
pub const PENDING: usize = 10_000;
/// Bytes of the arguments of one call that waits for an approval.
pub const PENDING_BYTES: usize = 256 * 1024;
