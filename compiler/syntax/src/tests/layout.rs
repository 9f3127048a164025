//! The one layout: the same tree, the same comments, and a layout of itself.

use super::TEXTS;
use super::mutation::{Random, mutate};
use crate::layout::format;
use crate::read::parse;
use crate::span::FileId;
use crate::token::tokens;

/// Mutations of each text.
const MUTATIONS: u64 = 150;

/// The tree as text without its spans.
fn shape(source: &str) -> String {
    let tree = format!("{:?}", parse(FileId(0), source).tree);
    let mut out = String::with_capacity(tree.len());
    let mut in_span = false;
    for (at, c) in tree.char_indices() {
        if tree[at..].starts_with("@0:") {
            in_span = true;
        } else if in_span && !(c.is_ascii_digit() || matches!(c, ':' | '.')) {
            in_span = false;
        }
        if !in_span {
            out.push(c);
        }
    }
    out
}

fn comments(source: &str) -> Vec<String> {
    let all = tokens(FileId(0), source);
    all.iter().filter(|t| t.kind.is_comment()).map(|t| t.span.text(source).trim_end().to_owned()).collect()
}

fn check(name: &str, text: &str) {
    let once = format(text).unwrap_or_else(|found| panic!("{name}: {found:?}"));
    let twice = format(&once).unwrap_or_else(|found| panic!("{name}: {found:?}\n{once}"));
    assert_eq!(once, twice, "{name}: not idempotent");
    assert_eq!(shape(text), shape(&once), "{name}: the tree changed\n{once}");
    assert_eq!(comments(text), comments(&once), "{name}: comments changed");
    assert!(once.ends_with('\n') && !once.contains("\n\n\n") && !once.contains(" \n"), "{name}\n{once}");
}

#[test]
fn layout_keeps_tree_and_comments() {
    for (name, text) in TEXTS {
        check(name, text);
    }
}

#[test]
fn layout_keeps_tree_and_comments_of_mutations() {
    let mut checked = 0;
    for (name, text) in TEXTS {
        for seed in 0..MUTATIONS {
            let text = mutate(text, &mut Random::new(seed + 31_000));
            if parse(FileId(0), &text).is_ok() {
                check(&format!("{name} {seed}"), &text);
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn a_broken_text_has_no_layout() {
    let found = format("language 1\ntool x(").unwrap_err();
    assert!(!found.is_empty());
}

#[test]
fn the_layout_is_the_one_of_the_snapshot() {
    let drawn = format(include_str!("../../tests/texts/layout.lever")).unwrap();
    assert_eq!(drawn, include_str!("../../tests/texts/layout.out"), "\n{drawn}");
}

#[test]
fn the_example_of_the_language_is_laid_out_but_for_its_alignment() {
    let text = include_str!("../../tests/texts/whole.lever");
    let squeezed = |text: &str| -> Vec<String> { text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect() };
    assert_eq!(squeezed(text), squeezed(&format(text).unwrap()));
}
