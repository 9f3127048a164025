//! Conditions and terms of the core form.
//!
//! In and out: plain data. Invariant: a condition is well typed for the tool, event or context that it stands with.
//! Source: `lang-spec/core-form.md`, [core.cond].

use super::LabelId;

/// A condition on one letter.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    /// `true` or `false`.
    Const(bool),
    /// All of them, left to right.
    And(Vec<Cond>),
    /// Any of them, left to right.
    Or(Vec<Cond>),
    /// The contrary.
    Not(Box<Cond>),
    /// The field is there.
    Present(Term),
    /// A comparison of two terms as values of one type.
    Compare(CompareOp, TypeTag, Term, Term),
    /// One of the literals.
    In(TypeTag, Term, Vec<Literal>),
    /// An address of the network.
    InCidr(Term, String),
    /// That host or below it.
    UnderHost(Term, String),
    /// That path or below it.
    UnderPath(Term, String),
    /// A predicate of a string and a literal.
    Text(TextOp, Term, String),
    /// Every element.
    All(String, Term, Box<Cond>),
    /// Some element.
    Some(String, Term, Box<Cond>),
    /// The session has the label.
    Has(LabelId),
    /// The call's arguments carry the label.
    Carries(LabelId),
}

/// How two terms are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// The type that a comparison reads its terms as; an enumeration compares as a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TypeTag {
    Bool,
    Int,
    Number,
    String,
    Email,
    Url,
    Path,
    Ip,
    Timestamp,
    Duration,
}

/// A predicate of a string and a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TextOp {
    Contains,
    StartsWith,
    EndsWith,
    Like,
    Matches,
}

/// Something that has a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A path of fields of the call's arguments.
    Arg(Vec<String>),
    /// The element of a quantifier, and fields of it.
    Var(String, Vec<String>),
    /// A context field, and fields of it.
    Context(Vec<String>),
    /// A field of the result, and fields of it.
    Result(Vec<String>),
    /// The time of the letter.
    At,
    /// A literal.
    Literal(Literal),
    /// A function of one term.
    Apply(Function, Box<Term>),
    /// Arithmetic of ints.
    Arith(ArithOp, Box<Term>, Box<Term>),
}

/// A function of one term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Function {
    Lower,
    EmailDomain,
    EmailLocal,
    UrlScheme,
    UrlHost,
    UrlPort,
    UrlPath,
    NormPath,
    NormIp,
    Size,
    Hour,
    Weekday,
}

/// Arithmetic of ints; overflow fails the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ArithOp {
    Add,
    Sub,
    Mul,
}

/// A literal of a scalar type, in normal form.
pub type Literal = Scalar;

/// A value without parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// `true`, `false`
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// An exact decimal, in normal form.
    Number(String),
    /// A string, or a domain type's normal form.
    String(String),
    /// Milliseconds since 1970.
    Timestamp(i64),
    /// Milliseconds.
    Duration(i64),
}

impl Cond {
    /// Whether it reads the result of a call.
    #[must_use]
    pub fn reads_result(&self) -> bool {
        self.has_term(&|term| matches!(term, Term::Result(_)))
    }

    /// Whether it reads the time.
    #[must_use]
    pub fn reads_clock(&self) -> bool {
        self.has_term(&|term| *term == Term::At)
    }

    /// Whether it has such a term, be it as a part of another one.
    #[must_use]
    pub fn has_term(&self, wanted: &dyn Fn(&Term) -> bool) -> bool {
        match self {
            Self::Const(_) | Self::Has(_) | Self::Carries(_) => false,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.has_term(wanted)),
            Self::Not(part) => part.has_term(wanted),
            Self::Compare(_, _, a, b) => a.has(wanted) || b.has(wanted),
            Self::All(_, list, body) | Self::Some(_, list, body) => list.has(wanted) || body.has_term(wanted),
            Self::Present(term)
            | Self::In(_, term, _)
            | Self::InCidr(term, _)
            | Self::UnderHost(term, _)
            | Self::UnderPath(term, _)
            | Self::Text(_, term, _) => term.has(wanted),
        }
    }
}

impl Term {
    /// Whether it is such a term, or has one as a part.
    #[must_use]
    pub fn has(&self, wanted: &dyn Fn(&Self) -> bool) -> bool {
        let inside = match self {
            Self::Apply(_, inner) => inner.has(wanted),
            Self::Arith(_, a, b) => a.has(wanted) || b.has(wanted),
            Self::Arg(_) | Self::Var(..) | Self::Context(_) | Self::Result(_) | Self::At | Self::Literal(_) => false,
        };
        inside || wanted(self)
    }
}
