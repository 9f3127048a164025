//! What a condition reads.
//!
//! In: a condition. Out: whether it reads a result. Source: `lang-spec/core-form.md`, [core.pattern]: such a guard is judged at the result.

use crate::policy::{Cond, Term};

impl Cond {
    /// Whether some term of it is a field of a result.
    #[must_use]
    pub fn reads_result(&self) -> bool {
        match self {
            Self::Const(_) | Self::Has(_) | Self::Carries(_) => false,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::reads_result),
            Self::Not(inner) => inner.reads_result(),
            Self::Compare(_, _, left, right) => left.reads_result() || right.reads_result(),
            Self::Present(term)
            | Self::In(_, term, _)
            | Self::InCidr(term, _)
            | Self::UnderHost(term, _)
            | Self::UnderPath(term, _)
            | Self::Text(_, term, _) => term.reads_result(),
            Self::All(_, list, body) | Self::Some(_, list, body) => list.reads_result() || body.reads_result(),
        }
    }
}

impl Term {
    fn reads_result(&self) -> bool {
        match self {
            Self::Result(_) => true,
            Self::Arg(_) | Self::Var(..) | Self::Context(_) | Self::At | Self::Literal(_) => false,
            Self::Apply(_, inner) => inner.reads_result(),
            Self::Arith(_, left, right) => left.reads_result() || right.reads_result(),
        }
    }
}
