//! The list of reserved words is the grammar's, and every other word is a name.

use pest::Parser;

use crate::grammar::{Grammar, Rule};
use crate::read::parse;
use crate::span::FileId;
use crate::words::RESERVED;

/// Words that mean something in one construct and are names elsewhere.
const NAMES: &[&str] = &[
    "sum",
    "identical",
    "distinct",
    "capacity",
    "per",
    "to",
    "of",
    "with",
    "many",
    "maybe",
    "end",
    "observe",
    "succeeds",
    "fails",
    "returns",
    "sends",
    "destroys",
    "extends",
    "except",
    "from",
    "as",
    "for",
    "never",
    "always",
    "can",
    "wait",
    "approved",
    "denied",
    "by",
    "next",
    "when",
    "reset",
    "has",
    "present",
    "catalog",
    "sensitive",
    "untrusted",
    "matches",
    "contains",
    "like",
    "under",
    "std",
    "redact",
    "arguments",
    "results",
    "principal",
    "agent",
    "tenant",
    "bool",
    "int",
    "string",
    "list",
    "number",
    "email",
    "url",
    "path",
    "ip",
    "timestamp",
    "duration",
    "json",
    "without",
    "approval",
];

#[test]
fn reserved_words_are_those_of_the_grammar() {
    let grammar = include_str!("../../../../lang-spec/grammar.pest");
    let rule = grammar.split("\nreserved = @{").nth(1).unwrap().split('}').next().unwrap();
    let words: Vec<&str> = rule.split('"').skip(1).step_by(2).collect();
    assert_eq!(words, RESERVED);
    for word in RESERVED {
        assert!(Grammar::parse(Rule::name, word).is_err(), "{word}");
        assert!(Grammar::parse(Rule::name, &format!("`{word}`")).is_ok(), "{word}");
    }
}

#[test]
fn other_words_are_names_where_names_stand() {
    for word in NAMES {
        let text = format!(
            "language 1\ntool {word}({word}: string)\ngroup {word} = {word}, x.{word}\npersona {word} {{\n\
             allow {word}: {word} when {word} == 1 and f({word})\n on {word} {{ {word} > 1 => allow }}\n}}\n\
             forbid {word} {{ {word} then {word}({word}: 1) then x.{word} }}\nassert {word} can {word} {{ {word} }}\n\
             require {word} {{ {word} before {word} }}\nlimit {word}: 3 {word} per 1h\n\
             test \"x\" {{ as {word} {word}({word}: 1) => allow by {word} }}\n"
        );
        let found = parse(FileId(0), &text).diagnostics;
        assert!(found.is_empty(), "{word}: {:?} at `{}`", found[0].message, found[0].span().text(&text));
    }
}

#[test]
fn no_word_is_reserved_after_a_dot_or_before_a_colon() {
    for word in RESERVED {
        let text = format!(
            "language 1\ntool x.{word}({word}: string)\nevent {0}.{word}({word}: int)\n\
             persona p {{ allow x.{word} when `{word}` == y.{word} }}\n\
             forbid f {{ x.{word}({word}: ?v) then x.{word}({word}[]: ?v) }}\n\
             test \"x\" {{ as p x.{word}({word}: 1) => deny by p.{word} }}\n",
            "e"
        );
        let found = parse(FileId(0), &text).diagnostics;
        assert!(found.is_empty(), "{word}: {:?} at `{}`", found[0].message, found[0].span().text(&text));
    }
}
