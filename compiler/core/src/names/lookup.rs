//! Names looked up in the tables.
//!
//! In: a name as written. Out: what it stands for, or the diagnostic that says what is wrong and what may have been meant.
//! Invariant: no lookup guesses; a suggestion stands in a diagnostic only. Source: `lang-spec/catalogs.md`, [names.spaces].

use leverframe_syntax::{Code, Diagnostic, Span, tree};

use super::report;
use super::suggest::suggest;
use super::symbols::{Const, ContextField, Define, Symbols, Target};
use crate::core::{EventId, LabelId, PersonaId, ToolId};

/// The names of the pseudo-tools that a catalog with an alias has, each with its one field.
pub(crate) const PSEUDO_TOOLS: [(&str, &str); 2] = [("resource", "uri"), ("prompt", "name")];

/// The detectors that need no declaration.
pub(crate) const STANDARD_DETECTORS: [&str; 12] = [
    "std.email",
    "std.us_ssn",
    "std.credit_card",
    "std.iban",
    "std.phone",
    "std.ip",
    "std.jwt",
    "std.private_key",
    "std.aws_key",
    "std.github_token",
    "std.slack_token",
    "std.secret",
];

impl Symbols {
    /// The label of that name.
    ///
    /// # Errors
    /// `LF0112` where there is none.
    pub fn label(&self, name: &tree::Name) -> Result<LabelId, Diagnostic> {
        match self.index.labels.get(&name.text) {
            Some(at) => Ok(LabelId(id(*at))),
            None => Err(unknown(Code::LF0112, "label", &name.text, name.span, self.index.labels.keys())),
        }
    }

    /// The persona of that name.
    ///
    /// # Errors
    /// `LF0113` where there is none.
    pub fn persona(&self, name: &tree::Name) -> Result<PersonaId, Diagnostic> {
        match self.index.personas.get(&name.text) {
            Some(at) => Ok(PersonaId(id(*at))),
            None => Err(unknown(Code::LF0113, "persona", &name.text, name.span, self.index.personas.keys())),
        }
    }

    /// The tool of that full name, where one tool must stand.
    ///
    /// # Errors
    /// `LF0110` where there is none; `LF0111` where the name is a group's or a host event's.
    pub fn tool(&self, path: &tree::Path) -> Result<ToolId, Diagnostic> {
        match self.target(path)? {
            Target::Tool(tool) => Ok(tool),
            Target::Group(_) => Err(report::wrong_kind(path, "a group", "one tool must stand here")),
            Target::Event(_) => Err(report::wrong_kind(path, "a host event", "a tool must stand here")),
        }
    }

    /// The host event of that name, where only one may stand.
    ///
    /// # Errors
    /// `LF0114` where there is none.
    pub fn event(&self, path: &tree::Path) -> Result<EventId, Diagnostic> {
        let text = path.text();
        match self.index.events.get(&text) {
            Some(at) => Ok(EventId(id(*at))),
            None => Err(unknown(Code::LF0114, "event", &text, path.span, self.index.events.keys())),
        }
    }

    /// What the target of an event pattern names: a tool, a group or a host event.
    ///
    /// # Errors
    /// `LF0110` where nothing has that name.
    pub fn target(&self, path: &tree::Path) -> Result<Target, Diagnostic> {
        let text = path.text();
        if let Some(found) = self.target_named(&text) {
            return Ok(found);
        }
        let index = &self.index;
        let known = index.tools.keys().chain(index.groups.keys()).chain(index.events.keys());
        Err(unknown(Code::LF0110, "tool, group or event", &text, path.span, known))
    }

    /// The context field of that name.
    ///
    /// # Errors
    /// `LF0115` where there is none.
    pub fn context_field(&self, name: &tree::Name) -> Result<&ContextField, Diagnostic> {
        let found = self.index.context.get(&name.text).and_then(|at| self.context.get(*at));
        found.ok_or_else(|| unknown(Code::LF0115, "context field", &name.text, name.span, self.index.context.keys()))
    }

    /// The name of a detector, declared or standard.
    ///
    /// # Errors
    /// `LF0116` where there is none.
    pub fn detector(&self, path: &tree::Path) -> Result<String, Diagnostic> {
        let text = path.text();
        if STANDARD_DETECTORS.contains(&text.as_str()) || self.index.detectors.contains_key(&text) {
            return Ok(text);
        }
        let known = self.index.detectors.keys().map(String::as_str).chain(STANDARD_DETECTORS);
        Err(report::unknown(Code::LF0116, "detector", &text, path.span, suggest(&text, known)))
    }

    /// The constant of that name, where only one may stand.
    ///
    /// # Errors
    /// `LF0127` where there is none.
    pub fn constant_of(&self, name: &tree::Name) -> Result<&Const, Diagnostic> {
        let known = self.index.consts.keys();
        self.constant(&name.text).ok_or_else(|| unknown(Code::LF0127, "constant", &name.text, name.span, known))
    }

    /// The constant of that name, if there is one.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<&Const> {
        self.index.consts.get(name).and_then(|at| self.consts.get(*at))
    }

    /// The definition of that name, if there is one.
    #[must_use]
    pub fn define(&self, name: &str) -> Option<&Define> {
        self.index.defines.get(name).and_then(|at| self.defines.get(*at))
    }

    /// The tool of that full name, if there is one; for text that no author wrote, such as a recorded call.
    #[must_use]
    pub fn tool_named(&self, name: &str) -> Option<ToolId> {
        self.index.tools.get(name).map(|at| ToolId(id(*at)))
    }

    fn target_named(&self, text: &str) -> Option<Target> {
        if let Some(tool) = self.tool_named(text) {
            return Some(Target::Tool(tool));
        }
        if let Some(group) = self.index.groups.get(text).and_then(|at| self.groups.get(*at)) {
            return Some(Target::Group(group.tools.clone()));
        }
        self.index.events.get(text).map(|at| Target::Event(EventId(id(*at))))
    }
}

/// A position as an id; lists are bounded far below it.
pub(crate) fn id(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The diagnostic for a name that nothing has.
pub(crate) fn unknown<'a>(code: Code, kind: &str, name: &str, span: Span, known: impl IntoIterator<Item = &'a String>) -> Diagnostic {
    let near = suggest(name, known.into_iter().map(String::as_str));
    report::unknown(code, kind, name, span, near)
}
