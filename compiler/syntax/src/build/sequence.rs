//! Sequences, gaps, requirements and protocols.

use super::{Builder, Node, child, children, first, has};
use crate::grammar::Rule;
use crate::tree::{
    Gap, GapClause, GapClauseKind, ProtocolItem, ProtocolKind, ProtocolNode, Repeat, Requirement, Sequence, SequenceKind, ThenStep,
};

impl Builder<'_> {
    /// The sequence among the children.
    pub(super) fn sequence_in(&mut self, node: &Node<'_>) -> Option<Sequence> {
        self.sequence(&child(node, Rule::sequence)?)
    }

    fn sequence(&mut self, node: &Node<'_>) -> Option<Sequence> {
        let mut parts: Vec<Sequence> = children(node, Rule::one).map(|one| self.one(&one)).collect::<Option<_>>()?;
        let rest: Vec<ThenStep> = children(node, Rule::then_step).map(|step| self.then_step(&step)).collect::<Option<_>>()?;
        let kind = match (parts.len(), rest.is_empty()) {
            (1, true) => return parts.pop(),
            (1, false) => SequenceKind::Then { first: Box::new(parts.pop()?), rest },
            (0, _) => return None,
            _ if has(node, Rule::kw_or) => SequenceKind::Or(parts),
            _ => SequenceKind::And(parts),
        };
        Some(Sequence { kind, span: self.span(node) })
    }

    fn then_step(&mut self, node: &Node<'_>) -> Option<ThenStep> {
        let word = self.place(node, Rule::kw_then)?;
        let gap = match child(node, Rule::gap) {
            None => Gap { clauses: Vec::new(), span: word },
            Some(gap) => Gap {
                clauses: children(&gap, Rule::gap_clause).map(|c| self.gap_clause(&c)).collect::<Option<_>>()?,
                span: word.to(self.span(&gap)),
            },
        };
        Some(ThenStep { gap, sequence: self.one(&child(node, Rule::one)?)? })
    }

    fn gap_clause(&mut self, node: &Node<'_>) -> Option<GapClause> {
        let kind = match first(node)?.as_rule() {
            Rule::kw_within => GapClauseKind::Within(self.duration_in(node)?),
            Rule::kw_unless => GapClauseKind::Unless(Box::new(self.event_in(node)?)),
            Rule::kw_next => GapClauseKind::Next,
            _ => return None,
        };
        Some(GapClause { kind, span: self.span(node) })
    }

    fn one(&mut self, node: &Node<'_>) -> Option<Sequence> {
        let inner = first(node)?;
        let kind = match inner.as_rule() {
            Rule::event => SequenceKind::Event(Box::new(self.event(&inner)?)),
            Rule::sequence_group => return self.sequence_in(&inner),
            Rule::repeated => {
                SequenceKind::Times { count: self.natural_in(&inner)?, body: Box::new(self.one(&child(&inner, Rule::one)?)?) }
            }
            Rule::within_group => SequenceKind::Within { duration: self.duration_in(&inner)?, body: Box::new(self.sequence_in(&inner)?) },
            _ => return None,
        };
        Some(Sequence { kind, span: self.span(&inner) })
    }

    /// The requirement among the children.
    pub(super) fn requirement_in(&mut self, node: &Node<'_>) -> Option<Requirement> {
        let node = child(node, Rule::requirement)?;
        let mut prerequisites: Vec<_> = children(&node, Rule::event).map(|event| self.event(&event)).collect::<Option<_>>()?;
        let target = prerequisites.pop()?;
        Some(Requirement {
            prerequisites,
            target,
            within: self.duration_in(&node),
            reset: child(&node, Rule::reset_clause).map_or(Some(None), |reset| self.event_in(&reset).map(Some))?,
            span: self.span(&node),
        })
    }

    /// The protocol among the children.
    pub(super) fn protocol_in(&mut self, node: &Node<'_>) -> Option<ProtocolNode> {
        let body = child(node, Rule::protocol_body)?;
        let mut parts: Vec<ProtocolNode> =
            children(&body, Rule::protocol_item).map(|item| self.protocol_item(&item)).collect::<Option<_>>()?;
        let kind = match parts.len() {
            0 => return None,
            1 => return parts.pop(),
            _ if has(&body, Rule::kw_or) => ProtocolKind::Or(parts),
            _ => ProtocolKind::Then(parts),
        };
        Some(ProtocolNode { kind, span: self.span(&body) })
    }

    fn protocol_item(&mut self, node: &Node<'_>) -> Option<ProtocolNode> {
        let inner = first(node)?;
        let kind = match inner.as_rule() {
            Rule::event => ProtocolKind::Event(Box::new(self.event(&inner)?)),
            Rule::protocol_group => {
                let body = self.protocol_in(&inner)?;
                match child(&inner, Rule::protocol_repeat) {
                    None => return Some(body),
                    Some(word) => ProtocolKind::Repeat(ProtocolItem { repeat: repeat(&word)?, body: Box::new(body) }),
                }
            }
            _ => return None,
        };
        Some(ProtocolNode { kind, span: self.span(&inner) })
    }
}

fn repeat(node: &Node<'_>) -> Option<Repeat> {
    Some(match first(node)?.as_rule() {
        Rule::kw_many => Repeat::Many,
        Rule::kw_some => Repeat::Some,
        Rule::kw_maybe => Repeat::Maybe,
        _ => return None,
    })
}
