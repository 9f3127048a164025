//! Conditions.
//!
//! In: a condition's text and the letter that it is judged on. Out: a [`Cond`], typed by the fields that it reads. Invariants: parentheses leave no trace and
//! nothing is flattened; constants and definitions are gone. Source: language section 4; `lang-spec/core-form.md`, [core.cond].

use crate::domain;
use crate::grammar::{Node, Rule};
use crate::limits::{CONDITION_DEPTH, CONDITION_PARTS};
use crate::policy::{Cond, Op, Tag, Term, TextOp};
use crate::refusal::Refusal;
use crate::types::{Literal, Record, Type};

use super::scope::Scope;
use super::term::{Form, Reader, Value};

/// What a condition is judged on.
#[derive(Clone, Copy)]
pub(super) struct Site<'s, 'a> {
    pub(super) scope: &'s Scope<'a>,
    /// The arguments; nothing where there is no such tool.
    pub(super) args: Option<&'s Record>,
    /// A host event has no context.
    pub(super) event: bool,
    /// What the result holds, where a result may be read.
    pub(super) result: Option<&'s Record>,
}

impl<'s, 'a> Site<'s, 'a> {
    pub(super) fn call(scope: &'s Scope<'a>, tool: &str) -> Self {
        Self { scope, args: scope.tools.get(tool), event: false, result: None }
    }
}

/// Reads a condition.
pub(super) fn condition(site: Site<'_, '_>, node: &Node<'_>) -> Result<Cond, Refusal> {
    Reader::new(site).condition(node)
}

/// Reads every definition with parameters that stand for themselves: one that nobody uses is read all the same.
pub(super) fn check_definitions(scope: &Scope<'_>) -> Result<(), Refusal> {
    let site = Site { scope, args: None, event: false, result: None };
    scope.defines.values().try_for_each(|define| Reader::new(site).definition(define))
}

impl Reader<'_, '_> {
    pub(super) fn condition(&mut self, node: &Node<'_>) -> Result<Cond, Refusal> {
        self.parts_left = self.parts_left.checked_sub(1).ok_or(Refusal::Bound { what: "parts of a condition", bound: CONDITION_PARTS })?;
        self.depth_left = self.depth_left.checked_sub(1).ok_or(Refusal::Bound { what: "depth of a condition", bound: CONDITION_DEPTH })?;
        let found = self.whole(node);
        self.depth_left += 1;
        found
    }

    fn whole(&mut self, node: &Node<'_>) -> Result<Cond, Refusal> {
        match self.expression(node)? {
            Value::Cond(cond) => Ok(cond),
            Value::Typed(typed) => match (typed.term, typed.ty) {
                (Term::Literal(Literal::Bool(value)), _) => Ok(Cond::Const(value)),
                (term, Type::Bool) => Ok(Cond::Compare(Op::Eq, Tag::Bool, term, Term::Literal(Literal::Bool(true)))),
                _ => Err(node.wrong("a condition is wanted here")),
            },
        }
    }

    /// A condition, or what stands where a condition may.
    pub(super) fn expression(&mut self, node: &Node<'_>) -> Result<Value, Refusal> {
        match node.rule() {
            Rule::condition => self.chain(node, Rule::conjunction, Cond::Or),
            Rule::conjunction => self.chain(node, Rule::negation, Cond::And),
            Rule::negation => match node.child(Rule::negation) {
                Some(inner) => self.condition(&inner).map(|inner| Value::Cond(Cond::Not(Box::new(inner)))),
                None => self.expression(&node.only()?),
            },
            Rule::quantified => self.quantified(node).map(Value::Cond),
            Rule::comparison => self.comparison(node),
            _ => self.value(node),
        }
    }

    fn chain(&mut self, node: &Node<'_>, of: Rule, make: fn(Vec<Cond>) -> Cond) -> Result<Value, Refusal> {
        let parts: Vec<Node<'_>> = node.children(of).collect();
        if let [one] = parts.as_slice() {
            return self.expression(one);
        }
        let parts: Result<Vec<Cond>, Refusal> = parts.iter().map(|part| self.condition(part)).collect();
        parts.map(|parts| Value::Cond(make(parts)))
    }

    fn quantified(&mut self, node: &Node<'_>) -> Result<Cond, Refusal> {
        let over = self.typed(&node.need(Rule::sum)?)?;
        let Type::List(element) = over.ty else { return Err(node.wrong("a list is wanted here")) };
        let name = node.child_name()?;
        let body = self.with_variable(node, &name, *element, |reader| reader.condition(&node.need(Rule::condition)?))?;
        let make = if node.has(Rule::kw_all) { Cond::All } else { Cond::Some };
        Ok(make(name, over.term, Box::new(body)))
    }

    fn comparison(&mut self, node: &Node<'_>) -> Result<Value, Refusal> {
        let left = node.need(Rule::sum)?;
        if node.has(Rule::presence) {
            let typed = self.typed(&left)?;
            let place = matches!(typed.term, Term::Arg(_) | Term::Var(..) | Term::Context(_) | Term::Result(_));
            return if place { Ok(Value::Cond(Cond::Present(typed.term))) } else { Err(left.wrong("only a field can be present")) };
        }
        let Some(tail) = node.child(Rule::comparison_tail) else { return self.expression(&left) };
        let operator = tail.need(Rule::comparison_operator)?.only()?;
        let right = tail.need(Rule::sum)?;
        self.compared(&left, operator.rule(), &right).map(Value::Cond)
    }

    fn compared(&mut self, left: &Node<'_>, operator: Rule, right: &Node<'_>) -> Result<Cond, Refusal> {
        let op = match operator {
            Rule::equal_sign => Op::Eq,
            Rule::not_equal_sign => Op::Ne,
            Rule::less_sign => Op::Lt,
            Rule::less_equal_sign => Op::Le,
            Rule::greater_sign => Op::Gt,
            Rule::greater_equal_sign => Op::Ge,
            Rule::kw_in => return self.contained(left, right),
            Rule::kw_under => return self.under(left, right),
            Rule::kw_contains => return self.text_predicate(TextOp::Contains, left, right),
            Rule::kw_starts_with => return self.text_predicate(TextOp::StartsWith, left, right),
            Rule::kw_ends_with => return self.text_predicate(TextOp::EndsWith, left, right),
            Rule::kw_like => return self.text_predicate(TextOp::Like, left, right),
            Rule::kw_matches => return self.text_predicate(TextOp::Matches, left, right),
            _ => return Err(left.wrong("no comparison")),
        };
        let (a, b) = (self.typed(left)?, self.typed(right)?);
        let incomparable = || left.wrong("the two sides cannot be compared");
        // A literal takes the form of what it stands beside.
        let (a, b) = match (a.raw, b.raw) {
            (true, false) => (a.beside(&b).ok_or_else(incomparable)?, b),
            (false, true) => {
                let b = b.beside(&a).ok_or_else(incomparable)?;
                (a, b)
            }
            _ => (a, b),
        };
        let tag = common(&a.ty, &b.ty).ok_or_else(incomparable)?;
        Ok(Cond::Compare(op, tag, a.term, b.term))
    }

    fn contained(&mut self, left: &Node<'_>, right: &Node<'_>) -> Result<Cond, Refusal> {
        let value = self.typed(left)?;
        let members = right.clone().down_to(Rule::primary).and_then(|primary| primary.child(Rule::list));
        let Some(members) = members else {
            let network = self.literal_text(right)?;
            if value.ty != Type::Ip || !domain::ip::is_network(&network) {
                return Err(right.wrong("a list or a network is wanted here"));
            }
            return Ok(Cond::InCidr(value.term, network));
        };
        let mut tag = tag(&value.ty).ok_or_else(|| left.wrong("a single value is wanted here"))?;
        let mut literals = Vec::new();
        for member in members.children(Rule::sum) {
            let literal = self.typed(&member)?;
            let beside = literal.raw.then(|| literal.beside(&value)).flatten().ok_or_else(|| member.wrong("no literal of that type"))?;
            tag = common(&beside.ty, &value.ty).filter(|found| *found == Tag::Number).unwrap_or(tag);
            if let Term::Literal(literal) = beside.term {
                literals.push(literal);
            }
        }
        Ok(Cond::In(tag, value.term, literals))
    }

    fn under(&mut self, left: &Node<'_>, right: &Node<'_>) -> Result<Cond, Refusal> {
        let value = self.typed(left)?;
        let text = self.literal_text(right)?;
        let cond = match (&value.ty, value.form) {
            (Type::Path, _) => domain::path::normal(&text).map(|root| Cond::UnderPath(value.term, root)),
            (_, Form::Host) => domain::host::normal(&text).map(|host| Cond::UnderHost(value.term, host)),
            (_, Form::Domain) => domain::email::normal_domain(&text).map(|host| Cond::UnderHost(value.term, host)),
            (_, Form::Plain) => None,
        };
        cond.ok_or_else(|| right.wrong("`under` takes a host or a path in normal form"))
    }

    fn text_predicate(&mut self, op: TextOp, left: &Node<'_>, right: &Node<'_>) -> Result<Cond, Refusal> {
        let value = self.typed(left)?;
        let text = self.literal_text(right)?;
        let textual = matches!(tag(&value.ty), Some(Tag::String | Tag::Email | Tag::Url | Tag::Path | Tag::Ip));
        if !textual || (op == TextOp::Matches && crate::judge::regex::compile(&text).is_none()) {
            return Err(left.wrong("a text, and a literal that fits the operator, are wanted here"));
        }
        Ok(Cond::Text(op, value.term, text))
    }

    /// A string, or a constant that is one.
    fn literal_text(&mut self, node: &Node<'_>) -> Result<String, Refusal> {
        let typed = self.typed(node)?;
        match typed.term {
            Term::Literal(Literal::String(text)) if typed.raw => Ok(text),
            _ => Err(node.wrong("a string or a constant is wanted here")),
        }
    }
}

/// What values of a type compare as; nothing where it has parts or is opaque.
pub(super) fn tag(ty: &Type) -> Option<Tag> {
    Some(match ty {
        Type::Bool => Tag::Bool,
        Type::Int(..) => Tag::Int,
        Type::Number => Tag::Number,
        Type::String | Type::Enum(_) => Tag::String,
        Type::Email => Tag::Email,
        Type::Url => Tag::Url,
        Type::Path => Tag::Path,
        Type::Ip => Tag::Ip,
        Type::Timestamp => Tag::Timestamp,
        Type::Duration => Tag::Duration,
        Type::Json | Type::List(_) | Type::Record(_) => return None,
    })
}

/// What two types compare as.
pub(super) fn common(left: &Type, right: &Type) -> Option<Tag> {
    match (tag(left)?, tag(right)?) {
        (left, right) if left == right => Some(left),
        (Tag::Int, Tag::Number) | (Tag::Number, Tag::Int) => Some(Tag::Number),
        _ => None,
    }
}
