//! Assertions and tests.

use super::{Builder, Node, child, children, first, has};
use crate::grammar::Rule;
use crate::tree::{
    Assertion, AssertionKind, ExpectedVerdict, Name, RuleReference, Test, TestCall, TestStep, TestStepKind, Value, ValueField, ValueKind,
};

impl Builder<'_> {
    pub(super) fn assertion(&mut self, node: &Node<'_>) -> Option<Assertion> {
        let claim = node.clone().into_inner().last()?;
        let kind = match claim.as_rule() {
            Rule::assert_never => AssertionKind::Never {
                sequence: self.sequence_in(&claim)?,
                personas: self.personas_in(&claim),
                without_approval: self.place(&claim, Rule::without_approval),
            },
            Rule::assert_always => AssertionKind::Always { requirement: self.requirement_in(&claim)?, personas: self.personas_in(&claim) },
            Rule::assert_can => AssertionKind::Can { persona: self.name_in(&claim)?, sequence: self.sequence_in(&claim)? },
            _ => return None,
        };
        Some(Assertion { name: self.name_in(node)?, why: self.text_in(node), kind })
    }

    fn personas_in(&self, node: &Node<'_>) -> Vec<Name> {
        child(node, Rule::for_personas).map(|personas| self.names_in(&personas)).unwrap_or_default()
    }

    pub(super) fn test(&mut self, node: &Node<'_>) -> Option<Test> {
        let steps = children(node, Rule::test_step).map(|step| self.test_step(&step)).collect::<Option<_>>()?;
        Some(Test { name: self.text_in(node)?, steps })
    }

    fn test_step(&mut self, node: &Node<'_>) -> Option<TestStep> {
        let inner = first(node)?;
        let kind = match inner.as_rule() {
            Rule::test_as => TestStepKind::As(self.name_in(&inner)?),
            Rule::test_wait => TestStepKind::Wait(self.duration_in(&inner)?),
            Rule::test_event => TestStepKind::Event { event: self.path_in(&inner)?, arguments: self.values_in(&inner)? },
            Rule::test_call => TestStepKind::Call(Box::new(self.test_call(&inner)?)),
            _ => return None,
        };
        Some(TestStep { kind, span: self.span(node) })
    }

    fn test_call(&mut self, node: &Node<'_>) -> Option<TestCall> {
        let verdict = child(node, Rule::expected_verdict)?;
        let outcomes: Vec<Node<'_>> = children(node, Rule::test_outcome).collect();
        let place = |marker| outcomes.iter().find_map(|outcome| self.place(outcome, marker));
        let (fails, approved) = (place(Rule::kw_fails), place(Rule::kw_approved));
        Some(TestCall {
            tool: self.path_in(node)?,
            arguments: self.values_in(node)?,
            verdict: match first(&verdict)?.as_rule() {
                Rule::kw_allow => ExpectedVerdict::Allow,
                Rule::kw_ask => ExpectedVerdict::Ask,
                Rule::kw_deny => ExpectedVerdict::Deny,
                _ => return None,
            },
            verdict_span: self.span(&verdict),
            rule: child(node, Rule::expected_rule).and_then(|rule| self.rule_reference(&rule)),
            returns: outcomes.iter().filter(|o| has(o, Rule::kw_returns)).filter_map(|o| self.name_in(o)).collect(),
            fails,
            approved,
        })
    }

    fn rule_reference(&self, node: &Node<'_>) -> Option<RuleReference> {
        let reference = child(node, Rule::rule_reference)?;
        let text = reference.as_str().chars().filter(|c| *c != '`').collect();
        Some(RuleReference { text, span: self.span(&reference) })
    }

    fn values_in(&mut self, node: &Node<'_>) -> Option<Vec<ValueField>> {
        let Some(list) = child(node, Rule::test_arguments) else {
            return Some(Vec::new());
        };
        self.value_fields(&list)
    }

    fn value_fields(&mut self, node: &Node<'_>) -> Option<Vec<ValueField>> {
        children(node, Rule::value_field)
            .map(|field| {
                Some(ValueField {
                    name: self.name(&child(&field, Rule::field_name)?),
                    value: self.value(&child(&field, Rule::value)?)?,
                    span: self.span(&field),
                })
            })
            .collect()
    }

    fn value(&mut self, node: &Node<'_>) -> Option<Value> {
        let inner = first(node)?;
        let kind = match inner.as_rule() {
            Rule::literal => ValueKind::Literal(self.literal(&inner)?),
            Rule::name => ValueKind::Const(self.name(&inner)),
            Rule::value_list => ValueKind::List(children(&inner, Rule::value).map(|value| self.value(&value)).collect::<Option<_>>()?),
            Rule::value_record => ValueKind::Record(self.value_fields(&inner)?),
            _ => return None,
        };
        Some(Value { kind, span: self.span(node) })
    }
}
