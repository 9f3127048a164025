//! No text overflows the stack, hangs or panics, and bounds are reported.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::mutation::Random;
use crate::codes::Code;
use crate::layout::format;
use crate::limits;
use crate::read::parse;
use crate::span::FileId;

/// Far more than any of these takes in a debug build on a slow machine.
const SOON: Duration = Duration::from_secs(60);

fn codes(text: &str) -> Vec<Code> {
    let start = Instant::now();
    let found = parse(FileId(0), text).diagnostics.iter().map(|found| found.code).collect();
    assert!(start.elapsed() < SOON, "{:?} for {} bytes", start.elapsed(), text.len());
    found
}

#[test]
fn a_carriage_return_ends_a_line_only_with_a_line_feed() {
    assert_eq!(codes("language 1\r\n// seen\r\ntool t.a()\r\n"), []);
    assert_eq!(codes("language 1\n// seen\rpersona p { allow t.a }\n"), [Code::LF0016]);
    assert_eq!(codes("language 1\rtool t.a()\n"), [Code::LF0016]);
}

/// Texts that nest `depth` deep, in every construct that nests.
fn nested(depth: usize) -> Vec<String> {
    let around = |open: &str, core: &str, close: &str| format!("{}{core}{}", open.repeat(depth), close.repeat(depth));
    let persona = |condition: String| format!("language 1\npersona p {{ allow a.b when {condition} }}");
    vec![
        persona(around("(", "x", ")")),
        persona(around("not ", "x", "")),
        persona(around("f(", "x", ")")),
        persona(around("not (", "x", ")")),
        persona(around("some x in xs : (", "x", ")")),
        persona(around("[", "x", "]")),
        format!("language 1\nforbid f {{ {} then c.d }}", around("(", "a.b", ")")),
        format!("language 1\nforbid f {{ {} then c.d }}", around("2 times ", "a.b", "")),
        format!("language 1\nforbid f {{ {} then c.d }}", around("within 5m (", "a.b", ")")),
        format!("language 1\nprotocol f {{ {} then c.d }}", around("many (", "a.b", ")")),
        format!("language 1\ntool f(x: {})", around("list<", "int", ">")),
        format!("language 1\ntool f(x: {})", around("{x: ", "int", "}")),
        format!("language 1\ntool f(x: {})", around("list<{x: ", "int", "}>")),
        format!("language 1\ntest \"t\" {{ a.b(x: {}) => allow }}", around("[", "1", "]")),
        format!("language 1\ntest \"t\" {{ a.b(x: {}) => allow }}", around("{x: ", "1", "}")),
    ]
}

#[test]
fn deep_texts_are_refused() {
    for depth in [limits::NESTING + 5, 5_000] {
        for text in nested(depth) {
            let found = codes(&text);
            assert_eq!(found, [Code::LF0702], "{}", &text[..80]);
        }
    }
}

#[test]
fn texts_within_the_bound_are_read() {
    for text in nested(limits::NESTING / 2 - 4) {
        assert_eq!(codes(&text), [], "{}", &text[..80]);
        assert!(format(&text).is_ok());
    }
}

#[test]
fn broken_texts_within_the_bound_do_not_take_long() {
    for text in nested(limits::NESTING / 2 - 4) {
        for cut in ["x", "a.b", "int", "1"] {
            let broken = text.replacen(cut, "= =", 2);
            assert!(broken == text || !codes(&broken).is_empty(), "{broken}");
        }
    }
}

#[test]
fn brackets_that_stay_open_are_found() {
    for open in ["(", "[", "{", "persona p {", "forbid f { ("] {
        let text = format!("language 1\n{}", open.repeat(5_000));
        assert!(!codes(&text).is_empty());
    }
}

#[test]
fn long_chains_are_read() {
    let chain = |part: &str, join: &str| vec![part; 5_000].join(join);
    for text in [
        format!("language 1\npersona p {{ allow a.b when {} }}", chain("x == 1", " and ")),
        format!("language 1\npersona p {{ allow a.b when {} }}", chain("not x", " or ")),
        format!("language 1\npersona p {{ allow a.b when x == {} }}", chain("1", " + ")),
        format!("language 1\nforbid f {{ {} }}", chain("a.b", " then ")),
        format!("language 1\nforbid f {{ {} }}", chain("a.b", " or ")),
        format!("language 1\ngroup g = {}", chain("a.b", ", ")),
    ] {
        assert_eq!(codes(&text), [], "{}", &text[..60]);
        assert!(format(&text).is_ok());
    }
}

#[test]
fn too_many_dots_are_refused() {
    let dots = |n: usize| format!("language 1\ngroup g = {}", vec!["a"; n + 1].join("."));
    assert_eq!(codes(&dots(limits::PATH_DOTS)), []);
    assert_eq!(codes(&dots(limits::PATH_DOTS + 1)), [Code::LF0702]);
    assert_eq!(codes(&dots(50_000)), [Code::LF0702]);
}

#[test]
fn garbage_ends_in_time() {
    let mut random = Random::new(5);
    let signs: Vec<char> = "{}()[]<>,:.*=\"`'$ \n//abc 019_?-+#é\u{202e}".chars().collect();
    let noise: String = (0..limits::FILE_BYTES / 2).map(|_| signs[random.below(signs.len())]).collect();
    let words = ["forbid", "then", "(", ")", "a.b", "{", "}", "when", "not", "\n", "persona", "limit", "3", ","];
    let soup: String = (0..150_000).flat_map(|_| [words[random.below(words.len())], " "]).collect();
    for text in [noise, soup, "(".repeat(limits::FILE_BYTES), "\"".repeat(limits::FILE_BYTES), "é".repeat(1_000)] {
        let found = codes(&text);
        assert!(!found.is_empty() && found.len() <= limits::FINDINGS + 1);
    }
}

#[test]
fn bounds_have_codes() {
    assert_eq!(codes(&" ".repeat(limits::FILE_BYTES + 1)), [Code::LF0701]);
    let mut many = String::from("language 1\n");
    for n in 0..=limits::STATEMENTS {
        writeln!(many, "const C{n} = {n}").unwrap();
    }
    assert_eq!(codes(&many), [Code::LF0703]);
    assert_eq!(codes(&many.replace("= 7\n", "= =\n")), [Code::LF0703]);
    let tokens = format!("language 1\ngroup g = {}", vec!["a"; limits::TOKENS / 2].join(","));
    assert_eq!(codes(&tokens), [Code::LF0704]);
    let long = format!("language 1\nconst C = \"{}\"", "x".repeat(limits::TOKEN_BYTES));
    assert_eq!(codes(&long), [Code::LF0705]);
    let broken = format!("language 1\n{}", "const = 1\n".repeat(limits::FINDINGS + 1));
    let found = codes(&broken);
    assert_eq!(found.len(), limits::FINDINGS + 1);
    assert_eq!(found.last(), Some(&Code::LF0706));
}
