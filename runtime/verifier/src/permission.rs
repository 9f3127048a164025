//! Permissions: what personas and everyone say of each tool.
//!
//! In: a policy and a frame. Out: whether their members are equal, one by one.
//! Source: language section 4; `lang-spec/core-form.md`, [core.file].

use leverframe_reference::policy::{Answer, Cond, Member, Persona, ToolRules, Verdict};
use leverframe_reference::types::Record;
use leverframe_runtime::frame::{self, AnswerId};

use crate::condition::Scope;
use crate::{Checked, Checker, as_many, equal, require};

/// What an `otherwise` may read of the arguments: nothing.
const NOTHING: &Record = &Record { open: false, fields: Vec::new() };

impl<'a> Checker<'a> {
    /// Personas and everyone.
    pub(crate) fn permissions(&mut self) {
        let (policy, frame) = (self.policy, self.frame);
        let checked = self.tools(&policy.everyone, &frame.everyone);
        self.note(|| "`everyone`".to_owned(), checked);
        self.note(|| "the personas".to_owned(), as_many("personas", policy.personas.len(), frame.personas.len()));
        for (persona, other) in policy.personas.iter().zip(&frame.personas) {
            let checked = self.persona(persona, other);
            self.note(|| format!("persona `{}`", persona.name), checked);
        }
        self.report.answers = frame.answers.len();
    }

    fn persona(&mut self, persona: &'a Persona, other: &'a frame::Persona) -> Checked {
        equal("its name", &persona.name, &other.name)?;
        match (&persona.otherwise, other.otherwise) {
            (Some(answer), Some(id)) => self.answer(NOTHING, answer, id)?,
            (answer, id) => require(answer.is_none() && id.is_none(), || "only one of both has an `otherwise`".to_owned())?,
        }
        self.tools(&persona.tools, &other.tools)
    }

    fn tools(&mut self, policy: &'a [ToolRules], frame: &'a [frame::ToolRules]) -> Checked {
        as_many("tools with permissions", policy.len(), frame.len())?;
        policy
            .iter()
            .zip(frame)
            .try_for_each(|(rules, other)| self.members(rules, other).map_err(|what| format!("of tool `{}`, {what}", rules.tool)))
    }

    fn members(&mut self, rules: &'a ToolRules, other: &'a frame::ToolRules) -> Checked {
        let tool = self.policy.tools.get(other.tool.index()).filter(|tool| tool.name == rules.tool);
        let tool = tool.ok_or("the frame has the permissions of another tool")?;
        as_many("members", rules.members.len(), other.members.len())?;
        rules.members.iter().zip(&other.members).try_for_each(|(member, other)| match (member, other) {
            (Member::Rule(answer), frame::Member::Rule(id)) => self.answer(&tool.args, answer, *id),
            (Member::On(arms), frame::Member::On(ids)) => {
                as_many("arms", arms.len(), ids.len())?;
                arms.iter().zip(ids).try_for_each(|(arm, id)| self.answer(&tool.args, arm, *id))
            }
            _ => Err("an ordered member is unordered, or the contrary".to_owned()),
        })
    }

    fn answer(&mut self, args: &'a Record, answer: &'a Answer, id: AnswerId) -> Checked {
        let other = self.frame.answers.get(id.index()).ok_or("an answer is absent")?;
        let verdict = match answer.verdict {
            Verdict::Allow => frame::Verdict::Allow,
            Verdict::Ask => frame::Verdict::Ask,
            Verdict::Deny => frame::Verdict::Deny,
        };
        equal("the name of an answer", &answer.name, &other.name)?;
        equal("the verdict of an answer", &verdict, &other.verdict)?;
        equal("who an answer asks", &answer.who, &other.who)?;
        equal("the reason of an answer", &answer.why, &other.why)?;
        let checked = match (&answer.cond, other.condition) {
            (Cond::Const(true), None) => Ok(()),
            (cond, Some(id)) => self.condition(&Scope::new(args, self.context, None), cond, id),
            (_, None) => Err("the frame leaves out its condition".to_owned()),
        };
        checked.map_err(|what| format!("of answer `{}`, {what}", answer.name))
    }
}
