//! Permissions: what `everyone` and a persona say of one call.
//!
//! In: a call's values. Out: hits in deciding order. Invariants: every unordered member is evaluated, arms of `on` lazily; one that cannot be
//! evaluated is remembered and denies the call.
//! Source: language sections 4 and 9.

use alloc::vec::Vec;

use crate::decision::{Hit, Source};
use crate::evaluate::{Failure, Reader, Truth};
use crate::frame::{AnswerId, Member, PersonaId, ToolId, ToolRules};
use crate::policy::Policy;

/// What could not be evaluated so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Failures {
    pub(crate) value: bool,
    pub(crate) context: bool,
}

impl Failures {
    pub(crate) fn note(&mut self, truth: Truth) {
        match truth {
            Truth::Failed(Failure::Value) => self.value = true,
            Truth::Failed(Failure::Context) => self.context = true,
            Truth::Yes | Truth::No => {}
        }
    }
}

impl Policy {
    /// Adds the hits of `everyone` and of the persona to `hits`.
    pub(crate) fn permit(&self, persona: PersonaId, tool: ToolId, reader: &mut Reader<'_>, hits: &mut Vec<Hit>, failures: &mut Failures) {
        if let Some(rules) = self.everyone.get(tool.index()).copied().flatten().and_then(|index| self.frame.everyone.get(index)) {
            self.members(rules, reader, hits, failures);
        }
        let before = hits.len();
        let Some(speaker) = self.frame.personas.get(persona.index()) else { return };
        let entry = self.permissions.get(persona.index()).and_then(|table| table.get(tool.index())).copied().flatten();
        if let Some(rules) = entry.and_then(|index| speaker.tools.get(index)) {
            self.members(rules, reader, hits, failures);
        }
        if let (true, Some(otherwise)) = (hits.len() == before, speaker.otherwise) {
            self.hit(otherwise, hits);
        }
    }

    fn members(&self, rules: &ToolRules, reader: &mut Reader<'_>, hits: &mut Vec<Hit>, failures: &mut Failures) {
        for member in &rules.members {
            match member {
                Member::Rule(answer) => {
                    self.answer(*answer, reader, hits, failures);
                }
                Member::On(arms) => {
                    for arm in arms {
                        if self.answer(*arm, reader, hits, failures) != Truth::No {
                            break;
                        }
                    }
                }
            }
        }
    }

    fn answer(&self, id: AnswerId, reader: &mut Reader<'_>, hits: &mut Vec<Hit>, failures: &mut Failures) -> Truth {
        let condition = self.frame.answers.get(id.index()).and_then(|answer| answer.condition);
        let truth = condition.map_or(Truth::Yes, |condition| reader.evaluate(condition));
        failures.note(truth);
        if truth == Truth::Yes {
            self.hit(id, hits);
        }
        truth
    }

    fn hit(&self, id: AnswerId, hits: &mut Vec<Hit>) {
        if let Some(answer) = self.frame.answers.get(id.index()) {
            hits.push(Hit { verdict: answer.verdict, source: Source::Answer(id), overflowed: false });
        }
    }
}
