//! What came of many mutants.
//!
//! In: each mutant's class. Out: totals, a table by part of the frame, the accepted ones by the shape of their path.
//! Invariants: an accepted mutant is always shown, by its shape.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Made;
use super::judge::Class;

/// Parts of the frame, and of the certificate, by what their paths begin with.
const DEPTH: usize = 2;

/// Accepted mutants of one shape and class.
#[derive(Clone, Debug, Default)]
struct Group {
    count: usize,
    /// One of them: its policy, path, change and difference.
    example: String,
}

/// What came of many mutants.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Policies that were mutated.
    pub policies: usize,
    /// Policies that the compiler or the reference refuses.
    pub refused: usize,
    parts: BTreeMap<String, [usize; Class::ALL.len()]>,
    accepted: BTreeMap<(Class, String), Group>,
    reasons: BTreeMap<String, usize>,
    made: Made,
}

/// A judged mutant.
#[derive(Debug)]
pub struct Judged<'m> {
    /// Where it comes from.
    pub policy: &'m str,
    /// Its path.
    pub path: &'m str,
    /// Its path's shape.
    pub shape: &'m str,
    /// What was changed.
    pub what: &'m str,
    /// What became of it.
    pub class: Class,
    /// Why, in words.
    pub why: &'m str,
}

impl Report {
    /// Of one policy, that compiles or does not.
    #[must_use]
    pub fn of(compiles: bool) -> Self {
        Self { policies: usize::from(compiles), refused: usize::from(!compiles), ..Self::default() }
    }

    /// Counts a mutant.
    pub fn add(&mut self, judged: &Judged<'_>) {
        let column = Class::ALL.iter().position(|class| *class == judged.class).unwrap_or(0);
        self.parts.entry(part(judged.shape)).or_default()[column] += 1;
        if judged.class <= Class::Refused {
            *self.reasons.entry(format!("{}: {}", judged.class.word(), judged.why)).or_default() += 1;
            return;
        }
        let group = self.accepted.entry((judged.class, judged.shape.to_owned())).or_default();
        if group.count == 0 {
            let why: String = judged.why.chars().take(400).collect();
            group.example = format!("{} {} ({}) {why}", judged.policy, judged.path, judged.what);
        }
        group.count += 1;
    }

    /// Counts changes.
    pub fn made(&mut self, made: Made) {
        self.made.tried += made.tried;
        self.made.untyped += made.untyped;
        self.made.equal += made.equal;
    }

    /// Takes in another report.
    pub fn merge(&mut self, other: Self) {
        self.policies += other.policies;
        self.refused += other.refused;
        self.made(other.made);
        for (part, counts) in other.parts {
            let own = self.parts.entry(part).or_default();
            own.iter_mut().zip(counts).for_each(|(own, count)| *own += count);
        }
        for (key, group) in other.accepted {
            let own = self.accepted.entry(key).or_default();
            // Whichever comes first by name, so that threads make no difference.
            if own.count == 0 || group.example < own.example {
                own.example = group.example;
            }
            own.count += group.count;
        }
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
    }

    /// How many accepted mutants decide otherwise.
    #[must_use]
    pub fn harmful(&self) -> usize {
        self.accepted.iter().filter(|((class, _), _)| class.harms()).map(|(_, group)| group.count).sum()
    }

    /// How many mutants there were.
    #[must_use]
    pub fn mutants(&self) -> usize {
        self.parts.values().flatten().sum()
    }

    /// The report, to read.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for ((class, shape), group) in &self.accepted {
            let _ = writeln!(text, "accepted, {}: {} × {shape}\n    {}", class.word(), group.count, group.example);
        }
        let _ = writeln!(text, "\nrefused by");
        for (reason, count) in &self.reasons {
            let _ = writeln!(text, "{count:>8} {reason}");
        }
        let _ = write!(text, "\n{:<44}", "part");
        for class in Class::ALL {
            let _ = write!(text, "{:>11}", class.word());
        }
        text.push('\n');
        let mut totals = [0; Class::ALL.len()];
        for (part, counts) in &self.parts {
            line(&mut text, part, counts);
            totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        }
        line(&mut text, "all", &totals);
        let Self { policies, refused, made, .. } = self;
        let _ = writeln!(
            text,
            "{policies} policies ({refused} more do not compile), {} changes: {} of no such type, {} equal",
            made.tried, made.untyped, made.equal
        );
        let _ = writeln!(text, "{} mutants, {} accepted that decide otherwise", self.mutants(), self.harmful());
        text
    }
}

fn line(text: &mut String, part: &str, counts: &[usize; Class::ALL.len()]) {
    let _ = write!(text, "{part:<44}");
    for count in counts {
        let _ = write!(text, "{count:>11}");
    }
    text.push('\n');
}

fn part(shape: &str) -> String {
    let parts: Vec<&str> = shape.split('.').collect();
    let deep = if parts.first().is_some_and(|first| first.starts_with("rules")) { DEPTH + 2 } else { DEPTH };
    let mut part = parts[..parts.len().min(deep)].join(".");
    if part.is_empty() {
        part.push_str("(whole)");
    }
    part
}
