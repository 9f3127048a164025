//! Witnesses: concrete letters, each of the class that the certificate says.
//!
//! In: a rule of the policy and of the frame, and the witnesses of its table. Out: how many classes have one; or what is wrong with one. The reference reads the letter and
//! evaluates whatever the decision graph asks; what one letter cannot carry (how long ago something was, whose value it is seen from) the witness says.
//! Invariants: no test is taken from the certificate that the letter itself decides; classes ascend, so that there is one witness a class; the first wrong one of a
//! rule is told.
//! Left out: whether a session comes to the letter, or to the registers that the witness names.
//! Source: verification section 2; `lang-spec/certificate.md`, [cert.witnesses].

use std::collections::BTreeSet;

use leverframe_reference::policy::{FieldPath, Kind, Policy, Rule, Tag};
use leverframe_reference::{Alone, Before, Values, read_records};
use leverframe_runtime::frame::{self, Automaton, Body, Frame, LetterKind, Origin, RegisterKind, Site, Target, Test, ToolId, Witness};

use crate::asked::{Asked, List, Subjects, Value};
use crate::limits::{WITNESS_BYTES, WITNESS_BYTES_PER_RULE, WITNESS_VALUES};
use crate::{Checked, Checker, Problem, require};

/// A rule whose letters are looked at.
struct Ground<'a> {
    policy: &'a Policy,
    subjects: &'a Subjects<'a>,
    rule: &'a frame::Rule,
    automaton: &'a Automaton,
}

/// A letter that a witness shows, at the site where it enters the graph.
struct Shown<'a> {
    ground: &'a Ground<'a>,
    witness: &'a Witness,
    letter: Alone,
    site: &'a Site,
    /// What is asked of letters of its subject; nothing of a tool that the policy does not know.
    asked: Option<&'a Asked<'a>>,
    /// What each of the site's bindings finds in it.
    found: Vec<Values>,
}

impl<'a> Checker<'a> {
    /// The witnesses of a rule's table.
    pub(crate) fn witnesses(&mut self, rule: &Rule, other: &'a frame::Rule, origin: &'a Origin) {
        let Origin::Table { witnesses, .. } = origin else { return };
        let Some(ground) = Ground::of(self.policy, self.subjects, other) else { return };
        self.report.classes += usize::from(other.alphabet.classes);
        let (mut least, mut bytes) = (0, 0);
        for witness in witnesses {
            let class = u32::from(witness.class);
            let once = require(class >= least, || "its class has one already, or stands after a later one".to_owned());
            least = class + 1;
            bytes += witness.line.len();
            let few = || require(bytes <= WITNESS_BYTES_PER_RULE, || format!("the lines have more than {WITNESS_BYTES_PER_RULE} bytes"));
            match once.and_then(|()| few()).and_then(|()| ground.shows(witness)) {
                Ok(()) => self.report.witnessed += 1,
                Err(what) => {
                    let place = format!("rule `{}`, class {class}", rule.name);
                    self.problems.push(Problem { code: "LF0612", place, what: format!("of its witness, {what}") });
                    return;
                }
            }
        }
    }
}

/// Those of the witnesses of each rule's table that show what they should.
pub(crate) fn upheld(policy: &Policy, frame: &Frame, witnesses: Vec<Vec<Witness>>) -> Vec<Vec<Witness>> {
    let subjects = Subjects::of(policy);
    let of_rule = |(rule, witnesses): (&frame::Rule, Vec<Witness>)| {
        let ground = Ground::of(policy, &subjects, rule);
        witnesses.into_iter().filter(|witness| ground.as_ref().is_some_and(|ground| ground.shows(witness).is_ok())).collect()
    };
    frame.rules.iter().zip(witnesses).map(of_rule).collect()
}

impl<'a> Ground<'a> {
    /// Nothing of a rule without a table.
    fn of(policy: &'a Policy, subjects: &'a Subjects<'a>, rule: &'a frame::Rule) -> Option<Self> {
        let Body::Automaton(automaton) = &rule.body else { return None };
        Some(Self { policy, subjects, rule, automaton })
    }

    /// Whether the witness is a letter of its class.
    fn shows(&self, witness: &Witness) -> Checked {
        require(witness.class < self.rule.alphabet.classes, || "the table has no such class".to_owned())?;
        self.registers(witness)?;
        let shown = Shown::of(self, witness)?;
        let class = shown.class()?;
        require(class == witness.class, || format!("the letter is of class {class}"))
    }

    /// Whether what is said of registers can be so.
    fn registers(&self, witness: &Witness) -> Checked {
        let kind = |register: &u8| self.automaton.registers.get(usize::from(*register)).copied();
        let times: Vec<u8> = witness.ages.iter().map(|(register, _)| *register).collect();
        require(ascend(&times) && times.iter().all(|register| kind(register) == Some(RegisterKind::Time)), || {
            "the registers of times do not ascend, or one is none".to_owned()
        })?;
        let places = &witness.passed;
        let of_result = places.is_empty() || matches!(witness.kind, LetterKind::Ok | LetterKind::Failed);
        require(of_result && ascend(places) && places.iter().all(|register| kind(register) == Some(RegisterKind::Position)), || {
            "the registers of places do not ascend, one is none, or the letter is no result".to_owned()
        })
    }

    fn before(&self, witness: &Witness) -> Checked<Before> {
        let known = u32::try_from(self.policy.labels.len()).unwrap_or(u32::MAX);
        let beyond = witness.labels.checked_shr(known).unwrap_or(0);
        require(beyond == 0, || "it names a label that the policy does not have".to_owned())?;
        let labels =
            self.policy.labels.iter().zip(0_u32..).filter(|(_, bit)| witness.labels.checked_shr(*bit).is_some_and(|set| set & 1 == 1));
        let labels: BTreeSet<String> = labels.map(|(label, _)| label.name.clone()).collect();
        let Some(id) = witness.persona else { return Ok(Before { labels, persona: None }) };
        require(witness.kind == LetterKind::Event, || "only a host event has a persona of its own".to_owned())?;
        let persona = self.policy.personas.get(id.index()).ok_or("it names a persona that the policy does not have")?;
        Ok(Before { labels, persona: Some(persona.name.clone()) })
    }
}

impl<'a> Shown<'a> {
    fn of(ground: &'a Ground<'a>, witness: &'a Witness) -> Checked<Self> {
        require(witness.line.len() <= WITNESS_BYTES, || format!("its line has more than {WITNESS_BYTES} bytes"))?;
        let records = read_records(&witness.line).map_err(|error| error.to_string())?;
        let [record] = records.as_slice() else { return Err("its line is not one".to_owned()) };
        let letter = Alone::of(ground.policy, record, reading(witness.kind), &ground.before(witness)?)?;
        let subject = subject(ground.subjects, witness.kind, letter.subject()).ok_or("the policy has no such subject")?;
        let sites = &ground.rule.alphabet.sites;
        let site =
            sites.iter().find(|site| (site.kind, site.subject) == (witness.kind, subject)).ok_or("the rule does not read its letter")?;
        let list = if witness.kind == LetterKind::Event { List::Events } else { List::Tools };
        let asked = ground.subjects.asked(list, subject);
        let mut shown = Self { ground, witness, letter, site, asked, found: Vec::new() };
        shown.found = site.bindings.iter().map(|binding| shown.bound(binding)).collect::<Checked<Vec<Values>>>()?;
        shown.at_hand()?;
        Ok(shown)
    }

    /// The values of a binding.
    fn bound(&self, binding: &[u16]) -> Checked<Values> {
        let path = |value: &u16| match self.asked.and_then(|asked| asked.values.get(usize::from(*value))) {
            Some(Value::Path(tag, path)) => Ok((*tag, *path)),
            _ => Err("its rule binds what is no value".to_owned()),
        };
        let paths: Vec<(Tag, &FieldPath)> = binding.iter().map(path).collect::<Checked<_>>()?;
        Ok(self.letter.values(&paths))
    }

    /// Whether the value in whose history the letter is seen is one that there can be.
    fn at_hand(&self) -> Checked {
        let Some((binding, number)) = self.witness.value else { return Ok(()) };
        require(usize::from(number) < WITNESS_VALUES, || format!("it names a value beyond the first {WITNESS_VALUES}"))?;
        let there = self.found.get(usize::from(binding)).is_some_and(|found| found.has(usize::from(number)));
        require(there && self.ground.rule.slots.is_some(), || "it names a value that the letter does not have".to_owned())
    }

    /// The class to which the graph leads it.
    fn class(&self) -> Checked<u16> {
        let alphabet = &self.ground.rule.alphabet;
        let mut target = self.site.root;
        // Tests ascend, so that the way is never longer.
        for _ in 0..=alphabet.nodes.len() {
            let node = match target {
                Target::Class(class) => return Ok(class),
                Target::Node(index) => alphabet.nodes.get(usize::from(index)).ok_or("a decision is absent")?,
            };
            target = if self.truth(node.test)? { node.yes } else { node.no };
        }
        Err("the graph has no end".to_owned())
    }

    /// What a test of the graph comes to.
    fn truth(&self, test: Test) -> Checked<bool> {
        let (policy, witness) = (self.ground.policy, self.witness);
        Ok(match test {
            Test::Approved => self.letter.approved(),
            Test::By(id) => {
                let persona = policy.personas.get(id.index()).ok_or("a persona is absent")?;
                self.letter.persona() == Some(persona.name.as_str())
            }
            Test::Label(id) => self.letter.carries(&policy.labels.get(id.index()).ok_or("a label is absent")?.name),
            Test::Guard { guard, failed } => {
                let asked = self.asked.ok_or("its tool has no guards")?;
                let guard = asked.guards.iter().chain(&asked.of_result).nth(usize::from(guard)).ok_or("a guard is absent")?;
                self.letter.holds(guard).unwrap_or(failed)
            }
            Test::Within { register, ms } => witness.ages.iter().any(|(set, age)| *set == register && *age <= ms),
            Test::CallAfter { register } => !witness.passed.contains(&register),
            Test::Binds { binding } => match witness.value {
                None => false,
                Some((own, number)) => {
                    let own = self.found.get(usize::from(own)).ok_or("a binding is absent")?;
                    self.binding(binding)?.include(own, usize::from(number))
                }
            },
            Test::Lacks { binding } => self.binding(binding)?.lacking,
            Test::Broken { binding } => self.binding(binding)?.broken,
        })
    }

    fn binding(&self, binding: u8) -> Checked<&Values> {
        self.found.get(usize::from(binding)).ok_or_else(|| "a binding is absent".to_owned())
    }
}

fn ascend(registers: &[u8]) -> bool {
    registers.windows(2).all(|pair| matches!(pair, [first, second] if first < second))
}

fn reading(kind: LetterKind) -> Kind {
    match kind {
        LetterKind::Call => Kind::Call,
        LetterKind::Ok => Kind::Ok,
        LetterKind::Failed => Kind::Failed,
        LetterKind::Event => Kind::Event,
        LetterKind::Denied => Kind::Denied,
    }
}

fn subject(subjects: &Subjects<'_>, kind: LetterKind, name: Option<&str>) -> Option<u32> {
    match (kind, name) {
        (LetterKind::Event, name) => subjects.place(List::Events, name?),
        (LetterKind::Denied, None) => Some(ToolId::UNKNOWN.0),
        (_, name) => subjects.place(List::Tools, name?),
    }
}
