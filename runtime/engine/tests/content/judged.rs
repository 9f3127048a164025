//! What scans say of a message: labels, refusals, what is withheld; and what the decision sees of arguments.

use leverframe_runtime::content::Memory;
use leverframe_runtime::{LabelSet, PersonaId, RawJson, ToolId};

use crate::policy::{Short, WHO, arguments, inspected, policy, result};

const CARD: &str = r#"{"text":"card 4111 1111 1111 1111"}"#;

fn short<'a>(detectors: &'a [&'a str]) -> Short<'a> {
    Short { detectors, ..Short::default() }
}

#[test]
fn labels_are_those_of_the_scans_that_hit() {
    let policy = policy(&[], &[Short { labels: 1, ..short(&["std.credit_card"]) }, Short { labels: 2, ..short(&["std.email"]) }]);
    assert_eq!(arguments(&policy, CARD).labels, LabelSet(1));
    assert_eq!(inspected(&policy, CARD), (LabelSet(1), vec![]));
    assert_eq!(inspected(&policy, r#"{"a@b.example":"4111111111111111"}"#), (LabelSet(3), vec![]));
    assert_eq!(inspected(&policy, r#"{"n":4111111111111111}"#), (LabelSet(1), vec![]));
    assert_eq!(inspected(&policy, r#"{"text":"none"}"#), (LabelSet(0), vec![]));
}

#[test]
fn a_deny_refuses_and_nothing_is_redacted_then() {
    let redact = Short { redact: true, labels: 1, ..short(&["std.credit_card"]) };
    let policy = policy(&[], &[redact, Short { deny: true, ..short(&["std.email"]) }]);
    let both = r#"{"a":"4111111111111111","b":"a@b.example"}"#;
    let scanned = arguments(&policy, both);
    assert_eq!((scanned.denied_by.len(), scanned.denied_by[0].0, scanned.redacted, scanned.withheld), (1, 1, None, true));
    assert_eq!(scanned.labels, LabelSet(1));
    assert_eq!(inspected(&policy, both), (LabelSet(1), vec![1]));
}

#[test]
fn redaction_precedes_the_decision_and_what_is_left_is_refused() {
    let policy = policy(&[], &[Short { redact: true, labels: 1, ..short(&["std.credit_card"]) }]);
    let scanned = arguments(&policy, CARD);
    assert_eq!((scanned.labels, scanned.withheld), (LabelSet(1), false));
    let redacted = String::from_utf8(scanned.redacted.unwrap()).unwrap();
    assert_eq!(redacted, r#"{"text":"card [redacted:std.credit_card]"}"#);
    assert_eq!(inspected(&policy, &redacted), (LabelSet(0), vec![]));
    assert_eq!(inspected(&policy, CARD), (LabelSet(1), vec![0]));
}

#[test]
fn what_redaction_uncovers_is_refused() {
    let policy = policy(&[("x", "x")], &[Short { redact: true, ..short(&["x", "std.credit_card"]) }]);
    let redacted = String::from_utf8(arguments(&policy, r#"["x4111111111111111"]"#).redacted.unwrap()).unwrap();
    assert_eq!(redacted, r#"["[redacted:x]4111111111111111"]"#);
    assert_eq!(inspected(&policy, &redacted).1, [0]);
}

#[test]
fn a_denied_result_is_withheld_with_its_labels() {
    let policy = policy(&[], &[Short { results: true, deny: true, redact: true, labels: 2, ..short(&["std.credit_card"]) }]);
    let scanned = result(&policy, CARD);
    assert_eq!((scanned.withheld, scanned.unreadable, scanned.redacted, scanned.labels), (true, false, None, LabelSet(2)));
    assert!(!result(&policy, "{}").withheld);
    assert_eq!(arguments(&policy, CARD), leverframe_runtime::content::Scanned::default());
}

#[test]
fn what_cannot_be_decoded_is_withheld() {
    let policy = policy(&[], &[Short { results: true, labels: 2, ..short(&["std.credit_card"]) }]);
    for raw in [
        r#"{"content":[{"type":"image","data":"aGk=","mimeType":"image/png"}]}"#,
        r#"{"content":[{"type":"audio","data":"aGk=","mimeType":"audio/wav"}]}"#,
        r#"{"content":[{"data":"aGk=","type":"image"}]}"#,
        r#"{"content":[{"data":"aGk="}]}"#,
        r#"{"content":[{"type":"hologram"}]}"#,
        r#"{"content":[{"type":1}]}"#,
        r#"{"content":[{"type":null}]}"#,
        r#"{"content":[{"type":{}}]}"#,
        r#"{"content":[{"type":"text","type":"image"}]}"#,
        r#"{"content":[{"\u0074ype":"im\u0061ge"}]}"#,
        r#"{"content":{"type":"image"}}"#,
        r#"{"content":[],"content":[{"type":"image"}]}"#,
        r#"{"messages":[{"content":{"type":"image"}}]}"#,
        r#"{"messages":[{"content":[{"type":"audio"}]}]}"#,
        r#"{"contents":[{"blob":"%%%"}]}"#,
        r#"{"contents":[{"blob":"aGk"}]}"#,
        r#"{"contents":[{"blob":"aGk=\n"}]}"#,
        r#"{"contents":[{"blob":"/w=="}]}"#,
        r#"{"contents":[{"blob":"AAAA"}]}"#,
        r#"{"content":[{"type":"resource","resource":{"blob":"NAAxAA=="}}]}"#,
        r#"{"content":[{"type":"resource","resource":{"blob":"aGk=","blob":"/w=="}}]}"#,
        r#"{"content":[{"type":"text","text":"\ud800"}]}"#,
        r#"{"content":[{"type":"text","text":"x"}]"#,
        r#"{"content":[]} x"#,
        "",
    ] {
        let scanned = result(&policy, raw);
        assert_eq!((scanned.withheld, scanned.unreadable, scanned.labels, scanned.denied_by.len()), (true, true, LabelSet(2), 1), "{raw}");
    }
    let bytes = policy.scan_result(WHO.0, WHO.1, b"\"\xff\"", &mut Memory::default());
    assert!(bytes.withheld && bytes.unreadable);
}

#[test]
fn a_part_is_only_where_mcp_has_one() {
    let policy = policy(&[], &[Short { results: true, deny: true, ..short(&["std.credit_card"]) }]);
    for raw in [
        r#"{"structuredContent":{"content":[{"type":"image","data":"x"}],"blob":"%"}}"#,
        r#"{"_meta":{"type":"image"}}"#,
        r#"{"content":[[{"type":"image"}]]}"#,
        r#"{"content":[{"type":"text","text":"x","annotations":{"type":"image"}}]}"#,
        r#"{"type":"image","blob":"%"}"#,
        r#"[{"type":"image"}]"#,
    ] {
        assert!(!result(&policy, raw).withheld, "{raw}");
    }
}

#[test]
fn arguments_that_cannot_be_read_are_refused_by_the_first_scan() {
    let policy = policy(&[], &[Short { labels: 1, ..short(&["std.email"]) }, Short { deny: true, labels: 2, ..short(&["std.email"]) }]);
    for raw in ["{", r#"{"a":"\ud800"}"#] {
        let scanned = arguments(&policy, raw);
        assert_eq!((scanned.withheld, scanned.unreadable, scanned.labels, scanned.denied_by[0].0), (true, true, LabelSet(3), 0));
        assert_eq!(inspected(&policy, raw), (LabelSet(3), vec![0]));
    }
    assert!(!arguments(&policy, r#"{"content":[{"type":"image","data":"x"}],"blob":"%"}"#).withheld);
}

#[test]
fn other_personas_and_tools_have_no_scan() {
    let policy = policy(&[], &[Short { deny: true, second: true, ..short(&["std.credit_card"]) }]);
    let mut memory = Memory::default();
    let mut hits = |persona, tool| policy.inspect(PersonaId(persona), ToolId(tool), &RawJson(CARD.as_bytes()), &mut memory).hits.len();
    assert_eq!((hits(0, 0), hits(1, 0), hits(1, 1)), (0, 1, 0));
    assert_eq!((hits(u32::MAX, 0), hits(1, u32::MAX)), (0, 0));
    assert!(!policy.scan_arguments(PersonaId(1), ToolId(1), b"{", &mut memory).withheld);
}
