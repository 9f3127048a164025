//! What a replay came to.
//!
//! In: decided calls. Out: counts, by verdict and by the rule that refused or asked, as text.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::{Hash, Hasher};

use hashbrown::HashMap;
use leverframe_runtime::Verdict;

use super::expect::Tally;
use super::judge::Decided;
use super::story::meaning;
use crate::limits::LISTED_DIFFERENCES;
use crate::output::{BOLD, CYAN, DIM, GREEN, RED, YELLOW, printable, styled};

/// Why a call was refused or asked. Names of the policy are told apart by where they stand, which is cheaper than reading them; who tells them reads them.
#[derive(Clone, Copy, Debug)]
struct Reason<'p> {
    asked: bool,
    /// The rule, or the code where no rule decided.
    name: &'p str,
    why: &'p str,
}

impl Reason<'_> {
    fn place(&self) -> (bool, *const u8, usize) {
        (self.asked, self.name.as_ptr(), self.name.len())
    }
}

impl PartialEq for Reason<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for Reason<'_> {}

impl Hash for Reason<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.place().hash(state);
    }
}

/// Counts of a replay.
#[derive(Debug, Default)]
pub(crate) struct Summary<'p> {
    sessions: u64,
    allowed: u64,
    asked: u64,
    approved: u64,
    denied: u64,
    /// Calls refused or asked.
    reasons: HashMap<Reason<'p>, u64>,
    /// How expectations came out.
    pub(crate) tally: Tally,
    /// Differences from what was expected, the first of them.
    differences: Vec<String>,
    /// Lines that were no record.
    pub(crate) errors: u64,
}

impl<'p> Summary<'p> {
    /// Counts a call.
    pub(crate) fn call(&mut self, decided: &Decided<'p, '_>) {
        self.sessions += u64::from(decided.step == 1);
        match decided.verdict {
            Verdict::Allow => self.allowed += 1,
            Verdict::Ask => self.asked += 1,
            Verdict::Deny => self.denied += 1,
        }
        if decided.verdict == Verdict::Ask && decided.admitted {
            self.approved += 1;
        }
        if decided.verdict != Verdict::Allow {
            let name = decided.rule.unwrap_or(decided.code);
            let why = decided.message.unwrap_or_else(|| if decided.rule.is_none() { meaning(decided.code) } else { "" });
            *self.reasons.entry(Reason { asked: decided.verdict == Verdict::Ask, name, why }).or_default() += 1;
        }
    }

    /// Keeps what was not as expected of a line.
    pub(crate) fn unmet(&mut self, place: &str, tool: &str, differences: &[String]) {
        for difference in differences {
            if self.differences.len() < LISTED_DIFFERENCES {
                self.differences.push(format!("{place}: {}: {difference}", printable(tool)));
            }
        }
    }

    /// The expectations that were not met, and how many were.
    pub(crate) fn expectations(&self) -> String {
        let mut text = String::new();
        for difference in &self.differences {
            let _ = writeln!(text, "{} {difference}", styled(RED, "not as expected:"));
        }
        let listed = self.differences.len();
        if self.tally.unmet > 0 && listed == LISTED_DIFFERENCES {
            let _ = writeln!(text, "(the first {listed} are listed)");
        }
        let Tally { compared, unmet } = self.tally;
        let met = compared - unmet;
        let style = if unmet == 0 { GREEN } else { RED };
        let _ = writeln!(text, "{}", styled(style, &format!("{met} of {compared} expectations met")));
        text
    }

    /// The counts, for people.
    pub(crate) fn text(&self) -> String {
        let calls = self.allowed + self.asked + self.denied;
        let mut text = format!("\n{}\n", styled(BOLD, &format!("{} in {}", count(calls, "call"), count(self.sessions, "session"))));
        let _ = writeln!(text, "  {}", styled(GREEN, &format!("{:>5} allowed", self.allowed)));
        let refused = self.asked - self.approved;
        let _ = writeln!(text, "  {} ({} approved, {refused} not)", styled(YELLOW, &format!("{:>5} asked", self.asked)), self.approved);
        let _ = writeln!(text, "  {}", styled(RED, &format!("{:>5} denied", self.denied)));
        self.reasons_text(&mut text);
        if self.errors > 0 {
            let _ = writeln!(text, "  {}", styled(RED, &format!("{:>5} lines in error, which decided nothing", self.errors)));
        }
        text
    }

    fn reasons_text(&self, text: &mut String) {
        let mut sorted: BTreeMap<(bool, &str), (u64, &str)> = BTreeMap::new();
        for (Reason { asked, name, why }, times) in &self.reasons {
            sorted.entry((*asked, name)).or_insert((0, why)).0 += times;
        }
        let width = sorted.keys().map(|(_, name)| name.chars().count()).max().unwrap_or(0);
        for ((asked, name), (times, why)) in &sorted {
            let what = if *asked { "asked" } else { "denied" };
            let name = styled(CYAN, &format!("{name:<width$}"));
            let why = styled(DIM, &printable(why));
            let _ = writeln!(text, "  {times:>5} {what:<6} by {name}  {why}");
        }
    }
}

fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
