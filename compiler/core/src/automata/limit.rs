//! Limits: templates, not tables. A class is a set of bits: whether the letter counts, whether the call is judged, whether it lacks a value.
//!
//! In: a limit. Out: an alphabet of eight classes and a [`Body::Gauge`].
//! Source: language section 5 (`limit`), section 9; `lang-spec/limits.md`.

use std::collections::HashMap;

use leverframe_runtime::frame::{Alphabet, Body, Gauge, LetterKind, Node, Site, Target, gauge_class};
use leverframe_runtime::{frame, limits};

use super::decision::{Decisions, NO, Ref};
use super::guards::{Guards, Value};
use super::oversize::Bound;
use super::site::{self, Entrance, SiteKey, UNKNOWN};
use super::source::{Asked, SourcePattern};
use crate::core::{Core, Key, Limit, Measure, Pattern};

pub(super) fn compile(core: &Core, guards: &Guards, key: Key, limit: &Limit) -> Result<(Alphabet, Body), Bound> {
    let gauge = gauge(limit)?;
    let judged = limit.judged.as_ref().unwrap_or(&limit.event);
    let measured = match &limit.measure {
        Measure::Count(_) | Measure::Identical(_) => None,
        Measure::Distinct(_, path) | Measure::Sum(_, path) => Some(Value::Path(path.clone())),
    };
    let mut alphabet = Writing::new(gauge_class::CLASSES);
    for (at, named) in site::keys(core, key, [&limit.event, judged].into_iter(), false) {
        let mut entrance = Entrance::new(guards, at);
        let root = alphabet.root(&mut entrance, limit, judged)?;
        // Of an attempt on a tool that nobody knows nothing can be read; it counts all the same.
        let measure = measured.as_ref().filter(|_| at.1 != UNKNOWN).map(|measured| entrance.value(measured));
        alphabet.site(at, named, root, entrance.bindings, measure)?;
    }
    Ok((alphabet.finish()?, Body::Gauge(gauge)))
}

fn gauge(limit: &Limit) -> Result<Gauge, Bound> {
    let measure = match limit.measure {
        Measure::Count(most) | Measure::Identical(most) => {
            if limit.window_ms.is_some() {
                Bound::check("LF0719", "events that a limit lets through in a window", limits::RING as usize, most as usize)?;
            }
            frame::Measure::Count { most }
        }
        Measure::Distinct(most, _) => {
            Bound::check("LF0751", "different values that a limit lets through", limits::DISTINCT as usize, most as usize)?;
            frame::Measure::Distinct { most }
        }
        Measure::Sum(most, _) => frame::Measure::Sum { most },
    };
    Ok(Gauge { measure, window_ms: limit.window_ms })
}

/// An alphabet whose calls of class 1 are those that one of the patterns matches, whatever their values.
pub(super) fn matching(core: &Core, guards: &Guards, key: Key, patterns: &[&Pattern]) -> Result<Alphabet, Bound> {
    let mut alphabet = Writing::new(2);
    for (at, named) in site::keys(core, key, patterns.iter().copied(), false) {
        if at.0 != LetterKind::Call {
            continue;
        }
        let mut entrance = Entrance::new(guards, at);
        let mut root = NO;
        for pattern in patterns {
            root = alphabet.or(root, &mut entrance, pattern, Asked::Any, 1)?;
        }
        alphabet.site(at, named, root, Vec::new(), None)?;
    }
    alphabet.finish()
}

/// An alphabet in the making, whose leaves are the classes already.
struct Writing {
    decisions: Decisions,
    classes: u16,
    sites: Vec<Site>,
    writer: Writer,
}

impl Writing {
    fn new(classes: u16) -> Self {
        Self { decisions: Decisions::default(), classes, sites: Vec::new(), writer: Writer::default() }
    }

    fn root(&mut self, entrance: &mut Entrance<'_>, limit: &Limit, judged: &Pattern) -> Result<Ref, Bound> {
        let [counts, judges, refuses] = [gauge_class::COUNTS, gauge_class::JUDGED, gauge_class::REFUSED].map(usize::from);
        if matches!(limit.measure, Measure::Identical(_)) {
            // The one value of the letter is all of it, so it is always there.
            let whole = entrance.value(&Value::Whole);
            let binding = entrance.tuple(vec![whole]);
            let root = self.or(NO, entrance, &limit.event, Asked::Any, counts | judges)?;
            let binds = self.decisions.make(frame::Test::Binds { binding }, Ref::Leaf(counts | judges), NO)?;
            return self.decisions.combine(root, binds, &mut |a, b| Ok(a & b));
        }
        let calls = limit.judged.is_none();
        let root = self.or(NO, entrance, &limit.event, Asked::Binds, if calls { counts | judges } else { counts })?;
        let root = self.or(root, entrance, judged, Asked::Lacks, refuses)?;
        if calls {
            return Ok(root);
        }
        let root = self.or(root, entrance, judged, Asked::Binds, judges)?;
        self.or(root, entrance, &limit.event, Asked::Broken, refuses)
    }

    /// Adds bits where a pattern matches.
    fn or(&mut self, root: Ref, entrance: &mut Entrance<'_>, pattern: &Pattern, values: Asked, bits: usize) -> Result<Ref, Bound> {
        let asked = SourcePattern { pattern: pattern.clone(), failed: true, values };
        entrance.cubes(&asked).iter().try_fold(root, |root, cube| {
            let cube = self.decisions.all(cube)?;
            self.decisions.combine(root, cube, &mut |a, b| Ok(if b == 1 { a | bits } else { a }))
        })
    }

    fn site(&mut self, at: SiteKey, named: bool, root: Ref, bindings: Vec<Vec<u16>>, measure: Option<u16>) -> Result<(), Bound> {
        Bound::check("LF0753", "values that a rule takes from one letter", limits::BINDINGS_PER_SITE, bindings.len())?;
        let root = self.writer.write(&self.decisions, root);
        self.sites.push(Site { kind: at.0, subject: at.1, named, root, bindings, measure });
        Ok(())
    }

    fn finish(self) -> Result<Alphabet, Bound> {
        Bound::check("LF0715", "decision nodes", limits::NODES_PER_RULE, self.writer.nodes.len())?;
        Ok(Alphabet { nodes: self.writer.nodes, sites: self.sites, classes: self.classes })
    }
}

#[derive(Default)]
struct Writer {
    nodes: Vec<Node>,
    written: HashMap<usize, u16>,
}

impl Writer {
    fn write(&mut self, decisions: &Decisions, at: Ref) -> Target {
        let index = match at {
            Ref::Leaf(leaf) => return Target::Class(u16::try_from(leaf).unwrap_or(u16::MAX)),
            Ref::Node(index) => index,
        };
        if let Some(known) = self.written.get(&index) {
            return Target::Node(*known);
        }
        let Some(node) = decisions.get(index).copied() else { return Target::Class(u16::MAX) };
        let no = self.write(decisions, node.no);
        let yes = self.write(decisions, node.yes);
        let number = u16::try_from(self.nodes.len()).unwrap_or(u16::MAX);
        self.nodes.push(Node { test: node.test, yes, no });
        self.written.insert(index, number);
        Target::Node(number)
    }
}
