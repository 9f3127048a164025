//! What questions about one persona's permissions need.
//!
//! In: a policy and a persona. Out: for each tool the answers and the calls that each takes; questions with what lies outside of them left out.
//! Source: language section 9 ("Evaluation").

use std::collections::{BTreeMap, BTreeSet};

use leverframe_compiler::automata::Guards;
use leverframe_compiler::core::{Answer as Said, Cond, Core, LabelId, Origins, PersonaId, ToolId};
use leverframe_compiler::names::symbols::{Persona, Symbols};
use leverframe_compiler::pipeline::Checked;
use leverframe_runtime::Policy;
use leverframe_syntax::Span;

use crate::question::{Answer, Goal, Questions, Subject};
use crate::report::Basis;
use crate::session::letter::mentioned;
use crate::session::moving::{bits, scanned};
use crate::session::permit::{Permits, and, answers, members, negated, or};

/// A rule of the persona on one tool.
#[derive(Clone, Debug)]
pub(super) struct Ruling<'a> {
    pub(super) answer: &'a Said,
    /// Which member of the tool's unordered set it belongs to.
    pub(super) member: usize,
    /// The calls that it decides.
    pub(super) calls: Cond,
    /// Whether it is an arm of an `on`.
    pub(super) arm: bool,
}

/// A persona's permissions, and the means to ask about them.
pub(super) struct Matter<'a, 'q, 'c> {
    pub(super) core: &'a Core,
    pub(super) origins: &'a Origins,
    pub(super) symbols: &'a Symbols,
    pub(super) policy: &'a Policy,
    pub(super) persona: PersonaId,
    pub(super) questions: &'q mut Questions<'c>,
    guards: Guards,
    rulings: BTreeMap<ToolId, Vec<Ruling<'a>>>,
    /// The labels that a session of the persona can get.
    reachable: u64,
}

impl<'a, 'q, 'c> Matter<'a, 'q, 'c> {
    pub(super) fn new(
        checked: &'a Checked,
        core: &'a Core,
        policy: &'a Policy,
        questions: &'q mut Questions<'c>,
        persona: PersonaId,
    ) -> Self {
        let guards = Guards::collect(core);
        let mut matter = Self {
            core,
            origins: &checked.origins,
            symbols: &checked.symbols,
            policy,
            persona,
            questions,
            guards,
            rulings: BTreeMap::new(),
            reachable: 0,
        };
        let of_persona = core.personas.get(persona.index()).map_or(&[][..], |persona| persona.tools.as_slice());
        for rules in of_persona {
            let mut found = Vec::new();
            for (index, member) in rules.members.iter().enumerate() {
                let arm = matches!(member, leverframe_compiler::core::Member::On(_));
                let own = answers(std::slice::from_ref(member));
                found.extend(own.into_iter().map(|(answer, calls)| Ruling { answer, member: index, calls, arm }));
            }
            matter.rulings.insert(rules.tool, found);
        }
        matter.reachable = matter.labels();
        matter
    }

    /// The persona's name.
    pub(super) fn name(&self) -> &'a str {
        self.core.personas.get(self.persona.index()).map_or("", |persona| persona.name.as_str())
    }

    /// The persona as written.
    pub(super) fn written(&self) -> Option<&'a Persona> {
        self.symbols.personas.get(self.persona.index())
    }

    /// Where the persona is declared.
    pub(super) fn span(&self) -> Span {
        self.written().map(|persona| persona.name.span).unwrap_or_default()
    }

    pub(super) fn tools(&self) -> impl Iterator<Item = ToolId> + use<> {
        (0..u32::try_from(self.core.tools.len()).unwrap_or(u32::MAX)).map(ToolId)
    }

    pub(super) fn tool(&self, tool: ToolId) -> &'a str {
        self.core.tools.get(tool.index()).map_or("", |tool| tool.name.as_str())
    }

    pub(super) fn rulings(&self, tool: ToolId) -> Vec<Ruling<'a>> {
        self.rulings.get(&tool).cloned().unwrap_or_default()
    }

    /// The calls that `everyone` denies.
    pub(super) fn house(&self, tool: ToolId) -> Cond {
        or(answers(members(&self.core.everyone, tool)).into_iter().map(|(_, cond)| cond).collect())
    }

    /// Whether there is a call of the tool on which all of these hold and nothing fails.
    pub(super) fn ask(&mut self, tool: ToolId, holds: Vec<Cond>) -> Answer {
        let all = and(holds);
        if all == Cond::Const(false) {
            return Answer::Impossible(Basis::Certificate);
        }
        let permits = Permits::of(self.core, self.persona, tool);
        let evaluable: Vec<&Cond> = permits.evaluated.iter().chain(self.guards.tool(tool.index())).collect();
        self.questions.ask(Subject::Tool(tool), &Goal { holds: vec![all], evaluable })
    }

    /// Whether the condition of a rule may fail on a call on which all else that is evaluated does not: that call is denied for want of an answer.
    pub(super) fn may_fail(&mut self, tool: ToolId, cond: &Cond) -> bool {
        let permits = Permits::of(self.core, self.persona, tool);
        let mut evaluable: Vec<&Cond> = permits.evaluated.iter().chain(self.guards.tool(tool.index())).collect();
        if let Some(own) = evaluable.iter().position(|other| *other == cond) {
            evaluable.swap_remove(own);
        }
        let goal = Goal { holds: Vec::new(), evaluable };
        !matches!(self.questions.ask_failing(Subject::Tool(tool), &goal, std::slice::from_ref(cond)), Answer::Impossible(_))
    }

    /// Whether it is certain that there is no such call.
    pub(super) fn impossible(&mut self, tool: ToolId, holds: Vec<Cond>) -> bool {
        matches!(self.ask(tool, holds), Answer::Impossible(_))
    }

    /// That the session has none of the labels that it cannot get, as far as these conditions ask for them.
    pub(super) fn within_reach(&self, conds: &[Cond]) -> Cond {
        let asked = conds.iter().map(mentioned).fold(0, |a, b| a | b) & !self.reachable;
        let labels = (0..64).filter(|label| asked & (1 << label) != 0).map(LabelId);
        and(labels.map(|label| negated(Cond::Has(label))).collect())
    }

    /// The labels that results of calls which the persona may make can carry: those of calls that need labels themselves come later.
    fn labels(&mut self) -> u64 {
        let mut reachable = 0;
        loop {
            self.reachable = reachable;
            let mut next = 0;
            for tool in self.tools() {
                let Some(declared) = self.core.tools.get(tool.index()) else { continue };
                let gives = bits(&declared.returns) | scanned(self.core, tool, Some(self.persona));
                if gives & !next != 0 && self.may_call(tool) {
                    next |= gives;
                }
            }
            if next == reachable {
                return reachable;
            }
            reachable = next;
        }
    }

    /// Whether some call of the tool is allowed or asked, with labels that can be there.
    pub(super) fn may_call(&mut self, tool: ToolId) -> bool {
        let permits = Permits::of(self.core, self.persona, tool);
        let granted = or(vec![permits.allow, permits.ask]);
        let reach = self.within_reach(std::slice::from_ref(&granted));
        !self.impossible(tool, vec![granted, reach])
    }

    /// Where a rule was written.
    pub(super) fn place(&self, rule: &str) -> Span {
        self.origins.rules.get(rule).copied().unwrap_or_else(|| self.span())
    }

    /// The statements of the persona itself, ancestors' not among them, by name.
    pub(super) fn own_names(&self) -> BTreeSet<&'a str> {
        let prefix = self.name();
        let names = self.rulings.values().flatten().map(|ruling| ruling.answer.name.as_str());
        names.filter(|name| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))).collect()
    }

    /// All rules by name, each with the tools that it speaks of.
    pub(super) fn by_name(&self) -> Vec<(&'a str, Vec<(ToolId, Ruling<'a>)>)> {
        let mut found: Vec<(&'a str, Vec<(ToolId, Ruling<'a>)>)> = Vec::new();
        for (tool, rulings) in &self.rulings {
            for ruling in rulings {
                let name = ruling.answer.name.as_str();
                match found.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, tools)) => tools.push((*tool, ruling.clone())),
                    None => found.push((name, vec![(*tool, ruling.clone())])),
                }
            }
        }
        found.sort_by_key(|(name, _)| self.place(name));
        found
    }
}
