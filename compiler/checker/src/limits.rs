//! Every bound of the checker, in one place. Beyond one the answer is `Unknown`, with the reason.
//!
//! Source: verification section 3.

/// Nodes of the formula of one question.
pub(crate) const FORMULA_NODES: usize = 100_000;
/// Elements of one list that a question tells apart.
pub(crate) const LIST_SLOTS: usize = 8;
/// Elements of one list that are tried where no number is known to suffice.
pub(crate) const LIST_TRIED: usize = 3;
/// Elements of a list that an example may have.
pub(crate) const LIST_PRINTED: i128 = 10_000;
/// The most elements that a call's list can have at all.
pub(crate) const LIST_SIZE: i64 = 1_000_000;
/// Bytes of the automaton of a question's predicates, and of the work to make it.
pub(crate) const AUTOMATON_BYTES: usize = 16 * 1024 * 1024;
/// States (or pairs of states) that are visited in search of texts.
pub(crate) const TEXT_VISITS: usize = 60_000;
/// Combinations of readings of one text.
pub(crate) const TEXT_OPTIONS: usize = 4_096;
/// Texts that are tried as concrete values of one unknown.
pub(crate) const TEXT_CANDIDATES: usize = 6_000;
/// Assignments that are tried one by one before the solver is asked.
pub(crate) const TABLE_ROWS: usize = 1 << 15;
/// Steps that trying all assignments of a table may take.
pub(crate) const TABLE_WORK: usize = 1 << 22;
/// Decimal places of a number of an example.
pub(crate) const DECIMAL_PLACES: u32 = 17;

/// States of one search.
pub(crate) const SEARCH_NODES: usize = 1 << 16;

/// Steps of single rules that all searches of one hunt may take.
pub(crate) const HUNT_STEPS: usize = 1 << 22;

/// Comparisons of a state of a search with one that is known.
pub(crate) const SEARCH_COMPARED: usize = 1 << 26;

/// Letters of one tool that a search tells apart.
pub(crate) const LETTERS_PER_SUBJECT: usize = 256;

/// Letters that a limit without a window counts up to in a search.
pub(crate) const COUNTED: u32 = 256;

/// Letters that a limit with a window keeps times of in a search.
pub(crate) const RING: u32 = 8;

/// Calls of which one is looked for that gives a label.
pub(crate) const GIVERS: usize = 8;

/// Runs for which a cache keeps what nobody asked for.
pub(crate) const CACHE_RUNS: u8 = 8;

/// Milliseconds of a window that a search can follow (two million years).
pub(crate) const WINDOW_MS: i64 = 1 << 56;

/// Rules that one search takes in.
pub(crate) const CONE: usize = 64;

/// Choices of constants for the variables of one rule; where there are more, each variable stands for those that the call at the goal has in its place.
pub(crate) const SLICES: usize = 8;

/// Constants that one search tells apart.
pub(crate) const CONSTANTS: usize = 6;

/// Calls of one counterexample of which it is tried whether they are made early or late, each by itself.
pub(crate) const MADE_ANYWHERE: usize = 4;

/// Choices of times for one counterexample that are tried.
pub(crate) const TIMINGS: usize = 8;

/// Steps that looking for times for one counterexample may take.
pub(crate) const TIMINGS_TRIED: usize = 4_096;

/// Counterexamples of one search that are tried.
pub(crate) const COUNTEREXAMPLES: usize = 24;

/// States of a persona's sessions that are looked at for traps.
pub(crate) const TRAP_NODES: usize = 1 << 13;
/// Concrete texts of one sort that become values, where values are told apart.
pub(crate) const TEXTS_OF_A_SORT: usize = 6;

/// Times that one event of a session is repeated to fill a limit that no search can count to.
pub(crate) const REPEATED: usize = 1 << 12;

/// Labels of which any result may carry any, in a comparison of two policies: each set of them is a letter of its own.
pub(crate) const LABELS_READ: usize = 5;

/// Nodes of one case distinction of a certificate, less than the verifier takes.
pub(crate) const CASE_NODES: usize = 1 << 12;

/// Branches that are looked at for one case distinction.
pub(crate) const CASE_STEPS: usize = 1 << 15;

/// Tests that one branch of a case distinction decides.
pub(crate) const CASE_DEPTH: usize = 512;

/// Tests of one lemma of a certificate.
pub(crate) const LEMMA_TESTS: usize = 64;

/// Literals of the tests of one lemma.
pub(crate) const LEMMA_LITERALS: usize = 512;

/// Questions that the witnesses of all tables may take, each of which another may have asked before.
pub(crate) const WITNESS_QUESTIONS: usize = 1 << 12;

/// Questions without an answer after which no more witnesses are looked for.
pub(crate) const WITNESS_UNKNOWN: usize = 3;

/// Ways to one class of which a letter is looked for.
pub(crate) const WITNESS_WAYS: usize = 6;

/// Steps through one decision graph in search of ways.
pub(crate) const WITNESS_STEPS: usize = 1 << 15;

/// Bytes of a witness's line, less than the verifier takes.
pub(crate) const WITNESS_BYTES: usize = 3 << 10;

/// Bytes of the lines of one rule's witnesses, less than the verifier takes.
pub(crate) const WITNESS_BYTES_PER_RULE: usize = 1 << 18;
/// Linear inequalities of one lemma, at each step of looking for their multipliers.
pub(crate) const LEMMA_ROWS: usize = 256;

/// Terms of such inequalities.
pub(crate) const LEMMA_TERMS: usize = 16;

/// Tests of them by which two sides differ, of which two at most are needed.
pub(crate) const LEMMA_UNEQUAL: usize = 8;
