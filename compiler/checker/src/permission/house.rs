//! Statements of `everyone` that do nothing.
//!
//! In: a policy. Out: LF0303 to LF0305 of what `everyone` denies. Invariants: as for a persona's statements, only what is certain is said, and one finding a
//! statement. Left out: whatever a persona's own conditions exclude, since `everyone` speaks to all of them.
//! Source: verification section 3.

use std::collections::BTreeMap;

use leverframe_compiler::automata::Guards;
use leverframe_compiler::core::{Cond, Core, Origins, ToolId};
use leverframe_runtime::frame;
use leverframe_syntax::{Code, Diagnostic, Span};

use crate::question::{Answer, Goal, Questions, Subject};
use crate::report::Finding;
use crate::session::permit::{answers, evaluated, members, negated, or};

/// What `everyone` denies, statement by statement: its tools and its condition on each.
type Statements<'a> = Vec<(&'a str, Vec<(ToolId, Cond)>)>;

struct House<'a, 'q, 'c> {
    core: &'a Core,
    origins: &'a Origins,
    questions: &'q mut Questions<'c>,
    guards: Guards,
}

/// Looks at every `deny` of `everyone`.
pub(super) fn house(core: &Core, origins: &Origins, questions: &mut Questions<'_>) -> Vec<Finding> {
    let mut house = House { core, origins, questions, guards: Guards::collect(core) };
    let statements = house.statements();
    let mut found = Vec::new();
    for (at, (name, on)) in statements.iter().enumerate() {
        found.extend(house.of_no_effect(name, on, statements.get(..at).unwrap_or(&[])));
        found.extend(house.always(name, on));
    }
    found
}

impl<'a> House<'a, '_, '_> {
    /// In the order in which they are written.
    fn statements(&self) -> Statements<'a> {
        let mut by_name: BTreeMap<&str, Vec<(ToolId, Cond)>> = BTreeMap::new();
        for rules in &self.core.everyone {
            for (answer, cond) in answers(&rules.members) {
                by_name.entry(&answer.name).or_default().push((rules.tool, cond));
            }
        }
        let mut statements: Statements<'a> = by_name.into_iter().collect();
        statements.sort_by_key(|(name, _)| self.place(name));
        statements
    }

    fn place(&self, name: &str) -> Span {
        self.origins.rules.get(name).copied().unwrap_or_default()
    }

    fn impossible(&mut self, tool: ToolId, holds: Vec<Cond>) -> bool {
        let evaluated: Vec<Cond> = members(&self.core.everyone, tool).iter().map(evaluated).collect();
        let evaluable = evaluated.iter().chain(self.guards.tool(tool.index())).collect();
        matches!(self.questions.ask(Subject::Tool(tool), &Goal { holds, evaluable }), Answer::Impossible(_))
    }

    fn of_no_effect(&mut self, name: &str, on: &[(ToolId, Cond)], before: &[(&str, Vec<(ToolId, Cond)>)]) -> Option<Finding> {
        if on.iter().all(|(tool, cond)| self.impossible(*tool, vec![cond.clone()])) {
            let message = format!("no call meets the condition of `{name}`");
            let found = self.made(Code::LF0303, name, on, message, "correct the condition, or take the rule out");
            return Some(found.stating(frame::Finding::NeverMet(own(name)), []));
        }
        let earlier = |tool: ToolId| {
            let of_tool = before.iter().flat_map(|(_, on)| on).filter(|(other, _)| *other == tool);
            or(of_tool.map(|(_, cond)| cond.clone()).collect())
        };
        on.iter().all(|(tool, cond)| self.impossible(*tool, vec![cond.clone(), negated(earlier(*tool))])).then(|| {
            let message = format!("what `everyone` says before `{name}` denies all its calls");
            let found = self.made(Code::LF0304, name, on, message, "take it out, or say what it should add");
            found.stating(frame::Finding::Shadowed(own(name), frame::Shadow::Everyone), [])
        })
    }

    fn always(&mut self, name: &str, on: &[(ToolId, Cond)]) -> Option<Finding> {
        let conditional = on.iter().all(|(_, cond)| *cond != Cond::Const(true));
        let always = conditional && on.iter().all(|(tool, cond)| self.impossible(*tool, vec![negated(cond.clone())]));
        // Of a tool that cannot be called nothing is said.
        let possible = always && on.iter().any(|(tool, _)| !self.impossible(*tool, vec![Cond::Const(true)]));
        possible.then(|| {
            let message = format!("every call meets the condition of `{name}`");
            self.made(Code::LF0305, name, on, message, "leave the condition out").stating(frame::Finding::AlwaysMet(own(name)), [])
        })
    }

    fn made(&self, code: Code, name: &str, on: &[(ToolId, Cond)], message: String, note: &str) -> Finding {
        let diagnostic = Diagnostic::new(code, self.place(name), message).note(note);
        let tool = on.first().and_then(|(tool, _)| self.core.tools.get(tool.index())).map(|tool| tool.name.clone());
        Finding { tool, rules: vec![name.to_owned()], ..Finding::new(diagnostic) }
    }
}

fn own(name: &str) -> frame::Statement {
    frame::Statement { persona: None, name: name.to_owned() }
}
