//! Assertions: that no admitted session comes to something, or that one does.
//!
//! In: the policy as the reference has it, an assertion, and either the rules that are needed or a session. Out: how many personas were looked at, and how many
//! states or lines. A product of the assertion's source and the sources of the rules is walked from the beginning, over all letters that the persona's permissions
//! may admit; where it has come to an end without what must never be, the states that were met are a closed invariant.
//! Invariants: every session is in the product: whatever is not known of a letter (a window, a value, a condition beyond what permissions say of it) is taken
//! to be either way; rules that are left out only refuse more. A session counts if the reference's own judge admits all of it.
//! Assumed: a result carries only labels that its tool returns or a scan of it gives (`lang-spec/trust.md`).
//! Source: `lang-spec/certificate.md`, [cert.sessions].

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use leverframe_reference::policy::{
    Action, Assertion, Body, Case, Cond, Key, Kind, Measure, Part, Persona, Policy, Rule, Says, Scan, Tool, Verdict,
};
use leverframe_reference::step::{Ask, Letter, Open, Source, Values};
use leverframe_reference::{Record, Recorded, decide, labels_in, read_records};
use leverframe_runtime::frame::{About, LetterKind, Test};

use super::obligation::admitted;
use crate::asked::{List, Subjects};
use crate::letter::{Question, Site, sites};
use crate::limits::{
    CONDITION_STEPS, COUNT, LETTERS_PER_RULE, PATHS_PER_SITE, PRODUCT_RULES, PRODUCT_STATES, PRODUCT_WAYS, PRODUCT_WORK, SESSION_BYTES,
    SESSION_LINES,
};
use crate::paths::{Known, answer};
use crate::{Checked, require};

/// A state of the product: the bits of the assertion's machine, then those of each rule's.
type State = Vec<Vec<bool>>;

/// A letter: whether it is an admitted call, and for each machine the answers that are known.
type Seen = (bool, Vec<Vec<Option<bool>>>);

/// Whether no session of the personas that are meant comes to what the assertion forbids.
pub(super) fn unreachable(policy: &Policy, about: &About, rules: &[u16]) -> Checked<(usize, usize)> {
    let assertion = assertion(policy, about)?;
    require(assertion.says != Says::Can, || "that something cannot be is no proof that it can".to_owned())?;
    let different: BTreeSet<&u16> = rules.iter().collect();
    require(different.len() == rules.len() && rules.len() <= PRODUCT_RULES, || {
        format!("its product names a rule twice, or more than {PRODUCT_RULES}")
    })?;
    let rules = rules.iter().map(|place| policy.rules.get(usize::from(*place)).ok_or("the policy has no such rule"));
    let rules: Vec<&Rule> = rules.collect::<Result<_, _>>()?;
    require(rules.iter().all(|rule| rule.key == Key::Session && !rule.has_values()), || {
        "a rule of other histories than the session's, or with variables, is none of the product".to_owned()
    })?;
    let subjects = Subjects::beside(policy, Some(&assertion.rule));
    let (mut personas, mut states) = (0, 0);
    for persona in meant(policy, assertion) {
        let product = Product::new(policy, &subjects, (assertion, &rules), persona)?;
        personas += 1;
        states += product.states()?;
    }
    Ok((personas, states))
}

/// Whether a session is admitted and comes to what the assertion says can be.
pub(super) fn shown(policy: &Policy, about: &About, lines: &[String]) -> Checked<(usize, usize)> {
    let assertion = assertion(policy, about)?;
    require(assertion.says == Says::Can, || "a session is no proof that something never is".to_owned())?;
    require(sure(&assertion.rule), || "its sequence may be noted where it has not happened, so that a session shows nothing".to_owned())?;
    let bytes = lines.iter().fold(0, |sum: usize, line| sum.saturating_add(line.len()));
    require(lines.len() <= SESSION_LINES && bytes <= SESSION_BYTES, || "its session is too long".to_owned())?;
    require(lines.iter().all(|line| !line.contains(['\n', '\r'])), || "a line of its session is several".to_owned())?;
    let records = read_records(&lines.join("\n")).map_err(|error| error.to_string())?;
    labelled(policy, &records)?;
    let mut noting = policy.clone();
    // No rule of a policy has an empty name.
    noting.rules.push(Rule { name: String::new(), ..assertion.rule.clone() });
    let decisions = decide(&noting, &records).map_err(|error| error.to_string())?;
    let calls = records.iter().filter_map(|record| match &record.what {
        Recorded::Call(call) => Some(call),
        _ => None,
    });
    let first = decisions.first().ok_or("its session has no calls")?;
    for (call, decision) in calls.zip(&decisions) {
        let asked = decision.verdict == Verdict::Ask && call.approved == Some(true);
        require(decision.verdict == Verdict::Allow || asked, || format!("line {} of its session is not admitted", decision.line))?;
        let same = assertion.personas.contains(&call.persona) && decision.session == first.session;
        require(same, || format!("line {} of its session is somebody else's", decision.line))?;
    }
    let noted = decisions.last().is_some_and(|decision| decision.observed.iter().any(String::is_empty));
    require(noted, || "its session does not come to what the assertion says".to_owned())?;
    Ok((1, lines.len()))
}

/// Whether a rule notes only what has happened: it has no variables, which may be lacking or too many, and no guard that may be in doubt. Guards of admitted
/// calls are not: what cannot be evaluated denies the call.
fn sure(rule: &Rule) -> bool {
    let plain = |part: &Part, case: &Case| matches!(case.guard, Cond::Const(_)) || read_at_the_call(part, case);
    let parts = rule.patterns().into_iter().flat_map(|pattern| &pattern.parts);
    !rule.has_values() && parts.into_iter().all(|part| part.cases.iter().all(|case| plain(part, case)))
}

fn read_at_the_call(part: &Part, case: &Case) -> bool {
    !matches!(part.kind, Kind::Event | Kind::Denied) && !case.guard.reads_result()
}

/// Whether results carry only labels that their tools return, or that scans find in what the session shows of them.
fn labelled(policy: &Policy, records: &[Record]) -> Checked {
    let mut calls: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for record in records {
        let (call, outcome) = match &record.what {
            Recorded::Call(call) => {
                let made = (call.persona.as_str(), call.tool.as_str());
                call.id.iter().for_each(|id| {
                    calls.insert(id, made);
                });
                (Some(made), call.result.as_ref())
            }
            Recorded::Result(result) => (calls.get(result.of.as_str()).copied(), Some(&result.outcome)),
            Recorded::Event(_) => (None, None),
        };
        let Some(outcome) = outcome.filter(|outcome| !outcome.labels.is_empty()) else { continue };
        let (persona, tool) = call.ok_or_else(|| format!("line {} of its session is no call's result", record.line))?;
        let found = labels_in(policy, persona, tool, outcome);
        let returned = |label: &String| policy.tool(tool).is_some_and(|tool| tool.returns.contains(label));
        let given = outcome.labels.iter().all(|label| found.contains(label) || returned(label));
        require(given, || format!("line {} of its session carries a label that nothing gives", record.line))?;
    }
    Ok(())
}

/// Whether results of a tool may carry a label: the tool returns it, or some scan may find it.
fn gives(policy: &Policy, tool: &Tool, label: &str) -> bool {
    let by_scan = |scan: &Scan| scan.results && scan.tools.contains(&tool.name) && scan.labels.iter().any(|known| known == label);
    tool.returns.iter().any(|known| known == label) || policy.scans.iter().any(by_scan)
}

fn assertion<'p>(policy: &'p Policy, about: &About) -> Checked<&'p Assertion> {
    let About::Assertion(name) = about else { return Err("it is no assertion".to_owned()) };
    policy.assertions.iter().find(|assertion| assertion.rule.name == *name).ok_or_else(|| "the policy has no such assertion".to_owned())
}

fn meant<'p>(policy: &'p Policy, assertion: &'p Assertion) -> impl Iterator<Item = &'p Persona> {
    policy.personas.iter().filter(|persona| assertion.personas.is_empty() || assertion.personas.contains(&persona.name))
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
    fn of(body: &'a Body) -> Checked<Self> {
        if let Some(source) = Source::of(body) {
            return Ok(Self::Source(source));
        }
        let Body::Limit { measure: Measure::Count(most), window: None, event, judged } = body else {
            return Err("a limit with a window, or of something else than a number, is none of the product".to_owned());
        };
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

    /// Whether a letter is noted, whether it is judged, and the state after it.
    fn step(&self, bits: &[bool], letter: Letter<'_>) -> Result<(bool, bool, Vec<bool>), Open> {
        match self {
            Self::Source(source) => {
                let outcome = source.step(bits, letter)?;
                Ok((source.notes(bits, letter)?, outcome.judged, outcome.next))
            }
            Self::Count { .. } => {
                let asked = |ask: usize| letter.answers.get(ask).copied().flatten().ok_or(Open(ask));
                let judged = letter.call && asked(1)? && bits.iter().all(|bit| *bit);
                let mut next = bits.to_vec();
                if asked(0)? {
                    next.iter_mut().find(|bit| !**bit).into_iter().for_each(|bit| *bit = true);
                }
                Ok((false, judged, next))
            }
        }
    }
}

/// The sessions of one persona.
struct Product<'a> {
    policy: &'a Policy,
    subjects: &'a Subjects<'a>,
    persona: &'a Persona,
    /// The verdicts by which a call is admitted.
    verdicts: &'static [Verdict],
    /// The assertion's, then the rules'.
    machines: Vec<Machine<'a>>,
    /// For each rule whether it refuses what it judges.
    refuses: Vec<bool>,
    letters: BTreeSet<Seen>,
    /// How much work is left.
    work: Cell<usize>,
}

impl<'a> Product<'a> {
    fn new(
        policy: &'a Policy,
        subjects: &'a Subjects<'a>,
        (assertion, rules): (&'a Assertion, &[&'a Rule]),
        persona: &'a Persona,
    ) -> Checked<Self> {
        let unapproved = assertion.says == Says::Never { without_approval: true };
        let verdicts: &[Verdict] = if unapproved { &[Verdict::Allow] } else { &[Verdict::Allow, Verdict::Ask] };
        let bodies = std::iter::once(&assertion.rule.body).chain(rules.iter().map(|rule| &rule.body));
        let machines = bodies.map(Machine::of).collect::<Checked<Vec<Machine<'a>>>>()?;
        let judged = |rule: &&Rule| rule.scope.as_ref().is_none_or(|scope| scope.contains(&persona.name));
        let stops = |rule: &&Rule| match rule.action {
            Action::Deny | Action::EndSession => true,
            Action::Ask(_) => unapproved,
            Action::Observe => false,
        };
        let refuses = rules.iter().map(|rule| judged(rule) && stops(rule)).collect();
        let mut product =
            Self { policy, subjects, persona, verdicts, machines, refuses, letters: BTreeSet::new(), work: Cell::new(PRODUCT_WORK) };
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
        let mut letters = BTreeSet::new();
        for at in sites(self.subjects, Key::Session, patterns, every_call).into_keys() {
            self.at_site(at, &mut letters)?;
        }
        Ok(letters)
    }

    fn at_site(&self, at: (LetterKind, u32), letters: &mut BTreeSet<Seen>) -> Checked {
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
                if at.0 != LetterKind::Call || self.may_be_admitted(at.1, &decided)? {
                    letters.insert((at.0 == LetterKind::Call, self.split(&known)));
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
        let name = &self.policy.tools.get(tool as usize).ok_or("a tool is absent")?.name;
        let asked = self.subjects.asked(List::Tools, tool).ok_or("a tool is in no list")?;
        let guard = |(test, holds): (&Test, &bool)| match test {
            Test::Guard { guard, .. } => asked.guards.get(usize::from(*guard)).map(|cond| (*cond, *holds)),
            _ => None,
        };
        let given: Vec<_> = decided.iter().filter_map(guard).collect();
        for answer in admitted(self.policy, self.persona, name, self.verdicts, &given) {
            let question = answer.question()?;
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
    fn after(&self, state: &State, (call, answers): &Seen) -> Checked<BTreeSet<State>> {
        let mut after = BTreeSet::from([Vec::new()]);
        let mut notes = false;
        for (number, ((machine, bits), answers)) in self.machines.iter().zip(state).zip(answers).enumerate() {
            let mut outcomes = BTreeSet::new();
            self.each(machine, bits, (*call, answers), &mut |noted, judged, next| {
                let refused = number.checked_sub(1).and_then(|rule| self.refuses.get(rule)) == Some(&true) && judged;
                notes |= number == 0 && noted;
                if !refused {
                    outcomes.insert(next);
                }
            })?;
            require(after.len().saturating_mul(outcomes.len()) <= PRODUCT_WAYS, || {
                format!("a letter may be taken in more than {PRODUCT_WAYS} ways")
            })?;
            after =
                after.iter().flat_map(|so_far| outcomes.iter().map(move |next| [so_far.clone(), vec![next.clone()]].concat())).collect();
        }
        require(!notes || after.is_empty(), || format!("a session of `{}` may come to it, as far as this proof goes", self.persona.name))?;
        Ok(after)
    }

    /// Every way in which a machine may take a letter: whether it notes it, whether it judges it, and the state after.
    fn each(
        &self,
        machine: &Machine<'_>,
        bits: &[bool],
        (call, answers): (bool, &[Option<bool>]),
        take: &mut impl FnMut(bool, bool, Vec<bool>),
    ) -> Checked {
        self.spend(bits.len() + answers.len() + 1)?;
        match machine.step(bits, Letter { call, answers }) {
            Ok((noted, judged, next)) => {
                take(noted, judged, next);
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
