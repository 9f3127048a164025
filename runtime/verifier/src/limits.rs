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
