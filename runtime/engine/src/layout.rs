//! What a policy works out once at load: where each rule's state lies, and which rules each letter reaches.
//!
//! In: a validated frame. Out: [`Place`]s, shapes of states, [`Reach`]. Invariants: a rule's site gives exactly one touch; a letter without a site
//! reaches no rule.
//! Source: contracts section 5.

use alloc::vec;
use alloc::vec::Vec;

use crate::extract::Undeclared;
use crate::flat::{Cells, Flat, Glance};
use crate::found::Want;
use crate::frame::{
    Alphabet, Body, Frame, Gauge, Key, LetterKind, Measure, Overflow, Rule, RuleId, Site, Target, ToolId, ValueOrigin, ValueSource,
};
use crate::slots;
use crate::state::{Shape, State, key_index};

/// A rule's entry for one letter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    pub(crate) rule: RuleId,
    /// Whose history the rule reads.
    pub(crate) key: Key,
    /// The rule's cells, where it is a table without variables.
    pub(crate) flat: Option<Flat>,
    pub(crate) root: Target,
    pub(crate) named: bool,
    /// Which of the rule's sites it is.
    pub(crate) site: usize,
    /// Whether the site binds or measures nothing.
    pub(crate) plain: bool,
    /// Whether the letter leaves values alone that it does not bind.
    pub(crate) others_idle: bool,
    /// Whether the rule hears refused attempts, of whatever tool.
    pub(crate) hears_attempts: bool,
    /// Where the letter enters the alphabet of the overflowed rule.
    pub(crate) absorb: Option<Target>,
}

/// The rules that letters of one kind and subject reach, and what they take from them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    pub(crate) touches: Vec<Touch>,
    /// One for each touch.
    pub(crate) glances: Vec<Glance>,
    pub(crate) wants: Vec<Want>,
    /// The keys that rules read which speak of the letter, a bit each.
    pub(crate) needs: u8,
}

/// What is known of a tool's letters.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolReach {
    pub(crate) call: Reach,
    pub(crate) ok: Reach,
    pub(crate) failed: Reach,
    pub(crate) denied: Reach,
    /// Whether its results are judged by what the call was.
    pub(crate) remembers: bool,
    /// Whether whole calls of it are compared.
    pub(crate) undeclared: Undeclared,
}

/// All letters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reaches {
    pub(crate) tools: Vec<ToolReach>,
    pub(crate) events: Vec<Reach>,
    /// Attempts on tools that the policy does not know.
    pub(crate) unknown: Reach,
}

/// Where a rule's state lies in its key's state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// None for a rule without a state of its own: one with variables, or a limit.
    pub(crate) control: Option<usize>,
    pub(crate) registers: usize,
    pub(crate) length: usize,
}

impl Place {
    pub(crate) fn registers_of(self, state: &State) -> &[i64] {
        state.registers.get(self.registers..self.registers + self.length).unwrap_or(&[])
    }

    pub(crate) fn registers_of_mut(self, state: &mut State) -> &mut [i64] {
        state.registers.get_mut(self.registers..self.registers + self.length).unwrap_or(&mut [])
    }

    pub(crate) fn control_of(self, state: &State) -> usize {
        self.control.and_then(|at| state.control.get(at)).map_or(0, |control| usize::from(*control))
    }

    pub(crate) fn set_control(self, state: &mut State, control: u16) {
        if let (Some(place), Ok(control)) = (self.control.and_then(|at| state.control.get_mut(at)), u8::try_from(control)) {
            *place = control;
        }
    }
}

/// Where each rule's state lies, and how large the states of each kind of key are.
pub(crate) fn layout(frame: &Frame) -> (Vec<Place>, [Shape; 4]) {
    let mut shapes = [Shape::default(); 4];
    let mut places = Vec::with_capacity(frame.rules.len());
    for rule in &frame.rules {
        let Some(shape) = shapes.get_mut(key_index(rule.key)) else { continue };
        let (controlled, length) = words(rule);
        places.push(Place { control: controlled.then_some(shape.control), registers: shape.registers, length });
        shape.control += usize::from(controlled);
        shape.registers = shape.registers.saturating_add(length);
    }
    (places, shapes)
}

/// Whether a rule has a byte of its own, and how many registers.
fn words(rule: &Rule) -> (bool, usize) {
    let controlled = rule.slots.is_none() && matches!(rule.body, Body::Automaton(_));
    let length = rule.slots.as_ref().map_or_else(|| slots::register_words(rule), |slots| slots::table_words(rule, slots));
    (controlled, length)
}

/// Bytes that a rule takes of its key's state.
#[must_use]
pub fn state_bytes(rule: &Rule) -> usize {
    let (controlled, length) = words(rule);
    usize::from(controlled) + 8 * length
}

/// Which rules each letter reaches, and the cells by which they are stepped.
pub(crate) fn reaches(frame: &Frame, places: &[Place]) -> (Reaches, Cells) {
    let mut cells = Cells::default();
    let mut reaches = Reaches {
        tools: vec![ToolReach::default(); frame.tools.len()],
        events: vec![Reach::default(); frame.events.len()],
        unknown: Reach::default(),
    };
    for (index, rule) in frame.rules.iter().enumerate() {
        let flat = places.get(index).and_then(|place| cells.add(rule, place.control));
        let Ok(index) = u32::try_from(index) else { continue };
        let hears_attempts = rule.alphabet.sites.iter().any(|site| site.kind == LetterKind::Denied);
        for (number, site) in rule.alphabet.sites.iter().enumerate() {
            let touch = Touch { hears_attempts, flat, ..touch(rule, RuleId(index), number, site) };
            if let Some(reach) = reach_mut(&mut reaches, site) {
                reach.touches.push(touch);
                reach.glances.push(glance(&cells, rule, &touch));
                reach.needs |= if touch.named { key_bit(rule.key) } else { 0 };
                want(&mut reach.wants, rule, site);
            }
        }
    }
    for (reach, tool) in reaches.tools.iter_mut().zip(&frame.tools) {
        let results = !(reach.ok.wants.is_empty() && reach.failed.wants.is_empty());
        reach.remembers = results || !tool.result_guards.is_empty();
        let whole = |source: &ValueSource| source.origin == ValueOrigin::Whole;
        reach.undeclared = if tool.values.iter().any(whole) { Undeclared::Digest } else { Undeclared::PassOver };
    }
    (reaches, cells)
}

/// In which states of its rule a touch may do anything.
fn glance(cells: &Cells, rule: &Rule, touch: &Touch) -> Glance {
    match (touch.flat.filter(|_| touch.plain), classes_from(&rule.alphabet, touch.root)) {
        (Some(flat), Some(classes)) => cells.glance(rule.key, flat, &classes),
        _ => Glance::any(rule.key),
    }
}

/// The classes that a letter may have that enters here; none where it may come by other nodes than the first, of which a word has a bit each.
fn classes_from(alphabet: &Alphabet, root: Target) -> Option<Vec<u16>> {
    let (mut classes, mut marked) = (Vec::new(), 0_u64);
    let mut mark = |target: Target, marked: &mut u64| {
        match target {
            Target::Class(class) if classes.contains(&class) => {}
            Target::Class(class) => classes.push(class),
            Target::Node(node) => *marked |= 1_u64.checked_shl(u32::from(node))?,
        }
        Some(())
    };
    mark(root, &mut marked)?;
    // Children come before their parents.
    for (index, node) in alphabet.nodes.iter().take(64).enumerate().rev() {
        if marked >> index & 1 == 1 {
            mark(node.yes, &mut marked)?;
            mark(node.no, &mut marked)?;
        }
    }
    Some(classes)
}

/// A key's bit in a set of keys.
pub(crate) fn key_bit(key: Key) -> u8 {
    1 << key_index(key)
}

fn reach_mut<'r>(reaches: &'r mut Reaches, site: &Site) -> Option<&'r mut Reach> {
    let subject = site.subject as usize;
    if site.kind == LetterKind::Event {
        return reaches.events.get_mut(subject);
    }
    if site.kind == LetterKind::Denied && site.subject == ToolId::UNKNOWN.0 {
        return Some(&mut reaches.unknown);
    }
    let tool = reaches.tools.get_mut(subject)?;
    Some(match site.kind {
        LetterKind::Call => &mut tool.call,
        LetterKind::Ok => &mut tool.ok,
        LetterKind::Failed => &mut tool.failed,
        LetterKind::Event | LetterKind::Denied => &mut tool.denied,
    })
}

fn touch(rule: &Rule, id: RuleId, number: usize, site: &Site) -> Touch {
    let absorb = match rule.slots.as_ref().map(|slots| &slots.overflow) {
        Some(Overflow::Absorb(alphabet)) => {
            // Sites are sorted, so a rule of many is laid out in no more than their number times its logarithm.
            let found = alphabet.sites.binary_search_by_key(&(site.kind, site.subject), |other| (other.kind, other.subject));
            found.ok().and_then(|at| alphabet.sites.get(at)).map(|site| site.root)
        }
        _ => None,
    };
    Touch {
        rule: id,
        key: rule.key,
        flat: None,
        root: site.root,
        named: site.named,
        site: number,
        plain: site.bindings.is_empty(),
        hears_attempts: false,
        others_idle: rule.slots.is_some() && slots::others_idle(rule, site.root),
        absorb,
    }
}

/// Adds what a site takes from its letters.
fn want(wants: &mut Vec<Want>, rule: &Rule, site: &Site) {
    let sums = matches!(&rule.body, Body::Gauge(Gauge { measure: Measure::Sum { .. }, .. }));
    let bound = site.bindings.iter().flatten().map(|source| Want { source: *source, identity: true, amount: false });
    let measured = site.measure.map(|source| Want { source, identity: !sums, amount: sums });
    for wanted in bound.chain(measured) {
        match wants.iter_mut().find(|known| known.source == wanted.source) {
            Some(known) => {
                known.identity |= wanted.identity;
                known.amount |= wanted.amount;
            }
            None => wants.push(wanted),
        }
    }
}
