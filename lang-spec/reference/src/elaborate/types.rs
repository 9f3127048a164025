//! Types as a policy writes them, and their refinement.
//!
//! Source: language section 3; `lang-spec/catalogs.md`, [catalog.refine].

use crate::domain;
use crate::grammar::{Node, Rule};
use crate::literal;
use crate::refusal::Refusal;
use crate::types::{Field, INT, Literal, Record, Type};

/// `(field: type, …)` or `{field: type, …}`.
pub(super) fn record(node: &Node<'_>) -> Result<Record, Refusal> {
    let mut fields: Vec<Field> = Vec::new();
    for field in node.children(Rule::field) {
        let name = field.need(Rule::field_name)?.name();
        if fields.iter().any(|known| known.name == name) {
            return Err(field.wrong(format!("`{name}` is declared twice")));
        }
        let ty = ty(&field.need(Rule::r#type)?)?;
        fields.push(Field { name, ty, required: !field.has(Rule::optional_mark), nullable: false, default: None });
    }
    Ok(Record::new(false, fields))
}

/// A type.
pub(super) fn ty(node: &Node<'_>) -> Result<Type, Refusal> {
    let node = node.only()?;
    Ok(match node.rule() {
        Rule::list_type => Type::List(Box::new(ty(&node.need(Rule::r#type)?)?)),
        Rule::record_type => Type::Record(record(&node)?),
        Rule::enumeration => {
            let members: Result<Vec<String>, Refusal> = node.children(Rule::string).map(|member| literal::text(&member)).collect();
            Type::enumeration(members?)
        }
        Rule::int_type => {
            let bounds: Result<Vec<i64>, Refusal> = node.children(Rule::integer).map(|bound| literal::integer(&bound)).collect();
            match bounds?.as_slice() {
                [lo, hi] if lo <= hi => Type::Int(*lo, *hi),
                [] => INT,
                _ => return Err(node.wrong("the range is empty")),
            }
        }
        Rule::kw_bool => Type::Bool,
        Rule::kw_number => Type::Number,
        Rule::kw_string => Type::String,
        Rule::kw_email => Type::Email,
        Rule::kw_url => Type::Url,
        Rule::kw_path => Type::Path,
        Rule::kw_ip => Type::Ip,
        Rule::kw_timestamp => Type::Timestamp,
        Rule::kw_duration => Type::Duration,
        Rule::kw_json => Type::Json,
        _ => return Err(node.wrong("no type")),
    })
}

/// A record with each field that the other names refined; nothing where one of them is not sharper.
pub(super) fn refined_record(record: &Record, sharper: &Record) -> Option<Record> {
    let mut fields = record.fields.clone();
    for by in &sharper.fields {
        match fields.iter_mut().find(|field| field.name == by.name) {
            Some(field) => refine_field(field, by)?,
            None if record.open => fields.push(by.clone()),
            None => return None,
        }
    }
    Some(Record::new(record.open, fields))
}

/// The field keeps what the schema says of its presence.
fn refine_field(field: &mut Field, by: &Field) -> Option<()> {
    if field.required && !by.required {
        return None;
    }
    field.ty = refined(&field.ty, &by.ty)?;
    if let Some(default) = &field.default {
        field.default = Some(as_value(default, &field.ty)?);
    }
    Some(())
}

fn refined(ty: &Type, by: &Type) -> Option<Type> {
    use Type::{Duration, Email, Enum, Int, Ip, Json, List, Number, Path, String, Timestamp, Url};
    match (ty, by) {
        (Json, _) => Some(by.clone()),
        (Type::Record(record), Type::Record(sharper)) => refined_record(record, sharper).map(Type::Record),
        (List(element), List(sharper)) => Some(List(Box::new(refined(element, sharper)?))),
        (String, Enum(_) | Email | Url | Path | Ip | Timestamp | Duration) => Some(by.clone()),
        (Enum(members), Enum(some)) if some.iter().all(|member| members.contains(member)) => Some(by.clone()),
        (Int(lo, hi), Int(from, to)) if lo <= from && to <= hi => Some(by.clone()),
        (Number, Int(..)) => Some(by.clone()),
        _ if ty == by => Some(by.clone()),
        _ => None,
    }
}

/// A default as a value of the refined type, in its normal form.
fn as_value(default: &Literal, ty: &Type) -> Option<Literal> {
    match (default, ty) {
        (Literal::Bool(_), Type::Bool) | (Literal::Number(_) | Literal::Int(_), Type::Number) | (Literal::String(_), Type::String) => {
            Some(default.clone())
        }
        (Literal::Int(value), Type::Int(lo, hi)) => (lo..=hi).contains(&value).then(|| default.clone()),
        (Literal::Number(text), Type::Int(lo, hi)) => {
            let value = crate::decimal::Decimal::parse(text)?.to_int()?;
            (lo..=hi).contains(&&value).then_some(Literal::Int(value))
        }
        (Literal::String(text), ty) => text_as_value(text, ty),
        _ => None,
    }
}

fn text_as_value(text: &str, ty: &Type) -> Option<Literal> {
    match ty {
        Type::Enum(members) => members.iter().any(|member| member == text).then(|| Literal::String(text.to_owned())),
        Type::Email => domain::email::normal(text).map(Literal::String),
        Type::Url => domain::url::normal(text).map(Literal::String),
        Type::Path => domain::path::normal(text).map(Literal::String),
        Type::Ip => domain::ip::normal(text).map(Literal::String),
        Type::Timestamp => domain::time::timestamp(text).map(Literal::Timestamp),
        Type::Duration => domain::time::duration(text).map(Literal::Duration),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refinement_only_sharpens() {
        let range = |lo, hi| Type::Int(lo, hi);
        assert_eq!(refined(&Type::String, &Type::Path), Some(Type::Path));
        assert_eq!(refined(&range(0, 9), &range(1, 9)), Some(range(1, 9)));
        assert_eq!(refined(&range(0, 9), &range(1, 10)), None);
        assert_eq!(refined(&Type::Path, &Type::String), None);
        assert_eq!(refined(&Type::Json, &Type::Record(Record::default())), Some(Type::Record(Record::default())));
        let lists = (Type::List(Box::new(Type::String)), Type::List(Box::new(Type::Email)));
        assert_eq!(refined(&lists.0, &lists.1), Some(lists.1));
    }

    #[test]
    fn a_default_takes_the_normal_form_of_its_type() {
        let field = |ty, default: &str| Field {
            name: "f".into(),
            ty,
            required: false,
            nullable: false,
            default: Some(Literal::String(default.into())),
        };
        let mut path = field(Type::String, "/a/./b");
        let by = Field { default: None, ..field(Type::Path, "") };
        assert_eq!(refine_field(&mut path, &by), Some(()));
        assert_eq!(path.default, Some(Literal::String("/a/b".into())));
        assert_eq!(refine_field(&mut field(Type::String, "a"), &by), None);
    }
}
