//! The states of a record's sessions, principals, agents and tenants.
//!
//! In: names. Out: the states that a line concerns, lent to the runtime together and taken back. A name that was not seen before gets a
//! state without history.
//! Invariant: memory grows with the number of names, never with the number of events.
//! Source: the contract of embedding (README, "Embedding"); `lang-spec/traces.md`, [trace.keys].

use std::collections::HashMap;

use leverframe_runtime::frame::Key;
use leverframe_runtime::{Policy, State, States};

use crate::trace::line::Keys;

/// States by name.
#[derive(Debug)]
pub(crate) struct Histories<'p> {
    policy: &'p Policy,
    sessions: HashMap<String, Session>,
    others: [HashMap<String, State>; 3],
}

/// A session of a record.
#[derive(Debug, Default)]
pub(crate) struct Session {
    state: Option<State>,
    /// How many calls have been decided.
    steps: u64,
    /// Principal, agent and tenant, each from the first call that names one: a host event of the session is theirs too.
    keys: [Option<String>; 3],
}

/// The names of everybody whom a line concerns.
#[derive(Debug)]
pub(crate) struct Concerned {
    session: String,
    keys: [Option<String>; 3],
}

impl Concerned {
    /// The session's name.
    pub(crate) fn into_session(self) -> String {
        self.session
    }
}

/// The kinds of key beside the session, in the order of the arrays here.
const OTHERS: [Key; 3] = [Key::Principal, Key::Agent, Key::Tenant];

impl<'p> Histories<'p> {
    /// No history yet.
    pub(crate) fn new(policy: &'p Policy) -> Self {
        Self { policy, sessions: HashMap::new(), others: Default::default() }
    }

    /// Whom a call concerns, and the number of this call in its session, from 1.
    pub(crate) fn call(&mut self, session: &str, keys: &Keys<'_>) -> (Concerned, u64) {
        let keys = owned(keys);
        let known = self.session(session);
        known.steps += 1;
        for (remembered, key) in known.keys.iter_mut().zip(&keys) {
            if remembered.is_none() {
                remembered.clone_from(key);
            }
        }
        let step = known.steps;
        (Concerned { session: session.to_owned(), keys }, step)
    }

    /// Whom a host event concerns: those it names, and those that its session's calls have named.
    pub(crate) fn event(&mut self, session: &str, keys: &Keys<'_>) -> Concerned {
        let mut keys = owned(keys);
        for (key, remembered) in keys.iter_mut().zip(&self.session(session).keys) {
            if key.is_none() {
                key.clone_from(remembered);
            }
        }
        Concerned { session: session.to_owned(), keys }
    }

    /// Lends the states of those concerned.
    pub(crate) fn with<R>(&mut self, concerned: &Concerned, act: impl FnOnce(&mut States) -> R) -> R {
        let [principal, agent, tenant] = [0, 1, 2].map(|kind| self.take_other(concerned, kind));
        let session = Some(self.take_session(&concerned.session));
        let mut states = States { session, principal, agent, tenant };
        let result = act(&mut states);
        let States { session, principal, agent, tenant } = states;
        self.session(&concerned.session).state = session;
        for (kind, state) in [principal, agent, tenant].into_iter().enumerate() {
            self.give_back_other(concerned, kind, state);
        }
        result
    }

    fn session(&mut self, name: &str) -> &mut Session {
        self.sessions.entry(name.to_owned()).or_default()
    }

    fn take_session(&mut self, name: &str) -> State {
        let policy = self.policy;
        self.session(name).state.take().unwrap_or_else(|| policy.new_session(name))
    }

    fn take_other(&mut self, concerned: &Concerned, kind: usize) -> Option<State> {
        let name = concerned.keys.get(kind)?.as_deref()?;
        let known = self.others.get_mut(kind)?.remove(name);
        let key = *OTHERS.get(kind)?;
        Some(known.unwrap_or_else(|| self.policy.new_state(key, name)))
    }

    fn give_back_other(&mut self, concerned: &Concerned, kind: usize, state: Option<State>) {
        let name = concerned.keys.get(kind).and_then(Option::as_ref);
        if let (Some(state), Some(name), Some(states)) = (state, name, self.others.get_mut(kind)) {
            states.insert(name.clone(), state);
        }
    }
}

fn owned(keys: &Keys<'_>) -> [Option<String>; 3] {
    [&keys.principal, &keys.agent, &keys.tenant].map(|key| key.as_deref().map(str::to_owned))
}
