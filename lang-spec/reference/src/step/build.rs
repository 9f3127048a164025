//! From a formula, or a protocol, to bits and registers.
//!
//! In: a rule's body. Out: a [`Source`]. Invariants: equal parts are one, bits only under the same spans; asks, bits and registers are numbered as they end, from
//! left to right, the asks of prerequisites before all others: in that order the values of a letter take places.
//! Source: `lang-spec/certificate.md`, [cert.source].

use super::positions::{Position, Positions};
use super::{Ask, Bit, Holds, Judges, Node, Remembers, Source, Timed, Values};
use crate::formula::{Formula, denied};
use crate::policy::{Body, Expression, Gap, Kind, Part, Pattern};

pub(super) fn source(body: &Body) -> Option<Source<'_>> {
    let mut builder = Builder::default();
    let judges = match body {
        Body::Protocol(expression) => builder.protocol(expression),
        Body::Forbid(_) | Body::Require { .. } => builder.denied(body)?,
        Body::Limit { .. } => return None,
    };
    let Builder { asks, nodes, bits, registers, .. } = builder;
    Some(Source { asks, registers, nodes, bits: bits.into_iter().map(|(bit, _)| bit).collect(), judges })
}

/// Whether the pattern has variables.
#[must_use]
pub fn binds(pattern: &Pattern) -> bool {
    pattern.parts.iter().any(|part| !part.binds.is_empty())
}

/// Whether a value of it can be there and be unreadable: of a result, or of an attempt with malformed arguments.
fn may_break(pattern: &Pattern) -> bool {
    let may = |part: &Part| part.binds.iter().any(|bind| bind.path.of_result || part.kind == Kind::Denied);
    pattern.parts.iter().any(may)
}

fn reads_results(pattern: &Pattern) -> bool {
    pattern.parts.iter().any(|part| matches!(part.kind, Kind::Ok | Kind::Failed | Kind::Result))
}

#[derive(Default)]
struct Builder<'r> {
    asks: Vec<Ask<'r>>,
    nodes: Vec<Node>,
    /// Each with the spans around it.
    bits: Vec<(Bit, Vec<usize>)>,
    registers: Vec<Holds>,
    spans: Vec<(i64, Formula<'r>)>,
    broken_steps: Vec<usize>,
}

/// Where a formula stands: under which spans, the innermost last; and whether its holding makes the rule judge, so that doubt counts as holding.
#[derive(Clone, Copy)]
struct Place<'p> {
    spans: &'p [usize],
    doubt: bool,
}

impl<'r> Builder<'r> {
    fn denied(&mut self, body: &'r Body) -> Option<Judges> {
        if let Body::Require { prerequisites, .. } = body {
            prerequisites.iter().for_each(|pattern| {
                self.ask(pattern, false, Values::Bound);
            });
        }
        let formula = denied(body)?;
        let root = self.node(&formula, Place { spans: &[], doubt: true });
        let mut last = Vec::new();
        judging(&formula, &mut last);
        let lacking = last.into_iter().filter(|pattern| binds(pattern));
        let lacking = lacking.map(|pattern| self.ask(pattern, true, Values::Lacking)).collect();
        Some(Judges::Node { root, lacking, broken: std::mem::take(&mut self.broken_steps) })
    }

    fn ask(&mut self, pattern: &'r Pattern, doubt: bool, of: Values) -> usize {
        number(&mut self.asks, Ask::Pattern { pattern, doubt, of })
    }

    fn node(&mut self, formula: &Formula<'r>, place: Place<'_>) -> usize {
        let node = match formula {
            Formula::Start => Node::Start,
            Formula::Event(pattern) => self.event(pattern, place.doubt),
            Formula::And(parts) => Node::All(parts.iter().map(|part| self.node(part, place)).collect()),
            Formula::Or(parts) => Node::Any(parts.iter().map(|part| self.node(part, place)).collect()),
            Formula::Not(part) => Node::Not(self.node(part, Place { doubt: !place.doubt, ..place })),
            Formula::Span(ms, part) => {
                let span = number(&mut self.spans, (*ms, part.as_ref().clone()));
                return self.node(part, Place { spans: &[place.spans, &[span]].concat(), ..place });
            }
            Formula::From(part) => match place.spans.split_last() {
                Some((span, spans)) => Node::From { part: self.node(part, Place { spans, ..place }), span: *span },
                None => return self.node(part, place),
            },
            Formula::Prev(part, gap) => {
                let part = self.node(part, place);
                self.prev(part, gap, place)
            }
            Formula::Met { pattern, within, reset } => self.met(pattern, *within, *reset, place.doubt),
        };
        number(&mut self.nodes, node)
    }

    fn event(&mut self, pattern: &'r Pattern, doubt: bool) -> Node {
        if doubt && may_break(pattern) {
            let broken = self.ask(pattern, true, Values::Broken);
            number(&mut self.broken_steps, broken);
        }
        Node::Ask(self.ask(pattern, doubt, Values::Bound))
    }

    fn prev(&mut self, part: usize, gap: &'r Gap, place: Place<'_>) -> Node {
        let unless = gap.unless.iter().map(|pattern| self.ask(pattern, !place.doubt, Values::Bound)).collect();
        let compares = gap.unless.iter().any(reads_results);
        self.remembered(Remembers::Prev { part, unless, next: gap.next }, gap.within, compares, place.spans)
    }

    fn met(&mut self, pattern: &'r Pattern, within: Option<i64>, reset: Option<&'r Pattern>, doubt: bool) -> Node {
        let compares = reset.is_some() && reads_results(pattern);
        let (own, own_reset) = (binds(pattern), reset.is_some_and(binds));
        let pattern = self.ask(pattern, doubt, Values::Bound);
        let mut resets = Vec::new();
        if let Some(reset) = reset {
            resets.push(self.ask(reset, !doubt, Values::Bound));
            // A reset of a value that cannot be read resets each.
            if may_break(reset) {
                resets.push(self.ask(reset, !doubt, Values::Broken));
            }
        }
        self.remembered(Remembers::Met { pattern, own, resets, own_reset }, within, compares, &[])
    }

    fn remembered(&mut self, what: Remembers, within: Option<i64>, compares: bool, spans: &[usize]) -> Node {
        let same = |(bit, around): &(Bit, Vec<usize>)| bit.what == what && bit.window.map(|window| window.ms) == within && around == spans;
        let bit = match self.bits.iter().position(same) {
            Some(bit) => bit,
            None => self.bit(what, within, compares, spans),
        };
        let timed = self.bits.get(bit).map(|(bit, _)| bit.window.into_iter().chain(bit.begins.iter().map(|(_, begun)| *begun)));
        Node::Remembered { bit, windows: timed.into_iter().flatten().map(|timed| timed.open).collect() }
    }

    fn bit(&mut self, what: Remembers, within: Option<i64>, compares: bool, spans: &[usize]) -> usize {
        let window = within.map(|ms| self.timed(ms));
        let place = compares.then(|| {
            let register = self.register(Holds::Place);
            (register, number(&mut self.asks, Ask::After { register }))
        });
        let lengths: Vec<(usize, i64)> = spans.iter().filter_map(|span| self.spans.get(*span).map(|(ms, _)| (*span, *ms))).collect();
        let begins = lengths.into_iter().map(|(span, ms)| (span, self.timed(ms))).collect();
        self.bits.push((Bit { what, window, place, begins }, spans.to_vec()));
        self.bits.len() - 1
    }

    fn timed(&mut self, ms: i64) -> Timed {
        let register = self.register(Holds::Time);
        Timed { register, ms, open: number(&mut self.asks, Ask::Open { register, ms }) }
    }

    fn register(&mut self, holds: Holds) -> usize {
        self.registers.push(holds);
        self.registers.len() - 1
    }
}

/// What may be first and last in a part of a protocol, what may follow what, and whether it may be nothing.
#[derive(Clone, Default)]
struct Ends {
    first: Vec<usize>,
    last: Vec<usize>,
    follow: Vec<(usize, usize)>,
    nothing: bool,
}

impl<'r> Builder<'r> {
    fn protocol(&mut self, expression: &'r Expression) -> Judges {
        self.last();
        let mut events = Vec::new();
        let ends = self.expression(expression, &mut events);
        let from_beginning = ends.first.iter().map(|first| (0, *first));
        for (before, event) in ends.follow.into_iter().chain(from_beginning) {
            if let Some(event) = event.checked_sub(1).and_then(|index| events.get_mut(index)) {
                number(&mut event.follows, before);
            }
        }
        Judges::Positions(Positions { events })
    }

    fn last(&mut self) {
        self.bits.push((Bit { what: Remembers::Last, window: None, place: None, begins: Vec::new() }, Vec::new()));
    }

    fn expression(&mut self, expression: &'r Expression, events: &mut Vec<Position>) -> Ends {
        match expression {
            Expression::Event(pattern) => {
                let sure = self.ask(pattern, false, Values::Bound);
                let maybe = self.ask(pattern, true, Values::Bound);
                let lacking = binds(pattern).then(|| self.ask(pattern, true, Values::Lacking));
                let broken = may_break(pattern).then(|| self.ask(pattern, true, Values::Broken));
                self.last();
                events.push(Position { sure, maybe, lacking, broken, follows: Vec::new() });
                Ends { first: vec![events.len()], last: vec![events.len()], ..Ends::default() }
            }
            Expression::Then(parts) => {
                let nothing = Ends { nothing: true, ..Ends::default() };
                parts.iter().fold(nothing, |before, part| before.then(self.expression(part, events)))
            }
            Expression::Or(parts) => parts.iter().fold(Ends::default(), |other, part| other.or(self.expression(part, events))),
            Expression::Some(part) => self.expression(part, events).again(),
            Expression::Many(part) => Ends { nothing: true, ..self.expression(part, events).again() },
            Expression::Maybe(part) => Ends { nothing: true, ..self.expression(part, events) },
        }
    }
}

impl Ends {
    fn then(mut self, next: Self) -> Self {
        self.follow.extend(self.last.iter().flat_map(|last| next.first.iter().map(|first| (*last, *first))));
        self.follow.extend(next.follow);
        if self.nothing {
            self.first.extend(next.first);
        }
        let last = if next.nothing { [self.last, next.last].concat() } else { next.last };
        Self { last, nothing: self.nothing && next.nothing, ..self }
    }

    fn or(mut self, other: Self) -> Self {
        self.first.extend(other.first);
        self.last.extend(other.last);
        self.follow.extend(other.follow);
        Self { nothing: self.nothing || other.nothing, ..self }
    }

    fn again(mut self) -> Self {
        let round: Vec<(usize, usize)> = self.last.iter().flat_map(|last| self.first.iter().map(|first| (*last, *first))).collect();
        self.follow.extend(round);
        self
    }
}

/// The patterns at whose letters a rule judges: of a formula those that are not remembered, of a protocol all.
#[must_use]
pub fn judged_at(body: &Body) -> Vec<&Pattern> {
    let mut found = Vec::new();
    match body {
        Body::Protocol(expression) => found = expression.patterns(),
        Body::Limit { event, judged, .. } => found.push(judged.as_ref().unwrap_or(event)),
        Body::Forbid(_) | Body::Require { .. } => denied(body).iter().for_each(|formula| judging(formula, &mut found)),
    }
    found
}

fn judging<'r>(formula: &Formula<'r>, found: &mut Vec<&'r Pattern>) {
    match formula {
        Formula::Event(pattern) => {
            number(found, pattern);
        }
        Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| judging(part, found)),
        Formula::Span(_, part) => judging(part, found),
        Formula::Start | Formula::Not(_) | Formula::Prev(..) | Formula::Met { .. } | Formula::From(_) => {}
    }
}

/// The number of an item in a list that holds each once.
fn number<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}
