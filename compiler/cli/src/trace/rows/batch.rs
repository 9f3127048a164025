//! Rows that were read together, each a line of a record.
//!
//! In: the values of each member. Out: a row as a [`Line`], or what is wrong with it, by its column.
//! Invariant: a row says what a line with the same members would say; a member that is null is absent.
//! Source: `lang-spec/traces.md`, [trace.parquet].

use std::borrow::Cow;

use parquet::data_type::ByteArray;
use serde_json::value::RawValue;

use super::column::{Member, TEXTS, Values};
use crate::trace::line::{self, Line, LineError, Members};
use crate::trace::time::Times;

/// Some rows.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The number of the first, from 1.
    first: u64,
    count: usize,
    /// By member, then by row.
    texts: [Vec<Option<ByteArray>>; TEXTS.len()],
    times: Vec<Option<i64>>,
    /// Times that are text.
    written: Vec<Option<ByteArray>>,
    approved: Vec<Option<bool>>,
}

impl Batch {
    pub(super) fn new(first: u64, count: usize) -> Self {
        Self { first, count, ..Self::default() }
    }

    /// Puts the values of a member in their place.
    pub(super) fn put(&mut self, member: Member, values: Values) {
        match (member, values) {
            (Member::Text(text), Values::Texts(values)) => {
                if let Some(place) = self.texts.get_mut(text) {
                    *place = values;
                }
            }
            (_, Values::Texts(values)) => self.written = values,
            (_, Values::Times(values)) => self.times = values,
            (_, Values::Truths(values)) => self.approved = values,
        }
    }

    /// How many rows there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// A row's number in the file, from 1.
    pub(crate) fn number(&self, row: usize) -> u64 {
        self.first + row as u64
    }

    /// Reads a row.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub(crate) fn line<'a>(&'a self, row: usize, times: &mut Times, line: &mut Line<'a>) -> Result<(), LineError> {
        let at = self.at(row, times)?;
        *line = line::of_members(self.members(row)?, times).map_err(|error| match error {
            // The only JSON that is looked into here.
            LineError::Json(words) => LineError::Column("result", words),
            other => other,
        })?;
        line.at = at;
        Ok(())
    }

    /// The ids that results of these rows name.
    pub(crate) fn references(&self) -> impl Iterator<Item = String> {
        (0..self.count).filter_map(|row| Some(self.text("result_of", row).ok()??.to_owned()))
    }

    fn members(&self, row: usize) -> Result<Members<'_>, LineError> {
        let text = |name| Ok(self.text(name, row)?.map(|text| line::Text(Cow::Borrowed(text))));
        let json = |name| self.json(name, row);
        Ok(Members {
            id: text("id")?,
            session: text("session")?,
            persona: text("persona")?,
            tool: text("tool")?,
            result_of: text("result_of")?,
            event: text("event")?,
            args: json("args")?,
            context: json("context")?.filter(|json| json.get() != "null"),
            principal: text("principal")?,
            agent: text("agent")?,
            tenant: text("tenant")?,
            at: None,
            approved: self.approved.get(row).copied().flatten(),
            result: json("result")?.filter(|json| json.get() != "null"),
            expect: json("expect")?.filter(|json| json.get() != "null"),
            expect_rule: json("expect_rule")?,
            expect_code: json("expect_code")?.filter(|json| json.get() != "null"),
        })
    }

    fn at(&self, row: usize, times: &mut Times) -> Result<Option<i64>, LineError> {
        match self.written.get(row).and_then(Option::as_ref) {
            Some(text) => times.instant(utf8("at", text)?).map(Some).ok_or(LineError::Time),
            None => Ok(self.times.get(row).copied().flatten()),
        }
    }

    fn text(&self, name: &'static str, row: usize) -> Result<Option<&str>, LineError> {
        let column = TEXTS.iter().position(|text| *text == name).and_then(|column| self.texts.get(column));
        column.and_then(|column| column.get(row)?.as_ref()).map(|text| utf8(name, text)).transpose()
    }

    fn json(&self, name: &'static str, row: usize) -> Result<Option<&RawValue>, LineError> {
        let Some(text) = self.text(name, row)? else { return Ok(None) };
        let value = serde_json::from_str(text);
        value.map(Some).map_err(|error| LineError::Column(name, format!("no JSON value: {}", line::words(&error))))
    }
}

fn utf8<'a>(name: &'static str, text: &'a ByteArray) -> Result<&'a str, LineError> {
    text.as_utf8().map_err(|_| LineError::Column(name, "the text is not UTF-8".to_owned()))
}
