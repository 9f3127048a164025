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
/// Pages of one server's list of tools.
pub const PAGES: usize = 1_000;
/// How long a server has to say which way it speaks, before it is taken for one of earlier revisions.
pub const PROBE: std::time::Duration = std::time::Duration::from_secs(3);
/// How long a server that could not be reached is left alone.
pub const AGAIN: std::time::Duration = std::time::Duration::from_secs(1);
/// Sessions of revisions with a handshake that are open at once over HTTP.
pub const LEGACY_SESSIONS: usize = 1_000_000;
