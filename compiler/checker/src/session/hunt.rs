//! Hunting for a session: rules are taken in as they are needed.
//!
//! In: a quarry. Out: a session that the runtime decides so, or that there is none, or why it is not known. Invariants: `Impossible` rests on a search that ended;
//! a session was replayed. Source: verification section 3 ("rules are added as counterexamples demand").

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use leverframe_compiler::automata::{Guards, Value};
use leverframe_compiler::core::{Action, Body, Cond, Core, Formula, PersonaId, Rule, Scope, ToolId, TypeTag, ValuePath};
use leverframe_runtime::frame::LetterKind;
use leverframe_runtime::{Policy, Verdict};
use serde::{Deserialize, Serialize};

use super::concrete::{Concrete, LastCall, Maker};
use super::constants::{Constants, Extent, Placed, constants, tools as tools_of};
use super::ground::Approvals;
use super::letter::{Alphabet, Constant, Letter};
use super::machine::{Machine, RuleIndex, variables};
use super::run::{Attempt, OWN, Run, Said, party};
use super::search::{End, Goal, Search, Way, stands_in};
use super::values::scalar;
use crate::limits::{CONE, COUNTEREXAMPLES, SLICES};
use crate::question::Questions;
use crate::report::WitnessStep;

/// What is hunted for.
#[derive(Clone, Debug)]
pub(crate) enum Quarry {
    /// A claim has come to hold.
    Claim(RuleIndex),
    /// A claim holds at a call that is allowed, and not asked about.
    Allowed(RuleIndex),
    /// A claim holds at a call that is admitted, asked about or not.
    Passes(RuleIndex),
    /// A rule judges a call that permissions admit; `alone` where the call would be decided otherwise without it.
    Triggers { rule: RuleIndex, alone: bool },
    /// A call that meets the condition is admitted.
    Admitted(ToolId, Cond),
    /// A call that meets the condition is allowed, and not asked about.
    Granted(ToolId, Cond),
}

impl Quarry {
    /// The claim or rule that it is about.
    pub(crate) fn rule(&self) -> Option<RuleIndex> {
        match self {
            Self::Claim(rule) | Self::Allowed(rule) | Self::Passes(rule) | Self::Triggers { rule, .. } => Some(*rule),
            Self::Admitted(..) | Self::Granted(..) => None,
        }
    }

    /// The calls that it is about, where it is about no rule.
    pub(crate) fn probe(&self) -> Option<(ToolId, Cond)> {
        match self {
            Self::Admitted(tool, cond) | Self::Granted(tool, cond) => Some((*tool, cond.clone())),
            Self::Claim(_) | Self::Allowed(_) | Self::Passes(_) | Self::Triggers { .. } => None,
        }
    }
}

/// What a hunt came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Hunted {
    /// There is no such session. These rules are the reason, with permissions.
    Impossible(Reason),
    /// This is one.
    Session(Vec<WitnessStep>),
    /// It is not known, and why not.
    Unknown(String),
}

/// Why there is no session.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Reason {
    /// The rules that were needed to see it.
    pub(crate) rules: Vec<RuleIndex>,
    /// The longest session that was on the way when a call of it was refused, that call included.
    pub(crate) prefix: Vec<WitnessStep>,
    /// All rules that refuse enough, those of hunts inside the hunt too: whatever the others say, there is no such session.
    pub(crate) rests_on: BTreeSet<RuleIndex>,
}

/// A session after which no call is admitted any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Trapped {
    pub(crate) session: Vec<WitnessStep>,
    /// The rules that refuse there.
    pub(crate) rules: Vec<RuleIndex>,
}

/// Whoever hunts in one policy.
pub(crate) struct Hunter<'a, 'c> {
    pub(crate) core: &'a Core,
    pub(crate) guards: &'a Guards,
    pub(crate) policy: &'a Policy,
    pub(crate) questions: &'a mut Questions<'c>,
    /// The rules on which every `Impossible` so far rests.
    pub(crate) rests_on: BTreeSet<RuleIndex>,
    /// Steps of single machines that it may still take.
    pub(crate) steps: Cell<usize>,
}

/// Which letters are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    Own,
    Whole,
    All,
    Admitted,
}

const NO_MODEL: &str = "no search can follow it: it sums, counts different or identical values or more than a search counts, or has a window of millions of years";

/// One turn of a hunt.
enum Turn {
    Done(Hunted),
    /// These rules have to be taken in.
    More(BTreeSet<RuleIndex>),
}

impl Hunter<'_, '_> {
    /// Hunts in the sessions of a persona.
    pub(crate) fn hunt(&mut self, persona: PersonaId, quarry: &Quarry, approvals: Approvals) -> Hunted {
        let mut cone: Vec<RuleIndex> = quarry.rule().into_iter().collect();
        let mut prefix = Vec::new();
        loop {
            match self.turn(persona, quarry, &cone, approvals, &mut prefix) {
                Turn::Done(Hunted::Impossible(_)) => {
                    self.rests_on.extend(&cone);
                    return Hunted::Impossible(Reason { rules: cone, prefix, rests_on: self.rests_on.clone() });
                }
                Turn::Done(hunted) => return hunted,
                Turn::More(rules) => cone.extend(rules),
            }
            if cone.len() > CONE {
                return Hunted::Unknown(format!("more than {CONE} rules bear on it"));
            }
        }
    }

    fn turn(
        &mut self,
        persona: PersonaId,
        quarry: &Quarry,
        cone: &[RuleIndex],
        approvals: Approvals,
        prefix: &mut Vec<WitnessStep>,
    ) -> Turn {
        // Few values suffice for most sessions; where they do not, none of them is a proof.
        let few = constants(self.core, quarry, cone, Extent::Few);
        let complete = few.complete;
        match self.among(persona, quarry, (cone, few), approvals, prefix) {
            Turn::Done(Hunted::Impossible(_) | Hunted::Unknown(_)) if !complete => {
                let enough = constants(self.core, quarry, cone, Extent::Enough);
                self.among(persona, quarry, (cone, enough), approvals, prefix)
            }
            turn => turn,
        }
    }

    fn among(
        &mut self,
        persona: PersonaId,
        quarry: &Quarry,
        (cone, Constants { all: constants, complete, extent, of_goal }): (&[RuleIndex], Constants),
        approvals: Approvals,
        prefix: &mut Vec<WitnessStep>,
    ) -> Turn {
        let machines = match self.machines(quarry, cone, (&constants, &of_goal)) {
            Ok(machines) => machines,
            Err(why) => return Turn::Done(Hunted::Unknown(why)),
        };
        let probe = quarry.probe();
        let mut alphabet = Alphabet {
            core: self.core,
            guards: self.guards,
            machines: &machines,
            constants: &constants,
            of_goal: &of_goal,
            questions: self.questions,
            probe: probe.as_ref(),
        };
        let letters = match alphabet.letters(persona) {
            Ok(letters) => letters,
            Err(why) => return Turn::Done(Hunted::Unknown(why.0)),
        };
        let whole = self.whole(&letters, &machines, &constants);
        let (letters, constants, machines) = (letters.as_slice(), constants.as_slice(), machines.as_slice());
        let field = Field { persona, quarry, cone, approvals, letters, constants, machines, complete, extent };
        let outcome = match self.rounds(&field, &whole, prefix) {
            Turn::Done(outcome) => outcome,
            more @ Turn::More(_) => return more,
        };
        if matches!(outcome, Hunted::Unknown(_)) && (complete || extent == Extent::Enough) {
            // Values or times may hide whose fault it is: every rule that judges what the letters call may be needed.
            let more = self.judging(persona, quarry, machines, cone);
            if !more.is_empty() && cone.len() + more.len() <= CONE {
                return Turn::More(more);
            }
        }
        Turn::Done(outcome)
    }

    /// First only what the session does itself, since what others do no machine refuses, but the runtime may. Then only calls whose values the machines follow: what
    /// comes of those is hardly ever refused for its values. Then all, which can prove. Where that comes to nothing, all but those of tools of which no call at all
    /// is admitted, whatever its values.
    fn rounds(&mut self, field: &Field<'_>, whole: &[bool], prefix: &mut Vec<WitnessStep>) -> Turn {
        let goal = goal(field.quarry);
        let all = vec![true; field.letters.len()];
        let mut outcome = Hunted::Impossible(Reason::default());
        let own: Vec<bool> = field.letters.iter().map(|letter| letter.own() && letter.elsewhere.is_empty()).collect();
        for round in [Round::Own, Round::Whole, Round::All, Round::Admitted] {
            let usable = match round {
                Round::Own if own == all => continue,
                Round::Own => own.iter().zip(whole).map(|(own, whole)| *own && *whole).collect(),
                // The other rounds would look at the same again.
                Round::All | Round::Admitted if whole == all => break,
                Round::Whole => whole.to_vec(),
                Round::All => all.clone(),
                Round::Admitted => match self.admitted(field, whole, field.quarry) {
                    Some(usable) => usable,
                    None => break,
                },
            };
            // Where there are too few constants for the values of the last call, a way counts whatever these are.
            let last = if field.complete || matches!(round, Round::Own | Round::Whole) { whole } else { &all };
            let steps = Cell::new(self.steps.get());
            let (machines, letters, approvals) = (field.machines, field.letters, field.approvals);
            let search = Search { machines, letters, goal: &goal, approvals, whole: last, usable: &usable, steps: &steps };
            let mut found = Findings { session: None, rules: BTreeSet::new(), lost: None, tried: 0 };
            let end = search.run(&mut |way| self.look(field, way, &mut found, prefix));
            self.steps.set(steps.get());
            if let Some(session) = found.session {
                return Turn::Done(Hunted::Session(session));
            }
            if !found.rules.is_empty() {
                return Turn::More(found.rules);
            }
            if round == Round::Own {
                continue;
            }
            outcome = match (end, found.lost) {
                (End::Bound(why), _) | (_, Some(why)) => Hunted::Unknown(why),
                _ => Hunted::Impossible(Reason::default()),
            };
            let proved = matches!(outcome, Hunted::Impossible(_)) && (round != Round::Whole || field.complete && whole == all);
            if proved || (field.extent == Extent::Few && !field.complete) {
                break;
            }
        }
        Turn::Done(outcome)
    }

    /// By letter: whether it is looked at, where calls are left out whose tool is never called, whatever its values; nothing where that leaves out none.
    /// Values that are no constants behave as constants do, so it is enough that no call whose values are followed is admitted.
    fn admitted(&mut self, field: &Field<'_>, whole: &[bool], quarry: &Quarry) -> Option<Vec<bool>> {
        if quarry.probe().is_some() {
            return None;
        }
        let calls = field.letters.iter().zip(whole).filter(|(letter, whole)| !**whole && letter.own() && letter.kind == LetterKind::Call);
        let tools: BTreeSet<u32> = calls.map(|(letter, _)| letter.subject).collect();
        let never = |tool: &u32| {
            let any = Quarry::Admitted(ToolId(*tool), Cond::Const(true));
            matches!(self.hunt(field.persona, &any, field.approvals), Hunted::Impossible(_))
        };
        let never: BTreeSet<u32> = tools.into_iter().filter(never).collect();
        let out = |letter: &Letter| letter.own() && letter.kind != LetterKind::Event && never.contains(&letter.subject);
        (!never.is_empty()).then(|| field.letters.iter().map(|letter| !out(letter) || letter.kind == LetterKind::Denied).collect())
    }

    /// The rules that refuse calls of the tools that the machines name, and are not among them.
    fn judging(&self, persona: PersonaId, quarry: &Quarry, machines: &[Machine], cone: &[RuleIndex]) -> BTreeSet<RuleIndex> {
        let mut tools: BTreeSet<u32> = machines
            .iter()
            .flat_map(|machine| &machine.alphabet.sites)
            .filter(|site| site.kind != LetterKind::Event && site.named)
            .map(|site| site.subject)
            .collect();
        tools.extend(quarry.probe().map(|(tool, _)| tool.0));
        let refuses = |rule: &Rule| !matches!(rule.action, Action::Observe | Action::Ask(_)) && in_scope(rule, persona);
        let mut found = BTreeSet::new();
        for (at, _) in self.core.rules.iter().enumerate().filter(|(_, rule)| refuses(rule)) {
            let index = RuleIndex(at);
            let machine = Machine::new(self.core, self.guards, index, Vec::new()).filter(|_| !cone.contains(&index));
            let judges = |machine: &Machine| tools.iter().any(|tool| machine.site(LetterKind::Call, *tool).is_some());
            if machine.is_some_and(|machine| judges(&machine)) {
                found.insert(index);
            }
        }
        found
    }

    fn look(&mut self, field: &Field<'_>, way: &Way, found: &mut Findings, prefix: &mut Vec<WitnessStep>) -> ControlFlow<()> {
        let Field { persona, quarry, cone, approvals, letters, constants, .. } = *field;
        found.tried += 1;
        let accept = acceptance(self.core, quarry, persona);
        let last = match quarry {
            Quarry::Triggers { .. } => LastCall::Judged,
            Quarry::Allowed(_) | Quarry::Granted(..) => LastCall::Unasked,
            Quarry::Claim(_) | Quarry::Admitted(..) | Quarry::Passes(_) => LastCall::Admitted,
        };
        let (core, guards, policy) = (self.core, self.guards, self.policy);
        let mut maker = Maker { core, guards, policy, questions: self.questions, letters, constants, persona, approvals };
        let (concrete, longest) = maker.session(way, last, &*accept);
        if longest.len() > prefix.len() {
            *prefix = longest;
        }
        match concrete {
            Concrete::Session(session) => {
                found.session = Some(session);
                return ControlFlow::Break(());
            }
            Concrete::Refused(names) => {
                let fresh = names.iter().filter_map(|name| self.core.rules.iter().position(|rule| rule.name == *name)).map(RuleIndex);
                let fresh: BTreeSet<RuleIndex> = fresh.filter(|rule| !cone.contains(rule)).collect();
                if !fresh.is_empty() {
                    found.rules = fresh;
                    return ControlFlow::Break(());
                }
                found.lost.get_or_insert_with(|| {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    format!("some way to it is refused by {}, and it could not be settled whether every way is", names.join(" and "))
                });
            }
            Concrete::Lost(why) => {
                found.lost.get_or_insert(why);
            }
        }
        if found.tried >= COUNTEREXAMPLES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn machines(
        &self,
        quarry: &Quarry,
        cone: &[RuleIndex],
        (constants, of_goal): (&[Constant], &[Placed]),
    ) -> Result<Vec<Machine>, String> {
        let mut machines = Vec::new();
        for (at, index) in cone.iter().enumerate() {
            let Some(rule) = self.core.rules.get(index.0) else { continue };
            let variables = variables(rule);
            let quarry_own = at == 0 && quarry.rule().is_some();
            let slices = if quarry_own { vec![(0..variables.len()).collect()] } else { tuples(rule, &variables, constants, of_goal) };
            for slice in slices {
                match Machine::new(self.core, self.guards, *index, slice) {
                    // What a claim speaks of has happened, or has not.
                    Some(machine) if quarry_own && matches!(quarry, Quarry::Claim(_)) => machines.push(machine.judging_nothing()),
                    Some(machine) => machines.push(machine),
                    None if quarry_own => return Err(NO_MODEL.to_owned()),
                    // It is left out, which only admits more.
                    None => {}
                }
            }
        }
        // A search has one clock: what measures by another one is left out, too.
        let own = machines.first().filter(|_| quarry.rule().is_some()).and_then(Machine::clock);
        let clock = own.or_else(|| machines.iter().find_map(Machine::clock));
        machines.retain(|machine| machine.clock().is_none_or(|other| Some(other) == clock));
        Ok(machines)
    }

    /// By letter: whether each value of a call that rules take is one of the constants, as far as the quarry leaves its type open.
    fn whole(&self, letters: &[Letter], machines: &[Machine], constants: &[Constant]) -> Vec<bool> {
        let whole = |letter: &Letter| {
            let sources = self.guards.tool_values(letter.subject as usize);
            let taken = |index: usize| {
                machines
                    .iter()
                    .filter(|machine| !machine.slice.is_empty())
                    .filter_map(|machine| machine.site(letter.kind, letter.subject))
                    .any(|site| site.bindings.iter().flatten().any(|value| usize::from(*value) == index))
            };
            sources.iter().enumerate().filter(|(index, _)| taken(*index)).all(|(index, value)| {
                let Value::Path(path) = value else { return true };
                let open = constants.iter().any(|constant| constant.tag == path.tag && constant.literal.is_none());
                let held = letter.values.get(index).copied().unwrap_or_default();
                !open || scalar(path).is_none() || held.constants != 0 || held.lacks
            })
        };
        letters.iter().map(|letter| letter.is_result() || letter.kind != LetterKind::Call || whole(letter)).collect()
    }
}

/// Where ways are looked at.
struct Field<'f> {
    persona: PersonaId,
    quarry: &'f Quarry,
    cone: &'f [RuleIndex],
    approvals: Approvals,
    letters: &'f [Letter],
    constants: &'f [Constant],
    machines: &'f [Machine],
    complete: bool,
    extent: Extent,
}

/// What came of the ways that were looked at.
struct Findings {
    session: Option<Vec<WitnessStep>>,
    rules: BTreeSet<RuleIndex>,
    lost: Option<String>,
    tried: usize,
}

fn goal(quarry: &Quarry) -> Goal {
    match quarry {
        Quarry::Claim(_) => Goal::Happened(0),
        Quarry::Allowed(_) => Goal::Allowed(0),
        Quarry::Passes(_) => Goal::Passes(0),
        Quarry::Triggers { alone, .. } => Goal::Judged { machine: 0, alone: *alone },
        Quarry::Admitted(..) => Goal::Admitted,
        Quarry::Granted(..) => Goal::Granted,
    }
}

/// Whether a session, with what was said of its last call and the time, is what is hunted for.
pub(super) type Accepts<'q> = Box<dyn Fn(&mut Run<'_>, Option<&Said>, i64) -> bool + 'q>;

/// What the runtime has to say at the end of a session.
pub(super) fn acceptance<'q>(core: &'q Core, quarry: &'q Quarry, persona: PersonaId) -> Accepts<'q> {
    let name = |rule: &RuleIndex| core.rules.get(rule.0).map_or("", |rule| rule.name.as_str());
    match quarry {
        Quarry::Admitted(..) => Box::new(|_, said, _| said.is_some_and(|said| said.admitted)),
        Quarry::Granted(..) => Box::new(|_, said, _| said.is_some_and(|said| said.verdict == Verdict::Allow)),
        Quarry::Passes(rule) => {
            let name = name(rule);
            Box::new(move |_, said, _| said.is_some_and(|said| said.admitted && said.observed.iter().any(|other| other == name)))
        }
        Quarry::Allowed(rule) => {
            let name = name(rule);
            Box::new(move |_, said, _| {
                said.is_some_and(|said| said.verdict == Verdict::Allow && said.observed.iter().any(|other| other == name))
            })
        }
        Quarry::Triggers { rule, alone } => {
            let name = name(rule);
            Box::new(move |_, said, _| {
                said.is_some_and(|said| {
                    let judged = said.rules.iter().chain(&said.observed).any(|other| other == name);
                    judged && (!*alone || said.observed.iter().any(|other| other == name) || !said_anyway(core, said, *rule))
                })
            })
        }
        Quarry::Claim(rule) => {
            let (name, who) = (name(rule), core.personas.get(persona.index()).map_or("", |persona| persona.name.as_str()));
            Box::new(move |run, _, at| happened(core, run, who, name, at))
        }
    }
}

/// Whether the call comes out so without the rule, too.
fn said_anyway(core: &Core, said: &Said, own: RuleIndex) -> bool {
    let Some(own) = core.rules.get(own.0) else { return false };
    said.rules.iter().filter(|name| **name != own.name).any(|name| match core.rules.iter().find(|rule| rule.name == *name) {
        Some(other) => stands_in(Some(&other.action), &own.action),
        // An answer of permissions, of the same severity.
        None => said.verdict == Verdict::Deny || stands_in(None, &own.action),
    })
}

/// Whether the runtime, too, says that a claim has come to hold: it would speak of any call now.
fn happened(core: &Core, run: &mut Run<'_>, persona: &str, claim: &str, at: i64) -> bool {
    let Some((tool, example)) = run.last_example() else { return false };
    let party = party(core, OWN, &|_| true);
    let said = run.probe(&Attempt { party: &party, persona, tool: &tool, example: &example, at });
    said.observed.iter().any(|name| name == claim)
}

/// Ways for a rule's variables to stand for constants of their types. What is left out is a history that is not followed, which only admits more.
fn tuples(rule: &Rule, variables: &[(String, TypeTag)], constants: &[Constant], of_goal: &[Placed]) -> Vec<Vec<usize>> {
    let each: Vec<Vec<usize>> = variables
        .iter()
        .map(|(name, _)| {
            let paths = paths(rule, name);
            let fits = |constant: &Constant| paths.iter().any(|path| constant.may_be(path));
            constants.iter().enumerate().filter(|(_, constant)| fits(constant)).map(|(at, _)| at).collect()
        })
        .collect();
    let all = each.iter().fold(1_usize, |all, own| all.saturating_mul(own.len()));
    let narrowed = |(own, (name, _)): (Vec<usize>, &(String, TypeTag))| {
        let there = at_goal(rule, name, of_goal);
        if own.iter().any(|at| there.contains(at)) { own.into_iter().filter(|at| there.contains(at)).collect() } else { own }
    };
    let each = if all > SLICES { each.into_iter().zip(variables).map(narrowed).collect() } else { each };
    let mut all = vec![Vec::new()];
    for own in each {
        all = all.iter().flat_map(|before: &Vec<usize>| own.iter().map(move |at| [before.as_slice(), &[*at]].concat())).collect();
        all.truncate(SLICES * SLICES);
    }
    all
}

/// The constants that a rule's variable stands for at the call that comes to the goal.
fn at_goal(rule: &Rule, name: &str, of_goal: &[Placed]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    leverframe_compiler::automata::patterns_of(rule, &mut |pattern| {
        for part in &pattern.parts {
            let own = part.bindings.iter().filter(|binding| binding.name == name);
            let tools = tools_of(part);
            for binding in own {
                let there = of_goal.iter().filter(|placed| tools.contains(&placed.tool) && placed.path == binding.value);
                found.extend(there.map(|placed| placed.constant));
            }
        }
    });
    found
}

/// Where a variable of a rule takes its values from.
fn paths(rule: &Rule, name: &str) -> Vec<ValuePath> {
    let mut found = Vec::new();
    leverframe_compiler::automata::patterns_of(rule, &mut |pattern| {
        let bindings = pattern.parts.iter().flat_map(|part| &part.bindings);
        found.extend(bindings.filter(|binding| binding.name == name).map(|binding| binding.value.clone()));
    });
    found
}

pub(crate) fn in_scope(rule: &Rule, persona: PersonaId) -> bool {
    match &rule.scope {
        Scope::All => true,
        Scope::Personas(personas) => personas.contains(&persona),
    }
}

/// Whether a rule's body speaks of time.
pub(crate) fn is_timed(rule: &Rule) -> bool {
    match &rule.body {
        Body::Deny(formula) => timed(formula),
        Body::Limit(_) => true,
        Body::Protocol(_) => false,
    }
}

fn timed(formula: &Formula) -> bool {
    match formula {
        Formula::Span(..) => true,
        Formula::Prev(body, clause) => clause.within_ms.is_some() || timed(body),
        Formula::Met { within_ms, .. } => within_ms.is_some(),
        Formula::And(parts) | Formula::Or(parts) => parts.iter().any(timed),
        Formula::Not(part) | Formula::From(part) => timed(part),
        Formula::Start | Formula::Match(_) => false,
    }
}
