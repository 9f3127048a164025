//! Random rules: sequences and requirements over a small policy, written in the language.
//!
//! In: dice. Out: a [`Rule`], which is printed as policy text. Invariants: what is made obeys the language's rules of place (`start` is no last step, the
//! last step is a call, a gap clause meets no `and`), so the compiler should take nearly all of it.
//! Left out: windows where the oracle knows no time.
//! Source: `lang-spec/sequences.md`.

use crate::random::Dice;

/// Tools of the policy, by name.
pub const TOOLS: [&str; 4] = ["a", "b", "c", "d"];
/// Its host events.
pub const EVENTS: [&str; 2] = ["e", "f"];
/// Its labels, in their order.
pub const LABELS: [&str; 2] = ["outsider", "pii"];
/// Its personas.
pub const PERSONAS: [&str; 2] = ["p", "q"];

/// The policy that a rule is put into.
pub const HEAD: &str = "language 1
label outsider untrusted
label pii sensitive
event e(n: int)
event f(n: int)
tool a(n: int)
tool b(n: int)
tool c(n: int)
tool d(n: int)
effect a, b, c, d returns outsider, pii
persona p { otherwise ask }
persona q { otherwise ask }
";

/// Which rules are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Everything that is compiled, requirements included.
    All,
    /// Sequences without windows and without results in `unless`, where what is joined by `and` is single events.
    Regular,
    /// Protocols of which no condition on a result or host event can fail.
    Protocols,
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Last in a sequence, or what a requirement guards.
    Last,
    /// A step of a sequence.
    Step,
    Protocol,
    /// A prerequisite, a reset, an `unless`.
    Elsewhere,
}

/// What an event pattern speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One tool or several.
    Tools(Vec<usize>),
    /// Every tool.
    Any,
    /// A host event.
    Host(usize),
}

/// The outcome that a pattern names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Outcome {
    None,
    Succeeds,
    Fails,
    Returns(usize),
}

/// An event pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Event {
    pub target: Target,
    pub approved: bool,
    /// A refused attempt.
    pub denied: bool,
    pub outcome: Outcome,
    pub by: Option<usize>,
    /// `when (n == …)`
    pub when: Option<u32>,
}

/// A gap's clauses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Gap {
    pub next: bool,
    pub unless: Vec<Event>,
    pub within_s: Option<usize>,
}

/// A sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Sequence {
    Start,
    Event(Event),
    Then(Box<Sequence>, Gap, Box<Sequence>),
    Or(Vec<Sequence>),
    And(Vec<Sequence>),
    Times(usize, Box<Sequence>),
}

/// A rule over histories.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Rule {
    Forbid(Sequence),
    Require { first: Vec<Event>, target: Event, within_s: Option<usize>, reset: Option<Event> },
    Protocol(Expression),
}

/// A regular expression over events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Expression {
    Event(Event),
    Then(Vec<Expression>),
    Or(Vec<Expression>),
    Many(Box<Expression>),
    Some(Box<Expression>),
    Maybe(Box<Expression>),
}

impl Rule {
    /// A policy of this rule.
    #[must_use]
    pub fn policy(&self) -> String {
        format!("{HEAD}{}\n", self.text())
    }

    /// The rule.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Forbid(sequence) => format!("forbid r{} {{ {} }} => observe", per(sequence.names_a_persona()), sequence.text()),
            Self::Protocol(expression) => {
                let named = expression.events().iter().any(|event| event.by.is_some());
                format!("protocol r{} {{ {} }} => observe", per(named), expression.text())
            }
            Self::Require { first, target, within_s, reset } => {
                let named = first.iter().chain([target]).chain(reset).any(|event| event.by.is_some());
                let first: Vec<String> = first.iter().map(Event::text).collect();
                let within = within_s.map_or(String::new(), |seconds| format!(" within {seconds}s"));
                let reset = reset.as_ref().map_or(String::new(), |event| format!(" reset by {}", event.text()));
                let per = per(named);
                format!("require r{per} {{ {} before {}{within}{reset} }} => observe", first.join(" and "), target.text())
            }
        }
    }
}

/// `by` needs a history that several personas share.
fn per(persona: bool) -> &'static str {
    if persona { " per principal" } else { "" }
}

impl Event {
    /// A plain pattern of tools.
    #[must_use]
    pub fn of(tools: &[usize]) -> Self {
        Self { target: Target::Tools(tools.to_vec()), approved: false, denied: false, outcome: Outcome::None, by: None, when: None }
    }

    fn text(&self) -> String {
        let target = match &self.target {
            Target::Any => "any".to_owned(),
            Target::Host(event) => EVENTS[*event].to_owned(),
            Target::Tools(tools) => match tools.as_slice() {
                [one] => TOOLS[*one].to_owned(),
                several => format!("({})", several.iter().map(|tool| TOOLS[*tool]).collect::<Vec<_>>().join(", ")),
            },
        };
        let outcome = match self.outcome {
            Outcome::None => String::new(),
            Outcome::Succeeds => " succeeds".to_owned(),
            Outcome::Fails => " fails".to_owned(),
            Outcome::Returns(label) => format!(" returns {}", LABELS[label]),
        };
        let by = self.by.map_or(String::new(), |persona| format!(" by {}", PERSONAS[persona]));
        let when = self.when.map_or(String::new(), |value| format!(" when (n == {value})"));
        let mode = match (self.approved, self.denied) {
            (true, _) => "approved ",
            (_, true) => "denied ",
            _ => "",
        };
        format!("{mode}{target}{outcome}{by}{when}")
    }
}

impl Expression {
    /// Its events.
    #[must_use]
    pub fn events(&self) -> Vec<&Event> {
        match self {
            Self::Event(event) => vec![event],
            Self::Then(parts) | Self::Or(parts) => parts.iter().flat_map(Self::events).collect(),
            Self::Many(part) | Self::Some(part) | Self::Maybe(part) => part.events(),
        }
    }

    fn text(&self) -> String {
        let list = |parts: &[Self], word: &str| parts.iter().map(Self::grouped).collect::<Vec<_>>().join(word);
        match self {
            Self::Event(event) => event.text(),
            Self::Then(parts) => list(parts, " then "),
            Self::Or(parts) => list(parts, " or "),
            Self::Many(part) => format!("many ({})", part.text()),
            Self::Some(part) => format!("some ({})", part.text()),
            Self::Maybe(part) => format!("maybe ({})", part.text()),
        }
    }

    fn grouped(&self) -> String {
        if matches!(self, Self::Then(_) | Self::Or(_)) { format!("({})", self.text()) } else { self.text() }
    }
}

impl Sequence {
    /// Whether it speaks of refused attempts.
    #[must_use]
    pub fn has_attempts(&self) -> bool {
        match self {
            Self::Start => false,
            Self::Event(event) => event.denied,
            Self::Then(first, _, then) => first.has_attempts() || then.has_attempts(),
            Self::Or(parts) | Self::And(parts) => parts.iter().any(Self::has_attempts),
            Self::Times(_, of) => of.has_attempts(),
        }
    }

    fn text(&self) -> String {
        let list = |parts: &[Self], word: &str| parts.iter().map(Self::grouped).collect::<Vec<_>>().join(word);
        match self {
            Self::Start => "start".to_owned(),
            Self::Event(event) => event.text(),
            Self::Or(parts) => list(parts, " or "),
            Self::And(parts) => list(parts, " and "),
            Self::Times(count, of) => format!("{count} times {}", of.grouped()),
            Self::Then(first, gap, then) => {
                // A chain associates to the left, so its own left side needs no parentheses.
                let first = if matches!(**first, Self::Then(..)) { first.text() } else { first.grouped() };
                format!("{first} then{} {}", gap.text(), then.grouped())
            }
        }
    }

    fn grouped(&self) -> String {
        match self {
            Self::Start | Self::Event(_) => self.text(),
            _ => format!("({})", self.text()),
        }
    }

    fn has_and(&self) -> bool {
        match self {
            Self::Start | Self::Event(_) => false,
            Self::And(_) => true,
            Self::Or(parts) => parts.iter().any(Self::has_and),
            Self::Times(_, of) => of.has_and(),
            Self::Then(first, _, then) => first.has_and() || then.has_and(),
        }
    }
}

impl Sequence {
    fn names_a_persona(&self) -> bool {
        match self {
            Self::Start => false,
            Self::Event(event) => event.by.is_some(),
            Self::Or(parts) | Self::And(parts) => parts.iter().any(Self::names_a_persona),
            Self::Times(_, of) => of.names_a_persona(),
            Self::Then(first, gap, then) => {
                gap.unless.iter().any(|event| event.by.is_some()) || first.names_a_persona() || then.names_a_persona()
            }
        }
    }
}

impl Gap {
    fn text(&self) -> String {
        let mut clauses: Vec<String> = self.within_s.iter().map(|seconds| format!("within {seconds}s")).collect();
        clauses.extend(self.unless.iter().map(|event| format!("unless {}", event.text())));
        clauses.extend(self.next.then(|| "next".to_owned()));
        if clauses.is_empty() { String::new() } else { format!("[{}]", clauses.join(", ")) }
    }
}

/// Makes rules.
#[derive(Clone, Debug)]
pub struct Maker {
    dice: Dice,
    wanted: Wanted,
}

impl Maker {
    /// The rules of a seed.
    #[must_use]
    pub fn new(seed: u64, wanted: Wanted) -> Self {
        Self { dice: Dice::new(seed), wanted }
    }

    /// The next rule.
    pub fn rule(&mut self) -> Rule {
        if self.wanted == Wanted::Protocols || (self.wanted == Wanted::All && self.dice.chance(22)) {
            let steps = self.dice.between(1, 5);
            return Rule::Protocol(self.expression(steps));
        }
        if self.wanted == Wanted::All && self.dice.chance(30) {
            return self.requirement();
        }
        let steps = self.dice.between(1, 5);
        Rule::Forbid(self.sequence(steps, true))
    }

    /// A protocol of about so many events.
    fn expression(&mut self, steps: usize) -> Expression {
        if steps <= 1 {
            return Expression::Event(self.event_of(Place::Protocol));
        }
        let first = self.dice.between(1, steps - 1);
        match self.dice.weighted(&[45, 19, 12, 12, 12]) {
            0 => Expression::Then(vec![self.expression(first), self.expression(steps - first)]),
            1 => Expression::Or(vec![self.expression(first), self.expression(steps - first)]),
            2 => Expression::Many(Box::new(self.expression(steps - 1))),
            3 => Expression::Some(Box::new(self.expression(steps - 1))),
            _ => Expression::Maybe(Box::new(self.expression(steps - 1))),
        }
    }

    fn requirement(&mut self) -> Rule {
        let first = (0..self.dice.between(1, 2)).map(|_| self.event_of(Place::Elsewhere)).collect();
        let reset = self.dice.chance(60).then(|| self.event_of(Place::Elsewhere));
        let within_s = self.dice.chance(15).then(|| self.dice.between(1, 3));
        Rule::Require { first, target: self.event_of(Place::Last), within_s, reset }
    }

    /// About so many events; `last` if nothing follows it.
    fn sequence(&mut self, steps: usize, last: bool) -> Sequence {
        if steps <= 1 {
            return Sequence::Event(self.event(last));
        }
        match self.dice.weighted(&[50, 18, 18, 14]) {
            0 => self.chain(steps, last),
            1 => Sequence::Or(self.parts(steps, last)),
            2 if self.wanted == Wanted::Regular => Sequence::And((0..steps.min(3)).map(|_| Sequence::Event(self.event(last))).collect()),
            2 => Sequence::And(self.parts(steps.min(4), last)),
            _ => {
                let count = self.dice.between(2, 4);
                Sequence::Times(count, Box::new(self.sequence((steps / count).max(1), last)))
            }
        }
    }

    fn parts(&mut self, steps: usize, last: bool) -> Vec<Sequence> {
        let first = self.dice.between(1, steps - 1);
        vec![self.sequence(first, last), self.sequence(steps - first, last)]
    }

    fn chain(&mut self, steps: usize, last: bool) -> Sequence {
        let first = self.dice.between(1, steps - 1);
        let before = if self.dice.chance(12) { Sequence::Start } else { self.sequence(first, false) };
        let then = self.sequence(steps - first, last);
        let gap = if before.has_and() || then.has_and() { Gap::default() } else { self.gap() };
        Sequence::Then(Box::new(before), gap, Box::new(then))
    }

    fn gap(&mut self) -> Gap {
        let mut gap = Gap { next: self.dice.chance(18), ..Gap::default() };
        while self.dice.chance(30) && gap.unless.len() < 2 {
            let results = self.wanted == Wanted::All && self.dice.chance(50);
            let event = if results { self.event_of(Place::Elsewhere) } else { self.host() };
            gap.unless.push(event);
        }
        gap.within_s = (self.wanted == Wanted::All && self.dice.chance(12)).then(|| self.dice.between(1, 3));
        gap
    }

    fn host(&mut self) -> Event {
        let when = self.dice.chance(15).then_some(1);
        Event { target: Target::Host(self.dice.below(EVENTS.len())), when, ..Event::of(&[]) }
    }

    /// A step of a sequence; `last` if nothing follows it.
    fn event(&mut self, last: bool) -> Event {
        self.event_of(if last { Place::Last } else { Place::Step })
    }

    fn event_of(&mut self, place: Place) -> Event {
        let call = place == Place::Last;
        if !call && self.dice.chance(15) {
            let event = self.host();
            // In a protocol a condition that cannot be evaluated is no matter of two classes of letters.
            return Event { when: event.when.filter(|_| self.wanted != Wanted::Protocols), ..event };
        }
        let target = match self.dice.weighted(&[70, 18, 12]) {
            0 => Target::Tools(vec![self.dice.below(TOOLS.len())]),
            1 => Target::Tools(self.dice.some(&[0, 1, 2, 3], 2)),
            _ => Target::Any,
        };
        let outcome = if call || self.dice.chance(60) {
            Outcome::None
        } else {
            match self.dice.below(4) {
                0 => Outcome::Succeeds,
                1 => Outcome::Fails,
                _ => Outcome::Returns(self.dice.below(LABELS.len())),
            }
        };
        let denied = place == Place::Step && outcome == Outcome::None && self.dice.chance(14);
        let values = if self.wanted == Wanted::All { 2 } else { 1 };
        let when = self.dice.chance(15).then(|| 1 + u32::try_from(self.dice.below(values)).unwrap_or(0));
        let when = when.filter(|_| self.wanted != Wanted::Protocols || outcome == Outcome::None);
        Event { target, approved: !denied && self.dice.chance(10), denied, outcome, by: self.dice.chance(10).then_some(0), when }
    }
}
