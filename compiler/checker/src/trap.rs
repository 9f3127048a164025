//! Traps: states of a session from which the persona can do nothing more.
//!
//! In: a policy. Out: LF0405, with a session that comes there. Invariants: that nothing can be done is proved of everything that can follow (waits, host events,
//! results, approvals); an end that the author wanted is none. Left out: states that only rules without a model make.
//! Source: verification section 3.

use leverframe_compiler::core::{Action, Core, Key, Origins, PersonaId, Rule, RuleKind, Scope};
use leverframe_syntax::{Code, Diagnostic};

use crate::question::Questions;
use crate::report::{Finding, Report};
use crate::session::ground::Ground;
use crate::session::hunt::Trapped;

/// Looks for traps of every persona.
pub(crate) fn traps(ground: &Ground, origins: &Origins, questions: &mut Questions<'_>) -> Report {
    let mut report = Report::default();
    let core = &ground.core;
    for persona in (0..core.personas.len()).filter_map(|at| u32::try_from(at).ok()).map(PersonaId) {
        if !core.rules.iter().any(|rule| may_trap(rule, persona)) {
            continue;
        }
        let before = questions.begin();
        let trapped = ground.trap(questions, persona);
        let queries = questions.end(before);
        let finding = trapped.and_then(|trapped| finding(core, origins, persona, trapped));
        report.findings.extend(finding.map(|finding| finding.resting_on(queries)));
    }
    report
}

/// Whether a rule can refuse for good.
fn may_trap(rule: &Rule, persona: PersonaId) -> bool {
    let judges = match &rule.scope {
        Scope::All => true,
        Scope::Personas(personas) => personas.contains(&persona),
    };
    judges && rule.action == Action::Deny && rule.key == Key::Session && rule.kind != RuleKind::Limit
}

fn finding(core: &Core, origins: &Origins, persona: PersonaId, trapped: Trapped) -> Option<Finding> {
    let who = core.personas.get(persona.index())?.name.clone();
    let rules: Vec<String> = trapped.rules.iter().filter_map(|rule| core.rules.get(rule.0)).map(|rule| rule.name.clone()).collect();
    let span = rules.iter().find_map(|rule| origins.rules.get(rule).copied())?;
    let diagnostic = Diagnostic::new(Code::LF0405, span, format!("after the session below `{who}` can do nothing more"))
        .label("it refuses every call from then on")
        .note("leave a way out, or say `=> end session` where the session should end there");
    Some(Finding { persona: Some(who), rules, witness: trapped.session, ..Finding::new(diagnostic) })
}
