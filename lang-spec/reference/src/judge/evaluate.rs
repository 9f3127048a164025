//! Conditions on one letter.
//!
//! In: a condition and what it may read. Out: yes, no, or why it cannot be evaluated. Invariant: parts are evaluated from left to right and the first that decides,
//! or fails, ends it. Source: language section 4, "Nothing fails open", and section 9, "Evaluation".

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::regex;
use super::values::{self, Fields, Value};
use crate::decimal::Decimal;
use crate::domain;
use crate::elaborate::like;
use crate::policy::{Arith, Cond, Function, Op, Tag, Term, TextOp};

/// Why a condition comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The value has no such reading.
    Value,
    /// The gateway did not supply what is read.
    Context,
}

/// What a condition may read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moment {
    pub(crate) args: Fields,
    /// Only what was supplied and fits.
    pub(crate) context: Fields,
    pub(crate) at: i64,
    /// Those of the session before the letter.
    pub(crate) labels: BTreeSet<String>,
    /// Those that scans found in the arguments.
    pub(crate) carried: BTreeSet<String>,
}

/// What a condition comes to; of a result it reads what is given.
pub(crate) fn evaluate(cond: &Cond, moment: &Moment, result: Option<&Fields>) -> Result<bool, Failure> {
    Reader { moment, result, elements: Vec::new() }.cond(cond)
}

/// What a condition that reads nothing comes to: all its terms are made of literals.
#[must_use]
pub fn constant(cond: &Cond) -> Option<bool> {
    evaluate(cond, &Moment::default(), None).ok()
}

struct Reader<'m> {
    moment: &'m Moment,
    result: Option<&'m Fields>,
    /// Elements of the quantifiers around, the innermost last.
    elements: Vec<(String, Value)>,
}

impl Reader<'_> {
    fn cond(&mut self, cond: &Cond) -> Result<bool, Failure> {
        match cond {
            Cond::Const(value) => Ok(*value),
            Cond::And(parts) => self.first_that_is(parts, false),
            Cond::Or(parts) => self.first_that_is(parts, true),
            Cond::Not(inner) => Ok(!self.cond(inner)?),
            Cond::Present(term) => Ok(self.term(term)? != Value::Absent),
            Cond::Compare(op, tag, left, right) => {
                let (left, right) = (self.term(left)?, self.term(right)?);
                compare(*tag, &left, &right).map(|order| holds(*op, order))
            }
            Cond::In(tag, term, literals) => {
                let value = self.term(term)?;
                for literal in literals {
                    if compare(*tag, &value, &values::literal(literal))? == Ordering::Equal {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Cond::InCidr(term, network) => domain::ip::contains(network, &self.text(term)?).ok_or(Failure::Value),
            Cond::UnderHost(term, root) => Ok(domain::host::under(&self.text(term)?, root)),
            Cond::UnderPath(term, root) => Ok(domain::path::under(&self.text(term)?, root)),
            Cond::Text(op, term, literal) => predicate(*op, &self.text(term)?, literal),
            Cond::All(name, list, body) => self.quantified(name, list, body, false),
            Cond::Some(name, list, body) => self.quantified(name, list, body, true),
            Cond::Has(label) => Ok(self.moment.labels.contains(label)),
            Cond::Carries(label) => Ok(self.moment.carried.contains(label)),
        }
    }

    fn first_that_is(&mut self, parts: &[Cond], deciding: bool) -> Result<bool, Failure> {
        for part in parts {
            if self.cond(part)? == deciding {
                return Ok(deciding);
            }
        }
        Ok(!deciding)
    }

    fn quantified(&mut self, name: &str, list: &Term, body: &Cond, deciding: bool) -> Result<bool, Failure> {
        let Value::List(items) = self.term(list)? else { return Err(Failure::Value) };
        for item in items {
            self.elements.push((name.to_owned(), item));
            let found = self.cond(body);
            self.elements.pop();
            if found? == deciding {
                return Ok(deciding);
            }
        }
        Ok(!deciding)
    }

    fn term(&self, term: &Term) -> Result<Value, Failure> {
        match term {
            Term::Arg(path) => Ok(in_fields(&self.moment.args, path)),
            Term::Result(path) => match self.result.map(|result| in_fields(result, path)) {
                // It is there and cannot be read.
                None | Some(Value::Broken) => Err(Failure::Value),
                Some(value) => Ok(value),
            },
            Term::Var(name, path) => {
                let element = self.elements.iter().rev().find(|(bound, _)| bound == name).ok_or(Failure::Value)?;
                Ok(follow(&element.1, path))
            }
            Term::Context(path) => {
                let (name, rest) = path.split_first().ok_or(Failure::Value)?;
                let supplied = self.moment.context.get(name).ok_or(Failure::Context)?;
                Ok(follow(supplied, rest))
            }
            Term::At => Ok(Value::Int(self.moment.at)),
            Term::Literal(literal) => Ok(values::literal(literal)),
            Term::Apply(function, inner) => apply(*function, self.term(inner)?),
            Term::Arith(op, left, right) => {
                let (Value::Int(left), Value::Int(right)) = (self.term(left)?, self.term(right)?) else { return Err(Failure::Value) };
                let value = match op {
                    Arith::Add => left.checked_add(right),
                    Arith::Sub => left.checked_sub(right),
                    Arith::Mul => left.checked_mul(right),
                };
                value.map(Value::Int).ok_or(Failure::Value)
            }
        }
    }

    fn text(&self, term: &Term) -> Result<String, Failure> {
        match self.term(term)? {
            Value::Text(text) => Ok(text),
            _ => Err(Failure::Value),
        }
    }
}

/// What lies at the end of a path of fields.
fn follow(value: &Value, path: &[String]) -> Value {
    let Some((first, rest)) = path.split_first() else { return value.clone() };
    match value {
        Value::Record(fields) => fields.get(first).map_or(Value::Absent, |field| follow(field, rest)),
        Value::Broken => Value::Broken,
        _ => Value::Absent,
    }
}

fn in_fields(fields: &Fields, path: &[String]) -> Value {
    let Some((first, rest)) = path.split_first() else { return Value::Absent };
    fields.get(first).map_or(Value::Absent, |field| follow(field, rest))
}

fn apply(function: Function, value: Value) -> Result<Value, Failure> {
    let found = match (function, &value) {
        (Function::Size, Value::List(items)) => i64::try_from(items.len()).ok().map(Value::Int),
        (Function::Hour, Value::Int(at)) => Some(Value::Int(domain::time::hour(*at))),
        (Function::Weekday, Value::Int(at)) => Some(Value::Int(domain::time::weekday(*at))),
        (function, Value::Text(text)) => derived(function, text),
        _ => None,
    };
    found.ok_or(Failure::Value)
}

fn derived(function: Function, text: &str) -> Option<Value> {
    let text = match function {
        Function::Lower => Some(values::lower(text)),
        Function::EmailDomain => domain::email::parts(text).map(|(_, domain)| domain),
        Function::EmailLocal => domain::email::parts(text).map(|(local, _)| local.to_owned()),
        Function::UrlScheme => domain::url::parse(text).map(|url| url.scheme),
        Function::UrlHost => domain::url::parse(text).map(|url| url.host),
        Function::UrlPath => domain::url::parse(text).map(|url| url.path),
        Function::UrlPort => return domain::url::parse(text).map(|url| Value::Int(url.port.into())),
        Function::NormPath => domain::path::normal(text),
        Function::NormIp => domain::ip::normal(text),
        Function::Size | Function::Hour | Function::Weekday => None,
    };
    text.map(Value::Text)
}

fn predicate(op: TextOp, text: &str, literal: &str) -> Result<bool, Failure> {
    match op {
        TextOp::Contains => Ok(text.contains(literal)),
        TextOp::StartsWith => Ok(text.starts_with(literal)),
        TextOp::EndsWith => Ok(text.ends_with(literal)),
        TextOp::Like => Ok(like(literal, text)),
        TextOp::Matches => regex::matches(literal, text).ok_or(Failure::Value),
    }
}

/// An absent value compares with nothing.
fn compare(tag: Tag, left: &Value, right: &Value) -> Result<Ordering, Failure> {
    match (tag, left, right) {
        (Tag::Bool, Value::Bool(left), Value::Bool(right)) => Ok(left.cmp(right)),
        (Tag::Int | Tag::Timestamp | Tag::Duration, Value::Int(left), Value::Int(right)) => Ok(left.cmp(right)),
        (Tag::Number, left, right) => Ok(decimal(left)?.cmp(&decimal(right)?)),
        (Tag::String | Tag::Email | Tag::Url | Tag::Path | Tag::Ip, Value::Text(left), Value::Text(right)) => Ok(left.cmp(right)),
        _ => Err(Failure::Value),
    }
}

fn decimal(value: &Value) -> Result<Decimal, Failure> {
    match value {
        Value::Number(value) => Ok(value.clone()),
        Value::Int(value) => Ok(Decimal::from(*value)),
        _ => Err(Failure::Value),
    }
}

fn holds(op: Op, order: Ordering) -> bool {
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
    }
}
