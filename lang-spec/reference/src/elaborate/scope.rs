//! What the names of a policy stand for.
//!
//! In: the declarations of all modules. Out: a [`Scope`]. Invariants: one declaration a name in each space; refinements have been applied.
//! Source: language section 3; `lang-spec/catalogs.md`, [names.spaces] and [catalog.refine].

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog;
use crate::grammar::{Node, Rule};
use crate::literal;
use crate::policy::{Event, Label};
use crate::refusal::Refusal;
use crate::types::{Field, Literal, Record, Type};

use super::types;

/// The names of a policy.
#[derive(Default)]
pub(super) struct Scope<'a> {
    /// Arguments of each tool.
    pub(super) tools: BTreeMap<String, Record>,
    /// What the results of a tool hold, where it is declared.
    pub(super) results: BTreeMap<String, Record>,
    /// `ALIAS.resource` and `ALIAS.prompt`, where the catalog has no such tool.
    pub(super) pseudo_tools: BTreeSet<String>,
    pub(super) events: Vec<Event>,
    pub(super) groups: BTreeMap<String, Node<'a>>,
    pub(super) consts: BTreeMap<String, Literal>,
    pub(super) defines: BTreeMap<String, Node<'a>>,
    pub(super) labels: Vec<Label>,
    pub(super) context: Vec<(String, Type)>,
    pub(super) personas: Vec<String>,
}

/// The texts of the catalogs, by module and by the name in its import.
pub(super) type Catalogs = BTreeMap<(String, String), (String, String)>;

impl<'a> Scope<'a> {
    pub(super) fn collect(declarations: &[Node<'a>], catalogs: &Catalogs) -> Result<Self, Refusal> {
        let mut scope = Self::default();
        let mut aliases = BTreeSet::new();
        for node in declarations {
            match node.rule() {
                Rule::import_catalog => scope.import(node, catalogs, &mut aliases)?,
                _ => scope.declare(node)?,
            }
        }
        // Names of tools and events are known only now.
        for node in declarations.iter().filter(|node| node.rule() == Rule::group_declaration) {
            let name = node.child_name()?;
            let taken = scope.tools.contains_key(&name) || scope.event(&name).is_some() || scope.groups.contains_key(&name);
            if taken {
                return Err(node.wrong(format!("`{name}` is declared twice")));
            }
            scope.groups.insert(name, node.clone());
        }
        let mut refined = BTreeSet::new();
        for node in declarations.iter().filter(|node| node.rule() == Rule::refine_declaration) {
            scope.refine(node, &mut refined)?;
        }
        Ok(scope)
    }

    /// The event of that name.
    pub(super) fn event(&self, name: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.name == name)
    }

    /// A label that is declared.
    pub(super) fn label(&self, node: &Node<'_>) -> Result<String, Refusal> {
        let name = node.name();
        let known = self.labels.iter().any(|label| label.name == name);
        if known { Ok(name) } else { Err(node.wrong(format!("no label is called `{name}`"))) }
    }

    /// A persona that is declared.
    pub(super) fn persona(&self, node: &Node<'_>) -> Result<String, Refusal> {
        let name = node.name();
        if self.personas.contains(&name) { Ok(name) } else { Err(node.wrong(format!("no persona is called `{name}`"))) }
    }

    fn import(&mut self, node: &Node<'_>, catalogs: &Catalogs, aliases: &mut BTreeSet<String>) -> Result<(), Refusal> {
        let name = literal::text(&node.need(Rule::string)?)?;
        let module = node.at();
        let module = module.rsplit_once(':').map_or("", |(module, _)| module);
        let (path, text) = catalogs.get(&(module.to_owned(), name)).ok_or_else(|| node.wrong("the catalog was not read"))?;
        let alias = node.child(Rule::name).map(|alias| alias.name());
        let key = alias.clone().unwrap_or_else(|| format!("file {path}"));
        if !aliases.insert(key) {
            return Err(node.wrong("two catalogs have one alias, or one catalog is imported twice"));
        }
        for tool in catalog::read(text).map_err(|fault| fault.refusal(path))? {
            let name = alias.as_ref().map_or_else(|| tool.name.clone(), |alias| format!("{alias}.{}", tool.name));
            self.add_tool(node, name, tool.args, tool.result)?;
        }
        for (kind, field) in [("resource", "uri"), ("prompt", "name")] {
            let name = alias.as_ref().map(|alias| format!("{alias}.{kind}")).filter(|name| !self.tools.contains_key(name));
            if let Some(name) = name {
                let field = Field { name: field.to_owned(), ty: Type::String, required: true, nullable: false, default: None };
                self.add_tool(node, name.clone(), Record::new(false, vec![field]), None)?;
                self.pseudo_tools.insert(name);
            }
        }
        Ok(())
    }

    fn add_tool(&mut self, node: &Node<'_>, name: String, args: Record, result: Option<Record>) -> Result<(), Refusal> {
        if self.event(&name).is_some() || self.tools.contains_key(&name) {
            return Err(node.wrong(format!("`{name}` is declared twice")));
        }
        // A result may always hold more than is declared.
        self.results.extend(result.map(|result| (name.clone(), Record { open: true, ..result })));
        self.tools.insert(name, args);
        Ok(())
    }

    fn declare(&mut self, node: &Node<'a>) -> Result<(), Refusal> {
        let twice = |fresh: bool| if fresh { Ok(()) } else { Err(node.wrong("the name is declared twice")) };
        match node.rule() {
            Rule::tool_declaration => {
                let result = node.child(Rule::record_type).map(|result| types::record(&result)).transpose()?;
                let args = types::record(&node.need(Rule::parameters)?)?;
                self.add_tool(node, node.need(Rule::path)?.name(), args, result)
            }
            Rule::event_declaration => {
                let name = node.need(Rule::path)?.name();
                twice(self.event(&name).is_none() && !self.tools.contains_key(&name))?;
                self.events.push(Event { name, args: types::record(&node.need(Rule::parameters)?)? });
                Ok(())
            }
            Rule::label_declaration => {
                let name = node.child_name()?;
                twice(self.labels.iter().all(|label| label.name != name))?;
                let sensitive = node.need(Rule::label_kind)?.has(Rule::kw_sensitive);
                self.labels.push(Label { name, sensitive });
                Ok(())
            }
            Rule::const_declaration => {
                let value = literal::literal(&node.need(Rule::literal)?)?;
                twice(self.consts.insert(node.child_name()?, value).is_none())
            }
            Rule::define_declaration => twice(self.defines.insert(node.child_name()?, node.clone()).is_none()),
            Rule::context_declaration => self.context_fields(&node.need(Rule::record_type)?),
            Rule::persona_declaration => {
                let name = node.need(Rule::persona_head)?.child_name()?;
                twice(!self.personas.contains(&name))?;
                self.personas.push(name);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// In source order, not by name.
    fn context_fields(&mut self, record: &Node<'_>) -> Result<(), Refusal> {
        for field in record.children(Rule::field) {
            let name = field.need(Rule::field_name)?.name();
            let known = self.context.iter().any(|(known, _)| *known == name);
            if known || field.has(Rule::optional_mark) {
                return Err(field.wrong("a context field is declared once and is always required"));
            }
            self.context.push((name, types::ty(&field.need(Rule::r#type)?)?));
        }
        Ok(())
    }

    fn refine(&mut self, node: &Node<'_>, refined: &mut BTreeSet<(String, String)>) -> Result<(), Refusal> {
        let name = node.need(Rule::path)?.name();
        let record = node.need(Rule::record_type)?;
        let args = self.tools.get_mut(&name).ok_or_else(|| node.wrong(format!("no tool is called `{name}`")))?;
        let sharper = types::record(&record)?;
        for Field { name: field, .. } in &sharper.fields {
            if !refined.insert((name.clone(), field.clone())) {
                return Err(node.wrong(format!("`{field}` is refined twice")));
            }
        }
        *args = types::refined_record(args, &sharper).ok_or_else(|| node.wrong("the refinement does not sharpen the type"))?;
        Ok(())
    }
}
