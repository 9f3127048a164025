//! The search, held to its definition: of all pairs of positions that qualify the leftmost, of those the longest, then on from its end. Pairs are
//! asked one by one of a regular expression engine of another kind.

use regex_automata::nfa::thompson::pikevm::PikeVM;

use crate::policy::{redacting, without};
use crate::random::Random;

const EXPRESSIONS: &[&str] = &[
    "a",
    "ab|abc|b",
    "a+",
    "(ab)+|ba",
    "a.*b|c",
    "b(.*c)?",
    "[ab]{2,3}",
    "(a|b)*c",
    "a(.|..)b",
    "\u{e9}+|a\u{e9}?",
    "(?i)AB",
    "a*?b",
    ".",
    "[^a]{2}",
    "aba",
];

fn by_definition(expression: &str, text: &str) -> String {
    let whole = PikeVM::new(&format!("(?s)\\A(?:{expression})\\z")).unwrap();
    let mut cache = whole.create_cache();
    let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let (mut out, mut start) = (String::new(), 0);
    while start + 1 < edges.len() {
        let from = edges[start];
        match (start + 1..edges.len()).rev().find(|end| whole.is_match(&mut cache, &text[from..edges[*end]])) {
            Some(end) => {
                out.push_str("[redacted:own]");
                start = end;
            }
            None => {
                out.push_str(&text[from..edges[start + 1]]);
                start += 1;
            }
        }
    }
    out
}

#[test]
fn finds_are_those_of_the_definition() {
    let mut random = Random::new(11);
    let letters = ['a', 'b', 'c', 'A', '\u{e9}', '\n', ' '];
    for expression in EXPRESSIONS {
        let policy = redacting(&[("own", expression)], &["own"]);
        for _ in 0..150 {
            let text: String = (0..random.below(14)).map(|_| letters[random.below(letters.len())]).collect();
            assert_eq!(without(&policy, &text), by_definition(expression, &text), "{expression} in {text:?}");
        }
    }
}

#[test]
fn spelling_of_an_expression_makes_no_difference() {
    for pair in [["a|ab", "ab|a"], ["a+?", "a+"], ["(a|ab)(c|bcd)?", "(ab|a)(bcd|c)?"]] {
        let [left, right] = pair.map(|expression| redacting(&[("own", expression)], &["own"]));
        for text in ["abcd", "aab", "xabx", "aaaa", "acabcd"] {
            assert_eq!(without(&left, text), without(&right, text), "{pair:?} in {text}");
        }
    }
}
