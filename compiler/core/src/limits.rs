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
/// Parts of one condition with its definitions written out (`LF0709`).
pub const CONDITION_PARTS: usize = 2_048;
/// How deep the parts of one condition nest with its definitions written out (`LF0709`).
pub const CONDITION_DEPTH: usize = 256;
/// Positions of a regular expression with its repetitions written out (`LF0707`).
pub const REGEX_POSITIONS: u64 = 4_096;
/// How deep a regular expression nests (`LF0211`, in the words of its parser).
pub const REGEX_DEPTH: u32 = 64;
/// Parts of the formula of one rule, repetitions written out (`LF0708`).
pub const FORMULA_PARTS: u64 = 4_096;
/// Events of one rule that follow one another, repetitions written out (`LF0708`).
pub const SEQUENCE_EVENTS: u64 = 256;
/// Members of an enumeration that a note lists; no code, the rest is counted.
pub const SHOWN_MEMBERS: usize = 8;
/// States of a rule's formula that are looked at before the table is made minimal (`LF0713`).
pub const EXPLORED_STATES: usize = 4_096;
/// Different letters of a rule before equal ones become one class (`LF0714`).
pub const EXPLORED_LETTERS: usize = 16_384;
/// Entries of a rule's table before it is made minimal (`LF0714`).
pub const EXPLORED_CELLS: usize = 4 * 1024 * 1024;
/// Decision nodes that may be made for one rule on the way to its alphabet (`LF0715`).
pub const DECISION_WORK: usize = 1 << 18;
/// Bytes of one regular expression's automaton in a frame (`LF0747`).
pub const REGEX_BYTES: usize = 1024 * 1024;
/// Bytes that may be used to make one regular expression's automaton (`LF0747`).
pub const REGEX_WORK: usize = 16 * 1024 * 1024;
