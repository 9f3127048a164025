//! The file behind the log.
//!
//! In: lines. Out: their numbers, once they are where they must survive. Invariants: one line after the other, each with the hash of the one before; a line that was
//! written in part is taken back, and until that has worked no other is written; what stands in the file when it is opened is read to its last line.
//! Source: POSIX `write`, `fdatasync`; `runtime/gateway/README.md` ("The log").

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base16ct::lower::encode_string as hex;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};

use super::verify::signed_text;
use super::{Body, GENESIS, Line, VERSION, sha256_hex};
use crate::config::{Audit, Survives};

/// Why the log cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file.
    #[error("the log {path} cannot be used: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Its last line is none of a log.
    #[error("{0} is no log of a gateway: its last line is none")]
    Foreign(PathBuf),
    /// Another process writes it.
    #[error("another process writes {0}")]
    Locked(PathBuf),
    /// The disk has failed to keep it.
    #[error("the disk has failed to keep {0}: it has to be looked at and opened anew")]
    Lost(PathBuf),
    /// A line that would be two.
    #[error("the line would not be one line")]
    Broken,
    /// The key that signs.
    #[error("the key {0} that signs checkpoints cannot be used: it is to be Ed25519 in PKCS #8, PEM")]
    Key(PathBuf),
}

/// A line that is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its number.
    pub seq: u64,
    /// Its id.
    pub id: String,
}

/// The log of one gateway.
#[derive(Debug)]
pub struct Log {
    name: String,
    path: PathBuf,
    survives: Survives,
    checkpoint: u64,
    key: Option<Signing>,
    end: Mutex<End>,
    /// A handle of its own, so that those who wait for the disk do not keep others from writing.
    synced: (Mutex<u64>, File),
    ready: AtomicBool,
    /// Whether the disk has failed to keep what was written: nobody knows then what is there, so nothing goes on until the log is opened anew.
    lost: AtomicBool,
    written: AtomicU64,
}

struct Signing {
    key: SigningKey,
    id: String,
}

impl std::fmt::Debug for Signing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Signing").field(&self.id).finish()
    }
}

/// Where the log ends.
#[derive(Debug)]
struct End {
    file: File,
    seq: u64,
    before: String,
    length: u64,
    unsigned: u64,
}

impl Log {
    /// Opens a log, or begins one; the bytes of a line that was never finished are taken off and given back.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn open(name: &str, config: &Audit) -> Result<(Self, Option<Vec<u8>>), LogError> {
        let fault = |error| LogError::File { path: config.path.clone(), error };
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&config.path).map_err(fault)?;
        file.try_lock().map_err(|_| LogError::Locked(config.path.clone()))?;
        let (end, torn) = Last::of(&mut file, &config.path)?;
        let synced = (Mutex::new(0), file.try_clone().map_err(fault)?);
        let key = config.key.as_deref().map(Signing::read).transpose()?;
        // What the last run left unsigned is signed with the first line of this one.
        let unsigned = if end.seq == 0 { 0 } else { config.checkpoint };
        let end = End { file, seq: end.seq, before: end.hash, length: end.length, unsigned };
        let log = Self {
            name: name.to_owned(),
            path: config.path.clone(),
            survives: config.survives,
            checkpoint: config.checkpoint,
            key,
            written: AtomicU64::new(end.seq),
            end: Mutex::new(end),
            synced,
            ready: AtomicBool::new(true),
            lost: AtomicBool::new(false),
        };
        Ok((log, torn))
    }

    /// Whether lines can be written: after one that could not, a line that says so must be written first. Nothing has to be decided for that.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.lost.load(Ordering::Relaxed)
            && (self.ready.load(Ordering::Relaxed) || self.write(&Body::Resumed { at: crate::clock::now() }).is_ok())
    }

    /// How many lines there are.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Writes a line, and gives it back once it is where it must survive.
    ///
    /// # Errors
    /// [`LogError`]: what it speaks of must not go on. Where the disk or a checkpoint after it has failed, the line itself may be there.
    pub fn write(&self, body: &Body<'_>) -> Result<Logged, LogError> {
        let line = Line::of(body);
        let mut end = self.end();
        let seq = self.append(&mut end, &line)?;
        if end.unsigned >= self.checkpoint {
            self.sign(&mut end)?;
        }
        drop(end);
        self.survive(seq)?;
        Ok(Logged { seq, id: format!("{}-{seq}", self.name) })
    }

    /// Signs all that is there.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn close(&self, at: i64) -> Result<(), LogError> {
        let mut end = self.end();
        self.append(&mut end, &Line::of(&Body::End { at }))?;
        self.sign(&mut end)?;
        let seq = end.seq;
        drop(end);
        self.survive(seq)
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, end: &mut End, line: &Line) -> Result<u64, LogError> {
        if !self.ready.load(Ordering::Relaxed) {
            self.mend(end)?;
        }
        let seq = end.seq.saturating_add(1);
        let mut text = line.at(&self.name, seq, &end.before);
        // All that stands in a line was read as plain JSON or is written here; if that were not so, nothing may go on.
        if text.contains(['\n', '\r']) {
            return Err(LogError::Broken);
        }
        let hash = sha256_hex(text.as_bytes());
        text.push('\n');
        if let Err(error) = end.file.write_all(text.as_bytes()) {
            self.ready.store(false, Ordering::Relaxed);
            // What was written of it is taken back now, or before the next one.
            drop(end.file.set_len(end.length));
            return Err(LogError::File { path: self.path.clone(), error });
        }
        self.ready.store(true, Ordering::Relaxed);
        end.seq = seq;
        end.before = hash;
        end.length = end.length.saturating_add(text.len() as u64);
        end.unsigned = end.unsigned.saturating_add(1);
        self.written.store(seq, Ordering::Relaxed);
        Ok(seq)
    }

    fn sign(&self, end: &mut End) -> Result<(), LogError> {
        let Some(Signing { key, id }) = &self.key else { return Ok(()) };
        let signature = hex(&key.sign(&signed_text(&end.before)).to_bytes());
        let at = crate::clock::now();
        self.append(end, &Line::of(&Body::Checkpoint { at, key: id, signature: &signature }))?;
        end.unsigned = 0;
        Ok(())
    }

    /// Takes back what was written of a line in part.
    fn mend(&self, end: &mut End) -> Result<(), LogError> {
        let taken_back = end.file.set_len(end.length).and_then(|()| end.file.sync_data());
        taken_back.map_err(|error| LogError::File { path: self.path.clone(), error })
    }

    /// Waits until a line is where it must survive. Those who wait together are served by one.
    fn survive(&self, seq: u64) -> Result<(), LogError> {
        if self.survives == Survives::Process {
            return Ok(());
        }
        if self.lost.load(Ordering::Relaxed) {
            return Err(LogError::Lost(self.path.clone()));
        }
        let (until, file) = &self.synced;
        let mut until = until.lock().unwrap_or_else(PoisonError::into_inner);
        if *until < seq {
            let reached = self.lines();
            if let Err(error) = file.sync_data() {
                self.lost.store(true, Ordering::Relaxed);
                return Err(LogError::File { path: self.path.clone(), error });
            }
            *until = reached;
        }
        Ok(())
    }
}

impl Signing {
    fn read(path: &Path) -> Result<Self, LogError> {
        let fault = || LogError::Key(path.to_owned());
        let text = std::fs::read_to_string(path).map_err(|_| fault())?;
        let key = SigningKey::from_pkcs8_pem(&text).map_err(|_| fault())?;
        let id = key_id(&key.verifying_key().to_bytes());
        Ok(Self { key, id })
    }
}

/// How a public key is named.
pub(super) fn key_id(key: &[u8; 32]) -> String {
    hex(Sha256::digest(key).first_chunk::<8>().map_or(&[], |bytes| bytes))
}

/// The last whole line of a file.
struct Last {
    seq: u64,
    hash: String,
    length: u64,
}

impl Last {
    /// Finds it from the end; what follows it is cut off and given back.
    fn of(file: &mut File, path: &Path) -> Result<(Self, Option<Vec<u8>>), LogError> {
        let fault = |error| LogError::File { path: path.to_owned(), error };
        let length = file.metadata().map_err(fault)?.len();
        let tail = tail(file, length).map_err(fault)?;
        let ends = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (whole, torn) = tail.split_at_checked(ends).unwrap_or((&tail, &[]));
        let length = length.saturating_sub(torn.len() as u64);
        let foreign = || LogError::Foreign(path.to_owned());
        let last = match whole.strip_suffix(b"\n").and_then(|lines| lines.rsplit(|byte| *byte == b'\n').next()) {
            None => Self { seq: 0, hash: GENESIS.to_owned(), length },
            Some(line) => Self { seq: super::verify::seq(line).ok_or_else(foreign)?, hash: sha256_hex(line), length },
        };
        if torn.is_empty() {
            return Ok((last, None));
        }
        // Nothing is cut off that is not the beginning of the line that would have come next.
        let next = format!("{{\"version\":{VERSION},\"seq\":{},\"before\":\"{}\",", last.seq.saturating_add(1), last.hash);
        if !torn.iter().zip(next.as_bytes()).all(|(one, other)| one == other) {
            return Err(foreign());
        }
        file.set_len(length).map_err(fault)?;
        Ok((last, Some(torn.to_vec())))
    }
}

/// The end of a file that holds its last whole line and what follows it.
fn tail(file: &mut File, length: u64) -> std::io::Result<Vec<u8>> {
    let mut take = 64 * 1024;
    loop {
        let from = length.saturating_sub(take);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        if from == 0 || bytes.iter().filter(|byte| **byte == b'\n').count() >= 2 {
            return Ok(bytes);
        }
        take = take.saturating_mul(4);
    }
}
