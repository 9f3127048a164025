//! Permissions: what `everyone` and a persona say of one call.
//!
//! In: a call's values. Out: hits in deciding order. Invariants: every unordered member is evaluated, arms of `on` lazily; one that cannot be
//! evaluated is remembered and denies the call.
//! Source: language sections 4 and 9.

use alloc::vec;
use alloc::vec::Vec;

use crate::decision::{Hit, Source};
use crate::evaluate::{Failure, Reader, Truth};
use crate::frame::{AnswerId, Frame, Member, PersonaId, ProgramId, ToolId, ToolRules, Verdict};
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

/// A permission as it is asked: members of a tool's rules one after the other, the arms of an `on` among them.
#[derive(Clone, Copy, Debug)]
struct Line {
    answer: AnswerId,
    verdict: Verdict,
    condition: Option<ProgramId>,
    /// Which line is asked next where this one does not answer no: after an arm what follows its `on`.
    after: u32,
}

/// The lines that speak of a tool.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    start: u32,
    end: u32,
}

/// All permissions, found by persona and tool.
#[derive(Debug, Default)]
pub(crate) struct Permissions {
    lines: Vec<Line>,
    /// By tool; empty where `everyone` says nothing.
    everyone: Vec<Lines>,
    personas: Vec<Speaker>,
}

/// What a persona says.
#[derive(Debug)]
struct Speaker {
    /// By tool.
    tools: Vec<Lines>,
    otherwise: Option<Hit>,
}

impl Permissions {
    /// The permissions of a validated frame.
    pub(crate) fn of(frame: &Frame) -> Self {
        let mut permissions = Self::default();
        if !frame.everyone.is_empty() {
            permissions.everyone = permissions.by_tool(frame, &frame.everyone);
        }
        for persona in &frame.personas {
            let tools = permissions.by_tool(frame, &persona.tools);
            let otherwise = persona.otherwise.and_then(|id| frame.answers.get(id.index()).map(|answer| hit(id, answer.verdict)));
            permissions.personas.push(Speaker { tools, otherwise });
        }
        permissions
    }

    fn by_tool(&mut self, frame: &Frame, rules: &[ToolRules]) -> Vec<Lines> {
        let mut table = vec![Lines::default(); frame.tools.len()];
        for rule in rules {
            let start = self.next();
            for member in &rule.members {
                match member {
                    Member::Rule(answer) => self.add(frame, &[*answer]),
                    Member::On(arms) => self.add(frame, arms),
                }
            }
            if let Some(entry) = table.get_mut(rule.tool.index()) {
                *entry = Lines { start, end: self.next() };
            }
        }
        table
    }

    fn next(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or(u32::MAX)
    }

    /// Adds the arms of an `on`, or a rule, which is one arm.
    fn add(&mut self, frame: &Frame, arms: &[AnswerId]) {
        let after = self.next().saturating_add(u32::try_from(arms.len()).unwrap_or(u32::MAX));
        let line = |id: &AnswerId| {
            frame.answers.get(id.index()).map(|answer| Line { answer: *id, verdict: answer.verdict, condition: answer.condition, after })
        };
        self.lines.extend(arms.iter().filter_map(line));
    }
}

fn hit(answer: AnswerId, verdict: Verdict) -> Hit {
    Hit { verdict, source: Source::Answer(answer), overflowed: false }
}

impl Policy {
    /// Adds the hits of `everyone` and of the persona to `hits`.
    #[inline]
    pub(crate) fn permit(&self, persona: PersonaId, tool: ToolId, reader: &mut Reader<'_>, hits: &mut Vec<Hit>, failures: &mut Failures) {
        let Permissions { everyone, personas, .. } = &self.permissions;
        if let Some(lines) = everyone.get(tool.index()) {
            self.lines(*lines, reader, hits, failures);
        }
        let before = hits.len();
        let Some(speaker) = personas.get(persona.index()) else { return };
        if let Some(lines) = speaker.tools.get(tool.index()) {
            self.lines(*lines, reader, hits, failures);
        }
        if let (true, Some(otherwise)) = (hits.len() == before, speaker.otherwise) {
            hits.push(otherwise);
        }
    }

    #[inline]
    fn lines(&self, lines: Lines, reader: &mut Reader<'_>, hits: &mut Vec<Hit>, failures: &mut Failures) {
        let mut at = lines.start;
        while at < lines.end
            && let Some(line) = self.permissions.lines.get(at as usize)
        {
            let truth = line.condition.map_or(Truth::Yes, |condition| reader.evaluate(condition));
            failures.note(truth);
            if truth == Truth::Yes {
                hits.push(hit(line.answer, line.verdict));
            }
            at = if truth == Truth::No { at + 1 } else { line.after };
        }
    }
}
