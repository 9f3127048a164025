//! The differential test: random policies × random sessions, engine against reference.
//!
//! In: a seed and how many pairs. Out: a [`Report`]: every disagreement made small, what the compiler refused and why, the share of pairs in
//! which each construct decided. Equal seeds give equal reports, whatever the number of threads.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::thread;
use std::time::Instant;

use crate::catalogs;
use crate::compare::{Difference, Read, read, read_alike};
use crate::coverage::Coverage;
use crate::policy::Policy;
use crate::policy::files::split;
use crate::random::Dice;
use crate::sessions::record;
use crate::shrink::Case;
use crate::spellings;
use crate::tree::Tree;

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
    /// How long it took.
    pub seconds: f64,
}

/// Runs `pairs` pairs on `threads` threads.
///
/// # Panics
/// Where a side does.
#[must_use]
pub fn run(seed: u64, pairs: usize, threads: usize) -> Report {
    let policies = pairs.div_ceil(SESSIONS).max(1);
    let begun = Instant::now();
    let share = |thread: usize| (thread..policies + policies / 10).step_by(threads).map(|index| index as u64);
    thread::scope(|scope| {
        let running: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || run_policies(seed, share(thread), pairs / threads + SESSIONS))).collect();
        let mut report = Report::default();
        for done in running {
            report.merge(done.join().expect("a side does not panic"));
        }
        report.seconds = begun.elapsed().as_secs_f64();
        report
    })
}

/// Random catalogs, read by both sides: those that are read differently, and how many were not refused.
#[must_use]
pub fn catalogs(seed: u64, count: usize) -> (Vec<(String, Difference)>, usize) {
    let mut dice = Dice::new(seed);
    let (mut differences, mut taken) = (Vec::new(), 0);
    for _ in 0..count {
        let policy = catalogs::policy(dice.split());
        match read_alike(&policy) {
            Read::Difference(difference) => differences.push((policy, difference)),
            Read::Same(_) => taken += 1,
            Read::Refused(_) => {}
        }
    }
    (differences, taken)
}

/// Random spellings, judged by both sides: the first record that is judged differently, made small, and how often each verdict fell.
///
/// # Panics
/// Where the sides do not agree on the policy itself.
#[must_use]
pub fn spellings(seed: u64, records: usize, calls: usize) -> (Option<Case>, BTreeMap<String, usize>) {
    let Read::Same(both) = read(spellings::POLICY) else { panic!("the policy of spellings is read differently") };
    let mut dice = Dice::new(seed);
    let mut verdicts = BTreeMap::new();
    for _ in 0..records {
        let events = spellings::record(dice.split(), calls);
        let (story, difference) = both.decide(&events);
        for decision in &story.decisions {
            *verdicts.entry(format!("{} {}", decision.verdict, decision.code)).or_default() += 1;
        }
        if let Some(difference) = difference {
            let case = Case { tree: Tree::Word(spellings::POLICY.to_owned()), events, difference };
            return (Some(case.shrunk()), verdicts);
        }
    }
    (None, verdicts)
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
        let refused: usize = self.refused.values().map(|(count, _, _)| count).sum();
        let share = refused as f64 * 100.0 / self.policies.max(1) as f64;
        let (pairs, cases, seconds) = (self.coverage.pairs(), self.cases.len(), self.seconds);
        let _ = writeln!(text, "{pairs} pairs, {cases} disagreements, {share:.1} % of policies refused, {seconds:.0} seconds");
        text
    }
}

/// Writes each disagreement into a folder of its own: the policy's files, the record, and what differs.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(report: &Report, folder: &Path) -> std::io::Result<()> {
    for (seed, case) in &report.cases {
        let folder = folder.join(format!("policy-{seed}"));
        for (name, text) in split(&case.tree.text()) {
            let file = folder.join(name);
            std::fs::create_dir_all(file.parent().unwrap_or(&folder))?;
            std::fs::write(file, text)?;
        }
        let lines: String = case.events.iter().map(|event| event.line() + "\n").collect();
        std::fs::write(folder.join("trace.jsonl"), lines)?;
        std::fs::write(folder.join("note.txt"), words(&case.difference))?;
    }
    Ok(())
}

fn words(difference: &Difference) -> String {
    match difference {
        Difference::Acceptance(words) => format!("=> {words}\n"),
        Difference::Core(ours, theirs) => format!("=> core form\n   compiler:  {ours}\n   reference: {theirs}\n"),
        Difference::Decision(ours, theirs) => format!("=> decision\n   engine:    {ours}\n   reference: {theirs}\n"),
    }
}

/// A disagreement, to read.
#[must_use]
pub fn shown(seed: u64, case: &Case) -> String {
    let mut text = format!("---- disagreement (policy {seed}; `--policy {seed}` repeats it)\n{}", case.tree.text());
    for event in &case.events {
        let _ = writeln!(text, "{}", event.line());
    }
    text.push_str(&words(&case.difference));
    text
}
