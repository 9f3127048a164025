//! Mutants of any serialisable value: every leaf and every list changed in every way that its type allows, one change a mutant.
//!
//! In: a value, such as a frame or a certificate, and how many mutants a place may have. Out: [`Mutants`]: each with its path, what was done, and the value
//! it makes; how many changes made no other value. A *shape* is a path with `*` for every index: places of one shape are of one type.
//! Invariants: equal seeds choose equal mutants; every shape that has a place has mutants, unless none of its changes makes another value.
//! Left out: two changes at once.
//! Source: verification section 2 ("Mutation is the test of a checker").

mod change;
pub mod judge;
mod place;
pub mod report;
pub mod run;
pub mod sessions;
mod variants;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use change::Change;
pub use place::{Place, Step, places};
use variants::Types;

use crate::random::Dice;

/// Elements of one list of numbers that are places, where mutants are chosen: the bytes of an automaton are many and alike.
const WIDEST: usize = 2_048;

/// A value with one change.
#[derive(Clone, Debug)]
pub struct Mutant<T> {
    /// Where: `rules[3].body.Automaton.delta[7]`.
    pub path: String,
    /// The same for every place like it: `rules[*].body.Automaton.delta[*]`.
    pub shape: String,
    /// What was changed, in words.
    pub what: String,
    /// What came of it.
    pub value: T,
}

/// How many changes there were and how many of them made mutants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Changes that were chosen.
    pub tried: usize,
    /// Those whose value is of no such type.
    pub untyped: usize,
    /// Those that change nothing.
    pub equal: usize,
}

/// How mutants are chosen.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// How many of one shape, at most; 0: all.
    pub per_shape: usize,
    /// Where the dice begin.
    pub seed: u64,
}

/// Hands every chosen mutant of a value to `take`.
///
/// # Panics
/// Where the value is not the one that its own JSON says.
pub fn mutants<T: Serialize + DeserializeOwned + PartialEq>(original: &T, choice: Choice, mut take: impl FnMut(Mutant<T>)) -> Made {
    let mut json = serde_json::to_value(original).expect("the value is written as JSON");
    let read: T = T::deserialize(&json).expect("the value is read from its JSON");
    assert!(read == *original, "the value does not come back from its JSON");
    let mut made = Made::default();
    let mut dice = Dice::new(choice.seed);
    let mut types = Types::default();
    let widest = if choice.per_shape == 0 { usize::MAX } else { WIDEST };
    for (shape, places) in by_shape(&json, widest) {
        let changes = changes::<T>(&mut json, &shape, &places, &mut types);
        let most = if choice.per_shape == 0 { changes.len() } else { choice.per_shape };
        for (place, change) in spread(&mut dice, changes, most) {
            made.tried += 1;
            let before = change.apply(&mut json, &places[place].steps);
            match T::deserialize(&json) {
                Err(_) => made.untyped += 1,
                Ok(value) if value == *original => made.equal += 1,
                Ok(value) => take(Mutant { path: places[place].path(), shape: shape.clone(), what: change.words(), value }),
            }
            before.undo(&mut json, &places[place].steps);
        }
    }
    made
}

fn by_shape(json: &Value, widest: usize) -> BTreeMap<String, Vec<Place>> {
    let mut shapes: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for place in places(json, widest) {
        shapes.entry(place.shape()).or_default().push(place);
    }
    shapes
}

/// All changes of the places of one shape, place by place.
fn changes<T: DeserializeOwned>(json: &mut Value, shape: &str, places: &[Place], types: &mut Types) -> Vec<(usize, Change)> {
    let pool = change::pool(json, places);
    let mut all = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let known = types.of::<T>(json, shape, place);
        let others = change::others(json, place, &pool);
        all.extend(change::changes(place.find(json), &others, &known).into_iter().map(|change| (index, change)));
    }
    all
}

/// So many of the changes, each kind of change as often as another.
fn spread(dice: &mut Dice, changes: Vec<(usize, Change)>, most: usize) -> Vec<(usize, Change)> {
    if changes.len() <= most {
        return changes;
    }
    let mut kinds: BTreeMap<&'static str, Vec<(usize, Change)>> = BTreeMap::new();
    for change in changes {
        kinds.entry(change.1.kind()).or_default().push(change);
    }
    let mut chosen = Vec::with_capacity(most);
    while chosen.len() < most {
        for group in kinds.values_mut().filter(|group| !group.is_empty()) {
            let place = dice.below(group.len());
            chosen.push(group.swap_remove(place));
        }
    }
    chosen.truncate(most);
    chosen
}

#[cfg(test)]
mod tests;
