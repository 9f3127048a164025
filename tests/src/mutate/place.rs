//! The places of a JSON value: every leaf, every list, every element of one, every variant with content.
//!
//! In: a value. Out: [`Place`]s, each with the way to it. Left out: objects that are structs, since their members are places of their own.

use std::fmt::Write;

use serde_json::Value;

/// A step of the way to a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A member of an object.
    Member(String),
    /// An element of a list.
    Element(usize),
}

/// A place in a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The way to it.
    pub steps: Vec<Step>,
}

impl Place {
    /// `rules[3].body`
    #[must_use]
    pub fn path(&self) -> String {
        self.written(|index| index.to_string())
    }

    /// `rules[*].body`
    #[must_use]
    pub fn shape(&self) -> String {
        self.written(|_| "*".to_owned())
    }

    fn written(&self, number: impl Fn(usize) -> String) -> String {
        let mut text = String::new();
        for step in &self.steps {
            match step {
                Step::Member(name) if text.is_empty() => text.push_str(name),
                Step::Member(name) => {
                    let _ = write!(text, ".{name}");
                }
                Step::Element(index) => {
                    let _ = write!(text, "[{}]", number(*index));
                }
            }
        }
        text
    }

    /// What stands there.
    ///
    /// # Panics
    /// Where the place is one of another value.
    #[must_use]
    pub fn find<'v>(&self, value: &'v Value) -> &'v Value {
        self.steps.iter().fold(value, |value, step| match step {
            Step::Member(name) => &value[name],
            Step::Element(index) => &value[index],
        })
    }
}

/// What stands at the end of a way, to change it.
///
/// # Panics
/// Where the way does not lead through the value.
pub(super) fn at<'v>(value: &'v mut Value, steps: &[Step]) -> &'v mut Value {
    steps.iter().fold(value, |value, step| match step {
        Step::Member(name) => &mut value[name],
        Step::Element(index) => &mut value[index],
    })
}

/// Whether an object is an enum's variant with its content: one member, whose name is a type's.
#[must_use]
pub(super) fn variant(value: &Value) -> Option<&str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let (name, _) = object.iter().next()?;
    name.starts_with(|first: char| first.is_ascii_uppercase()).then_some(name)
}

/// All places, in the order in which they are written; of a longer list of numbers so many elements, evenly spread.
#[must_use]
pub fn places(value: &Value, widest: usize) -> Vec<Place> {
    let mut found = Vec::new();
    walk(value, widest, &mut Vec::new(), &mut found);
    found
}

fn walk(value: &Value, widest: usize, way: &mut Vec<Step>, found: &mut Vec<Place>) {
    let here = |way: &[Step]| Place { steps: way.to_vec() };
    match value {
        Value::Array(elements) => {
            found.push(here(way));
            let step = if elements.first().is_some_and(Value::is_number) { elements.len().div_ceil(widest).max(1) } else { 1 };
            for (index, element) in elements.iter().enumerate().step_by(step) {
                way.push(Step::Element(index));
                walk(element, widest, way, found);
                way.pop();
            }
        }
        Value::Object(members) => {
            found.push(here(way));
            for (name, member) in members {
                way.push(Step::Member(name.clone()));
                walk(member, widest, way, found);
                way.pop();
            }
        }
        _ => found.push(here(way)),
    }
}
