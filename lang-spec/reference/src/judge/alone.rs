//! One letter by itself: a line of a record, read without what was before it but for what is said of that.
//!
//! In: a line, what letter of it is meant, the labels of its session. Out: [`Alone`], which says what conditions come to on the letter, and which values it has.
//! Invariants: lines are read as the judge reads them; a call counts only if rules are asked about it.
//! Left out: whether it would be admitted, or an attempt refused; times and places of letters before it.
//! Source: `lang-spec/certificate.md`, [cert.witnesses].

use std::collections::BTreeSet;
use std::rc::Rc;

use super::decide::{Judge, came_out};
use super::history::{Letter, What};
use super::record::{CallRecord, Outcome, Record, Recorded};
use super::rows::{Tuple, bound, holds};
use crate::policy::{Bind, Cond, FieldPath, Kind, Policy, Tag};

/// What a session was before a letter.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// Its labels.
    pub labels: BTreeSet<String>,
    /// Its persona, as far as host events may know it.
    pub persona: Option<String>,
}

/// A letter by itself.
#[derive(Clone, Debug)]
pub struct Alone {
    letter: Letter,
}

/// The values that a letter has at some paths.
#[derive(Clone, Debug)]
pub struct Values {
    tuples: Vec<Tuple>,
    /// Whether one is not there: absent, an empty list, an element without it, or one that cannot be read.
    pub lacking: bool,
    /// Whether one cannot be read.
    pub broken: bool,
}

impl Values {
    /// The value of that number; of several paths, one of each.
    fn get(&self, number: usize) -> Option<&Tuple> {
        self.tuples.get(number)
    }

    /// Whether there is a value of that number.
    #[must_use]
    pub fn has(&self, number: usize) -> bool {
        self.get(number).is_some()
    }

    /// Whether a value of others, by its number, is among these.
    #[must_use]
    pub fn include(&self, others: &Self, number: usize) -> bool {
        others.get(number).is_some_and(|value| self.tuples.contains(value))
    }
}

impl Alone {
    /// The letter of that kind that is made of a line.
    ///
    /// # Errors
    /// Where the line makes none: it is another line, a call about which no rule is asked, or a result that came out otherwise.
    pub fn of(policy: &Policy, record: &Record, kind: Kind, before: &Before) -> Result<Self, String> {
        let at = record.at.unwrap_or(0);
        let what = match (&record.what, kind) {
            (Recorded::Call(call), Kind::Call) => {
                What::Call(Rc::new(judge(policy, &call.session, before).asked(at, call).map_err(unasked)?))
            }
            (Recorded::Call(call), Kind::Ok | Kind::Failed) => result(policy, (at, call), kind == Kind::Ok, before)?,
            (Recorded::Call(call), Kind::Denied) => What::Denied(Rc::new(judge(policy, &call.session, before).attempted(at, call))),
            (Recorded::Event(event), Kind::Event) => {
                What::Event(Rc::new(judge(policy, &event.session, before).reported(at, event, before.persona.clone())?))
            }
            _ => return Err("no such letter is made of such a line".to_owned()),
        };
        Ok(Self { letter: Letter { at, what } })
    }

    /// The tool or host event that it is about; nothing where it is a tool that the policy does not know.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        match &self.letter.what {
            What::Call(call) | What::Result { call, .. } => Some(&call.tool),
            What::Event(event) => Some(&event.name),
            What::Denied(attempt) => attempt.known.then_some(attempt.tool.as_str()),
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn persona(&self) -> Option<&str> {
        match &self.letter.what {
            What::Call(call) | What::Result { call, .. } => Some(&call.persona),
            What::Event(event) => event.persona.as_deref(),
            What::Denied(attempt) => Some(&attempt.persona),
        }
    }

    /// Whether its call was asked about and approved.
    #[must_use]
    pub fn approved(&self) -> bool {
        matches!(&self.letter.what, What::Call(call) | What::Result { call, .. } if call.approved)
    }

    /// Whether it is a result that carries the label.
    #[must_use]
    pub fn carries(&self, label: &str) -> bool {
        matches!(&self.letter.what, What::Result { outcome, .. } if outcome.labels.contains(label))
    }

    /// What a guard comes to; nothing where it cannot be evaluated.
    #[must_use]
    pub fn holds(&self, guard: &Cond) -> Option<bool> {
        holds(guard, &self.letter)
    }

    /// The values that it has at these paths.
    #[must_use]
    pub fn values(&self, paths: &[(Tag, &FieldPath)]) -> Values {
        let bind = |(tag, path): &(Tag, &FieldPath)| Bind { variable: String::new(), tag: *tag, path: (*path).clone() };
        let binds: Vec<Bind> = paths.iter().map(bind).collect();
        let hit = bound(&binds, &self.letter);
        Values { tuples: hit.values, lacking: hit.lacking, broken: hit.broken }
    }
}

fn judge<'p>(policy: &'p Policy, session: &str, before: &Before) -> Judge<'p> {
    Judge::of_session(policy, session, before.labels.clone())
}

fn unasked(code: super::decide::Code) -> String {
    format!("no rule is asked about the call: {}", code.word())
}

/// The result that stands in a call's line; one that succeeded with nothing, where none does.
fn result(policy: &Policy, (at, record): (i64, &CallRecord), succeeds: bool, before: &Before) -> Result<What, String> {
    let mut judge = judge(policy, &record.session, before);
    let plain = Outcome { ok: true, ..Outcome::default() };
    let outcome = record.result.as_ref().unwrap_or(&plain);
    judge.declared_labels(Some(outcome))?;
    let call = judge.asked(at, record).map_err(unasked)?;
    let outcome = came_out(policy, &call, outcome);
    if outcome.ok != succeeds {
        return Err("the result came out otherwise".to_owned());
    }
    Ok(What::Result { call: Rc::new(call), position: 0, outcome: Rc::new(outcome) })
}
