//! What tools do to data.
//!
//! In: the `effect` declarations. Out: for each tool the labels of its results and when it sends and destroys. Invariant: declarations of one effect on one tool
//! are united. Source: language section 3 (`effect`); `lang-spec/core-form.md`, [core.pattern].

use std::collections::{BTreeMap, BTreeSet};

use crate::grammar::{Node, Rule};
use crate::policy::Cond;
use crate::refusal::Refusal;

use super::condition::{Site, condition};
use super::scope::Scope;
use super::tools;

/// The effects of all tools.
#[derive(Default)]
pub(super) struct Effects {
    labels: BTreeMap<String, BTreeSet<String>>,
    sends: BTreeMap<String, Vec<Cond>>,
    destroys: BTreeMap<String, Vec<Cond>>,
}

/// `sends` or `destroys`.
#[derive(Clone, Copy)]
pub(super) enum Effect {
    Sends,
    Destroys,
}

impl Effects {
    pub(super) fn collect(scope: &Scope<'_>, declarations: &[Node<'_>]) -> Result<Self, Refusal> {
        let mut effects = Self::default();
        for node in declarations.iter().filter(|node| node.rule() == Rule::effect_declaration) {
            for tool in tools::listed(scope, node)? {
                effects.add(scope, node, &tool)?;
            }
        }
        Ok(effects)
    }

    fn add(&mut self, scope: &Scope<'_>, node: &Node<'_>, tool: &str) -> Result<(), Refusal> {
        for part in node.inner() {
            let effect = match part.rule() {
                Rule::effect_returns => {
                    for label in part.children(Rule::name) {
                        self.labels.entry(tool.to_owned()).or_default().insert(scope.label(&label)?);
                    }
                    continue;
                }
                Rule::effect_sends => &mut self.sends,
                Rule::effect_destroys => &mut self.destroys,
                _ => continue,
            };
            let when = match part.child(Rule::when_condition) {
                Some(when) => condition(Site::call(scope, tool), &when.need(Rule::condition)?)?,
                None => Cond::Const(true),
            };
            effect.entry(tool.to_owned()).or_default().push(when);
        }
        Ok(())
    }

    /// By name.
    pub(super) fn returns(&self, tool: &str) -> Vec<String> {
        self.labels.get(tool).into_iter().flatten().cloned().collect()
    }

    pub(super) fn sends(&self, tool: &str) -> Cond {
        self.effect(Effect::Sends, tool).unwrap_or(Cond::Const(false))
    }

    pub(super) fn destroys(&self, tool: &str) -> Cond {
        self.effect(Effect::Destroys, tool).unwrap_or(Cond::Const(false))
    }

    /// When the tool has the effect; nothing where it is not declared to have it.
    pub(super) fn effect(&self, effect: Effect, tool: &str) -> Option<Cond> {
        let declared = match effect {
            Effect::Sends => self.sends.get(tool)?,
            Effect::Destroys => self.destroys.get(tool)?,
        };
        match declared.as_slice() {
            [one] => Some(one.clone()),
            several if several.contains(&Cond::Const(true)) => Some(Cond::Const(true)),
            several => Some(Cond::Or(several.to_vec())),
        }
    }
}
