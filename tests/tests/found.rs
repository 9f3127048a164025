//! What the differential test has found that a recorded verdict cannot show, kept as small cases: both sides must still agree, and on the right thing.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use leverframe_tests::compare::{Read, read, read_alike};
use leverframe_tests::trace::{Call, Event};

fn call(persona: &str, tool: &str) -> Event {
    Event::Call(Call {
        id: None,
        session: "s".to_owned(),
        persona: persona.to_owned(),
        tool: tool.to_owned(),
        args: "{}".to_owned(),
        context: None,
        keys: [None, None, None],
        at: None,
        approved: None,
        result: None,
    })
}

#[test]
fn rules_in_shadow_speak_of_a_call_that_falls_into_a_gap() {
    let policy = "language 1\ntool t.a()\ntool t.b()\npersona p { allow t.a }\nforbid f { t.a then t.b } => observe\n";
    let Read::Same(both) = read(policy) else { panic!("both sides read it alike") };
    let (story, difference) = both.decide(&[call("p", "t.a"), call("p", "t.b")]);
    assert!(difference.is_none(), "{difference:#?}");
    let last = &story.decisions[1];
    assert_eq!(
        (last.verdict.as_str(), last.code.as_str(), &last.rules[..], &last.observed[..]),
        ("deny", "no_rule", &[][..], &["f".to_owned()][..])
    );
}

#[test]
fn a_catalog_with_a_number_beyond_every_double_is_refused_by_both() {
    let with = |number: &str| {
        let schema = format!("{{\"properties\":{{\"p\":{{\"type\":\"number\",\"maximum\":{number}}}}}}}");
        format!(
            "language 1\nimport catalog \"c.json\" as c\npersona p {{ otherwise deny }}\n// ---- c.json\n[{{\"name\":\"t\",\"inputSchema\":{schema}}}]\n"
        )
    };
    assert!(matches!(read_alike(&with("1e308")), Read::Same(_)));
    assert!(matches!(read_alike(&with("1e400")), Read::Refused(_)));
}
