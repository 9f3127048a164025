//! The lines of a file, plain or compressed by gzip, in bounded memory.
//!
//! In: a path. Out: one line after another, with its number. What is compressed is told by its first bytes, not by its name.
//! Invariant: no more than one line is in memory; a line beyond [`TRACE_LINE_BYTES`] is read to its end and thrown away.
//! Source: `lang-spec/traces.md`, [trace.file].

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use crate::exit::Failure;
use crate::limits::TRACE_LINE_BYTES;

/// The first bytes of what gzip has written.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Lines of a file.
pub(crate) struct Lines {
    reader: Box<dyn BufRead>,
    number: u64,
    read: Rc<Cell<u64>>,
}

/// What the next line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// This line is in the buffer.
    Line(u64),
    /// This line is too long, and gone.
    TooLong(u64),
    /// There is none.
    End,
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
            let read = Rc::new(Cell::new(0));
            let mut reader = BufReader::new(Counted { file, read: Rc::clone(&read) });
            let compressed = reader.fill_buf()?.starts_with(&GZIP_MAGIC);
            let reader: Box<dyn BufRead> =
                if compressed { Box::new(BufReader::new(MultiGzDecoder::new(reader))) } else { Box::new(reader) };
            Ok(Self { reader, number: 0, read })
        };
        open().map_err(|error| Failure::read(path, error))
    }

    /// How many bytes of the file have been read, in the file's own (compressed) bytes.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.get()
    }

    /// Reads the next line that is not blank into `buffer`, without its end.
    ///
    /// # Errors
    /// What the system or the decompression says.
    pub(crate) fn next(&mut self, buffer: &mut Vec<u8>) -> io::Result<Next> {
        loop {
            buffer.clear();
            let limit = TRACE_LINE_BYTES as u64 + 1;
            let count = self.reader.by_ref().take(limit).read_until(b'\n', buffer)?;
            if count == 0 {
                return Ok(Next::End);
            }
            self.number += 1;
            if buffer.last() == Some(&b'\n') {
                buffer.pop();
            } else if buffer.len() > TRACE_LINE_BYTES {
                self.skip_line()?;
                buffer.clear();
                return Ok(Next::TooLong(self.number));
            }
            if !buffer.iter().all(u8::is_ascii_whitespace) {
                return Ok(Next::Line(self.number));
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
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}
