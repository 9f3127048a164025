//! Types: those of the frame, against those of the policy.
//!
//! In: a type of each. Out: whether they are equal, field by field. Invariant: the policy's types are trees, so the walk ends.
//! Source: `lang-spec/core-form.md`, [core.type]; `lang-spec/frame-format.md`, [frame.policy].

use leverframe_reference::types::{Field, Literal, Record, Type};
use leverframe_runtime::frame::{self, Frame, Scalar, TypeId};

use crate::{Checked, as_many, equal, require};

/// Whether the type at `id` is this record.
pub(crate) fn record(frame: &Frame, id: TypeId, record: &Record) -> Checked {
    let Some(frame::Type::Record { open, fields }) = frame.types.get(id.index()) else { return Err("it is no record".to_owned()) };
    equal("whether a record may hold more", &record.open, open)?;
    as_many("fields in a record", record.fields.len(), fields.len())?;
    record
        .fields
        .iter()
        .zip(fields)
        .try_for_each(|(ours, theirs)| field(frame, ours, theirs).map_err(|what| format!("field `{}`: {what}", ours.name)))
}

fn field(frame: &Frame, policy: &Field, other: &frame::Field) -> Checked {
    equal("its name", &policy.name, &other.name)?;
    equal("whether it is required", &policy.required, &other.required)?;
    equal("whether null counts as absent", &policy.nullable, &other.nullable)?;
    equal("its default", &policy.default.as_ref().map(scalar), &other.default)?;
    ty(frame, &policy.ty, other.ty)
}

fn ty(frame: &Frame, policy: &Type, id: TypeId) -> Checked {
    let other = frame.types.get(id.index());
    let same = match (policy, other) {
        (Type::Record(record), Some(_)) => return self::record(frame, id, record),
        (Type::List(element), Some(frame::Type::List(other))) => return ty(frame, element, *other),
        (Type::Int(lo, hi), Some(frame::Type::Int { lo: low, hi: high })) => (lo, hi) == (low, high),
        (Type::Enum(members), Some(frame::Type::Enum(others))) => members == others,
        (Type::Bool, Some(frame::Type::Bool))
        | (Type::Number, Some(frame::Type::Number))
        | (Type::String, Some(frame::Type::String))
        | (Type::Email, Some(frame::Type::Email))
        | (Type::Url, Some(frame::Type::Url))
        | (Type::Path, Some(frame::Type::Path))
        | (Type::Ip, Some(frame::Type::Ip))
        | (Type::Timestamp, Some(frame::Type::Timestamp))
        | (Type::Duration, Some(frame::Type::Duration))
        | (Type::Json, Some(frame::Type::Json)) => true,
        _ => false,
    };
    require(same, || format!("its type is {other:?} in the frame and {policy} in the policy"))
}

/// A literal as a frame has it.
pub(crate) fn scalar(literal: &Literal) -> Scalar {
    match literal {
        Literal::Bool(value) => Scalar::Bool(*value),
        Literal::Int(value) | Literal::Timestamp(value) | Literal::Duration(value) => Scalar::Int(*value),
        Literal::Number(text) => Scalar::Number(text.clone()),
        Literal::String(text) => Scalar::Text(text.clone()),
    }
}
