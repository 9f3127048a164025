//! The tables that every name of a policy stands in.
//!
//! In: filled by [`resolve`](super::resolve()). Out: [`Symbols`], plain data, from which types, permissions and rules are elaborated.
//! Invariants: every list stands in the order that `lang-spec/core-form.md` gives it (tools by the bytes of their names, all else by
//! module and source), so the ids of this module are those of [`Core`](crate::core::Core); every name is unique in its
//! name space; groups are expanded; refinements are applied; definitions, groups and personas are free of cycles.
//! Left out: types of conditions, and names inside conditions, patterns and rules: who elaborates those looks them up here.
//! Source: `lang-spec/catalogs.md`, [names.spaces].

use std::collections::BTreeMap;

use leverframe_syntax::tree;
use leverframe_syntax::{FileId, Span};

use super::tests::Test;
use crate::core::{EventId, LabelId, LabelKind, PersonaId, Record, ToolId, Type};

/// All names of a policy.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    /// The modules, imports before the importer.
    pub modules: Vec<Module>,
    /// Labels, in module and source order.
    pub labels: Vec<Label>,
    /// Context fields, in module and source order.
    pub context: Vec<ContextField>,
    /// Host events, in module and source order.
    pub events: Vec<Event>,
    /// Tools by the bytes of their names.
    pub tools: Vec<Tool>,
    /// Groups, in module and source order.
    pub groups: Vec<Group>,
    /// Constants, in module and source order.
    pub consts: Vec<Const>,
    /// Named conditions, in module and source order; none refers to itself.
    pub defines: Vec<Define>,
    /// Detectors, in module and source order; none refers to itself.
    pub detectors: Vec<Detector>,
    /// Personas, in module and source order.
    pub personas: Vec<Persona>,
    /// The `everyone` blocks, in module and source order.
    pub everyone: Vec<Everyone>,
    /// The rules that stand at top level, in module and source order.
    pub rules: Vec<TopRule>,
    /// Effects, in module and source order.
    pub effects: Vec<Effect>,
    /// Assertions, in module and source order.
    pub assertions: Vec<Assertion>,
    /// Tests, in module and source order.
    pub tests: Vec<Test>,
    pub(crate) index: Index,
}

/// Where each name stands in its list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    pub(crate) labels: BTreeMap<String, usize>,
    pub(crate) context: BTreeMap<String, usize>,
    pub(crate) events: BTreeMap<String, usize>,
    pub(crate) tools: BTreeMap<String, usize>,
    pub(crate) groups: BTreeMap<String, usize>,
    pub(crate) consts: BTreeMap<String, usize>,
    pub(crate) defines: BTreeMap<String, usize>,
    pub(crate) detectors: BTreeMap<String, usize>,
    pub(crate) personas: BTreeMap<String, usize>,
}

/// A module of the policy.
#[derive(Clone, Debug)]
pub struct Module {
    /// The file it was read from.
    pub file: FileId,
    /// Its path, as the loader knows it.
    pub path: String,
}

/// A data label.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its name.
    pub name: tree::Name,
    /// What it says of data.
    pub kind: LabelKind,
    /// What the author says of it.
    pub doc: Option<String>,
}

/// A field of the context.
#[derive(Clone, Debug)]
pub struct ContextField {
    /// Its name.
    pub name: tree::Name,
    /// Its type.
    pub ty: Type,
}

/// A host event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Where the name is declared.
    pub span: Span,
    /// Its fields; always closed.
    pub args: Record,
}

/// A tool.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its full name.
    pub name: String,
    /// Its arguments, refinements applied.
    pub args: Record,
    /// Its result, where something says what that holds.
    pub result: Option<Record>,
    /// Where it comes from.
    pub origin: Origin,
    /// Why its arguments could not be typed as a whole, if so: the schema keyword.
    pub untyped: Option<String>,
}

/// Where a tool comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A `tool` declaration: the span of its name.
    Declared(Span),
    /// A catalog.
    Catalog {
        /// The `import` statement's file name.
        import: Span,
        /// The catalog's path, as the loader knows it.
        path: String,
        /// The server's alias.
        alias: Option<String>,
    },
    /// What every catalog with an alias has, its resources and prompts: the `import` statement's file name.
    Pseudo(Span),
}

impl Origin {
    /// The place in a policy's text to point at.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Declared(span) | Self::Pseudo(span) => *span,
            Self::Catalog { import, .. } => *import,
        }
    }
}

/// A named set of tools.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: tree::Name,
    /// Its tools, in order, each once; globs and other groups expanded.
    pub tools: Vec<ToolId>,
    /// As written.
    pub written: tree::Tools,
}

/// A named literal.
#[derive(Clone, Debug)]
pub struct Const {
    /// Its name.
    pub name: tree::Name,
    /// Its value.
    pub value: tree::Literal,
}

/// A named condition.
#[derive(Clone, Debug)]
pub struct Define {
    /// Its name.
    pub name: tree::Name,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The condition.
    pub body: tree::Expr,
}

/// A parameter of a definition.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: tree::Name,
    /// Its type.
    pub ty: Type,
    /// Whether a `?` follows the type.
    pub optional: bool,
}

/// Something that recognises content.
#[derive(Clone, Debug)]
pub struct Detector {
    /// Its name.
    pub name: tree::Name,
    /// Its parts.
    pub parts: Vec<tree::DetectorPart>,
}

/// A persona.
#[derive(Clone, Debug)]
pub struct Persona {
    /// Its name.
    pub name: tree::Name,
    /// Its parents, in the order of `extends`.
    pub parents: Vec<PersonaId>,
    /// Its ancestors and, last, itself: parents in the order of `extends`, depth first, each once, an ancestor before its heirs.
    pub lineage: Vec<PersonaId>,
    /// Its own items, in source order.
    pub items: Vec<tree::PersonaItem>,
    /// The whole declaration.
    pub span: Span,
}

/// An `everyone` block.
#[derive(Clone, Debug)]
pub struct Everyone {
    /// Its items, in source order.
    pub items: Vec<tree::PersonaItem>,
    /// The whole declaration.
    pub span: Span,
}

/// A rule that stands at top level.
#[derive(Clone, Debug)]
pub struct TopRule {
    /// The rule.
    pub rule: tree::Rule,
    /// The whole declaration.
    pub span: Span,
}

/// What some tools do to data.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The tools, in order, each once.
    pub tools: Vec<ToolId>,
    /// What they do.
    pub kind: EffectKind,
    /// The whole declaration.
    pub span: Span,
}

/// What an effect says; conditions are not yet typed (once for each of its tools).
#[derive(Clone, Debug)]
pub enum EffectKind {
    /// Results carry these labels, as written.
    Returns(Vec<LabelId>),
    /// Moves data out, always or on a condition.
    Sends(Option<tree::Expr>),
    /// Cannot be undone, always or on a condition.
    Destroys(Option<tree::Expr>),
}

/// An assertion; the names in it are not yet resolved.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// As written.
    pub tree: tree::Assertion,
    /// The whole declaration.
    pub span: Span,
}

/// What a target's name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One tool.
    Tool(ToolId),
    /// The tools of a group.
    Group(Vec<ToolId>),
    /// A host event.
    Event(EventId),
}
