//! The names by which decisions know rules.
//!
//! In: the rules, personas and `everyone` blocks in the tables. Out: every name that a decision can carry, for tests to expect; findings where two
//! rules have one name, or a name could be taken for another rule's.
//! Source: `lang-spec/core-form.md`, [core.file], *Names*; `lang-spec/catalogs.md`, [names.spaces].

use std::collections::{BTreeMap, BTreeSet};

use leverframe_syntax::tree::{self, ItemKind, OtherwiseVerdict, PersonaItem, Rule, Verb};
use leverframe_syntax::{Diagnostic, Span};

use super::declare::Declared;
use super::report;

/// Every name that a decision can carry.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) all: BTreeSet<String>,
    /// The places of names that are unique in the policy.
    given: BTreeMap<String, Span>,
    found: Vec<Diagnostic>,
}

/// How many of each kind a block has so far.
#[derive(Default)]
struct Counts {
    by_kind: BTreeMap<String, u32>,
    /// The names of its permissions.
    given: BTreeMap<String, Span>,
}

impl Counts {
    fn next(&mut self, kind: &str) -> u32 {
        let count = self.by_kind.entry(kind.to_owned()).or_default();
        *count += 1;
        *count
    }
}

/// Collects the names of all rules in module and source order, and reports what is wrong with them.
pub(super) fn names(declared: &mut Declared) -> Names {
    let mut names = Names::default();
    let symbols = &declared.symbols;
    let mut top = Counts::default();
    for rule in &symbols.rules {
        names.rule("", &rule.rule, &mut top);
    }
    let mut everyone = Counts::default();
    for block in &symbols.everyone {
        names.items("everyone", &block.items, &mut everyone);
    }
    for persona in &symbols.personas {
        let name = &persona.name;
        names.plain("a persona", name);
        if name.text == "everyone" {
            names.found.push(report::not_allowed("a persona", &name.text, name.span, "`everyone` stands for all of them"));
        }
        names.items(&name.text, &persona.items, &mut Counts::default());
    }
    declared.found.append(&mut names.found);
    names
}

impl Names {
    fn items(&mut self, block: &str, items: &[PersonaItem], counts: &mut Counts) {
        for item in items {
            match &item.kind {
                ItemKind::Permission(permission) => self.permission(block, permission, counts),
                ItemKind::On(on) => self.on(block, on, counts),
                ItemKind::Otherwise(tree::Otherwise { verdict: OtherwiseVerdict::Deny | OtherwiseVerdict::Ask }) => {
                    self.all.insert(format!("{block}.otherwise"));
                }
                ItemKind::Rule(rule) => self.rule(block, rule, counts),
            }
        }
    }

    fn permission(&mut self, block: &str, permission: &tree::Permission, counts: &mut Counts) {
        let verb = match permission.verb {
            Verb::Allow => "allow",
            Verb::Ask => "ask",
            Verb::Deny => "deny",
        };
        let count = counts.next(verb);
        let Some(name) = &permission.name else {
            self.all.insert(format!("{block}.{verb}#{count}"));
            return;
        };
        self.plain("a permission", name);
        if name.text == "otherwise" {
            let why = "decisions know `otherwise` by this name";
            self.found.push(report::not_allowed("a permission", &name.text, name.span, why));
        }
        match counts.given.get(&name.text) {
            Some(first) => self.found.push(report::duplicate("permission", &name.text, name.span, *first)),
            None => {
                counts.given.insert(name.text.clone(), name.span);
            }
        }
        self.all.insert(format!("{block}.{}", name.text));
    }

    fn on(&mut self, block: &str, on: &tree::OnBlock, counts: &mut Counts) {
        let kind = format!("on({})", on.tool.text());
        for _ in &on.arms {
            let count = counts.next(&kind);
            self.all.insert(format!("{block}.{kind}#{count}"));
        }
    }

    fn rule(&mut self, block: &str, rule: &Rule, counts: &mut Counts) {
        match rule {
            Rule::Forbid(rule) => self.named("a forbid", &rule.head.name),
            Rule::Require(rule) => self.named("a require", &rule.head.name),
            Rule::Protocol(rule) => self.named("a protocol", &rule.head.name),
            Rule::Limit(rule) => {
                let count = counts.next("limit");
                match &rule.name {
                    Some(name) => self.named("a limit", name),
                    None => self.counted(block, "limit", count),
                }
            }
            Rule::Scan(_) => {
                let count = counts.next("scan");
                self.counted(block, "scan", count);
            }
        }
    }

    fn counted(&mut self, block: &str, kind: &str, count: u32) {
        let dot = if block.is_empty() { "" } else { "." };
        self.all.insert(format!("{block}{dot}{kind}#{count}"));
    }

    /// A name that is unique in the policy.
    fn named(&mut self, kind: &str, name: &tree::Name) {
        self.plain(kind, name);
        match self.given.get(&name.text) {
            Some(first) => self.found.push(report::duplicate("the rule", &name.text, name.span, *first)),
            None => {
                self.given.insert(name.text.clone(), name.span);
            }
        }
        self.all.insert(name.text.clone());
    }

    fn plain(&mut self, kind: &str, name: &tree::Name) {
        if name.text.contains(['#', '.', '(', ')']) {
            let why = "`#`, `.` and parentheses separate the parts of a rule's name";
            self.found.push(report::not_allowed(kind, &name.text, name.span, why));
        }
    }
}
