//! Assertions: that no admitted session comes to something, or that one does.
//!
//! In: the policy as the reference has it, an assertion, and either the rules that are needed or a session. Out: how many personas were looked at, and how many
//! states or lines. A product of the assertion's source and the sources of the rules is walked from the beginning, over all letters that the persona's permissions
//! may admit; where it has come to an end without what must never be, the states that were met are a closed invariant (`product`).
//! Invariants: a session counts if the reference's own judge admits all of it.
//! Assumed: a result carries only labels that its tool returns or a scan of it gives (`lang-spec/trust.md`).
//! Source: `lang-spec/certificate.md`, [cert.sessions].

use std::collections::BTreeMap;

use leverframe_reference::policy::{Assertion, Body, Case, Cond, Kind, Part, Persona, Policy, Rule, Says, Scan, Tool, Verdict};
use leverframe_reference::{Record, Recorded, decide, labels_in, read_records};
use leverframe_runtime::frame::About;

use super::product::{self, Goal, Made};
use crate::asked::Subjects;
use crate::limits::{SESSION_BYTES, SESSION_LINES};
use crate::{Checked, require};

/// Whether no session of the personas that are meant comes to what the assertion forbids.
pub(super) fn unreachable(policy: &Policy, about: &About, rules: &[u16]) -> Checked<(usize, usize)> {
    let assertion = assertion(policy, about)?;
    require(assertion.says != Says::Can, || "that something cannot be is no proof that it can".to_owned())?;
    never(policy, assertion, &assertion.rule.body, rules)
}

/// Whether no session of the personas that an assertion means comes to what this body speaks of: it, or a part of it.
pub(super) fn never(policy: &Policy, assertion: &Assertion, body: &Body, rules: &[u16]) -> Checked<(usize, usize)> {
    let rules = product::rules(policy, rules)?;
    let rule = Rule { body: body.clone(), ..assertion.rule.clone() };
    let subjects = Subjects::beside(policy, Some(&rule));
    let unapproved = assertion.says == Says::Never { without_approval: true };
    let made = Made { policy, subjects: &subjects, body: &rule.body, goal: Goal::Happens, rules: &rules, unapproved };
    product::walk(made, meant(policy, assertion))
}

/// Whether a session is admitted and comes to what the assertion says can be.
pub(super) fn shown(policy: &Policy, about: &About, lines: &[String]) -> Checked<(usize, usize)> {
    let assertion = assertion(policy, about)?;
    require(assertion.says == Says::Can, || "a session is no proof that something never is".to_owned())?;
    require(sure(&assertion.rule), || "its sequence may be noted where it has not happened, so that a session shows nothing".to_owned())?;
    let bytes = lines.iter().fold(0, |sum: usize, line| sum.saturating_add(line.len()));
    require(lines.len() <= SESSION_LINES && bytes <= SESSION_BYTES, || "its session is too long".to_owned())?;
    require(lines.iter().all(|line| !line.contains(['\n', '\r'])), || "a line of its session is several".to_owned())?;
    let records = read_records(&lines.join("\n")).map_err(|error| error.to_string())?;
    labelled(policy, &records)?;
    let mut noting = policy.clone();
    // No rule of a policy has an empty name.
    noting.rules.push(Rule { name: String::new(), ..assertion.rule.clone() });
    let decisions = decide(&noting, &records).map_err(|error| error.to_string())?;
    let calls = records.iter().filter_map(|record| match &record.what {
        Recorded::Call(call) => Some(call),
        _ => None,
    });
    let first = decisions.first().ok_or("its session has no calls")?;
    for (call, decision) in calls.zip(&decisions) {
        let asked = decision.verdict == Verdict::Ask && call.approved == Some(true);
        require(decision.verdict == Verdict::Allow || asked, || format!("line {} of its session is not admitted", decision.line))?;
        let same = assertion.personas.contains(&call.persona) && decision.session == first.session;
        require(same, || format!("line {} of its session is somebody else's", decision.line))?;
    }
    let noted = decisions.last().is_some_and(|decision| decision.observed.iter().any(String::is_empty));
    require(noted, || "its session does not come to what the assertion says".to_owned())?;
    Ok((1, lines.len()))
}

/// Whether a rule notes only what has happened: it has no variables, which may be lacking or too many, and no guard that may be in doubt. Guards of admitted
/// calls are not: what cannot be evaluated denies the call.
fn sure(rule: &Rule) -> bool {
    let plain = |part: &Part, case: &Case| matches!(case.guard, Cond::Const(_)) || read_at_the_call(part, case);
    let parts = rule.patterns().into_iter().flat_map(|pattern| &pattern.parts);
    !rule.has_values() && parts.into_iter().all(|part| part.cases.iter().all(|case| plain(part, case)))
}

fn read_at_the_call(part: &Part, case: &Case) -> bool {
    !matches!(part.kind, Kind::Event | Kind::Denied) && !case.guard.reads_result()
}

/// Whether results carry only labels that their tools return, or that scans find in what the session shows of them.
fn labelled(policy: &Policy, records: &[Record]) -> Checked {
    let mut calls: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for record in records {
        let (call, outcome) = match &record.what {
            Recorded::Call(call) => {
                let made = (call.persona.as_str(), call.tool.as_str());
                call.id.iter().for_each(|id| {
                    calls.insert(id, made);
                });
                (Some(made), call.result.as_ref())
            }
            Recorded::Result(result) => (calls.get(result.of.as_str()).copied(), Some(&result.outcome)),
            Recorded::Event(_) => (None, None),
        };
        let Some(outcome) = outcome.filter(|outcome| !outcome.labels.is_empty()) else { continue };
        let (persona, tool) = call.ok_or_else(|| format!("line {} of its session is no call's result", record.line))?;
        let found = labels_in(policy, persona, tool, outcome);
        let returned = |label: &String| policy.tool(tool).is_some_and(|tool| tool.returns.contains(label));
        let given = outcome.labels.iter().all(|label| found.contains(label) || returned(label));
        require(given, || format!("line {} of its session carries a label that nothing gives", record.line))?;
    }
    Ok(())
}

/// Whether results of a tool may carry a label: the tool returns it, or some scan may find it.
pub(super) fn gives(policy: &Policy, tool: &Tool, label: &str) -> bool {
    let by_scan = |scan: &Scan| scan.results && scan.tools.contains(&tool.name) && scan.labels.iter().any(|known| known == label);
    tool.returns.iter().any(|known| known == label) || policy.scans.iter().any(by_scan)
}

fn assertion<'p>(policy: &'p Policy, about: &About) -> Checked<&'p Assertion> {
    let About::Assertion(name) = about else { return Err("it is no assertion".to_owned()) };
    asserted(policy, name)
}

/// The assertion of this name.
pub(super) fn asserted<'p>(policy: &'p Policy, name: &str) -> Checked<&'p Assertion> {
    policy.assertions.iter().find(|assertion| assertion.rule.name == name).ok_or_else(|| "the policy has no such assertion".to_owned())
}

fn meant<'p>(policy: &'p Policy, assertion: &'p Assertion) -> impl Iterator<Item = &'p Persona> {
    policy.personas.iter().filter(|persona| assertion.personas.is_empty() || assertion.personas.contains(&persona.name))
}
