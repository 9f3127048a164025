//! `like`: against a slow and obvious matcher, and on inputs that break matchers that backtrack.

use leverframe_runtime::domain::text::like;

/// Every way of filling the stars, tried one after the other.
fn obvious(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, rest) => rest.is_none(),
        (Some(('*', others)), None) => obvious(others, text),
        (Some(('*', others)), Some((_, rest))) => obvious(others, text) || obvious(pattern, rest),
        (Some(_), None) => false,
        (Some((wanted, others)), Some((c, rest))) => wanted == c && obvious(others, rest),
    }
}

#[test]
fn stars_stand_for_any_characters() {
    for (pattern, text, wanted) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("*", "a\nb\0\u{1f9f1}", true),
        ("**", "", true),
        ("abc", "abc", true),
        ("abc", "ABC", false),
        ("gl*b", "glb", true),
        ("gl*b", "glooob", true),
        ("gl*b", "globs", false),
        ("*.example", "acme.example", true),
        ("*.example", "acmexexample", false),
        ("a*a", "a", false),
        ("a*a", "aa", true),
        ("ab*ba", "aba", false),
        ("*a*b*", "xxbxa", false),
        ("*a*b*", "xaxbx", true),
        ("*ab*ab", "ab", false),
        ("?", "x", false),
        ("[a-z]", "a", false),
        ("a.c", "abc", false),
        ("\\*", "*", false),
        ("\\*", "\\anything", true),
        ("\u{e9}*", "\u{e9}t\u{e9}", true),
        ("\u{e9}", "e\u{301}", false),
        ("adm*", "\u{430}dmin", false),
    ] {
        assert_eq!(like(pattern, text), wanted, "{pattern:?} on {text:?}");
    }
}

#[test]
fn every_short_pattern_agrees_with_the_obvious_matcher() {
    let words = |alphabet: &[char], most: usize| {
        let mut all = vec![Vec::new()];
        let mut last = all.clone();
        for _ in 0..most {
            last = last.iter().flat_map(|word: &Vec<char>| alphabet.iter().map(move |c| [word.as_slice(), &[*c]].concat())).collect();
            all.extend(last.clone());
        }
        all
    };
    let texts = words(&['a', '\u{e9}'], 6);
    let mut matched = 0;
    for pattern in words(&['a', '\u{e9}', '*'], 5) {
        for text in &texts {
            let wanted = obvious(&pattern, text);
            let (pattern, text): (String, String) = (pattern.iter().collect(), text.iter().collect());
            assert_eq!(like(&pattern, &text), wanted, "{pattern:?} on {text:?}");
            matched += usize::from(wanted);
        }
    }
    assert!(matched > 1_000, "{matched}");
}

#[test]
fn no_pattern_takes_more_than_linear_time() {
    let text = "a".repeat(200_000);
    let pattern = "*a".repeat(50) + "*b*" + &"a*".repeat(50);
    assert!(!like(&pattern, &text));
    let needle = "a".repeat(1_000) + "b";
    assert!(!like(&format!("*{needle}*"), &text));
    assert!(like(&"*a".repeat(100_000), &text));
}
