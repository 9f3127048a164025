//! What rules take from a letter: the values that it binds and the amounts that it brings.
//!
//! In: a letter's arguments and its result's content. Out: for each value source of its tool or host event the identities that stand there, each once,
//! in order, and whether one is lacking; for each site of a rule its candidates.
//! Invariants: linear but for sorting in the values that are there; nothing is hashed that no rule asks for.
//! Source: `lang-spec/variables.md`, `lang-spec/limits.md`.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::frame::{Frame, Site, Tool, ValueOrigin, ValueSource, ValueStep};
use crate::gauge::Measured;
use crate::identity::{Identities, Identity, Spelling};
use crate::limits::BINDINGS_PER_SITE;
use crate::values::{NodeId, Value, Values};

/// Up to this many values are compared one by one; beyond it they are sorted.
const FEW: usize = 8;

/// What the rules on one kind of letter need of a source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    pub(crate) source: u16,
    pub(crate) identity: bool,
    pub(crate) amount: bool,
}

/// A set of a site's bindings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bindings(u64);

const _: () = assert!(BINDINGS_PER_SITE <= u64::BITS as usize);

impl Bindings {
    pub(crate) const NONE: Self = Self(0);

    fn add(&mut self, binding: usize) {
        self.0 |= 1 << (binding & 63);
    }

    pub(crate) fn has(self, binding: u8) -> bool {
        self.0 & (1 << (binding & 63)) != 0
    }
}

/// A value that a letter binds, and by which of the site's bindings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) value: Identity,
    pub(crate) binds: Bindings,
}

/// What a letter's values are for one site.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bound {
    start: usize,
    end: usize,
    pub(crate) lacks: Bindings,
    pub(crate) broken: Bindings,
}

impl Bound {
    pub(crate) const NONE: Self = Self { start: 0, end: 0, lacks: Bindings::NONE, broken: Bindings::NONE };
}

#[derive(Clone, Copy, Debug)]
struct Source {
    start: usize,
    end: usize,
    lacks: bool,
    broken: bool,
    amount: i64,
}

/// A source of which nothing was found.
const LACKING: Source = Source { start: 0, end: 0, lacks: true, broken: false, amount: i64::MAX };

/// Where a letter's values stand; what is none cannot be read.
#[derive(Clone, Copy)]
pub(crate) struct Places<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) tool: Option<&'a Tool>,
    pub(crate) args: Option<(&'a Values, NodeId)>,
    pub(crate) result: Option<(&'a Values, NodeId)>,
}

/// The values of a letter.
#[derive(Debug, Default)]
pub(crate) struct Found {
    sources: Vec<Source>,
    identities: Vec<Identity>,
    candidates: Vec<Candidate>,
    bounds: Vec<Bound>,
    spelling: Spelling,
}

/// What a site that binds nothing is bound to.
static NOTHING: Bound = Bound::NONE;

impl Found {
    pub(crate) fn clear(&mut self) {
        self.sources.clear();
        self.identities.clear();
        self.unbind();
    }

    /// Forgets what sites bind, but not what they take it from.
    pub(crate) fn unbind(&mut self) {
        self.candidates.clear();
        self.bounds.clear();
    }

    /// Reads the wanted sources.
    pub(crate) fn collect(&mut self, identities: &Identities, sources: &[ValueSource], wanted: &[Want], places: Places<'_>) {
        self.clear();
        self.sources.resize(sources.len(), LACKING);
        for want in wanted {
            let index = usize::from(want.source);
            let Some(source) = sources.get(index) else { continue };
            let found = self.source(identities, source, *want, places);
            if let Some(place) = self.sources.get_mut(index) {
                *place = found;
            }
        }
    }

    fn source(&mut self, identities: &Identities, source: &ValueSource, want: Want, places: Places<'_>) -> Source {
        let start = self.identities.len();
        let whole = source.origin == ValueOrigin::Whole;
        let place = if source.origin == ValueOrigin::Result { places.result } else { places.args };
        let Some((values, root)) = place else {
            // Arguments that are there and do not fit might hold any value.
            return Source { start, end: start, broken: source.origin != ValueOrigin::Result, ..LACKING };
        };
        if let (true, Some(tool)) = (whole, places.tool) {
            self.identities.push(identities.call(places.frame, tool, values, root, &mut self.spelling));
            return Source { start, end: start + 1, lacks: false, broken: false, amount: i64::MAX };
        }
        let mut walk = Walk { identities, values, source, want, found: self, lacks: false, broken: false, amount: 0 };
        walk.step(root, &source.path);
        let Walk { lacks, broken, amount, .. } = walk;
        self.once(start);
        Source { start, end: self.identities.len(), lacks, broken, amount }
    }

    /// Keeps each identity from `start` on where it first stands.
    fn once(&mut self, start: usize) {
        let mut kept = start;
        let mut seen = BTreeSet::new();
        let many = self.identities.len() - start > FEW;
        for at in start..self.identities.len() {
            let Some(value) = self.identities.get(at).copied() else { continue };
            let known =
                if many { !seen.insert(value) } else { self.identities.get(start..kept).is_some_and(|known| known.contains(&value)) };
            if !known && let Some(place) = self.identities.get_mut(kept) {
                *place = value;
                kept += 1;
            }
        }
        self.identities.truncate(kept);
    }

    fn get(&self, source: u16) -> Source {
        self.sources.get(usize::from(source)).copied().unwrap_or(LACKING)
    }

    fn of(&self, source: Source) -> &[Identity] {
        self.identities.get(source.start..source.end).unwrap_or(&[])
    }

    /// What a gauge's site measures.
    pub(crate) fn measured(&self, measure: Option<u16>) -> Measured<'_> {
        match measure.map(|source| self.get(source)) {
            Some(source) => Measured { identities: self.of(source), lacks: source.lacks, amount: source.amount },
            // Nothing to measure, or an attempt on a tool that nobody knows: it might have been anything.
            None => Measured { identities: &[], lacks: true, amount: i64::MAX },
        }
    }

    pub(crate) fn candidates(&self, bound: &Bound) -> &[Candidate] {
        self.candidates.get(bound.start..bound.end).unwrap_or(&[])
    }

    /// What [`Found::bind`] found.
    pub(crate) fn bound(&self, index: Option<usize>) -> &Bound {
        index.and_then(|index| self.bounds.get(index)).unwrap_or(&NOTHING)
    }

    /// Finds the values of a site's bindings, in the order of the bindings and their elements, each once.
    pub(crate) fn bind(&mut self, identities: &Identities, site: &Site) -> usize {
        let start = self.candidates.len();
        let mut bound = Bound { start, end: start, ..Bound::NONE };
        let mut index = BTreeMap::new();
        for (number, binding) in site.bindings.iter().enumerate() {
            let sources = || binding.iter().map(|source| self.get(*source));
            if sources().any(|source| source.lacks) {
                bound.lacks.add(number);
            }
            if sources().any(|source| source.broken) {
                bound.broken.add(number);
            }
            let lengths = || sources().map(|source| source.end - source.start);
            let rows = if lengths().any(|length| length == 0) { 0 } else { lengths().max().unwrap_or(0) };
            for row in 0..rows {
                let value = self.tuple(identities, binding, row);
                self.add(start, &mut index, value, number);
            }
        }
        bound.end = self.candidates.len();
        self.bounds.push(bound);
        self.bounds.len() - 1
    }

    /// The tuple of a binding's one values and the value of its list that is the `row`th.
    fn tuple(&self, identities: &Identities, binding: &[u16], row: usize) -> Identity {
        let part = |source: &u16| {
            let values = self.of(self.get(*source));
            values.get(row).or(values.first()).copied().unwrap_or_default()
        };
        match binding {
            [source] => part(source),
            sources => identities.tuple(sources.iter().map(part)),
        }
    }

    fn add(&mut self, start: usize, index: &mut BTreeMap<Identity, usize>, value: Identity, binding: usize) {
        let own = self.candidates.get(start..).unwrap_or(&[]);
        let count = own.len();
        let known = if count <= FEW {
            own.iter().position(|candidate| candidate.value == value)
        } else {
            if index.is_empty() {
                index.extend(own.iter().enumerate().map(|(at, candidate)| (candidate.value, at)));
            }
            index.get(&value).copied()
        };
        match known.and_then(|at| self.candidates.get_mut(start + at)) {
            Some(candidate) => candidate.binds.add(binding),
            None => {
                if !index.is_empty() {
                    index.insert(value, count);
                }
                let mut binds = Bindings::NONE;
                binds.add(binding);
                self.candidates.push(Candidate { value, binds });
            }
        }
    }
}

/// The candidates of a site by value.
pub(crate) struct Lookup<'a> {
    candidates: &'a [Candidate],
    index: BTreeMap<Identity, usize>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(candidates: &'a [Candidate]) -> Self {
        let many = candidates.len() > FEW;
        let index =
            if many { candidates.iter().enumerate().map(|(at, candidate)| (candidate.value, at)).collect() } else { BTreeMap::new() };
        Self { candidates, index }
    }

    pub(crate) fn find(&self, value: Identity) -> Option<usize> {
        if self.candidates.len() > FEW {
            self.index.get(&value).copied()
        } else {
            self.candidates.iter().position(|candidate| candidate.value == value)
        }
    }
}

/// A source's way through the values; as deep as types nest.
struct Walk<'a, 'f> {
    identities: &'a Identities,
    values: &'a Values,
    source: &'a ValueSource,
    want: Want,
    found: &'f mut Found,
    lacks: bool,
    broken: bool,
    amount: i64,
}

impl Walk<'_, '_> {
    fn step(&mut self, node: NodeId, path: &[ValueStep]) {
        let Some((step, rest)) = path.split_first() else { return self.leaf(node) };
        match (step, self.values.get(node)) {
            (ValueStep::Field(field), Value::Record(first)) => self.step(self.values.member(first, *field), rest),
            (ValueStep::Each, Value::List(None, _)) => self.lacks = true,
            (ValueStep::Each, Value::List(first, _)) => {
                let mut next = first;
                while let Some(element) = next {
                    self.step(element, rest);
                    next = self.values.next(element);
                }
            }
            (_, value) => self.nothing(value),
        }
    }

    fn leaf(&mut self, node: NodeId) {
        let value = self.values.get(node);
        if self.want.amount {
            match value {
                Value::Int(amount) => self.amount = self.amount.saturating_add(amount.max(0)),
                value => return self.nothing(value),
            }
        }
        if self.want.identity {
            match self.identities.value(self.values, node, self.source.kind, &mut self.found.spelling) {
                Some(identity) => self.found.identities.push(identity),
                None => self.nothing(value),
            }
        }
    }

    fn nothing(&mut self, value: Value) {
        self.lacks = true;
        self.broken |= value == Value::Broken;
        self.amount = i64::MAX;
    }
}
