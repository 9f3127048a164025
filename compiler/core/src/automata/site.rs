//! Sites: the letters that a rule reads, by kind and subject, and what decides on each of them which patterns match.
//!
//! In: patterns. Out: for each site the tests of each pattern. Invariant: a letter that no site stands for leaves the rule as it is.
//! Where a rule's history is not the session's, a tool of which only results are named has a site for its calls too: such a call needs the key, or
//! its result would be in no history.
//! Source: `lang-spec/frame-format.md`, [frame.policy]; language section 9 (`missing_key`).

use std::collections::BTreeMap;

use leverframe_runtime::frame::{self, LetterKind, Test};

use super::guards::{Guards, Value};
use super::source::{Asked, SourcePattern};
use crate::core::formula::{Case, PatternPart};
use crate::core::{self, Cond, Core, Key, Pattern, PatternCases};

/// The subject of attempts on tools that the policy does not know.
pub(super) const UNKNOWN: u32 = frame::ToolId::UNKNOWN.0;

/// A kind of letter and its tool or host event.
pub(super) type SiteKey = (LetterKind, u32);

/// The sites of a rule, and whether a pattern speaks of each.
pub(super) fn keys<'a>(
    core: &Core,
    key: Key,
    patterns: impl Iterator<Item = &'a Pattern>,
    reads_every_call: bool,
) -> BTreeMap<SiteKey, bool> {
    let mut sites = BTreeMap::new();
    for part in patterns.flat_map(|pattern| &pattern.parts) {
        for kind in kinds(part.kind) {
            for subject in subjects(part) {
                sites.insert((*kind, subject), true);
                if key != Key::Session && *kind != LetterKind::Event {
                    sites.insert((LetterKind::Call, subject), true);
                }
            }
        }
        if part.unknown {
            sites.insert((LetterKind::Denied, UNKNOWN), true);
        }
    }
    if reads_every_call {
        for index in (0..core.tools.len()).filter_map(|index| u32::try_from(index).ok()) {
            sites.entry((LetterKind::Call, index)).or_insert(false);
        }
    }
    sites
}

fn kinds(kind: core::LetterKind) -> &'static [LetterKind] {
    match kind {
        core::LetterKind::Call => &[LetterKind::Call],
        core::LetterKind::Ok => &[LetterKind::Ok],
        core::LetterKind::Failed => &[LetterKind::Failed],
        core::LetterKind::Result => &[LetterKind::Ok, LetterKind::Failed],
        core::LetterKind::Event => &[LetterKind::Event],
        core::LetterKind::Denied => &[LetterKind::Denied],
    }
}

fn subjects(part: &PatternPart) -> Vec<u32> {
    match &part.cases {
        PatternCases::Tools(cases) => cases.iter().flat_map(|case| case.names.iter().map(|id| id.0)).collect(),
        PatternCases::Events(cases) => cases.iter().flat_map(|case| case.names.iter().map(|id| id.0)).collect(),
    }
}

/// The letters of one site: what decides on them, and the bindings that its tests ask about.
pub(super) struct Entrance<'g> {
    guards: &'g Guards,
    pub(super) at: SiteKey,
    /// Tuples of the subject's values.
    pub(super) bindings: Vec<Vec<u16>>,
}

impl<'g> Entrance<'g> {
    pub(super) fn new(guards: &'g Guards, at: SiteKey) -> Self {
        Self { guards, at, bindings: Vec::new() }
    }

    /// The conjunctions of tests, one of which must hold for the pattern to match a letter of the site; none where it cannot match there.
    pub(super) fn cubes(&mut self, asked: &SourcePattern) -> Vec<Vec<Test>> {
        let mut cubes = Vec::new();
        let kind = self.at.0;
        for part in asked.pattern.parts.iter().filter(|part| kinds(part.kind).contains(&kind)) {
            if part.unknown && self.at == (LetterKind::Denied, UNKNOWN) {
                cubes.extend(self.cube(part, asked, &Cond::Const(true)));
                continue;
            }
            let guard = match &part.cases {
                PatternCases::Tools(cases) => guard(cases, |id| id.0, self.at.1),
                PatternCases::Events(cases) => guard(cases, |id| id.0, self.at.1),
            };
            cubes.extend(guard.and_then(|guard| self.cube(part, asked, guard)));
        }
        cubes
    }

    fn cube(&mut self, part: &PatternPart, asked: &SourcePattern, guard: &Cond) -> Option<Vec<Test>> {
        let mut tests = Vec::new();
        if part.approved {
            tests.push(Test::Approved);
        }
        tests.extend(part.by.map(|persona| Test::By(frame::PersonaId(persona.0))));
        tests.extend(part.label.map(|label| Test::Label(frame::LabelId(label.0))));
        match guard {
            Cond::Const(true) => {}
            Cond::Const(false) => return None,
            // A guard that were in no list must not be dropped, which would widen an `unless`: no subject has this one, so no runtime loads the frame.
            guard => {
                let found = self.guards.find(self.at.0, self.at.1, guard);
                tests.push(Test::Guard { guard: found.unwrap_or(u16::MAX), failed: asked.failed });
            }
        }
        let unknown = self.at == (LetterKind::Denied, UNKNOWN);
        match (asked.values, part.bindings.is_empty()) {
            // Of a tool that nobody knows no value can be read: all of them are broken.
            (Asked::Binds, false) if unknown => return None,
            (Asked::Lacks | Asked::Broken, false) if unknown => {}
            (Asked::Binds | Asked::Any, true) | (Asked::Any, false) => {}
            (Asked::Lacks | Asked::Broken, true) => return None,
            (Asked::Binds, false) => tests.push(Test::Binds { binding: self.binding(part) }),
            (Asked::Lacks, false) => tests.push(Test::Lacks { binding: self.binding(part) }),
            (Asked::Broken, false) => tests.push(Test::Broken { binding: self.binding(part) }),
        }
        Some(tests)
    }

    fn binding(&mut self, part: &PatternPart) -> u8 {
        let values = part.bindings.iter().map(|binding| self.value(&Value::Path(binding.value.clone()))).collect();
        self.tuple(values)
    }

    /// The binding of a tuple. Patterns are fewer than numbers of bindings, or the rule passes another bound first.
    pub(super) fn tuple(&mut self, values: Vec<u16>) -> u8 {
        let known = self.bindings.iter().position(|tuple| *tuple == values);
        let index = known.unwrap_or_else(|| {
            self.bindings.push(values);
            self.bindings.len() - 1
        });
        u8::try_from(index).unwrap_or(u8::MAX)
    }

    /// Where a value stands; one in no list leads to a frame that no runtime loads.
    pub(super) fn value(&self, value: &Value) -> u16 {
        self.guards.find_value(self.at.0, self.at.1, value).unwrap_or(u16::MAX)
    }
}

fn guard<Id: Copy>(cases: &[Case<Id>], subject: impl Fn(Id) -> u32, wanted: u32) -> Option<&Cond> {
    cases.iter().find(|case| case.names.iter().any(|name| subject(*name) == wanted)).map(|case| &case.guard)
}
