//! Limits: templates, not tables. Class 1 counts and is judged, class 0 is not.
//!
//! In: a count, a window and a pattern. Out: an alphabet of two classes and a [`Body::Counter`] or [`Body::Ring`].
//! Source: language section 5 (`limit`), section 9.

use std::collections::HashMap;

use leverframe_runtime::frame::{Alphabet, Body, Node, Site, Target};
use leverframe_runtime::limits;

use super::decision::{Decisions, NO, Ref};
use super::guards::Guards;
use super::oversize::Bound;
use super::site;
use crate::core::{Core, Key, Pattern};

pub(super) fn compile(
    core: &Core,
    guards: &Guards,
    key: Key,
    count: u32,
    window_ms: Option<u64>,
    event: &Pattern,
) -> Result<(Alphabet, Body), Bound> {
    let body = body(count, window_ms)?;
    let mut decisions = Decisions::default();
    let mut sites = Vec::new();
    for (at, named) in site::keys(core, key, std::iter::once(event), false) {
        let mut root = NO;
        for cube in site::cubes(guards, event, true, at) {
            let cube = decisions.all(&cube)?;
            root = decisions.combine(root, cube, &mut |a, b| Ok(a | b))?;
        }
        sites.push((at, named, root));
    }
    let mut writer = Writer::default();
    let entries =
        sites.into_iter().map(|((kind, subject), named, root)| Site { kind, subject, named, root: writer.write(&decisions, root) });
    let sites = entries.collect();
    Bound::check("LF0715", "decision nodes", limits::NODES_PER_RULE, writer.nodes.len())?;
    Ok((Alphabet { nodes: writer.nodes, sites, classes: 2 }, body))
}

fn body(count: u32, window_ms: Option<u64>) -> Result<Body, Bound> {
    match window_ms {
        // Nothing is let through, so there are no times to keep.
        Some(window_ms) if count > 0 => {
            Bound::check("LF0719", "events that a limit lets through in a window", limits::RING as usize, count as usize)?;
            Ok(Body::Ring { count, window_ms })
        }
        _ => Ok(Body::Counter { count }),
    }
}

/// Writes diagrams whose leaves are the classes already.
#[derive(Default)]
struct Writer {
    nodes: Vec<Node>,
    written: HashMap<usize, u16>,
}

impl Writer {
    fn write(&mut self, decisions: &Decisions, at: Ref) -> Target {
        let index = match at {
            Ref::Leaf(leaf) => return Target::Class(u16::from(leaf == 1)),
            Ref::Node(index) => index,
        };
        if let Some(known) = self.written.get(&index) {
            return Target::Node(*known);
        }
        let Some(node) = decisions.get(index) else { return Target::Class(1) };
        let no = self.write(decisions, node.no);
        let yes = self.write(decisions, node.yes);
        let number = u16::try_from(self.nodes.len()).unwrap_or(u16::MAX);
        self.nodes.push(Node { test: node.test, yes, no });
        self.written.insert(index, number);
        Target::Node(number)
    }
}
