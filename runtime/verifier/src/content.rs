//! Content: detectors and scans.
//!
//! In: a policy and a frame. Out: whether the detectors find the same languages under the same checks, and whether the scans are equal.
//! Source: language section 6; `lang-spec/content.md`; `lang-spec/frame-format.md`, [frame.policy].

use leverframe_reference::Check;
use leverframe_reference::policy::Scan;
use leverframe_runtime::frame::{self, Recogniser};

use crate::regex::{Way, automaton};
use crate::{Checked, Checker, as_many, equal, require};

impl<'a> Checker<'a> {
    /// Detectors and scans.
    pub(crate) fn content(&mut self) {
        let (policy, frame) = (self.policy, self.frame);
        let mut named: Vec<&str> = Vec::new();
        for name in policy.scans.iter().flat_map(|scan| &scan.detectors) {
            if !named.contains(&name.as_str()) {
                named.push(name);
            }
        }
        self.note(|| "the detectors".to_owned(), as_many("detectors", named.len(), frame.detectors.len()));
        for (name, detector) in named.iter().zip(&frame.detectors) {
            let checked = self.detector(name, detector);
            self.note(|| format!("detector `{name}`"), checked);
        }
        self.note(|| "the scans".to_owned(), as_many("scans", policy.scans.len(), frame.scans.len()));
        for (scan, other) in policy.scans.iter().zip(&frame.scans) {
            let checked = self.scan(scan, other, &named);
            self.note(|| format!("scan `{}`", scan.name), checked);
        }
    }

    /// Any part finds for the detector, so that their order means nothing.
    fn detector(&mut self, name: &str, detector: &frame::Detector) -> Checked {
        equal("its name", &name, &detector.name.as_str())?;
        let mut parts: Vec<&Recogniser> = detector.parts.iter().collect();
        let mut languages: Vec<(String, Check)> = Vec::new();
        for language in leverframe_reference::languages(self.policy, name) {
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
        as_many("parts", languages.len(), parts.len())?;
        for (text, check) in &languages {
            self.report.expressions += 2;
            let (forward, reverse) = (automaton(text, Way::Forward)?, automaton(text, Way::Reverse)?);
            let found =
                parts.iter().position(|part| part.check == checked_by(*check) && part.forward == forward && part.reverse == reverse);
            parts.swap_remove(found.ok_or_else(|| format!("no part of it is that of `{text}`"))?);
        }
        Ok(())
    }

    fn scan(&mut self, scan: &'a Scan, other: &'a frame::Scan, named: &[&str]) -> Checked {
        self.report.scans += 1;
        equal("its name", &scan.name, &other.name)?;
        self.scope(scan.scope.as_deref(), &other.scope)?;
        equal("whether it reads results", &scan.results, &other.results)?;
        equal("whether it denies", &scan.deny, &other.deny)?;
        equal("whether it redacts", &scan.redact, &other.redact)?;
        equal("its labels", &self.label_set(&scan.labels)?, &other.labels)?;
        let tool = |name: &String| self.policy.tools.iter().position(|tool| tool.name == *name);
        let tools: Vec<Option<usize>> = scan.tools.iter().map(tool).collect();
        equal("the list of its tools", &tools, &other.tools.iter().map(|id| Some(id.index())).collect())?;
        let place = |name: &String| named.iter().position(|known| known == name);
        let detectors: Vec<Option<usize>> = scan.detectors.iter().map(place).collect();
        equal("the list of its detectors", &detectors, &other.detectors.iter().map(|place| Some(usize::from(*place))).collect())
    }

    /// Whether a rule or scan is about the same personas.
    pub(crate) fn scope(&self, policy: Option<&[String]>, frame: &frame::Scope) -> Checked {
        let Some(names) = policy else { return require(*frame == frame::Scope::All, || "the frame narrows its scope".to_owned()) };
        let place = |name: &String| self.policy.personas.iter().position(|persona| persona.name == *name);
        let mut personas: Vec<Option<usize>> = names.iter().map(place).collect();
        personas.sort_unstable();
        personas.dedup();
        let frame::Scope::Personas(ids) = frame else { return Err("the frame widens its scope to everybody".to_owned()) };
        equal("the list of its personas", &personas, &ids.iter().map(|id| Some(id.index())).collect())
    }
}

fn checked_by(check: Check) -> frame::Check {
    match check {
        Check::None => frame::Check::None,
        Check::Free => frame::Check::Bounded,
        Check::Ssn => frame::Check::Ssn,
        Check::Card => frame::Check::Card,
        Check::Iban => frame::Check::Iban,
        Check::Ip => frame::Check::Ip,
        Check::Secret => frame::Check::Entropy,
    }
}
