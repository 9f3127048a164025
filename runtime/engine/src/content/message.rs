//! Raw arguments and results: scanned, and rewritten where something is to be taken out.
//!
//! In: the bytes of a message. Out: a [`Scanned`]. Invariants: outside of what was found every byte stays as it is; what cannot be read is
//! withheld.
//! Source: `lang-spec/content.md`.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use core::str::from_utf8;

use super::parts::{Parts, Role};
use super::reading::{Memory, Purpose, Reading, Unreadable};
use super::tokens::{RawToken, Tokens};
use super::{Side, base64, literal};
use crate::arguments::{Stop, Token, TokenSink};
use crate::frame::{PersonaId, ScanId, ToolId};
use crate::{LabelSet, Policy, json};

/// What the scans of a message say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scanned<'p> {
    /// The labels that the message carries by its scans, whatever becomes of it.
    pub labels: LabelSet,
    /// The scans that refuse the call or withhold the result, in deciding order.
    pub denied_by: Vec<ScanId>,
    /// Which detectors of which scans found something. Those of scans that only judge are not complete: they stop at their first find.
    pub found: Vec<Find<'p>>,
    /// The message without what `redact` scans found, if they found something and the message is not refused or withheld.
    pub redacted: Option<Vec<u8>>,
    /// Whether arguments must not go on, or a result must not be given on: `denied_by` is not empty.
    pub withheld: bool,
    /// Whether that is because the message cannot be read.
    pub unreadable: bool,
}

/// A detector that found something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Find<'p> {
    /// For which scan.
    pub scan: ScanId,
    /// The detector, as the scan names it.
    pub detector: &'p str,
}

/// Bytes of a message to be replaced.
struct Edit {
    at: Range<usize>,
    with: String,
}

impl Policy {
    /// Scans the raw arguments of a call, before it is decided: where `redacted` holds something, that is what is decided and passed on, with
    /// `labels` given to the decision. Where they are `withheld`, decide them as they are; the decision denies them for the same reason.
    ///
    /// # Limits
    /// Nothing where the tool has no scans of arguments; else linear in the bytes.
    pub fn scan_arguments(&self, persona: PersonaId, tool: ToolId, raw: &[u8], memory: &mut Memory) -> Scanned<'_> {
        self.scan_message(Side::Arguments, (persona, tool), raw, memory)
    }

    /// Scans the raw result of a call, as MCP writes it, before it is recorded and given on. A result that is `withheld` is recorded as failed,
    /// with content; its labels are recorded with it all the same.
    ///
    /// # Limits
    /// Nothing where the tool has no scans of results; else linear in the bytes.
    pub fn scan_result(&self, persona: PersonaId, tool: ToolId, raw: &[u8], memory: &mut Memory) -> Scanned<'_> {
        self.scan_message(Side::Results, (persona, tool), raw, memory)
    }

    fn scan_message(&self, side: Side, who: (PersonaId, ToolId), raw: &[u8], memory: &mut Memory) -> Scanned<'_> {
        let Some(mut reading) = Reading::begin((&self.frame, &self.content), side, who, Purpose::Redact, memory) else {
            return Scanned::default();
        };
        match read(&mut reading, side, raw) {
            Ok(edits) => judged(self, &reading, raw, &edits),
            Err(Unreadable) => Scanned {
                labels: reading.all_labels(),
                denied_by: reading.first().into_iter().collect(),
                withheld: true,
                unreadable: true,
                ..Scanned::default()
            },
        }
    }
}

fn judged<'p>(policy: &'p Policy, reading: &Reading<'_>, raw: &[u8], edits: &[Edit]) -> Scanned<'p> {
    let denied_by: Vec<ScanId> = reading.hits(|scan| scan.deny).collect();
    let withheld = !denied_by.is_empty();
    let name = |detector: u16| policy.frame.detectors.get(usize::from(detector)).map_or("", |detector| detector.name.as_str());
    Scanned {
        labels: reading.labels(),
        found: reading.found().map(|(scan, detector)| Find { scan, detector: name(detector) }).collect(),
        redacted: if withheld || edits.is_empty() { None } else { Some(rewritten(raw, edits)) },
        denied_by,
        withheld,
        unreadable: false,
    }
}

/// Searches all texts of a message; the edits that take out what is to be taken out, ascending.
fn read(reading: &mut Reading<'_>, side: Side, raw: &[u8]) -> Result<Vec<Edit>, Unreadable> {
    let mut scratch = String::new();
    json::read(raw, &mut scratch, &mut Anything).map_err(|_| Unreadable)?;
    let text = from_utf8(raw).map_err(|_| Unreadable)?;
    let mut parts = Parts::new(side);
    let mut edits = Vec::new();
    for token in Tokens::new(raw) {
        match token {
            RawToken::Open(bracket) => parts.open(bracket)?,
            RawToken::Close => parts.close()?,
            RawToken::Word => parts.value()?,
            RawToken::Key(at) => {
                let inside = inside(text, &at)?;
                let name = literal::decode(inside, &mut scratch);
                parts.key(name);
                string(reading, (inside, name), at, &mut edits)?;
            }
            RawToken::String(at) => {
                let inside = inside(text, &at)?;
                let value = literal::decode(inside, &mut scratch);
                match parts.string(value)? {
                    Role::Text => string(reading, (inside, value), at, &mut edits)?,
                    Role::Blob => blob(reading, value, at, &mut edits)?,
                }
            }
            RawToken::Number(at) => {
                parts.value()?;
                number(reading, text.get(at.clone()).ok_or(Unreadable)?, at, &mut edits)?;
            }
        }
    }
    Ok(edits)
}

/// The inside of a string's quotes.
fn inside<'a>(text: &'a str, at: &Range<usize>) -> Result<&'a str, Unreadable> {
    text.get(at.start + 1..at.end.saturating_sub(1)).ok_or(Unreadable)
}

fn string(reading: &mut Reading<'_>, (inside, value): (&str, &str), at: Range<usize>, edits: &mut Vec<Edit>) -> Result<(), Unreadable> {
    reading.text(value)?;
    if !reading.spans().is_empty() {
        edits.push(Edit { at: at.start + 1..at.end - 1, with: literal::rewrite(inside, reading) });
    }
    Ok(())
}

fn number(reading: &mut Reading<'_>, value: &str, at: Range<usize>, edits: &mut Vec<Edit>) -> Result<(), Unreadable> {
    reading.text(value)?;
    if !reading.spans().is_empty() {
        let mut with = String::from("\"");
        with.push_str(&literal::rewrite(value, reading));
        with.push('"');
        edits.push(Edit { at, with });
    }
    Ok(())
}

fn blob(reading: &mut Reading<'_>, value: &str, at: Range<usize>, edits: &mut Vec<Edit>) -> Result<(), Unreadable> {
    let bytes = base64::decode(value).filter(|bytes| !bytes.contains(&0)).ok_or(Unreadable)?;
    let text = from_utf8(&bytes).map_err(|_| Unreadable)?;
    reading.text(text)?;
    if !reading.spans().is_empty() {
        edits.push(Edit { at: at.start + 1..at.end - 1, with: base64::encode(reading.without(text).as_bytes()) });
    }
    Ok(())
}

fn rewritten(raw: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut from = 0;
    for edit in edits {
        out.extend_from_slice(raw.get(from..edit.at.start).unwrap_or(&[]));
        out.extend_from_slice(edit.with.as_bytes());
        from = edit.at.end;
    }
    out.extend_from_slice(raw.get(from..).unwrap_or(&[]));
    out
}

/// A sink that only wants to know whether the bytes are one well-formed value.
struct Anything;

impl TokenSink for Anything {
    fn token(&mut self, _: Token<'_>) -> Result<(), Stop> {
        Ok(())
    }
}
