//! What a condition reads.
//!
//! In: a condition of the core form. Out: whether it reads the result. Source: `lang-spec/core-form.md`, JUDGED of [core.formula].

use crate::core::{Cond, Term};

/// Whether a condition reads a field of the result.
pub(super) fn reads_result(cond: &Cond) -> bool {
    match cond {
        Cond::Const(_) | Cond::Has(_) | Cond::Carries(_) => false,
        Cond::And(parts) | Cond::Or(parts) => parts.iter().any(reads_result),
        Cond::Not(inner) => reads_result(inner),
        Cond::All(_, over, body) | Cond::Some(_, over, body) => of_result(over) || reads_result(body),
        Cond::Compare(_, _, left, right) => of_result(left) || of_result(right),
        Cond::Present(term)
        | Cond::In(_, term, _)
        | Cond::InCidr(term, _)
        | Cond::UnderHost(term, _)
        | Cond::UnderPath(term, _)
        | Cond::Text(_, term, _) => of_result(term),
    }
}

fn of_result(term: &Term) -> bool {
    match term {
        Term::Result(_) => true,
        Term::Apply(_, inner) => of_result(inner),
        Term::Arith(_, left, right) => of_result(left) || of_result(right),
        Term::Arg(_) | Term::Var(..) | Term::Context(_) | Term::At | Term::Literal(_) => false,
    }
}
