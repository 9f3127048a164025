//! Histories and which letters a pattern matches.
//!
//! In: letters as they happen. Out: the list of a key. Invariants: times never go back within a list; a result knows where its call stands in the same list.
//! Source: language section 5 (events) and section 4 ("Nothing fails open"); `lang-spec/core-form.md`, [core.pattern].

use std::collections::BTreeSet;
use std::rc::Rc;

use super::evaluate::{Moment, evaluate};
use crate::policy::{Kind, Part, Pattern};

/// What happened, in the history of one key.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// When it counts in this history.
    pub(crate) at: i64,
    pub(crate) what: What,
}

/// The three kinds of letter.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// An admitted call.
    Call(Rc<Call>),
    /// How a call of this history came out.
    Result {
        call: Rc<Call>,
        /// Where the call stands.
        position: usize,
        ok: bool,
        labels: Rc<BTreeSet<String>>,
    },
    /// Something the gateway reported.
    Event(Rc<Event>),
}

/// An admitted call, or one that is judged as if it were.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) tool: String,
    pub(crate) persona: String,
    pub(crate) approved: bool,
    pub(crate) moment: Moment,
}

/// A host event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    /// The persona of its session, if a call has fixed one.
    pub(crate) persona: Option<String>,
    pub(crate) moment: Moment,
}

/// What has happened to one key.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) letters: Vec<Letter>,
    /// The time of the latest letter.
    pub(crate) latest: Option<i64>,
}

impl History {
    /// When something of that time counts: never before the latest, nor before the earliest time there is ([seq.time]).
    pub(crate) fn effective(&self, at: i64) -> i64 {
        self.latest.unwrap_or(i64::MIN + 1).max(at)
    }

    /// Adds a letter and says where it stands.
    pub(crate) fn add(&mut self, at: i64, what: What) -> usize {
        let at = self.effective(at);
        self.latest = Some(at);
        self.letters.push(Letter { at, what });
        self.letters.len() - 1
    }
}

/// What a condition that cannot be evaluated counts as, on a letter that cannot be denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// In a step, an event of a limit, a reset.
    Matches,
    /// In a prerequisite, an `unless`.
    DoesNot,
}

/// Whether a pattern matches a letter.
pub(crate) fn matches(pattern: &Pattern, letter: &Letter, doubt: Doubt) -> bool {
    pattern.parts.iter().any(|part| part_matches(part, letter, doubt))
}

fn part_matches(part: &Part, letter: &Letter, doubt: Doubt) -> bool {
    let right_kind = match (&letter.what, part.kind) {
        (What::Call(_), kind) => kind == Kind::Call,
        (What::Result { ok, .. }, kind) => kind == Kind::Result || kind == if *ok { Kind::Ok } else { Kind::Failed },
        (What::Event(_), kind) => kind == Kind::Event,
    };
    let (name, persona, approved, moment) = match &letter.what {
        What::Call(call) | What::Result { call, .. } => (&call.tool, Some(&call.persona), call.approved, &call.moment),
        What::Event(event) => (&event.name, event.persona.as_ref(), false, &event.moment),
    };
    let labelled = match (&part.label, &letter.what) {
        (None, _) => true,
        (Some(label), What::Result { labels, .. }) => labels.contains(label),
        (Some(_), _) => false,
    };
    let by = part.by.as_ref().is_none_or(|by| persona == Some(by));
    if !right_kind || !by || !labelled || (part.approved && !approved) {
        return false;
    }
    let guard = part.cases.iter().find(|case| case.names.contains(name)).map(|case| evaluate(&case.guard, moment));
    guard.is_some_and(|found| found.unwrap_or(doubt == Doubt::Matches))
}
