//! A corpus of results: exactly what is marked is replaced. `⟦c:…⟧` stands around what is found as a card, `⟦e:…⟧` an e-mail address, `⟦t:…⟧` a
//! token of a detector of one's own; `⟦n:…⟧` around a number that is found as a card.

use leverframe_runtime::Policy;

use crate::corpus::{BLOBS, RESULTS};
use crate::independent::assert_redacted;
use crate::policy::redacting;

fn sample() -> Policy {
    redacting(&[("tok", "tok_[a-z0-9]{4,}|секрет-[0-9]+|\u{202e}")], &["std.credit_card", "std.email", "tok"])
}

/// The message without the marks, and what it becomes.
fn read(marked: &str) -> (String, String) {
    let (mut raw, mut expected) = (String::new(), String::new());
    for (at, piece) in marked.split('⟦').enumerate() {
        let rest = match piece.split_once('⟧') {
            Some((find, rest)) if at > 0 => {
                let (kind, spelled) = find.split_once(':').unwrap();
                raw += spelled;
                expected += match kind {
                    "c" => "[redacted:std.credit_card]",
                    "e" => "[redacted:std.email]",
                    "t" => "[redacted:tok]",
                    _ => "\"[redacted:std.credit_card]\"",
                };
                rest
            }
            _ => piece,
        };
        raw += rest;
        expected += rest;
    }
    (raw, expected)
}

#[test]
fn exactly_what_is_found_is_replaced() {
    assert!(RESULTS.len() >= 60, "{}", RESULTS.len());
    let policy = sample();
    for marked in RESULTS {
        let (raw, expected) = read(marked);
        assert_eq!(assert_redacted(&policy, &raw), expected, "{marked}");
    }
}

#[test]
fn blobs_are_decoded_and_encoded_again() {
    let policy = sample();
    for (raw, expected) in BLOBS {
        assert_eq!(assert_redacted(&policy, raw), *expected, "{raw}");
    }
}

#[test]
fn the_first_of_united_finds_names_them() {
    let own = [("long", "b+c+"), ("early", "a+b"), ("same", "a+")];
    for (detectors, expected) in
        [(["long", "early", "same"], "x[redacted:early]y[redacted:long]"), (["same", "early", "long"], "x[redacted:same]y[redacted:long]")]
    {
        let policy = redacting(&own, &detectors);
        assert_eq!(crate::policy::without(&policy, "xaabbccybc"), expected);
    }
}

#[test]
fn finds_that_touch_stay_apart() {
    let policy = redacting(&[("a", "a"), ("b", "b")], &["a", "b"]);
    assert_eq!(crate::policy::without(&policy, "aab"), "[redacted:a][redacted:a][redacted:b]");
}
