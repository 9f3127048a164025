//! The text of detectors and scans.
//!
//! In: a detector or a scan. Out: its form, on one line.
//! Source: `lang-spec/core-form.md`, [core.file].

use std::fmt::{self, Write};

use super::{Printer, Quoted};
use crate::core::{Detector, DetectorPart, Scan};

impl Printer<'_> {
    pub(super) fn detector(&mut self, detector: &Detector) -> fmt::Result {
        write!(self.out, "(detector {}", Quoted(&detector.name))?;
        for part in &detector.parts {
            match part {
                DetectorPart::Named(name) => write!(self.out, " {}", Quoted(name))?,
                DetectorPart::Matches(regex) => write!(self.out, " (matches {})", Quoted(regex))?,
            }
        }
        self.raw(")\n")
    }

    pub(super) fn scan(&mut self, scan: &Scan) -> fmt::Result {
        write!(self.out, "(scan {} ", Quoted(&scan.name))?;
        self.scope(&scan.scope)?;
        self.raw(if scan.results { " results " } else { " arguments " })?;
        self.list("tools", &scan.tools, |printer, tool| printer.tool_name(*tool))?;
        self.raw(" ")?;
        self.list("detectors", &scan.detectors, |printer, name| printer.quoted(name))?;
        self.raw(" (actions")?;
        for (word, stands) in [(" deny", scan.deny), (" redact", scan.redact)] {
            if stands {
                self.raw(word)?;
            }
        }
        for label in &scan.labels {
            self.raw(" ")?;
            self.list("label", &[*label], |printer, label| printer.label(*label))?;
        }
        self.raw("))\n")
    }
}
