//! A line as far as it can be judged alone: parsed, its names looked up in the policy.
//!
//! In: the bytes of a line. Out: a [`Reading`] that borrows from them. Nothing here depends on another line, so lines are read on any thread in any order.
//! Source: `lang-spec/traces.md`, [trace.line].

use hashbrown::HashMap;
use leverframe_runtime::frame::{EventId, PersonaId, ToolId};
use leverframe_runtime::json::RawJson;
use leverframe_runtime::{LabelSet, Policy, Scratch, States};

use super::error::RecordError;
use crate::limits::TRACE_LINE_BYTES;
use crate::trace::line::{self, EventLine, Outcome, Record};
use crate::trace::source::{Chunk, Line};

/// The policy's names, each looked up once.
pub(crate) struct Directory<'p> {
    pub(crate) policy: &'p Policy,
    personas: HashMap<&'p str, PersonaId>,
    tools: HashMap<&'p str, ToolId>,
    events: HashMap<&'p str, EventId>,
    labels: HashMap<&'p str, LabelSet>,
}

/// A line that was read.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    /// The line's number.
    pub(crate) number: u64,
    /// What it says, or why it is no line of a record.
    pub(crate) record: Result<Record<'a>, RecordError>,
    /// What of it the policy does not take; weighed after what lines before it say of its id.
    pub(crate) flaw: Option<RecordError>,
    /// What its names stand for, as far as it has them.
    pub(crate) persona: PersonaId,
    pub(crate) tool: ToolId,
    pub(crate) event: EventId,
    /// The labels that its result names.
    pub(crate) labels: LabelSet,
}

/// What reads lines on one thread.
pub(crate) struct Reader<'p> {
    directory: &'p Directory<'p>,
    scratch: Scratch,
    /// A session of nobody, which shows whether a host event can be taken.
    nobody: States,
}

impl<'p> Directory<'p> {
    /// The names of a policy.
    pub(crate) fn new(policy: &'p Policy) -> Self {
        let frame = policy.frame();
        let bit = |name: &str| policy.label(name).and_then(|label| 1_u64.checked_shl(label.0)).map_or(LabelSet(0), LabelSet);
        Self {
            policy,
            personas: found(frame.personas.iter().map(|persona| persona.name.as_str()), |name| policy.persona(name)),
            tools: found(frame.tools.iter().map(|tool| tool.name.as_str()), |name| policy.tool(name)),
            events: found(frame.events.iter().map(|event| event.name.as_str()), |name| policy.event(name)),
            labels: found(frame.labels.iter().map(String::as_str), |name| Some(bit(name))),
        }
    }

    fn labels(&self, outcome: &Outcome<'_>) -> Result<LabelSet, RecordError> {
        let mut set = 0;
        for name in &outcome.labels {
            set |= self.labels.get(name.as_ref()).ok_or_else(|| RecordError::Label(name.to_string()))?.0;
        }
        Ok(LabelSet(set))
    }
}

fn found<'p, T>(names: impl Iterator<Item = &'p str>, find: impl Fn(&str) -> Option<T>) -> HashMap<&'p str, T> {
    names.filter_map(|name| Some((name, find(name)?))).collect()
}

impl<'p> Reader<'p> {
    /// A reader that looks names up in `directory`.
    pub(crate) fn new(directory: &'p Directory<'p>) -> Self {
        let nobody = States { session: Some(directory.policy.new_session("")), ..States::default() };
        Self { directory, scratch: Scratch::default(), nobody }
    }

    /// Reads some lines of a chunk.
    pub(crate) fn read_all<'c>(&mut self, chunk: &'c Chunk, lines: &[Line]) -> Vec<Reading<'c>> {
        lines.iter().map(|line| self.read(chunk, line)).collect()
    }

    fn read<'c>(&mut self, chunk: &'c Chunk, line: &Line) -> Reading<'c> {
        let record = match chunk.line(line) {
            Some(bytes) => line::read(bytes).map_err(RecordError::Line),
            None => Err(RecordError::TooLong(TRACE_LINE_BYTES)),
        };
        let (number, labels) = (line.number, LabelSet::default());
        let (persona, tool, event) = (PersonaId::UNKNOWN, ToolId::UNKNOWN, EventId::UNKNOWN);
        let mut reading = Reading { number, record, flaw: None, persona, tool, event, labels };
        if let Err(flaw) = self.look_up(&mut reading) {
            reading.flaw = Some(flaw);
        }
        reading
    }

    fn look_up(&mut self, reading: &mut Reading<'_>) -> Result<(), RecordError> {
        let directory = self.directory;
        match &reading.record {
            Ok(Record::Call(line)) => {
                reading.persona = directory.personas.get(line.persona.as_ref()).copied().unwrap_or(PersonaId::UNKNOWN);
                reading.tool = directory.tools.get(line.tool.as_ref()).copied().unwrap_or(ToolId::UNKNOWN);
                reading.labels = line.result.as_ref().map_or(Ok(LabelSet::default()), |result| directory.labels(result))?;
            }
            Ok(Record::Result(line)) => reading.labels = directory.labels(&line.result)?,
            Ok(Record::Event(line)) => reading.event = self.event(line)?,
            Err(_) => {}
        }
        Ok(())
    }

    /// The event, if the policy declares it and takes these arguments, which no history has a say in.
    fn event(&mut self, line: &EventLine<'_>) -> Result<EventId, RecordError> {
        let event = self.directory.events.get(line.event.as_ref()).copied();
        let event = event.ok_or_else(|| RecordError::Event(line.event.to_string()))?;
        let args = RawJson(line.args.as_bytes());
        let taken = self.directory.policy.report(&mut self.nobody, event, &args, 0, &mut self.scratch);
        taken.map(|()| event).map_err(|error| RecordError::Report(line.event.to_string(), error))
    }
}
