//! Types and literals.
//!
//! In and out: plain data that prints as the core form says. Invariants: fields and members of enumerations stand by name; a literal is in normal form.
//! Source: language section 3; `lang-spec/core-form.md`, [core.type] and the literals of [core.cond].

use std::fmt;

/// What a value may be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Type {
    Bool,
    /// From LO to HI.
    Int(i64, i64),
    Number,
    String,
    /// Its members, by name, each once.
    Enum(Vec<String>),
    Email,
    Url,
    Path,
    Ip,
    Timestamp,
    Duration,
    /// Opaque.
    Json,
    List(Box<Type>),
    Record(Record),
}

/// The full range of ints.
pub const INT: Type = Type::Int(i64::MIN, i64::MAX);

/// An object with named fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Whether members that are not declared are allowed.
    pub open: bool,
    /// By name.
    pub fields: Vec<Field>,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it must be there.
    pub required: bool,
    /// Whether an explicit null counts as its absence.
    pub nullable: bool,
    /// What it is judged by where it is left out.
    pub default: Option<Literal>,
}

/// A value that a policy writes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Literal {
    Bool(bool),
    Int(i64),
    /// An exact decimal in normal form.
    Number(String),
    String(String),
    /// Milliseconds since 1970.
    Timestamp(i64),
    /// Milliseconds.
    Duration(i64),
}

impl Record {
    /// A record of these fields, put in order.
    #[must_use]
    pub fn new(open: bool, mut fields: Vec<Field>) -> Self {
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        Self { open, fields }
    }

    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Field {
    /// Whether a condition may find nothing where the field should be ([core.pattern]).
    #[must_use]
    pub fn may_be_absent(&self) -> bool {
        (!self.required || self.nullable) && self.default.is_none()
    }
}

impl Type {
    /// An enumeration of these members, put in order.
    #[must_use]
    pub fn enumeration(mut members: Vec<String>) -> Self {
        members.sort();
        members.dedup();
        Self::Enum(members)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int(i64::MIN, i64::MAX) => f.write_str("int"),
            Self::Int(lo, hi) => write!(f, "(int {lo} {hi})"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Enum(members) => {
                f.write_str("(enum")?;
                members.iter().try_for_each(|member| write!(f, " {}", quoted(member)))?;
                f.write_str(")")
            }
            Self::Email => f.write_str("email"),
            Self::Url => f.write_str("url"),
            Self::Path => f.write_str("path"),
            Self::Ip => f.write_str("ip"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            Self::Json => f.write_str("json"),
            Self::List(element) => write!(f, "(list {element})"),
            Self::Record(record) => write!(f, "{record}"),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(record {}", if self.open { "open" } else { "closed" })?;
        self.fields.iter().try_for_each(|field| write!(f, " {field}"))?;
        f.write_str(")")
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let presence = if self.required { "required" } else { "optional" };
        write!(f, "(field {} {} {presence}", quoted(&self.name), self.ty)?;
        if self.nullable {
            f.write_str(" nullable")?;
        }
        if let Some(default) = &self.default {
            write!(f, " (default {default})")?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Number(text) => write!(f, "(number {})", quoted(text)),
            Self::String(text) => f.write_str(&quoted(text)),
            Self::Timestamp(ms) => write!(f, "(timestamp {ms})"),
            Self::Duration(ms) => write!(f, "(duration {ms})"),
        }
    }
}

/// A string of the core form: `"`, `\` and control characters are escaped, nothing else is.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
