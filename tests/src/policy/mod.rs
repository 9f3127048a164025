//! Random policies: text that both sides read, of the right types by construction.
//!
//! In: dice. Out: a [`Policy`]: its text as a tree that can be made smaller, which constructs each of its rules is made of, and stories for sessions.

mod atoms;
mod condition;
pub mod files;
mod limits;
mod pattern;
mod permissions;
mod protocols;
mod rules;
mod scans;
mod sequences;
pub mod values;
mod variables;
pub mod world;
mod writer;

use std::collections::BTreeMap;

use crate::random::Dice;
use crate::tree::{Tree, list, maybe, nothing, seq, word};

pub use atoms::Read;
pub use condition::Scope;
pub use pattern::{Step, Wanted};
pub use variables::{Bound, Shape};
use world::{Field, Group, Kind, Origin, Subject, World};
pub use writer::Tags;
use writer::{Owner, Writer};

/// A random policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its text.
    pub tree: Tree,
    /// What it speaks of.
    pub world: World,
    /// Rule name → the constructs it is made of.
    pub constructs: BTreeMap<String, Tags>,
    /// Steps of sessions that come near a rule.
    pub stories: Vec<Vec<Step>>,
}

/// A statement that is still to be written.
#[derive(Clone, Copy)]
enum Planned {
    Persona(usize),
    Everyone,
    Rule,
    Scan,
}

impl Policy {
    /// A policy.
    #[must_use]
    pub fn random(dice: Dice) -> Self {
        let mut writer = Writer::new(dice);
        let mut first = writer.declarations();
        let mut plan: Vec<Planned> = (0..writer.world.personas.len()).map(Planned::Persona).collect();
        plan.extend(vec![Planned::Rule; writer.dice.between(2, 5)]);
        if !writer.world.detectors.is_empty() {
            plan.extend(vec![Planned::Scan; writer.dice.between(1, 2)]);
        }
        plan.extend(vec![Planned::Everyone; writer.dice.weighted(&[58, 38, 4])]);
        shuffle(&mut writer.dice, &mut plan);
        let mut statements: Vec<Tree> = plan.into_iter().map(|planned| writer.statement(planned)).collect();
        // Declarations may stand in any order.
        for declaration in first.drain(..) {
            let place = if writer.dice.chance(80) { 0 } else { writer.dice.between(0, statements.len()) };
            statements.insert(place, declaration);
        }
        let tree = files::bundled(&mut writer.dice, &writer.world, statements);
        Self { tree, world: writer.world, constructs: writer.constructs, stories: writer.stories }
    }

    /// Its text: all its files, as [`files::split`] reads them.
    #[must_use]
    pub fn text(&self) -> String {
        self.tree.text()
    }
}

fn shuffle<T>(dice: &mut Dice, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, dice.below(last + 1));
    }
}

impl Writer {
    fn statement(&mut self, planned: Planned) -> Tree {
        match planned {
            Planned::Persona(index) => self.persona(index),
            Planned::Everyone => self.everyone(),
            Planned::Rule => self.history_rule(Owner::Top),
            Planned::Scan => self.scan(Owner::Top),
        }
    }

    fn declarations(&mut self) -> Vec<Tree> {
        let mut all = vec![word("const EDGE = 10"), word("const WORD = r\"abc\""), word("const PAUSE = 30_000ms")];
        let kinds = ["sensitive", "untrusted"];
        all.extend(self.world.labels.iter().zip(kinds).map(|(name, kind)| word(format!("label {name} {kind}"))));
        all.extend(self.world.subjects.iter().filter(|subject| matches!(subject.origin, Origin::Tool | Origin::Event)).map(declaration));
        all.extend(self.detectors());
        all.extend(self.world.tools().iter().filter_map(refinement));
        if !self.world.context.is_empty() {
            let fields = self.world.context.iter().map(|field| word(format!("{}: {}", field.name, field.kind.source()))).collect();
            all.push(seq(vec![word("context { "), list(", ", 0, fields), word(" }")]));
        }
        all.extend(self.definitions());
        for _ in 0..self.dice.below(3) {
            all.push(self.group_declaration());
        }
        for _ in 0..self.dice.between(1, 3) {
            all.push(self.effect());
        }
        all
    }

    fn definitions(&mut self) -> Vec<Tree> {
        let (other, order) = (*self.dice.pick(&["y == \"abc\"", "y like \"a*\"", "z < x + 1"]), self.order());
        let close = word(format!("define close(x: int, z: int, y: string) = near(x) and (x {order} z or {other})"));
        let mut all: Vec<Tree> = [("near", "x", Kind::Int), ("plain", "y", Kind::Text)]
            .into_iter()
            .map(|(name, parameter, kind)| {
                let scope =
                    Scope { reads: vec![Read { term: parameter.to_owned(), kind, guards: Vec::new() }], context: false, moment: false };
                let body = self.body_without_definitions(&scope);
                seq(vec![word(format!("define {name}({parameter}: {}) = ", kind.source())), body])
            })
            .collect();
        all.push(close);
        all.push(word(
            *self.dice.pick(&[
                "define given(w: string?) = w is present and plain(w)",
                "define given(w: string?) = not (w is present) or plain(w)",
            ]),
        ));
        all
    }

    /// Definitions may not use one another in a circle; here they do not at all.
    fn body_without_definitions(&mut self, scope: &Scope) -> Tree {
        loop {
            let body = self.condition(scope, 1);
            let text = body.text();
            if !["near(", "plain(", "close(", "given("].iter().any(|used| text.contains(used)) {
                return body;
            }
        }
    }

    fn group_declaration(&mut self) -> Tree {
        let (tools, covered) = self.tool_list();
        let name = self.fresh("g");
        self.world.groups.push(Group { name: name.clone(), tools: covered });
        seq(vec![word(format!("group {name} = ")), tools])
    }

    fn effect(&mut self) -> Tree {
        let tool = self.dice.below(self.world.tools);
        let (tools, covered) = if self.dice.chance(70) { (word(self.world.subjects[tool].name.clone()), vec![tool]) } else { self.glob() };
        let what = match self.dice.below(4) {
            0 | 1 => word(format!(" returns {}", self.dice.pick(&self.world.labels))),
            2 => word(" sends"),
            _ => word(" destroys"),
        };
        let conditional = !what.text().contains("returns") && self.dice.chance(65);
        let scope = Scope::of_call(&self.world.shared_fields(&covered));
        let when =
            if conditional && !scope.reads.is_empty() { maybe(seq(vec![word(" when "), self.condition(&scope, 1)])) } else { nothing() };
        seq(vec![word("effect "), tools, what, when])
    }
}

fn declaration(subject: &Subject) -> Tree {
    let kind = if subject.event() { "event" } else { "tool" };
    let results = subject
        .results
        .as_ref()
        .map_or(nothing(), |results| seq(vec![word(" -> {"), list(", ", 0, results.iter().map(declared).collect()), word("}")]));
    let fields = subject.fields.iter().map(declared).collect();
    seq(vec![word(format!("{kind} {}(", subject.name)), list(", ", 0, fields), word(")"), results])
}

fn declared(field: &Field) -> Tree {
    word(format!("{}: {}{}", field.name, field.kind.source(), if field.optional { "?" } else { "" }))
}

/// What a schema cannot say of a catalog's tool.
fn refinement(subject: &Subject) -> Option<Tree> {
    let fields = subject.fields.iter().filter(|field| field.kind.is_sharp());
    let fields: Vec<Tree> = fields.map(declared).collect();
    if fields.is_empty() || !matches!(subject.origin, Origin::Catalog { .. }) {
        return None;
    }
    Some(seq(vec![word(format!("refine {} {{ ", subject.name)), list(", ", 1, fields), word(" }")]))
}
