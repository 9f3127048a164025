//! `leverframe replay`: decides recorded sessions with a frame.
//!
//! In: a frame and records. Out: decisions in the order of the lines, for people or for programs; memory is bounded by the longest line, by
//! the number of sessions and keys, and by the ids that lines of results name. Each file is a record of its own.
//! Left out: deciding on several threads. `--jobs` is accepted and changes nothing that can be observed but time.
//! Source: `lang-spec/traces.md`; the command line's contract.

mod counts;
mod decision;
mod expect;
mod histories;
mod progress;
mod recording;
mod story;
mod summary;

use std::path::Path;

use leverframe_runtime::Policy;

use crate::exit::{Exit, Failure};
use crate::frames;
use crate::keys;
use crate::limits::TRACE_LINE_BYTES;
use crate::options::{Replay, ReplayFormat};
use crate::output::{Audience, Output, tell, tell_error};
use crate::trace::references::References;
use crate::trace::source::{Lines, Next};

use decision::{Decision, digest_text};
use progress::Progress;
use recording::{Decided, RecordError, Recording, Step};
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
        ReplayFormat::Human => Audience::People,
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
    summary: Summary,
}

/// One file of a replay.
struct File<'o> {
    shown: String,
    /// Its name in decisions, where there are several files.
    name: Option<&'o str>,
    story: Story,
}

impl<'o> Run<'o> {
    fn file(&mut self, path: &'o Path) -> Result<(), Failure> {
        let mut recording = Recording::new(self.policy, References::scan(path)?);
        let mut lines = Lines::open(path)?;
        let mut progress = Progress::over(path);
        self.output.around(progress.bar());
        let shown = path.display().to_string();
        let several = self.options.traces.len() > 1;
        let mut file = File { shown, name: several.then(|| path.to_str()).flatten(), story: Story::default() };
        self.summary.next_file();
        if several && self.options.format == ReplayFormat::Human {
            self.output.line(&format!("\n{}", crate::output::styled(crate::output::BOLD, &file.shown)))?;
        }
        let mut buffer = Vec::new();
        loop {
            let taken = match lines.next(&mut buffer).map_err(|error| Failure::read(path, error))? {
                Next::End => break,
                Next::TooLong(number) => (number, Err(RecordError::TooLong(TRACE_LINE_BYTES))),
                Next::Line(number) => (number, recording.take(&buffer)),
            };
            progress.line(lines.bytes_read());
            match taken {
                (number, Ok(step)) => self.step(&mut file, number, &step)?,
                (number, Err(error)) => self.record_error(&file, number, &error)?,
            }
        }
        progress.done();
        Ok(())
    }

    fn step(&mut self, file: &mut File<'_>, line: u64, step: &Step<'_>) -> Result<(), Failure> {
        if let Step::Call(decided) = step {
            self.summary.call(decided);
            self.expect(file, line, decided);
        }
        match (self.options.format, step) {
            (ReplayFormat::Jsonl, Step::Call(decided)) => self.output.json(&Decision::new(decided, line, &self.frame, file.name)),
            (ReplayFormat::Jsonl, _) => Ok(()),
            (ReplayFormat::Human, Step::Call(decided)) => self.output.text(&file.story.call(decided)),
            (ReplayFormat::Human, Step::Result(result, session)) => self.output.text(&file.story.result(result, session)),
            (ReplayFormat::Human, Step::Event(event)) => self.output.text(&file.story.event(event)),
        }
    }

    fn expect(&mut self, file: &File<'_>, line: u64, decided: &Decided<'_>) {
        if self.options.expect {
            let differences = expect::compare(decided, &mut self.summary.tally);
            self.summary.unmet(&format!("{}:{line}", file.shown), &decided.call.tool, &differences);
        }
    }

    fn record_error(&mut self, file: &File<'_>, line: u64, error: &RecordError) -> Result<(), Failure> {
        let text = format!("{}:{line}: {error}", file.shown);
        if !self.options.keep_going {
            return Err(Failure::Record(text));
        }
        self.summary.errors += 1;
        self.output.flush()?;
        tell_error(&text);
        Ok(())
    }

    fn end(&mut self) -> Result<Exit, Failure> {
        if self.options.format == ReplayFormat::Human {
            self.output.text(&self.summary.text())?;
        }
        if self.options.expect {
            match self.options.format {
                ReplayFormat::Human => self.output.text(&self.summary.expectations())?,
                ReplayFormat::Jsonl => tell(self.summary.expectations().trim_end()),
            }
        }
        self.output.flush()?;
        Ok(if self.summary.errors > 0 { Exit::Unusable } else { Exit::of_findings(self.summary.tally.unmet > 0) })
    }
}
