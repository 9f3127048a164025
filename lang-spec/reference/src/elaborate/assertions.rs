//! Assertions.
//!
//! In: the declarations. Out: the assertions in module and source order, each with what it speaks of as a rule that would note it. Left out: whether they hold.
//! Source: language section 7; `lang-spec/tests.md`, [test.assert].

use crate::grammar::{Node, Rule as Grammar};
use crate::literal;
use crate::policy::{Action, Assertion, Body, Key, Rule, Says};
use crate::refusal::Refusal;

use super::effects::Effects;
use super::pattern::Names;
use super::rules::{kept_apart, requirement};
use super::scope::Scope;
use super::sequence::asserted;

pub(super) fn read<'a>(scope: &Scope<'a>, effects: &Effects, declarations: &[Node<'a>]) -> Result<Vec<Assertion>, Refusal> {
    let names = Names { scope, effects };
    declarations.iter().filter(|node| node.rule() == Grammar::assertion).map(|node| assertion(names, node)).collect()
}

fn assertion(names: Names<'_, '_>, node: &Node<'_>) -> Result<Assertion, Refusal> {
    let what = [Grammar::assert_never, Grammar::assert_always, Grammar::assert_can].into_iter().find_map(|kind| node.child(kind));
    let what = what.ok_or_else(|| node.wrong("an assertion says nothing"))?;
    let (says, body) = match what.rule() {
        Grammar::assert_always => (Says::Always, requirement(names, &what.need(Grammar::requirement)?)?.1),
        kind => {
            let body = Body::Forbid(asserted(names, &what.need(Grammar::sequence)?)?);
            let without_approval = what.has(Grammar::without_approval);
            (if kind == Grammar::assert_can { Says::Can } else { Says::Never { without_approval } }, body)
        }
    };
    let personas = match (says, what.child(Grammar::for_personas)) {
        (Says::Can, _) => vec![what.child_name()?],
        (_, Some(personas)) => personas.children(Grammar::name).map(|name| name.name()).collect(),
        (_, None) => Vec::new(),
    };
    let rule = Rule {
        name: node.child_name()?,
        key: Key::Session,
        scope: None,
        action: Action::Observe,
        why: literal::optional_text(node)?,
        body,
        capacity: None,
    };
    let mut rule = kept_apart(rule, &what, None)?;
    rule.number_patterns();
    Ok(Assertion { says, personas, rule })
}
