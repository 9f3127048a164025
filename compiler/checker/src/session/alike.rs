//! Letters that no machine tells apart.
//!
//! In: letters and machines. Out: one letter of each kind. Invariant: whatever a session does with a letter that is left out, the machines take it as they take one
//! that is kept: the same in every state, with the same results. So what is left out changes neither what can be reached nor how soon.
//! Source: bisimulation; verification section 3 ("the cone of rules that matter").

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leverframe_runtime::frame::{Target, Test};

use super::letter::Letter;
use super::machine::Machine;
use crate::cache::Digest;

/// The first of each kind of letter, calls with their results.
pub(crate) fn distinct(letters: Vec<Letter>, machines: &[Machine]) -> Vec<Letter> {
    let own: Vec<Digest> = letters.iter().map(|letter| looks(letter, machines)).collect();
    let mut results: BTreeMap<usize, BTreeSet<Digest>> = BTreeMap::new();
    for (letter, looks) in letters.iter().zip(&own) {
        if let Some(call) = letter.of {
            results.entry(call).or_default().insert(*looks);
        }
    }
    let mut known = BTreeSet::new();
    let mut kept = vec![false; letters.len()];
    for (place, (letter, looks)) in letters.iter().zip(&own).enumerate() {
        // Calls stand before their results.
        let fresh = match letter.of {
            None => known.insert((None, *looks, results.get(&place).cloned().unwrap_or_default())),
            Some(call) => kept.get(call) == Some(&true) && known.insert((Some(call), *looks, BTreeSet::new())),
        };
        kept.get_mut(place).into_iter().for_each(|kept| *kept = fresh);
    }
    chosen(letters, &kept)
}

/// The letters that are kept, numbered anew.
fn chosen(letters: Vec<Letter>, kept: &[bool]) -> Vec<Letter> {
    let places = kept.iter().enumerate().filter(|(_, kept)| **kept).map(|(place, _)| place);
    let numbers: HashMap<usize, usize> = places.enumerate().map(|(number, place)| (place, number)).collect();
    let kept = letters.into_iter().enumerate().filter(|(place, _)| numbers.contains_key(place));
    kept.map(|(_, letter)| Letter { of: letter.of.and_then(|call| numbers.get(&call).copied()), ..letter }).collect()
}

/// All that a search sees of a letter.
fn looks(letter: &Letter, machines: &[Machine]) -> Digest {
    let Letter { kind, subject, persona, foreign, elsewhere, asked, values, labels, has, called, moves, probed, .. } = letter;
    let site = |machine: &&Machine| machine.site(*kind, *subject).is_some();
    // What values a letter has is seen only where they are told from constants.
    let held = machines.iter().filter(site).any(|machine| !machine.slice.is_empty()).then_some((subject, values));
    let seen: Vec<Option<Digest>> = machines.iter().map(|machine| residual(machine, letter)).collect();
    Digest::of(format_args!(
        "{kind:?} {persona:?} {foreign:?} {elsewhere:?} {asked} {held:?} {labels} {has:?} {called:?} {moves} {probed} {} {seen:?}",
        letter.of.is_some()
    ))
}

/// What a machine still asks of the letter once all is answered that can be; nothing where it does not see the letter.
fn residual(machine: &Machine, letter: &Letter) -> Option<Digest> {
    let site = machine.site(letter.kind, letter.subject).filter(|_| letter.in_history_of(machine.key))?;
    let mut known = HashMap::new();
    let told = |test: Test| machine.tells(site, test, letter);
    Some(of_target(machine, site.root, letter.subject, &told, &mut known))
}

fn of_target(
    machine: &Machine,
    target: Target,
    subject: u32,
    told: &dyn Fn(Test) -> Option<bool>,
    known: &mut HashMap<u16, Digest>,
) -> Digest {
    let index = match target {
        Target::Class(class) => return Digest::of(format_args!("class {class}")),
        Target::Node(index) => index,
    };
    if let Some(digest) = known.get(&index) {
        return *digest;
    }
    let Some(node) = machine.alphabet.nodes.get(usize::from(index)) else { return Digest::of(format_args!("nothing")) };
    let digest = match told(node.test) {
        Some(true) => of_target(machine, node.yes, subject, told, known),
        Some(false) => of_target(machine, node.no, subject, told, known),
        None => {
            // Guards, values and who may ask are numbered by subject.
            let own = (!matches!(node.test, Test::Within { .. } | Test::CallAfter { .. })).then_some(subject);
            let (yes, no) = (of_target(machine, node.yes, subject, told, known), of_target(machine, node.no, subject, told, known));
            Digest::of(format_args!("{own:?} {:?} {yes:?} {no:?}", node.test))
        }
    };
    known.insert(index, digest);
    digest
}

#[cfg(test)]
mod tests {
    use leverframe_runtime::frame::LetterKind;

    use super::*;
    use leverframe_compiler::core::PersonaId;

    fn letter(kind: LetterKind, subject: u32, of: Option<usize>) -> Letter {
        Letter { of, ..Letter::new(kind, subject, PersonaId(0)) }
    }

    /// Without machines two calls are alike where their results are.
    #[test]
    fn calls_are_alike_with_their_results() {
        let call = |subject| letter(LetterKind::Call, subject, None);
        let result = |subject, of, labels| Letter { labels, ..letter(LetterKind::Ok, subject, Some(of)) };
        let letters = vec![call(0), call(1), call(2), result(0, 0, 1), result(0, 0, 1), result(1, 1, 1), result(2, 2, 3)];
        let kept: Vec<(u32, Option<usize>, u64)> =
            distinct(letters, &[]).into_iter().map(|letter| (letter.subject, letter.of, letter.labels)).collect();
        assert_eq!(kept, [(0, None, 0), (2, None, 0), (0, Some(0), 1), (2, Some(1), 3)]);
    }
}
