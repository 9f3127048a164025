//! Comparisons and the other operators of two sides.
//!
//! In: an operator and its sides. Out: a condition. Invariant: of the operators on text, the right side is a literal.
//! Source: language section 4; `lang-spec/core-form.md`, [core.cond].

use leverframe_syntax::Span;
use leverframe_syntax::tree::{self, CompareOperator, ExprKind, LiteralKind};

use super::facts::Facts;
use super::literal::{self, Form, LiteralProblem};
use super::value::Value;
use super::{Checker, lattice, pattern, problem};
use crate::core::cond::{CompareOp, TextOp};
use crate::core::{Cond, Scalar, Term, Type, TypeTag};

impl Checker<'_> {
    pub(super) fn compare(
        &mut self,
        (operator, span): (CompareOperator, Span),
        left: &tree::Expr,
        right: &tree::Expr,
        facts: &Facts,
    ) -> Option<Cond> {
        if let Some(null) = [left, right].into_iter().find(|side| is_null(side)) {
            self.report(problem::literal(&LiteralProblem::Null, "null", &Type::String, null.span));
            return None;
        }
        match meaning(operator) {
            Meaning::Compare(op) => {
                let sides = (self.value(left, facts), self.value(right, facts));
                let (Some(left), Some(right)) = sides else { return None };
                self.ordered_pair(op, operator.text(), span, left, right)
            }
            Meaning::Text(op) => self.text_predicate(op, operator.text(), left, right, facts),
            Meaning::In => self.contained(left, right, facts),
            Meaning::Under => self.under(left, right, facts),
        }
    }

    fn ordered_pair(&mut self, op: CompareOp, written: &str, span: Span, left: Value, right: Value) -> Option<Cond> {
        let Some(tag) = lattice::compared(&left.ty, &right.ty).or_else(|| adapted(&left, &right)) else {
            self.report(problem::incomparable(&left.ty, &right.ty, written, span));
            return None;
        };
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) && !lattice::ordered(tag) {
            self.report(problem::inapplicable(written, &left.ty, span, "only ints, numbers, timestamps and durations have an order"));
            return None;
        }
        let sides = (self.side(&left, &right), self.side(&right, &left));
        let (Some(left), Some(right)) = sides else { return None };
        Some(Cond::Compare(op, tag, left, right))
    }

    /// One side as it stands beside the other.
    fn side(&mut self, value: &Value, other: &Value) -> Option<Term> {
        match (&value.literal, &other.literal) {
            (Some(literal), None) => self.beside(literal, &other.ty, other.form).map(Term::Literal),
            _ => Some(value.term.clone()),
        }
    }

    fn text_predicate(&mut self, op: TextOp, written: &str, left: &tree::Expr, right: &tree::Expr, facts: &Facts) -> Option<Cond> {
        let value = self.value(left, facts);
        let text = self.text(right, written);
        if let (Some(text), TextOp::Matches) = (&text, op) {
            pattern::check(text).map_err(|fault| self.report(problem::regex(&fault, right.span))).ok()?;
        }
        let (value, text) = (value?, text?);
        if !lattice::textual(&value.ty) {
            let note = if matches!(value.ty, Type::List(_)) { "write `some x in LIST : (x == …)`" } else { "it reads text" };
            self.report(problem::inapplicable(written, &value.ty, left.span, note));
            return None;
        }
        Some(Cond::Text(op, value.term, text))
    }

    fn under(&mut self, left: &tree::Expr, right: &tree::Expr, facts: &Facts) -> Option<Cond> {
        let value = self.value(left, facts);
        let text = self.text(right, "under");
        let (value, text) = (value?, text?);
        let (form, host) = match (&value.ty, value.form) {
            (Type::Path, _) => (literal::path_form(&text), false),
            (_, Form::Host) => (literal::host_form(&text), true),
            (_, Form::Domain) => (literal::domain_form(&text), true),
            (other, Form::Plain) => {
                let note = "it takes `url(…).host`, `email(…).domain`, `path(…)` or a field of type path";
                self.report(problem::inapplicable("under", other, left.span, note));
                return None;
            }
        };
        let root = self.form(form, &text, right.span)?;
        Some(if host { Cond::UnderHost(value.term, root) } else { Cond::UnderPath(value.term, root) })
    }

    fn form<T>(&mut self, form: Result<T, LiteralProblem>, text: &str, span: Span) -> Option<T> {
        form.map_err(|fault| self.report(problem::literal(&fault, text, &Type::String, span))).ok()
    }

    fn contained(&mut self, left: &tree::Expr, right: &tree::Expr, facts: &Facts) -> Option<Cond> {
        let value = self.value(left, facts);
        if let ExprKind::List(members) = &right.kind {
            return self.one_of(value, left.span, members, right.span);
        }
        let value = value?;
        if value.ty == Type::Ip && matches!(right.kind, ExprKind::Literal(_) | ExprKind::Name(_)) {
            let network = self.text(right, "in")?;
            self.form(literal::network(&network), &network, right.span)?;
            return Some(Cond::InCidr(value.term, network));
        }
        self.report(problem::literals_wanted(right.span));
        None
    }

    fn one_of(&mut self, value: Option<Value>, left: Span, members: &[tree::Expr], span: Span) -> Option<Cond> {
        if members.is_empty() {
            self.report(problem::empty_list(span));
            return None;
        }
        let literals: Vec<Option<Value>> = members.iter().map(|member| self.list_member(member)).collect();
        let value = value?;
        let Some(mut tag) = lattice::tag(&value.ty) else {
            self.report(problem::inapplicable("in", &value.ty, left, "it takes a single value"));
            return None;
        };
        let mut scalars: Vec<Option<Scalar>> = Vec::with_capacity(literals.len());
        for literal in literals.iter().flatten() {
            if let Some(written) = &literal.literal {
                scalars.push(self.beside(written, &value.ty, value.form));
            }
            if tag == TypeTag::Int && literal.ty == Type::Number {
                tag = TypeTag::Number;
            }
        }
        let complete = scalars.len() == members.len();
        let scalars: Option<Vec<Scalar>> = scalars.into_iter().collect();
        scalars.filter(|_| complete).map(|scalars| Cond::In(tag, value.term, scalars))
    }

    /// A member of a list is a literal or a constant.
    fn list_member(&mut self, member: &tree::Expr) -> Option<Value> {
        match &member.kind {
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Name(name) => match self.symbols.constant(&name.text) {
                Some(constant) => self.constant(&constant.value, name.span).map(|reading| reading.value),
                None => {
                    self.report(problem::literals_wanted(member.span));
                    None
                }
            },
            _ => {
                self.report(problem::literals_wanted(member.span));
                None
            }
        }
    }
}

fn is_null(expr: &tree::Expr) -> bool {
    matches!(&expr.kind, ExprKind::Literal(literal) if literal.kind == LiteralKind::Null)
}

/// What a text literal beside a value compares as: it takes the value's type.
fn adapted(left: &Value, right: &Value) -> Option<TypeTag> {
    let of = |literal: &Value, value: &Value| {
        (literal.literal.is_some() && literal.ty == Type::String && lattice::textual(&value.ty)).then(|| lattice::tag(&value.ty)).flatten()
    };
    of(left, right).or_else(|| of(right, left))
}

/// What an operator does.
enum Meaning {
    Compare(CompareOp),
    Text(TextOp),
    In,
    Under,
}

fn meaning(operator: CompareOperator) -> Meaning {
    match operator {
        CompareOperator::Equal => Meaning::Compare(CompareOp::Eq),
        CompareOperator::NotEqual => Meaning::Compare(CompareOp::Ne),
        CompareOperator::Less => Meaning::Compare(CompareOp::Lt),
        CompareOperator::LessEqual => Meaning::Compare(CompareOp::Le),
        CompareOperator::Greater => Meaning::Compare(CompareOp::Gt),
        CompareOperator::GreaterEqual => Meaning::Compare(CompareOp::Ge),
        CompareOperator::Contains => Meaning::Text(TextOp::Contains),
        CompareOperator::StartsWith => Meaning::Text(TextOp::StartsWith),
        CompareOperator::EndsWith => Meaning::Text(TextOp::EndsWith),
        CompareOperator::Like => Meaning::Text(TextOp::Like),
        CompareOperator::Matches => Meaning::Text(TextOp::Matches),
        CompareOperator::In => Meaning::In,
        CompareOperator::Under => Meaning::Under,
    }
}
