//! Terms: what a condition reads of a letter.
//!
//! In: a term. Out: an [`Operand`]. Invariant: text operands are ranges of the arguments, the context, the frame or the pool, so that two of
//! them can be held at once without copying.
//! Source: language section 4.

use super::derived::Made;
use super::{Failure, Pool, Reader};
use crate::domain::{email, ip, path, time, url};
use crate::frame::{ArithOp, Function, Scalar, Term};
use crate::values::{NodeId, TextSpan, Value, Values};

/// A value that a test can use.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operand<'f> {
    Absent,
    Bool(bool),
    Int(i64),
    Number(Text<'f>),
    Text(Text<'f>),
    List(Option<NodeId>, u32, Source),
    /// A record or an opaque value: it is there, and that is all.
    Thing,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Arguments,
    Context,
    Result,
}

/// A range of somebody's text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'f> {
    Stored(Source, TextSpan),
    Literal(&'f str),
    Pool(usize, usize),
    /// Of what was made of the letter's arguments.
    Derived(usize, usize),
}

impl<'a> Reader<'a> {
    pub(super) fn str<'s>(&'s self, text: Text<'s>) -> &'s str {
        match text {
            Text::Stored(Source::Arguments, span) => self.args.text(span),
            Text::Stored(Source::Context, span) => self.context.text(span),
            Text::Stored(Source::Result, span) => self.result.map_or("", |(values, _)| values.text(span)),
            Text::Literal(text) => text,
            Text::Pool(start, end) => self.pool.text.get(start..end).unwrap_or(""),
            Text::Derived(start, end) => self.pool.derived.text(start, end),
        }
    }

    pub(super) fn term(&mut self, term: &'a Term) -> Result<Operand<'a>, Failure> {
        let operand = self.value(term)?;
        match operand {
            Operand::Text(text) | Operand::Number(text) => self.work(self.str(text).len())?,
            _ => self.work(0)?,
        }
        Ok(operand)
    }

    fn value(&mut self, term: &'a Term) -> Result<Operand<'a>, Failure> {
        match term {
            Term::Arg(path) => self.read(Source::Arguments, self.root, path),
            Term::Element(level, path) => {
                let (source, node) = self.pool.elements.get(*level).ok_or(Failure::Value)?;
                self.read(source, node, path)
            }
            Term::Context(path) => self.context_term(path),
            Term::Result(path) => {
                let (_, root) = self.result.ok_or(Failure::Value)?;
                self.read(Source::Result, root, path)
            }
            Term::At => Ok(Operand::Int(self.at)),
            Term::Scalar(scalar) => Ok(literal(scalar)),
            Term::Apply(function, inner) => {
                let operand = self.term(inner)?;
                self.apply(*function, operand)
            }
            Term::Arith(op, a, b) => {
                let (a, b) = (self.int(a)?, self.int(b)?);
                let value = match op {
                    ArithOp::Add => a.checked_add(b),
                    ArithOp::Sub => a.checked_sub(b),
                    ArithOp::Mul => a.checked_mul(b),
                };
                value.map(Operand::Int).ok_or(Failure::Value)
            }
        }
    }

    pub(super) fn int(&mut self, term: &'a Term) -> Result<i64, Failure> {
        match self.term(term)? {
            Operand::Int(value) => Ok(value),
            _ => Err(Failure::Value),
        }
    }

    pub(super) fn text_of(&mut self, term: &'a Term) -> Result<Text<'a>, Failure> {
        match self.term(term)? {
            Operand::Text(text) => Ok(text),
            _ => Err(Failure::Value),
        }
    }

    fn context_term(&mut self, path: &[u16]) -> Result<Operand<'a>, Failure> {
        let (Some(first), Some((field, rest))) = (self.context_first, path.split_first()) else { return Err(Failure::Context) };
        let node = self.context.member(first, *field);
        // A member that was not supplied has no parts that could be absent.
        match self.read(Source::Context, node, &[])? {
            Operand::Absent => Err(Failure::Context),
            _ => self.read(Source::Context, node, rest),
        }
    }

    fn read(&self, source: Source, node: NodeId, path: &[u16]) -> Result<Operand<'a>, Failure> {
        let values: &Values = match source {
            Source::Arguments => self.args,
            Source::Context => self.context,
            Source::Result => self.result.map(|(values, _)| values).ok_or(Failure::Value)?,
        };
        let mut node = node;
        for field in path {
            match values.get(node) {
                Value::Record(first) => node = values.member(first, *field),
                Value::Broken => return Err(Failure::Value),
                _ => return Ok(Operand::Absent),
            }
        }
        Ok(match values.get(node) {
            Value::Broken => return Err(Failure::Value),
            Value::Unset | Value::Absent => Operand::Absent,
            Value::Bool(value) => Operand::Bool(value),
            Value::Int(value) => Operand::Int(value),
            Value::Number(span) => Operand::Number(Text::Stored(source, span)),
            Value::Text(span) => Operand::Text(Text::Stored(source, span)),
            Value::List(first, length) => Operand::List(first, length, source),
            Value::Record(_) | Value::Opaque => Operand::Thing,
        })
    }

    fn apply(&mut self, function: Function, operand: Operand<'a>) -> Result<Operand<'a>, Failure> {
        match (function, operand) {
            (Function::Size, Operand::List(_, length, _)) => Ok(Operand::Int(i64::from(length))),
            (Function::Hour, Operand::Int(at)) => Ok(Operand::Int(time::hour(at))),
            (Function::Weekday, Operand::Int(at)) => Ok(Operand::Int(time::weekday(at))),
            (_, Operand::Text(text)) => self.derive(function, text),
            _ => Err(Failure::Value),
        }
    }

    fn derive(&mut self, function: Function, text: Text<'a>) -> Result<Operand<'a>, Failure> {
        let argument = match text {
            Text::Stored(Source::Arguments, span) if self.pool.elements.depth == 0 => Some(span),
            _ => None,
        };
        if let Some(made) = argument.and_then(|span| self.pool.derived.get(function, span)) {
            return made.map(kept);
        }
        let mut buffer = core::mem::take(&mut self.pool.buffer);
        buffer.clear();
        let made = self.write(function, text, &mut buffer);
        let before = argument.and_then(|span| self.pool.derived.keep(function, span, made, &buffer));
        let operand = match before {
            Some(made) => made.map(kept),
            None => made.map(|made| match made {
                Made::Int(value) => Operand::Int(value),
                Made::Text(start, end) => Operand::Text(self.pool.keep(buffer.get(start..end).unwrap_or(""))),
            }),
        };
        self.pool.buffer = buffer;
        operand
    }

    fn write(&self, function: Function, text: Text<'a>, out: &mut alloc::string::String) -> Result<Made, Failure> {
        let text = self.str(text);
        match function {
            Function::Lower => out.extend(text.chars().flat_map(char::to_lowercase)),
            Function::NormPath => path::normalise(text, out)?,
            Function::NormIp => ip::normalise(text, out)?,
            Function::EmailDomain | Function::EmailLocal => {
                email::normalise(text, out)?;
                let (local, domain) = email::parts(out).ok_or(Failure::Value)?;
                let (start, length) =
                    if function == Function::EmailLocal { (0, local.len()) } else { (out.len() - domain.len(), domain.len()) };
                return Ok(Made::Text(start, start + length));
            }
            Function::UrlScheme | Function::UrlHost | Function::UrlPort | Function::UrlPath => {
                url::normalise(text, out)?;
                return url_part(function, out);
            }
            Function::Size | Function::Hour | Function::Weekday => return Err(Failure::Value),
        }
        Ok(Made::Text(0, out.len()))
    }
}

/// What was made of an argument and is kept while the letter is.
fn kept<'f>(made: Made) -> Operand<'f> {
    match made {
        Made::Int(value) => Operand::Int(value),
        Made::Text(start, end) => Operand::Text(Text::Derived(start, end)),
    }
}

fn url_part(function: Function, normal: &str) -> Result<Made, Failure> {
    let parts = url::components(normal).ok_or(Failure::Value)?;
    let part = match function {
        Function::UrlScheme => parts.scheme,
        Function::UrlHost => parts.host,
        Function::UrlPath => parts.path,
        _ => return Ok(Made::Int(i64::from(parts.port))),
    };
    let start = (part.as_ptr() as usize).checked_sub(normal.as_ptr() as usize).ok_or(Failure::Value)?;
    Ok(Made::Text(start, start + part.len()))
}

impl Pool {
    fn keep<'f>(&mut self, text: &str) -> Text<'f> {
        let start = self.text.len();
        self.text.push_str(text);
        Text::Pool(start, self.text.len())
    }
}

pub(super) fn literal(scalar: &Scalar) -> Operand<'_> {
    match scalar {
        Scalar::Bool(value) => Operand::Bool(*value),
        Scalar::Int(value) => Operand::Int(*value),
        Scalar::Number(text) => Operand::Number(Text::Literal(text)),
        Scalar::Text(text) => Operand::Text(Text::Literal(text)),
    }
}
