//! What stands for Parquet files in a build without the feature `parquet`: they are refused, so there are no rows.
//!
//! In: a file. Out: a failure that says so.

use std::fs::File;
use std::path::Path;

use super::line::{Line, LineError};
use super::time::Times;
use crate::exit::Failure;

/// The first bytes of a Parquet file.
pub(crate) const MAGIC: [u8; 4] = *b"PAR1";

/// The rows of a file: there are none.
pub(crate) enum Rows {}

/// Some rows: there are none.
#[derive(Debug)]
pub(crate) enum Batch {}

impl Rows {
    /// Refuses the file.
    ///
    /// # Errors
    /// Always.
    pub(crate) fn open(path: &Path, _: File, _: Option<&str>) -> Result<Self, Failure> {
        Err(Failure::Record(format!("{}: this is a Parquet file, and this build reads none (feature `parquet`)", path.display())))
    }

    pub(crate) fn batch(&mut self, _: usize) -> Result<Option<Batch>, Failure> {
        match *self {}
    }

    pub(crate) fn read(&self) -> u64 {
        match *self {}
    }
}

impl Batch {
    pub(crate) fn count(&self) -> usize {
        match *self {}
    }

    pub(crate) fn number(&self, _: usize) -> u64 {
        match *self {}
    }

    pub(crate) fn line<'a>(&'a self, _: usize, _: &mut Times, _: &mut Line<'a>) -> Result<(), LineError> {
        match *self {}
    }

    pub(crate) fn references(&self) -> std::iter::Empty<String> {
        match *self {}
    }
}
