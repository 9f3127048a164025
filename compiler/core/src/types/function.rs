//! The built-in functions.
//!
//! In: a call, or a member of one (`email(x).domain`). Out: its value. Invariant: the table [`BUILT_IN`] and the match of [`Checker::call`] name the same functions.
//! Source: language section 4; `lang-spec/core-form.md`, the terms of [core.cond].

use leverframe_syntax::Span;
use leverframe_syntax::tree::{self, ExprKind};

use super::facts::Facts;
use super::lattice::{INT, textual};
use super::literal::Form;
use super::value::Value;
use super::{Checker, problem};
use crate::core::cond::Function;
use crate::core::{Term, Type};

/// Every built-in function.
pub(super) const BUILT_IN: [&str; 8] = ["email", "hour", "ip", "lower", "path", "size", "url", "weekday"];

const EMAIL_MEMBERS: &str = "write `email(…).domain` or `email(…).local`";
const URL_MEMBERS: &str = "write `url(…).scheme`, `.host`, `.port` or `.path`";

impl Checker<'_> {
    /// A call that stands for a value.
    pub(super) fn call(&mut self, function: &tree::Name, arguments: &[tree::Expr], span: Span, facts: &Facts) -> Option<Value> {
        match function.text.as_str() {
            "email" => self.member_wanted("email", EMAIL_MEMBERS, span),
            "url" => self.member_wanted("url", URL_MEMBERS, span),
            "path" => self.normal(function, arguments, Type::Path, facts),
            "ip" => self.normal(function, arguments, Type::Ip, facts),
            "hour" => self.applied(function, arguments, (Function::Hour, is_timestamp, "a timestamp", INT), facts),
            "weekday" => self.applied(function, arguments, (Function::Weekday, is_timestamp, "a timestamp", INT), facts),
            "size" => self.applied(function, arguments, (Function::Size, is_list, "a list", INT), facts),
            "lower" => self.applied(function, arguments, (Function::Lower, textual, "a string", Type::String), facts),
            name if self.symbols.define(name).is_some() => {
                self.report(problem::value_wanted(span));
                None
            }
            _ => self.unknown_function(function),
        }
    }

    pub(super) fn unknown_function<T>(&mut self, function: &tree::Name) -> Option<T> {
        let defines = self.symbols.defines.iter().map(|define| define.name.text.as_str());
        let found = problem::unknown_function(&function.text, function.span, defines.chain(BUILT_IN));
        self.report(found);
        None
    }

    fn member_wanted(&mut self, function: &str, members: &str, span: Span) -> Option<Value> {
        self.report(problem::member_wanted(function, members, span));
        None
    }

    /// `CALL.field`
    pub(super) fn member(&mut self, call: &tree::Expr, field: &tree::Name, facts: &Facts) -> Option<Value> {
        let ExprKind::Call { function, arguments } = &call.kind else { return None };
        let (domain, members) = match function.text.as_str() {
            "email" => (Type::Email, EMAIL_MEMBERS),
            "url" => (Type::Url, URL_MEMBERS),
            other if BUILT_IN.contains(&other) => {
                let owner = format!("the value of `{other}(…)`");
                self.report(problem::no_member(&owner, &field.text, field.span, "it stands for itself"));
                return None;
            }
            _ => return self.call(function, arguments, call.span, facts),
        };
        let value = self.text_or(function, arguments, &domain, facts)?;
        let Some((apply, ty, form)) = part(&domain, &field.text) else {
            let owner = format!("`{}(…)`", function.text);
            self.report(problem::no_member(&owner, &field.text, field.span, members));
            return None;
        };
        Some(Value { term: Term::Apply(apply, Box::new(value.term)), ty, form, literal: None })
    }

    /// `path(x)` and `ip(x)`: of a field of that type they say nothing new.
    fn normal(&mut self, function: &tree::Name, arguments: &[tree::Expr], ty: Type, facts: &Facts) -> Option<Value> {
        let value = self.text_or(function, arguments, &ty, facts)?;
        if value.ty == ty {
            return Some(value);
        }
        let apply = if ty == Type::Path { Function::NormPath } else { Function::NormIp };
        Some(Value::read(Term::Apply(apply, Box::new(value.term)), ty))
    }

    /// The one argument of a domain function: a string, or a value of the domain.
    fn text_or(&mut self, function: &tree::Name, arguments: &[tree::Expr], ty: &Type, facts: &Facts) -> Option<Value> {
        let (value, span) = self.only(function, arguments, facts)?;
        if value.ty == Type::String || value.ty == *ty {
            return Some(value);
        }
        let wanted = format!("a string or {}", super::lattice::describe(ty));
        self.report(problem::argument(&function.text, &wanted, &value.ty, span));
        None
    }

    fn applied(
        &mut self,
        function: &tree::Name,
        arguments: &[tree::Expr],
        (apply, takes, wanted, ty): (Function, fn(&Type) -> bool, &str, Type),
        facts: &Facts,
    ) -> Option<Value> {
        let (value, span) = self.only(function, arguments, facts)?;
        if !takes(&value.ty) {
            self.report(problem::argument(&function.text, wanted, &value.ty, span));
            return None;
        }
        Some(Value::read(Term::Apply(apply, Box::new(value.term)), ty))
    }

    fn only(&mut self, function: &tree::Name, arguments: &[tree::Expr], facts: &Facts) -> Option<(Value, Span)> {
        let [argument] = arguments else {
            self.report(problem::arity(&function.text, 1, arguments.len(), function.span));
            return None;
        };
        Some((self.value(argument, facts)?, argument.span))
    }
}

fn is_timestamp(ty: &Type) -> bool {
    *ty == Type::Timestamp
}

fn is_list(ty: &Type) -> bool {
    matches!(ty, Type::List(_))
}

/// What `.field` of a domain value is.
fn part(domain: &Type, field: &str) -> Option<(Function, Type, Form)> {
    Some(match (domain, field) {
        (Type::Email, "domain") => (Function::EmailDomain, Type::String, Form::Domain),
        (Type::Email, "local") => (Function::EmailLocal, Type::String, Form::Plain),
        (Type::Url, "scheme") => (Function::UrlScheme, Type::String, Form::Plain),
        (Type::Url, "host") => (Function::UrlHost, Type::String, Form::Host),
        (Type::Url, "port") => (Function::UrlPort, INT, Form::Plain),
        (Type::Url, "path") => (Function::UrlPath, Type::String, Form::Plain),
        _ => return None,
    })
}
