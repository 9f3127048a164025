//! The text of limits and of the places of values.
//!
//! In: a limit, a binding. Out: its form, on one line.
//! Source: `lang-spec/core-form.md`, [core.pattern] and [core.formula].

use std::fmt::{self, Write};

use super::cond::tag_name;
use super::{Printer, Quoted};
use crate::core::{Limit, Measure, ValuePath, ValueStep};

impl Printer<'_> {
    /// What follows `(limit `, up to the closing parenthesis.
    pub(super) fn limit(&mut self, limit: &Limit) -> fmt::Result {
        match &limit.measure {
            Measure::Count(most) => write!(self.out, "{most} ")?,
            Measure::Identical(most) => write!(self.out, "(identical {most}) ")?,
            Measure::Distinct(most, value) => self.measured("distinct", i64::from(*most), value)?,
            Measure::Sum(most, value) => self.measured("sum", *most, value)?,
        }
        match limit.window_ms {
            Some(ms) => write!(self.out, "(window {ms}) ")?,
            None => self.raw("session ")?,
        }
        self.pattern(&limit.event)?;
        let Some(judged) = &limit.judged else { return Ok(()) };
        self.raw(" ")?;
        self.pattern(judged)
    }

    fn measured(&mut self, head: &str, most: i64, value: &ValuePath) -> fmt::Result {
        write!(self.out, "({head} {most} ({} ", tag_name(value.tag))?;
        self.value_path(value)?;
        self.raw(")) ")
    }

    pub(super) fn binding(&mut self, name: &str, value: &ValuePath) -> fmt::Result {
        write!(self.out, " (bind {} {} ", Quoted(name), tag_name(value.tag))?;
        self.value_path(value)?;
        self.raw(")")
    }

    fn value_path(&mut self, value: &ValuePath) -> fmt::Result {
        self.raw(if value.result { "(result" } else { "(arg" })?;
        for step in &value.steps {
            match step {
                ValueStep::Field(name) => write!(self.out, " {}", Quoted(name))?,
                ValueStep::Each => self.raw(" each")?,
            }
        }
        self.raw(")")
    }
}
