//! Numbers for Prometheus.
//!
//! In: decisions and results. Out: text. Invariants: names and labels are few and fixed (verdicts and codes), so that nothing an agent sends makes more of them.
//! Source: Prometheus text format 0.0.4.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::gate::Gate;

/// Upper bounds of the buckets of times, in microseconds.
const BOUNDS: [u64; 10] = [5, 10, 20, 50, 100, 250, 1_000, 5_000, 25_000, 100_000];

/// What is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    decisions: Mutex<BTreeMap<(&'static str, String), u64>>,
    times: [AtomicU64; BOUNDS.len() + 1],
    sum_us: AtomicU64,
    results: [AtomicU64; 3],
}

impl Metrics {
    /// A decision, and how long it took in microseconds.
    pub fn decided(&self, verdict: &'static str, code: &str, took_us: u64) {
        let mut decisions = self.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        match decisions.get_mut(&(verdict, code.to_owned())) {
            Some(count) => *count = count.saturating_add(1),
            None => drop(decisions.insert((verdict, code.to_owned()), 1)),
        }
        drop(decisions);
        let bucket = BOUNDS.iter().position(|bound| took_us <= *bound).unwrap_or(BOUNDS.len());
        if let Some(bucket) = self.times.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_us.fetch_add(took_us, Ordering::Relaxed);
    }

    /// A result: given on, given on without what was taken out of it, or withheld.
    pub fn came(&self, redacted: bool, withheld: bool) {
        let kind = if withheld { 2 } else { usize::from(redacted) };
        if let Some(count) = self.results.get(kind) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// All of it.
    #[must_use]
    pub fn text(&self, gate: &Gate) -> String {
        let mut out = String::new();
        // Writing into a text does not fail.
        let _ = self.write(&mut out, gate);
        out
    }

    fn write(&self, out: &mut String, gate: &Gate) -> std::fmt::Result {
        writeln!(out, "# HELP leverframe_decisions_total Decisions by verdict and code.\n# TYPE leverframe_decisions_total counter")?;
        for ((verdict, code), count) in self.decisions.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            writeln!(out, "leverframe_decisions_total{{verdict=\"{verdict}\",code=\"{code}\"}} {count}")?;
        }
        writeln!(
            out,
            "# HELP leverframe_decision_seconds Time of a decision, its line in the log among it.\n# TYPE leverframe_decision_seconds histogram"
        )?;
        let mut all = 0_u64;
        for (bound, count) in BOUNDS.iter().zip(&self.times) {
            all = all.saturating_add(count.load(Ordering::Relaxed));
            writeln!(out, "leverframe_decision_seconds_bucket{{le=\"{}\"}} {all}", seconds(*bound))?;
        }
        all = all.saturating_add(self.times.last().map_or(0, |count| count.load(Ordering::Relaxed)));
        writeln!(out, "leverframe_decision_seconds_bucket{{le=\"+Inf\"}} {all}")?;
        writeln!(
            out,
            "leverframe_decision_seconds_sum {}\nleverframe_decision_seconds_count {all}",
            seconds(self.sum_us.load(Ordering::Relaxed))
        )?;
        writeln!(out, "# HELP leverframe_results_total Results by what became of them.\n# TYPE leverframe_results_total counter")?;
        for (kind, count) in ["passed", "redacted", "withheld"].iter().zip(&self.results) {
            writeln!(out, "leverframe_results_total{{result=\"{kind}\"}} {}", count.load(Ordering::Relaxed))?;
        }
        let gauges = [
            ("leverframe_audit_lines", "Lines of the log.", gate.log().lines()),
            ("leverframe_audit_ready", "Whether the log can be written.", u64::from(gate.log().is_ready())),
            ("leverframe_approvals_pending", "Calls that wait for an approval.", gate.approvals().count() as u64),
        ];
        for (name, help, value) in gauges {
            writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}")?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a sum for people to look at")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}
