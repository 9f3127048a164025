//! The reading of the whole file and the reading by statements accept the same texts and make the same trees.

use super::TEXTS;
use super::mutation::{Random, mutate};
use crate::diagnostic::Diagnostic;
use crate::read::{parse, read_whole};
use crate::span::FileId;
use crate::statements;
use crate::token::tokens;

/// Mutations of each text.
const MUTATIONS: u64 = 150;

#[test]
fn texts_are_read_without_findings() {
    for (name, text) in TEXTS {
        let parsed = parse(FileId(0), text);
        let found: Vec<_> = parsed.diagnostics.iter().map(|d| (&d.message, d.span().text(text))).collect();
        assert!(found.is_empty(), "{name}: {found:?}");
        assert!(!parsed.tree.declarations.is_empty(), "{name}");
    }
}

#[test]
fn both_readings_of_a_good_text_are_equal() {
    for (name, text) in TEXTS {
        let tokens = tokens(FileId(0), text);
        let (whole, _) = read_whole(FileId(0), text, &tokens).expect(name);
        let (parts, found) = statements::read(FileId(0), text, &tokens);
        assert_eq!(found, [], "{name}");
        assert!(whole == parts, "{name}");
    }
}

#[test]
fn both_readings_accept_the_same_mutations() {
    let mut accepted = 0;
    for (name, text) in TEXTS {
        for seed in 0..MUTATIONS {
            let text = mutate(text, &mut Random::new(seed + 1));
            let tokens = tokens(FileId(0), &text);
            let whole = read_whole(FileId(0), &text, &tokens);
            let (parts, found) = statements::read(FileId(0), &text, &tokens);
            let parts_ok = !found.iter().any(Diagnostic::is_error);
            let whole_ok = whole.as_ref().is_some_and(|(_, found)| !found.iter().any(Diagnostic::is_error));
            assert_eq!(whole_ok, parts_ok, "{name} {seed}: {found:?}\n{text}");
            if let Some((whole, _)) = whole.filter(|_| whole_ok) {
                assert!(whole == parts, "{name} {seed}\n{text}");
                accepted += 1;
            }
        }
    }
    assert!(accepted > 50, "too few mutations are good texts to say anything: {accepted}");
}

#[test]
fn findings_of_mutations_are_well_formed() {
    for (name, text) in TEXTS {
        for seed in 0..MUTATIONS {
            let text = mutate(text, &mut Random::new(seed + 7_000));
            let parsed = parse(FileId(0), &text);
            let joined: String = parsed.tokens.iter().map(|token| token.span.text(&text)).collect();
            assert_eq!(joined, text, "{name} {seed}");
            for found in &parsed.diagnostics {
                assert!(!found.message.is_empty() && !found.message.ends_with('.'), "{found:?}");
                assert!(!found.message.contains("kw_") && !found.message.contains("_rule"), "{found:?}");
                for label in &found.labels {
                    assert!(text.get(label.span.range()).is_some(), "{name} {seed}: {found:?}");
                }
            }
        }
    }
}
