//! Items of personas: permissions, `on` blocks, `otherwise`, and TOOLS.

use super::{Builder, Node, child, first, has};
use crate::grammar::Rule;
use crate::tree::{
    Arm, ItemKind, OnBlock, Otherwise, OtherwiseVerdict, Permission, PersonaItem, Text, ToolPattern, Tools, Verb, Verdict, VerdictKind,
};

impl Builder<'_> {
    /// The items among the children of a persona or of `everyone`.
    pub(super) fn items(&mut self, node: &Node<'_>) -> Option<Vec<PersonaItem>> {
        node.clone().into_inner().filter(is_item).map(|item| self.item(&item)).collect()
    }

    /// One item.
    pub(crate) fn item(&mut self, node: &Node<'_>) -> Option<PersonaItem> {
        let kind = match node.as_rule() {
            Rule::allow_permission => ItemKind::Permission(self.permission(node, Verb::Allow, Rule::kw_allow)?),
            Rule::ask_permission => ItemKind::Permission(self.permission(node, Verb::Ask, Rule::kw_ask)?),
            Rule::deny_permission | Rule::deny_permission_overriding => {
                ItemKind::Permission(self.permission(node, Verb::Deny, Rule::kw_deny)?)
            }
            Rule::on_block => ItemKind::On(self.on_block(node)?),
            Rule::otherwise => ItemKind::Otherwise(Otherwise {
                verdict: if has(node, Rule::kw_ask) { OtherwiseVerdict::Ask } else { OtherwiseVerdict::Deny },
            }),
            _ => ItemKind::Rule(self.rule(node)?),
        };
        let span = self.span(node);
        Some(PersonaItem { docs: self.docs(span), kind, span })
    }

    fn permission(&mut self, node: &Node<'_>, verb: Verb, marker: Rule) -> Option<Permission> {
        Some(Permission {
            overrides: self.place(node, Rule::kw_override),
            verb,
            verb_span: self.place(node, marker)?,
            name: child(node, Rule::permission_name).and_then(|name| self.name_in(&name)),
            tools: self.tools_in(node)?,
            when: self.when_in(node)?,
            by: self.by_whom_in(node),
            why: self.text_in(node),
        })
    }

    /// The person of `by "who"` among the children.
    pub(super) fn by_whom_in(&self, node: &Node<'_>) -> Option<Text> {
        child(node, Rule::by_whom).and_then(|by| self.text_in(&by))
    }

    /// `tools` and, where it stands beside it, `except`.
    pub(super) fn tools_in(&mut self, node: &Node<'_>) -> Option<Tools> {
        let tools = child(node, Rule::tools)?;
        let except = child(node, Rule::except);
        let mut span = self.span(&tools);
        let taken_away = match &except {
            None => Vec::new(),
            Some(except) => {
                span = span.to(self.span(except));
                self.tool_patterns(&child(except, Rule::tools)?)?
            }
        };
        Some(Tools { patterns: self.tool_patterns(&tools)?, except: taken_away, span })
    }

    fn tool_patterns(&self, node: &Node<'_>) -> Option<Vec<ToolPattern>> {
        node.clone()
            .into_inner()
            .filter(|part| part.as_rule() != Rule::comma)
            .map(|part| match part.as_rule() {
                Rule::path => Some(ToolPattern::Path(self.path(&part))),
                Rule::glob => self.glob(&part),
                _ => None,
            })
            .collect()
    }

    fn glob(&self, node: &Node<'_>) -> Option<ToolPattern> {
        let mut parts: Vec<String> = node
            .clone()
            .into_inner()
            .map(|part| match part.as_rule() {
                Rule::glob_tail | Rule::glob_start => part.as_str().to_owned(),
                _ => self.name(&part).text,
            })
            .collect();
        let pattern = parts.pop()?;
        Some(ToolPattern::Glob { server: parts.join("."), pattern, span: self.span(node) })
    }

    fn on_block(&mut self, node: &Node<'_>) -> Option<OnBlock> {
        let arms = node
            .clone()
            .into_inner()
            .filter(|part| matches!(part.as_rule(), Rule::arm | Rule::otherwise_arm))
            .map(|arm| self.arm(&arm))
            .collect::<Option<_>>()?;
        Some(OnBlock { overrides: self.place(node, Rule::kw_override), tool: self.path_in(node)?, arms })
    }

    fn arm(&mut self, node: &Node<'_>) -> Option<Arm> {
        let condition = match node.as_rule() {
            Rule::otherwise_arm => None,
            _ => Some(self.condition_in(node)?),
        };
        let verdict = child(node, Rule::verdict)?;
        let kind = match first(&verdict)?.as_rule() {
            Rule::kw_allow => VerdictKind::Allow,
            Rule::kw_ask => VerdictKind::Ask(self.by_whom_in(&verdict)),
            Rule::kw_deny => VerdictKind::Deny(self.text_in(&verdict)),
            _ => return None,
        };
        Some(Arm { condition, verdict: Verdict { kind, span: self.span(&verdict) }, span: self.span(node) })
    }
}

fn is_item(node: &Node<'_>) -> bool {
    use Rule as R;
    matches!(
        node.as_rule(),
        R::allow_permission
            | R::ask_permission
            | R::deny_permission
            | R::deny_permission_overriding
            | R::on_block
            | R::otherwise
            | R::forbid_rule
            | R::require_rule
            | R::protocol_rule
            | R::limit_rule
            | R::scan_rule
    )
}
