//! Dogwood with its LocalTemporalEngine, as a process of the comparison.
//!
//! In: `policy.dw`, `policy.dw.schema`. Out: verdicts. A decision begins with the text of the arguments, of which the request event is made; where there are
//! histories, an allowed call is followed by its response event, which Dogwood's own history is made of. What went before is given as responses alone.
//! The event schema is that of Dogwood's own benchmark: one history for all, windows of up to a year.

#[path = "../../src/peer.rs"]
#[expect(dead_code, reason = "Dogwood takes the arguments, never the call as one text")]
mod peer;

use std::collections::BTreeMap;

use dogwood_language::{Authorizer, Event, EventBuilder, LoweredPolicySet, PolicySchema, ServiceSchema, Value};
use dogwood_local_engine::LocalTemporalEngine;
use peer::{Call, Case, Peer, serve};

const EVENTS: &str = r#"
max_window = 8760h

decision event <A>::request { ...inputs(A), callerPrincipal: principalType(A), callerResource: resourceType(A), requestId: String, sessionId: String }
event <A>::response { ...inputs(A), ...outputs(A), callerPrincipal: principalType(A), callerResource: resourceType(A), requestId: String, sessionId: String }
event <A>::error { ...inputs(A), callerPrincipal: principalType(A), callerResource: resourceType(A), requestId: String, sessionId: String }
"#;

struct Source {
    policy: String,
    schema: String,
}

struct Prepared {
    action: String,
    principal: String,
    args: String,
}

struct Dogwood {
    authorizer: Authorizer,
    calls: Vec<Prepared>,
    records: bool,
}

fn prepared(call: &Call) -> Prepared {
    Prepared {
        action: format!("App::Action::{}", call.tool),
        principal: format!("App::Persona::\"{}\"", call.persona),
        args: call.args.clone(),
    }
}

fn value(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(is) => Value::Bool(is),
        serde_json::Value::Number(number) => Value::Int(number.as_i64().unwrap_or_else(|| panic!("{number} is no integer"))),
        serde_json::Value::String(text) => Value::String(text),
        serde_json::Value::Array(elements) => Value::Array(elements.into_iter().map(value).collect()),
        serde_json::Value::Object(members) => Value::Object(members.into_iter().map(|(name, member)| (name, value(member))).collect()),
    }
}

/// The event of a call, from the text of its arguments.
fn event(call: &Prepared, kind: &str, at: i64) -> EventBuilder {
    let args: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&call.args).unwrap_or_else(|error| panic!("{}: {error}", call.args));
    let base = Event::builder(&call.action, kind).timestamp(at).principal(&call.principal).resource("App::Gateway::\"g\"");
    args.into_iter().fold(base, |event, (name, argument)| {
        let argument = value(argument);
        event.field("input", &name, argument.clone()).request_context("input", &name, argument)
    })
}

impl Peer for Dogwood {
    type Source = Source;

    fn source(case: &Case) -> Source {
        Source { policy: case.file("policy.dw"), schema: case.file("policy.dw.schema") }
    }

    fn load(source: &Source) -> Self {
        let schema = PolicySchema::from_cedarschema_str(&source.schema).unwrap_or_else(|error| panic!("the schema: {error}"));
        let service = ServiceSchema::builder().event_schema_str(EVENTS).build().unwrap_or_else(|error| panic!("the events: {error}"));
        let lowered = LoweredPolicySet::from_str(&source.policy, &service, &schema).unwrap_or_else(|error| panic!("the policies: {error}"));
        let authorizer = Authorizer::builder(lowered).temporal_engine(LocalTemporalEngine::new()).build();
        let authorizer = authorizer.unwrap_or_else(|error| panic!("the policies: {error}"));
        Self { authorizer, calls: Vec::new(), records: false }
    }

    fn prepare(&mut self, case: &Case) {
        self.records = !case.history.is_empty();
        self.calls = case.calls.iter().map(prepared).collect();
    }

    fn take(&mut self, call: &Call, at: i64) {
        self.authorizer.is_authorized(&event(&prepared(call), "response", at).build());
    }

    fn decide(&mut self, index: usize, at: i64) -> bool {
        let call = &self.calls[index];
        let request = event(call, "request", at).build();
        let answer = self.authorizer.is_authorized(&request).unwrap_or_else(|| panic!("a request is decided"));
        assert!(answer.diagnostics().errors().next().is_none(), "{:?}", answer.diagnostics());
        if self.records && answer.allowed() {
            self.authorizer.is_authorized(&event(call, "response", at).build());
        }
        answer.allowed()
    }
}

fn main() {
    serve::<Dogwood>();
}
