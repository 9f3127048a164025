//! The conditions that every letter of a tool or host event is judged by, whatever rule they stand in.
//!
//! In: the [`Core`]. Out: [`Guards`]: for each tool and event its distinct conditions, effects first, then guards of patterns in the order of the
//! rules. Invariant: a condition stands once; a constant stands not at all.
//! Left out: conditions of permissions, which need no place in a ticket.
//! Source: language section 4 ("Nothing fails open"), `lang-spec/frame-format.md`.

use leverframe_runtime::frame::LetterKind;

use crate::core::{Body, Case, Cond, Core, Formula, Pattern, PatternCases};

/// The guards of each tool and host event.
#[derive(Clone, Debug, Default)]
pub struct Guards {
    tools: Vec<Vec<Cond>>,
    events: Vec<Vec<Cond>>,
}

impl Guards {
    /// Collects them from a whole policy.
    #[must_use]
    pub fn collect(core: &Core) -> Self {
        let mut guards = Self { tools: vec![Vec::new(); core.tools.len()], events: vec![Vec::new(); core.events.len()] };
        for (list, tool) in guards.tools.iter_mut().zip(&core.tools) {
            add(list, &tool.sends);
            add(list, &tool.destroys);
        }
        for rule in &core.rules {
            match &rule.body {
                Body::Deny(formula) => patterns(formula, &mut |pattern| guards.pattern(pattern)),
                Body::Limit { event, .. } => guards.pattern(event),
            }
        }
        guards
    }

    /// The guards of a tool, by its position.
    #[must_use]
    pub fn tool(&self, index: usize) -> &[Cond] {
        self.tools.get(index).map_or(&[], Vec::as_slice)
    }

    /// The guards of a host event, by its position.
    #[must_use]
    pub fn event(&self, index: usize) -> &[Cond] {
        self.events.get(index).map_or(&[], Vec::as_slice)
    }

    /// Where a guard stands in the list of a letter's subject.
    pub(super) fn find(&self, kind: LetterKind, subject: u32, guard: &Cond) -> Option<u16> {
        let list = if kind == LetterKind::Event { self.event(subject as usize) } else { self.tool(subject as usize) };
        list.iter().position(|known| known == guard).and_then(|index| u16::try_from(index).ok())
    }

    fn pattern(&mut self, pattern: &Pattern) {
        for part in &pattern.parts {
            match &part.cases {
                PatternCases::Tools(cases) => cases.iter().for_each(|case| spread(&mut self.tools, case, |id| id.index())),
                PatternCases::Events(cases) => cases.iter().for_each(|case| spread(&mut self.events, case, |id| id.index())),
            }
        }
    }
}

fn spread<Id: Copy>(lists: &mut [Vec<Cond>], case: &Case<Id>, index: impl Fn(Id) -> usize) {
    for name in &case.names {
        if let Some(list) = lists.get_mut(index(*name)) {
            add(list, &case.guard);
        }
    }
}

fn add(list: &mut Vec<Cond>, cond: &Cond) {
    if !matches!(cond, Cond::Const(_)) && !list.contains(cond) {
        list.push(cond.clone());
    }
}

/// Every pattern of a formula, left to right.
fn patterns(formula: &Formula, visit: &mut impl FnMut(&Pattern)) {
    match formula {
        Formula::Start => {}
        Formula::Match(pattern) => visit(pattern),
        Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| patterns(part, visit)),
        Formula::Not(part) => patterns(part, visit),
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
