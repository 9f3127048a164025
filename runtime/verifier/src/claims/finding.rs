//! Findings: that a statement, a rule or an assertion does nothing.
//!
//! In: the policy as the reference has it; a finding, which names what it is about. Out: what has to be shown of calls, or that a product of sessions has no state
//! that says otherwise. Invariants: what is to be shown is read off the policy, never off a sentence; a finding about what the policy does not have is refused,
//! whatever its proof; what the policy's text alone decides is decided here.
//! Source: `lang-spec/certificate.md`, [cert.findings].

use leverframe_reference::Policy;
use leverframe_reference::policy::{Action, Assertion, Body, Cond, Gap, Key, Member, Persona, Rule, Says, Sequence, ToolRules};
use leverframe_runtime::frame::{Finding, PersonaId, Shadow, Statement};

use super::different;
use super::obligation::{Obligation, Parts, Ruling, has_statement, members, rulings, silent};
use super::product::{self, Goal, Made};
use super::sessions::{asserted, never};
use crate::asked::Subjects;
use crate::{Checked, require};

/// What has to be shown of calls: nothing where the policy's text is enough. None where it is a matter of sessions.
///
/// # Errors
/// The policy has nothing of that kind, or its text says otherwise.
pub(super) fn obligations<'p>(policy: &'p Policy, finding: &Finding) -> Checked<Option<Vec<Obligation<'p>>>> {
    match finding {
        Finding::NeverMet(statement) => of_statement(policy, statement, |ruling, _| vec![(&ruling.answer.cond, true)]).map(Some),
        Finding::AlwaysMet(statement) => of_statement(policy, statement, |ruling, _| vec![(&ruling.answer.cond, false)]).map(Some),
        Finding::Shadowed(statement, shadow) => shadowed(policy, statement, *shadow).map(Some),
        Finding::Overridden(statement) => {
            persona(policy, statement.persona)?;
            of_statement(policy, statement, |ruling, tool| under_everyone(policy, ruling, tool)).map(Some)
        }
        Finding::OtherwiseAlone(id) => otherwise_alone(policy, persona(policy, Some(*id))?).map(|()| Some(Vec::new())),
        Finding::Evaded(name) => evaded(rule(policy, name)?).map(|()| Some(Vec::new())),
        Finding::NeverFull(name) => Ok(different::too_few(policy, rule(policy, name)?).then(Vec::new)),
        Finding::NeverUsed(statement) => of_statement(policy, statement, |_, _| Vec::new()).map(|_| None),
        Finding::NeverTriggers(name) | Finding::Implied(name) => rule(policy, name).map(|_| None),
        Finding::NeverCounts { persona: id, rule: name, prerequisite } => {
            persona(policy, Some(*id))?;
            alone(rule(policy, name)?, *prerequisite).map(|_| None)
        }
        Finding::Impossible(name) => asserted(policy, name).map(|_| None),
        Finding::Vacuous(name) => begun(asserted(policy, name)?).map(|_| None),
    }
}

/// Whether the product with these rules shows it; how many personas were looked at, and how many states it has.
pub(super) fn unreachable(policy: &Policy, finding: &Finding, rules: &[u16]) -> Checked<(usize, usize)> {
    let of_rule = |rule: &Rule, goal: Goal<'_>| {
        let judges = |persona: &&Persona| rule.scope.as_ref().is_none_or(|scope| scope.contains(&persona.name));
        walk(policy, (rule, goal), rules, &policy.personas.iter().filter(judges).collect::<Vec<_>>())
    };
    match finding {
        Finding::NeverTriggers(name) | Finding::NeverFull(name) => of_rule(judging(policy, name)?, Goal::Judges),
        Finding::Implied(name) => {
            let rule = judging(policy, name)?;
            require(rule.action != Action::Observe, || "a rule that observes refuses nothing".to_owned())?;
            let own = rules.iter().filter_map(|place| policy.rules.get(usize::from(*place))).any(|other| other.name == rule.name);
            require(!own, || "it is shown by itself".to_owned())?;
            of_rule(rule, Goal::JudgesAlone(&rule.action))
        }
        Finding::NeverUsed(Statement { persona: id, name }) => {
            let nothing = Rule { body: Body::Forbid(Sequence::Or(Vec::new())), ..nobody() };
            walk(policy, (&nothing, Goal::Answers(name)), rules, &[persona(policy, *id)?])
        }
        Finding::NeverCounts { persona: id, rule: name, prerequisite } => {
            let rule = of_the_session(policy, name)?;
            let rule = Rule { body: alone(rule, *prerequisite)?, ..rule.clone() };
            walk(policy, (&rule, Goal::Remembers), rules, &[persona(policy, Some(*id))?])
        }
        Finding::Impossible(name) => {
            let assertion = asserted(policy, name)?;
            require(assertion.says == Says::Can, || "it says of nothing that it can be".to_owned())?;
            never(policy, assertion, &assertion.rule.body, rules)
        }
        Finding::Vacuous(name) => {
            let assertion = asserted(policy, name)?;
            never(policy, assertion, &begun(assertion)?, rules)
        }
        Finding::NeverMet(_) | Finding::Shadowed(..) | Finding::AlwaysMet(_) | Finding::Overridden(_) => Err(NOT_OF_SESSIONS.to_owned()),
        Finding::OtherwiseAlone(_) | Finding::Evaded(_) => Err(NOT_OF_SESSIONS.to_owned()),
    }
}

const NOT_OF_SESSIONS: &str = "a proof over sessions is none of it";

fn walk(policy: &Policy, (rule, goal): (&Rule, Goal<'_>), rules: &[u16], personas: &[&Persona]) -> Checked<(usize, usize)> {
    let rules = product::rules(policy, rules)?;
    let subjects = Subjects::beside(policy, Some(rule));
    let made = Made { policy, subjects: &subjects, body: &rule.body, goal, rules: &rules, unapproved: false };
    product::walk(made, personas.iter().copied())
}

/// A rule that is none of the policy's.
fn nobody() -> Rule {
    let (name, body) = (String::new(), Body::Forbid(Sequence::Start));
    Rule { name, key: Key::Session, scope: None, action: Action::Observe, why: None, body, capacity: None }
}

fn persona(policy: &Policy, id: Option<PersonaId>) -> Checked<&Persona> {
    let id = id.ok_or("it is nobody's")?;
    policy.personas.get(id.index()).ok_or_else(|| "the policy has no such persona".to_owned())
}

fn rule<'p>(policy: &'p Policy, name: &str) -> Checked<&'p Rule> {
    policy.rules.iter().find(|rule| rule.name == name).ok_or_else(|| "the policy has no such rule".to_owned())
}

fn of_the_session<'p>(policy: &'p Policy, name: &str) -> Checked<&'p Rule> {
    let rule = rule(policy, name)?;
    require(rule.key == Key::Session, || "a product speaks of one session, and its rule does not".to_owned())?;
    Ok(rule)
}

/// A rule of which a product can say whether it judges: one that ends sessions judges calls that permissions deny, too, and values of a limit may share a count.
fn judging<'p>(policy: &'p Policy, name: &str) -> Checked<&'p Rule> {
    let rule = of_the_session(policy, name)?;
    require(rule.action != Action::EndSession, || "a rule that ends sessions judges what no product has".to_owned())?;
    let shares = rule.has_values() && matches!(rule.body, Body::Limit { .. });
    require(!shares, || "a limit with variables may count values together".to_owned())?;
    Ok(rule)
}

/// For each tool of which a statement speaks, in order, and each of its answers there, the parts that may not all come to their values.
fn of_statement<'p>(
    policy: &'p Policy,
    statement: &Statement,
    parts: impl Fn(&Ruling<'p>, &'p str) -> Parts<'p>,
) -> Checked<Vec<Obligation<'p>>> {
    let tools: &[ToolRules] = match statement.persona {
        None => &policy.everyone,
        id => &persona(policy, id)?.tools,
    };
    let mut found = Vec::new();
    for rules in tools.iter().filter(|rules| has_statement(rules, &statement.name)) {
        let own = rulings(&rules.members).into_iter().filter(|ruling| ruling.answer.name == statement.name);
        found.extend(own.map(|ruling| Obligation::of(&rules.tool, ruling.answer, parts(&ruling, &rules.tool))));
    }
    require(!found.is_empty(), || "the policy has no such statement".to_owned())?;
    Ok(found)
}

/// That it decides, and `everyone` denies nothing.
fn under_everyone<'p>(policy: &'p Policy, ruling: &Ruling<'p>, tool: &str) -> Parts<'p> {
    [ruling.when.clone(), silent(members(&policy.everyone, tool))].concat()
}

fn shadowed<'p>(policy: &'p Policy, statement: &Statement, shadow: Shadow) -> Checked<Vec<Obligation<'p>>> {
    match (shadow, statement.persona) {
        (Shadow::Arms, _) => of_statement(policy, statement, |ruling, _| ruling.when.clone()),
        (Shadow::Everyone, None) => of_statement(policy, statement, |ruling, tool| {
            let before = members(&policy.everyone, tool).get(..ruling.member).unwrap_or_default();
            [ruling.when.clone(), silent(before)].concat()
        }),
        (Shadow::Everyone, Some(_)) => of_statement(policy, statement, |ruling, tool| under_everyone(policy, ruling, tool)),
        (Shadow::Others, id) => {
            let own = &persona(policy, id)?.tools;
            of_statement(policy, statement, |ruling, tool| {
                let others = members(own, tool).iter().filter_map(|member| said_by(member, ruling));
                ruling.when.iter().copied().chain(others).collect()
            })
        }
    }
}

/// That another rule does not say the same.
fn said_by<'p>(member: &'p Member, ruling: &Ruling<'p>) -> Option<(&'p Cond, bool)> {
    let Member::Rule(other) = member else { return None };
    let same = (other.verdict, &other.who) == (ruling.answer.verdict, &ruling.answer.who) && other.name != ruling.answer.name;
    same.then_some((&other.cond, false))
}

/// Whether there is a tool of which only the `otherwise` speaks; one that `everyone` denies outright is none.
fn otherwise_alone(policy: &Policy, persona: &Persona) -> Checked {
    require(persona.otherwise.is_some(), || "the persona has no `otherwise`".to_owned())?;
    let denied = |tool: &str| members(&policy.everyone, tool).iter().any(outright);
    let alone = policy.tools.iter().any(|tool| members(&persona.tools, &tool.name).is_empty() && !denied(&tool.name));
    require(alone, || "the persona's rules speak of every tool".to_owned())
}

fn outright(member: &Member) -> bool {
    matches!(member, Member::Rule(answer) if answer.cond == Cond::Const(true))
}

/// Whether a call in between evades it.
fn evaded(rule: &Rule) -> Checked {
    let evaded = matches!(&rule.body, Body::Forbid(sequence) if says_next(sequence));
    require(evaded, || "it is no `forbid` that says `then[next]`".to_owned())
}

fn says_next(sequence: &Sequence) -> bool {
    match sequence {
        Sequence::Start | Sequence::Event(_) => false,
        Sequence::Then(first, Gap { next, .. }, second) => *next || says_next(first) || says_next(second),
        Sequence::Or(parts) | Sequence::And(parts) => parts.iter().any(says_next),
        Sequence::Times(_, part) | Sequence::Within(_, part) => says_next(part),
    }
}

/// A requirement of one prerequisite alone, however long ago that was.
fn alone(rule: &Rule, prerequisite: u16) -> Checked<Body> {
    let Body::Require { prerequisites, target, reset, .. } = &rule.body else { return Err("it is no `require`".to_owned()) };
    let pattern = prerequisites.get(usize::from(prerequisite)).ok_or("the requirement has no such prerequisite")?;
    Ok(Body::Require { prerequisites: vec![pattern.clone()], target: target.clone(), within: None, reset: reset.clone() })
}

/// All of an assertion but its last step.
fn begun(assertion: &Assertion) -> Checked<Body> {
    require(assertion.says != Says::Can, || "it says of nothing that it never is".to_owned())?;
    let steps = match &assertion.rule.body {
        Body::Forbid(sequence) => trigger(sequence),
        Body::Require { target, .. } => Some(Sequence::Event(target.clone())),
        Body::Protocol(_) | Body::Limit { .. } => None,
    };
    steps.map(Body::Forbid).ok_or_else(|| "it has no last step that others come before".to_owned())
}

/// All steps of a sequence but the last, where there are several.
fn trigger(sequence: &Sequence) -> Option<Sequence> {
    match sequence {
        Sequence::Start | Sequence::Event(_) | Sequence::And(_) => None,
        Sequence::Then(first, gap, second) => Some(match trigger(second) {
            Some(more) => Sequence::Then(first.clone(), gap.clone(), Box::new(more)),
            None => first.as_ref().clone(),
        }),
        Sequence::Or(parts) => parts.iter().map(trigger).collect::<Option<_>>().map(Sequence::Or),
        Sequence::Times(count, part) => {
            let before = count.checked_sub(1).filter(|before| *before > 0).map(|before| Sequence::Times(before, part.clone()));
            match (before, trigger(part)) {
                (Some(before), Some(more)) => Some(Sequence::Then(Box::new(before), Gap::default(), Box::new(more))),
                (before, more) => before.or(more),
            }
        }
        Sequence::Within(ms, part) => trigger(part).map(|part| Sequence::Within(*ms, Box::new(part))),
    }
}
