//! The letters that a search can leave out: those that move nothing, and those that cannot be.
//!
//! In: letters. Out: those of them that move something. Invariant: what is left out changes no machine's state and no label that is asked for, and no machine judges it.
//! Left out: whether such a call is admitted, which is all that it has to say. Source: verification section 3.

use leverframe_compiler::automata::Value;
use leverframe_compiler::core::{Cond, Record};

use super::letter::{Held, Letter, may_lack, scalar};
use super::machine::Machine;
use super::permit::negated;

/// The letters without those that move nothing: results that no machine and no condition notices, and calls of which that is true as well.
pub(crate) fn moving(letters: Vec<Letter>, machines: &[Machine], tracked: u64) -> Vec<Letter> {
    let noticed = |letter: &Letter| {
        let labels = letter.own() && letter.labels & tracked != 0;
        letter.probed || labels || machines.iter().any(|machine| machine.notices(letter))
    };
    let mut kept: Vec<bool> = letters.iter().map(noticed).collect();
    let calls: Vec<usize> = letters.iter().zip(&kept).filter(|(_, kept)| **kept).filter_map(|(letter, _)| letter.of).collect();
    calls.into_iter().for_each(|call| kept.get_mut(call).into_iter().for_each(|kept| *kept = true));
    let mut numbers = Vec::with_capacity(letters.len());
    let mut next = 0;
    for kept in &kept {
        numbers.push(next);
        next += usize::from(*kept);
    }
    let kept = letters.into_iter().zip(kept).filter(|(_, kept)| *kept);
    kept.map(|(letter, _)| Letter { of: letter.of.and_then(|call| numbers.get(call).copied()), ..letter }).collect()
}

/// What the values of a call say of arguments that may be absent: one that is a constant is there, one that lacks is not.
pub(crate) fn presences(record: Option<&Record>, sources: &[Value], values: &[Held]) -> Vec<Cond> {
    let told = |(source, held): (&Value, &Held)| {
        let Value::Path(path) = source else { return None };
        let open = !path.result && may_lack(record, &path.steps);
        let there = Cond::Present(scalar(path).filter(|_| open)?);
        match (held.constants, held.lacks) {
            (0, false) => None,
            (_, false) => Some(there),
            (_, true) => Some(negated(there)),
        }
    };
    sources.iter().zip(values).filter_map(told).collect()
}
