//! Definitions: checked once where they stand, inlined where they are used.
//!
//! In: a definition, and the values given for its parameters. Out: its body with those values in it. Invariants: a parameter has its declared type in the body,
//! whatever is given; a mistake in a body is reported there, once; the tables hold no recursive definition.
//! Source: language section 3 (`define`); `lang-spec/core-form.md`, [core.cond].

use std::mem;

use leverframe_syntax::{Diagnostic, Span, tree};

use super::facts::{Facts, Flow};
use super::literal::Form;
use super::site::Reading;
use super::value::Value;
use super::{Checker, Site, facts, lattice, problem};
use crate::core::{Cond, Scalar, Term, Type};
use crate::names::symbols::{Define, Parameter};

impl Checker<'_> {
    /// Checks every definition with parameters that stand for themselves.
    pub(super) fn definitions(&mut self) {
        for define in &self.symbols.defines {
            self.definition(define);
        }
    }

    /// Checks a definition, if that has not been done.
    fn definition(&mut self, define: &Define) {
        if !self.checked.insert(define.name.text.clone()) {
            return;
        }
        let around = (self.site, mem::take(&mut self.bindings), self.parts_left);
        self.enter(Site::DEFINITION);
        let before = self.found.len();
        let arguments = define.parameters.iter().map(itself).collect();
        let (cond, _) = self.body(define, arguments, &Facts::default());
        if self.parts_left == 0 && cond.is_none() {
            self.report(problem::too_large(define.body.span));
        }
        if cond.is_none() || self.found.len() > before {
            self.broken.insert(define.name.text.clone());
        }
        (self.site, self.bindings, self.parts_left) = around;
    }

    /// A use of a definition as a condition.
    pub(super) fn inlined(&mut self, function: &tree::Name, arguments: &[tree::Expr], span: Span, facts: &Facts) -> (Option<Cond>, Flow) {
        let Some(define) = self.symbols.define(&function.text) else {
            return (self.unknown_function(function), Flow::unknown());
        };
        self.definition(define);
        let wanted = define.parameters.len();
        if arguments.len() != wanted {
            self.report(problem::arity(&function.text, wanted, arguments.len(), function.span));
            return (None, Flow::unknown());
        }
        let given: Vec<Option<Reading>> =
            define.parameters.iter().zip(arguments).map(|(parameter, argument)| self.given(parameter, argument, facts)).collect();
        let given: Option<Vec<Reading>> = given.into_iter().collect();
        match given {
            Some(given) => self.used(define, given, span, facts),
            None => (None, Flow::unknown()),
        }
    }

    /// The body, its findings told at the use where the definition itself has none.
    fn used(&mut self, define: &Define, given: Vec<Reading>, span: Span, facts: &Facts) -> (Option<Cond>, Flow) {
        let outer = mem::take(&mut self.found);
        let (cond, flow) = self.body(define, given, facts);
        let inner = mem::replace(&mut self.found, outer);
        if !self.broken.contains(&define.name.text) {
            let told = inner.into_iter().next().map(|first| at_use(first, &define.name.text, span));
            self.found.extend(told);
        }
        (cond, flow)
    }

    fn body(&mut self, define: &Define, given: Vec<Reading>, facts: &Facts) -> (Option<Cond>, Flow) {
        let floor = mem::replace(&mut self.bindings.floor, self.bindings.names.len());
        self.bindings.depth += 1;
        let names = define.parameters.iter().map(|parameter| parameter.name.text.clone());
        self.bindings.names.extend(names.zip(given));
        let answer = self.cond(&define.body, facts);
        self.bindings.names.truncate(self.bindings.floor);
        self.bindings.depth -= 1;
        self.bindings.floor = floor;
        answer
    }

    /// What is given for a parameter.
    fn given(&mut self, parameter: &Parameter, argument: &tree::Expr, facts: &Facts) -> Option<Reading> {
        let reading = if parameter.optional && is_place(argument) {
            self.reading(argument)?
        } else {
            Reading { value: self.value(argument, facts)?, absent: Vec::new() }
        };
        let Value { term, ty, form, literal } = reading.value;
        if let Some(literal) = literal {
            let scalar = self.beside(&literal, &parameter.ty, Form::Plain)?;
            self.in_range(&scalar, &parameter.ty, argument.span)?;
            let value = Value::read(Term::Literal(scalar), parameter.ty.clone());
            return Some(Reading { value, absent: Vec::new() });
        }
        if !lattice::fits(&ty, &parameter.ty) {
            let wanted = lattice::describe(&parameter.ty);
            self.report(problem::argument(&parameter.name.text, &wanted, &ty, argument.span));
            return None;
        }
        let value = Value { term, ty: parameter.ty.clone(), form, literal: None };
        Some(Reading { value, absent: reading.absent })
    }

    fn in_range(&mut self, scalar: &Scalar, ty: &Type, span: Span) -> Option<()> {
        let outside = match (scalar, ty) {
            (Scalar::Int(value), Type::Int { lo, hi }) => value < lo || hi < value,
            (Scalar::Number(_), Type::Int { .. }) => true,
            _ => false,
        };
        if outside {
            self.report(problem::argument("the parameter", "an int of its range", ty, span));
            return None;
        }
        Some(())
    }
}

fn is_place(expr: &tree::Expr) -> bool {
    use tree::ExprKind::{Call, Context, Field, Name, Result};
    match &expr.kind {
        Name(_) | Context(_) | Result(_) => true,
        Field { base, .. } => !matches!(base.kind, Call { .. }),
        _ => false,
    }
}

/// A parameter that stands for itself.
fn itself(parameter: &Parameter) -> Reading {
    let term = Term::Var(parameter.name.text.clone(), Vec::new());
    let absent = if parameter.optional { facts::place(&term).into_iter().collect() } else { Vec::new() };
    Reading { value: Value::read(term, parameter.ty.clone()), absent }
}

/// A finding in a body, told where the body is used.
fn at_use(found: Diagnostic, name: &str, span: Span) -> Diagnostic {
    let inside = found.span();
    let mut told =
        Diagnostic::new(found.code, span, format!("in `{name}` as it is used here: {}", found.message)).also(inside, "in the definition");
    told.notes = found.notes;
    told
}
