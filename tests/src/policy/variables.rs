//! The variables of a random rule, and where a pattern finds their values.
//!
//! In: the world. Out: variables for a rule; for a pattern, a place for each of them.

use super::world::{Field, Kind};
use super::writer::Writer;

/// A variable of the rule that is being written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variable {
    pub(super) name: &'static str,
    /// What its values are drawn from.
    pub(super) kind: Kind,
}

/// How a field leads to values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `f: ?v`
    Bare,
    /// `f[]: ?v`
    Each,
    /// `f[].part: ?v`
    EachPart(&'static str),
    /// `f.part: ?v`
    Part(&'static str),
}

/// The place of a variable in a pattern.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// The variable's name.
    pub name: &'static str,
    /// Which of the rule's variables it is.
    pub variable: usize,
    /// What its values are drawn from.
    pub kind: Kind,
    /// The field that it stands in.
    pub field: &'static str,
    /// How the field leads to it.
    pub shape: Shape,
    /// Whether the field is one of the result.
    pub result: bool,
}

impl Bound {
    pub(super) fn text(&self) -> String {
        let Self { name, field, shape, .. } = self;
        match shape {
            Shape::Bare => format!("{field}: ?{name}"),
            Shape::Each => format!("{field}[]: ?{name}"),
            Shape::EachPart(part) => format!("{field}[].{part}: ?{name}"),
            Shape::Part(part) => format!("{field}.{part}: ?{name}"),
        }
    }

    fn each(&self) -> bool {
        matches!(self.shape, Shape::Each | Shape::EachPart(_))
    }
}

/// How a field may lead to values that compare as `wanted`.
pub(super) fn shapes(field: &Field, wanted: Kind) -> Vec<Shape> {
    let is = |kind: Kind| kind.compared() == wanted.compared();
    let mut found = Vec::new();
    if field.kind.compared().is_some() && is(field.kind) {
        found.push(Shape::Bare);
    }
    if field.kind.element().is_some_and(is) {
        found.push(Shape::Each);
    }
    let parts: &[(&'static str, Kind, bool)] = match field.kind {
        Kind::Items(id) => &[("id", *id, true), ("qty", Kind::Int, true)],
        Kind::Records => &[("a", Kind::Int, true), ("b", Kind::Text, true)],
        Kind::Record => &[("a", Kind::Int, false), ("b", Kind::Text, false)],
        _ => &[],
    };
    found.extend(
        parts.iter().filter(|(_, kind, _)| is(*kind)).map(|(part, _, each)| if *each { Shape::EachPart(part) } else { Shape::Part(part) }),
    );
    found
}

const TAGS: &[(Kind, &str)] = &[
    (Kind::Int, "variable of type int"),
    (Kind::Number, "variable of type number"),
    (Kind::Text, "variable of type string"),
    (Kind::Choice, "variable of an enumeration"),
    (Kind::Flag, "variable of type bool"),
    (Kind::Email, "variable of type email"),
    (Kind::Url, "variable of type url"),
    (Kind::Path, "variable of type path"),
    (Kind::Ip, "variable of type ip"),
    (Kind::Stamp, "variable of type timestamp"),
    (Kind::Span, "variable of type duration"),
];

impl Writer {
    /// Something with the rule's variables, or without any where too few of its patterns have them.
    pub(super) fn with_variables<T>(&mut self, least: usize, write: impl Fn(&mut Self) -> T) -> T {
        self.choose_variables();
        for _ in 0..5 {
            let (tags, groups) = (self.tags.clone(), self.bound);
            self.bound = 0;
            let written = write(self);
            if self.variables_of_rule.is_empty() || self.bound >= least {
                self.tag_variables();
                return written;
            }
            self.tags = tags;
            self.bound = groups;
        }
        self.variables_of_rule.clear();
        write(self)
    }

    fn choose_variables(&mut self) {
        let [first, second] = self.world.identities;
        let one = match self.dice.weighted(&[62, 24, 7, 7]) {
            0 => *first,
            1 => *second,
            2 => Kind::Text,
            _ => Kind::Int,
        };
        let (v, w) = (Variable { name: "v", kind: one }, Variable { name: "w", kind: if self.dice.chance(70) { *second } else { *first } });
        self.variables_of_rule = match self.dice.weighted(&[36, 48, 16]) {
            0 => Vec::new(),
            1 => vec![v],
            _ => vec![v, w],
        };
    }

    fn tag_variables(&mut self) {
        let kinds: Vec<Kind> = self.variables_of_rule.iter().map(|variable| variable.kind).collect();
        if kinds.len() > 1 {
            self.tag("two variables");
        }
        for (kind, tag) in TAGS {
            if kinds.contains(kind) {
                self.tag(tag);
            }
        }
    }

    /// A place for each variable of the rule, in what all of `subjects` have.
    pub(super) fn bind(&mut self, subjects: &[usize], of_result: bool) -> Option<Vec<Bound>> {
        let arguments = self.world.shared_fields(subjects);
        let results = self.world.shared_results(subjects).filter(|_| of_result).unwrap_or_default();
        let mut bound: Vec<Bound> = Vec::new();
        for (index, variable) in self.variables_of_rule.clone().into_iter().enumerate() {
            let sides = [(&arguments, false), (&results, true)];
            let places = sides.into_iter().flat_map(|(fields, result)| fields.iter().map(move |field| (field, result)));
            let found: Vec<Bound> = places
                .flat_map(|(field, result)| {
                    let shapes = shapes(field, variable.kind).into_iter();
                    let Variable { name, kind } = variable;
                    shapes.map(move |shape| Bound { name, variable: index, kind, field: field.name, shape, result })
                })
                .filter(|new| bound.iter().all(|old| (old.field, old.result) != (new.field, new.result) && !(old.each() && new.each())))
                .collect();
            // Results are where few look: they come first, mostly.
            let of_results: Vec<Bound> = found.iter().filter(|bound| bound.result).copied().collect();
            let from = if !of_results.is_empty() && self.dice.chance(70) { of_results } else { found };
            bound.push(if from.is_empty() { return None } else { *self.dice.pick(&from) });
        }
        if self.dice.chance(50) {
            bound.reverse();
        }
        Some(bound)
    }

    pub(super) fn tag_bound(&mut self, bound: &[Bound], event: bool) {
        for place in bound {
            match place.shape {
                Shape::Bare => {}
                Shape::Each => self.tag("field[]"),
                Shape::EachPart(_) => self.tag("items[].id"),
                Shape::Part(_) => self.tag("variable in a record"),
            }
            if place.result {
                self.tag("variable in a result");
            }
            if event {
                self.tag("variable in a host event");
            }
        }
    }

    /// `capacity N`, where the rule keeps values apart.
    pub(super) fn capacity(&mut self) -> Option<String> {
        if self.dice.chance(45) {
            self.tag("capacity by default");
            return None;
        }
        let capacity = self.dice.weighted(&[0, 35, 35, 15, 15]);
        self.tag("small capacity");
        Some(format!(" capacity {capacity}"))
    }
}
