//! Event patterns typed, tool by tool.
//!
//! In: a pattern as written and the [`Role`] that it plays. Out: a [`Pattern`] of the core form. Invariants: a guard is typed by the fields of its own
//! tool; tools with equal guards share a case; what a plain call counts as follows from the role alone.
//! Source: language section 5 (the safe readings); `lang-spec/core-form.md`, [core.pattern].

use std::collections::{BTreeMap, BTreeSet};

use leverframe_syntax::tree::{self, ModeKind, OutcomeKind, TargetKind};

use super::reads::reads_result;
use super::variables::{Side, fields};
use super::{Role, RuleChecker, problem};
use crate::core::formula::PatternPart;
use crate::core::{Case, Cond, EventId, Key, LabelId, LetterKind, Pattern, PatternCases, Record, ToolId};
use crate::names::symbols::Target;
use crate::permissions::{self, CallEffect};
use crate::types::{Facts, Site, Subject, problem as value_problem};

/// What a target names.
#[derive(Default)]
pub(super) struct Subjects {
    pub(super) tools: BTreeSet<ToolId>,
    pub(super) events: BTreeSet<EventId>,
}

/// A pattern, and the pattern of the calls that a limit on it judges where what it counts are no calls.
pub(super) struct Read {
    pub(super) pattern: Pattern,
    pub(super) judged: Option<Pattern>,
}

/// What must hold of a letter on one tool or host event.
#[derive(Default)]
struct Guard {
    /// All of it.
    whole: Vec<Cond>,
    /// What of it can be asked of a call that is still to be decided.
    judged: Vec<Cond>,
}

impl Guard {
    fn push(&mut self, cond: Cond) {
        self.whole.push(cond.clone());
        self.judged.push(cond);
    }
}

impl<'a> RuleChecker<'_, 'a> {
    /// The pattern as it reads in its role; nothing where it is wrong, which is then reported.
    pub(super) fn pattern(&mut self, event: &tree::EventPattern, role: Role) -> Option<Pattern> {
        self.read(event, role).map(|read| read.pattern)
    }

    /// The pattern, and that of the calls which a limit on it judges.
    pub(super) fn read(&mut self, event: &tree::EventPattern, role: Role) -> Option<Read> {
        self.uses.begin();
        if let TargetKind::Start = event.target.kind {
            self.report(problem::start_misplaced(event.span));
            return None;
        }
        self.mention(event);
        let sound = self.mode(event, role);
        let subjects = self.subjects(&event.target);
        let label = self.label(event);
        let by = self.by(event);
        let (Some(subjects), Some(label), Some(by)) = (subjects, label, by) else {
            self.uses.lose();
            return None;
        };
        let sound = self.only_calls(event, &subjects, role) && sound;
        let tools = self.tool_guards(event, &subjects);
        let events = self.event_guards(event, &subjects);
        let bindings = self.bindings(event);
        let (tools, events, mut bindings) = (tools?, events?, bindings?);
        if tools.is_empty() && events.is_empty() {
            // It matches nothing, and nothing says what its variables would compare as.
            bindings.clear();
        }
        let of_tools = PatternPart {
            kind: kind(event, role),
            approved: is_mode(event, ModeKind::Approved),
            by,
            label,
            unknown: is_mode(event, ModeKind::Denied) && matches!(event.target.kind, TargetKind::Any),
            bindings,
            cases: PatternCases::Tools(cases(tools.iter().map(|(id, guard)| (*id, joined(&guard.whole))))),
        };
        let judged = (of_tools.kind != LetterKind::Call).then(|| judged(&of_tools, &tools));
        let pattern = with_events(of_tools, &subjects, events);
        sound.then_some(Read { pattern, judged })
    }

    fn mode(&mut self, event: &tree::EventPattern, role: Role) -> bool {
        let Some(mode) = event.mode else { return true };
        match (mode.kind, role) {
            (ModeKind::Approved, _) => true,
            (ModeKind::Denied, Role::Step | Role::Limit) if self.denies => match &event.outcome {
                Some(outcome) if is_result(Some(&outcome.kind)) => {
                    self.report(problem::denied_result(outcome.span));
                    false
                }
                _ => true,
            },
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

    /// The tools that a pattern speaks of, each with what its effect adds to the guard.
    pub(super) fn with_effect(&self, event: &tree::EventPattern, subjects: &Subjects) -> Vec<(ToolId, Option<Cond>)> {
        let symbols = self.checker.symbols;
        let effect = match event.outcome.as_ref().map(|outcome| &outcome.kind) {
            Some(OutcomeKind::Sends) => CallEffect::Sends,
            Some(OutcomeKind::Destroys) => CallEffect::Destroys,
            _ => return subjects.tools.iter().map(|id| (*id, None)).collect(),
        };
        let guarded = |id: &ToolId| permissions::guard(symbols, self.tools, *id, effect).map(|cond| (*id, cond));
        subjects.tools.iter().filter_map(guarded).collect()
    }

    fn tool_guards(&mut self, event: &tree::EventPattern, subjects: &Subjects) -> Option<Vec<(ToolId, Guard)>> {
        let symbols = self.checker.symbols;
        let of_result = is_result(event.outcome.as_ref().map(|outcome| &outcome.kind));
        let mut guards = Vec::new();
        let mut sound = true;
        for (id, effect) in self.with_effect(event, subjects) {
            let Some(tool) = symbols.tools.get(id.index()) else { continue };
            let site = if of_result { Site::result(tool) } else { Site::call(tool) };
            match self.guard(event, site, effect) {
                Some(guard) => guards.push((id, guard)),
                None => sound = false,
            }
        }
        sound.then_some(guards)
    }

    fn event_guards(&mut self, event: &tree::EventPattern, subjects: &Subjects) -> Option<Vec<(EventId, Guard)>> {
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
        sound.then_some(guards)
    }

    /// Literal arguments, literal fields of the result, the effect's condition, the pattern's own: what there is of them.
    fn guard(&mut self, event: &tree::EventPattern, site: Site<'a>, effect: Option<Cond>) -> Option<Guard> {
        let mut facts = Facts::default();
        let mut guard = Guard::default();
        let mut sound = true;
        for (argument, side) in fields(event) {
            match self.field(argument, side, site, event) {
                Ok(Some((cond, present))) => {
                    facts = facts.with(&present);
                    match side {
                        Side::Arguments => guard.push(cond),
                        Side::Result => guard.whole.push(cond),
                    }
                }
                // A variable says nothing about one letter.
                Ok(None) => {}
                Err(()) => {
                    self.uses.lose();
                    sound = false;
                }
            }
        }
        effect.into_iter().for_each(|cond| guard.push(cond));
        if let Some(when) = &event.when {
            match self.checker.condition(site, when, &facts).0 {
                Some(cond) if reads_result(&cond) => guard.whole.push(cond),
                Some(cond) => guard.push(cond),
                None => sound = false,
            }
        }
        sound.then_some(guard)
    }

    #[allow(clippy::type_complexity)]
    fn field(
        &mut self,
        argument: &tree::Argument,
        side: Side,
        site: Site<'a>,
        event: &tree::EventPattern,
    ) -> Result<Option<(Cond, Facts)>, ()> {
        match (side, site.subject) {
            (Side::Arguments, _) => {
                let record = site.record().cloned().unwrap_or(Record { open: false, fields: Vec::new() });
                self.argument(argument, side, &record, &site.owner())
            }
            (Side::Result, Subject::Tool(tool)) => {
                let Some(result) = &tool.result else {
                    let span = event.outcome.as_ref().map_or(argument.span, |outcome| outcome.span);
                    self.report(value_problem::no_result(&tool.name, span));
                    return Err(());
                };
                self.argument(argument, side, result, &format!("the result of `{}`", tool.name))
            }
            // That a host event has no outcome is said where that stands.
            (Side::Result, _) => Err(()),
        }
    }
}

/// The calls that a limit judges where it counts what is no call.
fn judged(counted: &PatternPart, guards: &[(ToolId, Guard)]) -> Pattern {
    let part = PatternPart {
        kind: LetterKind::Call,
        approved: false,
        by: counted.by,
        label: None,
        unknown: false,
        bindings: counted.bindings.clone(),
        cases: PatternCases::Tools(cases(guards.iter().map(|(id, guard)| (*id, joined(&guard.judged))))),
    };
    Pattern { parts: vec![part] }
}

/// The part of the tools, that of the host events, or both.
fn with_events(of_tools: PatternPart, subjects: &Subjects, events: Vec<(EventId, Guard)>) -> Pattern {
    let of_events = || PatternPart {
        kind: LetterKind::Event,
        approved: false,
        by: None,
        label: None,
        unknown: false,
        bindings: of_tools.bindings.clone(),
        cases: PatternCases::Events(cases(events.iter().map(|(id, guard)| (*id, joined(&guard.whole))))),
    };
    let parts = match (subjects.tools.is_empty(), subjects.events.is_empty()) {
        (_, true) => vec![of_tools],
        (true, false) => vec![of_events()],
        (false, false) => {
            let of_events = of_events();
            vec![of_tools, of_events]
        }
    };
    Pattern { parts }
}

fn joined(conds: &[Cond]) -> Cond {
    match conds {
        [] => Cond::Const(true),
        [cond] => cond.clone(),
        _ => Cond::And(conds.to_vec()),
    }
}

fn is_mode(event: &tree::EventPattern, kind: ModeKind) -> bool {
    event.mode.is_some_and(|mode| mode.kind == kind)
}

/// Names with equal guards share a case; cases stand in the order of their first name.
fn cases<Id: Copy>(guards: impl Iterator<Item = (Id, Cond)>) -> Vec<Case<Id>> {
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
    if is_mode(event, ModeKind::Denied) {
        return LetterKind::Denied;
    }
    match event.outcome.as_ref().map(|outcome| &outcome.kind) {
        Some(OutcomeKind::Succeeds) => LetterKind::Ok,
        Some(OutcomeKind::Fails) => LetterKind::Failed,
        Some(OutcomeKind::Returns(_)) if succeeded => LetterKind::Ok,
        Some(OutcomeKind::Returns(_)) => LetterKind::Result,
        Some(OutcomeKind::Sends | OutcomeKind::Destroys) | None if succeeded => LetterKind::Ok,
        Some(OutcomeKind::Sends | OutcomeKind::Destroys) | None => LetterKind::Call,
    }
}
