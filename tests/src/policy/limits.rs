//! Random limits of every kind.
//!
//! In: where a limit stands. Out: text; a story that comes to its edge.

use super::condition::spelled;
use super::pattern::{Pattern, Place};
use super::variables::{Shape, shapes};
use super::world::{Kind, SCALARS};
use super::writer::{Owner, Writer};
use crate::tree::{Tree, maybe, seq, word};

/// What is counted.
struct Measure {
    /// Before the event.
    before: String,
    /// After it.
    after: String,
    event: Pattern,
    /// How many events come to the edge.
    events: usize,
}

impl Writer {
    pub(super) fn limit(&mut self, owner: Owner) -> Tree {
        self.tag("limit");
        let named = self.dice.chance(50);
        let name = if named { self.fresh("l") } else { String::new() };
        let counted = self.count_limit(owner);
        let shown = if named { name.clone() } else { counted };
        let head = if named { word(format!("limit {name}: ")) } else { word("limit ") };
        let (period, by) = self.period();
        let kind = self.dice.weighted(&[42, 16, 20, 22]);
        let Measure { before, after, mut event, events } = match kind {
            1 => self.identical(by),
            2 => self.distinct(by),
            3 => self.sum(by),
            _ => self.counting(by),
        };
        if !self.variables_of_rule.is_empty() {
            self.tag("limit with variables");
        }
        let capacity = if self.variables_of_rule.is_empty() && kind != 1 { None } else { self.capacity() };
        let capacity = capacity.map_or_else(|| word(""), |capacity| maybe(word(capacity)));
        let action = self.action();
        event.step.again = kind == 1;
        self.finish(&shown, vec![event.step; events]);
        seq(vec![head, word(before), event.tree, word(after), period, capacity, action])
    }

    fn period(&mut self) -> (Tree, bool) {
        if self.dice.chance(40) {
            self.tag("limit per session");
            return (word(" per session"), false);
        }
        self.tag("limit per window");
        let (_, window) = *self.dice.pick(&self.world.windows);
        let (key, by) = self.key();
        (seq(vec![word(format!(" per {window}")), maybe(word(key))]), by)
    }

    fn counting(&mut self, by: bool) -> Measure {
        self.tag("limit count");
        let count = self.dice.weighted(&[0, 45, 35, 20]);
        let event = self.with_variables(1, |writer| writer.pattern(Place::Limit, by));
        Measure { before: format!("{count} "), after: String::new(), event, events: count + 1 }
    }

    fn identical(&mut self, by: bool) -> Measure {
        self.tag("limit identical");
        self.variables_of_rule.clear();
        let count = self.dice.weighted(&[0, 60, 40]);
        let event = self.pattern(Place::Call, by);
        Measure { before: format!("{count} identical "), after: String::new(), event, events: count + 2 }
    }

    fn distinct(&mut self, by: bool) -> Measure {
        let kind = **self.dice.pick(&self.world.identities);
        let measured = |writer: &mut Self, event: &Pattern| {
            let fields = writer.world.shared_fields(&event.step.subjects);
            let kinds: Vec<Kind> = if writer.dice.chance(70) { vec![kind] } else { SCALARS.to_vec() };
            let found: Vec<String> = fields
                .iter()
                .flat_map(|field| {
                    kinds.iter().flat_map(move |kind| shapes(field, *kind).into_iter().map(move |shape| written(field.name, shape)))
                })
                .collect();
            writer.measured(found)
        };
        let Some((event, field)) = self.measuring(by, measured) else { return self.counting(by) };
        self.tag("limit distinct");
        if field.contains("[]") {
            self.tag("distinct of elements");
        }
        let count = self.dice.weighted(&[0, 50, 35, 15]);
        Measure { before: format!("{count} distinct({field}) of "), after: String::new(), event, events: count + 2 }
    }

    fn sum(&mut self, by: bool) -> Measure {
        let measured = |writer: &mut Self, event: &Pattern| {
            let fields = writer.world.shared_fields(&event.step.subjects);
            let found: Vec<String> = fields
                .iter()
                .filter(|field| !field.may_be_absent())
                .filter_map(|field| match field.kind {
                    Kind::Small => Some(field.name.to_owned()),
                    Kind::Items(_) => Some(format!("{}[].qty", field.name)),
                    _ => None,
                })
                .collect();
            writer.measured(found)
        };
        let Some((event, field)) = self.measuring(by, measured) else { return self.counting(by) };
        self.tag("limit sum");
        if field.contains("[]") {
            self.tag("sum of elements");
        }
        let most = *self.dice.pick(&["1", "3", "10", "20", "9_223_372_036_854_775_807"]);
        Measure { before: format!("sum({field}) of "), after: format!(" to {most}"), event, events: 3 }
    }

    /// One of these fields; elements of lists are rarer than what else there is, so they come first, mostly.
    fn measured(&mut self, found: Vec<String>) -> Option<String> {
        let elements: Vec<String> = found.iter().filter(|field| field.contains("[]")).cloned().collect();
        let from = if elements.is_empty() || self.dice.chance(35) { found } else { elements };
        (!from.is_empty()).then(|| self.dice.pick(&from).clone())
    }

    /// An event of which something can be measured; none where luck does not find one.
    fn measuring(&mut self, by: bool, measured: impl Fn(&mut Self, &Pattern) -> Option<String>) -> Option<(Pattern, String)> {
        for _ in 0..8 {
            let tags = self.tags.clone();
            let event = self.with_variables(1, |writer| writer.pattern(Place::Limit, by));
            if let Some(field) = measured(self, &event) {
                return Some((event, field));
            }
            self.tags = tags;
        }
        None
    }
}

fn written(field: &str, shape: Shape) -> String {
    // No field's name stands before a colon here, so words of the language need backticks.
    let field = spelled(field);
    match shape {
        Shape::Bare => field,
        Shape::Each => format!("{field}[]"),
        Shape::EachPart(part) => format!("{field}[].{part}"),
        Shape::Part(part) => format!("{field}.{part}"),
    }
}
