//! What is read, what is refused and why.

use leverframe_runtime::arguments::{ArgumentError, Arguments, Defect as D};
use leverframe_runtime::json::{RawJson, read};
use leverframe_runtime::limits::JSON_DEPTH;

use super::{Printed, tokens};

/// Where and why `bytes` are refused; no offset is this large where they are not.
fn refused(bytes: &[u8]) -> (usize, Option<D>) {
    match tokens(bytes) {
        Err(ArgumentError::Malformed { offset, defect }) => (offset, Some(defect)),
        Err(ArgumentError::Stopped) | Ok(_) => (usize::MAX, None),
    }
}

#[test]
fn tokens_come_in_the_order_of_the_text() {
    for (text, wanted) in [
        ("null", "null"),
        (" \t\r\n true ", "true"),
        ("[]", "[ ]"),
        ("{}", "{ }"),
        ("[1,[2,{}],3]", "[ 1 [ 2 { } ] 3 ]"),
        (r#"{"a":1,"b":{"c":[false,null]},"d":"x"}"#, r#"{ "a": 1 "b": { "c": [ false null ] } "d": "x" }"#),
        // Duplicate keys are the sink's to judge, so it must see both.
        (r#"{"n":1,"\u006e":2}"#, r#"{ "n": 1 "n": 2 }"#),
        (r#"{"":""}"#, r#"{ "": "" }"#),
    ] {
        assert_eq!(tokens(text.as_bytes()).as_deref(), Ok(wanted), "{text}");
    }
}

#[test]
fn numbers_keep_their_exact_text() {
    let long = "9".repeat(10_000);
    for text in
        ["0", "-0", "50.0", "5e1", "5E+01", "-1.25e-3", "1e999999", "9223372036854775808", "0.1000000000000000055511151231257827", &long]
    {
        assert_eq!(tokens(text.as_bytes()).as_deref(), Ok(text));
    }
}

#[test]
fn strings_are_decoded() {
    for (text, wanted) in [
        (r#""""#, ""),
        (r#""plain""#, "plain"),
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""a\u0041\u00e9z""#, "aA\u{e9}z"),
        (r#""a\ud83e\uddf1z""#, "a\u{1f9f1}z"),
        (r#""\uD83E\uDDF1""#, "\u{1f9f1}"),
        (r#""\u0000""#, "\0"),
        ("\"\u{1f9f1}\u{7f}\u{2028}\"", "\u{1f9f1}\u{7f}\u{2028}"),
        (r#""\\u0041""#, "\\u0041"),
    ] {
        let wanted = format!("{wanted:?}");
        assert_eq!(tokens(text.as_bytes()), Ok(wanted), "{text}");
    }
}

#[test]
fn surrogates_without_their_half_are_refused() {
    for text in [
        r#""a\ud83e""#,
        r#""\ud83ex""#,
        r#""\ud83e\n""#,
        r#""\ud83e\u0041""#,
        r#""\ud83e\ud83e\uddf1""#,
        r#""\uddf1""#,
        r#""\uddf1\ud83e""#,
        r#"{"\ud83e":1}"#,
    ] {
        assert_eq!(refused(text.as_bytes()).1, Some(D::Surrogate), "{text}");
    }
}

#[test]
fn bytes_that_are_no_utf_8_are_refused() {
    for bytes in [
        b"\"\xff\"".as_slice(),
        b"\"\xc0\xaf\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xf4\x90\x80\x80\"",
        b"\"\xc3\"",
        b"\"\xc3\\n\xa9\"",
        b"{\"\x80\":1}",
    ] {
        assert_eq!(refused(bytes).1, Some(D::Utf8), "{bytes:?}");
    }
    assert_eq!(refused(b"\xef\xbb\xbf{}"), (0, Some(D::UnexpectedByte(0xef))));
}

#[test]
fn every_other_slip_is_refused() {
    for (text, defect) in [
        ("", D::UnexpectedEnd),
        ("  ", D::UnexpectedEnd),
        ("[", D::UnexpectedEnd),
        ("[1", D::UnexpectedEnd),
        ("[1,", D::UnexpectedEnd),
        ("{", D::UnexpectedEnd),
        ("{\"a\"", D::UnexpectedEnd),
        ("{\"a\":", D::UnexpectedEnd),
        ("{\"a\":1", D::UnexpectedEnd),
        ("\"abc", D::UnexpectedEnd),
        ("\"abc\\", D::UnexpectedEnd),
        ("\"\\u00", D::UnexpectedEnd),
        ("[1,]", D::UnexpectedByte(b']')),
        ("[,1]", D::UnexpectedByte(b',')),
        ("[1 2]", D::UnexpectedByte(b'2')),
        ("[1}", D::UnexpectedByte(b'}')),
        ("{\"a\":1]", D::UnexpectedByte(b']')),
        ("{\"a\":1,}", D::UnexpectedByte(b'}')),
        ("{\"a\" 1}", D::UnexpectedByte(b'1')),
        ("{a:1}", D::UnexpectedByte(b'a')),
        ("{1:1}", D::UnexpectedByte(b'1')),
        ("{'a':1}", D::UnexpectedByte(b'\'')),
        ("[01]", D::UnexpectedByte(b'1')),
        ("[1.5.5]", D::UnexpectedByte(b'.')),
        ("[+1]", D::UnexpectedByte(b'+')),
        ("[.5]", D::UnexpectedByte(b'.')),
        ("NaN", D::UnexpectedByte(b'N')),
        ("/**/1", D::UnexpectedByte(b'/')),
        ("\u{a0}1", D::UnexpectedByte(0xc2)),
        ("\u{c}1", D::UnexpectedByte(0xc)),
        ("-", D::Number),
        ("1.", D::Number),
        ("1e", D::Number),
        ("1e+", D::Number),
        ("-a", D::Number),
        ("\"a\nb\"", D::ControlCharacter),
        ("\"\0\"", D::ControlCharacter),
        ("\"\u{1f}\"", D::ControlCharacter),
        ("\"\\x41\"", D::Escape),
        ("\"\\u00g0\"", D::Escape),
        ("\"\\U0041\"", D::Escape),
        ("{} {}", D::TrailingBytes),
        ("1 2", D::TrailingBytes),
        ("null,", D::TrailingBytes),
        ("{}\0", D::TrailingBytes),
        ("nullx", D::TrailingBytes),
    ] {
        assert_eq!(refused(text.as_bytes()).1, Some(defect), "{text:?}");
    }
    for text in ["nul", "tru", "falsy", "nULL", "[t]"] {
        let defect = refused(text.as_bytes()).1;
        assert!(matches!(defect, Some(D::UnexpectedByte(_) | D::UnexpectedEnd)), "{text}: {defect:?}");
    }
}

#[test]
fn offsets_tell_where() {
    assert_eq!(refused(b"{\"a\":1,}").0, 7);
    assert_eq!(refused(b"[1] 2").0, 4);
    assert_eq!(refused(b"[1").0, 2);
}

#[test]
fn nesting_is_bounded_without_recursion() {
    let depth = usize::try_from(JSON_DEPTH).unwrap();
    let arrays = |n: usize| "[".repeat(n) + &"]".repeat(n);
    let objects = |n: usize| "{\"a\":".repeat(n) + "1" + &"}".repeat(n);
    let mixed = |n: usize| "[{\"a\":".repeat(n) + "1" + &"}]".repeat(n);
    assert!(tokens(arrays(depth).as_bytes()).is_ok());
    assert!(tokens(objects(depth).as_bytes()).is_ok());
    assert!(tokens(mixed(depth / 2).as_bytes()).is_ok());
    assert_eq!(refused(arrays(depth + 1).as_bytes()), (depth, Some(D::TooDeep)));
    assert_eq!(refused(objects(depth + 1).as_bytes()).1, Some(D::TooDeep));
    assert_eq!(refused("[".repeat(1_000_000).as_bytes()).1, Some(D::TooDeep));
    // Depth is what is open, not what was opened.
    let wide = format!("[{}]", vec!["[[]]"; 10_000].join(","));
    assert!(tokens(wide.as_bytes()).is_ok());
}

#[test]
fn a_sink_that_has_enough_ends_the_visit() {
    for left in 0..5 {
        let mut sink = Printed { text: String::new(), left };
        // What follows is never looked at, well-formed or not.
        let visit = RawJson(b"[1,2,3,4,5,6 oops").visit(&mut sink);
        assert_eq!(visit, Err(ArgumentError::Stopped));
        assert_eq!(sink.text.split_whitespace().count(), left);
    }
}

#[test]
fn the_scratch_buffer_carries_nothing_over() {
    let mut scratch = String::from("left over");
    let mut sink = Printed { text: String::new(), left: usize::MAX };
    read(br#"["a\tb","c","\n"]"#, &mut scratch, &mut sink).unwrap();
    assert_eq!(sink.text, r#"[ "a\tb" "c" "\n" ]"#);
}
