//! Every bound of the verifier, in one place. What passes one is refused, never taken as checked.
//!
//! Source: `lang-spec/certificate.md`, [cert.bounds].

/// Pairs of a decision and what is left to ask, at one site of a rule. The compiler makes at most 2¹⁶ nodes for a whole rule.
pub const PATHS_PER_SITE: usize = 1 << 18;
/// Letters that a rule tells apart.
pub const LETTERS_PER_RULE: usize = 1 << 16;
/// Steps of a rule's source that are compared with its table.
pub const STEPS_PER_RULE: usize = 1 << 24;
/// Pairs of states of two automata of one regular expression.
pub const AUTOMATON_PAIRS: usize = 1 << 18;
/// Bytes that making the automaton of a regular expression may take.
pub const AUTOMATON_BYTES: usize = 1 << 26;
/// Rules of the product that shows an assertion.
pub const PRODUCT_RULES: usize = 16;
/// States of the product of an assertion and the rules that it needs.
pub const PRODUCT_STATES: usize = 1 << 14;
/// Ways in which a product may take one letter in one state.
pub const PRODUCT_WAYS: usize = 1 << 10;
/// Work on one product: steps of its machines by their bits, paths by their asks, tests of permissions.
pub const PRODUCT_WORK: usize = 1 << 24;
/// Steps of looking whether permissions admit a call; beyond them they are taken to.
pub const CONDITION_STEPS: usize = 1 << 10;
/// Lines of a session that shows an assertion.
pub const SESSION_LINES: usize = 128;
/// Bytes of such a session.
pub const SESSION_BYTES: usize = 1 << 16;
/// How far a limit of a product may count.
pub const COUNT: usize = 64;
/// Bytes of a witness's line.
pub const WITNESS_BYTES: usize = 1 << 12;
/// Bytes of the lines of all witnesses of one rule.
pub const WITNESS_BYTES_PER_RULE: usize = 1 << 19;
/// Values of a letter of which a witness may name one.
pub const WITNESS_VALUES: usize = 1 << 10;
