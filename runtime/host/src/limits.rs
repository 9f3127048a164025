//! Bounds of what the bindings share, beside those of the store and of the engine.
//!
//! Source: `runtime/host/README.md`.

/// Sessions that are open at once; one more is refused until another is closed.
pub const OPEN: usize = 4_000_000;
/// Desks (a decision's memory) that are kept for the decisions to come.
pub const DESKS: usize = 64;
/// Bytes of states in memory: the store's bound, which a machine of 32 bits cannot even count to.
pub const BYTES: usize = if cfg!(target_pointer_width = "64") { leverframe_store::limits::BYTES } else { 1 << 30 };
