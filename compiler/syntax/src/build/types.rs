//! Types, fields and parameters.

use super::{Builder, Node, child, children, first, has};
use crate::grammar::Rule;
use crate::tree::{Field, TypeExpr, TypeKind};

impl Builder<'_> {
    /// The fields of `parameters` or `record_type`.
    pub(super) fn fields(&mut self, node: &Node<'_>) -> Option<Vec<Field>> {
        children(node, Rule::field).map(|field| self.field(&field)).collect()
    }

    fn field(&mut self, node: &Node<'_>) -> Option<Field> {
        Some(Field {
            name: self.name(&child(node, Rule::field_name)?),
            ty: self.type_of(&child(node, Rule::r#type)?)?,
            optional: has(node, Rule::optional_mark),
            span: self.span(node),
        })
    }

    fn type_of(&mut self, node: &Node<'_>) -> Option<TypeExpr> {
        let inner = first(node)?;
        let kind = match inner.as_rule() {
            Rule::list_type => TypeKind::List(Box::new(self.type_of(&child(&inner, Rule::r#type)?)?)),
            Rule::int_type => TypeKind::Int(self.range(&inner)),
            Rule::record_type => TypeKind::Record(self.fields(&inner)?),
            Rule::enumeration => TypeKind::Enumeration(children(&inner, Rule::string).map(|s| self.text(&s)).collect::<Option<_>>()?),
            keyword => simple(keyword)?,
        };
        Some(TypeExpr { kind, span: self.span(node) })
    }

    fn range(&mut self, node: &Node<'_>) -> Option<(i64, i64)> {
        let mut bounds = children(node, Rule::integer);
        let (low, high) = (bounds.next()?, bounds.next()?);
        Some((self.bound(&low), self.bound(&high)))
    }
}

fn simple(keyword: Rule) -> Option<TypeKind> {
    Some(match keyword {
        Rule::kw_bool => TypeKind::Bool,
        Rule::kw_number => TypeKind::Number,
        Rule::kw_string => TypeKind::String,
        Rule::kw_email => TypeKind::Email,
        Rule::kw_url => TypeKind::Url,
        Rule::kw_path => TypeKind::Path,
        Rule::kw_ip => TypeKind::Ip,
        Rule::kw_timestamp => TypeKind::Timestamp,
        Rule::kw_duration => TypeKind::Duration,
        Rule::kw_json => TypeKind::Json,
        _ => return None,
    })
}
