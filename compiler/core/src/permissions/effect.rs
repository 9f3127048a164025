//! Effects: what tools do to data.
//!
//! In: `effect` declarations with their tools. Out: the tools of the core form. Invariant: declarations of one effect on one tool are united in
//! module and source order; an unconditional one makes the effect unconditional.
//! Source: language section 3; `lang-spec/core-form.md`, [core.pattern].

use leverframe_syntax::tree;

use crate::core::{Cond, LabelId, Record, Tool, ToolId};
use crate::names::symbols::{EffectKind, Symbols, Tool as Symbol};
use crate::types::{Checker, Facts, Site};

/// The tools of the policy with their effects.
pub(crate) fn tools_with_effects(checker: &mut Checker<'_>) -> Vec<Tool> {
    let symbols = checker.symbols;
    let mut effects: Vec<Effects> = symbols.tools.iter().map(|_| Effects::default()).collect();
    for effect in &symbols.effects {
        for id in &effect.tools {
            let (Some(tool), Some(of_tool)) = (symbols.tools.get(id.index()), effects.get_mut(id.index())) else {
                continue;
            };
            match &effect.kind {
                EffectKind::Returns(labels) => of_tool.returns.extend(labels),
                EffectKind::Sends(when) => of_tool.sends.extend(condition(checker, tool, when.as_ref())),
                EffectKind::Destroys(when) => of_tool.destroys.extend(condition(checker, tool, when.as_ref())),
            }
        }
    }
    let label = |id: &LabelId| symbols.labels.get(id.index()).map(|label| label.name.text.as_str());
    symbols.tools.iter().zip(effects).map(|(tool, effects)| effects.tool(tool, label)).collect()
}

/// What is declared of one tool.
#[derive(Default)]
struct Effects {
    returns: Vec<LabelId>,
    sends: Vec<Cond>,
    destroys: Vec<Cond>,
}

impl Effects {
    fn tool<'a>(mut self, tool: &Symbol, label: impl Fn(&LabelId) -> Option<&'a str>) -> Tool {
        self.returns.sort_by_key(&label);
        self.returns.dedup();
        Tool {
            name: tool.name.clone(),
            args: tool.args.clone(),
            // A result may always hold more than is declared.
            result: tool.result.clone().map(|result| Record { open: true, ..result }),
            returns: self.returns,
            sends: united(self.sends),
            destroys: united(self.destroys),
        }
    }
}

/// The condition of one declaration; nothing where it is wrong, which was reported.
fn condition<'a>(checker: &mut Checker<'a>, tool: &'a Symbol, when: Option<&tree::Expr>) -> Option<Cond> {
    match when {
        None => Some(Cond::Const(true)),
        Some(when) => checker.condition(Site::call(tool), when, &Facts::default()).0,
    }
}

fn united(mut conds: Vec<Cond>) -> Cond {
    if conds.contains(&Cond::Const(true)) {
        return Cond::Const(true);
    }
    match conds.len() {
        0 => Cond::Const(false),
        1 => conds.pop().unwrap_or(Cond::Const(false)),
        _ => Cond::Or(conds),
    }
}

/// An effect on calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallEffect {
    Sends,
    Destroys,
}

impl CallEffect {
    fn is(self, kind: &EffectKind) -> bool {
        match self {
            Self::Sends => matches!(kind, EffectKind::Sends(_)),
            Self::Destroys => matches!(kind, EffectKind::Destroys(_)),
        }
    }
}

/// What an effect adds to a guard on a tool: nothing where it has no condition; the outer option is whether the tool has the effect at all.
#[allow(clippy::option_option)]
pub(crate) fn guard(symbols: &Symbols, tools: &[Tool], id: ToolId, effect: CallEffect) -> Option<Option<Cond>> {
    let declared = symbols.effects.iter().any(|declared| effect.is(&declared.kind) && declared.tools.contains(&id));
    if !declared {
        return None;
    }
    let tool = tools.get(id.index())?;
    let cond = match effect {
        CallEffect::Sends => &tool.sends,
        CallEffect::Destroys => &tool.destroys,
    };
    Some((*cond != Cond::Const(true)).then(|| cond.clone()))
}
