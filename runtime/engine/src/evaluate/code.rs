//! Conditions in the compact form that is evaluated: one list of small steps for all of them, with the constants that they compare with beside it.
//!
//! In: a validated frame. Out: [`Code`]. Invariants: a step answers what the tests of the program answer that it stands for; steps lead forward.
//! Left out: what reads more than an argument and a literal; such a test is followed as the frame has it.
//! Source: language section 9 ("Evaluation"); contracts section 5.

use alloc::vec::Vec;

use super::draft::{Asked, Draft, drafts};
use super::members::{Ranges, Texts, odd};
use crate::frame::{Exit, Frame, Program, ProgramId};
use crate::values::{Node, Value, Values};

/// A way out: the condition holds.
pub(super) const HOLDS: u32 = u32::MAX;
/// A way out: the condition does not hold.
pub(super) const FAILS: u32 = u32::MAX - 1;
/// A way to the step behind the one at hand, so that a processor need not wait for the answer to know which it is.
pub(super) const NEXT: u32 = u32::MAX - 2;
/// A way out that nothing in a valid frame leads to.
const NOWHERE: u32 = u32::MAX - 3;

/// What a step asks of a field of the arguments. A field whose value does not fit cannot be judged.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ask {
    /// Is the int one of these and those between?
    Between { field: u16, least: i64, most: i64 },
    /// Is an odd number of these bounds not above the int?
    Odd { field: u16, bounds: Range },
    /// Is the text this one?
    Text { field: u16, bytes: Range },
    /// Is the text one of these, which are in order?
    OneOf { field: u16, texts: Range },
    /// Is it this?
    Bool { field: u16, value: bool },
    /// What does the program's test of this number say of the text?
    Words { field: u16, test: u16 },
    /// The program's test of this number.
    Other(u16),
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    start: u32,
    end: u32,
}

impl Range {
    #[inline]
    fn of<T>(self, list: &[T]) -> &[T] {
        list.get(self.start as usize..self.end as usize).unwrap_or(&[])
    }
}

/// A step and where its answers lead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) ask: Ask,
    pub(super) yes: u32,
    pub(super) no: u32,
}

/// All conditions of a frame.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// Where each program begins.
    entries: Vec<u32>,
    steps: Vec<Step>,
    bounds: Vec<i64>,
    texts: Vec<Range>,
    bytes: Vec<u8>,
}

impl Code {
    /// The compact form of all programs. One for which the lists have no room, which takes a larger frame than there may be, cannot be evaluated.
    pub(crate) fn of(frame: &Frame) -> Self {
        let mut code = Self { entries: Vec::with_capacity(frame.programs.len()), ..Self::default() };
        for program in &frame.programs {
            let entry = code.add(program).unwrap_or(NOWHERE);
            code.entries.push(entry);
        }
        code
    }

    /// Adds a program, and says where it begins.
    fn add(&mut self, program: &Program) -> Option<u32> {
        let drafts = drafts(program);
        let first = u32::try_from(self.steps.len()).ok()?;
        // Where each test goes: those that were swallowed leave no gap.
        let mut places: Vec<u32> = Vec::with_capacity(drafts.len());
        let mut next = first;
        for draft in &drafts {
            places.push(next);
            next = next.checked_add(u32::from(draft.ways > 0)).filter(|next| *next < NOWHERE)?;
        }
        let place = |exit: Exit| match exit {
            Exit::Holds => HOLDS,
            Exit::Fails => FAILS,
            Exit::To(at) => places.get(usize::from(at)).copied().unwrap_or(NOWHERE),
        };
        for (number, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.ways > 0) {
            let step = self.step(u16::try_from(number).ok()?, draft, place)?;
            self.steps.push(step);
        }
        Some(place(program.entry))
    }

    fn step(&mut self, number: u16, draft: &Draft<'_>, place: impl Fn(Exit) -> u32) -> Option<Step> {
        let next = u32::try_from(self.steps.len()).ok()?.checked_add(1);
        let way = |exit: Exit| if Some(place(exit)) == next { NEXT } else { place(exit) };
        let (yes, no) = (way(draft.yes), way(draft.no));
        let (ask, turned) = match &draft.asked {
            Asked::Bool(field, value) => (Ask::Bool { field: *field, value: *value }, false),
            Asked::Ints(field, ranges) => self.ints(*field, ranges)?,
            Asked::Texts(field, texts) => (self.listed(*field, texts)?, texts.others),
            Asked::Words(field) => (Ask::Words { field: *field, test: number }, false),
            Asked::Other => (Ask::Other(number), false),
        };
        Some(if turned { Step { ask, yes: no, no: yes } } else { Step { ask, yes, no } })
    }

    /// A test of a set of ints, and whether it asks for all others instead.
    fn ints(&mut self, field: u16, ranges: &Ranges) -> Option<(Ask, bool)> {
        let one = |ranges: &Ranges| match *ranges.0.as_slice() {
            // Nothing lies between these.
            [] => Some((i64::MAX, i64::MIN)),
            [least] => Some((least, i64::MAX)),
            [least, end] => Some((least, end.saturating_sub(1))),
            _ => None,
        };
        if let Some((least, most)) = one(ranges) {
            return Some((Ask::Between { field, least, most }, false));
        }
        if let Some((least, most)) = one(&ranges.clone().complement()) {
            return Some((Ask::Between { field, least, most }, true));
        }
        let bounds = append(&mut self.bounds, &ranges.0)?;
        Some((Ask::Odd { field, bounds }, false))
    }

    fn listed(&mut self, field: u16, texts: &Texts<'_>) -> Option<Ask> {
        if let [text] = *texts.listed.as_slice() {
            return Some(Ask::Text { field, bytes: append(&mut self.bytes, text.as_bytes())? });
        }
        let members = texts.listed.iter().map(|text| append(&mut self.bytes, text.as_bytes())).collect::<Option<Vec<Range>>>()?;
        Some(Ask::OneOf { field, texts: append(&mut self.texts, &members)? })
    }

    /// How many steps there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Where a program begins.
    #[inline]
    pub(super) fn entry(&self, program: ProgramId) -> u32 {
        self.entries.get(program.index()).copied().unwrap_or(NOWHERE)
    }

    /// The steps from one on.
    #[inline]
    pub(super) fn from(&self, at: u32) -> &[Step] {
        self.steps.get(at as usize..).unwrap_or(&[])
    }

    /// What a step's question about a field comes to; none where the value does not fit.
    #[inline]
    pub(super) fn answer(&self, ask: Ask, fields: &[Node], values: &Values) -> Option<bool> {
        let value = |field: u16| fields.get(usize::from(field)).map(Node::value);
        let text = |field: u16| if let Some(Value::Text(span)) = value(field) { Some(values.bytes(span)) } else { None };
        match ask {
            Ask::Between { field, least, most } => match value(field) {
                Some(Value::Int(value)) => Some(least <= value && value <= most),
                _ => None,
            },
            Ask::Odd { field, bounds } => match value(field) {
                Some(Value::Int(value)) => Some(odd(bounds.of(&self.bounds), value)),
                _ => None,
            },
            Ask::Text { field, bytes } => text(field).map(|text| same(text, bytes.of(&self.bytes))),
            Ask::OneOf { field, texts } => {
                let one_of = |text: &[u8]| texts.of(&self.texts).binary_search_by(|member| member.of(&self.bytes).cmp(text)).is_ok();
                text(field).map(one_of)
            }
            Ask::Bool { field, value: wanted } => match value(field) {
                Some(Value::Bool(value)) => Some(value == wanted),
                _ => None,
            },
            Ask::Words { .. } | Ask::Other(_) => None,
        }
    }
}

fn append<T: Copy>(list: &mut Vec<T>, more: &[T]) -> Option<Range> {
    let start = u32::try_from(list.len()).ok()?;
    list.extend_from_slice(more);
    Some(Range { start, end: u32::try_from(list.len()).ok()? })
}

/// Whether two texts are the same; short ones, which most are, without a call.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    // Two words that overlap have every byte.
    match (a.first_chunk::<4>(), a.last_chunk::<4>(), b.first_chunk::<4>(), b.last_chunk::<4>()) {
        (Some(a_first), Some(a_last), Some(b_first), Some(b_last)) if a.len() <= 8 => (a_first, a_last) == (b_first, b_last),
        (Some(_), ..) => a == b,
        _ => a.iter().zip(b).all(|(a, b)| a == b),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use alloc::string::String;

    use super::*;

    #[test]
    fn short_texts_are_compared_byte_by_byte() {
        let text = "abcdefghijklm";
        for length in 0..=text.len() {
            let own = text.get(..length).unwrap();
            assert!(same(own.as_bytes(), own.as_bytes()), "{own}");
            assert!(!same(own.as_bytes(), text.get(..length.saturating_sub(1)).unwrap().as_bytes()) || length == 0, "{own}");
            for at in 0..length {
                let mut other: Vec<u8> = String::from(own).into_bytes();
                *other.get_mut(at).unwrap() ^= 1;
                assert!(!same(own.as_bytes(), &other), "{own}, byte {at}");
            }
        }
    }
}
