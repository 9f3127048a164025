//! What values a term can have.
//!
//! In: a term, and the declarations that it reads. Out: a set that has all its values, and has one at least. Invariant: a term of which that is not known has no
//! kind, and nothing is shown of it. Source: `lang-spec/certificate.md`, [cert.lemmas]; `lang-spec/core-form.md`, [core.type].

use leverframe_reference::policy::{Function, Tag, Term, Tool};
use leverframe_reference::types::{Literal, Record, Type};

use super::network;

/// The values that a call has.
pub(super) struct Values<'p> {
    pub(super) tool: &'p Tool,
    pub(super) context: &'p [(String, Type)],
}

/// Values of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Integers from the one to the other; also times and durations in milliseconds.
    Int(i64, i64),
    /// All integers, however large.
    Whole,
    /// Exact decimals.
    Number,
    /// These and no others.
    Members(Vec<Literal>),
    /// Texts.
    Text,
    /// Addresses in their canonical spelling, none of them a mapped one.
    Address,
}

const SCHEMES: [&str; 5] = ["http", "https", "ws", "wss", "ftp"];

impl Values<'_> {
    pub(super) fn of(&self, term: &Term) -> Option<Kind> {
        let kind = match term {
            Term::Arg(path) => in_record(&self.tool.args, path)?,
            Term::Context(path) => {
                let (name, rest) = path.split_first()?;
                let (_, ty) = self.context.iter().find(|(known, _)| known == name)?;
                if rest.is_empty() { of_type(ty)? } else { in_type(ty, rest)? }
            }
            Term::At => Kind::Int(i64::MIN, i64::MAX),
            Term::Arith(..) => Kind::Whole,
            Term::Literal(literal) => Kind::Members(vec![literal.clone()]),
            Term::Apply(function, _) => applied(*function),
            Term::Var(..) | Term::Result(_) => return None,
        };
        Some(kind).filter(Kind::has_one)
    }
}

fn in_type(ty: &Type, path: &[String]) -> Option<Kind> {
    match ty {
        Type::Record(record) => in_record(record, path),
        _ => None,
    }
}

fn in_record(record: &Record, path: &[String]) -> Option<Kind> {
    let (name, rest) = path.split_first()?;
    let field = record.field(name)?;
    if !rest.is_empty() {
        return in_type(&field.ty, rest);
    }
    of_type(&field.ty).filter(|kind| field.default.as_ref().is_none_or(|default| kind.has(default)))
}

fn of_type(ty: &Type) -> Option<Kind> {
    Some(match ty {
        Type::Bool => Kind::Members(vec![Literal::Bool(true), Literal::Bool(false)]),
        Type::Int(lo, hi) => Kind::Int(*lo, *hi),
        Type::Timestamp => Kind::Int(i64::MIN, i64::MAX),
        Type::Duration => Kind::Int(0, i64::MAX),
        Type::Number => Kind::Number,
        Type::Enum(members) => Kind::Members(members.iter().cloned().map(Literal::String).collect()),
        Type::String | Type::Email | Type::Url | Type::Path => Kind::Text,
        Type::Ip => Kind::Address,
        Type::Json | Type::List(_) | Type::Record(_) => return None,
    })
}

fn applied(function: Function) -> Kind {
    match function {
        Function::Size => Kind::Int(0, i64::MAX),
        Function::Hour => Kind::Int(0, 23),
        Function::Weekday => Kind::Int(1, 7),
        Function::UrlPort => Kind::Int(0, 65_535),
        Function::UrlScheme => Kind::Members(SCHEMES.map(|scheme| Literal::String(scheme.to_owned())).to_vec()),
        Function::Lower | Function::EmailDomain | Function::EmailLocal | Function::UrlHost | Function::UrlPath => Kind::Text,
        Function::NormPath => Kind::Text,
        Function::NormIp => Kind::Address,
    }
}

impl Kind {
    fn has_one(&self) -> bool {
        match self {
            Self::Int(lo, hi) => lo <= hi,
            Self::Members(members) => !members.is_empty(),
            Self::Whole | Self::Number | Self::Text | Self::Address => true,
        }
    }

    fn has(&self, literal: &Literal) -> bool {
        match (self, literal) {
            (Self::Int(lo, hi), Literal::Int(value) | Literal::Timestamp(value) | Literal::Duration(value)) => (lo..=hi).contains(&value),
            (Self::Number, Literal::Number(_) | Literal::Int(_)) | (Self::Text, Literal::String(_)) => true,
            (Self::Members(members), literal) => members.contains(literal),
            (Self::Address, Literal::String(text)) => network::is_address(text),
            _ => false,
        }
    }

    /// Whether values of this kind compare under the tag, each with each.
    pub(super) fn fits(&self, tag: Tag) -> bool {
        match self {
            Self::Int(..) | Self::Whole => matches!(tag, Tag::Int | Tag::Timestamp | Tag::Duration | Tag::Number),
            Self::Number => tag == Tag::Number,
            Self::Text | Self::Address => is_text(tag),
            Self::Members(members) => members.iter().all(|member| literal_fits(member, tag)),
        }
    }

    /// Whether its values are integers.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Self::Int(..) | Self::Whole)
    }

    /// Whether its values are texts.
    pub(super) fn is_text(&self) -> bool {
        self.fits(Tag::String)
    }
}

fn is_text(tag: Tag) -> bool {
    matches!(tag, Tag::String | Tag::Email | Tag::Url | Tag::Path | Tag::Ip)
}

fn literal_fits(literal: &Literal, tag: Tag) -> bool {
    match literal {
        Literal::Bool(_) => tag == Tag::Bool,
        Literal::Int(_) | Literal::Timestamp(_) | Literal::Duration(_) => {
            matches!(tag, Tag::Int | Tag::Timestamp | Tag::Duration | Tag::Number)
        }
        Literal::Number(_) => tag == Tag::Number,
        Literal::String(_) => is_text(tag),
    }
}
