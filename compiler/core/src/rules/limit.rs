//! Limits typed.
//!
//! In: a limit as written. Out: what it counts, how many, over what time. Invariant: it counts calls.
//! Source: language sections 5 and 9 (limits).

use std::collections::BTreeMap;

use leverframe_syntax::tree::{self, LimitKind, Period};

use super::pattern::is_result;
use super::{Owner, Role, RuleChecker, TypedBody, key_of, problem};
use crate::core::{Key, Type};
use crate::names::symbols::Symbols;
use crate::types::lattice;

/// How many limits each block has had.
#[derive(Default)]
pub(super) struct Numbers(BTreeMap<Owner, usize>);

impl Numbers {
    /// The name of the next limit of that block; named ones count too.
    pub(super) fn name(&mut self, symbols: &Symbols, owner: Owner, limit: &tree::Limit) -> String {
        let count = self.0.entry(owner).or_default();
        *count += 1;
        if let Some(name) = &limit.name {
            return name.text.clone();
        }
        match owner {
            Owner::Policy => format!("limit#{count}"),
            Owner::Everyone => format!("everyone.limit#{count}"),
            Owner::Persona(id) => {
                let persona = symbols.personas.get(id.index()).map_or("", |persona| &persona.name.text);
                format!("{persona}.limit#{count}")
            }
        }
    }
}

impl RuleChecker<'_, '_> {
    pub(super) fn limit(&mut self, limit: &tree::Limit) -> Option<TypedBody> {
        self.key = limit.key.map_or(Key::Session, |key| key_of(key.kind));
        if let Some(capacity) = limit.capacity {
            self.refuse("`capacity`", capacity.span);
        }
        let window_ms = self.window(limit);
        let event = self.limited(&limit.event);
        self.check_variables(true);
        let most = self.measure(limit)?;
        if most.value == 0 {
            self.report(problem::number("a limit of 0 lets nothing through: write a `deny`", most.span));
            return None;
        }
        let Ok(count) = u32::try_from(most.value) else {
            self.report(problem::number("a limit counts to 4294967295 at most", most.span));
            return None;
        };
        Some(TypedBody::Limit { count, window_ms: window_ms?, event: event? })
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

    fn limited(&mut self, event: &tree::EventPattern) -> Option<crate::core::Pattern> {
        let outcome = event.outcome.as_ref().filter(|outcome| is_result(Some(&outcome.kind)));
        let pattern = self.pattern(event, Role::Limit);
        if let Some(outcome) = outcome {
            self.refuse("a limit on results", outcome.span);
            return None;
        }
        pattern
    }

    /// How many, where calls are counted; other measures are checked and refused.
    fn measure(&mut self, limit: &tree::Limit) -> Option<tree::Number> {
        match &limit.kind {
            LimitKind::Count { most } => return Some(*most),
            LimitKind::Identical { most } => self.refuse("`limit … identical`", most.span),
            LimitKind::Distinct { field, .. } => {
                self.measured_field(field, &limit.event, false);
                self.refuse("`limit … distinct(…)`", field.span);
            }
            LimitKind::Sum { field, .. } => {
                self.measured_field(field, &limit.event, true);
                self.refuse("`limit sum(…)`", field.span);
            }
        }
        None
    }

    fn measured_field(&mut self, field: &tree::ArgumentField, event: &tree::EventPattern, sum: bool) {
        // The target was looked up, and its faults reported, when the pattern was typed.
        let before = self.checker.found.len();
        let subjects = self.subjects(&event.target);
        self.checker.found.truncate(before);
        let symbols = self.checker.symbols;
        for id in subjects.iter().flat_map(|subjects| &subjects.tools) {
            let Some(tool) = symbols.tools.get(id.index()) else { continue };
            let Some((ty, may_be_absent)) = self.measured(field, &tool.args, &format!("`{}`", tool.name)) else { continue };
            let countable = matches!(ty, Type::Int { lo, .. } if lo >= 0) && !may_be_absent;
            if sum && !countable {
                self.report(problem::sum_field(field.span));
            } else if !sum && lattice::tag(&ty).is_none() {
                self.report(problem::variable_opaque(&field.name.text, &lattice::describe(&ty), field.span));
            }
        }
    }
}
