//! Values that rules take from letters: names of fields become their positions.
//!
//! In: what the rules of a policy take from one tool or host event. Out: the frame's sources of values, in the same order.
//! Source: `lang-spec/frame-format.md`, [frame.policy]; `lang-spec/variables.md`.

use leverframe_runtime::frame::{self, Kind, ValueOrigin, ValueSource};

use super::Emitter;
use super::program::kind;
use super::term::Undeclared;
use crate::automata::{Oversize, Subject, Value};
use crate::core::{Record, Type, ValuePath, ValueStep};

impl Emitter<'_> {
    pub(super) fn values(&mut self, subject: &Subject, args: &Record, result: Option<&Record>, values: &[Value]) -> Vec<ValueSource> {
        let source = |value: &Value| match value {
            Value::Whole => Ok(ValueSource { origin: ValueOrigin::Whole, path: Vec::new(), kind: Kind::Text }),
            Value::Path(path) => self::source(args, result, path),
        };
        let sources: Result<Vec<ValueSource>, Undeclared> = values.iter().map(source).collect();
        sources.unwrap_or_else(|Undeclared| {
            self.problems.push(Oversize::contradiction(subject, "values that are not declared"));
            Vec::new()
        })
    }
}

fn source(args: &Record, result: Option<&Record>, path: &ValuePath) -> Result<ValueSource, Undeclared> {
    let (record, origin) = match result.filter(|_| path.result) {
        Some(result) => (result, ValueOrigin::Result),
        None if path.result => return Err(Undeclared),
        None => (args, ValueOrigin::Arguments),
    };
    let mut steps = Vec::with_capacity(path.steps.len());
    let (first, rest) = path.steps.split_first().ok_or(Undeclared)?;
    let mut ty = enter_record(record, first, &mut steps)?;
    for step in rest {
        ty = match (ty, step) {
            (Type::List(element), ValueStep::Each) => {
                steps.push(frame::ValueStep::Each);
                element
            }
            (Type::Record(record), step) => enter_record(record, step, &mut steps)?,
            _ => return Err(Undeclared),
        };
    }
    Ok(ValueSource { origin, path: steps, kind: kind(path.tag) })
}

fn enter_record<'a>(record: &'a Record, step: &ValueStep, steps: &mut Vec<frame::ValueStep>) -> Result<&'a Type, Undeclared> {
    let ValueStep::Field(name) = step else { return Err(Undeclared) };
    let position = record.fields.iter().position(|field| field.name == *name).ok_or(Undeclared)?;
    steps.push(frame::ValueStep::Field(u16::try_from(position).map_err(|_| Undeclared)?));
    record.fields.get(position).map(|field| &field.ty).ok_or(Undeclared)
}
