//! A replay of which only the numbers matter: what benches and other programs call.
//!
//! In: a frame and a record. Out: [`Counts`]. The lines are read and decided exactly as the command does it, and written as JSON where that is asked for, into the void.

use std::path::Path;

use leverframe_runtime::Verdict;

use super::decision::digest_text;
use super::error::RecordError;
use super::judge::Manner;
use super::machine::{self, Settings, Sink, Step};
use crate::exit::Failure;
use crate::frames;

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

/// Decides a record as `leverframe replay --jobs JOBS` does: with `--format jsonl` where decisions are written (into the void), else with `--format summary`.
///
/// # Errors
/// What the command would say: a frame or a file that cannot be read, an error of the record.
///
/// # Limits
/// Memory as that of the command: a few chunks of lines or the longest line, the sessions, the ids that results name.
pub fn replay_counts(frame: &[u8], trace: &Path, jobs: usize, written: bool) -> Result<Counts, String> {
    count(frame, trace, jobs, written).map_err(|failure| failure.to_string())
}

fn count(frame: &[u8], trace: &Path, jobs: usize, written: bool) -> Result<Counts, Failure> {
    let policy = frames::from_bytes(Path::new("frame"), frame)?;
    let manner = if written { Manner::written(&digest_text(policy.digest()), None)? } else { Manner::Verdicts };
    let mut counting = Counting { trace, counts: Counts::default() };
    machine::run(&Settings { policy: &policy, jobs, manner, keep_going: false }, trace, &mut counting)?;
    Ok(counting.counts)
}

struct Counting<'t> {
    trace: &'t Path,
    counts: Counts,
}

impl<'p> Sink<'p> for Counting<'_> {
    fn step(&mut self, _: u64, step: &Step<'p, '_>) -> Result<(), Failure> {
        self.counts.lines += 1;
        if let Step::Call(decided, _) = step {
            match decided.verdict {
                Verdict::Allow => self.counts.allowed += 1,
                Verdict::Ask => self.counts.asked += 1,
                Verdict::Deny => self.counts.denied += 1,
            }
        }
        Ok(())
    }

    fn error(&mut self, line: u64, error: &RecordError) -> Result<(), Failure> {
        Err(Failure::Record(format!("{}:{line}: {error}", self.trace.display())))
    }

    fn done(&mut self, _: usize, _: u64) {}
}
