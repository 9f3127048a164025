//! What variables stand for in a search.
//!
//! In: a quarry and the rules that are taken in. Out: [`Constants`]. Invariant: where they are complete, whatever values the call has that comes to the goal, there is a
//! constant for each of them that rules take: values are exchangeable, so a search in which that call has only constants misses no session.
//! Source: verification section 3.

use std::collections::BTreeSet;

use leverframe_compiler::automata::patterns_of;
use leverframe_compiler::core::cond::CompareOp;
use leverframe_compiler::core::{
    Body, Cond, Core, Formula, LetterKind, Literal, PatternCases, PatternPart, Rule, Term, ToolId, TypeTag, ValuePath, ValueStep,
};

use super::hunt::Quarry;
use super::letter::Constant;
use super::machine::{RuleIndex, variables};
use super::values::scalar;
use crate::limits::CONSTANTS;

/// How many constants there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// As many as most sessions need.
    Few,
    /// As many as a proof needs.
    Enough,
}

/// What variables stand for.
pub(crate) struct Constants {
    pub(crate) all: Vec<Constant>,
    /// Whether the call that comes to the goal may be taken to have only these as values.
    pub(crate) complete: bool,
    pub(crate) extent: Extent,
    /// Which constant the call that comes to the goal has where.
    pub(crate) of_goal: Vec<Placed>,
}

/// A value of the calls of a tool, and the constant that stands for it where such a call comes to the goal.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) tool: ToolId,
    pub(crate) path: ValuePath,
    pub(crate) constant: usize,
}

/// The values that a search tells apart: those of the quarry, literals that it names, those of the call that comes to the goal, and of every type at least one.
pub(crate) fn constants(core: &Core, quarry: &Quarry, cone: &[RuleIndex], extent: Extent) -> Constants {
    let own = quarry.rule().and_then(|rule| core.rules.get(rule.0));
    let rules: Vec<&Rule> = cone.iter().filter_map(|rule| core.rules.get(rule.0)).collect();
    let mut all: Vec<Constant> = own.map(variables).unwrap_or_default().into_iter().map(|(_, tag)| Constant::any(tag)).collect();
    let mut tags: Vec<TypeTag> = Vec::new();
    for (_, tag) in rules.iter().flat_map(|rule| variables(rule)) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let mut named: Vec<Constant> = Vec::new();
    own.into_iter().for_each(|rule| literals(rule, &mut named));
    let equal: Vec<Vec<ValuePath>> = rules.iter().flat_map(|rule| made_equal(rule)).collect();
    named.iter_mut().for_each(|constant| spread(constant, &equal));
    all.extend(named.into_iter().filter(|constant| tags.contains(&constant.tag)));
    let goals = goals(quarry, own);
    let mut placed = own.map_or_else(Vec::new, |rule| placed(quarry, rule));
    let mut needed = 0;
    for tag in tags {
        let taken = Taken { rules: &rules, tag };
        let of_goal = goals.iter().map(|(tool, bound)| taken.beside(*tool, bound)).max().unwrap_or(0);
        let of_any = || (0..core.tools.len()).filter_map(|tool| u32::try_from(tool).ok()).map(|tool| taken.beside(ToolId(tool), &[])).max();
        let least = if all.iter().any(|constant| constant.tag == tag) { 0 } else { of_any().unwrap_or(1).clamp(1, 2) };
        let own = if extent == Extent::Few { least } else { of_goal.max(least) };
        needed += of_goal.saturating_sub(own);
        for (tool, bound) in goals.iter().filter(|_| own > 0) {
            let each = taken.paths_beside(*tool, bound).into_iter().enumerate();
            placed.extend(each.map(|(at, path)| Placed { tool: *tool, path, constant: all.len() + at.min(own - 1) }));
        }
        all.extend((0..own).map(|_| Constant::any(tag)));
    }
    let complete = all.len() <= CONSTANTS && needed == 0;
    all.truncate(CONSTANTS);
    placed.retain(|placed| placed.constant < all.len());
    Constants { all, complete, extent, of_goal: placed }
}

/// The values that rules take.
struct Taken<'r> {
    rules: &'r [&'r Rule],
    tag: TypeTag,
}

impl Taken<'_> {
    /// How many values of calls of the tool they take beside these.
    fn beside(&self, tool: ToolId, bound: &[ValuePath]) -> usize {
        self.paths_beside(tool, bound).len()
    }

    fn paths_beside(&self, tool: ToolId, bound: &[ValuePath]) -> Vec<ValuePath> {
        let mut found: Vec<ValuePath> = Vec::new();
        for rule in self.rules {
            patterns_of(rule, &mut |pattern| {
                for part in pattern.parts.iter().filter(|part| tools(part).contains(&tool)) {
                    let own = part.bindings.iter().map(|binding| &binding.value);
                    let own = own.filter(|path| path.tag == self.tag && !path.result && scalar(path).is_some());
                    for path in own.filter(|path| !bound.contains(path)) {
                        if !found.contains(path) {
                            found.push(path.clone());
                        }
                    }
                }
            });
        }
        found
    }
}

/// The values of the call that comes to the goal which are those of the quarry's own variables: the first constants, in the order of these.
fn placed(quarry: &Quarry, rule: &Rule) -> Vec<Placed> {
    let names: Vec<String> = variables(rule).into_iter().map(|(name, _)| name).collect();
    let mut found = Vec::new();
    patterns_of(&spoken(quarry, rule), &mut |pattern| {
        for part in pattern.parts.iter().filter(|part| part.kind == LetterKind::Call) {
            for binding in &part.bindings {
                let Some(constant) = names.iter().position(|name| *name == binding.name) else { continue };
                found.extend(tools(part).into_iter().map(|tool| Placed { tool, path: binding.value.clone(), constant }));
            }
        }
    });
    found
}

pub(super) fn tools(part: &PatternPart) -> BTreeSet<ToolId> {
    match &part.cases {
        PatternCases::Tools(cases) => cases.iter().flat_map(|case| case.names.iter().copied()).collect(),
        PatternCases::Events(_) => BTreeSet::new(),
    }
}

/// The tools whose calls can come to the goal, each with the values of them that are those of the quarry.
fn goals(quarry: &Quarry, own: Option<&Rule>) -> Vec<(ToolId, Vec<ValuePath>)> {
    let Some(rule) = own else {
        return quarry.probe().map(|(tool, _)| (tool, Vec::new())).into_iter().collect();
    };
    let mut found = Vec::new();
    patterns_of(&spoken(quarry, rule), &mut |pattern| {
        for part in pattern.parts.iter().filter(|part| part.kind == LetterKind::Call) {
            let bound: Vec<ValuePath> = part.bindings.iter().map(|binding| binding.value.clone()).collect();
            found.extend(tools(part).into_iter().map(|tool| (tool, bound.clone())));
        }
    });
    found
}

/// The rule without the call at which a claim is asked for: what it speaks of has come about before.
fn spoken(quarry: &Quarry, rule: &Rule) -> Rule {
    let mut rule = rule.clone();
    if let (Quarry::Claim(_), Body::Deny(Formula::And(parts))) = (quarry, &mut rule.body) {
        parts.drain(..parts.len().min(1));
    }
    rule
}

/// The literals that a rule's patterns compare fields with.
fn literals(rule: &Rule, found: &mut Vec<Constant>) {
    patterns_of(rule, &mut |pattern| {
        for part in &pattern.parts {
            if let PatternCases::Tools(cases) = &part.cases {
                cases.iter().for_each(|case| compared(&case.guard, found));
            }
        }
    });
}

fn compared(cond: &Cond, found: &mut Vec<Constant>) {
    match cond {
        Cond::And(parts) | Cond::Or(parts) => parts.iter().for_each(|part| compared(part, found)),
        Cond::Compare(CompareOp::Eq, tag, Term::Arg(fields), Term::Literal(literal)) => {
            let literal = plain(*tag, literal);
            let steps = fields.iter().cloned().map(ValueStep::Field).collect();
            let path = ValuePath { result: false, steps, tag: *tag };
            let same = |known: &&mut Constant| known.tag == *tag && known.literal.as_ref() == Some(&literal);
            match found.iter_mut().find(same) {
                Some(known) if !known.paths.contains(&path) => known.paths.push(path),
                Some(_) => {}
                None => found.push(Constant { tag: *tag, literal: Some(literal), paths: vec![path] }),
            }
        }
        _ => {}
    }
}

/// The one way to write a literal of that type: a number may be written as an integer.
fn plain(tag: TypeTag, literal: &Literal) -> Literal {
    match literal {
        Literal::Int(value) if tag == TypeTag::Number => Literal::Number(value.to_string()),
        literal => literal.clone(),
    }
}

/// For each variable of the rule the values that it makes equal.
fn made_equal(rule: &Rule) -> Vec<Vec<ValuePath>> {
    let mut found: Vec<(String, Vec<ValuePath>)> = Vec::new();
    patterns_of(rule, &mut |pattern| {
        for binding in pattern.parts.iter().flat_map(|part| &part.bindings) {
            match found.iter_mut().find(|(name, _)| *name == binding.name) {
                Some((_, paths)) => paths.push(binding.value.clone()),
                None => found.push((binding.name.clone(), vec![binding.value.clone()])),
            }
        }
    });
    found.into_iter().map(|(_, paths)| paths).collect()
}

/// Whatever is made equal to a value that a literal bears on, it bears on too: a rule kept from seeing it there would seem to refuse what it admits.
fn spread(constant: &mut Constant, equal: &[Vec<ValuePath>]) {
    loop {
        let bears = |paths: &&Vec<ValuePath>| paths.iter().any(|path| constant.may_be(path));
        let more: Vec<ValuePath> = equal.iter().filter(bears).flatten().filter(|path| path.tag == constant.tag).cloned().collect();
        let known = constant.paths.len();
        for path in more {
            if !constant.paths.contains(&path) {
                constant.paths.push(path);
            }
        }
        if constant.paths.len() == known {
            return;
        }
    }
}
