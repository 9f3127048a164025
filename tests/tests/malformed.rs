//! Malformed policies: mutations of good ones, each of which is wrong by construction. Every one must give a coded diagnostic with a span inside the
//! file, none may panic, and two independent mistakes must give two diagnostics.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use leverframe_compiler::pipeline::{Checked, check};
use leverframe_syntax::{Diagnostic, FileId, Token, TokenKind, tokens};

const GOOD: &[&str] = &[
    include_str!("good/support.lever"),
    include_str!("good/sequences.lever"),
    include_str!("good/conditions.lever"),
    include_str!("good/inheritance.lever"),
];

fn look(text: &str) -> Checked {
    let files = BTreeMap::from([("policy.lever".to_owned(), text.to_owned())]);
    check("policy.lever", &files).expect("the file is there")
}

fn errors(checked: &Checked) -> Vec<&Diagnostic> {
    checked.diagnostics.iter().filter(|found| found.is_error()).collect()
}

/// A change that makes any policy wrong: its name and the changed text.
fn mutants(text: &str) -> Vec<(String, String)> {
    let visible: Vec<Token> = tokens(FileId(0), text)
        .into_iter()
        .filter(|token| ![TokenKind::Whitespace, TokenKind::Comment, TokenKind::DocComment].contains(&token.kind))
        .collect();
    let word_at = |token: &Token| &text[token.span.start as usize..token.span.end as usize];
    let mut all = Vec::new();
    for (index, token) in visible.iter().enumerate() {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        let word = word_at(token);
        let replaced = |with: &str| [&text[..start], with, &text[end..]].concat();
        if ["{", "}", "(", ")"].contains(&word) {
            all.push((format!("without `{word}` at {start}"), replaced("")));
        }
        if index % 3 == 0 {
            all.push((format!("`@@` before {start}"), [&text[..start], " @@ ", &text[start..]].concat()));
        }
        if ["=>", "->", "before", "then", "when", "persona", "forbid", "require", "in"].contains(&word) {
            all.push((format!("`{word}` twice at {start}"), replaced(&format!("{word} {word}"))));
        }
        let declared = index > 0 && word_at(&visible[index - 1]) == "tool";
        if ["crm", "mail", "payments", "fs", "web"].contains(&word) && !declared {
            all.push((format!("an unknown server at {start}"), replaced("nosuchserver")));
        }
        if token.kind == TokenKind::Integer && index > 1 {
            all.push((format!("no number at {start}"), replaced("3x")));
        }
    }
    all
}

#[test]
fn the_good_ones_are_good() {
    for text in GOOD {
        let checked = look(text);
        assert!(errors(&checked).is_empty(), "{:?}", checked.diagnostics);
    }
}

#[test]
fn every_mutant_gives_a_coded_diagnostic_inside_the_file() {
    let mut count = 0;
    for text in GOOD {
        for (what, mutant) in mutants(text) {
            let checked = catch_unwind(|| look(&mutant)).unwrap_or_else(|_| panic!("{what} panics:\n{mutant}"));
            let found = errors(&checked);
            assert!(!found.is_empty(), "{what} is accepted:\n{mutant}");
            for diagnostic in found {
                let inside =
                    diagnostic.labels.iter().all(|label| label.span.start <= label.span.end && label.span.end as usize <= mutant.len());
                assert!(inside && !diagnostic.labels.is_empty(), "{what}: a span outside the file: {diagnostic:?}");
            }
            count += 1;
        }
    }
    println!("{count} malformed policies, each with a coded diagnostic");
    assert!(count >= 200, "only {count} mutants");
}

#[test]
fn two_independent_mistakes_give_two_diagnostics() {
    let mut pairs = 0;
    for text in GOOD {
        let statements: Vec<usize> = text.match_indices("\ntool ").map(|(at, _)| at + 1).collect();
        for (first, second) in statements.iter().zip(statements.iter().skip(1)) {
            let mut broken = text.to_string();
            broken.replace_range(*second..second + 4, "tool @");
            broken.replace_range(*first..first + 4, "tool @");
            let checked = look(&broken);
            let places: std::collections::BTreeSet<u32> =
                errors(&checked).iter().filter_map(|found| found.labels.first()).map(|label| label.span.start).collect();
            assert!(places.len() >= 2, "{:?}\n{broken}", checked.diagnostics);
            pairs += 1;
        }
    }
    assert!(pairs >= 8, "only {pairs} pairs");
}

#[test]
fn rubbish_does_not_panic() {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for round in 0..400 {
        let text = GOOD[round % GOOD.len()];
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..1 + next() % 8 {
            let at = next() as usize % bytes.len();
            match next() % 3 {
                0 => drop(bytes.drain(at..(at + 1 + next() as usize % 20).min(bytes.len()))),
                1 => bytes[at] = b" {}()\"`\\?:;,.=<>[]|&@\n0aZ"[next() as usize % 25],
                _ => {
                    let copy: Vec<u8> = bytes[at..(at + 30).min(bytes.len())].to_vec();
                    bytes.splice(at..at, copy);
                }
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let checked = look(&text);
        for label in checked.diagnostics.iter().flat_map(|found| &found.labels) {
            assert!(label.span.end as usize <= text.len(), "a span outside the file");
        }
    }
}
