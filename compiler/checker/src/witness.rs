//! A concrete letter for each class of each table, for a certificate.
//!
//! In: a policy, its frame, and whoever answers questions about its letters. Out: [`Witness`]es by rule and class; none for a class of which none was made.
//! Invariants: nothing in enforcement depends on them, nor on whether there are any; every way to a class asks few questions, and their number is bounded.
//! Left out: whether a witness is what it should be, which the verifier says; limits, whose classes are the same for all.
//! Source: verification section 2; `lang-spec/certificate.md`, [cert.witnesses].

mod line;
mod ways;

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use leverframe_compiler::automata::Guards;
use leverframe_compiler::core::{Cond, Core, EventId, PersonaId, ToolId};
use leverframe_runtime::frame::{Body, Frame, Rule, Witness};

use crate::limits::{WITNESS_BYTES_PER_RULE, WITNESS_QUESTIONS, WITNESS_UNKNOWN};
use crate::question::{Answer, Example, Goal, Questions, Subject};
use crate::session::permit::Permits;
use line::Letter;
use ways::{Way, ways};

/// Witnesses of the tables, by rule and class.
#[must_use]
pub fn witnesses(core: &Core, frame: &Frame, questions: &mut Questions<'_>) -> Vec<Vec<Witness>> {
    let guards = Guards::collect(core);
    let mut maker = Maker { core, guards: &guards, questions, evaluated: HashMap::new(), asked: 0, unknown: 0 };
    frame.rules.iter().map(|rule| maker.rule(rule)).collect()
}

/// What letters are made with.
pub(crate) struct Maker<'a, 'c> {
    pub(crate) core: &'a Core,
    pub(crate) guards: &'a Guards,
    questions: &'a mut Questions<'c>,
    /// For each persona and tool the conditions that are evaluated before rules are asked, as far as they can fail.
    evaluated: HashMap<(PersonaId, ToolId), Rc<[Cond]>>,
    /// How many questions were asked.
    asked: usize,
    /// How many of them had no answer.
    unknown: usize,
}

impl Maker<'_, '_> {
    fn rule(&mut self, rule: &Rule) -> Vec<Witness> {
        let Body::Automaton(_) = &rule.body else { return Vec::new() };
        let by_class: BTreeMap<u16, Vec<Way>> = ways(&rule.alphabet);
        let (mut made, mut left) = (Vec::new(), WITNESS_BYTES_PER_RULE);
        for (class, ways) in by_class {
            let Some(witness) = ways.iter().find_map(|way| self.witness(rule, class, way)) else { continue };
            let Some(less) = left.checked_sub(witness.line.len()) else { break };
            left = less;
            made.push(witness);
        }
        made
    }

    fn witness(&mut self, rule: &Rule, class: u16, way: &Way) -> Option<Witness> {
        let site = rule.alphabet.sites.get(way.site)?;
        Letter::of(self, site, way)?.witness(self, class)
    }

    /// The conditions that must not fail on a call of the tool by the persona. Most cannot, and asking about them costs as much as asking what they say.
    pub(crate) fn evaluated(&mut self, persona: PersonaId, tool: ToolId) -> Rc<[Cond]> {
        let Self { core, guards, questions, evaluated, .. } = self;
        let found = evaluated.entry((persona, tool)).or_insert_with(|| {
            let permits = Permits::of(core, persona, tool);
            let all = permits.evaluated.into_iter().chain(guards.tool(tool.index()).iter().cloned());
            all.filter(|cond| questions.can_fail(Subject::Tool(tool), cond)).collect()
        });
        Rc::clone(found)
    }

    /// An example that meets the conditions, on which some can be evaluated and others cannot.
    pub(crate) fn example(&mut self, subject: Subject, holds: Vec<Cond>, evaluable: &[Cond], fails: &[Cond]) -> Option<Example> {
        if self.asked >= WITNESS_QUESTIONS || self.unknown >= WITNESS_UNKNOWN {
            return None;
        }
        self.asked += 1;
        let evaluable = evaluable.iter().filter(|cond| !fails.contains(cond)).collect();
        match self.questions.ask_failing(subject, &Goal { holds, evaluable }, fails) {
            Answer::Possible(example) => Some(*example),
            Answer::Impossible(_) => None,
            Answer::Unknown(_) => {
                self.unknown += 1;
                None
            }
        }
    }
}

/// The subject of a site, as questions have it.
pub(crate) fn subject(of_events: bool, subject: u32) -> Subject {
    if of_events { Subject::Event(EventId(subject)) } else { Subject::Tool(ToolId(subject)) }
}
