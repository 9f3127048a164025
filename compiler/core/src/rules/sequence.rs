//! Sequences typed.
//!
//! In: a sequence as written. Out: a [`Step`], or nothing and at least one finding. Source: language section 5.

use leverframe_syntax::tree::{self, GapClauseKind, SequenceKind, TargetKind};

use super::{Role, RuleChecker, Step, shape};
use crate::core::Clause;

impl RuleChecker<'_, '_> {
    /// The sequence of a `forbid`: its last events are calls.
    pub(super) fn forbidden(&mut self, sequence: &tree::Sequence) -> Option<Step> {
        let symbols = self.checker.symbols;
        let faults: Vec<_> =
            shape::lasts(sequence).into_iter().filter_map(|event| shape::no_call(symbols, event, "last in a `forbid`")).collect();
        let ends_well = faults.is_empty();
        self.checker.found.extend(faults);
        self.sequence(sequence).filter(|_| ends_well)
    }

    /// A sequence in any place, with its variables.
    pub(super) fn sequence(&mut self, sequence: &tree::Sequence) -> Option<Step> {
        let faults = shape::faults(sequence);
        let sound = faults.is_empty();
        self.checker.found.extend(faults);
        let step = self.step(sequence);
        self.check_variables(false);
        step.filter(|_| sound)
    }

    fn step(&mut self, sequence: &tree::Sequence) -> Option<Step> {
        match &sequence.kind {
            SequenceKind::Event(event) if matches!(event.target.kind, TargetKind::Start) => Some(Step::Start),
            SequenceKind::Event(event) => self.pattern(event, Role::Step).map(Step::Event),
            SequenceKind::Or(parts) => self.steps(parts).map(Step::Or),
            SequenceKind::And(parts) => self.steps(parts).map(Step::And),
            SequenceKind::Times { count, body } => self.step(body).map(|body| Step::Times(count.value, Box::new(body))),
            SequenceKind::Within { duration, body } => self.step(body).map(|body| Step::Within(duration.millis, Box::new(body))),
            SequenceKind::Then { first, rest } => {
                let first = self.step(first);
                let rest: Vec<Option<(Clause, Step)>> = rest
                    .iter()
                    .map(|step| {
                        let clause = self.gap(&step.gap);
                        clause.zip(self.step(&step.sequence))
                    })
                    .collect();
                let rest: Option<Vec<(Clause, Step)>> = rest.into_iter().collect();
                first.zip(rest).map(|(first, rest)| Step::Then(Box::new(first), rest))
            }
        }
    }

    /// Every part is looked at, so that each mistake is found.
    fn steps(&mut self, parts: &[tree::Sequence]) -> Option<Vec<Step>> {
        let steps: Vec<Option<Step>> = parts.iter().map(|part| self.step(part)).collect();
        steps.into_iter().collect()
    }

    fn gap(&mut self, gap: &tree::Gap) -> Option<Clause> {
        let mut clause = Clause::default();
        let mut sound = true;
        for part in &gap.clauses {
            match &part.kind {
                GapClauseKind::Within(duration) => clause.within_ms = Some(duration.millis),
                GapClauseKind::Next => clause.next = true,
                GapClauseKind::Unless(event) => match self.pattern(event, Role::Unless) {
                    Some(pattern) => clause.unless.push(pattern),
                    None => sound = false,
                },
            }
        }
        sound.then_some(clause)
    }
}
