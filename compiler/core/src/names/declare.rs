//! Declarations entered in the tables.
//!
//! In: the modules and catalogs of a program. Out: [`Declared`]: tables with every name in its place, in which what refers to other names (groups,
//! parents, effects, tests) is still empty. Invariants: of two declarations of one name the first counts, and the second is reported with
//! both places; tools stand by name. Source: `lang-spec/catalogs.md`, [names.spaces].

use std::collections::BTreeMap;

use leverframe_syntax::tree::{self, DeclKind};
use leverframe_syntax::{Diagnostic, FileId, Span};

use super::lookup::PSEUDO_TOOLS;
use super::refine::Already;
use super::symbols::{
    Assertion, Const, ContextField, Define, Detector, Event, Everyone, Group, Module, Origin, Parameter, Persona, Symbols, Tool, TopRule,
};
use super::{report, types};
use crate::core::{Field, LabelKind, Record, Type};
use crate::modules::{Catalog, Program};

/// The built-in functions, whose names no definition may have.
const BUILT_IN: [&str; 8] = ["email", "hour", "ip", "lower", "path", "size", "url", "weekday"];

/// Tables on the way, and what was found wrong.
#[derive(Debug, Default)]
pub(super) struct Declared {
    pub(super) symbols: Symbols,
    pub(super) found: Vec<Diagnostic>,
    /// The groups as written, beside [`Symbols::groups`].
    pub(super) groups: Vec<tree::Tools>,
    /// The parents as written, beside [`Symbols::personas`].
    pub(super) parents: Vec<Vec<tree::Name>>,
    /// For each tool the fields that a `refine` has spoken of.
    pub(super) refined: BTreeMap<String, Already>,
    /// Tools, events and groups share one space.
    targets: BTreeMap<String, Span>,
    assertions: BTreeMap<String, Span>,
    tests: BTreeMap<String, Span>,
}

/// Every declaration with its file, in module and source order.
pub(super) fn declarations(program: &Program) -> impl Iterator<Item = (FileId, &tree::Declaration)> {
    program.modules.iter().flat_map(|module| module.tree.declarations.iter().map(|declaration| (module.file, declaration)))
}

/// Enters every declaration of the program.
pub(super) fn declare(program: &Program) -> Declared {
    let mut declared = Declared::default();
    for module in &program.modules {
        let path = program.files.get(module.file.0 as usize).map_or_else(String::new, |file| file.path.clone());
        declared.symbols.modules.push(Module { file: module.file, path });
    }
    for catalog in &program.catalogs {
        declared.catalog(catalog);
    }
    for (_, declaration) in declarations(program) {
        declared.declaration(declaration);
    }
    declared.sort_tools();
    declared
}

impl Declared {
    fn catalog(&mut self, catalog: &Catalog) {
        for tool in &catalog.tools {
            if let Some(first) = self.targets.get(&tool.name) {
                self.found.push(report::duplicate_tool(&tool.name, catalog.import, *first));
                continue;
            }
            self.targets.insert(tool.name.clone(), catalog.import);
            let alias = catalog.alias.as_ref().map(|alias| alias.text.clone());
            self.symbols.tools.push(Tool {
                name: tool.name.clone(),
                args: tool.args.clone(),
                result: tool.result.clone(),
                origin: Origin::Catalog { import: catalog.import, path: catalog.path.clone(), alias },
                untyped: tool.untyped.clone(),
            });
        }
        if let Some(alias) = &catalog.alias {
            self.pseudo_tools(catalog, &alias.text);
        }
    }

    /// The resources and prompts of a server, where its catalog has no tools of those names.
    fn pseudo_tools(&mut self, catalog: &Catalog, alias: &str) {
        for (tool, field) in PSEUDO_TOOLS {
            let name = format!("{alias}.{tool}");
            if catalog.tools.iter().any(|known| known.name == name) {
                continue;
            }
            if let Some(first) = self.targets.get(&name) {
                self.found.push(report::duplicate_tool(&name, catalog.import, *first));
                continue;
            }
            self.targets.insert(name.clone(), catalog.import);
            let field = Field { name: field.to_owned(), ty: Type::String, required: true, nullable: false, default: None };
            let args = Record { open: false, fields: vec![field] };
            self.symbols.tools.push(Tool { name, args, result: None, origin: Origin::Pseudo(catalog.import), untyped: None });
        }
    }

    fn declaration(&mut self, declaration: &tree::Declaration) {
        let span = declaration.span;
        match &declaration.kind {
            DeclKind::Label(label) => self.label(label),
            DeclKind::Tool(tool) => self.tool(tool),
            DeclKind::Event(event) => self.event(event),
            DeclKind::Detector(detector) => self.detector(detector),
            DeclKind::Group(group) => self.group(group),
            DeclKind::Const(constant) => self.constant(constant),
            DeclKind::Define(define) => self.define(define),
            DeclKind::Context(block) => self.context(block),
            DeclKind::Persona(persona) => self.persona(persona, span),
            DeclKind::Everyone(everyone) => self.symbols.everyone.push(Everyone { items: everyone.items.clone(), span }),
            DeclKind::Rule(rule) => self.symbols.rules.push(TopRule { rule: rule.clone(), span }),
            DeclKind::Assertion(assertion) => self.assertion(assertion, span),
            DeclKind::Test(test) => self.test(test),
            DeclKind::Import(_) | DeclKind::Refine(_) | DeclKind::Effect(_) => {}
        }
    }

    fn label(&mut self, label: &tree::Label) {
        let at = self.symbols.labels.len();
        let first = |at: usize| self.symbols.labels.get(at).map(|label| label.name.span);
        if !enter(&mut self.symbols.index.labels, at, "label", &label.name, first, &mut self.found) {
            return;
        }
        let kind = match label.kind {
            tree::LabelKind::Sensitive => LabelKind::Sensitive,
            tree::LabelKind::Untrusted => LabelKind::Untrusted,
        };
        let doc = label.doc.as_ref().map(|doc| doc.value.clone());
        self.symbols.labels.push(super::symbols::Label { name: label.name.clone(), kind, doc });
    }

    /// Enters a name in the space of tools, events and groups.
    fn target(&mut self, kind: &str, name: &str, span: Span) -> bool {
        if let Some(first) = self.targets.get(name) {
            self.found.push(report::duplicate(kind, name, span, *first));
            return false;
        }
        self.targets.insert(name.to_owned(), span);
        true
    }

    fn tool(&mut self, tool: &tree::Tool) {
        let name = tool.name.text();
        if let Some(first) = self.targets.get(&name) {
            self.found.push(report::duplicate_tool(&name, tool.name.span, *first));
            return;
        }
        self.targets.insert(name.clone(), tool.name.span);
        let args = types::record(&tool.parameters, &mut self.found);
        let result = tool.result.as_ref().map(|fields| Record { open: true, ..types::record(fields, &mut self.found) });
        self.symbols.tools.push(Tool { name, args, result, origin: Origin::Declared(tool.name.span), untyped: None });
    }

    fn event(&mut self, event: &tree::Event) {
        let name = event.name.text();
        if !self.target("event", &name, event.name.span) {
            return;
        }
        let args = types::record(&event.parameters, &mut self.found);
        self.symbols.index.events.insert(name.clone(), self.symbols.events.len());
        self.symbols.events.push(Event { name, span: event.name.span, args });
    }

    fn group(&mut self, group: &tree::Group) {
        if !self.target("group", &group.name.text, group.name.span) {
            return;
        }
        self.symbols.index.groups.insert(group.name.text.clone(), self.symbols.groups.len());
        self.symbols.groups.push(Group { name: group.name.clone(), tools: Vec::new(), written: group.tools.clone() });
        self.groups.push(group.tools.clone());
    }

    fn constant(&mut self, constant: &tree::Const) {
        let at = self.symbols.consts.len();
        let first = |at: usize| self.symbols.consts.get(at).map(|known| known.name.span);
        if enter(&mut self.symbols.index.consts, at, "constant", &constant.name, first, &mut self.found) {
            self.symbols.consts.push(Const { name: constant.name.clone(), value: constant.value.clone() });
        }
    }

    fn define(&mut self, define: &tree::Define) {
        let name = &define.name;
        if BUILT_IN.contains(&name.text.as_str()) {
            self.found.push(report::not_allowed("a definition", &name.text, name.span, "a built-in function has this name"));
            return;
        }
        let at = self.symbols.defines.len();
        let first = |at: usize| self.symbols.defines.get(at).map(|known| known.name.span);
        if !enter(&mut self.symbols.index.defines, at, "definition", name, first, &mut self.found) {
            return;
        }
        let parameters = self.parameters(&define.parameters);
        self.symbols.defines.push(Define { name: name.clone(), parameters, body: define.body.clone() });
    }

    fn parameters(&mut self, fields: &[tree::Field]) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for field in fields {
            if let Some(first) = parameters.iter().find(|known| known.name.text == field.name.text) {
                self.found.push(report::duplicate("parameter", &field.name.text, field.name.span, first.name.span));
            }
            let ty = types::declared(&field.ty, &mut self.found);
            parameters.push(Parameter { name: field.name.clone(), ty, optional: field.optional });
        }
        parameters
    }

    fn detector(&mut self, detector: &tree::Detector) {
        let name = &detector.name;
        if name.text.contains('.') {
            self.found.push(report::not_allowed("a detector", &name.text, name.span, "a dot belongs to the names of standard detectors"));
            return;
        }
        let at = self.symbols.detectors.len();
        let first = |at: usize| self.symbols.detectors.get(at).map(|known| known.name.span);
        if enter(&mut self.symbols.index.detectors, at, "detector", &detector.name, first, &mut self.found) {
            self.symbols.detectors.push(Detector { name: detector.name.clone(), parts: detector.parts.clone() });
        }
    }

    fn context(&mut self, block: &tree::ContextBlock) {
        for field in &block.fields {
            let at = self.symbols.context.len();
            let first = |at: usize| self.symbols.context.get(at).map(|known| known.name.span);
            if !enter(&mut self.symbols.index.context, at, "context field", &field.name, first, &mut self.found) {
                continue;
            }
            if field.optional {
                self.found.push(report::optional_context(&field.name.text, field.span));
            }
            let ty = types::declared(&field.ty, &mut self.found);
            self.symbols.context.push(ContextField { name: field.name.clone(), ty });
        }
    }

    fn persona(&mut self, persona: &tree::Persona, span: Span) {
        let at = self.symbols.personas.len();
        let first = |at: usize| self.symbols.personas.get(at).map(|known| known.name.span);
        if !enter(&mut self.symbols.index.personas, at, "persona", &persona.name, first, &mut self.found) {
            return;
        }
        self.symbols.personas.push(Persona {
            name: persona.name.clone(),
            parents: Vec::new(),
            lineage: Vec::new(),
            items: persona.items.clone(),
            span,
        });
        self.parents.push(persona.parents.clone());
    }

    fn assertion(&mut self, assertion: &tree::Assertion, span: Span) {
        let name = &assertion.name;
        if let Some(first) = self.assertions.get(&name.text) {
            self.found.push(report::duplicate("assertion", &name.text, name.span, *first));
        } else {
            self.assertions.insert(name.text.clone(), name.span);
            self.symbols.assertions.push(Assertion { tree: assertion.clone(), span });
        }
    }

    fn test(&mut self, test: &tree::Test) {
        match self.tests.get(&test.name.value) {
            Some(first) => self.found.push(report::duplicate("test", &test.name.value, test.name.span, *first)),
            None => {
                self.tests.insert(test.name.value.clone(), test.name.span);
            }
        }
    }

    fn sort_tools(&mut self) {
        self.symbols.tools.sort_by(|a, b| a.name.cmp(&b.name));
        let names = self.symbols.tools.iter().enumerate().map(|(at, tool)| (tool.name.clone(), at));
        self.symbols.index.tools = names.collect();
    }
}

/// Enters a name at a place; `false`, and a finding, where the space has it already.
fn enter(
    space: &mut BTreeMap<String, usize>,
    at: usize,
    kind: &str,
    name: &tree::Name,
    first: impl Fn(usize) -> Option<Span>,
    found: &mut Vec<Diagnostic>,
) -> bool {
    if let Some(known) = space.get(&name.text) {
        let first = first(*known).unwrap_or(name.span);
        found.push(report::duplicate(kind, &name.text, name.span, first));
        return false;
    }
    space.insert(name.text.clone(), at);
    true
}
