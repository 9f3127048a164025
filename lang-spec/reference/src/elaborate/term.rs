//! Terms: what a condition reads, and the literals beside it.
//!
//! In: a piece of a condition. Out: a term with its type. Invariants: a name that could be both the agent's and the policy's is refused; the body of a
//! definition sees its parameters and constants only. Source: language sections 3 and 4; `lang-spec/core-form.md`, [core.cond].

use crate::domain;
use crate::grammar::{Node, Rule};
use crate::limits::{CONDITION_DEPTH, CONDITION_PARTS};
use crate::literal;
use crate::policy::{Arith, Cond, Function, Term};
use crate::refusal::Refusal;
use crate::types::{INT, Literal, Type};

use super::condition::{Site, common};
use super::types;

/// What stands where a condition may.
pub(super) enum Value {
    Cond(Cond),
    Typed(Typed),
}

/// A term with its type.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) term: Term,
    pub(super) ty: Type,
    pub(super) form: Form,
    /// A literal that has not yet taken the type of what it stands beside.
    pub(super) raw: bool,
}

/// What a literal text beside a string is normalised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    /// A host of a URL.
    Host,
    /// The domain of an address.
    Domain,
}

/// Reads one condition.
pub(super) struct Reader<'s, 'a> {
    site: Site<'s, 'a>,
    /// Parameters of definitions and variables of quantifiers, the innermost last.
    bound: Vec<(String, Typed)>,
    /// How many of them lie outside the definition that is being read.
    hidden: usize,
    /// The definitions that are being read.
    defining: Vec<String>,
    /// The variables of all quantifiers around.
    variables: Vec<String>,
    pub(super) parts_left: usize,
    pub(super) depth_left: usize,
}

impl Typed {
    fn read(term: Term, ty: Type) -> Self {
        Self { term, ty, form: Form::Plain, raw: false }
    }

    fn literal(literal: Literal) -> Self {
        let ty = match &literal {
            Literal::Bool(_) => Type::Bool,
            Literal::Int(_) => INT,
            Literal::Number(_) => Type::Number,
            Literal::String(_) => Type::String,
            Literal::Timestamp(_) => Type::Timestamp,
            Literal::Duration(_) => Type::Duration,
        };
        Self { term: Term::Literal(literal), ty, form: Form::Plain, raw: true }
    }

    /// This literal as it stands beside another value; nothing where it is no value of that type.
    pub(super) fn beside(&self, other: &Self) -> Option<Self> {
        let Term::Literal(Literal::String(text)) = &self.term else {
            common(&self.ty, &other.ty)?;
            return Some(self.clone());
        };
        let normal = match (&other.ty, other.form) {
            (Type::String, Form::Plain) => Some(text.clone()),
            (Type::String, Form::Host) => domain::host::normal(text),
            (Type::String, Form::Domain) => domain::email::normal_domain(text),
            (Type::Enum(members), _) => members.contains(text).then(|| text.clone()),
            (Type::Email, _) => domain::email::normal(text),
            (Type::Url, _) => domain::url::normal(text),
            (Type::Path, _) => domain::path::normal(text),
            (Type::Ip, _) => domain::ip::normal(text),
            _ => None,
        }?;
        Some(Self::read(Term::Literal(Literal::String(normal)), other.ty.clone()))
    }
}

impl<'s, 'a> Reader<'s, 'a> {
    pub(super) fn new(site: Site<'s, 'a>) -> Self {
        Self {
            site,
            bound: Vec::new(),
            hidden: 0,
            defining: Vec::new(),
            variables: Vec::new(),
            parts_left: CONDITION_PARTS,
            depth_left: CONDITION_DEPTH,
        }
    }

    /// Something that has a value.
    pub(super) fn typed(&mut self, node: &Node<'_>) -> Result<Typed, Refusal> {
        match self.expression(node)? {
            Value::Typed(typed) => Ok(typed),
            Value::Cond(_) => Err(node.wrong("a value is wanted here")),
        }
    }

    /// A sum, a product, a chain of fields, or what they are made of.
    pub(super) fn value(&mut self, node: &Node<'_>) -> Result<Value, Refusal> {
        match node.rule() {
            Rule::sum => self.arithmetic(node, Rule::product),
            Rule::product => self.arithmetic(node, Rule::postfix),
            Rule::postfix => self.fields(node),
            Rule::primary => self.primary(node),
            _ => Err(node.wrong("no value")),
        }
    }

    fn arithmetic(&mut self, node: &Node<'_>, of: Rule) -> Result<Value, Refusal> {
        let mut operator = None;
        let mut so_far: Option<Term> = None;
        for part in node.inner() {
            let next = match part.rule() {
                Rule::plus => Arith::Add,
                Rule::minus => Arith::Sub,
                Rule::star => Arith::Mul,
                _ => {
                    if node.children(of).count() == 1 {
                        return self.expression(&part);
                    }
                    let typed = self.typed(&part)?;
                    if !matches!(typed.ty, Type::Int(..)) {
                        return Err(part.wrong("only ints can be reckoned with"));
                    }
                    so_far = Some(match so_far.zip(operator) {
                        Some((left, operator)) => Term::Arith(operator, Box::new(left), Box::new(typed.term)),
                        None => typed.term,
                    });
                    continue;
                }
            };
            operator = Some(next);
        }
        so_far.map(|term| Value::Typed(Typed::read(term, INT))).ok_or_else(|| node.wrong("no value"))
    }

    fn fields(&mut self, node: &Node<'_>) -> Result<Value, Refusal> {
        let primary = node.need(Rule::primary)?;
        let mut names = node.children(Rule::any_name);
        let mut value = match primary
            .child(Rule::call)
            .filter(|call| matches!(call.need(Rule::name).map(|name| name.name()).as_deref(), Ok("email" | "url")))
        {
            Some(call) => {
                let part = names.next().ok_or_else(|| call.wrong("which part of it?"))?;
                Value::Typed(self.part(&call, &part)?)
            }
            None => self.primary(&primary)?,
        };
        for name in names {
            let Value::Typed(Typed { term, ty: Type::Record(record), .. }) = value else {
                return Err(name.wrong("only records have fields"));
            };
            let field = record.field(&name.name()).ok_or_else(|| name.wrong("there is no such field"))?;
            let below = |path: &mut Vec<String>| path.push(field.name.clone());
            let mut term = term;
            match &mut term {
                Term::Arg(path) | Term::Var(_, path) | Term::Context(path) | Term::Result(path) => below(path),
                _ => return Err(name.wrong("only records have fields")),
            }
            value = Value::Typed(Typed::read(term, field.ty.clone()));
        }
        Ok(value)
    }

    /// `email(x).domain` and its like.
    fn part(&mut self, call: &Node<'_>, part: &Node<'_>) -> Result<Typed, Refusal> {
        let function = call.child_name()?;
        let (function, ty, form, of) = match (function.as_str(), part.name().as_str()) {
            ("email", "domain") => (Function::EmailDomain, Type::String, Form::Domain, Type::Email),
            ("email", "local") => (Function::EmailLocal, Type::String, Form::Plain, Type::Email),
            ("url", "scheme") => (Function::UrlScheme, Type::String, Form::Plain, Type::Url),
            ("url", "host") => (Function::UrlHost, Type::String, Form::Host, Type::Url),
            ("url", "port") => (Function::UrlPort, INT, Form::Plain, Type::Url),
            ("url", "path") => (Function::UrlPath, Type::String, Form::Plain, Type::Url),
            _ => return Err(part.wrong("it has no such part")),
        };
        let argument = self.argument(call, |ty| *ty == Type::String || *ty == of)?;
        Ok(Typed { term: Term::Apply(function, Box::new(argument.term)), ty, form, raw: false })
    }

    /// The one argument of a built-in function.
    fn argument(&mut self, call: &Node<'_>, fits: impl Fn(&Type) -> bool) -> Result<Typed, Refusal> {
        let given: Vec<Node<'_>> = call.children(Rule::condition).collect();
        let [only] = given.as_slice() else { return Err(call.wrong("one argument is wanted")) };
        let typed = self.typed(only)?;
        if fits(&typed.ty) { Ok(typed) } else { Err(only.wrong("the argument has another type")) }
    }

    fn primary(&mut self, node: &Node<'_>) -> Result<Value, Refusal> {
        let inner =
            node.inner().find(|inner| !matches!(inner.rule(), Rule::lparen | Rule::rparen)).ok_or_else(|| node.wrong("nothing here"))?;
        let typed = match inner.rule() {
            Rule::literal => Typed::literal(literal::literal(&inner)?),
            Rule::condition => return self.expression(&inner),
            Rule::call => return self.call(&inner),
            Rule::name => self.named(&inner)?,
            Rule::context_value => self.context(&inner)?,
            Rule::kw_at => Typed::read(Term::At, Type::Timestamp),
            Rule::session_has => return Ok(Value::Cond(Cond::Has(self.site.scope.label(&inner.need(Rule::name)?)?))),
            Rule::carries => return Ok(Value::Cond(Cond::Carries(self.site.scope.label(&inner.need(Rule::name)?)?))),
            Rule::result_value => self.result(&inner)?,
            _ => return Err(inner.wrong("no value")),
        };
        Ok(Value::Typed(typed))
    }

    fn context(&mut self, node: &Node<'_>) -> Result<Typed, Refusal> {
        let name = node.need(Rule::any_name)?.name();
        let field = self.site.scope.context.iter().find(|(known, _)| *known == name);
        match field {
            Some((_, ty)) if !self.site.event => Ok(Typed::read(Term::Context(vec![name]), ty.clone())),
            _ => Err(node.wrong("the gateway supplies no such context here")),
        }
    }

    fn result(&mut self, node: &Node<'_>) -> Result<Typed, Refusal> {
        let name = node.need(Rule::any_name)?.name();
        let result = self.site.result.filter(|_| self.defining.is_empty());
        let field = result.and_then(|result| result.field(&name));
        let field = field.ok_or_else(|| node.wrong("no result with such a field is read here"))?;
        Ok(Typed::read(Term::Result(vec![name]), field.ty.clone()))
    }

    fn named(&mut self, node: &Node<'_>) -> Result<Typed, Refusal> {
        let name = node.name();
        let visible = self.bound.get(self.hidden..).unwrap_or_default();
        if let Some((_, typed)) = visible.iter().rev().find(|(bound, _)| *bound == name) {
            return Ok(typed.clone());
        }
        let args = self.site.args.filter(|_| self.defining.is_empty());
        let field = args.and_then(|args| args.field(&name));
        let constant = self.site.scope.consts.get(&name).filter(|_| !node.quoted());
        match (field, constant) {
            (Some(field), None) => Ok(Typed::read(Term::Arg(vec![name]), field.ty.clone())),
            (None, Some(literal)) => Ok(Typed::literal(literal.clone())),
            (Some(_), Some(_)) => Err(node.wrong(format!("`{name}` is both an argument and a constant"))),
            (None, None) => Err(node.wrong(format!("nothing is called `{name}`"))),
        }
    }

    fn call(&mut self, call: &Node<'_>) -> Result<Value, Refusal> {
        let name = call.child_name()?;
        let (function, ty) = match name.as_str() {
            "path" | "ip" => return self.normal(call, &name).map(Value::Typed),
            "lower" => (Function::Lower, Type::String),
            "size" => (Function::Size, INT),
            "hour" => (Function::Hour, INT),
            "weekday" => (Function::Weekday, INT),
            _ => return self.defined(call, &name).map(Value::Cond),
        };
        let argument = self.argument(call, |ty| match function {
            Function::Lower => matches!(ty, Type::String | Type::Enum(_) | Type::Email | Type::Url | Type::Path | Type::Ip),
            Function::Size => matches!(ty, Type::List(_)),
            _ => *ty == Type::Timestamp,
        })?;
        Ok(Value::Typed(Typed::read(Term::Apply(function, Box::new(argument.term)), ty)))
    }

    /// `path(x)` and `ip(x)` leave no trace on a field of that type.
    fn normal(&mut self, call: &Node<'_>, name: &str) -> Result<Typed, Refusal> {
        let (function, ty) = if name == "path" { (Function::NormPath, Type::Path) } else { (Function::NormIp, Type::Ip) };
        let argument = self.argument(call, |given| *given == Type::String || *given == ty)?;
        if argument.ty == ty {
            return Ok(argument);
        }
        Ok(Typed::read(Term::Apply(function, Box::new(argument.term)), ty))
    }

    /// A definition's body with its parameters replaced by what is given.
    fn defined(&mut self, call: &Node<'_>, name: &str) -> Result<Cond, Refusal> {
        let scope = self.site.scope;
        let define = scope.defines.get(name).ok_or_else(|| call.wrong(format!("no function is called `{name}`")))?;
        if self.defining.iter().any(|known| known == name) {
            return Err(call.wrong(format!("`{name}` refers to itself")));
        }
        let parameters: Vec<Node<'_>> = define.need(Rule::parameters)?.children(Rule::field).collect();
        let given: Vec<Node<'_>> = call.children(Rule::condition).collect();
        if parameters.len() != given.len() {
            return Err(call.wrong(format!("`{name}` takes {} arguments", parameters.len())));
        }
        let mut bound = Vec::new();
        for (parameter, given) in parameters.iter().zip(&given) {
            bound.push((parameter.need(Rule::field_name)?.name(), self.given(parameter, given)?));
        }
        let hidden = std::mem::replace(&mut self.hidden, self.bound.len());
        self.bound.extend(bound);
        self.defining.push(name.to_owned());
        let body = self.condition(&define.need(Rule::condition)?);
        self.defining.pop();
        self.bound.truncate(self.hidden);
        self.hidden = hidden;
        body
    }

    /// A definition by itself.
    pub(super) fn definition(&mut self, define: &Node<'_>) -> Result<(), Refusal> {
        for parameter in define.need(Rule::parameters)?.children(Rule::field) {
            let name = parameter.need(Rule::field_name)?.name();
            let ty = types::ty(&parameter.need(Rule::r#type)?)?;
            self.bound.push((name.clone(), Typed::read(Term::Var(name, Vec::new()), ty)));
        }
        self.defining.push(define.child_name()?);
        self.condition(&define.need(Rule::condition)?).map(|_| ())
    }

    /// What is given for a parameter has the type that the parameter declares.
    fn given(&mut self, parameter: &Node<'_>, given: &Node<'_>) -> Result<Typed, Refusal> {
        let ty = types::ty(&parameter.need(Rule::r#type)?)?;
        let typed = self.typed(given)?;
        let wanted = Typed::read(typed.term.clone(), ty);
        if typed.raw {
            let beside = typed.beside(&wanted).ok_or_else(|| given.wrong("the argument has another type"))?;
            return Ok(Typed { term: beside.term, ..wanted });
        }
        Ok(Typed { form: typed.form, ..wanted })
    }

    pub(super) fn with_variable<T>(
        &mut self,
        node: &Node<'_>,
        name: &str,
        ty: Type,
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if self.variables.iter().any(|known| known == name) {
            return Err(node.wrong(format!("`{name}` shadows a variable")));
        }
        self.variables.push(name.to_owned());
        self.bound.push((name.to_owned(), Typed::read(Term::Var(name.to_owned(), Vec::new()), ty)));
        let found = read(self);
        self.bound.pop();
        self.variables.pop();
        found
    }
}

/// A literal as it is compared with a field of that type, and what they compare as.
pub(super) fn plain_literal(literal: Literal, ty: &Type) -> Option<(crate::policy::Tag, Literal)> {
    let field = Typed::read(Term::At, ty.clone());
    let beside = Typed::literal(literal).beside(&field)?;
    let tag = common(&beside.ty, ty)?;
    match beside.term {
        Term::Literal(literal) => Some((tag, literal)),
        _ => None,
    }
}
