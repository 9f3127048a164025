//! Random sessions, guided by the policy that will decide them.
//!
//! In: a policy and dice. Out: 8 to 40 lines of a record: a few sessions that interleave and share principals, agents and tenants. Most lines follow
//! a story of one of the policy's rules; times lie at the edges of the policy's windows.
//! Invariant: every line is one that a record may hold (known labels, host events that fit); calls may be as wrong as they like.

use crate::policy::values;
use crate::policy::world::{Field, Origin, Subject};
use crate::policy::{Policy, Step, Wanted};
use crate::random::Dice;
use crate::trace::{Call, Event, Host, Late, Outcome};

/// Two seconds before a Sunday begins: hours and days turn while a session runs.
const BEGINNING: i64 = 1_795_305_598_000;
const FIRST_HOURS: &[i64] = &[0, 9, 10, 10, 23, 24];
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
}

struct Recorder<'p> {
    policy: &'p Policy,
    dice: Dice,
    actors: Vec<Actor>,
    now: i64,
    /// The times of the lines so far.
    past: Vec<i64>,
    /// Calls whose results are still to come.
    waiting: Vec<(String, Wanted)>,
    ids: usize,
    events: Vec<Event>,
}

/// One record for the policy.
#[must_use]
pub fn record(policy: &Policy, dice: Dice) -> Vec<Event> {
    let mut recorder = Recorder::new(policy, dice);
    let lines = recorder.dice.between(8, 40);
    while recorder.events.len() < lines {
        recorder.line();
    }
    recorder.events
}

impl<'p> Recorder<'p> {
    fn new(policy: &'p Policy, mut dice: Dice) -> Self {
        let now = if dice.chance(4) { *dice.pick(STRANGE) } else { BEGINNING + dice.pick(FIRST_HOURS) * HOUR };
        let count = dice.weighted(&[0, 40, 40, 20]);
        let actors = (0..count).map(|index| actor(policy, &mut dice, index)).collect();
        Self { policy, dice, actors, now, past: Vec::new(), waiting: Vec::new(), ids: 0, events: Vec::new() }
    }

    fn line(&mut self) {
        if !self.waiting.is_empty() && self.dice.chance(22) {
            return self.late_result();
        }
        let actor = self.dice.below(self.actors.len());
        let step = self.next_step(actor);
        let subject = match &step {
            Some(step) => *self.dice.pick(&step.subjects),
            None => self.dice.below(self.policy.world.subjects.len()),
        };
        if self.policy.world.subjects[subject].event() {
            self.host_event(actor, subject, step.as_ref());
        } else {
            self.call(actor, subject, step.as_ref());
        }
    }

    /// What the actor's story says next, mostly.
    fn next_step(&mut self, actor: usize) -> Option<Step> {
        let stories = &self.policy.stories;
        if stories.is_empty() || self.dice.chance(18) {
            return None;
        }
        let current = match self.actors[actor].story {
            Some((story, place)) if place < stories[story].len() => (story, place),
            _ => (self.dice.below(stories.len()), 0),
        };
        // A call may be refused or come out otherwise than the story wants: sometimes it is told again.
        let told = usize::from(!self.dice.chance(15));
        self.actors[actor].story = Some((current.0, current.1 + told));
        stories[current.0].get(current.1).cloned()
    }

    fn call(&mut self, actor: usize, subject: usize, step: Option<&Step>) {
        let tool = self.policy.world.subjects[subject].clone();
        let args = self.arguments(&tool, step);
        let context = self.context();
        let wanted = step.map_or(Wanted::Any, |step| step.outcome);
        let approved = [None, Some(true), Some(false)][self.dice.weighted(&[25, 62, 13])];
        let (id, result) = self.result_of(wanted);
        let at = self.moment();
        let Actor { session, keys, .. } = &self.actors[actor];
        let (session, mut keys) = (session.clone(), keys.clone());
        if self.dice.chance(2) {
            let key = self.dice.below(3);
            keys[key] = [None, Some("x".to_owned())][self.dice.below(2)].clone();
        }
        let persona = self.persona(actor, step);
        let name = if self.dice.chance(1) { (*self.dice.pick(&["fs.nothing", "FS.read", ""])).to_owned() } else { tool.name };
        self.events.push(Event::Call(Call { id, session, persona, tool: name, args, context, keys, at, approved, result }));
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

    fn arguments(&mut self, subject: &Subject, step: Option<&Step>) -> String {
        let literals = step.map_or(&[][..], |step| &step.literals);
        let open = subject.origin == Origin::Catalog { open: true };
        let spoilt = if !subject.event() && self.dice.chance(if open { 9 } else { 3 }) { self.dice.between(1, 6) } else { 0 };
        let victim = self.dice.below(subject.fields.len());
        let mut members: Vec<String> = Vec::new();
        for (index, field) in subject.fields.iter().enumerate() {
            let wanted = literals.iter().find(|(name, _)| *name == field.name).filter(|_| self.dice.chance(85));
            let here = spoilt > 0 && index == victim;
            if field.optional && wanted.is_none() && self.dice.chance(30) || here && spoilt == 1 {
                continue;
            }
            if field.nullable && wanted.is_none() && self.dice.chance(12) {
                members.push(format!("\"{}\":null", field.name));
                continue;
            }
            let value = match wanted {
                _ if here && spoilt == 2 => values::unfitting(&mut self.dice, field.kind),
                Some((_, value)) => value.clone(),
                None => self.value(field, subject.event()),
            };
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

    fn value(&mut self, field: &Field, safe: bool) -> String {
        if safe && self.dice.chance(25) {
            return values::doubtful(&mut self.dice, field.kind);
        }
        let value = values::fitting(&mut self.dice, field.kind);
        // Typed values of host events have to fit; the pools of those that may be wrong hold only what fits a string.
        if safe || !self.dice.chance(1) { value } else { values::unfitting(&mut self.dice, field.kind) }
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
    fn result_of(&mut self, wanted: Wanted) -> (Option<String>, Option<Outcome>) {
        match self.dice.weighted(&[55, 25, 20]) {
            0 => (None, Some(self.outcome(wanted))),
            1 => {
                self.ids += 1;
                let id = self.ids.to_string();
                self.waiting.push((id.clone(), wanted));
                (Some(id), None)
            }
            _ => (None, None),
        }
    }

    fn outcome(&mut self, wanted: Wanted) -> Outcome {
        let ok = match wanted {
            Wanted::Ok => self.dice.chance(93),
            Wanted::Failed => self.dice.chance(7),
            Wanted::Any | Wanted::Label(_) => self.dice.chance(82),
        };
        let mut labels = Vec::new();
        match wanted {
            Wanted::Label(label) if self.dice.chance(80) => labels.push(label.to_owned()),
            _ if self.dice.chance(15) => labels.push((*self.dice.pick(&self.policy.world.labels)).to_owned()),
            _ => {}
        }
        let content = *self.dice.pick(&[None, Some("\"text\""), Some("\"\""), Some("[]"), Some("[{\"type\":\"text\",\"text\":\"x\"}]")]);
        Outcome { ok, labels, content }
    }

    fn late_result(&mut self) {
        let place = if self.dice.chance(70) { 0 } else { self.dice.below(self.waiting.len()) };
        let (of, wanted) = self.waiting.remove(place);
        let (at, result) = (self.moment(), self.outcome(wanted));
        self.events.push(Event::Result(Late { of, at, result }));
    }

    fn host_event(&mut self, actor: usize, subject: usize, step: Option<&Step>) {
        let subject = self.policy.world.subjects[subject].clone();
        let args = self.arguments(&subject, step);
        let at = self.moment();
        let Actor { session, keys, .. } = &self.actors[actor];
        let keys = if self.dice.chance(80) { keys.clone() } else { [None, None, None] };
        self.events.push(Event::Host(Host { session: session.clone(), event: subject.name, args, keys, at }));
    }

    /// The time of the next line: soon, at the edge of a window after some earlier line, a step back, or not said.
    fn moment(&mut self) -> Option<i64> {
        let window = i64::try_from(self.dice.pick(&self.policy.world.windows).0).unwrap_or(0);
        let edge = [-1, 0, 1][self.dice.below(3)];
        let next = match self.dice.weighted(&[42, 34, 6, 8, 3, 7]) {
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
    Actor { session: format!("s{index}"), persona, keys, story: None }
}
