//! The one way through: whatever protocol a call comes by, it is decided, logged and let go on here, and its result recorded.
//!
//! In: who calls, in which session, which tool with what; what came of it. Out: what may go on. Invariants: a call goes on only after its decision is in the log; a
//! result only after it is recorded and in the log; who is stopped gets nothing decided but a denial.
//! Source: contracts section 2; `runtime/gateway/README.md`.

mod approvals;
mod asked;
mod names;
mod order;
mod outcome;
mod stops;

use std::sync::Arc;
use std::time::Instant;

use leverframe_host::{Approval, Decided, Host, HostError, Names, Passed, Request, SessionId, Unavailable, Verdict};
use serde_json::value::RawValue;

pub use approvals::{Answered, Approvals, Pending};
pub use asked::{Admitted, Asked, Refused};
pub use names::{SessionKey, session_name};
pub use outcome::{Came, Given};
pub use stops::{Kind, Stops, StopsFault};

use crate::admin::Metrics;
use crate::audit::{Body, Decision, Log, LogError, sha256_hex};
use crate::clock;
use crate::config::{Approver, Config, Logged, Scope};
use crate::identity::Identity;
use crate::serve::tell;
use names::Open;
use order::Order;

/// The gate.
#[derive(Debug)]
pub struct Gate {
    host: Host,
    log: Log,
    stops: Stops,
    approvals: Approvals,
    open: Open,
    order: Order,
    metrics: Metrics,
    logged: Logged,
    scope: Scope,
    idle_ms: i64,
}

impl Gate {
    /// A gate over sessions, a log and what is stopped.
    #[must_use]
    pub fn new(host: Host, log: Log, stops: Stops, config: &Config) -> Self {
        let idle_ms = i64::try_from(config.sessions.idle_ms).unwrap_or(i64::MAX);
        let approvals = Approvals::new(config.approval_ms);
        let (logged, scope) = (config.audit.arguments, config.sessions.scope);
        Self {
            host,
            log,
            stops,
            approvals,
            open: Open::default(),
            order: Order::default(),
            metrics: Metrics::default(),
            logged,
            scope,
            idle_ms,
        }
    }

    /// The policy with its sessions.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Calls that wait for an approval.
    #[must_use]
    pub fn approvals(&self) -> &Approvals {
        &self.approvals
    }

    /// Who is stopped.
    #[must_use]
    pub fn stops(&self) -> &Stops {
        &self.stops
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Who is in a session.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Decides a call and writes that into the log.
    ///
    /// # Errors
    /// [`Refused`]: it must not go on.
    pub fn decide(&self, asked: &Asked<'_>) -> Result<Admitted, Box<Refused>> {
        let begun = Instant::now();
        if !self.log.is_ready() {
            return Err(Refused::by_gateway("audit_unavailable", "the call cannot be logged, so it is not made"));
        }
        let args_sha256 = sha256_hex(asked.args);
        if let Some(stopped) = self.stops.who(asked.who) {
            return Err(self.refuse(asked, &args_sha256, "stopped", &stopped, begun));
        }
        if let Some((code, words)) = asked.refused_before {
            return Err(self.refuse(asked, &args_sha256, code, words, begun));
        }
        let stripes = self.order.stripes(self.host.policy(), asked);
        let turn = self.order.turn(&stripes);
        let at = clock::now();
        let (decided, approval) = match self.decided(asked, &args_sha256, at) {
            Ok(decided) => decided,
            Err(error) => {
                tell(&error.to_string());
                return Err(self.refuse(asked, &args_sha256, "state_unavailable", "the session's states cannot be had", begun));
            }
        };
        let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.metrics.decided(decided.verdict_word(), decided.code.as_str(), took_us);
        let line = self.line(asked, &decided, (&args_sha256, approval.as_ref(), took_us));
        let logged = self.log.write(&line);
        drop(turn);
        match logged {
            Ok(logged) if decided.admitted => Ok(Admitted { decided, id: logged.id, begun, stripes }),
            Ok(logged) => Err(self.refused(asked, decided, (logged.id, args_sha256))),
            Err(error) => Err(self.unlogged(decided, &error)),
        }
    }

    /// Asks the policy; where it asks people who have all approved the call, once more with that.
    fn decided(&self, asked: &Asked<'_>, args_sha256: &str, at: i64) -> Result<(Decided, Option<Answer>), HostError> {
        let decided = self.host.decide(self.session(asked, at)?, &request(asked, at, Approval::None));
        // A session that has expired since it was opened begins anew, if its store lets it.
        let decided = if expired(&decided) {
            self.open.forget(&self.host, asked.session);
            self.host.decide(self.session(asked, at)?, &request(asked, at, Approval::None))
        } else {
            decided
        };
        if decided.verdict != Verdict::Ask {
            return Ok((decided, None));
        }
        match self.approvals.take(asked, args_sha256, &decided.who, at) {
            None => Ok((decided, None)),
            Some(given) => {
                let again = self.host.decide(self.session(asked, at)?, &request(asked, at, Approval::Given));
                Ok((again, Some(Answer::Given(given))))
            }
        }
    }

    /// Records what came of a call, writes that into the log, and says what of it may be given on.
    ///
    /// # Errors
    /// Words for the log of the operator: nothing may be given on.
    pub fn record(&self, admitted: Admitted, came: &Came<'_>) -> Result<Given, String> {
        let Admitted { mut decided, id, begun, stripes } = admitted;
        let _turn = self.order.turn(&stripes);
        let at = clock::now();
        let recorded = match self.host.record_message(&mut decided, came.message, came.failed, at) {
            // What is no result is a failed one, of which nothing is known but that something came.
            Err(HostError::MalformedResult(_)) => {
                self.host.record_message(&mut decided, b"{}", true, at).map(|passed| Passed { withheld: true, ..passed })
            }
            recorded => recorded,
        };
        let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let passed = match recorded {
            Ok(passed) => passed,
            Err(error) => {
                // It came all the same, and the log says so.
                let nothing = outcome::given(came, Passed { withheld: true, ..Passed::default() });
                self.log.write(&nothing.line((&id, at, took_us), came, self.logged)).map_err(|error| error.to_string())?;
                return Err(error.to_string());
            }
        };
        let given = outcome::given(came, passed);
        self.metrics.came(given.redacted, given.message.is_none());
        let body = given.line((&id, at, took_us), came, self.logged);
        self.log.write(&body).map_err(|error| error.to_string())?;
        Ok(given)
    }

    /// Reports a host event of a session.
    ///
    /// # Errors
    /// Why it was not taken.
    pub fn report(&self, asked: &Asked<'_>, event: &str, args: &[u8]) -> Result<(), HostError> {
        let at = clock::now();
        let session = self.session(asked, at)?;
        self.host.report(session, event, Some(args), at)
    }

    /// Answers a call that waits for an approval; one that is refused is a refused attempt in its session's history.
    ///
    /// # Errors
    /// [`Answered`] says why not; [`LogError`] in words: the answer could not be logged, so it is none.
    pub fn answer(&self, pending: &str, approver: &Approver, given: bool) -> Result<Answered, LogError> {
        let at = clock::now();
        if !self.log.is_ready() {
            // An answer that cannot be logged is none.
            self.log.write(&Body::Resumed { at })?;
        }
        let (answered, refused) = self.approvals.answer(pending, approver, given, at);
        if answered != Answered::Taken {
            return Ok(answered);
        }
        let logged = self.log.write(&Body::Approval { at, approval_of: pending, approver: &approver.name, roles: &approver.roles, given });
        if let Err(error) = logged {
            self.approvals.withdraw(pending);
            return Err(error);
        }
        if let Some(refused) = refused {
            self.refuse_asked(&refused.asked(), pending, approver)?;
        }
        Ok(answered)
    }

    /// A call that somebody has refused, in its history and in the log.
    fn refuse_asked(&self, asked: &Asked<'_>, pending: &str, approver: &Approver) -> Result<(), LogError> {
        let begun = Instant::now();
        let _turn = self.order.turn(&self.order.stripes(self.host.policy(), asked));
        let at = clock::now();
        // Where its session cannot be had any more there is no history for it to be in.
        let Ok(session) = self.session(asked, at) else { return Ok(()) };
        let mut decided = self.host.decide(session, &request(asked, at, Approval::Refused));
        if decided.admitted {
            // Nobody is asked any more; it is not made all the same.
            drop(self.host.record_message(&mut decided, b"{}", true, at));
        }
        let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (args_sha256, answer) = (sha256_hex(asked.args), Answer::Refused(pending.to_owned(), approver.name.clone()));
        self.log.write(&self.line(asked, &decided, (&args_sha256, Some(&answer), took_us))).map(drop)
    }

    /// Stops somebody, or lets them go on.
    ///
    /// # Errors
    /// [`StopsFault`]: it could not be kept, or not be logged; then who was to be stopped is stopped in this process all the same.
    pub fn stop(&self, kind: Kind, name: &str, stopped: bool) -> Result<(), StopsFault> {
        let body = Body::Stop { at: clock::now(), kind: kind.word(), name, stopped };
        let log = || self.log.write(&body).map(drop).map_err(|error| StopsFault(error.to_string()));
        if stopped {
            self.stops.set(kind, name, true)?;
            return log();
        }
        log()?;
        self.stops.set(kind, name, false)
    }

    /// Lets go of what has expired; to be called each second.
    ///
    /// # Errors
    /// [`HostError`]: the store could not keep it.
    pub fn sweep(&self) -> Result<(), HostError> {
        let now = clock::now();
        self.approvals.sweep(now);
        self.open.sweep(&self.host, now, self.idle_ms);
        self.host.sweep(now).map(drop)
    }

    fn session(&self, asked: &Asked<'_>, at: i64) -> Result<SessionId, HostError> {
        let names = Names {
            session: asked.session,
            persona: &asked.who.persona,
            principal: asked.who.principal.as_deref(),
            agent: Some(&asked.who.agent),
            tenant: asked.who.tenant.as_deref(),
        };
        self.open.id(&self.host, &names, at)
    }

    /// A denial of the gateway's own.
    fn refuse(&self, asked: &Asked<'_>, args_sha256: &str, code: &'static str, words: &str, begun: Instant) -> Box<Refused> {
        let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.metrics.decided("deny", code, took_us);
        let plain = Plain { asked, args_sha256, code, words, took_us, frame: self.host.digest() };
        match self.log.write(&Body::Refusal(Box::new(plain.decision()))) {
            Ok(logged) => Box::new(Refused { id: Some(logged.id), ..*Refused::by_gateway(code, words) }),
            Err(_) => Refused::by_gateway(code, words),
        }
    }

    fn refused(&self, asked: &Asked<'_>, decided: Decided, (id, args_sha256): (String, String)) -> Box<Refused> {
        let mut refused = Refused::of(&decided, id);
        if decided.verdict == Verdict::Ask {
            let waits = Pending::of(asked, &decided, args_sha256);
            refused.pending = self.approvals.add(refused.id.as_deref().unwrap_or_default(), waits, clock::now());
        }
        refused
    }

    /// A decision that is not in the log: its call is not made, which its history is told.
    fn unlogged(&self, mut decided: Decided, error: &LogError) -> Box<Refused> {
        let nothing = br#"{"content":[],"isError":true}"#;
        if decided.admitted {
            // Where that fails, too, the history has a call without a result, which only counts against the agent.
            drop(self.host.record_message(&mut decided, nothing, true, clock::now()));
        }
        // Where the log lies is the operator's to know.
        tell(&error.to_string());
        Refused::by_gateway("audit_unavailable", "the call cannot be logged, so it is not made")
    }

    fn line<'a>(
        &self,
        asked: &'a Asked<'_>,
        decided: &'a Decided,
        (args_sha256, answer, took_us): (&'a str, Option<&'a Answer>, u64),
    ) -> Body<'a> {
        let full = self.logged == Logged::Full;
        let args = decided.redacted.as_deref().unwrap_or(asked.args);
        Body::Decision(Box::new(Decision {
            at: decided.at,
            session: asked.session,
            persona: &asked.who.persona,
            principal: asked.who.principal.as_deref(),
            agent: &asked.who.agent,
            tenant: asked.who.tenant.as_deref(),
            tool: asked.tool,
            args: full.then(|| raw(args)).flatten(),
            args_sha256,
            context: full.then(|| raw(asked.who.context.as_bytes())).flatten(),
            approved: answer.map(|answer| matches!(answer, Answer::Given(_))),
            approval_of: answer.map(Answer::of),
            approved_by: answer.map_or(&[], Answer::by),
            verdict: decided.verdict_word(),
            code: decided.code.as_str(),
            rule: decided.rule.as_deref(),
            rules: &decided.rules,
            observed: &decided.observed,
            message: decided.message.as_deref(),
            who: &decided.who,
            labels: &decided.labels,
            redacted: decided.redacted.is_some(),
            unavailable: decided.unavailable.as_deref(),
            trace: asked.trace,
            took_us,
            frame: decided.frame(),
        }))
    }
}

/// Somebody's word on a call that was asked about.
#[derive(Debug)]
enum Answer {
    Given(approvals::Given),
    /// The id of the decision that asked, and who refused.
    Refused(String, String),
}

impl Answer {
    fn of(&self) -> &str {
        match self {
            Self::Given(given) => &given.of,
            Self::Refused(of, _) => of,
        }
    }

    fn by(&self) -> &[String] {
        match self {
            Self::Given(given) => &given.by,
            Self::Refused(_, by) => std::slice::from_ref(by),
        }
    }
}

fn expired(decided: &Decided) -> bool {
    decided.unavailable.as_deref() == Some(Unavailable::Expired.to_string().as_str())
}

fn raw(bytes: &[u8]) -> Option<&RawValue> {
    serde_json::from_slice(bytes).ok()
}

fn request<'a>(asked: &'a Asked<'_>, at: i64, approval: Approval) -> Request<'a> {
    let context = Some(asked.who.context.as_bytes());
    Request { tool: asked.tool, args: asked.args, context, at, approval, id: None, line: None }
}

/// A denial that no engine was asked for.
struct Plain<'a> {
    asked: &'a Asked<'a>,
    args_sha256: &'a str,
    code: &'static str,
    words: &'a str,
    took_us: u64,
    frame: &'a str,
}

impl<'a> Plain<'a> {
    fn decision(&self) -> Decision<'a> {
        Decision {
            at: clock::now(),
            session: self.asked.session,
            persona: &self.asked.who.persona,
            principal: self.asked.who.principal.as_deref(),
            agent: &self.asked.who.agent,
            tenant: self.asked.who.tenant.as_deref(),
            tool: self.asked.tool,
            args: None,
            args_sha256: self.args_sha256,
            context: None,
            approved: None,
            approval_of: None,
            approved_by: &[],
            verdict: "deny",
            code: self.code,
            rule: None,
            rules: &[],
            observed: &[],
            message: Some(self.words),
            who: &[],
            labels: &[],
            redacted: false,
            unavailable: None,
            trace: self.asked.trace,
            took_us: self.took_us,
            frame: self.frame,
        }
    }
}

/// Shared by all who serve.
pub type SharedGate = Arc<Gate>;

/// Whose the session of a call is.
#[must_use]
pub fn key_of(who: &Identity) -> SessionKey<'_> {
    SessionKey { persona: &who.persona, agent: &who.agent, principal: who.principal.as_deref(), tenant: who.tenant.as_deref() }
}
