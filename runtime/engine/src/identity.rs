//! Identities of values: 128 bits that say whether two values are the same, and nothing else.
//!
//! In: values of a letter. Out: the first half of SHA-256 over the deployment's key and an encoding that no two different values share.
//! Invariants: equal values have equal identities however they are spelled; tuples are made of their components' identities, never of joined text.
//! Source: verification section 1; `lang-spec/variables.md`.

use alloc::string::String;
use core::fmt::Write;

use sha2::{Digest as _, Sha256};

use crate::domain::decimal::Decimal;
use crate::frame::{Field, Frame, Kind, Tool, Type, TypeId};
use crate::values::{NodeId, Value, Values};

/// An identity.
pub(crate) type Identity = u128;

/// Buffers for numbers on their way to normal form.
#[derive(Debug, Default)]
pub(crate) struct Spelling {
    text: String,
    normal: String,
}

/// The hash that all identities begin with.
#[derive(Clone, Debug)]
pub(crate) struct Identities(Sha256);

impl Identities {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Sha256::new_with_prefix(key))
    }

    /// The identity of a value read as a kind; none where it cannot be read so.
    pub(crate) fn value(&self, values: &Values, node: NodeId, kind: Kind, spelling: &mut Spelling) -> Option<Identity> {
        match (kind, values.get(node)) {
            (Kind::Bool, Value::Bool(value)) => Some(self.of(b'b', &[u8::from(value)])),
            (Kind::Int, Value::Int(value)) => Some(self.of(b'i', &value.to_le_bytes())),
            (Kind::Text, Value::Text(span)) => Some(self.of(b't', values.text(span).as_bytes())),
            (Kind::Number, value) => spelling.number(values, value).map(|normal| self.of(b'n', normal.as_bytes())),
            _ => None,
        }
    }

    /// The identity of a tuple.
    pub(crate) fn tuple(&self, parts: impl Iterator<Item = Identity>) -> Identity {
        let mut hash = self.0.clone();
        hash.update([b'(']);
        parts.for_each(|part| hash.update(part.to_le_bytes()));
        half(hash)
    }

    /// The identity of a whole call.
    pub(crate) fn call(&self, frame: &Frame, tool: &Tool, values: &Values, root: NodeId, spelling: &mut Spelling) -> Identity {
        let mut hash = self.0.clone();
        hash.update([b'w']);
        bytes(&mut hash, tool.name.as_bytes());
        Whole { frame, values, hash: &mut hash, spelling }.node(tool.args, root);
        half(hash)
    }

    /// A digest under the deployment's key.
    pub(crate) fn seal(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut hash = self.0.clone();
        hash.update([b'r']);
        parts.iter().for_each(|part| bytes(&mut hash, part));
        half(hash).to_be_bytes()
    }

    fn of(&self, tag: u8, value: &[u8]) -> Identity {
        let mut hash = self.0.clone();
        hash.update([tag]);
        hash.update(value);
        half(hash)
    }
}

impl Spelling {
    /// The normal form of an int or number.
    fn number(&mut self, values: &Values, value: Value) -> Option<&str> {
        self.normal.clear();
        match value {
            Value::Int(value) => {
                self.text.clear();
                write!(self.text, "{value}").ok()?;
                Decimal::parse(&self.text).ok()?.write_normal(&mut self.normal);
            }
            Value::Number(span) => {
                let text = values.text(span);
                Decimal::parse(text).or_else(|_| Decimal::parse_normal(text)).ok()?.write_normal(&mut self.normal);
            }
            _ => return None,
        }
        Some(&self.normal)
    }
}

/// All of a call's arguments on the way into a hash; types nest only so deep, so recursion is bounded.
struct Whole<'a> {
    frame: &'a Frame,
    values: &'a Values,
    hash: &'a mut Sha256,
    spelling: &'a mut Spelling,
}

impl Whole<'_> {
    fn node(&mut self, ty: TypeId, node: NodeId) {
        let frame = self.frame;
        match (frame.types.get(ty.index()), self.values.get(node)) {
            (Some(Type::Number), value @ (Value::Int(_) | Value::Number(_))) => {
                self.hash.update([b'n']);
                let normal = self.spelling.number(self.values, value).unwrap_or("");
                bytes(self.hash, normal.as_bytes());
            }
            (_, Value::Bool(value)) => self.hash.update([b'b', u8::from(value)]),
            (_, Value::Int(value)) => {
                self.hash.update([b'i']);
                self.hash.update(value.to_le_bytes());
            }
            (_, Value::Text(span) | Value::Number(span)) => {
                self.hash.update([b't']);
                bytes(self.hash, self.values.text(span).as_bytes());
            }
            (Some(Type::List(element)), Value::List(first, length)) => self.list(*element, first, length),
            (Some(Type::Record { fields, .. }), Value::Record(first)) => self.record(fields, node, first),
            (_, Value::Opaque) => {
                self.hash.update([b'j']);
                self.digests(node);
            }
            _ => self.hash.update([b'0']),
        }
    }

    fn list(&mut self, element: TypeId, first: Option<NodeId>, length: u32) {
        self.hash.update([b'[']);
        self.hash.update(length.to_le_bytes());
        let mut next = first;
        while let Some(node) = next {
            self.node(element, node);
            next = self.values.next(node);
        }
    }

    fn record(&mut self, fields: &[Field], node: NodeId, first: NodeId) {
        self.hash.update([b'{']);
        for (index, field) in fields.iter().enumerate() {
            if let Ok(index) = u16::try_from(index) {
                self.node(field.ty, self.values.member(first, index));
            }
        }
        self.digests(node);
    }

    fn digests(&mut self, node: NodeId) {
        let digests = self.values.digests(node);
        self.hash.update((digests.len() as u64).to_le_bytes());
        for (_, name, digest) in digests {
            self.hash.update(name.unwrap_or_default());
            self.hash.update(digest);
        }
    }
}

/// Text with its length, so that no two sequences of texts look alike.
fn bytes(hash: &mut Sha256, text: &[u8]) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}

fn half(hash: Sha256) -> Identity {
    hash.finalize().iter().take(16).fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
}
