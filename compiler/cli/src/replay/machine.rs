//! A record from its lines to what they came to, on one thread or on several.
//!
//! In: a file. Out: its steps and its errors, to a [`Sink`], in the order of the lines. Chunk after chunk, lines are read on all threads, put in their places on
//! one, decided on as many as there are groups that share no key, and told on one.
//! Invariants: whatever the number of threads, the sink hears the same. In memory are the chunk at hand, [`CHUNKS_AHEAD`] more where there are several threads,
//! and what the chunk's lines came to; beside them only names, states and the ids that results name.
//! Source: the command line's contract (`--jobs`); `lang-spec/traces.md`, [trace.error].

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use leverframe_runtime::Policy;

use super::error::RecordError;
use super::groups::{Group, Groups};
use super::judge::{Decided, Judge, Manner, Ruling};
use super::reading::{Directory, Reader, Reading};
use super::sequence::{Coming, Placed, Sequence};
use super::slots::Slots;
use crate::exit::Failure;
use crate::limits::{CHUNK_BYTES, CHUNKS_AHEAD, SHARED_CHUNK_BYTES};
use crate::trace::line::{Kind, Line};
use crate::trace::references::References;
use crate::trace::source::{Chunk, Source};

/// What a line came to.
pub(crate) enum Step<'p, 'l> {
    /// A call was decided; its decision as JSON, where that was asked for.
    Call(Decided<'p, 'l>, &'l [u8]),
    /// The result of an earlier call of this session came.
    Result(&'l Line<'l>, &'l str),
    /// A host event came.
    Event(&'l Line<'l>),
}

/// Who hears what the lines came to.
pub(crate) trait Sink<'p> {
    /// A line was taken.
    ///
    /// # Errors
    /// What ends the run.
    fn step(&mut self, line: u64, step: &Step<'p, '_>) -> Result<(), Failure>;

    /// A line is in error. It has changed nothing.
    ///
    /// # Errors
    /// What ends the run; unless it keeps going, it must end here.
    fn error(&mut self, line: u64, error: &RecordError) -> Result<(), Failure>;

    /// So many lines more, and so many bytes of the file in all, are done.
    fn done(&mut self, lines: usize, bytes: u64);
}

/// How a record is decided.
pub(crate) struct Settings<'p> {
    pub(crate) policy: &'p Policy,
    /// How many threads read and decide.
    pub(crate) jobs: usize,
    /// What is wanted of decisions.
    pub(crate) manner: Manner,
    /// Whether the run goes on after an error of the record.
    pub(crate) keep_going: bool,
}

/// Decides a file.
///
/// # Errors
/// [`Failure::Read`], and whatever the sink says.
pub(crate) fn run<'p>(settings: &Settings<'p>, path: &Path, sink: &mut impl Sink<'p>) -> Result<(), Failure> {
    let directory = Directory::new(settings.policy);
    let mut machine = Machine::new(settings, &directory, References::scan(path)?);
    let mut source = Source::open(path, None)?;
    if settings.jobs <= 1 {
        let mut chunk = Chunk::default();
        while source.chunk(path, CHUNK_BYTES, &mut chunk)? {
            chunk.split();
            machine.chunk(&chunk, sink)?;
        }
        return Ok(());
    }
    let size = SHARED_CHUNK_BYTES.saturating_mul(settings.jobs);
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(CHUNKS_AHEAD);
        let (used, again) = channel();
        scope.spawn(move || read_ahead((source, path), size, &sender, &again));
        for chunk in receiver {
            let chunk = chunk?;
            machine.chunk(&chunk, sink)?;
            // Its memory is used again, if anybody still reads.
            let _ = used.send(chunk);
        }
        Ok(())
    })
}

/// Reads until the end, an error, or nobody listens.
fn read_ahead((mut source, path): (Source, &Path), size: usize, to: &SyncSender<Result<Chunk, Failure>>, again: &Receiver<Chunk>) {
    loop {
        let mut chunk = again.try_recv().unwrap_or_default();
        let read = source.chunk(path, size, &mut chunk);
        chunk.split();
        let more = matches!(read, Ok(true));
        let said = match read {
            Ok(false) => return,
            Ok(true) => to.send(Ok(chunk)),
            Err(error) => to.send(Err(error)),
        };
        if !more || said.is_err() {
            return;
        }
    }
}

/// What works on one file.
struct Machine<'p, 'd> {
    readers: Vec<Reader<'d>>,
    sequence: Sequence,
    groups: Groups,
    slots: Slots,
    judges: Vec<Bench<'p>>,
    keep_going: bool,
}

/// A judge, what it works on and what it has said.
struct Bench<'p> {
    judge: Judge<'p>,
    slots: Slots,
    ruling: Ruling<'p>,
}

/// The lines of a chunk that are taken, in their order, and those that are in error.
#[derive(Default)]
struct Order {
    placed: Vec<Placed>,
    /// Of each line that is taken, its place in the chunk.
    of: Vec<usize>,
    errors: Vec<(usize, RecordError)>,
}

impl<'p, 'd> Machine<'p, 'd> {
    fn new(settings: &Settings<'p>, directory: &'d Directory<'d>, references: References<super::sequence::Open>) -> Self {
        let bench =
            || Bench { judge: Judge::new(settings.policy, settings.manner.clone()), slots: Slots::default(), ruling: Ruling::default() };
        Self {
            readers: (0..settings.jobs.max(1)).map(|_| Reader::new(directory)).collect(),
            sequence: Sequence::new(references),
            groups: Groups::default(),
            slots: Slots::default(),
            judges: (0..settings.jobs.max(1)).map(|_| bench()).collect(),
            keep_going: settings.keep_going,
        }
    }

    fn chunk(&mut self, chunk: &Chunk, sink: &mut impl Sink<'p>) -> Result<(), Failure> {
        let readings = self.read(chunk);
        let order = self.place(&readings);
        let groups = self.decide(&readings, &order);
        self.tell(&readings, &order, &groups, sink)?;
        sink.done(readings.len(), chunk.read);
        Ok(())
    }

    fn read<'c>(&mut self, chunk: &'c Chunk) -> Vec<Reading<'c>> {
        let (count, share) = (chunk.count(), chunk.count().div_ceil(self.readers.len()).max(1));
        let mut shares = self.readers.iter_mut().zip((0..count).step_by(share).map(|start| start..(start + share).min(count)));
        thread::scope(|scope| {
            let Some((first, lines)) = shares.next() else { return Vec::new() };
            let others: Vec<_> = shares.map(|(reader, lines)| scope.spawn(|| reader.read_all(chunk, lines))).collect();
            let mut readings = first.read_all(chunk, lines);
            for other in others {
                match other.join() {
                    Ok(more) => readings.extend(more),
                    Err(fault) => std::panic::resume_unwind(fault),
                }
            }
            readings
        })
    }

    fn place(&mut self, readings: &[Reading<'_>]) -> Order {
        let mut order = Order::default();
        order.placed.reserve(readings.len());
        order.of.reserve(readings.len());
        for (index, reading) in readings.iter().enumerate() {
            match self.sequence.place(reading) {
                Ok(placed) => {
                    order.placed.push(placed);
                    order.of.push(index);
                }
                Err(error) => {
                    order.errors.push((index, error));
                    if !self.keep_going {
                        break;
                    }
                }
            }
        }
        order
    }

    fn decide(&mut self, readings: &[Reading<'_>], order: &Order) -> Vec<Group> {
        self.slots.reserve(self.sequence.names.count());
        let groups = match self.judges.len() {
            1 => vec![Group { lines: (0..order.placed.len()).collect(), handles: Vec::new() }],
            jobs => self.groups.split(&order.placed, jobs),
        };
        let working = groups.iter().filter(|group| !group.lines.is_empty()).count();
        let Self { judges, slots, .. } = self;
        let pairs = judges.iter_mut().zip(&groups).filter(|(_, group)| !group.lines.is_empty());
        if working <= 1 {
            for (bench, group) in pairs {
                bench.judge.decide(lines(readings, order, group), slots, &mut bench.ruling);
            }
            return groups;
        }
        thread::scope(|scope| {
            for (bench, group) in pairs {
                bench.lend(group, slots);
                scope.spawn(|| bench.judge.decide(lines(readings, order, group), &mut bench.slots, &mut bench.ruling));
            }
        });
        for (bench, group) in self.judges.iter_mut().zip(&groups) {
            bench.give_back(group, &mut self.slots);
        }
        groups
    }

    fn tell(&self, readings: &[Reading<'_>], order: &Order, groups: &[Group], sink: &mut impl Sink<'p>) -> Result<(), Failure> {
        let mut said: Vec<_> =
            self.judges.iter().zip(groups).map(|(bench, group)| (&bench.ruling, group.lines.iter().enumerate().peekable())).collect();
        let mut errors = order.errors.iter().peekable();
        for (index, (placed, of)) in order.placed.iter().zip(&order.of).enumerate() {
            while let Some((at, error)) = errors.next_if(|(at, _)| at < of) {
                sink.error(readings.get(*at).map_or(0, |reading| reading.number), error)?;
            }
            let Some(reading) = readings.get(*of) else { continue };
            let next = said.iter_mut().find_map(|(ruling, lines)| Some((*ruling, lines.next_if(|(_, line)| **line == index)?.0)));
            let Some((ruling, place)) = next else { continue };
            match (ruling.decided(place, reading, placed), reading.line.kind) {
                (Err(error), _) => sink.error(reading.number, &error)?,
                (Ok(Some((decided, json))), _) => sink.step(reading.number, &Step::Call(decided, json))?,
                (Ok(None), Kind::Event) => sink.step(reading.number, &Step::Event(&reading.line))?,
                (Ok(None), Kind::Result) => sink.step(reading.number, &Step::Result(&reading.line, self.session(placed)))?,
                (Ok(None), Kind::Call) => {}
            }
        }
        errors.try_for_each(|(at, error)| sink.error(readings.get(*at).map_or(0, |reading| reading.number), error))
    }

    fn session(&self, placed: &Placed) -> &str {
        debug_assert!(matches!(placed.coming, Coming::Of(_)), "only a result does not name its session");
        let [session, ..] = placed.whom;
        session.map_or("", |handle| self.sequence.names.name(handle))
    }
}

impl Bench<'_> {
    /// Takes over the states of those whom a group concerns.
    fn lend(&mut self, group: &Group, from: &mut Slots) {
        self.slots.reserve(from.count());
        for handle in &group.handles {
            if let Some(slot) = from.take(*handle) {
                self.slots.put(*handle, slot);
            }
        }
    }

    fn give_back(&mut self, group: &Group, to: &mut Slots) {
        for handle in &group.handles {
            if let Some(slot) = self.slots.take(*handle) {
                to.put(*handle, slot);
            }
        }
    }
}

/// The lines of a group, each with its place.
fn lines<'l>(readings: &'l [Reading<'l>], order: &'l Order, group: &'l Group) -> impl Iterator<Item = (&'l Reading<'l>, &'l Placed)> {
    group.lines.iter().filter_map(|index| Some((readings.get(*order.of.get(*index)?)?, order.placed.get(*index)?)))
}
