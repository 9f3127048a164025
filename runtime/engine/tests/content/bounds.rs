//! The bounds on texts and on searching: at them, and beyond them.

use std::time::Instant;

use leverframe_runtime::limits;

use crate::policy::{Short, arguments, inspected, policy, redacting, result, without};

#[test]
fn texts_have_a_bound_together() {
    let scan = Short { deny: true, detectors: &["own"], ..Short::default() };
    let policy = policy(&[("own", "secret")], &[scan]);
    let half = "x".repeat(limits::CONTENT_BYTES / 2);
    let exact = format!(r#"["{half}","{half}"]"#);
    assert!(!arguments(&policy, &exact).withheld);
    assert!(inspected(&policy, &exact).1.is_empty());
    let beyond = format!(r#"["{half}","{half}",7]"#);
    assert!(arguments(&policy, &beyond).unreadable);
    assert_eq!(inspected(&policy, &beyond).1, [0]);
}

#[test]
fn escapes_and_white_space_do_not_count() {
    let policy = redacting(&[("own", "secret")], &["own"]);
    let raw = format!("{}\"{}\"", " ".repeat(limits::CONTENT_BYTES), "\\u0078".repeat(limits::CONTENT_BYTES / 4));
    assert!(!result(&policy, &raw).withheld);
}

#[test]
fn built_in_detectors_are_linear_on_long_texts() {
    let all: Vec<&str> = leverframe_compiler::detectors::BUILT_IN.iter().map(|built_in| built_in.name).collect();
    let policy = redacting(&[], &all);
    for unit in
        ["4111 1111 1111 1111 ", "a@b.", "a.", "1.", "1:", "eyJa.", "A", "a1", "-----BEGIN PRIVATE KEY-----", "+1 ", "é", "1 ", "a@"]
    {
        let text = unit.repeat(100_000 / unit.len());
        let start = Instant::now();
        let raw = serde_json::to_string(&text).unwrap();
        assert!(!result(&policy, &raw).withheld, "{unit}");
        assert!(start.elapsed().as_secs() < 20, "{unit}: {:?}", start.elapsed());
    }
}

#[test]
fn a_search_that_reads_on_in_vain_gives_up() {
    let policy = redacting(&[("own", "foo(.*bar)?")], &["own"]);
    let text = "foo".repeat(10_000);
    assert!(result(&policy, &serde_json::to_string(&text).unwrap()).unreadable);
    assert_eq!(without(&policy, &"foo".repeat(40)), "[redacted:own]".repeat(40));
    assert_eq!(without(&policy, &(text + "bar")), "[redacted:own]");
}
