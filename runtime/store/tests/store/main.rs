//! The store: in memory, on disk, in Redis and Valkey, one node and a cluster.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, unreachable_pub)]

mod disk;
mod failover;
#[path = "../../examples/trial/failovers.rs"]
mod failovers;
mod hostile;
#[path = "../../examples/trial/kills.rs"]
#[allow(dead_code, reason = "the trial's own part")]
mod kills;
mod memory;
#[path = "../../examples/trial/policy.rs"]
#[allow(dead_code, reason = "the trial's own part")]
mod policy;
#[path = "../../examples/trial/races.rs"]
mod races;
#[path = "../../examples/trial/servers.rs"]
#[allow(dead_code, reason = "the trial's own part")]
mod servers;
mod shared;
mod succession;
mod tls;

/// The trial's program, which is built with these tests.
fn trial() -> std::path::PathBuf {
    let tests = std::env::current_exe().expect("this program");
    let path = tests.parent().and_then(|folder| folder.parent()).expect("a folder").join("examples/trial");
    assert!(path.is_file(), "{} is missing: cargo build -p leverframe-store --examples", path.display());
    path
}
