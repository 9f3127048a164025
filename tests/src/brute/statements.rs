//! Findings about permissions, by looking at every call.
//!
//! In: a case. Out: disagreements over LF0301 to LF0307 and LF0309. All sets of labels are tried where a policy has labels.
//! Source: language sections 4 and 9; verification section 3.

use leverframe_checker::{Claim, Verdict as Came};

use super::domain::Call;
use super::judged::Case;
use super::permission::{Ruling, Verdict};

/// Compares what the checker says of permissions.
pub(super) fn compare(case: &mut Case<'_>) {
    for persona in 0..case.policy.permissions.personas.len() {
        conflict(case, persona);
        gap(case, persona);
        of_no_effect(case, persona);
        undecided(case, persona);
        child(case, persona);
    }
}

/// Every call with every set of labels.
fn situations<'c>(case: &Case<'c>) -> Vec<(&'c Call, u64)> {
    let sets = 1_u64 << case.policy.world.labels.len();
    case.policy.world.calls.iter().flat_map(|call| (0..sets).map(move |labels| (call, labels))).collect()
}

/// Two statements that say different things of a call that `everyone` lets be.
#[must_use]
pub(super) fn clashes(case: &Case<'_>, persona: usize, call: &Call, labels: u64) -> bool {
    let (permissions, world) = (&case.policy.permissions, &case.policy.world);
    let rulings = permissions.rulings(world, persona, call.tool);
    let taking: Vec<&Ruling<'_>> = rulings.iter().filter(|ruling| ruling.takes(call, labels)).collect();
    let differ = |one: &Ruling<'_>| taking.iter().any(|other| other.member != one.member && other.verdict != one.verdict);
    !permissions.house(world, call, labels) && taking.iter().any(|one| differ(one))
}

/// Whether nothing decides a call.
#[must_use]
pub(super) fn is_gap(case: &Case<'_>, persona: usize, call: &Call, labels: u64) -> bool {
    case.policy.permissions.verdict(&case.policy.world, persona, call, labels).is_none()
}

fn conflict(case: &mut Case<'_>, persona: usize) {
    let found = situations(case).into_iter().find(|(call, labels)| clashes(case, persona, call, *labels));
    let name = case.policy.permissions.personas[persona].name.clone();
    claim(case, "LF0301", &Claim::NoConflict { persona: name }, persona, found);
}

fn gap(case: &mut Case<'_>, persona: usize) {
    let found = situations(case).into_iter().find(|(call, labels)| is_gap(case, persona, call, *labels));
    let name = case.policy.permissions.personas[persona].name.clone();
    claim(case, "LF0302", &Claim::NoGap { persona: name }, persona, found);
}

fn claim(case: &mut Case<'_>, code: &str, claim: &Claim, persona: usize, found: Option<(&Call, u64)>) {
    let said = !case.of_persona(code, persona).is_empty();
    match (case.came(claim), found) {
        (Some(Came::Proved), None) if !said => {}
        (Some(Came::Refuted), Some(_)) if said => {}
        (Some(Came::Unknown(_)), _) => {}
        (came, found) => {
            let found =
                found.map(|(call, labels)| format!("{}{} with labels {labels:b}", case.policy.world.tools[call.tool].name, call.json));
            let wrong = format!("{code} of p{persona} is said to be {came:?}, and there is {found:?}");
            case.out.wrong.push(wrong);
        }
    }
}

/// A statement of a persona, over all tools that it names.
struct Whole<'p> {
    name: String,
    verdict: Verdict,
    parts: Vec<(usize, Ruling<'p>)>,
}

fn own<'c>(case: &Case<'c>, persona: usize) -> Vec<Whole<'c>> {
    let (permissions, world) = (&case.policy.permissions, &case.policy.world);
    let mut all: Vec<Whole<'c>> = Vec::new();
    for tool in 0..world.tools.len() {
        for ruling in permissions.rulings(world, persona, tool).into_iter().filter(|ruling| ruling.member.0 == persona) {
            match all.iter_mut().find(|known| known.name == ruling.name) {
                Some(known) => known.parts.push((tool, ruling)),
                None => all.push(Whole { name: ruling.name.clone(), verdict: ruling.verdict, parts: vec![(tool, ruling)] }),
            }
        }
    }
    all
}

fn of_no_effect(case: &mut Case<'_>, persona: usize) {
    let situations = situations(case);
    for whole in own(case, persona) {
        let over = |test: &dyn Fn(&Ruling<'_>, &Call, u64) -> bool| {
            let of = |tool: usize| situations.iter().filter(move |(call, _)| call.tool == tool);
            whole.parts.iter().all(|(tool, ruling)| of(*tool).all(|(call, labels)| test(ruling, call, *labels)))
        };
        let house = |call: &Call, labels: u64| case.policy.permissions.house(&case.policy.world, call, labels);
        let never = over(&|ruling, call, labels| !ruling.meets(call, labels));
        let reached = !over(&|ruling, call, labels| !ruling.takes(call, labels));
        let overridden = over(&|ruling, call, labels| !ruling.takes(call, labels) || house(call, labels));
        // The graver one first: what `everyone` denies of all that the condition means is no matter of the arms before.
        let forbidden = whole.verdict != Verdict::Deny && over(&|ruling, call, labels| !ruling.meets(call, labels) || house(call, labels));
        let plain_arm = whole.parts.iter().all(|(_, ruling)| ruling.arm && ruling.cond.is_none());
        let conditional = whole.parts.iter().all(|(_, ruling)| ruling.cond.is_some());
        let always = conditional && over(&|ruling, call, labels| ruling.meets(call, labels));
        let covered = over(&|ruling, call, labels| !ruling.takes(call, labels) || said_by_others(case, persona, ruling, call, labels));
        let expected = match (never, reached, overridden) {
            _ if plain_arm => None,
            (true, ..) => Some("LF0303"),
            _ if forbidden => Some("LF0306"),
            (_, false, _) => Some("LF0304"),
            (_, _, true) if whole.verdict == Verdict::Deny => Some("LF0304"),
            (_, _, true) => Some("LF0306"),
            _ => None,
        };
        for code in ["LF0303", "LF0304", "LF0306"] {
            let said = case.of_persona(code, persona).iter().any(|finding| finding.rules.first() == Some(&whole.name));
            let fine = said == (expected == Some(code)) || (said && code == "LF0304" && expected.is_none() && covered && !plain_arm);
            if !fine {
                case.out.wrong.push(format!("{code} of `{}`: said {said}, expected {expected:?}", whole.name));
            }
        }
        let said = case.of_persona("LF0305", persona).iter().any(|finding| finding.rules.first() == Some(&whole.name));
        if said != always {
            case.out.wrong.push(format!("LF0305 of `{}`: said {said}, and it always holds: {always}", whole.name));
        }
    }
}

/// Whether another statement says just so of the call.
fn said_by_others(case: &Case<'_>, persona: usize, ruling: &Ruling<'_>, call: &Call, labels: u64) -> bool {
    let rulings = case.policy.permissions.rulings(&case.policy.world, persona, call.tool);
    rulings.iter().any(|other| other.name != ruling.name && other.verdict == ruling.verdict && other.takes(call, labels))
}

fn undecided(case: &mut Case<'_>, persona: usize) {
    let (permissions, world) = (&case.policy.permissions, &case.policy.world);
    let silent = |tool: usize| {
        let unconditional = permissions.everyone.iter().any(|statement| match statement {
            super::permission::Statement::Plain { target: super::permission::Target::Listed(tools), cond, .. } => {
                cond.is_none() && tools.contains(&tool)
            }
            _ => false,
        });
        permissions.rulings(world, persona, tool).is_empty() && !unconditional
    };
    let expected = permissions.otherwise(persona).is_some() && (0..world.tools.len()).any(silent);
    let said = !case.of_persona("LF0307", persona).is_empty();
    if said != expected {
        case.out.wrong.push(format!("LF0307 of p{persona}: said {said}, expected {expected}"));
    }
}

/// Whether a persona's own statements admit more than its parent would.
#[must_use]
pub(super) fn exceeds(case: &Case<'_>, persona: usize, call: &Call, labels: u64) -> bool {
    let (permissions, world) = (&case.policy.permissions, &case.policy.world);
    let Some(parent) = permissions.personas[persona].extends else { return false };
    let before = permissions.verdict(world, parent, call, labels);
    let own = permissions.rulings(world, persona, call.tool).into_iter().filter(|ruling| ruling.member.0 == persona);
    let gives = own.filter(|ruling| ruling.takes(call, labels)).map(|ruling| ruling.verdict).min();
    // Where the parent's own rules say otherwise the two conflict, and the more severe one counts.
    let counts = permissions.verdict(world, persona, call, labels);
    matches!((before, gives), (Some(before), Some(gives)) if gives < before && counts == Some(gives))
}

fn child(case: &mut Case<'_>, persona: usize) {
    let said = !case.of_persona("LF0309", persona).is_empty();
    let found = situations(case).into_iter().find(|(call, labels)| exceeds(case, persona, call, *labels));
    let parent_silent = case.policy.permissions.personas[persona]
        .extends
        .is_some_and(|parent| situations(case).iter().any(|(call, labels)| is_gap(case, parent, call, *labels)));
    if said != found.is_some() && !(said && parent_silent) {
        let found = found.map(|(call, labels)| format!("{}{} with labels {labels:b}", case.policy.world.tools[call.tool].name, call.json));
        case.out.wrong.push(format!("LF0309 of p{persona}: said {said}, and there is {found:?}"));
    }
}
