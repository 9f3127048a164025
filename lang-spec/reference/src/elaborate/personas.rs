//! Personas, `everyone`, inheritance and overriding.
//!
//! In: the declarations. Out: what each persona says of each tool, with everything that it inherits. Invariants: an ancestor counts once; a rule keeps the name that
//! it has where it was written; an `override` removes every rule that an ancestor has on that tool.
//! Source: language sections 4 and 9 ("Inheritance"); `lang-spec/core-form.md`, [core.file].

use std::collections::{BTreeMap, BTreeSet};

use crate::grammar::{Node, Rule};
use crate::literal;
use crate::policy::{Answer, Cond, Member, Persona, ToolRules, Verdict};
use crate::refusal::Refusal;

use super::condition::{Site, condition};
use super::rules::Owner;
use super::scope::Scope;
use super::tools;

/// All blocks.
pub(super) struct Personas<'a> {
    blocks: Vec<Block<'a>>,
    everyone: Vec<Item<'a>>,
}

/// A persona as it is written.
struct Block<'a> {
    name: String,
    parents: Vec<String>,
    items: Vec<Item<'a>>,
    otherwise: Option<Answer>,
}

/// A rule of a block as it is written; its conditions are read once for each tool.
struct Item<'a> {
    tools: BTreeSet<String>,
    overrides: bool,
    kind: ItemKind<'a>,
}

enum ItemKind<'a> {
    One(Written<'a>),
    On(Vec<Written<'a>>),
}

/// A verdict under a condition that is not yet typed.
struct Written<'a> {
    verdict: Verdict,
    name: String,
    when: Option<Node<'a>>,
    who: Option<String>,
    why: Option<String>,
}

/// Reads all blocks.
pub(super) fn read<'a>(scope: &Scope<'a>, declarations: &[Node<'a>]) -> Result<Personas<'a>, Refusal> {
    let mut personas = Personas { blocks: Vec::new(), everyone: Vec::new() };
    let mut numbers = Numbers::default();
    for node in declarations {
        match node.rule() {
            Rule::persona_declaration => personas.blocks.push(block(scope, node)?),
            Rule::everyone_declaration => {
                for item in node.children(Rule::deny_permission) {
                    personas.everyone.push(permission(scope, "everyone", &item, &mut numbers)?);
                }
            }
            _ => {}
        }
    }
    for block in &personas.blocks {
        if personas.ancestors(block).iter().any(|ancestor| ancestor.name == block.name) {
            return Err(Refusal::Wrong { what: format!("`{}` is its own ancestor", block.name), at: "persona".into() });
        }
    }
    Ok(personas)
}

/// How many rules of each kind a block has so far.
#[derive(Default)]
struct Numbers(BTreeMap<String, usize>);

impl Numbers {
    fn next(&mut self, kind: &str) -> usize {
        let number = self.0.entry(kind.to_owned()).or_default();
        *number += 1;
        *number
    }
}

fn block<'a>(scope: &Scope<'a>, node: &Node<'a>) -> Result<Block<'a>, Refusal> {
    let head = node.need(Rule::persona_head)?;
    let name = head.child_name()?;
    let parents: Result<Vec<String>, Refusal> =
        head.child(Rule::extends).iter().flat_map(|extends| extends.children(Rule::name)).map(|parent| scope.persona(&parent)).collect();
    let mut numbers = Numbers::default();
    let (mut items, mut otherwise) = (Vec::new(), None);
    for item in node.inner() {
        match item.rule() {
            Rule::allow_permission | Rule::ask_permission | Rule::deny_permission_overriding => {
                items.push(permission(scope, &name, &item, &mut numbers)?)
            }
            Rule::on_block => items.push(on(scope, &name, &item, &mut numbers)?),
            Rule::otherwise => {
                let verdict = if item.has(Rule::kw_ask) { Verdict::Ask } else { Verdict::Deny };
                let answer = Answer { verdict, name: format!("{name}.otherwise"), cond: Cond::Const(true), who: None, why: None };
                if otherwise.replace(answer).is_some() {
                    return Err(item.wrong("`otherwise` stands twice"));
                }
            }
            _ => {}
        }
    }
    Ok(Block { name, parents: parents?, items, otherwise })
}

fn permission<'a>(scope: &Scope<'a>, owner: &str, node: &Node<'a>, numbers: &mut Numbers) -> Result<Item<'a>, Refusal> {
    let verdict = match node.rule() {
        Rule::allow_permission => Verdict::Allow,
        Rule::ask_permission => Verdict::Ask,
        _ => Verdict::Deny,
    };
    let number = numbers.next(verdict.word());
    let name = match node.child(Rule::permission_name) {
        Some(name) => {
            let name = name.child_name()?;
            if numbers.next(&format!(" {name}")) > 1 {
                return Err(node.wrong(format!("two permissions are called `{name}`")));
            }
            format!("{owner}.{name}")
        }
        None => format!("{owner}.{}#{number}", verdict.word()),
    };
    let when = node.child(Rule::when_condition).map(|when| when.need(Rule::condition)).transpose()?;
    let written = Written { verdict, name, when, who: who(node)?, why: literal::optional_text(node)? };
    Ok(Item { tools: tools::listed(scope, node)?, overrides: node.has(Rule::kw_override), kind: ItemKind::One(written) })
}

fn on<'a>(scope: &Scope<'a>, owner: &str, node: &Node<'a>, numbers: &mut Numbers) -> Result<Item<'a>, Refusal> {
    let path = node.need(Rule::path)?;
    let tool = path.name();
    if !scope.tools.contains_key(&tool) {
        return Err(path.wrong(format!("no tool is called `{tool}`")));
    }
    let mut arms = Vec::new();
    for arm in node.inner().filter(|arm| matches!(arm.rule(), Rule::arm | Rule::otherwise_arm)) {
        let says = arm.need(Rule::verdict)?;
        let verdict = if says.has(Rule::kw_allow) {
            Verdict::Allow
        } else if says.has(Rule::kw_ask) {
            Verdict::Ask
        } else {
            Verdict::Deny
        };
        let name = format!("{owner}.on({tool})#{}", numbers.next(&format!("on({tool})")));
        arms.push(Written { verdict, name, when: arm.child(Rule::condition), who: who(&says)?, why: literal::optional_text(&says)? });
    }
    Ok(Item { tools: BTreeSet::from([tool]), overrides: node.has(Rule::kw_override), kind: ItemKind::On(arms) })
}

fn who(node: &Node<'_>) -> Result<Option<String>, Refusal> {
    node.child(Rule::by_whom).map(|by| literal::text(&by.need(Rule::string)?)).transpose()
}

impl Written<'_> {
    fn on(&self, scope: &Scope<'_>, tool: &str) -> Result<Answer, Refusal> {
        let cond = match &self.when {
            Some(when) => condition(Site::call(scope, tool), when)?,
            None => Cond::Const(true),
        };
        Ok(Answer { verdict: self.verdict, name: self.name.clone(), cond, who: self.who.clone(), why: self.why.clone() })
    }
}

impl Item<'_> {
    fn on(&self, scope: &Scope<'_>, tool: &str) -> Result<Member, Refusal> {
        match &self.kind {
            ItemKind::One(written) => written.on(scope, tool).map(Member::Rule),
            ItemKind::On(arms) => {
                let arms: Result<Vec<Answer>, Refusal> = arms.iter().map(|arm| arm.on(scope, tool)).collect();
                arms.map(Member::On)
            }
        }
    }
}

impl<'a> Personas<'a> {
    /// The members of `everyone`, by tool.
    pub(super) fn everyone(&self, scope: &Scope<'_>) -> Result<Vec<ToolRules>, Refusal> {
        by_tool(scope, |tool| self.everyone.iter().filter(|item| item.tools.contains(tool)).collect())
    }

    /// Every persona with everything that it inherits.
    pub(super) fn inherited(&self, scope: &Scope<'_>) -> Result<Vec<Persona>, Refusal> {
        let persona = |block: &Block<'a>| {
            let tools = by_tool(scope, |tool| self.items_on(block, tool))?;
            Ok(Persona { name: block.name.clone(), otherwise: self.otherwise(block)?, tools })
        };
        self.blocks.iter().map(persona).collect()
    }

    /// A persona and all that extend it, in module and source order.
    pub(super) fn extending(&self, name: &str) -> Vec<String> {
        let extends = |block: &&Block<'a>| block.name == name || self.ancestors(block).iter().any(|ancestor| ancestor.name == name);
        self.blocks.iter().filter(extends).map(|block| block.name.clone()).collect()
    }

    /// Whose calls a rule judges that is written there; all, where none are named.
    pub(super) fn scope_of(&self, owner: Owner<'_>) -> Option<Vec<String>> {
        match owner {
            Owner::Persona(persona) => Some(self.extending(persona)),
            Owner::Top | Owner::Everyone => None,
        }
    }

    /// Parents in the order of `extends`, depth first, each once, an ancestor before those that extend it.
    fn ancestors(&self, block: &Block<'a>) -> Vec<&Block<'a>> {
        let mut found = Vec::new();
        self.add_ancestors(block, &mut found, &mut BTreeSet::new());
        found
    }

    fn add_ancestors<'p>(&'p self, block: &Block<'a>, found: &mut Vec<&'p Block<'a>>, met: &mut BTreeSet<String>) {
        for parent in &block.parents {
            if met.insert(parent.clone()) {
                let parents = self.blocks.iter().filter(|known| known.name == *parent);
                for parent in parents {
                    self.add_ancestors(parent, found, met);
                    found.push(parent);
                }
            }
        }
    }

    /// The items that speak of a tool, those that are overridden left out.
    fn items_on(&self, block: &Block<'a>, tool: &str) -> Vec<&Item<'a>> {
        let mut family = self.ancestors(block);
        let own = self.blocks.iter().find(|known| known.name == block.name);
        family.extend(own);
        let overridden = |ancestor: &Block<'a>| {
            family.iter().any(|nearer| {
                let overrides = nearer.items.iter().any(|item| item.overrides && item.tools.contains(tool));
                overrides && self.ancestors(nearer).iter().any(|known| known.name == ancestor.name)
            })
        };
        let left = family.iter().filter(|member| !overridden(member));
        left.flat_map(|member| &member.items).filter(|item| item.tools.contains(tool)).collect()
    }

    /// The persona's own, or the one that all its parents have.
    fn otherwise(&self, block: &Block<'a>) -> Result<Option<Answer>, Refusal> {
        if block.otherwise.is_some() {
            return Ok(block.otherwise.clone());
        }
        let mut found: Option<Answer> = None;
        for parent in &block.parents {
            let parents = self.blocks.iter().filter(|known| known.name == *parent);
            for inherited in parents.map(|parent| self.otherwise(parent)) {
                match (&found, inherited?) {
                    (Some(one), Some(other)) if one.verdict != other.verdict => {
                        return Err(Refusal::Wrong {
                            what: format!("`{}` inherits two answers and restates none", block.name),
                            at: "persona".into(),
                        });
                    }
                    (None, inherited) => found = inherited,
                    _ => {}
                }
            }
        }
        Ok(found)
    }
}

fn by_tool<'p, 'a: 'p>(scope: &Scope<'_>, items: impl Fn(&str) -> Vec<&'p Item<'a>>) -> Result<Vec<ToolRules>, Refusal> {
    let mut rules = Vec::new();
    for tool in scope.tools.keys() {
        let members: Result<Vec<Member>, Refusal> = items(tool).iter().map(|item| item.on(scope, tool)).collect();
        let members = members?;
        if !members.is_empty() {
            rules.push(ToolRules { tool: tool.clone(), members });
        }
    }
    Ok(rules)
}
