//! Reads a TOML table member by member, and remembers what was wrong and where.
//!
//! In: a parsed table. Out: values; [`Problem`]s. Invariants: a member that nobody asked for is a problem, with the name that was probably meant; a value that
//! does not fit is a problem and counts as absent, so that all of a file's problems are said at once.
//! Source: TOML 1.1.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong with a configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// Where: bytes of the file.
    pub at: Range<usize>,
    /// What to do.
    pub note: Option<String>,
}

/// All problems of a file so far.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    /// One more.
    pub(super) fn add(&self, at: Range<usize>, message: impl Into<String>, note: Option<String>) {
        self.0.borrow_mut().push(Problem { message: message.into(), at, note });
    }

    /// All, by their places.
    #[must_use]
    pub(super) fn sorted(self) -> Vec<Problem> {
        let mut problems = self.0.into_inner();
        problems.sort_by_key(|problem| (problem.at.start, problem.at.end));
        problems
    }
}

/// A table that is being read.
pub(super) struct Section<'t> {
    name: String,
    table: &'t DeTable<'t>,
    at: Range<usize>,
    asked: Vec<&'static str>,
    problems: &'t Problems,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    /// The value.
    pub(super) value: T,
    /// Where: bytes of the file.
    pub(super) at: Range<usize>,
}

impl<'t> Section<'t> {
    /// The table of this name (the whole file's is empty).
    #[must_use]
    pub(super) fn new(name: &str, table: &'t DeTable<'t>, at: Range<usize>, problems: &'t Problems) -> Self {
        Self { name: name.to_owned(), table, at, asked: Vec::new(), problems }
    }

    /// Where the table stands.
    #[must_use]
    pub(super) fn at(&self) -> Range<usize> {
        self.at.clone()
    }

    fn find(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    fn unfit(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let found = kind(value.get_ref());
        self.problems.add(value.span(), format!("`{}` is {wanted}, not {found}", self.path(key)), None);
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Where a member stands.
    pub(super) fn place(&self, key: &str) -> Option<Range<usize>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value.span())
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Placed<String>> {
        let value = self.find(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(Placed { value: text.to_string(), at: value.span() }),
            _ => {
                self.unfit(key, value, "a text");
                None
            }
        }
    }

    /// A text that has to be there.
    pub(super) fn needed(&mut self, key: &'static str) -> Option<Placed<String>> {
        let there = self.table.iter().any(|(name, _)| name.get_ref() == key);
        let found = self.text(key);
        if !there {
            self.problems.add(self.at(), format!("`{}` is missing", self.path(key)), None);
        }
        found
    }

    /// One of these words.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&'static str, T)], otherwise: T) -> T {
        let Some(text) = self.text(key) else { return otherwise };
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text.value) {
            return *value;
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let note = meant(&text.value, words.iter().copied()).unwrap_or_else(|| format!("it is one of `{}`", words.join("`, `")));
        self.problems.add(text.at, format!("`{}` cannot be `{}`", self.path(key), text.value), Some(note));
        otherwise
    }

    /// A whole number in a range.
    pub(super) fn number(&mut self, key: &'static str, range: Range<u64>, otherwise: u64) -> u64 {
        let Some(value) = self.find(key) else { return otherwise };
        let DeValue::Integer(number) = value.get_ref() else {
            self.unfit(key, value, "a whole number");
            return otherwise;
        };
        match u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()) {
            Ok(number) if range.contains(&number) => number,
            _ => {
                let words = format!("`{}` is from {} to {}", self.path(key), range.start, range.end.saturating_sub(1));
                self.problems.add(value.span(), words, None);
                otherwise
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        let Some(value) = self.find(key) else { return false };
        match value.get_ref() {
            DeValue::Boolean(flag) => *flag,
            _ => {
                self.unfit(key, value, "`true` or `false`");
                false
            }
        }
    }

    /// A time such as `"30s"`, in milliseconds.
    pub(super) fn duration(&mut self, key: &'static str) -> Option<u64> {
        let text = self.text(key)?;
        let read = milliseconds(&text.value);
        if read.is_none() {
            let note = "write a whole number and `ms`, `s`, `m`, `h` or `d`".to_owned();
            self.problems.add(text.at, format!("`{}` is no time: `{}`", self.path(key), text.value), Some(note));
        }
        read
    }

    /// A list of texts; an absent one is empty.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<Placed<String>> {
        let Some(value) = self.find(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.unfit(key, value, "a list of texts");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => texts.push(Placed { value: text.to_string(), at: item.span() }),
                _ => self.unfit(key, item, "a list of texts"),
            }
        }
        texts
    }

    /// Texts by names of the author's choice.
    pub(super) fn named_texts(&mut self, key: &'static str) -> Vec<(String, Placed<String>)> {
        let Some(value) = self.find(key) else { return Vec::new() };
        let DeValue::Table(table) = value.get_ref() else {
            self.unfit(key, value, "a table of texts");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for (name, item) in table.iter() {
            match item.get_ref() {
                DeValue::String(text) => texts.push((name.get_ref().to_string(), Placed { value: text.to_string(), at: item.span() })),
                _ => self.unfit(key, item, "a table of texts"),
            }
        }
        texts
    }

    /// Any value, as JSON.
    pub(super) fn json(&mut self, key: &'static str) -> Option<Placed<serde_json::Value>> {
        let value = self.find(key)?;
        let json = as_json(value.get_ref());
        if json.is_none() {
            self.unfit(key, value, "a value that JSON has");
        }
        json.map(|json| Placed { value: json, at: value.span() })
    }

    /// A table.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Section<'t>> {
        let value = self.find(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Section::new(&self.path(key), table, value.span(), self.problems)),
            _ => {
                self.unfit(key, value, "a table");
                None
            }
        }
    }

    /// Tables by names of the author's choice.
    pub(super) fn named(&mut self, key: &'static str) -> Vec<(Placed<String>, Section<'t>)> {
        let Some(value) = self.find(key) else { return Vec::new() };
        let DeValue::Table(table) = value.get_ref() else {
            self.unfit(key, value, "a table of tables");
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (name, item) in table.iter() {
            let at = name.span();
            match item.get_ref() {
                DeValue::Table(inner) => {
                    let path = format!("{}.{}", self.path(key), name.get_ref());
                    let section = Section::new(&path, inner, at.clone(), self.problems);
                    sections.push((Placed { value: name.get_ref().to_string(), at }, section));
                }
                _ => self.unfit(key, item, "a table of tables"),
            }
        }
        sections
    }

    /// Ends the reading: what nobody asked for is a problem.
    pub(super) fn end(self) {
        for (name, _) in self.table.iter() {
            let word: &str = name.get_ref();
            if !self.asked.contains(&word) {
                let place = if self.name.is_empty() { "at the top".to_owned() } else { format!("in `{}`", self.name) };
                let note = meant(word, self.asked.iter().copied()).unwrap_or_else(|| format!("known are `{}`", self.asked.join("`, `")));
                self.problems.add(name.span(), format!("`{word}` is not known {place}"), Some(note));
            }
        }
    }
}

/// What was probably meant by a word.
pub(super) fn meant<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let near = known.map(|other| (strsim::damerau_levenshtein(word, other), other)).filter(|(distance, _)| *distance <= 2);
    near.min().map(|(_, other)| format!("did you mean `{other}`?"))
}

/// A whole number and a unit.
pub(super) fn milliseconds(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let scale = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(scale).filter(|time| i64::try_from(*time).is_ok())
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn as_json(value: &DeValue<'_>) -> Option<serde_json::Value> {
    Some(match value {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Integer(number) => i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok()?.into(),
        DeValue::Float(number) => serde_json::Number::from_f64(number.as_str().replace('_', "").parse().ok()?)?.into(),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| as_json(item.get_ref())).collect::<Option<Vec<_>>>()?.into(),
        DeValue::Table(table) => {
            let members = table.iter().map(|(name, item)| Some((name.get_ref().to_string(), as_json(item.get_ref())?)));
            serde_json::Value::Object(members.collect::<Option<_>>()?)
        }
    })
}
