//! Conflicts: two rules of one persona that answer the same call differently.
//!
//! In: a persona. Out: LF0301, one for each cause. Invariant: the rule that stands in most of the contradictions is blamed once.
//! Source: language section 4 ("no conflict").

use leverframe_compiler::core::{ToolId, Verdict};
use leverframe_syntax::{Code, Diagnostic};

use super::matter::{Matter, Ruling};
use super::{Outcome, as_note, show};
use crate::question::{Answer, Example};
use crate::report::Finding;
use crate::session::permit::negated;

/// Two rules that contradict each other on a call.
struct Clash<'a> {
    tool: ToolId,
    /// The later one first.
    rules: [Ruling<'a>; 2],
    example: Box<Example>,
    /// Whether only labels that cannot be there allow it.
    out_of_reach: bool,
}

/// Every conflict of the persona.
pub(super) fn conflicts(matter: &mut Matter<'_, '_, '_>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut clashes = Vec::new();
    for tool in matter.tools() {
        let rulings = matter.rulings(tool);
        for (at, one) in rulings.iter().enumerate() {
            for other in rulings.iter().skip(at + 1) {
                // A pair that only labels out of reach bring together may meet on another tool without them.
                let known = |clash: &Clash<'_>| {
                    let pair = names(&clash.rules);
                    !clash.out_of_reach && pair.contains(&&one.answer.name) && pair.contains(&&other.answer.name)
                };
                let differ = one.member != other.member && one.answer.verdict != other.answer.verdict;
                if differ && !clashes.iter().any(known) {
                    clashes.extend(clash(matter, tool, one, other, &mut outcome));
                }
            }
        }
    }
    report(matter, clashes, &mut outcome);
    outcome
}

fn names<'r>(rules: &'r [Ruling<'_>; 2]) -> [&'r String; 2] {
    [&rules[0].answer.name, &rules[1].answer.name]
}

fn clash<'a>(
    matter: &mut Matter<'a, '_, '_>,
    tool: ToolId,
    one: &Ruling<'a>,
    other: &Ruling<'a>,
    outcome: &mut Outcome,
) -> Option<Clash<'a>> {
    let open = negated(matter.house(tool));
    let both = vec![one.calls.clone(), other.calls.clone(), open];
    let reach = matter.within_reach(&both);
    let mut near = both.clone();
    near.push(reach);
    let later_first = if matter.place(&one.answer.name) > matter.place(&other.answer.name) { [one, other] } else { [other, one] };
    for (holds, out_of_reach) in [(near, false), (both, true)] {
        match matter.ask(tool, holds) {
            Answer::Possible(example) => {
                return Some(Clash { tool, rules: later_first.map(Clone::clone), example, out_of_reach });
            }
            Answer::Impossible(_) => {}
            Answer::Unknown(why) => {
                outcome.unknown.get_or_insert(why);
                return None;
            }
        }
    }
    None
}

/// A finding for each cause: the rule that stands in most clashes takes all of them with it.
fn report(matter: &mut Matter<'_, '_, '_>, mut clashes: Vec<Clash<'_>>, outcome: &mut Outcome) {
    while !clashes.is_empty() {
        let count = |name: &str| clashes.iter().filter(|clash| names(&clash.rules).iter().any(|other| *other == name)).count();
        let most = clashes.iter().flat_map(|clash| names(&clash.rules)).max_by_key(|name| count(name)).cloned().unwrap_or_default();
        let (group, rest): (Vec<_>, Vec<_>) = clashes.into_iter().partition(|clash| names(&clash.rules).iter().any(|name| **name == most));
        clashes = rest;
        match finding(matter, &group) {
            Ok(finding) => outcome.findings.push(finding),
            Err(why) => {
                outcome.unknown.get_or_insert(why);
            }
        }
    }
}

fn finding(matter: &mut Matter<'_, '_, '_>, group: &[Clash<'_>]) -> Result<Finding, String> {
    let Some(first) = group.iter().find(|clash| !clash.out_of_reach).or(group.first()) else {
        return Err("there is no conflict".to_owned());
    };
    let [later, earlier] = &first.rules;
    let shown = show::show(matter, first.tool, &first.example, later.answer.verdict.max(earlier.answer.verdict));
    let tool = matter.tool(first.tool);
    let message = format!(
        "`{}` {} a call of `{tool}` that `{}` {}",
        later.answer.name,
        verb(later.answer.verdict),
        earlier.answer.name,
        verb(earlier.answer.verdict)
    );
    let mut diagnostic = Diagnostic::new(Code::LF0301, matter.place(&later.answer.name), message)
        .label(format!("{} it", verb(later.answer.verdict)))
        .also(matter.place(&earlier.answer.name), format!("{} it", verb(earlier.answer.verdict)));
    let mut rules = vec![later.answer.name.clone(), earlier.answer.name.clone()];
    for clash in group {
        for ruling in
            clash.rules.iter().filter(|ruling| !clash.out_of_reach || first.out_of_reach || ruling.answer.name == later.answer.name)
        {
            if !rules.contains(&ruling.answer.name) {
                rules.push(ruling.answer.name.clone());
                diagnostic = diagnostic.also(
                    matter.place(&ruling.answer.name),
                    format!("{} calls of `{}`", verb(ruling.answer.verdict), matter.tool(clash.tool)),
                );
            }
        }
    }
    let diagnostic = diagnostic.note("let one of them take fewer calls, or put them into one `on`, whose arms have an order");
    // Of labels that nothing gives there is no session to show.
    let witness = match shown {
        Ok(steps) => steps,
        Err(_) if first.out_of_reach => Vec::new(),
        Err(why) => return Err(why),
    };
    let (persona, tool) = (Some(matter.name().to_owned()), Some(tool.to_owned()));
    let finding = Finding { persona, tool, rules, witness, ..Finding::new(diagnostic) };
    Ok(if first.out_of_reach { as_note(finding) } else { finding })
}

fn verb(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allows",
        Verdict::Ask => "asks about",
        Verdict::Deny => "denies",
    }
}
