//! Linear comparisons, multiples of which add up to what no numbers fulfil.
//!
//! In: comparisons that came to true or false, and multipliers. Out: nothing, if no values of their terms have them so. Invariants: exact; what leaves 128 bits shows
//! nothing. Left out: products of terms, of which nothing is known but that they are integers.
//! Source: `lang-spec/certificate.md`, [cert.lemmas].

use leverframe_reference::policy::{Cond, Op, Term};

use super::kind::{Kind, Values};
use super::lemma::{Decided, size};
use super::linear::{Reader, Sum, add};
use super::regular::Machines;

/// Tests of one lemma by which two sides differ; each doubles the cases.
const UNEQUAL: usize = 4;

/// What a test says of a sum: of one that it is not more than 0 (or less, where `strict`).
enum Says {
    /// Of this sum alone.
    One(Sum, bool),
    /// Of both.
    Both(Sum, Sum),
    /// That it or its contrary is less than 0.
    Either(Sum),
}

/// A sum of multiples of terms is not more than `bound`, or less than it.
#[derive(Default)]
struct Row {
    parts: Vec<(usize, i128)>,
    bound: i128,
    strict: bool,
}

/// Whether the multipliers show that the tests contradict each other, in each of the cases that they leave.
///
/// Proof: `Farkas.v`, `farkas_with_unequal`; `Farkas.v`, `rounded_holds`.
pub(super) fn check<'p>(tests: &[Decided<'p>], cases: &[Vec<i64>], values: &Values<'_>, machines: &mut Machines) -> Result<(), String> {
    let nodes: usize = size(tests).saturating_add(tests.iter().map(|(test, _)| operands(test)).sum());
    machines.spend(nodes.saturating_mul(nodes).saturating_add(tests.len().saturating_mul(cases.len())))?;
    let mut reader = Reader::new(values);
    let read = |(test, holds): &Decided<'p>| says(test, *holds, &mut reader, values);
    let said: Vec<Says> = tests.iter().map(read).collect::<Option<_>>().ok_or("a test is not linear, or its numbers are too large")?;
    let unequal = said.iter().filter(|says| matches!(says, Says::Either(_))).count();
    if unequal > UNEQUAL || cases.len() != 1 << unequal {
        return Err("it has not a list of multipliers for each of its cases".to_owned());
    }
    for (case, multipliers) in cases.iter().enumerate() {
        if multipliers.len() != said.len() {
            return Err("a list has not a multiplier for each test".to_owned());
        }
        let total = total(&said, multipliers, case, &reader).ok_or("a multiplier is negative, or the numbers are too large")?;
        if !is_false(&total, &reader) {
            return Err("the multiples add up to nothing that is false".to_owned());
        }
    }
    Ok(())
}

fn operands(test: &Cond) -> usize {
    match test {
        Cond::Compare(_, _, left, right) => nodes(left) + nodes(right),
        Cond::In(_, term, _) => nodes(term),
        _ => 0,
    }
}

fn nodes(term: &Term) -> usize {
    match term {
        Term::Apply(_, inner) => 1 + nodes(inner),
        Term::Arith(_, left, right) => 1 + nodes(left) + nodes(right),
        _ => 1,
    }
}

/// What the test says, as it came to that.
fn says<'p>(test: &'p Cond, holds: bool, reader: &mut Reader<'_, 'p>, values: &Values<'_>) -> Option<Says> {
    let fits = |tag, term| values.of(term).is_some_and(|kind| kind.fits(tag));
    match test {
        Cond::Compare(op, tag, left, right) if fits(*tag, left) && fits(*tag, right) => {
            let less = reader.sum(left)?.plus(&reader.sum(right)?, -1)?;
            let more = Sum::default().plus(&less, -1)?;
            Some(match (op, holds) {
                (Op::Lt, true) | (Op::Ge, false) => Says::One(less, true),
                (Op::Le, true) | (Op::Gt, false) => Says::One(less, false),
                (Op::Gt, true) | (Op::Le, false) => Says::One(more, true),
                (Op::Ge, true) | (Op::Lt, false) => Says::One(more, false),
                (Op::Eq, true) | (Op::Ne, false) => Says::Both(less, more),
                (Op::Ne, true) | (Op::Eq, false) => Says::Either(less),
            })
        }
        Cond::In(tag, term, literals) if fits(*tag, term) => {
            let sum = reader.sum(term)?;
            let above: Vec<Sum> = literals.iter().map(|literal| sum.plus(&Sum::of(literal)?, -1)).collect::<Option<_>>()?;
            match (holds, above.as_slice()) {
                (false, [one]) => Some(Says::Either(one.clone())),
                (true, all) => Some(Says::Both(extreme(all, 1)?, extreme(all, -1)?)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Of sums that differ in their constants alone, the one that is least (or, of their contraries, with -1).
fn extreme(sums: &[Sum], sign: i128) -> Option<Sum> {
    let mut least: Option<Sum> = None;
    for sum in sums {
        let sum = Sum::default().plus(sum, sign)?;
        let less = match &least {
            Some(known) => sum.plus(known, -1)?.constant < 0,
            None => true,
        };
        if less {
            least = Some(sum);
        }
    }
    least
}

/// The sum of the multiples; the case says of each test in turn that says either which of both.
fn total(said: &[Says], multipliers: &[i64], case: usize, reader: &Reader<'_, '_>) -> Option<Row> {
    let mut total = Row::default();
    let mut unequal = 0;
    for (says, multiplier) in said.iter().zip(multipliers) {
        let multiplier = i128::from(*multiplier);
        let (sum, strict) = match says {
            Says::One(sum, strict) => (sum.clone(), *strict),
            Says::Both(less, _) if multiplier >= 0 => (less.clone(), false),
            Says::Both(_, more) => (more.clone(), false),
            Says::Either(sum) => {
                let sign = if case >> unequal & 1 == 0 { 1 } else { -1 };
                unequal += 1;
                (Sum::default().plus(sum, sign)?, true)
            }
        };
        if multiplier < 0 && !matches!(says, Says::Both(..)) {
            return None;
        }
        if multiplier != 0 {
            total.take(&Row::of(&sum, strict, reader)?, multiplier.checked_abs()?)?;
        }
    }
    Some(total)
}

impl Row {
    /// The row that says that the sum is not more than 0; of integers with the tightest bound that says the same of them.
    fn of(sum: &Sum, strict: bool, reader: &Reader<'_, '_>) -> Option<Self> {
        let parts: Vec<(usize, i128)> = sum.parts.iter().copied().filter(|(_, factor)| *factor != 0).collect();
        let bound = sum.constant.checked_neg()?;
        let divisor = parts.iter().try_fold(0, |divisor, (_, factor)| Some(common(divisor, factor.checked_abs()?)))?;
        if divisor == 0 || !reader.is_whole(sum) {
            return Some(Self { parts, bound, strict });
        }
        let bound = bound.checked_sub(i128::from(strict))?.div_euclid(divisor);
        Some(Self { parts: parts.into_iter().map(|(number, factor)| (number, factor / divisor)).collect(), bound, strict: false })
    }

    /// Adds so many times the other.
    fn take(&mut self, other: &Self, times: i128) -> Option<()> {
        for (number, factor) in &other.parts {
            add(&mut self.parts, *number, factor.checked_mul(times)?)?;
        }
        self.bound = self.bound.checked_add(other.bound.checked_mul(times)?)?;
        self.strict |= other.strict;
        Some(())
    }
}

/// The greatest common divisor of two numbers that are not negative.
fn common(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a.rem_euclid(b));
    }
    a
}

/// Whether the least value that the sum can have is more than it may be.
fn is_false(row: &Row, reader: &Reader<'_, '_>) -> bool {
    let least = row.parts.iter().try_fold(0_i128, |least, (number, factor)| {
        let least_of = match (reader.kind(*number)?, factor) {
            (_, 0) => 0,
            (Kind::Int(lo, hi), factor) => factor.checked_mul(i128::from(if *factor > 0 { *lo } else { *hi }))?,
            _ => return None,
        };
        least.checked_add(least_of)
    });
    least.is_some_and(|least| least > row.bound || (row.strict && least == row.bound))
}

#[cfg(test)]
mod tests;
