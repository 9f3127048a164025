//! Products: what the sessions of a persona can come to, where time and values are left free.
//!
//! In: a rule's body that is looked at, rules that refuse, a persona. Out: how many states the product of their sources has, if nothing in it is what should not be.
//! Invariants: every session is in the product: whatever is not known of a letter (a window, a value, a condition beyond what permissions say of it) is taken
//! to be either way; rules that are left out only refuse more.
//! Assumed: a result carries only labels that its tool returns or a scan of it gives (`lang-spec/trust.md`).
//! Source: `lang-spec/certificate.md`, [cert.sessions] and [cert.findings].

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use leverframe_reference::policy::{Action, Body, Cond, Key, Measure, Persona, Policy, Rule, Verdict};
use leverframe_reference::step::{Ask, Letter, Open, Source, Values};
use leverframe_runtime::frame::{LetterKind, Test};

use super::obligation::{Obligation, admitted, answered, has_statement};
use super::sessions::gives;
use crate::asked::{List, Subjects};
use crate::letter::{Question, Site, sites};
use crate::limits::{CONDITION_STEPS, COUNT, LETTERS_PER_RULE, PATHS_PER_SITE, PRODUCT_RULES, PRODUCT_STATES, PRODUCT_WAYS, PRODUCT_WORK};
use crate::paths::{Known, answer};
use crate::{Checked, require};

/// A state of the product: the bits of the machine that is looked at, then those of each rule's.
type State = Vec<Vec<bool>>;

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    /// Whether it is a call that permissions may admit.
    call: bool,
    /// Whether the statement that is looked at may answer it.
    answered: bool,
    /// For each machine the answers that are known.
    answers: Vec<Vec<Option<bool>>>,
}

/// What must not be.
#[derive(Clone, Copy)]
pub(super) enum Goal<'a> {
    /// What the body speaks of has happened, by a letter that is admitted.
    Happens,
    /// The body judges a call that permissions admit.
    Judges,
    /// It does, and no rule of the product does as much as a rule of this action would.
    JudgesAlone(&'a Action),
    /// The body remembers something after a letter that is admitted.
    Remembers,
    /// A call is admitted that the statement of this name answers.
    Answers(&'a str),
}

/// What a product is made of, beside the persona.
#[derive(Clone, Copy)]
pub(super) struct Made<'a> {
    pub(super) policy: &'a Policy,
    pub(super) subjects: &'a Subjects<'a>,
    /// What is looked at.
    pub(super) body: &'a Body,
    pub(super) goal: Goal<'a>,
    /// Rules of the session, without variables.
    pub(super) rules: &'a [&'a Rule],
    /// Whether sessions with approved calls are left out.
    pub(super) unapproved: bool,
}

/// The rules at these places, if a product may have them.
pub(super) fn rules<'p>(policy: &'p Policy, places: &[u16]) -> Checked<Vec<&'p Rule>> {
    let different: BTreeSet<&u16> = places.iter().collect();
    require(different.len() == places.len() && places.len() <= PRODUCT_RULES, || {
        format!("its product names a rule twice, or more than {PRODUCT_RULES}")
    })?;
    let rules = places.iter().map(|place| policy.rules.get(usize::from(*place)).ok_or("the policy has no such rule"));
    let rules: Vec<&Rule> = rules.collect::<Result<_, _>>()?;
    require(rules.iter().all(|rule| rule.key == Key::Session && !rule.has_values()), || {
        "a rule of other histories than the session's, or with variables, is none of the product".to_owned()
    })?;
    Ok(rules)
}

/// How many personas were looked at, and how many states there are in all.
pub(super) fn walk<'a>(made: Made<'a>, personas: impl IntoIterator<Item = &'a Persona>) -> Checked<(usize, usize)> {
    let (mut count, mut states) = (0, 0);
    for persona in personas {
        count += 1;
        states += Product::new(made, persona)?.states()?;
    }
    Ok((count, states))
}

/// What keeps part of a product's state.
enum Machine<'a> {
    Source(Source<'a>),
    /// A limit that counts letters of the whole session; its state is the count, a bit each.
    Count {
        asks: [Ask<'a>; 2],
        most: usize,
    },
}

impl<'a> Machine<'a> {
    /// `looked_at`: it refuses nothing, so that it may count more than a window holds.
    fn of(body: &'a Body, looked_at: bool) -> Checked<Self> {
        if let Some(source) = Source::of(body) {
            return Ok(Self::Source(source));
        }
        let none = || Err("a limit with a window, or of something else than a number, is none of the product".to_owned());
        let Body::Limit { measure: Measure::Count(most), window, event, judged } = body else { return none() };
        if window.is_some() && !looked_at {
            return none();
        }
        let most = usize::try_from(*most).ok().filter(|most| *most <= COUNT).ok_or_else(|| format!("a limit counts beyond {COUNT}"))?;
        let ask = |pattern| Ask::Pattern { pattern, doubt: true, of: Values::Bound };
        Ok(Self::Count { asks: [ask(event), ask(judged.as_ref().unwrap_or(event))], most })
    }

    fn asks(&self) -> &[Ask<'a>] {
        match self {
            Self::Source(source) => &source.asks,
            Self::Count { asks, .. } => asks,
        }
    }

    fn hears_every_call(&self) -> bool {
        matches!(self, Self::Source(source) if source.hears_every_call())
    }

    fn initial(&self) -> Vec<bool> {
        match self {
            Self::Source(source) => source.initial(),
            Self::Count { most, .. } => vec![false; *most],
        }
    }

    /// What a letter does.
    fn step(&self, bits: &[bool], letter: Letter<'_>) -> Result<Did, Open> {
        match self {
            Self::Source(source) => {
                let outcome = source.step(bits, letter)?;
                let (judged, overflow, next) = (outcome.judged, outcome.overflow, outcome.next);
                Ok(Did { noted: source.notes(bits, letter)?, judged, overflow, next })
            }
            Self::Count { .. } => {
                let asked = |ask: usize| letter.answers.get(ask).copied().flatten().ok_or(Open(ask));
                let judged = letter.call && asked(1)? && bits.iter().all(|bit| *bit);
                let mut next = bits.to_vec();
                if asked(0)? {
                    next.iter_mut().find(|bit| !**bit).into_iter().for_each(|bit| *bit = true);
                }
                Ok(Did { noted: false, judged, overflow: false, next })
            }
        }
    }
}

/// What a letter did to a machine.
struct Did {
    /// Whether what it speaks of has happened.
    noted: bool,
    judged: bool,
    overflow: bool,
    next: Vec<bool>,
}

/// What a rule does with what it judges.
#[derive(Clone, Copy)]
struct Effect {
    refuses: bool,
    /// Whether it does as much as the rule that is looked at; where none is, whether it refuses.
    covers: bool,
}

/// The sessions of one persona.
struct Product<'a> {
    policy: &'a Policy,
    subjects: &'a Subjects<'a>,
    persona: &'a Persona,
    goal: Goal<'a>,
    /// The verdicts by which a call is admitted.
    verdicts: &'static [Verdict],
    /// That which is looked at, then the rules'.
    machines: Vec<Machine<'a>>,
    /// Of each rule.
    effects: Vec<Effect>,
    letters: BTreeSet<Seen>,
    /// How much work is left.
    work: Cell<usize>,
}

impl<'a> Product<'a> {
    fn new(made: Made<'a>, persona: &'a Persona) -> Checked<Self> {
        let Made { policy, subjects, body, goal, rules, unapproved } = made;
        let verdicts: &[Verdict] = if unapproved { &[Verdict::Allow] } else { &[Verdict::Allow, Verdict::Ask] };
        let machines = std::iter::once(Machine::of(body, true)).chain(rules.iter().map(|rule| Machine::of(&rule.body, false)));
        let machines = machines.collect::<Checked<Vec<Machine<'a>>>>()?;
        let effects = rules.iter().map(|rule| effect(rule, persona, goal, unapproved)).collect();
        let (letters, work) = (BTreeSet::new(), Cell::new(PRODUCT_WORK));
        let mut product = Self { policy, subjects, persona, goal, verdicts, machines, effects, letters, work };
        product.letters = product.all_letters()?;
        Ok(product)
    }

    /// Every letter that some machine hears.
    fn all_letters(&self) -> Checked<BTreeSet<Seen>> {
        let asks = self.machines.iter().flat_map(Machine::asks);
        let patterns = asks.filter_map(|ask| match ask {
            Ask::Pattern { pattern, .. } => Some(*pattern),
            _ => None,
        });
        let every_call = self.machines.iter().any(Machine::hears_every_call);
        let mut all: BTreeSet<(LetterKind, u32)> = sites(self.subjects, Key::Session, patterns, every_call).into_keys().collect();
        if let Goal::Answers(name) = self.goal {
            let own = self.persona.tools.iter().filter(|rules| has_statement(rules, name));
            all.extend(own.filter_map(|rules| Some((LetterKind::Call, self.subjects.place(List::Tools, &rules.tool)?))));
        }
        let mut letters = BTreeSet::new();
        for at in all {
            self.at_site(at, &mut letters)?;
        }
        Ok(letters)
    }

    fn at_site(&self, at: (LetterKind, u32), letters: &mut BTreeSet<Seen>) -> Checked {
        let result = matches!(at.0, LetterKind::Ok | LetterKind::Failed);
        if result && !self.may_be_admitted(at.1, &BTreeMap::new())? {
            return Ok(());
        }
        let mut site = Site::new(self.subjects, at);
        let mut known = Vec::new();
        for ask in self.machines.iter().flat_map(Machine::asks) {
            known.push(match *ask {
                Ask::Pattern { pattern, doubt, of } => Known::of(site.cubes(Question { pattern, doubt, of: Some(of) })?),
                // Time and places are left free.
                Ask::Open { .. } | Ask::After { .. } => Known::Open,
            });
        }
        let mut to_do = vec![(known, BTreeMap::new())];
        let mut paths = 0;
        while let Some((known, decided)) = to_do.pop() {
            paths += 1;
            require(paths <= PATHS_PER_SITE, || format!("a letter has more than {PATHS_PER_SITE} paths"))?;
            self.spend(known.len() + 1)?;
            let Some(test) = known.iter().filter_map(Known::next).min() else {
                let call = at.0 == LetterKind::Call;
                if !call || self.may_be_admitted(at.1, &decided)? {
                    let answered = call && self.may_be_answered(at.1, &decided)?;
                    letters.insert(Seen { call, answered, answers: self.split(&known) });
                    require(letters.len() <= LETTERS_PER_RULE, || format!("it tells more than {LETTERS_PER_RULE} letters apart"))?;
                }
                continue;
            };
            for holds in self.possible(at, test, &decided) {
                let mut more = decided.clone();
                more.insert(test, holds);
                to_do.push((known.iter().map(|known| known.after(test, holds)).collect(), more));
            }
        }
        Ok(())
    }

    /// The answers by their machines.
    fn split(&self, known: &[Known]) -> Vec<Vec<Option<bool>>> {
        let mut answers = known.iter().map(answer);
        self.machines.iter().map(|machine| answers.by_ref().take(machine.asks().len()).collect()).collect()
    }

    /// What a test can come to beside what others have come to.
    fn possible(&self, (kind, subject): (LetterKind, u32), test: Test, decided: &BTreeMap<Test, bool>) -> Vec<bool> {
        let call = kind == LetterKind::Call;
        let only = |value: bool| vec![value];
        match test {
            // An attempt may be anybody's, and so may an event be before the session's first call.
            Test::By(_) if kind == LetterKind::Denied => vec![true, false],
            Test::By(id) if self.policy.personas.get(id.index()).is_none_or(|other| other.name != self.persona.name) => only(false),
            Test::By(_) if kind != LetterKind::Event => only(true),
            Test::Approved if self.verdicts == [Verdict::Allow] => only(false),
            Test::Label(label) if !self.may_carry(subject, label.0) => only(false),
            // Of a call every guard was evaluated; elsewhere one that holds in spite of doubt holds without it.
            Test::Guard { guard, failed } => match decided.get(&Test::Guard { guard, failed: !failed }) {
                Some(other) if call || *other == failed => only(*other),
                _ => vec![true, false],
            },
            _ => vec![true, false],
        }
    }

    fn may_carry(&self, tool: u32, label: u32) -> bool {
        let (tool, label) = (self.policy.tools.get(tool as usize), self.policy.labels.get(label as usize));
        tool.zip(label).is_none_or(|(tool, label)| gives(self.policy, tool, &label.name))
    }

    /// Counts work off.
    fn spend(&self, work: usize) -> Checked {
        let left = self.work.get().checked_sub(work).ok_or("its product takes too much work")?;
        self.work.set(left);
        Ok(())
    }

    /// Whether the persona's permissions may admit a call of which these guards have come to that.
    fn may_be_admitted(&self, tool: u32, decided: &BTreeMap<Test, bool>) -> Checked<bool> {
        let (name, given) = self.given(tool, decided)?;
        self.some_may_be(admitted(self.policy, self.persona, name, self.verdicts, &given))
    }

    /// Whether the statement that is looked at may answer it, and permissions admit it.
    fn may_be_answered(&self, tool: u32, decided: &BTreeMap<Test, bool>) -> Checked<bool> {
        let Goal::Answers(statement) = self.goal else { return Ok(false) };
        let (name, given) = self.given(tool, decided)?;
        self.some_may_be(answered(self.policy, self.persona, name, statement, &given))
    }

    /// A tool's name, and what guards of a call of it have come to.
    fn given(&self, tool: u32, decided: &BTreeMap<Test, bool>) -> Checked<(&'a str, Vec<(&'a Cond, bool)>)> {
        let name = &self.policy.tools.get(tool as usize).ok_or("a tool is absent")?.name;
        let asked = self.subjects.asked(List::Tools, tool).ok_or("a tool is in no list")?;
        let guard = |(test, holds): (&Test, &bool)| match test {
            Test::Guard { guard, .. } => asked.guards.get(usize::from(*guard)).map(|cond| (*cond, *holds)),
            _ => None,
        };
        Ok((name, decided.iter().filter_map(guard).collect()))
    }

    /// Whether one of them is not propositionally impossible.
    fn some_may_be(&self, obligations: Vec<Obligation<'_>>) -> Checked<bool> {
        for obligation in obligations {
            let question = obligation.question()?;
            let mut steps = CONDITION_STEPS;
            let contradictory = question.is_contradictory(&mut steps);
            self.spend((CONDITION_STEPS - steps + 1).saturating_mul(question.size + 1))?;
            if !contradictory {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Walks the product; how many states it has.
    fn states(&self) -> Checked<usize> {
        let initial: State = self.machines.iter().map(Machine::initial).collect();
        let mut seen = BTreeSet::from([initial.clone()]);
        let mut to_do = vec![initial];
        while let Some(state) = to_do.pop() {
            for letter in &self.letters {
                for next in self.after(&state, letter)? {
                    if seen.insert(next.clone()) {
                        to_do.push(next);
                    }
                }
                require(seen.len() <= PRODUCT_STATES, || format!("its product has more than {PRODUCT_STATES} states"))?;
            }
        }
        Ok(seen.len())
    }

    /// The states after a letter, if it is admitted.
    fn after(&self, state: &State, letter: &Seen) -> Checked<BTreeSet<State>> {
        let mut after = BTreeSet::from([Vec::new()]);
        // Whether it may be what must not be, and no rule covers that.
        let (mut noted, mut uncovered) = (false, true);
        for (number, ((machine, bits), answers)) in self.machines.iter().zip(state).zip(&letter.answers).enumerate() {
            let effect = number.checked_sub(1).and_then(|rule| self.effects.get(rule));
            let (mut outcomes, mut passes) = (BTreeSet::new(), false);
            self.each(machine, bits, (letter.call, answers), &mut |did| {
                noted |= number == 0 && self.notes(letter, &did);
                passes |= !(did.judged && effect.is_some_and(|effect| effect.covers));
                if !(did.judged && effect.is_some_and(|effect| effect.refuses)) {
                    outcomes.insert(did.next);
                }
            })?;
            uncovered &= passes;
            require(after.len().saturating_mul(outcomes.len()) <= PRODUCT_WAYS, || {
                format!("a letter may be taken in more than {PRODUCT_WAYS} ways")
            })?;
            after =
                after.iter().flat_map(|so_far| outcomes.iter().map(move |next| [so_far.clone(), vec![next.clone()]].concat())).collect();
        }
        let whatever_others_do = matches!(self.goal, Goal::Judges);
        require(!(noted && (uncovered || whatever_others_do)), || {
            format!("a session of `{}` may come to it, as far as this proof goes", self.persona.name)
        })?;
        Ok(after)
    }

    /// Whether a letter that does this to what is looked at is what must not be, if no rule covers it.
    fn notes(&self, letter: &Seen, did: &Did) -> bool {
        match self.goal {
            Goal::Happens => did.noted,
            // After an overflow it judges whatever it could ever judge.
            Goal::Judges | Goal::JudgesAlone(_) => did.judged || did.overflow,
            Goal::Remembers => did.next.contains(&true),
            Goal::Answers(_) => letter.answered,
        }
    }

    /// Every way in which a machine may take a letter.
    fn each(&self, machine: &Machine<'_>, bits: &[bool], (call, answers): (bool, &[Option<bool>]), take: &mut impl FnMut(Did)) -> Checked {
        self.spend(bits.len() + answers.len() + 1)?;
        match machine.step(bits, Letter { call, answers }) {
            Ok(did) => {
                take(did);
                Ok(())
            }
            Err(Open(ask)) => [true, false].into_iter().try_for_each(|answer| {
                let mut more = answers.to_vec();
                *more.get_mut(ask).ok_or("an ask is absent")? = Some(answer);
                self.each(machine, bits, (call, &more), take)
            }),
        }
    }
}

/// What a rule does with calls of the persona.
fn effect(rule: &Rule, persona: &Persona, goal: Goal<'_>, unapproved: bool) -> Effect {
    let judges = rule.scope.as_ref().is_none_or(|scope| scope.contains(&persona.name));
    let refuses = match rule.action {
        Action::Deny | Action::EndSession => true,
        Action::Ask(_) => unapproved,
        Action::Observe => false,
    };
    let covers = match goal {
        Goal::JudgesAlone(action) => does_as_much(&rule.action, action),
        Goal::Happens | Goal::Judges | Goal::Remembers | Goal::Answers(_) => refuses,
    };
    Effect { refuses: judges && refuses, covers: judges && covers }
}

/// Whether what one rule does with a call is no less than what another would.
fn does_as_much(other: &Action, action: &Action) -> bool {
    match (other, action) {
        (Action::Deny | Action::EndSession, Action::Deny | Action::Ask(_)) => true,
        // Two that ask different people need both.
        (Action::Ask(other), Action::Ask(who)) => who.is_none() || other == who,
        _ => false,
    }
}
