//! `leverframe diff`: what a policy decides differently from its last version.
//!
//! In: two policies. Out: the word for their difference, the calls that are newly allowed and newly denied, a session for each, and what is not known; for
//! people, as JSON, or for a pull request. Invariant: the exit code is 0 only where it is proved that nothing is newly allowed.
//! Left out: the comparison itself, which is the checker's.
//! Source: the command line's contract.

mod human;
mod json;
mod markdown;

use std::path::Path;
use std::time::Duration;

use leverframe_checker::difference::{Answer, Answered, Change, Compared, Direction, Doubt, Word};
use leverframe_checker::{Difference, Options};

use crate::exit::{Exit, Failure};
use crate::options::{Diff, DiffFormat};
use crate::output::{Audience, Output, printable, tell};
use crate::policy::{self, Compiled};

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a policy that cannot be read.
pub(crate) fn diff(options: &Diff) -> Result<Exit, Failure> {
    let (old, new) = (policy::compile(&options.old)?, policy::compile(&options.new)?);
    let (Some(old_frame), Some(new_frame)) = (&old.frame, &new.frame) else {
        refuse(&old, &options.old);
        refuse(&new, &options.new);
        return Ok(Exit::Findings);
    };
    let asked = Options { timeout: Duration::from_secs(u64::from(options.proving.timeout)), record_queries: false };
    let difference = leverframe_checker::difference(
        Compared { checked: &old.checked, frame: old_frame },
        Compared { checked: &new.checked, frame: new_frame },
        &asked,
    );
    let told = Told { old: options.old.display().to_string(), new: options.new.display().to_string(), difference: &difference };
    let (audience, text) = match options.format {
        DiffFormat::Human => (Audience::People, human::text(&told)),
        DiffFormat::Json => (Audience::Programs, json::text(&told)?),
        DiffFormat::Markdown => (Audience::Programs, markdown::text(&told)),
    };
    let mut output = Output::new(audience);
    output.line(&text)?;
    output.flush()?;
    Ok(Exit::of_findings(!difference.word.allows_nothing()))
}

/// Tells why a policy cannot be compared, if it cannot.
fn refuse(compiled: &Compiled, file: &Path) {
    if compiled.frame.is_none() {
        let drawing = compiled.sources().drawing();
        compiled.checked.diagnostics.iter().for_each(|finding| drawing.tell(finding));
        tell(&format!("`{}` has errors; nothing was compared", printable(&file.display().to_string())));
    }
}

/// What is told.
struct Told<'d> {
    old: String,
    new: String,
    difference: &'d Difference,
}

/// The word, in a sentence.
fn sentence(word: Word) -> &'static str {
    match word {
        Word::Equivalent => "every call is answered as before",
        Word::Stricter => "some calls are newly denied, none is newly allowed",
        Word::Looser => "some calls are newly allowed, none is newly denied",
        Word::Incomparable => "some calls are newly allowed, others are newly denied",
        Word::Unknown => "what is found is not all that may be there",
    }
}

fn verdict(answer: Answer) -> &'static str {
    match answer {
        Answer::Allow => "allow",
        Answer::Ask => "ask",
        Answer::Deny => "deny",
    }
}

/// What a policy said, with the reason: the rules of the verdict, or else the code.
fn reason(said: &Answered) -> Option<String> {
    match (said.verdict, said.rules.as_slice()) {
        (Answer::Allow, _) => None,
        (_, []) => Some(said.code.to_owned()),
        (_, rules) => Some(rules.join(", ")),
    }
}

/// What there is in a direction.
fn heading(direction: Direction) -> &'static str {
    match direction {
        Direction::Allowed => "newly allowed",
        Direction::Denied => "newly denied",
    }
}

fn changes(difference: &Difference) -> [(Direction, &[Change]); 2] {
    [(Direction::Allowed, difference.allowed.as_slice()), (Direction::Denied, difference.denied.as_slice())]
}

/// What is not known, each once, with the directions that it leaves open.
fn doubts(difference: &Difference) -> Vec<(&Doubt, Vec<Direction>)> {
    let mut found: Vec<(&Doubt, Vec<Direction>)> = Vec::new();
    for doubt in &difference.unknown {
        match found.iter_mut().find(|(known, _)| (&known.about, &known.reason) == (&doubt.about, &doubt.reason)) {
            Some((_, directions)) => directions.push(doubt.direction),
            None => found.push((doubt, vec![doubt.direction])),
        }
    }
    found
}
