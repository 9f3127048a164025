//! Statements of findings that hold of a policy, found without the checker's searches: whatever can be stated is tried.
//!
//! In: a policy. Out: statements about all that it has, true or not; of those that are shown the first of each code. Left out: all others, since one of a code is
//! enough for mutants.

use std::collections::BTreeSet;

use leverframe_checker::Stated;
use leverframe_compiler::core::{Assertion, Core, Member, ToolRules};
use leverframe_runtime::frame::{About, Claim, Finding, PersonaId, Shadow, Statement};

/// Everything that may be stated of a policy's statements, rules and assertions.
pub(super) fn candidates(core: &Core, assertions: &[Assertion]) -> Vec<Stated> {
    let everyone = names(&core.everyone).into_iter().map(|name| Statement { persona: None, name });
    let personas = core.personas.iter().zip((0..).map(PersonaId));
    let own = personas.clone().flat_map(|(persona, id)| {
        names(&persona.tools).into_iter().map(move |name| Statement { persona: Some(id), name }).collect::<Vec<_>>()
    });
    let mut all: Vec<Finding> = everyone.chain(own).flat_map(of_statement).collect();
    all.extend(personas.map(|(_, id)| Finding::OtherwiseAlone(id)));
    all.extend(core.rules.iter().flat_map(|rule| {
        let name = || rule.name.clone();
        [Finding::NeverTriggers(name()), Finding::Implied(name()), Finding::NeverFull(name()), Finding::Evaded(name())]
    }));
    for rule in &core.rules {
        let counts = |persona| Finding::NeverCounts { persona, rule: rule.name.clone(), prerequisite: 0 };
        all.extend((0..).map(PersonaId).take(core.personas.len()).map(counts));
    }
    let names = assertions.iter().map(|assertion| assertion.rule.name.clone());
    all.extend(names.flat_map(|name| [Finding::Impossible(name.clone()), Finding::Vacuous(name)]));
    // Few rules are tried, since each makes the product larger.
    let rules: Vec<usize> = (0..core.rules.len().min(3)).collect();
    all.into_iter().map(|what| Stated { what, rules: rules.clone() }).collect()
}

fn names(tools: &[ToolRules]) -> BTreeSet<String> {
    let answers = |member: &Member| match member {
        Member::Rule(answer) => vec![answer.name.clone()],
        Member::On(arms) => arms.iter().map(|arm| arm.name.clone()).collect(),
    };
    tools.iter().flat_map(|rules| &rules.members).flat_map(answers).collect()
}

fn of_statement(statement: Statement) -> Vec<Finding> {
    let shadowed = |shadow| Finding::Shadowed(statement.clone(), shadow);
    let mut all = [Shadow::Arms, Shadow::Everyone, Shadow::Others].map(shadowed).to_vec();
    let kinds = [Finding::NeverMet, Finding::AlwaysMet, Finding::Overridden, Finding::NeverUsed];
    all.extend(kinds.map(|kind| kind(statement.clone())));
    all
}

/// The first of each code that is certified.
pub(super) fn shown(stated: &[Stated], claim: impl Fn(&Stated) -> Vec<Claim>, certified: impl Fn(&Claim) -> bool) -> Vec<Claim> {
    let mut codes = BTreeSet::new();
    let mut found = Vec::new();
    for stated in stated {
        if codes.contains(stated.what.code()) {
            continue;
        }
        found.extend(claim(stated).into_iter().filter(&certified).inspect(|claim| {
            if let About::Finding(finding) = &claim.about {
                codes.insert(finding.code());
            }
        }));
    }
    found
}
