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
mod term;
#[cfg(test)]
mod tests;
mod types;

use leverframe_runtime::frame::{self, Frame, ProgramId};
use leverframe_runtime::limits;

use self::regex::Regexes;
use self::types::Types;
use crate::automata::{Guards, Oversize, Subject};
use crate::core::{Cond, Core, Event, Record, Tool};

/// The version of the language that this compiler reads.
const LANGUAGE: u32 = 1;

/// Compiles a policy.
///
/// # Errors
/// Every bound that it passes, LF0711 to LF0719, LF0740, LF0741, LF0747, in the order of the frame's parts. LF0748 is a core that contradicts itself.
pub fn compile(core: &Core) -> Result<Frame, Vec<Oversize>> {
    let guards = Guards::collect(core);
    let mut emitter = Emitter::new(core);
    emitter.labels();
    let context = emitter.types.record(&Subject::Policy, &emitter.context.clone(), &mut emitter.problems);
    let tools = core.tools.iter().enumerate().map(|(index, tool)| emitter.tool(tool, guards.tool(index))).collect();
    let events = core.events.iter().enumerate().map(|(index, event)| emitter.event(event, guards.event(index))).collect();
    let everyone = emitter.tool_rules(&core.everyone);
    let personas = core.personas.iter().map(|persona| emitter.persona(persona)).collect();
    let rules: Vec<frame::Rule> = core.rules.iter().filter_map(|rule| emitter.rule(&guards, rule)).collect();
    emitter.state_bytes(&rules);
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
        programs: emitter.programs,
        regexes: emitter.regexes.automata,
    };
    if emitter.problems.is_empty() { Ok(frame) } else { Err(emitter.problems) }
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

    fn tool(&mut self, tool: &Tool, guards: &[Cond]) -> frame::Tool {
        let subject = Subject::Tool(tool.name.clone());
        let args = self.types.record(&subject, &tool.args, &mut self.problems);
        // More than 64 labels are refused above, so no bit is lost.
        let returns = tool.returns.iter().fold(0, |set, label| set | 1_u64.checked_shl(label.0).unwrap_or(0));
        frame::Tool { name: tool.name.clone(), args, returns, guards: self.guards(&subject, &tool.args, guards) }
    }

    fn event(&mut self, event: &Event, guards: &[Cond]) -> frame::Event {
        let subject = Subject::Event(event.name.clone());
        let args = self.types.record(&subject, &event.args, &mut self.problems);
        frame::Event { name: event.name.clone(), args, guards: self.guards(&subject, &event.args, guards) }
    }

    fn guards(&mut self, subject: &Subject, args: &Record, guards: &[Cond]) -> Vec<ProgramId> {
        self.check("LF0712", subject, "conditions of effects and patterns", limits::GUARDS_PER_TOOL, guards.len());
        guards.iter().map(|guard| self.condition(subject, args, guard)).collect()
    }

    fn check(&mut self, code: &'static str, subject: &Subject, what: &'static str, bound: usize, given: usize) {
        if let Err(passed) = Oversize::check(code, subject, what, bound, given) {
            self.problems.push(passed);
        }
    }
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
