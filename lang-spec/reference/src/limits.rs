//! Every bound of the reference, in one place.
//!
//! The reference refuses what the compiler refuses for size, so that neither recursion nor a product of repetitions can exhaust a machine.
//! Source: language section 8; `lang-spec/catalogs.md` for the bounds of catalogs.

/// The most bytes of one module (LF0701).
pub const FILE_BYTES: usize = 1 << 20;
/// The deepest nesting of brackets, `list<…>`, `not` and `times` together (LF0702).
pub const NESTING: usize = 64;
/// The most modules of a policy (LF0722).
pub const MODULES: usize = 512;
/// The most bytes of a catalog (LF0720).
pub const CATALOG_BYTES: usize = 8 * 1024 * 1024;
/// The most tools of a catalog (LF0720).
pub const CATALOG_TOOLS: usize = 4_096;
/// The most schemas that reading one schema document may visit (LF0721).
pub const SCHEMA_VISITS: usize = 20_000;
/// The depth at which a schema is no longer read and is `json`; no refusal.
pub const SCHEMA_DEPTH: usize = 32;
/// The deepest nesting of JSON (LF0743).
pub const JSON_DEPTH: usize = 128;
/// The most parts of one rule's formula, repetitions written out (LF0708); looser than the compiler's, which counts otherwise.
pub const FORMULA_PARTS: usize = 16_384;
/// The most digits of a number (LF0745).
pub const NUMBER_DIGITS: usize = 400;
/// The greatest exponent of a number, either way (LF0746).
pub const NUMBER_EXPONENT: i64 = 400;
/// The most bytes of a host as it is written (LF0744).
pub const HOST_BYTES: usize = 1_024;
/// How far a call's time may lie before the latest of its keys, in milliseconds; beyond it, `clock`.
pub const CLOCK_TOLERANCE_MS: i64 = 5_000;
/// The most parts of a condition after definitions are inlined (LF0709).
pub const CONDITION_PARTS: usize = 2_048;
/// How deep the parts of a condition nest after definitions are inlined (LF0709).
pub const CONDITION_DEPTH: usize = 256;
/// The stack that elaboration runs on: conditions are read by recursion, and depth is bounded by the two constants above and the nesting of a module.
pub const STACK_BYTES: usize = 256 * 1024 * 1024;
/// How many values a rule with variables keeps apart where it says nothing.
pub const CAPACITY: u64 = 64;
/// How many buckets the window of a sum is cut into.
pub const SUM_BUCKETS: i64 = 64;
/// The most bytes of the texts of a message that is scanned (LF0752).
pub const TEXT_BYTES: usize = 8_388_608;
