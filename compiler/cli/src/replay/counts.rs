//! A replay of which only the numbers matter: what benches and other programs call.
//!
//! In: a frame and a record. Out: [`Counts`]. The lines are read, decided and written as JSON exactly as the command does it, into the void.

use std::path::Path;

use leverframe_runtime::Verdict;

use super::decision::{Decision, digest_text};
use super::recording::{RecordError, Recording, Step};
use crate::exit::Failure;
use crate::frames;
use crate::limits::TRACE_LINE_BYTES;
use crate::trace::references::References;
use crate::trace::source::{Lines, Next};

/// What a record came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines taken: calls, results and host events.
    pub lines: u64,
    /// Calls that were allowed.
    pub allowed: u64,
    /// Calls that were asked about.
    pub asked: u64,
    /// Calls that were denied.
    pub denied: u64,
}

/// Decides a record as `leverframe replay --format jsonl` does, decisions written into the void.
///
/// # Errors
/// What the command would say: a frame or a file that cannot be read, an error of the record.
///
/// # Limits
/// Memory as that of the command: the longest line, the sessions, the ids that results name.
pub fn replay_counts(frame: &[u8], trace: &Path) -> Result<Counts, String> {
    count(frame, trace).map_err(|failure| failure.to_string())
}

fn count(frame: &[u8], trace: &Path) -> Result<Counts, Failure> {
    let policy = frames::from_bytes(Path::new("frame"), frame)?;
    let digest = digest_text(policy.digest());
    let mut recording = Recording::new(&policy, References::scan(trace)?);
    let mut lines = Lines::open(trace)?;
    let (mut counts, mut buffer) = (Counts::default(), Vec::new());
    let refused = |line: u64, error: &RecordError| Failure::Record(format!("{}:{line}: {error}", trace.display()));
    loop {
        let line = match lines.next(&mut buffer).map_err(|error| Failure::read(trace, error))? {
            Next::End => return Ok(counts),
            Next::TooLong(line) => return Err(refused(line, &RecordError::TooLong(TRACE_LINE_BYTES))),
            Next::Line(line) => line,
        };
        let step = recording.take(&buffer).map_err(|error| refused(line, &error))?;
        counts.lines += 1;
        let Step::Call(decided) = step else { continue };
        match decided.verdict {
            Verdict::Allow => counts.allowed += 1,
            Verdict::Ask => counts.asked += 1,
            Verdict::Deny => counts.denied += 1,
        }
        let written = serde_json::to_writer(std::io::sink(), &Decision::new(&decided, line, &digest, None));
        written.map_err(|error| Failure::Internal(error.to_string()))?;
    }
}
