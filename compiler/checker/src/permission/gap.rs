//! Gaps: calls that no rule of a persona answers.
//!
//! In: a persona. Out: LF0302: one for all tools of which it says nothing, one for each tool of which it answers some calls only.
//! Source: language section 4 ("no gap").

use leverframe_compiler::core::{Cond, ToolId, Verdict};
use leverframe_syntax::{Code, Diagnostic};

use super::matter::Matter;
use super::{Outcome, as_note, show};
use crate::question::{Answer, Example};
use crate::report::Finding;
use crate::session::permit::{negated, or};

/// A call without an answer.
struct Hole {
    tool: ToolId,
    example: Box<Example>,
    out_of_reach: bool,
}

/// Every gap of the persona.
pub(super) fn gaps(matter: &mut Matter<'_, '_, '_>) -> Outcome {
    let mut outcome = Outcome::default();
    if matter.core.personas.get(matter.persona.index()).is_some_and(|persona| persona.otherwise.is_some()) {
        return outcome;
    }
    let mut silent = Vec::new();
    for tool in matter.tools() {
        let rulings = matter.rulings(tool);
        let answered: Vec<Cond> = rulings.iter().map(|ruling| ruling.calls.clone()).chain([matter.house(tool)]).collect();
        let Some(hole) = hole(matter, tool, or(answered), &mut outcome) else { continue };
        if rulings.is_empty() {
            silent.push(hole);
        } else {
            let message = format!("`{}` answers some calls of `{}` only", matter.name(), matter.tool(tool));
            let rules = rulings.iter().map(|ruling| ruling.answer.name.clone()).collect();
            add(matter, &hole, message, rules, &mut outcome);
        }
    }
    if let Some(first) = silent.iter().find(|hole| !hole.out_of_reach).or(silent.first()) {
        let message = match silent.len() {
            1 => format!("`{}` says nothing of `{}`", matter.name(), matter.tool(first.tool)),
            several => format!("`{}` says nothing of `{}` and {} more", matter.name(), matter.tool(first.tool), several - 1),
        };
        add(matter, first, message, Vec::new(), &mut outcome);
    }
    outcome
}

fn hole(matter: &mut Matter<'_, '_, '_>, tool: ToolId, answered: Cond, outcome: &mut Outcome) -> Option<Hole> {
    let open = vec![negated(answered)];
    let mut near = open.clone();
    near.push(matter.within_reach(&open));
    for (holds, out_of_reach) in [(near, false), (open, true)] {
        match matter.ask(tool, holds) {
            Answer::Possible(example) => return Some(Hole { tool, example, out_of_reach }),
            Answer::Impossible(_) => {}
            Answer::Unknown(why) => {
                outcome.unknown.get_or_insert(why);
                return None;
            }
        }
    }
    None
}

fn add(matter: &mut Matter<'_, '_, '_>, hole: &Hole, message: String, rules: Vec<String>, outcome: &mut Outcome) {
    let witness = match show::show(matter, hole.tool, &hole.example, Verdict::Deny) {
        Ok(steps) => steps,
        Err(_) if hole.out_of_reach => Vec::new(),
        Err(why) => {
            outcome.unknown.get_or_insert(why);
            return;
        }
    };
    let mut diagnostic =
        Diagnostic::new(Code::LF0302, matter.span(), message).label("neither a rule nor an `otherwise` answers the call below");
    for rule in &rules {
        diagnostic = diagnostic.also(matter.place(rule), "this does not cover it");
    }
    let diagnostic = diagnostic.note("say `otherwise deny` (or `otherwise ask`), or add the rule that is missing");
    let (persona, tool) = (Some(matter.name().to_owned()), Some(matter.tool(hole.tool).to_owned()));
    let finding = Finding { persona, tool, rules, witness, ..Finding::new(diagnostic) };
    outcome.findings.push(if hole.out_of_reach { as_note(finding) } else { finding });
}
