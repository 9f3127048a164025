//! A call's arguments after checking: a flat arena that conditions read by field index.
//!
//! In: tokens, through `extract`. Out: [`Value`]s by [`NodeId`]. Invariants: a record's members stand next to each other, one for each declared
//! field, so that a path of indices is a few additions; text is in the normal form of its type.
//! Left out: undeclared members and the inside of opaque values, which no condition can read.

use alloc::string::String;
use alloc::vec::Vec;

use crate::canonical::Digest;
use crate::frame::Scalar;

/// A place in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

/// Bytes of the arena's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextSpan {
    start: usize,
    end: usize,
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing was given yet.
    Unset,
    /// It is not there, or is null where null means that.
    Absent,
    Bool(bool),
    /// Also the milliseconds of a timestamp or duration.
    Int(i64),
    /// The exact text of a number.
    Number(TextSpan),
    Text(TextSpan),
    /// The first member; one node a declared field follows.
    Record(NodeId),
    /// The first element, and how many there are.
    List(Option<NodeId>, u32),
    /// Something that only `is present` asks about.
    Opaque,
    /// A field of a result that does not fit its type: nothing that reads it can be evaluated.
    Broken,
}

/// A value in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    value: Value,
    /// The next element, where this is one.
    next: Option<NodeId>,
}

impl Node {
    #[inline]
    pub(crate) fn value(&self) -> Value {
        self.value
    }
}

/// The arena; cleared, not freed, between calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    nodes: Vec<Node>,
    text: String,
    buffer: String,
    /// Digests of opaque values (without a name), and of records' undeclared members.
    digests: Vec<(NodeId, Option<Digest>, Digest)>,
}

impl Values {
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.text.clear();
        self.digests.clear();
    }

    pub(crate) fn keep_digest(&mut self, node: NodeId, name: Option<Digest>, digest: Digest) {
        self.digests.push((node, name, digest));
    }

    /// Makes the order in which members were written no difference.
    pub(crate) fn sort_digests(&mut self) {
        self.digests.sort_unstable();
    }

    /// The digests that belong to a node, by name; those of an opaque value or of a record's undeclared members.
    pub(crate) fn digests(&self, node: NodeId) -> &[(NodeId, Option<Digest>, Digest)] {
        let start = self.digests.partition_point(|(owner, _, _)| *owner < node);
        let end = self.digests.partition_point(|(owner, _, _)| *owner <= node);
        self.digests.get(start..end).unwrap_or(&[])
    }

    /// Stores the text that `make` writes.
    pub(crate) fn derive<E>(&mut self, make: impl FnOnce(&mut String) -> Result<(), E>) -> Option<TextSpan> {
        let mut buffer = core::mem::take(&mut self.buffer);
        buffer.clear();
        let span = make(&mut buffer).is_ok().then(|| self.store(&buffer));
        self.buffer = buffer;
        span
    }

    /// Adds `count` unset nodes in a row; none beyond the bound on values.
    pub(crate) fn allocate(&mut self, count: usize) -> Option<NodeId> {
        let first = self.nodes.len();
        if first.checked_add(count)? > crate::limits::ARGUMENT_VALUES {
            return None;
        }
        self.nodes.extend(core::iter::repeat_n(Node { value: Value::Unset, next: None }, count));
        u32::try_from(first).ok().map(NodeId)
    }

    pub(crate) fn get(&self, id: NodeId) -> Value {
        self.nodes.get(id.0 as usize).map_or(Value::Absent, |node| node.value)
    }

    pub(crate) fn set(&mut self, id: NodeId, value: Value) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.value = value;
        }
    }

    pub(crate) fn next(&self, id: NodeId) -> Option<NodeId> {
        self.nodes.get(id.0 as usize).and_then(|node| node.next)
    }

    pub(crate) fn link(&mut self, from: NodeId, to: NodeId) {
        if let Some(node) = self.nodes.get_mut(from.0 as usize) {
            node.next = Some(to);
        }
    }

    /// The member with this field index.
    pub(crate) fn member(&self, first: NodeId, field: u16) -> NodeId {
        NodeId(first.0.saturating_add(u32::from(field)))
    }

    /// A record's members, and what stands behind them; nothing where it is no record.
    #[inline]
    pub(crate) fn members(&self, record: NodeId) -> &[Node] {
        match self.get(record) {
            Value::Record(first) => self.nodes.get(first.0 as usize..).unwrap_or(&[]),
            _ => &[],
        }
    }

    pub(crate) fn store(&mut self, text: &str) -> TextSpan {
        let start = self.text.len();
        self.text.push_str(text);
        TextSpan { start, end: self.text.len() }
    }

    pub(crate) fn text(&self, span: TextSpan) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    #[inline]
    pub(crate) fn bytes(&self, span: TextSpan) -> &[u8] {
        self.text.as_bytes().get(span.start..span.end).unwrap_or(&[])
    }

    /// A default of the schema, as if it had been given.
    pub(crate) fn scalar(&mut self, scalar: &Scalar) -> Value {
        match scalar {
            Scalar::Bool(value) => Value::Bool(*value),
            Scalar::Int(value) => Value::Int(*value),
            Scalar::Number(text) => Value::Number(self.store(text)),
            Scalar::Text(text) => Value::Text(self.store(text)),
        }
    }
}
