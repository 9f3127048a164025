//! What the checker says.
//!
//! In: nothing. Out: plain data. Invariants: every finding has a diagnostic whose first label is the statement that a person would change; a witness is
//! there exactly for the codes that carry a session. Source: contracts section 3; verification section 3.

use leverframe_runtime::frame;
use leverframe_syntax::Diagnostic;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::question::{Query, QueryId};

/// Everything that was found out.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// By position.
    pub findings: Vec<Finding>,
    /// Claims: personas in the policy's order, then assertions.
    pub proofs: Vec<Proof>,
    /// What the solver was asked, in that order; nothing unless it was to be recorded.
    pub queries: Vec<Query>,
}

/// Said of a finding that nothing but the solver vouches for.
const ON_ITS_WORD: &str = "this rests on the solver's word; `check --smtlib DIR` writes what it was asked";

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Code, sentence and places.
    pub diagnostic: Diagnostic,
    /// Whose calls it speaks of.
    pub persona: Option<String>,
    /// Which tool it speaks of.
    pub tool: Option<String>,
    /// The rules that it speaks of, the one to change first.
    pub rules: Vec<String>,
    /// A session that anybody can replay.
    pub witness: Vec<WitnessStep>,
    /// The solver's queries on whose word it rests; none where it needs no such word.
    pub queries: Vec<QueryId>,
    /// What it states of all calls or all sessions, for somebody who wants it shown; none where a session shows it.
    pub stated: Option<Stated>,
}

/// A statement about all calls or all sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The statement.
    pub what: frame::Finding,
    /// Of one about sessions: the rules, by their place in the policy, without which it might not hold.
    pub rules: Vec<usize>,
}

impl Finding {
    /// A finding that speaks of nothing else yet.
    #[must_use]
    pub fn new(diagnostic: Diagnostic) -> Self {
        Self { diagnostic, persona: None, tool: None, rules: Vec::new(), witness: Vec::new(), queries: Vec::new(), stated: None }
    }

    /// The finding, and what it states.
    pub(crate) fn stating(self, what: frame::Finding, rules: impl IntoIterator<Item = usize>) -> Self {
        Self { stated: Some(Stated { what, rules: rules.into_iter().collect() }), ..self }
    }

    /// The finding, resting on these queries.
    pub(crate) fn resting_on(mut self, queries: Vec<QueryId>) -> Self {
        if !queries.is_empty() {
            self.diagnostic = self.diagnostic.note(ON_ITS_WORD);
        }
        self.queries = queries;
        self
    }
}

/// What a claim came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What is claimed.
    pub claim: Claim,
    /// What it came to.
    pub verdict: Verdict,
    /// What a proof rests on; none where there is none.
    pub basis: Option<Basis>,
    /// The solver's queries on whose word a proof rests; none where the basis is a certificate.
    pub queries: Vec<QueryId>,
    /// What helps somebody else to prove it.
    pub shown: Shown,
}

/// What helps somebody else to prove a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    #[default]
    Nothing,
    /// The rules, by their place in the policy, without which it might not hold.
    Rules(Vec<usize>),
    /// A session.
    Session(Vec<WitnessStep>),
}

impl Proof {
    /// What a claim came to; only a proof rests on anything.
    pub(crate) fn new(claim: Claim, verdict: Verdict, queries: Vec<QueryId>) -> Self {
        let proved = verdict == Verdict::Proved;
        let basis = if queries.is_empty() { Basis::Certificate } else { Basis::Solver };
        Self { claim, verdict, basis: proved.then_some(basis), queries: if proved { queries } else { Vec::new() }, shown: Shown::Nothing }
    }
}

/// A claim about a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// No two unordered rules of a persona answer one call differently.
    NoConflict {
        /// The persona's name.
        persona: String,
    },
    /// A rule or an `otherwise` answers every call of the persona.
    NoGap {
        /// The persona's name.
        persona: String,
    },
    /// An assertion of the policy.
    Assertion {
        /// Its name.
        name: String,
    },
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Proved,
    /// It does not, and a finding shows why.
    Refuted,
    /// It is not known whether it holds, and why not.
    Unknown(String),
}

/// What an answer rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Basis {
    /// Products of automata, intervals and tables that this program computes. Whoever tells others of it asks the verifier first whether it can be checked.
    Certificate,
    /// The solver's word that something is impossible, or (once the verifier was asked) that of this program's own search.
    Solver,
}

/// One line of a session, as recorded sessions have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WitnessStep {
    /// A call.
    Call(WitnessCall),
    /// The result of an earlier call.
    Result {
        /// The `id` of its call.
        result_of: String,
        /// Milliseconds.
        at: i64,
        /// How it came out.
        result: Value,
    },
    /// A host event.
    Event {
        /// Whose.
        session: String,
        /// Its name.
        event: String,
        /// Its arguments.
        args: Map<String, Value>,
        /// Milliseconds.
        at: i64,
        /// The principal, where a rule needs one.
        #[serde(skip_serializing_if = "Option::is_none")]
        principal: Option<String>,
        /// The agent, where a rule needs one.
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        /// The tenant, where a rule needs one.
        #[serde(skip_serializing_if = "Option::is_none")]
        tenant: Option<String>,
    },
}

/// A call of a witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessCall {
    /// Whose.
    pub session: String,
    /// Who calls.
    pub persona: String,
    /// What is called.
    pub tool: String,
    /// With what.
    pub args: Map<String, Value>,
    /// What a later result names it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Milliseconds.
    pub at: i64,
    /// The principal, where a rule needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// The agent, where a rule needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The tenant, where a rule needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// What the gateway supplies.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub context: Map<String, Value>,
    /// The answer to an ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
    /// How it came out, where that is told in the call's line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// What the runtime says of it: `allow`, `ask` or `deny`.
    pub expect: String,
}
