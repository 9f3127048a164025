//! Conditions on one letter, and the terms that they read.
//!
//! In and out: plain data. Source: `lang-spec/core-form.md`, [core.cond].

use crate::types::Literal;

/// A condition on one letter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Cond {
    Const(bool),
    And(Vec<Cond>),
    Or(Vec<Cond>),
    Not(Box<Cond>),
    Present(Term),
    Compare(Op, Tag, Term, Term),
    In(Tag, Term, Vec<Literal>),
    /// An address of the network.
    InCidr(Term, String),
    /// That host or below it.
    UnderHost(Term, String),
    /// That path or below it.
    UnderPath(Term, String),
    /// A predicate of text, by its name.
    Text(TextOp, Term, String),
    /// Every element of a list, by a name.
    All(String, Term, Box<Cond>),
    /// Some element of a list, by a name.
    Some(String, Term, Box<Cond>),
    /// The session has the label.
    Has(String),
    /// The call's arguments have the label.
    Carries(String),
}

/// Something that has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Term {
    /// Fields of the arguments, from the outside in.
    Arg(Vec<String>),
    /// The element of a quantifier, and fields of it.
    Var(String, Vec<String>),
    /// A context field, and fields of it.
    Context(Vec<String>),
    /// Fields of the result, from the outside in.
    Result(Vec<String>),
    At,
    Literal(Literal),
    Apply(Function, Box<Term>),
    Arith(Arith, Box<Term>, Box<Term>),
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum $name { $($variant),* }
        impl $name {
            /// Its word in the core form.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

words!(/** How two values compare. */ Op { Eq = "eq", Ne = "ne", Lt = "lt", Le = "le", Gt = "gt", Ge = "ge" });
words!(/** What two values compare as; an enumeration compares as a string. */ Tag {
    Bool = "bool", Int = "int", Number = "number", String = "string", Email = "email", Url = "url", Path = "path", Ip = "ip",
    Timestamp = "timestamp", Duration = "duration",
});
words!(/** A predicate of a text and a literal. */ TextOp {
    Contains = "contains", StartsWith = "starts_with", EndsWith = "ends_with", Like = "like", Matches = "matches",
});
words!(/** A function of one value. */ Function {
    Lower = "lower", EmailDomain = "email_domain", EmailLocal = "email_local", UrlScheme = "url_scheme", UrlHost = "url_host",
    UrlPort = "url_port", UrlPath = "url_path", NormPath = "norm_path", NormIp = "norm_ip", Size = "size", Hour = "hour", Weekday = "weekday",
});
words!(/** Arithmetic of ints. */ Arith { Add = "add", Sub = "sub", Mul = "mul" });
