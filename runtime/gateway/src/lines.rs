//! Messages as lines: what MCP speaks over standard input and output.
//!
//! In: bytes. Out: lines. Invariants: a line that is too long or no text is told as none and costs no other; what is written is one line.
//! Source: MCP 2026-07-28, stdio.

use std::io;

use tokio_util::bytes::BytesMut;
use tokio_util::codec::{Decoder, LinesCodec, LinesCodecError};

/// Cuts lines; none for one that is too long or no UTF-8.
#[derive(Debug)]
pub(crate) struct Lines(LinesCodec);

impl Lines {
    /// Of at most so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self(LinesCodec::new_with_max_length(bytes))
    }
}

impl Decoder for Lines {
    type Item = Option<String>;
    type Error = io::Error;

    fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Self::Item>, io::Error> {
        told(self.0.decode(bytes))
    }

    fn decode_eof(&mut self, bytes: &mut BytesMut) -> Result<Option<Self::Item>, io::Error> {
        told(self.0.decode_eof(bytes))
    }
}

/// An error of one line is no error of the stream, which ends with its first.
fn told(line: Result<Option<String>, LinesCodecError>) -> Result<Option<Option<String>>, io::Error> {
    match line {
        Ok(line) => Ok(line.map(Some)),
        Err(LinesCodecError::MaxLineLengthExceeded) => Ok(Some(None)),
        Err(LinesCodecError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => Ok(Some(None)),
        Err(LinesCodecError::Io(error)) => Err(error),
    }
}

/// Whether a message is one line in the eyes of every reader.
pub(crate) fn one_line(message: &str) -> bool {
    !message.contains(['\n', '\r'])
}
