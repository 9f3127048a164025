//! Conditions: what is true or false.
//!
//! In: an expression and what is known to be present. Out: a [`Cond`] and its [`Flow`]. Invariant: where no condition is returned something has
//! been reported, and the flow then knows everything, so that one mistake is reported once.
//! Source: language section 4; `lang-spec/core-form.md`, [core.cond].

use leverframe_syntax::tree::{self, ExprKind, LiteralKind};

use super::facts::{Facts, Flow};
use super::site::{Reading, Subject};
use super::value::Value;
use super::{Checker, facts, problem};
use crate::core::cond::CompareOp;
use crate::core::{Cond, Scalar, Term, Type, TypeTag};
use crate::limits;

impl Checker<'_> {
    pub(super) fn cond(&mut self, expr: &tree::Expr, facts: &Facts) -> (Option<Cond>, Flow) {
        if self.parts_left == 0 || self.depth >= limits::CONDITION_DEPTH {
            self.parts_left = 0;
            return (None, Flow::unknown());
        }
        self.parts_left -= 1;
        self.depth += 1;
        let typed = self.cond_of(expr, facts);
        self.depth -= 1;
        typed
    }

    fn cond_of(&mut self, expr: &tree::Expr, facts: &Facts) -> (Option<Cond>, Flow) {
        match &expr.kind {
            ExprKind::And(parts) => self.chain(parts, facts, true),
            ExprKind::Or(parts) => self.chain(parts, facts, false),
            ExprKind::Not(inner) => {
                let (cond, flow) = self.cond(inner, facts);
                (cond.map(|cond| Cond::Not(Box::new(cond))), flow.swapped())
            }
            ExprKind::IsPresent(inner) => self.presence(inner),
            ExprKind::Call { function, arguments } if !super::function::BUILT_IN.contains(&function.text.as_str()) => {
                self.inlined(function, arguments, expr.span, facts)
            }
            _ => {
                let cond = self.atom(expr, facts);
                let flow = if cond.is_some() { Flow::default() } else { Flow::unknown() };
                (cond, flow)
            }
        }
    }

    /// `and` (or `or`): each part is judged where those before it hold (do not hold).
    fn chain(&mut self, parts: &[tree::Expr], facts: &Facts, all: bool) -> (Option<Cond>, Flow) {
        let mut known = facts.clone();
        let mut flow: Option<Flow> = None;
        let mut conds = Some(Vec::with_capacity(parts.len()));
        for part in parts {
            let (cond, next) = self.cond(part, &known);
            let joined = match flow.take() {
                None => next,
                Some(before) if all => before.and(&next),
                Some(before) => before.or(&next),
            };
            known = facts.with(if all { &joined.yes } else { &joined.no });
            flow = Some(joined);
            conds = conds.zip(cond).map(|(mut conds, cond)| {
                conds.push(cond);
                conds
            });
        }
        let make = if all { Cond::And } else { Cond::Or };
        (conds.map(make), flow.unwrap_or_default())
    }

    fn presence(&mut self, inner: &tree::Expr) -> (Option<Cond>, Flow) {
        let Some(Reading { value, .. }) = self.reading(inner) else { return (None, Flow::unknown()) };
        if facts::place(&value.term).is_none() {
            self.report(problem::field_wanted(inner.span));
            return (None, Flow::unknown());
        }
        let flow = Flow { yes: Facts::present(&value.term), no: Facts::default() };
        (Some(Cond::Present(value.term)), flow)
    }

    /// A condition without conditions inside it, but for a quantifier's body.
    fn atom(&mut self, expr: &tree::Expr, facts: &Facts) -> Option<Cond> {
        match &expr.kind {
            ExprKind::Literal(tree::Literal { kind: LiteralKind::Bool(value), .. }) => Some(Cond::Const(*value)),
            ExprKind::Compare { operator, operator_span, left, right } => self.compare((*operator, *operator_span), left, right, facts),
            ExprKind::Quantified { quantifier, variable, over, body } => self.quantified(*quantifier, variable, (over, body), facts),
            ExprKind::SessionHas(label) => self.keep(self.symbols.label(label)).map(Cond::Has),
            ExprKind::Carries(label) => self.carries(label, expr),
            _ => {
                let value = self.value(expr, facts)?;
                self.truth(value, expr)
            }
        }
    }

    fn truth(&mut self, value: Value, expr: &tree::Expr) -> Option<Cond> {
        match value {
            Value { term: Term::Literal(Scalar::Bool(value)), .. } => Some(Cond::Const(value)),
            Value { term, ty: Type::Bool, .. } => {
                Some(Cond::Compare(CompareOp::Eq, TypeTag::Bool, term, Term::Literal(Scalar::Bool(true))))
            }
            Value { ty, .. } => {
                self.report(problem::condition_wanted(&ty, expr.span));
                None
            }
        }
    }

    fn carries(&mut self, label: &tree::Name, expr: &tree::Expr) -> Option<Cond> {
        let label = self.keep(self.symbols.label(label))?;
        if let Subject::Event(event) = self.site.subject {
            let place = format!("of the event `{}`: only the arguments of a call carry labels", event.name);
            self.report(problem::unavailable("`carries`", &place, expr.span));
            return None;
        }
        Some(Cond::Carries(label))
    }

    fn quantified(
        &mut self,
        quantifier: tree::Quantifier,
        variable: &tree::Name,
        (over, body): (&tree::Expr, &tree::Expr),
        facts: &Facts,
    ) -> Option<Cond> {
        let list = self.value(over, facts)?;
        let Type::List(element) = list.ty else {
            self.report(problem::list_wanted(&list.ty, over.span));
            return None;
        };
        let name = variable.text.clone();
        if self.bindings.variables.contains(&name) {
            self.report(problem::shadowed(&name, variable.span));
            return None;
        }
        let value = Value::read(Term::Var(name.clone(), Vec::new()), *element);
        self.bindings.names.push((name.clone(), Reading { value, absent: Vec::new() }));
        self.bindings.variables.push(name.clone());
        let (cond, _) = self.cond(body, facts);
        self.bindings.variables.pop();
        self.bindings.names.pop();
        let make = if quantifier == tree::Quantifier::All { Cond::All } else { Cond::Some };
        Some(make(name, list.term, Box::new(cond?)))
    }
}
