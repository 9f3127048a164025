//! Reading what the gateway supplies with a call: leniently, because a call is only denied where a condition reads what is missing.
//!
//! In: the tokens of one JSON object. Out: a record in [`Values`] whose members that are missing, given twice or ill-typed are absent.
//! The object is visited once a declared field: contexts are small, and each field then stands or falls alone.
//! Source: language sections 3 (`context`) and 9 (`missing_context`).

use crate::arguments::{Arguments, Stop, Token, TokenSink};
use crate::extract::Extractor;
use crate::frame::{Field, Frame, Type};
use crate::values::{NodeId, Value, Values};

/// Reads the context; what is no object at all leaves every member absent.
pub(crate) fn read_context(frame: &Frame, context: &dyn Arguments, values: &mut Values) -> Option<NodeId> {
    let Some(Type::Record { fields, .. }) = frame.types.get(frame.context.index()) else { return None };
    let first = values.allocate(fields.len())?;
    for (index, field) in fields.iter().enumerate() {
        let node = values.member(first, u16::try_from(index).ok()?);
        let mut sink = MemberSink {
            name: &field.name,
            depth: 0,
            seen: 0,
            active: false,
            fits: true,
            extractor: extractor(frame, values, node, field),
        };
        let whole = context.visit(&mut sink).is_ok();
        if !(whole && sink.seen == 1 && sink.fits && sink.extractor.done()) {
            values.set(node, Value::Absent);
        }
    }
    Some(first)
}

fn extractor<'f, 'v>(frame: &'f Frame, values: &'v mut Values, node: NodeId, field: &Field) -> Extractor<'f, 'v> {
    Extractor::new(frame, values, node, field.ty)
}

/// Passes on the tokens of one member of the outermost object.
struct MemberSink<'a, 'f, 'v> {
    name: &'a str,
    depth: u32,
    seen: u32,
    active: bool,
    fits: bool,
    extractor: Extractor<'f, 'v>,
}

impl MemberSink<'_, '_, '_> {
    fn forward(&mut self, token: Token<'_>) {
        if self.active && self.fits && self.seen == 1 {
            self.fits = self.extractor.token(token).is_ok();
        }
    }
}

impl TokenSink for MemberSink<'_, '_, '_> {
    fn token(&mut self, token: Token<'_>) -> Result<(), Stop> {
        match token {
            Token::Key(key) if self.depth == 1 => {
                self.active = key == self.name;
                self.seen = self.seen.saturating_add(u32::from(self.active));
            }
            Token::BeginObject | Token::BeginArray => {
                if self.depth > 0 {
                    self.forward(token);
                }
                self.depth = self.depth.saturating_add(1);
            }
            Token::EndObject | Token::EndArray => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth > 0 {
                    self.forward(token);
                }
            }
            token => self.forward(token),
        }
        Ok(())
    }
}
