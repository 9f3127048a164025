//! Schema-directed reading: tokens in, checked values out.
//!
//! In: the tokens of one JSON value and a type of the frame. Out: nodes in [`Values`], or [`Malformed`].
//! Invariants: a value that does not fit its type, a missing or undeclared member, a member given twice, or one that differs from a declared
//! one only by case is malformed; nothing is coerced. No recursion: open objects and arrays stand on an explicit stack.
//! Source: language sections 3 and 9.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use crate::arguments::{Arguments, Stop, Token, TokenSink};
use crate::canonical::{Canonical, Digest, member};
use crate::domain::{decimal::Decimal, email, ip, path, time, url};
use crate::frame::{Field, Frame, Type, TypeId};
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

/// Reads `arguments` as a value of type `ty`.
pub(crate) fn extract(
    frame: &Frame,
    ty: TypeId,
    arguments: &dyn Arguments,
    undeclared: Undeclared,
    values: &mut Values,
) -> Result<NodeId, Malformed> {
    let root = values.allocate(1).ok_or(Malformed)?;
    let mut extractor = Extractor::new(frame, values, root, ty);
    extractor.canonical = (undeclared == Undeclared::Digest).then(Canonical::default);
    let visited = arguments.visit(&mut extractor);
    let whole = visited.is_ok() && extractor.done();
    values.sort_digests();
    if whole { Ok(root) } else { Err(Malformed) }
}

/// An open object or array.
enum Level<'f> {
    Record {
        node: NodeId,
        fields: &'f [Field],
        open: bool,
        first: NodeId,
        undeclared: BTreeSet<String>,
    },
    List {
        element: TypeId,
        list: NodeId,
        last: Option<NodeId>,
        length: u32,
    },
    /// Inside an opaque value: the keys of each open object (none for an array).
    Opaque {
        keys: Vec<Option<BTreeSet<String>>>,
    },
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
    values: &'v mut Values,
    levels: Vec<Level<'f>>,
    pending: Option<Slot>,
    /// The digest of the opaque value at hand, where digests are kept.
    canonical: Option<Canonical>,
    /// Whose it is: an opaque value's own, or a record's undeclared member of this name.
    owner: (NodeId, Option<Digest>),
}

impl<'f, 'v> Extractor<'f, 'v> {
    pub(crate) fn new(frame: &'f Frame, values: &'v mut Values, node: NodeId, ty: TypeId) -> Self {
        let pending = Some(Slot::Typed { node, ty, null: Null::Malformed });
        Self { frame, values, levels: Vec::new(), pending, canonical: None, owner: (node, None) }
    }

    /// Whether one whole value has been read.
    pub(crate) fn done(&self) -> bool {
        self.levels.is_empty() && self.pending.is_none()
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
            Slot::Typed { node, ty, .. } => {
                let ty = self.ty(ty)?;
                self.typed(node, ty, token)
            }
        }
    }

    /// Takes the place of the value that begins now.
    fn slot(&mut self) -> Option<Slot> {
        if let Some(slot) = self.pending.take() {
            return Some(slot);
        }
        match self.levels.last_mut()? {
            Level::Record { .. } => None,
            Level::Opaque { .. } => Some(Slot::Opaque),
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

    fn typed(&mut self, node: NodeId, ty: &'f Type, token: Token<'_>) -> Option<()> {
        let value = match (ty, token) {
            (Type::Json, token) => {
                self.values.set(node, Value::Opaque);
                self.owner = (node, None);
                return self.opaque(token);
            }
            (Type::Record { open, fields }, Token::BeginObject) => {
                let first = self.values.allocate(fields.len())?;
                self.levels.push(Level::Record { node, fields, open: *open, first, undeclared: BTreeSet::new() });
                Value::Record(first)
            }
            (Type::List(element), Token::BeginArray) => {
                self.levels.push(Level::List { element: *element, list: node, last: None, length: 0 });
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
        let keys = match token {
            Token::BeginObject => Some(BTreeSet::new()),
            Token::BeginArray => None,
            _ => return Some(()),
        };
        match self.levels.last_mut() {
            Some(Level::Opaque { keys: open }) => open.push(keys),
            _ => self.levels.push(Level::Opaque { keys: alloc::vec![keys] }),
        }
        Some(())
    }

    fn key(&mut self, key: &str) -> Option<()> {
        if matches!(self.levels.last(), Some(Level::Opaque { .. })) {
            self.digest(Token::Key(key));
        }
        let slot = match self.levels.last_mut()? {
            Level::List { .. } => return None,
            Level::Opaque { keys } => {
                let fresh = keys.last_mut()?.as_mut()?.insert(String::from(key));
                fresh.then_some(Slot::Opaque)?
            }
            Level::Record { node: record, fields, open, first, undeclared } => {
                match fields.binary_search_by(|field| field.name.as_str().cmp(key)) {
                    Ok(index) => {
                        let node = self.values.member(*first, u16::try_from(index).ok()?);
                        let field = fields.get(index)?;
                        if self.values.get(node) != Value::Unset {
                            return None;
                        }
                        Slot::Typed { node, ty: field.ty, null: if field.nullable { Null::Absence } else { Null::Malformed } }
                    }
                    Err(_) => {
                        let fresh = *open && !differs_by_case(fields, key) && undeclared.insert(String::from(key));
                        self.owner = (*record, self.canonical.as_ref().map(|_| member(key)));
                        fresh.then_some(Slot::Opaque)?
                    }
                }
            }
        };
        self.pending = Some(slot);
        Some(())
    }

    fn close(&mut self, object: bool) -> Option<()> {
        if self.pending.is_some() {
            return None;
        }
        if matches!(self.levels.last(), Some(Level::Opaque { .. })) {
            self.digest(if object { Token::EndObject } else { Token::EndArray });
        }
        match self.levels.last_mut()? {
            Level::Opaque { keys } => {
                keys.pop()?;
                if keys.is_empty() {
                    self.levels.pop();
                }
            }
            Level::List { .. } if !object => {
                self.levels.pop();
            }
            Level::Record { fields, first, .. } if object => {
                let (fields, first): (&[Field], NodeId) = (fields, *first);
                settle(self.values, fields, first)?;
                self.levels.pop();
            }
            _ => return None,
        }
        Some(())
    }
}

/// A plain value in the normal form of its type; none where it does not fit.
pub(crate) fn scalar(ty: &Type, token: Token<'_>, values: &mut Values) -> Option<Value> {
    match (ty, token) {
        (Type::Bool, Token::Bool(value)) => Some(Value::Bool(value)),
        (Type::Int { lo, hi }, Token::Number(text)) => {
            let value = Decimal::parse(text).ok()?.to_i64().ok()?;
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
    let fold = |text: &str| text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect::<String>();
    let key = fold(key);
    fields.iter().any(|field| fold(&field.name) == key)
}

impl TokenSink for Extractor<'_, '_> {
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
