//! Brute force: for small finite policies the checker's findings against every call and every session up to a length.
//!
//! In: a seed and how many policies. Out: a [`Report`]: findings by code, disagreements with the policy and the session that shows them, the share of answers that
//! stayed unknown. Equal seeds give equal reports. Source: verification section 3.

pub mod domain;
pub mod explore;
pub mod judged;
pub mod permission;
pub mod policy;
pub mod rule;
mod statements;
mod witness;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::thread;

use explore::Bounds;
use judged::{Outcome, judge};
use policy::Policy;

use crate::random::Dice;

/// How far sessions are looked at: five calls, where that are not too many states.
pub const BOUNDS: Bounds = Bounds { calls: 5, states: 6_000 };

/// What came of many policies.
#[derive(Debug, Default)]
pub struct Report {
    /// Policies that were judged.
    pub policies: usize,
    /// Those that the compiler refused.
    pub refused: BTreeMap<String, usize>,
    /// Findings by code.
    pub findings: BTreeMap<String, usize>,
    /// What is wrong, by seed.
    pub wrong: Vec<(u64, String)>,
    /// What the checker does not say, by seed.
    pub silent: Vec<(u64, String)>,
    /// Claims of which something is said.
    pub claims: usize,
    /// Those that stayed unknown, by seed.
    pub unknown: Vec<(u64, String)>,
    /// States that were looked at.
    pub states: usize,
    /// Sessions that were replayed.
    pub replayed: usize,
}

/// Judges so many policies.
#[must_use]
pub fn run(seed: u64, policies: usize, jobs: usize, bounds: Bounds) -> Report {
    let mut dice = Dice::new(seed);
    let seeds: Vec<u64> = (0..policies).map(|_| u64::try_from(dice.below(1 << 40)).unwrap_or(0)).collect();
    let share = policies.div_ceil(jobs.max(1)).max(1);
    let mut whole = Report::default();
    thread::scope(|scope| {
        let parts: Vec<_> = seeds.chunks(share).map(|seeds| scope.spawn(move || of_seeds(seeds, bounds))).collect();
        for part in parts {
            whole.merge(part.join().expect("a thread that judges ends"));
        }
    });
    whole
}

/// Judges the policies of these seeds.
#[must_use]
pub fn of_seeds(seeds: &[u64], bounds: Bounds) -> Report {
    let mut report = Report::default();
    for seed in seeds {
        report.add(*seed, judge(&Policy::random(*seed), bounds));
    }
    report
}

impl Report {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.policies += 1;
        if let Some(why) = outcome.refused {
            let code = why.split(' ').next().unwrap_or_default().to_owned();
            *self.refused.entry(format!("{code} (policy {seed}: {why})")).or_default() += 1;
            return;
        }
        for (code, count) in outcome.findings {
            *self.findings.entry(code).or_default() += count;
        }
        self.claims += outcome.claims;
        self.states += outcome.states;
        self.replayed += outcome.replayed;
        let of = |what: Vec<String>| what.into_iter().map(move |what| (seed, what));
        self.unknown.extend(of(outcome.unknown));
        self.wrong.extend(of(outcome.wrong));
        self.silent.extend(of(outcome.silent));
    }

    fn merge(&mut self, other: Self) {
        self.policies += other.policies;
        for (mine, theirs) in [(&mut self.refused, other.refused), (&mut self.findings, other.findings)] {
            for (what, count) in theirs {
                *mine.entry(what).or_default() += count;
            }
        }
        self.claims += other.claims;
        self.states += other.states;
        self.replayed += other.replayed;
        self.unknown.extend(other.unknown);
        self.wrong.extend(other.wrong);
        self.silent.extend(other.silent);
    }

    /// Of a thousand claims, how many stayed unknown.
    #[must_use]
    pub fn unknown_per_thousand(&self) -> usize {
        self.unknown.len() * 1_000 / self.claims.max(1)
    }

    /// The report, to read.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (seed, what) in &self.wrong {
            let _ = writeln!(text, "---- disagreement (policy {seed})\n{}=> {what}\n", Policy::random(*seed).text());
        }
        for (what, count) in &self.refused {
            let _ = writeln!(text, "refused {count}: {what}");
        }
        for (title, list) in [("unknown", &self.unknown), ("silent", &self.silent)] {
            for (seed, what) in list {
                let _ = writeln!(text, "{title} (policy {seed}): {what}");
            }
        }
        let _ = writeln!(text, "findings: {:?}", self.findings);
        let Self { policies, states, replayed, claims, .. } = self;
        let (wrong, silent, unknown) = (self.wrong.len(), self.silent.len(), self.unknown.len());
        let refused: usize = self.refused.values().sum();
        let _ = writeln!(text, "{policies} policies ({refused} refused), {states} states, {replayed} sessions replayed");
        let _ = writeln!(text, "{wrong} disagreements, {silent} times silent, {unknown} of {claims} claims unknown");
        text
    }
}
