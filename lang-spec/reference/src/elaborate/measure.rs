//! What a limit counts.
//!
//! In: the head of a limit. Out: its measure, whose field is typed by every tool that the limit counts. Invariant: a sum can only grow.
//! Source: language section 5 (`limit`); `lang-spec/limits.md`.

use crate::grammar::{Node, Rule};
use crate::literal;
use crate::policy::{FieldPath, Measure, Pattern, Tag};
use crate::refusal::Refusal;
use crate::types::Type;

use super::condition::tag;
use super::fields;
use super::scope::Scope;

/// A measure whose field has no type yet.
pub(super) enum Untyped {
    Plain(Measure),
    Distinct(u64, FieldPath),
    Sum(u64, FieldPath),
}

/// The part of a limit that holds the rest of it, and what it counts.
pub(super) fn read<'a>(node: &Node<'a>) -> Result<(Node<'a>, Untyped), Refusal> {
    let kinds = [Rule::limit_sum, Rule::limit_distinct, Rule::limit_identical, Rule::limit_count];
    let limit = kinds.into_iter().find_map(|kind| node.child(kind)).ok_or_else(|| node.wrong("nothing is counted"))?;
    let count = literal::count(&limit.need(Rule::natural)?)?;
    let field = || limit.need(Rule::measured_field).map(|field| fields::path(&field, false));
    let measure = match limit.rule() {
        Rule::limit_sum => Untyped::Sum(count, field()?),
        Rule::limit_distinct => Untyped::Distinct(count, field()?),
        Rule::limit_identical => Untyped::Plain(Measure::Identical(count)),
        _ => Untyped::Plain(Measure::Count(count)),
    };
    Ok((limit, measure))
}

/// The measure, typed by the tools of the event.
pub(super) fn typed(scope: &Scope<'_>, measure: Untyped, event: &Pattern, node: &Node<'_>) -> Result<Measure, Refusal> {
    let path = match &measure {
        Untyped::Plain(plain) => return Ok(plain.clone()),
        Untyped::Distinct(_, path) | Untyped::Sum(_, path) => path,
    };
    let tools = event.parts.iter().flat_map(|part| &part.cases).flat_map(|case| &case.names);
    let end = |tool: &String| scope.tools.get(tool).and_then(|args| fields::end(args, &path.steps));
    let ends: Option<Vec<fields::End>> = tools.map(end).collect();
    let ends = ends.ok_or_else(|| node.wrong("there is no such field"))?;
    match measure {
        Untyped::Plain(plain) => Ok(plain),
        Untyped::Sum(most, path) => {
            let grows = |end: &fields::End| !end.may_be_absent && matches!(end.ty, Type::Int(lo, _) if lo >= 0);
            if ends.iter().all(grows) { Ok(Measure::Sum(most, path)) } else { Err(node.wrong("a sum that could shrink")) }
        }
        Untyped::Distinct(count, path) => {
            let tags: Option<Vec<Tag>> = ends.iter().map(|end| tag(&end.ty)).collect();
            match tags.as_deref() {
                // Of an effect that no tool of the target has nothing is ever counted, and any type will do.
                Some([]) => Ok(Measure::Distinct(count, Tag::String, path)),
                Some([first, rest @ ..]) if rest.iter().all(|tag| tag == first) => Ok(Measure::Distinct(count, *first, path)),
                _ => Err(node.wrong("the field has no type with an equality, or two types")),
            }
        }
    }
}
