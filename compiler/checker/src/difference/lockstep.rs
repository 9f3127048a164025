//! One session decided by two policies, step by step.
//!
//! In: a session. Out: its beginning up to the first call that the second policy answers less severely than the first. Invariant: both runtimes have decided
//! all of it, and admitted every call before the last. Source: contracts section 5.

use std::collections::HashMap;

use leverframe_runtime::{Approval, Policy, Verdict};
use serde_json::{Value, json};

use crate::report::{WitnessCall, WitnessStep};
use crate::session::run::{CameOut, Party, Run, Said};

/// A session whose last call the policies answer differently.
#[derive(Debug)]
pub(super) struct Parted {
    pub(super) steps: Vec<WitnessStep>,
    /// What the stricter policy says of the last call, and the other one.
    pub(super) from: Said,
    pub(super) to: Said,
}

/// Whose words stand in the session's `expect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    From,
    To,
}

/// The beginning of the session up to the first call that `to` answers less severely than `from`.
pub(super) fn parted(from: &Policy, to: &Policy, session: &[WitnessStep], told: Told) -> Option<Parted> {
    let mut pair = Pair { runs: [Run::new(from), Run::new(to)], ids: HashMap::new() };
    let mut steps = Vec::new();
    for step in session {
        match step {
            WitnessStep::Call(call) => {
                let approved = pair.hangs_on_approval(call);
                let [from, to] = pair.call(call);
                let less = severity(to.verdict) < severity(from.verdict);
                steps.push(WitnessStep::Call(retold(call, if told == Told::From { &from } else { &to }, (less, approved))));
                if less {
                    close(&mut steps, call.at.saturating_add(1));
                    return Some(Parted { steps, from, to });
                }
                if from.admitted != to.admitted {
                    return None;
                }
            }
            WitnessStep::Result { result_of, at, result } => {
                pair.result(result_of, result, *at);
                steps.push(step.clone());
            }
            WitnessStep::Event { session, event, args, at, principal, agent, tenant } => {
                let party = Party { session: session.clone(), keys: [principal.clone(), agent.clone(), tenant.clone()] };
                for run in &mut pair.runs {
                    // To a policy that does not declare it nothing has happened.
                    let _ = run.event(&party, event, args, *at);
                }
                steps.push(step.clone());
            }
        }
    }
    None
}

/// How severe an answer is.
pub(super) fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allow => 0,
        Verdict::Ask => 1,
        Verdict::Deny => 2,
    }
}

/// Results, after the last call, for all calls before it that have none: a record would take those as succeeded where they stand.
fn close(steps: &mut Vec<WitnessStep>, at: i64) {
    let has = |id: &str| steps.iter().any(|step| matches!(step, WitnessStep::Result { result_of, .. } if result_of == id));
    let open = steps.iter().filter_map(|step| match step {
        WitnessStep::Call(call) => call.id.as_deref().filter(|id| !has(id)),
        _ => None,
    });
    let results: Vec<WitnessStep> =
        open.map(|id| WitnessStep::Result { result_of: id.to_owned(), at, result: json!({ "ok": true }) }).collect();
    steps.extend(results);
}

fn retold(call: &WitnessCall, said: &Said, (last, hangs_on_approval): (bool, bool)) -> WitnessCall {
    let expect = match said.verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "ask",
        Verdict::Deny => "deny",
    };
    let approved = (hangs_on_approval || (said.verdict == Verdict::Ask && said.admitted && !last)).then_some(true);
    let id = call.id.clone().filter(|_| !last);
    WitnessCall { expect: expect.to_owned(), approved, id, ..call.clone() }
}

/// Two policies at the same session.
struct Pair<'p> {
    runs: [Run<'p>; 2],
    /// What each run calls a call of the session.
    ids: HashMap<String, [String; 2]>,
}

impl Pair<'_> {
    /// Whether some policy answers the call otherwise once it is approved.
    fn hangs_on_approval(&mut self, call: &WitnessCall) -> bool {
        call.id.is_some() && self.runs.iter_mut().any(|run| run.would_be(call, Approval::Given) != run.would_be(call, Approval::None))
    }

    fn call(&mut self, call: &WitnessCall) -> [Said; 2] {
        // What the session has as refused stays so.
        let approval = || if call.id.is_some() { Approval::Given } else { Approval::Refused };
        let said = self.runs.each_mut().map(|run| run.recorded(call, approval()));
        if let Some(id) = &call.id {
            self.ids.insert(id.clone(), self.runs.each_ref().map(|run| format!("c{}", run.steps.len())));
        }
        said
    }

    fn result(&mut self, of: &str, result: &Value, at: i64) {
        let came = CameOut::recorded(result);
        let Some(ids) = self.ids.get(of) else { return };
        for (run, id) in self.runs.iter_mut().zip(ids) {
            // A result that one runtime does not take it has told apart at the call.
            let _ = run.result(id, &came, at);
        }
    }
}
