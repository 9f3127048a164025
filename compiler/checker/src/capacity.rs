//! Rules that keep values apart, and histories that can have more of them.
//!
//! In: a policy. Out: LF0410. Invariants: a rule of which it is not said keeps every value that its histories can have at one time, as far as types, equalities
//! with literals and limits that count plain calls tell; what bounds the values in another way is not seen, and the note is said.
//! Source: verification section 3; `lang-spec/variables.md` [var.capacity].

mod domain;

use std::collections::{BTreeMap, BTreeSet};

use leverframe_compiler::core::{
    Action, Binding, Body, Case, Cond, Core, Formula, Key, LetterKind, Limit, Measure, Origins, Pattern, PatternCases, PatternPart,
    PersonaId, Rule, RuleKind, Scope, ToolId, ValuePath,
};
use leverframe_syntax::{Code, Diagnostic};

use self::domain::Domain;
use crate::question::{Answer, Goal, Questions, Subject};
use crate::report::{Finding, Report};
use crate::session::permit::{Permits, or};
use crate::session::values::scalar;

/// Looks at every rule that keeps values apart.
pub(crate) fn capacities(core: &Core, origins: &Origins, questions: &mut Questions<'_>) -> Report {
    let mut report = Report::default();
    for rule in &core.rules {
        let Some(capacity) = rule.capacity else { continue };
        // A session has one persona; under another key all of them share a history.
        let groups: Vec<Vec<PersonaId>> = match rule.key {
            Key::Session => judged(core, rule).into_iter().map(|persona| vec![persona]).collect(),
            _ => vec![everybody(core)],
        };
        let exceeds = groups.into_iter().any(|personas| {
            let mut count = Count { core, rule, personas, questions };
            count.most().is_none_or(|most| most > u64::from(capacity))
        });
        if exceeds {
            report.findings.extend(finding(origins, rule, capacity));
        }
    }
    report
}

fn everybody(core: &Core) -> Vec<PersonaId> {
    (0..u32::try_from(core.personas.len()).unwrap_or(u32::MAX)).map(PersonaId).collect()
}

fn judged(core: &Core, rule: &Rule) -> Vec<PersonaId> {
    match &rule.scope {
        Scope::All => everybody(core),
        Scope::Personas(personas) => personas.clone(),
    }
}

fn finding(origins: &Origins, rule: &Rule, capacity: u32) -> Option<Finding> {
    let span = *origins.rules.get(&rule.name)?;
    let what = match rule.key {
        Key::Session => "a session",
        Key::Principal => "a principal's history",
        Key::Agent => "an agent's history",
        Key::Tenant => "a tenant's history",
    };
    let beyond = match rule.kind {
        RuleKind::Require => "beyond that, what was met longest ago counts as not met",
        RuleKind::Limit => "beyond that, values share one count, which is never too low",
        RuleKind::Forbid | RuleKind::Protocol => "beyond that, every call that the rule could ever deny is denied for good",
    };
    let message = format!("{what} can have more values than the {capacity} that `{}` keeps apart", rule.name);
    let note = format!("{beyond}: say `capacity N` where more are usual, or bound them by a sharper type or a `limit … per session`");
    let mut finding = Finding::new(Diagnostic::new(Code::LF0410, span, message).note(note));
    finding.rules.push(rule.name.clone());
    Some(finding)
}

/// The values that a rule has to keep in histories of some personas.
struct Count<'a, 'q, 'c> {
    core: &'a Core,
    rule: &'a Rule,
    personas: Vec<PersonaId>,
    questions: &'q mut Questions<'c>,
}

/// What brings values to a rule.
#[derive(Default)]
struct Sources {
    /// The values of each variable.
    domains: BTreeMap<String, Domain>,
    /// The limits that count what brings them, by position.
    limits: BTreeSet<usize>,
    /// Whether something brings them that no limit counts.
    unlimited: bool,
}

impl Sources {
    fn add(&mut self, variable: &str, domain: Domain) {
        let known = self.domains.remove(variable).unwrap_or_else(Domain::empty);
        self.domains.insert(variable.to_owned(), known.or(domain));
    }
}

impl Count<'_, '_, '_> {
    /// How many at most; nothing where there is no end of them.
    fn most(&mut self) -> Option<u64> {
        let (patterns, window_ms) = remembered(self.rule);
        let mut sources = Sources::default();
        for (pattern, from_call) in &patterns {
            for part in &pattern.parts {
                // A result may come long after its call, so that a window over calls says nothing of what is remembered from it.
                let window_ms = window_ms.filter(|_| *from_call || part.kind == LetterKind::Call);
                self.part(part, window_ms, &mut sources);
            }
        }
        let values = sources.domains.values().try_fold(1, |all: u64, domain| Some(all.saturating_mul(domain.size()?)));
        let counted = sources.limits.iter().filter_map(|limit| self.counted(*limit)).sum();
        let events = (!sources.unlimited).then_some(counted);
        values.into_iter().chain(events).min()
    }

    fn counted(&self, limit: usize) -> Option<u64> {
        match &self.core.rules.get(limit)?.body {
            Body::Limit(Limit { measure: Measure::Count(most) | Measure::Distinct(most, _), .. }) => Some(u64::from(*most)),
            _ => None,
        }
    }

    fn part(&mut self, part: &PatternPart, window_ms: Option<u64>, sources: &mut Sources) {
        match &part.cases {
            PatternCases::Events(cases) => {
                sources.unlimited = true;
                for (case, event) in cases.iter().flat_map(|case| case.names.iter().map(move |event| (case, event))) {
                    let args = self.core.events.get(event.index()).map(|event| &event.args);
                    Self::bound(part, sources, &|path| narrow(Domain::of(args, path), path, &[&case.guard]));
                }
            }
            PatternCases::Tools(cases) => {
                for (case, tool) in cases.iter().flat_map(|case| case.names.iter().map(move |tool| (case, tool))) {
                    self.tool(part, case, *tool, window_ms, sources);
                }
            }
        }
    }

    fn tool(&mut self, part: &PatternPart, case: &Case<ToolId>, tool: ToolId, window_ms: Option<u64>, sources: &mut Sources) {
        // Refused attempts need no permission, and no limit stops them.
        let attempts = part.kind == LetterKind::Denied;
        let granted: Vec<Cond> = self.personas.iter().map(|persona| granted(self.core, *persona, tool)).collect();
        let granted = if attempts { Cond::Const(true) } else { or(granted) };
        if !self.possible(tool, vec![granted.clone(), case.guard.clone()]) {
            return;
        }
        match self.limit(part, tool, window_ms).filter(|_| !attempts) {
            Some(limit) => drop(sources.limits.insert(limit)),
            None => sources.unlimited = true,
        }
        let Some(declared) = self.core.tools.get(tool.index()) else { return };
        if part.bindings.is_empty() {
            // `identical`: the tool and all its arguments are the value.
            let alone = declared.args.fields.is_empty() && !declared.args.open;
            let own = if alone { Domain::one(&declared.name) } else { Domain::Endless };
            sources.add("", own);
        }
        Self::bound(part, sources, &|path| {
            let record = if path.result { declared.result.as_ref() } else { Some(&declared.args) };
            narrow(Domain::of(record, path), path, &[&case.guard, &granted])
        });
    }

    /// Whether some call of the tool is such; where it is not known it may be.
    fn possible(&mut self, tool: ToolId, holds: Vec<Cond>) -> bool {
        let holds: Vec<Cond> = holds.into_iter().filter(|cond| !cond.reads_result()).collect();
        !matches!(self.questions.ask(Subject::Tool(tool), &Goal { holds, evaluable: Vec::new() }), Answer::Impossible(_))
    }

    /// Adds the values of every variable that the part binds.
    fn bound(part: &PatternPart, sources: &mut Sources, domain: &dyn Fn(&ValuePath) -> Domain) {
        for Binding { name, value } in &part.bindings {
            sources.add(name, domain(value));
        }
    }

    /// A limit that bounds how many values calls of the tool can bring to the rule while it remembers them.
    fn limit(&self, part: &PatternPart, tool: ToolId, window_ms: Option<u64>) -> Option<usize> {
        self.core.rules.iter().position(|limit| {
            let Body::Limit(counting) = &limit.body else { return false };
            let refuses = matches!(limit.action, Action::Deny | Action::EndSession) && limit.capacity.is_none();
            let everybody = self.personas.iter().all(|persona| judged(self.core, limit).contains(persona));
            let lasts = match counting.window_ms {
                None => limit.key == self.rule.key,
                Some(ms) => {
                    let same = limit.key == self.rule.key || self.rule.key == Key::Session;
                    same && window_ms.is_some_and(|own| own < ms)
                }
            };
            let counts = match &counting.measure {
                Measure::Count(_) => part.bindings.iter().all(|binding| scalar(&binding.value).is_some()),
                Measure::Distinct(_, path) => matches!(part.bindings.as_slice(), [only] if only.value.steps == path.steps && !path.result),
                Measure::Identical(_) | Measure::Sum(..) => false,
            };
            refuses && everybody && lasts && counts && takes_all(&counting.event, tool)
        })
    }
}

fn granted(core: &Core, persona: PersonaId, tool: ToolId) -> Cond {
    let permits = Permits::of(core, persona, tool);
    or(vec![permits.allow, permits.ask])
}

fn narrow(domain: Domain, path: &ValuePath, conds: &[&Cond]) -> Domain {
    let Some(term) = scalar(path) else { return domain };
    conds.iter().fold(domain, |domain, cond| domain.narrowed(cond, &term))
}

/// Whether a pattern matches every admitted call of the tool.
fn takes_all(pattern: &Pattern, tool: ToolId) -> bool {
    pattern.parts.iter().any(|part| {
        let plain = part.kind == LetterKind::Call && !part.approved && part.by.is_none() && part.label.is_none();
        let all = |case: &Case<ToolId>| case.guard == Cond::Const(true) && case.names.contains(&tool);
        plain && matches!(&part.cases, PatternCases::Tools(cases) if cases.iter().any(all))
    })
}

/// Patterns of which a rule remembers values, each with whether it remembers them from their calls on, even if their results bring them.
type Remembered = Vec<(Pattern, bool)>;

/// What a rule remembers, and for how long it does so at most.
fn remembered(rule: &Rule) -> (Remembered, Option<u64>) {
    let mut found = Vec::new();
    match &rule.body {
        Body::Deny(formula) => {
            let window = steps(formula, &mut found);
            (found, window)
        }
        Body::Protocol(_) => {
            leverframe_compiler::automata::patterns_of(rule, &mut |pattern| found.push((pattern.clone(), false)));
            (found, None)
        }
        Body::Limit(limit) => {
            let window = limit.window_ms.filter(|_| !matches!(limit.measure, Measure::Sum(..)));
            (vec![(limit.event.clone(), false)], window)
        }
    }
}

/// Adds the patterns of all steps but the last; how long the whole is remembered, where that has an end.
fn steps(formula: &Formula, found: &mut Remembered) -> Option<u64> {
    match formula {
        Formula::Start | Formula::Match(_) => Some(0),
        Formula::Not(part) | Formula::From(part) => steps(part, found),
        Formula::Span(ms, part) => steps(part, found).or(Some(*ms)),
        Formula::And(parts) | Formula::Or(parts) => {
            let all: Vec<Option<u64>> = parts.iter().map(|part| steps(part, found)).collect();
            all.into_iter().try_fold(0, |most: u64, window| Some(most.max(window?)))
        }
        Formula::Prev(body, clause) => {
            matched(body, found);
            Some(steps(body, found)?.saturating_add(clause.within_ms?))
        }
        Formula::Met { pattern, within_ms, .. } => {
            found.extend(Some((pattern.clone(), true)).filter(|(pattern, _)| binds(pattern)));
            *within_ms
        }
    }
}

/// The patterns that a step itself matches.
fn matched(formula: &Formula, found: &mut Remembered) {
    match formula {
        Formula::Match(pattern) => found.extend(Some((pattern.clone(), false)).filter(|(pattern, _)| binds(pattern))),
        Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| matched(part, found)),
        Formula::Not(part) | Formula::Span(_, part) | Formula::From(part) => matched(part, found),
        Formula::Start | Formula::Prev(..) | Formula::Met { .. } => {}
    }
}

/// Whether a pattern has variables: one without is about values that take a place already.
fn binds(pattern: &Pattern) -> bool {
    pattern.parts.iter().any(|part| !part.bindings.is_empty())
}
