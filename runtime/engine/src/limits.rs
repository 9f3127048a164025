//! Every bound of the runtime, each with its code. A frame beyond one is refused at load.
//!
//! Source: `lang-spec/frame-format.md`, and language section 8.

/// Bytes of a frame. `LF0710`
pub const FRAME_BYTES: usize = 64 * 1024 * 1024;
/// Labels of a policy: a session keeps them as one word. `LF0711`
pub const LABELS: usize = 64;
/// Guards of one tool or host event: their three-valued results travel in a ticket of 128 bits. `LF0712`
pub const GUARDS_PER_TOOL: usize = 64;
/// States of a rule's table. `LF0713`
pub const STATES_PER_RULE: usize = 256;
/// Classes of a rule's alphabet. `LF0714`
pub const CLASSES_PER_RULE: usize = 1_024;
/// Decision nodes of a rule's alphabet. `LF0715`
pub const NODES_PER_RULE: usize = 16_384;
/// Registers of a rule. `LF0716`
pub const REGISTERS_PER_RULE: usize = 64;
/// How deep terms and quantifiers nest. `LF0717`
pub const TERM_DEPTH: usize = 16;
/// How deep a type nests. `LF0718`
pub const TYPE_DEPTH: usize = 32;
/// How many a `limit` may let through in a window: its ring of times is kept a key. `LF0719`
pub const RING: u32 = 4_096;
/// Values that a rule with variables keeps of one key. `LF0750`
pub const CAPACITY: u32 = 4_096;
/// Values that a rule with variables keeps where it says nothing.
pub const DEFAULT_CAPACITY: u32 = 64;
/// Values that a `limit … distinct` lets through. `LF0751`
pub const DISTINCT: u32 = 4_096;
/// Tuples of values that a rule takes from one letter. `LF0753`
pub const BINDINGS_PER_SITE: usize = 64;
/// Buckets of a windowed sum: 64 of a whole window, and the one at hand.
pub const SUM_BUCKETS: usize = 65;
/// Bytes of the texts of one message that scans read; beyond it the message cannot be read. `LF0752`
pub const CONTENT_BYTES: usize = 8 * 1024 * 1024;
/// Bytes that the search for one part of a detector reads for each byte of a text (and 64 more); beyond it the message cannot be read.
pub const CONTENT_WORK: usize = 64;
/// Bytes of one key's state. `LF0740`
pub const STATE_BYTES: usize = 1024 * 1024;
/// Tests of one condition. `LF0741`
pub const TESTS_PER_PROGRAM: usize = 4_096;
/// Values (members, elements) of one call's arguments. `LF0742`
pub const ARGUMENT_VALUES: usize = 1_000_000;
/// How far a clock may step back before a call is denied, in milliseconds.
pub const CLOCK_TOLERANCE_MS: i64 = 5_000;
/// Work inside the quantifiers of one condition: an element visited or a byte of text read counts one. `LF0749`
pub const QUANTIFIER_WORK: u64 = 1 << 25;
/// Arrays and objects inside one another in raw JSON; beyond it the arguments are malformed. `LF0743`
pub const JSON_DEPTH: u32 = 128;
/// Bytes of a host as it is written; beyond it a URL has no normal form. `LF0744`
pub const HOST_BYTES: usize = 1_024;
/// Digits of a number as it is written, before its exponent. `LF0745`
pub const NUMBER_DIGITS: usize = 400;
/// Absolute value of a number's exponent as it is written. `LF0746`
pub const NUMBER_EXPONENT: i32 = 400;
