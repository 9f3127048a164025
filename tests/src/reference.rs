//! The other side: the reference's elaboration and its judge, from the policy's text and the record's text.
//!
//! In: text. Out: its core form; decisions.

use leverframe_reference::policy::Verdict;
use leverframe_reference::{Decision, Evaluator, Files, Judge, Policy, Refusal, core_text, elaborate_from, read_records};

use crate::decided::{Decided, Story};
use crate::engine::ROOT;
use crate::policy::files::split;
use crate::trace::Event;

/// A policy as the reference has it.
#[derive(Debug)]
pub struct Elaborated {
    /// Its core form.
    pub core: String,
    policy: Policy,
}

impl Elaborated {
    /// What decides.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// Elaborates a policy whose files are bundled in one text.
///
/// # Errors
/// Why it is refused.
pub fn elaborate(text: &str) -> Result<Elaborated, Refusal> {
    elaborate_at(ROOT, &split(text))
}

/// Elaborates a policy.
///
/// # Errors
/// Why it is refused.
pub fn elaborate_at(root: &str, files: &dyn Files) -> Result<Elaborated, Refusal> {
    let policy = elaborate_from(files, root)?;
    Ok(Elaborated { core: core_text(&policy), policy })
}

/// Decides a record.
///
/// # Panics
/// Where the reference cannot read a line that this crate wrote.
#[must_use]
pub fn run(elaborated: &Elaborated, events: &[Event], evaluator: Evaluator) -> Story {
    let lines: Vec<String> = events.iter().map(Event::line).collect();
    let records = read_records(&lines.join("\n")).expect("every line is a record's");
    let mut judge = Judge::new(&elaborated.policy, &records).by(evaluator);
    let mut story = Story::default();
    for record in &records {
        match judge.take(record) {
            Ok(decision) => story.decisions.extend(decision.map(decided)),
            Err(error) => {
                story.error = Some(error.line);
                break;
            }
        }
    }
    story
}

fn decided(decision: Decision) -> Decided {
    let mut labels = decision.labels;
    labels.sort();
    Decided {
        line: decision.line,
        verdict: verdict(decision.verdict).to_owned(),
        code: decision.code.word().to_owned(),
        rule: decision.rule,
        rules: decision.rules,
        observed: decision.observed,
        message: decision.message,
        who: decision.who,
        labels,
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "ask",
        Verdict::Deny => "deny",
    }
}
