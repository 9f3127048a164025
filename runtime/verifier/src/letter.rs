//! Letters: which of them a rule reads, and what decides on each which patterns match.
//!
//! In: patterns of the policy. Out: the sites that a rule must have, and at a site for each ask the conjunctions of tests of which one must hold.
//! Invariants: a letter that no site stands for leaves a rule as it is; where a rule's history is not the session's, calls of every tool that it names are read,
//! since they need the key.
//! Source: `lang-spec/certificate.md`, [cert.letters]; `lang-spec/core-form.md`, [core.pattern].

use std::collections::BTreeMap;

use leverframe_reference::policy::{Cond, Key, Kind, Part, Pattern};
use leverframe_reference::step::Values;
use leverframe_runtime::frame::{LabelId, LetterKind, PersonaId, Test, ToolId};

use crate::Checked;
use crate::asked::{Asked, List, Subjects, Value};

/// The subject of attempts on tools that the policy does not know.
const UNKNOWN: u32 = ToolId::UNKNOWN.0;

/// The sites of a rule, and whether a pattern speaks of each.
pub(crate) fn sites<'p>(
    subjects: &Subjects<'_>,
    key: Key,
    patterns: impl IntoIterator<Item = &'p Pattern>,
    every_call: bool,
) -> BTreeMap<(LetterKind, u32), bool> {
    let mut sites = BTreeMap::new();
    for part in patterns.into_iter().flat_map(|pattern| &pattern.parts) {
        for name in part.cases.iter().flat_map(|case| &case.names) {
            let Some(subject) = subjects.place(list(part.kind == Kind::Event), name) else { continue };
            kinds(part.kind).iter().for_each(|kind| {
                sites.insert((*kind, subject), true);
            });
            if key != Key::Session && part.kind != Kind::Event {
                sites.insert((LetterKind::Call, subject), true);
            }
        }
        if part.unknown {
            sites.insert((LetterKind::Denied, UNKNOWN), true);
        }
    }
    for subject in (0..subjects.tools()).filter(|_| every_call) {
        sites.entry((LetterKind::Call, subject)).or_insert(false);
    }
    sites
}

fn list(of_events: bool) -> List {
    if of_events { List::Events } else { List::Tools }
}

fn kinds(kind: Kind) -> &'static [LetterKind] {
    match kind {
        Kind::Call => &[LetterKind::Call],
        Kind::Ok => &[LetterKind::Ok],
        Kind::Failed => &[LetterKind::Failed],
        Kind::Result => &[LetterKind::Ok, LetterKind::Failed],
        Kind::Event => &[LetterKind::Event],
        Kind::Denied => &[LetterKind::Denied],
    }
}

/// The letters of one kind of one tool or host event, as a rule sees them.
pub(crate) struct Site<'a> {
    subjects: &'a Subjects<'a>,
    pub(crate) kind: LetterKind,
    subject: u32,
    /// The values that the rule binds, in the order in which they are asked about.
    pub(crate) bindings: Vec<Vec<u16>>,
}

/// What is asked of a pattern at a site.
#[derive(Clone, Copy)]
pub(crate) struct Question<'p> {
    pub(crate) pattern: &'p Pattern,
    /// What a guard that cannot be evaluated counts as.
    pub(crate) doubt: bool,
    /// What is asked of the values that it binds; nothing, if only whether it matches.
    pub(crate) of: Option<Values>,
}

impl<'a> Site<'a> {
    pub(crate) fn new(subjects: &'a Subjects<'a>, (kind, subject): (LetterKind, u32)) -> Self {
        Self { subjects, kind, subject, bindings: Vec::new() }
    }

    /// The conjunctions of tests of which one must hold: none where the answer is no, an empty one where it is yes.
    pub(crate) fn cubes(&mut self, question: Question<'a>) -> Checked<Vec<Vec<Test>>> {
        let (kind, subject, subjects) = (self.kind, self.subject, self.subjects);
        let list = list(kind == LetterKind::Event);
        let mut cubes = Vec::new();
        for part in question.pattern.parts.iter().filter(|part| kinds(part.kind).contains(&kind)) {
            if self.is_unknown() {
                cubes.extend(self.unknown(part, question)?);
                continue;
            }
            let case = part.cases.iter().find(|case| case.names.iter().any(|name| subjects.place(list, name) == Some(subject)));
            if let Some(case) = case {
                cubes.extend(self.cube(part, &case.guard, question)?);
            }
        }
        Ok(cubes)
    }

    /// Of an attempt on an unknown tool nothing can be read, so it may be about any value.
    fn unknown(&self, part: &Part, question: Question<'_>) -> Checked<Option<Vec<Test>>> {
        let plain = part.binds.is_empty();
        let matches = match question.of {
            None => true,
            Some(Values::Bound) => plain,
            Some(Values::Lacking | Values::Broken) => !plain,
        };
        if !(part.unknown && matches) {
            return Ok(None);
        }
        Ok(Some(self.by(part)?.into_iter().collect()))
    }

    fn cube(&mut self, part: &'a Part, guard: &Cond, question: Question<'_>) -> Checked<Option<Vec<Test>>> {
        let mut cube: Vec<Test> = part.approved.then_some(Test::Approved).into_iter().chain(self.by(part)?).collect();
        if let Some(label) = &part.label {
            let id = self.subjects.place(List::Labels, label).ok_or("a pattern names an unknown label")?;
            cube.push(Test::Label(LabelId(id)));
        }
        match guard {
            Cond::Const(true) => {}
            Cond::Const(false) => return Ok(None),
            guard => {
                let guard = self.asked().and_then(|asked| asked.guard_at(guard)).ok_or("a pattern's guard is in no list")?;
                cube.push(Test::Guard { guard, failed: question.doubt });
            }
        }
        match (question.of, part.binds.is_empty()) {
            (None, _) | (Some(Values::Bound), true) => {}
            (Some(Values::Lacking | Values::Broken), true) => return Ok(None),
            (Some(of), false) => {
                let values = part.binds.iter().map(|bind| self.value(Value::Path(bind.tag, &bind.path))).collect::<Checked<Vec<u16>>>()?;
                let binding = self.binding(values)?;
                cube.push(match of {
                    Values::Bound => Test::Binds { binding },
                    Values::Lacking => Test::Lacks { binding },
                    Values::Broken => Test::Broken { binding },
                });
            }
        }
        Ok(Some(cube))
    }

    fn by(&self, part: &Part) -> Checked<Option<Test>> {
        let Some(name) = &part.by else { return Ok(None) };
        let id = self.subjects.place(List::Personas, name).ok_or("a pattern names an unknown persona")?;
        Ok(Some(Test::By(PersonaId(id))))
    }

    /// Where a value stands in the list of the subject; nothing for a tool that the policy does not know.
    pub(crate) fn value(&self, value: Value<'_>) -> Checked<u16> {
        self.asked().and_then(|asked| asked.value_at(value)).ok_or_else(|| "a rule takes a value that is in no list".to_owned())
    }

    /// Whether nothing can be read of its letters.
    pub(crate) fn is_unknown(&self) -> bool {
        self.kind == LetterKind::Denied && self.subject == UNKNOWN
    }

    fn asked(&self) -> Option<&'a Asked<'a>> {
        self.subjects.asked(list(self.kind == LetterKind::Event), self.subject)
    }

    pub(crate) fn binding(&mut self, values: Vec<u16>) -> Checked<u8> {
        let place = self.bindings.iter().position(|known| *known == values).unwrap_or_else(|| {
            self.bindings.push(values);
            self.bindings.len() - 1
        });
        u8::try_from(place).map_err(|_| "a rule binds too many values of one letter".to_owned())
    }
}
