//! States from which no call is admitted any more.
//!
//! In: the rules of a persona's sessions that can be stepped. Out: a session that comes to such a state, and the rules that refuse there. Invariant: whatever
//! follows such a state by itself leads to another one. Source: verification section 3 (LF0405).

use std::collections::{BTreeSet, HashMap};

use leverframe_compiler::core::{Action, Core, Key, PersonaId, Rule, RuleKind, ToolId};
use leverframe_runtime::frame::LetterKind;

use super::alike::distinct;
use super::concrete::{Concrete, LastCall, Maker};
use super::ground::{Approvals, Ground};
use super::hunt::{Trapped, in_scope};
use super::letter::{Alphabet, Letter, example};
use super::machine::{Machine, MachineBody, RuleIndex, variables};
use super::run::{Attempt, OWN, Run, Said, party};
use super::search::{Way, answered};
use super::step::{Ages, Discrete, Node, Product, Step};
use crate::cache::Cache;
use crate::limits::TRAP_NODES;
use crate::question::{Example, Questions};

/// A state, how it was reached, and what can follow.
struct State {
    node: Node,
    by: Option<(usize, usize)>,
    /// Whether some call is admitted there.
    goes_on: bool,
    /// The states that may follow by themselves.
    leads_to: BTreeSet<usize>,
    /// The machines that refuse some call there.
    refusing: BTreeSet<usize>,
}

/// All states that can be reached.
struct Graph<'g> {
    product: Product<'g>,
    letters: &'g [Letter],
    states: Vec<State>,
    known: HashMap<Discrete, Vec<usize>>,
}

impl Ground {
    /// A session of the persona that ends in a trap, if there is one.
    pub(crate) fn trap(&self, questions: &mut Questions<'_>, persona: PersonaId) -> Option<Trapped> {
        let key = self.content().hunt(persona, "trap");
        // A trap is shown with its session, which the runtime decides anew.
        let keep = |cache: &mut Cache, trapped: &Option<Trapped>| {
            if trapped.is_none() {
                cache.traps.insert(key, None);
            }
        };
        questions.recalled(|cache| cache.traps.get(key), keep, |questions| self.trapped(questions, persona))
    }

    fn trapped(&self, questions: &mut Questions<'_>, persona: PersonaId) -> Option<Trapped> {
        let machines = self.session_machines(persona);
        let (core, guards) = (&self.core, self.guards());
        let mut alphabet = Alphabet { core, guards, machines: &machines, constants: &[], of_goal: &[], questions, probe: None };
        let letters = alphabet.every(persona).ok()?;
        // A call that no rule notices and that asks for no label can always be made.
        let free = |letter: &Letter| {
            letter.kind == LetterKind::Call && letter.has == (0, 0) && !machines.iter().any(|machine| machine.notices(letter))
        };
        if letters.iter().any(free) {
            return None;
        }
        let calls = examples(questions, &letters);
        let letters = distinct(letters, &machines);
        let graph = Graph::new(Product::new(&machines, &letters, Ages::OfWhatIsSet), &letters)?;
        if !graph.states.first().is_some_and(|state| state.goes_on) {
            return None;
        }
        let alive = graph.alive();
        let wait = machines.iter().map(Machine::longest).max().unwrap_or(0).saturating_add(1);
        for (index, state) in graph.states.iter().enumerate().filter(|(index, _)| !alive.contains(index)) {
            if state.refusing.iter().any(|machine| wanted(&machines, *machine, &state.node)) {
                continue;
            }
            let way = timed(&machines, &letters, &graph.way(index));
            let (policy, approvals) = (self.policy(), Approvals::Given);
            let mut maker = Maker { core, guards, policy, questions, letters: &letters, constants: &[], persona, approvals };
            // What machines do not follow may let a call pass all the same.
            let stuck = |run: &mut Run<'_>, _: Option<&Said>, at: i64| {
                [1, wait].into_iter().all(|wait| !calls.iter().any(|call| goes_on(run, core, persona, call, at.saturating_add(wait))))
            };
            if let (Concrete::Session(session), _) = maker.session(&way, LastCall::Admitted, &stuck) {
                let rules: BTreeSet<RuleIndex> =
                    state.refusing.iter().filter_map(|machine| machines.get(*machine)).map(|machine| machine.rule).collect();
                return Some(Trapped { session, rules: rules.into_iter().collect() });
            }
        }
        None
    }

    /// The rules of the persona's sessions, without those that keep values apart.
    fn session_machines(&self, persona: PersonaId) -> Vec<Machine> {
        let refuses = |rule: &Rule| matches!(rule.action, Action::Deny | Action::EndSession);
        let fits = |rule: &Rule| rule.key == Key::Session && refuses(rule) && in_scope(rule, persona) && variables(rule).is_empty();
        let rules = self.core.rules.iter().enumerate().filter(|(_, rule)| fits(rule));
        rules.filter_map(|(at, _)| Machine::new(&self.core, self.guards(), RuleIndex(at), Vec::new())).collect()
    }
}

impl<'g> Graph<'g> {
    fn new(product: Product<'g>, letters: &'g [Letter]) -> Option<Self> {
        let first = State { node: product.initial(), by: None, goes_on: false, leads_to: BTreeSet::new(), refusing: BTreeSet::new() };
        let mut graph = Self { product, letters, states: vec![first], known: HashMap::new() };
        let mut next = 0;
        while next < graph.states.len() {
            graph.follow(next)?;
            next += 1;
        }
        Some(graph)
    }

    fn follow(&mut self, index: usize) -> Option<()> {
        let node = self.states.get(index)?.node.clone();
        let letters = self.letters;
        for (place, letter) in letters.iter().enumerate() {
            let call = letter.kind == LetterKind::Call && letter.own();
            for step in self.product.steps(&self.product.here(&node), place, letter) {
                let refusing: Vec<usize> = if call { self.product.refusing(letter, &step.judged).collect() } else { Vec::new() };
                if !refusing.is_empty() {
                    self.states.get_mut(index)?.refusing.extend(refusing);
                    continue;
                }
                let target = self.enter(step.next, (index, place))?;
                let state = self.states.get_mut(index)?;
                if call {
                    state.goes_on = true;
                } else {
                    state.leads_to.insert(target);
                }
            }
        }
        Some(())
    }

    /// The state that stands for a node: one that covers it, or a new one. Nothing where there would be too many.
    fn enter(&mut self, node: Node, by: (usize, usize)) -> Option<usize> {
        let same = self.known.entry(node.discrete.clone()).or_default();
        let covers = |other: &Node| other.times.covers(&node.times) && other.places.covers(&node.places);
        if let Some(known) = same.iter().find(|known| self.states.get(**known).is_some_and(|state| covers(&state.node))) {
            return Some(*known);
        }
        if self.states.len() >= TRAP_NODES {
            return None;
        }
        same.push(self.states.len());
        self.states.push(State { node, by: Some(by), goes_on: false, leads_to: BTreeSet::new(), refusing: BTreeSet::new() });
        Some(self.states.len() - 1)
    }

    /// The states from which some call is admitted, now or after what happens by itself.
    fn alive(&self) -> BTreeSet<usize> {
        let mut alive: BTreeSet<usize> =
            self.states.iter().enumerate().filter(|(_, state)| state.goes_on).map(|(index, _)| index).collect();
        loop {
            let leads = |state: &State| state.leads_to.iter().any(|target| alive.contains(target));
            let more: Vec<usize> = self
                .states
                .iter()
                .enumerate()
                .filter(|(index, state)| !alive.contains(index) && leads(state))
                .map(|(index, _)| index)
                .collect();
            if more.is_empty() {
                return alive;
            }
            alive.extend(more);
        }
    }

    fn way(&self, index: usize) -> Vec<usize> {
        let (mut way, mut at) = (Vec::new(), index);
        while let Some((before, letter)) = self.states.get(at).and_then(|state| state.by) {
            way.push(letter);
            at = before;
        }
        way.reverse();
        way
    }
}

/// A call of every kind that permissions admit, with its tool.
fn examples(questions: &mut Questions<'_>, letters: &[Letter]) -> Vec<(ToolId, Example)> {
    let calls = letters.iter().filter(|letter| letter.kind == LetterKind::Call && letter.own());
    calls.filter_map(|letter| Some((ToolId(letter.subject), example(questions, letter, Vec::new(), &[])?))).collect()
}

/// Whether the runtime admits the call after the session at hand.
fn goes_on(run: &mut Run<'_>, core: &Core, persona: PersonaId, (tool, example): &(ToolId, Example), at: i64) -> bool {
    let party = party(core, OWN, &|_| true);
    let persona = core.personas.get(persona.index()).map_or("", |persona| persona.name.as_str());
    let tool = core.tools.get(tool.index()).map_or("", |tool| tool.name.as_str());
    run.probe(&Attempt { party: &party, persona, tool, example, at }).admitted
}

/// A way with the times that its events can have.
fn timed(machines: &[Machine], letters: &[Letter], path: &[usize]) -> Way {
    let path = answered(path, letters, &[]);
    let product = Product::new(machines, letters, Ages::OfEveryEvent);
    let admitted = |_: &Node, letter: &Letter, step: &Step, _: bool| {
        letter.kind != LetterKind::Call || !letter.own() || product.admits(letter, &step.judged)
    };
    let times = product.timings(letters, &path, &admitted);
    Way { letters: path.into_iter().map(|(place, _)| place).collect(), times }
}

/// Whether a machine refuses there because the author wants the session to end: by `end session`, a limit of the session, a protocol that is through.
fn wanted(machines: &[Machine], index: usize, node: &Node) -> bool {
    let Some(machine) = machines.get(index) else { return false };
    if machine.action == Action::EndSession {
        return true;
    }
    match &machine.body {
        MachineBody::Count(_) => true,
        MachineBody::Ring(..) => false,
        MachineBody::Table(automaton) => {
            let control = node.discrete.controls.get(index).copied().unwrap_or(0) as usize;
            let classes = usize::from(machine.alphabet.classes);
            let row = automaton.delta.get(control * classes..(control + 1) * classes).unwrap_or(&[]);
            // A protocol that is through has no event left that leads on.
            machine.kind == RuleKind::Protocol
                && row
                    .iter()
                    .enumerate()
                    .all(|(class, next)| usize::from(*next) == control || automaton.deny.get(control * classes + class) == Some(&true))
        }
    }
}
