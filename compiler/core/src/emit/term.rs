//! Terms: names of fields become their positions.
//!
//! In: a term and what it may read. Out: the frame's term, or that the core names something that is not there.
//! Invariant: fields of a record are by name, so a position is the same here and in the frame.
//! Source: `lang-spec/core-form.md`, [core.cond].

use leverframe_runtime::frame;

use crate::core::cond::{ArithOp, Function};
use crate::core::{Record, Scalar, Term, Type};

/// What a condition may read.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    pub(super) args: &'a Record,
    pub(super) context: &'a Record,
    /// What the tool's results hold; none where there is no result to read.
    pub(super) result: Option<&'a Record>,
    /// Names and types of the elements of the quantifiers around it, the innermost last.
    pub(super) elements: Vec<(&'a str, &'a Type)>,
}

/// The core names something that it does not declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undeclared;

impl<'a> Scope<'a> {
    /// The frame's term, and how deep it nests.
    pub(super) fn term(&self, term: &Term) -> Result<(frame::Term, usize), Undeclared> {
        Ok(match term {
            Term::Arg(names) => (frame::Term::Arg(fields(self.args, names)?.0), 1),
            Term::Context(names) => (frame::Term::Context(fields(self.context, names)?.0), 1),
            Term::Result(names) => (frame::Term::Result(fields(self.result.ok_or(Undeclared)?, names)?.0), 1),
            Term::Var(name, names) => {
                let (level, ty) = self.element(name)?;
                (frame::Term::Element(level, inside(ty, names)?.0), 1)
            }
            Term::At => (frame::Term::At, 1),
            Term::Literal(literal) => (frame::Term::Scalar(scalar(literal)), 1),
            Term::Apply(function, inner) => {
                let (inner, depth) = self.term(inner)?;
                (frame::Term::Apply(function_of(*function), Box::new(inner)), depth + 1)
            }
            Term::Arith(op, a, b) => {
                let ((a, a_depth), (b, b_depth)) = (self.term(a)?, self.term(b)?);
                (frame::Term::Arith(arith(*op), Box::new(a), Box::new(b)), a_depth.max(b_depth) + 1)
            }
        })
    }

    /// The type of the elements of a list.
    pub(super) fn element_type(&self, list: &Term) -> Result<&'a Type, Undeclared> {
        let ty = match list {
            Term::Arg(names) => fields(self.args, names)?.1,
            Term::Context(names) => fields(self.context, names)?.1,
            Term::Result(names) => fields(self.result.ok_or(Undeclared)?, names)?.1,
            Term::Var(name, names) => {
                let (_, ty) = self.element(name)?;
                Some(inside(ty, names)?.1)
            }
            _ => None,
        };
        match ty {
            Some(Type::List(element)) => Ok(element),
            _ => Err(Undeclared),
        }
    }

    fn element(&self, name: &str) -> Result<(u8, &'a Type), Undeclared> {
        let level = self.elements.iter().rev().position(|(known, _)| *known == name).ok_or(Undeclared)?;
        let (_, ty) = self.elements.iter().rev().nth(level).ok_or(Undeclared)?;
        Ok((u8::try_from(level).map_err(|_| Undeclared)?, ty))
    }
}

/// The positions of a path of fields, and the type at its end; none for the record itself.
fn fields<'a>(record: &'a Record, names: &[String]) -> Result<(Vec<u16>, Option<&'a Type>), Undeclared> {
    let Some((first, rest)) = names.split_first() else { return Ok((Vec::new(), None)) };
    let position = record.fields.iter().position(|field| field.name == *first).ok_or(Undeclared)?;
    let field = record.fields.get(position).ok_or(Undeclared)?;
    let (deeper, ty) = inside(&field.ty, rest)?;
    let mut path = vec![u16::try_from(position).map_err(|_| Undeclared)?];
    path.extend(deeper);
    Ok((path, Some(ty)))
}

fn inside<'a>(ty: &'a Type, names: &[String]) -> Result<(Vec<u16>, &'a Type), Undeclared> {
    match ty {
        _ if names.is_empty() => Ok((Vec::new(), ty)),
        Type::Record(record) => fields(record, names).map(|(path, end)| (path, end.unwrap_or(ty))),
        _ => Err(Undeclared),
    }
}

pub(super) fn scalar(literal: &Scalar) -> frame::Scalar {
    match literal {
        Scalar::Bool(value) => frame::Scalar::Bool(*value),
        Scalar::Int(value) | Scalar::Timestamp(value) | Scalar::Duration(value) => frame::Scalar::Int(*value),
        Scalar::Number(text) => frame::Scalar::Number(text.clone()),
        Scalar::String(text) => frame::Scalar::Text(text.clone()),
    }
}

fn function_of(function: Function) -> frame::Function {
    match function {
        Function::Lower => frame::Function::Lower,
        Function::EmailDomain => frame::Function::EmailDomain,
        Function::EmailLocal => frame::Function::EmailLocal,
        Function::UrlScheme => frame::Function::UrlScheme,
        Function::UrlHost => frame::Function::UrlHost,
        Function::UrlPort => frame::Function::UrlPort,
        Function::UrlPath => frame::Function::UrlPath,
        Function::NormPath => frame::Function::NormPath,
        Function::NormIp => frame::Function::NormIp,
        Function::Size => frame::Function::Size,
        Function::Hour => frame::Function::Hour,
        Function::Weekday => frame::Function::Weekday,
    }
}

fn arith(op: ArithOp) -> frame::ArithOp {
    match op {
        ArithOp::Add => frame::ArithOp::Add,
        ArithOp::Sub => frame::ArithOp::Sub,
        ArithOp::Mul => frame::ArithOp::Mul,
    }
}
