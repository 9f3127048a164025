//! The lines of a file, plain or compressed by gzip, or the rows of a Parquet file, in bounded memory.
//!
//! In: a path. Out: [`Chunk`]s of whole lines, each line with its number. What kind of file it is is told by its first bytes, not by its name.
//! Invariant: a chunk ends with a line's end, and holds no more than its size and one line; of a line beyond [`TRACE_LINE_BYTES`] only the beginning is kept
//! until it is told that it was too long.
//! Source: `lang-spec/traces.md`, [trace.file].

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::rows::{self, Batch, Rows};
use crate::exit::Failure;
use crate::limits::{READ_BUFFER_BYTES, TRACE_LINE_BYTES};

/// The first bytes of what gzip has written.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What a record is read from.
pub(crate) enum Source {
    /// Lines of text.
    Lines(Lines),
    /// Rows of a table.
    Rows(Box<Rows>),
}

/// Lines of a file.
pub(crate) struct Lines {
    reader: Box<dyn Read + Send>,
    /// What was read beyond the last line of the chunk before.
    rest: Vec<u8>,
    /// Lines in the chunks before.
    number: u64,
    read: Arc<AtomicU64>,
}

/// Lines that were read together.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// Their bytes.
    pub(crate) bytes: Vec<u8>,
    /// The number of the first line.
    first: u64,
    /// Where each of them is, once they are told apart.
    pub(crate) lines: Vec<Line>,
    /// Rows of a table, in place of lines.
    pub(crate) rows: Option<Batch>,
    /// How many bytes of the file have been read, in the file's own (compressed) bytes.
    pub(crate) read: u64,
}

/// A line that is not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in the file, from 1, blank lines counted.
    pub(crate) number: u64,
    /// Its place in the chunk, without its end; none where it was too long, and is gone.
    pub(crate) place: Option<Range<usize>>,
}

impl Chunk {
    /// How many lines or rows there are, once lines are told apart.
    pub(crate) fn count(&self) -> usize {
        self.rows.as_ref().map_or(self.lines.len(), Batch::count)
    }

    /// The bytes of a line of this chunk.
    pub(crate) fn line(&self, line: &Line) -> Option<&[u8]> {
        self.bytes.get(line.place.clone()?)
    }

    /// Tells the lines apart.
    pub(crate) fn split(&mut self) {
        let Self { bytes, first, lines, .. } = self;
        lines.clear();
        let (mut number, mut start) = (*first, 0);
        let ends = memchr::memchr_iter(b'\n', bytes).chain((bytes.last() != Some(&b'\n')).then_some(bytes.len()));
        for end in ends {
            let line = bytes.get(start..end).unwrap_or_default();
            if !line.iter().all(u8::is_ascii_whitespace) {
                lines.push(Line { number, place: (line.len() <= TRACE_LINE_BYTES).then_some(start..end) });
            }
            (number, start) = (number + 1, end + 1);
        }
    }
}

impl Source {
    /// Opens a regular file; of a table's columns only one, where one is named.
    ///
    /// # Errors
    /// [`Failure::Read`]: what is no regular file is refused, because a record is read twice. What [`Rows::open`] says.
    pub(crate) fn open(path: &Path, column: Option<&str>) -> Result<Self, Failure> {
        let open = || -> io::Result<(File, bool)> {
            let mut file = File::open(path)?;
            if !file.metadata()?.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "a record must be a regular file, since it is read twice"));
            }
            let mut first = Vec::new();
            file.by_ref().take(rows::MAGIC.len() as u64).read_to_end(&mut first)?;
            file.rewind()?;
            Ok((file, first == rows::MAGIC))
        };
        let (file, table) = open().map_err(|error| Failure::read(path, error))?;
        if table { Rows::open(path, file, column).map(|rows| Self::Rows(Box::new(rows))) } else { Lines::open(path, file).map(Self::Lines) }
    }

    /// Reads the next lines or rows, as many as `size` bytes hold and what the last one needs more; whether there was anything. Lines are not told apart yet
    /// ([`Chunk::split`]).
    ///
    /// # Errors
    /// [`Failure`]: what cannot be read.
    pub(crate) fn chunk(&mut self, path: &Path, size: usize, chunk: &mut Chunk) -> Result<bool, Failure> {
        match self {
            Self::Lines(lines) => lines.chunk(size, chunk).map_err(|error| Failure::read(path, error)),
            Self::Rows(rows) => {
                chunk.rows = rows.batch(size)?;
                chunk.read = rows.read();
                Ok(chunk.rows.is_some())
            }
        }
    }
}

impl Lines {
    fn open(path: &Path, file: File) -> Result<Self, Failure> {
        let open = || -> io::Result<Self> {
            let read = Arc::new(AtomicU64::new(0));
            let mut reader = BufReader::with_capacity(READ_BUFFER_BYTES, Counted { file, read: Arc::clone(&read) });
            let compressed = reader.fill_buf()?.starts_with(&GZIP_MAGIC);
            let reader: Box<dyn Read + Send> = if compressed { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
            Ok(Self { reader, rest: Vec::new(), number: 1, read })
        };
        open().map_err(|error| Failure::read(path, error))
    }

    fn chunk(&mut self, size: usize, chunk: &mut Chunk) -> io::Result<bool> {
        let Chunk { bytes, first, lines, read, .. } = chunk;
        bytes.clear();
        lines.clear();
        bytes.append(&mut self.rest);
        *first = self.number;
        loop {
            let more = self.more(size.saturating_sub(bytes.len()).max(READ_BUFFER_BYTES), bytes)?;
            let last =
                bytes.len().checked_sub(more).and_then(|start| memchr::memrchr(b'\n', bytes.get(start..)?).map(|end| start + end + 1));
            if let Some(end) = last {
                self.rest.extend_from_slice(bytes.get(end..).unwrap_or_default());
                bytes.truncate(end);
            } else if more > 0 && bytes.len() <= TRACE_LINE_BYTES {
                continue;
            } else if more > 0 {
                self.skip_line(bytes)?;
            }
            self.number += memchr::memchr_iter(b'\n', bytes).count() as u64;
            *read = self.read.load(Ordering::Relaxed);
            return Ok(!bytes.is_empty());
        }
    }

    /// Reads up to so many bytes more, fewer at the end of the file; how many.
    fn more(&mut self, count: usize, bytes: &mut Vec<u8>) -> io::Result<usize> {
        self.reader.by_ref().take(count as u64).read_to_end(bytes)
    }

    /// Reads to the end of a line that is too long. Of the line stays what shows that it was: its beginning.
    fn skip_line(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let mut block = Vec::new();
        loop {
            block.clear();
            if self.more(READ_BUFFER_BYTES, &mut block)? == 0 {
                return Ok(());
            }
            if let Some(end) = memchr::memchr(b'\n', &block) {
                bytes.push(b'\n');
                self.rest.extend_from_slice(block.get(end + 1..).unwrap_or_default());
                return Ok(());
            }
        }
    }
}

/// Counts what is read.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::{Chunk, Lines};
    use crate::limits::TRACE_LINE_BYTES;

    /// The lines of a file, read in chunks of so many bytes; `None` for one that is too long.
    fn lines(name: &str, text: &[u8], size: usize) -> Vec<(u64, Option<Vec<u8>>)> {
        let path = std::env::temp_dir().join(format!("leverframe-source-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let mut lines = Lines::open(&path, File::open(&path).unwrap()).unwrap();
        let (mut chunk, mut found) = (Chunk::default(), Vec::new());
        while lines.chunk(size, &mut chunk).unwrap() {
            chunk.split();
            found.extend(chunk.lines.iter().map(|line| (line.number, chunk.line(line).map(<[u8]>::to_vec))));
        }
        std::fs::remove_file(path).unwrap();
        found
    }

    #[test]
    fn lines_are_numbered_as_the_file_has_them() {
        let long = "x".repeat(300_000);
        let text = format!("a\r\n\n \t\r\n{long}\nb\n\n\n{}c", "d\n".repeat(200_000));
        let expected: Vec<_> = text
            .split('\n')
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(index, line)| (index as u64 + 1, Some(line.as_bytes().to_vec())))
            .collect();
        for size in [1, 1_000, 200_000, 10_000_000] {
            assert!(lines("numbers", text.as_bytes(), size) == expected, "chunks of {size}");
        }
        assert_eq!(lines("numbers", b"", 10), []);
        assert_eq!(lines("numbers", b"\n\n", 10), []);
    }

    #[test]
    fn a_line_that_is_too_long_is_told_and_passed_over() {
        let mut text = b"a\n".to_vec();
        text.resize(text.len() + TRACE_LINE_BYTES, b'x');
        text.extend(b"\nb\n");
        let counts = |text: &[u8]| {
            lines("long", text, 100_000).into_iter().map(|(number, line)| (number, line.map(|line| line.len()))).collect::<Vec<_>>()
        };
        assert_eq!(counts(&text), [(1, Some(1)), (2, Some(TRACE_LINE_BYTES)), (3, Some(1))]);
        for more in [1, 400_000] {
            let mut text = text.clone();
            text.splice(2..2, std::iter::repeat_n(b'y', more));
            assert_eq!(counts(&text), [(1, Some(1)), (2, None), (3, Some(1))]);
            text.truncate(text.len() - 3);
            assert_eq!(counts(&text), [(1, Some(1)), (2, None)]);
        }
    }
}
