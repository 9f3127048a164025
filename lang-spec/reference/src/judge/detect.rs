//! What a detector finds in a text.
//!
//! In: a part of a detector and a text. Out: its finds, as ranges of bytes. A find is, of all pairs of positions between which the text is in the part's language and
//! its check holds, the one that begins first, and of those the longest; then the same from its end on. Every end from every beginning is tried.
//! Limits: quadratic in the text. Source: `lang-spec/content.md`, [content.find] and [content.text].

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::primitives::StateID;

use super::detectors::{self, Check};
use super::regex;
use crate::policy::{DetectorPart, Policy};

/// Where a find begins and ends, in bytes.
pub(crate) type Find = (usize, usize);

/// A language and a check.
pub(crate) struct Part {
    nfa: Rc<NFA>,
    check: Check,
}

/// How many languages are kept ready; beyond it all are made anew.
const READY: usize = 256;

thread_local! {
    static LANGUAGES: RefCell<BTreeMap<String, Rc<NFA>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Whether a text is a regular expression that a detector may search for: it finds no empty text.
pub(crate) fn is_search(pattern: &str) -> bool {
    regex::parse(pattern).is_some_and(|hir| hir.properties().minimum_len() != Some(0))
}

/// The parts of a detector, those of the detectors that it names included.
pub(crate) fn detector(policy: &Policy, name: &str) -> Vec<Part> {
    languages(policy, name).into_iter().filter_map(|(pattern, check)| part(&pattern, check)).collect()
}

/// The regular expressions of a detector, those of the detectors that it names included, each with what must hold of its finds beside it.
#[must_use]
pub fn languages(policy: &Policy, name: &str) -> Vec<(String, Check)> {
    let (mut seen, mut to_do) = (BTreeSet::new(), vec![name.to_owned()]);
    let mut languages = Vec::new();
    while let Some(name) = to_do.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        if let Some(built_in) = name.strip_prefix("std.") {
            languages.extend(detectors::built_in(built_in));
        }
        let declared = policy.detectors.iter().find(|detector| detector.name == name);
        for member in declared.iter().flat_map(|detector| &detector.parts) {
            match member {
                DetectorPart::Named(other) => to_do.push(other.clone()),
                DetectorPart::Matches(pattern) => languages.push((pattern.clone(), Check::None)),
            }
        }
    }
    languages
}

fn part(pattern: &str, check: Check) -> Option<Part> {
    let ready = LANGUAGES.with_borrow(|languages| languages.get(pattern).cloned());
    let nfa = match ready {
        Some(nfa) => nfa,
        None => {
            let nfa = Rc::new(NFA::compiler().build_from_hir(&regex::parse(pattern)?).ok()?);
            LANGUAGES.with_borrow_mut(|languages| {
                if languages.len() >= READY {
                    languages.clear();
                }
                languages.insert(pattern.to_owned(), Rc::clone(&nfa));
            });
            nfa
        }
    };
    Some(Part { nfa, check })
}

/// The finds of a part, in the text as it stands and in the text without the characters that are not seen.
pub(crate) fn finds(part: &Part, text: &str) -> Vec<Find> {
    let mut found = search(part, text);
    if text.contains(not_seen) {
        let seen: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| !not_seen(*c)).collect();
        let without: String = seen.iter().map(|(_, c)| c).collect();
        // Where each byte of the shorter text comes from.
        let origin: Vec<usize> = seen.iter().flat_map(|(at, c)| (0..c.len_utf8()).map(move |byte| at + byte)).collect();
        for (start, end) in search(part, &without) {
            let range = origin.get(start).copied().zip(end.checked_sub(1).and_then(|last| origin.get(last)).map(|last| last + 1));
            found.extend(range.filter(|range| !found.contains(range)));
        }
    }
    found
}

fn search(part: &Part, text: &str) -> Vec<Find> {
    let mut found = Vec::new();
    let mut from = 0;
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    for start in starts {
        if start < from {
            continue;
        }
        let ends = ends(&part.nfa, text.as_bytes(), start);
        if let Some(end) = ends.into_iter().rev().find(|end| part.check.holds(text, start, *end)) {
            found.push((start, end));
            from = end;
        }
    }
    found
}

/// Every place at which a word of the language ends that begins at a place, in order; empty words are none.
fn ends(nfa: &NFA, text: &[u8], start: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut states = closure(nfa, [nfa.start_anchored()]);
    for (at, byte) in text.iter().enumerate().skip(start) {
        let next = states.iter().filter_map(|id| after(nfa.state(*id), *byte));
        states = closure(nfa, next);
        if states.is_empty() {
            break;
        }
        if states.iter().any(|id| matches!(nfa.state(*id), State::Match { .. })) {
            found.push(at + 1);
        }
    }
    found
}

fn after(state: &State, byte: u8) -> Option<StateID> {
    match state {
        State::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
        State::Sparse(sparse) => sparse.matches_byte(byte),
        State::Dense(dense) => dense.matches_byte(byte),
        _ => None,
    }
}

/// The states that are reached without reading anything.
fn closure(nfa: &NFA, from: impl IntoIterator<Item = StateID>) -> Vec<StateID> {
    let mut to_do: Vec<StateID> = from.into_iter().collect();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    while let Some(id) = to_do.pop() {
        if !seen.insert(id) {
            continue;
        }
        match nfa.state(id) {
            State::Union { alternates } => to_do.extend(alternates.iter().copied()),
            State::BinaryUnion { alt1, alt2 } => to_do.extend([*alt1, *alt2]),
            State::Capture { next, .. } | State::Look { next, .. } => to_do.push(*next),
            _ => found.push(id),
        }
    }
    found
}

/// Characters that are not seen.
fn not_seen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(name: &str, text: &'t str) -> Vec<&'t str> {
        let parts = detector(&Policy::default(), name);
        let finds = parts.iter().flat_map(|part| finds(part, text));
        finds.filter_map(|(start, end)| text.get(start..end)).collect()
    }

    #[test]
    fn the_built_in_detectors_find_what_they_are_for() {
        for (name, text, wanted) in [
            ("std.credit_card", "card 4111 1111 1111 1111.", "4111 1111 1111 1111"),
            ("std.credit_card", "id 1 4111 1111 1111 1111", "4111 1111 1111 1111"),
            ("std.credit_card", "4111\u{200b}111111111111", "4111\u{200b}111111111111"),
            ("std.email", "mail to a.b@mail.example.com, please", "a.b@mail.example.com"),
            ("std.us_ssn", "ssn 123-45-6789", "123-45-6789"),
            ("std.iban", "to GB82 WEST 1234 5698 7654 32 now", "GB82 WEST 1234 5698 7654 32"),
            ("std.phone", "call +1 (415) 555-2671", "+1 (415) 555-2671"),
            ("std.ip", "at 192.0.2.1, and", "192.0.2.1"),
            ("std.ip", "at 2001:db8::1 and", "2001:db8::1"),
            ("std.jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"),
            ("std.aws_key", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
            ("std.github_token", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
            ("std.slack_token", "xoxb-1234567890-abc", "xoxb-1234567890-abc"),
            ("std.secret", "key=: 8fK2x_Qz91LmPw-7Rt4vYc", "8fK2x_Qz91LmPw-7Rt4vYc"),
        ] {
            assert_eq!(found(name, text).first(), Some(&wanted), "{name}");
        }
        assert_eq!(found("std.private_key", "x -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- y").len(), 1);
    }

    #[test]
    fn what_only_looks_alike_is_not_found() {
        for (name, text) in [
            ("std.credit_card", "4111 1111 1111 1112"),
            ("std.credit_card", "0.4111111111111111"),
            ("std.us_ssn", "666-45-6789"),
            ("std.iban", "GB82 WEST 1234 5698 7654 33"),
            ("std.ip", "a::b"),
            ("std.ip", "1.2.3.256"),
            ("std.secret", "the-quick-brown-fox-jumps-over"),
            ("std.secret", "9e107d9d372bb6826bd81d3542a419d6"),
            ("std.email", "not at example"),
        ] {
            assert!(found(name, text).is_empty(), "{name} {text}");
        }
    }

    #[test]
    fn a_find_begins_first_and_is_the_longest() {
        let part = part("a|ab|abc", Check::None);
        let finds = part.map(|part| finds(&part, "xabcab"));
        assert_eq!(finds, Some(vec![(1, 4), (4, 6)]));
        assert!(!is_search("a*") && is_search("a+") && !is_search("^a"));
    }
}
