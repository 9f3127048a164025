//! Sessions: what opens them, and what decides, records and reports with their states.
//!
//! In: names, calls, results, host events. Out: decisions. Invariants: a decision is made under the locks of all its states and given out after it is kept; of
//! states that others change, too, it is made from one version of each and kept only if all are that version still; what could not be kept is denied.
//! Source: contracts section 5; `runtime/store/README.md`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use leverframe_runtime::{Arguments, Call, Decision, EventId, Key, Outcome, Policy, RecordError, Scratch, State, States, Ticket};

use crate::backend::{Backend, NOTHING};
use crate::change::{all, all_mut, put};
use crate::error::{ChangeError, OpenError, Unavailable};
use crate::keys::{KeyName, Keys, Kinds};
use crate::memory::Memory;
use crate::options::{OnUnavailable, Opening, Options};
use crate::slot::{Handle, Kept, Place, Slot, Standing};
use crate::table::{Care, Entry, Table};
use crate::unaided::Unconcerned;
use crate::warm::Warm;

static STORES: AtomicU64 = AtomicU64::new(0);

/// A decision, and what stood in the way of one.
#[derive(Debug)]
#[must_use = "a decision that nobody looks at protects nothing"]
pub struct Answer<'p> {
    /// What was decided.
    pub decision: Decision<'p>,
    /// Why the states could not be had; the decision is then `state_unavailable`, or one by the permissions alone if the operator chose that.
    pub unavailable: Option<Unavailable>,
}

/// What a sweep let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sessions that expired.
    pub expired: usize,
    /// Names of expired sessions that were forgotten.
    pub forgotten: usize,
}

/// The sessions of a policy.
#[derive(Debug)]
pub struct Sessions {
    pub(crate) id: u64,
    pub(crate) policy: Arc<Policy>,
    pub(crate) options: Options,
    kinds: Kinds,
    pub(crate) table: Table,
    pub(crate) warm: Warm,
    unconcerned: Unconcerned,
    pub(crate) backend: Arc<dyn Backend>,
}

impl Sessions {
    /// Keeps states in memory. What this process knows ends with it: give new sessions new names afterwards, or open them as [`Opening::Known`].
    #[must_use]
    pub fn in_memory(policy: Arc<Policy>, options: Options) -> Self {
        Self::new(policy, options, Arc::new(Memory))
    }

    pub(crate) fn new(policy: Arc<Policy>, options: Options, backend: Arc<dyn Backend>) -> Self {
        let unconcerned = match options.on_unavailable {
            OnUnavailable::Deny => Unconcerned::default(),
            OnUnavailable::PermissionsOnly => Unconcerned::of(&policy),
        };
        let kinds = backend.kinds(Kinds::of(&policy));
        let id = STORES.fetch_add(1, Ordering::Relaxed);
        Self { id, policy, options, kinds, table: Table::new(), warm: Warm::default(), unconcerned, backend }
    }

    /// The policy that decides.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// How many sessions, other keys and names of expired sessions this process knows.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        self.table.counts()
    }

    /// Opens a session under its names. A key that comes later needs another handle; a session's keys may come late and never change.
    ///
    /// # Errors
    /// [`Unavailable`]: the session has expired or is not known, there is no room, or the store cannot be reached.
    pub fn open(&self, keys: &Keys<'_>, opening: Opening, now: i64) -> Result<Handle, Unavailable> {
        let mut names = keys.names();
        // A key that no rule reads is no reason to divide a session from others.
        let kept = names.map(|name| name.filter(|name| self.kinds.has(name.kind)));
        self.backend.admit(&kept)?;
        let mut places = [Place::None, Place::None, Place::None, Place::None];
        for (place, name) in places.iter_mut().zip(&mut names) {
            *place = match name.take() {
                None => Place::None,
                Some(name) if !self.kinds.has(name.kind) => Place::Passing(name),
                Some(name) => Place::Kept(self.place(name, opening, now)?),
            };
        }
        let handle = Handle { store: self.id, places };
        if self.backend.is_shared() && opening == Opening::Known {
            self.begun(&handle)?;
        }
        Ok(handle)
    }

    fn place(&self, name: KeyName, opening: Opening, now: i64) -> Result<Arc<Slot>, Unavailable> {
        if name.kind != Key::Session {
            return self.table.place(name, self.care(now));
        }
        if !self.backend.is_shared() && opening == Opening::Known && self.table.find(name)?.is_none() {
            return Err(Unavailable::Unknown);
        }
        let slot = self.table.place(name, self.care(now))?;
        self.stands(&slot, &*slot.lock()?, now)?;
        Ok(slot)
    }

    /// Asks where others keep the states, too, whether the session has begun.
    fn begun(&self, handle: &Handle) -> Result<(), Unavailable> {
        let mut locked = handle.lock()?;
        if let Some((_, session)) = locked.first_mut().filter(|(_, session)| session.version == NOTHING) {
            self.put_away(session);
        }
        self.fill(&mut locked)?;
        if locked.first().is_some_and(|(_, session)| session.version != NOTHING) { Ok(()) } else { Err(Unavailable::Unknown) }
    }

    /// Decides a call, and keeps what it does to the histories before it is given out.
    pub fn decide<'s>(&'s self, handle: &Handle, call: &Call<'_>, scratch: &mut Scratch) -> Answer<'s> {
        match self.change(handle, call.at, |policy, states| policy.decide(states, call, scratch)) {
            Ok(decision) => Answer { decision, unavailable: None },
            Err(reason) => self.without_states(handle, call, scratch, reason),
        }
    }

    fn without_states<'s>(&'s self, handle: &Handle, call: &Call<'_>, scratch: &mut Scratch, reason: Unavailable) -> Answer<'s> {
        let away = matches!(reason, Unavailable::Unreachable(_)) && handle.store == self.id;
        let decision = if away && self.unconcerned.has(call.tool) {
            let mut states = States::default();
            let names = handle.places.iter().filter_map(|place| match place {
                Place::None => None,
                Place::Kept(slot) => Some(slot.name),
                Place::Passing(name) => Some(*name),
            });
            names.for_each(|name| put(&mut states, self.policy.state_of(name.kind, name.identity)));
            Decision { ticket: Ticket::none(), ..self.policy.decide(&mut states, call, scratch) }
        } else {
            Decision::unavailable()
        };
        Answer { decision, unavailable: Some(reason) }
    }

    /// Records the result of an admitted call. Where this fails, the result must not reach the agent.
    ///
    /// # Errors
    /// [`ChangeError`]: the states cannot be had, or are not those that the call was decided with.
    pub fn record(&self, handle: &Handle, ticket: Ticket, outcome: &Outcome<'_>) -> Result<(), ChangeError> {
        if ticket.call().is_none() {
            return Ok(());
        }
        let recorded = self.change(handle, outcome.at, |policy, states| policy.record_from(states, &ticket, outcome))?;
        recorded.map_err(ChangeError::Refused)
    }

    /// Reports a host event.
    ///
    /// # Errors
    /// [`ChangeError`]: the states cannot be had, or the event does not fit its declaration.
    pub fn report(&self, handle: &Handle, event: EventId, args: &dyn Arguments, at: i64, scratch: &mut Scratch) -> Result<(), ChangeError> {
        let reported = self.change(handle, at, |policy, states| policy.report(states, event, args, at, scratch))?;
        reported.map_err(ChangeError::Refused)
    }

    /// The rules whose past the states of a handle do not hold, with the kind of key: they deny what they speak of.
    ///
    /// # Errors
    /// [`Unavailable`] where the states cannot be had.
    pub fn stale(&self, handle: &Handle, at: i64) -> Result<Vec<(Key, String)>, Unavailable> {
        self.change(handle, at, |policy, states| {
            let of = |state: &State| policy.stale(state).into_iter().map(|rule| (state.key(), rule)).collect::<Vec<_>>();
            all(states).flat_map(of).collect()
        })
    }

    /// Lets a stale rule begin anew in the states of a handle, as if nothing had happened yet: the operator's word.
    ///
    /// # Errors
    /// [`ChangeError`] where the states cannot be had, or the rule is stale in none of them.
    pub fn start_afresh(&self, handle: &Handle, rule: &str, at: i64) -> Result<(), ChangeError> {
        let started = self.change(handle, at, |policy, states| {
            let begin = |state: &mut State| policy.start_afresh(state, rule).is_ok();
            all_mut(states).fold(false, |any, state| begin(state) | any)
        })?;
        if started { Ok(()) } else { Err(ChangeError::Refused(RecordError::Unknown)) }
    }

    /// Lets sessions go that have expired; to be called now and then.
    ///
    /// # Errors
    /// [`Unavailable`] where that could not be kept.
    pub fn sweep(&self, now: i64) -> Result<Swept, Unavailable> {
        self.table.sweep(self.care(now))
    }

    fn care(&self, now: i64) -> Care<'_> {
        Care { now, options: &self.options, backend: &*self.backend }
    }

    /// Goes on under another policy, with all states. Rules that did not change keep what they know; others deny what they speak of ([`Sessions::stale`]).
    /// Handles of this store are refused from now on, and it opens nothing any more: open the sessions in the next one.
    ///
    /// # Errors
    /// [`OpenError`] where the policy reads kinds of keys of which no histories were kept, or the store cannot be changed over; then this store stays as it is. Also where it has gone on already.
    pub fn under(&self, policy: Arc<Policy>) -> Result<Self, OpenError> {
        if let Some(kinds) = Kinds::of(&policy).beyond(&self.kinds.text()) {
            return Err(OpenError::NotKept(kinds));
        }
        self.backend.adopt(Kinds::of(&policy))?;
        let next = Self::new(policy, self.options.clone(), self.backend.clone());
        let damaged = |error: Unavailable| OpenError::Damaged(error.to_string());
        let gone = |_| OpenError::Options("the store goes on under another policy already".to_owned());
        for (name, entry) in self.table.drain().map_err(gone)? {
            let entered = match entry {
                Entry::Expired(used) => next.table.enter_expired(name, used),
                Entry::Live(slot) if next.kinds.has(name.kind) => self.handed_over(&slot).and_then(|slot| next.table.enter(slot)),
                Entry::Live(_) => Ok(()),
            };
            entered.map_err(damaged)?;
        }
        Ok(next)
    }

    /// A slot of the next store with what this one holds; this one is closed.
    fn handed_over(&self, slot: &Slot) -> Result<Slot, Unavailable> {
        let mut held = slot.lock()?;
        let kept = match std::mem::replace(&mut held.kept, Kept::Elsewhere) {
            _ if self.backend.keeps() => Kept::Elsewhere,
            Kept::Warm(state) => Kept::Packed(self.saved(&state)?.into_boxed_slice()),
            other => other,
        };
        held.standing = Standing::Closed;
        Ok(Slot::new(slot.name, kept, held.used))
    }
}
