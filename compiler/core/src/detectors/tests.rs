//! Tests of the built-in detectors: their table is the page's, and what they compile to.

use leverframe_runtime::frame::Check;

use super::*;

fn matches(name: &str, text: &str) -> Detector {
    Detector { name: name.into(), parts: vec![DetectorPart::Matches(text.into())] }
}

fn scan(detectors: &[&str]) -> Scan {
    Scan {
        name: "scan#1".into(),
        scope: crate::core::Scope::All,
        results: false,
        tools: vec![],
        detectors: detectors.iter().map(|name| (*name).to_owned()).collect(),
        deny: true,
        redact: false,
        labels: vec![],
    }
}

#[test]
fn built_in_detectors_are_sorted_and_sound() {
    assert!(BUILT_IN.is_sorted_by(|a, b| a.name < b.name));
    for built_in in BUILT_IN {
        assert!(!built_in.doc.is_empty() && built_in.name.starts_with("std."));
        for text in built_in.expressions {
            assert!(crate::types::pattern::check(text).is_ok(), "{}: {text}", built_in.name);
            assert!(!finds_empty(text), "{}: {text}", built_in.name);
        }
    }
}

#[test]
fn built_in_detectors_fit_the_bounds() {
    let names: Vec<&str> = BUILT_IN.iter().map(|built_in| built_in.name).collect();
    let made = of_scans(&[], &[scan(&names)]).unwrap();
    assert_eq!(made.len(), BUILT_IN.len());
    let sizes: Vec<(usize, usize)> =
        made.iter().flat_map(|detector| &detector.parts).map(|part| (part.forward.len(), part.reverse.len())).collect();
    let total: usize = sizes.iter().map(|(forward, reverse)| forward + reverse).sum();
    assert!(total < 512 * 1024, "{total}: {sizes:?}");
}

/// The expressions in a row of the page's table, its abbreviations written out.
fn on_the_page(name: &str) -> Vec<String> {
    let page = include_str!("../../../../lang-spec/content.md");
    let row = page.lines().find_map(|line| line.strip_prefix(&format!("| `{name}` | `"))).unwrap();
    let (cell, _) = row.split_once("` ").unwrap();
    let cell = row.split(" | ").next().filter(|whole| whole.len() > cell.len()).map_or(cell, |whole| whole.rsplit_once('`').unwrap().0);
    let letters = "A-Za-z\\u{c0}-\\u{24f}\\u{370}-\\u{52f}";
    let word = letters.replacen("A-Za-z", "A-Za-z0-9", 1);
    cell.split("` · `")
        .map(|text| match name {
            "email" => text.replace("V{2,}", "[V]{2,}").replace("[W", &format!("[{word}")).replace("[V", &format!("[{letters}")),
            "credit_card" | "iban" => text.replace('S', "[ \\u{a0}\\u{202f}\\u{2010}-\\u{2013}-]"),
            _ => text.to_owned(),
        })
        .map(|text| text.replace("\\|", "|"))
        .collect()
}

#[test]
fn the_page_has_these_expressions() {
    for built_in in BUILT_IN {
        assert_eq!(on_the_page(built_in.name.trim_start_matches("std.")), built_in.expressions, "{}", built_in.name);
    }
}

#[test]
fn what_finds_the_empty_text_is_told() {
    for text in ["", "a*", "(a|)", "a?b*", "(a{0,3})+"] {
        assert!(finds_empty(text), "{text}");
    }
    for text in ["a", "a+", "(a|b)c*", "("] {
        assert!(!finds_empty(text), "{text}");
    }
}

#[test]
fn a_detector_has_the_parts_of_those_it_names_once() {
    let named = |name: &str| DetectorPart::Named(name.into());
    let detectors = [
        Detector {
            name: "both".into(),
            parts: vec![named("std.email"), named("own"), named("std.email"), DetectorPart::Matches("x+".into())],
        },
        matches("own", "x+"),
    ];
    let made = of_scans(&detectors, &[scan(&["both", "own"]), scan(&["own", "std.email"])]).unwrap();
    let shape: Vec<(&str, Vec<Check>)> =
        made.iter().map(|made| (made.name.as_str(), made.parts.iter().map(|part| part.check).collect())).collect();
    assert_eq!(shape, [("both", vec![Check::Bounded, Check::None]), ("own", vec![Check::None]), ("std.email", vec![Check::Bounded])]);
}

#[test]
fn automata_that_are_too_large_are_told() {
    let error = of_scans(&[matches("wide", "(a|b)*a(a|b){20}")], &[scan(&["wide"])]).unwrap_err();
    assert_eq!(error.code, "LF0747");
    assert!(error.to_string().contains("detector `wide`"), "{error}");
}
