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
use crate::trace::line::{self, Kind, Line, Outcome};
use crate::trace::source::{Chunk, Line as Place};
use crate::trace::time::Times;

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
    /// What it says.
    pub(crate) line: Line<'a>,
    /// Why it is no line of a record, where it is none.
    pub(crate) fault: Option<Box<RecordError>>,
    /// What of it the policy does not take; weighed after what lines before it say of its id.
    pub(crate) flaw: Option<Box<RecordError>>,
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
    times: Times,
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

impl Reading<'_> {
    /// A line of which nothing is read.
    fn nothing(number: u64) -> Self {
        let (persona, tool, event) = (PersonaId::UNKNOWN, ToolId::UNKNOWN, EventId::UNKNOWN);
        Self { number, line: Line::default(), fault: None, flaw: None, persona, tool, event, labels: LabelSet::default() }
    }
}

fn found<'p, T>(names: impl Iterator<Item = &'p str>, find: impl Fn(&str) -> Option<T>) -> HashMap<&'p str, T> {
    names.filter_map(|name| Some((name, find(name)?))).collect()
}

impl<'p> Reader<'p> {
    /// A reader that looks names up in `directory`.
    pub(crate) fn new(directory: &'p Directory<'p>) -> Self {
        let nobody = States { session: Some(directory.policy.new_session("")), ..States::default() };
        Self { directory, scratch: Scratch::default(), nobody, times: Times::default() }
    }

    /// Reads some lines of a chunk.
    pub(crate) fn read_all<'c>(&mut self, chunk: &'c Chunk, lines: &[Place]) -> Vec<Reading<'c>> {
        let place = |line: Option<&Place>| line.and_then(|line| line.place.clone());
        let (first, last) = (place(lines.first()), place(lines.last()));
        let bytes = first.zip(last).and_then(|(first, last)| Some((first.start, chunk.bytes.get(first.start..last.end)?)));
        // Whether it is all text is asked once for all lines; where it is not, of each alone.
        let text = bytes.and_then(|(start, bytes)| Some((start, std::str::from_utf8(bytes).ok()?)));
        let mut readings = Vec::with_capacity(lines.len());
        for line in lines {
            readings.push(Reading::nothing(line.number));
            let text = text.zip(line.place.as_ref()).and_then(|((start, text), place)| text.get(place.start - start..place.end - start));
            // What was pushed is filled where it is: a line is large.
            if let Some(reading) = readings.last_mut() {
                self.read(chunk.line(line), text, reading);
            }
        }
        readings
    }

    fn read<'c>(&mut self, bytes: Option<&'c [u8]>, text: Option<&'c str>, reading: &mut Reading<'c>) {
        let read = match bytes {
            Some(bytes) => line::read(bytes, text, &mut self.times, &mut reading.line).map_err(RecordError::Line),
            None => Err(RecordError::TooLong(TRACE_LINE_BYTES)),
        };
        match read {
            Ok(()) => reading.flaw = self.look_up(reading).err().map(Box::new),
            Err(error) => reading.fault = Some(Box::new(error)),
        }
    }

    fn look_up(&mut self, reading: &mut Reading<'_>) -> Result<(), RecordError> {
        let (directory, line) = (self.directory, &reading.line);
        match line.kind {
            Kind::Call => {
                reading.persona = directory.personas.get(line.persona.as_ref()).copied().unwrap_or(PersonaId::UNKNOWN);
                reading.tool = directory.tools.get(line.tool.as_ref()).copied().unwrap_or(ToolId::UNKNOWN);
            }
            Kind::Result => {}
            Kind::Event => {
                reading.event = self.event(line)?;
                return Ok(());
            }
        }
        if let Some(result) = &line.result {
            reading.labels = directory.labels(result)?;
        }
        Ok(())
    }

    /// The event, if the policy declares it and takes these arguments, which no history has a say in.
    fn event(&mut self, line: &Line<'_>) -> Result<EventId, RecordError> {
        let event = self.directory.events.get(line.event.as_ref()).copied();
        let event = event.ok_or_else(|| RecordError::Event(line.event.to_string()))?;
        let args = RawJson(line.args.as_bytes());
        let taken = self.directory.policy.report(&mut self.nobody, event, &args, 0, &mut self.scratch);
        taken.map(|()| event).map_err(|error| RecordError::Report(line.event.to_string(), error))
    }
}
