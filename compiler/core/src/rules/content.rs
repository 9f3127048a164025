//! Detectors and scans typed.
//!
//! In: `detector` and `scan` as written. Out: those of the core form, or nothing and at least one finding. Invariant: every detector that one names exists, and
//! none finds the empty text. Source: language section 6; `lang-spec/core-form.md`, [core.file].

use leverframe_syntax::tree::{self, ScanAction, ScanPlace};

use super::RuleChecker;
use crate::core::{Detector, DetectorPart, LabelId, Scan, Scope};
use crate::types::{pattern, problem as value_problem};

impl RuleChecker<'_, '_> {
    /// All detectors, in module and source order.
    pub(super) fn detectors(&mut self) -> Vec<Detector> {
        let symbols = self.checker.symbols;
        let mut detectors = Vec::with_capacity(symbols.detectors.len());
        for detector in &symbols.detectors {
            let parts = detector.parts.iter().filter_map(|part| self.detector_part(part)).collect();
            detectors.push(Detector { name: detector.name.text.clone(), parts });
        }
        detectors
    }

    fn detector_part(&mut self, part: &tree::DetectorPart) -> Option<DetectorPart> {
        match part {
            // That it exists was asked when the names were resolved.
            tree::DetectorPart::Named(path) => Some(DetectorPart::Named(path.text())),
            tree::DetectorPart::Matches(text) => {
                if let Err(fault) = pattern::check(&text.value) {
                    self.report(value_problem::detector_regex(&fault, text.span));
                    return None;
                }
                if pattern::matches_nothing(&text.value) {
                    self.report(value_problem::detects_nothing(text.span));
                    return None;
                }
                Some(DetectorPart::Matches(text.value.clone()))
            }
        }
    }

    /// A scan; every mistake in it is found.
    pub(super) fn scan(&mut self, scan: &tree::Scan, name: String, scope: Scope) -> Option<Scan> {
        let symbols = self.checker.symbols;
        let tools = symbols.resolve_tools(&scan.tools).map_err(|faults| self.checker.found.extend(faults)).ok();
        let detectors = self.detectors_of(scan);
        let labels = self.labels_of(scan);
        Some(Scan {
            name,
            scope,
            results: scan.place == ScanPlace::Results,
            tools: tools?,
            detectors: detectors?,
            deny: scan.actions.iter().any(|action| matches!(action, ScanAction::Deny(_))),
            redact: scan.actions.iter().any(|action| matches!(action, ScanAction::Redact(_))),
            labels: labels?,
        })
    }

    /// The detectors as written, each once.
    fn detectors_of(&mut self, scan: &tree::Scan) -> Option<Vec<String>> {
        let mut detectors: Vec<String> = Vec::new();
        let mut sound = true;
        for path in &scan.detectors {
            match self.checker.keep(self.checker.symbols.detector(path)) {
                Some(name) if !detectors.contains(&name) => detectors.push(name),
                Some(_) => {}
                None => sound = false,
            }
        }
        sound.then_some(detectors)
    }

    /// The labels by name, each once.
    fn labels_of(&mut self, scan: &tree::Scan) -> Option<Vec<LabelId>> {
        let symbols = self.checker.symbols;
        let mut labels = Vec::new();
        let mut sound = true;
        for action in &scan.actions {
            let ScanAction::Label(name) = action else { continue };
            match self.checker.keep(symbols.label(name)) {
                Some(label) => labels.push(label),
                None => sound = false,
            }
        }
        labels.sort_by_key(|label| symbols.labels.get(label.index()).map(|label| label.name.text.as_str()));
        labels.dedup();
        sound.then_some(labels)
    }
}
