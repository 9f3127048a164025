//! The result of `diff` as Markdown, for a pull request.
//!
//! In: a difference. Out: a heading with the word, a table for each direction, what is newly allowed first, each session folded below its table.
//! Invariant: text from a policy or a session forms no Markdown and no HTML of its own.

use leverframe_checker::WitnessStep;
use leverframe_checker::difference::{Answered, Change, Direction};

use super::{Told, changes, doubts, heading, reason, sentence, verdict};
use crate::output::printable;

/// The whole text; no line break at its end.
pub(super) fn text(told: &Told<'_>) -> String {
    let difference = told.difference;
    let title = format!("## Policy difference: {}", difference.word.text());
    let mut blocks = vec![title, format!("{} → {}: {}.", code(&told.old), code(&told.new), sentence(difference.word))];
    for (direction, changes) in changes(difference) {
        if !changes.is_empty() {
            blocks.extend(section(direction, changes));
        }
    }
    let open = doubts(difference);
    if !open.is_empty() {
        blocks.push("### Not known".to_owned());
        let line = |(doubt, directions): &(&leverframe_checker::difference::Doubt, Vec<Direction>)| {
            let directions: Vec<&str> = directions.iter().copied().map(heading).collect();
            format!("- {}: {}; more may be {}", plain(&doubt.about), plain(&doubt.reason), directions.join(" and "))
        };
        blocks.push(open.iter().map(line).collect::<Vec<_>>().join("\n"));
    }
    blocks.join("\n\n")
}

fn section(direction: Direction, changes: &[Change]) -> Vec<String> {
    let title = match direction {
        Direction::Allowed => "### Newly allowed",
        Direction::Denied => "### Newly denied",
    };
    let rows = changes.iter().zip(1..).map(|(change, number)| row(number, change));
    let head = ["| # | persona | tool | rule | was | is |".to_owned(), "|---|---|---|---|---|---|".to_owned()];
    let table = head.into_iter().chain(rows).collect::<Vec<_>>().join("\n");
    let sessions = changes.iter().zip(1..).map(|(change, number)| session(number, direction, &change.witness));
    [title.to_owned(), table].into_iter().chain(sessions).collect()
}

fn row(number: usize, change: &Change) -> String {
    let rule = change.rule.as_deref().map(code).unwrap_or_default();
    format!("| {number} | {} | {} | {rule} | {} | {} |", code(&change.persona), code(&change.tool), said(&change.old), said(&change.new))
}

fn said(said: &Answered) -> String {
    let word = verdict(said.verdict);
    reason(said).map_or_else(|| format!("**{word}**"), |reason| format!("**{word}** by {}", code(&reason)))
}

fn session(number: usize, direction: Direction, steps: &[WitnessStep]) -> String {
    // A line of JSON has no line break in it, and an indented block ends at no sign that stands in a line.
    let lines: Vec<String> =
        steps.iter().map(|step| format!("    {}", printable(&serde_json::to_string(step).unwrap_or_default()))).collect();
    let summary = format!("<details><summary>{} {number}: the session</summary>", heading(direction));
    format!("{summary}\n\n{}\n\n</details>", lines.join("\n"))
}

/// Text as code in a cell of a table: nothing in it can end the code or the cell.
fn code(text: &str) -> String {
    let text = printable(text).replace('`', "'").replace('|', "\\|");
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

/// A sentence of the checker, with names of the policy in it.
fn plain(text: &str) -> String {
    printable(text).replace('<', "&lt;").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::{code, plain};

    #[test]
    fn names_end_neither_code_nor_cells() {
        assert_eq!(code("a`b|c\n<d>"), "`a'b\\|c\\u{a}<d>`");
        assert_eq!(plain("<img>"), "&lt;img>");
    }
}
