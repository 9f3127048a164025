//! Conditions.

use super::{Builder, Node, child, children, first, has};
use crate::grammar::Rule;
use crate::span::Span;
use crate::tree::{ArithmeticOperator, CompareOperator, Expr, ExprKind, Quantifier};

impl Builder<'_> {
    /// The condition among the children.
    pub(super) fn condition_in(&mut self, node: &Node<'_>) -> Option<Expr> {
        self.condition(&child(node, Rule::condition)?)
    }

    /// The condition of the `when` among the children; `Some(None)` where there is no `when`.
    pub(super) fn when_in(&mut self, node: &Node<'_>) -> Option<Option<Expr>> {
        child(node, Rule::when_condition).map_or(Some(None), |when| self.condition_in(&when).map(Some))
    }

    pub(super) fn condition(&mut self, node: &Node<'_>) -> Option<Expr> {
        let parts: Vec<Expr> = children(node, Rule::conjunction).map(|part| self.conjunction(&part)).collect::<Option<_>>()?;
        joined(parts, self.span(node), ExprKind::Or)
    }

    fn conjunction(&mut self, node: &Node<'_>) -> Option<Expr> {
        let parts: Vec<Expr> = children(node, Rule::negation).map(|part| self.negation(&part)).collect::<Option<_>>()?;
        joined(parts, self.span(node), ExprKind::And)
    }

    fn negation(&mut self, node: &Node<'_>) -> Option<Expr> {
        let inner = node.clone().into_inner().last()?;
        match inner.as_rule() {
            Rule::negation => {
                let negated = self.negation(&inner)?;
                Some(Expr { kind: ExprKind::Not(Box::new(negated)), span: self.span(node) })
            }
            Rule::quantified => self.quantified(&inner),
            Rule::comparison => self.comparison(&inner),
            _ => None,
        }
    }

    fn quantified(&mut self, node: &Node<'_>) -> Option<Expr> {
        let quantifier = if has(node, Rule::kw_all) { Quantifier::All } else { Quantifier::Some };
        let variable = self.name_in(node)?;
        let over = Box::new(self.sum(&child(node, Rule::sum)?)?);
        let body = Box::new(self.condition_in(node)?);
        Some(Expr { kind: ExprKind::Quantified { quantifier, variable, over, body }, span: self.span(node) })
    }

    fn comparison(&mut self, node: &Node<'_>) -> Option<Expr> {
        let left = self.sum(&child(node, Rule::sum)?)?;
        if has(node, Rule::presence) {
            return Some(Expr { kind: ExprKind::IsPresent(Box::new(left)), span: self.span(node) });
        }
        let Some(tail) = child(node, Rule::comparison_tail) else {
            return Some(left);
        };
        let sign = child(&tail, Rule::comparison_operator)?;
        let right = self.sum(&child(&tail, Rule::sum)?)?;
        let kind = ExprKind::Compare {
            operator: comparison_operator(first(&sign)?.as_rule())?,
            operator_span: self.span(&sign),
            left: Box::new(left),
            right: Box::new(right),
        };
        Some(Expr { kind, span: self.span(node) })
    }

    fn sum(&mut self, node: &Node<'_>) -> Option<Expr> {
        self.arithmetic(node, Rule::product, Self::product)
    }

    fn product(&mut self, node: &Node<'_>) -> Option<Expr> {
        self.arithmetic(node, Rule::postfix, Self::postfix)
    }

    /// Operands by `rule` with operators between them.
    fn arithmetic(&mut self, node: &Node<'_>, rule: Rule, operand: fn(&mut Self, &Node<'_>) -> Option<Expr>) -> Option<Expr> {
        let mut inner = node.clone().into_inner();
        let start = inner.next().filter(|part| part.as_rule() == rule)?;
        let start = operand(self, &start)?;
        let mut rest = Vec::new();
        while let (Some(sign), Some(part)) = (inner.next(), inner.next()) {
            rest.push((arithmetic_operator(sign.as_rule())?, operand(self, &part)?));
        }
        if rest.is_empty() {
            return Some(start);
        }
        Some(Expr { kind: ExprKind::Arithmetic { first: Box::new(start), rest }, span: self.span(node) })
    }

    fn postfix(&mut self, node: &Node<'_>) -> Option<Expr> {
        let mut value = self.primary(&child(node, Rule::primary)?)?;
        for field in children(node, Rule::any_name) {
            let field = self.name(&field);
            let span = self.between_spans(self.span(node), field.span);
            value = Expr { kind: ExprKind::Field { base: Box::new(value), field }, span };
        }
        Some(value)
    }

    fn between_spans(&self, start: Span, end: Span) -> Span {
        Span::new(start.file, start.start, end.end)
    }

    fn primary(&mut self, node: &Node<'_>) -> Option<Expr> {
        let inner = node.clone().into_inner().find(|part| !matches!(part.as_rule(), Rule::lparen | Rule::rparen))?;
        let kind = match inner.as_rule() {
            Rule::condition => return self.condition(&inner),
            Rule::literal => ExprKind::Literal(self.literal(&inner)?),
            Rule::list => ExprKind::List(children(&inner, Rule::sum).map(|sum| self.sum(&sum)).collect::<Option<_>>()?),
            Rule::session_has => ExprKind::SessionHas(self.name_in(&inner)?),
            Rule::carries => ExprKind::Carries(self.name_in(&inner)?),
            Rule::context_value => ExprKind::Context(self.name(&child(&inner, Rule::any_name)?)),
            Rule::result_value => ExprKind::Result(self.name(&child(&inner, Rule::any_name)?)),
            Rule::kw_at => ExprKind::At,
            Rule::name => ExprKind::Name(self.name(&inner)),
            Rule::call => ExprKind::Call {
                function: self.name_in(&inner)?,
                arguments: children(&inner, Rule::condition).map(|c| self.condition(&c)).collect::<Option<_>>()?,
            },
            _ => return None,
        };
        Some(Expr { kind, span: self.span(&inner) })
    }
}

/// One part alone, or several joined.
fn joined(mut parts: Vec<Expr>, span: Span, join: fn(Vec<Expr>) -> ExprKind) -> Option<Expr> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(Expr { kind: join(parts), span }),
    }
}

fn comparison_operator(rule: Rule) -> Option<CompareOperator> {
    Some(match rule {
        Rule::equal_sign => CompareOperator::Equal,
        Rule::not_equal_sign => CompareOperator::NotEqual,
        Rule::less_sign => CompareOperator::Less,
        Rule::less_equal_sign => CompareOperator::LessEqual,
        Rule::greater_sign => CompareOperator::Greater,
        Rule::greater_equal_sign => CompareOperator::GreaterEqual,
        Rule::kw_in => CompareOperator::In,
        Rule::kw_contains => CompareOperator::Contains,
        Rule::kw_starts_with => CompareOperator::StartsWith,
        Rule::kw_ends_with => CompareOperator::EndsWith,
        Rule::kw_like => CompareOperator::Like,
        Rule::kw_matches => CompareOperator::Matches,
        Rule::kw_under => CompareOperator::Under,
        _ => return None,
    })
}

fn arithmetic_operator(rule: Rule) -> Option<ArithmeticOperator> {
    Some(match rule {
        Rule::plus => ArithmeticOperator::Add,
        Rule::minus => ArithmeticOperator::Subtract,
        Rule::star => ArithmeticOperator::Multiply,
        _ => return None,
    })
}
