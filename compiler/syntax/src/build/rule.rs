//! Rules: forbid, require, protocol, limit, scan.

use super::{Builder, Node, child, children, first};
use crate::grammar::Rule as G;
use crate::tree::{
    Action, ActionKind, Forbid, Key, KeyKind, Limit, LimitKind, Number, Period, Protocol, Require, Rule, RuleHead, Scan, ScanAction,
    ScanPlace,
};

impl Builder<'_> {
    /// A rule, where the node is one.
    pub(super) fn rule(&mut self, node: &Node<'_>) -> Option<Rule> {
        Some(match node.as_rule() {
            G::forbid_rule => {
                Rule::Forbid(Forbid { head: self.rule_head(node)?, sequence: self.sequence_in(node)?, action: self.action_in(node)? })
            }
            G::require_rule => Rule::Require(Require {
                head: self.rule_head(node)?,
                requirement: self.requirement_in(node)?,
                action: self.action_in(node)?,
            }),
            G::protocol_rule => {
                Rule::Protocol(Protocol { head: self.rule_head(node)?, body: self.protocol_in(node)?, action: self.action_in(node)? })
            }
            G::limit_rule => Rule::Limit(self.limit(node)?),
            G::scan_rule => Rule::Scan(self.scan(node)?),
            _ => return None,
        })
    }

    fn rule_head(&mut self, node: &Node<'_>) -> Option<RuleHead> {
        let head = child(node, G::rule_head)?;
        let per = child(&head, G::per_key);
        Some(RuleHead {
            name: self.name_in(&head)?,
            why: self.text_in(&head),
            key: per.as_ref().and_then(|per| self.key_in(per)),
            capacity: per.and_then(|per| self.capacity_in(&per)),
        })
    }

    fn key_in(&self, node: &Node<'_>) -> Option<Key> {
        let key = child(node, G::key)?;
        let kind = match first(&key)?.as_rule() {
            G::kw_session => KeyKind::Session,
            G::kw_principal => KeyKind::Principal,
            G::kw_agent => KeyKind::Agent,
            G::kw_tenant => KeyKind::Tenant,
            _ => return None,
        };
        Some(Key { kind, span: self.span(&key) })
    }

    fn capacity_in(&mut self, node: &Node<'_>) -> Option<Number> {
        child(node, G::capacity).and_then(|capacity| self.natural_in(&capacity))
    }

    fn action_in(&mut self, node: &Node<'_>) -> Option<Option<Action>> {
        let Some(action) = child(node, G::action_clause).and_then(|clause| child(&clause, G::action)) else {
            return Some(None);
        };
        let kind = match first(&action)?.as_rule() {
            G::kw_deny => ActionKind::Deny,
            G::kw_ask => ActionKind::Ask(self.by_whom_in(&action)),
            G::end_session => ActionKind::EndSession,
            G::kw_observe => ActionKind::Observe,
            _ => return None,
        };
        Some(Some(Action { kind, span: self.span(&action) }))
    }

    fn limit(&mut self, node: &Node<'_>) -> Option<Limit> {
        let body = node
            .clone()
            .into_inner()
            .find(|part| matches!(part.as_rule(), G::limit_sum | G::limit_distinct | G::limit_identical | G::limit_count))?;
        let most = self.natural_in(&body)?;
        let field = child(&body, G::measured_field);
        let kind = match body.as_rule() {
            G::limit_sum => LimitKind::Sum { field: self.argument_field(&field?)?, most },
            G::limit_distinct => LimitKind::Distinct { most, field: self.argument_field(&field?)? },
            G::limit_identical => LimitKind::Identical { most },
            _ => LimitKind::Count { most },
        };
        let period = child(&body, G::limit_period)?;
        Some(Limit {
            name: child(node, G::permission_name).and_then(|name| self.name_in(&name)),
            kind,
            event: self.event_in(&body)?,
            period: self.period(&period)?,
            key: child(&period, G::limit_key).and_then(|key| self.key_in(&key)),
            capacity: self.capacity_in(&period),
            action: self.action_in(node)?,
        })
    }

    fn period(&mut self, node: &Node<'_>) -> Option<Period> {
        match self.duration_in(node) {
            Some(duration) => Some(Period::Duration(duration)),
            None => self.place(node, G::kw_session).map(Period::Session),
        }
    }

    fn scan(&mut self, node: &Node<'_>) -> Option<Scan> {
        let place = match first(&child(node, G::scan_place)?)?.as_rule() {
            G::kw_arguments => ScanPlace::Arguments,
            G::kw_results => ScanPlace::Results,
            _ => return None,
        };
        Some(Scan {
            tools: self.tools_in(node)?,
            place,
            detectors: children(node, G::path).map(|path| self.path(&path)).collect(),
            actions: children(node, G::scan_action).map(|action| self.scan_action(&action)).collect::<Option<_>>()?,
        })
    }

    fn scan_action(&self, node: &Node<'_>) -> Option<ScanAction> {
        Some(match first(node)?.as_rule() {
            G::kw_deny => ScanAction::Deny(self.span(node)),
            G::kw_redact => ScanAction::Redact(self.span(node)),
            G::kw_label => ScanAction::Label(self.name_in(node)?),
            _ => return None,
        })
    }
}
