//! The comparison: the table and an oracle's automaton read every letter side by side, from every pair of states that histories reach.
//!
//! In: a table; an oracle's automaton. Out: how their states correspond, or a history on which they differ. Breadth first, so that history is shortest.
//! Source: verification section 4; the conventions of [`oracle`](super).

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::alphabet::{Letter, Letters};
use super::mona::{Accepts, Stepped};
use super::table::Table;

/// A state of the table's complete automaton: none in the sink, else the table's state and the judgement of the letter before.
type Complete = Option<(usize, bool)>;

/// How the states of the two correspond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// States of the table's complete automaton.
    pub ours: usize,
    /// States of MONA's that histories reach.
    pub theirs: usize,
}

impl Found {
    /// Whether each state is one state of the other.
    #[must_use]
    pub fn is_isomorphic(self) -> bool {
        self.ours == self.theirs
    }
}

/// Compares a table with MONA's automaton.
///
/// # Errors
/// A state of the table that is two of MONA's, which are distinguishable, or a history that only one of them accepts.
pub fn compare(table: &Table, mona: &Stepped, letters: &Letters, accepts: Accepts) -> Result<Found, String> {
    let start: Complete = Some((0, false));
    let mut partner: HashMap<Complete, usize> = HashMap::from([(start, mona.beginning)]);
    let mut came: HashMap<Complete, (Complete, Letter)> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    let all: Vec<Letter> = letters.all().collect();
    while let Some(ours) = queue.pop_front() {
        let theirs = partner[&ours];
        let accepted = ours.is_none_or(|(_, judged)| judged);
        if accepted != mona.accepts(theirs) {
            return Err(format!("after {} the table says {accepted}, MONA {}", history(&came, ours, letters), !accepted));
        }
        for letter in &all {
            let next = after(table, ours, *letter, accepts);
            let expected = mona.after(theirs, *letter);
            match partner.get(&next) {
                None => {
                    partner.insert(next, expected);
                    came.insert(next, (ours, *letter));
                    queue.push_back(next);
                }
                Some(known) if *known != expected => {
                    let here = format!("{} {}", history(&came, ours, letters), letters.show(*letter));
                    let there = history(&came, next, letters);
                    return Err(format!("after {here} and after {there} the table is in one state, MONA in two"));
                }
                Some(_) => {}
            }
        }
    }
    let mut theirs: Vec<usize> = partner.values().copied().collect();
    theirs.sort_unstable();
    theirs.dedup();
    Ok(Found { ours: partner.len(), theirs: theirs.len() })
}

fn after(table: &Table, state: Complete, letter: Letter, accepts: Accepts) -> Complete {
    let (state, _) = state?;
    let (next, judged) = table.step(state, letter);
    if judged && accepts == Accepts::Ever { None } else { Some((next, judged)) }
}

fn history(came: &HashMap<Complete, (Complete, Letter)>, mut at: Complete, letters: &Letters) -> String {
    let mut found = Vec::new();
    while let Some((before, letter)) = came.get(&at) {
        found.push(letters.show(*letter));
        at = *before;
    }
    found.reverse();
    format!("<{}>", found.join(", "))
}

/// How often each number occurs, to be printed.
#[must_use]
pub fn histogram(numbers: impl Iterator<Item = usize>) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    numbers.for_each(|number| *counts.entry(number).or_insert(0) += 1);
    counts
}
