//! The lines of a file, plain or compressed by gzip, in bounded memory.
//!
//! In: a path. Out: [`Chunk`]s of whole lines, each line with its number. What is compressed is told by its first bytes, not by its name.
//! Invariant: a chunk ends with the line that fills it, so it holds no more than its size and one line; a line beyond [`TRACE_LINE_BYTES`] is read to its end
//! and thrown away.
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
    reader: Box<dyn BufRead + Send>,
    number: u64,
    read: Arc<AtomicU64>,
}

/// Lines that were read together.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// Their bytes.
    pub(crate) bytes: Vec<u8>,
    /// Where each of them is.
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
            let reader: Box<dyn BufRead + Send> = if compressed {
                Box::new(BufReader::with_capacity(READ_BUFFER_BYTES, MultiGzDecoder::new(reader)))
            } else {
                Box::new(reader)
            };
            Ok(Self { reader, number: 0, read })
        };
        open().map_err(|error| Failure::read(path, error))
    }

    /// Reads the next lines, until they hold `size` bytes or the file ends; whether there were any.
    ///
    /// # Errors
    /// What the system or the decompression says.
    pub(crate) fn chunk(&mut self, size: usize, chunk: &mut Chunk) -> io::Result<bool> {
        chunk.bytes.clear();
        chunk.lines.clear();
        while chunk.bytes.len() < size && self.line(chunk)? {}
        chunk.read = self.read.load(Ordering::Relaxed);
        Ok(!chunk.lines.is_empty())
    }

    /// Reads the next line that is not blank; whether there was one.
    fn line(&mut self, chunk: &mut Chunk) -> io::Result<bool> {
        let Chunk { bytes, lines, .. } = chunk;
        let start = bytes.len();
        loop {
            bytes.truncate(start);
            let limit = TRACE_LINE_BYTES as u64 + 1;
            if self.reader.by_ref().take(limit).read_until(b'\n', bytes)? == 0 {
                return Ok(false);
            }
            self.number += 1;
            if bytes.last() == Some(&b'\n') {
                bytes.pop();
            } else if bytes.len() - start > TRACE_LINE_BYTES {
                self.skip_line()?;
                bytes.truncate(start);
                lines.push(Line { number: self.number, place: None });
                return Ok(true);
            }
            if !bytes.iter().skip(start).all(u8::is_ascii_whitespace) {
                lines.push(Line { number: self.number, place: Some(start..bytes.len()) });
                return Ok(true);
            }
        }
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let chunk = self.reader.fill_buf()?;
            let (used, ended) = match chunk.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (chunk.len(), chunk.is_empty()),
            };
            self.reader.consume(used);
            if ended {
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
