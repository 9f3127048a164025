//! Reading a result's structured content: leniently, because a result cannot be refused.
//!
//! In: the tokens of one JSON value and a record type. Out: a record in [`Values`]. Invariants: a declared field that is missing or null is absent,
//! also where it is required; one that does not fit its type, or is given twice, is broken; everything else is passed over.
//! Source: `lang-spec/variables.md`, [var.meaning].

use alloc::vec::Vec;

use crate::arguments::{Arguments, Stop, Token, TokenSink};
use crate::extract::scalar;
use crate::frame::{Field, Frame, Type, TypeId};
use crate::values::{NodeId, Value, Values};

/// Reads `content` as the record `ty`; content that is no object breaks every field.
pub(crate) fn read_result(frame: &Frame, ty: TypeId, content: Option<&dyn Arguments>, values: &mut Values) -> Option<NodeId> {
    let root = values.allocate(1)?;
    let Some(Type::Record { fields, .. }) = frame.types.get(ty.index()) else { return None };
    let mut reader = ResultReader { frame, values, levels: Vec::new(), pending: Some((root, ty)), passing: 0, full: false };
    let first = reader.record(root, fields)?;
    let Some(content) = content else {
        fill(reader.values, first, fields, Value::Absent);
        return Some(root);
    };
    reader.levels.clear();
    let whole = content.visit(&mut reader).is_ok() && reader.levels.is_empty() && !reader.full;
    let object = matches!(reader.values.get(root), Value::Record(read) if read != first);
    if !(whole && object) {
        fill(reader.values, first, fields, Value::Broken);
        reader.values.set(root, Value::Record(first));
    }
    Some(root)
}

fn fill(values: &mut Values, first: NodeId, fields: &[Field], value: Value) {
    for index in (0..fields.len()).filter_map(|index| u16::try_from(index).ok()) {
        values.set(values.member(first, index), value);
    }
}

/// An open object or array that is read.
enum Level<'f> {
    Record { fields: &'f [Field], first: NodeId },
    List { element: TypeId, list: NodeId, last: Option<NodeId>, length: u32 },
}

struct ResultReader<'f, 'v> {
    frame: &'f Frame,
    values: &'v mut Values,
    levels: Vec<Level<'f>>,
    /// Where the next value goes; none: it is passed over.
    pending: Option<(NodeId, TypeId)>,
    /// How many objects and arrays are open that are passed over.
    passing: u32,
    /// Whether there was no room for a value.
    full: bool,
}

impl<'f> ResultReader<'f, '_> {
    fn record(&mut self, node: NodeId, fields: &'f [Field]) -> Option<NodeId> {
        let first = self.values.allocate(fields.len())?;
        self.levels.push(Level::Record { fields, first });
        self.values.set(node, Value::Record(first));
        Some(first)
    }

    fn key(&mut self, key: &str) {
        self.pending = None;
        let Some(Level::Record { fields, first }) = self.levels.last() else { return };
        let Ok(index) = fields.binary_search_by(|field| field.name.as_str().cmp(key)) else { return };
        let (Ok(index), Some(field)) = (u16::try_from(index), fields.get(index)) else { return };
        let node = self.values.member(*first, index);
        if self.values.get(node) == Value::Unset {
            self.pending = Some((node, field.ty));
        } else {
            self.values.set(node, Value::Broken);
        }
    }

    /// Takes the place of the value that begins now.
    fn place(&mut self) -> Option<(NodeId, TypeId)> {
        if let Some(Level::List { element, list, last, length }) = self.levels.last_mut() {
            let node = self.values.allocate(1)?;
            *length = length.checked_add(1)?;
            match last.replace(node) {
                Some(before) => {
                    self.values.link(before, node);
                    if let Value::List(head, _) = self.values.get(*list) {
                        self.values.set(*list, Value::List(head, *length));
                    }
                }
                None => self.values.set(*list, Value::List(Some(node), *length)),
            }
            return Some((node, *element));
        }
        self.pending.take()
    }

    fn value(&mut self, token: Token<'_>) -> Option<()> {
        let in_list = matches!(self.levels.last(), Some(Level::List { .. }));
        let place = self.place();
        if in_list && place.is_none() {
            return None;
        }
        let opens = matches!(token, Token::BeginObject | Token::BeginArray);
        let ty = place.and_then(|(_, ty)| self.frame.types.get(ty.index()));
        let value = match (ty, token) {
            (Some(Type::Record { fields, .. }), Token::BeginObject) => {
                let (node, _) = place?;
                return self.record(node, fields).map(|_| ());
            }
            (Some(Type::List(element)), Token::BeginArray) => {
                let (list, _) = place?;
                self.levels.push(Level::List { element: *element, list, last: None, length: 0 });
                self.values.set(list, Value::List(None, 0));
                return Some(());
            }
            // A field that is null is absent; an element that is null fits no type.
            (_, Token::Null) if !in_list => Value::Absent,
            (Some(Type::Json), _) => Value::Opaque,
            (Some(ty), token) => scalar(ty, token, self.values).unwrap_or(Value::Broken),
            (None, _) => Value::Absent,
        };
        if opens {
            self.passing = 1;
        }
        if let Some((node, _)) = place {
            self.values.set(node, value);
        }
        Some(())
    }

    fn close(&mut self) {
        if let Some(Level::Record { fields, first }) = self.levels.pop() {
            for index in (0..fields.len()).filter_map(|index| u16::try_from(index).ok()) {
                let node = self.values.member(first, index);
                if self.values.get(node) == Value::Unset {
                    self.values.set(node, Value::Absent);
                }
            }
        }
    }
}

impl TokenSink for ResultReader<'_, '_> {
    fn token(&mut self, token: Token<'_>) -> Result<(), Stop> {
        match token {
            Token::BeginObject | Token::BeginArray if self.passing > 0 => self.passing = self.passing.checked_add(1).ok_or(Stop)?,
            Token::EndObject | Token::EndArray if self.passing > 0 => self.passing -= 1,
            _ if self.passing > 0 => {}
            Token::Key(key) => self.key(key),
            Token::EndObject | Token::EndArray => self.close(),
            token => {
                if self.value(token).is_none() {
                    self.full = true;
                    return Err(Stop);
                }
            }
        }
        Ok(())
    }
}
