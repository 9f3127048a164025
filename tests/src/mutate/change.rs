//! The changes of one place.
//!
//! In: what stands there, what stands at places of the same shape, what is known of the type. Out: [`Change`]s, and what undoes each.
//! Invariants: a change that was undone leaves the value as it was.

use std::collections::BTreeSet;

use serde_json::{Number, Value};

use super::place::{Place, Step, at, variant};
use super::variants::Known;

/// Other values of the same shape that a place is tried with.
const OTHERS: usize = 6;
/// Elements of its own list that a place looks at for them.
const NEIGHBOURS: usize = 64;

/// A change of one place.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Something else stands there.
    Replace(&'static str, Value),
    /// The list is without an element.
    Drop(usize),
    /// An element stands twice.
    Double(usize),
    /// An element and the next change places.
    Swap(usize),
    /// The list is empty.
    Empty,
}

/// What stood there before.
#[derive(Debug)]
pub(super) struct Before(Value);

impl Before {
    pub(super) fn undo(self, json: &mut Value, steps: &[Step]) {
        *at(json, steps) = self.0;
    }
}

impl Change {
    /// Makes the change.
    pub(super) fn apply(&self, json: &mut Value, steps: &[Step]) -> Before {
        let place = at(json, steps);
        let before = Before(place.clone());
        match (self, place) {
            (Self::Replace(_, value), place) => *place = value.clone(),
            (Self::Drop(index), Value::Array(list)) => drop(list.remove(*index)),
            (Self::Double(index), Value::Array(list)) => list.insert(*index, list[*index].clone()),
            (Self::Swap(index), Value::Array(list)) => list.swap(*index, index + 1),
            (Self::Empty, Value::Array(list)) => list.clear(),
            _ => {}
        }
        before
    }

    /// Which kind of change it is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Replace(kind, _) => kind,
            Self::Drop(_) => "dropped",
            Self::Double(_) => "doubled",
            Self::Swap(_) => "swapped",
            Self::Empty => "emptied",
        }
    }

    /// What it does, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Replace(kind, value) => {
                let text = value.to_string();
                let short: String = text.chars().take(60).collect();
                format!("{kind}: {short}{}", if short.len() < text.len() { "…" } else { "" })
            }
            Self::Drop(index) => format!("element {index} dropped"),
            Self::Double(index) => format!("element {index} doubled"),
            Self::Swap(index) => format!("elements {index} and {} swapped", index + 1),
            Self::Empty => "emptied".to_owned(),
        }
    }
}

/// The different values that stand at places of one shape.
pub(super) fn pool(json: &Value, places: &[Place]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let short = |value: &&Value| value.as_array().is_none_or(|list| list.len() <= NEIGHBOURS);
    let values = places.iter().map(|place| place.find(json)).filter(short);
    values.filter(|value| seen.insert(value.to_string())).take(OTHERS * 4).cloned().collect()
}

/// Other values for a place: first those that stand in the same list, then those of the same shape.
pub(super) fn others(json: &Value, place: &Place, pool: &[Value]) -> Vec<Value> {
    let own = place.find(json);
    let list = match place.steps.split_last() {
        Some((Step::Element(_), above)) => Place { steps: above.to_vec() }.find(json).as_array().map_or(&[][..], Vec::as_slice),
        _ => &[],
    };
    let mut found: Vec<Value> = Vec::new();
    for other in list.iter().take(NEIGHBOURS).chain(pool) {
        if found.len() < OTHERS && other != own && !found.contains(other) {
            found.push(other.clone());
        }
    }
    found
}

/// All changes of what stands at a place.
pub(super) fn changes(value: &Value, pool: &[Value], known: &Known) -> Vec<Change> {
    let mut all = match value {
        Value::Null => absent(pool),
        Value::Bool(flag) => vec![Change::Replace("flipped", Value::Bool(!flag))],
        Value::Number(number) => numbers(number),
        Value::String(text) if known.variants.is_empty() => texts(text),
        Value::String(_) => Vec::new(),
        Value::Array(list) => lists(list),
        Value::Object(_) => Vec::new(),
    };
    if known.optional && !value.is_null() {
        all.push(Change::Replace("absent", Value::Null));
    }
    all.extend(other_variants(value, known));
    if !value.is_null() {
        all.extend(pool.iter().map(|other| Change::Replace("another's", other.clone())));
    }
    all
}

/// Something where there was nothing: what stands at other such places, or the simplest of each kind.
fn absent(pool: &[Value]) -> Vec<Change> {
    let others = pool.iter().filter(|other| !other.is_null()).cloned();
    let simple = [Value::from(0), Value::from(1), Value::from("x"), Value::from(false), Value::Array(Vec::new())];
    let first = simple.into_iter().chain([serde_json::json!({ "Text": "x" }), serde_json::json!({ "Int": 0 })]);
    let slots = serde_json::json!({ "capacity": 1, "overflow": "Share" });
    others.chain(first).chain([slots]).map(|value| Change::Replace("given", value)).collect()
}

fn numbers(number: &Number) -> Vec<Change> {
    let value = number.as_i128().unwrap_or(0);
    let bounds = [i128::from(i64::MIN), i128::from(i64::MAX), i128::from(u64::MAX)];
    let near = [("one more", value + 1), ("one less", value - 1), ("zero", 0)];
    let far = bounds.into_iter().filter(|bound| *bound != value).map(|bound| ("extreme", bound));
    let fits = |number: i128| u64::try_from(number).map(Number::from).or_else(|_| i64::try_from(number).map(Number::from)).ok();
    let all = near.into_iter().chain(far).filter(|(_, other)| *other != value);
    all.filter_map(|(kind, number)| fits(number).map(|number| Change::Replace(kind, Value::Number(number)))).collect()
}

fn texts(text: &str) -> Vec<Change> {
    let replaced = |kind, text: String| Change::Replace(kind, Value::String(text));
    let mut all = vec![replaced("longer", format!("{text}x"))];
    if let Some(last) = text.chars().last() {
        let head = &text[..text.len() - last.len_utf8()];
        all.push(replaced("one character", format!("{head}{}", if last == 'x' { 'y' } else { 'x' })));
        all.push(replaced("shorter", head.to_owned()));
        all.push(replaced("emptied", String::new()));
        all.push(replaced("other case", swapped_case(text)));
    }
    all
}

fn swapped_case(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect()
}

fn lists(list: &[Value]) -> Vec<Change> {
    let each = 0..list.len();
    let mut all: Vec<Change> = each.clone().map(Change::Drop).chain(each.map(Change::Double)).collect();
    let differ = |index: &usize| list[*index] != list[index + 1];
    all.extend((0..list.len().saturating_sub(1)).filter(differ).map(Change::Swap));
    if list.len() > 1 {
        all.push(Change::Empty);
    }
    if list.is_empty() {
        all.extend(contents().filter(Value::is_array).map(|list| Change::Replace("filled", list)));
    }
    all
}

/// Contents that a variant or a list may take that has none.
fn contents() -> impl Iterator<Item = Value> {
    let lists = [Value::from(vec![0]), Value::from(vec!["x"]), Value::from(vec![false]), serde_json::json!([[0]])];
    lists.into_iter().chain([Value::Array(Vec::new()), Value::from(0), Value::from("x"), Value::Null])
}

/// Every other variant: as it is, and with the content of this one.
fn other_variants(value: &Value, known: &Known) -> Vec<Change> {
    let own = variant(value).or_else(|| value.as_str());
    let others = known.variants.iter().filter(|other| Some(other.as_str()) != own);
    let mut all = Vec::new();
    for other in others {
        all.push(Change::Replace("another variant", Value::String(other.clone())));
        match variant(value).map(|name| &value[name]) {
            Some(content) => all.push(Change::Replace("another variant", serde_json::json!({ other: content }))),
            None => all.extend(contents().map(|content| Change::Replace("another variant", serde_json::json!({ other: content })))),
        }
    }
    all
}
