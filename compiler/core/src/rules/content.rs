//! Detectors and scans: checked by name, and refused.
//!
//! In: `detector` and `scan` as written. Out: findings. Source: language section 6.

use leverframe_syntax::{Span, tree};

use super::RuleChecker;
use crate::names::report;

/// The name space of the built-in detectors.
const BUILT_IN: &str = "std";

impl RuleChecker<'_, '_> {
    pub(super) fn detectors(&mut self) {
        for detector in &self.checker.symbols.detectors {
            self.checker.report(report::not_compiled("`detector`", detector.name.span));
        }
    }

    pub(super) fn scan(&mut self, scan: &tree::Scan, span: Span) {
        if let Err(faults) = self.checker.symbols.resolve_tools(&scan.tools) {
            self.checker.found.extend(faults);
        }
        for path in &scan.detectors {
            if path.segments.first().is_some_and(|first| first.text != BUILT_IN) {
                let found = self.checker.symbols.detector(path).map(|_| ());
                self.checker.keep(found);
            }
        }
        for action in &scan.actions {
            if let tree::ScanAction::Label(label) = action {
                self.checker.keep(self.checker.symbols.label(label));
            }
        }
        self.refuse("`scan`", span);
    }
}
