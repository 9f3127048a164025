//! Protocols typed.
//!
//! In: a regular expression over events as written. Out: that of the core form, or nothing and at least one finding. Invariant: parentheses leave no trace.
//! Source: language section 5; `lang-spec/core-form.md`, [core.formula].

use leverframe_syntax::tree::{self, ProtocolKind, Repeat};

use super::{Role, RuleChecker};
use crate::core::Protocol;

impl RuleChecker<'_, '_> {
    /// The expression of a protocol, with its variables.
    pub(super) fn protocol(&mut self, body: &tree::ProtocolNode) -> Option<Protocol> {
        let typed = self.protocol_node(body);
        self.check_variables(false);
        typed
    }

    fn protocol_node(&mut self, node: &tree::ProtocolNode) -> Option<Protocol> {
        match &node.kind {
            ProtocolKind::Event(event) => self.pattern(event, Role::Protocol).map(Protocol::Event),
            ProtocolKind::Then(parts) => self.protocol_nodes(parts).map(Protocol::Then),
            ProtocolKind::Or(parts) => self.protocol_nodes(parts).map(Protocol::Or),
            ProtocolKind::Repeat(item) => {
                let repeated = match item.repeat {
                    Repeat::Many => Protocol::Many,
                    Repeat::Some => Protocol::Some,
                    Repeat::Maybe => Protocol::Maybe,
                };
                self.protocol_node(&item.body).map(|body| repeated(Box::new(body)))
            }
        }
    }

    /// Every part is looked at, so that each mistake is found.
    fn protocol_nodes(&mut self, parts: &[tree::ProtocolNode]) -> Option<Vec<Protocol>> {
        let typed: Vec<Option<Protocol>> = parts.iter().map(|part| self.protocol_node(part)).collect();
        typed.into_iter().collect()
    }
}
