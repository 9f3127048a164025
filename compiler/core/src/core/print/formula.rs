//! The text of event patterns and formulas.
//!
//! In: a formula. Out: its form, on one line.
//! Source: `lang-spec/core-form.md`, [core.pattern] and [core.formula].

use std::fmt::{self, Write};

use super::Printer;
use crate::core::formula::{Case, Clause, LetterKind, PatternCases, PatternPart};
use crate::core::{Formula, Pattern, Protocol};

impl Printer<'_> {
    pub(super) fn formula(&mut self, formula: &Formula) -> fmt::Result {
        match formula {
            Formula::Start => self.raw("start"),
            Formula::Match(pattern) => self.pattern(pattern),
            Formula::And(parts) => self.list("and", parts, Self::formula),
            Formula::Or(parts) => self.list("or", parts, Self::formula),
            Formula::Not(inner) => self.list("not", std::slice::from_ref(&**inner), Self::formula),
            Formula::Prev(inner, clause) => {
                self.raw("(prev ")?;
                self.formula(inner)?;
                self.clause(clause)?;
                self.raw(")")
            }
            Formula::Met { pattern, within_ms, reset } => {
                self.raw("(met ")?;
                self.pattern(pattern)?;
                self.within(*within_ms)?;
                if let Some(reset) = reset {
                    self.raw(" (reset ")?;
                    self.pattern(reset)?;
                    self.raw(")")?;
                }
                self.raw(")")
            }
            Formula::Span(ms, inner) => {
                write!(self.out, "(span {ms} ")?;
                self.formula(inner)?;
                self.raw(")")
            }
            Formula::From(inner) => self.list("from", std::slice::from_ref(&**inner), Self::formula),
        }
    }

    pub(super) fn protocol(&mut self, protocol: &Protocol) -> fmt::Result {
        match protocol {
            Protocol::Event(pattern) => self.pattern(pattern),
            Protocol::Then(parts) => self.list("then", parts, Self::protocol),
            Protocol::Or(parts) => self.list("or", parts, Self::protocol),
            Protocol::Many(part) => self.list("many", std::slice::from_ref(&**part), Self::protocol),
            Protocol::Some(part) => self.list("some", std::slice::from_ref(&**part), Self::protocol),
            Protocol::Maybe(part) => self.list("maybe", std::slice::from_ref(&**part), Self::protocol),
        }
    }

    fn clause(&mut self, clause: &Clause) -> fmt::Result {
        self.within(clause.within_ms)?;
        if !clause.unless.is_empty() {
            self.raw(" ")?;
            self.list("unless", &clause.unless, Self::pattern)?;
        }
        if clause.next { self.raw(" next") } else { Ok(()) }
    }

    fn within(&mut self, ms: Option<u64>) -> fmt::Result {
        ms.map_or(Ok(()), |ms| write!(self.out, " (within {ms})"))
    }

    pub(super) fn pattern(&mut self, pattern: &Pattern) -> fmt::Result {
        match pattern.parts.as_slice() {
            [part] => self.pattern_part(part),
            parts => self.list("alt", parts, Self::pattern_part),
        }
    }

    fn pattern_part(&mut self, part: &PatternPart) -> fmt::Result {
        write!(self.out, "({}", kind_name(part.kind))?;
        if part.unknown {
            self.raw(" unknown")?;
        }
        if part.approved {
            self.raw(" approved")?;
        }
        if let Some(persona) = part.by {
            self.raw(" (by ")?;
            self.persona_name(persona)?;
            self.raw(")")?;
        }
        if let Some(label) = part.label {
            self.raw(" (label ")?;
            self.label(label)?;
            self.raw(")")?;
        }
        for binding in &part.bindings {
            self.binding(&binding.name, &binding.value)?;
        }
        match &part.cases {
            PatternCases::Tools(cases) => self.cases(cases, |printer, id| printer.tool_name(*id))?,
            PatternCases::Events(cases) => self.cases(cases, |printer, id| printer.event_name(*id))?,
        }
        self.raw(")")
    }

    fn cases<Id>(&mut self, cases: &[Case<Id>], write: impl Fn(&mut Self, &Id) -> fmt::Result) -> fmt::Result {
        for case in cases {
            self.raw(" ((")?;
            for (n, id) in case.names.iter().enumerate() {
                if n > 0 {
                    self.raw(" ")?;
                }
                write(self, id)?;
            }
            self.raw(") ")?;
            self.cond(&case.guard)?;
            self.raw(")")?;
        }
        Ok(())
    }
}

fn kind_name(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::Call => "call",
        LetterKind::Ok => "ok",
        LetterKind::Failed => "failed",
        LetterKind::Result => "result",
        LetterKind::Event => "event",
        LetterKind::Denied => "denied",
    }
}
