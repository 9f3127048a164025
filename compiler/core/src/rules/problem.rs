//! What can be wrong with a rule over histories, one function a finding.
//!
//! In: the place. Out: a [`Diagnostic`]. Source: language sections 5 and 9; the pages `LF0230` to `LF0255`, `LF0750` and `LF0751` of `lang-spec/codes`.

use leverframe_runtime::limits as runtime;
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

/// `within` around `start`.
pub(super) fn group_start(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0231, span, "`within D ( … )` cannot begin with `start`, which has no time")
        .note("write `start then within D ( … )`")
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

/// The result of a call that never was.
pub(super) fn denied_result(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0234, span, "a refused attempt has no result").note("write `denied TARGET` without this outcome")
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

/// A variable of two types in one place.
pub(super) fn variable_types_here(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0242, span, format!("the variable `?{name}` has one type on some of these tools, and another on others"))
        .note("a variable has one type everywhere in a rule; `refine` the field, or write a rule for each tool")
}

/// Values of two types that would be counted together.
pub(super) fn measured_types(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0242, span, "this field has one type on some of these tools, and another on others")
        .note("`refine` it, or write a limit for each tool")
}

/// Values without an equality, which cannot be counted.
pub(super) fn distinct_opaque(ty: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0242, span, format!("`distinct` counts single values, and this is {ty}"))
        .note("for the elements of a list, write `distinct(field[])`")
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

/// `unless` inside a group with a window, after something whose matches may begin in any order.
pub(super) fn unless_in_window(span: Span, group: Span) -> Diagnostic {
    let message = "inside `within D ( … )`, `unless` cannot follow an `or` or `and` of parts that are longer than one event";
    Diagnostic::new(Code::LF0249, span, message)
        .also(group, "the group")
        .note("a match that ends first may begin last, so which beginning is left after the `unless` would not be determined")
        .note("write the alternatives as rules of their own, or take the `unless` out of the group")
}

/// A capacity of a rule that keeps nothing apart.
pub(super) fn capacity_of_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0250, span, "`capacity` needs a rule that keeps values apart, and this one has no variable")
        .note("take it out, or bind a variable: `field: ?v`")
}

/// A capacity of none.
pub(super) fn no_capacity(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0250, span, "a capacity of 0 keeps no value: the rule could tell nothing apart").note(format!(
        "write a number from 1 to {}, or leave it out for {}",
        runtime::CAPACITY,
        runtime::DEFAULT_CAPACITY
    ))
}

/// A capacity beyond the bound.
pub(super) fn capacity_bound(given: u64, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0750, span, format!("a rule keeps {} values at most, and this one is given {given}", runtime::CAPACITY))
}

/// More different values than can be kept.
pub(super) fn distinct_bound(given: u32, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::LF0751,
        span,
        format!("a limit lets {} different values through at most, and this one is given {given}", runtime::DISTINCT),
    )
    .note("it keeps every one of them")
}

/// Two lists of one pattern.
pub(super) fn two_lists(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0252, span, "this pattern takes the elements of a second list")
        .also(first, "the first")
        .note("one pattern takes the elements of one list at most: which of them belong together nothing says")
}

/// A limit for each value of a result.
pub(super) fn limit_by_result(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0253, span, format!("a limit cannot be kept for each `?{name}` of a result"))
        .note("the call that is judged has no result yet; bind the variable to an argument")
}

/// `identical` of what is no call.
pub(super) fn identical_calls(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0254, span, "`identical` compares calls, and this is none")
        .note("take the outcome out: a call that is made again counts, whatever becomes of it")
}

/// `identical` beside a variable.
pub(super) fn identical_variable(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0254, span, format!("`identical` compares all arguments, so `?{name}` says nothing more"))
        .note("take the variable or `identical` out")
}

/// A variable that one pattern binds twice.
pub(super) fn variable_twice(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0255, span, format!("this pattern binds `?{name}` twice"))
        .also(first, "the first")
        .note("for two fields that must be equal, write `when (a == b)`")
}

/// A rule whose formula is too large.
pub(super) fn too_long(name: &str, span: Span) -> Diagnostic {
    let (events, parts) = (limits::SEQUENCE_EVENTS, limits::FORMULA_PARTS);
    let message = format!("`{name}` is too long: at most {events} events in a row, and {parts} parts of its formula, are allowed");
    Diagnostic::new(Code::LF0708, span, message).note("`times` and `and` are written out")
}
