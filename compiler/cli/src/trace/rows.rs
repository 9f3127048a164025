//! The rows of a Parquet file, in bounded memory.
//!
//! In: a file. Out: [`Batch`]es of rows in the order of the file, each row a line of a record. A column is named as the member that it holds; others are not read.
//! Invariants: in memory are a batch and the pages that it is of, one or two a column. A fault of the reading library is an error of the file.
//! Left out: the format, which the crate `parquet` reads; nested columns.
//! Source: `lang-spec/traces.md`, [trace.parquet].

mod batch;
mod column;

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use parquet::errors::{ParquetError, Result as Read};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::exit::Failure;
use crate::limits::{BATCH_ROWS, CHUNK_BYTES};
pub(crate) use batch::Batch;
use column::{Column, Member, member_of};

/// The first bytes of a Parquet file.
pub(crate) const MAGIC: [u8; 4] = *b"PAR1";

/// The rows of a file, of the columns that are read.
pub(crate) struct Rows {
    path: PathBuf,
    file: SerializedFileReader<File>,
    bytes: u64,
    /// The columns of members, by their places in the file.
    members: Vec<(usize, Member)>,
    columns: Vec<Column>,
    /// The row group that comes next.
    group: usize,
    /// Rows of the row group at hand that have not come.
    left: usize,
    /// Rows that have come.
    done: u64,
}

impl Rows {
    /// Opens a file for these members, or for all.
    ///
    /// # Errors
    /// [`Failure`]: a file that cannot be read, a column that cannot be of its member.
    pub(crate) fn open(path: &Path, file: File, only: Option<&str>) -> Result<Self, Failure> {
        let open = || {
            let bytes = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
            let file = SerializedFileReader::new(file)?;
            Ok((bytes, file))
        };
        let (bytes, file) = guarded(open).map_err(|error| failure(path, &error))?;
        let members = members(file.metadata()).map_err(|what| Failure::Record(format!("{}: {what}", path.display())))?;
        let members = members.into_iter().filter(|(_, member)| only.is_none_or(|only| member.name() == only)).collect();
        Ok(Self { path: path.to_owned(), file, bytes, members, columns: Vec::new(), group: 0, left: 0, done: 0 })
    }

    /// The next rows, about as many as stand in `size` bytes of lines; nothing at the file's end.
    ///
    /// # Errors
    /// [`Failure`]: what cannot be read, with its column and row.
    pub(crate) fn batch(&mut self, size: usize) -> Result<Option<Batch>, Failure> {
        while self.left == 0 {
            if self.group >= self.file.num_row_groups() {
                return Ok(None);
            }
            guarded(|| self.next_group()).map_err(|error| failure(&self.path, &error))?;
        }
        let count = self.left.min(BATCH_ROWS.saturating_mul(size / CHUNK_BYTES).max(BATCH_ROWS));
        let mut batch = Batch::new(self.done + 1, count);
        for column in &mut self.columns {
            let values = guarded(|| column.read(count)).map_err(|error| {
                let place = format!("column `{}`, rows from {}: {error}", column.member.name(), self.done + 1);
                Failure::read(&self.path, io::Error::other(place))
            })?;
            batch.put(column.member, values);
        }
        self.left -= count;
        self.done += count as u64;
        Ok(Some(batch))
    }

    /// How far the file is read, in its bytes, as far as rows tell.
    pub(crate) fn read(&self) -> u64 {
        let rows = u64::try_from(self.file.metadata().file_metadata().num_rows()).unwrap_or_default().max(1);
        u64::try_from(u128::from(self.bytes) * u128::from(self.done) / u128::from(rows)).unwrap_or(self.bytes)
    }

    fn next_group(&mut self) -> Read<()> {
        let group = self.file.get_row_group(self.group)?;
        self.group += 1;
        self.left = usize::try_from(group.metadata().num_rows())
            .map_err(|_| ParquetError::General("a row group of less than no rows".to_owned()))?;
        let columns = self.members.iter().map(|(place, member)| Column::new(*member, group.get_column_reader(*place)?));
        self.columns = columns.collect::<Read<_>>()?;
        Ok(())
    }
}

/// Which columns are members, and that they can be.
fn members(metadata: &ParquetMetaData) -> Result<Vec<(usize, Member)>, String> {
    let schema = metadata.file_metadata().schema_descr();
    let mut found: Vec<(usize, Member)> = Vec::new();
    for (place, column) in schema.columns().iter().enumerate() {
        let Some(name) = column.path().parts().first() else { continue };
        if let Some(member) = member_of(name, column)? {
            if found.iter().any(|(_, other)| *other == member) {
                return Err(format!("two columns have the name `{name}`"));
            }
            found.push((place, member));
        }
    }
    let kinds = ["tool", "result_of", "event"];
    if found.iter().any(|(_, member)| kinds.contains(&member.name())) {
        Ok(found)
    } else {
        Err("no column is `tool` (calls), `result_of` (results) or `event` (host events)".to_owned())
    }
}

/// What `read` says; a fault in it is an error as well, since the file may have been made to provoke one.
fn guarded<T>(read: impl FnOnce() -> Read<T>) -> Read<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(ParquetError::General("the file is malformed".to_owned())))
}

fn failure(path: &Path, error: &ParquetError) -> Failure {
    Failure::read(path, io::Error::other(error.to_string()))
}
