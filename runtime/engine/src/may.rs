//! Which tools a persona may ever call, so that it is shown no others.
//!
//! In: a loaded policy. Out: yes, or certainly no. Invariant: a tool of which some call may be admitted is never a no; rules over histories are not asked, since
//! what they deny now they may let pass later.
//! Source: language section 4.

use crate::frame::{AnswerId, Member, PersonaId, ToolId, Verdict};
use crate::policy::Policy;

impl Policy {
    /// Whether permissions leave any call of the tool to the persona. One that the policy does not know has none.
    ///
    /// # Limits
    /// Linear in what the persona and `everyone` say: for lists of tools, not for calls.
    #[must_use]
    pub fn may_admit(&self, persona: PersonaId, tool: ToolId) -> bool {
        let Some(speaker) = self.frame.personas.get(persona.index()) else { return false };
        let rules = || self.frame.everyone.iter().chain(&speaker.tools).filter(|rules| rules.tool == tool);
        let members = || rules().flat_map(|rules| &rules.members);
        if tool.index() >= self.frame.tools.len() || members().any(|member| self.always_denies(member)) {
            return false;
        }
        let opens = |answer: &AnswerId| self.frame.answers.get(answer.index()).is_some_and(|answer| answer.verdict != Verdict::Deny);
        speaker.otherwise.iter().any(opens)
            || members().any(|member| match member {
                Member::Rule(answer) => opens(answer),
                Member::On(arms) => arms.iter().any(opens),
            })
    }

    fn always_denies(&self, member: &Member) -> bool {
        let first = match member {
            Member::Rule(answer) => Some(answer),
            Member::On(arms) => arms.first(),
        };
        let answer = first.and_then(|answer| self.frame.answers.get(answer.index()));
        answer.is_some_and(|answer| answer.verdict == Verdict::Deny && answer.condition.is_none())
    }
}
