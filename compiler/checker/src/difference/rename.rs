//! A policy's core form in the names of two policies together.
//!
//! In: a core form, and for each of its ids the one that stands for the same name. Out: its parts with those ids. Invariant: every order is the canonical
//! one of the new ids. What only this policy has is left out of patterns and scopes; a rule that can then judge nothing is left out.
//! Source: `lang-spec/core-form.md`.

use leverframe_compiler::automata::patterns_of;
use leverframe_compiler::core::{
    Answer, Body, Case, Clause, Cond, Core, EventId, Formula, LabelId, Limit, Member, Pattern, PatternCases, PatternPart, Persona,
    PersonaId, Protocol, Rule, Scan, Scope, ToolId, ToolRules,
};

/// The new id of every old one.
pub(super) struct Renaming {
    pub(super) tools: Vec<Option<ToolId>>,
    pub(super) events: Vec<EventId>,
    pub(super) personas: Vec<Option<PersonaId>>,
    pub(super) labels: Vec<LabelId>,
    /// How many personas there are in the new names.
    pub(super) all_personas: usize,
}

impl Renaming {
    fn tool(&self, tool: ToolId) -> Option<ToolId> {
        self.tools.get(tool.index()).copied().flatten()
    }

    fn persona(&self, persona: PersonaId) -> Option<PersonaId> {
        self.personas.get(persona.index()).copied().flatten()
    }

    fn label(&self, label: LabelId) -> LabelId {
        self.labels.get(label.index()).copied().unwrap_or(label)
    }

    /// Labels, in the new order.
    pub(super) fn labels(&self, labels: &[LabelId]) -> Vec<LabelId> {
        let mut labels: Vec<LabelId> = labels.iter().map(|label| self.label(*label)).collect();
        labels.sort();
        labels
    }

    /// A condition.
    pub(super) fn cond(&self, cond: &Cond) -> Cond {
        let all = |parts: &[Cond]| parts.iter().map(|part| self.cond(part)).collect();
        match cond {
            Cond::And(parts) => Cond::And(all(parts)),
            Cond::Or(parts) => Cond::Or(all(parts)),
            Cond::Not(part) => Cond::Not(Box::new(self.cond(part))),
            Cond::All(name, list, part) => Cond::All(name.clone(), list.clone(), Box::new(self.cond(part))),
            Cond::Some(name, list, part) => Cond::Some(name.clone(), list.clone(), Box::new(self.cond(part))),
            Cond::Has(label) => Cond::Has(self.label(*label)),
            Cond::Carries(label) => Cond::Carries(self.label(*label)),
            Cond::Const(_)
            | Cond::Present(_)
            | Cond::Compare(..)
            | Cond::In(..)
            | Cond::InCidr(..)
            | Cond::UnderHost(..)
            | Cond::UnderPath(..)
            | Cond::Text(..) => cond.clone(),
        }
    }

    /// The rules on the tools that both have.
    pub(super) fn permissions(&self, rules: &[ToolRules]) -> Vec<ToolRules> {
        let renamed = |rules: &ToolRules| {
            let ToolRules { tool, members } = rules;
            Some(ToolRules { tool: self.tool(*tool)?, members: members.iter().map(|member| self.member(member)).collect() })
        };
        let mut found: Vec<ToolRules> = rules.iter().filter_map(renamed).collect();
        found.sort_by_key(|rules| rules.tool);
        found
    }

    fn member(&self, member: &Member) -> Member {
        match member {
            Member::Rule(answer) => Member::Rule(self.answer(answer)),
            Member::On(arms) => Member::On(arms.iter().map(|arm| self.answer(arm)).collect()),
        }
    }

    fn answer(&self, answer: &Answer) -> Answer {
        Answer { cond: self.cond(&answer.cond), ..answer.clone() }
    }

    /// A persona.
    pub(super) fn owner(&self, persona: &Persona) -> Persona {
        let Persona { name, otherwise, tools } = persona;
        let otherwise = otherwise.as_ref().map(|answer| self.answer(answer));
        Persona { name: name.clone(), otherwise, tools: self.permissions(tools) }
    }

    fn scope(&self, scope: &Scope) -> Option<Scope> {
        let Scope::Personas(personas) = scope else { return Some(Scope::All) };
        let mut personas: Vec<PersonaId> = personas.iter().filter_map(|persona| self.persona(*persona)).collect();
        personas.sort();
        match personas.len() {
            0 => None,
            all if all == self.all_personas => Some(Scope::All),
            _ => Some(Scope::Personas(personas)),
        }
    }

    /// A rule; nothing where it judges no call that both know.
    pub(super) fn rule(&self, rule: &Rule) -> Option<Rule> {
        let Rule { kind, name, key, scope, action, why, body, capacity } = rule;
        let body = match body {
            Body::Deny(formula) => Body::Deny(self.formula(formula)),
            Body::Protocol(protocol) => Body::Protocol(self.protocol(protocol)),
            Body::Limit(limit) => Body::Limit(self.limit(limit)),
        };
        let (kind, name, key, action, why, capacity) = (*kind, name.clone(), *key, action.clone(), why.clone(), *capacity);
        let rule = Rule { kind, name, key, scope: self.scope(scope)?, action, why, body, capacity };
        (!is_idle(&rule)).then_some(rule)
    }

    /// A scan; nothing where it reads no content that both know.
    pub(super) fn scan(&self, scan: &Scan) -> Option<Scan> {
        let mut tools: Vec<ToolId> = scan.tools.iter().filter_map(|tool| self.tool(*tool)).collect();
        tools.sort();
        let named = Scan { name: String::new(), scope: self.scope(&scan.scope)?, labels: self.labels(&scan.labels), tools, ..scan.clone() };
        (!named.tools.is_empty()).then_some(named)
    }

    fn limit(&self, limit: &Limit) -> Limit {
        let Limit { measure, window_ms, event, judged } = limit;
        let judged = judged.as_ref().map(|judged| self.pattern(judged));
        Limit { measure: measure.clone(), window_ms: *window_ms, event: self.pattern(event), judged }
    }

    fn protocol(&self, protocol: &Protocol) -> Protocol {
        let all = |parts: &[Protocol]| parts.iter().map(|part| self.protocol(part)).collect();
        match protocol {
            Protocol::Event(pattern) => Protocol::Event(self.pattern(pattern)),
            Protocol::Then(parts) => Protocol::Then(all(parts)),
            Protocol::Or(parts) => Protocol::Or(all(parts)),
            Protocol::Many(part) => Protocol::Many(Box::new(self.protocol(part))),
            Protocol::Some(part) => Protocol::Some(Box::new(self.protocol(part))),
            Protocol::Maybe(part) => Protocol::Maybe(Box::new(self.protocol(part))),
        }
    }

    fn formula(&self, formula: &Formula) -> Formula {
        let all = |parts: &[Formula]| parts.iter().map(|part| self.formula(part)).collect();
        match formula {
            Formula::Start => Formula::Start,
            Formula::Match(pattern) => Formula::Match(self.pattern(pattern)),
            Formula::And(parts) => Formula::And(all(parts)),
            Formula::Or(parts) => Formula::Or(all(parts)),
            Formula::Not(part) => Formula::Not(Box::new(self.formula(part))),
            Formula::Prev(part, clause) => {
                let Clause { within_ms, unless, next } = clause;
                let unless = unless.iter().map(|pattern| self.pattern(pattern)).filter(|pattern| !is_nothing(pattern)).collect();
                Formula::Prev(Box::new(self.formula(part)), Clause { within_ms: *within_ms, unless, next: *next })
            }
            Formula::Met { pattern, within_ms, reset } => {
                let reset = reset.as_ref().map(|reset| self.pattern(reset)).filter(|reset| !is_nothing(reset));
                Formula::Met { pattern: self.pattern(pattern), within_ms: *within_ms, reset }
            }
            Formula::Span(ms, part) => Formula::Span(*ms, Box::new(self.formula(part))),
            Formula::From(part) => Formula::From(Box::new(self.formula(part))),
        }
    }

    fn pattern(&self, pattern: &Pattern) -> Pattern {
        let Pattern { parts } = pattern;
        Pattern { parts: parts.iter().filter_map(|part| self.part(part)).collect() }
    }

    fn part(&self, part: &PatternPart) -> Option<PatternPart> {
        let by = match part.by {
            Some(persona) => Some(self.persona(persona)?),
            None => None,
        };
        let (cases, empty) = match &part.cases {
            PatternCases::Tools(cases) => {
                let cases = self.cases(cases, |tool| self.tool(tool));
                (PatternCases::Tools(cases.clone()), cases.is_empty() && !part.unknown)
            }
            PatternCases::Events(cases) => {
                let cases = self.cases(cases, |event| self.events.get(event.index()).copied());
                (PatternCases::Events(cases.clone()), cases.is_empty())
            }
        };
        (!empty).then(|| PatternPart { by, label: part.label.map(|label| self.label(label)), cases, ..part.clone() })
    }

    fn cases<Id: Copy + Ord>(&self, cases: &[Case<Id>], renamed: impl Fn(Id) -> Option<Id>) -> Vec<Case<Id>> {
        let case = |case: &Case<Id>| {
            let Case { names, guard } = case;
            let mut names: Vec<Id> = names.iter().filter_map(|name| renamed(*name)).collect();
            names.sort();
            Case { names, guard: self.cond(guard) }
        };
        let mut found: Vec<Case<Id>> = cases.iter().map(case).filter(|case| !case.names.is_empty()).collect();
        found.sort_by_key(|case| case.names.first().copied());
        found
    }
}

/// Whether a pattern matches nothing.
fn is_nothing(pattern: &Pattern) -> bool {
    pattern.parts.is_empty()
}

/// Whether a rule judges nothing, whatever happens.
fn is_idle(rule: &Rule) -> bool {
    match &rule.body {
        Body::Deny(formula) => never(formula),
        Body::Limit(limit) => is_nothing(&limit.event) || limit.judged.as_ref().is_some_and(is_nothing),
        Body::Protocol(_) => {
            let mut idle = true;
            patterns_of(rule, &mut |pattern| idle &= is_nothing(pattern));
            idle
        }
    }
}

fn never(formula: &Formula) -> bool {
    match formula {
        Formula::Match(pattern) | Formula::Met { pattern, .. } => is_nothing(pattern),
        Formula::And(parts) => parts.iter().any(never),
        Formula::Or(parts) => parts.iter().all(never),
        Formula::Prev(part, _) | Formula::Span(_, part) | Formula::From(part) => never(part),
        Formula::Start | Formula::Not(_) => false,
    }
}

/// Every condition that decides something, of permissions and of patterns.
pub(super) fn conditions(core: &Core, visit: &mut impl FnMut(&Cond)) {
    let answers = |members: &[Member], visit: &mut dyn FnMut(&Cond)| {
        for member in members {
            match member {
                Member::Rule(answer) => visit(&answer.cond),
                Member::On(arms) => arms.iter().for_each(|arm| visit(&arm.cond)),
            }
        }
    };
    core.everyone.iter().for_each(|rules| answers(&rules.members, visit));
    core.personas.iter().flat_map(|persona| &persona.tools).for_each(|rules| answers(&rules.members, visit));
    parts(core, &mut |part| match &part.cases {
        PatternCases::Tools(cases) => cases.iter().for_each(|case| visit(&case.guard)),
        PatternCases::Events(cases) => cases.iter().for_each(|case| visit(&case.guard)),
    });
}

/// Every part of every pattern of the rules.
pub(super) fn parts(core: &Core, visit: &mut impl FnMut(&PatternPart)) {
    for rule in &core.rules {
        patterns_of(rule, &mut |pattern| pattern.parts.iter().for_each(&mut *visit));
    }
}
