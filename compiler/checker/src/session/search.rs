//! The search: is there an admitted session that comes to a goal?
//!
//! In: letters and machines. Out: each shortest way to the goal that the machines admit, in order, until somebody is content; or that there is none.
//! Invariant: where it ends without a way, no admitted session comes to the goal, whatever the rules that are no machines say: they only admit less.
//! Source: verification section 3 ("Decision procedures"): on-the-fly reachability with zones, breadth first.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

use leverframe_compiler::core::Action;
use leverframe_runtime::frame::LetterKind;

use super::ground::Approvals;
use super::letter::{Called, Letter};
use super::machine::{Machine, MachineBody};
use super::step::{Discrete, Node, Product, Step};
use crate::limits::SEARCH_NODES;

/// What a search looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The machine has come to refuse every call: what it speaks of has happened.
    Happened(usize),
    /// The machine judges a call that permissions admit; `alone` where no other machine refuses it.
    Judged { machine: usize, alone: bool },
    /// The machine judges a call that is allowed without being asked about.
    Allowed(usize),
    /// A call that meets the probe is admitted.
    Admitted,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// No session comes to the goal but those that were looked at and not accepted.
    Exhausted,
    /// Somebody was content.
    Stopped,
    /// There would have been more to look at than the bound allows.
    Bound(String),
}

/// A state that was reached, and how.
struct Reached {
    node: Node,
    /// The state before and the letter between.
    by: Option<(usize, usize)>,
    /// How many events lead there.
    events: usize,
}

/// What a search needs.
pub(crate) struct Search<'s> {
    pub(crate) machines: &'s [Machine],
    pub(crate) letters: &'s [Letter],
    pub(crate) goal: &'s Goal,
    /// Whether asked calls are admitted.
    pub(crate) approvals: Approvals,
    /// By letter: whether a call may be the last one.
    pub(crate) whole: &'s [bool],
    /// By letter: whether it is looked at.
    pub(crate) usable: &'s [bool],
}

impl Search<'_> {
    /// Calls `found` with each way to the goal, as places of letters.
    pub(crate) fn run(&self, found: &mut dyn FnMut(&[usize]) -> ControlFlow<()>) -> End {
        let product = Product::new(self.machines, self.letters);
        let usable = |(place, letter): &(usize, &Letter)| letter.moves && self.usable.get(*place).copied().unwrap_or(true);
        let letters: Vec<(usize, &Letter)> = self.letters.iter().enumerate().filter(usable).collect();
        let mut reached = vec![Reached { node: product.initial(), by: None, events: 0 }];
        let mut known: HashMap<Discrete, Vec<usize>> = HashMap::new();
        // By the number of events, so that a result with its call comes after two that stand alone.
        let mut open = VecDeque::from([vec![0], Vec::new(), Vec::new()]);
        while let Some(layer) = open.pop_front() {
            if layer.is_empty() && open.iter().all(Vec::is_empty) {
                break;
            }
            open.push_back(Vec::new());
            for at in layer {
                let Some(from) = reached.get(at).map(|reached| reached.node.clone()) else { return End::Exhausted };
                let here = product.here(&from);
                for (place, letter) in &letters {
                    for step in product.steps(&here, *place, letter) {
                        let admitted = self.admitted(&product, letter, &step);
                        if self.whole.get(*place).copied().unwrap_or(true) && self.is_goal(&product, letter, (&from, &step), admitted) {
                            let path = self.way(&reached, at, *place);
                            if found(&path).is_break() {
                                return End::Stopped;
                            }
                        }
                        if !admitted || self.over(&step) {
                            continue;
                        }
                        let more = usize::from(letter.called == Called::JustNow);
                        let events = reached.get(at).map_or(0, |reached| reached.events) + 1 + more;
                        if fresh(&reached, &known, &step.next, events) {
                            if reached.len() >= SEARCH_NODES {
                                return End::Bound(format!("more than {SEARCH_NODES} states of the rules together"));
                            }
                            known.entry(step.next.discrete.clone()).or_default().push(reached.len());
                            open.get_mut(more).into_iter().for_each(|layer| layer.push(reached.len()));
                            reached.push(Reached { node: step.next, by: Some((at, *place)), events });
                        }
                    }
                }
            }
        }
        End::Exhausted
    }

    fn admitted(&self, product: &Product<'_>, letter: &Letter, step: &Step) -> bool {
        if letter.kind != LetterKind::Call || !letter.own() {
            return true;
        }
        product.admits(letter, &step.judged) && !(self.approvals == Approvals::Withheld && product.asks(letter, &step.judged))
    }

    fn is_goal(&self, product: &Product<'_>, letter: &Letter, (from, step): (&Node, &Step), admitted: bool) -> bool {
        let call = letter.kind == LetterKind::Call && letter.own();
        match *self.goal {
            Goal::Happened(machine) => {
                let happened = |discrete: &Discrete| refuses_all(self.machines.get(machine), discrete, machine);
                admitted && happened(&step.next.discrete) && !happened(&from.discrete)
            }
            Goal::Judged { machine, alone } => {
                let judged = step.judged.get(machine).copied().unwrap_or(false);
                let judges =
                    letter.persona.is_some_and(|persona| self.machines.get(machine).is_some_and(|machine| machine.judges(persona)));
                let others = || product.refusing(letter, &step.judged).any(|other| self.rule(other) != self.rule(machine));
                call && judged && judges && !(alone && (others() || self.asked_anyway(product, machine, letter, &step.judged)))
            }
            Goal::Allowed(machine) => {
                let judged = step.judged.get(machine).copied().unwrap_or(false);
                call && judged && product.admits(letter, &step.judged) && !product.asks(letter, &step.judged)
            }
            Goal::Admitted => call && admitted && letter.probed,
        }
    }

    /// Whether a rule that asks adds nothing, since the call is asked about in any case.
    fn asked_anyway(&self, product: &Product<'_>, machine: usize, letter: &Letter, judged: &[bool]) -> bool {
        let asks = self.machines.get(machine).is_some_and(|machine| matches!(machine.action, Action::Ask(_)));
        let mut others = judged.to_vec();
        for (index, judged) in others.iter_mut().enumerate() {
            *judged = *judged && self.rule(index) != self.rule(machine);
        }
        asks && product.asks(letter, &others)
    }

    /// Whether a claim has come to hold, after which there is nothing to look for.
    fn over(&self, step: &Step) -> bool {
        matches!(*self.goal, Goal::Happened(machine) if refuses_all(self.machines.get(machine), &step.next.discrete, machine))
    }

    fn way(&self, reached: &[Reached], last: usize, letter: usize) -> Vec<usize> {
        let (mut path, mut at) = (Vec::new(), last);
        let mut put = |place: usize| {
            path.push(place);
            // Its call comes right before it.
            path.extend(self.letters.get(place).filter(|letter| letter.called == Called::JustNow).and_then(|letter| letter.of));
        };
        put(letter);
        while let Some((before, letter)) = reached.get(at).and_then(|reached| reached.by) {
            put(letter);
            at = before;
        }
        path.reverse();
        path
    }

    fn rule(&self, machine: usize) -> Option<super::machine::RuleIndex> {
        self.machines.get(machine).map(|machine| machine.rule)
    }
}

/// Whether a machine in its state judges every call: that of a claim does once what it speaks of has happened.
fn refuses_all(machine: Option<&Machine>, discrete: &Discrete, index: usize) -> bool {
    let Some(MachineBody::Table(automaton)) = machine.map(|machine| &machine.body) else { return false };
    let classes = machine.map_or(1, |machine| usize::from(machine.alphabet.classes));
    let control = discrete.controls.get(index).copied().unwrap_or(0) as usize;
    automaton.deny.get(control * classes..(control + 1) * classes).is_some_and(|row| row.contains(&true))
}

fn fresh(reached: &[Reached], known: &HashMap<Discrete, Vec<usize>>, node: &Node, events: usize) -> bool {
    let same = known.get(&node.discrete).map_or(&[][..], Vec::as_slice);
    !same
        .iter()
        .filter_map(|index| reached.get(*index))
        .any(|other| other.events <= events && other.node.times.covers(&node.times) && other.node.places.covers(&node.places))
}
