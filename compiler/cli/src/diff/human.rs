//! The result of `diff` for people.
//!
//! In: a difference. Out: the word, then each change with its session, what is newly allowed first, then what is not known.

use leverframe_checker::difference::{Answer, Answered, Change, Direction};

use super::{Told, changes, doubts, heading, reason, sentence, verdict};
use crate::check::story;
use crate::output::{BOLD, DIM, GREEN, RED, YELLOW, printable, styled};

/// The whole text; no line break at its end.
pub(super) fn text(told: &Told<'_>) -> String {
    let difference = told.difference;
    let mut blocks = Vec::new();
    for (direction, changes) in changes(difference) {
        blocks.extend(changes.iter().map(|change| block(direction, change)));
    }
    for (doubt, directions) in doubts(difference) {
        let directions: Vec<&str> = directions.into_iter().map(heading).collect();
        let line = format!("{}: {}: {}", styled(YELLOW, "not known"), printable(&doubt.about), printable(&doubt.reason));
        blocks.push(format!("{line}\n{}", styled(DIM, &format!("  more may be {}", directions.join(" and ")))));
    }
    let style = if difference.word.allows_nothing() { GREEN } else { RED };
    let files = format!("{} → {}", printable(&told.old), printable(&told.new));
    blocks.push(format!("{}: {}: {}", styled(BOLD, &files), styled(style, difference.word.text()), sentence(difference.word)));
    blocks.join("\n\n")
}

fn block(direction: Direction, change: &Change) -> String {
    let style = if direction == Direction::Allowed { RED } else { YELLOW };
    let rule = change.rule.as_ref().map(|rule| format!(" (the rule `{}`)", printable(rule))).unwrap_or_default();
    let title = format!(
        "{}: `{}` to `{}`{rule}: {}, was {}",
        styled(style, heading(direction)),
        printable(&change.persona),
        printable(&change.tool),
        said(&change.new),
        said(&change.old)
    );
    format!("{title}\n{}", story(&change.witness))
}

fn said(said: &Answered) -> String {
    let style = match said.verdict {
        Answer::Allow => GREEN,
        Answer::Ask => YELLOW,
        Answer::Deny => RED,
    };
    let word = styled(style, verdict(said.verdict));
    reason(said).map_or(word.clone(), |reason| format!("{word} by {}", printable(&reason)))
}
