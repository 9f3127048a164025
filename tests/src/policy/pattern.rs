//! Random event patterns.
//!
//! In: the place a pattern stands in, and the variables of its rule. Out: its text, and what a session must do to match it.

use super::condition::Scope;
use super::values;
use super::variables::Bound;
use super::world::{Field, Kind};
use super::writer::Writer;
use crate::tree::{Tree, list, maybe, nothing, seq, word};

/// Where a pattern stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A step of a `forbid` that another follows.
    Step,
    /// A step of a `protocol`.
    Protocol,
    /// What must have been.
    Prerequisite,
    /// What may not be in a gap.
    Unless,
    /// What takes prerequisites back.
    Reset,
    /// Where only calls may stand: a last step, a target, what is counted whole.
    Call,
    /// What a limit counts: no host event.
    Limit,
}

impl Place {
    fn takes_events(self) -> bool {
        !matches!(self, Self::Call | Self::Limit)
    }

    /// Of a hundred patterns here in a rule with variables, how many have them.
    pub(super) fn binds(self) -> usize {
        match self {
            Self::Limit => 100,
            Self::Call => 86,
            Self::Step | Self::Protocol | Self::Prerequisite => 74,
            Self::Unless | Self::Reset => 50,
        }
    }

    pub(super) fn value_free(self) -> &'static str {
        match self {
            Self::Step => "value-free step",
            Self::Protocol => "value-free event of a protocol",
            Self::Prerequisite => "value-free prerequisite",
            Self::Unless => "value-free unless",
            Self::Reset => "value-free reset",
            Self::Call | Self::Limit => "value-free last step",
        }
    }
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
    /// Fields of the result that must be so.
    pub results: Vec<(&'static str, String)>,
    /// Where the values of the rule's variables stand.
    pub bound: Vec<Bound>,
    /// By whom.
    pub persona: Option<&'static str>,
    /// Whether the arguments should be those of the call before.
    pub again: bool,
}

/// How a call should come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Wanted {
    Any,
    Ok,
    Failed,
    Label(&'static str),
    /// It should be refused.
    Denied,
}

/// A pattern and what matches it.
pub(super) struct Pattern {
    pub(super) tree: Tree,
    pub(super) step: Step,
}

/// What is chosen of a pattern before its arguments are.
struct Draft {
    target: Tree,
    subjects: Vec<usize>,
    mode: Mode,
    outcome: Outcome,
    bound: Vec<Bound>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    Approved,
    Denied,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Call,
    Sends,
    Destroys,
    Succeeds,
    Fails,
    Returns(&'static str),
}

impl Outcome {
    fn result(self) -> bool {
        matches!(self, Self::Succeeds | Self::Fails | Self::Returns(_))
    }

    fn text(self) -> String {
        match self {
            Self::Call => String::new(),
            Self::Sends => " sends".to_owned(),
            Self::Destroys => " destroys".to_owned(),
            Self::Succeeds => " succeeds".to_owned(),
            Self::Fails => " fails".to_owned(),
            Self::Returns(label) => format!(" returns {label}"),
        }
    }

    fn tag(self) -> Option<&'static str> {
        match self {
            Self::Call => None,
            Self::Sends => Some("sends"),
            Self::Destroys => Some("destroys"),
            Self::Succeeds => Some("succeeds"),
            Self::Fails => Some("fails"),
            Self::Returns(_) => Some("returns"),
        }
    }

    fn wanted(self) -> Wanted {
        match self {
            Self::Call | Self::Sends | Self::Destroys => Wanted::Any,
            Self::Succeeds => Wanted::Ok,
            Self::Fails => Wanted::Failed,
            Self::Returns(label) => Wanted::Label(label),
        }
    }
}

impl Writer {
    /// A pattern; `by` only where a rule's key is not the session, which has one persona.
    pub(super) fn pattern(&mut self, place: Place, by: bool) -> Pattern {
        let draft = self.draft(place);
        self.tag_draft(&draft, place);
        let Draft { target, subjects, mode, outcome, bound } = draft;
        let events = subjects.iter().any(|subject| self.world.subjects[*subject].event());
        let shared = self.world.shared_fields(&subjects);
        let declared = self.world.shared_results(&subjects).filter(|_| outcome.result()).unwrap_or_default();
        let (arguments, literals) = self.arguments(&shared, &bound);
        let (with, results) = self.with(&declared, &bound);
        let persona = (by && !events && self.dice.chance(30)).then(|| *self.dice.pick(&self.world.personas));
        let mut scope = Scope { context: !events, moment: true, ..Scope::of(&shared) };
        for (field, _) in &literals {
            // A literal argument says that its field is there.
            scope.present(if *field == "rec" { &["rec", "rec.a"] } else { std::slice::from_ref(field) });
        }
        scope.add_result(&declared, &results);
        let mut parts = vec![match mode {
            Mode::Plain => nothing(),
            Mode::Approved => maybe(word("approved ")),
            Mode::Denied => word("denied "),
        }];
        parts.extend([target, arguments, word(outcome.text()), with]);
        if let Some(persona) = persona {
            self.tag("by");
            parts.push(maybe(word(format!(" by {persona}"))));
        }
        if self.dice.chance(if events { 45 } else { 24 }) && !scope.is_empty() {
            parts.push(self.event_condition(&scope, outcome.result()));
        }
        let wanted = if mode == Mode::Denied { Wanted::Denied } else { outcome.wanted() };
        Pattern { tree: seq(parts), step: Step { subjects, outcome: wanted, literals, results, bound, persona, again: false } }
    }

    fn event_condition(&mut self, scope: &Scope, of_result: bool) -> Tree {
        self.tag("event when");
        let depth = self.dice.below(2);
        let condition = self.condition(scope, depth);
        if of_result && condition.text().contains("result.") {
            self.tag("result.FIELD");
        }
        maybe(seq(vec![word(" when ("), condition, word(")")]))
    }

    /// Target, mode and outcome, so that the rule's variables find a place where they should stand.
    fn draft(&mut self, place: Place) -> Draft {
        let binds = !self.variables_of_rule.is_empty() && self.dice.chance(place.binds());
        let tries = if binds { 10 } else { 0 };
        for _ in 0..tries {
            let mut draft = self.unbound(place);
            if let Some(bound) = self.bind(&draft.subjects, draft.outcome.result() && place != Place::Limit) {
                draft.bound = bound;
                self.bound += 1;
                return draft;
            }
        }
        self.unbound(place)
    }

    fn unbound(&mut self, place: Place) -> Draft {
        let calls = !place.takes_events() || self.dice.chance(80);
        let (mut target, mut subjects) = self.target(calls);
        let events = subjects.iter().any(|subject| self.world.subjects[*subject].event());
        let mode = if events { Mode::Plain } else { self.mode(place) };
        if mode == Mode::Denied && self.dice.chance(35) {
            (target, subjects) = (word("any"), (0..self.world.tools).collect());
        }
        let results = !matches!(place, Place::Call) && mode != Mode::Denied;
        let outcome = if events { Outcome::Call } else { self.outcome(results) };
        Draft { target, subjects, mode, outcome, bound: Vec::new() }
    }

    fn tag_draft(&mut self, draft: &Draft, place: Place) {
        match draft.mode {
            Mode::Plain => {}
            Mode::Approved => self.tag("approved"),
            Mode::Denied if draft.target.text() == "any" => self.tag("denied any"),
            Mode::Denied => self.tag("denied"),
        }
        if let Some(tag) = draft.outcome.tag() {
            self.tag(tag);
        }
        if draft.outcome.result() {
            match place {
                Place::Limit => self.tag("limit on results"),
                Place::Protocol => self.tag("result in a protocol"),
                _ => {}
            }
        }
        if draft.mode == Mode::Denied && place == Place::Limit {
            self.tag("limit on attempts");
        }
        self.tag_target(draft, place);
        if !self.variables_of_rule.is_empty() && draft.bound.is_empty() {
            self.tag(place.value_free());
        }
        self.tag_bound(&draft.bound, draft.subjects.iter().any(|subject| self.world.subjects[*subject].event()));
    }

    fn tag_target(&mut self, draft: &Draft, place: Place) {
        let event = |subject: &usize| self.world.subjects[*subject].event();
        let (some, all) = (draft.subjects.iter().any(event), draft.subjects.iter().all(event));
        let text = draft.target.text();
        if some {
            self.tag(if all { "host event" } else { "mixed target list" });
            if place == Place::Protocol {
                self.tag("host event in a protocol");
            }
        } else if text == "any" {
            self.tag("any");
        } else if text.starts_with('(') {
            self.tag("target list");
        } else if !text.contains('.') {
            self.tag("group in a pattern");
        } else if draft.subjects.iter().any(|subject| self.world.subjects[*subject].origin == super::world::Origin::Pseudo) {
            self.tag("pseudo-tool");
        }
    }

    fn mode(&mut self, place: Place) -> Mode {
        let denied = if matches!(place, Place::Step | Place::Limit) { 15 } else { 0 };
        [Mode::Plain, Mode::Approved, Mode::Denied][self.dice.weighted(&[85, 7, denied])]
    }

    fn target(&mut self, calls: bool) -> (Tree, Vec<usize>) {
        let tools = self.world.tools;
        let subject = if calls { self.dice.below(tools) } else { self.dice.between(tools, self.world.subjects.len() - 1) };
        let single = |writer: &Self, subject: usize| word(writer.world.subjects[subject].name.clone());
        match self.dice.weighted(&[58, 14, 12, 10]) {
            1 if calls && !self.world.groups.is_empty() => {
                let group = self.dice.pick(&self.world.groups);
                (word(group.name.clone()), group.tools.clone())
            }
            2 => {
                let all: Vec<usize> = (0..if calls { tools } else { self.world.subjects.len() }).collect();
                let mut chosen = self.dice.some(&all, 2);
                if !calls && !chosen.contains(&subject) {
                    chosen.push(subject);
                }
                let names = chosen.iter().map(|one| single(self, *one)).collect();
                (seq(vec![word("("), list(", ", 2, names), word(")")]), chosen)
            }
            3 if calls => (word("any"), (0..tools).collect()),
            _ => (single(self, subject), vec![subject]),
        }
    }

    fn arguments(&mut self, shared: &[Field], bound: &[Bound]) -> (Tree, Vec<(&'static str, String)>) {
        let mut written: Vec<Tree> = bound.iter().filter(|bound| !bound.result).map(|bound| word(bound.text())).collect();
        let free: Vec<&Field> = shared.iter().filter(|field| bound.iter().all(|bound| bound.field != field.name)).collect();
        let chosen = (!free.is_empty() && self.dice.chance(20)).then(|| *self.dice.pick(&free));
        let literal = chosen.and_then(|field| self.literal_field(field));
        let mut literals = Vec::new();
        if let Some((field, source, json)) = literal {
            self.tag("literal argument");
            let text = word(source);
            if written.is_empty() {
                return (maybe(seq(vec![word("("), text, word(")")])), vec![(field, json)]);
            }
            written.insert(self.dice.below(written.len() + 1), text);
            literals.push((field, json));
        }
        (if written.is_empty() { nothing() } else { parenthesised(written) }, literals)
    }

    /// `field: literal`, with the field and the value in JSON.
    fn literal_field(&mut self, field: &Field) -> Option<(&'static str, String, String)> {
        if field.kind == Kind::Record {
            return Some((field.name, "rec.a: 3".to_owned(), "{\"a\":3}".to_owned()));
        }
        let (source, json) = values::literal(&mut self.dice, field.kind)?;
        if field.kind == Kind::Int && self.dice.chance(20) {
            self.tag("const");
            return Some((field.name, format!("{}: EDGE", field.name), "10".to_owned()));
        }
        Some((field.name, format!("{}: {source}", field.name), json))
    }

    /// `with (…)`: the variables that the result gives, and sometimes a literal.
    fn with(&mut self, declared: &[Field], bound: &[Bound]) -> (Tree, Vec<(&'static str, String)>) {
        let mut written: Vec<Tree> = bound.iter().filter(|bound| bound.result).map(|bound| word(bound.text())).collect();
        let free: Vec<&Field> = declared.iter().filter(|field| bound.iter().all(|bound| bound.field != field.name)).collect();
        let chosen = (!free.is_empty() && self.dice.chance(40)).then(|| *self.dice.pick(&free));
        let literal = chosen.and_then(|field| self.literal_field(field));
        let mut literals = Vec::new();
        if let Some((field, source, json)) = literal {
            self.tag("with literal");
            written.push(word(source));
            literals.push((field, json));
        }
        if written.is_empty() {
            return (nothing(), literals);
        }
        (seq(vec![word(" with "), parenthesised(written)]), literals)
    }

    fn outcome(&mut self, results: bool) -> Outcome {
        let of_result = if results { 10 } else { 0 };
        let label = *self.dice.pick(&self.world.labels);
        match self.dice.weighted(&[60, 8, 5, of_result + of_result / 2, of_result, of_result]) {
            1 => Outcome::Sends,
            2 => Outcome::Destroys,
            3 => Outcome::Succeeds,
            4 => Outcome::Fails,
            5 => Outcome::Returns(label),
            _ => Outcome::Call,
        }
    }
}

fn parenthesised(items: Vec<Tree>) -> Tree {
    seq(vec![word("("), list(", ", 1, items), word(")")])
}
