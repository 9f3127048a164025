//! Whether a rule speaks of a call.
//!
//! In: a rule and a history whose last letter is the call, as if it were admitted. Out: whether the rule denies, asks or notes it.
//! Source: language section 5: `forbid`, `require`, `limit` and the table of safe readings.

use super::history::{Doubt, Letter, What, matches};
use super::sequences::completed_by_last;
use crate::policy::{Body, Pattern, Rule};

/// Whether the rule speaks of the last letter.
pub(crate) fn speaks(rule: &Rule, letters: &[Letter]) -> bool {
    let Some((call, before)) = letters.split_last() else { return false };
    match &rule.body {
        Body::Forbid(sequence) => completed_by_last(sequence, letters),
        Body::Require { prerequisites, target, within, reset } => {
            matches(target, call, Doubt::Matches)
                && !prerequisites.iter().all(|prerequisite| met(prerequisite, *within, reset.as_ref(), call, before))
        }
        Body::Limit { count, window, event } => {
            let in_window = |letter: &&Letter| window.is_none_or(|ms| call.at.saturating_sub(letter.at) < ms);
            let counted = before.iter().filter(in_window).filter(|letter| matches(event, letter, Doubt::Matches)).count();
            matches(event, call, Doubt::Matches) && u64::try_from(counted).unwrap_or(u64::MAX) >= *count
        }
    }
}

/// Whether a prerequisite has happened, with its call, since the last reset, and its call within the time.
fn met(prerequisite: &Pattern, within: Option<i64>, reset: Option<&Pattern>, call: &Letter, before: &[Letter]) -> bool {
    let last_reset = reset.and_then(|reset| before.iter().rposition(|letter| matches(reset, letter, Doubt::Matches)));
    before.iter().enumerate().any(|(at, letter)| {
        // What was done first: the call of a result, the event itself.
        let begun = match &letter.what {
            What::Result { position, .. } => *position,
            What::Call(_) | What::Event(_) => at,
        };
        let since_reset = last_reset.is_none_or(|reset| reset < begun);
        let in_time = within.is_none_or(|ms| before.get(begun).is_some_and(|begun| call.at.saturating_sub(begun.at) <= ms));
        since_reset && in_time && matches(prerequisite, letter, Doubt::DoesNot)
    })
}
