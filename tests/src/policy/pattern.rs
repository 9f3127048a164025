//! Random event patterns.
//!
//! In: the place a pattern stands in. Out: its text, and what a session must do to match it.

use super::condition::Scope;
use super::values;
use super::world::{Field, Kind};
use super::writer::Writer;
use crate::tree::{Tree, list, maybe, nothing, seq, word};

/// Where a pattern stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A step that another follows, a prerequisite, an `unless`, a reset.
    Anywhere,
    /// Where only calls may stand: a last step, a target, what a limit counts.
    Call,
}

/// What a session does for one step of a rule.
#[derive(Clone, Debug)]
pub struct Step {
    /// One of these tools or host events.
    pub subjects: Vec<usize>,
    /// How it comes out.
    pub outcome: Wanted,
    /// Arguments that must be so: field and JSON value.
    pub literals: Vec<(&'static str, String)>,
    /// By whom.
    pub persona: Option<&'static str>,
}

/// How a call should come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Wanted {
    Any,
    Ok,
    Failed,
    Label(&'static str),
}

/// A pattern and what matches it.
pub(super) struct Pattern {
    pub(super) tree: Tree,
    pub(super) step: Step,
}

impl Writer {
    /// A pattern; `by` only where a rule's key is not the session, which has one persona.
    pub(super) fn pattern(&mut self, place: Place, by: bool) -> Pattern {
        let calls = place == Place::Call || self.dice.chance(82);
        let (target, subjects) = self.target(calls);
        let events = subjects.iter().any(|subject| self.world.subjects[*subject].event());
        let shared = self.world.shared_fields(&subjects);
        let (arguments, literals) = self.arguments(&shared);
        let (outcome, wanted) = if events { (nothing(), Wanted::Any) } else { self.outcome(place) };
        let approved = !events && self.dice.chance(7);
        let persona = (by && !events && self.dice.chance(30)).then(|| *self.dice.pick(&self.world.personas));
        // Of results nothing compiles `at` and `session has` yet; effects are judged at the call.
        let moment = events || matches!(outcome.text().trim(), "" | "sends" | "destroys");
        let mut scope = Scope { context: !events, moment, ..Scope::of(&shared) };
        if let Some((field, _)) = literals.first() {
            // A literal argument says that its field is there.
            scope.present(if *field == "rec" { &["rec", "rec.a"] } else { std::slice::from_ref(field) });
        }
        let mut parts = Vec::new();
        if approved {
            self.tag("approved");
            parts.push(maybe(word("approved ")));
        }
        parts.extend([target, maybe(arguments), maybe(outcome)]);
        if let Some(persona) = persona {
            self.tag("by");
            parts.push(maybe(word(format!(" by {persona}"))));
        }
        if self.dice.chance(if events { 60 } else { 30 }) && !scope.is_empty() {
            self.tag("event when");
            let depth = self.dice.below(2);
            parts.push(maybe(seq(vec![word(" when ("), self.condition(&scope, depth), word(")")])));
        }
        Pattern { tree: seq(parts), step: Step { subjects, outcome: wanted, literals, persona } }
    }

    fn target(&mut self, calls: bool) -> (Tree, Vec<usize>) {
        let tools = self.world.tools;
        let subject = if calls { self.dice.below(tools) } else { self.dice.between(tools, self.world.subjects.len() - 1) };
        let single = |writer: &Self, subject: usize| word(writer.world.subjects[subject].name.clone());
        match self.dice.weighted(&[55, 14, 12, 12]) {
            1 if calls && !self.world.groups.is_empty() => {
                self.tag("group in a pattern");
                let group = self.dice.pick(&self.world.groups);
                (word(group.name.clone()), group.tools.clone())
            }
            2 => {
                let all: Vec<usize> = (0..if calls { tools } else { self.world.subjects.len() }).collect();
                let mut chosen = self.dice.some(&all, 2);
                if !calls && !chosen.contains(&subject) {
                    chosen.push(subject);
                }
                self.tag(if calls { "target list" } else { "mixed target list" });
                let names = chosen.iter().map(|one| single(self, *one)).collect();
                (seq(vec![word("("), list(", ", 2, names), word(")")]), chosen)
            }
            3 if calls => {
                self.tag("any");
                (word("any"), (0..tools).collect())
            }
            _ => {
                if !calls {
                    self.tag("host event");
                }
                (single(self, subject), vec![subject])
            }
        }
    }

    fn arguments(&mut self, shared: &[Field]) -> (Tree, Vec<(&'static str, String)>) {
        if shared.is_empty() || !self.dice.chance(22) {
            return (nothing(), Vec::new());
        }
        let field = self.dice.pick(shared).clone();
        if field.kind == Kind::Record {
            self.tag("literal argument");
            return (word("(rec.a: 3)"), vec![(field.name, "{\"a\":3}".to_owned())]);
        }
        let Some((source, json)) = values::literal(&mut self.dice, field.kind) else { return (nothing(), Vec::new()) };
        self.tag("literal argument");
        let source = match field.kind {
            Kind::Int if self.dice.chance(20) => {
                self.tag("const");
                return (word(format!("({}: EDGE)", field.name)), vec![(field.name, "10".to_owned())]);
            }
            _ => source,
        };
        (word(format!("({}: {source})", field.name)), vec![(field.name, json)])
    }

    fn outcome(&mut self, place: Place) -> (Tree, Wanted) {
        let results = if place == Place::Call { 0 } else { 9 };
        match self.dice.weighted(&[64, 9, 6, results, results, results + results / 2]) {
            1 => self.outcome_of("sends", Wanted::Any),
            2 => self.outcome_of("destroys", Wanted::Any),
            3 => self.outcome_of("succeeds", Wanted::Ok),
            4 => self.outcome_of("fails", Wanted::Failed),
            5 => {
                self.tag("returns");
                let label = *self.dice.pick(&self.world.labels);
                (word(format!(" returns {label}")), Wanted::Label(label))
            }
            _ => (nothing(), Wanted::Any),
        }
    }

    fn outcome_of(&mut self, name: &'static str, wanted: Wanted) -> (Tree, Wanted) {
        self.tag(name);
        (word(format!(" {name}")), wanted)
    }
}
