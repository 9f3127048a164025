//! A letter of a way, as a line of a record.
//!
//! In: a site and a way through the graph. Out: a witness: its line, and what the way asks of registers and values. Invariants: whatever the way leaves open is as plain as
//! may be; the line has every key and all context that the policy reads.
//! Left out: ways on which a value of arguments is broken, since such calls are denied.

use std::collections::BTreeMap;
use std::rc::Rc;

use leverframe_compiler::automata::Value;
use leverframe_compiler::core::{Cond, Key, PersonaId, ToolId, ValuePath};
use leverframe_runtime::frame::{self, LetterKind, Site, Test, Witness};
use serde_json::{Map, Value as Json, json};

use super::ways::Way;
use super::{Maker, subject};
use crate::limits::WITNESS_BYTES;
use crate::question::Example;
use crate::session::concrete::{candidates, holding, there};
use crate::session::moving::bits;
use crate::session::permit::negated;
use crate::session::run::{SHARED, party};

/// Somebody whom the policy does not know.
const NOBODY: &str = "?";

/// What a letter has to be.
pub(super) struct Letter<'a> {
    site: &'a Site,
    way: &'a Way,
    /// Nothing, where it is nobody's that the policy knows.
    persona: Option<PersonaId>,
    holds: Vec<Cond>,
    fails: Vec<Cond>,
    evaluable: Rc<[Cond]>,
    /// Whether its result has no values that could be read, or none at all.
    result: Structured,
}

/// What values have to be.
struct Wanted {
    /// That they are there, or not.
    plain: Vec<Cond>,
    /// The same with literals that tell those of one binding from another's, where the way does.
    chosen: Option<Vec<Cond>>,
}

/// What stands in a result beside what conditions ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Structured {
    Asked,
    Absent,
    Broken,
}

impl<'a> Letter<'a> {
    /// Nothing where no letter goes that way, as far as can be seen at once.
    pub(super) fn of(maker: &mut Maker<'_, '_>, site: &'a Site, way: &'a Way) -> Option<Self> {
        let mut letter = Self {
            site,
            way,
            persona: persona(maker, site, way)?,
            holds: Vec::new(),
            fails: Vec::new(),
            evaluable: Rc::from([]),
            result: Structured::Asked,
        };
        letter.conditions(maker)?;
        Some(letter)
    }

    fn is_event(&self) -> bool {
        self.site.kind == LetterKind::Event
    }

    fn index(&self) -> usize {
        self.site.subject as usize
    }

    fn conditions(&mut self, maker: &mut Maker<'_, '_>) -> Option<()> {
        let index = self.index();
        let guards: Vec<&Cond> = if self.is_event() {
            maker.guards.event(index).iter().collect()
        } else {
            maker.guards.tool(index).iter().chain(maker.guards.result(index)).collect()
        };
        let at_results = matches!(self.site.kind, LetterKind::Ok | LetterKind::Failed);
        for (guard, number) in guards.into_iter().zip(0_u16..) {
            let truth = |failed| self.way.truth(Test::Guard { guard: number, failed });
            match (truth(true), truth(false)) {
                (Some(false), Some(true)) => return None,
                // Of an admitted call every guard was evaluated.
                (Some(true), Some(false)) if at_results && !guard.reads_result() => return None,
                (Some(true), Some(false)) => self.fails.push(guard.clone()),
                (Some(true), _) | (_, Some(true)) => self.holds.push(guard.clone()),
                (Some(false), _) | (_, Some(false)) => self.holds.push(negated(guard.clone())),
                (None, None) => {}
            }
        }
        if at_results || self.site.kind == LetterKind::Call {
            self.evaluable = maker.evaluated(self.persona?, ToolId(self.site.subject));
        }
        Some(())
    }

    /// A witness, tried with values of the rule's own choice first.
    pub(super) fn witness(mut self, maker: &mut Maker<'_, '_>, class: u16) -> Option<Witness> {
        let Wanted { plain, chosen } = self.values(maker)?;
        let value = self.value();
        let example = chosen.and_then(|chosen| self.found(maker, chosen)).or_else(|| self.found(maker, plain))?;
        let line = Json::Object(self.line(maker, &example)).to_string();
        let labels = example.has.iter().fold(0, |set, label| set | 1_u64.checked_shl(label.0).unwrap_or(0));
        let persona = self.persona.filter(|_| self.is_event()).map(|id| frame::PersonaId(id.0));
        let (ages, passed) = self.registers();
        let fits = line.len() <= WITNESS_BYTES;
        fits.then_some(Witness { class, kind: self.site.kind, line, persona, labels, ages, passed, value })
    }

    fn found(&self, maker: &mut Maker<'_, '_>, more: Vec<Cond>) -> Option<Example> {
        // Nothing can be read of a tool that the policy does not know.
        if !self.is_event() && maker.core.tools.get(self.index()).is_none() {
            return Some(Example::default());
        }
        let holds = self.holds.iter().cloned().chain(more).collect();
        maker.example(subject(self.is_event(), self.site.subject), holds, &self.evaluable, &self.fails)
    }

    /// What the way asks of values.
    fn values(&mut self, maker: &Maker<'_, '_>) -> Option<Wanted> {
        let index = self.index();
        let values = if self.is_event() { maker.guards.event_values(index) } else { maker.guards.tool_values(index) };
        let (mut plain, mut chosen) = (Vec::new(), Vec::new());
        let several = self.site.bindings.len() > 1 && self.value().is_some();
        for (binding, number) in self.site.bindings.iter().zip(0_u8..) {
            let path = |value: &u16| match values.get(usize::from(*value)) {
                Some(Value::Path(path)) => Some(path),
                _ => None,
            };
            let paths: Vec<&ValuePath> = binding.iter().map(path).collect::<Option<_>>()?;
            let truth = |test| self.way.truth(test);
            let (binds, lacks) = (truth(Test::Binds { binding: number }), truth(Test::Lacks { binding: number }));
            if truth(Test::Broken { binding: number }) == Some(true) {
                self.result = Structured::Broken;
            } else if lacks == Some(true) {
                plain.extend(self.lacking(&paths)?);
            } else if lacks.or(binds).is_some() {
                for (component, path) in paths.iter().enumerate() {
                    plain.push(there(path)?);
                    // One value for all that have the value at hand, others for the rest.
                    let own = component * 2 + usize::from(binds != Some(true));
                    let literal = candidates(path.tag, own).into_iter().next();
                    chosen.extend(literal.filter(|_| several).and_then(|literal| holding(path, &literal)));
                }
            }
        }
        let chosen = several.then(|| plain.iter().cloned().chain(chosen).collect());
        Some(Wanted { plain, chosen })
    }

    /// That one of the values is not there; a result may be without any.
    fn lacking(&mut self, paths: &[&ValuePath]) -> Option<Option<Cond>> {
        if paths.iter().any(|path| path.result) {
            self.result = Structured::Absent;
            return Some(None);
        }
        let absent: Vec<Cond> = paths.iter().filter_map(|path| there(path)).map(negated).collect();
        (!absent.is_empty()).then_some(Some(Cond::Or(absent)))
    }

    /// The value at hand: the first of the first binding that is to have it.
    fn value(&self) -> Option<(u8, u16)> {
        let bound = |(test, holds): &(Test, bool)| match test {
            Test::Binds { binding } if *holds => Some((*binding, 0)),
            _ => None,
        };
        self.way.tests.iter().find_map(bound)
    }

    /// How long ago registers of times were set, and which places the call does not lie after.
    fn registers(&self) -> (Vec<(u8, u64)>, Vec<u8>) {
        let (mut ages, mut passed) = (BTreeMap::new(), Vec::new());
        for (test, holds) in &self.way.tests {
            match (test, holds) {
                (Test::Within { register, ms }, true) => {
                    let age: &mut u64 = ages.entry(*register).or_insert(*ms);
                    *age = (*age).min(*ms);
                }
                (Test::CallAfter { register }, false) => passed.push(*register),
                _ => {}
            }
        }
        // A window that is closed was open longer ago than the narrower ones; where all are closed the register is unset.
        for (register, age) in &mut ages {
            let closed = |(test, holds): &(Test, bool)| match test {
                Test::Within { register: own, ms } if own == register && !holds => Some(ms.saturating_add(1)),
                _ => None,
            };
            let least = self.way.tests.iter().filter_map(closed).max().unwrap_or(0);
            *age = least.min(*age);
        }
        passed.sort_unstable();
        (ages.into_iter().collect(), passed)
    }

    fn line(&self, maker: &Maker<'_, '_>, example: &Example) -> Map<String, Json> {
        let party = party(maker.core, "w", &|key| key != Key::Session);
        let mut line = Map::new();
        let mut put = |name: &str, value: Json| line.insert(name.to_owned(), value);
        put("session", json!(party.session));
        put("args", Json::Object(example.args.clone()));
        put("at", json!(example.at));
        for (kind, name) in SHARED.iter().zip(&party.keys) {
            if let Some(name) = name {
                put(word(*kind), json!(name));
            }
        }
        if self.is_event() {
            put("event", json!(maker.core.events.get(self.index()).map_or(NOBODY, |event| event.name.as_str())));
            return line;
        }
        let persona = self.persona.and_then(|id| maker.core.personas.get(id.index()));
        put("persona", json!(persona.map_or(NOBODY, |persona| persona.name.as_str())));
        put("tool", json!(maker.core.tools.get(self.index()).map_or(NOBODY, |tool| tool.name.as_str())));
        if !example.context.is_empty() {
            put("context", Json::Object(example.context.clone()));
        }
        if self.way.truth(Test::Approved) == Some(true) {
            put("approved", json!(true));
        }
        if matches!(self.site.kind, LetterKind::Ok | LetterKind::Failed) {
            put("result", self.outcome(maker, example));
        }
        line
    }

    fn outcome(&self, maker: &Maker<'_, '_>, example: &Example) -> Json {
        let ok = self.site.kind == LetterKind::Ok;
        let declared = maker.core.tools.get(self.index()).map_or(0, |tool| bits(&tool.returns));
        // What an effect declares comes by itself with a success.
        let by_itself = |label: u32| ok && 1_u64.checked_shl(label).is_some_and(|bit| bit & declared != 0);
        let named = self.way.tests.iter().filter_map(|(test, holds)| match test {
            Test::Label(label) if *holds && !by_itself(label.0) => maker.core.labels.get(label.index()),
            _ => None,
        });
        let labels: Vec<&str> = named.map(|label| label.name.as_str()).collect();
        let mut result = json!({ "ok": ok });
        if let Json::Object(members) = &mut result {
            if !labels.is_empty() {
                members.insert("labels".to_owned(), json!(labels));
            }
            let structured = match self.result {
                Structured::Asked => example.result.clone(),
                Structured::Absent => None,
                Structured::Broken => Some(json!(0)),
            };
            members.extend(structured.map(|structured| ("structured".to_owned(), structured)));
        }
        result
    }
}

/// Whose the letter is: the persona that the way names, or the first that it does not exclude. Nothing where there is none; nothing inside where none needs to be.
fn persona(maker: &Maker<'_, '_>, site: &Site, way: &Way) -> Option<Option<PersonaId>> {
    let named = way.tests.iter().find_map(|(test, holds)| match test {
        Test::By(id) if *holds => Some(PersonaId(id.0)),
        _ => None,
    });
    if named.is_some() || site.kind == LetterKind::Event {
        return Some(named);
    }
    let excluded = |id: u32| way.truth(Test::By(frame::PersonaId(id))) == Some(false);
    let first = (0..).take(maker.core.personas.len()).find(|id| !excluded(*id)).map(PersonaId);
    (first.is_some() || site.kind == LetterKind::Denied).then_some(first)
}

fn word(key: Key) -> &'static str {
    match key {
        Key::Session => "session",
        Key::Principal => "principal",
        Key::Agent => "agent",
        Key::Tenant => "tenant",
    }
}
