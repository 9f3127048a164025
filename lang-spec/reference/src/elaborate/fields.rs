//! Fields in the parentheses of an event pattern, and those that a limit measures.
//!
//! In: `field: value` of the arguments or of a result. Out: a guard, or what a variable takes. Invariants: a path is typed by the tool's own declaration; at most
//! one field of a pattern stands for the elements of a list.
//! Source: language section 5 (variables) and section 9 ("Argument positions"); `lang-spec/core-form.md`, [core.pattern].

use crate::grammar::{Node, Rule};
use crate::literal;
use crate::policy::{Bind, Cond, FieldPath, Op, Step, Term};
use crate::refusal::Refusal;
use crate::types::{Record, Type};

use super::condition::{Site, tag};
use super::term::plain_literal;

/// One `field: value`.
pub(super) struct Argument<'a> {
    node: Node<'a>,
    /// Whether it is a field of the result.
    pub(super) of_result: bool,
}

/// What stands after the colon.
pub(super) enum Value {
    /// As a guard.
    Literal(Cond),
    Variable(Bind),
}

/// What lies at the end of a path.
pub(super) struct End {
    pub(super) ty: Type,
    /// Whether any part of the path may be absent.
    pub(super) may_be_absent: bool,
}

/// Those of the arguments, then those of the result, as they are written.
pub(super) fn arguments<'a>(node: &Node<'a>) -> impl Iterator<Item = Argument<'a>> + use<'a> {
    let of = |arguments: Option<Node<'a>>, of_result: bool| {
        let inner = arguments.into_iter().flat_map(|arguments| arguments.children(Rule::argument));
        inner.map(move |node| Argument { node, of_result })
    };
    let outcome = node.child(Rule::outcome).and_then(|outcome| outcome.only().ok());
    let with = outcome.and_then(|outcome| outcome.child(Rule::result_arguments)).and_then(|with| with.child(Rule::arguments));
    of(node.child(Rule::arguments), false).chain(of(with, true))
}

/// Reads a field's value.
pub(super) fn value(site: Site<'_, '_>, argument: &Argument<'_>) -> Result<Value, Refusal> {
    let field = argument.node.need(Rule::argument_field)?;
    let path = path(&field, argument.of_result);
    let record = if argument.of_result { site.result } else { site.args };
    let end = record.and_then(|record| end(record, &path.steps)).ok_or_else(|| field.wrong("there is no such field"))?;
    let value = argument.node.need(Rule::argument_value)?.only()?;
    let literal = match value.rule() {
        Rule::variable => {
            let tag = tag(&end.ty).ok_or_else(|| field.wrong("values of that type have no equality"))?;
            let variable = value.only()?.name();
            return Ok(Value::Variable(Bind { variable, tag, path }));
        }
        Rule::literal => literal::literal(&value)?,
        _ => site.scope.consts.get(&value.name()).cloned().ok_or_else(|| value.wrong("no constant of that name"))?,
    };
    if path.steps.iter().any(|step| step.each) {
        return Err(field.wrong("`[]` stands with a variable"));
    }
    let (tag, literal) = plain_literal(literal, &end.ty).ok_or_else(|| value.wrong("the literal is no value of the field"))?;
    let names = path.steps.into_iter().map(|step| step.name).collect();
    let term = if argument.of_result { Term::Result(names) } else { Term::Arg(names) };
    let equal = Cond::Compare(Op::Eq, tag, term.clone(), Term::Literal(literal));
    Ok(Value::Literal(if end.may_be_absent { Cond::And(vec![Cond::Present(term), equal]) } else { equal }))
}

/// What the pattern's variables take, by their names.
pub(super) fn binds(site: Site<'_, '_>, node: &Node<'_>) -> Result<Vec<Bind>, Refusal> {
    let mut binds: Vec<Bind> = Vec::new();
    for argument in arguments(node) {
        if let Value::Variable(bind) = value(site, &argument)? {
            if binds.iter().any(|known| known.variable == bind.variable) {
                return Err(argument.node.wrong("one pattern takes a variable twice"));
            }
            binds.push(bind);
        }
    }
    if binds.iter().flat_map(|bind| &bind.path.steps).filter(|step| step.each).count() > 1 {
        return Err(node.wrong("one pattern has two `[]`"));
    }
    binds.sort_by(|a, b| a.variable.cmp(&b.variable));
    Ok(binds)
}

/// A path of fields as it is written.
pub(super) fn path(node: &Node<'_>, of_result: bool) -> FieldPath {
    let mut steps: Vec<Step> = Vec::new();
    for part in node.inner() {
        match (part.rule(), steps.last_mut()) {
            (Rule::each_mark, Some(step)) => step.each = true,
            (Rule::each_mark, None) => {}
            _ => steps.push(Step { name: part.name(), each: false }),
        }
    }
    FieldPath { of_result, steps }
}

/// The end of a path; nothing where it leads nowhere.
pub(super) fn end(record: &Record, steps: &[Step]) -> Option<End> {
    let (first, rest) = steps.split_first()?;
    let field = record.field(&first.name)?;
    let ty = match (&field.ty, first.each) {
        (Type::List(element), true) => element.as_ref(),
        (_, true) => return None,
        (ty, false) => ty,
    };
    if rest.is_empty() {
        return Some(End { ty: ty.clone(), may_be_absent: field.may_be_absent() });
    }
    let Type::Record(inner) = ty else { return None };
    let below = end(inner, rest)?;
    Some(End { may_be_absent: field.may_be_absent() || below.may_be_absent, ..below })
}
