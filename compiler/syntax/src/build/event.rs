//! Event patterns and their arguments.

use super::{Builder, Node, child, children, first, has};
use crate::grammar::Rule;
use crate::tree::{
    Argument, ArgumentField, ArgumentStep, ArgumentValue, EventPattern, Mode, ModeKind, Outcome, OutcomeKind, Target, TargetKind,
};

impl Builder<'_> {
    /// The event among the children.
    pub(super) fn event_in(&mut self, node: &Node<'_>) -> Option<EventPattern> {
        self.event(&child(node, Rule::event)?)
    }

    pub(super) fn event(&mut self, node: &Node<'_>) -> Option<EventPattern> {
        let target = match self.place(node, Rule::kw_start) {
            Some(span) => Target { kind: TargetKind::Start, span },
            None => self.target(&child(node, Rule::target)?)?,
        };
        Some(EventPattern {
            mode: child(node, Rule::event_mode).map(|mode| self.mode(&mode)),
            target,
            arguments: self.arguments_in(node)?,
            outcome: child(node, Rule::outcome).map_or(Some(None), |outcome| self.outcome(&outcome).map(Some))?,
            by: child(node, Rule::by_persona).and_then(|by| self.name_in(&by)),
            when: child(node, Rule::event_condition).map_or(Some(None), |when| self.condition_in(&when).map(Some))?,
            span: self.span(node),
        })
    }

    fn mode(&self, node: &Node<'_>) -> Mode {
        let (kind, marker) =
            if has(node, Rule::kw_denied) { (ModeKind::Denied, Rule::kw_denied) } else { (ModeKind::Approved, Rule::kw_approved) };
        Mode { kind, span: self.place(node, marker).unwrap_or_else(|| self.span(node)) }
    }

    fn target(&mut self, node: &Node<'_>) -> Option<Target> {
        let inner = first(node)?;
        let kind = match inner.as_rule() {
            Rule::kw_any => TargetKind::Any,
            Rule::path => TargetKind::One(self.path(&inner)),
            Rule::target_list => TargetKind::List(children(&inner, Rule::path).map(|path| self.path(&path)).collect()),
            _ => return None,
        };
        Some(Target { kind, span: self.span(&inner) })
    }

    /// The arguments among the children; none where there are no parentheses.
    fn arguments_in(&mut self, node: &Node<'_>) -> Option<Vec<Argument>> {
        let Some(list) = child(node, Rule::arguments) else {
            return Some(Vec::new());
        };
        children(&list, Rule::argument).map(|argument| self.argument(&argument)).collect()
    }

    fn argument(&mut self, node: &Node<'_>) -> Option<Argument> {
        let value = first(&child(node, Rule::argument_value)?)?;
        Some(Argument {
            field: self.argument_field(&child(node, Rule::argument_field)?)?,
            value: match value.as_rule() {
                Rule::variable => ArgumentValue::Variable(self.name(&value)),
                Rule::literal => ArgumentValue::Literal(self.literal(&value)?),
                Rule::name => ArgumentValue::Const(self.name(&value)),
                _ => return None,
            },
            span: self.span(node),
        })
    }

    /// `argument_field` or `measured_field`.
    pub(super) fn argument_field(&mut self, node: &Node<'_>) -> Option<ArgumentField> {
        let mut inner = node.clone().into_inner();
        let name = self.name(&inner.next()?);
        let steps = inner
            .map(|step| match step.as_rule() {
                Rule::each_mark => ArgumentStep::Each(self.span(&step)),
                _ => ArgumentStep::Field(self.name(&step)),
            })
            .collect();
        Some(ArgumentField { name, steps, span: self.span(node) })
    }

    fn outcome(&mut self, node: &Node<'_>) -> Option<Outcome> {
        let inner = first(node)?;
        let kind = match inner.as_rule() {
            Rule::outcome_returns => OutcomeKind::Returns(self.name_in(&inner)?),
            Rule::outcome_succeeds => OutcomeKind::Succeeds,
            Rule::outcome_fails => OutcomeKind::Fails,
            Rule::kw_sends => OutcomeKind::Sends,
            Rule::kw_destroys => OutcomeKind::Destroys,
            _ => return None,
        };
        let with = child(&inner, Rule::result_arguments).map_or(Some(Vec::new()), |with| self.arguments_in(&with))?;
        Some(Outcome { kind, with, span: self.span(node) })
    }
}
