//! The words that mean something, for whoever must tell them apart without the grammar.
//!
//! In: a word. Out: whether it is reserved, and which statement it begins.
//! Invariant: [`RESERVED`] is the rule `reserved` of the grammar; a test holds them equal.

/// The reserved words (language.md section 2).
pub const RESERVED: &[&str] = &[
    "language",
    "import",
    "label",
    "tool",
    "event",
    "refine",
    "effect",
    "detector",
    "group",
    "const",
    "define",
    "context",
    "persona",
    "everyone",
    "allow",
    "ask",
    "deny",
    "on",
    "override",
    "otherwise",
    "forbid",
    "require",
    "protocol",
    "limit",
    "scan",
    "assert",
    "test",
    "and",
    "or",
    "not",
    "in",
    "is",
    "then",
    "within",
    "unless",
    "before",
    "times",
    "any",
    "all",
    "some",
    "start",
    "true",
    "false",
    "null",
    "session",
    "result",
    "at",
];

/// Whether a word may not be a name without backticks.
pub fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// Begins a statement that stands at top level only.
pub(crate) fn begins_declaration(word: &str) -> bool {
    matches!(
        word,
        "language"
            | "import"
            | "label"
            | "tool"
            | "event"
            | "refine"
            | "effect"
            | "detector"
            | "group"
            | "const"
            | "define"
            | "context"
            | "persona"
            | "everyone"
            | "assert"
            | "test"
    )
}

/// Begins a rule, which stands at top level, in `everyone` and in personas.
pub(crate) fn begins_rule(word: &str) -> bool {
    matches!(word, "forbid" | "require" | "protocol" | "limit" | "scan")
}

/// Begins an item that stands in personas only (a plain `deny` also in `everyone`).
pub(crate) fn begins_permission(word: &str) -> bool {
    matches!(word, "allow" | "ask" | "deny" | "on" | "override" | "otherwise")
}

/// Whether a word is an operator between two values.
pub(crate) fn is_operator(word: &str) -> bool {
    matches!(word, "in" | "is" | "contains" | "starts_with" | "ends_with" | "like" | "matches" | "under")
}

/// A word after which a name or a value must come.
pub(crate) fn awaits_operand(word: &str) -> bool {
    (is_operator(word) && word != "is")
        || matches!(word, "when" | "and" | "or" | "not" | "then" | "before" | "extends" | "except" | "for" | "of")
}
