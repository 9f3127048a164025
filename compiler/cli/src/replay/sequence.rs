//! The file's order: what a line owes to the lines before it, but for the histories that the policy reads.
//!
//! In: readings, in the order of the file. Out: for each its time, whom it concerns, its number in its session and where its result comes: [`Placed`]; or why it
//! cannot be taken. A line in error changes nothing.
//! Invariant: this is all of a record that goes from line to line on one thread, so it does no more than look names up.
//! Source: `lang-spec/traces.md`, [trace.time], [trace.keys], [trace.result].

use std::borrow::Cow;

use super::error::RecordError;
use super::names::{Handle, Names};
use super::reading::Reading;
use crate::trace::line::{Keys, Kind, Line};
use crate::trace::references::References;
use crate::trace::time::Clock;

/// Session, principal, agent and tenant, as far as a line concerns them.
pub(crate) type Whom = [Option<Handle>; 4];

/// What a call leaves for a result in a line of its own: whom it concerns, and its line.
pub(crate) type Open = (Whom, u64);

/// Where the result of a call comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coming {
    /// No line holds it: the call succeeded where it stands.
    Nowhere,
    /// In the call's own line.
    Here,
    /// In a later line.
    Later,
    /// This line is the result of the call on that one.
    Of(u64),
}

/// A line in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    /// Its time in milliseconds.
    pub(crate) at: i64,
    /// The number of a call in its session, from 1.
    pub(crate) step: u64,
    pub(crate) whom: Whom,
    pub(crate) coming: Coming,
}

/// What of a session is known beside its state.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// How many calls have been decided.
    steps: u64,
    /// Principal, agent and tenant, each from the first call that names one: a host event of the session is theirs too.
    keys: [Option<Handle>; 3],
}

impl Known {
    /// Another call, which concerns `whom`: its number.
    fn call(&mut self, whom: Whom) -> u64 {
        self.steps += 1;
        for (remembered, key) in self.keys.iter_mut().zip(whom.into_iter().skip(1)) {
            *remembered = remembered.or(key);
        }
        self.steps
    }
}

/// The lines of one file, one after another.
pub(crate) struct Sequence {
    pub(crate) names: Names,
    /// By handle; those of principals, agents and tenants stay empty.
    known: Vec<Known>,
    references: References<Open>,
    clock: Clock,
}

impl Sequence {
    /// No line yet.
    pub(crate) fn new(references: References<Open>) -> Self {
        Self { names: Names::default(), known: Vec::new(), references, clock: Clock::default() }
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// [`RecordError`]; the line has then changed nothing.
    pub(crate) fn place(&mut self, reading: &Reading<'_>) -> Result<Placed, RecordError> {
        if let Some(fault) = &reading.fault {
            return Err(RecordError::clone(fault));
        }
        let flaw = reading.flaw.as_ref().map_or(Ok(()), |flaw| Err(RecordError::clone(flaw)));
        match reading.line.kind {
            Kind::Call => self.call(&reading.line, reading.number, flaw),
            Kind::Result => flaw.and_then(|()| self.result(&reading.line)),
            Kind::Event => flaw.map(|()| self.event(&reading.line)),
        }
    }

    fn call(&mut self, line: &Line<'_>, number: u64, flaw: Result<(), RecordError>) -> Result<Placed, RecordError> {
        let awaited = match &line.id {
            Some(id) => self.references.awaits(id)?,
            None => false,
        };
        flaw?;
        let at = self.time(line.at);
        let whom = self.whom(&line.session, &line.keys);
        let step = self.known(whom).map_or(0, |known| known.call(whom));
        let coming = match (&line.result, awaited) {
            (Some(_), _) => Coming::Here,
            (None, true) => Coming::Later,
            (None, false) => Coming::Nowhere,
        };
        if let (true, Some(id)) = (awaited, &line.id) {
            self.references.keep(id, (coming == Coming::Later).then_some((whom, number)));
        }
        Ok(Placed { at, step, whom, coming })
    }

    fn result(&mut self, line: &Line<'_>) -> Result<Placed, RecordError> {
        let (whom, call) = self.references.result(&line.of)?;
        Ok(Placed { at: self.time(line.at), step: 0, whom, coming: Coming::Of(call) })
    }

    fn event(&mut self, line: &Line<'_>) -> Placed {
        let at = self.time(line.at);
        let mut whom = self.whom(&line.session, &line.keys);
        let remembered = self.known(whom).map(|known| known.keys).unwrap_or_default();
        for (key, remembered) in whom.iter_mut().skip(1).zip(remembered) {
            *key = key.or(remembered);
        }
        Placed { at, step: 0, whom, coming: Coming::Nowhere }
    }

    fn time(&mut self, at: Option<i64>) -> i64 {
        let at = self.clock.next(at);
        self.clock.taken(at);
        at
    }

    fn whom(&mut self, session: &str, keys: &Keys<'_>) -> Whom {
        let Keys { principal, agent, tenant } = keys;
        let names = &mut self.names;
        let mut key = |kind, name: &Option<Cow<'_, str>>| name.as_deref().map(|name| names.handle(kind, name));
        let (principal, agent, tenant) = (key(1, principal), key(2, agent), key(3, tenant));
        [Some(names.handle(0, session)), principal, agent, tenant]
    }

    fn known(&mut self, [session, ..]: Whom) -> Option<&mut Known> {
        if self.known.len() < self.names.count() {
            self.known.resize(self.names.count(), Known::default());
        }
        self.known.get_mut(session?)
    }
}
