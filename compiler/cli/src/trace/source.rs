//! The lines of a file, plain or compressed by gzip, in bounded memory.
//!
//! In: a path. Out: [`Chunk`]s of whole lines, each line with its number. What is compressed is told by its first bytes, not by its name.
//! Invariant: a chunk ends with a line's end, and holds no more than its size and one line; of a line beyond [`TRACE_LINE_BYTES`] only the beginning is kept
//! until it is told that it was too long.
//! Source: `lang-spec/traces.md`, [trace.file].

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::exit::Failure;
use crate::limits::{READ_BUFFER_BYTES, TRACE_LINE_BYTES};

/// The first bytes of what gzip has written.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

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

impl Lines {
    /// Opens a regular file.
    ///
    /// # Errors
    /// [`Failure::Read`]; what is no regular file is refused, because a record is read twice.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let open = || -> io::Result<Self> {
            let file = File::open(path)?;
            if !file.metadata()?.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "a record must be a regular file, since it is read twice"));
            }
            let read = Arc::new(AtomicU64::new(0));
            let mut reader = BufReader::with_capacity(READ_BUFFER_BYTES, Counted { file, read: Arc::clone(&read) });
            let compressed = reader.fill_buf()?.starts_with(&GZIP_MAGIC);
            let reader: Box<dyn Read + Send> = if compressed { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
            Ok(Self { reader, rest: Vec::new(), number: 1, read })
        };
        open().map_err(|error| Failure::read(path, error))
    }

    /// Reads the next lines, `size` bytes of them and what the last one needs more, or up to the file's end; whether there was anything. They are not told apart
    /// yet ([`Chunk::split`]).
    ///
    /// # Errors
    /// What the system or the decompression says.
    pub(crate) fn chunk(&mut self, size: usize, chunk: &mut Chunk) -> io::Result<bool> {
        let Chunk { bytes, first, lines, read } = chunk;
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

    /// Reads the next lines, as [`Lines::chunk`] does, and tells them apart.
    ///
    /// # Errors
    /// Those of [`Lines::chunk`].
    pub(crate) fn lines(&mut self, size: usize, chunk: &mut Chunk) -> io::Result<bool> {
        let more = self.chunk(size, chunk)?;
        chunk.split();
        Ok(more)
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
