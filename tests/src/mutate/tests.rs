//! The mutator on a value that has everything, and on a frame with its certificate.

use std::collections::{BTreeMap, BTreeSet};

use leverframe_runtime::frame::{Certificate, Frame};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Choice, Made, Mutant, mutants, places};
use crate::engine::{Disk, compile_at};
use crate::specimen;

const ALL: Choice = Choice { per_shape: 0, seed: 1 };

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Thing {
    small: u8,
    greatest: u64,
    least: i64,
    flag: bool,
    name: Option<String>,
    nothing: Option<u16>,
    kind: Kind,
    list: Vec<i64>,
    digest: [u8; 2],
    ways: Vec<Way>,
    empty: Vec<String>,
    scope: Scope,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Scope {
    All,
    Some(Vec<u32>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    First,
    Second,
    Third,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Way {
    None,
    Node(u16),
    Class(u16),
    Both { node: u16, class: u16 },
}

fn thing() -> Thing {
    Thing {
        small: 255,
        greatest: u64::MAX,
        least: i64::MIN,
        flag: true,
        name: Some("ab".to_owned()),
        nothing: None,
        kind: Kind::First,
        list: vec![1, i64::MAX, 1],
        digest: [0, 7],
        ways: vec![Way::Node(3), Way::Class(4), Way::Both { node: 1, class: 2 }],
        empty: Vec::new(),
        scope: Scope::All,
    }
}

fn all<T: Serialize + serde::de::DeserializeOwned + PartialEq>(value: &T, choice: Choice) -> (Vec<Mutant<T>>, Made) {
    let mut found = Vec::new();
    let made = mutants(value, choice, |mutant| found.push(mutant));
    (found, made)
}

fn has(found: &[Mutant<Thing>], path: &str, wanted: impl Fn(&Thing) -> bool) {
    assert!(found.iter().any(|mutant| mutant.path == path && wanted(&mutant.value)), "no such mutant at {path}");
}

#[test]
fn every_kind_of_change_is_made() {
    let (found, made) = all(&thing(), ALL);
    let at = |path, wanted: fn(&Thing) -> bool| has(&found, path, wanted);
    at("small", |thing| thing.small == 254);
    at("small", |thing| thing.small == 0);
    at("greatest", |thing| thing.greatest == u64::MAX - 1);
    at("least", |thing| thing.least == i64::MIN + 1);
    at("least", |thing| thing.least == i64::MAX);
    at("flag", |thing| !thing.flag);
    at("name", |thing| thing.name.is_none());
    at("name", |thing| thing.name.as_deref() == Some("ax"));
    at("name", |thing| thing.name.as_deref() == Some(""));
    at("nothing", |thing| thing.nothing == Some(1));
    at("kind", |thing| thing.kind == Kind::Second);
    at("kind", |thing| thing.kind == Kind::Third);
    at("list", |thing| thing.list == [i64::MAX, 1]);
    at("list", |thing| thing.list == [1, i64::MAX, i64::MAX, 1]);
    at("list", |thing| thing.list == [i64::MAX, 1, 1]);
    at("list[0]", |thing| thing.list == [i64::MAX, i64::MAX, 1]);
    at("digest[1]", |thing| thing.digest == [0, 8]);
    at("digest[1]", |thing| thing.digest == [0, 0]);
    at("ways[0]", |thing| thing.ways[0] == Way::Class(3));
    at("ways[0]", |thing| thing.ways[0] == Way::None);
    at("empty", |thing| thing.empty == ["x"]);
    at("scope", |thing| thing.scope == Scope::Some(vec![0]));
    at("ways[1]", |thing| thing.ways[1] == Way::Both { node: 1, class: 2 });
    at("ways[1].Class", |thing| thing.ways[1] == Way::Class(5));
    at("ways[2].Both.node", |thing| thing.ways[2] == Way::Both { node: 0, class: 2 });
    assert_eq!(made.tried, found.len() + made.untyped + made.equal);
    assert!(found.iter().all(|mutant| mutant.value != thing()));
    assert!(made.untyped > 0, "256 is no byte");
}

#[test]
fn a_choice_is_bounded_by_shape_and_reaches_every_shape() {
    let choice = Choice { per_shape: 2, seed: 7 };
    let (found, made) = all(&thing(), choice);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    found.iter().for_each(|mutant| *counts.entry(mutant.shape.as_str()).or_default() += 1);
    assert!(counts.values().all(|count| *count <= 2), "{counts:?}");
    assert!(made.tried >= found.len());
    let paths = |choice| all(&thing(), choice).0.into_iter().map(|mutant| mutant.path + &mutant.what).collect::<Vec<_>>();
    assert_eq!(paths(choice), paths(choice));
    assert_ne!(paths(choice), paths(Choice { seed: 8, ..choice }));
}

/// Shapes of which no place has a mutant, though it is a leaf or a list with elements. A tuple is changed in its parts.
fn untouched<T: Serialize + serde::de::DeserializeOwned + PartialEq>(value: &T) -> BTreeSet<String> {
    let json = serde_json::to_value(value).expect("JSON");
    let mut reached = BTreeSet::new();
    mutants(value, Choice { per_shape: 40, seed: 1 }, |mutant| {
        reached.insert(mutant.shape);
    });
    let leaf = |value: &Value| !value.is_object() && value.as_array().is_none_or(|list| !list.is_empty());
    let leaves = places(&json, usize::MAX).into_iter().filter(|place| leaf(place.find(&json)));
    let parts = |shape: &String| reached.iter().any(|reached| reached.starts_with(&format!("{shape}[")));
    leaves.map(|place| place.shape()).filter(|shape| !reached.contains(shape) && !parts(shape)).collect()
}

#[test]
fn every_leaf_of_a_frame_and_of_a_certificate_is_reached() {
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/fixed/policy.lever");
    let compiled = compile_at(policy, &Disk).expect("the fixed policy compiles");
    let frame: &Frame = compiled.policy().frame();
    let certificate: Certificate = specimen::certificate(frame, &compiled.core);
    assert_eq!(untouched(frame), BTreeSet::new());
    assert_eq!(untouched(&certificate), BTreeSet::new());
}
