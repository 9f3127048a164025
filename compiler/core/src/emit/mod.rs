//! Emission: a policy in core form becomes a frame.
//!
//! In: a [`Core`]. Out: a [`Frame`] that the runtime's validation accepts, or every bound that the policy passes. Invariants: ids of the core are ids of
//! the frame; a type's parts and a quantifier's body come before it; nothing depends on anything but the core, so equal cores give equal frames.
//! Left out: the container (checksum, certificate), which the runtime's `frame` writes. Every frame is marked unproven; whoever proves it takes the mark off.
//! Source: `lang-spec/frame-format.md`.

mod permission;
mod program;
mod regex;
mod rule;
mod scan;
mod term;
#[cfg(test)]
mod tests;
mod types;
mod value;

use leverframe_runtime::frame::{self, Frame, Origin};
use leverframe_runtime::limits;

use self::regex::Regexes;
use self::types::Types;
use crate::automata::{Guards, Oversize, Subject};
use crate::core::{Core, Event, LabelId, Record, Tool};
use crate::detectors;

/// The version of the language that this compiler reads.
const LANGUAGE: u32 = 1;

/// Compiles a policy.
///
/// # Errors
/// Every bound that it passes, LF0711 to LF0719, LF0740, LF0741, LF0747, in the order of the frame's parts. LF0748 is a core that contradicts itself.
pub fn compile(core: &Core) -> Result<Frame, Vec<Oversize>> {
    with_origins(core).map(|(frame, _)| frame)
}

/// Compiles a policy, and keeps where each rule's states come from, for a certificate.
///
/// # Errors
/// As [`compile`].
pub fn with_origins(core: &Core) -> Result<(Frame, Vec<Origin>), Vec<Oversize>> {
    let guards = Guards::collect(core);
    let mut emitter = Emitter::new(core);
    emitter.labels();
    let context = emitter.types.record(&Subject::Policy, &emitter.context.clone(), &mut emitter.problems);
    let tools = core.tools.iter().enumerate().map(|(index, tool)| emitter.tool(tool, &guards, index)).collect();
    let events = core.events.iter().enumerate().map(|(index, event)| emitter.event(event, &guards, index)).collect();
    let everyone = emitter.tool_rules(&core.everyone);
    let personas = core.personas.iter().map(|persona| emitter.persona(persona)).collect();
    let (rules, origins): (Vec<frame::Rule>, Vec<Origin>) = core.rules.iter().filter_map(|rule| emitter.rule(&guards, rule)).unzip();
    emitter.state_bytes(&rules);
    let detectors = emitter.detectors();
    let frame = Frame {
        language: LANGUAGE,
        unproven: true,
        labels: core.labels.iter().map(|label| label.name.clone()).collect(),
        types: emitter.types.list,
        context,
        tools,
        events,
        personas,
        everyone,
        answers: emitter.answers,
        rules,
        scans: core.scans.iter().map(|scan| scan::emit(scan, &detectors)).collect(),
        detectors,
        programs: emitter.programs,
        regexes: emitter.regexes.automata,
    };
    if emitter.problems.is_empty() { Ok((frame, origins)) } else { Err(emitter.problems) }
}

/// A frame in the making.
struct Emitter<'a> {
    core: &'a Core,
    /// The context fields by name, as a record that may hold more.
    context: Record,
    types: Types,
    programs: Vec<frame::Program>,
    regexes: Regexes,
    answers: Vec<frame::Answer>,
    problems: Vec<Oversize>,
}

impl<'a> Emitter<'a> {
    fn new(core: &'a Core) -> Self {
        Self {
            core,
            context: context(core),
            types: Types::default(),
            programs: Vec::new(),
            regexes: Regexes::default(),
            answers: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn labels(&mut self) {
        self.check("LF0711", &Subject::Policy, "labels", limits::LABELS, self.core.labels.len());
    }

    fn detectors(&mut self) -> Vec<frame::Detector> {
        detectors::of_scans(&self.core.detectors, &self.core.scans).unwrap_or_else(|passed| {
            self.problems.push(passed);
            Vec::new()
        })
    }

    fn tool(&mut self, tool: &Tool, guards: &Guards, index: usize) -> frame::Tool {
        let subject = Subject::Tool(tool.name.clone());
        let args = self.types.record(&subject, &tool.args, &mut self.problems);
        let result = tool.result.as_ref().map(|result| self.types.record(&subject, result, &mut self.problems));
        let (at_call, at_result) = (guards.tool(index), guards.result(index));
        self.check("LF0712", &subject, "conditions of effects and patterns", limits::GUARDS_PER_TOOL, at_call.len() + at_result.len());
        frame::Tool {
            name: tool.name.clone(),
            args,
            result,
            returns: label_set(&tool.returns),
            guards: at_call.iter().map(|guard| self.condition(&subject, &tool.args, None, guard)).collect(),
            result_guards: at_result.iter().map(|guard| self.condition(&subject, &tool.args, tool.result.as_ref(), guard)).collect(),
            values: self.values(&subject, &tool.args, tool.result.as_ref(), guards.tool_values(index)),
        }
    }

    fn event(&mut self, event: &Event, guards: &Guards, index: usize) -> frame::Event {
        let subject = Subject::Event(event.name.clone());
        let args = self.types.record(&subject, &event.args, &mut self.problems);
        let conditions = guards.event(index);
        self.check("LF0712", &subject, "conditions of patterns", limits::GUARDS_PER_TOOL, conditions.len());
        frame::Event {
            name: event.name.clone(),
            args,
            guards: conditions.iter().map(|guard| self.condition(&subject, &event.args, None, guard)).collect(),
            values: self.values(&subject, &event.args, None, guards.event_values(index)),
        }
    }

    fn check(&mut self, code: &'static str, subject: &Subject, what: &'static str, bound: usize, given: usize) {
        if let Err(passed) = Oversize::check(code, subject, what, bound, given) {
            self.problems.push(passed);
        }
    }
}

/// A bit a label. More than 64 labels are refused, so no bit is lost.
fn label_set(labels: &[LabelId]) -> u64 {
    labels.iter().fold(0, |set, label| set | 1_u64.checked_shl(label.0).unwrap_or(0))
}

/// A context may hold more than the policy reads; a member that it lacks denies only where a condition reads it.
fn context(core: &Core) -> Record {
    let field = |field: &crate::core::ContextField| crate::core::Field {
        name: field.name.clone(),
        ty: field.ty.clone(),
        required: true,
        nullable: false,
        default: None,
    };
    let mut fields: Vec<_> = core.context.iter().map(field).collect();
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    Record { open: true, fields }
}
