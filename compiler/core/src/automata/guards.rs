//! What every letter of a tool or host event is asked, whatever rule asks it: conditions, and the values that rules take from it.
//!
//! In: the [`Core`]. Out: [`Guards`]: for each tool and event its distinct conditions, effects first, then guards of patterns in the order of the
//! rules; those that read the result apart from the others; and its distinct values. Invariant: a condition stands once; a constant stands not at all.
//! Left out: conditions of permissions, which need no place in a ticket.
//! Source: language section 4 ("Nothing fails open"), `lang-spec/frame-format.md`.

use leverframe_runtime::frame::LetterKind;

use crate::core::formula::PatternPart;
use crate::core::{Body, Case, Cond, Core, Formula, Limit, Measure, Pattern, PatternCases, Rule, ValuePath};

/// The guards and values of each tool and host event.
#[derive(Clone, Debug, Default)]
pub struct Guards {
    tools: Vec<Asked>,
    events: Vec<Asked>,
}

/// What is asked of the letters of one tool or host event.
#[derive(Clone, Debug, Default)]
struct Asked {
    conditions: Vec<Cond>,
    /// Those that read the result.
    of_result: Vec<Cond>,
    values: Vec<Value>,
}

/// A value that rules take from a letter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One, or several.
    Path(ValuePath),
    /// The tool and all its arguments.
    Whole,
}

impl Guards {
    /// Collects them from a whole policy.
    #[must_use]
    pub fn collect(core: &Core) -> Self {
        let mut guards = Self { tools: vec![Asked::default(); core.tools.len()], events: vec![Asked::default(); core.events.len()] };
        for (asked, tool) in guards.tools.iter_mut().zip(&core.tools) {
            asked.condition(&tool.sends);
            asked.condition(&tool.destroys);
        }
        for rule in &core.rules {
            patterns_of(rule, &mut |pattern| guards.pattern(pattern));
            if let Body::Limit(limit) = &rule.body {
                guards.measured(limit);
            }
        }
        guards
    }

    /// The guards of a tool, by its position, that are judged at its calls.
    #[must_use]
    pub fn tool(&self, index: usize) -> &[Cond] {
        self.tools.get(index).map_or(&[], |asked| asked.conditions.as_slice())
    }

    /// The guards of a tool that are judged at its results.
    #[must_use]
    pub fn result(&self, index: usize) -> &[Cond] {
        self.tools.get(index).map_or(&[], |asked| asked.of_result.as_slice())
    }

    /// The guards of a host event, by its position.
    #[must_use]
    pub fn event(&self, index: usize) -> &[Cond] {
        self.events.get(index).map_or(&[], |asked| asked.conditions.as_slice())
    }

    /// The values that rules take from a tool's letters.
    #[must_use]
    pub fn tool_values(&self, index: usize) -> &[Value] {
        self.tools.get(index).map_or(&[], |asked| asked.values.as_slice())
    }

    /// The values that rules take from a host event.
    #[must_use]
    pub fn event_values(&self, index: usize) -> &[Value] {
        self.events.get(index).map_or(&[], |asked| asked.values.as_slice())
    }

    /// Where a guard stands in the lists of a letter's subject: those of results count after the others.
    pub(super) fn find(&self, kind: LetterKind, subject: u32, guard: &Cond) -> Option<u16> {
        let asked = self.asked(kind, subject)?;
        let all = || asked.conditions.iter().chain(&asked.of_result);
        all().position(|known| known == guard).and_then(|index| u16::try_from(index).ok())
    }

    /// Where a value stands in the list of a letter's subject.
    pub(super) fn find_value(&self, kind: LetterKind, subject: u32, value: &Value) -> Option<u16> {
        let asked = self.asked(kind, subject)?;
        asked.values.iter().position(|known| known == value).and_then(|index| u16::try_from(index).ok())
    }

    fn asked(&self, kind: LetterKind, subject: u32) -> Option<&Asked> {
        let list = if kind == LetterKind::Event { &self.events } else { &self.tools };
        list.get(subject as usize)
    }

    fn pattern(&mut self, pattern: &Pattern) {
        for part in &pattern.parts {
            match &part.cases {
                PatternCases::Tools(cases) => cases.iter().for_each(|case| spread(&mut self.tools, part, case, |id| id.index())),
                PatternCases::Events(cases) => cases.iter().for_each(|case| spread(&mut self.events, part, case, |id| id.index())),
            }
        }
    }

    /// What a limit measures, of the letters that it counts and of the calls that it judges.
    fn measured(&mut self, limit: &Limit) {
        let value = match &limit.measure {
            Measure::Count(_) => return,
            Measure::Identical(_) => Value::Whole,
            Measure::Distinct(_, path) | Measure::Sum(_, path) => Value::Path(path.clone()),
        };
        let parts = limit.event.parts.iter().chain(limit.judged.iter().flat_map(|judged| &judged.parts));
        for part in parts {
            if let PatternCases::Tools(cases) = &part.cases {
                let names = cases.iter().flat_map(|case| &case.names);
                names.for_each(|name| self.tools.get_mut(name.index()).into_iter().for_each(|asked| asked.value(&value)));
            }
        }
    }
}

impl Asked {
    fn condition(&mut self, cond: &Cond) {
        let list = if cond.reads_result() { &mut self.of_result } else { &mut self.conditions };
        if !matches!(cond, Cond::Const(_)) && !list.contains(cond) {
            list.push(cond.clone());
        }
    }

    fn value(&mut self, value: &Value) {
        if !self.values.contains(value) {
            self.values.push(value.clone());
        }
    }
}

fn spread<Id: Copy>(lists: &mut [Asked], part: &PatternPart, case: &Case<Id>, index: impl Fn(Id) -> usize) {
    for name in &case.names {
        if let Some(asked) = lists.get_mut(index(*name)) {
            asked.condition(&case.guard);
            part.bindings.iter().for_each(|binding| asked.value(&Value::Path(binding.value.clone())));
        }
    }
}

/// Every pattern of a rule, left to right.
pub fn patterns_of(rule: &Rule, visit: &mut impl FnMut(&Pattern)) {
    match &rule.body {
        Body::Deny(formula) => patterns(formula, visit),
        Body::Protocol(protocol) => {
            let mut events = Vec::new();
            super::protocol_patterns(protocol, &mut events);
            events.into_iter().for_each(visit);
        }
        Body::Limit(limit) => {
            visit(&limit.event);
            limit.judged.iter().for_each(visit);
        }
    }
}

fn patterns(formula: &Formula, visit: &mut impl FnMut(&Pattern)) {
    match formula {
        Formula::Start => {}
        Formula::Match(pattern) => visit(pattern),
        Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| patterns(part, visit)),
        Formula::Not(part) | Formula::Span(_, part) | Formula::From(part) => patterns(part, visit),
        Formula::Prev(body, clause) => {
            patterns(body, visit);
            clause.unless.iter().for_each(visit);
        }
        Formula::Met { pattern, reset, .. } => {
            visit(pattern);
            reset.iter().for_each(visit);
        }
    }
}
