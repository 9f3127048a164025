//! Cedar, as a process of the comparison: `cedar-peer [sliced]`.
//!
//! In: `policy.cedar`. Out: verdicts. The policy set is parsed once and the entities (none) are made once, as Cedar's documentation has it; a decision begins
//! with the text of the context. `sliced` is what a host can do beyond that: it keeps a policy set for each action and asks only that one.

use std::collections::HashMap;
use std::str::FromStr;

use cedar_policy::{ActionConstraint, Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use leverframe_bench_peers::peer::{Call, Case, Peer, serve};

struct Prepared {
    principal: EntityUid,
    action: EntityUid,
    args: String,
    /// Which of the policy sets is asked.
    set: usize,
}

/// One or many policy sets; the last one is empty and answers for actions that no policy names.
struct Cedar<const SLICED: bool> {
    authorizer: Authorizer,
    entities: Entities,
    resource: EntityUid,
    sets: Vec<PolicySet>,
    by_action: HashMap<EntityUid, usize>,
    calls: Vec<Prepared>,
}

fn uid(kind: &str, id: &str) -> EntityUid {
    let text = format!("{kind}::\"{id}\"");
    EntityUid::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A policy set for each action that a policy names.
fn slice(all: &PolicySet) -> (Vec<PolicySet>, HashMap<EntityUid, usize>) {
    let (mut sets, mut by_action): (Vec<PolicySet>, HashMap<EntityUid, usize>) = (Vec::new(), HashMap::new());
    for policy in all.policies() {
        let ActionConstraint::Eq(action) = policy.action_constraint() else { panic!("a policy of no one action: {policy}") };
        let index = *by_action.entry(action).or_insert_with(|| {
            sets.push(PolicySet::new());
            sets.len() - 1
        });
        sets[index].add(policy.clone()).unwrap_or_else(|error| panic!("{policy}: {error}"));
    }
    sets.push(PolicySet::new());
    (sets, by_action)
}

impl<const SLICED: bool> Peer for Cedar<SLICED> {
    type Source = String;

    fn source(case: &Case) -> String {
        case.file("policy.cedar")
    }

    fn load(source: &String) -> Self {
        let all = PolicySet::from_str(source).unwrap_or_else(|error| panic!("the policies: {error}"));
        let (sets, by_action) = if SLICED { slice(&all) } else { (vec![all], HashMap::new()) };
        let resource = uid("Gateway", "g");
        Self { authorizer: Authorizer::new(), entities: Entities::empty(), resource, sets, by_action, calls: Vec::new() }
    }

    fn prepare(&mut self, case: &Case) {
        let last = self.sets.len() - 1;
        let prepared = |call: &Call| {
            let action = uid("Action", &call.tool);
            let set = self.by_action.get(&action).copied().unwrap_or(last);
            Prepared { principal: uid("Persona", &call.persona), action, args: call.args.clone(), set }
        };
        self.calls = case.calls.iter().map(prepared).collect();
    }

    fn take(&mut self, _: &Call, _: i64) {
        panic!("Cedar knows no history");
    }

    fn decide(&mut self, index: usize, _: i64) -> bool {
        let call = &self.calls[index];
        let context = Context::from_json_str(&call.args, None).unwrap_or_else(|error| panic!("{}: {error}", call.args));
        let request = Request::new(call.principal.clone(), call.action.clone(), self.resource.clone(), context, None)
            .unwrap_or_else(|error| panic!("{}: {error}", call.args));
        self.authorizer.is_authorized(&request, &self.sets[call.set], &self.entities).decision() == Decision::Allow
    }
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("sliced") { serve::<Cedar<true>>() } else { serve::<Cedar<false>>() }
}
