//! Limits typed.
//!
//! In: a limit as written. Out: what it counts, how much of it, over what time, and which calls it judges. Invariant: where it counts calls it judges those.
//! Source: language sections 5 and 9 (limits); `lang-spec/limits.md`.

use leverframe_runtime::limits::DISTINCT;
use leverframe_syntax::tree::{self, ArgumentValue, LimitKind, Number, Period};

use super::pattern::{Read, is_result};
use super::variables::{Side, fields, steps};
use super::{Role, RuleChecker, key_of, problem};
use crate::core::{Key, Limit, Measure, Type, TypeTag, ValuePath};
use crate::types::lattice;

impl RuleChecker<'_, '_> {
    pub(super) fn limit(&mut self, limit: &tree::Limit) -> Option<Limit> {
        self.key = limit.key.map_or(Key::Session, |key| key_of(key.kind));
        let window_ms = self.window(limit);
        let sound = self.no_result_variables(&limit.event);
        let read = self.read(&limit.event, Role::Limit);
        self.check_variables(true);
        let measure = self.measure(limit);
        let Read { pattern, judged } = read?;
        let limit = Limit { measure: measure?, window_ms: window_ms?, event: pattern, judged };
        sound.then_some(limit)
    }

    /// The window, if it has one; the outer option is whether the period is sound.
    #[allow(clippy::option_option)]
    fn window(&mut self, limit: &tree::Limit) -> Option<Option<u64>> {
        match limit.period {
            Period::Duration(duration) if duration.millis == 0 => {
                self.report(problem::number("a window of no length holds nothing", duration.span));
                None
            }
            Period::Duration(duration) => Some(Some(duration.millis)),
            Period::Session(span) => match limit.key {
                Some(key) if self.key != Key::Session => {
                    self.report(problem::session_with_key(span.to(key.span)));
                    None
                }
                _ => Some(None),
            },
        }
    }

    /// A call that is still to be decided has no result to take a value from.
    fn no_result_variables(&mut self, event: &tree::EventPattern) -> bool {
        let variable = fields(event).find_map(|(argument, side)| match &argument.value {
            ArgumentValue::Variable(name) if side == Side::Result => Some(name),
            _ => None,
        });
        if let Some(name) = variable {
            self.report(problem::limit_by_result(&name.text, name.span));
        }
        variable.is_none()
    }

    fn measure(&mut self, limit: &tree::Limit) -> Option<Measure> {
        match &limit.kind {
            LimitKind::Count { most } => self.count(*most).map(Measure::Count),
            LimitKind::Identical { most } => {
                let plain = self.identical(&limit.event);
                self.count(*most).filter(|_| plain).map(Measure::Identical)
            }
            LimitKind::Distinct { most, field } => {
                let path = self.measured_path(field, &limit.event, Measured::Values);
                let count = self.count(*most)?;
                if count > DISTINCT {
                    self.report(problem::distinct_bound(count, most.span));
                    return None;
                }
                path.map(|path| Measure::Distinct(count, path))
            }
            LimitKind::Sum { most, field } => {
                let path = self.measured_path(field, &limit.event, Measured::Amount);
                let sum = self.sum(*most)?;
                path.map(|path| Measure::Sum(sum, path))
            }
        }
    }

    fn count(&mut self, most: Number) -> Option<u32> {
        let count = self.some(most).map(u32::try_from)?;
        count.map_err(|_| self.report(problem::number("a limit counts to 4294967295 at most", most.span))).ok()
    }

    fn sum(&mut self, most: Number) -> Option<i64> {
        let sum = self.some(most).map(i64::try_from)?;
        sum.map_err(|_| self.report(problem::number("a sum goes to 9223372036854775807 at most", most.span))).ok()
    }

    fn some(&mut self, most: Number) -> Option<u64> {
        if most.value == 0 {
            self.report(problem::number("a limit of 0 lets nothing through: write a `deny`", most.span));
            return None;
        }
        Some(most.value)
    }

    /// Whether the event is one whose arguments can be compared whole: a call, with nothing told apart beside them.
    fn identical(&mut self, event: &tree::EventPattern) -> bool {
        let attempt = event.mode.filter(|mode| mode.kind == tree::ModeKind::Denied).map(|mode| mode.span);
        let result = event.outcome.as_ref().filter(|outcome| is_result(Some(&outcome.kind))).map(|outcome| outcome.span);
        if let Some(span) = attempt.or(result) {
            self.report(problem::identical_calls(span));
            return false;
        }
        let variable = fields(event).find_map(|(argument, _)| match &argument.value {
            ArgumentValue::Variable(name) => Some(name),
            _ => None,
        });
        if let Some(name) = variable {
            self.report(problem::identical_variable(&name.text, name.span));
        }
        variable.is_none()
    }

    /// The place of a measured field, of one type on all tools; reports where there is none.
    fn measured_path(&mut self, field: &tree::ArgumentField, event: &tree::EventPattern, measured: Measured) -> Option<ValuePath> {
        // The target was looked up, and its faults reported, when the pattern was typed.
        let before = self.checker.found.len();
        let subjects = self.subjects(&event.target);
        self.checker.found.truncate(before);
        let symbols = self.checker.symbols;
        let mut tags = Vec::new();
        let mut sound = true;
        for (id, _) in self.with_effect(event, &subjects?) {
            let Some(tool) = symbols.tools.get(id.index()) else { continue };
            match self.measured(field, &tool.args, &format!("`{}`", tool.name)) {
                Some((ty, may_be_absent)) => tags.extend(self.measured_tag(field, &ty, may_be_absent, measured)),
                None => sound = false,
            }
            sound &= self.checker.found.len() == before;
        }
        let tag = tags.first().copied().unwrap_or(measured.default_tag());
        if tags.iter().any(|other| *other != tag) {
            self.report(problem::measured_types(field.span));
            return None;
        }
        sound.then(|| ValuePath { tag, result: false, steps: steps(field) })
    }

    fn measured_tag(&mut self, field: &tree::ArgumentField, ty: &Type, may_be_absent: bool, measured: Measured) -> Option<TypeTag> {
        let fault = match measured {
            Measured::Amount if matches!(ty, Type::Int { lo, .. } if *lo >= 0) && !may_be_absent => return Some(TypeTag::Int),
            Measured::Amount => problem::sum_field(field.span),
            Measured::Values => match lattice::tag(ty) {
                Some(tag) => return Some(tag),
                None => problem::distinct_opaque(&lattice::describe(ty), field.span),
            },
        };
        self.report(fault);
        None
    }
}

/// What of a field a limit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measured {
    /// How many values.
    Values,
    /// How much.
    Amount,
}

impl Measured {
    /// Of a pattern without tools.
    fn default_tag(self) -> TypeTag {
        match self {
            Self::Values => TypeTag::String,
            Self::Amount => TypeTag::Int,
        }
    }
}
