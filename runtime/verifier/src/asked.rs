//! What every letter of a tool or host event is asked, whatever rule asks it; and where names stand in their lists.
//!
//! In: a policy. Out: for each subject its guards and values, in the order that a frame must have. Invariants: a guard stands once; effects come first, then
//! guards and values of patterns in the order of the rules' formulas; guards that read the result stand apart, after the others; a constant stands nowhere.
//! Source: `lang-spec/frame-format.md`, [frame.policy]; `lang-spec/certificate.md`, [cert.subjects].

use std::collections::HashMap;

use leverframe_reference::patterns;
use leverframe_reference::policy::{Body, Cond, FieldPath, Kind, Measure, Pattern, Policy, Rule, Tag};

/// What every letter of a tool or host event is asked.
#[derive(Default)]
pub(crate) struct Asked<'a> {
    pub(crate) guards: Vec<&'a Cond>,
    /// Those that read the result.
    pub(crate) of_result: Vec<&'a Cond>,
    pub(crate) values: Vec<Value<'a>>,
}

/// What rules take from a letter.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    /// What a path leads to, and what it compares as.
    Path(Tag, &'a FieldPath),
    /// The tool and all its arguments.
    Whole,
}

/// The subjects of a policy, by name and by place.
pub(crate) struct Subjects<'a> {
    places: HashMap<(List, &'a str), u32>,
    tools: Vec<Asked<'a>>,
    events: Vec<Asked<'a>>,
}

/// A list of the frame that names refer to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum List {
    Labels,
    Tools,
    Events,
    Personas,
}

impl<'a> Subjects<'a> {
    pub(crate) fn of(policy: &'a Policy) -> Self {
        Self::beside(policy, None)
    }

    /// Those of a policy, and what one more rule asks after all others.
    pub(crate) fn beside(policy: &'a Policy, more: Option<&'a Rule>) -> Self {
        let labels = policy.labels.iter().map(|label| (List::Labels, label.name.as_str()));
        let tools = policy.tools.iter().map(|tool| (List::Tools, tool.name.as_str()));
        let events = policy.events.iter().map(|event| (List::Events, event.name.as_str()));
        let personas = policy.personas.iter().map(|persona| (List::Personas, persona.name.as_str()));
        let numbered = |(list, name): ((List, &'a str), u32)| (list, name);
        let places = (labels.zip(0..)).chain(tools.zip(0..)).chain(events.zip(0..)).chain(personas.zip(0..)).map(numbered).collect();
        let none = |count| std::iter::repeat_with(Asked::default).take(count).collect();
        let mut subjects = Self { places, tools: none(policy.tools.len()), events: none(policy.events.len()) };
        for (asked, tool) in subjects.tools.iter_mut().zip(&policy.tools) {
            asked.guard(&tool.sends);
            asked.guard(&tool.destroys);
        }
        policy.rules.iter().chain(more).for_each(|rule| subjects.rule(rule));
        subjects
    }

    /// Where a name stands in its list.
    pub(crate) fn place(&self, list: List, name: &str) -> Option<u32> {
        self.places.get(&(list, name)).copied()
    }

    /// How many tools there are.
    pub(crate) fn tools(&self) -> u32 {
        u32::try_from(self.tools.len()).unwrap_or(u32::MAX)
    }

    /// What letters of the tool or host event at a place are asked.
    pub(crate) fn asked(&self, list: List, place: u32) -> Option<&Asked<'a>> {
        let all = if list == List::Events { &self.events } else { &self.tools };
        all.get(place as usize)
    }

    fn asked_mut(&mut self, list: List, name: &str) -> Option<&mut Asked<'a>> {
        let place = self.place(list, name)? as usize;
        let all = if list == List::Events { &mut self.events } else { &mut self.tools };
        all.get_mut(place)
    }

    fn rule(&mut self, rule: &'a Rule) {
        let patterns = patterns(&rule.body);
        patterns.iter().for_each(|pattern| self.pattern(pattern));
        let Some(measured) = measured(&rule.body) else { return };
        // Limits measure letters of tools only.
        for part in patterns.iter().flat_map(|pattern| &pattern.parts).filter(|part| part.kind != Kind::Event) {
            for name in part.cases.iter().flat_map(|case| &case.names) {
                self.asked_mut(List::Tools, name).into_iter().for_each(|asked| asked.value(measured));
            }
        }
    }

    fn pattern(&mut self, pattern: &'a Pattern) {
        for part in &pattern.parts {
            let list = if part.kind == Kind::Event { List::Events } else { List::Tools };
            for (case, name) in part.cases.iter().flat_map(|case| case.names.iter().map(move |name| (case, name))) {
                let Some(asked) = self.asked_mut(list, name) else { continue };
                asked.guard(&case.guard);
                part.binds.iter().for_each(|bind| asked.value(Value::Path(bind.tag, &bind.path)));
            }
        }
    }
}

impl<'a> Asked<'a> {
    fn guard(&mut self, cond: &'a Cond) {
        let list = if cond.reads_result() { &mut self.of_result } else { &mut self.guards };
        if !matches!(cond, Cond::Const(_)) && !list.contains(&cond) {
            list.push(cond);
        }
    }

    fn value(&mut self, value: Value<'a>) {
        if !self.values.contains(&value) {
            self.values.push(value);
        }
    }

    /// Where a guard stands; those of results count after the others.
    pub(crate) fn guard_at(&self, cond: &Cond) -> Option<u16> {
        let place = self.guards.iter().chain(&self.of_result).position(|known| *known == cond)?;
        u16::try_from(place).ok()
    }

    /// Where a value stands.
    pub(crate) fn value_at(&self, value: Value<'_>) -> Option<u16> {
        u16::try_from(self.values.iter().position(|known| *known == value)?).ok()
    }
}

/// What a limit measures, if it is no count.
pub(crate) fn measured(body: &Body) -> Option<Value<'_>> {
    let Body::Limit { measure, .. } = body else { return None };
    match measure {
        Measure::Count(_) => None,
        Measure::Identical(_) => Some(Value::Whole),
        Measure::Distinct(_, tag, path) => Some(Value::Path(*tag, path)),
        Measure::Sum(_, path) => Some(Value::Path(Tag::Int, path)),
    }
}
