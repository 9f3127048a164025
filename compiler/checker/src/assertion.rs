//! Assertions: what an author says of all sessions.
//!
//! In: a policy's assertions. Out: for each what it came to, and a finding where that is not `proved`. Invariant: `proved` rests on searches of all personas that
//! are meant. Source: language section 7; verification section 3, LF0501 to LF0504.

use leverframe_compiler::core::{Assertion, AssertionClaim, Body, Core, Formula, Key, PersonaId, RuleKind};
use leverframe_runtime::frame;
use leverframe_syntax::{Code, Diagnostic};

use crate::question::{QueryId, Questions};
use crate::report::{Claim, Finding, Proof, Report, Shown, Verdict, WitnessStep};
use crate::session::claim::{Wanted, When, trigger};
use crate::session::ground::{Approvals, Claimed, Ground};
use crate::session::hunt::{Hunted, Quarry, Reason};

/// Judges every assertion.
pub(crate) fn assertions(core: &Core, assertions: &[Assertion], questions: &mut Questions<'_>) -> Report {
    let mut report = Report::default();
    // For each that it comes to hold, and then that it comes to its last step.
    let claims: Vec<Wanted> = assertions.iter().flat_map(|assertion| [Some(claim(assertion)), begun(assertion)]).flatten().collect();
    let mut claimed = Ground::each(core, &claims).into_iter();
    for assertion in assertions {
        let holds = claimed.next().unwrap_or_else(|| Err("it is no sequence".to_owned()));
        let begins = begun(assertion).and_then(|_| claimed.next());
        let (proof, finding) = judge(core, assertion, (&holds, begins.as_ref()), questions);
        report.findings.extend(finding);
        report.proofs.push(proof);
    }
    report
}

/// What became of the hunt through all personas that an assertion means.
enum Judged {
    Impossible(PersonaId, Reason),
    Session(PersonaId, Vec<WitnessStep>),
    Unknown(String),
}

fn formula(assertion: &Assertion) -> Formula {
    match &assertion.rule.body {
        Body::Deny(formula) => formula.clone(),
        // Assertions are sequences; of anything else there would be nothing to find.
        Body::Limit(_) | Body::Protocol(_) => Formula::Or(Vec::new()),
    }
}

fn wanted(assertion: &Assertion, formula: Formula) -> Wanted {
    Wanted { when: When::Happened, key: Key::Session, capacity: assertion.rule.capacity, formula }
}

/// That what the assertion speaks of has happened.
fn claim(assertion: &Assertion) -> Wanted {
    wanted(assertion, formula(assertion))
}

/// That all of it but the last step has happened, where there is such a thing.
fn begun(assertion: &Assertion) -> Option<Wanted> {
    let formula = formula(assertion);
    let steps = match (assertion.rule.kind, &formula) {
        (RuleKind::Require, Formula::And(parts)) => parts.first().cloned(),
        (RuleKind::Require, _) => None,
        _ => trigger(&formula),
    }?;
    (assertion.claim != AssertionClaim::Can && steps != Formula::Start).then(|| wanted(assertion, steps))
}

fn judge(
    core: &Core,
    assertion: &Assertion,
    (holds, begins): (&Claimed, Option<&Claimed>),
    questions: &mut Questions<'_>,
) -> (Proof, Option<Finding>) {
    let proof = |verdict, queries| Proof::new(Claim::Assertion { name: assertion.rule.name.clone() }, verdict, queries);
    let unknown = |why: &str| (proof(Verdict::Unknown(why.to_owned()), Vec::new()), Some(unknown(assertion, why)));
    if !matches!(assertion.rule.body, Body::Deny(_)) {
        return unknown("it is no sequence");
    }
    let approvals = match assertion.claim {
        AssertionClaim::Never { without_approval: true } => Approvals::Withheld,
        _ => Approvals::Given,
    };
    let (judged, queries) = hunted(core, assertion, holds, approvals, questions);
    match judged {
        Judged::Unknown(why) => unknown(&why),
        // A session shows it: that rests on nothing else.
        Judged::Session(_, session) if assertion.claim == AssertionClaim::Can => {
            (Proof { shown: Shown::Session(session), ..proof(Verdict::Proved, Vec::new()) }, None)
        }
        Judged::Session(persona, witness) => (proof(Verdict::Refuted, Vec::new()), Some(refuted(core, assertion, persona, witness))),
        Judged::Impossible(persona, reason) if assertion.claim == AssertionClaim::Can => {
            (proof(Verdict::Refuted, Vec::new()), Some(impossible(core, assertion, persona, &reason).resting_on(queries)))
        }
        Judged::Impossible(_, reason) => {
            (Proof { shown: needed(&reason), ..proof(Verdict::Proved, queries) }, vacuous(core, assertion, begins, approvals, questions))
        }
    }
}

/// The rules that refuse enough.
fn needed(reason: &Reason) -> Shown {
    Shown::Rules(places(reason).collect())
}

fn places(reason: &Reason) -> impl Iterator<Item = usize> + '_ {
    reason.rests_on.iter().map(|rule| rule.0)
}

/// What the hunt came to, and the solver's queries on whose word that rests where it found nothing.
fn hunted(
    core: &Core,
    assertion: &Assertion,
    claimed: &Claimed,
    approvals: Approvals,
    questions: &mut Questions<'_>,
) -> (Judged, Vec<QueryId>) {
    let before = questions.begin();
    let judged = hunt(core, assertion, claimed, approvals, questions);
    (judged, questions.end(before))
}

fn hunt(core: &Core, assertion: &Assertion, claimed: &Claimed, approvals: Approvals, questions: &mut Questions<'_>) -> Judged {
    let (ground, claim) = match claimed {
        Ok(made) => made,
        Err(why) => return Judged::Unknown(why.clone()),
    };
    let mut last = Judged::Impossible(PersonaId(0), Reason::default());
    for persona in personas(core, assertion) {
        match ground.hunt_with(questions, persona, &Quarry::Claim(*claim), approvals) {
            Hunted::Session(session) => return Judged::Session(persona, session),
            Hunted::Unknown(why) => last = Judged::Unknown(why),
            Hunted::Impossible(mut reason) => {
                if let Judged::Impossible(_, before) = &last {
                    reason.rests_on.extend(&before.rests_on);
                    last = Judged::Impossible(persona, reason);
                }
            }
        }
    }
    last
}

fn personas(core: &Core, assertion: &Assertion) -> Vec<PersonaId> {
    if assertion.personas.is_empty() {
        (0..u32::try_from(core.personas.len()).unwrap_or(u32::MAX)).map(PersonaId).collect()
    } else {
        assertion.personas.clone()
    }
}

/// A warning where the assertion holds only because it never comes to its last step.
fn vacuous(
    core: &Core,
    assertion: &Assertion,
    begins: Option<&Claimed>,
    approvals: Approvals,
    questions: &mut Questions<'_>,
) -> Option<Finding> {
    let (judged, queries) = hunted(core, assertion, begins?, approvals, questions);
    match judged {
        Judged::Impossible(_, reason) => {
            let name = &assertion.rule.name;
            let message = format!("the assertion `{name}` holds only because what it speaks of cannot begin");
            let diagnostic = Diagnostic::new(Code::LF0504, assertion.span, message)
                .label("no session comes to its last step")
                .note("check that the personas may do the earlier steps at all");
            let stated = finding(assertion, diagnostic).stating(frame::Finding::Vacuous(name.clone()), places(&reason));
            Some(stated.resting_on(queries))
        }
        Judged::Session(..) | Judged::Unknown(_) => None,
    }
}

fn refuted(core: &Core, assertion: &Assertion, persona: PersonaId, witness: Vec<WitnessStep>) -> Finding {
    let who = name(core, persona);
    let message = format!("the assertion `{}` does not hold: a session of `{who}` breaks it", assertion.rule.name);
    let diagnostic = Diagnostic::new(Code::LF0501, assertion.span, message).note("the session below is admitted by the policy");
    Finding { persona: Some(who), witness, ..finding(assertion, diagnostic) }
}

fn impossible(core: &Core, assertion: &Assertion, persona: PersonaId, reason: &Reason) -> Finding {
    let who = name(core, persona);
    let denied = reason.prefix.iter().rev().find_map(|step| match step {
        WitnessStep::Call(call) if call.expect == "deny" => Some(call.tool.clone()),
        _ => None,
    });
    let rules: Vec<String> = reason.rules.iter().filter_map(|rule| core.rules.get(rule.0)).map(|rule| format!("`{}`", rule.name)).collect();
    let mut diagnostic = Diagnostic::new(
        Code::LF0502,
        assertion.span,
        format!("the assertion `{}` does not hold: no admitted session of `{who}` contains it", assertion.rule.name),
    );
    diagnostic = match (&denied, rules.as_slice()) {
        (Some(tool), [_, ..]) => diagnostic.note(format!("the first call that is denied is `{tool}`, by {}", rules.join(", "))),
        _ => diagnostic.note(format!("`{who}` is not permitted to take all of its steps")),
    };
    let rules = reason.rules.iter().filter_map(|rule| core.rules.get(rule.0)).map(|rule| rule.name.clone());
    let mut finding = Finding { persona: Some(who), tool: denied, ..finding(assertion, diagnostic) };
    finding.rules.extend(rules);
    finding.witness.clone_from(&reason.prefix);
    finding.stating(frame::Finding::Impossible(assertion.rule.name.clone()), places(reason))
}

fn unknown(assertion: &Assertion, why: &str) -> Finding {
    let message = format!("it is not known whether the assertion `{}` holds", assertion.rule.name);
    let diagnostic = Diagnostic::new(Code::LF0503, assertion.span, message).note(why);
    finding(assertion, diagnostic)
}

fn finding(assertion: &Assertion, diagnostic: Diagnostic) -> Finding {
    let mut finding = Finding::new(diagnostic);
    finding.rules.push(assertion.rule.name.clone());
    finding
}

fn name(core: &Core, persona: PersonaId) -> String {
    core.personas.get(persona.index()).map_or_else(String::new, |persona| persona.name.clone())
}
