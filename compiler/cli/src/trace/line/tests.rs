//! What lines say, and what is wrong with them.

use super::{Kind, Line, LineError, Times, by_serde, reference, shallow};

/// Reads a line in every way there is; they must agree.
fn read(bytes: &[u8]) -> Result<Line<'_>, LineError> {
    let slow = by_serde(bytes, &mut Times::default());
    let mut line = Line::default();
    let fast = super::read(bytes, std::str::from_utf8(bytes).ok(), &mut Times::default(), &mut line);
    assert_eq!(
        fast.as_ref().map(|()| &line).map_err(Clone::clone),
        slow.as_ref().map_err(Clone::clone),
        "{}",
        String::from_utf8_lossy(bytes)
    );
    slow
}

fn call(text: &str) -> Line<'_> {
    let line = read(text.as_bytes()).unwrap();
    assert_eq!(line.kind, Kind::Call);
    line
}

#[test]
fn arguments_stay_the_text_that_they_were() {
    for args in [r#"{"n":1,"n":2}"#, r#"{"s":"a\ud83e"}"#, r#"{"n":100000000000000000000000}"#, r#"{"n":1e999}"#, "null", "[1]", "3"] {
        let text = format!(r#"{{"session":"s","persona":"p","tool":"t","args":{args}}}"#);
        assert_eq!(call(&text).args, args);
    }
}

#[test]
fn deep_arguments_do_not_overflow_the_stack() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let text = format!(r#"{{"session":"s","persona":"p","tool":"t","args":{{"x":{deep}}}}}"#);
    assert_eq!(call(&text).args.len(), deep.len() + 6);
}

#[test]
fn unknown_members_are_ignored_and_known_ones_given_twice_are_not() {
    let text = r#" {"foo":{"session":1},"session":"s","persona":"p","tool":"t","args":{},"context":null} "#;
    assert_eq!(call(text).session, "s");
    let twice = r#"{"session":"s","session":"t","persona":"p","tool":"t","args":{}}"#;
    assert!(matches!(read(twice.as_bytes()), Err(LineError::Json(words)) if words.contains("duplicate field `session`")));
}

#[test]
fn what_is_missing_is_named() {
    let error = |text: &str| read(text.as_bytes()).unwrap_err();
    assert_eq!(error(r#"{"session":"s","tool":"t","args":{}}"#), LineError::Missing("a call", "persona"));
    assert_eq!(error(r#"{"session":"s","persona":"p","tool":"t"}"#), LineError::Missing("a call", "args"));
    assert_eq!(error(r#"{"event":"e"}"#), LineError::Missing("a host event", "session"));
    assert_eq!(error(r#"{"result_of":"1"}"#), LineError::Missing("a result", "result"));
    assert_eq!(error(r#"{"result_of":"1","result":{}}"#), LineError::Missing("a result", "ok"));
    assert_eq!(error(r#"{"result_of":"1","result":[true]}"#), LineError::MemberNotObject("result"));
    assert_eq!(error(r#"{"session":"s"}"#), LineError::NoKind);
    assert_eq!(error(r#"{"tool":"t","event":"e"}"#), LineError::TwoKinds("tool", "event"));
    assert_eq!(error("[1]"), LineError::NotObject);
    assert_eq!(error("7"), LineError::NotObject);
    assert!(matches!(error("not json"), LineError::Json(_)));
    assert_eq!(error(r#"{"session":"s","persona":"p","tool":"t","args":{},"at":"noon"}"#), LineError::Time);
}

#[test]
fn content_is_something_or_nothing() {
    let content = |result: &str| {
        let text = format!(r#"{{"result_of":"1","result":{result}}}"#);
        read(text.as_bytes()).unwrap().result.unwrap().content
    };
    assert!(content(r#"{"ok":true,"content":"x"}"#));
    assert!(content(r#"{"ok":true,"content":[{"type":"text","text":""}]}"#));
    assert!(content(r#"{"ok":true,"structured":{}}"#));
    assert!(!content(r#"{"ok":true,"content":""}"#));
    assert!(!content(r#"{"ok":true,"content":[ ]}"#));
    assert!(!content(r#"{"ok":true,"content":null}"#));
    assert!(!content(r#"{"ok":true}"#));
}

#[test]
fn references_are_found_however_they_are_spelled() {
    assert_eq!(reference(br#"{"result_of":"1"}"#).as_deref(), Some("1"));
    assert_eq!(reference(br#"{"result\u005fof":"\u0031"}"#).as_deref(), Some("1"));
    assert_eq!(reference(br#"{"session":"s","args":{"result_of":"1"}}"#), None);
}

#[test]
fn an_object_can_be_looked_at_one_deep() {
    let pairs = shallow(r#"{"a": [1, 2], "a":"x"}"#).unwrap();
    assert_eq!(pairs, [("a".to_owned(), "[1, 2]".to_owned()), ("a".to_owned(), "\"x\"".to_owned())]);
    assert_eq!(shallow("[1]"), None);
}

#[test]
fn the_examples_of_the_page_are_lines() {
    let page = include_str!("../../../../../lang-spec/traces.md");
    let examples: Vec<&str> = page.lines().filter(|line| line.starts_with('{') && !line.contains("\"version\"")).collect();
    assert!(examples.len() >= 8, "{examples:?}");
    for example in examples {
        assert!(read(example.as_bytes()).is_ok(), "{example}");
    }
}

#[test]
fn bytes_that_are_no_text_are_no_line() {
    let line = b"{\"session\":\"s\",\"persona\":\"p\",\"tool\":\"t\",\"args\":{\"x\":\"\xff\"}}";
    assert!(matches!(read(line), Err(LineError::Json(_))));
}

/// The lines of the examples' records, and those of the page.
fn corpus() -> Vec<String> {
    let mut lines: Vec<String> = include_str!("../../../../../lang-spec/traces.md").lines().map(str::to_owned).collect();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    for example in std::fs::read_dir(examples).unwrap() {
        let Ok(sessions) = std::fs::read_dir(example.unwrap().path().join("sessions")) else { continue };
        for file in sessions {
            lines.extend(std::fs::read_to_string(file.unwrap().path()).unwrap().lines().map(str::to_owned));
        }
    }
    lines.retain(|line| line.starts_with('{'));
    for extra in [
        r#" { "session" : "s" , "persona":"p","tool":"t" ,"args":{"a":[1,-2.5e+7,{"b":[]},{}],"c":"x\\\"\u00e9"},"approved":false,"context":{"k":true} } "#,
        r#"{"session":"s","event":"e"}"#,
        r#"{"session":"s\u0031","event":"e","args":[null,0.0,-0,1E5]}"#,
        r#"{"result_of":"1","at":"2026-11-22T10:00:01.500Z","result":{"ok":true,"labels":[ ],"content":null,"other":[{"x":"y"}]}}"#,
        r#"{"result_of":"1","at":-7,"result":{"labels":["a","b\n"],"ok":false,"structured":{"é":"日本語"},"content":[]},"session":"s"}"#,
        r#"{"session":"s","persona":"p","tool":"t","args":null,"expect_rule":null,"expect":["a"],"expect_code":"rule","unknown":{"tool":1}}"#,
    ] {
        lines.push(extra.to_owned());
    }
    lines
}

#[test]
fn plain_lines_are_read_as_any_line() {
    let corpus = corpus();
    assert!(corpus.len() > 40, "{}", corpus.len());
    let mut seed = 11_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "\\",
        " ",
        "\t",
        "\u{1}",
        "é",
        "null",
        "true",
        "0",
        "-",
        ".",
        "e",
        "\"ok\":true",
        "\\u00",
        "\"at\":7",
        "{}",
    ];
    let mut plain = 0;
    for line in &corpus {
        let _ = read(line.as_bytes());
        plain += usize::from(super::plain::read(line, &mut Times::default(), &mut Line::default()).is_some());
        for _ in 0..300 {
            let mut bytes = line.as_bytes().to_vec();
            for _ in 0..=random(2) {
                let (from, length) = (random(bytes.len()), random(4));
                let piece = if random(2) == 0 { "" } else { pieces[random(pieces.len())] };
                let to = (from + length).min(bytes.len());
                bytes.splice(from..to, piece.bytes());
            }
            let _ = read(&bytes);
        }
    }
    assert!(plain * 10 > corpus.len() * 8, "only {plain} of {} lines are plain", corpus.len());
}

#[test]
fn depth_is_bounded_and_then_read_by_the_other_reader() {
    for depth in 50..70 {
        let text = format!(r#"{{"session":"s","persona":"p","tool":"t","args":{{"x":{}{}}}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert_eq!(call(&text).args.len(), 2 * depth + 6);
        assert_eq!(super::plain::read(&text, &mut Times::default(), &mut Line::default()).is_some(), depth <= 60, "{depth}");
    }
}
