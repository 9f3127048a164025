//! The sessions of a report, decided again by the reference.
//!
//! In: a case. Out: every verdict that is not the expected one, and every session that does not show what its finding says.
//! Source: verification section 3 ("a concrete session that the runtime has replayed").

use leverframe_checker::report::WitnessCall;
use leverframe_checker::{Finding, WitnessStep};
use leverframe_reference::policy::Verdict as Judged;
use leverframe_reference::{Decision, Judge, read_records};
use serde_json::{Value, json};

use super::domain::Call;
use super::judged::Case;
use super::rule::Said;
use super::statements::{clashes, exceeds, is_gap};
use crate::reference::Elaborated;

/// Replays every session of the report.
pub(super) fn replay(case: &mut Case<'_>) {
    for finding in case.report.findings.iter().filter(|finding| !finding.witness.is_empty()) {
        case.out.replayed += 1;
        if let Err(why) = of_finding(case, finding) {
            let lines: Vec<String> = lines(&finding.witness);
            case.out.wrong.push(format!("the session of {}: {why}\n{}", finding.diagnostic.code, lines.join("\n")));
        }
    }
}

fn lines(witness: &[WitnessStep]) -> Vec<String> {
    witness.iter().map(|step| serde_json::to_string(step).unwrap_or_default()).collect()
}

fn calls(witness: &[WitnessStep]) -> Vec<&WitnessCall> {
    let mut found = Vec::new();
    for step in witness {
        if let WitnessStep::Call(call) = step {
            found.push(call);
        }
    }
    found
}

fn of_finding(case: &Case<'_>, finding: &Finding) -> Result<(), String> {
    let decisions = decided(case.twin, &lines(&finding.witness))?;
    let calls = calls(&finding.witness);
    for (call, decision) in calls.iter().zip(&decisions) {
        let said = word(decision.verdict);
        if call.expect != said {
            return Err(format!("`{}` is said to be {}, and it is {said}", call.tool, call.expect));
        }
    }
    if finding.diagnostic.code.to_string() == "LF0405" {
        // What has happened may be host events alone.
        return stuck(case, finding);
    }
    let (Some(call), Some(decision)) = (calls.last(), decisions.last()) else { return Err("it has no call".to_owned()) };
    shows(case, finding, call, decision)
}

fn decided(policy: &Elaborated, lines: &[String]) -> Result<Vec<Decision>, String> {
    let records = read_records(&lines.join("\n")).map_err(|error| format!("{error:?}"))?;
    let mut judge = Judge::new(policy.policy(), &records);
    let mut decisions = Vec::new();
    for record in &records {
        decisions.extend(judge.take(record).map_err(|error| format!("{error:?}"))?);
    }
    Ok(decisions)
}

fn word(verdict: Judged) -> &'static str {
    match verdict {
        Judged::Allow => "allow",
        Judged::Ask => "ask",
        Judged::Deny => "deny",
    }
}

/// Whether the session shows what the finding says.
fn shows(case: &Case<'_>, finding: &Finding, last: &WitnessCall, decision: &Decision) -> Result<(), String> {
    let persona = case.policy.permissions.personas.iter().position(|persona| persona.name == last.persona).ok_or("an unknown persona")?;
    let call = known(case, last).ok_or("a call that is none of the tool's")?;
    let place = |name: &String| case.policy.world.labels.iter().position(|label| label == name);
    let labels = decision.labels.iter().filter_map(place).fold(0, |set, label| set | (1_u64 << label));
    let fine = match finding.diagnostic.code.to_string().as_str() {
        "LF0301" => clashes(case, persona, call, labels),
        "LF0302" => is_gap(case, persona, call, labels),
        "LF0309" => exceeds(case, persona, call, labels) || finding.diagnostic.severity != leverframe_syntax::Severity::Error,
        "LF0501" => refuted(case, finding, decision)?,
        "LF0502" => last.expect == "deny" || finding.witness.is_empty(),
        _ => true,
    };
    if fine { Ok(()) } else { Err("it does not show that".to_owned()) }
}

fn known<'c>(case: &Case<'c>, call: &WitnessCall) -> Option<&'c Call> {
    let args = Value::Object(call.args.clone());
    let world = &case.policy.world;
    let same =
        |own: &&Call| world.tools[own.tool].name == call.tool && serde_json::from_str::<Value>(&own.json).is_ok_and(|own| own == args);
    world.calls.iter().find(same)
}

/// A call after everything, in the same session.
fn probe(case: &Case<'_>, finding: &Finding, call: &Call, later: i64) -> Result<Decision, String> {
    let mut all = lines(&finding.witness);
    let args: Value = serde_json::from_str(&call.json).map_err(|error| error.to_string())?;
    let tool = &case.policy.world.tools[call.tool].name;
    let last = finding.witness.iter().max_by_key(|step| time(step)).ok_or("it has no step")?;
    let at = time(last).saturating_add(later);
    let session = finding.witness.iter().find_map(session).ok_or("it has no session")?;
    let persona = finding.persona.as_ref().ok_or("it names no persona")?;
    let line = json!({"session": session, "persona": persona, "tool": tool, "args": args, "at": at, "approved": true});
    all.push(line.to_string());
    decided(case.twin, &all)?.pop().ok_or_else(|| "nothing was decided".to_owned())
}

fn session(step: &WitnessStep) -> Option<&String> {
    match step {
        WitnessStep::Call(call) => Some(&call.session),
        WitnessStep::Event { session, .. } => Some(session),
        WitnessStep::Result { .. } => None,
    }
}

fn time(step: &WitnessStep) -> i64 {
    match step {
        WitnessStep::Call(call) => call.at,
        WitnessStep::Result { at, .. } | WitnessStep::Event { at, .. } => *at,
    }
}

/// Whether really no call is admitted any more.
fn stuck(case: &Case<'_>, finding: &Finding) -> Result<(), String> {
    let waits = std::iter::once(1).chain(case.policy.rules.windows.iter().map(|ms| ms + 1));
    for wait in waits {
        for call in &case.policy.world.calls {
            let decision = probe(case, finding, call, wait)?;
            if decision.verdict != Judged::Deny {
                return Err(format!("{}{} is not denied", case.policy.world.tools[call.tool].name, call.json));
            }
        }
    }
    Ok(())
}

/// Whether the assertion is broken there.
fn refuted(case: &Case<'_>, finding: &Finding, decision: &Decision) -> Result<bool, String> {
    let name = finding.rules.first().ok_or("no assertion is named")?;
    let assertion = case.policy.rules.assertions.iter().find(|assertion| assertion.name == *name).ok_or("an unknown assertion")?;
    let twin = format!("z{name}");
    if assertion.said == Said::Always {
        return Ok(decision.verdict != Judged::Deny && decision.observed.contains(&twin));
    }
    let call = case.policy.world.calls.first().ok_or("there is no call")?;
    Ok(probe(case, finding, call, 1)?.observed.contains(&twin))
}
