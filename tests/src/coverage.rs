//! Which constructs decided something, and in how many pairs.
//!
//! In: the engine's decisions and which constructs each rule is made of. Out: a table of shares. A construct decides in a pair if a decision of it
//! names a rule that is made of it, or has the code that it stands for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use crate::decided::{Decided, Story};
use crate::policy::Policy;
use crate::trace::Event;

/// Pairs in which each construct decided.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    pairs: usize,
    calls: usize,
    /// Calls that went on: a history of refusals says nothing about sequences.
    admitted: usize,
    /// Calls by verdict and code.
    answers: BTreeMap<String, usize>,
    counts: BTreeMap<String, usize>,
}

/// Every construct must decide in so many of a thousand pairs.
pub const LEAST_PER_THOUSAND: usize = 10;

impl Coverage {
    /// The policy is made of these constructs, whether they decide or not.
    pub fn expect(&mut self, policy: &Policy) {
        for construct in policy.constructs.values().flatten() {
            self.counts.entry((*construct).to_owned()).or_default();
        }
    }

    /// Takes the decisions of a pair.
    pub fn add(&mut self, policy: &Policy, events: &[Event], story: &Story) {
        self.pairs += 1;
        let mut decided: BTreeSet<String> = BTreeSet::new();
        for decision in &story.decisions {
            let Some(Event::Call(call)) = events.get(decision.line - 1) else { continue };
            for name in decision.rules.iter().chain(&decision.observed) {
                decided.extend(policy.constructs.get(name).into_iter().flatten().map(|construct| (*construct).to_owned()));
                let written_for = name.split('.').next().unwrap_or(name);
                if policy.world.personas.contains(&written_for) && written_for != call.persona {
                    decided.insert("a parent's permission".to_owned());
                }
            }
            self.calls += 1;
            *self.answers.entry(format!("{} {}", decision.verdict, decision.code)).or_default() += 1;
            self.admitted += usize::from(decision.verdict == "allow" || (decision.verdict == "ask" && call.approved == Some(true)));
            decided.extend(outcome(decision, call.approved));
        }
        decided.extend(story.scans.iter().map(|found| (*found).to_owned()));
        for construct in decided {
            *self.counts.entry(construct).or_default() += 1;
        }
    }

    /// Takes another run's counts.
    pub fn merge(&mut self, other: &Self) {
        self.pairs += other.pairs;
        self.calls += other.calls;
        self.admitted += other.admitted;
        for (answer, count) in &other.answers {
            *self.answers.entry(answer.clone()).or_default() += count;
        }
        for (construct, count) in &other.counts {
            *self.counts.entry(construct.clone()).or_default() += count;
        }
    }

    /// How many pairs were decided.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// Of a hundred calls, how many were admitted.
    #[must_use]
    pub fn admitted_percent(&self) -> usize {
        self.admitted * 100 / self.calls.max(1)
    }

    /// Constructs that decided in too few pairs.
    #[must_use]
    pub fn rare(&self) -> Vec<&str> {
        let rare = self.counts.iter().filter(|(_, count)| **count * 1_000 < LEAST_PER_THOUSAND * self.pairs);
        rare.map(|(construct, _)| construct.as_str()).collect()
    }
}

/// What a decision shows beside its rules.
fn outcome(decision: &Decided, approved: Option<bool>) -> Vec<String> {
    let mut found = vec![format!("code {}", decision.code), format!("verdict {}", decision.verdict)];
    if decision.verdict == "ask" {
        found.push(format!("ask {}", approved.map_or("without an answer", |yes| if yes { "approved" } else { "refused" })));
    }
    if decision.rules.len() > 1 {
        found.push("several rules with one verdict".to_owned());
    }
    if decision.who.len() > 1 {
        found.push("several approvers".to_owned());
    }
    found
}

impl Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answers: Vec<String> =
            self.answers.iter().map(|(answer, count)| format!("{answer} {} %", count * 100 / self.calls.max(1))).collect();
        writeln!(f, "{} calls, {} % admitted ({})", self.calls, self.admitted_percent(), answers.join(", "))?;
        writeln!(f, "share of {} pairs in which a construct decides a verdict:", self.pairs)?;
        let mut rows: Vec<(&String, &usize)> = self.counts.iter().collect();
        rows.sort_by_key(|(_, count)| *count);
        for row in rows.chunks(3) {
            let cells = row.iter().map(|(construct, count)| {
                let share = **count as f64 * 100.0 / self.pairs.max(1) as f64;
                format!("{construct:<34} {share:>6.2} %")
            });
            writeln!(f, "  {}", cells.collect::<Vec<_>>().join("   "))?;
        }
        Ok(())
    }
}
