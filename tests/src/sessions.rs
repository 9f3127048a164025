//! Random sessions, guided by the policy that will decide them.
//!
//! In: a policy and dice. Out: 8 to 18 lines of a record: a few sessions that interleave and share principals, agents and tenants. Most lines follow
//! a story of one of the policy's rules; times lie at the edges of the policy's windows.
//! Invariant: every line is one that a record may hold (known labels, host events that fit); calls may be as wrong as they like.

use std::collections::HashMap;

use crate::policy::values;
use crate::policy::world::{Field, Kind, Origin, Subject};
use crate::policy::{Bound, Policy, Shape, Step, Wanted};
use crate::random::Dice;
use crate::trace::{Call, Event, Host, Late, Outcome};

/// Two seconds before a Sunday begins: hours and days turn while a session runs.
const BEGINNING: i64 = 1_795_305_598_000;
const FIRST_HOURS: &[i64] = &[0, 9, 10, 10, 23, 24];
/// What results say.
const CONTENTS: &[Option<&str>] =
    &[None, Some("\"text\""), Some("\"\""), Some("[]"), Some("[{\"type\":\"text\",\"text\":\"x\"}]"), Some("\"abc ann@acme.example\"")];
const HOUR: i64 = 3_600_000;
/// Times at which arithmetic breaks, if it does.
const STRANGE: &[i64] = &[0, -3, i64::MIN, i64::MIN + 5_000, i64::MAX - 20_000];

/// What is fixed for a session.
struct Actor {
    session: String,
    persona: String,
    keys: [Option<String>; 3],
    /// A story and how far it has come.
    story: Option<(usize, usize)>,
    /// Which values the variables of the story stand for.
    values: [usize; 2],
    /// Whether each story has values of its own.
    sweeps: bool,
    /// The last arguments of each tool.
    last: HashMap<usize, String>,
}

struct Recorder<'p> {
    policy: &'p Policy,
    dice: Dice,
    actors: Vec<Actor>,
    now: i64,
    /// The times of the lines so far.
    past: Vec<i64>,
    /// Results that are still to come, by the ids of their calls.
    waiting: Vec<(String, Outcome)>,
    ids: usize,
    events: Vec<Event>,
}

/// One record for the policy.
#[must_use]
pub fn record(policy: &Policy, dice: Dice) -> Vec<Event> {
    let mut recorder = Recorder::new(policy, dice);
    let lines = recorder.dice.between(8, 18);
    while recorder.events.len() < lines {
        recorder.line();
    }
    recorder.events
}

impl<'p> Recorder<'p> {
    fn new(policy: &'p Policy, mut dice: Dice) -> Self {
        let now = if dice.chance(4) { *dice.pick(STRANGE) } else { BEGINNING + dice.pick(FIRST_HOURS) * HOUR };
        let count = dice.weighted(&[0, 55, 35, 10]);
        let actors = (0..count).map(|index| actor(policy, &mut dice, index)).collect();
        Self { policy, dice, actors, now, past: Vec::new(), waiting: Vec::new(), ids: 0, events: Vec::new() }
    }

    fn line(&mut self) {
        if !self.waiting.is_empty() && self.dice.chance(25) {
            return self.late_result();
        }
        let actor = self.dice.below(self.actors.len());
        let step = self.next_step(actor);
        let subject = match step {
            Some(step) => *self.dice.pick(&step.subjects),
            None => self.dice.below(self.policy.world.subjects.len()),
        };
        if self.policy.world.subjects[subject].event() {
            self.host_event(actor, subject, step);
        } else {
            self.call(actor, subject, step);
        }
    }

    /// What the actor's story says next, mostly.
    fn next_step(&mut self, actor: usize) -> Option<&'p Step> {
        let stories = &self.policy.stories;
        if stories.is_empty() || self.dice.chance(14) {
            return None;
        }
        let current = match self.actors[actor].story {
            Some((story, place)) if place < stories[story].len() => (story, place),
            told => self.next_story(actor, told.map(|(story, _)| story)),
        };
        // A call may be refused or come out otherwise than the story wants: sometimes it is told again.
        let told = usize::from(!self.dice.chance(15));
        self.actors[actor].story = Some((current.0, current.1 + told));
        stories[current.0].get(current.1)
    }

    /// Another story, or the same once more: with the same values, or others.
    fn next_story(&mut self, actor: usize, told: Option<usize>) -> (usize, usize) {
        let story = match told {
            Some(story) if self.dice.chance(50) => story,
            _ => self.dice.below(self.policy.stories.len()),
        };
        let one = &mut self.actors[actor];
        if one.sweeps {
            one.values = one.values.map(|value| value + 1);
        } else if self.dice.chance(40) {
            one.values = [self.dice.below(6), self.dice.below(6)];
        }
        (story, 0)
    }

    fn call(&mut self, actor: usize, subject: usize, step: Option<&Step>) {
        let tool = &self.policy.world.subjects[subject];
        let denied = step.is_some_and(|step| step.outcome == Wanted::Denied);
        let args = self.call_arguments(actor, subject, step);
        let context = self.context();
        let approved = [None, Some(true), Some(false)][self.dice.weighted(if denied { &[10, 20, 70] } else { &[20, 70, 10] })];
        let outcome = self.outcome(actor, tool, step);
        let (id, result) = self.result_of(outcome);
        let at = self.moment();
        let Actor { session, keys, .. } = &self.actors[actor];
        let (session, mut keys) = (session.clone(), keys.clone());
        if self.dice.chance(2) {
            let key = self.dice.below(3);
            keys[key] = [None, Some("x".to_owned())][self.dice.below(2)].clone();
        }
        let persona = self.persona(actor, step);
        let unknown = self.dice.chance(if denied { 8 } else { 1 });
        let name = if unknown { (*self.dice.pick(&["fs.nothing", "FS.read", ""])).to_owned() } else { tool.name.clone() };
        self.events.push(Event::Call(Call { id, session, persona, tool: name, args, context, keys, at, approved, result }));
    }

    fn call_arguments(&mut self, actor: usize, subject: usize, step: Option<&Step>) -> String {
        let again = step.is_some_and(|step| step.again) && self.dice.chance(80);
        if let Some(args) = self.actors[actor].last.get(&subject).filter(|_| again) {
            return args.clone();
        }
        let args = self.arguments(actor, &self.policy.world.subjects[subject], step);
        self.actors[actor].last.insert(subject, args.clone());
        args
    }

    fn persona(&mut self, actor: usize, step: Option<&Step>) -> String {
        if self.dice.chance(1) {
            return (*self.dice.pick(&["clerk", "boss", "nobody"])).to_owned();
        }
        let wanted = step.and_then(|step| step.persona);
        let fresh = !self.events.iter().any(|event| matches!(event, Event::Call(call) if call.session == self.actors[actor].session));
        if let (Some(wanted), true) = (wanted, fresh) {
            wanted.clone_into(&mut self.actors[actor].persona);
        }
        self.actors[actor].persona.clone()
    }

    fn arguments(&mut self, actor: usize, subject: &Subject, step: Option<&Step>) -> String {
        let open = subject.origin == Origin::Catalog { open: true };
        let denied = step.is_some_and(|step| step.outcome == Wanted::Denied);
        let often = if denied {
            25
        } else if open {
            9
        } else {
            3
        };
        let spoilt = if !subject.event() && self.dice.chance(often) { self.dice.between(1, 6) } else { 0 };
        let victim = self.dice.below(subject.fields.len());
        let mut members: Vec<String> = Vec::new();
        for (index, field) in subject.fields.iter().enumerate() {
            let here = spoilt > 0 && index == victim;
            if here && spoilt == 1 {
                continue;
            }
            let Some(value) = self.field(actor, field, step, subject.event()) else { continue };
            let value = if here && spoilt == 2 { values::unfitting(&mut self.dice, field.kind) } else { value };
            members.push(format!("\"{}\":{value}", field.name));
            if here && spoilt == 3 {
                members.push(format!("\"{}\":{value}", field.name));
            }
        }
        match spoilt {
            4 => members.push((*self.dice.pick(&["\"extra\":1", "\"extra\":{\"x\":1,\"x\":2}", "\"more\":[{}]"])).to_owned()),
            5 => members.extend(subject.fields.get(victim).map(|field| format!("\"{}\":1", alike(&mut self.dice, field.name)))),
            6 => return (*self.dice.pick(&["null", "[]", "\"x\"", "3"])).to_owned(),
            _ => {}
        }
        if self.dice.chance(30) {
            members.reverse();
        }
        format!("{{{}}}", members.join(","))
    }

    /// The value of an argument, as the step wants it; none where it is left out.
    fn field(&mut self, actor: usize, field: &Field, step: Option<&Step>, event: bool) -> Option<String> {
        let bound = step.and_then(|step| step.bound.iter().find(|bound| !bound.result && bound.field == field.name));
        if let Some(bound) = bound.filter(|_| self.dice.chance(92)) {
            let out = (field.optional || field.nullable) && self.dice.chance(10);
            return if out { field.nullable.then(|| "null".to_owned()) } else { Some(self.bound(actor, field.kind, bound)) };
        }
        let wanted = step.and_then(|step| step.literals.iter().find(|(name, _)| *name == field.name));
        if let Some((_, value)) = wanted.filter(|_| self.dice.chance(85)) {
            return Some(value.clone());
        }
        if field.optional && self.dice.chance(30) {
            return None;
        }
        if field.nullable && self.dice.chance(12) {
            return Some("null".to_owned());
        }
        Some(self.value(field, event))
    }

    fn value(&mut self, field: &Field, safe: bool) -> String {
        if safe && self.dice.chance(25) {
            return values::doubtful(&mut self.dice, field.kind);
        }
        if ["id", "own", "ref", "mine"].contains(&field.name) && self.dice.chance(75) {
            return self.some_identity(field.kind);
        }
        let value = values::fitting(&mut self.dice, field.kind);
        // Typed values of host events have to fit; the pools of those that may be wrong hold only what fits a string.
        if safe || !self.dice.chance(1) { value } else { values::unfitting(&mut self.dice, field.kind) }
    }

    fn some_identity(&mut self, kind: Kind) -> String {
        let pool = values::identities(kind);
        let spellings = *self.dice.pick(pool);
        (*self.dice.pick(spellings)).to_owned()
    }

    /// A value of the story's variable, or now and then of another.
    fn identity(&mut self, actor: usize, leaf: Kind, bound: &Bound) -> String {
        let kind = if leaf == Kind::Choice { leaf } else { bound.kind };
        if self.dice.chance(18) {
            return self.some_identity(kind);
        }
        let pool = values::identities(kind);
        let spellings = pool[self.actors[actor].values[bound.variable.min(1)] % pool.len()];
        (*self.dice.pick(spellings)).to_owned()
    }

    /// A value of a field in which a variable is bound.
    fn bound(&mut self, actor: usize, kind: Kind, bound: &Bound) -> String {
        match bound.shape {
            Shape::Bare => self.identity(actor, kind, bound),
            Shape::Each => {
                let leaf = kind.element().unwrap_or(kind);
                self.elements(|recorder| recorder.identity(actor, leaf, bound))
            }
            Shape::EachPart(part) => self.elements(|recorder| recorder.part(actor, kind, part, bound)),
            Shape::Part(part) => self.part(actor, kind, part, bound),
        }
    }

    fn elements(&mut self, one: impl Fn(&mut Self) -> String) -> String {
        let count = self.dice.weighted(&[8, 44, 32, 16]);
        let items: Vec<String> = (0..count).map(|_| one(self)).collect();
        format!("[{}]", items.join(","))
    }

    /// A record with the value in one part of it.
    fn part(&mut self, actor: usize, kind: Kind, part: &str, bound: &Bound) -> String {
        match kind {
            Kind::Items(id) if part == "id" => {
                let id = self.identity(actor, *id, bound);
                values::item(&mut self.dice, Some(id))
            }
            Kind::Items(_) => format!("{{\"qty\":{}}}", self.identity(actor, Kind::Int, bound)),
            _ if part == "a" => format!("{{\"a\":{}}}", self.identity(actor, Kind::Int, bound)),
            _ if self.dice.chance(15) => "{\"a\":1}".to_owned(),
            _ => format!("{{\"a\":1,\"b\":{}}}", self.identity(actor, Kind::Text, bound)),
        }
    }

    fn context(&mut self) -> Option<String> {
        let fields = self.policy.world.context.clone();
        if fields.is_empty() || self.dice.chance(3) {
            return self.dice.chance(10).then(|| "{}".to_owned());
        }
        let mut members = Vec::new();
        for field in &fields {
            let value = match self.dice.weighted(&[96, 1, 1, 2]) {
                1 => continue,
                2 => values::unfitting(&mut self.dice, field.kind),
                _ => values::fitting(&mut self.dice, field.kind),
            };
            members.push(format!("\"{}\":{value}", field.name));
        }
        if self.dice.chance(5) {
            members.push("\"more\":{\"x\":[]}".to_owned());
        }
        Some(format!("{{{}}}", members.join(",")))
    }

    /// An id where the result comes later, or the result.
    fn result_of(&mut self, outcome: Outcome) -> (Option<String>, Option<Outcome>) {
        match self.dice.weighted(&[58, 26, 16]) {
            0 => (None, Some(outcome)),
            1 => {
                self.ids += 1;
                let id = self.ids.to_string();
                self.waiting.push((id.clone(), outcome));
                (Some(id), None)
            }
            _ => (None, None),
        }
    }

    fn outcome(&mut self, actor: usize, tool: &Subject, step: Option<&Step>) -> Outcome {
        let wanted = step.map_or(Wanted::Any, |step| step.outcome);
        let ok = match wanted {
            Wanted::Ok => self.dice.chance(93),
            Wanted::Failed => self.dice.chance(7),
            Wanted::Any | Wanted::Label(_) | Wanted::Denied => self.dice.chance(82),
        };
        let mut labels = Vec::new();
        match wanted {
            Wanted::Label(label) if self.dice.chance(80) => labels.push(label.to_owned()),
            _ if self.dice.chance(15) => labels.push((*self.dice.pick(&self.policy.world.labels)).to_owned()),
            _ => {}
        }
        let content = *self.dice.pick(CONTENTS);
        let structured = match &tool.results {
            Some(declared) if self.dice.chance(90) => Some(self.structured(actor, declared, step)),
            None if self.dice.chance(8) => Some("{\"code\":3,\"more\":[]}".to_owned()),
            _ => None,
        };
        Outcome { ok, labels, content, structured }
    }

    /// The structured content of a result: now and then a field is missing, null, of another type or there twice.
    fn structured(&mut self, actor: usize, declared: &[Field], step: Option<&Step>) -> String {
        if self.dice.chance(3) {
            return (*self.dice.pick(&["[]", "\"x\"", "3", "null", "{}"])).to_owned();
        }
        let mut members: Vec<String> = Vec::new();
        for field in declared {
            let bound = step.and_then(|step| step.bound.iter().find(|bound| bound.result && bound.field == field.name));
            let literal = step.and_then(|step| step.results.iter().find(|(name, _)| *name == field.name));
            let value = match (bound, literal) {
                (Some(bound), _) if self.dice.chance(92) => self.bound(actor, field.kind, bound),
                (_, Some((_, value))) if self.dice.chance(85) => value.clone(),
                _ => self.value(field, false),
            };
            match self.dice.weighted(&[84, 6, 3, 5, 2]) {
                0 => members.push(format!("\"{}\":{value}", field.name)),
                1 => {}
                2 => members.push(format!("\"{}\":null", field.name)),
                3 => members.push(format!("\"{}\":{}", field.name, values::unfitting(&mut self.dice, field.kind))),
                _ => members.extend([format!("\"{}\":{value}", field.name), format!("\"{}\":{value}", field.name)]),
            }
        }
        if self.dice.chance(6) {
            members.push("\"more\":{\"x\":1,\"x\":[2]}".to_owned());
        }
        format!("{{{}}}", members.join(","))
    }

    fn late_result(&mut self) {
        let place = if self.dice.chance(70) { 0 } else { self.dice.below(self.waiting.len()) };
        let (of, result) = self.waiting.remove(place);
        let at = self.moment();
        self.events.push(Event::Result(Late { of, at, result }));
    }

    fn host_event(&mut self, actor: usize, subject: usize, step: Option<&Step>) {
        let subject = &self.policy.world.subjects[subject];
        let args = self.arguments(actor, subject, step);
        let at = self.moment();
        let Actor { session, keys, .. } = &self.actors[actor];
        let keys = if self.dice.chance(80) { keys.clone() } else { [None, None, None] };
        self.events.push(Event::Host(Host { session: session.clone(), event: subject.name.clone(), args, keys, at }));
    }

    /// The time of the next line: soon, at the edge of a window after some earlier line, a step back, or not said.
    fn moment(&mut self) -> Option<i64> {
        let window = i64::try_from(self.dice.pick(&self.policy.world.windows).0).unwrap_or(0);
        let edge = [-1, 0, 1][self.dice.below(3)];
        let next = match self.dice.weighted(&[40, 34, 6, 10, 3, 7]) {
            0 => self.now.saturating_add(i64::try_from(self.dice.below(400)).unwrap_or(0)),
            1 => {
                let from = if self.past.is_empty() { self.now } else { *self.dice.pick(&self.past) };
                let at = from.saturating_add(window + edge);
                if at >= self.now { at } else { self.now.saturating_add(1) }
            }
            2 => self.now.saturating_add(window / 2),
            3 => self.now,
            4 => return Some(self.now.saturating_sub(*self.dice.pick(&[1, 4_900, 5_000, 5_001, 5_100]))),
            _ => {
                self.now = self.now.saturating_add(1);
                return None;
            }
        };
        self.now = next;
        self.past.push(next);
        Some(next)
    }
}

/// Another key that a careless reader takes for this one.
fn alike(dice: &mut Dice, name: &str) -> String {
    match dice.below(3) {
        0 => name.to_uppercase(),
        1 => name.replace('s', "\u{17f}").replace('k', "\u{212a}"),
        _ => name.replace('s', "S"),
    }
}

fn actor(policy: &Policy, dice: &mut Dice, index: usize) -> Actor {
    let key = |dice: &mut Dice, name: &str| (!dice.chance(3)).then(|| format!("{name}{}", dice.weighted(&[75, 25])));
    let keys = [key(dice, "p"), key(dice, "a"), key(dice, "t")];
    let persona = (*dice.pick(&policy.world.personas)).to_owned();
    Actor {
        session: format!("s{index}"),
        persona,
        keys,
        story: None,
        values: [dice.below(6), dice.below(6)],
        sweeps: dice.chance(30),
        last: HashMap::new(),
    }
}
