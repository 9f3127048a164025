//! Declarations of a module, as written (language.md section 3).

use super::{Assertion, Doc, Expr, Field, Literal, Name, Path, PersonaItem, Rule, Test, Text, Tools};
use crate::span::Span;

/// A declaration with the doc comments in front of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Declaration {
    /// Its `///` lines.
    pub docs: Vec<Doc>,
    /// What is declared.
    pub kind: DeclKind,
    /// Where it stands, without its docs.
    pub span: Span,
}

/// The kinds of declaration.
#[derive(Clone, PartialEq, Debug)]
pub enum DeclKind {
    /// `import …`
    Import(Import),
    /// `label …`
    Label(Label),
    /// `tool …`
    Tool(Tool),
    /// `event …`
    Event(Event),
    /// `refine …`
    Refine(Refine),
    /// `effect …`
    Effect(Effect),
    /// `detector …`
    Detector(Detector),
    /// `group …`
    Group(Group),
    /// `const …`
    Const(Const),
    /// `define …`
    Define(Define),
    /// `context { … }`
    Context(ContextBlock),
    /// `persona … { … }`
    Persona(Persona),
    /// `everyone { … }`
    Everyone(Everyone),
    /// A sequence rule, limit or scan that holds for every persona.
    Rule(Rule),
    /// `assert …`
    Assertion(Assertion),
    /// `test …`
    Test(Test),
}

/// `import catalog "FILE" [as ALIAS]` or `import "FILE"`.
#[derive(Clone, PartialEq, Debug)]
pub struct Import {
    /// A catalog or a module.
    pub kind: ImportKind,
    /// The file as written.
    pub file: Text,
}

/// What an import reads.
#[derive(Clone, PartialEq, Debug)]
pub enum ImportKind {
    /// A catalog of tools.
    Catalog {
        /// The server's alias, if it has one.
        alias: Option<Name>,
    },
    /// Another module.
    Module,
}

/// `label NAME sensitive|untrusted ["doc"]`
#[derive(Clone, PartialEq, Debug)]
pub struct Label {
    /// The label.
    pub name: Name,
    /// What it stands for.
    pub kind: LabelKind,
    /// Its description.
    pub doc: Option<Text>,
}

/// The two kinds of label.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LabelKind {
    /// Data that must not get out unguarded.
    Sensitive,
    /// Data that may carry somebody's instructions.
    Untrusted,
}

/// `tool NAME(field: type, …) [-> {field: type}]`
#[derive(Clone, PartialEq, Debug)]
pub struct Tool {
    /// The tool.
    pub name: Path,
    /// Its arguments.
    pub parameters: Vec<Field>,
    /// The fields of its result, where they are given.
    pub result: Option<Vec<Field>>,
}

/// `event NAME(field: type, …)`
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// The host event.
    pub name: Path,
    /// Its fields.
    pub parameters: Vec<Field>,
}

/// `refine TOOL { field: type, … }`
#[derive(Clone, PartialEq, Debug)]
pub struct Refine {
    /// The tool.
    pub tool: Path,
    /// The sharper types.
    pub fields: Vec<Field>,
}

/// `effect TOOLS …`
#[derive(Clone, PartialEq, Debug)]
pub struct Effect {
    /// The tools that have it.
    pub tools: Tools,
    /// What it does.
    pub kind: EffectKind,
    /// From `returns`, `sends` or `destroys` to the end.
    pub kind_span: Span,
}

/// What an effect says.
#[derive(Clone, PartialEq, Debug)]
pub enum EffectKind {
    /// `returns LABEL, …`
    Returns(Vec<Name>),
    /// `sends [when COND]`
    Sends(Option<Expr>),
    /// `destroys [when COND]`
    Destroys(Option<Expr>),
}

/// `detector NAME = PART, …`
#[derive(Clone, PartialEq, Debug)]
pub struct Detector {
    /// The detector.
    pub name: Name,
    /// What it recognises.
    pub parts: Vec<DetectorPart>,
}

/// One part of a detector.
#[derive(Clone, PartialEq, Debug)]
pub enum DetectorPart {
    /// `std.email` or another detector.
    Named(Path),
    /// `matches r"…"`
    Matches(Text),
}

/// `group NAME = TOOLS [except TOOLS]`
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// The group.
    pub name: Name,
    /// Its members.
    pub tools: Tools,
}

/// `const NAME = LITERAL`
#[derive(Clone, PartialEq, Debug)]
pub struct Const {
    /// The constant.
    pub name: Name,
    /// Its value.
    pub value: Literal,
}

/// `define NAME(x: type, …) = COND`
#[derive(Clone, PartialEq, Debug)]
pub struct Define {
    /// The condition's name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Field>,
    /// The condition.
    pub body: Expr,
}

/// `context { name: type, … }`
#[derive(Clone, PartialEq, Debug)]
pub struct ContextBlock {
    /// What the gateway supplies.
    pub fields: Vec<Field>,
}

/// `persona NAME [extends A, B] { … }`
#[derive(Clone, PartialEq, Debug)]
pub struct Persona {
    /// The persona.
    pub name: Name,
    /// Its parents, as written.
    pub parents: Vec<Name>,
    /// Its items, in source order.
    pub items: Vec<PersonaItem>,
}

/// `everyone { … }`: here a permission is always a `deny` without `override`, and there is no `on` and no `otherwise`.
#[derive(Clone, PartialEq, Debug)]
pub struct Everyone {
    /// Its items, in source order.
    pub items: Vec<PersonaItem>,
}
