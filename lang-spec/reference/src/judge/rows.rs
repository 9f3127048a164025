//! Which patterns of a rule a letter matches, and for which values.
//!
//! In: a rule and a letter. Out: a [`Row`]: for each pattern whether it matches, surely or in doubt, and the values that it finds. Invariant: what is found does not
//! depend on the rest of the history. Source: language section 4 ("Nothing fails open") and section 5 (variables); `lang-spec/core-form.md`, [core.pattern];
//! `lang-spec/variables.md`, [var.meaning].

use super::evaluate::{Moment, evaluate};
use super::history::{Letter, What};
use super::values::{Fields, Value};
use crate::policy::{Bind, Body, Cond, FieldPath, Kind, Measure, Part, Pattern, Rule, Step};

/// The values of a rule's variables, by their names.
pub(crate) type Tuple = Vec<Value>;

/// A letter as a rule sees it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) at: i64,
    /// Where what it is about began: the call of a result, the letter itself.
    pub(crate) begun: usize,
    pub(crate) is_call: bool,
    pub(crate) is_result: bool,
    /// By the numbers of the patterns.
    pub(crate) hits: Vec<Hit>,
}

/// What a pattern finds in a letter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hit {
    /// Its filters match and its guard holds.
    pub(crate) sure: bool,
    /// Its filters match and its guard cannot be evaluated.
    pub(crate) doubtful: bool,
    /// The pattern concerns every value.
    pub(crate) free: bool,
    /// In the order of the letter, each once.
    pub(crate) values: Vec<Tuple>,
    /// Some value is not there.
    pub(crate) lacking: bool,
    /// Some value is there and cannot be read: it may be any.
    pub(crate) broken: bool,
    /// What a limit measures.
    pub(crate) measured: Measured,
}

/// What a limit measures in a letter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// The elements of the field.
    pub(crate) elements: Vec<Value>,
    /// Some element is not there, or none can be read.
    pub(crate) lacking: bool,
    /// Their sum.
    pub(crate) amount: i64,
}

impl Hit {
    /// Whether the pattern matches in the history of a value, where doubt counts as matching.
    pub(crate) fn may(&self, value: &Tuple) -> bool {
        (self.sure || self.doubtful) && self.finds(value)
    }

    /// Whether the pattern matches in the history of a value, where doubt counts as not matching.
    pub(crate) fn surely(&self, value: &Tuple) -> bool {
        self.sure && self.finds(value)
    }

    fn finds(&self, value: &Tuple) -> bool {
        self.free || self.values.contains(value)
    }
}

impl Row {
    /// What the pattern of that number finds.
    pub(crate) fn hit(&self, pattern: &Pattern) -> &Hit {
        const NOTHING: &Hit = &Hit {
            sure: false,
            doubtful: false,
            free: false,
            values: Vec::new(),
            lacking: false,
            broken: false,
            measured: Measured { elements: Vec::new(), lacking: false, amount: 0 },
        };
        self.hits.get(pattern.id).unwrap_or(NOTHING)
    }
}

/// All values that stand in some rows, in the order in which they came.
pub(crate) fn values_in(rows: &[Row]) -> Vec<Tuple> {
    let mut found: Vec<Tuple> = Vec::new();
    for value in rows.iter().flat_map(|row| &row.hits).filter(|hit| !hit.free).flat_map(|hit| &hit.values) {
        if !found.contains(value) {
            found.push(value.clone());
        }
    }
    found
}

/// What a letter is to a rule.
pub(crate) fn row(rule: &Rule, letter: &Letter, position: usize) -> Row {
    let begun = match &letter.what {
        What::Result { position, .. } => *position,
        What::Call(_) | What::Event(_) | What::Denied(_) => position,
    };
    Row {
        at: letter.at,
        begun,
        is_call: matches!(letter.what, What::Call(_)),
        is_result: matches!(letter.what, What::Result { .. }),
        hits: rule.patterns().iter().map(|pattern| hit(rule, pattern, letter)).collect(),
    }
}

fn hit(rule: &Rule, pattern: &Pattern, letter: &Letter) -> Hit {
    let found = pattern.parts.iter().find_map(|part| guarded(part, letter).map(|holds| (part, holds)));
    let Some((part, holds)) = found.filter(|(_, holds)| *holds != Some(false)) else { return Hit::default() };
    let read = Readable::of(letter);
    let mut hit = Hit { sure: holds == Some(true), doubtful: holds.is_none(), ..Hit::default() };
    let measure = match &rule.body {
        Body::Limit { measure, .. } => Some(measure),
        _ => None,
    };
    let identical = matches!(measure, Some(Measure::Identical(_)));
    hit.free = part.binds.is_empty() && !identical;
    read.bind(&part.binds, &mut hit);
    if identical {
        read.whole(&mut hit);
    }
    if let Some(Measure::Distinct(_, _, path) | Measure::Sum(_, path)) = measure {
        hit.measured = read.measured(path);
    }
    hit
}

/// Nothing where the part's filters do not match; otherwise its guard, or nothing of that where it cannot be evaluated.
fn guarded(part: &Part, letter: &Letter) -> Option<Option<bool>> {
    let right_kind = match (&letter.what, part.kind) {
        (What::Call(_), kind) => kind == Kind::Call,
        (What::Result { outcome, .. }, kind) => kind == Kind::Result || kind == if outcome.ok { Kind::Ok } else { Kind::Failed },
        (What::Event(_), kind) => kind == Kind::Event,
        (What::Denied(_), kind) => kind == Kind::Denied,
    };
    let (name, persona, approved) = match &letter.what {
        What::Call(call) | What::Result { call, .. } => (&call.tool, Some(&call.persona), call.approved),
        What::Event(event) => (&event.name, event.persona.as_ref(), false),
        What::Denied(attempt) => (&attempt.tool, Some(&attempt.persona), false),
    };
    let labelled = match (&part.label, &letter.what) {
        (None, _) => true,
        (Some(label), What::Result { outcome, .. }) => outcome.labels.contains(label),
        (Some(_), _) => false,
    };
    let by = part.by.as_ref().is_none_or(|by| persona == Some(by));
    if !right_kind || !by || !labelled || (part.approved && !approved) {
        return None;
    }
    if let What::Denied(attempt) = &letter.what
        && !attempt.known
    {
        return part.unknown.then_some(None);
    }
    let case = part.cases.iter().find(|case| case.names.contains(name))?;
    // A literal needs nothing of the letter.
    if let Cond::Const(holds) = case.guard {
        return Some(Some(holds));
    }
    Some(holds(&case.guard, letter))
}

/// What a guard comes to on a letter; nothing where it cannot be evaluated.
pub(super) fn holds(guard: &Cond, letter: &Letter) -> Option<bool> {
    let read = Readable::of(letter);
    read.moment.and_then(|moment| evaluate(guard, moment, read.result).ok())
}

/// What binds find in a letter.
pub(super) fn bound(binds: &[Bind], letter: &Letter) -> Hit {
    let mut hit = Hit::default();
    Readable::of(letter).bind(binds, &mut hit);
    hit
}

/// What can be read of a letter.
struct Readable<'l> {
    tool: &'l str,
    moment: Option<&'l Moment>,
    result: Option<&'l Fields>,
}

impl<'l> Readable<'l> {
    fn of(letter: &'l Letter) -> Self {
        match &letter.what {
            What::Call(call) => Self { tool: &call.tool, moment: Some(&call.moment), result: None },
            What::Result { call, outcome, .. } => Self { tool: &call.tool, moment: Some(&call.moment), result: Some(&outcome.result) },
            What::Event(event) => Self { tool: &event.name, moment: Some(&event.moment), result: None },
            What::Denied(attempt) => Self { tool: &attempt.tool, moment: attempt.moment.as_ref(), result: None },
        }
    }

    /// All that a path leads to; a missing value is absent.
    fn at(&self, path: &FieldPath) -> Vec<Value> {
        let fields = if path.of_result { self.result } else { self.moment.map(|moment| &moment.args) };
        let mut found = Vec::new();
        match fields {
            Some(fields) => walk(fields, &path.steps, &mut found),
            None => found.push(Value::Broken),
        }
        found
    }

    /// The tuples that variables take.
    fn bind(&self, binds: &[Bind], hit: &mut Hit) {
        let mut tuples = vec![Tuple::new()];
        for bind in binds {
            let mut column: Vec<Value> = Vec::new();
            for value in self.at(&bind.path) {
                match value {
                    Value::Absent => hit.lacking = true,
                    Value::Broken => (hit.lacking, hit.broken) = (true, true),
                    value if column.contains(&value) => {}
                    value => column.push(value),
                }
            }
            let longer = |tuple: &Tuple| column.iter().map(|value| [tuple.clone(), vec![value.clone()]].concat()).collect::<Vec<_>>();
            tuples = tuples.iter().flat_map(longer).collect();
        }
        hit.values = tuples;
    }

    /// The tool and all its arguments, as one more value.
    fn whole(&self, hit: &mut Hit) {
        match self.moment {
            Some(moment) => {
                let all = [Value::Text(self.tool.to_owned()), Value::Record(moment.args.clone())];
                hit.values.iter_mut().for_each(|tuple| tuple.extend(all.clone()));
            }
            None => (hit.lacking, hit.broken, hit.values) = (true, true, Vec::new()),
        }
    }

    fn measured(&self, path: &FieldPath) -> Measured {
        let mut measured = Measured::default();
        for value in self.at(path) {
            match value {
                // What cannot be read counts as the most there is ([limit.sum]).
                Value::Broken => (measured.lacking, measured.amount) = (true, i64::MAX),
                Value::Absent => measured.lacking = true,
                value => {
                    if let Value::Int(amount) = value {
                        measured.amount = measured.amount.saturating_add(amount);
                    }
                    measured.elements.push(value);
                }
            }
        }
        measured
    }
}

fn walk(fields: &Fields, steps: &[Step], found: &mut Vec<Value>) {
    let Some((step, rest)) = steps.split_first() else { return };
    let value = fields.get(&step.name).unwrap_or(&Value::Absent);
    match value {
        Value::List(items) if step.each => {
            // An empty list lacks a value.
            if items.is_empty() {
                found.push(Value::Absent);
            }
            items.iter().for_each(|item| end(item, rest, found));
        }
        value => end(value, rest, found),
    }
}

fn end(value: &Value, rest: &[Step], found: &mut Vec<Value>) {
    match value {
        Value::Record(fields) if !rest.is_empty() => walk(fields, rest, found),
        Value::Absent | Value::Broken => found.push(value.clone()),
        value if rest.is_empty() => found.push(value.clone()),
        _ => found.push(Value::Absent),
    }
}
