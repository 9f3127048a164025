//! Rules over sessions and assertions, as text.
//!
//! In: dice and a world. Out: [`Rule`]s and [`Assertion`]s. Their meaning is left to the engine, which the differential test holds equal to the reference: a rule has
//! a *twin* that only observes, so that the engine says of every call whether the rule triggers there.
//! Source: language sections 5 and 7.

use super::domain::{Domain, World};
use crate::random::Dice;

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Action {
    Deny,
    Ask,
    EndSession,
    Observe,
}

/// What a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Forbid,
    Require,
    Protocol,
    Limit,
}

/// A rule over sessions.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Rule {
    pub kind: Kind,
    pub name: String,
    pub body: String,
    pub action: Action,
    /// The persona in whose block it stands.
    pub scope: Option<usize>,
    /// Whether it has variables.
    pub variables: bool,
    /// Whether it counts the whole session.
    pub per_session: bool,
    /// The prerequisites of a `require` without variables, each with its reset.
    pub prerequisites: Vec<String>,
}

/// What an assertion says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Said {
    Never { without_approval: bool },
    Always,
    Can(usize),
}

/// An assertion.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Assertion {
    pub name: String,
    pub said: Said,
    pub body: String,
    /// What has to happen before its last step, where that is easily said.
    pub trigger: Option<String>,
    /// Of whom it speaks; of all where nobody is named.
    pub of: Option<usize>,
}

/// Both, and the times that matter to them.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Rules {
    pub rules: Vec<Rule>,
    pub assertions: Vec<Assertion>,
    /// Milliseconds of the windows.
    pub windows: Vec<i64>,
    /// Whether a rule hears refused attempts.
    pub hears_attempts: bool,
}

impl Rule {
    /// The rule, under a name and with an action.
    #[must_use]
    pub fn text(&self, name: &str, action: Action) -> String {
        let action = match action {
            Action::Deny => "",
            Action::Ask => " => ask",
            Action::EndSession => " => end session",
            Action::Observe => " => observe",
        };
        let body = &self.body;
        match self.kind {
            Kind::Forbid => format!("forbid {name} {{ {body} }}{action}\n"),
            Kind::Require => format!("require {name} {{ {body} }}{action}\n"),
            Kind::Protocol => format!("protocol {name} {{ {body} }}{action}\n"),
            Kind::Limit => format!("limit {name}: {body}{action}\n"),
        }
    }
}

impl Assertion {
    /// The assertion as it is written.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { name, body, .. } = self;
        let of = self.of.map_or(String::new(), |persona| format!(" for p{persona}"));
        match self.said {
            Said::Never { without_approval } => {
                let without = if without_approval { " without approval" } else { "" };
                format!("assert {name} never {{ {body} }}{of}{without}\n")
            }
            Said::Always => format!("assert {name} always {{ {body} }}{of}\n"),
            Said::Can(persona) => format!("assert {name} can p{persona} {{ {body} }}\n"),
        }
    }

    /// Rules that only observe and tell at every call whether it has come to what the assertion speaks of, and whether it has come to its last step.
    #[must_use]
    pub fn twins(&self) -> String {
        let Self { name, body, .. } = self;
        let own = match self.said {
            Said::Always => format!("require z{name} {{ {body} }} => observe\n"),
            Said::Never { .. } | Said::Can(_) => format!("forbid z{name} {{ ({body}) then any }} => observe\n"),
        };
        let trigger = self.trigger.as_ref().map(|trigger| format!("forbid y{name} {{ ({trigger}) then any }} => observe\n"));
        own + &trigger.unwrap_or_default()
    }
}

/// Writes rules.
pub struct Author<'w> {
    dice: Dice,
    world: &'w World,
    out: Rules,
    /// The windows that may be used.
    windows: Vec<(&'static str, i64)>,
}

/// Where a pattern stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A step that may be a result or an event.
    Step,
    /// The step that a rule judges.
    Last,
    /// Something that has to have succeeded.
    Guard,
}

/// A sequence, and all of it but its last step.
struct Sequence {
    text: String,
    trigger: Option<String>,
}

impl<'w> Author<'w> {
    /// Writes some rules and assertions for so many personas.
    #[must_use]
    pub fn write(dice: Dice, world: &'w World, personas: usize) -> Rules {
        let mut author = Self { dice, world, out: Rules::default(), windows: Vec::new() };
        if author.dice.chance(35) {
            author.windows.push(("10s", 10_000));
            if author.dice.chance(20) {
                author.windows.push(("25s", 25_000));
            }
        }
        for index in 0..author.dice.weighted(&[15, 30, 30, 25]) {
            let rule = author.rule(index, personas);
            author.out.rules.push(rule);
        }
        for index in 0..author.dice.between(1, 3) {
            let assertion = author.assertion(index, personas);
            author.out.assertions.push(assertion);
        }
        author.out
    }

    fn rule(&mut self, index: usize, personas: usize) -> Rule {
        let kind = [Kind::Forbid, Kind::Require, Kind::Limit, Kind::Protocol][self.dice.weighted(&[45, 25, 18, 12])];
        let keyed = kind != Kind::Protocol && self.dice.chance(25) && self.world.keyed().len() > 1;
        let mut prerequisites = Vec::new();
        let mut per_session = false;
        let body = match kind {
            Kind::Forbid => self.sequence(keyed, true).text,
            Kind::Require => self.requirement(keyed, &mut prerequisites),
            Kind::Limit => self.limit(keyed, &mut per_session),
            Kind::Protocol => self.protocol(),
        };
        let action = [Action::Deny, Action::Ask, Action::EndSession, Action::Observe][self.dice.weighted(&[76, 9, 9, 6])];
        let scope = self.dice.chance(25).then(|| self.dice.below(personas));
        Rule { kind, name: format!("r{index}"), body, action, scope, variables: keyed, per_session, prerequisites }
    }

    fn assertion(&mut self, index: usize, personas: usize) -> Assertion {
        let keyed = self.dice.chance(15) && self.world.keyed().len() > 1;
        let mut of = self.dice.chance(40).then(|| self.dice.below(personas));
        let name = format!("a{index}");
        match self.dice.weighted(&[50, 20, 30]) {
            0 => {
                let Sequence { text, trigger } = self.sequence(keyed, false);
                let said = Said::Never { without_approval: self.dice.chance(15) };
                Assertion { name, said, body: text, trigger: trigger.filter(|_| !keyed), of }
            }
            1 => {
                let (body, target) = self.requirement_of(keyed, &mut Vec::new());
                Assertion { name, said: Said::Always, body, trigger: Some(target).filter(|_| !keyed), of }
            }
            _ => {
                let body = self.sequence(keyed, false).text;
                let persona = of.take().unwrap_or_else(|| self.dice.below(personas));
                Assertion { name, said: Said::Can(persona), body, trigger: None, of }
            }
        }
    }

    /// A sequence, which ends in a call where it `judges`.
    fn sequence(&mut self, keyed: bool, judges: bool) -> Sequence {
        let last = if judges || self.dice.chance(70) { Place::Last } else { Place::Step };
        match self.dice.weighted(&[8, 50, 10, 10, 8, 8, 6]) {
            0 if !keyed => Sequence { text: self.pattern(false, last), trigger: None },
            2 if !keyed => {
                let (count, then) = (self.dice.between(2, 3), self.dice.chance(50));
                let event = self.pattern(false, if then { Place::Step } else { last });
                let after = if then { format!(" then {}", self.pattern(false, last)) } else { String::new() };
                Sequence { text: format!("{count} times {event}{after}"), trigger: then.then(|| format!("{count} times {event}")) }
            }
            3 => {
                let word = if self.dice.chance(50) { "and" } else { "or" };
                let (a, b) = (self.pattern(keyed, Place::Step), self.pattern(keyed, Place::Step));
                let end = self.pattern(keyed, last);
                Sequence { text: format!("({a} {word} {b}) then {end}"), trigger: Some(format!("({a} {word} {b})")) }
            }
            4 => {
                let word = if self.dice.chance(50) { "and" } else { "or" };
                let begin = self.pattern(keyed, Place::Step);
                let (a, b) = (self.pattern(keyed, last), self.pattern(keyed, last));
                Sequence { text: format!("{begin} then ({a} {word} {b})"), trigger: None }
            }
            5 => {
                let guard = self.pattern(keyed, Place::Guard);
                let end = self.pattern(keyed, last);
                Sequence { text: format!("start then[unless {guard}] {end}"), trigger: None }
            }
            6 if !self.windows.is_empty() => {
                let window = self.window();
                let (a, b) = (self.pattern(keyed, Place::Step), self.pattern(keyed, last));
                Sequence { text: format!("within {window} ({a} then {b})"), trigger: None }
            }
            _ => self.chain(keyed, last),
        }
    }

    fn chain(&mut self, keyed: bool, last: Place) -> Sequence {
        let steps = self.dice.weighted(&[0, 0, 72, 28]);
        let mut text = self.pattern(keyed, Place::Step);
        let mut trigger = None;
        for step in 1..steps {
            trigger = Some(text.clone());
            let gap = self.gap(keyed);
            let place = if step + 1 == steps { last } else { Place::Step };
            text = format!("{text} then{gap} {}", self.pattern(keyed, place));
        }
        Sequence { text, trigger }
    }

    fn gap(&mut self, keyed: bool) -> String {
        let mut clauses = Vec::new();
        if self.dice.chance(22) {
            let keyed = keyed && self.dice.chance(70);
            let guard = self.pattern(keyed, Place::Guard);
            clauses.push(format!("unless {guard}"));
        }
        if !self.windows.is_empty() && self.dice.chance(45) {
            clauses.push(format!("within {}", self.window()));
        }
        if self.dice.chance(8) {
            clauses.push("next".to_owned());
        }
        if clauses.is_empty() { String::new() } else { format!("[{}]", clauses.join(", ")) }
    }

    fn window(&mut self) -> &'static str {
        let (text, ms) = *self.dice.pick(&self.windows);
        if !self.out.windows.contains(&ms) {
            self.out.windows.push(ms);
        }
        text
    }

    fn requirement(&mut self, keyed: bool, prerequisites: &mut Vec<String>) -> String {
        self.requirement_of(keyed, prerequisites).0
    }

    /// The body of a requirement, and what it guards.
    fn requirement_of(&mut self, keyed: bool, prerequisites: &mut Vec<String>) -> (String, String) {
        let events: Vec<String> = (0..self.dice.weighted(&[0, 82, 18])).map(|_| self.pattern(keyed, Place::Guard)).collect();
        let target = self.pattern(keyed, Place::Last);
        let within = if !self.windows.is_empty() && self.dice.chance(50) { format!(" within {}", self.window()) } else { String::new() };
        let reset = if self.dice.chance(25) { format!(" reset by {}", self.pattern(keyed, Place::Step)) } else { String::new() };
        if !keyed {
            prerequisites.extend(events.iter().map(|event| format!("{event} before any{reset}")));
        }
        (format!("{} before {target}{within}{reset}", events.join(" and ")), target)
    }

    fn limit(&mut self, keyed: bool, per_session: &mut bool) -> String {
        *per_session = self.windows.is_empty() || self.dice.chance(50);
        let period = if *per_session { "session" } else { self.window() };
        let count = self.dice.between(1, 2);
        let place = self.dice.pick(&self.world.keyed().into_iter().chain([0]).collect::<Vec<_>>()).to_owned();
        let tool = &self.world.tools[place];
        let key = tool.key().map_or_else(String::new, |arg| arg.name.clone());
        let counts = |dice: &mut Dice| dice.chance(50) && tool.key().is_some_and(|arg| !arg.optional);
        if keyed && counts(&mut self.dice) {
            return format!("{count} distinct({key}) of {} per {period}", tool.name);
        }
        if self.dice.chance(10) {
            return format!("{count} identical {} per {period}", tool.name);
        }
        if matches!(self.world.key, Domain::Int(_)) && counts(&mut self.dice) {
            return format!("sum({key}) of {} to {} per {period}", tool.name, self.dice.between(1, 4));
        }
        let place = if self.dice.chance(75) { Place::Last } else { Place::Step };
        let event = self.pattern(keyed, place);
        let event = if self.world.events.iter().any(|name| event.contains(name.as_str())) { tool.name.clone() } else { event };
        format!("{count} {event} per {period}")
    }

    fn protocol(&mut self) -> String {
        let items: Vec<String> = (0..self.dice.between(1, 3)).map(|_| self.item()).collect();
        items.join(" then ")
    }

    fn item(&mut self) -> String {
        let place = if self.dice.chance(80) { Place::Last } else { Place::Step };
        let event = self.pattern(false, place);
        match self.dice.weighted(&[55, 12, 10, 12, 11]) {
            0 => event,
            1 => format!("many ({event})"),
            2 => format!("some ({event})"),
            3 => format!("maybe ({event})"),
            _ => format!("({event} or {})", self.pattern(false, Place::Last)),
        }
    }

    fn pattern(&mut self, keyed: bool, place: Place) -> String {
        if keyed {
            return self.keyed(place);
        }
        if place != Place::Last && !self.world.events.is_empty() && self.dice.chance(12) {
            return self.dice.pick(&self.world.events).clone();
        }
        let tool = self.dice.below(self.world.tools.len());
        let name = self.world.tools[tool].name.clone();
        let target = match self.dice.weighted(&[78, 12, 10]) {
            0 => name + &self.literal(tool),
            1 => "any".to_owned(),
            _ => format!("({name}, {})", self.world.tools[(tool + 1) % self.world.tools.len()].name),
        };
        self.outcome(target, place)
    }

    fn keyed(&mut self, place: Place) -> String {
        let tool = *self.dice.pick(&self.world.keyed());
        let tool = &self.world.tools[tool];
        let target = format!("{}({}: ?v)", tool.name, tool.key().map_or("", |arg| arg.name.as_str()));
        self.outcome(target, place)
    }

    fn outcome(&mut self, target: String, place: Place) -> String {
        let labels = if self.world.labels.is_empty() { 0 } else { 8 };
        match (place, self.dice.weighted(&[70, 8, 6, labels, 5])) {
            (Place::Step | Place::Guard, 1) => format!("{target} succeeds"),
            (Place::Step, 2) => format!("{target} fails"),
            (Place::Step | Place::Guard, 3) => format!("{target} returns {}", self.dice.pick(&self.world.labels).clone()),
            (Place::Step, 4) => format!("approved {target}"),
            _ => target,
        }
    }

    fn literal(&mut self, tool: usize) -> String {
        let args = &self.world.tools[tool].args;
        if args.is_empty() || !self.dice.chance(35) {
            return String::new();
        }
        let arg = self.dice.pick(args);
        format!("({}: {})", arg.name, arg.domain.value(self.dice.below(arg.domain.size())))
    }
}
