//! Histories.
//!
//! In: letters as they happen. Out: the list of a key, as each rule of that key sees it. Invariants: an admitted call, a result and a host event never come before the
//! latest of them, and only they move it; in a rule that hears refused attempts, nothing comes before one of them either; a result knows where its
//! call stands in the same list.
//! Source: language section 5 (events); `lang-spec/core-form.md`, [core.pattern]; `lang-spec/sequences.md`, [seq.time].

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::evaluate::Moment;
use super::rows::{Row, row};
use super::rules::{self, Evaluator, Judgement};
use super::values::Fields;
use crate::policy::{Key, Policy, Rule};

/// What happened, in the history of one key.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// When it counts in this history.
    pub(crate) at: i64,
    pub(crate) what: What,
}

/// The kinds of letter.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// An admitted call.
    Call(Rc<Call>),
    /// How a call of this history came out.
    Result {
        call: Rc<Call>,
        /// Where the call stands.
        position: usize,
        outcome: Rc<CameOut>,
    },
    /// Something the gateway reported.
    Event(Rc<Event>),
    /// A refused attempt.
    Denied(Rc<Attempt>),
}

/// An admitted call, or one that is judged as if it were.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) tool: String,
    pub(crate) persona: String,
    pub(crate) approved: bool,
    pub(crate) moment: Moment,
}

/// How a call came out.
#[derive(Clone, Debug)]
pub(crate) struct CameOut {
    pub(crate) ok: bool,
    pub(crate) labels: BTreeSet<String>,
    /// What conditions read of it.
    pub(crate) result: Fields,
}

/// A host event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    /// The persona of its session, if a call has fixed one.
    pub(crate) persona: Option<String>,
    pub(crate) moment: Moment,
}

/// A call that was refused.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) tool: String,
    pub(crate) persona: String,
    /// Whether the policy knows the tool.
    pub(crate) known: bool,
    /// What could be read of it; nothing where its arguments are malformed.
    pub(crate) moment: Option<Moment>,
}

/// What has happened to one key.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// How many letters there are.
    length: usize,
    /// The time of the latest letter that is no refused attempt.
    pub(crate) latest: Option<i64>,
    /// The time of the latest letter, refused attempts among them.
    newest: Option<i64>,
    /// By the rules of the key, in the order of the policy.
    watches: BTreeMap<usize, Watch>,
}

/// A history as one rule sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    /// One for each letter.
    pub(crate) rows: Vec<Row>,
    /// Whether the rule has had more values than it can keep apart ([var.capacity]).
    pub(crate) overflowed: bool,
}

impl History {
    /// When something of that time counts: never before the latest, nor before the earliest time there is ([seq.time]).
    pub(crate) fn effective(&self, at: i64) -> i64 {
        self.latest.unwrap_or(i64::MIN + 1).max(at)
    }

    /// When a letter of that time counts for a rule: in one that hears refused attempts, never before one of those either.
    fn counts(&self, rule: &Rule, at: i64) -> i64 {
        let at = self.effective(at);
        if rule.hears_attempts() { self.newest.map_or(at, |newest| newest.max(at)) } else { at }
    }

    /// Adds a letter and says where it stands.
    pub(crate) fn add(&mut self, policy: &Policy, key: Key, at: i64, what: What) -> usize {
        for (index, rule) in policy.rules.iter().enumerate().filter(|(_, rule)| rule.key == key) {
            let letter = Letter { at: self.counts(rule, at), what: what.clone() };
            let watch = self.watches.entry(index).or_default();
            watch.rows.push(row(rule, &letter, self.length));
            watch.overflowed = watch.overflowed || rules::overflows(rule, &watch.rows);
        }
        if !matches!(what, What::Denied(_)) {
            self.latest = Some(self.effective(at));
        }
        self.newest = self.newest.max(Some(self.effective(at)));
        self.length += 1;
        self.length - 1
    }

    /// What a rule says of a letter, as if it were the next.
    pub(crate) fn ask(&mut self, policy: &Policy, index: usize, at: i64, what: What, evaluator: Evaluator) -> Judgement {
        let Some(rule) = policy.rules.get(index) else { return Judgement::Silent };
        let letter = Letter { at: self.counts(rule, at), what };
        let watch = self.watches.entry(index).or_default();
        watch.rows.push(row(rule, &letter, self.length));
        let judgement = rules::speaks(rule, watch, evaluator);
        watch.rows.pop();
        judgement
    }
}
