//! Permissions: answers and the members that name them.
//!
//! In: personas and `everyone` of the core. Out: those of the frame. Invariants: members keep their order; lists of tools ascend.
//! Source: language section 4.

use leverframe_runtime::frame::{self, AnswerId, ToolId};

use super::Emitter;
use crate::automata::Subject;
use crate::core::{Answer, Cond, Member, Persona, Record, ToolRules, Verdict};

impl Emitter<'_> {
    pub(super) fn persona(&mut self, persona: &Persona) -> frame::Persona {
        let tools = self.tool_rules(&persona.tools);
        let nothing = Record { open: false, fields: Vec::new() };
        let otherwise = persona.otherwise.as_ref().map(|answer| self.answer(&nothing, answer));
        frame::Persona { name: persona.name.clone(), otherwise, tools }
    }

    pub(super) fn tool_rules(&mut self, rules: &[ToolRules]) -> Vec<frame::ToolRules> {
        let mut emitted: Vec<frame::ToolRules> = rules.iter().map(|rules| self.members(rules)).collect();
        emitted.sort_by_key(|rules| rules.tool);
        emitted
    }

    fn members(&mut self, rules: &ToolRules) -> frame::ToolRules {
        let core = self.core;
        let nothing = Record { open: false, fields: Vec::new() };
        let args = core.tools.get(rules.tool.index()).map_or(&nothing, |tool| &tool.args);
        let members = rules.members.iter().map(|member| match member {
            Member::Rule(answer) => frame::Member::Rule(self.answer(args, answer)),
            Member::On(arms) => frame::Member::On(arms.iter().map(|arm| self.answer(args, arm)).collect()),
        });
        let members = members.collect();
        frame::ToolRules { tool: ToolId(rules.tool.0), members }
    }

    fn answer(&mut self, args: &Record, answer: &Answer) -> AnswerId {
        let condition = match &answer.cond {
            Cond::Const(true) => None,
            cond => Some(self.condition(&Subject::Answer(answer.name.clone()), args, None, cond)),
        };
        self.answers.push(frame::Answer {
            name: answer.name.clone(),
            verdict: verdict(answer.verdict),
            condition,
            who: answer.who.clone(),
            why: answer.why.clone(),
        });
        AnswerId(u32::try_from(self.answers.len() - 1).unwrap_or(u32::MAX))
    }
}

fn verdict(verdict: Verdict) -> frame::Verdict {
    match verdict {
        Verdict::Allow => frame::Verdict::Allow,
        Verdict::Ask => frame::Verdict::Ask,
        Verdict::Deny => frame::Verdict::Deny,
    }
}
