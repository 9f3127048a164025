//! A letter made of an assignment.
//!
//! In: the unknowns of a letter and their values. Out: an [`Example`]. Invariants: every required field is there, optional ones only where something is asked
//! of them; every context field is there; a list is never longer than the bound.
//! Left out: whether it is what it should be, which the runtime says. Source: language section 3.

use leverframe_compiler::core::{Field, LabelId, Record, Type};
use serde_json::{Map, Value};

use super::Example;
use super::family::plain;
use super::formula::{F, N, Number, Op};
use super::letter::{Letter, kind};

use super::problem::{Amount, Assignment, Problem};
use super::timestamp::{duration, timestamp};
use crate::limits;

/// The unknowns of a letter, by place, without the formula.
pub(super) struct Places<'c> {
    letter: Letter<'c>,
}

impl<'c> Places<'c> {
    /// Keeps the places; graph and texts have gone into the problem.
    pub(super) fn of(letter: Letter<'c>) -> Self {
        Self { letter }
    }

    pub(super) fn example(&self, problem: &Problem, assignment: &Assignment) -> Result<Example, String> {
        let maker = Maker { letter: &self.letter, problem, assignment };
        let mut context = Map::new();
        for field in &self.letter.core.context {
            context.insert(field.name.clone(), maker.value(&format!("context.{}", field.name), &field.ty)?);
        }
        let result = match self.letter.result.filter(|_| self.letter.reads_result) {
            Some(result) => Some(Value::Object(maker.record("result", result)?)),
            None => None,
        };
        let at = match self.letter.at.map(|at| maker.amount(at)) {
            Some(Some(Amount::Int(at))) => i64::try_from(at).unwrap_or(0),
            _ => 0,
        };
        let labels = |map: &std::collections::BTreeMap<LabelId, F>| {
            map.iter().filter(|(_, truth)| maker.truth(**truth)).map(|(label, _)| *label).collect()
        };
        let (has, carries) = (labels(&self.letter.has), labels(&self.letter.carries));
        Ok(Example { args: maker.record("args", self.letter.args)?, context, has, carries, at, result })
    }
}

struct Maker<'m, 'c> {
    letter: &'m Letter<'c>,
    problem: &'m Problem,
    assignment: &'m Assignment,
}

impl Maker<'_, '_> {
    fn truth(&self, F(at): F) -> bool {
        match self.problem.graph.ops.get(at) {
            Some(Op::Bool(index)) => self.assignment.bools.get(*index).copied().unwrap_or(false),
            Some(Op::Const(value)) => *value,
            _ => false,
        }
    }

    fn amount(&self, N(at): N) -> Option<Amount> {
        match self.problem.graph.numbers.get(at) {
            Some(Number::Unknown(index)) => self.assignment.numbers.get(*index).cloned(),
            _ => None,
        }
    }

    fn record(&self, key: &str, record: &Record) -> Result<Map<String, Value>, String> {
        let mut made = Map::new();
        for field in &record.fields {
            let key = format!("{key}.{}", field.name);
            if self.is_there(&key, field) {
                made.insert(field.name.clone(), self.value(&key, &field.ty)?);
            } else if field.required || (field.default.is_some() && self.letter.present.contains_key(&key)) {
                made.insert(field.name.clone(), Value::Null);
            }
        }
        Ok(made)
    }

    fn is_there(&self, key: &str, field: &Field) -> bool {
        match self.letter.present.get(key) {
            Some(present) => self.truth(*present),
            None if field.default.is_some() && !field.required => self.is_read(key),
            None => field.required && !field.nullable,
        }
    }

    /// Whether something is asked of the value at a key.
    fn is_read(&self, key: &str) -> bool {
        let letter = self.letter;
        letter.truths.contains_key(key)
            || letter.numbers.contains_key(key)
            || letter.words.contains_key(key)
            || letter.lists.contains_key(key)
    }

    fn value(&self, key: &str, ty: &Type) -> Result<Value, String> {
        Ok(match ty {
            Type::Bool => Value::Bool(self.letter.truths.get(key).is_some_and(|truth| self.truth(*truth))),
            Type::Int { .. } | Type::Number | Type::Timestamp | Type::Duration => self.number(key, ty)?,
            Type::Json(_) => Value::Object(Map::new()),
            Type::List(element) => self.list(key, element)?,
            Type::Record(record) => Value::Object(self.record(key, record)?),
            Type::String | Type::Enum(_) | Type::Email | Type::Url | Type::Path | Type::Ip => Value::String(self.text(key, ty)?),
        })
    }

    fn number(&self, key: &str, ty: &Type) -> Result<Value, String> {
        let least = match ty {
            Type::Int { lo, hi } => 0_i64.clamp(*lo, *hi),
            _ => 0,
        };
        let amount = self.letter.numbers.get(key).and_then(|number| self.amount(*number)).unwrap_or(Amount::Int(least.into()));
        let int = match &amount {
            Amount::Decimal(text) => {
                // Where digits would be lost on the way, the example would be another one.
                let value: Option<Value> =
                    serde_json::from_str(text).ok().filter(|value: &Value| value.to_string().trim_end_matches(".0") == text);
                return value.ok_or_else(|| "a number of the example has too many digits".to_owned());
            }
            Amount::Int(value) => i64::try_from(*value).map_err(|_| "a number of the example is out of range".to_owned())?,
        };
        Ok(match ty {
            Type::Timestamp => Value::String(timestamp(int)),
            Type::Duration => Value::String(duration(int)),
            _ => Value::from(int),
        })
    }

    fn list(&self, key: &str, element: &Type) -> Result<Value, String> {
        let Some((size, slots)) = self.letter.lists.get(key) else { return Ok(Value::Array(Vec::new())) };
        let size = match self.amount(*size) {
            Some(Amount::Int(size)) if size <= limits::LIST_PRINTED => usize::try_from(size).unwrap_or(0),
            _ => return Err(format!("an example needs a list of more than {} elements", limits::LIST_PRINTED)),
        };
        let distinct: Result<Vec<Value>, String> =
            (0..size.min(*slots)).map(|slot| self.value(&format!("{key}[{slot}]"), element)).collect();
        let mut elements = distinct?;
        // Elements beyond the slots are copies of the last one.
        if let Some(last) = elements.last().cloned() {
            elements.resize(size, last);
        }
        Ok(Value::Array(elements))
    }

    fn text(&self, key: &str, ty: &Type) -> Result<String, String> {
        let otherwise = || kind(ty).map_or_else(String::new, |kind| plain(&kind).to_owned());
        let Some(text) = self.letter.words.get(key).copied() else { return Ok(otherwise()) };
        let chosen = self.assignment.choices.get(text).and_then(|choice| self.problem.options.choices.get(text)?.get(*choice));
        let Some(chosen) = chosen.filter(|_| self.problem.used.texts.contains(&text)) else { return Ok(otherwise()) };
        let unknown = || "no text could be made that is read in all the ways that the conditions ask for".to_owned();
        let Some(port) = self.problem.ports(text).next() else { return chosen.text.clone().ok_or_else(unknown) };
        let wanted = match self.assignment.numbers.get(port) {
            Some(Amount::Int(port)) => u16::try_from(*port).ok(),
            _ => None,
        };
        let read = chosen.text.as_ref().and_then(|text| super::language::reads(leverframe_compiler::core::cond::Function::UrlPort, text));
        match (wanted, read) {
            // No URL, or one that has the port already.
            (_, None) => chosen.text.clone().ok_or_else(unknown),
            (Some(wanted), Some(read)) if read == wanted.to_string() => chosen.text.clone().ok_or_else(unknown),
            (Some(wanted), Some(_)) => self.problem.options.with_port(text, chosen, wanted).ok_or_else(unknown),
            (None, Some(_)) => Err(unknown()),
        }
    }
}
