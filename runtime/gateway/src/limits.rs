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
/// Milliseconds that a time of waiting has at least.
pub const SHORTEST_MS: u64 = 1_000;
/// Milliseconds after which an idle session may end at the earliest.
pub const IDLE_LEAST_MS: u64 = 60_000;
/// How long calls that are on their way, and requests that never end, may hold up the end of a gateway.
pub const END: std::time::Duration = std::time::Duration::from_secs(10);
/// How long a list of tools waits for servers that have not said yet what they offer.
pub const FIRST_LIST: std::time::Duration = std::time::Duration::from_secs(5);
/// How often servers are listed that do not say when their tools change.
pub const RELIST: std::time::Duration = std::time::Duration::from_secs(60);
/// Milliseconds for which an approval may be given, where the configuration says nothing.
pub const APPROVAL_MS: u64 = 900_000;
/// Signed tokens that are remembered as good; with more, all are asked again.
pub const TOKENS: usize = 10_000;
/// Bytes of a tool's name as a client writes it.
pub const NAME_BYTES: usize = 256;
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
