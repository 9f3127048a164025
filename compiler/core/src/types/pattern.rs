//! Regular expressions of `matches` and of detectors, checked and not compiled.
//!
//! In: the text of a pattern. Out: nothing, or why it is refused. Invariant: what passes denotes a regular language of whole strings, by the
//! reading that the runtime's tables are made with ([`parser`]).
//! Left out on purpose: anchors. `matches` reads the whole string, so `^` and `$` could only mislead.
//! Source: language section 9 (regular expressions).

use regex_syntax::hir::{Hir, HirKind};
use regex_syntax::{Parser, ParserBuilder};

use crate::limits;

/// Why a pattern is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RegexProblem {
    /// It is none.
    #[error("{0}")]
    Syntax(String),
    /// It looks at what stands around a position.
    #[error("it asks what stands at a position (`^`, `$`, `\\b` and their like)")]
    LookAround,
    /// It is too large.
    #[error("it stands for {given} positions, and {bound} is the bound")]
    Size {
        /// Of this pattern.
        given: u64,
        /// At most.
        bound: u64,
    },
}

/// The parser whose reading of a pattern is the language's.
#[must_use]
pub fn parser() -> Parser {
    ParserBuilder::new().dot_matches_new_line(true).nest_limit(limits::REGEX_DEPTH).build()
}

/// Refuses what the language does not take.
///
/// # Errors
/// [`RegexProblem`].
pub(crate) fn check(text: &str) -> Result<(), RegexProblem> {
    let hir = parser().parse(text).map_err(|error| RegexProblem::Syntax(reason(&error)))?;
    if !hir.properties().look_set().is_empty() {
        return Err(RegexProblem::LookAround);
    }
    let given = size(&hir);
    if given > limits::REGEX_POSITIONS {
        return Err(RegexProblem::Size { given, bound: limits::REGEX_POSITIONS });
    }
    Ok(())
}

/// Whether a pattern that passed [`check`] matches the empty text.
pub(crate) fn matches_nothing(text: &str) -> bool {
    parser().parse(text).is_ok_and(|hir| hir.properties().minimum_len() == Some(0))
}

/// The parser's own words, without the drawing that it puts around them.
fn reason(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    }
}

/// How many positions the pattern has when its repetitions are written out.
fn size(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(_) => 1,
        HirKind::Capture(capture) => size(&capture.sub),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or_else(|| repetition.min.saturating_add(1)).max(1);
            size(&repetition.sub).saturating_mul(u64::from(times))
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().fold(0_u64, |sum, part| sum.saturating_add(size(part))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_patterns_pass() {
        for text in ["(ls|cat)( [A-Za-z0-9_./=-]+)*", "[0-9]{4}\\.[0-9]{4,5}(v[0-9]+)?", "(?i)caf\u{e9}", ""] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn positions_are_refused() {
        for text in ["^a$", "a\\b", "(?m)^x", "\\Aa\\z"] {
            assert_eq!(check(text), Err(RegexProblem::LookAround), "{text}");
        }
    }

    #[test]
    fn what_needs_memory_is_no_pattern() {
        for text in ["(a)\\1", "(?=a)b", "(?<!a)b", "(", "a{2,1}"] {
            assert!(matches!(check(text), Err(RegexProblem::Syntax(_))), "{text}");
        }
    }

    #[test]
    fn what_may_be_empty_is_known() {
        assert!(matches_nothing("a*|b") && matches_nothing("") && matches_nothing("(a?){3}"));
        assert!(!matches_nothing("a+") && !matches_nothing("a*b") && !matches_nothing("[0-9]{2}"));
    }

    #[test]
    fn nested_repetitions_are_counted_out() {
        assert!(matches!(check("((a{100}){100}){100}"), Err(RegexProblem::Size { given: 1_000_000, .. })));
    }
}
