//! The result of `diff` as one JSON object.
//!
//! In: a difference. Out: the object of `lang-spec/differences.md`, its members in its order.
//! Source: `lang-spec/differences.md`.

use leverframe_checker::WitnessStep;
use leverframe_checker::difference::{Answered, Change, Direction};
use serde::Serialize;

use super::{Told, doubts, verdict};
use crate::exit::Failure;

/// The version of the form.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Whole<'d> {
    version: u32,
    ok: bool,
    result: &'static str,
    old: &'d str,
    new: &'d str,
    newly_allowed: Vec<Entry<'d>>,
    newly_denied: Vec<Entry<'d>>,
    unknown: Vec<Open<'d>>,
}

#[derive(Serialize)]
struct Entry<'d> {
    persona: &'d str,
    tool: &'d str,
    rule: Option<&'d str>,
    old: Said<'d>,
    new: Said<'d>,
    witness: &'d [WitnessStep],
}

#[derive(Serialize)]
struct Said<'d> {
    verdict: &'static str,
    code: &'d str,
    rules: &'d [String],
}

#[derive(Serialize)]
struct Open<'d> {
    about: &'d str,
    reason: &'d str,
    may: Vec<&'static str>,
}

/// The object on one line.
///
/// # Errors
/// [`Failure::Internal`] where it cannot be written as JSON.
pub(super) fn text(told: &Told<'_>) -> Result<String, Failure> {
    let difference = told.difference;
    let open = doubts(difference).into_iter().map(|(doubt, directions)| Open {
        about: &doubt.about,
        reason: &doubt.reason,
        may: directions.into_iter().map(member).collect(),
    });
    let whole = Whole {
        version: VERSION,
        ok: difference.word.allows_nothing(),
        result: difference.word.text(),
        old: &told.old,
        new: &told.new,
        newly_allowed: difference.allowed.iter().map(entry).collect(),
        newly_denied: difference.denied.iter().map(entry).collect(),
        unknown: open.collect(),
    };
    serde_json::to_string(&whole).map_err(|error| Failure::Internal(error.to_string()))
}

fn member(direction: Direction) -> &'static str {
    match direction {
        Direction::Allowed => "newly_allowed",
        Direction::Denied => "newly_denied",
    }
}

fn entry(change: &Change) -> Entry<'_> {
    let Change { persona, tool, rule, old, new, witness } = change;
    Entry { persona, tool, rule: rule.as_deref(), old: said(old), new: said(new), witness }
}

fn said(said: &Answered) -> Said<'_> {
    let Answered { verdict: answer, code, rules } = said;
    Said { verdict: verdict(*answer), code, rules }
}
