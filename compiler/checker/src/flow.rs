//! Flows of data over declared effects: what is sensitive going out, and that at the word of an outsider.
//!
//! In: a policy. Out: LF0406, LF0407, each with a session. Invariants: silent where no effect is declared; a flow is said once, as the worse of the two.
//! Source: verification section 3 (when a flow is unguarded).

use std::collections::BTreeSet;

use leverframe_compiler::core::{
    Body, Case, Clause, Cond, Core, Formula, Key, LabelId, LabelKind, Origins, Pattern, PatternCases, PersonaId, Rule, Scope, ToolId,
};
use leverframe_syntax::{Code, Diagnostic};

use crate::question::Questions;
use crate::report::{Finding, Report, WitnessStep};
use crate::session::claim::{Wanted, When, calls, carrying};
use crate::session::ground::{Claimed, Ground};
use crate::session::hunt::{Hunted, Quarry};
use crate::session::permit::{answers, members};

/// Looks at what each persona may send.
pub(crate) fn flows(core: &Core, origins: &Origins, questions: &mut Questions<'_>) -> Report {
    let mut report = Report::default();
    let of = |kind: LabelKind| -> Vec<LabelId> {
        let labels = core.labels.iter().enumerate().filter(|(_, label)| label.kind == kind);
        labels.filter_map(|(at, _)| u32::try_from(at).ok()).map(LabelId).collect()
    };
    let (sensitive, untrusted) = (of(LabelKind::Sensitive), of(LabelKind::Untrusted));
    let sends: Vec<ToolId> = (0..core.tools.len())
        .filter_map(|at| u32::try_from(at).ok())
        .map(ToolId)
        .filter(|tool| core.tools.get(tool.index()).is_some_and(|tool| tool.sends != Cond::Const(false)))
        .collect();
    let personas: Vec<PersonaId> = (0..core.personas.len()).filter_map(|at| u32::try_from(at).ok()).map(PersonaId).collect();
    let grouped: Vec<(PersonaId, Vec<Vec<ToolId>>)> = personas.iter().map(|persona| (*persona, alike(core, *persona, &sends))).collect();
    let mut claims = Vec::new();
    for (persona, groups) in &grouped {
        for labels in combinations(&sensitive, &untrusted) {
            claims.extend(groups.iter().filter_map(|group| flow(core, *persona, &labels, group)));
        }
    }
    let known = Known::new(core, claims);
    let mut said = BTreeSet::new();
    for (persona, groups) in &grouped {
        let found = of_persona(&known, core, origins, *persona, (&sensitive, &untrusted), groups, questions);
        let own: Vec<Said> = found.iter().map(|finding| flow_of(finding)).collect();
        // What a persona has inherited is one flow with that of the other.
        report.findings.extend(found.into_iter().zip(&own).filter(|(_, flow)| !said.contains(*flow)).map(|(finding, _)| finding));
        said.extend(own);
    }
    report
}

/// The code, the permission, the tool, and the sentence without the persona.
type Said = (&'static str, Vec<String>, Option<String>, String);

fn flow_of(finding: &Finding) -> Said {
    let who = finding.persona.as_ref().map_or_else(String::new, |who| format!("`{who}`"));
    let message = finding.diagnostic.message.replacen(&who, "", 1);
    (finding.diagnostic.code.text(), finding.rules.clone(), finding.tool.clone(), message)
}

/// Claims about flows, ready to be hunted for.
struct Known {
    wanted: Vec<Wanted>,
    claimed: Vec<Claimed>,
}

impl Known {
    fn new(core: &Core, claims: Vec<Wanted>) -> Self {
        let mut wanted: Vec<Wanted> = Vec::new();
        for claim in claims {
            if !wanted.contains(&claim) {
                wanted.push(claim);
            }
        }
        let claimed = Ground::each(core, &wanted);
        Self { wanted, claimed }
    }

    /// A session of the persona in which results with all these labels come, and later a send is allowed with no guard of it in between.
    fn session(
        &self,
        core: &Core,
        persona: PersonaId,
        labels: &[LabelId],
        group: &[ToolId],
        questions: &mut Questions<'_>,
    ) -> Option<(ToolId, Vec<WitnessStep>)> {
        let wanted = flow(core, persona, labels, group)?;
        let at = self.wanted.iter().position(|known| *known == wanted)?;
        let (ground, claim) = self.claimed.get(at)?.as_ref().ok()?;
        let quarry = Quarry::Allowed(*claim);
        if ground.known_impossible(questions, persona, &quarry) {
            return None;
        }
        let Hunted::Session(session) = ground.hunt(questions, persona, &quarry) else { return None };
        let last = session.iter().rev().find_map(|step| match step {
            WitnessStep::Call(call) => Some(call.tool.as_str()),
            _ => None,
        })?;
        let send = group.iter().copied().find(|tool| tool_name(core, *tool) == last)?;
        Some((send, session))
    }
}

/// Each sensitive label with each untrusted one, and alone.
fn combinations(sensitive: &[LabelId], untrusted: &[LabelId]) -> Vec<Vec<LabelId>> {
    let each = |secret: &LabelId| {
        let pairs = untrusted.iter().map(|outside| vec![*outside, *secret]).collect::<Vec<_>>();
        pairs.into_iter().chain([vec![*secret]])
    };
    sensitive.iter().flat_map(each).collect()
}

/// Tools that send, those together that have the same guards.
fn alike(core: &Core, persona: PersonaId, sends: &[ToolId]) -> Vec<Vec<ToolId>> {
    let mut groups: Vec<(Vec<Pattern>, Vec<ToolId>)> = Vec::new();
    for send in sends {
        let own = guards(core, persona, *send);
        match groups.iter_mut().find(|(guards, _)| *guards == own) {
            Some((_, tools)) => tools.push(*send),
            None => groups.push((own, vec![*send])),
        }
    }
    groups.into_iter().map(|(_, tools)| tools).collect()
}

/// The worst flow of a persona: one finding, since one guard at the send closes all.
fn of_persona(
    known: &Known,
    core: &Core,
    origins: &Origins,
    persona: PersonaId,
    (sensitive, untrusted): (&[LabelId], &[LabelId]),
    groups: &[Vec<ToolId>],
    questions: &mut Questions<'_>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for secret in sensitive {
        let triple = untrusted.iter().find_map(|outside| {
            groups.iter().find_map(|group| {
                let labels = [*outside, *secret];
                known.session(core, persona, &labels, group, questions).map(|(send, session)| (labels, send, session))
            })
        });
        if let Some((labels, send, session)) = triple {
            found.extend(lethal(core, origins, persona, labels, send, session));
            continue;
        }
        let single = groups.iter().find_map(|group| known.session(core, persona, &[*secret], group, questions));
        if let Some((send, session)) = single {
            found.extend(unguarded(core, origins, persona, *secret, send, session));
        }
    }
    found
}

/// That results with all these labels came, and now one of the tools sends, with no guard of it in between.
fn flow(core: &Core, persona: PersonaId, labels: &[LabelId], group: &[ToolId]) -> Option<Wanted> {
    let unless = guards(core, persona, *group.first()?);
    let clause = Clause { unless, ..Clause::default() };
    let before = labels.iter().map(|label| Formula::Prev(Box::new(Formula::Match(carrying(core, *label))), clause.clone()));
    let case = |tool: &ToolId| Some(Case { names: vec![*tool], guard: core.tools.get(tool.index())?.sends.clone() });
    let now = Formula::Match(calls(group.iter().filter_map(case).collect()));
    let formula = Formula::And(std::iter::once(now).chain(before).collect());
    Some(Wanted { when: When::Judged, key: Key::Session, capacity: None, formula })
}

/// The events that rules on the send take for a guard: those of an `unless`, a prerequisite, a reset. Without their variables: any of them is one.
fn guards(core: &Core, persona: PersonaId, send: ToolId) -> Vec<Pattern> {
    let mut found = Vec::new();
    let judges = |rule: &&Rule| match &rule.scope {
        Scope::All => true,
        Scope::Personas(personas) => personas.contains(&persona),
    };
    for rule in core.rules.iter().filter(judges) {
        if let Body::Deny(formula) = &rule.body
            && ends_at(formula, send)
        {
            named(formula, &mut found);
        }
    }
    for part in found.iter_mut().flat_map(|pattern| &mut pattern.parts) {
        part.bindings.clear();
    }
    found.dedup();
    found
}

fn ends_at(formula: &Formula, tool: ToolId) -> bool {
    match formula {
        Formula::Match(pattern) => pattern.parts.iter().any(|part| match &part.cases {
            PatternCases::Tools(cases) => cases.iter().any(|case| case.names.contains(&tool)),
            PatternCases::Events(_) => false,
        }),
        Formula::And(parts) | Formula::Or(parts) => parts.iter().any(|part| ends_at(part, tool)),
        Formula::Span(_, part) | Formula::From(part) => ends_at(part, tool),
        Formula::Start | Formula::Not(_) | Formula::Prev(..) | Formula::Met { .. } => false,
    }
}

fn named(formula: &Formula, found: &mut Vec<Pattern>) {
    match formula {
        Formula::Prev(body, clause) => {
            found.extend(clause.unless.iter().cloned());
            named(body, found);
        }
        Formula::Met { pattern, reset, .. } => {
            found.push(pattern.clone());
            found.extend(reset.iter().cloned());
        }
        Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| named(part, found)),
        Formula::Not(part) | Formula::Span(_, part) | Formula::From(part) => named(part, found),
        Formula::Start | Formula::Match(_) => {}
    }
}

fn unguarded(
    core: &Core,
    origins: &Origins,
    persona: PersonaId,
    secret: LabelId,
    send: ToolId,
    session: Vec<WitnessStep>,
) -> Option<Finding> {
    let (who, tool, label) = (persona_name(core, persona), tool_name(core, send), label_name(core, secret));
    let message = format!("`{who}` can get data labelled `{label}` and then send with `{tool}`, and no rule stands in between");
    let note = "forbid the send once the label was returned, let a human decide it, or name in an `unless` what makes it harmless";
    made(core, origins, persona, send, Diagnostic::new(Code::LF0406, leverframe_syntax::Span::default(), message).note(note), session)
}

fn lethal(
    core: &Core,
    origins: &Origins,
    persona: PersonaId,
    [outside, secret]: [LabelId; 2],
    send: ToolId,
    session: Vec<WitnessStep>,
) -> Option<Finding> {
    let (who, tool) = (persona_name(core, persona), tool_name(core, send));
    let (outside, secret) = (label_name(core, outside), label_name(core, secret));
    let message = format!(
        "one session of `{who}` can read `{outside}` text, get `{secret}` data and send with `{tool}`, and no rule stands in between"
    );
    let note = "forbid the send once both were returned, in either order, or split the persona";
    made(core, origins, persona, send, Diagnostic::new(Code::LF0407, leverframe_syntax::Span::default(), message).note(note), session)
}

fn made(
    core: &Core,
    origins: &Origins,
    persona: PersonaId,
    send: ToolId,
    diagnostic: Diagnostic,
    session: Vec<WitnessStep>,
) -> Option<Finding> {
    let owner = core.personas.get(persona.index())?;
    // The permission that lets the send pass, or the persona's `otherwise`.
    let rule = answers(members(&owner.tools, send)).first().map(|(answer, _)| answer.name.clone());
    let rule = rule.or_else(|| owner.otherwise.as_ref().map(|answer| answer.name.clone()))?;
    let span = *origins.rules.get(&rule)?;
    let mut diagnostic = diagnostic;
    if let Some(label) = diagnostic.labels.first_mut() {
        label.span = span;
        "it is permitted here".clone_into(&mut label.text);
    }
    let (persona, tool) = (Some(owner.name.clone()), Some(tool_name(core, send)));
    Some(Finding { persona, tool, rules: vec![rule], witness: session, ..Finding::new(diagnostic) })
}

fn persona_name(core: &Core, persona: PersonaId) -> String {
    core.personas.get(persona.index()).map_or_else(String::new, |persona| persona.name.clone())
}

fn tool_name(core: &Core, tool: ToolId) -> String {
    core.tools.get(tool.index()).map_or_else(String::new, |tool| tool.name.clone())
}

fn label_name(core: &Core, label: LabelId) -> String {
    core.labels.get(label.index()).map_or_else(String::new, |label| label.name.clone())
}
