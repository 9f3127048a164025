//! Building the source semantics of a formula or a protocol.
//!
//! In: a rule's body in core form. Out: a [`Source`]. Invariants: equal parts become one; a bit is shared only under the same spans, since a window
//! that closes ends it.
//! Source: `lang-spec/core-form.md`, [core.formula].

use leverframe_runtime::frame::RegisterKind;
use leverframe_runtime::limits;

use super::protocol::{PositionEvent, Positions};
use super::{Asked, Begin, Bit, BitKind, Condition, Judgement, Node, Position, Source, SourcePattern, Timer};
use crate::automata::oversize::Bound;
use crate::core::formula::PatternPart;
use crate::core::{Clause, Formula, LetterKind, Pattern, Protocol};
use crate::planted::{Fault, planted};

impl Source {
    /// Cuts a formula into bits.
    pub(in super::super) fn of(formula: &Formula) -> Result<Self, Bound> {
        let mut builder = Builder::default();
        builder.prerequisites(formula, Polarity::Positive);
        let root = builder.node(formula, Polarity::Positive, &[]);
        let mut lasts = Vec::new();
        last_patterns(formula, &mut lasts);
        let lacking = lasts.iter().filter(|pattern| binds(pattern)).map(|pattern| builder.pattern(pattern, Doubt::Matches, Asked::Lacks));
        let lacking = lacking.collect();
        let broken = builder.steps.clone();
        builder.finish(Judgement::Formula { root, lacking, broken })
    }

    /// The positions of a protocol.
    pub(in super::super) fn of_protocol(protocol: &Protocol) -> Result<Self, Bound> {
        let mut builder = Builder::default();
        builder.bits.push(Bit { kind: BitKind::Last, time: None, position: None, begins: Vec::new() });
        let mut events = Vec::new();
        let whole = builder.expression(protocol, &mut events);
        for (last, first) in whole.follow {
            after(&mut events, first, last);
        }
        for first in whole.first {
            after(&mut events, first, 0);
        }
        builder.finish(Judgement::Protocol(Positions { events }))
    }
}

/// Whether more letters of a part's patterns can only make the rule judge more often.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Polarity {
    Positive,
    Negative,
}

impl Polarity {
    fn turned(self) -> Self {
        match self {
            Self::Positive => Self::Negative,
            Self::Negative => Self::Positive,
        }
    }

    /// A guard that cannot be evaluated counts so that the rule can only judge more for it.
    fn doubt(self) -> Doubt {
        match self {
            Self::Positive => Doubt::Matches,
            Self::Negative => Doubt::DoesNot,
        }
    }
}

/// What a guard that cannot be evaluated counts as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    Matches,
    DoesNot,
}

/// A span: its length, and the formula that it stands around.
struct Span {
    ms: u64,
    body: Formula,
}

#[derive(Default)]
struct Builder {
    conditions: Vec<Condition>,
    nodes: Vec<Node>,
    bits: Vec<Bit>,
    /// The spans around each bit.
    around: Vec<Vec<usize>>,
    registers: Vec<RegisterKind>,
    spans: Vec<Span>,
    /// The conditions that a step's value is broken.
    steps: Vec<usize>,
    sliced: bool,
}

impl Builder {
    fn finish(self, verdict: Judgement) -> Result<Source, Bound> {
        Bound::check("LF0716", "registers", limits::REGISTERS_PER_RULE, self.registers.len())?;
        let Self { conditions, nodes, bits, registers, sliced, .. } = self;
        Ok(Source { conditions, nodes, bits, registers, verdict, sliced })
    }

    /// `spans`: those around the formula, the innermost last.
    fn node(&mut self, formula: &Formula, polarity: Polarity, spans: &[usize]) -> usize {
        let node = match formula {
            Formula::Start => Node::Start,
            Formula::Match(pattern) => Node::Match(self.step(pattern, polarity)),
            Formula::And(parts) => Node::And(self.nodes_of(parts, polarity, spans)),
            Formula::Or(parts) => Node::Or(self.nodes_of(parts, polarity, spans)),
            Formula::Not(part) => Node::Not(self.node(part, polarity.turned(), spans)),
            Formula::Span(ms, body) => {
                let span = self.span(*ms, body);
                return self.node(body, polarity, &[spans, &[span]].concat());
            }
            Formula::From(body) => match spans.split_last() {
                Some((span, outer)) => Node::From { body: self.node(body, polarity, outer), span: *span },
                None => return self.node(body, polarity, spans),
            },
            Formula::Prev(body, clause) => self.prev(body, clause, polarity, spans),
            Formula::Met { pattern, within_ms, reset } => self.met(pattern, *within_ms, reset.as_ref(), polarity),
        };
        intern(&mut self.nodes, node)
    }

    /// Prerequisites come before resets, so that the values of a letter do: the order in which they take places.
    fn prerequisites(&mut self, formula: &Formula, polarity: Polarity) {
        match formula {
            Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| self.prerequisites(part, polarity)),
            Formula::Not(part) => self.prerequisites(part, polarity.turned()),
            Formula::Met { pattern, .. } => {
                self.pattern(pattern, polarity.doubt(), Asked::Binds);
            }
            Formula::Start | Formula::Match(_) | Formula::Prev(..) | Formula::Span(..) | Formula::From(_) => {}
        }
    }

    fn nodes_of(&mut self, parts: &[Formula], polarity: Polarity, spans: &[usize]) -> Vec<usize> {
        parts.iter().map(|part| self.node(part, polarity, spans)).collect()
    }

    fn span(&mut self, ms: u64, body: &Formula) -> usize {
        let known = self.spans.iter().position(|span| span.ms == ms && span.body == *body);
        known.unwrap_or_else(|| {
            self.spans.push(Span { ms, body: body.clone() });
            self.spans.len() - 1
        })
    }

    /// A step; a broken value may be any value.
    fn step(&mut self, pattern: &Pattern, polarity: Polarity) -> usize {
        if polarity == Polarity::Positive && may_break(pattern) {
            let broken = self.pattern(pattern, Doubt::Matches, Asked::Broken);
            if !self.steps.contains(&broken) {
                self.steps.push(broken);
            }
        }
        self.pattern(pattern, polarity.doubt(), Asked::Binds)
    }

    fn prev(&mut self, body: &Formula, clause: &Clause, polarity: Polarity, spans: &[usize]) -> Node {
        let body = self.node(body, polarity, spans);
        let kept = clause.unless.len().saturating_sub(usize::from(planted(Fault::Lowering)));
        let unless =
            clause.unless.iter().take(kept).map(|pattern| self.pattern(pattern, polarity.turned().doubt(), Asked::Binds)).collect();
        let reads_results = clause.unless.iter().any(has_results);
        let kind = BitKind::Prev { body, unless, next: clause.next };
        self.remembered(kind, clause.within_ms, Kept::when(reads_results), spans)
    }

    fn met(&mut self, pattern: &Pattern, within_ms: Option<u64>, reset: Option<&Pattern>, polarity: Polarity) -> Node {
        let reads_results = reset.is_some() && has_results(pattern);
        let (own, own_reset) = (binds(pattern), reset.is_some_and(binds));
        let pattern = self.pattern(pattern, polarity.doubt(), Asked::Binds);
        let turned = polarity.turned().doubt();
        let mut resets: Vec<usize> = reset.iter().map(|reset| self.pattern(reset, turned, Asked::Binds)).collect();
        // A reset of a value that cannot be read resets every value.
        resets.extend(reset.filter(|reset| may_break(reset)).map(|reset| self.pattern(reset, turned, Asked::Broken)));
        self.remembered(BitKind::Met { pattern, own, resets, own_reset }, within_ms, Kept::when(reads_results), &[])
    }

    fn pattern(&mut self, pattern: &Pattern, doubt: Doubt, values: Asked) -> usize {
        self.sliced |= binds(pattern);
        let pattern = SourcePattern { pattern: pattern.clone(), failed: doubt == Doubt::Matches, values };
        intern(&mut self.conditions, Condition::Matches(pattern))
    }

    fn remembered(&mut self, kind: BitKind, within_ms: Option<u64>, position: Kept, spans: &[usize]) -> Node {
        let bit = self.bit(kind, within_ms, position, spans);
        let timers = self.bits.get(bit).map(|bit| bit.time.into_iter().chain(bit.begins.iter().map(|begin| begin.timer)));
        let windows = timers.into_iter().flatten().map(|timer| timer.open).collect();
        Node::Remembered { bit, windows }
    }

    fn bit(&mut self, kind: BitKind, within_ms: Option<u64>, position: Kept, spans: &[usize]) -> usize {
        let known = self
            .bits
            .iter()
            .zip(&self.around)
            .position(|(bit, around)| bit.kind == kind && bit.time.map(|time| time.ms) == within_ms && around == spans);
        if let Some(known) = known {
            return known;
        }
        let time = within_ms.map(|ms| self.timer(ms));
        let position = (position == Kept::Yes).then(|| {
            let register = self.register(RegisterKind::Position);
            Position { register, after: intern(&mut self.conditions, Condition::After { register }) }
        });
        let lengths: Vec<(usize, u64)> = spans.iter().filter_map(|span| self.spans.get(*span).map(|known| (*span, known.ms))).collect();
        let begins = lengths.into_iter().map(|(span, ms)| Begin { span, timer: self.timer(ms) }).collect();
        self.bits.push(Bit { kind, time, position, begins });
        self.around.push(spans.to_vec());
        self.bits.len() - 1
    }

    fn timer(&mut self, ms: u64) -> Timer {
        let register = self.register(RegisterKind::Time);
        Timer { register, ms, open: intern(&mut self.conditions, Condition::Open { register, ms }) }
    }

    /// A number past the bound is never used: [`Builder::finish`] refuses the rule.
    fn register(&mut self, kind: RegisterKind) -> u8 {
        self.registers.push(kind);
        u8::try_from(self.registers.len() - 1).unwrap_or(u8::MAX)
    }
}

/// Whether a bit keeps the position of its anchor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Yes,
    No,
}

impl Kept {
    fn when(wanted: bool) -> Self {
        if wanted { Self::Yes } else { Self::No }
    }
}

/// A part of a protocol: the positions that can be first and last, what follows what, and whether it can be empty.
#[derive(Default)]
struct Part {
    first: Vec<usize>,
    last: Vec<usize>,
    follow: Vec<(usize, usize)>,
    empty: bool,
}

impl Builder {
    fn expression(&mut self, protocol: &Protocol, events: &mut Vec<PositionEvent>) -> Part {
        match protocol {
            Protocol::Event(pattern) => self.position(pattern, events),
            Protocol::Then(parts) => {
                let start = Part { empty: true, ..Part::default() };
                parts.iter().fold(start, |so_far, part| sequence(so_far, self.expression(part, events)))
            }
            Protocol::Or(parts) => parts.iter().fold(Part::default(), |so_far, part| choice(so_far, self.expression(part, events))),
            Protocol::Many(part) => Part { empty: true, ..repeated(self.expression(part, events)) },
            Protocol::Some(part) => repeated(self.expression(part, events)),
            Protocol::Maybe(part) => Part { empty: true, ..self.expression(part, events) },
        }
    }

    fn position(&mut self, pattern: &Pattern, events: &mut Vec<PositionEvent>) -> Part {
        let matches = self.pattern(pattern, Doubt::DoesNot, Asked::Binds);
        let doubtful = self.pattern(pattern, Doubt::Matches, Asked::Binds);
        let lacks = binds(pattern).then(|| self.pattern(pattern, Doubt::Matches, Asked::Lacks));
        let broken = may_break(pattern).then(|| self.pattern(pattern, Doubt::Matches, Asked::Broken));
        events.push(PositionEvent { matches, doubtful, lacks, broken, after: Vec::new() });
        self.bits.push(Bit { kind: BitKind::Last, time: None, position: None, begins: Vec::new() });
        let here = events.len();
        Part { first: vec![here], last: vec![here], follow: Vec::new(), empty: false }
    }
}

fn sequence(a: Part, b: Part) -> Part {
    let joined = a.last.iter().flat_map(|last| b.first.iter().map(|first| (*last, *first)));
    let follow = [a.follow.clone(), b.follow, joined.collect()].concat();
    let first = if a.empty { [a.first, b.first].concat() } else { a.first };
    let last = if b.empty { [a.last, b.last].concat() } else { b.last };
    Part { first, last, follow, empty: a.empty && b.empty }
}

fn choice(a: Part, b: Part) -> Part {
    let (first, last) = ([a.first, b.first].concat(), [a.last, b.last].concat());
    Part { first, last, follow: [a.follow, b.follow].concat(), empty: a.empty || b.empty }
}

fn repeated(part: Part) -> Part {
    let again: Vec<(usize, usize)> = part.last.iter().flat_map(|last| part.first.iter().map(|first| (*last, *first))).collect();
    Part { follow: [part.follow, again].concat(), ..part }
}

/// Notes that `event` may come just after `before`. Positions of events count from 1.
fn after(events: &mut [PositionEvent], event: usize, before: usize) {
    if let Some(event) = event.checked_sub(1).and_then(|index| events.get_mut(index))
        && !event.after.contains(&before)
    {
        event.after.push(before);
    }
}

/// The patterns at which a formula's rule judges: those outside of what is remembered.
pub(in super::super) fn last_patterns<'f>(formula: &'f Formula, found: &mut Vec<&'f Pattern>) {
    match formula {
        Formula::Match(pattern) => {
            if !found.contains(&pattern) {
                found.push(pattern);
            }
        }
        Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| last_patterns(part, found)),
        Formula::Span(_, part) => last_patterns(part, found),
        Formula::Start | Formula::Not(_) | Formula::Prev(..) | Formula::Met { .. } | Formula::From(_) => {}
    }
}

fn intern<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}

fn has_results(pattern: &Pattern) -> bool {
    pattern.parts.iter().any(|part| matches!(part.kind, LetterKind::Ok | LetterKind::Failed | LetterKind::Result))
}

pub(in super::super) fn binds(pattern: &Pattern) -> bool {
    pattern.parts.iter().any(|part| !part.bindings.is_empty())
}

/// Whether a value of it can be broken: one of a result, or one of an attempt whose arguments are malformed.
fn may_break(pattern: &Pattern) -> bool {
    let may = |part: &PatternPart| part.bindings.iter().any(|binding| binding.value.result || part.kind == LetterKind::Denied);
    pattern.parts.iter().any(may)
}
