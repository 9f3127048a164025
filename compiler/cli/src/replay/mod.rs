//! `leverframe replay`: decides recorded sessions with a frame.
//!
//! In: a frame and records. Out: decisions in the order of the lines, for people or for programs. Each file is a record of its own.
//! Invariants: with any number of threads the output is the same, byte for byte. Memory is bounded by a few chunks of lines or the longest line, by the number of
//! sessions and keys, and by the ids that lines of results name.
//! Source: `lang-spec/traces.md`; the command line's contract.

mod counts;
mod decision;
mod error;
mod expect;
mod groups;
mod judge;
mod machine;
mod names;
mod progress;
mod reading;
mod sequence;
mod slots;
mod story;
mod summary;

use std::path::Path;

use leverframe_runtime::Policy;

use crate::exit::{Exit, Failure};
use crate::frames;
use crate::options::{Replay, ReplayFormat};
use crate::output::{Audience, BOLD, Output, styled, tell, tell_error};
use leverframe_trust::keys;

use decision::digest_text;
use error::RecordError;
use judge::{Decided, Manner};
use machine::{Settings, Sink, Step};
use progress::Progress;
use story::Story;
use summary::Summary;

pub use counts::{Counts, replay_counts};
pub(crate) use decision::verdict_word;

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a file that cannot be read, a frame that cannot be loaded, an error of the record (without `--keep-going`).
pub(crate) fn replay(options: &Replay) -> Result<Exit, Failure> {
    let policy = frames::load(&options.frame, keys::trusted(&options.trust.keys)?)?;
    let audience = match options.format {
        ReplayFormat::Human | ReplayFormat::Summary => Audience::People,
        ReplayFormat::Jsonl => Audience::Programs,
    };
    let mut run =
        Run { options, policy: &policy, frame: digest_text(policy.digest()), output: Output::new(audience), summary: Summary::default() };
    let read = options.traces.iter().try_for_each(|path| run.file(path));
    // What was decided before an error is shown whatever happened.
    let ended = run.end();
    read?;
    ended
}

/// A replay under way.
struct Run<'o> {
    options: &'o Replay,
    policy: &'o Policy,
    frame: String,
    output: Output,
    summary: Summary<'o>,
}

/// One file of a replay.
struct File<'r, 'o> {
    run: &'r mut Run<'o>,
    shown: String,
    story: Story,
    progress: Progress,
}

impl<'o> Run<'o> {
    fn file(&mut self, path: &'o Path) -> Result<(), Failure> {
        let several = self.options.traces.len() > 1;
        let shown = path.display().to_string();
        // Decisions name their file where there are several.
        let name = several.then(|| path.to_str()).flatten();
        let manner = match self.options.format {
            ReplayFormat::Summary => Manner::Verdicts,
            ReplayFormat::Human => Manner::Whole,
            ReplayFormat::Jsonl => Manner::written(&self.frame, name)?,
        };
        let settings = Settings { policy: self.policy, jobs: jobs(self.options), manner, keep_going: self.options.keep_going };
        let progress = Progress::over(path);
        self.output.around(progress.bar());
        if several && self.options.format == ReplayFormat::Human {
            self.output.line(&format!("\n{}", styled(BOLD, &shown)))?;
        }
        let mut file = File { run: self, shown, story: Story::default(), progress };
        machine::run(&settings, path, &mut file)?;
        file.progress.done();
        Ok(())
    }

    fn end(&mut self) -> Result<Exit, Failure> {
        if self.options.format != ReplayFormat::Jsonl {
            self.output.text(&self.summary.text())?;
        }
        if self.options.expect {
            match self.options.format {
                ReplayFormat::Human | ReplayFormat::Summary => self.output.text(&self.summary.expectations())?,
                ReplayFormat::Jsonl => tell(self.summary.expectations().trim_end()),
            }
        }
        self.output.flush()?;
        Ok(if self.summary.errors > 0 { Exit::Unusable } else { Exit::of_findings(self.summary.tally.unmet > 0) })
    }
}

/// How many threads work: as many as are asked for, else as many as there are processors.
fn jobs(options: &Replay) -> usize {
    let all = || std::thread::available_parallelism().map_or(1, usize::from);
    options.jobs.map_or_else(all, usize::from)
}

impl<'o> Sink<'o> for File<'_, 'o> {
    fn step(&mut self, line: u64, step: &Step<'o, '_>) -> Result<(), Failure> {
        if let Step::Call(decided, _) = step {
            self.run.summary.call(decided);
            self.expect(line, decided);
        }
        let output = &mut self.run.output;
        match (self.run.options.format, step) {
            (ReplayFormat::Jsonl, Step::Call(_, json)) => output.bytes(json),
            (ReplayFormat::Jsonl, _) | (ReplayFormat::Summary, _) => Ok(()),
            (ReplayFormat::Human, Step::Call(decided, _)) => output.text(&self.story.call(decided)),
            (ReplayFormat::Human, Step::Result(result, session)) => output.text(&self.story.result(result, session)),
            (ReplayFormat::Human, Step::Event(event)) => output.text(&self.story.event(event)),
        }
    }

    fn error(&mut self, line: u64, error: &RecordError) -> Result<(), Failure> {
        let text = format!("{}:{line}: {error}", self.shown);
        if !self.run.options.keep_going {
            return Err(Failure::Record(text));
        }
        self.run.summary.errors += 1;
        self.run.output.flush()?;
        tell_error(&text);
        Ok(())
    }

    fn done(&mut self, lines: usize, bytes: u64) {
        self.progress.lines(lines, bytes);
    }
}

impl File<'_, '_> {
    fn expect(&mut self, line: u64, decided: &Decided<'_, '_>) {
        if self.run.options.expect {
            let differences = expect::compare(decided, &mut self.run.summary.tally);
            self.run.summary.unmet(&format!("{}:{line}", self.shown), &decided.call.tool, &differences);
        }
    }
}
