//! What the values of letters may be to the constants of a search.
//!
//! In: constants, and where machines take values from. Out: every way in which a letter's values can be constants, as far as some machine tells. Invariant: a value
//! is told from a constant only where some machine, or the call at the goal, has that constant there. Source: verification section 3.

use leverframe_compiler::automata::Value;
use leverframe_compiler::core::{Cond, Record, Term, ToolId, Type, TypeTag, ValuePath, ValueStep};
use leverframe_runtime::frame::LetterKind;

use super::letter::{Alphabet, Constant, Held, TooMany};

impl Alphabet<'_, '_> {
    /// For each constant that is a literal and each value of its type: whether they are equal, as a condition.
    pub(super) fn literals(&self, tool: ToolId) -> Vec<(usize, usize, Cond)> {
        let mut found = Vec::new();
        for (index, value) in self.guards.tool_values(tool.index()).iter().enumerate().filter(|(index, _)| self.taken(tool, *index)) {
            let Value::Path(path) = value else { continue };
            let Some(term) = scalar(path) else { continue };
            for (number, constant) in self.constants.iter().enumerate().filter(|(_, constant)| constant.may_be(path)) {
                if let Some(literal) = &constant.literal {
                    found.push((index, number, equals(path.tag, term.clone(), literal.clone())));
                }
            }
        }
        found
    }

    /// Whether some machine takes the value.
    fn taken(&self, tool: ToolId, index: usize) -> bool {
        self.machines.iter().flat_map(|machine| &machine.alphabet.sites).any(|site| {
            site.kind != LetterKind::Event
                && site.subject == tool.0
                && site.bindings.iter().flatten().any(|value| usize::from(*value) == index)
        })
    }

    /// All that a call's values may be to the constants, given what is known of literals.
    pub(super) fn values(&self, tool: ToolId, equal: &[(usize, usize, Cond)], known: &[bool]) -> Result<Vec<Vec<Held>>, TooMany> {
        let sources = self.guards.tool_values(tool.index());
        let taken = |index: usize| matches!(sources.get(index), Some(Value::Path(path)) if !path.result) && self.taken(tool, index);
        let own: Vec<u32> = (0..sources.len()).map(|value| self.mask(&OF_TOOLS, tool.0, value) | self.mask_at_goal(tool, value)).collect();
        let mut all = self.choices(&own, &taken)?;
        let record = self.core.tools.get(tool.index()).map(|tool| &tool.args);
        for values in &mut all {
            for ((index, constant, _), holds) in equal.iter().zip(known) {
                if let Some(value) = values.get_mut(*index) {
                    let bit = 1_u32 << constant;
                    value.constants = if *holds { value.constants | bit } else { value.constants & !bit };
                }
            }
        }
        all.retain(|values| {
            values.iter().enumerate().all(|(index, held)| match sources.get(index) {
                Some(Value::Path(path)) => fits(self.constants, record, path, *held),
                _ => true,
            })
        });
        all.sort_by_key(|values| values.iter().map(|held| (held.constants, held.lacks)).collect::<Vec<_>>());
        all.dedup();
        Ok(all)
    }

    /// The constants that some machine asks of a value whether it is.
    pub(super) fn mask(&self, kinds: &[LetterKind], subject: u32, value: usize) -> u32 {
        let mut found = 0;
        for machine in self.machines {
            for site in kinds.iter().filter_map(|kind| machine.site(*kind, subject)) {
                for (own, constant) in site.bindings.iter().flat_map(|tuple| tuple.iter().zip(&machine.slice)) {
                    found |= if usize::from(*own) == value { 1 << constant } else { 0 };
                }
            }
        }
        found
    }

    /// The constants that a value is at the call that comes to the goal.
    fn mask_at_goal(&self, tool: ToolId, value: usize) -> u32 {
        let Some(Value::Path(path)) = self.guards.tool_values(tool.index()).get(value) else { return 0 };
        let placed = self.of_goal.iter().filter(|placed| placed.tool == tool && placed.path == *path);
        placed.fold(0, |mask, placed| mask | 1 << placed.constant)
    }

    /// Every way in which the values that `taken` names can be constants.
    /// `own` has for each value the constants that some machine tells whether it is.
    pub(super) fn choices(&self, own: &[u32], taken: &dyn Fn(usize) -> bool) -> Result<Vec<Vec<Held>>, TooMany> {
        let mut all = vec![Vec::new()];
        for (index, own) in own.iter().enumerate() {
            let each: Vec<Held> = parts_of(*own).flat_map(|constants| [false, true].map(|lacks| Held { constants, lacks })).collect();
            let own: &[Held] = if taken(index) { &each } else { &[Held { constants: 0, lacks: false }] };
            all = all.iter().flat_map(|before| own.iter().map(move |held| [before.as_slice(), &[*held]].concat())).collect();
            if all.len() > 1 << 14 {
                return Err(TooMany("too many values would have to be told apart".to_owned()));
            }
        }
        Ok(all)
    }
}

/// The kinds of letter that tools have.
const OF_TOOLS: [LetterKind; 4] = [LetterKind::Call, LetterKind::Ok, LetterKind::Failed, LetterKind::Denied];

/// Every part of a set of bits.
fn parts_of(set: u32) -> impl Iterator<Item = u32> {
    let mut next = Some(0_u32);
    std::iter::from_fn(move || {
        let part = next?;
        next = (part != set).then(|| part.wrapping_sub(set) & set);
        Some(part)
    })
}

/// Whether a value of that path can be this to the constants.
fn fits(constants: &[Constant], record: Option<&Record>, path: &ValuePath, held: Held) -> bool {
    let mut own = constants.iter().enumerate().filter(|(at, _)| held.constants & (1 << at) != 0).map(|(_, constant)| constant);
    if own.clone().any(|constant| !constant.may_be(path)) {
        return false;
    }
    if scalar(path).is_none() {
        return true;
    }
    // One value is at most one literal, and one that is absent is none.
    if own.clone().filter(|constant| constant.literal.is_some()).count() > 1 {
        return false;
    }
    if held.lacks { own.next().is_none() && may_lack(record, &path.steps) } else { true }
}

pub(crate) fn may_lack(record: Option<&Record>, steps: &[ValueStep]) -> bool {
    let Some((ValueStep::Field(name), rest)) = steps.split_first() else { return false };
    let Some(field) = record.and_then(|record| record.fields.iter().find(|field| field.name == *name)) else { return true };
    let inner = match &field.ty {
        Type::Record(record) => Some(record),
        _ => None,
    };
    field.nullable || (!field.required && field.default.is_none()) || (!rest.is_empty() && may_lack(inner, rest))
}

/// The term of a path without lists.
pub(crate) fn scalar(path: &ValuePath) -> Option<Term> {
    let fields: Option<Vec<String>> = path
        .steps
        .iter()
        .map(|step| match step {
            ValueStep::Field(name) => Some(name.clone()),
            ValueStep::Each => None,
        })
        .collect();
    fields.map(|fields| if path.result { Term::Result(fields) } else { Term::Arg(fields) })
}

/// That a term is a literal; of a field that may be absent, that it is there and is it.
pub(crate) fn equals(tag: TypeTag, term: Term, literal: leverframe_compiler::core::Literal) -> Cond {
    let there = Cond::Present(term.clone());
    Cond::And(vec![there, Cond::Compare(leverframe_compiler::core::cond::CompareOp::Eq, tag, term, Term::Literal(literal))])
}

pub(super) fn mask(constants: usize) -> u32 {
    (1_u32 << constants.min(31)) - 1
}
