//! What pictures say is what tables do; drawings are well formed and legible.

use leverframe_runtime::frame::{Frame, RuleId};

use super::drawing::Drawing;
use super::{describe, json, layout};
use crate::automata::tests::sequence::{Sequence, formula, one, then, times};
use crate::automata::tests::*;
use crate::core::*;

fn frame(bodies: Vec<Body>) -> Frame {
    let mut core = world(bodies.into_iter().map(rule).collect());
    core.rules.iter_mut().for_each(|rule| rule.action = Action::Deny);
    crate::automata::compile(&core).unwrap()
}

fn samples() -> Frame {
    let both = Sequence::And(vec![one(labelled(&[A, B, C], 0)), one(labelled(&[A, B, C], 1))]);
    let guarded = then(one(tools(LetterKind::Call, &[A], equals(1))), within(600_000), one(call(B)));
    frame(vec![
        Body::Deny(require(&[ok(A)], call(B), None, None)),
        Body::Deny(formula(&then(both, gap(), one(call(D))))),
        Body::Deny(formula(&guarded)),
        Body::Deny(require(&[ok(A)], call(B), Some(1_500), Some(&call(C)))),
        Body::Deny(formula(&times(40, &call(A)))),
        limit(3, Some(3_600_000), call(A)),
        limit(20_000, None, call(A)),
        Body::Deny(formula(&then(then(one(call(A)), unless(&[event(0, equals(1))]), one(call(B))), next(), one(call(C))))),
    ])
}

#[test]
fn the_json_has_the_documented_shape() {
    let frame = samples();
    let picture = describe(&frame, RuleId(0)).unwrap();
    let text = json(&[picture]).to_string();
    let expected = r#"{"rules":[{"atoms":["call=b","ok=a"],"classes":[{"cubes":["10"],"example":{"letter":"call","tool":"b"},"id":0},{"cubes":["01"],"example":{"letter":"ok","tool":"a"},"id":1}],"delta":[[0,1],[1,1]],"deny":[[true,false],[false,false]],"initial":0,"name":"r","registers":[],"states":2}],"version":1}"#;
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(parsed(&text), parsed(expected));
}

#[test]
fn atoms_name_guards_windows_and_labels() {
    let frame = samples();
    let picture = describe(&frame, RuleId(2)).unwrap();
    assert_eq!(picture.atoms, ["call=a", "call=b", "guard(a: n == 1; a failure counts)", "within(10m, r0)"]);
    assert_eq!(picture.registers.len(), 1);
    assert_eq!(picture.registers[0].holds, "time");
    assert!(picture.registers[0].updates.iter().all(|update| update.operation == "now"));
    let labels = describe(&frame, RuleId(1)).unwrap();
    assert!(labels.atoms.contains(&"label=pii".to_owned()) && labels.atoms.contains(&"ok=a".to_owned()), "{:?}", labels.atoms);
    let both = labels.classes.iter().find_map(|class| class.example.as_ref().filter(|example| example.labels.len() == 2)).unwrap();
    assert_eq!((both.letter, both.labels.as_slice()), ("ok", ["pii".to_owned(), "outsider".to_owned()].as_slice()));
}

/// Cubes of one rule: of every letter exactly one class, and one cube of it.
#[test]
fn cubes_are_disjoint() {
    let frame = samples();
    for rule in 0..8 {
        let picture = describe(&frame, RuleId(rule)).unwrap();
        let cubes: Vec<&String> = picture.classes.iter().flat_map(|class| &class.cubes).collect();
        for (index, a) in cubes.iter().enumerate() {
            assert_eq!(a.len(), picture.atoms.len());
            for b in &cubes[..index] {
                let apart = a.chars().zip(b.chars()).any(|pair| matches!(pair, ('0', '1') | ('1', '0')));
                assert!(apart, "{a} and {b} of rule {rule} meet");
            }
        }
    }
}

#[test]
fn limits_are_shown_as_chains() {
    let frame = samples();
    let ring = describe(&frame, RuleId(5)).unwrap();
    assert_eq!((ring.states, ring.delta.as_slice()), (4, [vec![0, 1], vec![1, 2], vec![2, 3], vec![3, 3]].as_slice()));
    assert_eq!(ring.deny, [[false, false], [false, false], [false, false], [false, true]]);
    let counter = describe(&frame, RuleId(6)).unwrap();
    assert_eq!((counter.states, counter.delta.len()), (20_001, 0));
}

#[test]
fn nothing_overlaps_and_everything_is_inside() {
    let frame = samples();
    for rule in 0..8 {
        let drawing = Drawing::of(&frame, RuleId(rule)).unwrap();
        let layout = layout::place(&drawing);
        assert_eq!(layout.curves.len(), drawing.edges.len());
        let blocks: Vec<layout::Block> = layout.nodes.iter().copied().chain(layout.curves.iter().map(|curve| curve.block)).collect();
        for (index, a) in blocks.iter().enumerate() {
            let inside = a.centre.x - a.width / 2.0 >= 0.0 && a.centre.x + a.width / 2.0 <= layout.width;
            assert!(inside && a.centre.y - a.height / 2.0 >= 0.0 && a.centre.y + a.height / 2.0 <= layout.height, "rule {rule}: {a:?}");
            for b in &blocks[..index] {
                let apart_x = (a.centre.x - b.centre.x).abs() * 2.0 >= a.width + b.width;
                let apart_y = (a.centre.y - b.centre.y).abs() * 2.0 >= a.height + b.height;
                assert!(apart_x || apart_y, "rule {rule}: {a:?} covers {b:?}");
            }
        }
    }
}

#[test]
fn edges_speak_as_the_language_does() {
    let frame = samples();
    let lines = |rule: u32| -> Vec<(usize, usize, bool, String)> {
        let drawing = Drawing::of(&frame, RuleId(rule)).unwrap();
        drawing.edges.into_iter().map(|edge| (edge.from, edge.to, edge.judged, edge.lines.join("; "))).collect()
    };
    assert_eq!(lines(0), [(0, 1, false, "a succeeds".into()), (0, 2, true, "b".into())]);
    let windowed = lines(2);
    assert!(windowed.contains(&(1, 2, true, "b within 10m".into())), "{windowed:?}");
    assert!(windowed.contains(&(0, 1, false, "a when (n == 1)".into())), "{windowed:?}");
    // What is denied before the prerequisite is denied in time and late: one line.
    assert!(lines(3).contains(&(0, 2, true, "b".into())), "{:?}", lines(3));
    let labels = lines(1);
    assert!(labels.iter().any(|(.., text)| text.contains("a returns pii without outsider")), "{labels:?}");
}

#[test]
fn svg_and_dot_are_well_formed() {
    let frame = samples();
    for rule in 0..8 {
        let svg = super::svg(&frame, RuleId(rule)).unwrap();
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
        assert_eq!(balance(&svg), 0, "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        assert!(svg.contains("#b3261e"), "the judged edge is red");
        let dot = super::dot(&frame, RuleId(rule)).unwrap();
        assert!(dot.starts_with("digraph \"r\" {") && dot.trim_end().ends_with('}'));
        assert_eq!(dot.matches('"').count() % 2, 0);
    }
    assert_eq!(super::svg(&frame, RuleId(99)), None);
}

/// Elements opened and not closed.
fn balance(svg: &str) -> i32 {
    svg.split('<').skip(1).fold(0, |open, tag| {
        let tag = tag.split('>').next().unwrap();
        if tag.starts_with('/') {
            open - 1
        } else if tag.ends_with('/') {
            open
        } else {
            open + 1
        }
    })
}
