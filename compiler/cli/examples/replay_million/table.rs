//! A record in JSON Lines as a Parquet file.
//!
//! In: a record. Out: a table with a column for each member that is text or JSON, and one for the time, in row groups of [`ROWS`].

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::{Map, Value};

/// Rows of a row group.
const ROWS: usize = 100_000;
const TEXTS: [&str; 9] = ["id", "session", "persona", "tool", "result_of", "event", "principal", "agent", "tenant"];
const JSON: [&str; 3] = ["args", "context", "result"];

type Line = Map<String, Value>;

/// Writes the table.
pub(crate) fn write(record: &Path, table: &Path) -> Result<(), Box<dyn Error>> {
    let texts: String = TEXTS.iter().chain(&JSON).map(|name| format!("optional binary {name} (UTF8);")).collect();
    let schema = parse_message_type(&format!("message record {{ {texts} optional int64 at; optional boolean approved; }}"))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(File::create(table)?, Arc::new(schema), Arc::new(properties))?;
    let mut lines = BufReader::new(File::open(record)?).lines();
    loop {
        let group: Vec<Line> =
            lines.by_ref().take(ROWS).map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Result<_, Box<dyn Error>>>()?;
        if group.is_empty() {
            writer.close()?;
            return Ok(());
        }
        write_group(&mut writer, &group)?;
    }
}

fn write_group(writer: &mut SerializedFileWriter<File>, lines: &[Line]) -> Result<(), Box<dyn Error>> {
    let mut group = writer.next_row_group()?;
    let text = |name: &str, line: &Line| line.get(name).and_then(Value::as_str).map(ByteArray::from);
    let json = |name: &str, line: &Line| line.get(name).map(|value| ByteArray::from(value.to_string().as_str()));
    for name in TEXTS.iter().chain(&JSON) {
        let values = lines.iter().map(|line| if TEXTS.contains(name) { text(name, line) } else { json(name, line) });
        let (values, levels) = split(values);
        let mut column = group.next_column()?.ok_or("a column is missing")?;
        column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
        column.close()?;
    }
    let (values, levels) = split(lines.iter().map(|line| line.get("at").and_then(millis)));
    let mut column = group.next_column()?.ok_or("a column is missing")?;
    column.typed::<Int64Type>().write_batch(&values, Some(&levels), None)?;
    column.close()?;
    let (values, levels) = split(lines.iter().map(|line| line.get("approved").and_then(Value::as_bool)));
    let mut column = group.next_column()?.ok_or("a column is missing")?;
    column.typed::<BoolType>().write_batch(&values, Some(&levels), None)?;
    column.close()?;
    group.close()?;
    Ok(())
}

/// The values that there are, and for each row whether it has one.
fn split<T>(values: impl Iterator<Item = Option<T>>) -> (Vec<T>, Vec<i16>) {
    let mut levels = Vec::new();
    let values = values.inspect(|value| levels.push(i16::from(value.is_some()))).flatten().collect();
    (values, levels)
}

fn millis(at: &Value) -> Option<i64> {
    at.as_i64().or_else(|| Some(at.as_str()?.parse::<jiff::Timestamp>().ok()?.as_millisecond()))
}
