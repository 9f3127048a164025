//! Random sessions for any frame: what it declares says what calls look like, its own literals say which values matter.
//!
//! In: a frame and dice. Out: the lines of a record. Invariants: every line is one that a record may hold. Left out: stories of rules, which only random
//! policies know ([`crate::sessions`]); many short sessions make up for them.

use std::collections::BTreeSet;

use leverframe_runtime::frame::{Body, Expiry, Frame, Predicate, Scalar, Term, Test, Tool, Type, TypeId};

use crate::random::Dice;
use crate::trace::{Call, Event, Host, Late, Outcome};

const BEGINNING: i64 = 1_795_305_598_000;
const TEXTS: &[&str] = &["", "a", "abc", "ann@acme.example", "4111 1111 1111 1111", "tok_abcdefgh", "AKIAIOSFODNN7EXAMPLE"];
/// Tools that one session is about.
const TOPICS: usize = 4;
const LINES: (usize, usize) = (10, 24);

/// What a frame says of values.
#[derive(Debug)]
pub struct Pools {
    texts: Vec<String>,
    ints: Vec<i64>,
    windows: Vec<i64>,
}

impl Pools {
    /// The literals of a frame.
    #[must_use]
    pub fn of(frame: &Frame) -> Self {
        let mut texts: BTreeSet<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
        let mut ints: BTreeSet<i64> = [0, 1, 2, 3, 100].into();
        for branch in frame.programs.iter().flat_map(|program| &program.tests) {
            predicate(&branch.test, &mut texts, &mut ints);
        }
        let near: Vec<i64> = ints.iter().flat_map(|int| [int.saturating_sub(1), *int, int.saturating_add(1)]).collect();
        Self { texts: texts.into_iter().collect(), ints: near, windows: windows(frame) }
    }
}

fn predicate(test: &Predicate, texts: &mut BTreeSet<String>, ints: &mut BTreeSet<i64>) {
    match test {
        Predicate::Compare(_, _, a, b) => [a, b].into_iter().for_each(|term| self::term(term, texts, ints)),
        Predicate::In(_, _, members) => members.iter().for_each(|member| scalar(member, texts, ints)),
        Predicate::InCidr(_, network) => {
            texts.extend(network.text.split('/').next().map(str::to_owned));
        }
        Predicate::UnderHost(_, text) => {
            texts.extend([format!("https://{text}/"), format!("https://a.{text}:8443/x?y"), text.clone()]);
        }
        Predicate::UnderPath(_, text) => texts.extend([format!("{text}/a"), format!("{text}/../a"), text.clone()]),
        Predicate::Like(_, text) => texts.extend([text.replace('*', ""), text.replace('*', "x")]),
        Predicate::Contains(_, text) | Predicate::StartsWith(_, text) | Predicate::EndsWith(_, text) => {
            texts.extend([text.clone(), format!("a{text}"), format!("{text}a")]);
        }
        Predicate::Present(_) | Predicate::Matches(..) | Predicate::Quantified { .. } | Predicate::Has(_) | Predicate::Carries(_) => {}
    }
}

fn term(term: &Term, texts: &mut BTreeSet<String>, ints: &mut BTreeSet<i64>) {
    match term {
        Term::Scalar(literal) => scalar(literal, texts, ints),
        Term::Apply(_, inner) => self::term(inner, texts, ints),
        Term::Arith(_, a, b) => [a, b].into_iter().for_each(|inner| self::term(inner, texts, ints)),
        Term::Arg(_) | Term::Element(..) | Term::Context(_) | Term::Result(_) | Term::At => {}
    }
}

fn scalar(literal: &Scalar, texts: &mut BTreeSet<String>, ints: &mut BTreeSet<i64>) {
    match literal {
        Scalar::Text(text) => {
            texts.extend([text.clone(), format!("x@{text}"), format!("{text}://acme.example/")]);
        }
        Scalar::Int(int) => {
            ints.insert(*int);
        }
        Scalar::Bool(_) | Scalar::Number(_) => {}
    }
}

/// Every length of time that a rule measures.
fn windows(frame: &Frame) -> Vec<i64> {
    let mut found: BTreeSet<u64> = [1].into();
    for rule in &frame.rules {
        found.extend(rule.alphabet.nodes.iter().filter_map(|node| match node.test {
            Test::Within { ms, .. } => Some(ms),
            _ => None,
        }));
        match &rule.body {
            Body::Gauge(gauge) => found.extend(gauge.window_ms),
            Body::Automaton(automaton) => found.extend(automaton.expiry.iter().flatten().map(|Expiry { ms, .. }| *ms)),
        }
    }
    found.into_iter().filter_map(|ms| i64::try_from(ms).ok()).collect()
}

/// One record for the frame.
#[must_use]
pub fn record(frame: &Frame, pools: &Pools, dice: Dice) -> Vec<Event> {
    let mut recorder = Recorder { frame, pools, dice, now: BEGINNING, waiting: Vec::new(), ids: 0 };
    let topics: Vec<usize> = (0..TOPICS).map(|_| recorder.dice.below(frame.tools.len())).collect();
    let lines = recorder.dice.between(LINES.0, LINES.1);
    (0..lines).filter_map(|_| recorder.line(&topics)).collect()
}

struct Recorder<'f> {
    frame: &'f Frame,
    pools: &'f Pools,
    dice: Dice,
    now: i64,
    waiting: Vec<String>,
    ids: usize,
}

impl Recorder<'_> {
    fn line(&mut self, topics: &[usize]) -> Option<Event> {
        let session = ["s0", "s0", "s1"][self.dice.below(3)].to_owned();
        if !self.waiting.is_empty() && self.dice.chance(20) {
            let of = self.waiting.remove(0);
            return Some(Event::Result(Late { of, at: self.moment(), result: self.outcome(None) }));
        }
        let keys = [0, 1, 2].map(|key| (!self.dice.chance(4)).then(|| format!("k{key}{}", self.dice.weighted(&[85, 15]))));
        if !self.frame.events.is_empty() && self.dice.chance(15) {
            let event = self.dice.pick(&self.frame.events).clone();
            let args = self.value(event.args, 0);
            return Some(Event::Host(Host { session, event: event.name, args, keys, at: self.moment() }));
        }
        let (frame, topic) = (self.frame, *self.dice.pick(topics));
        let tool = frame.tools.get(topic)?;
        self.call(tool, session, keys)
    }

    fn call(&mut self, tool: &Tool, session: String, keys: [Option<String>; 3]) -> Option<Event> {
        let persona = self.frame.personas.get(if session == "s0" { 0 } else { self.dice.below(self.frame.personas.len()) })?;
        let args = self.value(tool.args, 0);
        let context = Some(self.value(self.frame.context, 0));
        let approved = [None, Some(true), Some(false)][self.dice.weighted(&[20, 70, 10])];
        let later = self.dice.chance(25);
        let id = later.then(|| {
            self.ids += 1;
            self.ids.to_string()
        });
        self.waiting.extend(id.clone());
        let result = (!later && self.dice.chance(80)).then(|| self.outcome(tool.result));
        let at = self.moment();
        let name = if self.dice.chance(2) { "nobody.knows".to_owned() } else { tool.name.clone() };
        Some(Event::Call(Call { id, session, persona: persona.name.clone(), tool: name, args, context, keys, at, approved, result }))
    }

    fn outcome(&mut self, result: Option<TypeId>) -> Outcome {
        let label =
            if self.frame.labels.is_empty() || !self.dice.chance(30) { None } else { Some(self.dice.pick(&self.frame.labels).clone()) };
        let structured = result.map(|ty| self.value(ty, 0));
        let content = [None, Some("\"text\""), Some("\"tok_abcdefgh 4111 1111 1111 1111\"")][self.dice.below(3)];
        Outcome { ok: self.dice.chance(80), labels: label.into_iter().collect(), content, structured }
    }

    fn moment(&mut self) -> Option<i64> {
        let window = *self.dice.pick(&self.pools.windows);
        let step = match self.dice.below(4) {
            0 => window.saturating_add([-1, 0, 1][self.dice.below(3)]),
            1 => window / 2,
            _ => i64::try_from(self.dice.below(400)).unwrap_or(0),
        };
        self.now = self.now.saturating_add(step);
        Some(self.now)
    }

    /// JSON of the type, mostly.
    fn value(&mut self, ty: TypeId, depth: usize) -> String {
        let Some(ty) = self.frame.types.get(ty.index()) else { return "null".to_owned() };
        match ty {
            Type::Bool => self.dice.chance(50).to_string(),
            Type::Int { lo, hi } => self.dice.pick(&self.pools.ints).clamp(lo, hi).to_string(),
            Type::Number => format!("{}.5", self.dice.pick(&self.pools.ints)),
            Type::Enum(members) if !members.is_empty() => {
                let member: &String = self.dice.pick(members);
                quoted(member)
            }
            Type::Timestamp => quoted("2026-11-22T10:00:00Z"),
            Type::Duration => self.dice.pick(&self.pools.ints).unsigned_abs().to_string(),
            Type::Json => "{\"x\":1}".to_owned(),
            Type::String | Type::Enum(_) | Type::Email | Type::Url | Type::Path | Type::Ip => self.text(ty),
            Type::List(element) => {
                let count = if depth > 4 { 0 } else { self.dice.below(3) };
                let items: Vec<String> = (0..count).map(|_| self.value(*element, depth + 1)).collect();
                format!("[{}]", items.join(","))
            }
            Type::Record { fields, .. } => {
                let mut members = Vec::new();
                for field in fields {
                    if field.required || self.dice.chance(60) {
                        members.push(format!("{}:{}", quoted(&field.name), self.value(field.ty, depth + 1)));
                    }
                }
                format!("{{{}}}", members.join(","))
            }
        }
    }

    /// A text that may fit the type: the frame's own literals of that look, or a plain one.
    fn text(&mut self, ty: &Type) -> String {
        let (look, plain): (fn(&str) -> bool, &str) = match ty {
            Type::Email => (|text| text.contains('@') && !text.starts_with('@'), "ann@acme.example"),
            Type::Url => (|text| text.contains("://"), "https://acme.example/a"),
            Type::Path => (|text| text.starts_with('/'), "/srv/a"),
            Type::Ip => (|text| text.parse::<std::net::IpAddr>().is_ok(), "10.0.0.1"),
            _ => (|_| true, "abc"),
        };
        let fits: Vec<&String> = self.pools.texts.iter().filter(|text| look(text)).collect();
        if fits.is_empty() || self.dice.chance(15) {
            quoted(plain)
        } else {
            let text: &&String = self.dice.pick(&fits);
            quoted(text)
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
