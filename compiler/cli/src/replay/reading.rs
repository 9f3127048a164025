//! A line as far as it can be judged alone: parsed, its names looked up in the policy.
//!
//! In: the bytes of a line. Out: a [`Reading`] that borrows from them. Nothing here depends on another line, so lines are read on any thread in any order.
//! Source: `lang-spec/traces.md`, [trace.line].

use std::ops::Range;

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

/// Text that lines stand in.
#[derive(Clone, Copy)]
struct Text<'c> {
    text: &'c str,
    /// Where it begins in the chunk.
    start: usize,
}

impl<'c> Text<'c> {
    fn of(self, line: &Place) -> Option<&'c str> {
        let place = line.place.as_ref()?;
        self.text.get(place.start.checked_sub(self.start)?..place.end.checked_sub(self.start)?)
    }
}

/// The text of these lines; nothing where not all of them is text, so that each has to be asked alone.
fn text<'c>(chunk: &'c Chunk, lines: &[Place]) -> Option<Text<'c>> {
    let (first, last) = (lines.first()?.place.as_ref()?, lines.last()?.place.as_ref()?);
    let text = std::str::from_utf8(chunk.bytes.get(first.start..last.end)?).ok()?;
    Some(Text { text, start: first.start })
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

    /// Reads some lines or rows of a chunk.
    pub(crate) fn read_all<'c>(&mut self, chunk: &'c Chunk, range: Range<usize>) -> Vec<Reading<'c>> {
        let mut readings = Vec::with_capacity(range.len());
        if let Some(rows) = &chunk.rows {
            for row in range {
                let read = |times: &mut _, line: &mut _| rows.line(row, times, line).map_err(RecordError::Line);
                self.read(rows.number(row), &mut readings, read);
            }
            return readings;
        }
        let lines = chunk.lines.get(range).unwrap_or_default();
        let text = text(chunk, lines);
        for place in lines {
            let read = |times: &mut _, line: &mut _| match chunk.line(place) {
                Some(bytes) => line::read(bytes, text.and_then(|text| text.of(place)), times, line).map_err(RecordError::Line),
                None => Err(RecordError::TooLong(TRACE_LINE_BYTES)),
            };
            self.read(place.number, &mut readings, read);
        }
        readings
    }

    fn read<'c>(
        &mut self,
        number: u64,
        readings: &mut Vec<Reading<'c>>,
        read: impl FnOnce(&mut Times, &mut Line<'c>) -> Result<(), RecordError>,
    ) {
        readings.push(Reading::nothing(number));
        // What was pushed is filled where it is: a line is large.
        let Some(reading) = readings.last_mut() else { return };
        match read(&mut self.times, &mut reading.line) {
            Ok(()) if reading.line.remark => drop(readings.pop()),
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
