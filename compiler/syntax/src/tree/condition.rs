//! Conditions and the expressions in them, as written (language.md section 4).

use super::Name;
use crate::span::Span;

/// A condition, or a value inside one; the grammar does not tell them apart, types do.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, without parentheses around it.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// A literal.
    Literal(Literal),
    /// An argument, a constant, or a variable of a quantifier or a `define`. A name in backticks is here too, so
    /// `` `context` `` is this and never [`ExprKind::Context`].
    Name(Name),
    /// `context.NAME`
    Context(Name),
    /// `result.NAME`
    Result(Name),
    /// The bare word `at`: the time of the call.
    At,
    /// `BASE.field`
    Field {
        /// What the field is taken of.
        base: Box<Expr>,
        /// Its name.
        field: Name,
    },
    /// `f(x, …)`: a built-in function or a `define`.
    Call {
        /// The function's name.
        function: Name,
        /// What it is given.
        arguments: Vec<Expr>,
    },
    /// `[a, b]`
    List(Vec<Expr>),
    /// `not C`
    Not(Box<Expr>),
    /// `C and C …`: two members or more.
    And(Vec<Expr>),
    /// `C or C …`: two members or more.
    Or(Vec<Expr>),
    /// `X op Y`
    Compare {
        /// The operator.
        operator: CompareOperator,
        /// Where the operator stands.
        operator_span: Span,
        /// Its left side.
        left: Box<Expr>,
        /// Its right side.
        right: Box<Expr>,
    },
    /// `X is present`
    IsPresent(Box<Expr>),
    /// `all x in XS : (C)` or `some x in XS : (C)`
    Quantified {
        /// All or some.
        quantifier: Quantifier,
        /// The name of an element in the body.
        variable: Name,
        /// The list.
        over: Box<Expr>,
        /// The condition on an element.
        body: Box<Expr>,
    },
    /// `session has LABEL`
    SessionHas(Name),
    /// `carries LABEL`
    Carries(Name),
    /// `A + B - C` or `A * B * C`, from left to right; the operators of one node are of one level.
    Arithmetic {
        /// The first operand.
        first: Box<Expr>,
        /// The others, each with the operator before it: one or more.
        rest: Vec<(ArithmeticOperator, Expr)>,
    },
}

/// The operators that compare two values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CompareOperator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`
    In,
    /// `contains`
    Contains,
    /// `starts_with`
    StartsWith,
    /// `ends_with`
    EndsWith,
    /// `like`
    Like,
    /// `matches`
    Matches,
    /// `under`
    Under,
}

impl CompareOperator {
    /// The operator as an author writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::Like => "like",
            Self::Matches => "matches",
            Self::Under => "under",
        }
    }
}

/// The operators of [`ExprKind::Arithmetic`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ArithmeticOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
}

/// Which elements a quantifier speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Quantifier {
    /// Every element; true of an empty list.
    All,
    /// At least one; false of an empty list.
    Some,
}

/// A literal value.
#[derive(Clone, PartialEq, Debug)]
pub struct Literal {
    /// The value.
    pub kind: LiteralKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of literal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LiteralKind {
    /// `"…"` or `r"…"`, escapes resolved.
    String(String),
    /// A whole number that fits 64 bits.
    Int(i64),
    /// A decimal, or a whole number beyond 64 bits: the digits as written, without `_`.
    Decimal(String),
    /// `true` or `false`
    Bool(bool),
    /// `null`
    Null,
    /// A duration in milliseconds.
    Duration(u64),
    /// What stands between the quotes of `ts"…"`; not yet read as a time.
    Timestamp(String),
}
