//! Labels, context, tools and host events.
//!
//! In: a policy and a frame. Out: whether they are equal, with their types, guards and values.
//! Source: `lang-spec/frame-format.md`, [frame.policy].

use leverframe_reference::policy::{Cond, Event, Policy, Tool};
use leverframe_reference::types::{Field, Record, Type};
use leverframe_runtime::frame::{self, ProgramId, ValueOrigin, ValueSource, ValueStep};

use crate::asked::{List, Value};
use crate::condition::{Scope, kind, walk};
use crate::{Checked, Checker, as_many, equal, require, types};

/// The context, as a record that may hold more.
pub(crate) fn context(policy: &Policy) -> Record {
    let field = |(name, ty): &(String, Type)| Field { name: name.clone(), ty: ty.clone(), required: true, nullable: false, default: None };
    Record::new(true, policy.context.iter().map(field).collect())
}

impl<'a> Checker<'a> {
    /// Labels, context, tools and host events.
    pub(crate) fn subjects(&mut self) {
        let (policy, frame) = (self.policy, self.frame);
        let labels: Vec<String> = policy.labels.iter().map(|label| label.name.clone()).collect();
        self.note(|| "the labels".to_owned(), equal("the list of labels", &labels, &frame.labels));
        self.note(|| "the language".to_owned(), equal("its version", &1, &frame.language));
        self.note(|| "the context".to_owned(), types::record(frame, frame.context, self.context));
        self.note(|| "the tools".to_owned(), as_many("tools", policy.tools.len(), frame.tools.len()));
        for ((tool, other), place) in policy.tools.iter().zip(&frame.tools).zip(0..) {
            let checked = self.tool(tool, other, place);
            self.note(|| format!("tool `{}`", tool.name), checked);
        }
        self.note(|| "the host events".to_owned(), as_many("host events", policy.events.len(), frame.events.len()));
        for ((event, other), place) in policy.events.iter().zip(&frame.events).zip(0..) {
            let checked = self.event(event, other, place);
            self.note(|| format!("host event `{}`", event.name), checked);
        }
    }

    fn tool(&mut self, tool: &'a Tool, other: &'a frame::Tool, place: u32) -> Checked {
        self.report.subjects += 1;
        equal("its name", &tool.name, &other.name)?;
        types::record(self.frame, other.args, &tool.args).map_err(|what| format!("of its arguments, {what}"))?;
        match (&tool.result, other.result) {
            (Some(result), Some(id)) => types::record(self.frame, id, result).map_err(|what| format!("of its result, {what}"))?,
            (result, id) => require(result.is_none() && id.is_none(), || "only one of both declares its result".to_owned())?,
        }
        equal("what its results carry", &self.label_set(&tool.returns)?, &other.returns)?;
        let asked = self.subjects.asked(List::Tools, place).ok_or("it is in no list")?;
        let at_call = Scope::new(&tool.args, self.context, None);
        self.guards(&at_call, &asked.guards, &other.guards)?;
        self.guards(&Scope { result: tool.result.as_ref(), ..at_call }, &asked.of_result, &other.result_guards)?;
        values(&tool.args, tool.result.as_ref(), &asked.values, &other.values)
    }

    fn event(&mut self, event: &'a Event, other: &'a frame::Event, place: u32) -> Checked {
        self.report.subjects += 1;
        equal("its name", &event.name, &other.name)?;
        types::record(self.frame, other.args, &event.args).map_err(|what| format!("of its arguments, {what}"))?;
        let asked = self.subjects.asked(List::Events, place).ok_or("it is in no list")?;
        self.guards(&Scope::new(&event.args, self.context, None), &asked.guards, &other.guards)?;
        values(&event.args, None, &asked.values, &other.values)
    }

    fn guards(&mut self, scope: &Scope<'a>, policy: &[&'a Cond], frame: &[ProgramId]) -> Checked {
        as_many("guards", policy.len(), frame.len())?;
        policy.iter().zip(frame).try_for_each(|(cond, id)| self.condition(scope, cond, *id))
    }

    /// A bit for each label.
    pub(crate) fn label_set(&self, names: &[String]) -> Checked<u64> {
        names.iter().try_fold(0, |set, name| {
            let bit = self.subjects.place(List::Labels, name).and_then(|place| 1_u64.checked_shl(place));
            bit.map(|bit| set | bit).ok_or_else(|| format!("label `{name}` has no bit"))
        })
    }
}

fn values(args: &Record, result: Option<&Record>, policy: &[Value<'_>], frame: &[ValueSource]) -> Checked {
    as_many("values that rules take", policy.len(), frame.len())?;
    policy.iter().zip(frame).try_for_each(|(value, other)| {
        let ours = source(args, result, *value).ok_or("the policy takes a value that is not declared")?;
        equal("the place of a value", &ours, other)
    })
}

fn source(args: &Record, result: Option<&Record>, value: Value<'_>) -> Option<ValueSource> {
    let Value::Path(tag, path) = value else {
        return Some(ValueSource { origin: ValueOrigin::Whole, path: Vec::new(), kind: frame::Kind::Text });
    };
    let (mut record, origin) = if path.of_result { (result?, ValueOrigin::Result) } else { (args, ValueOrigin::Arguments) };
    let mut steps = Vec::new();
    for (index, step) in path.steps.iter().enumerate() {
        let (position, ty) = walk(record, std::slice::from_ref(&step.name))?;
        steps.extend(position.into_iter().map(ValueStep::Field));
        let mut end = ty;
        if step.each {
            let Type::List(element) = end else { return None };
            steps.push(ValueStep::Each);
            end = element;
        }
        if index + 1 < path.steps.len() {
            let Type::Record(inner) = end else { return None };
            record = inner;
        }
    }
    Some(ValueSource { origin, path: steps, kind: kind(tag) })
}
