//! Values: what a condition compares.
//!
//! In: an expression. Out: a [`Value`], a term with its type, or nothing and a diagnostic. Invariant: a value that is returned is present.
//! Source: language section 4.

use leverframe_syntax::Span;
use leverframe_syntax::tree::{self, ExprKind, LiteralKind};

use super::facts::Facts;
use super::lattice::INT;
use super::literal::{self, Form};
use super::site::{Reading, spelled, spelled_place};
use super::{Checker, problem};
use crate::core::cond::ArithOp;
use crate::core::{Scalar, Term, Type};

/// A term with its type.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) term: Term,
    pub(crate) ty: Type,
    /// What a text beside it is normalised as.
    pub(crate) form: Form,
    /// The literal that it is, which takes the type of what it stands beside.
    pub(crate) literal: Option<tree::Literal>,
}

impl Checker<'_> {
    /// The value of an expression, where `facts` hold.
    pub(super) fn value(&mut self, expr: &tree::Expr, facts: &Facts) -> Option<Value> {
        match &expr.kind {
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::At => Some(Value::read(Term::At, Type::Timestamp)),
            ExprKind::Field { base, field } if matches!(base.kind, ExprKind::Call { .. }) => self.member(base, field, facts),
            ExprKind::Name(_) | ExprKind::Context(_) | ExprKind::Result(_) | ExprKind::Field { .. } => {
                let reading = self.reading(expr)?;
                self.read(reading, facts, expr.span)
            }
            ExprKind::Call { function, arguments } => self.call(function, arguments, expr.span, facts),
            ExprKind::Arithmetic { first, rest } => self.arithmetic(first, rest, facts),
            ExprKind::List(_) => {
                self.report(problem::literals_wanted(expr.span));
                None
            }
            _ => {
                self.report(problem::value_wanted(expr.span));
                None
            }
        }
    }

    /// Reads a place: it must be known to be present, and no opaque value.
    pub(super) fn read(&mut self, reading: Reading, facts: &Facts, span: Span) -> Option<Value> {
        let written = spelled(&reading.value.term);
        if let Some(place) = reading.absent.iter().find(|place| !facts.holds(place)) {
            let found = problem::may_be_absent(&written, &spelled_place(place), span);
            self.report(found);
            return None;
        }
        if let Type::Json(reason) = &reading.value.ty {
            let found = problem::opaque(&written, reason.as_deref(), span);
            self.report(found);
            return None;
        }
        Some(reading.value)
    }

    fn arithmetic(&mut self, first: &tree::Expr, rest: &[(tree::ArithmeticOperator, tree::Expr)], facts: &Facts) -> Option<Value> {
        let mut span = first.span;
        let mut sum = self.int(first, facts);
        let mut varies = sum.as_ref().is_some_and(|first| !constant(first));
        for (operator, operand) in rest {
            span = span.to(operand.span);
            let right = self.int(operand, facts);
            let (Some(left), Some(right)) = (sum.take(), right) else { continue };
            // The sum so far grows with every operand; only what it is made of is asked.
            let both_vary = varies && !constant(&right);
            varies |= !constant(&right);
            if both_vary {
                self.report(problem::arithmetic_constant(span));
                return None;
            }
            sum = Some(Term::Arith(arith(*operator), Box::new(left), Box::new(right)));
        }
        sum.map(|term| Value::read(term, INT))
    }

    fn int(&mut self, expr: &tree::Expr, facts: &Facts) -> Option<Term> {
        let value = self.value(expr, facts)?;
        if !matches!(value.ty, Type::Int { .. }) {
            self.report(problem::arithmetic_type(&value.ty, expr.span));
            return None;
        }
        Some(value.term)
    }

    /// A string literal or constant, where nothing else may stand.
    pub(super) fn text(&mut self, expr: &tree::Expr, operator: &str) -> Option<String> {
        let literal = match &expr.kind {
            ExprKind::Literal(literal) => Some(&literal.kind),
            ExprKind::Name(name) => self.symbols.constant(&name.text).map(|constant| &constant.value.kind),
            _ => None,
        };
        if let Some(LiteralKind::String(text)) = literal {
            return Some(text.clone());
        }
        self.report(problem::literal_wanted(operator, expr.span));
        None
    }

    /// A literal as a value beside another value.
    pub(crate) fn beside(&mut self, literal: &tree::Literal, ty: &Type, form: Form) -> Option<Scalar> {
        match literal::beside(&literal.kind, ty, form) {
            Ok(scalar) => Some(scalar),
            Err(fault) => {
                self.report(problem::literal(&fault, &written(&literal.kind), ty, literal.span));
                None
            }
        }
    }
}

/// Arithmetic of literals is as fixed as a literal.
fn constant(term: &Term) -> bool {
    match term {
        Term::Literal(_) => true,
        Term::Arith(_, left, right) => constant(left) && constant(right),
        _ => false,
    }
}

fn arith(operator: tree::ArithmeticOperator) -> ArithOp {
    match operator {
        tree::ArithmeticOperator::Add => ArithOp::Add,
        tree::ArithmeticOperator::Subtract => ArithOp::Sub,
        tree::ArithmeticOperator::Multiply => ArithOp::Mul,
    }
}

/// A literal as a message shows it.
pub(super) fn written(kind: &LiteralKind) -> String {
    match kind {
        LiteralKind::String(text) | LiteralKind::Decimal(text) | LiteralKind::Timestamp(text) => text.clone(),
        LiteralKind::Int(value) => value.to_string(),
        LiteralKind::Bool(value) => value.to_string(),
        LiteralKind::Duration(ms) => format!("{ms}ms"),
        LiteralKind::Null => "null".into(),
    }
}
