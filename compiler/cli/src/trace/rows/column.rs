//! The columns of a Parquet file that are members of lines.
//!
//! In: a column's description, its pages. Out: a [`Member`], its [`Values`], one a row.
//! Invariant: a column whose type its member cannot have is refused when the file is opened.
//! Source: `lang-spec/traces.md`, [trace.parquet].

use std::sync::Arc;

use parquet::basic::{LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::{ParquetError, Result as Read};
use parquet::schema::types::ColumnDescriptor;

/// Members of lines that are text, and then those that are JSON as text.
pub(super) const TEXTS: [&str; 15] = [
    "id",
    "session",
    "persona",
    "tool",
    "result_of",
    "event",
    "principal",
    "agent",
    "tenant",
    "args",
    "context",
    "result",
    "expect",
    "expect_rule",
    "expect_code",
];

/// A member, and how its column has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    /// One of [`TEXTS`].
    Text(usize),
    /// `at`.
    At(Unit),
    /// `approved`.
    Approved,
}

/// What a time's column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// RFC 3339 text.
    Text,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
    /// Days and nanoseconds in twelve bytes, as older writers have them.
    Days,
}

/// The values of some rows.
pub(super) enum Values {
    Texts(Vec<Option<ByteArray>>),
    Times(Vec<Option<i64>>),
    Truths(Vec<Option<bool>>),
}

/// A column of the row group at hand.
pub(super) struct Column {
    pub(super) member: Member,
    reader: ColumnReader,
}

impl Member {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text(text) => TEXTS.get(text).copied().unwrap_or_default(),
            Self::At(_) => "at",
            Self::Approved => "approved",
        }
    }
}

/// The member that a column is: nothing where its name is none's, or where it holds nothing but nulls.
pub(super) fn member_of(name: &str, column: &Arc<ColumnDescriptor>) -> Result<Option<Member>, String> {
    let text = TEXTS.iter().position(|text| *text == name);
    if text.is_none() && name != "at" && name != "approved" {
        return Ok(None);
    }
    let (physical, logical) = (column.physical_type(), column.logical_type_ref());
    if column.path().parts().len() > 1 || column.max_rep_level() > 0 || column.max_def_level() > 1 {
        return Err(format!("column `{name}` is nested; what is not one text stands in a line as JSON, in a column as its text"));
    }
    if logical == Some(&LogicalType::Unknown) {
        return Ok(None);
    }
    let member = match (text, physical) {
        (Some(text), Type::BYTE_ARRAY) if is_text(logical) => Some(Member::Text(text)),
        (Some(_), _) => None,
        (None, Type::BOOLEAN) if name == "approved" => Some(Member::Approved),
        (None, _) if name == "approved" => None,
        (None, Type::BYTE_ARRAY) if is_text(logical) => Some(Member::At(Unit::Text)),
        (None, Type::INT96) => Some(Member::At(Unit::Days)),
        (None, Type::INT64) => unit(logical).map(Member::At),
        (None, _) => None,
    };
    let wanted = match (text, name) {
        (Some(_), _) => "text",
        (None, "approved") => "a boolean",
        _ => "a timestamp, a signed integer of 64 bits (milliseconds) or text",
    };
    let logical = logical.map_or_else(String::new, |logical| format!(" ({logical:?})"));
    member.map(Some).ok_or_else(|| format!("column `{name}` must be {wanted}, and is {physical}{logical}"))
}

fn is_text(logical: Option<&LogicalType>) -> bool {
    matches!(logical, None | Some(LogicalType::String | LogicalType::Json | LogicalType::Enum))
}

fn unit(logical: Option<&LogicalType>) -> Option<Unit> {
    match logical {
        None => Some(Unit::Millis),
        Some(LogicalType::Integer(integer)) if integer.is_signed => Some(Unit::Millis),
        Some(LogicalType::Timestamp(time)) => Some(match time.unit {
            TimeUnit::MILLIS => Unit::Millis,
            TimeUnit::MICROS => Unit::Micros,
            TimeUnit::NANOS => Unit::Nanos,
        }),
        Some(_) => None,
    }
}

impl Column {
    pub(super) fn new(member: Member, reader: ColumnReader) -> Read<Self> {
        Ok(Self { member, reader })
    }

    /// The values of the next rows.
    pub(super) fn read(&mut self, count: usize) -> Read<Values> {
        let Self { member, reader } = self;
        match (reader, *member) {
            (ColumnReader::ByteArrayColumnReader(reader), _) => read(reader, count).map(Values::Texts),
            (ColumnReader::BoolColumnReader(reader), _) => read(reader, count).map(Values::Truths),
            (ColumnReader::Int64ColumnReader(reader), Member::At(unit)) => Ok(Values::Times(in_millis(read(reader, count)?, unit))),
            (ColumnReader::Int96ColumnReader(reader), _) => {
                let times = read(reader, count)?.into_iter().map(|time| time.map(|time| time.to_millis()));
                Ok(Values::Times(times.collect()))
            }
            _ => Err(ParquetError::General("the pages are of another type than the column".to_owned())),
        }
    }
}

fn in_millis(times: Vec<Option<i64>>, unit: Unit) -> Vec<Option<i64>> {
    let each = match unit {
        Unit::Micros => 1_000,
        Unit::Nanos => 1_000_000,
        Unit::Text | Unit::Millis | Unit::Days => return times,
    };
    times.into_iter().map(|time| Some(time? / each)).collect()
}

/// So many values, one a row; none where the row has none.
fn read<T: DataType>(reader: &mut ColumnReaderImpl<T>, count: usize) -> Read<Vec<Option<T::T>>> {
    let (mut levels, mut values) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let (rows, filled, _) = reader.read_records(count, Some(&mut levels), None, &mut values)?;
    if rows != count || filled != values.len() {
        return Err(ParquetError::General("the column has fewer rows than the file".to_owned()));
    }
    // Where no row may be without a value, there are no levels.
    if levels.is_empty() {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut values = values.into_iter();
    let rows: Vec<Option<T::T>> = levels.into_iter().map(|level| if level > 0 { values.next() } else { None }).collect();
    if rows.len() == count { Ok(rows) } else { Err(ParquetError::General("the column has fewer rows than the file".to_owned())) }
}
