//! The text of conditions and terms.
//!
//! In: a condition. Out: its form, on one line.
//! Source: `lang-spec/core-form.md`, [core.cond].

use std::fmt::{self, Write};

use super::{Printer, Quoted};
use crate::core::Cond;
use crate::core::cond::{ArithOp, CompareOp, Function, Term, TextOp, TypeTag};

impl Printer<'_> {
    pub(super) fn cond(&mut self, cond: &Cond) -> fmt::Result {
        match cond {
            Cond::Const(value) => write!(self.out, "{value}"),
            Cond::And(parts) => self.list("and", parts, Self::cond),
            Cond::Or(parts) => self.list("or", parts, Self::cond),
            Cond::Not(inner) => self.list("not", std::slice::from_ref(&**inner), Self::cond),
            Cond::Present(term) => self.list("present", std::slice::from_ref(term), Self::term),
            Cond::Compare(op, tag, left, right) => {
                write!(self.out, "({} {} ", compare_name(*op), tag_name(*tag))?;
                self.term(left)?;
                self.raw(" ")?;
                self.term(right)?;
                self.raw(")")
            }
            Cond::In(tag, term, literals) => {
                write!(self.out, "(in {} ", tag_name(*tag))?;
                self.term(term)?;
                for literal in literals {
                    self.raw(" ")?;
                    self.literal(literal)?;
                }
                self.raw(")")
            }
            Cond::InCidr(term, network) => self.term_and_text("in_cidr", term, network),
            Cond::UnderHost(term, host) => self.term_and_text("under host", term, host),
            Cond::UnderPath(term, path) => self.term_and_text("under path", term, path),
            Cond::Text(op, term, literal) => self.term_and_text(text_name(*op), term, literal),
            Cond::All(name, list, body) => self.quantified("all", name, list, body),
            Cond::Some(name, list, body) => self.quantified("some", name, list, body),
            Cond::Has(label) => self.list("has", &[*label], |printer, label| printer.label(*label)),
            Cond::Carries(label) => self.list("carries", &[*label], |printer, label| printer.label(*label)),
        }
    }

    fn term_and_text(&mut self, head: &str, term: &Term, text: &str) -> fmt::Result {
        write!(self.out, "({head} ")?;
        self.term(term)?;
        write!(self.out, " {})", Quoted(text))
    }

    fn quantified(&mut self, head: &str, name: &str, list: &Term, body: &Cond) -> fmt::Result {
        write!(self.out, "({head} {} ", Quoted(name))?;
        self.term(list)?;
        self.raw(" ")?;
        self.cond(body)?;
        self.raw(")")
    }

    fn term(&mut self, term: &Term) -> fmt::Result {
        match term {
            Term::Arg(path) => self.names("arg", path),
            Term::Context(path) => self.names("context", path),
            Term::Result(path) => self.names("result", path),
            Term::Var(name, path) => {
                write!(self.out, "(var {}", Quoted(name))?;
                for field in path {
                    write!(self.out, " {}", Quoted(field))?;
                }
                self.raw(")")
            }
            Term::At => self.raw("at"),
            Term::Literal(literal) => self.literal(literal),
            Term::Apply(function, inner) => self.list(function_name(*function), std::slice::from_ref(&**inner), Self::term),
            Term::Arith(op, left, right) => {
                write!(self.out, "({} ", arith_name(*op))?;
                self.term(left)?;
                self.raw(" ")?;
                self.term(right)?;
                self.raw(")")
            }
        }
    }

    fn names(&mut self, head: &str, names: &[String]) -> fmt::Result {
        self.list(head, names, |printer, name| printer.quoted(name))
    }
}

fn compare_name(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "eq",
        CompareOp::Ne => "ne",
        CompareOp::Lt => "lt",
        CompareOp::Le => "le",
        CompareOp::Gt => "gt",
        CompareOp::Ge => "ge",
    }
}

pub(super) fn tag_name(tag: TypeTag) -> &'static str {
    match tag {
        TypeTag::Bool => "bool",
        TypeTag::Int => "int",
        TypeTag::Number => "number",
        TypeTag::String => "string",
        TypeTag::Email => "email",
        TypeTag::Url => "url",
        TypeTag::Path => "path",
        TypeTag::Ip => "ip",
        TypeTag::Timestamp => "timestamp",
        TypeTag::Duration => "duration",
    }
}

fn text_name(op: TextOp) -> &'static str {
    match op {
        TextOp::Contains => "contains",
        TextOp::StartsWith => "starts_with",
        TextOp::EndsWith => "ends_with",
        TextOp::Like => "like",
        TextOp::Matches => "matches",
    }
}

fn function_name(function: Function) -> &'static str {
    match function {
        Function::Lower => "lower",
        Function::EmailDomain => "email_domain",
        Function::EmailLocal => "email_local",
        Function::UrlScheme => "url_scheme",
        Function::UrlHost => "url_host",
        Function::UrlPort => "url_port",
        Function::UrlPath => "url_path",
        Function::NormPath => "norm_path",
        Function::NormIp => "norm_ip",
        Function::Size => "size",
        Function::Hour => "hour",
        Function::Weekday => "weekday",
    }
}

fn arith_name(op: ArithOp) -> &'static str {
    match op {
        ArithOp::Add => "add",
        ArithOp::Sub => "sub",
        ArithOp::Mul => "mul",
    }
}
