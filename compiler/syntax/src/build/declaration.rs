//! Declarations and the file.

use super::{Builder, Node, child, children, first, has};
use crate::grammar::Rule;
use crate::tree::{
    Const, ContextBlock, DeclKind, Declaration, Define, Detector, DetectorPart, Effect, EffectKind, Event, Everyone, Group, Import,
    ImportKind, Label, LabelKind, Name, Number, Persona, Refine, Tool,
};

impl Builder<'_> {
    /// The version of a `language_line`.
    pub(crate) fn language_line(&mut self, node: &Node<'_>) -> Option<Number> {
        self.natural_in(node)
    }

    /// The name and the parents of a `persona_head`.
    pub(crate) fn persona_head(&self, node: &Node<'_>) -> Option<(Name, Vec<Name>)> {
        let parents = child(node, Rule::extends).map(|extends| self.names_in(&extends)).unwrap_or_default();
        Some((self.name_in(node)?, parents))
    }

    /// Any declaration.
    pub(crate) fn declaration(&mut self, node: &Node<'_>) -> Option<Declaration> {
        let kind = self.declaration_kind(node)?;
        let span = self.span(node);
        Some(Declaration { docs: self.docs(span), kind, span })
    }

    fn declaration_kind(&mut self, node: &Node<'_>) -> Option<DeclKind> {
        Some(match node.as_rule() {
            Rule::import_catalog => {
                DeclKind::Import(Import { kind: ImportKind::Catalog { alias: self.name_in(node) }, file: self.text_in(node)? })
            }
            Rule::import_module => DeclKind::Import(Import { kind: ImportKind::Module, file: self.text_in(node)? }),
            Rule::label_declaration => DeclKind::Label(self.label(node)?),
            Rule::tool_declaration => DeclKind::Tool(self.tool(node)?),
            Rule::event_declaration => {
                DeclKind::Event(Event { name: self.path_in(node)?, parameters: self.fields(&child(node, Rule::parameters)?)? })
            }
            Rule::refine_declaration => {
                DeclKind::Refine(Refine { tool: self.path_in(node)?, fields: self.fields(&child(node, Rule::record_type)?)? })
            }
            Rule::effect_declaration => DeclKind::Effect(self.effect(node)?),
            Rule::detector_declaration => DeclKind::Detector(self.detector(node)?),
            Rule::group_declaration => DeclKind::Group(Group { name: self.name_in(node)?, tools: self.tools_in(node)? }),
            Rule::const_declaration => {
                let value = self.literal(&child(node, Rule::literal)?)?;
                DeclKind::Const(Const { name: self.name_in(node)?, value })
            }
            Rule::define_declaration => DeclKind::Define(Define {
                name: self.name_in(node)?,
                parameters: self.fields(&child(node, Rule::parameters)?)?,
                body: self.condition_in(node)?,
            }),
            Rule::context_declaration => DeclKind::Context(ContextBlock { fields: self.fields(&child(node, Rule::record_type)?)? }),
            Rule::persona_declaration => DeclKind::Persona(self.persona(node)?),
            Rule::everyone_declaration => DeclKind::Everyone(Everyone { items: self.items(node)? }),
            Rule::assertion => DeclKind::Assertion(self.assertion(node)?),
            Rule::test_declaration => DeclKind::Test(self.test(node)?),
            _ => DeclKind::Rule(self.rule(node)?),
        })
    }

    fn label(&mut self, node: &Node<'_>) -> Option<Label> {
        let kind = child(node, Rule::label_kind)?;
        Some(Label {
            name: self.name_in(node)?,
            kind: if has(&kind, Rule::kw_sensitive) { LabelKind::Sensitive } else { LabelKind::Untrusted },
            doc: self.text_in(node),
        })
    }

    fn tool(&mut self, node: &Node<'_>) -> Option<Tool> {
        Some(Tool {
            name: self.path_in(node)?,
            parameters: self.fields(&child(node, Rule::parameters)?)?,
            result: child(node, Rule::record_type).map_or(Some(None), |result| self.fields(&result).map(Some))?,
        })
    }

    fn effect(&mut self, node: &Node<'_>) -> Option<Effect> {
        let clause = node.clone().into_inner().last()?;
        let kind = match clause.as_rule() {
            Rule::effect_returns => EffectKind::Returns(self.names_in(&clause)),
            Rule::effect_sends => EffectKind::Sends(self.when_in(&clause)?),
            Rule::effect_destroys => EffectKind::Destroys(self.when_in(&clause)?),
            _ => return None,
        };
        Some(Effect { tools: self.tools_in(node)?, kind, kind_span: self.span(&clause) })
    }

    fn detector(&mut self, node: &Node<'_>) -> Option<Detector> {
        let parts = children(node, Rule::detector_part)
            .map(|part| match first(&part)?.as_rule() {
                Rule::kw_matches => self.text_in(&part).map(DetectorPart::Matches),
                _ => self.path_in(&part).map(DetectorPart::Named),
            })
            .collect::<Option<_>>()?;
        Some(Detector { name: self.name_in(node)?, parts })
    }

    fn persona(&mut self, node: &Node<'_>) -> Option<Persona> {
        let (name, parents) = self.persona_head(&child(node, Rule::persona_head)?)?;
        Some(Persona { name, parents, items: self.items(node)? })
    }
}
