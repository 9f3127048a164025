//! Which letters a search needs.
//!
//! In: a policy and machines. Out: the tools of which anything matters, and the letters that move something. Invariant: what is left out changes no state that is
//! looked at, and can be put into any session, or left out of it, without another letter being decided otherwise.
//! Source: verification section 3 ("the cone of rules that matter").

use std::collections::BTreeSet;

use leverframe_compiler::automata::Value;
use leverframe_compiler::core::{Cond, Core, LabelId, PersonaId, Record, ToolId};
use leverframe_runtime::frame::LetterKind;

use super::letter::{Alphabet, Called, Held, Letter, TooMany, mentioned, tools};
use super::machine::Machine;
use super::permit::negated;
use super::values::{may_lack, scalar};
use crate::limits::LETTERS_PER_SUBJECT;

/// The tools whose calls or results matter, and the labels that do: those that conditions on these tools' calls ask the session for.
pub(crate) fn relevant(alphabet: &Alphabet<'_, '_>, persona: PersonaId) -> (Vec<ToolId>, u64) {
    const KINDS: [LetterKind; 4] = [LetterKind::Call, LetterKind::Ok, LetterKind::Failed, LetterKind::Denied];
    let heeded = |tool: &ToolId| alphabet.machines.iter().any(|machine| KINDS.iter().any(|kind| machine.heeds(*kind, tool.0)));
    let probed = |tool: &ToolId| alphabet.probe.is_some_and(|(probed, _)| probed == tool);
    let mut found: BTreeSet<ToolId> = tools(alphabet.core).filter(|tool| heeded(tool) || probed(tool)).collect();
    loop {
        let probed = alphabet.probe.map_or(0, |(_, cond)| mentioned(cond));
        let asked = found.iter().map(|tool| alphabet.asked_of(*tool, persona)).fold(probed, |a, b| a | b);
        let gives = |tool: &ToolId| given(alphabet.core, *tool, persona) & asked != 0;
        let more: BTreeSet<ToolId> = tools(alphabet.core).filter(|tool| !found.contains(tool) && gives(tool)).collect();
        if more.is_empty() {
            return (found.into_iter().collect(), asked);
        }
        found.extend(more);
    }
}

/// The labels that results of the tool can have.
fn given(core: &Core, tool: ToolId, persona: PersonaId) -> u64 {
    let declared = core.tools.get(tool.index()).map_or(0, |tool| bits(&tool.returns));
    declared | scanned(core, tool, Some(persona))
}

/// The letters without those that move nothing: results that no machine and no condition notices, and calls of which that is true as well.
pub(crate) fn moving(letters: Vec<Letter>, machines: &[Machine], tracked: u64) -> Vec<Letter> {
    let noticed = |letter: &Letter| {
        let labels = letter.own() && letter.labels & tracked != 0;
        letter.probed || labels || machines.iter().any(|machine| machine.notices(letter))
    };
    let moves: Vec<bool> = letters.iter().map(noticed).collect();
    let mut kept = moves.clone();
    let calls: Vec<usize> = letters.iter().zip(&moves).filter(|(_, moves)| **moves).filter_map(|(letter, _)| letter.of).collect();
    calls.into_iter().for_each(|call| kept.get_mut(call).into_iter().for_each(|kept| *kept = true));
    // A call that moves nothing and that nothing can refuse is made wherever its result needs it.
    let free: Vec<bool> = letters.iter().zip(&moves).map(|(letter, moves)| !moves && letter.has == (0, 0) && !letter.asked).collect();
    let alone = |letter: &Letter| letter.of.is_some_and(|call| free.get(call).copied().unwrap_or(false));
    let needed: BTreeSet<usize> =
        letters.iter().zip(&moves).filter(|(letter, moves)| **moves && !alone(letter)).filter_map(|(letter, _)| letter.of).collect();
    let mut numbers = Vec::with_capacity(letters.len());
    let mut next = 0;
    for kept in &kept {
        numbers.push(next);
        next += usize::from(*kept);
    }
    let mut found = Vec::with_capacity(next);
    for (place, (letter, _)) in letters.iter().zip(&kept).enumerate().filter(|(_, (_, kept))| **kept) {
        let called = match letter.called {
            Called::Before if alone(letter) => Called::JustNow,
            Called::AtItsPlace if alone(letter) => Called::Anywhere,
            called => called,
        };
        let moves = moves.get(place).copied().unwrap_or(true) || needed.contains(&place);
        found.push(Letter { of: letter.of.and_then(|call| numbers.get(call).copied()), called, moves, ..letter.clone() });
    }
    found
}

/// A bit a label.
pub(crate) fn bits(labels: &[LabelId]) -> u64 {
    labels.iter().fold(0, |set, label| set | 1_u64.checked_shl(label.0).unwrap_or(0))
}

/// The labels that scans can find in the tool's results.
pub(crate) fn scanned(core: &Core, tool: ToolId, persona: Option<PersonaId>) -> u64 {
    let in_scope = |scope: &leverframe_compiler::core::Scope| match scope {
        leverframe_compiler::core::Scope::All => true,
        leverframe_compiler::core::Scope::Personas(personas) => persona.is_some_and(|persona| personas.contains(&persona)),
    };
    let scans = core.scans.iter().filter(|scan| scan.results && scan.tools.contains(&tool) && in_scope(&scan.scope));
    scans.map(|scan| bits(&scan.labels)).fold(0, |a, b| a | b)
}

/// The labels that a result can come with: what the tool declares, unless it failed without content, and whatever scans find.
pub(crate) fn label_sets(kind: LetterKind, declared: u64, scanned: u64) -> Result<Vec<u64>, TooMany> {
    let mut found: BTreeSet<u64> = BTreeSet::new();
    let mut subset = scanned;
    loop {
        found.insert(declared | subset);
        if kind == LetterKind::Failed {
            found.insert(0);
        }
        if found.len() > LETTERS_PER_SUBJECT {
            return Err(TooMany(format!("scans can give one result more than {LETTERS_PER_SUBJECT} sets of labels")));
        }
        if subset == 0 {
            return Ok(found.into_iter().collect());
        }
        subset = (subset - 1) & scanned;
    }
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
