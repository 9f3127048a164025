//! Scans: names become positions.
//!
//! In: a scan of the core, and the frame's detectors. Out: the frame's scan.
//! Source: `lang-spec/frame-format.md`, [frame.policy].

use leverframe_runtime::frame::{self, ToolId};

use super::label_set;
use super::rule::scope;
use crate::core::Scan;

/// A detector that is in no list leads to a frame that no runtime loads; left out, the scan would find less.
const NOWHERE: usize = u16::MAX as usize;

pub(super) fn emit(scan: &Scan, detectors: &[frame::Detector]) -> frame::Scan {
    let position = |name: &String| detectors.iter().position(|detector| detector.name == *name).unwrap_or(NOWHERE);
    let mut tools: Vec<ToolId> = scan.tools.iter().map(|tool| ToolId(tool.0)).collect();
    tools.sort_unstable();
    frame::Scan {
        name: scan.name.clone(),
        scope: scope(&scan.scope),
        results: scan.results,
        tools,
        detectors: scan.detectors.iter().map(|name| u16::try_from(position(name)).unwrap_or(u16::MAX)).collect(),
        deny: scan.deny,
        redact: scan.redact,
        labels: label_set(&scan.labels),
    }
}
