//! Event patterns typed, tool by tool.
//!
//! In: a pattern as written and the [`Role`] that it plays. Out: a [`Pattern`] of the core form. Invariants: a guard is typed by the fields of its own
//! tool; tools with equal guards share a case; what a plain call counts as follows from the role alone.
//! Source: language section 5 (the safe readings); `lang-spec/core-form.md`, [core.pattern].

use std::collections::{BTreeMap, BTreeSet};

use leverframe_syntax::tree::{self, ModeKind, OutcomeKind, TargetKind};

use super::{Role, RuleChecker, problem};
use crate::core::formula::PatternPart;
use crate::core::{Case, Cond, EventId, Key, LabelId, LetterKind, Pattern, PatternCases, ToolId};
use crate::names::symbols::Target;
use crate::permissions::{self, CallEffect};
use crate::types::{Facts, Site};

/// What a target names.
#[derive(Default)]
pub(super) struct Subjects {
    pub(super) tools: BTreeSet<ToolId>,
    pub(super) events: BTreeSet<EventId>,
}

impl<'a> RuleChecker<'_, 'a> {
    /// The pattern as it reads in its role; nothing where it is wrong or not compiled yet, which is then reported.
    pub(super) fn pattern(&mut self, event: &tree::EventPattern, role: Role) -> Option<Pattern> {
        self.uses.begin();
        if let TargetKind::Start = event.target.kind {
            self.report(problem::start_misplaced(event.span));
            return None;
        }
        let sound = self.mode(event, role);
        let subjects = self.subjects(&event.target);
        let label = self.label(event);
        let by = self.by(event);
        let (Some(subjects), Some(label), Some(by)) = (subjects, label, by) else {
            self.uses.lose();
            return None;
        };
        let sound = self.only_calls(event, &subjects, role) && sound;
        let tools = self.tool_cases(event, &subjects);
        let events = self.event_cases(event, &subjects);
        self.with_result(event, &subjects);
        let (tools, events) = (tools?, events?);
        if !sound || !self.refused.is_empty() {
            return None;
        }
        let approved = event.mode.is_some_and(|mode| mode.kind == ModeKind::Approved);
        let kind = kind(event, role);
        let of_tools = PatternPart { kind, approved, by, label, cases: PatternCases::Tools(tools) };
        let of_events =
            PatternPart { kind: LetterKind::Event, approved: false, by: None, label: None, cases: PatternCases::Events(events) };
        let parts = match (subjects.tools.is_empty(), subjects.events.is_empty()) {
            (_, true) => vec![of_tools],
            (true, false) => vec![of_events],
            (false, false) => vec![of_tools, of_events],
        };
        Some(Pattern { parts })
    }

    fn mode(&mut self, event: &tree::EventPattern, role: Role) -> bool {
        let Some(mode) = event.mode else { return true };
        match (mode.kind, role) {
            (ModeKind::Approved, _) => true,
            (ModeKind::Denied, Role::Step | Role::Limit) if self.denies => {
                self.refuse("`denied`", mode.span);
                false
            }
            (ModeKind::Denied, _) => {
                self.report(problem::denied_misplaced(mode.span));
                false
            }
        }
    }

    pub(super) fn subjects(&mut self, target: &tree::Target) -> Option<Subjects> {
        let mut subjects = Subjects::default();
        let paths = match &target.kind {
            TargetKind::Any => {
                subjects.tools.extend((0..self.tools.len()).map(|at| ToolId(u32::try_from(at).unwrap_or(u32::MAX))));
                return Some(subjects);
            }
            TargetKind::Start => return Some(subjects),
            TargetKind::One(path) => std::slice::from_ref(path),
            TargetKind::List(paths) => paths.as_slice(),
        };
        let mut complete = true;
        for path in paths {
            match self.checker.keep(self.checker.symbols.target(path)) {
                Some(Target::Tool(tool)) => subjects.tools.extend([tool]),
                Some(Target::Group(tools)) => subjects.tools.extend(tools),
                Some(Target::Event(event)) => subjects.events.extend([event]),
                None => complete = false,
            }
        }
        complete.then_some(subjects)
    }

    /// The label of `returns`; the outer option is whether it could be read.
    #[allow(clippy::option_option)]
    fn label(&mut self, event: &tree::EventPattern) -> Option<Option<LabelId>> {
        match event.outcome.as_ref().map(|outcome| &outcome.kind) {
            Some(OutcomeKind::Returns(name)) => self.checker.keep(self.checker.symbols.label(name)).map(Some),
            _ => Some(None),
        }
    }

    #[allow(clippy::option_option)]
    fn by(&mut self, event: &tree::EventPattern) -> Option<Option<crate::core::PersonaId>> {
        let Some(name) = &event.by else { return Some(None) };
        let persona = self.checker.keep(self.checker.symbols.persona(name))?;
        if self.key == Key::Session {
            self.report(problem::by_in_session(name.span));
            return None;
        }
        Some(Some(persona))
    }

    /// Refuses on host events what only calls have.
    fn only_calls(&mut self, event: &tree::EventPattern, subjects: &Subjects, role: Role) -> bool {
        let Some(first) = subjects.events.first() else { return true };
        let name = self.checker.symbols.events.get(first.index()).map(|event| event.name.clone()).unwrap_or_default();
        let mut found = Vec::new();
        if role == Role::Limit {
            found.push(problem::limited_event(&name, event.target.span));
        }
        if let Some(mode) = event.mode {
            found.push(problem::event_has_no("verdict", &name, mode.span));
        }
        if let Some(outcome) = &event.outcome {
            found.push(problem::event_has_no("outcome", &name, outcome.span));
        }
        if let Some(by) = &event.by {
            found.push(problem::event_has_no("persona", &name, by.span));
        }
        let sound = found.is_empty();
        self.checker.found.extend(found);
        sound
    }

    fn tool_cases(&mut self, event: &tree::EventPattern, subjects: &Subjects) -> Option<Vec<Case<ToolId>>> {
        let symbols = self.checker.symbols;
        let outcome = event.outcome.as_ref().map(|outcome| &outcome.kind);
        let mut guards = Vec::new();
        let mut sound = true;
        for id in &subjects.tools {
            let Some(tool) = symbols.tools.get(id.index()) else { continue };
            let effect = match outcome {
                Some(OutcomeKind::Sends) => permissions::guard(symbols, self.tools, *id, CallEffect::Sends),
                Some(OutcomeKind::Destroys) => permissions::guard(symbols, self.tools, *id, CallEffect::Destroys),
                _ => Some(None),
            };
            let Some(effect) = effect else { continue };
            let site = if is_result(outcome) { Site::result(tool) } else { Site::call(tool) };
            match self.guard(event, site, effect) {
                Some(guard) => guards.push((*id, guard)),
                None => sound = false,
            }
        }
        sound.then(|| cases(guards))
    }

    fn event_cases(&mut self, event: &tree::EventPattern, subjects: &Subjects) -> Option<Vec<Case<EventId>>> {
        let symbols = self.checker.symbols;
        let mut guards = Vec::new();
        let mut sound = true;
        for id in &subjects.events {
            let Some(declared) = symbols.events.get(id.index()) else { continue };
            match self.guard(event, Site::event(declared), None) {
                Some(guard) => guards.push((*id, guard)),
                None => sound = false,
            }
        }
        guards.sort_by_key(|(id, _)| symbols.events.get(id.index()).map(|event| &event.name));
        sound.then(|| cases(guards))
    }

    /// Literal arguments, the effect's condition, the pattern's own: what there is of them.
    fn guard(&mut self, event: &tree::EventPattern, site: Site<'a>, effect: Option<Cond>) -> Option<Cond> {
        let mut facts = Facts::default();
        let mut conds = Vec::new();
        let mut sound = true;
        for argument in &event.arguments {
            match self.argument(argument, site) {
                Ok(Some((cond, present))) => {
                    facts = facts.with(&present);
                    conds.push(cond);
                }
                // A variable says nothing about one letter.
                Ok(None) => {}
                Err(()) => {
                    self.uses.lose();
                    sound = false;
                }
            }
        }
        conds.extend(effect);
        if let Some(when) = &event.when {
            match self.checker.condition(site, when, &facts).0 {
                Some(cond) => conds.push(cond),
                None => sound = false,
            }
        }
        if !sound {
            return None;
        }
        Some(match conds.len() {
            0 => Cond::Const(true),
            1 => conds.pop().unwrap_or(Cond::Const(true)),
            _ => Cond::And(conds),
        })
    }
}

/// Names with equal guards share a case; cases stand in the order of their first name.
fn cases<Id: Copy>(guards: Vec<(Id, Cond)>) -> Vec<Case<Id>> {
    let mut cases: Vec<Case<Id>> = Vec::new();
    let mut by_text: BTreeMap<String, usize> = BTreeMap::new();
    for (id, guard) in guards {
        let next = cases.len();
        let at = *by_text.entry(format!("{guard:?}")).or_insert(next);
        match cases.get_mut(at) {
            Some(case) => case.names.push(id),
            None => cases.push(Case { names: vec![id], guard }),
        }
    }
    cases
}

pub(super) fn is_result(outcome: Option<&OutcomeKind>) -> bool {
    matches!(outcome, Some(OutcomeKind::Returns(_) | OutcomeKind::Succeeds | OutcomeKind::Fails))
}

/// The letter that the pattern matches, which for a plain call depends on where it stands.
fn kind(event: &tree::EventPattern, role: Role) -> LetterKind {
    let succeeded = matches!(role, Role::Prerequisite | Role::Unless);
    match event.outcome.as_ref().map(|outcome| &outcome.kind) {
        Some(OutcomeKind::Succeeds) => LetterKind::Ok,
        Some(OutcomeKind::Fails) => LetterKind::Failed,
        Some(OutcomeKind::Returns(_)) if succeeded => LetterKind::Ok,
        Some(OutcomeKind::Returns(_)) => LetterKind::Result,
        Some(OutcomeKind::Sends | OutcomeKind::Destroys) | None if succeeded => LetterKind::Ok,
        Some(OutcomeKind::Sends | OutcomeKind::Destroys) | None => LetterKind::Call,
    }
}
