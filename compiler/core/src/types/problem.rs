//! What can be wrong with a condition, one function a finding.
//!
//! In: the place and what stands there. Out: a [`Diagnostic`] that says what is wrong and what to do.
//! Source: language section 4; the pages `LF0201` to `LF0217`, `LF0247` and `LF0251` of `lang-spec/codes`.

use leverframe_syntax::{Code, Diagnostic, Span};

use super::lattice::describe;
use super::literal::LiteralProblem;
use super::pattern::RegexProblem;
use crate::core::Type;
use crate::limits;
use crate::names::suggest::suggest;

/// A name that is no field of what it is looked up in.
pub(crate) fn unknown_field<'a>(name: &str, span: Span, owner: &str, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let near = suggest(name, known);
    let found = Diagnostic::new(Code::LF0201, span, format!("{owner} has no field `{name}`")).label("not declared");
    match near {
        Some(near) => found.note(format!("did you mean `{near}`?")),
        None => found,
    }
}

/// A field that may not be there and that nothing guards.
pub(crate) fn may_be_absent(written: &str, place: &str, span: Span) -> Diagnostic {
    let message = if written == place {
        format!("`{place}` may be absent here")
    } else {
        format!("`{written}` cannot be read: `{place}` may be absent here")
    };
    Diagnostic::new(Code::LF0202, span, message)
        .label("read without a guard")
        .note(format!("write `{place} is present and …` before it, in the same `and`"))
}

/// A value that the catalog's schema leaves opaque.
pub(crate) fn opaque(written: &str, reason: Option<&str>, span: Span) -> Diagnostic {
    let because = reason.map_or_else(String::new, |reason| format!(", because its schema uses `{reason}`"));
    Diagnostic::new(Code::LF0203, span, format!("`{written}` is json{because}: only `is present` applies to it"))
        .label("opaque")
        .note("give it a type with `refine TOOL { field: type }`")
}

/// Two values that do not compare.
pub(crate) fn incomparable(left: &Type, right: &Type, operator: &str, span: Span) -> Diagnostic {
    let message = format!("`{operator}` does not apply to {} and {}", describe(left), describe(right));
    let found = Diagnostic::new(Code::LF0204, span, message).label("types differ");
    match (left, right) {
        (Type::String, domain @ (Type::Email | Type::Url | Type::Path | Type::Ip))
        | (domain @ (Type::Email | Type::Url | Type::Path | Type::Ip), Type::String) => {
            found.note(format!("a string has many spellings; `refine` the field to {} first", describe(domain)))
        }
        (Type::Timestamp, Type::String) | (Type::String, Type::Timestamp) => {
            found.note("a timestamp literal is written `ts\"2026-11-22T10:00:00Z\"`")
        }
        _ => found,
    }
}

/// An operator on a value that it does not apply to.
pub(crate) fn inapplicable(operator: &str, ty: &Type, span: Span, note: &str) -> Diagnostic {
    Diagnostic::new(Code::LF0204, span, format!("`{operator}` does not apply to {}", describe(ty))).note(note)
}

/// A literal that has no value where it stands.
pub(crate) fn literal(problem: &LiteralProblem, written: &str, ty: &Type, span: Span) -> Diagnostic {
    match problem {
        LiteralProblem::Form(what, error) => Diagnostic::new(Code::LF0206, span, format!("`{written}` is not {what}: it {error}"))
            .label("has no normal form")
            .note("both sides of a comparison are brought to one normal form; this one has none, so it could never match"),
        LiteralProblem::Member => member(written, ty, span),
        LiteralProblem::Null => {
            Diagnostic::new(Code::LF0214, span, "`null` is no value to compare with").note("write `is present`, or `not (… is present)`")
        }
        LiteralProblem::Type => Diagnostic::new(Code::LF0204, span, format!("this literal is not {}", describe(ty))).label("types differ"),
    }
}

fn member(written: &str, ty: &Type, span: Span) -> Diagnostic {
    let members: &[String] = if let Type::Enum(members) = ty { members } else { &[] };
    let found = Diagnostic::new(Code::LF0205, span, format!("`{written}` is no member of the enumeration"));
    match suggest(written, members.iter().map(String::as_str)) {
        Some(near) => found.note(format!("did you mean `\"{near}\"`?")),
        None => found.note(format!("its members are {}", listed(members))),
    }
}

fn listed(members: &[String]) -> String {
    let shown: Vec<String> = members.iter().take(limits::SHOWN_MEMBERS).map(|member| format!("`\"{member}\"`")).collect();
    let more = members.len().saturating_sub(shown.len());
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", shown.join(", "))
}

/// The right side of an operator that takes a literal only.
pub(crate) fn literal_wanted(operator: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0207, span, format!("the right side of `{operator}` must be a string literal or a constant"))
        .note("two fields compare by `==` and `!=` only")
}

/// A function that does not exist.
pub(crate) fn unknown_function<'a>(name: &str, span: Span, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let near = suggest(name, known);
    let found = Diagnostic::new(Code::LF0208, span, format!("there is no function or definition `{name}`"));
    match near {
        Some(near) => found.note(format!("did you mean `{near}`?")),
        None => found,
    }
}

/// A call with more or fewer values than the function takes.
pub(crate) fn arity(name: &str, wanted: usize, given: usize, span: Span) -> Diagnostic {
    let plural = if wanted == 1 { "value" } else { "values" };
    Diagnostic::new(Code::LF0208, span, format!("`{name}` takes {wanted} {plural}, and {given} are given"))
}

/// A value that the function does not take.
pub(crate) fn argument(name: &str, wanted: &str, given: &Type, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0208, span, format!("`{name}` takes {wanted}, and this is {}", describe(given)))
}

/// `.field` of something that has none of that name.
pub(crate) fn no_member(owner: &str, field: &str, span: Span, members: &str) -> Diagnostic {
    Diagnostic::new(Code::LF0209, span, format!("{owner} has no `.{field}`")).note(members.to_owned())
}

/// A function whose result must be taken apart.
pub(crate) fn member_wanted(function: &str, members: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0209, span, format!("`{function}(…)` stands for no value by itself")).note(members.to_owned())
}

/// Arithmetic on something else than ints.
pub(crate) fn arithmetic_type(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0210, span, format!("there is arithmetic of ints only, and this is {}", describe(ty)))
}

/// Arithmetic of two values that the policy does not fix.
pub(crate) fn arithmetic_constant(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0210, span, "one side of `+`, `-` or `*` must be a literal or a constant")
}

/// A regular expression that is refused.
pub(crate) fn regex(problem: &RegexProblem, span: Span) -> Diagnostic {
    match problem {
        RegexProblem::Size { .. } => Diagnostic::new(Code::LF0707, span, format!("this regular expression is too large: {problem}")),
        RegexProblem::Syntax(_) => Diagnostic::new(Code::LF0211, span, format!("this regular expression is not accepted: {problem}")),
        RegexProblem::LookAround => Diagnostic::new(Code::LF0211, span, format!("this regular expression is not accepted: {problem}"))
            .note("`matches` reads the whole string; leave `^` and `$` out"),
    }
}

/// A regular expression of a detector that is refused.
pub(crate) fn detector_regex(problem: &RegexProblem, span: Span) -> Diagnostic {
    let mut found = regex(problem, span);
    if matches!(problem, RegexProblem::LookAround) {
        found.notes = vec!["a detector searches the text for it, wherever it stands; leave `^` and `$` out".into()];
    }
    found
}

/// A detector that finds something everywhere.
pub(crate) fn detects_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0251, span, "this regular expression matches the empty text, which stands everywhere")
        .note("write what must be there at least, such as `[0-9]+` for `[0-9]*`")
}

/// A value where a condition must stand.
pub(crate) fn condition_wanted(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0212, span, format!("a condition must stand here, and this is {}", describe(ty)))
        .note("compare it with something")
}

/// A condition where a value must stand.
pub(crate) fn value_wanted(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0212, span, "a value must stand here, and this is a condition")
}

/// `is present` of something that is always there.
pub(crate) fn field_wanted(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0212, span, "`is present` asks of a field, and this is none")
}

/// Something that a condition in this place cannot read.
pub(crate) fn unavailable(what: &str, place: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0213, span, format!("{what} cannot be read {place}"))
}

/// A fact of a result whose structure is not declared.
pub(crate) fn no_result(tool: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0247, span, format!("nothing says what a result of `{tool}` holds"))
        .note("declare it, `tool NAME(…) -> {field: type}`, or give the catalog an output schema")
}

/// A quantifier over something else than a list.
pub(crate) fn list_wanted(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0215, span, format!("a quantifier ranges over a list, and this is {}", describe(ty)))
}

/// A quantifier's variable that an outer one has.
pub(crate) fn shadowed(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0215, span, format!("an outer quantifier's variable is called `{name}` already"))
        .note("give one of them another name")
}

/// A name that could be the policy's or the agent's.
pub(crate) fn ambiguous(name: &str, owner: &str, span: Span, constant: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0216, span, format!("`{name}` is a constant of the policy and a field of {owner}"))
        .label("which one?")
        .also(constant, "the constant")
        .note(format!("rename the constant, or write the field in backticks: `` `{name}` ``"))
}

/// A list that is empty.
pub(crate) fn empty_list(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0217, span, "a value is never in an empty list").label("empty")
}

/// A right side of `in` that is no list of literals.
pub(crate) fn literals_wanted(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0217, span, "the right side of `in` must be a list of literals or constants in brackets")
        .note("for a list that the call carries, write `some x in LIST : (x == …)`")
}

/// A condition that is too large.
pub(crate) fn too_large(span: Span) -> Diagnostic {
    let (parts, depth) = (limits::CONDITION_PARTS, limits::CONDITION_DEPTH);
    let message = format!("this condition is too large: at most {parts} parts, nested {depth} deep, are allowed, and it has more");
    Diagnostic::new(Code::LF0709, span, message).note("definitions are counted at every place where they are used")
}
