//! What each text of a question can be: a finite choice.
//!
//! In: [`Texts`]. Out: for each text its [`Choice`]s: which values its readings have together, and a concrete text where one is known. Invariants: every text
//! that there is falls under some choice; a choice with a text is certain, since the runtime's own functions have read it.
//! Left out: proofs that an uncertain choice is none; what rests on one is `Unknown`. Source: verification section 3.

use std::collections::{HashMap, HashSet};

use leverframe_compiler::core::cond::Function;

use super::automaton::{Bits, Table};
use super::family::{Family, default_port, excluded, family, mark, marker, plain, with_port};
use super::joint::{Asked, Cut, Joined, joined};
use super::language::{Kind, NOTHING, reads, reads_all};
use super::texts::{Class, Texts};
use crate::limits;

/// A value for each reading of a text; none where it cannot be read.
pub(super) type Values = Vec<Option<usize>>;

/// What a text can be.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) values: Values,
    /// A text that is so, where one is known.
    pub(super) text: Option<String>,
    /// The port that it has to have; none where any will do.
    pub(super) port: Option<u16>,
}

/// All choices of a question.
pub(super) struct Options {
    pub(super) texts: Texts,
    pub(super) classes: Vec<Class>,
    /// Of each reading.
    pub(super) class_of: Vec<usize>,
    /// Of each reading, its place among those of its text.
    pub(super) place_of: Vec<usize>,
    /// Of each text.
    pub(super) choices: Vec<Vec<Choice>>,
}

impl Options {
    pub(super) fn new(mut texts: Texts) -> Result<Self, String> {
        for text in 0..texts.texts.len() {
            texts.reading(text, &[]);
        }
        mark(&mut texts);
        let (classes, class_of) = texts.classes()?;
        let mut count = vec![0_usize; texts.texts.len()];
        let mut place_of = Vec::with_capacity(texts.readings.len());
        for reading in &texts.readings {
            let Some(next) = count.get_mut(reading.text) else { continue };
            place_of.push(*next);
            *next += 1;
        }
        let mut options = Self { texts, classes, class_of, place_of, choices: Vec::new() };
        options.enlarge()?;
        for text in 0..options.texts.texts.len() {
            let choices = One::new(&options, text).choices()?;
            options.choices.push(choices);
        }
        Ok(options)
    }

    /// Gives classes whose values are told apart the values that concrete texts have: a few of each sort. More values are never wrong.
    fn enlarge(&mut self) -> Result<(), String> {
        for text in 0..self.texts.texts.len() {
            let one = One::new(self, text);
            let apart = |reading: &usize| self.class(*reading).is_some_and(|class| class.several);
            if one.readings.len() < 2 || !one.readings.iter().any(apart) {
                continue;
            }
            let mut new: Vec<(usize, String)> = Vec::new();
            let mut sorts: HashMap<Vec<Option<Bits>>, usize> = HashMap::new();
            let (_, joined) = one.possible()?;
            for text in one.concrete(&joined).into_iter().take(limits::TEXT_CANDIDATES) {
                let Some(sort) = one.sort(&text) else { continue };
                let count = sorts.entry(sort).or_default();
                *count += 1;
                if *count > limits::TEXTS_OF_A_SORT {
                    continue;
                }
                new.extend(
                    one.readings
                        .iter()
                        .copied()
                        .filter(apart)
                        .filter_map(|reading| Some((reading, reads_all(one.functions(reading), &text)?))),
                );
            }
            for (reading, text) in new {
                if let Some(class) = self.class_of.get(reading).and_then(|class| self.classes.get_mut(*class)) {
                    class.add(text);
                }
            }
        }
        Ok(())
    }

    pub(super) fn class(&self, reading: usize) -> Option<&Class> {
        self.classes.get(*self.class_of.get(reading)?)
    }

    /// The value that a choice gives to a reading.
    pub(super) fn value(&self, reading: usize, choice: &Choice) -> Option<usize> {
        choice.values.get(*self.place_of.get(reading)?).copied().flatten()
    }

    /// The text of a choice with this port, if it still is that choice.
    pub(super) fn with_port(&self, text: usize, choice: &Choice, port: u16) -> Option<String> {
        let made = with_port(choice.text.as_ref()?, port)?;
        (One::new(self, text).values(&made)? == choice.values).then_some(made)
    }
}

/// One text at work.
struct One<'o> {
    options: &'o Options,
    kind: Kind,
    /// Its readings, by number.
    readings: Vec<usize>,
    has_port: bool,
    /// Its port is read after something else was applied.
    hidden_port: bool,
}

impl<'o> One<'o> {
    fn new(options: &'o Options, text: usize) -> Self {
        let kind = options.texts.texts.get(text).map_or(Kind::Any, |text| text.kind.clone());
        let readings =
            options.texts.readings.iter().enumerate().filter(|(_, reading)| reading.text == text).map(|(index, _)| index).collect();
        let mut ports = options.texts.ports.iter().filter(|port| port.text == text);
        let has_port = ports.clone().next().is_some();
        Self { options, kind, readings, has_port, hidden_port: ports.any(|port| !port.before.is_empty()) }
    }

    fn functions(&self, reading: usize) -> &'o [Function] {
        self.options.texts.readings.get(reading).map_or(&[], |reading| reading.functions.as_slice())
    }

    /// The values that a reading may have.
    fn candidates(&self, reading: usize) -> Vec<usize> {
        let (Some(class), Some(known)) = (self.options.class(reading), self.options.texts.readings.get(reading)) else { return Vec::new() };
        let kind = self.options.texts.kind(known);
        let fits = |(index, value): (usize, &super::texts::Value)| class.is(&value.bits, &kind).then_some(index);
        class.values.iter().enumerate().filter_map(fits).collect()
    }

    fn choices(&self) -> Result<Vec<Choice>, String> {
        let (possible, joined) = self.possible()?;
        let mut certain: HashMap<Values, Vec<Choice>> = HashMap::new();
        let mut order: Vec<Values> = Vec::new();
        for text in self.concrete(&joined).into_iter().take(limits::TEXT_CANDIDATES) {
            let Some(values) = self.values(&text) else { continue };
            let port = self.fixed_port(&text, &values);
            let known = certain.entry(values.clone()).or_default();
            if known.is_empty() {
                order.push(values.clone());
            }
            if !known.iter().any(|choice| choice.port == port || choice.port.is_none()) {
                known.push(Choice { values, text: Some(text), port });
            }
        }
        let mut choices: Vec<Choice> = order.iter().filter_map(|values| certain.get(values)).flatten().cloned().collect();
        let open = possible.into_iter().filter(|values| !certain.contains_key(values));
        choices.extend(open.map(|values| Choice { values, text: None, port: None }));
        if choices.len() > limits::TEXT_OPTIONS { Err(too_many()) } else { Ok(choices) }
    }

    /// Everything that its readings may be together, or more than that; and texts that were met on the way.
    fn possible(&self) -> Result<(Vec<Values>, Vec<String>), String> {
        let plain = self.readings.iter().all(|reading| self.options.class(*reading).is_some_and(|class| class.table.is_some()));
        let whole_is_free = self.whole().and_then(|whole| self.options.class(whole)).is_none_or(Class::is_free);
        if !plain || whole_is_free {
            return Ok((self.product()?, Vec::new()));
        }
        if self.readings.len() == 2 && self.reading_of(Function::Lower).is_some() {
            let joined = self.joined(Cut::Lower)?;
            return Ok((self.of_joined(Cut::Lower, &joined)?, joined.into_iter().map(|joined| joined.text).collect()));
        }
        if self.only(Family::Email) && matches!(self.kind, Kind::Any | Kind::Email) {
            let joined = self.joined(Cut::Email)?;
            let mut possible = self.of_joined(Cut::Email, &joined)?;
            if self.kind == Kind::Any {
                possible.extend(self.product()?.into_iter().filter(|values| self.nothing_read(values)));
            }
            return Ok((possible, joined.into_iter().map(|joined| joined.text).collect()));
        }
        if self.reads_family(Family::Url) && matches!(self.kind, Kind::Any | Kind::Url) {
            // Of a string it only gives texts to try, so that it may be too large there.
            let exact = self.kind == Kind::Url && self.only(Family::Url);
            let joined = if exact { self.joined(Cut::Url)? } else { self.joined(Cut::Url).unwrap_or_default() };
            let possible = if exact { self.of_joined(Cut::Url, &joined)? } else { self.product()? };
            return Ok((possible, joined.into_iter().map(|joined| joined.text).collect()));
        }
        Ok((self.product()?, Vec::new()))
    }

    fn whole(&self) -> Option<usize> {
        self.readings.iter().copied().find(|reading| self.functions(*reading).is_empty())
    }

    /// Whether nothing but the text itself has a value.
    fn nothing_read(&self, values: &Values) -> bool {
        values.iter().zip(&self.readings).all(|(value, reading)| value.is_none() || self.functions(*reading).is_empty())
    }

    /// Whether all that is applied to it are functions of the family, once.
    fn only(&self, wanted: Family) -> bool {
        let fits = |functions: &[Function]| match functions {
            [] => true,
            [one] => family(*one) == Some(wanted),
            _ => false,
        };
        self.readings.len() > 1 && self.readings.iter().all(|reading| fits(self.functions(*reading)))
    }

    fn reads_family(&self, wanted: Family) -> bool {
        self.readings.iter().any(|reading| matches!(self.functions(*reading), [one] if family(*one) == Some(wanted)))
    }

    fn reading_of(&self, function: Function) -> Option<usize> {
        self.readings.iter().copied().find(|reading| self.functions(*reading) == [function])
    }

    fn joined(&self, cut: Cut) -> Result<Vec<Joined>, String> {
        let Some(whole) = self.whole().and_then(|whole| self.options.class(whole)?.table.as_ref()) else { return Ok(Vec::new()) };
        let functions = parts(cut);
        // A part that nothing is asked of still has its kind.
        let mut plain: Vec<Option<Table>> = Vec::new();
        for function in functions {
            let known = self.reading_of(*function).is_some();
            let kind = Kind::of(*function).filter(|_| !known);
            let expressions = kind.map(|kind| kind.expressions());
            let expressions = expressions.map(|(good, bad)| [good, bad.unwrap_or_else(|| NOTHING.to_owned())]);
            plain.push(expressions.map(|expressions| Table::new(&expressions)).transpose()?);
        }
        let asked: Option<Vec<Asked<'_>>> =
            functions.iter().zip(&plain).map(|(function, plain)| self.part(*function, plain.as_ref())).collect();
        asked.map_or_else(|| Ok(Vec::new()), |asked| joined(cut, whole, &asked))
    }

    /// What is asked of a part: as a reading, or that it is one at all.
    fn part<'t>(&self, function: Function, plain: Option<&'t Table>) -> Option<Asked<'t>>
    where
        'o: 't,
    {
        if let Some(table) = plain {
            return Some(Asked { table, fits: Box::new(|bits| *bits == [true, false]) });
        }
        let class = self.options.class(self.reading_of(function)?)?;
        let kind = Kind::of(function)?;
        Some(Asked { table: class.table.as_ref()?, fits: Box::new(move |bits| class.is(bits, &kind)) })
    }

    /// The values of what was found together.
    fn of_joined(&self, cut: Cut, all: &[Joined]) -> Result<Vec<Values>, String> {
        let mut possible: Vec<Values> = Vec::new();
        let mut seen: HashSet<Values> = HashSet::new();
        for joined in all {
            let mut rows: Vec<Values> = vec![Vec::new()];
            for reading in &self.readings {
                let part = parts(cut).iter().position(|part| self.functions(*reading) == [*part]);
                let bits = part.map_or(Some(&joined.whole), |part| joined.parts.get(part));
                let Some((bits, class)) = bits.zip(self.options.class(*reading)) else { continue };
                let fitting = |value: &usize| class.values.get(*value).is_some_and(|value| value.bits == *bits);
                let values: Vec<usize> = self.candidates(*reading).into_iter().filter(fitting).collect();
                rows = extend(&rows, &values.into_iter().map(Some).collect::<Vec<_>>());
            }
            possible.extend(rows.into_iter().filter(|row| seen.insert(row.clone())));
            if possible.len() > limits::TEXT_OPTIONS {
                return Err(too_many());
            }
        }
        Ok(possible)
    }

    /// Every combination of values and failures.
    fn product(&self) -> Result<Vec<Values>, String> {
        let mut groups: Vec<(&[Function], Family)> = Vec::new();
        for reading in &self.readings {
            for group in self.groups(self.functions(*reading)) {
                if !groups.contains(&group) {
                    groups.push(group);
                }
            }
        }
        if groups.len() > limits::TEXT_OPTIONS.ilog2() as usize {
            return Err(too_many());
        }
        let mut all: Vec<Values> = Vec::new();
        let mut seen: HashSet<Values> = HashSet::new();
        for failing in 0..1_usize << groups.len() {
            let fails = |functions: &'o [Function]| {
                self.groups(functions)
                    .iter()
                    .any(|group| groups.iter().position(|known| known == group).is_some_and(|bit| failing >> bit & 1 == 1))
            };
            let read: Vec<Family> = groups
                .iter()
                .enumerate()
                .filter(|(bit, group)| failing >> bit & 1 == 0 && group.0.is_empty())
                .map(|(_, group)| group.1)
                .collect();
            if excluded(&read) {
                continue;
            }
            let mut rows: Vec<Values> = vec![Vec::new()];
            for reading in &self.readings {
                let functions = self.functions(*reading);
                let mut values: Vec<Option<usize>> =
                    if fails(functions) { vec![None] } else { self.candidates(*reading).into_iter().map(Some).collect() };
                if functions.is_empty() && self.kind == Kind::Any {
                    values.retain(|value| self.is_marked(*reading, *value, &read));
                }
                if rows.len().saturating_mul(values.len()) > limits::TEXT_OPTIONS {
                    return Err(too_many());
                }
                rows = extend(&rows, &values);
            }
            all.extend(rows.into_iter().filter(|row| seen.insert(row.clone())));
        }
        if all.len() > limits::TEXT_OPTIONS { Err(too_many()) } else { Ok(all) }
    }

    /// Whether the text itself looks as all of the families want it.
    fn is_marked(&self, reading: usize, value: Option<usize>, read: &[Family]) -> bool {
        let (Some(class), Some(value)) = (self.options.class(reading), value) else { return true };
        let asked = self.options.texts.readings.get(reading).map_or(&[][..], |reading| reading.predicates.as_slice());
        read.iter().map(|family| marker(*family)).filter(|marker| asked.contains(marker)).all(|marker| class.holds(value, &marker))
    }

    /// What can fail on the way of a reading.
    fn groups(&self, functions: &'o [Function]) -> Vec<(&'o [Function], Family)> {
        let never = |position: usize, family: Family| {
            position == 0
                && matches!(
                    (&self.kind, family),
                    (Kind::Email, Family::Email) | (Kind::Url, Family::Url) | (Kind::Path, Family::Path) | (Kind::Ip, Family::Ip)
                )
        };
        let group = |(position, function): (usize, &Function)| {
            let family = family(*function).filter(|family| !never(position, *family))?;
            Some((functions.get(..position)?, family))
        };
        functions.iter().enumerate().filter_map(group).collect()
    }

    /// What the runtime reads in a text; none where the text cannot stand there, or is told apart from all values.
    fn values(&self, text: &str) -> Option<Values> {
        if !self.kind.confirms(text) {
            return None;
        }
        let value = |reading: &usize| match reads_all(self.functions(*reading), text) {
            None => Some(None),
            Some(read) => self.options.class(*reading)?.find(&read).map(Some),
        };
        self.readings.iter().map(value).collect()
    }

    /// The languages of its readings, whatever their values.
    fn sort(&self, text: &str) -> Option<Vec<Option<Bits>>> {
        if !self.kind.confirms(text) {
            return None;
        }
        let bits = |reading: &usize| match reads_all(self.functions(*reading), text) {
            None => Some(None),
            Some(read) => Some(Some(self.options.class(*reading)?.bits(&read))),
        };
        self.readings.iter().map(bits).collect()
    }

    /// The port, where another one would make it another choice.
    fn fixed_port(&self, text: &str, values: &Values) -> Option<u16> {
        /// Ports that stand for all others.
        const PROBES: [u16; 6] = [443, 80, 8443, 1, 65_535, 0];
        if !self.has_port {
            return None;
        }
        let port: u16 = reads(Function::UrlPort, text)?.parse().ok()?;
        let same = |port: u16| with_port(text, port).and_then(|text| self.values(&text)).as_ref() == Some(values);
        (!PROBES.into_iter().all(same)).then_some(port)
    }

    /// Texts to try, those that a person would write first before the others.
    fn concrete(&self, joined: &[String]) -> Vec<String> {
        if self.hidden_port {
            return Vec::new();
        }
        let mut texts: Vec<String> = vec![plain(&self.kind).to_owned(), "-".to_owned()];
        texts.extend(self.whole().into_iter().flat_map(|whole| self.texts_of(whole)));
        let lists = |function: Function, default: &str| {
            let mut all = vec![default.to_owned()];
            let reads = |reading: &usize| self.functions(*reading).first() == Some(&function);
            all.extend(self.readings.iter().copied().filter(reads).flat_map(|reading| self.texts_of(reading)));
            all
        };
        for text in lists(Function::Lower, "") {
            texts.extend([text.to_uppercase(), text]);
        }
        for text in lists(Function::NormPath, "/") {
            texts.extend([format!("/.{text}"), format!("{text}/"), text]);
        }
        texts.extend(lists(Function::NormIp, ""));
        if self.touches(Family::Email) {
            let domains = lists(Function::EmailDomain, "example.org");
            let mut locals = lists(Function::EmailLocal, "a");
            // Two addresses of one domain.
            locals.push("b".to_owned());
            if self.touches(Family::Path) {
                locals.push("/a".to_owned());
            }
            texts.extend(domains.iter().flat_map(|domain| locals.iter().map(move |local| format!("{local}@{domain}"))));
        }
        if self.touches(Family::Url) {
            let (schemes, hosts) = (lists(Function::UrlScheme, "https"), lists(Function::UrlHost, "example.org"));
            let paths = lists(Function::UrlPath, "/");
            for scheme in &schemes {
                let usual = if self.kind == Kind::Url { default_port(scheme) } else { "" };
                for port in [usual, ":8443", ":1"].into_iter().take(if self.has_port { 3 } else { 1 }) {
                    texts.extend(hosts.iter().flat_map(|host| paths.iter().map(move |path| format!("{scheme}://{host}{port}{path}"))));
                }
            }
        }
        texts.extend(joined.iter().cloned());
        texts
    }

    fn touches(&self, wanted: Family) -> bool {
        self.readings.iter().any(|reading| self.functions(*reading).first().is_some_and(|function| family(*function) == Some(wanted)))
    }

    fn texts_of(&self, reading: usize) -> Vec<String> {
        let Some(class) = self.options.class(reading) else { return Vec::new() };
        class.values.iter().flat_map(|value| value.texts.iter().cloned()).collect()
    }
}

fn parts(cut: Cut) -> &'static [Function] {
    match cut {
        Cut::Email => &[Function::EmailLocal, Function::EmailDomain],
        Cut::Lower => &[Function::Lower],
        Cut::Url => &[Function::UrlScheme, Function::UrlHost, Function::UrlPath],
    }
}

fn extend(rows: &[Values], values: &[Option<usize>]) -> Vec<Values> {
    rows.iter().flat_map(|row| values.iter().map(move |value| row.iter().copied().chain([*value]).collect())).collect()
}

fn too_many() -> String {
    "the conditions tell too many texts of one field apart".to_owned()
}
