//! Conditions as branch programs: straight-line tests with two exits each, so evaluation needs no stack.
//!
//! In: nothing. Out: [`Program`]. Invariants: jumps go forward; a quantifier's body is a program with a smaller id; terms nest at most
//! [`crate::limits::TERM_DEPTH`] deep.
//! Source: `lang-spec/frame-format.md`.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::model::{LabelId, ProgramId, RegexId};

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Tests; evaluation begins at `entry`.
    pub tests: Vec<Branch>,
    /// Where it begins.
    pub entry: Exit,
}

/// One test and where its answers lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// What is tested.
    pub test: Predicate,
    /// Where a yes leads.
    pub yes: Exit,
    /// Where a no leads.
    pub no: Exit,
}

/// Where an answer leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    /// To a later test.
    To(u16),
    /// The condition holds.
    Holds,
    /// It does not.
    Fails,
}

/// What a test asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Predicate {
    /// Is the value there?
    Present(Term),
    /// How do two terms compare, read as values of one kind?
    Compare(CompareOp, Kind, Term, Term),
    /// Is the value one of these?
    In(Kind, Term, Vec<Scalar>),
    /// Does the address (in normal form) lie in the network?
    InCidr(Term, Cidr),
    /// Is the host this one or below it?
    UnderHost(Term, String),
    /// Is the path this one or below it?
    UnderPath(Term, String),
    /// Does the text contain the literal?
    Contains(Term, String),
    /// Does it begin so?
    StartsWith(Term, String),
    /// Does it end so?
    EndsWith(Term, String),
    /// Does it match the pattern, in which `*` stands for any characters?
    Like(Term, String),
    /// Does the whole text match?
    Matches(Term, RegexId),
    /// Does the body hold for every element (or for some)?
    Quantified {
        /// Every element, or some.
        every: bool,
        /// The list.
        list: Term,
        /// What must hold; the innermost element is `Term::Element(0, …)`.
        body: ProgramId,
    },
    /// Has the session the label?
    Has(LabelId),
    /// Has a scan found the label in the call's arguments, or has the gateway said so?
    Carries(LabelId),
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cidr {
    /// Its text, as the policy has it.
    pub text: String,
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// What two terms are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Kind {
    Bool,
    /// Ints, timestamps and durations.
    Int,
    Number,
    /// Strings, and domain types in normal form.
    Text,
}

/// Something that has a value. It is read to a bounded depth (`bounded`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Term {
    /// A path of field indices into the arguments.
    Arg(Vec<u16>),
    /// The element of the quantifier so many levels out (0: the innermost), and a path into it.
    Element(u8, Vec<u16>),
    /// A path of field indices into the context.
    Context(Vec<u16>),
    /// A path of field indices into the result's structured content.
    Result(Vec<u16>),
    /// The time of the letter, in milliseconds.
    At,
    /// A literal.
    Scalar(Scalar),
    /// A function of one term.
    Apply(Function, Box<Term>),
    /// Arithmetic; overflow fails.
    Arith(ArithOp, Box<Term>, Box<Term>),
}

/// A literal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scalar {
    /// `true`, `false`
    Bool(bool),
    /// An int, or the milliseconds of a timestamp or duration.
    Int(i64),
    /// An exact decimal.
    Number(String),
    /// Text.
    Text(String),
}

/// A function of one term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// Arithmetic of ints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ArithOp {
    Add,
    Sub,
    Mul,
}
