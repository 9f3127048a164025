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
        (0..self.count).filter_map(|row| {
            let [_, _, _, _, of, ..] = self.texts(row).ok()?;
            of.map(str::to_owned)
        })
    }

    fn members(&self, row: usize) -> Result<Members<'_>, LineError> {
        let [id, session, persona, tool, of, event, principal, agent, tenant, json @ ..] = self.texts(row)?;
        let [args, context, result, expect, expect_rule, expect_code] = json;
        let text = |text: Option<_>| text.map(|text| line::Text(Cow::Borrowed(text)));
        Ok(Members {
            audit: None,
            id: text(id),
            session: text(session),
            persona: text(persona),
            tool: text(tool),
            result_of: text(of),
            event: text(event),
            args: json_of("args", args)?,
            context: json_of("context", context)?.filter(|json| json.get() != "null"),
            principal: text(principal),
            agent: text(agent),
            tenant: text(tenant),
            at: None,
            approved: self.approved.get(row).copied().flatten(),
            result: json_of("result", result)?.filter(|json| json.get() != "null"),
            expect: json_of("expect", expect)?.filter(|json| json.get() != "null"),
            expect_rule: json_of("expect_rule", expect_rule)?,
            expect_code: json_of("expect_code", expect_code)?.filter(|json| json.get() != "null"),
        })
    }

    fn at(&self, row: usize, times: &mut Times) -> Result<Option<i64>, LineError> {
        match self.written.get(row).and_then(Option::as_ref) {
            Some(text) => times.instant(utf8("at", text)?).map(Some).ok_or(LineError::Time),
            None => Ok(self.times.get(row).copied().flatten()),
        }
    }

    /// A row's values, in the order of [`TEXTS`].
    fn texts(&self, row: usize) -> Result<[Option<&str>; TEXTS.len()], LineError> {
        let mut texts = [None; TEXTS.len()];
        for ((place, column), name) in texts.iter_mut().zip(&self.texts).zip(TEXTS) {
            if let Some(Some(text)) = column.get(row) {
                *place = Some(utf8(name, text)?);
            }
        }
        Ok(texts)
    }
}

fn json_of<'a>(name: &'static str, text: Option<&'a str>) -> Result<Option<&'a RawValue>, LineError> {
    let Some(text) = text else { return Ok(None) };
    let value = serde_json::from_str(text);
    value.map(Some).map_err(|error| LineError::Column(name, format!("no JSON value: {}", line::words(&error))))
}

fn utf8<'a>(name: &'static str, text: &'a ByteArray) -> Result<&'a str, LineError> {
    text.as_utf8().map_err(|_| LineError::Column(name, "the text is not UTF-8".to_owned()))
}
