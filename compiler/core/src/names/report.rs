//! What can be wrong with a name, one function a finding.
//!
//! In: the name and its places. Out: a [`Diagnostic`] that says what is wrong, shows every place that matters, and says what to do.
//! Source: the pages `LF0108` to `LF0126` of `lang-spec/codes`.

use leverframe_syntax::{Code, Diagnostic, Span, tree};

use super::types::shown;

/// A name that nothing has.
pub(crate) fn unknown(code: Code, kind: &str, name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(code, span, format!("there is no {kind} `{}`", shown(name))).label("not declared");
    match near {
        Some(near) => found.note(format!("did you mean `{}`?", shown(near))),
        None => found,
    }
}

/// A name that stands for something else than must stand here.
pub(crate) fn wrong_kind(path: &tree::Path, what: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(Code::LF0111, path.span, format!("`{}` is {what}", shown(&path.text()))).label(wanted)
}

/// A second declaration of one name.
pub(crate) fn duplicate(kind: &str, name: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0108, second, format!("{kind} `{}` is declared twice", shown(name)))
        .label("declared again here")
        .also(first, "first declared here")
        .note("rename one of them, or take one out")
}

/// A second tool of one name.
pub(crate) fn duplicate_tool(name: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0107, second, format!("two tools are called `{}`", shown(name)))
        .label("the second comes from here")
        .also(first, "the first comes from here")
        .note("give a catalog an alias (`import catalog \"…\" as server`), or take one of the tools out")
}

/// A name that decisions could not be told apart by, or that the language has taken.
pub(crate) fn not_allowed(kind: &str, name: &str, span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(Code::LF0109, span, format!("{kind} may not be called `{}`", shown(name))).label(why)
}

/// A glob that covers nothing.
pub(crate) fn glob_without_tool(glob: &str, span: Span, missing_server: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(Code::LF0117, span, format!("`{}` covers no tool", shown(glob))).label("covers nothing");
    match missing_server {
        Some(server) => found.note(format!("no tool's name begins with `{}.`", shown(server))),
        None => found.note("a glob covers the tools of one server: `*` does not cross the first dot"),
    }
}

/// A list of tools that its `except` empties.
pub(crate) fn nothing_left(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0118, span, "`except` takes away every tool of the list")
        .label("stands for no tool")
        .note("a statement about no tool has no effect: take it out, or take less away")
}

/// A persona among its own ancestors: every persona of the cycle with the place of its `extends` entry.
pub(crate) fn inheritance_cycle(cycle: &[(&str, Span)]) -> Diagnostic {
    circle(Code::LF0119, "persona", "inherits from itself", cycle)
}

/// A definition that is part of itself: every one of the cycle with the place where it refers to the next.
pub(crate) fn recursion(kind: &str, cycle: &[(&str, Span)]) -> Diagnostic {
    circle(Code::LF0120, kind, "refers to itself", cycle)
}

fn circle(code: Code, kind: &str, does: &str, cycle: &[(&str, Span)]) -> Diagnostic {
    let name = cycle.first().map_or("", |(name, _)| *name);
    let span = cycle.first().map_or_else(Span::default, |(_, span)| *span);
    let mut found = Diagnostic::new(code, span, format!("{kind} `{}` {does}", shown(name))).label("the circle begins here");
    for (name, span) in cycle.iter().skip(1) {
        found = found.also(*span, format!("and goes on in `{}`", shown(name)));
    }
    found
}

/// A refined field that the tool does not have.
pub(crate) fn refined_unknown(tool: &str, field: &tree::Name, near: Option<&str>) -> Diagnostic {
    let message = format!("`{}` has no field `{}` to refine", shown(tool), shown(&field.text));
    let found = Diagnostic::new(Code::LF0121, field.span, message).label("not in the schema");
    match near {
        Some(near) => found.note(format!("did you mean `{}`?", shown(near))),
        None => found.note("a call that carries this field would be malformed"),
    }
}

/// A refinement that does not sharpen.
pub(crate) fn refined_looser(field: &str, why: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0122, span, format!("`{}` cannot be refined to this: {why}", shown(field)))
        .label("not a sharper type")
        .note("a refinement may only sharpen: `string` to `path`, `int` to `int 1..=100`, an enumeration to some of its members")
}

/// A type that is written wrong.
pub(crate) fn bad_type(why: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0123, span, why)
}

/// A `?` on a context field.
pub(crate) fn optional_context(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0124, span, format!("the context field `{}` cannot be optional", shown(name)))
        .label("take the `?` away")
        .note("a call whose context lacks a field that a condition reads is denied")
}

/// A rule that a test expects and that decides nothing.
pub(crate) fn unknown_rule(name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(Code::LF0125, span, format!("there is no rule `{}`", shown(name))).label("no rule has this name");
    match near {
        Some(near) => found.note(format!("did you mean `{}`?", shown(near))),
        None => found.note("rules are known as `NAME`, `PERSONA.NAME`, `PERSONA.allow#N`, `PERSONA.on(TOOL)#N`, `PERSONA.otherwise`"),
    }
}

/// A step of a test that nobody takes.
pub(crate) fn nobody(span: Span) -> Diagnostic {
    Diagnostic::new(Code::LF0126, span, "this step has no persona").label("whose session is this?").note("write `as PERSONA` before it")
}
