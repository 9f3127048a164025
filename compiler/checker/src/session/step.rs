//! One letter in one state of the product.
//!
//! In: the machines' states with what is known of their times and places, and a letter. Out: every way in which the machines can take it. Invariant: each real
//! step of the runtime is one of them. Source: verification section 1; the runtime's `history`.

use leverframe_compiler::core::Action;
use leverframe_runtime::frame::gauge_class::{self, COUNTS, JUDGED, REFUSED};
use leverframe_runtime::frame::{Automaton, LetterKind, Operation, RegisterKind, Site, Target, Test, Update};

use super::letter::{Called, Letter};
use super::machine::{Machine, MachineBody};
use super::zone::Zone;
use crate::limits::{TIMINGS, TIMINGS_TRIED};

/// A state of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) discrete: Discrete,
    /// Ages in milliseconds of what is set, in that order: of registers, and of the latest call of each kind whose place is read.
    pub(crate) times: Zone,
    /// The same, in letters.
    pub(crate) places: Zone,
}

/// What is finite of a state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Discrete {
    /// By machine: the state of its table, or what it has counted.
    pub(crate) controls: Vec<u32>,
    /// Which registers are set, then which kinds of call have been admitted.
    pub(crate) set: Vec<bool>,
    /// The session's labels.
    pub(crate) labels: u64,
}

/// A step.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) next: Node,
    /// By machine: whether it judges the call.
    pub(crate) judged: Vec<bool>,
}

/// Whether a step may be taken from a node with a letter; and whether it is the last.
pub(crate) type Fine<'f> = &'f dyn Fn(&Node, &Letter, &Step, bool) -> bool;

/// The machines of a search with the places of their registers.
pub(crate) struct Product<'m> {
    pub(crate) machines: &'m [Machine],
    /// Where each machine's registers begin; the last one is where the kinds of call begin.
    starts: Vec<usize>,
    /// The letters that are calls whose results matter, by place: first those whose results ask when they were called.
    calls: Vec<usize>,
    /// How many entries of [`Discrete::set`] have an age.
    aged: usize,
    longest: i64,
    /// Whether zones keep the age of every event.
    ages: Ages,
}

/// The ages that zones keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ages {
    /// Those of what is set, as far as a window can tell them apart.
    OfWhatIsSet,
    /// Those of every event as well, exactly: behind the others, in the events' order.
    OfEveryEvent,
}

/// A state, and where its zones have the ages of what is set.
pub(crate) struct Here<'n> {
    pub(crate) node: &'n Node,
    /// By entry of [`Discrete::set`], the age in the zones.
    ages: Vec<Option<usize>>,
    /// How many ages of what is set there are.
    count: usize,
    /// How many ages of events.
    events: usize,
}

impl Here<'_> {
    fn is_set(&self, entry: usize) -> bool {
        self.node.discrete.set.get(entry).copied().unwrap_or(false)
    }

    fn age(&self, entry: usize) -> Option<usize> {
        self.ages.get(entry).copied().flatten()
    }

    /// The age of the letter's call.
    fn call(&self) -> usize {
        self.count + self.events + 1
    }

    /// The age of an event, by its number.
    fn event(&self, number: usize) -> usize {
        self.count + 1 + number
    }
}

/// A register's new value, as an age of before the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Register(usize),
    /// The letter.
    Now,
    /// The letter's call.
    Call,
    Unset,
}

/// A way in which the letter can be taken, half way.
#[derive(Clone)]
struct Way {
    times: Zone,
    places: Zone,
    classes: Vec<Option<u16>>,
    /// Whether the letter's call was approved, as soon as a machine has asked: the others are told the same.
    approved: Option<bool>,
}

impl<'m> Product<'m> {
    pub(crate) fn new(machines: &'m [Machine], letters: &[Letter], ages: Ages) -> Self {
        let mut starts = vec![0];
        for machine in machines {
            starts.push(starts.last().copied().unwrap_or(0) + machine.registers());
        }
        let of = |when: fn(&Letter) -> bool| {
            let calls = letters.iter().filter(|letter| when(letter)).filter_map(|letter| letter.of);
            calls.collect::<std::collections::BTreeSet<usize>>()
        };
        let timed = of(|letter| letter.called == Called::AtItsPlace);
        let mut calls: Vec<usize> = timed.iter().copied().collect();
        calls.extend(of(|letter| letter.called == Called::Before).difference(&timed));
        let aged = starts.last().copied().unwrap_or(0) + timed.len();
        let longest = machines.iter().map(Machine::longest).max().unwrap_or(0) + 1;
        Self { machines, starts, calls, aged, longest, ages }
    }

    /// Where nothing has happened.
    pub(crate) fn initial(&self) -> Node {
        let size = self.size();
        let discrete = Discrete { controls: vec![0; self.machines.len()], set: vec![false; size], labels: 0 };
        Node { discrete, times: Zone::now(), places: Zone::now() }
    }

    /// A state made ready to be left.
    pub(crate) fn here<'n>(&self, node: &'n Node) -> Here<'n> {
        let mut count = 0;
        let mut next = |set: bool| {
            count += usize::from(set);
            set.then_some(count)
        };
        let ages = node.discrete.set.iter().take(self.aged).map(|set| next(*set)).collect();
        let events = node.times.size().saturating_sub(count + 1);
        Here { node, ages, count, events }
    }

    fn size(&self) -> usize {
        self.starts.last().copied().unwrap_or(0) + self.calls.len()
    }

    fn call_place(&self, letter: usize) -> Option<usize> {
        self.calls.iter().position(|call| *call == letter).map(|at| self.starts.last().copied().unwrap_or(0) + at)
    }

    /// Every way to take a letter; none where it cannot come now.
    pub(crate) fn steps(&self, here: &Here<'_>, place: usize, letter: &Letter) -> Vec<Step> {
        let (which, there) = letter.has;
        if here.node.discrete.labels & which != there {
            return Vec::new();
        }
        self.begin(here, letter).map_or_else(Vec::new, |way| self.on(here, place, letter, way))
    }

    /// Every way to take a letter of which its call is known, by its number, and that it comes after the event before it.
    fn steps_after(&self, here: &Here<'_>, place: usize, letter: &Letter, call: Option<usize>) -> Vec<Step> {
        let (which, there) = letter.has;
        let Some(mut way) = self.begin(here, letter).filter(|_| here.node.discrete.labels & which == there) else { return Vec::new() };
        let fixed = match call.filter(|_| letter.is_placed()).map(|call| here.event(call)) {
            Some(event) => {
                let same = |zone: &mut Zone| zone.require(event, here.call(), 0) && zone.require(here.call(), event, 0);
                same(&mut way.times) && same(&mut way.places)
            }
            None => true,
        };
        let later = here.events == 0 || way.times.require(0, here.event(here.events - 1), -1);
        if fixed && later { self.on(here, place, letter, way) } else { Vec::new() }
    }

    fn on(&self, here: &Here<'_>, place: usize, letter: &Letter, way: Way) -> Vec<Step> {
        let mut ways = vec![way];
        for (index, machine) in self.machines.iter().enumerate() {
            ways = ways.into_iter().flat_map(|way| self.classify(index, machine, here, letter, way)).collect();
        }
        ways.into_iter().flat_map(|way| self.finish(here, place, letter, way)).collect()
    }

    /// Times for the events of a way (places of letters, with the number of the call that each result is of), as far as `fine` approves of each step; it is
    /// told which is the last. The product must keep the ages of every event.
    pub(crate) fn timings(&self, letters: &[Letter], way: &[(usize, Option<usize>)], fine: Fine<'_>) -> Vec<Vec<i64>> {
        let (mut todo, mut found) = (vec![(0, self.initial())], Vec::new());
        for _ in 0..TIMINGS_TRIED {
            let Some((at, node)) = todo.pop() else { break };
            let Some((place, call)) = way.get(at).copied() else {
                let here = self.here(&node);
                let ages: Vec<i64> = (0..here.events).map(|event| node.times.least(here.event(event))).collect();
                let first = ages.first().copied().unwrap_or(0);
                found.push(ages.iter().map(|age| first - age).collect());
                if found.len() >= TIMINGS {
                    break;
                }
                continue;
            };
            let Some(letter) = letters.get(place) else { break };
            let steps = self.steps_after(&self.here(&node), place, letter, call);
            let last = at + 1 == way.len();
            todo.extend(steps.into_iter().rev().filter(|step| fine(&node, letter, step, last)).map(|step| (at + 1, step.next)));
        }
        found
    }

    /// Lets time go by until the letter, and chooses its call.
    fn begin(&self, here: &Here<'_>, letter: &Letter) -> Option<Way> {
        let latest = match (letter.of, letter.called) {
            (Some(call), Called::Before | Called::AtItsPlace) => Some(self.call_place(call).filter(|latest| here.is_set(*latest))?),
            _ => None,
        };
        let (mut times, mut places) = (here.node.times.clone(), here.node.places.clone());
        times.elapse();
        places.advance();
        // A call that was made somewhere on the way took a place there.
        if letter.called == Called::Anywhere && self.ages == Ages::OfWhatIsSet {
            places.advance();
        }
        if letter.is_placed() {
            let sources: Vec<Option<usize>> = (1..here.call()).map(Some).chain([None]).collect();
            (times, places) = (times.project(&sources), places.project(&sources));
            if !places.require(0, here.call(), -1) {
                return None;
            }
            // It is the latest call of its kind, or an earlier one.
            if let Some(latest) = latest.and_then(|latest| here.age(latest))
                && !(times.require(latest, here.call(), 0) && places.require(latest, here.call(), 0))
            {
                return None;
            }
        }
        Some(Way { times, places, classes: Vec::with_capacity(self.machines.len()), approved: None })
    }

    fn classify(&self, index: usize, machine: &Machine, here: &Here<'_>, letter: &Letter, way: Way) -> Vec<Way> {
        let site = machine.site(letter.kind, letter.subject).filter(|_| letter.in_history_of(machine.key));
        let Some(site) = site else {
            let mut way = way;
            way.classes.push(None);
            return vec![way];
        };
        let (mut todo, mut done) = (vec![(site.root, way)], Vec::new());
        while let Some((target, mut way)) = todo.pop() {
            match target {
                Target::Class(class) => {
                    way.classes.push(Some(class));
                    done.extend(self.told_full(index, machine, class, here, way));
                }
                Target::Node(number) => {
                    let Some(decision) = machine.alphabet.nodes.get(usize::from(number)) else { continue };
                    let [yes, no] = self.ask((index, machine), site, decision.test, here, letter, &way);
                    todo.extend(no.map(|way| (decision.no, way)));
                    todo.extend(yes.map(|way| (decision.yes, way)));
                }
            }
        }
        done
    }

    /// What is left of a way where the test says yes, and where it says no.
    fn ask(
        &self,
        (index, machine): (usize, &Machine),
        site: &Site,
        test: Test,
        here: &Here<'_>,
        letter: &Letter,
        way: &Way,
    ) -> [Option<Way>; 2] {
        let age = |number: u8| self.starts.get(index).and_then(|start| here.age(start + usize::from(number)));
        match test {
            Test::Within { register, ms } => {
                let Some(age) = age(register) else { return [None, Some(way.clone())] };
                let ms = i64::try_from(ms).unwrap_or(i64::MAX / 8);
                [narrowed(way, |way| way.times.require(age, 0, ms)), narrowed(way, |way| way.times.require(0, age, -ms - 1))]
            }
            Test::CallAfter { register } => {
                let Some(age) = age(register) else { return [Some(way.clone()), None] };
                // What is no result was called where it stands.
                let call = if letter.is_placed() { here.call() } else { 0 };
                [narrowed(way, |way| way.places.require(call, age, -1)), narrowed(way, |way| way.places.require(age, call, 0))]
            }
            Test::Approved => match machine.tells(site, test, letter).or(way.approved) {
                Some(true) => [Some(way.clone()), None],
                Some(false) => [None, Some(way.clone())],
                None => [Some(Way { approved: Some(true), ..way.clone() }), Some(Way { approved: Some(false), ..way.clone() })],
            },
            _ => match machine.tells(site, test, letter) {
                Some(true) => [Some(way.clone()), None],
                Some(false) => [None, Some(way.clone())],
                None => [Some(way.clone()), Some(way.clone())],
            },
        }
    }

    /// A way in which it is known whether a ring's window is full, where that matters.
    fn told_full(&self, index: usize, machine: &Machine, class: u16, here: &Here<'_>, way: Way) -> Vec<Way> {
        let MachineBody::Ring(_, ms) = &machine.body else { return vec![way] };
        let oldest = self.starts.get(index).and_then(|start| here.age(*start));
        let Some(oldest) = oldest.filter(|_| class & gauge_class::JUDGED != 0) else { return vec![way] };
        let ms = i64::try_from(*ms).unwrap_or(i64::MAX / 8);
        let full = narrowed(&way, |way| way.times.require(oldest, 0, ms - 1));
        let free = narrowed(&way, |way| way.times.require(0, oldest, -ms));
        full.into_iter().chain(free).collect()
    }

    fn finish(&self, here: &Here<'_>, place: usize, letter: &Letter, way: Way) -> Vec<Step> {
        let node = here.node;
        let mut judged = vec![false; self.machines.len()];
        let mut controls = node.discrete.controls.clone();
        let mut branches: Vec<(Zone, Vec<From>)> = vec![(way.times.clone(), (0..self.size()).map(From::Register).collect())];
        for (index, machine) in self.machines.iter().enumerate() {
            let Some(class) = way.classes.get(index).copied().flatten() else { continue };
            let control = controls.get(index).copied().unwrap_or(0);
            match &machine.body {
                MachineBody::Table(automaton) => {
                    let cell = control as usize * usize::from(machine.alphabet.classes) + usize::from(class);
                    judged.get_mut(index).into_iter().for_each(|place| *place = automaton.deny.get(cell).copied().unwrap_or(true));
                    let next = automaton.delta.get(cell).copied().unwrap_or(0);
                    controls.get_mut(index).into_iter().for_each(|place| *place = u32::from(next));
                    let updates = automaton.updates.get(cell).and_then(|set| automaton.update_sets.get(usize::from(*set)));
                    for update in updates.map_or(&[][..], Vec::as_slice) {
                        branches = branches
                            .into_iter()
                            .flat_map(|(zone, sources)| self.update(index, automaton, update, here, letter, zone, sources))
                            .collect();
                    }
                }
                MachineBody::Count(most) => count(index, *most, class, &mut controls, &mut judged),
                MachineBody::Ring(most, ms) => branches = self.ring(index, (*most, *ms), class, here, branches, &mut judged),
            }
        }
        let labels = if letter.own() { node.discrete.labels | letter.labels } else { node.discrete.labels };
        branches
            .into_iter()
            .map(|(times, mut sources)| {
                if let Some(own) = self.call_place(place).filter(|_| letter.kind == LetterKind::Call) {
                    sources.get_mut(own).into_iter().for_each(|source| *source = From::Now);
                }
                let set = sources.iter().map(|source| match source {
                    From::Register(index) => here.is_set(*index),
                    From::Unset => false,
                    From::Now | From::Call => true,
                });
                let discrete = Discrete { controls: controls.clone(), set: set.collect(), labels };
                let (times, places) = self.assign(here, &times, &way.places, &sources);
                Step { next: Node { discrete, times, places }, judged: judged.clone() }
            })
            .collect()
    }

    /// The zones after all registers took their new values at once.
    fn assign(&self, here: &Here<'_>, times: &Zone, places: &Zone, sources: &[From]) -> (Zone, Zone) {
        let mut ages: Vec<Option<usize>> = sources.iter().take(self.aged).filter_map(|source| Self::age(here, *source)).map(Some).collect();
        if self.ages == Ages::OfEveryEvent {
            ages.extend((0..here.events).map(|event| Some(here.event(event))).chain([Some(0)]));
            return (times.project(&ages), places.project(&ages));
        }
        let (mut times, mut places) = (times.project(&ages), places.project(&ages));
        // A result may be that of any call up to the latest one: how old that is at most tells nothing.
        let registers = self.starts.last().copied().unwrap_or(0);
        let own = sources.iter().take(registers).filter(|source| Self::age(here, **source).is_some()).count();
        for age in own + 1..times.size() {
            times.forget_most(age);
            places.forget_most(age);
        }
        times.widen(self.longest);
        places.keep_order();
        (times, places)
    }

    #[allow(clippy::too_many_arguments)]
    fn update(
        &self,
        index: usize,
        automaton: &Automaton,
        update: &Update,
        here: &Here<'_>,
        letter: &Letter,
        zone: Zone,
        sources: Vec<From>,
    ) -> Vec<(Zone, Vec<From>)> {
        let start = self.starts.get(index).copied().unwrap_or(0);
        let target = start + usize::from(update.register);
        let own = value(here, target);
        let position = automaton.registers.get(usize::from(update.register)) == Some(&RegisterKind::Position);
        let call = if letter.is_placed() { From::Call } else { From::Now };
        let values: Vec<(Zone, From)> = match &update.operation {
            Operation::Now => vec![(zone, From::Now)],
            Operation::Clear => vec![(zone, From::Unset)],
            Operation::MaxCall if position => vec![(zone, From::Now)],
            Operation::MaxCall => extreme(here, zone, own, call, Extreme::Latest),
            Operation::Latest { keep, of } => {
                let mut found = vec![(zone, if *keep { own } else { From::Unset })];
                for list in of {
                    let registers: Vec<From> = list.iter().map(|register| value(here, start + usize::from(*register))).collect();
                    found = found.into_iter().flat_map(|(zone, latest)| earliest(here, zone, &registers, latest)).collect();
                }
                found
            }
        };
        values
            .into_iter()
            .map(|(zone, from)| {
                let mut sources = sources.clone();
                sources.get_mut(target).into_iter().for_each(|source| *source = from);
                (zone, sources)
            })
            .collect()
    }

    fn age(here: &Here<'_>, from: From) -> Option<usize> {
        match from {
            From::Register(index) => here.age(index),
            From::Now => Some(0),
            From::Call => Some(here.call()),
            From::Unset => None,
        }
    }

    /// A ring of times, the oldest first: it is full where the oldest still lies in the window.
    fn ring(
        &self,
        index: usize,
        (most, ms): (u32, u64),
        class: u16,
        here: &Here<'_>,
        branches: Vec<(Zone, Vec<From>)>,
        judged: &mut [bool],
    ) -> Vec<(Zone, Vec<From>)> {
        let start = self.starts.get(index).copied().unwrap_or(0);
        let ms = i64::try_from(ms).unwrap_or(i64::MAX / 8);
        // Ways where it is full and ways where it is not were parted with the class.
        let full = |oldest: usize| branches.iter().all(|(zone, _)| zone.bound(oldest, 0) < ms);
        let over = class & JUDGED != 0 && here.age(start).is_some_and(full);
        judged.get_mut(index).into_iter().for_each(|place| *place = over || class & REFUSED != 0);
        if class & COUNTS == 0 {
            return branches;
        }
        branches
            .into_iter()
            .map(|(zone, mut sources)| {
                for slot in 0..most as usize {
                    let from = if slot + 1 == most as usize { From::Now } else { value(here, start + slot + 1) };
                    sources.get_mut(start + slot).into_iter().for_each(|source| *source = from);
                }
                (zone, sources)
            })
            .collect()
    }

    /// Whether a call that the machines judge so is admitted, for a session of that persona.
    pub(crate) fn admits(&self, letter: &Letter, judged: &[bool]) -> bool {
        self.refusing(letter, judged).next().is_none()
    }

    /// The machines that refuse the call.
    pub(crate) fn refusing<'j>(&'j self, letter: &'j Letter, judged: &'j [bool]) -> impl Iterator<Item = usize> + 'j {
        let refuses = |machine: &Machine| matches!(machine.action, Action::Deny | Action::EndSession);
        let judges = move |machine: &Machine| letter.own() && letter.persona.is_some_and(|persona| machine.judges(persona));
        self.machines
            .iter()
            .zip(judged)
            .enumerate()
            .filter(move |(_, (machine, judged))| **judged && refuses(machine) && judges(machine))
            .map(|(index, _)| index)
    }

    /// Whether a rule asks about the call.
    pub(crate) fn asks(&self, letter: &Letter, judged: &[bool]) -> bool {
        let judges = |machine: &Machine| letter.persona.is_some_and(|persona| machine.judges(persona));
        letter.asked
            || self
                .machines
                .iter()
                .zip(judged)
                .any(|(machine, judged)| *judged && matches!(machine.action, Action::Ask(_)) && judges(machine))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Extreme {
    Latest,
    Earliest,
}

fn value(here: &Here<'_>, register: usize) -> From {
    if here.is_set(register) { From::Register(register) } else { From::Unset }
}

/// The later of `latest` and the earliest of some registers (the letter itself, where there are none).
fn earliest(here: &Here<'_>, zone: Zone, registers: &[From], latest: From) -> Vec<(Zone, From)> {
    let mut found = vec![(zone, From::Now)];
    for register in registers {
        found = found.into_iter().flat_map(|(zone, earliest)| extreme(here, zone, earliest, *register, Extreme::Earliest)).collect();
    }
    found.into_iter().flat_map(|(zone, earliest)| extreme(here, zone, latest, earliest, Extreme::Latest)).collect()
}

/// The later, or the earlier, of two; what is unset lies before everything.
fn extreme(here: &Here<'_>, zone: Zone, a: From, b: From, which: Extreme) -> Vec<(Zone, From)> {
    let (first_age, second_age) = (Product::age(here, a), Product::age(here, b));
    let (Some(x), Some(y)) = (first_age, second_age) else {
        let unset = if first_age.is_none() { b } else { a };
        return vec![(zone, if which == Extreme::Latest { unset } else { From::Unset })];
    };
    let mut found = Vec::new();
    let (mut first, mut second) = (zone.clone(), zone);
    // An age that is not greater is that of the later one.
    if first.require(x, y, 0) {
        found.push((first, if which == Extreme::Latest { a } else { b }));
    }
    if second.require(y, x, -1) {
        found.push((second, if which == Extreme::Latest { b } else { a }));
    }
    found
}

fn narrowed(way: &Way, by: impl FnOnce(&mut Way) -> bool) -> Option<Way> {
    let mut way = way.clone();
    by(&mut way).then_some(way)
}

fn count(index: usize, most: u32, class: u16, controls: &mut [u32], judged: &mut [bool]) {
    let Some(control) = controls.get_mut(index) else { return };
    let over = class & REFUSED != 0 || (class & JUDGED != 0 && *control >= most);
    judged.get_mut(index).into_iter().for_each(|place| *place = over);
    if class & COUNTS != 0 {
        *control = (*control + 1).min(most);
    }
}
