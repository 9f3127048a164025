//! Sites: the letters that a rule reads, by kind and subject, and what decides on each of them which patterns match.
//!
//! In: patterns. Out: for each site the tests of each pattern. Invariant: a letter that no site stands for leaves the rule as it is.
//! Where a rule's history is not the session's, a tool of which only results are named has a site for its calls too: such a call needs the key, or
//! its result would be in no history.
//! Source: `lang-spec/frame-format.md`, [frame.policy]; language section 9 (`missing_key`).

use std::collections::BTreeMap;

use leverframe_runtime::frame::{self, LetterKind, Test};

use super::guards::Guards;
use crate::core::formula::{Case, PatternPart};
use crate::core::{self, Cond, Core, Key, Pattern, PatternCases};

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
    }
}

fn subjects(part: &PatternPart) -> Vec<u32> {
    match &part.cases {
        PatternCases::Tools(cases) => cases.iter().flat_map(|case| case.names.iter().map(|id| id.0)).collect(),
        PatternCases::Events(cases) => cases.iter().flat_map(|case| case.names.iter().map(|id| id.0)).collect(),
    }
}

/// The conjunctions of tests, one of which must hold for the pattern to match a letter of the site; none where it cannot match there.
///
/// `failed` is what its guards count as where they cannot be evaluated.
pub(super) fn cubes(guards: &Guards, pattern: &Pattern, failed: bool, site: SiteKey) -> Vec<Vec<Test>> {
    let mut cubes = Vec::new();
    for part in pattern.parts.iter().filter(|part| kinds(part.kind).contains(&site.0)) {
        match &part.cases {
            PatternCases::Tools(cases) => cases.iter().for_each(|case| cube(guards, part, case, |id| id.0, failed, site, &mut cubes)),
            PatternCases::Events(cases) => cases.iter().for_each(|case| cube(guards, part, case, |id| id.0, failed, site, &mut cubes)),
        }
    }
    cubes
}

fn cube<Id: Copy>(
    guards: &Guards,
    part: &PatternPart,
    case: &Case<Id>,
    subject: impl Fn(Id) -> u32,
    failed: bool,
    site: SiteKey,
    cubes: &mut Vec<Vec<Test>>,
) {
    if !case.names.iter().any(|name| subject(*name) == site.1) {
        return;
    }
    let mut tests = Vec::new();
    if part.approved {
        tests.push(Test::Approved);
    }
    tests.extend(part.by.map(|persona| Test::By(frame::PersonaId(persona.0))));
    tests.extend(part.label.map(|label| Test::Label(frame::LabelId(label.0))));
    match &case.guard {
        Cond::Const(true) => {}
        Cond::Const(false) => return,
        // A guard that were in no list must not be dropped, which would widen an `unless`: no subject has this one, so no runtime loads the frame.
        guard => tests.push(Test::Guard { guard: guards.find(site.0, site.1, guard).unwrap_or(u16::MAX), failed }),
    }
    cubes.push(tests);
}
