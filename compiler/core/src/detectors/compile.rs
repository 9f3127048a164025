//! One expression of a detector becomes the two automata that search for it.
//!
//! In: the text of an expression, and the check of its matches. Out: a forward DFA, anchored, and a reverse one, not anchored; both report all
//! matches, so that the runtime chooses among them by one rule that no spelling of the expression changes.
//! Left out: minimisation of the DFAs, which costs more than it saves here.
//! Source: `lang-spec/content.md`, [content.find].

use leverframe_runtime::frame::{Check, Recogniser};
use regex_automata::MatchKind;
use regex_automata::dfa::{StartKind, dense};
use regex_automata::nfa::thompson;
use regex_syntax::hir::Hir;

use crate::automata::{Oversize, Subject};
use crate::limits;
use crate::types::pattern::parser;

/// Which way an automaton reads.
#[derive(Clone, Copy)]
enum Way {
    Forward,
    Reverse,
}

pub(super) fn compile(subject: &Subject, text: &str, check: Check) -> Result<Recogniser, Oversize> {
    let hir = parser().parse(text).map_err(|_| Oversize::contradiction(subject, "patterns that are no regular expression"))?;
    let forward = automaton(subject, &hir, Way::Forward)?;
    let reverse = automaton(subject, &hir, Way::Reverse)?;
    Ok(Recogniser { forward, reverse, check })
}

fn automaton(subject: &Subject, hir: &Hir, way: Way) -> Result<Vec<u8>, Oversize> {
    let bytes = build(hir, way).ok_or_else(|| Oversize {
        code: "LF0747",
        subject: subject.clone(),
        what: "bytes that making a regular expression's automaton takes",
        bound: limits::REGEX_WORK as u64,
        given: limits::REGEX_WORK as u64 + 1,
        at_least: true,
    })?;
    Oversize::check("LF0747", subject, "bytes of a regular expression's automaton", limits::REGEX_BYTES, bytes.len())?;
    Ok(bytes)
}

/// None where it would be too large.
fn build(hir: &Hir, way: Way) -> Option<Vec<u8>> {
    let (backwards, start) = match way {
        Way::Forward => (false, StartKind::Anchored),
        Way::Reverse => (true, StartKind::Unanchored),
    };
    let compiler =
        thompson::Config::new().reverse(backwards).nfa_size_limit(Some(limits::REGEX_WORK)).which_captures(thompson::WhichCaptures::None);
    let nfa = thompson::Compiler::new().configure(compiler).build_from_hir(hir).ok()?;
    let config = dense::Config::new()
        .start_kind(start)
        .match_kind(MatchKind::All)
        .accelerate(false)
        .dfa_size_limit(Some(limits::REGEX_WORK))
        .determinize_size_limit(Some(limits::REGEX_WORK));
    let dfa = dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()?;
    Some(dfa.to_sparse().ok()?.to_bytes_little_endian())
}
