//! Arguments of patterns: fixed values, and variables with the places of their values.
//!
//! In: `field: value` of a pattern on one tool or host event, of its arguments or of its result. Out: a condition for a fixed value; for a variable a note of
//! its use on that tool, and for the whole pattern its bindings. Invariant: a pattern binds a variable once, and takes the elements of one list at most.
//! Source: language sections 5 and 9 (argument positions); `lang-spec/core-form.md`, [core.pattern].

use leverframe_syntax::Span;
use leverframe_syntax::tree::{self, ArgumentStep, ArgumentValue};

use super::{RuleChecker, problem};
use crate::core::cond::CompareOp;
use crate::core::{Binding, Cond, Record, Term, Type, TypeTag, ValuePath, ValueStep};
use crate::names::suggest::suggest;
use crate::types::literal::Form;
use crate::types::{Facts, lattice, problem as value_problem};

/// Whose fields a pattern reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Arguments,
    Result,
}

impl Side {
    fn term(self, path: Vec<String>) -> Term {
        match self {
            Self::Arguments => Term::Arg(path),
            Self::Result => Term::Result(path),
        }
    }
}

/// The fields that a pattern speaks of, of its arguments and then of its result.
pub(super) fn fields(event: &tree::EventPattern) -> impl Iterator<Item = (&tree::Argument, Side)> {
    let with = event.outcome.iter().flat_map(|outcome| &outcome.with);
    event.arguments.iter().map(|argument| (argument, Side::Arguments)).chain(with.map(|argument| (argument, Side::Result)))
}

/// The way that a field is written.
pub(super) fn steps(field: &tree::ArgumentField) -> Vec<ValueStep> {
    let first = ValueStep::Field(field.name.text.clone());
    let rest = field.steps.iter().map(|step| match step {
        ArgumentStep::Field(name) => ValueStep::Field(name.text.clone()),
        ArgumentStep::Each(_) => ValueStep::Each,
    });
    std::iter::once(first).chain(rest).collect()
}

fn each_mark(field: &tree::ArgumentField) -> Option<Span> {
    field.steps.iter().find_map(|step| match step {
        ArgumentStep::Each(span) => Some(*span),
        ArgumentStep::Field(_) => None,
    })
}

/// What a field of a pattern leads to.
struct Reached {
    path: Vec<String>,
    ty: Type,
    may_be_absent: bool,
}

impl RuleChecker<'_, '_> {
    /// Notes every variable of a pattern, for the case that it stands on no tool.
    pub(super) fn mention(&mut self, event: &tree::EventPattern) {
        for (argument, _) in fields(event) {
            if let ArgumentValue::Variable(name) = &argument.value {
                self.uses.mention(name);
            }
        }
    }

    /// The variables of a pattern with their places, by name; nothing where one is wrong, which is reported.
    pub(super) fn bindings(&mut self, event: &tree::EventPattern) -> Option<Vec<Binding>> {
        let mut bound: Vec<(Binding, Span)> = Vec::new();
        let mut list: Option<Span> = None;
        let before = self.checker.found.len();
        for (argument, side) in fields(event) {
            let ArgumentValue::Variable(name) = &argument.value else { continue };
            if let Some((_, first)) = bound.iter().find(|(known, _)| known.name == name.text) {
                self.report(problem::variable_twice(&name.text, name.span, *first));
            }
            if let Some(each) = each_mark(&argument.field) {
                if let Some(first) = list {
                    self.report(problem::two_lists(each, first));
                }
                list.get_or_insert(each);
            }
            // Whatever stands for no type stands on no tool, and is not kept.
            let tag = self.uses.tag(name).unwrap_or(TypeTag::String);
            let value = ValuePath { tag, result: side == Side::Result, steps: steps(&argument.field) };
            bound.push((Binding { name: name.text.clone(), value }, name.span));
        }
        bound.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        (self.checker.found.len() == before).then(|| bound.into_iter().map(|(binding, _)| binding).collect())
    }

    /// What `field: value` says of one tool or event, and what is then known to be present; nothing of a variable.
    #[allow(clippy::type_complexity)]
    pub(super) fn argument(
        &mut self,
        argument: &tree::Argument,
        side: Side,
        record: &Record,
        owner: &str,
    ) -> Result<Option<(Cond, Facts)>, ()> {
        let reached = self.reached(&argument.field, record, owner)?;
        let literal = match &argument.value {
            ArgumentValue::Variable(name) => {
                self.variable(name, &reached)?;
                return Ok(None);
            }
            ArgumentValue::Literal(literal) => literal.clone(),
            ArgumentValue::Const(name) => self.constant(name)?,
        };
        if let Some(each) = each_mark(&argument.field) {
            self.report(problem::each_with_literal(each));
            return Err(());
        }
        self.fixed(&literal, side, &reached).map(Some).ok_or(())
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

    fn fixed(&mut self, literal: &tree::Literal, side: Side, reached: &Reached) -> Option<(Cond, Facts)> {
        if let Type::Json(reason) = &reached.ty {
            let found = value_problem::opaque(&reached.path.join("."), reason.as_deref(), literal.span);
            self.report(found);
            return None;
        }
        let scalar = self.checker.beside(literal, &reached.ty, Form::Plain)?;
        let own = crate::types::literal::type_of(&literal.kind)?;
        let tag = lattice::compared(&reached.ty, &own).or_else(|| lattice::tag(&reached.ty))?;
        let term = side.term(reached.path.clone());
        let equal = Cond::Compare(CompareOp::Eq, tag, term.clone(), Term::Literal(scalar));
        let facts = Facts::present(&term);
        let cond = if reached.may_be_absent { Cond::And(vec![Cond::Present(term), equal]) } else { equal };
        Some((cond, facts))
    }

    fn variable(&mut self, name: &tree::Name, reached: &Reached) -> Result<(), ()> {
        let Some(tag) = lattice::tag(&reached.ty) else {
            self.report(problem::variable_opaque(&name.text, &lattice::describe(&reached.ty), name.span));
            return Err(());
        };
        self.uses.add(name, tag);
        Ok(())
    }

    /// Follows a field into a record.
    fn reached(&mut self, field: &tree::ArgumentField, record: &Record, owner: &str) -> Result<Reached, ()> {
        let mut reached = Reached { path: Vec::new(), ty: Type::Record(record.clone()), may_be_absent: false };
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
        Ok(())
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
