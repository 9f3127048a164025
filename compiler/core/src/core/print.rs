//! The canonical text of a core form.
//!
//! In: a [`Core`], or a part of one with the [`Core`] that its ids index. Out: text, byte for byte as the page says, each top-level form on a
//! line of its own and a line feed after the last. Invariant: two equal cores print alike; an id that is in no list prints as an empty name.
//! Left out: spans and reasons ([`Type::Json`]'s).
//! Source: `lang-spec/core-form.md`.

mod cond;
mod content;
mod formula;
mod limit;
mod permission;
mod ty;

use std::fmt::{self, Display, Write};

use super::{Body, Cond, Core, EventId, Formula, LabelId, LabelKind, Pattern, PersonaId, Rule, RuleKind, Tool, ToolId, Type};

/// The canonical text of a whole policy.
#[must_use]
pub fn text(core: &Core) -> String {
    let mut out = String::new();
    // Writing into a `String` cannot fail.
    let _ = Printer { core, out: &mut out }.file();
    out
}

/// The text of a condition of the policy.
#[must_use]
pub fn cond(core: &Core, cond: &Cond) -> String {
    part(core, |printer| printer.cond(cond))
}

/// The text of a formula of the policy.
#[must_use]
pub fn formula(core: &Core, formula: &Formula) -> String {
    part(core, |printer| printer.formula(formula))
}

/// The text of a pattern of the policy.
#[must_use]
pub fn pattern(core: &Core, pattern: &Pattern) -> String {
    part(core, |printer| printer.pattern(pattern))
}

/// What a rule remembers by: its name, key and body. Two rules of equal texts keep the same state.
#[must_use]
pub fn memory(core: &Core, rule: &Rule) -> String {
    part(core, |printer| {
        write!(printer.out, "(rule {} (key ", Quoted(&rule.name))?;
        printer.key(rule.key)?;
        printer.raw(")")?;
        printer.capacity(rule)?;
        printer.raw(" ")?;
        printer.body(&rule.body)?;
        printer.raw(")")
    })
}

/// The text of a type.
#[must_use]
pub fn ty(ty: &Type) -> String {
    let core = empty();
    part(&core, |printer| printer.ty(ty))
}

/// A core without anything: types name nothing in it.
fn empty() -> Core {
    Core {
        labels: Vec::new(),
        context: Vec::new(),
        events: Vec::new(),
        tools: Vec::new(),
        everyone: Vec::new(),
        personas: Vec::new(),
        rules: Vec::new(),
        detectors: Vec::new(),
        scans: Vec::new(),
    }
}

fn part(core: &Core, write: impl FnOnce(&mut Printer<'_>) -> fmt::Result) -> String {
    let mut out = String::new();
    let _ = write(&mut Printer { core, out: &mut out });
    out
}

/// Writes forms; ids are names of `core`.
struct Printer<'a> {
    core: &'a Core,
    out: &'a mut String,
}

impl Display for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(self))
    }
}

impl Printer<'_> {
    fn file(&mut self) -> fmt::Result {
        let core = self.core;
        self.raw("(core 1)\n")?;
        for label in &core.labels {
            let kind = match label.kind {
                LabelKind::Sensitive => "sensitive",
                LabelKind::Untrusted => "untrusted",
            };
            writeln!(self.out, "(label {} {kind})", Quoted(&label.name))?;
        }
        for field in &core.context {
            write!(self.out, "(context {} ", Quoted(&field.name))?;
            self.ty(&field.ty)?;
            self.raw(")\n")?;
        }
        for event in &core.events {
            write!(self.out, "(event {} ", Quoted(&event.name))?;
            self.record(&event.args)?;
            self.raw(")\n")?;
        }
        for tool in &core.tools {
            self.tool(tool)?;
        }
        core.detectors.iter().try_for_each(|detector| self.detector(detector))?;
        self.everyone(&core.everyone)?;
        for persona in &core.personas {
            self.persona(persona)?;
        }
        core.rules.iter().try_for_each(|rule| self.rule(rule))?;
        core.scans.iter().try_for_each(|scan| self.scan(scan))
    }

    fn tool(&mut self, tool: &Tool) -> fmt::Result {
        write!(self.out, "(tool {} ", Quoted(&tool.name))?;
        self.record(&tool.args)?;
        if let Some(result) = &tool.result {
            self.raw(" (result ")?;
            self.record(result)?;
            self.raw(")")?;
        }
        self.raw(" (returns")?;
        for label in &tool.returns {
            self.raw(" ")?;
            self.label(*label)?;
        }
        self.raw(") (sends ")?;
        self.cond(&tool.sends)?;
        self.raw(") (destroys ")?;
        self.cond(&tool.destroys)?;
        self.raw("))\n")
    }

    fn rule(&mut self, rule: &Rule) -> fmt::Result {
        let kind = match rule.kind {
            RuleKind::Forbid => "forbid",
            RuleKind::Require => "require",
            RuleKind::Protocol => "protocol",
            RuleKind::Limit => "limit",
        };
        write!(self.out, "(rule {kind} {} ", Quoted(&rule.name))?;
        self.rule_head(rule)?;
        self.raw("\n  ")?;
        self.body(&rule.body)?;
        self.raw(")\n")
    }

    fn body(&mut self, body: &Body) -> fmt::Result {
        match body {
            Body::Deny(formula) => {
                self.raw("(deny ")?;
                self.formula(formula)?;
            }
            Body::Protocol(protocol) => {
                self.raw("(protocol ")?;
                self.protocol(protocol)?;
            }
            Body::Limit(limit) => {
                self.raw("(limit ")?;
                self.limit(limit)?;
            }
        }
        self.raw(")")
    }

    fn label(&mut self, id: LabelId) -> fmt::Result {
        self.quoted(self.core.labels.get(id.index()).map_or("", |label| &label.name))
    }

    fn persona_name(&mut self, id: PersonaId) -> fmt::Result {
        self.quoted(self.core.personas.get(id.index()).map_or("", |persona| &persona.name))
    }

    fn tool_name(&mut self, id: ToolId) -> fmt::Result {
        self.quoted(self.core.tools.get(id.index()).map_or("", |tool| &tool.name))
    }

    fn event_name(&mut self, id: EventId) -> fmt::Result {
        self.quoted(self.core.events.get(id.index()).map_or("", |event| &event.name))
    }

    fn quoted(&mut self, text: &str) -> fmt::Result {
        write!(self.out, "{}", Quoted(text))
    }

    fn raw(&mut self, text: &str) -> fmt::Result {
        self.out.write_str(text)
    }

    /// `(HEAD PART PART …)`.
    fn list<T>(&mut self, head: &str, parts: &[T], mut write: impl FnMut(&mut Self, &T) -> fmt::Result) -> fmt::Result {
        write!(self.out, "({head}")?;
        for part in parts {
            self.raw(" ")?;
            write(self, part)?;
        }
        self.raw(")")
    }
}

/// A JSON string with the escapes of the page and no others.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\u{0}'..='\u{1f}' => write!(f, "\\u{:04x}", u32::from(c))?,
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests;
