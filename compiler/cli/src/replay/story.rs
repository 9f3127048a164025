//! The story of a replay, for people: what each session did, what was refused or asked, by which rule and why.
//!
//! In: steps as they are taken. Out: lines of text. Sessions that interleave are told as they happen, each under its own heading again.
//! Text from the record is shown with everything that could move a cursor or hide text spelled out.

use std::collections::HashMap;
use std::fmt::Write;

use leverframe_runtime::Verdict;

use super::decision::verdict_word;
use super::judge::Decided;
use crate::arguments::arguments;
use crate::output::{BOLD, CYAN, DIM, GREEN, RED, YELLOW, printable, styled};
use crate::trace::line::Line;

/// The room before the second column: mark, verdict.
const INDENT: &str = "              ";

/// Tells the story of one file.
#[derive(Debug, Default)]
pub(crate) struct Story {
    session: Option<String>,
    told: HashMap<String, Told>,
}

/// What has been told of a session: where its labels came from.
#[derive(Debug, Default)]
struct Told {
    /// Labels that are known, each with what brought it.
    labels: Vec<(String, String)>,
    /// What happened since the last call that can have brought one.
    since: Vec<String>,
}

impl Story {
    /// A heading, where the story comes to another session.
    fn heading(&mut self, session: &str, whose: &str) -> String {
        if self.session.as_deref() == Some(session) {
            return String::new();
        }
        self.session = Some(session.to_owned());
        format!("\n{}{whose}\n", styled(BOLD, &format!("session {}", printable(session))))
    }

    /// A decided call.
    pub(crate) fn call(&mut self, decided: &Decided<'_, '_>) -> String {
        let call = &decided.call;
        let mut text = self.heading(&call.session, &whose(decided));
        let mark = styled(style(decided), mark(decided));
        let verdict = styled(style(decided), &format!("{:<5}", verdict_word(decided.verdict)));
        let _ = writeln!(text, "  {:>3} {mark} {verdict} {}({})", decided.step, styled(BOLD, &printable(&call.tool)), arguments(call.args));
        let told = self.told.entry(call.session.to_string()).or_default();
        told.meet(decided.labels);
        for line in reasons(decided, told) {
            let _ = writeln!(text, "{INDENT}{line}");
        }
        if decided.admitted {
            told.since.push(format!("call {}, {}", decided.step, printable(&call.tool)));
        }
        text
    }

    /// The result of an earlier call of a session.
    pub(crate) fn result(&mut self, line: &Line<'_>, session: &str) -> String {
        let mut text = self.heading(session, "");
        let Some(result) = &line.result else { return text };
        let what = if result.ok { "came back" } else { "failed" };
        let labels = match result.labels.as_slice() {
            [] => String::new(),
            labels => format!(", carrying {}", printable(&labels.join(", "))),
        };
        let of = printable(&line.of);
        let _ = writeln!(text, "{INDENT}{}", styled(DIM, &format!("the call with id {of} {what}{labels}")));
        self.told.entry(session.to_owned()).or_default().since.push(format!("the result of id {of}"));
        text
    }

    /// A host event.
    pub(crate) fn event(&mut self, line: &Line<'_>) -> String {
        let heading = self.heading(&line.session, "");
        format!("{heading}{INDENT}{} {}({})\n", styled(DIM, "event"), printable(&line.event), arguments(line.args))
    }
}

impl Told {
    /// The session has these labels now; those that are new came with what happened last.
    fn meet(&mut self, labels: &[&str]) {
        let from = match self.since.as_slice() {
            [] => "before".to_owned(),
            [one] => one.clone(),
            several => several.join(" or "),
        };
        self.since.clear();
        for label in labels {
            if !self.labels.iter().any(|(known, _)| known == label) {
                self.labels.push(((*label).to_owned(), from.clone()));
            }
        }
    }

    fn words(&self) -> String {
        let together = self.labels.chunk_by(|(_, a), (_, b)| a == b);
        let words = together.filter_map(|chunk| {
            let (_, from) = chunk.first()?;
            let names: Vec<&str> = chunk.iter().map(|(label, _)| label.as_str()).collect();
            Some(format!("{} (from {from})", names.join(", ")))
        });
        words.collect::<Vec<_>>().join("; ")
    }
}

/// The persona, and on whose behalf.
fn whose(decided: &Decided<'_, '_>) -> String {
    let keys = &decided.call.keys;
    let mut text = format!(" · {}", printable(&decided.call.persona));
    for (name, key) in [("for", &keys.principal), ("agent", &keys.agent), ("tenant", &keys.tenant)] {
        if let Some(key) = key {
            let _ = write!(text, " · {name} {}", printable(key));
        }
    }
    styled(DIM, &text)
}

/// Why the decision fell so: nothing to say of a call that was simply allowed.
fn reasons(decided: &Decided<'_, '_>, told: &Told) -> Vec<String> {
    let mut lines = Vec::new();
    if decided.verdict != Verdict::Allow {
        lines.push(by(decided));
        if !decided.labels.is_empty() {
            lines.push(styled(DIM, &format!("the session has seen {}", told.words())));
        }
        if decided.verdict == Verdict::Ask {
            lines.push(asked(decided));
        }
        if decided.rules.len() > 1 {
            let others: Vec<&str> = decided.rules.iter().skip(1).copied().collect();
            lines.push(styled(DIM, &format!("also by {}", others.join(", "))));
        }
    }
    if !decided.observed.is_empty() {
        lines.push(styled(DIM, &format!("in shadow: {}", decided.observed.join(", "))));
    }
    lines
}

fn by(decided: &Decided<'_, '_>) -> String {
    let rule = match decided.rule {
        Some(rule) => format!("by {}", styled(CYAN, rule)),
        None => format!("{}: {}", styled(CYAN, decided.code), meaning(decided.code)),
    };
    match decided.message {
        Some(why) => format!("{rule}: {}", printable(why)),
        None => rule,
    }
}

fn asked(decided: &Decided<'_, '_>) -> String {
    let whom = if decided.who.is_empty() { "a human".to_owned() } else { printable(&decided.who.join(" and ")) };
    let answer = match decided.call.approved {
        Some(true) => "approved, so it went on",
        Some(false) => "refused, so it did not happen",
        None => "nobody answered, so it did not happen",
    };
    format!("asks {whom}: {answer}")
}

/// What a code says where no rule decided.
pub(crate) fn meaning(code: &str) -> &'static str {
    match code {
        "unknown_persona" => "the persona is unknown, or the session is another persona's",
        "session_ended" => "a rule has ended the session",
        "clock" => "the time lies too far before the latest event",
        "unknown_tool" => "the policy knows no such tool",
        "malformed_arguments" => "the arguments do not fit the tool",
        "missing_context" => "a condition needs context that was not supplied",
        "missing_key" => "a rule needs a key that the call does not have",
        "condition_failed" => "a condition cannot be judged on these values",
        "no_rule" => "no rule decides this call",
        _ => "denied",
    }
}

fn mark(decided: &Decided<'_, '_>) -> &'static str {
    match (decided.verdict, decided.admitted) {
        (Verdict::Allow, _) => "✓",
        (Verdict::Ask, true) => "✓",
        (Verdict::Ask, false) => "?",
        (Verdict::Deny, _) => "✗",
    }
}

fn style(decided: &Decided<'_, '_>) -> anstyle::Style {
    match decided.verdict {
        Verdict::Allow => GREEN,
        Verdict::Ask => YELLOW,
        Verdict::Deny => RED,
    }
}
