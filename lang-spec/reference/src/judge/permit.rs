//! Permissions, and every other condition that a call is judged by.
//!
//! In: a call's moment. Out: what `everyone` and the persona say, and what could not be evaluated. Invariant: all unordered members and all patterns on the tool
//! are evaluated, whoever's rule they stand in and whoever they are `by`; arms of `on` lazily. Source: language sections 4 and 9 ("Evaluation").

use super::evaluate::{Failure, Moment, evaluate};
use crate::policy::{Answer, Cond, Kind, Member, Policy, Tool, ToolRules};

/// What the permissions say of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said<'p> {
    /// In deciding order: `everyone`, then the persona.
    pub(crate) answers: Vec<&'p Answer>,
    /// Whether some condition could not be evaluated for want of context.
    pub(crate) missing_context: bool,
    /// Whether some condition could not be evaluated on its values.
    pub(crate) failed: bool,
}

impl<'p> Said<'p> {
    fn holds(&mut self, cond: &Cond, moment: &Moment) -> Option<bool> {
        match evaluate(cond, moment, None) {
            Ok(holds) => return Some(holds),
            Err(Failure::Context) => self.missing_context = true,
            Err(Failure::Value) => self.failed = true,
        }
        None
    }

    fn members(&mut self, rules: Option<&'p ToolRules>, moment: &Moment) {
        for member in rules.into_iter().flat_map(|rules| &rules.members) {
            let arms = match member {
                Member::Rule(answer) => std::slice::from_ref(answer),
                Member::On(arms) => arms.as_slice(),
            };
            for arm in arms {
                match self.holds(&arm.cond, moment) {
                    Some(false) => {}
                    Some(true) => {
                        self.answers.push(arm);
                        break;
                    }
                    None => break,
                }
            }
        }
    }

    /// The effects of the tool and all patterns on it.
    fn guards(&mut self, policy: &Policy, tool: &Tool, moment: &Moment) {
        self.holds(&tool.sends, moment);
        self.holds(&tool.destroys, moment);
        let parts = policy.rules.iter().flat_map(|rule| rule.patterns()).flat_map(|pattern| &pattern.parts);
        for part in parts.filter(|part| part.kind != Kind::Event) {
            // A guard that reads a result is judged there.
            for case in part.cases.iter().filter(|case| case.names.contains(&tool.name) && !case.guard.reads_result()) {
                self.holds(&case.guard, moment);
            }
        }
    }
}

/// Evaluates everything that a call is judged by, histories apart.
pub(crate) fn permit<'p>(policy: &'p Policy, tool: &Tool, persona: &str, moment: &Moment) -> Said<'p> {
    let mut said = Said::default();
    let on_tool = |rules: &'p [ToolRules]| rules.iter().find(|rules| rules.tool == tool.name);
    said.members(on_tool(&policy.everyone), moment);
    let of_everyone = said.answers.len();
    if let Some(persona) = policy.persona(persona) {
        said.members(on_tool(&persona.tools), moment);
        if said.answers.len() == of_everyone {
            said.answers.extend(&persona.otherwise);
        }
    }
    said.guards(policy, tool, moment);
    said
}
