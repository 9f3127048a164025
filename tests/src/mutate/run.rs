//! Policies, their frames and certificates, all mutated and judged.
//!
//! In: policies: files, or random ones by their seeds. Out: a [`Report`]. Equal seeds give equal reports, whatever the number of threads.

use leverframe_reference::Disk;
use leverframe_runtime::frame::Certificate;

use super::judge::Original;
use super::report::{Judged, Report};
use super::sessions::{Pools, record};
use super::{Choice, Mutant, mutants};
use crate::certified::Certified;
use crate::engine::{self, Compiled, compile, compile_at};
use crate::policy::Policy;
use crate::random::Dice;
use crate::sessions;
use crate::trace::Event;

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Which mutants.
    pub choice: Choice,
    /// Sessions that an accepted mutant is compared on.
    pub sessions: usize,
}

/// A policy that both sides take, with sessions.
pub struct Subject {
    /// As reports name it.
    pub name: String,
    compiled: Compiled,
    certified: Certified,
    records: Vec<Vec<Event>>,
}

impl Subject {
    /// The policy of a file; none where it is refused.
    #[must_use]
    pub fn of_file(path: &str, effort: &Effort) -> Option<Self> {
        let compiled = compile_at(path, &engine::Disk).ok()?;
        let certified = Certified::of(path, &engine::Disk, &Disk)?;
        let mut dice = Dice::new(effort.choice.seed);
        let records = by_types(&compiled, &mut dice, effort.sessions);
        Some(Self { name: path.to_owned(), compiled, certified, records })
    }

    /// The random policy of a seed; none where it is refused. Half of its sessions follow its rules' stories.
    #[must_use]
    pub fn random(seed: u64, effort: &Effort) -> Option<Self> {
        let mut dice = Dice::new(seed);
        let policy = Policy::random(dice.split());
        let compiled = compile(&policy.text()).ok()?;
        let certified = Certified::of_text(&policy.text())?;
        let mut records: Vec<Vec<Event>> = (0..effort.sessions).map(|_| sessions::record(&policy, dice.split())).collect();
        records.extend(by_types(&compiled, &mut dice, effort.sessions / 2));
        Some(Self { name: format!("random {seed}"), compiled, certified, records })
    }

    /// What the mutants of its frame and of its certificate come to. `foreign`: certificates of other policies.
    #[must_use]
    pub fn mutated(self, effort: &Effort, foreign: &[Certificate]) -> Report {
        let Self { name, compiled, certified, records } = self;
        let Certified { policy: source, frame, certificate } = &certified;
        let mut report = Report::of(true);
        let original = Original::new(source, compiled.policy(), records);
        let made = mutants(frame, effort.choice, |Mutant { path, shape, what, value }| {
            // An attacker makes the certificate name what he changed.
            let mut certificate = certificate.clone();
            certificate.policy = leverframe_runtime::frame::digest(&value).unwrap_or_default();
            let (class, why) = original.judge(&value, &certificate);
            report.add(&Judged { policy: &name, path: &path, shape: &shape, what: &what, class, why: &why });
        });
        report.made(made);
        let made = mutants(certificate, effort.choice, |Mutant { path, shape, what, value }| {
            let (class, why) = original.judge(frame, &value);
            let (path, shape) = (format!("certificate.{path}"), format!("certificate.{shape}"));
            report.add(&Judged { policy: &name, path: &path, shape: &shape, what: &what, class, why: &why });
        });
        report.made(made);
        for other in foreign.iter().filter(|other| *other != certificate) {
            let own = Certificate { policy: certificate.policy, core: certificate.core, ..other.clone() };
            for (what, other) in [("another policy's", other), ("another policy's under this one's names", &own)] {
                let (class, why) = original.judge(frame, other);
                report.add(&Judged { policy: &name, path: "certificate", shape: "certificate", what, class, why: &why });
            }
        }
        report
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> Certificate {
        self.certified.certificate.clone()
    }
}

fn by_types(compiled: &Compiled, dice: &mut Dice, count: usize) -> Vec<Vec<Event>> {
    let frame = compiled.policy().frame();
    let pools = Pools::of(frame);
    (0..count).map(|_| record(frame, &pools, dice.split())).collect()
}
