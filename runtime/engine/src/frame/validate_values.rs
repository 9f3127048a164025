//! Validation of what rules take from letters, and of scans.
//!
//! In: a decoded [`Frame`] whose types are valid. Out: nothing, or the first thing that is wrong.
//! Source: `lang-spec/frame-format.md`, [frame.valid].

use super::content::Scan;
use super::model::{Frame, ToolId, Type, TypeId, ValueOrigin, ValueSource, ValueStep};
use super::program::Kind;
use super::rule::{LetterKind, Site};
use super::validate::{Check, Invalid, known_labels, record, require};
use super::validate_rules::scope;

/// Checks the values of every tool and host event.
pub(super) fn validate_values(frame: &Frame) -> Check {
    for tool in &frame.tools {
        if let Some(result) = tool.result {
            record(frame, result)?;
            require(matches!(frame.types.get(result.index()), Some(Type::Record { open: true, .. })), "a result is not open")?;
        }
        tool.values.iter().try_for_each(|source| value(frame, source, tool.args, tool.result, true))?;
    }
    frame.events.iter().try_for_each(|event| event.values.iter().try_for_each(|source| value(frame, source, event.args, None, false)))
}

fn value(frame: &Frame, source: &ValueSource, args: TypeId, result: Option<TypeId>, tool: bool) -> Check {
    let root = match source.origin {
        ValueOrigin::Whole => {
            require(tool, "a host event is no value")?;
            return require(source.path.is_empty(), "a whole call has a path");
        }
        ValueOrigin::Arguments => args,
        ValueOrigin::Result => result.ok_or(Invalid { what: "a value stands in a result that is not declared" })?,
    };
    require(source.path.iter().filter(|step| **step == ValueStep::Each).count() <= 1, "a value has more than one list")?;
    let mut ty = frame.types.get(root.index());
    for step in &source.path {
        let next = match (ty, step) {
            (Some(Type::Record { fields, .. }), ValueStep::Field(field)) => fields.get(usize::from(*field)).map(|field| field.ty),
            (Some(Type::List(element)), ValueStep::Each) => Some(*element),
            _ => None,
        };
        ty = next.and_then(|next| frame.types.get(next.index()));
    }
    require(ty.is_some_and(|ty| compares(ty, source.kind)), "a value is not what it compares as")
}

fn compares(ty: &Type, kind: Kind) -> bool {
    match ty {
        Type::Bool => kind == Kind::Bool,
        Type::Int { .. } => matches!(kind, Kind::Int | Kind::Number),
        Type::Timestamp | Type::Duration => kind == Kind::Int,
        Type::Number => kind == Kind::Number,
        Type::String | Type::Enum(_) | Type::Email | Type::Url | Type::Path | Type::Ip => kind == Kind::Text,
        Type::Json | Type::List(_) | Type::Record { .. } => false,
    }
}

/// The values that letters of a site have; none where there is no such subject.
pub(super) fn values_of<'f>(frame: &'f Frame, site: &Site) -> Option<&'f [ValueSource]> {
    let subject = site.subject as usize;
    match site.kind {
        LetterKind::Event => frame.events.get(subject).map(|event| event.values.as_slice()),
        LetterKind::Denied if site.subject == ToolId::UNKNOWN.0 => Some(&[]),
        _ => frame.tools.get(subject).map(|tool| tool.values.as_slice()),
    }
}

/// Whether a source may give more than one value.
pub(super) fn each(source: &ValueSource) -> bool {
    source.path.contains(&ValueStep::Each)
}

/// Checks the scans; their automata are read where they are loaded.
pub(super) fn validate_scans(frame: &Frame) -> Check {
    frame.scans.iter().try_for_each(|entry| scan(frame, entry))
}

fn scan(frame: &Frame, scan: &Scan) -> Check {
    scope(frame, &scan.scope)?;
    require(scan.tools.windows(2).all(|pair| matches!(pair, [a, b] if a < b)), "a scan's tools are not sorted")?;
    require(scan.tools.iter().all(|tool| tool.index() < frame.tools.len()), "a scan's tool is out of range")?;
    require(scan.detectors.iter().all(|index| usize::from(*index) < frame.detectors.len()), "a scan's detector is absent")?;
    require(scan.labels & !known_labels(frame) == 0, "a scan gives an unknown label")
}
