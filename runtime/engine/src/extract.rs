//! Schema-directed reading: tokens in, checked values out.
//!
//! In: the tokens of one JSON value and a type of the frame. Out: nodes in [`Values`], or [`Malformed`].
//! Invariants: a value that does not fit its type, a missing or undeclared member, a member given twice, or one that differs from a declared
//! one only by case is malformed; nothing is coerced. No recursion: open objects and arrays stand on an explicit stack.
//! Source: language sections 3 and 9.

use alloc::string::String;
use alloc::vec::Vec;

use crate::arguments::{Arguments, Stop, Token, TokenSink, visit};
use crate::canonical::{Canonical, Digest, member};
use crate::domain::{decimal::Decimal, email, ip, path, time, url};
use crate::frame::{Field, Frame, Type, TypeId};
use crate::names::{Mark, Names};
use crate::values::{NodeId, Value, Values};

/// The arguments do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Whether what no condition can read is kept as digests, for rules that compare whole calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Undeclared {
    #[default]
    PassOver,
    Digest,
}

/// Memory that readings reuse.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    levels: Vec<Level>,
    names: Names,
    /// Strings that hold escapes, decoded.
    pub(crate) escapes: String,
}

/// Reads `arguments` as a value of type `ty`.
pub(crate) fn extract(
    frame: &Frame,
    ty: TypeId,
    arguments: &dyn Arguments,
    undeclared: Undeclared,
    values: &mut Values,
    desk: &mut Desk,
) -> Result<NodeId, Malformed> {
    let root = values.allocate(1).ok_or(Malformed)?;
    let mut escapes = core::mem::take(&mut desk.escapes);
    let mut extractor = Extractor::new(frame, values, desk);
    extractor.begin(root, ty);
    extractor.canonical = (undeclared == Undeclared::Digest).then(Canonical::default);
    let visited = visit(arguments, &mut escapes, &mut extractor);
    let whole = visited.is_ok() && extractor.done();
    values.sort_digests();
    desk.escapes = escapes;
    if whole { Ok(root) } else { Err(Malformed) }
}

/// An open object or array.
#[derive(Clone, Copy, Debug)]
enum Level {
    Record {
        node: NodeId,
        ty: TypeId,
        first: NodeId,
        undeclared: Mark,
    },
    List {
        element: TypeId,
        list: NodeId,
        last: Option<NodeId>,
        length: u32,
    },
    /// An object inside an opaque value.
    Object(Mark),
    /// An array inside an opaque value.
    Array,
}

/// What an explicit null is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Null {
    /// The absence of a nullable member.
    Absence,
    /// An element: a value for its type to judge.
    Element,
    /// Malformed, whatever the type.
    Malformed,
}

/// Where the next value goes.
#[derive(Clone, Copy)]
enum Slot {
    Typed { node: NodeId, ty: TypeId, null: Null },
    Opaque,
}

pub(crate) struct Extractor<'f, 'v> {
    frame: &'f Frame,
    pub(crate) values: &'v mut Values,
    desk: &'v mut Desk,
    pending: Option<Slot>,
    /// The digest of the opaque value at hand, where digests are kept.
    canonical: Option<Canonical>,
    /// Whose it is: an opaque value's own, or a record's undeclared member of this name.
    owner: (NodeId, Option<Digest>),
}

impl<'f, 'v> Extractor<'f, 'v> {
    /// One that has read nothing yet, and expects nothing.
    pub(crate) fn new(frame: &'f Frame, values: &'v mut Values, desk: &'v mut Desk) -> Self {
        Self { frame, values, desk, pending: None, canonical: None, owner: (NodeId(0), None) }
    }

    /// Expects a value of a type; what it was reading is forgotten.
    pub(crate) fn begin(&mut self, node: NodeId, ty: TypeId) {
        self.desk.levels.clear();
        self.desk.names.clear();
        self.pending = Some(Slot::Typed { node, ty, null: Null::Malformed });
    }

    /// Whether one whole value has been read.
    pub(crate) fn done(&self) -> bool {
        self.desk.levels.is_empty() && self.pending.is_none()
    }

    fn ty(&self, id: TypeId) -> Option<&'f Type> {
        let frame: &'f Frame = self.frame;
        frame.types.get(id.index())
    }

    fn value(&mut self, token: Token<'_>) -> Option<()> {
        match self.slot()? {
            Slot::Opaque => self.opaque(token),
            Slot::Typed { null: Null::Malformed, .. } if token == Token::Null => None,
            Slot::Typed { node, null: Null::Absence, .. } if token == Token::Null => {
                self.values.set(node, Value::Absent);
                Some(())
            }
            Slot::Typed { node, ty, .. } => self.typed(node, ty, token),
        }
    }

    /// Takes the place of the value that begins now.
    fn slot(&mut self) -> Option<Slot> {
        if let Some(slot) = self.pending.take() {
            return Some(slot);
        }
        match self.desk.levels.last_mut()? {
            Level::Record { .. } => None,
            Level::Object(_) | Level::Array => Some(Slot::Opaque),
            Level::List { element, list, last, length } => {
                let node = self.values.allocate(1)?;
                let first = match *last {
                    Some(before) => {
                        self.values.link(before, node);
                        None
                    }
                    None => Some(node),
                };
                *last = Some(node);
                *length = length.checked_add(1)?;
                let head = match (first, self.values.get(*list)) {
                    (None, Value::List(head, _)) => head,
                    (first, _) => first,
                };
                self.values.set(*list, Value::List(head, *length));
                Some(Slot::Typed { node, ty: *element, null: Null::Element })
            }
        }
    }

    fn typed(&mut self, node: NodeId, id: TypeId, token: Token<'_>) -> Option<()> {
        let value = match (self.ty(id)?, token) {
            (Type::Json, token) => {
                self.values.set(node, Value::Opaque);
                self.owner = (node, None);
                return self.opaque(token);
            }
            (Type::Record { fields, .. }, Token::BeginObject) => {
                let first = self.values.allocate(fields.len())?;
                self.desk.levels.push(Level::Record { node, ty: id, first, undeclared: self.desk.names.begin() });
                Value::Record(first)
            }
            (Type::List(element), Token::BeginArray) => {
                self.desk.levels.push(Level::List { element: *element, list: node, last: None, length: 0 });
                Value::List(None, 0)
            }
            (ty, token) => scalar(ty, token, self.values)?,
        };
        self.values.set(node, value);
        Some(())
    }

    /// Takes a token of an opaque value into its digest.
    fn digest(&mut self, token: Token<'_>) {
        if let Some(digest) = self.canonical.as_mut().and_then(|canonical| canonical.token(token)) {
            let (node, name) = self.owner;
            self.values.keep_digest(node, name, digest);
        }
    }

    fn opaque(&mut self, token: Token<'_>) -> Option<()> {
        self.digest(token);
        match token {
            Token::BeginObject => self.desk.levels.push(Level::Object(self.desk.names.begin())),
            Token::BeginArray => self.desk.levels.push(Level::Array),
            _ => {}
        }
        Some(())
    }

    fn key(&mut self, key: &str) -> Option<()> {
        let slot = match *self.desk.levels.last()? {
            Level::List { .. } | Level::Array => return None,
            Level::Object(_) => {
                self.digest(Token::Key(key));
                self.desk.names.add(key);
                Slot::Opaque
            }
            Level::Record { node, ty, first, .. } => self.member(node, ty, first, key)?,
        };
        self.pending = Some(slot);
        Some(())
    }

    /// Where a member of a record goes.
    fn member(&mut self, record: NodeId, ty: TypeId, first: NodeId, key: &str) -> Option<Slot> {
        let Type::Record { open, fields } = self.ty(ty)? else { return None };
        let Some((index, field)) = find(fields, key) else {
            if !*open || differs_by_case(fields, key) {
                return None;
            }
            self.desk.names.add(key);
            self.owner = (record, self.canonical.as_ref().map(|_| member(key)));
            return Some(Slot::Opaque);
        };
        let node = self.values.member(first, index);
        if self.values.get(node) != Value::Unset {
            return None;
        }
        Some(Slot::Typed { node, ty: field.ty, null: if field.nullable { Null::Absence } else { Null::Malformed } })
    }

    fn close(&mut self, object: bool) -> Option<()> {
        if self.pending.is_some() {
            return None;
        }
        match (self.desk.levels.pop()?, object) {
            (Level::Object(mark), true) => {
                self.digest(Token::EndObject);
                self.desk.names.end(mark).then_some(())
            }
            (Level::Array, false) => {
                self.digest(Token::EndArray);
                Some(())
            }
            (Level::List { .. }, false) => Some(()),
            (Level::Record { ty, first, undeclared, .. }, true) => {
                let Type::Record { fields, .. } = self.ty(ty)? else { return None };
                settle(self.values, fields, first)?;
                self.desk.names.end(undeclared).then_some(())
            }
            _ => None,
        }
    }
}

/// Up to this many fields are compared one by one: their lengths tell most of them apart.
const FEW: usize = 16;

/// The field of a name, and its position.
pub(crate) fn find<'f>(fields: &'f [Field], name: &str) -> Option<(u16, &'f Field)> {
    let index = if fields.len() <= FEW {
        fields.iter().position(|field| field.name == name)?
    } else {
        fields.binary_search_by(|field| field.name.as_str().cmp(name)).ok()?
    };
    Some((u16::try_from(index).ok()?, fields.get(index)?))
}

/// A plain value in the normal form of its type; none where it does not fit.
pub(crate) fn scalar(ty: &Type, token: Token<'_>, values: &mut Values) -> Option<Value> {
    match (ty, token) {
        (Type::Bool, Token::Bool(value)) => Some(Value::Bool(value)),
        (Type::Int { lo, hi }, Token::Number(text)) => {
            let value = short(text).or_else(|| Decimal::parse(text).ok()?.to_i64().ok())?;
            (*lo <= value && value <= *hi).then_some(Value::Int(value))
        }
        (Type::Number, Token::Number(text)) => {
            Decimal::parse(text).ok()?;
            Some(Value::Number(values.store(text)))
        }
        (ty, Token::String(given)) => text(ty, given, values),
        _ => None,
    }
}

fn text(ty: &Type, text: &str, values: &mut Values) -> Option<Value> {
    let normalise = match ty {
        Type::String => return Some(Value::Text(values.store(text))),
        Type::Enum(members) => {
            members.binary_search_by(|member| member.as_str().cmp(text)).ok()?;
            return Some(Value::Text(values.store(text)));
        }
        Type::Timestamp => return time::parse_timestamp(text).ok().map(Value::Int),
        Type::Duration => return time::parse_duration(text).ok().map(Value::Int),
        Type::Email => email::normalise,
        Type::Url => url::normalise,
        Type::Path => path::normalise,
        Type::Ip => ip::normalise,
        _ => return None,
    };
    values.derive(|out| normalise(text, out)).map(Value::Text)
}

/// Gives the members that were left out their defaults.
fn settle(values: &mut Values, fields: &[Field], first: NodeId) -> Option<()> {
    for (index, field) in fields.iter().enumerate() {
        let node = values.member(first, u16::try_from(index).ok()?);
        if values.get(node) != Value::Unset {
            continue;
        }
        if field.required {
            return None;
        }
        let value = match &field.default {
            Some(default) => values.scalar(default),
            None => Value::Absent,
        };
        values.set(node, value);
    }
    Some(())
}

fn differs_by_case(fields: &[Field], key: &str) -> bool {
    // Upper case first: some readers fold `ſ` to `s`, which has no lower case of its own.
    fn fold(text: &str) -> impl Iterator<Item = char> {
        text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
    }
    fields.iter().any(|field| fold(&field.name).eq(fold(key)))
}

/// The value of a few digits: what most numbers are.
fn short(text: &str) -> Option<i64> {
    let digits = text.as_bytes();
    // More than one digit of which the first is 0 is no JSON number: whoever hands over tokens of another source may have one.
    let number = digits.len() == 1 || digits.first() != Some(&b'0');
    let few = number && matches!(digits.len(), 1..=18) && digits.iter().all(u8::is_ascii_digit);
    few.then(|| digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
}

impl TokenSink for Extractor<'_, '_> {
    #[inline]
    fn token(&mut self, token: Token<'_>) -> Result<(), Stop> {
        let taken = match token {
            Token::Key(key) => self.key(key),
            Token::EndObject => self.close(true),
            Token::EndArray => self.close(false),
            token if self.done() => {
                let _ = token;
                None
            }
            token => self.value(token),
        };
        taken.ok_or(Stop)
    }
}
