//! Statements that do nothing, or more than they seem to.
//!
//! In: a persona. Out: LF0303 to LF0307. Invariants: one finding a statement, 0303 before 0306 before 0304; only what the persona states itself is judged, and only
//! where it is certain. Source: verification section 3.

use leverframe_compiler::core::{Cond, ToolId, Verdict};
use leverframe_runtime::frame;
use leverframe_syntax::{Code, Diagnostic};

use super::matter::{Matter, Ruling};
use crate::report::Finding;
use crate::session::permit::{negated, or};

type On<'a> = [(ToolId, Ruling<'a>)];

/// Looks at every statement of the persona itself.
pub(super) fn statements(matter: &mut Matter<'_, '_, '_>) -> Vec<Finding> {
    let own = matter.own_names();
    let mut found = Vec::new();
    for (name, on) in matter.by_name().into_iter().filter(|(name, _)| own.contains(name)) {
        for look in [of_no_effect, always] {
            let before = matter.questions.begin();
            let finding = look(matter, name, &on);
            let queries = matter.questions.end(before);
            found.extend(finding.map(|finding| finding.resting_on(queries)));
        }
    }
    found.extend(undecided(matter));
    found
}

fn of_no_effect(matter: &mut Matter<'_, '_, '_>, name: &str, on: &On<'_>) -> Option<Finding> {
    // An `otherwise` arm that nothing reaches is no finding.
    if on.iter().all(|(_, ruling)| ruling.arm && ruling.answer.cond == Cond::Const(true)) {
        return None;
    }
    if on.iter().all(|(tool, ruling)| matter.impossible(*tool, vec![ruling.answer.cond.clone()])) {
        let message = format!("no call meets the condition of `{name}`");
        let found = made(matter, Code::LF0303, name, on, message, "correct the condition, or take the rule out");
        return Some(found.stating(frame::Finding::NeverMet(own(matter, name)), []));
    }
    let verdict = on.first().map(|(_, ruling)| ruling.answer.verdict)?;
    let overridden = |matter: &mut Matter<'_, '_, '_>, calls: &dyn Fn(&Ruling<'_>) -> Cond| {
        on.iter().all(|(tool, ruling)| {
            let free = negated(matter.house(*tool));
            matter.impossible(*tool, vec![calls(ruling), free])
        })
    };
    let of_itself = verdict != Verdict::Deny && overridden(matter, &|ruling| ruling.answer.cond.clone());
    if !of_itself && on.iter().all(|(tool, ruling)| matter.impossible(*tool, vec![ruling.calls.clone()])) {
        let message = format!("the arms before `{name}` decide all its calls");
        let found = made(matter, Code::LF0304, name, on, message, "put it before them, or take it out");
        return Some(found.stating(frame::Finding::Shadowed(own(matter, name), frame::Shadow::Arms), []));
    }
    match (overridden(matter, &|ruling| ruling.calls.clone()), verdict) {
        (true, Verdict::Deny) => {
            let message = format!("`everyone` denies all that `{name}` denies");
            let found = made(matter, Code::LF0304, name, on, message, "take it out");
            Some(found.stating(frame::Finding::Shadowed(own(matter, name), frame::Shadow::Everyone), []))
        }
        (true, Verdict::Allow | Verdict::Ask) => {
            let message = format!("`everyone` denies all that `{name}` permits");
            let found = made(matter, Code::LF0306, name, on, message, "take the permission out, or let `everyone` deny less");
            Some(found.stating(frame::Finding::Overridden(own(matter, name)), []))
        }
        (false, _) => said_already(matter, name, on),
    }
}

/// A rule whose calls other rules of the persona answer just so; of two equal ones the later.
fn said_already(matter: &mut Matter<'_, '_, '_>, name: &str, on: &On<'_>) -> Option<Finding> {
    if on.iter().any(|(_, ruling)| ruling.arm) {
        return None;
    }
    let place = matter.place(name);
    let within = on.iter().all(|(tool, ruling)| {
        let same = |other: &&Ruling<'_>| {
            (other.answer.verdict, &other.answer.who) == (ruling.answer.verdict, &ruling.answer.who) && other.answer.name != name
        };
        let others: Vec<Ruling<'_>> = matter.rulings(*tool).iter().filter(same).cloned().collect();
        if others.is_empty() {
            return false;
        }
        let covered = |matter: &mut Matter<'_, '_, '_>, by: &[Ruling<'_>]| {
            let by = negated(or(by.iter().map(|other| other.calls.clone()).collect()));
            matter.impossible(*tool, vec![ruling.calls.clone(), by])
        };
        let (earlier, later): (Vec<_>, Vec<_>) = others.into_iter().partition(|other| matter.place(&other.answer.name) < place);
        if !earlier.is_empty() && covered(matter, &earlier) {
            return true;
        }
        // A later one covers it only if it takes more: of equal ones the later is the one too many.
        later.iter().any(|other| {
            covered(matter, std::slice::from_ref(other))
                && !matter.impossible(*tool, vec![other.calls.clone(), negated(ruling.calls.clone())])
        })
    });
    let deliberate = on.iter().any(|(tool, ruling)| ruling.answer.verdict == Verdict::Allow && named_beside(matter, name, *tool));
    let adds = |matter: &mut Matter<'_, '_, '_>| on.iter().any(|(tool, ruling)| matter.may_fail(*tool, &ruling.answer.cond));
    (within && !deliberate && !adds(matter)).then(|| {
        let message = format!("other rules of `{}` say all that `{name}` says", matter.name());
        let found = made(matter, Code::LF0304, name, on, message, "take it out, or say what it should add");
        found.stating(frame::Finding::Shadowed(own(matter, name), frame::Shadow::Others), [])
    })
}

/// Whether an `allow` names a tool in full that has an effect: beside a wildcard that is how one says that it is meant.
fn named_beside(matter: &Matter<'_, '_, '_>, name: &str, tool: ToolId) -> bool {
    let effect = matter
        .core
        .tools
        .get(tool.index())
        .is_some_and(|tool| [&tool.sends, &tool.destroys].into_iter().any(|cond| *cond != Cond::Const(false)));
    effect && super::grant::named_in_full(matter, name).contains(&tool)
}

fn always(matter: &mut Matter<'_, '_, '_>, name: &str, on: &On<'_>) -> Option<Finding> {
    let conditional = on.iter().all(|(_, ruling)| ruling.answer.cond != Cond::Const(true));
    let always = conditional && on.iter().all(|(tool, ruling)| matter.impossible(*tool, vec![negated(ruling.answer.cond.clone())]));
    // Of a tool that cannot be called nothing is said.
    let possible = always && on.iter().any(|(tool, _)| !matter.impossible(*tool, vec![Cond::Const(true)]));
    let found = possible.then(|| {
        if on.iter().any(|(tool, ruling)| matter.may_fail(*tool, &ruling.answer.cond)) {
            let message = format!("every call meets the condition of `{name}`, or is denied since it cannot be evaluated");
            return made(matter, Code::LF0305, name, on, message, "leave it out, unless that denial is what it is for");
        }
        let message = format!("every call meets the condition of `{name}`");
        made(matter, Code::LF0305, name, on, message, "leave the condition out")
    });
    found.map(|found| found.stating(frame::Finding::AlwaysMet(own(matter, name)), []))
}

/// The tools that only the `otherwise` speaks of.
fn undecided(matter: &mut Matter<'_, '_, '_>) -> Option<Finding> {
    let otherwise = matter.core.personas.get(matter.persona.index())?.otherwise.as_ref()?;
    let silent = |tool: &ToolId| matter.rulings(*tool).is_empty() && matter.house(*tool) != Cond::Const(true);
    let tools: Vec<ToolId> = matter.tools().filter(silent).collect();
    let first = matter.tool(*tools.first()?);
    let more = if tools.len() > 1 { format!(" and {} more", tools.len() - 1) } else { String::new() };
    let message = format!("`{first}`{more} is decided by the `otherwise` of `{}` alone", matter.name());
    let diagnostic = Diagnostic::new(Code::LF0307, matter.place(&otherwise.name), message);
    let (persona, tool) = (Some(matter.name().to_owned()), Some(first.to_owned()));
    let found = Finding { persona, tool, rules: vec![otherwise.name.clone()], ..Finding::new(diagnostic) };
    Some(found.stating(frame::Finding::OtherwiseAlone(frame::PersonaId(matter.persona.0)), []))
}

fn own(matter: &Matter<'_, '_, '_>, name: &str) -> frame::Statement {
    frame::Statement { persona: Some(frame::PersonaId(matter.persona.0)), name: name.to_owned() }
}

fn made(matter: &Matter<'_, '_, '_>, code: Code, name: &str, on: &On<'_>, message: String, note: &str) -> Finding {
    let diagnostic = Diagnostic::new(code, matter.place(name), message).note(note);
    let tool = on.first().map(|(tool, _)| matter.tool(*tool).to_owned());
    Finding { persona: Some(matter.name().to_owned()), tool, rules: vec![name.to_owned()], ..Finding::new(diagnostic) }
}
