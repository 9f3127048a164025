//! A policy with its sessions.
//!
//! In: a frame's bytes; names, raw JSON, times. Out: decisions, what of results may be given on. Invariants: whatever is not known denies; a result counts once;
//! a decision that breaks off poisons the states it had, which deny from then on.
//! Source: contracts section 5; `lang-spec/traces.md`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use leverframe_runtime::content::Memory;
use leverframe_runtime::{Approval, Call, Code, Decision, LoadOptions, Policy, RawJson, Scratch, ToolId, Verdict};
use leverframe_store::{Opening, Options, Sessions, Swept};

use crate::decided::{Decided, digest_text, label_names};
use crate::error::HostError;
use crate::limits::{BYTES, DESKS};
use crate::result::{self, Came, Passed, Recorded};
use crate::session::{Names, Open, OtherKeys, Session, SessionId, store_keys};

/// How strict a host is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Of loading.
    pub load: LoadOptions,
    /// Of keeping sessions.
    pub store: Options,
}

impl Default for Settings {
    fn default() -> Self {
        Self { load: LoadOptions::default(), store: Options { bytes: BYTES, ..Options::default() } }
    }
}

/// A call to decide.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// The tool's name; one that the policy does not know is denied.
    pub tool: &'a str,
    /// The arguments, raw JSON; whatever is wrong with them is denied.
    pub args: &'a [u8],
    /// What the host knows and the agent cannot choose, raw JSON of an object; none, or what is no object: an empty one.
    pub context: Option<&'a [u8]>,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Whether a human has answered.
    pub approval: Approval,
    /// What the caller names the call by.
    pub id: Option<&'a str>,
    /// The number that the decision's line names; none: how many this host has decided.
    pub line: Option<u64>,
}

/// What a decision needs of memory.
#[derive(Debug, Default)]
struct Desk {
    scratch: Scratch,
    content: Memory,
}

/// A policy with its sessions, in memory.
#[derive(Debug)]
pub struct Host {
    sessions: Sessions,
    idle_ms: Option<i64>,
    digest: Arc<str>,
    open: Open,
    decided: AtomicU64,
    desks: Mutex<Vec<Desk>>,
}

impl Host {
    /// Loads a frame.
    ///
    /// # Errors
    /// [`HostError::Load`].
    pub fn load(frame: &[u8], settings: &Settings) -> Result<Self, HostError> {
        Ok(Self::of(Arc::new(Policy::load(frame, &settings.load)?), settings.store.clone()))
    }

    /// The sessions of a policy that is loaded.
    #[must_use]
    pub fn of(policy: Arc<Policy>, store: Options) -> Self {
        let idle_ms = store.idle_ms;
        Self::over(Sessions::in_memory(policy, store), idle_ms)
    }

    /// Sessions that are kept wherever their store keeps them; `idle_ms` as the store has it.
    #[must_use]
    pub fn over(sessions: Sessions, idle_ms: Option<i64>) -> Self {
        let digest = Arc::from(digest_text(sessions.policy().digest()));
        Self { sessions, idle_ms, digest, open: Open::default(), decided: AtomicU64::new(0), desks: Mutex::default() }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.sessions.policy()
    }

    /// The digest of the frame, as `sha256:…`.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Opens a session. The same names may be opened more than once, and with keys that were not known before: it is one session.
    ///
    /// # Errors
    /// [`HostError::Unavailable`]: it has expired, or there is no room; [`HostError::TooManyOpen`].
    pub fn open(&self, names: &Names<'_>, now: i64) -> Result<SessionId, HostError> {
        let keys: OtherKeys = [names.principal, names.agent, names.tenant].map(|key| key.map(str::to_owned));
        let handle = self.sessions.open(&store_keys(names.session, &keys), Opening::Any, now)?;
        let persona = self.policy().persona(names.persona).unwrap_or(leverframe_runtime::PersonaId::UNKNOWN);
        let (name, known) = self.open.known(names.session, now);
        self.open.enter(Session { name, persona, keys, handle, known })
    }

    /// Closes a number: it denies from now on. The session's history stays, under its name.
    ///
    /// # Errors
    /// [`HostError::UnknownSession`].
    pub fn close(&self, session: SessionId) -> Result<(), HostError> {
        if self.open.close(session) { Ok(()) } else { Err(HostError::UnknownSession) }
    }

    /// Decides a call. A number that is no open session's is denied by the code `state_unavailable`.
    pub fn decide(&self, session: SessionId, request: &Request<'_>) -> Decided {
        let count = self.decided.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let line = request.line.unwrap_or(count);
        match self.open.get(session) {
            None => self.unknown(request, line),
            Some(session) => self.decide_in(session, request, line),
        }
    }

    /// Decides calls, one after the other. Results are recorded afterwards, so no call of these has heard of another's.
    pub fn decide_many<'r>(&self, calls: impl IntoIterator<Item = (SessionId, Request<'r>)>) -> Vec<Decided> {
        calls.into_iter().map(|(session, request)| self.decide(session, &request)).collect()
    }

    fn unknown(&self, request: &Request<'_>, line: u64) -> Decided {
        Decided {
            line,
            id: request.id.map(str::to_owned),
            session: Arc::from(""),
            step: 0,
            tool: request.tool.to_owned(),
            verdict: Verdict::Deny,
            code: Code::StateUnavailable,
            rule: None,
            rules: Vec::new(),
            observed: Vec::new(),
            message: None,
            who: Vec::new(),
            labels: Vec::new(),
            at: request.at,
            admitted: false,
            redacted: None,
            unavailable: Some(HostError::UnknownSession.to_string()),
            frame: self.digest.clone(),
            left: None,
        }
    }

    fn decide_in(&self, session: Arc<Session>, request: &Request<'_>, line: u64) -> Decided {
        let policy = self.sessions.policy();
        let tool = policy.tool(request.tool).unwrap_or(ToolId::UNKNOWN);
        let mut desk = self.desk();
        let step = session.known.step(&session.keys, request.at);
        // What a scan takes out is gone before the decision; what it found is known to it all the same.
        let scanned = policy.scan_arguments(session.persona, tool, request.args, &mut desk.content);
        let call = Call {
            persona: session.persona,
            tool,
            args: &RawJson(scanned.redacted.as_deref().unwrap_or(request.args)),
            context: &RawJson(request.context.unwrap_or(b"{}")),
            at: request.at,
            approval: request.approval,
            argument_labels: scanned.labels,
        };
        let answer = self.sessions.decide(&session.handle, &call, &mut desk.scratch);
        let unavailable = answer.unavailable.map(|reason| reason.to_string());
        // What stands in the scratch is of this decision only if there was one.
        let words = if unavailable.is_none() { Words::of(policy, &desk.scratch) } else { Words::default() };
        let Decision { verdict, code, rule, message, admitted, labels_before, ticket } = answer.decision;
        self.give_back(desk);
        Decided {
            line,
            id: request.id.map(str::to_owned),
            session: session.name.clone(),
            step,
            tool: request.tool.to_owned(),
            verdict,
            code,
            rule: rule.map(str::to_owned),
            rules: words.rules,
            observed: words.observed,
            message: message.map(str::to_owned),
            who: words.who,
            labels: label_names(policy, labels_before),
            at: request.at,
            admitted,
            redacted: scanned.redacted,
            unavailable,
            frame: self.digest.clone(),
            left: Some((ticket, session)),
        }
    }

    /// Records what came of a call, and says what of it may be given on. Where this fails, nothing may be.
    ///
    /// # Errors
    /// [`HostError::MalformedResult`], [`HostError::UnknownLabel`]: the call is still open; [`HostError::RecordedBefore`]; [`HostError::Unavailable`].
    pub fn record(&self, decided: &mut Decided, came: &Came<'_>) -> Result<Recorded, HostError> {
        let policy = self.sessions.policy();
        let read = result::read(policy, came)?;
        let (ticket, session) = decided.left.take().ok_or(HostError::RecordedBefore)?;
        let Some(who) = ticket.call() else { return Ok(Recorded { withheld: true, ..Recorded::default() }) };
        session.known.used(came.at);
        let mut desk = self.desk();
        let recorded = read.take((policy, &mut desk.content), who, (came.ok, came.at), |outcome| {
            self.sessions.record(&session.handle, ticket, outcome).map_err(HostError::from)
        });
        self.give_back(desk);
        recorded
    }

    /// Records the result of a call as its server wrote it, an object of MCP or the error of JSON-RPC, and says what of it may be given on. All of it is
    /// scanned, members that MCP does not know among it. Where this fails, nothing may be given on.
    ///
    /// # Errors
    /// [`HostError::MalformedResult`]: the call is still open; [`HostError::RecordedBefore`]; [`HostError::Unavailable`].
    pub fn record_message(&self, decided: &mut Decided, message: &[u8], failed: bool, at: i64) -> Result<Passed, HostError> {
        let read = result::Whole::read(message)?;
        let (ticket, session) = decided.left.take().ok_or(HostError::RecordedBefore)?;
        let Some(who) = ticket.call() else { return Ok(Passed { withheld: true, ..Passed::default() }) };
        session.known.used(at);
        let mut desk = self.desk();
        let passed = read.take((self.sessions.policy(), &mut desk.content), who, (failed, at), |outcome| {
            self.sessions.record(&session.handle, ticket, outcome).map_err(HostError::from)
        });
        self.give_back(desk);
        passed
    }

    /// Reports a host event. Keys that the session was not opened with are those that its calls have named so far.
    ///
    /// # Errors
    /// [`HostError::UnknownSession`], [`HostError::UnknownEvent`], [`HostError::Refused`], [`HostError::Unavailable`].
    pub fn report(&self, session: SessionId, event: &str, args: Option<&[u8]>, at: i64) -> Result<(), HostError> {
        let session = self.open.get(session).ok_or(HostError::UnknownSession)?;
        let event = self.policy().event(event).ok_or_else(|| HostError::UnknownEvent(event.to_owned()))?;
        let keys = session.known.filled(&session.keys);
        let wider =
            if keys == session.keys { None } else { Some(self.sessions.open(&store_keys(&session.name, &keys), Opening::Any, at)?) };
        let mut desk = self.desk();
        let args = RawJson(args.unwrap_or(b"{}"));
        let reported = self.sessions.report(wider.as_ref().unwrap_or(&session.handle), event, &args, at, &mut desk.scratch);
        self.give_back(desk);
        session.known.used(at);
        reported.map_err(HostError::from)
    }

    /// Lets sessions go that have expired; to be called now and then.
    ///
    /// # Errors
    /// [`HostError::Unavailable`].
    pub fn sweep(&self, now: i64) -> Result<Swept, HostError> {
        let swept = self.sessions.sweep(now)?;
        self.open.sweep(self.idle_ms, now);
        Ok(swept)
    }

    pub(crate) fn session(&self, id: SessionId) -> Option<Arc<Session>> {
        self.open.get(id)
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    fn desk(&self) -> Desk {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, desk: Desk) {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        if desks.len() < DESKS {
            desks.push(desk);
        }
    }
}

/// The lists of a decision.
#[derive(Default)]
struct Words {
    rules: Vec<String>,
    observed: Vec<String>,
    who: Vec<String>,
}

impl Words {
    fn of(policy: &Policy, scratch: &Scratch) -> Self {
        Self {
            rules: policy.rules(scratch).map(str::to_owned).collect(),
            observed: policy.observed(scratch).map(str::to_owned).collect(),
            who: policy.who(scratch),
        }
    }
}
