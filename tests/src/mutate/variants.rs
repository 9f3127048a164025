//! What JSON does not say of a place's type, found out by asking the type: whether it may be absent, and which variants its enum has.
//!
//! In: a value and a place. Out: [`Known`], by shape. A string that no enum has makes serde say which variants there are.
//! Source: serde's `de::Error::unknown_variant`.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::place::{Place, at};

/// A string that is no variant of any enum.
const NOBODY: &str = "\u{1}?";

/// What is known of the type of a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Whether `null` fits.
    pub(super) optional: bool,
    /// The variants of its enum; none where it is no enum.
    pub(super) variants: Vec<String>,
}

/// What is known by shape.
#[derive(Debug, Default)]
pub(super) struct Types(BTreeMap<String, Known>);

impl Types {
    /// What is known of the places of this shape; `json` comes back as it was.
    pub(super) fn of<T: DeserializeOwned>(&mut self, json: &mut Value, shape: &str, place: &Place) -> Known {
        if let Some(known) = self.0.get(shape) {
            return known.clone();
        }
        let known = Known { optional: fits::<T>(json, place, Value::Null).is_ok(), variants: variants::<T>(json, place) };
        self.0.insert(shape.to_owned(), known.clone());
        known
    }
}

/// Whether the whole is still of its type with another value at a place.
fn fits<T: DeserializeOwned>(json: &mut Value, place: &Place, value: Value) -> Result<(), String> {
    let kept = std::mem::replace(at(json, &place.steps), value);
    let read = T::deserialize(&*json).map(|_| ()).map_err(|error| error.to_string());
    *at(json, &place.steps) = kept;
    read
}

fn variants<T: DeserializeOwned>(json: &mut Value, place: &Place) -> Vec<String> {
    let Err(error) = fits::<T>(json, place, Value::String(NOBODY.to_owned())) else { return Vec::new() };
    let Some((_, list)) = error.split_once("unknown variant").and_then(|(_, rest)| rest.split_once("expected")) else { return Vec::new() };
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
