//! Questions about one letter: is there a call (or a host event, or a result) on which all of these conditions hold?
//!
//! In: conditions of the core form. Out: an [`Answer`], with a concrete example where there is one. Invariants: `Impossible` is said only where no letter
//! at all does; an example has all arguments that its tool requires, in the form in which a call carries them. Left out: histories.
//! Source: verification section 3 ("Decision procedures").

pub(crate) mod automaton;
mod example;
mod family;
mod formula;
mod joint;
pub(crate) mod language;
mod letter;
pub(crate) mod networks;
mod options;
mod problem;
mod slots;
mod solver;
mod table;
#[cfg(test)]
mod tests;
mod texts;
mod timestamp;
mod translate;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use leverframe_compiler::core::{Cond, Core, EventId, LabelId, ToolId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::example::Places;
use self::formula::{F, Graph, NO, YES};
use self::letter::Letter;
use self::options::Options;
use self::problem::{Among, Problem};
use self::slots::{Failing, slots};
use self::solver::Said;
use self::table::{Tried, tried};
use self::texts::Texts;
use self::translate::Translation;
use crate::cache::{Cache, Digest};
use crate::report::Basis;

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A call of a tool, or its result.
    Tool(ToolId),
    /// A host event.
    Event(EventId),
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Goal<'a> {
    /// All of these hold.
    pub holds: Vec<Cond>,
    /// All of these can be evaluated (as are those of `holds`): none fails on the letter.
    pub evaluable: Vec<&'a Cond>,
}

/// The answer to a question.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// There is no such letter.
    Impossible(Basis),
    /// There is one.
    Possible(Box<Example>),
    /// It is not known, and why.
    Unknown(String),
}

/// A letter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Its arguments.
    pub args: Map<String, Value>,
    /// What the gateway supplies: every context field of the policy.
    pub context: Map<String, Value>,
    /// The labels that the session has before it, those that the goal speaks of.
    #[serde(with = "ids")]
    pub has: Vec<LabelId>,
    /// The labels that its arguments carry, those that the goal speaks of.
    #[serde(with = "ids")]
    pub carries: Vec<LabelId>,
    /// When, in milliseconds since 1970; not negative.
    pub at: i64,
    /// The structured content of its result, where the goal speaks of that.
    pub result: Option<Value>,
}

/// The number of a query of the solver: the first is 1.
pub type QueryId = usize;

/// A query that the solver was asked, so that another solver can repeat it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What claims and findings call it.
    pub number: QueryId,
    /// The tool or the host event that it is about.
    pub about: String,
    /// SMT-LIB 2, complete: logic, declarations, the expected answer, the command to check it.
    pub text: String,
    /// `sat`, `unsat` or `unknown`.
    pub answer: &'static str,
}

/// Whoever answers questions about one policy.
pub struct Questions<'c> {
    core: &'c Core,
    timeout: Duration,
    queries: Option<Vec<Query>>,
    /// How many queries the solver was asked.
    asked: QueryId,
    /// The queries whose `unsat` was relied on since [`Questions::begin`].
    relied: BTreeSet<QueryId>,
    /// How many answers were `Unknown`.
    unsettled: usize,
    /// What was answered here, by the digest of what was asked.
    known: HashMap<Digest, Known>,
    /// Of everything beside its goal that a question about a subject depends on.
    subjects: HashMap<Subject, Digest>,
    options: HashMap<String, Result<Rc<Options>, String>>,
    cache: Cache,
}

/// An answer, and the query of which it is the solver's word.
#[derive(Clone, Debug)]
struct Known {
    answer: Answer,
    query: Option<QueryId>,
}

/// What was relied on before a claim was begun.
#[must_use]
#[derive(Debug)]
pub struct Before(BTreeSet<QueryId>);

impl<'c> Questions<'c> {
    /// Answers questions about `core`, each in `timeout`.
    #[must_use]
    pub fn new(core: &'c Core, timeout: Duration) -> Self {
        Self {
            core,
            timeout,
            queries: None,
            asked: 0,
            relied: BTreeSet::new(),
            unsettled: 0,
            known: HashMap::new(),
            subjects: HashMap::new(),
            options: HashMap::new(),
            cache: Cache::default(),
        }
    }

    /// Starts with what is known from earlier checks.
    #[must_use]
    pub fn with(self, cache: Cache) -> Self {
        Self { cache, ..self }
    }

    /// All that is known now.
    #[must_use]
    pub fn into_cache(self) -> Cache {
        self.cache
    }

    /// Keeps the text of every query of the solver.
    #[must_use]
    pub fn recording(self) -> Self {
        Self { queries: Some(Vec::new()), ..self }
    }

    /// What the solver was asked so far; nothing unless recording.
    #[must_use]
    pub fn queries(&self) -> &[Query] {
        self.queries.as_deref().unwrap_or_default()
    }

    /// Begins a claim. All that it rests on must be asked between here and [`Questions::end`]; what was known already counts if it is asked again.
    pub fn begin(&mut self) -> Before {
        Before(std::mem::take(&mut self.relied))
    }

    /// Ends a claim: the queries on whose `unsat` it rests, by the solver's word alone. What encloses it rests on them too.
    pub fn end(&mut self, Before(before): Before) -> Vec<QueryId> {
        let own: Vec<QueryId> = self.relied.iter().copied().collect();
        self.relied.extend(before);
        own
    }

    /// Is there such a letter?
    pub fn ask(&mut self, subject: Subject, goal: &Goal<'_>) -> Answer {
        self.ask_failing(subject, goal, &[])
    }

    /// Is there such a letter on which none of these conditions can be evaluated?
    pub fn ask_failing(&mut self, subject: Subject, goal: &Goal<'_>, failing: &[Cond]) -> Answer {
        let about = self.about(subject);
        let key = Digest::of(format_args!("{about:?} {goal:?} {failing:?}"));
        let known = match self.known.get(&key) {
            Some(known) => known.clone(),
            None => {
                let known = self.found_before(key).unwrap_or_else(|| self.find_out(key, subject, goal, failing));
                self.known.insert(key, known.clone());
                known
            }
        };
        self.relied.extend(known.query);
        self.unsettled += usize::from(matches!(known.answer, Answer::Unknown(_)));
        known.answer
    }

    /// Everything that an answer about the subject depends on, whatever is asked.
    fn about(&mut self, subject: Subject) -> Digest {
        let (core, timeout) = (self.core, self.timeout);
        *self.subjects.entry(subject).or_insert_with(|| {
            let (labels, context) = (&core.labels, &core.context);
            match subject {
                Subject::Tool(tool) => Digest::of(format_args!("{timeout:?} {labels:?} {context:?} {:?}", core.tools.get(tool.index()))),
                Subject::Event(event) => {
                    Digest::of(format_args!("{timeout:?} {labels:?} {context:?} {:?}", core.events.get(event.index())))
                }
            }
        })
    }

    /// The answer of an earlier check.
    fn found_before(&mut self, key: Digest) -> Option<Known> {
        let answer = self.recollected(|cache| cache.answers.get(key))?;
        let query = matches!(answer, Answer::Impossible(Basis::Solver)).then(|| {
            self.asked += 1;
            self.asked
        });
        Some(Known { answer, query })
    }

    fn find_out(&mut self, key: Digest, subject: Subject, goal: &Goal<'_>, failing: &[Cond]) -> Known {
        let answer = self.answer(subject, goal, failing).unwrap_or_else(Answer::Unknown);
        // The query that was asked last is the one that said so.
        let query = matches!(answer, Answer::Impossible(Basis::Solver)).then_some(self.asked);
        if !matches!(answer, Answer::Unknown(_)) {
            self.cache.answers.insert(key, answer.clone());
        }
        Known { answer, query }
    }

    /// What an earlier check found out; nothing where all is to be asked anew.
    pub(crate) fn recollected<T>(&mut self, known: impl FnOnce(&mut Cache) -> Option<T>) -> Option<T> {
        // Whoever wants the queries wants all of them.
        if self.queries.is_some() { None } else { known(&mut self.cache) }
    }

    /// What was found before, or what is found now; that is kept if it rests on nothing but answers, and on none by the solver's word alone.
    pub(crate) fn recalled<T>(
        &mut self,
        known: impl FnOnce(&mut Cache) -> Option<T>,
        keep: impl FnOnce(&mut Cache, &T),
        find: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if let Some(found) = self.recollected(known) {
            return found;
        }
        let (unsettled, before) = (self.unsettled, self.begin());
        let found = find(self);
        if self.end(before).is_empty() && self.unsettled == unsettled {
            keep(&mut self.cache, &found);
        }
        found
    }

    /// Is there such a letter on which one of these conditions cannot be evaluated?
    pub fn ask_some_failing(&mut self, subject: Subject, goal: &Goal<'_>, failing: &[Cond]) -> Answer {
        let mut answer = Answer::Impossible(Basis::Certificate);
        for cond in failing {
            match self.ask_failing(subject, goal, std::slice::from_ref(cond)) {
                Answer::Possible(example) => return Answer::Possible(example),
                Answer::Impossible(Basis::Certificate) => {}
                Answer::Impossible(basis) if matches!(answer, Answer::Impossible(_)) => answer = Answer::Impossible(basis),
                Answer::Impossible(_) => {}
                unknown @ Answer::Unknown(_) => answer = unknown,
            }
        }
        answer
    }

    fn answer(&mut self, subject: Subject, goal: &Goal<'_>, fails: &[Cond]) -> Result<Answer, String> {
        // Few elements suffice where nothing fails; whether that is so, the translation says.
        let mut asked = self.put(subject, goal, fails, Failing::Never)?;
        if asked.can_fail {
            asked = self.put(subject, goal, fails, Failing::Perhaps)?;
        }
        if asked.letter.graph.full {
            return Err("the conditions are too large once their quantifiers are written out".to_owned());
        }
        let complete = asked.complete;
        match self.decided(subject, asked)? {
            Answer::Impossible(_) if !complete => {
                Err("its quantifiers run over one list inside one another, so that no number of elements is known to suffice".to_owned())
            }
            answer => Ok(answer),
        }
    }

    /// Whether there may be a letter on which the condition cannot be evaluated; found out without asking what texts there are.
    pub(crate) fn can_fail(&self, subject: Subject, cond: &Cond) -> bool {
        let goal = Goal { holds: Vec::new(), evaluable: vec![cond] };
        self.put(subject, &goal, &[], Failing::Perhaps).map_or(true, |put| put.can_fail)
    }

    fn put(&self, subject: Subject, goal: &Goal<'_>, fails: &[Cond], failing: Failing) -> Result<Put<'c>, String> {
        let letter = Letter::new(self.core, subject).ok_or("the policy does not have what is asked about")?;
        let (slots, complete) = slots(goal.holds.iter().chain(goal.evaluable.iter().copied()).chain(fails), failing);
        let mut translation = Translation::new(letter, slots);
        let (mut wanted, mut can_fail) = (YES, false);
        // First what many questions have in common, so that they come to the same texts.
        for cond in &goal.evaluable {
            let truth = translation.condition(cond);
            can_fail |= truth.fails != NO;
            let evaluated = translation.letter.graph.not(truth.fails);
            wanted = translation.letter.graph.and(wanted, evaluated);
        }
        for cond in &goal.holds {
            let truth = translation.condition(cond);
            can_fail |= truth.fails != NO;
            wanted = translation.letter.graph.and(wanted, truth.holds);
        }
        for cond in fails {
            let truth = translation.condition(cond);
            can_fail |= truth.fails != NO;
            wanted = translation.letter.graph.and(wanted, truth.fails);
        }
        let functions = translation.functions();
        wanted = translation.letter.graph.and(wanted, functions);
        Ok(Put { letter: translation.letter, wanted, can_fail, complete })
    }

    fn decided(&mut self, subject: Subject, asked: Put<'c>) -> Result<Answer, String> {
        let Put { mut letter, wanted, .. } = asked;
        if wanted == NO {
            return Ok(Answer::Impossible(Basis::Certificate));
        }
        let graph = std::mem::replace(&mut letter.graph, Graph::new());
        let texts = std::mem::take(&mut letter.texts);
        let problem = Problem::new(graph, self.options(texts)?, wanted);
        self.decide(subject, &problem, &Places::of(letter))
    }

    /// The options of texts, which many questions share.
    fn options(&mut self, texts: Texts) -> Result<Rc<Options>, String> {
        let key = format!("{texts:?}");
        if let Some(known) = self.options.get(&key) {
            return known.clone();
        }
        let made = Options::new(texts).map(Rc::new);
        self.options.insert(key, made.clone());
        made
    }

    /// First among texts that are known; what is found there is an example. Only what is impossible among all texts is impossible.
    fn decide(&mut self, subject: Subject, problem: &Problem, places: &Places<'_>) -> Result<Answer, String> {
        let uncertain = problem.is_uncertain();
        match tried(problem, Among::Certain) {
            Tried::Found(assignment) => return Ok(Answer::Possible(Box::new(places.example(problem, &assignment)?))),
            Tried::Nothing if !uncertain => return Ok(Answer::Impossible(Basis::Certificate)),
            Tried::Nothing | Tried::TooLarge => {}
        }
        match tried(problem, Among::All) {
            Tried::Nothing => return Ok(Answer::Impossible(Basis::Certificate)),
            Tried::Found(_) => return Err(NO_TEXT.to_owned()),
            Tried::TooLarge => {}
        }
        match self.asked(subject, problem, Among::Certain) {
            Said::Found(assignment) => return Ok(Answer::Possible(Box::new(places.example(problem, &assignment)?))),
            Said::Nothing if !uncertain => return Ok(Answer::Impossible(Basis::Solver)),
            Said::Nothing => {}
            Said::Unknown(reason) => return Err(reason),
        }
        match self.asked(subject, problem, Among::All) {
            Said::Nothing => Ok(Answer::Impossible(Basis::Solver)),
            Said::Found(_) => Err(NO_TEXT.to_owned()),
            Said::Unknown(reason) => Err(reason),
        }
    }

    fn asked(&mut self, subject: Subject, problem: &Problem, among: Among) -> Said {
        let (said, stated) = solver::asked(problem, among, self.timeout);
        self.asked += 1;
        if let Some(queries) = &mut self.queries {
            let name = match subject {
                Subject::Tool(tool) => self.core.tools.get(tool.index()).map_or("", |tool| tool.name.as_str()),
                Subject::Event(event) => self.core.events.get(event.index()).map_or("", |event| event.name.as_str()),
            };
            let answer = match said {
                Said::Found(_) => "sat",
                Said::Nothing => "unsat",
                Said::Unknown(_) => "unknown",
            };
            queries.push(Query { number: self.asked, about: name.to_owned(), text: stated.script(answer), answer });
        }
        said
    }
}

/// A question, translated.
struct Put<'c> {
    letter: Letter<'c>,
    wanted: F,
    can_fail: bool,
    /// Whether the lists have as many slots as can matter.
    complete: bool,
}

const NO_TEXT: &str = "no text could be made that is read in all the ways that the conditions ask for";

/// Labels as numbers.
mod ids {
    use leverframe_compiler::core::LabelId;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(labels: &[LabelId], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(labels.iter().map(|label| label.0))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<LabelId>, D::Error> {
        Ok(Vec::<u32>::deserialize(deserializer)?.into_iter().map(LabelId).collect())
    }
}
