//! Reading what the gateway supplies with a call: leniently, because a call is only denied where a condition reads what is missing.
//!
//! In: the tokens of one JSON object. Out: a record in [`Values`] whose members that are missing, given twice or ill-typed are absent.
//! Invariants: one pass; each member stands or falls alone; a text that is no one well-formed object leaves every member absent.
//! Source: language sections 3 (`context`) and 9 (`missing_context`).

use crate::arguments::{Arguments, Stop, Token, TokenSink, visit};
use crate::extract::{Desk, Extractor, find};
use crate::frame::{Field, Frame, Type};
use crate::values::{NodeId, Value, Values};

/// Reads the context; what is no object at all leaves every member absent.
pub(crate) fn read_context(frame: &Frame, context: &dyn Arguments, values: &mut Values, desk: &mut Desk) -> Option<NodeId> {
    let Some(Type::Record { fields, .. }) = frame.types.get(frame.context.index()) else { return None };
    let first = values.allocate(fields.len())?;
    if fields.is_empty() {
        return Some(first);
    }
    let mut escapes = core::mem::take(&mut desk.escapes);
    let mut members = Members { fields, first, place: Place::Before, open: 0, extractor: Extractor::new(frame, values, desk) };
    let whole = visit(context, &mut escapes, &mut members).is_ok() && matches!(members.place, Place::After);
    desk.escapes = escapes;
    for index in 0..fields.len() {
        let node = values.member(first, u16::try_from(index).ok()?);
        if !whole || matches!(values.get(node), Value::Unset | Value::Broken) {
            values.set(node, Value::Absent);
        }
    }
    Some(first)
}

/// Where a reading is.
#[derive(Clone, Copy)]
enum Place {
    /// Before the object.
    Before,
    /// Between members.
    Between,
    /// In a value that is read.
    Reading(NodeId),
    /// In a value that is passed over.
    Passing,
    /// After the object.
    After,
}

/// Takes the members of the outermost object; one that does not fit, or stands twice, is broken.
struct Members<'f, 'v> {
    fields: &'f [Field],
    first: NodeId,
    place: Place,
    /// How many objects and arrays are open in the member's value.
    open: u32,
    extractor: Extractor<'f, 'v>,
}

impl Members<'_, '_> {
    /// The member of this name begins.
    fn member(&mut self, name: &str) -> Place {
        let Some((index, field)) = find(self.fields, name) else { return Place::Passing };
        let node = self.extractor.values.member(self.first, index);
        if self.extractor.values.get(node) != Value::Unset {
            self.extractor.values.set(node, Value::Broken);
            return Place::Passing;
        }
        self.extractor.begin(node, field.ty);
        Place::Reading(node)
    }

    /// Takes a token of a member's value.
    fn value(&mut self, token: Token<'_>) {
        match token {
            Token::BeginObject | Token::BeginArray => self.open = self.open.saturating_add(1),
            Token::EndObject | Token::EndArray => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        let ended = self.open == 0 && !matches!(token, Token::Key(_));
        if let Place::Reading(node) = self.place
            && (self.extractor.token(token).is_err() || (ended && !self.extractor.done()))
        {
            self.extractor.values.set(node, Value::Broken);
            self.place = Place::Passing;
        }
        if ended {
            self.place = Place::Between;
        }
    }
}

impl TokenSink for Members<'_, '_> {
    fn token(&mut self, token: Token<'_>) -> Result<(), Stop> {
        match (self.place, token) {
            (Place::Before, Token::BeginObject) => self.place = Place::Between,
            (Place::Between, Token::Key(name)) => self.place = self.member(name),
            (Place::Between, Token::EndObject) => self.place = Place::After,
            (Place::Before | Place::Between | Place::After, _) => return Err(Stop),
            (Place::Reading(_) | Place::Passing, token) => self.value(token),
        }
        Ok(())
    }
}
