//! Arguments of patterns: fixed values, and variables with their rules.
//!
//! In: `field: value` of a pattern on one tool or host event. Out: a condition for a fixed value; for a variable a note of its use, and at the end of the rule
//! what is wrong with them all. Invariant: variables are checked by every rule of the language and then refused, since nothing compiles them yet.
//! Source: language sections 5 and 9 (argument positions).

use std::collections::BTreeMap;

use leverframe_syntax::tree::{self, ArgumentStep, ArgumentValue};
use leverframe_syntax::{Diagnostic, Span};

use super::pattern::Subjects;
use super::{RuleChecker, problem};
use crate::core::cond::CompareOp;
use crate::core::{Cond, Record, Term, Type, TypeTag};
use crate::names::suggest::suggest;
use crate::types::literal::Form;
use crate::types::{Facts, Site, lattice, problem as value_problem};

/// The uses of variables in one rule.
#[derive(Debug, Default)]
pub(super) struct Uses {
    patterns: usize,
    found: Vec<Use>,
    /// Some pattern could not be read, so that a use may be missing.
    incomplete: bool,
}

#[derive(Clone, Debug)]
struct Use {
    name: String,
    span: Span,
    tag: TypeTag,
    pattern: usize,
}

impl Uses {
    /// The next pattern begins.
    pub(super) fn begin(&mut self) {
        self.patterns += 1;
    }

    /// A pattern could not be read whole.
    pub(super) fn lose(&mut self) {
        self.incomplete = true;
    }

    fn add(&mut self, name: &tree::Name, tag: TypeTag) {
        self.found.push(Use { name: name.text.clone(), span: name.span, tag, pattern: self.patterns });
    }

    /// What is wrong with the variables of the rule.
    pub(super) fn faults(&self, once_allowed: bool) -> Vec<Diagnostic> {
        let mut by_name: BTreeMap<&str, Vec<&Use>> = BTreeMap::new();
        if self.incomplete {
            return Vec::new();
        }
        for found in &self.found {
            by_name.entry(&found.name).or_default().push(found);
        }
        let mut faults = Vec::new();
        for (name, uses) in &by_name {
            let Some(first) = uses.first() else { continue };
            let mut spans: Vec<Span> = uses.iter().map(|found| found.span).collect();
            spans.sort_unstable();
            spans.dedup();
            // Where patterns lack it, that is what is wrong.
            if spans.len() == 1 && !once_allowed && self.missing_in(uses).next().is_none() {
                faults.push(problem::variable_once(name, first.span));
            }
            let other = uses.iter().find(|found| found.tag != first.tag);
            faults.extend(other.map(|other| problem::variable_types(name, other.span, first.span)));
        }
        faults.extend(self.missing(&by_name));
        faults
    }

    fn missing(&self, by_name: &BTreeMap<&str, Vec<&Use>>) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for (name, uses) in by_name {
            let Some(other) = uses.first() else { continue };
            let missing = self.missing_in(uses).map(|here| problem::variable_missing(name, here.span, other.span));
            faults.extend(missing);
        }
        faults
    }

    /// The first variable of each pattern that has variables, but none of these uses.
    fn missing_in<'u>(&'u self, uses: &'u [&Use]) -> impl Iterator<Item = &'u Use> {
        let first = |pattern| self.found.iter().find(|found| found.pattern == pattern);
        (1..=self.patterns).filter_map(first).filter(|here| !uses.iter().any(|found| found.pattern == here.pattern))
    }
}

/// What a field of a pattern leads to.
struct Reached {
    path: Vec<String>,
    ty: Type,
    may_be_absent: bool,
    each: Option<Span>,
}

impl RuleChecker<'_, '_> {
    /// What `field: value` says of one tool or event, and what is then known to be present; nothing of a variable.
    #[allow(clippy::type_complexity)]
    pub(super) fn argument(&mut self, argument: &tree::Argument, site: Site<'_>) -> Result<Option<(Cond, Facts)>, ()> {
        let record = site.record().cloned().unwrap_or(Record { open: false, fields: Vec::new() });
        let reached = self.reached(&argument.field, &record, &site.owner())?;
        let literal = match &argument.value {
            ArgumentValue::Variable(name) => {
                self.variable(name, &reached)?;
                return Ok(None);
            }
            ArgumentValue::Literal(literal) => literal.clone(),
            ArgumentValue::Const(name) => self.constant(name)?,
        };
        if let Some(each) = reached.each {
            self.report(problem::each_with_literal(each));
            return Err(());
        }
        self.fixed(&literal, &reached).ok_or(())
    }

    fn constant(&mut self, name: &tree::Name) -> Result<tree::Literal, ()> {
        let symbols = self.checker.symbols;
        if let Some(constant) = symbols.constant(&name.text) {
            return Ok(tree::Literal { kind: constant.value.kind.clone(), span: name.span });
        }
        let near = suggest(&name.text, symbols.consts.iter().map(|constant| constant.name.text.as_str()));
        self.report(problem::no_constant(&name.text, name.span, near));
        Err(())
    }

    fn fixed(&mut self, literal: &tree::Literal, reached: &Reached) -> Option<Option<(Cond, Facts)>> {
        if let Type::Json(reason) = &reached.ty {
            let found = value_problem::opaque(&reached.path.join("."), reason.as_deref(), literal.span);
            self.report(found);
            return None;
        }
        let scalar = self.checker.beside(literal, &reached.ty, Form::Plain)?;
        let own = crate::types::literal::type_of(&literal.kind)?;
        let tag = lattice::compared(&reached.ty, &own).or_else(|| lattice::tag(&reached.ty))?;
        let term = Term::Arg(reached.path.clone());
        let equal = Cond::Compare(CompareOp::Eq, tag, term.clone(), Term::Literal(scalar));
        let facts = Facts::present(&term);
        let cond = if reached.may_be_absent { Cond::And(vec![Cond::Present(term), equal]) } else { equal };
        Some(Some((cond, facts)))
    }

    fn variable(&mut self, name: &tree::Name, reached: &Reached) -> Result<(), ()> {
        let Some(tag) = lattice::tag(&reached.ty) else {
            self.report(problem::variable_opaque(&name.text, &lattice::describe(&reached.ty), name.span));
            return Err(());
        };
        self.uses.add(name, tag);
        if let Some(each) = reached.each {
            self.refuse("`field[]: ?v`", each);
        }
        self.refuse("a variable `?v`", name.span);
        Ok(())
    }

    /// Follows a field into a record.
    fn reached(&mut self, field: &tree::ArgumentField, record: &Record, owner: &str) -> Result<Reached, ()> {
        let mut reached = Reached { path: Vec::new(), ty: Type::Record(record.clone()), may_be_absent: false, each: None };
        self.enter_field(&mut reached, &field.name, owner)?;
        for step in &field.steps {
            match step {
                ArgumentStep::Field(name) => {
                    let owner = format!("`{}`", reached.path.join("."));
                    self.enter_field(&mut reached, name, &owner)?;
                }
                ArgumentStep::Each(span) => self.enter_elements(&mut reached, *span)?,
            }
        }
        Ok(reached)
    }

    fn enter_field(&mut self, reached: &mut Reached, name: &tree::Name, owner: &str) -> Result<(), ()> {
        let found = match &reached.ty {
            Type::Record(record) => lattice::field_of(record, &name.text).cloned().ok_or_else(|| {
                let known = record.fields.iter().map(|field| field.name.as_str());
                value_problem::unknown_field(&name.text, name.span, owner, known)
            }),
            Type::Json(reason) => Err(value_problem::opaque(&reached.path.join("."), reason.as_deref(), name.span)),
            other => Err(value_problem::no_member(&lattice::describe(other), &name.text, name.span, "only records have fields")),
        };
        let field = self.checker.keep(found).ok_or(())?;
        reached.may_be_absent |= lattice::may_be_absent(&field);
        reached.path.push(field.name);
        reached.ty = field.ty;
        Ok(())
    }

    fn enter_elements(&mut self, reached: &mut Reached, span: Span) -> Result<(), ()> {
        let Type::List(element) = reached.ty.clone() else {
            self.report(problem::each_of_no_list(&lattice::describe(&reached.ty), span));
            return Err(());
        };
        reached.ty = *element;
        reached.each = Some(span);
        Ok(())
    }

    /// `with (…)` reads the result; it is checked, and refused.
    pub(super) fn with_result(&mut self, event: &tree::EventPattern, subjects: &Subjects) {
        let Some(outcome) = event.outcome.as_ref().filter(|outcome| !outcome.with.is_empty()) else { return };
        let symbols = self.checker.symbols;
        for id in &subjects.tools {
            let Some(tool) = symbols.tools.get(id.index()) else { continue };
            let Some(result) = &tool.result else {
                self.report(problem::no_result(&tool.name, outcome.span));
                continue;
            };
            for argument in &outcome.with {
                self.with_argument(argument, result, &tool.name);
            }
        }
        self.refuse("`with (…)`", outcome.span);
    }

    fn with_argument(&mut self, argument: &tree::Argument, result: &Record, tool: &str) {
        let Ok(reached) = self.reached(&argument.field, result, &format!("the result of `{tool}`")) else { return };
        match &argument.value {
            // Both report what is wrong themselves.
            ArgumentValue::Variable(name) => drop(self.variable(name, &reached)),
            ArgumentValue::Literal(literal) => drop(self.fixed(literal, &reached)),
            ArgumentValue::Const(name) => {
                if let Ok(literal) = self.constant(name) {
                    self.fixed(&literal, &reached);
                }
            }
        }
    }

    /// Reports what is wrong with the variables of the rule at hand.
    pub(super) fn check_variables(&mut self, once_allowed: bool) {
        let faults = self.uses.faults(once_allowed);
        self.checker.found.extend(faults);
    }

    /// The type of a measured field on one tool; reports where there is none.
    pub(super) fn measured(&mut self, field: &tree::ArgumentField, record: &Record, owner: &str) -> Option<(Type, bool)> {
        let reached = self.reached(field, record, owner).ok()?;
        Some((reached.ty, reached.may_be_absent))
    }
}
