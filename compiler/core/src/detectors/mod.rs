//! Detectors become automata that the runtime only has to read.
//!
//! In: the detectors and scans of a core form. Out: the frame's detectors. Invariants: a detector is the parts that it and those it names have,
//! each once; no automaton finds the empty text (the front end asks [`finds_empty`] of every `matches`).
//! Source: `lang-spec/content.md`; regex-automata's documentation of serialisation.

mod compile;
mod table;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use leverframe_runtime::frame::{self, Check, Recogniser};

use crate::automata::{Oversize, Subject};
use crate::core::{Detector, DetectorPart, Scan};
use crate::types::pattern::parser;

pub use table::{BUILT_IN, BuiltIn, find};

/// An expression and what confirms its matches.
type Part = (String, Check);

/// The detectors that the scans name, each once, in the order in which they are first named; a scan refers to them by position.
///
/// # Errors
/// [`Oversize`] (`LF0747`) where an automaton is too large.
pub fn of_scans(detectors: &[Detector], scans: &[Scan]) -> Result<Vec<frame::Detector>, Oversize> {
    let mut compiled = Compiled::default();
    let mut made: Vec<frame::Detector> = Vec::new();
    for name in scans.iter().flat_map(|scan| &scan.detectors) {
        if made.iter().all(|known| known.name != *name) {
            made.push(frame::Detector { name: name.clone(), parts: compiled.parts(detectors, name)? });
        }
    }
    Ok(made)
}

/// Whether a `matches` would find the empty text; one that is no expression does not.
#[must_use]
pub fn finds_empty(text: &str) -> bool {
    parser().parse(text).is_ok_and(|hir| hir.properties().minimum_len() == Some(0))
}

/// Recognisers that are there already.
#[derive(Default)]
struct Compiled(HashMap<Part, Recogniser>);

impl Compiled {
    fn parts(&mut self, detectors: &[Detector], name: &str) -> Result<Vec<Recogniser>, Oversize> {
        let mut parts = Vec::new();
        collect(detectors, name, &mut vec![], &mut parts);
        parts.into_iter().map(|part| self.get(name, part)).collect()
    }

    fn get(&mut self, name: &str, part: Part) -> Result<Recogniser, Oversize> {
        if let Some(known) = self.0.get(&part) {
            return Ok(known.clone());
        }
        let made = compile::compile(&Subject::Detector(name.to_owned()), &part.0, part.1)?;
        self.0.insert(part, made.clone());
        Ok(made)
    }
}

/// Adds the parts of a detector, those of the ones it names included; the front end has refused circles, which are cut here.
fn collect<'a>(detectors: &'a [Detector], name: &'a str, above: &mut Vec<&'a str>, parts: &mut Vec<Part>) {
    if let Some(built_in) = find(name) {
        built_in.expressions.iter().for_each(|text| add(parts, ((*text).to_owned(), built_in.check)));
        return;
    }
    let Some(detector) = detectors.iter().find(|known| known.name == name).filter(|_| !above.contains(&name)) else { return };
    above.push(name);
    for part in &detector.parts {
        match part {
            DetectorPart::Matches(text) => add(parts, (text.clone(), Check::None)),
            DetectorPart::Named(other) => collect(detectors, other, above, parts),
        }
    }
    above.pop();
}

fn add(parts: &mut Vec<Part>, part: Part) {
    if !parts.contains(&part) {
        parts.push(part);
    }
}
