//! The differential test: random policies × random sessions, engine against reference.
//!
//! In: a seed and how many pairs. Out: a [`Report`]: every disagreement made small, what the compiler refused and why, the share of pairs in
//! which each construct decided. Equal seeds give equal reports, whatever the number of threads.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::thread;

use crate::compare::{Difference, Read, read};
use crate::coverage::Coverage;
use crate::policy::Policy;
use crate::random::Dice;
use crate::sessions::record;
use crate::shrink::Case;

/// Sessions a policy is tried on.
pub const SESSIONS: usize = 10;
/// Disagreements that are made small before a run gives up.
pub const CASES: usize = 3;

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Disagreements, made small, with the seed of their policy.
    pub cases: Vec<(u64, Case)>,
    /// How many policies were written.
    pub policies: usize,
    /// Of these, how many the compiler refused, by the codes it gave; with the seed and words of one.
    pub refused: BTreeMap<String, (usize, u64, String)>,
    /// Which constructs decided.
    pub coverage: Coverage,
}

/// Runs `pairs` pairs on `threads` threads.
///
/// # Panics
/// Where a side does.
#[must_use]
pub fn run(seed: u64, pairs: usize, threads: usize) -> Report {
    let policies = pairs.div_ceil(SESSIONS).max(1);
    let share = |thread: usize| (thread..policies + policies / 10).step_by(threads).map(|index| index as u64);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || run_policies(seed, share(thread), pairs / threads + SESSIONS))).collect();
        let mut report = Report::default();
        for done in running {
            report.merge(done.join().expect("a side does not panic"));
        }
        report
    })
}

fn run_policies(seed: u64, indices: impl Iterator<Item = u64>, pairs: usize) -> Report {
    let mut report = Report::default();
    for index in indices {
        if report.cases.len() >= CASES || report.coverage.pairs() >= pairs {
            break;
        }
        report.policy(seed.wrapping_mul(0x0100_0000_01b3).wrapping_add(index));
    }
    report
}

impl Report {
    /// One policy and its sessions; `seed` alone fixes them.
    pub fn policy(&mut self, seed: u64) {
        let mut dice = Dice::new(seed);
        let policy = Policy::random(dice.split());
        self.policies += 1;
        let both = match read(&policy.text()) {
            Read::Refused(found) => return self.refused(seed, found),
            Read::Difference(difference) => return self.disagree(seed, Case { tree: policy.tree, events: Vec::new(), difference }),
            Read::Same(both) => both,
        };
        self.coverage.expect(&policy);
        for _ in 0..SESSIONS {
            let events = record(&policy, dice.split());
            let (story, difference) = both.decide(&events);
            self.coverage.add(&policy, &events, &story);
            if let Some(difference) = difference {
                return self.disagree(seed, Case { tree: policy.tree.clone(), events, difference });
            }
        }
    }

    fn refused(&mut self, seed: u64, found: Vec<String>) {
        let mut codes: Vec<&str> = found.iter().filter_map(|found| found.split(' ').next()).collect();
        codes.sort_unstable();
        codes.dedup();
        let entry = self.refused.entry(codes.join(" ")).or_insert((0, seed, found.join("; ")));
        entry.0 += 1;
    }

    fn disagree(&mut self, seed: u64, case: Case) {
        self.cases.push((seed, case.shrunk()));
    }

    fn merge(&mut self, other: Self) {
        self.cases.extend(other.cases);
        self.policies += other.policies;
        for (codes, (count, seed, words)) in other.refused {
            self.refused.entry(codes).or_insert((0, seed, words)).0 += count;
        }
        self.coverage.merge(&other.coverage);
    }

    /// Of a hundred policies, how many the compiler took, rounded down.
    #[must_use]
    pub fn accepted_percent(&self) -> usize {
        let refused: usize = self.refused.values().map(|(count, _, _)| count).sum();
        (self.policies - refused) * 100 / self.policies.max(1)
    }

    /// The report, to read.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (seed, case) in &self.cases {
            text.push_str(&shown(*seed, case));
        }
        let _ = writeln!(text, "{} policies, {} % accepted; refused by code (with one of them):", self.policies, self.accepted_percent());
        for (codes, (count, seed, words)) in &self.refused {
            let words: String = words.chars().take(200).collect();
            let _ = writeln!(text, "  {count:>6} {codes} (policy {seed}: {words})");
        }
        let _ = write!(text, "{}", self.coverage);
        let _ = writeln!(text, "{} pairs, {} disagreements", self.coverage.pairs(), self.cases.len());
        text
    }
}

fn shown(seed: u64, case: &Case) -> String {
    let mut text = format!("---- disagreement (policy {seed}; `--policy {seed}` repeats it)\n{}", case.tree.text());
    for event in &case.events {
        let _ = writeln!(text, "{}", event.line());
    }
    let _ = match &case.difference {
        Difference::Acceptance(words) => writeln!(text, "=> {words}"),
        Difference::Core(ours, theirs) => writeln!(text, "=> core form\n   compiler:  {ours}\n   reference: {theirs}"),
        Difference::Decision(ours, theirs) => writeln!(text, "=> decision\n   engine:    {ours}\n   reference: {theirs}"),
    };
    text
}
