//! Every bound of this crate that an author can meet, in one place, with the code of the diagnostic that names it.
//!
//! Invariant: whatever an input can make grow has a bound here; the bound and what was given stand in the diagnostic.
//! Source: `lang-spec/catalogs.md`.

/// Bytes of a catalog (`LF0720`).
pub const MAX_CATALOG_BYTES: usize = 8 * 1024 * 1024;
/// Tools of a catalog (`LF0720`).
pub const MAX_CATALOG_TOOLS: usize = 4096;
/// Schemas visited while one schema document is read (`LF0721`).
pub const MAX_SCHEMA_VISITS: usize = 20_000;
/// Depth at which a schema becomes `json` for the reason `nesting`; no diagnostic until a condition needs it.
pub const MAX_SCHEMA_DEPTH: usize = 32;
/// Modules of a policy (`LF0722`).
pub const MAX_MODULES: usize = 512;
/// Characters of a name that a diagnostic prints; no code, the rest is cut.
pub const MAX_PRINTED_NAME: usize = 80;
