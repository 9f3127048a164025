//! The scans of one message, at work: text after text.
//!
//! In: the texts of a message. Out: which scans hit, and the finds to take out of the text at hand.
//! Invariants: a text that was not searched to its end makes the message one that cannot be read; finds to take out are sorted and do not
//! overlap.
//! Source: `lang-spec/content.md`, [content.scan], [content.redact].

#[cfg(feature = "json")]
use alloc::string::String;
use alloc::vec::Vec;

use super::recogniser::{Buffers, Wanted};
use super::unseen::Seen;
use super::{Contents, Side};
use crate::LabelSet;
use crate::frame::{Frame, PersonaId, Scan, ScanId, Scope, ToolId};
use crate::limits;

/// Memory that readings of messages reuse; one for each thread.
#[derive(Debug, Default)]
pub struct Memory {
    buffers: Buffers,
    seen: Seen,
    active: Vec<Active>,
    found: Vec<(ScanId, u16)>,
    spans: Vec<Span>,
    pub(super) hits: Vec<ScanId>,
}

/// A scan that reads the message.
#[derive(Clone, Copy, Debug)]
struct Active {
    scan: ScanId,
    hit: bool,
}

/// A find to take out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: usize,
    /// The scan among those of the message, and the detector in it.
    rank: (usize, usize),
    pub(super) end: usize,
    pub(super) detector: u16,
}

/// A message that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// What is to become of finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To know of them.
    Judge,
    /// To take out those of `redact` scans.
    Redact,
}

/// A message on its way through its scans.
pub(super) struct Reading<'a> {
    frame: &'a Frame,
    contents: &'a Contents,
    memory: &'a mut Memory,
    purpose: Purpose,
    bytes: usize,
}

impl<'a> Reading<'a> {
    /// Begins a message; none where no scan reads it.
    pub(super) fn begin(
        (frame, contents): (&'a Frame, &'a Contents),
        side: Side,
        (persona, tool): (PersonaId, ToolId),
        purpose: Purpose,
        memory: &'a mut Memory,
    ) -> Option<Self> {
        memory.hits.clear();
        let scans = contents.scans(side, tool);
        if scans.is_empty() {
            return None;
        }
        memory.active.clear();
        memory.found.clear();
        let concerned = scans.iter().filter(|id| frame.scans.get(id.index()).is_some_and(|scan| concerns(scan, persona)));
        memory.active.extend(concerned.map(|scan| Active { scan: *scan, hit: false }));
        if memory.active.is_empty() {
            return None;
        }
        Some(Self { frame, contents, memory, purpose, bytes: 0 })
    }

    /// Searches a text; the finds to take out are [`Reading::spans`] then.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Unreadable> {
        self.memory.spans.clear();
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > limits::CONTENT_BYTES {
            return Err(Unreadable);
        }
        let Memory { buffers, seen, active, found, spans, .. } = &mut *self.memory;
        let has_unseen = seen.fill(text);
        for (order, active) in active.iter_mut().enumerate() {
            let Some(scan) = self.frame.scans.get(active.scan.index()) else { continue };
            let takes_out = self.purpose == Purpose::Redact && scan.redact;
            if active.hit && !takes_out {
                continue;
            }
            let wanted = if takes_out { Wanted::All } else { Wanted::Any };
            for (place, detector) in scan.detectors.iter().enumerate() {
                let span = Span { start: 0, end: 0, rank: (order, place), detector: *detector };
                let mut hit = search(self.contents, span, text, wanted, buffers, &mut |span| spans.push(span))?;
                if has_unseen {
                    hit |= search(self.contents, span, seen.text(), wanted, buffers, &mut |span| {
                        let (start, end) = seen.whole(span.start, span.end);
                        spans.push(Span { start, end, ..span });
                    })?;
                }
                if hit {
                    active.hit = true;
                    note(found, (active.scan, *detector));
                }
            }
            if !takes_out {
                spans.retain(|span| span.rank.0 != order);
            }
        }
        unite(spans);
        Ok(())
    }

    /// The finds to take out of the last text, ascending.
    #[cfg(feature = "json")]
    pub(super) fn spans(&self) -> &[Span] {
        &self.memory.spans
    }

    /// How a find's detector is called.
    #[cfg(feature = "json")]
    pub(super) fn name(&self, span: &Span) -> &'a str {
        self.frame.detectors.get(usize::from(span.detector)).map_or("", |detector| detector.name.as_str())
    }

    /// The last text, with the finds taken out.
    #[cfg(feature = "json")]
    pub(super) fn without(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for span in self.spans() {
            out.push_str(text.get(from..span.start).unwrap_or(""));
            out.push_str("[redacted:");
            out.push_str(self.name(span));
            out.push(']');
            from = span.end;
        }
        out.push_str(text.get(from..).unwrap_or(""));
        out
    }

    /// The labels of the scans that hit.
    pub(super) fn labels(&self) -> LabelSet {
        self.labels_of(|active| active.hit)
    }

    /// The labels of all scans on the message, for one that cannot be read.
    pub(super) fn all_labels(&self) -> LabelSet {
        self.labels_of(|_| true)
    }

    fn labels_of(&self, counts: impl Fn(&Active) -> bool) -> LabelSet {
        let scans =
            self.memory.active.iter().filter(|active| counts(active)).filter_map(|active| self.frame.scans.get(active.scan.index()));
        LabelSet(scans.fold(0, |labels, scan| labels | scan.labels))
    }

    /// The first scan on the message: it speaks for one that cannot be read.
    pub(super) fn first(&self) -> Option<ScanId> {
        self.memory.active.first().map(|active| active.scan)
    }

    /// The scans that hit and are of a kind, in deciding order.
    pub(super) fn hits(&self, kind: impl Fn(&Scan) -> bool) -> impl Iterator<Item = ScanId> {
        let hit = self.memory.active.iter().filter(|active| active.hit).map(|active| active.scan);
        hit.filter(move |id| self.frame.scans.get(id.index()).is_some_and(&kind))
    }

    /// Which detectors (by position) of which scans found something.
    #[cfg(feature = "json")]
    pub(super) fn found(&self) -> impl Iterator<Item = (ScanId, u16)> {
        self.memory.found.iter().copied()
    }

    /// Ends the reading of arguments that are judged: keeps the scans that refuse them.
    pub(super) fn judge(self, read: Result<(), Unreadable>) -> (LabelSet, &'a [ScanId]) {
        let mut hits = core::mem::take(&mut self.memory.hits);
        let labels = if read.is_ok() {
            hits.extend(self.hits(|scan| scan.deny));
            if hits.is_empty() {
                hits.extend(self.hits(|scan| scan.redact));
            }
            self.labels()
        } else {
            hits.extend(self.first());
            self.all_labels()
        };
        self.memory.hits = hits;
        (labels, &self.memory.hits)
    }
}

fn concerns(scan: &Scan, persona: PersonaId) -> bool {
    match &scan.scope {
        Scope::All => true,
        Scope::Personas(personas) => personas.binary_search(&persona).is_ok(),
    }
}

/// Searches a text for one detector.
fn search(
    contents: &Contents,
    span: Span,
    text: &str,
    wanted: Wanted,
    buffers: &mut Buffers,
    take: &mut dyn FnMut(Span),
) -> Result<bool, Unreadable> {
    let mut hit = false;
    for part in contents.detectors.get(usize::from(span.detector)).into_iter().flatten() {
        hit |= part.search(text, wanted, buffers, &mut |start, end| take(Span { start, end, ..span })).map_err(|_| Unreadable)?;
        if hit && wanted == Wanted::Any {
            return Ok(true);
        }
    }
    Ok(hit)
}

fn note(found: &mut Vec<(ScanId, u16)>, find: (ScanId, u16)) {
    if !found.contains(&find) {
        found.push(find);
    }
}

/// Sorts finds, and makes one of those that overlap: the first in it names it.
fn unite(spans: &mut Vec<Span>) {
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
        }
        overlaps
    });
}
