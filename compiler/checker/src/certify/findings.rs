//! Proofs of findings: that a statement, a rule or an assertion does nothing.
//!
//! In: a policy and what findings state of all calls or all sessions. Out: a [`Claim`] for each, with the trees of its obligations or the rules that are
//! needed. Invariants: obligations stand in the order that the specification fixes; whether a proof is enough for somebody else is not known here.
//! Left out: findings that a session shows. Source: `lang-spec/certificate.md`, [cert.findings].

use std::collections::BTreeSet;

use leverframe_compiler::core::{Answer, Body, Cond, Core, Measure, Member, Rule, ToolId, ToolRules};
use leverframe_runtime::frame::{About, Claim, Finding, Proof, Shadow, Statement};

use super::contradiction::Known;
use super::goal::{Obligation, decisions, undecided};
use super::{cases, product};
use crate::report::Stated;
use crate::session::permit::members;

/// A claim for each different statement, in their order.
#[must_use]
pub fn findings<'f>(core: &Core, stated: impl IntoIterator<Item = &'f Stated>) -> Vec<Claim> {
    let mut known = Known::default();
    let mut seen = BTreeSet::new();
    let claim =
        |Stated { what, rules }: &Stated| Claim { about: About::Finding(what.clone()), proof: proof(core, what, rules, &mut known) };
    stated.into_iter().filter(|stated| seen.insert(&stated.what)).map(claim).collect()
}

fn proof(core: &Core, what: &Finding, rules: &[usize], known: &mut Known) -> Proof {
    let obligations = match what {
        Finding::NeverMet(statement) => rulings(core, statement).map(|ruling| of(&ruling, vec![(&ruling.answer.cond, true)])).collect(),
        Finding::AlwaysMet(statement) => rulings(core, statement).map(|ruling| of(&ruling, vec![(&ruling.answer.cond, false)])).collect(),
        Finding::Shadowed(statement, shadow) => {
            rulings(core, statement).map(|ruling| of(&ruling, shadowed(core, statement, *shadow, &ruling))).collect()
        }
        Finding::Overridden(statement) => {
            rulings(core, statement).map(|ruling| of(&ruling, shadowed(core, statement, Shadow::Everyone, &ruling))).collect()
        }
        // The policy's text says so.
        Finding::OtherwiseAlone(_) | Finding::Evaded(_) => Vec::new(),
        Finding::NeverFull(name) if rules.is_empty() && counts_values(core, name) => Vec::new(),
        _ => return product(core, &others(core, what, rules)),
    };
    cases(core, &obligations, known)
}

/// The rules without the one that it is about.
fn others(core: &Core, what: &Finding, rules: &[usize]) -> Vec<usize> {
    let own = match what {
        Finding::NeverTriggers(name) | Finding::Implied(name) | Finding::NeverFull(name) => Some(name),
        _ => None,
    };
    let is_own = |rule: &usize| core.rules.get(*rule).is_some_and(|rule| Some(&rule.name) == own);
    rules.iter().copied().filter(|rule| !is_own(rule)).collect()
}

fn counts_values(core: &Core, name: &str) -> bool {
    let counts = |rule: &Rule| matches!(&rule.body, Body::Limit(limit) if matches!(limit.measure, Measure::Distinct(..)));
    core.rules.iter().any(|rule| rule.name == name && counts(rule))
}

/// What a statement says of one tool by one answer, and when that decides.
struct Ruling<'a> {
    tool: ToolId,
    member: usize,
    answer: &'a Answer,
    when: Parts<'a>,
}

type Parts<'a> = Vec<(&'a Cond, bool)>;

fn of<'a>(ruling: &Ruling<'a>, parts: Parts<'a>) -> Obligation<'a> {
    Obligation { tool: ruling.tool, parts }
}

fn whose<'a>(core: &'a Core, statement: &Statement) -> &'a [ToolRules] {
    match statement.persona {
        None => &core.everyone,
        Some(id) => core.personas.get(id.index()).map_or(&[], |persona| persona.tools.as_slice()),
    }
}

fn rulings<'a>(core: &'a Core, statement: &'a Statement) -> impl Iterator<Item = Ruling<'a>> {
    whose(core, statement).iter().flat_map(move |ToolRules { tool, members }| {
        let all = members.iter().enumerate().flat_map(|(index, member)| decisions(index, member));
        let own = all.filter(move |(_, answer, _)| answer.name == statement.name);
        own.map(move |(member, answer, when)| Ruling { tool: *tool, member, answer, when })
    })
}

fn shadowed<'a>(core: &'a Core, statement: &Statement, shadow: Shadow, ruling: &Ruling<'a>) -> Parts<'a> {
    let more: Parts<'a> = match (shadow, statement.persona) {
        (Shadow::Arms, _) => Vec::new(),
        (Shadow::Everyone, None) => undecided(members(&core.everyone, ruling.tool).get(..ruling.member).unwrap_or_default()).collect(),
        (Shadow::Everyone, Some(_)) => undecided(members(&core.everyone, ruling.tool)).collect(),
        (Shadow::Others, _) => {
            let all = members(whose(core, statement), ruling.tool).iter();
            all.filter_map(|member| said_by(member, ruling.answer)).collect()
        }
    };
    ruling.when.iter().copied().chain(more).collect()
}

fn said_by<'a>(member: &'a Member, answer: &Answer) -> Option<(&'a Cond, bool)> {
    let Member::Rule(other) = member else { return None };
    let same = (other.verdict, &other.who) == (answer.verdict, &answer.who) && other.name != answer.name;
    same.then_some((&other.cond, false))
}
