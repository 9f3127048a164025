//! Where a condition stands, and what a name in it may stand for.
//!
//! In: the tool or host event that the condition is judged on. Out: what each name stands for. Invariant: what the agent chooses never hides what the
//! policy or the gateway says: a name that could be both is an error.
//! Source: language sections 4 and 5; `lang-spec/catalogs.md`, [names.spaces].

use leverframe_syntax::{Diagnostic, Span, tree};

use super::facts::{self, Place};
use super::literal::{self, Form};
use super::value::Value;
use super::{Checker, lattice, problem};
use crate::core::{Field, Record, Term, Type};
use crate::names::symbols::{Event, Tool};

/// Where a condition stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    pub(crate) subject: Subject<'a>,
    /// Whether it is judged at a result.
    pub(crate) result: bool,
}

/// Whose fields a condition reads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    /// A call's.
    Tool(&'a Tool),
    /// A host event's.
    Event(&'a Event),
    /// Nobody's: the body of a definition.
    Definition,
}

impl<'a> Site<'a> {
    pub(crate) const DEFINITION: Self = Self { subject: Subject::Definition, result: false };

    pub(crate) fn call(tool: &'a Tool) -> Self {
        Self { subject: Subject::Tool(tool), result: false }
    }

    pub(crate) fn result(tool: &'a Tool) -> Self {
        Self { subject: Subject::Tool(tool), result: true }
    }

    pub(crate) fn event(event: &'a Event) -> Self {
        Self { subject: Subject::Event(event), result: false }
    }

    pub(crate) fn record(&self) -> Option<&'a Record> {
        match self.subject {
            Subject::Tool(tool) => Some(&tool.args),
            Subject::Event(event) => Some(&event.args),
            Subject::Definition => None,
        }
    }

    pub(crate) fn owner(&self) -> String {
        match self.subject {
            Subject::Tool(tool) => format!("`{}`", tool.name),
            Subject::Event(event) => format!("the event `{}`", event.name),
            Subject::Definition => "the definition".into(),
        }
    }
}

/// A place that a name stands for, not yet read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) value: Value,
    /// What may be absent on the way, from the outside in.
    pub(super) absent: Vec<Place>,
}

/// Names bound inside a condition: variables of quantifiers, parameters of definitions.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings {
    pub(super) names: Vec<(String, Reading)>,
    /// Where the visible ones begin: the body of a definition sees its parameters only.
    pub(super) floor: usize,
    /// How many definitions deep.
    pub(super) depth: usize,
    /// Variables of all quantifiers around, visible or not.
    pub(super) variables: Vec<String>,
}

impl Bindings {
    fn get(&self, name: &str) -> Option<&Reading> {
        let visible = self.names.get(self.floor..).unwrap_or_default();
        visible.iter().rev().find(|(bound, _)| bound == name).map(|(_, reading)| reading)
    }
}

impl Checker<'_> {
    /// What a bare name, `context.x` or a chain of fields stands for.
    pub(super) fn reading(&mut self, expr: &tree::Expr) -> Option<Reading> {
        match &expr.kind {
            tree::ExprKind::Name(name) => self.named(name),
            tree::ExprKind::Context(name) => self.context(name),
            tree::ExprKind::Result(name) => self.result(name, expr.span),
            tree::ExprKind::Field { base, field } => {
                let base = self.reading(base)?;
                self.field(base, field)
            }
            _ => {
                self.report(problem::field_wanted(expr.span));
                None
            }
        }
    }

    fn named(&mut self, name: &tree::Name) -> Option<Reading> {
        if let Some(reading) = self.bindings.get(&name.text) {
            return Some(reading.clone());
        }
        let record = if self.bindings.depth == 0 { self.site.record() } else { None };
        let field = record.and_then(|record| lattice::field_of(record, &name.text));
        let constant = if quoted(name) { None } else { self.symbols.constant(&name.text) };
        match (field, constant) {
            (Some(field), None) => Some(of_field(Term::Arg(vec![field.name.clone()]), field, Vec::new())),
            (None, Some(constant)) => self.constant(&constant.value, name.span),
            (Some(_), Some(constant)) => {
                let found = problem::ambiguous(&name.text, &self.site.owner(), name.span, constant.name.span);
                self.report(found);
                None
            }
            (None, None) => {
                let found = self.unknown_name(name, record);
                self.report(found);
                None
            }
        }
    }

    fn unknown_name(&self, name: &tree::Name, record: Option<&Record>) -> Diagnostic {
        if let (Some(_), Subject::Tool(Tool { name: tool, untyped: Some(keyword), .. })) = (record, self.site.subject) {
            return problem::opaque(tool, Some(keyword), name.span);
        }
        let bound = self.bindings.names.get(self.bindings.floor..).unwrap_or_default();
        let fields = record.map(|record| record.fields.as_slice()).unwrap_or_default();
        let known = bound.iter().map(|(bound, _)| bound.as_str());
        let known = known.chain(fields.iter().map(|field| field.name.as_str()));
        let known = known.chain(self.symbols.consts.iter().map(|constant| constant.name.text.as_str()));
        let owner = if self.bindings.depth > 0 { "the definition".into() } else { self.site.owner() };
        problem::unknown_field(&name.text, name.span, &owner, known)
    }

    /// A constant is as good as its literal, at the place where it is used.
    pub(super) fn constant(&mut self, literal: &tree::Literal, used: Span) -> Option<Reading> {
        let value = self.literal(&tree::Literal { kind: literal.kind.clone(), span: used })?;
        Some(Reading { value, absent: Vec::new() })
    }

    fn context(&mut self, name: &tree::Name) -> Option<Reading> {
        if let Subject::Event(event) = self.site.subject {
            let place = format!("of the event `{}`: the gateway supplies context with calls only", event.name);
            self.report(problem::unavailable("`context`", &place, name.span));
            return None;
        }
        let found = self.symbols.context_field(name).cloned();
        let field = self.keep(found)?;
        let value = Value::read(Term::Context(vec![field.name.text]), field.ty);
        Some(Reading { value, absent: Vec::new() })
    }

    /// A field of the result; one that is not declared optional counts as there, and a condition on one that is missing fails.
    fn result(&mut self, name: &tree::Name, span: Span) -> Option<Reading> {
        let Subject::Tool(tool) = self.site.subject else { return self.no_result_here(span) };
        if !self.site.result {
            return self.no_result_here(span);
        }
        let Some(record) = &tool.result else {
            self.report(problem::no_result(&tool.name, span));
            return None;
        };
        let Some(field) = lattice::field_of(record, &name.text) else {
            let known = record.fields.iter().map(|field| field.name.as_str());
            let found = problem::unknown_field(&name.text, name.span, &format!("the result of `{}`", tool.name), known);
            self.report(found);
            return None;
        };
        Some(of_field(Term::Result(vec![field.name.clone()]), field, Vec::new()))
    }

    fn no_result_here(&mut self, span: Span) -> Option<Reading> {
        self.report(problem::unavailable("`result`", "here: only a pattern of a result has one", span));
        None
    }

    pub(super) fn field(&mut self, base: Reading, field: &tree::Name) -> Option<Reading> {
        let written = spelled(&base.value.term);
        match &base.value.ty {
            Type::Record(record) => match lattice::field_of(record, &field.text) {
                Some(found) => Some(of_field(below(base.value.term, &field.text), found, base.absent)),
                None => {
                    let known = record.fields.iter().map(|field| field.name.as_str());
                    let found = problem::unknown_field(&field.text, field.span, &format!("`{written}`"), known);
                    self.report(found);
                    None
                }
            },
            Type::Json(reason) => {
                self.report(problem::opaque(&written, reason.as_deref(), field.span));
                None
            }
            other => {
                let members = match other {
                    Type::Email | Type::Url => format!("take it apart by `{}`", parts_of(other, &written)),
                    _ => "only records have fields".into(),
                };
                self.report(problem::no_member(&lattice::describe(other), &field.text, field.span, &members));
                None
            }
        }
    }
}

fn parts_of(ty: &Type, written: &str) -> String {
    match ty {
        Type::Email => format!("email({written}).domain"),
        _ => format!("url({written}).host"),
    }
}

fn of_field(term: Term, field: &Field, mut absent: Vec<Place>) -> Reading {
    if lattice::may_be_absent(field) {
        absent.extend(facts::place(&term));
    }
    Reading { value: Value::read(term, field.ty.clone()), absent }
}

fn below(term: Term, field: &str) -> Term {
    let more = |mut path: Vec<String>| {
        path.push(field.to_owned());
        path
    };
    match term {
        Term::Arg(path) => Term::Arg(more(path)),
        Term::Context(path) => Term::Context(more(path)),
        Term::Result(path) => Term::Result(more(path)),
        Term::Var(name, path) => Term::Var(name, more(path)),
        // Nothing else is a record.
        other => other,
    }
}

/// A term as an author would write it.
pub(super) fn spelled(term: &Term) -> String {
    match term {
        Term::Arg(path) => path.join("."),
        Term::Context(path) => format!("context.{}", path.join(".")),
        Term::Result(path) => format!("result.{}", path.join(".")),
        Term::Var(name, path) => std::iter::once(name).chain(path).cloned().collect::<Vec<_>>().join("."),
        Term::At => "at".into(),
        Term::Apply(..) | Term::Arith(..) | Term::Literal(_) => "this value".into(),
    }
}

/// A place as an author would write it.
pub(super) fn spelled_place(place: &Place) -> String {
    match place.split_first() {
        Some((root, fields)) if root == "context" || root == "result" => format!("{root}.{}", fields.join(".")),
        Some((_, fields)) => fields.join("."),
        None => String::new(),
    }
}

/// Whether the name stands in backticks, which make it an argument's.
fn quoted(name: &tree::Name) -> bool {
    usize::try_from(name.span.end.saturating_sub(name.span.start)).is_ok_and(|length| length > name.text.len())
}

impl Value {
    /// What is read of a letter.
    pub(super) fn read(term: Term, ty: Type) -> Self {
        Self { term, ty, form: Form::Plain, literal: None }
    }
}

impl Checker<'_> {
    /// A literal by itself.
    pub(super) fn literal(&mut self, literal: &tree::Literal) -> Option<Value> {
        let ty = literal::type_of(&literal.kind).unwrap_or(Type::String);
        match literal::plain(&literal.kind) {
            Ok(scalar) => Some(Value { term: Term::Literal(scalar), ty, form: Form::Plain, literal: Some(literal.clone()) }),
            Err(fault) => {
                self.report(problem::literal(&fault, &super::value::written(&literal.kind), &ty, literal.span));
                None
            }
        }
    }
}
