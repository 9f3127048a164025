//! The permissions of a persona on one tool, as conditions.
//!
//! In: the core form. Out: for each verdict the calls that get it from permissions alone. Invariant: of answers that contradict each other the most severe
//! counts, as at run time. Source: language section 4.

use leverframe_compiler::core::{Answer, Cond, Core, Member, PersonaId, ToolId, ToolRules, Verdict};

/// The calls of one tool by what permissions say of them.
#[derive(Clone, Debug)]
pub(crate) struct Permits {
    /// Allowed.
    pub(crate) allow: Cond,
    /// Asked.
    pub(crate) ask: Cond,
    /// Refused, by a rule or for want of one.
    pub(crate) deny: Cond,
    /// Every condition that the runtime evaluates for it.
    pub(crate) evaluated: Vec<Cond>,
}

/// An answer and the calls that it answers: of an arm, those that no arm before it takes.
pub(crate) fn answers(members: &[Member]) -> Vec<(&Answer, Cond)> {
    let mut found = Vec::new();
    for member in members {
        match member {
            Member::Rule(answer) => found.push((answer, answer.cond.clone())),
            Member::On(arms) => {
                let mut before: Vec<Cond> = Vec::new();
                for arm in arms {
                    let mut all: Vec<Cond> = before.iter().map(|cond| negated(cond.clone())).collect();
                    all.push(arm.cond.clone());
                    found.push((arm, and(all)));
                    before.push(arm.cond.clone());
                }
            }
        }
    }
    found
}

/// What is evaluated of a member. Arms are tried lazily, so that one which fails on a call that an earlier arm takes fails nothing: as an `or` does.
pub(crate) fn evaluated(member: &Member) -> Cond {
    match member {
        Member::Rule(answer) => answer.cond.clone(),
        // Not simplified: its last part is often `true`, and what stands before it must not fail all the same.
        Member::On(arms) => Cond::Or(arms.iter().map(|arm| arm.cond.clone()).collect()),
    }
}

/// The members that speak of a tool.
pub(crate) fn members(rules: &[ToolRules], tool: ToolId) -> &[Member] {
    rules.iter().find(|rules| rules.tool == tool).map_or(&[], |rules| rules.members.as_slice())
}

impl Permits {
    /// What the persona may do with the tool.
    pub(crate) fn of(core: &Core, persona: PersonaId, tool: ToolId) -> Self {
        let Some(owner) = core.personas.get(persona.index()) else { return Self::nothing() };
        let house = answers(members(&core.everyone, tool));
        let own = answers(members(&owner.tools, tool));
        let of = |verdict: Verdict| own.iter().filter(move |(answer, _)| answer.verdict == verdict).map(|(_, cond)| cond.clone());
        let denied = or(house.iter().map(|(_, cond)| cond.clone()).chain(of(Verdict::Deny)).collect());
        let (asked, allowed) = (or(of(Verdict::Ask).collect()), or(of(Verdict::Allow).collect()));
        let spoken = or(vec![denied.clone(), asked.clone(), allowed.clone()]);
        let otherwise = owner.otherwise.as_ref().map_or(Verdict::Deny, |answer| answer.verdict);
        let rest = |verdict: Verdict| if otherwise == verdict { negated(spoken.clone()) } else { Cond::Const(false) };
        let free = negated(denied.clone());
        Self {
            allow: or(vec![and(vec![free.clone(), negated(asked.clone()), allowed.clone()]), rest(Verdict::Allow)]),
            ask: or(vec![and(vec![free, asked.clone()]), rest(Verdict::Ask)]),
            deny: or(vec![denied, rest(Verdict::Deny)]),
            evaluated: [members(&core.everyone, tool), members(&owner.tools, tool)].into_iter().flatten().map(evaluated).collect(),
        }
    }

    fn nothing() -> Self {
        Self { allow: Cond::Const(false), ask: Cond::Const(false), deny: Cond::Const(true), evaluated: Vec::new() }
    }
}

/// All of them, as simple as constants make it.
pub(crate) fn and(parts: Vec<Cond>) -> Cond {
    let mut parts: Vec<Cond> = parts.into_iter().filter(|part| *part != Cond::Const(true)).collect();
    if parts.contains(&Cond::Const(false)) {
        return Cond::Const(false);
    }
    match parts.len() {
        0 => Cond::Const(true),
        1 => parts.remove(0),
        _ => Cond::And(parts),
    }
}

/// Any of them, as simple as constants make it.
pub(crate) fn or(parts: Vec<Cond>) -> Cond {
    let mut parts: Vec<Cond> = parts.into_iter().filter(|part| *part != Cond::Const(false)).collect();
    if parts.contains(&Cond::Const(true)) {
        return Cond::Const(true);
    }
    match parts.len() {
        0 => Cond::Const(false),
        1 => parts.remove(0),
        _ => Cond::Or(parts),
    }
}

/// The contrary.
pub(crate) fn negated(cond: Cond) -> Cond {
    match cond {
        Cond::Const(holds) => Cond::Const(!holds),
        Cond::Not(part) => *part,
        cond => Cond::Not(Box::new(cond)),
    }
}
