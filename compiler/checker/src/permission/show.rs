//! Sessions that show a finding about one call.
//!
//! In: an example of the call. Out: the session that leads to it, decided by the runtime. Invariant: the runtime has read the call and evaluated its conditions.
//! Source: verification section 3.

use leverframe_compiler::core::{Cond, LabelId, ToolId, Verdict as Severity};
use leverframe_runtime::{Approval, Verdict};

use super::matter::Matter;
use crate::limits::GIVERS;
use crate::question::{Answer, Example};
use crate::report::WitnessStep;
use crate::session::moving::{bits, scanned};
use crate::session::permit::Permits;
use crate::session::run::{Attempt, OWN, Run, party};

fn severity(verdict: Severity) -> Verdict {
    match verdict {
        Severity::Allow => Verdict::Allow,
        Severity::Ask => Verdict::Ask,
        Severity::Deny => Verdict::Deny,
    }
}

/// The session that ends in the example, on which the runtime says `least` or something more severe.
///
/// # Errors
/// Why there is none.
pub(super) fn show(matter: &mut Matter<'_, '_, '_>, tool: ToolId, example: &Example, least: Severity) -> Result<Vec<WitnessStep>, String> {
    let mut run = Run::new(matter.policy);
    let party = party(matter.core, OWN, &|_| true);
    let givers: Vec<(LabelId, Vec<(ToolId, Example)>)> = example.has.iter().map(|label| (*label, givers(matter, *label))).collect();
    if givers.iter().any(|(_, calls)| calls.is_empty()) {
        return Err("no call was found that gives a label which it needs".to_owned());
    }
    let timed = givers.iter().flat_map(|(_, calls)| calls).any(|(tool, _)| reads_clock(matter, *tool));
    let mut at = if timed { 0 } else { example.at };
    for (label, calls) in &givers {
        let when = |giver: ToolId, call: &Example| if reads_clock(matter, giver) { weeks_later(call.at, at) } else { at };
        let attempt = |giver: ToolId, call| Attempt {
            party: &party,
            persona: matter.name(),
            tool: matter.tool(giver),
            example: call,
            at: when(giver, call),
        };
        // Rules may refuse one of them here, and not another.
        let admitted = calls.iter().find(|(giver, call)| run.probe(&attempt(*giver, call)).admitted);
        let Some((giver, call)) = admitted else { return Err("no call that gives a label which it needs is admitted".to_owned()) };
        let giver = *giver;
        run.call(&attempt(giver, call), Approval::Given);
        at = when(giver, call);
        at += 1;
        let id = format!("c{}", run.steps.len());
        let declared = matter.core.tools.get(giver.index()).map_or(0, |tool| bits(&tool.returns));
        let named = if declared & bits(&[*label]) == 0 { label_name(matter, *label) } else { Vec::new() };
        if !run.result(&id, &crate::session::run::CameOut::succeeded(named), at) {
            return Err("its result was not taken".to_owned());
        }
        at += 1;
    }
    at = if timed && reads_clock(matter, tool) { weeks_later(example.at, at) } else { at };
    let attempt = Attempt { party: &party, persona: matter.name(), tool: matter.tool(tool), example, at };
    let said = run.call(&attempt, Approval::None);
    if !matches!(said.code, "rule" | "no_rule" | "capacity") {
        return Err(format!("the example that was found does not replay: the runtime says `{}`", said.code));
    }
    if said.verdict < severity(least) {
        return Err("the example that was found does not replay: the runtime lets it pass".to_owned());
    }
    Ok(run.steps)
}

/// Whether what is said of calls of the tool depends on when they are.
fn reads_clock(matter: &Matter<'_, '_, '_>, tool: ToolId) -> bool {
    Permits::of(matter.core, matter.persona, tool).evaluated.iter().any(Cond::reads_clock)
}

/// The same hour of the same day of the week, not before `from`.
fn weeks_later(at: i64, from: i64) -> i64 {
    const WEEK_MS: i64 = 7 * 24 * 3_600_000;
    let weeks = from.saturating_sub(at).max(0).saturating_add(WEEK_MS - 1) / WEEK_MS;
    at.saturating_add(weeks.saturating_mul(WEEK_MS))
}

/// Calls that the persona may make without any label, whose results can carry this one. A gateway may label any result, so in want of a tool that gives
/// the label any other will do.
fn givers(matter: &mut Matter<'_, '_, '_>, label: LabelId) -> Vec<(ToolId, Example)> {
    let gives = |matter: &Matter<'_, '_, '_>, tool: &ToolId| {
        let declared = matter.core.tools.get(tool.index()).map_or(0, |tool| bits(&tool.returns));
        (declared | scanned(matter.core, *tool, Some(matter.persona))) & bits(&[label]) != 0
    };
    let (mut tools, others): (Vec<ToolId>, Vec<ToolId>) = matter.tools().partition(|tool| gives(matter, tool));
    tools.extend(others);
    let calls = tools.into_iter().filter_map(|tool| {
        let permits = Permits::of(matter.core, matter.persona, tool);
        [permits.allow, permits.ask].into_iter().find_map(|granted| match matter.ask(tool, vec![granted]) {
            Answer::Possible(example) if example.has.is_empty() => Some((tool, *example)),
            _ => None,
        })
    });
    calls.take(GIVERS).collect()
}

fn label_name(matter: &Matter<'_, '_, '_>, label: LabelId) -> Vec<String> {
    matter.core.labels.get(label.index()).map(|label| label.name.clone()).into_iter().collect()
}
