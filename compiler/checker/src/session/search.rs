//! The search: is there an admitted session that comes to a goal?
//!
//! In: letters and machines. Out: each shortest way to the goal that the machines admit, in order, until somebody is content; or that there is none.
//! Invariant: where it ends without a way, no admitted session comes to the goal, whatever the rules that are no machines say: they only admit less.
//! Source: verification section 3 ("Decision procedures"): on-the-fly reachability with zones, breadth first.

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

use leverframe_compiler::core::Action;
use leverframe_runtime::frame::LetterKind;

use super::ground::Approvals;
use super::letter::{Called, Letter};
use super::machine::{Machine, MachineBody};
use super::step::{Ages, Discrete, Node, Product, Step};
use crate::limits::{HUNT_STEPS, MADE_ANYWHERE, SEARCH_COMPARED, SEARCH_NODES};

/// What a search looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The machine has come to refuse every call: what it speaks of has happened.
    Happened(usize),
    /// The machine judges a call that permissions admit; `alone` where no other machine refuses it.
    Judged { machine: usize, alone: bool },
    /// The machine judges a call that is allowed without being asked about.
    Allowed(usize),
    /// The machine judges a call that is admitted, asked about or not.
    Passes(usize),
    /// A call that meets the probe is admitted.
    Admitted,
    /// A call that meets the probe is allowed without being asked about.
    Granted,
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

/// A way to the goal.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// Places of letters.
    pub(crate) letters: Vec<usize>,
    /// Choices of times for them, in milliseconds since the first.
    pub(crate) times: Vec<Vec<i64>>,
}

/// Where a call that can be made anywhere is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// Right before its result.
    Late,
    /// Before everything.
    Early,
}

/// Choices of where to make the calls of results that can have theirs anywhere: first all late, then all early, then mixed.
fn orders(path: &[usize], letters: &[Letter]) -> Vec<Vec<Made>> {
    let free = path.iter().filter_map(|place| letters.get(*place)).filter(|letter| letter.called == Called::Anywhere).count();
    let all = (1_u32 << free.min(MADE_ANYWHERE)) - 1;
    let choice =
        |mask: u32| (0..free).map(|at| if mask >> at.min(MADE_ANYWHERE - 1) & 1 == 1 { Made::Early } else { Made::Late }).collect();
    let mut masks = vec![0];
    masks.extend((1..=all).rev());
    masks.into_iter().map(choice).collect()
}

/// A path with a call for each result, which is given by its number: a search knows that there was a call, but not whether it has had its result.
/// `made` says of each result that can have its call anywhere where that is.
pub(crate) fn answered(path: &[usize], letters: &[Letter], made: &[Made]) -> Vec<(usize, Option<usize>)> {
    let mut open: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut all = Vec::with_capacity(path.len());
    let anywhere = path.iter().filter_map(|place| letters.get(*place)).filter(|letter| letter.called == Called::Anywhere);
    for call in anywhere.zip(made).filter(|(_, made)| **made == Made::Early).filter_map(|(letter, _)| letter.of) {
        open.entry(call).or_default().push(all.len());
        all.push((call, None));
    }
    for place in path {
        let of = letters.get(*place).and_then(|letter| letter.of);
        let Some(call) = of else {
            open.entry(*place).or_default().push(all.len());
            all.push((*place, None));
            continue;
        };
        let number = open.get_mut(&call).and_then(Vec::pop).unwrap_or_else(|| {
            all.push((call, None));
            all.len() - 1
        });
        all.push((*place, Some(number)));
    }
    all
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
    /// Steps of single machines that the hunt may still take.
    pub(crate) steps: &'s Cell<usize>,
}

impl Search<'_> {
    /// Calls `found` with each way to the goal, as places of letters.
    pub(crate) fn run(&self, found: &mut dyn FnMut(&Way) -> ControlFlow<()>) -> End {
        let product = Product::new(self.machines, self.letters, Ages::OfWhatIsSet);
        let usable = |place: usize| self.usable.get(place).copied().unwrap_or(true);
        // The call that a rule judges need not be one that is ever admitted.
        let last = |letter: &Letter| matches!(self.goal, Goal::Judged { .. }) && letter.kind == LetterKind::Call && letter.own();
        let looked_at = |(place, letter): &(usize, &Letter)| letter.moves && (usable(*place) || last(letter));
        let letters: Vec<(usize, &Letter)> = self.letters.iter().enumerate().filter(looked_at).collect();
        let mut reached = vec![Reached { node: product.initial(), by: None, events: 0 }];
        let (mut known, mut compared): (HashMap<Discrete, Vec<usize>>, usize) = (HashMap::new(), 0);
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
                let Some(left) = self.steps.get().checked_sub(letters.len().saturating_mul(self.machines.len() + 1)) else {
                    return End::Bound(format!("more than {HUNT_STEPS} steps of single rules"));
                };
                self.steps.set(left);
                for (place, letter) in &letters {
                    for step in product.steps(&here, *place, letter) {
                        let admitted = self.admitted(&product, letter, &step);
                        if self.whole.get(*place).copied().unwrap_or(true) && self.is_goal(&product, letter, (&from, &step), admitted) {
                            let path = way(&reached, at, *place);
                            if found(&self.timed(&path)).is_break() {
                                return End::Stopped;
                            }
                        }
                        if !admitted || !usable(*place) || self.over(&step) {
                            continue;
                        }
                        let more = usize::from(matches!(letter.called, Called::JustNow | Called::Anywhere));
                        let events = reached.get(at).map_or(0, |reached| reached.events) + 1 + more;
                        let same = known.get(&step.next.discrete).map_or(&[][..], Vec::as_slice);
                        compared += same.len();
                        if compared > SEARCH_COMPARED {
                            return End::Bound(format!("more than {SEARCH_COMPARED} comparisons of states"));
                        }
                        if fresh(&reached, same, &step.next, events) {
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
                call && judged && judges && !(alone && self.said_anyway(machine, letter, &step.judged))
            }
            Goal::Allowed(machine) => {
                let judged = step.judged.get(machine).copied().unwrap_or(false);
                call && judged && product.admits(letter, &step.judged) && !product.asks(letter, &step.judged)
            }
            Goal::Passes(machine) => call && admitted && step.judged.get(machine).copied().unwrap_or(false),
            Goal::Admitted => call && admitted && letter.probed,
            Goal::Granted => call && admitted && letter.probed && !product.asks(letter, &step.judged),
        }
    }

    /// Whether a rule adds nothing to what is said of the call in any case.
    fn said_anyway(&self, machine: usize, letter: &Letter, judged: &[bool]) -> bool {
        let Some(own) = self.machines.get(machine) else { return false };
        let judges = |other: &Machine| letter.persona.is_some_and(|persona| other.judges(persona));
        let mut others = self.machines.iter().zip(judged).filter(|(other, judged)| **judged && other.rule != own.rule && judges(other));
        (letter.asked && stands_in(None, &own.action)) || others.any(|(other, _)| stands_in(Some(&other.action), &own.action))
    }

    /// Whether a claim has come to hold, after which there is nothing to look for.
    fn over(&self, step: &Step) -> bool {
        matches!(*self.goal, Goal::Happened(machine) if refuses_all(self.machines.get(machine), &step.next.discrete, machine))
    }

    /// A path with the times that its events can have.
    fn timed(&self, path: &[usize]) -> Way {
        let product = Product::new(self.machines, self.letters, Ages::OfEveryEvent);
        let fine = |node: &Node, letter: &Letter, step: &Step, last: bool| {
            let admitted = self.admitted(&product, letter, step);
            if last { self.is_goal(&product, letter, (node, step), admitted) } else { admitted }
        };
        let mut way = Way { letters: path.to_vec(), times: Vec::new() };
        for calls in orders(path, self.letters) {
            let letters = answered(path, self.letters, &calls);
            let times = product.timings(self.letters, &letters, &fine);
            way = Way { letters: letters.into_iter().map(|(place, _)| place).collect(), times };
            if !way.times.is_empty() {
                break;
            }
        }
        way
    }
}

/// Whether a call comes out no milder for want of a rule with this action: another rule does as much, or (`None`) permissions ask about it.
pub(crate) fn stands_in(other: Option<&Action>, action: &Action) -> bool {
    match (other, action) {
        (Some(Action::EndSession), _) | (Some(Action::Deny), Action::Deny | Action::Ask(_)) | (_, Action::Observe) => true,
        // Two that ask different people need both.
        (Some(Action::Ask(other)), Action::Ask(who)) => who.is_none() || other == who,
        (None, Action::Ask(who)) => who.is_none(),
        _ => false,
    }
}

/// Whether a machine in its state judges every call: that of a claim does once what it speaks of has happened.
fn refuses_all(machine: Option<&Machine>, discrete: &Discrete, index: usize) -> bool {
    let Some(MachineBody::Table(automaton)) = machine.map(|machine| &machine.body) else { return false };
    let classes = machine.map_or(1, |machine| usize::from(machine.alphabet.classes));
    let control = discrete.controls.get(index).copied().unwrap_or(0) as usize;
    automaton.deny.get(control * classes..(control + 1) * classes).is_some_and(|row| row.contains(&true))
}

fn way(reached: &[Reached], last: usize, letter: usize) -> Vec<usize> {
    let (mut path, mut at) = (vec![letter], last);
    while let Some((before, letter)) = reached.get(at).and_then(|reached| reached.by) {
        path.push(letter);
        at = before;
    }
    path.reverse();
    path
}

fn fresh(reached: &[Reached], same: &[usize], node: &Node, events: usize) -> bool {
    !same
        .iter()
        .filter_map(|index| reached.get(*index))
        .any(|other| other.events <= events && other.node.times.covers(&node.times) && other.node.places.covers(&node.places))
}
