//! Content: what scans find in arguments and results, and what redaction makes of them.
//!
//! In: a loaded policy's detectors and scans, and a message. Out: labels, refusals, a redacted message.
//! Invariants: everything that a message spells is searched, or the message counts as one that cannot be read; time is linear in the message;
//! a tool without scans costs nothing.
//! Left out on purpose: taking off encodings inside a text, and look-alikes; the specification says so.
//! Source: `lang-spec/content.md`.

mod card;
mod check;
mod iban;
mod inspect;
mod reading;
mod recogniser;
mod secret;
mod unseen;

#[cfg(feature = "json")]
mod base64;
#[cfg(feature = "json")]
mod literal;
#[cfg(feature = "json")]
mod message;
#[cfg(feature = "json")]
mod parts;
#[cfg(feature = "json")]
mod tokens;

use alloc::vec;
use alloc::vec::Vec;

pub use inspect::Inspection;
#[cfg(feature = "json")]
pub use message::{Find, Scanned};
pub use reading::Memory;

use crate::frame::{Frame, ScanId, ToolId};
use recogniser::Part;

/// What is derived from a frame's detectors and scans once.
#[derive(Debug)]
pub(crate) struct Contents {
    /// The parts of each detector.
    detectors: Vec<Vec<Part>>,
    /// The scans of each tool's arguments, in deciding order; empty where the policy has none.
    arguments: Vec<Vec<ScanId>>,
    /// The scans of each tool's results.
    results: Vec<Vec<ScanId>>,
}

/// Which message of a call is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Arguments,
    #[cfg_attr(not(feature = "json"), expect(dead_code, reason = "results are read as raw JSON alone"))]
    Results,
}

impl Contents {
    /// Loads what a validated frame holds; none where an automaton cannot be read.
    pub(crate) fn load(frame: &Frame) -> Option<Self> {
        let load = |detector: &crate::frame::Detector| detector.parts.iter().map(Part::load).collect();
        let detectors = frame.detectors.iter().map(load).collect::<Option<Vec<Vec<Part>>>>()?;
        let mut contents = Self { detectors, arguments: Vec::new(), results: Vec::new() };
        for (index, scan) in frame.scans.iter().enumerate() {
            let id = ScanId(u32::try_from(index).ok()?);
            let lists = if scan.results { &mut contents.results } else { &mut contents.arguments };
            if lists.is_empty() {
                *lists = vec![Vec::new(); frame.tools.len()];
            }
            for tool in &scan.tools {
                lists.get_mut(tool.index())?.push(id);
            }
        }
        Some(contents)
    }

    /// Whether the policy has scans of a tool's arguments.
    #[inline]
    pub(crate) fn scans_arguments(&self, tool: ToolId) -> bool {
        !self.scans(Side::Arguments, tool).is_empty()
    }

    /// The scans of a tool.
    fn scans(&self, side: Side, tool: ToolId) -> &[ScanId] {
        let lists = match side {
            Side::Arguments => &self.arguments,
            Side::Results => &self.results,
        };
        lists.get(tool.index()).map_or(&[], Vec::as_slice)
    }
}
