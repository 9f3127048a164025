//! What can be wrong with a rule over histories, one function a finding.
//!
//! In: the place. Out: a [`Diagnostic`]. Source: language sections 5 and 9; the pages `LF0230` to `LF0246` and `LF0291` of `lang-spec/codes`.

use leverframe_syntax::{Code, Diagnostic, Span};

use crate::limits;

/// A rule that would have to deny something that is no call.
pub(super) fn not_a_call(what: &str, place: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0230, span, format!("{what} cannot be {place}: only a call can be denied"))
        .note("every event that can be last must be a call that is still to be decided")
}

/// `within` next to `start`.
pub(super) fn within_start(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0231, span, "`within` cannot stand beside `start`, which has no time")
}

/// A gap clause that meets an `and`.
pub(super) fn gap_meets_and(span: Span, side: &str) -> Diagnostic {
    Diagnostic::new(Code::LF0232, span, format!("the clauses of this gap meet a group that {side} an `and`"))
        .note("which of its events the gap is measured from would depend on their order; put the clause elsewhere")
}

/// `start` where it can never hold or means nothing.
pub(super) fn start_misplaced(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0233, span, "`start` can only begin a sequence of a `forbid` or an assertion")
}

/// `denied` where a refused attempt would loosen a rule.
pub(super) fn denied_misplaced(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0234, span, "`denied` can only be a step of a `forbid` or stand in a `limit`")
        .note("elsewhere an agent could meet a condition by having a call refused")
}

/// A limit on something that is never decided.
pub(super) fn limited_event(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0235, span, format!("`{name}` is a host event: it is never decided, so it cannot be limited"))
}

/// `per session` with another key.
pub(super) fn session_with_key(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0236, span, "`per session` is the whole history of a session and takes no other key")
}

/// Something that only calls have, beside a host event.
pub(super) fn event_has_no(what: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0237, span, format!("`{name}` is a host event and has no {what}"))
}

/// `by` in a history of one session.
pub(super) fn by_in_session(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0238, span, "`by` needs a history that several personas share")
        .note("a session has one persona; give the rule `per principal`, `per agent` or `per tenant`")
}

/// A number that says nothing.
pub(super) fn number(what: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0239, span, what)
}

/// A variable that binds nothing.
pub(super) fn variable_once(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0240, span, format!("the variable `?{name}` is used only once"))
        .note("use it in a second pattern, or leave the field out")
}

/// A pattern with some of a rule's variables.
pub(super) fn variable_missing(name: &str, span: Span, other: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0241, span, format!("this pattern has variables, but not `?{name}`"))
        .also(other, format!("`?{name}` is used here"))
        .note("in one rule every pattern that has variables has all of them")
}

/// A variable of two types.
pub(super) fn variable_types(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0242, span, format!("the variable `?{name}` has another type here")).also(first, "than here")
}

/// A variable that stands for something without an equality.
pub(super) fn variable_opaque(name: &str, ty: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0242, span, format!("the variable `?{name}` cannot stand for {ty}"))
        .note("for each element of a list, write `field[]: ?v`")
}

/// `[]` after something that is no list.
pub(super) fn each_of_no_list(ty: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0243, span, format!("`[]` takes the elements of a list, and this is {ty}"))
}

/// `field: literal` on each element.
pub(super) fn each_with_literal(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0243, span, "`[]` stands with a variable only")
        .note("for a fixed value, write `when (some x in LIST : (x == …))`")
}

/// `name: word` that is no constant.
pub(super) fn no_constant(name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(Code::LF0244, span, format!("there is no constant `{name}`"));
    match near {
        Some(near) => found.note(format!("did you mean `{near}`?")),
        None => found.note(format!("a variable is written `?{name}`")),
    }
}

/// A sum over a field that may be negative or absent.
pub(super) fn sum_field(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0245, span, "a sum is taken of an int field that is required and never negative")
        .note("give it a range, `int 0..=N`, by its declaration or by `refine`")
}

/// A clause that a gap has already.
pub(super) fn clause_twice(clause: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0246, span, format!("this gap has `{clause}` already")).also(first, "the first")
}

/// `within` inside a group that has one.
pub(super) fn nested_within(span: Span, group: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0248, span, "inside `within D ( … )` a gap has no `within` of its own")
        .also(group, "the group")
        .note("one of the two windows must go")
}

/// A fact of a result's structure that is not declared.
pub(super) fn no_result(tool: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0247, span, format!("nothing says what a result of `{tool}` holds"))
        .note("declare it, `tool NAME(…) -> {field: type}`, or give the catalog an output schema")
}

/// A rule whose formula is too large.
pub(super) fn too_long(name: &str, span: Span) -> Diagnostic {
    let (events, parts) = (limits::SEQUENCE_EVENTS, limits::FORMULA_PARTS);
    let message = format!("`{name}` is too long: at most {events} events in a row, and {parts} parts of its formula, are allowed");
    Diagnostic::new(Code::LF0708, span, message).note("`times` and `and` are written out")
}

/// An assertion, which nothing proves yet.
pub(super) fn not_proved(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0291, span, format!("the assertion `{name}` is well formed and not proved yet"))
}
