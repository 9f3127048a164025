//! Reads a log again and finds what was changed, left out or moved.
//!
//! In: the lines of a log; perhaps a public key, and a line's hash that was kept elsewhere. Out: where it ends, or the first line that does not hold. A log is whole
//! *iff* every line has the number after that of the line before it and that line's hash, and every checkpoint is signed by the key. Where no key is given,
//! whoever can write the file can also write all of it anew; the same of what follows the last checkpoint, and of the end that was cut off.
//! Source: RFC 8032; `runtime/gateway/README.md` ("The log").

use std::io::BufRead;

use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;

use super::{GENESIS, VERSION, sha256_hex};

/// Where a log ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Lines.
    pub lines: u64,
    /// The hash of the last one.
    pub hash: String,
    /// Checkpoints whose signatures hold.
    pub checkpoints: u64,
    /// Lines after the last of them.
    pub unsigned: u64,
}

/// What does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The file.
    #[error("the log cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// A line.
    #[error("line {line}: {words}")]
    Line {
        /// Its number in the file, from 1.
        line: u64,
        /// What is wrong.
        words: String,
    },
    /// The line that was kept elsewhere.
    #[error("line {0} is not the one that was kept elsewhere, or is not there")]
    NotTheOne(u64),
}

#[derive(Deserialize)]
struct Begin {
    version: u32,
    seq: u64,
    before: String,
    audit: String,
    key: Option<String>,
    signature: Option<String>,
}

/// The number of a line that is one of a log.
pub(super) fn seq(line: &[u8]) -> Option<u64> {
    let begin: Begin = serde_json::from_slice(line).ok()?;
    (begin.version == VERSION).then_some(begin.seq)
}

/// What a checkpoint's signature is over.
pub(super) fn signed_text(before: &str) -> Vec<u8> {
    format!("leverframe audit checkpoint {VERSION}\n{before}\n").into_bytes()
}

/// Goes through a log. `kept` is the number and the hash of a line that was kept elsewhere.
///
/// # Errors
/// [`Broken`]: the first line that does not hold.
pub fn verify(log: impl BufRead, key: Option<&VerifyingKey>, kept: Option<(u64, &str)>) -> Result<Head, Broken> {
    let mut head = Head { lines: 0, hash: GENESIS.to_owned(), checkpoints: 0, unsigned: 0 };
    let mut seen = kept.is_none();
    let mut lines = Lines(log);
    while let Some(line) = lines.next_line()? {
        let number = head.lines.saturating_add(1);
        let fault = |words: String| Broken::Line { line: number, words };
        let line = line.strip_suffix(b"\n").ok_or_else(|| fault("it breaks off".to_owned()))?;
        crate::protocol::Plain::of(line).map_err(|error| fault(error.to_string()))?;
        let begin: Begin = serde_json::from_slice(line).map_err(|error| fault(format!("it is none of a log: {error}")))?;
        if begin.version != VERSION || begin.seq != number {
            return Err(fault(format!("it says version {} and number {}", begin.version, begin.seq)));
        }
        if begin.before != head.hash {
            return Err(fault("the line before it is not the one that it was written after".to_owned()));
        }
        head.unsigned = head.unsigned.saturating_add(1);
        if begin.audit == "checkpoint" {
            check(&begin, key).map_err(fault)?;
            head.checkpoints = head.checkpoints.saturating_add(1);
            head.unsigned = 0;
        }
        head.lines = number;
        head.hash = sha256_hex(line);
        seen |= kept.is_some_and(|(seq, hash)| seq == number && hash == head.hash);
    }
    match kept {
        Some((seq, _)) if !seen => Err(Broken::NotTheOne(seq)),
        _ => Ok(head),
    }
}

fn check(begin: &Begin, key: Option<&VerifyingKey>) -> Result<(), String> {
    let Some(key) = key else { return Ok(()) };
    if begin.key.as_deref() != Some(&super::log::key_id(&key.to_bytes())) {
        return Err("the checkpoint is signed by another key".to_owned());
    }
    let signature = begin.signature.as_deref().and_then(bytes).ok_or("the checkpoint has no signature")?;
    key.verify_strict(&signed_text(&begin.before), &Signature::from_bytes(&signature))
        .map_err(|_| "the checkpoint's signature does not hold".to_owned())
}

/// 64 bytes in hexadecimal digits.
fn bytes(text: &str) -> Option<[u8; 64]> {
    let mut bytes = [0; 64];
    let read = base16ct::lower::decode(text, &mut bytes).ok()?;
    (read.len() == 64).then_some(bytes)
}

struct Lines<R>(R);

impl<R: BufRead> Lines<R> {
    fn next_line(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = self.0.read_until(b'\n', &mut line)?;
        Ok((read > 0).then_some(line))
    }
}
