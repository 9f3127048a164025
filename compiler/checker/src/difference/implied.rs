//! Whether one rule says all that another one says.
//!
//! In: two rules over the same names. Out: yes, or nothing. Invariant: where it is yes, the second one judges every call that the first one judges, in every
//! history, at least as severely. Left out: whatever needs a search. Source: language section 5.

use leverframe_compiler::core::{Action, Body, Limit, Measure, Rule, Scope};

/// Whether `by` refuses or asks about every call that `rule` does, and no less severely.
pub(super) fn implied(rule: &Rule, by: &Rule) -> bool {
    let covers = match (&rule.scope, &by.scope) {
        (_, Scope::All) => true,
        (Scope::All, Scope::Personas(_)) => false,
        (Scope::Personas(own), Scope::Personas(others)) => own.iter().all(|persona| others.contains(persona)),
    };
    let body = match (&rule.body, &by.body) {
        (Body::Limit(limit), Body::Limit(by)) => limited(limit, by, rule.capacity.is_none()),
        (body, other) => body == other,
    };
    // Where values are kept apart a place more or less decides, too. What happens without a place depends on the kind.
    let kept = rule.capacity == by.capacity && (rule.capacity.is_none() || rule.kind == by.kind);
    rule.key == by.key && covers && body && kept && severity(&by.action) >= severity(&rule.action)
}

fn severity(action: &Action) -> u8 {
    match action {
        Action::Observe => 0,
        Action::Ask(_) => 1,
        Action::Deny => 2,
        Action::EndSession => 3,
    }
}

/// Whether `by` is full wherever `limit` is: it counts the same, no fewer of it, and lets no more through.
fn limited(limit: &Limit, by: &Limit, plain: bool) -> bool {
    let Limit { measure, window_ms, event, judged } = limit;
    let same = *event == by.event && *judged == by.judged;
    let longer = match (*window_ms, by.window_ms) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(own), Some(other)) => own <= other,
    };
    // An amount can be negative, and a shared account forgets with its window: there a longer one need not hold more.
    let window = *window_ms == by.window_ms || (longer && plain && !matches!(measure, Measure::Sum(..)));
    same && window && no_more(measure, &by.measure)
}

fn no_more(measure: &Measure, by: &Measure) -> bool {
    match (measure, by) {
        (Measure::Count(own), Measure::Count(other)) | (Measure::Identical(own), Measure::Identical(other)) => own >= other,
        (Measure::Distinct(own, path), Measure::Distinct(other, by)) => path == by && own >= other,
        (Measure::Sum(own, path), Measure::Sum(other, by)) => path == by && own >= other,
        _ => false,
    }
}
