//! The statements of a persona and of `everyone`.
//!
//! In: their items. Out: answers with full names, tool by tool, and where each was written. Invariant: numbers count every rule of
//! a kind in its block, the named ones and the wrong ones too, so a mistake elsewhere renames nothing.
//! Source: language section 4; `lang-spec/core-form.md`, [core.file]; the names of decisions.

use std::collections::BTreeMap;

use leverframe_syntax::{Span, tree};

use super::{Places, Stated, Statement, problem};
use crate::core::{Answer, Cond, Member, ToolId, Verdict};
use crate::names::symbols::Persona;
use crate::types::{Checker, Facts, Site};

/// What a persona says itself.
pub(crate) fn stated(checker: &mut Checker<'_>, persona: &Persona, places: &mut Places) -> Stated {
    let mut block = Block::new(&persona.name.text);
    let mut stated = Stated::default();
    let mut first: Option<Span> = None;
    for item in &persona.items {
        match &item.kind {
            tree::ItemKind::Otherwise(otherwise) => {
                if let Some(first) = first {
                    checker.report(problem::second_otherwise(block.owner, item.span, first));
                    continue;
                }
                first = Some(item.span);
                let answer = block.otherwise(otherwise);
                places.push((answer.name.clone(), item.span));
                stated.otherwise = Some(answer);
            }
            _ => stated.statements.extend(block.statement(checker, item, places)),
        }
    }
    stated
}

/// What all `everyone` blocks say; they count as one.
pub(crate) fn everyone(checker: &mut Checker<'_>, places: &mut Places) -> Vec<Statement> {
    let mut block = Block::new("everyone");
    let mut statements = Vec::new();
    for everyone in &checker.symbols.everyone {
        for item in &everyone.items {
            statements.extend(block.statement(checker, item, places));
        }
    }
    statements
}

/// The names given so far in one block.
struct Block<'a> {
    owner: &'a str,
    allow: usize,
    ask: usize,
    deny: usize,
    arms: BTreeMap<ToolId, usize>,
}

impl<'a> Block<'a> {
    fn new(owner: &'a str) -> Self {
        Self { owner, allow: 0, ask: 0, deny: 0, arms: BTreeMap::new() }
    }

    fn otherwise(&self, otherwise: &tree::Otherwise) -> Answer {
        let verdict = match otherwise.verdict {
            tree::OtherwiseVerdict::Deny => Verdict::Deny,
            tree::OtherwiseVerdict::Ask => Verdict::Ask,
        };
        Answer { verdict, name: format!("{}.otherwise", self.owner), cond: Cond::Const(true), who: None, why: None }
    }

    fn statement(&mut self, checker: &mut Checker<'_>, item: &tree::PersonaItem, places: &mut Places) -> Option<Statement> {
        match &item.kind {
            tree::ItemKind::Permission(permission) => self.permission(checker, permission, item.span, places),
            tree::ItemKind::On(on) => self.on(checker, on, places),
            // An `otherwise` is the persona's; a rule over histories is no permission.
            tree::ItemKind::Otherwise(_) | tree::ItemKind::Rule(_) => None,
        }
    }

    fn permission(
        &mut self,
        checker: &mut Checker<'_>,
        permission: &tree::Permission,
        span: Span,
        places: &mut Places,
    ) -> Option<Statement> {
        let (verdict, word, count) = match permission.verb {
            tree::Verb::Allow => (Verdict::Allow, "allow", &mut self.allow),
            tree::Verb::Ask => (Verdict::Ask, "ask", &mut self.ask),
            tree::Verb::Deny => (Verdict::Deny, "deny", &mut self.deny),
        };
        *count += 1;
        let name = match &permission.name {
            Some(name) => format!("{}.{}", self.owner, name.text),
            None => format!("{}.{word}#{count}", self.owner),
        };
        places.push((name.clone(), span));
        let who = permission.by.as_ref().map(|who| who.value.clone());
        let why = permission.why.as_ref().map(|why| why.value.clone());
        let tools = match checker.symbols.resolve_tools(&permission.tools) {
            Ok(tools) => tools,
            Err(faults) => {
                checker.found.extend(faults);
                return None;
            }
        };
        let mut answers = Vec::with_capacity(tools.len());
        for tool in tools {
            let cond = match &permission.when {
                None => Some(Cond::Const(true)),
                Some(when) => condition(checker, tool, when, &Facts::default()).map(|(cond, _)| cond),
            };
            let answer = |cond| Answer { verdict, name: name.clone(), cond, who: who.clone(), why: why.clone() };
            answers.extend(cond.map(|cond| (tool, Member::Rule(answer(cond)))));
        }
        Some(Statement { overrides: permission.overrides.is_some(), tools: answers })
    }

    fn on(&mut self, checker: &mut Checker<'_>, on: &tree::OnBlock, places: &mut Places) -> Option<Statement> {
        let tool = checker.keep(checker.symbols.tool(&on.tool))?;
        let full_name = checker.symbols.tools.get(tool.index()).map(|tool| tool.name.clone()).unwrap_or_default();
        let mut facts = Facts::default();
        let mut arms = Vec::with_capacity(on.arms.len());
        for arm in &on.arms {
            let count = self.arms.entry(tool).or_default();
            *count += 1;
            let name = format!("{}.on({full_name})#{count}", self.owner);
            places.push((name.clone(), arm.span));
            let cond = match &arm.condition {
                None => Some(Cond::Const(true)),
                // An arm is tried only where those before it do not hold.
                Some(expr) => condition(checker, tool, expr, &facts).map(|(cond, no)| {
                    facts = facts.with(&no);
                    cond
                }),
            };
            let (verdict, who, why) = answer_of(&arm.verdict.kind);
            arms.extend(cond.map(|cond| Answer { verdict, name, cond, who, why }));
        }
        Some(Statement { overrides: on.overrides.is_some(), tools: vec![(tool, Member::On(arms))] })
    }
}

/// The condition on a call of the tool, and what is present where it does not hold.
fn condition(checker: &mut Checker<'_>, tool: ToolId, expr: &tree::Expr, facts: &Facts) -> Option<(Cond, Facts)> {
    let tool = checker.symbols.tools.get(tool.index())?;
    let (cond, flow) = checker.condition(Site::call(tool), expr, facts);
    cond.map(|cond| (cond, flow.no))
}

fn answer_of(verdict: &tree::VerdictKind) -> (Verdict, Option<String>, Option<String>) {
    let text = |text: &Option<tree::Text>| text.as_ref().map(|text| text.value.clone());
    match verdict {
        tree::VerdictKind::Allow => (Verdict::Allow, None, None),
        tree::VerdictKind::Ask(who) => (Verdict::Ask, text(who), None),
        tree::VerdictKind::Deny(why) => (Verdict::Deny, None, text(why)),
    }
}
