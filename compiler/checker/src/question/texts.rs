//! The texts that a question speaks of, their readings and what is asked of them.
//!
//! In: what the translation meets. Out: [`Texts`], and of it [`Class`]es: the readings that are compared with one another, with every value that they
//! need to have. Invariant: a class of `n` readings has `n` different values of each kind (or all that there are), so any pattern of equalities can be had.
//! Source: verification section 3 ("Decision procedures").

use leverframe_compiler::core::cond::Function;
use leverframe_runtime::domain::ip;

use super::automaton::{Bits, Table};
use super::language::{Kind, NOTHING, Predicate};
use super::networks;

/// A text that the letter has.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) kind: Kind,
}

/// What functions read in a text.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) text: usize,
    /// In the order in which they are applied; none: the text itself.
    pub(super) functions: Vec<Function>,
    pub(super) predicates: Vec<Predicate>,
}

/// The port of a URL, which is a number.
#[derive(Clone, Debug)]
pub(super) struct Port {
    pub(super) text: usize,
    /// What is applied before.
    pub(super) before: Vec<Function>,
    /// The unknown number.
    pub(super) number: usize,
}

/// All of a question.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    pub(super) texts: Vec<Text>,
    pub(super) readings: Vec<Reading>,
    pub(super) ports: Vec<Port>,
    /// Readings that are compared.
    pub(super) links: Vec<(usize, usize)>,
}

impl Texts {
    pub(super) fn text(&mut self, kind: Kind) -> usize {
        self.texts.push(Text { kind });
        self.texts.len() - 1
    }

    pub(super) fn reading(&mut self, text: usize, functions: &[Function]) -> usize {
        let known = self.readings.iter().position(|known| known.text == text && known.functions == functions);
        known.unwrap_or_else(|| {
            self.readings.push(Reading { text, functions: functions.to_vec(), predicates: Vec::new() });
            self.readings.len() - 1
        })
    }

    /// The number of a predicate of the reading.
    pub(super) fn predicate(&mut self, reading: usize, predicate: Predicate) -> usize {
        let Some(reading) = self.readings.get_mut(reading) else { return 0 };
        let known = reading.predicates.iter().position(|known| *known == predicate);
        known.unwrap_or_else(|| {
            reading.predicates.push(predicate);
            reading.predicates.len() - 1
        })
    }

    pub(super) fn kind(&self, reading: &Reading) -> Kind {
        match reading.functions.last() {
            Some(function) => Kind::of(*function).unwrap_or(Kind::Any),
            None => self.texts.get(reading.text).map_or(Kind::Any, |text| text.kind.clone()),
        }
    }

    /// Pairs of compared readings, and of what one function reads in both: where the former are the same text, so are the latter. They are linked.
    pub(super) fn congruent(&mut self) -> Vec<((usize, usize), (usize, usize))> {
        let mut found = Vec::new();
        loop {
            let classes = self.names();
            let mut new = Vec::new();
            for (a, first) in self.readings.iter().enumerate() {
                for (b, second) in self.readings.iter().enumerate().skip(a + 1) {
                    let (Some((one, before)), Some((other, also))) = (first.functions.split_last(), second.functions.split_last()) else {
                        continue;
                    };
                    let inner = |text: usize, functions: &[Function]| {
                        self.readings.iter().position(|known| known.text == text && known.functions == functions)
                    };
                    let (Some(from), Some(to)) = (inner(first.text, before), inner(second.text, also)) else { continue };
                    let pair = ((from, to), (a, b));
                    if one == other && from != to && classes.get(from) == classes.get(to) && !found.contains(&pair) {
                        new.push(pair);
                    }
                }
            }
            if new.is_empty() {
                return found;
            }
            self.links.extend(new.iter().map(|(_, made)| *made));
            found.extend(new);
        }
    }

    /// A name for the class of each reading.
    fn names(&self) -> Vec<usize> {
        let mut names: Vec<usize> = (0..self.readings.len()).collect();
        for (a, b) in &self.links {
            let (Some(from), Some(to)) = (names.get(*a).copied(), names.get(*b).copied()) else { continue };
            names.iter_mut().filter(|name| **name == from).for_each(|name| *name = to);
        }
        names
    }

    /// The classes, and of each reading its class.
    pub(super) fn classes(&self) -> Result<(Vec<Class>, Vec<usize>), String> {
        let class_of = self.names();
        let mut names: Vec<usize> = class_of.clone();
        names.sort_unstable();
        names.dedup();
        let members =
            |name: usize| self.readings.iter().zip(&class_of).filter(move |(_, class)| **class == name).map(|(reading, _)| reading);
        let classes: Result<Vec<Class>, String> = names.iter().map(|name| Class::new(self, &members(*name).collect::<Vec<_>>())).collect();
        let class_of = class_of.iter().filter_map(|class| names.binary_search(class).ok()).collect();
        Ok((classes?, class_of))
    }
}

/// A value that a reading may have, or several that nothing tells apart.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// Of the class's languages.
    pub(super) bits: Bits,
    /// The value, and where values stand for their like, more of them.
    pub(super) texts: Vec<String>,
}

/// Readings that are compared with one another.
pub(super) struct Class {
    predicates: Vec<Predicate>,
    kinds: Vec<Kind>,
    /// Predicates in their order, then of each kind its language and what of it is none.
    pub(super) table: Option<Table>,
    pub(super) values: Vec<Value>,
    /// Whether values are told apart one by one.
    pub(super) several: bool,
}

/// How many texts stand for their like where one would do: not each is one that the runtime takes.
const SPARE: usize = 4;

impl Class {
    fn new(texts: &Texts, members: &[&Reading]) -> Result<Self, String> {
        let mut predicates: Vec<Predicate> = Vec::new();
        let mut kinds: Vec<Kind> = Vec::new();
        for member in members {
            let kind = texts.kind(member);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
            for predicate in &member.predicates {
                if !predicates.contains(predicate) {
                    predicates.push(predicate.clone());
                }
            }
        }
        let mut class = Self { predicates, kinds, table: None, values: Vec::new(), several: members.len() > 1 };
        let most = if class.several { members.len() } else { SPARE };
        let found = if class.of_addresses() { class.addresses(most)? } else { class.words(most)? };
        for (bits, texts) in found {
            if class.several {
                class.values.extend(texts.into_iter().map(|text| Value { bits: bits.clone(), texts: vec![text] }));
            } else {
                class.values.push(Value { bits, texts });
            }
        }
        Ok(class)
    }

    /// Whether it is compared as numbers.
    fn of_addresses(&self) -> bool {
        self.kinds == [Kind::Ip] && self.predicates.iter().all(|predicate| matches!(predicate, Predicate::OneOf(_) | Predicate::InCidr(_)))
    }

    fn words(&mut self, most: usize) -> Result<Vec<(Bits, Vec<String>)>, String> {
        let mut expressions = Vec::new();
        for predicate in &self.predicates {
            let text = predicate.expression().ok_or("an address is asked for its network and for its spelling")?;
            expressions.push(text);
        }
        for kind in &self.kinds {
            let (good, bad) = kind.expressions();
            expressions.extend([good, bad.unwrap_or_else(|| NOTHING.to_owned())]);
        }
        let table = Table::new(&expressions)?;
        let fits = |bits: &Bits| self.kinds.iter().any(|kind| self.is(bits, kind));
        let found = table.samples(most, fits)?;
        self.table = Some(table);
        let mut found: Vec<(Bits, Vec<String>)> = found.into_iter().collect();
        found.sort_by_key(|(_, texts)| texts.first().map(|text| (text.len(), text.clone())));
        Ok(found)
    }

    fn addresses(&self, most: usize) -> Result<Vec<(Bits, Vec<String>)>, String> {
        let mut found: Vec<(Bits, Vec<String>)> = Vec::new();
        for text in networks::samples(&self.predicates, most) {
            let bits = self.bits(&text);
            match found.iter_mut().find(|(known, _)| *known == bits) {
                Some((_, texts)) if texts.len() < most && !texts.contains(&text) => texts.push(text),
                Some(_) => {}
                None => found.push((bits, vec![text])),
            }
        }
        Ok(found)
    }

    /// Which languages the text is in.
    pub(super) fn bits(&self, text: &str) -> Bits {
        if let Some(table) = &self.table {
            return table.of(text);
        }
        let address = ip::parse(text);
        let holds = |predicate: &Predicate| match predicate {
            Predicate::OneOf(all) => all.iter().any(|member| member == text),
            Predicate::InCidr(network) => match (&address, ip::Network::parse(network)) {
                (Ok(address), Ok(network)) => network.contains(*address),
                _ => false,
            },
            _ => false,
        };
        self.predicates.iter().map(holds).chain([address.is_ok(), false]).collect()
    }

    /// Whether a text with these languages is of the kind.
    pub(super) fn is(&self, bits: &Bits, kind: &Kind) -> bool {
        let Some(position) = self.kinds.iter().position(|known| known == kind) else { return false };
        let good = self.predicates.len() + 2 * position;
        bits.get(good).copied().unwrap_or(false) && !bits.get(good + 1).copied().unwrap_or(true)
    }

    /// Whether the value satisfies the predicate.
    pub(super) fn holds(&self, value: usize, predicate: &Predicate) -> bool {
        let bit = self.predicates.iter().position(|known| known == predicate);
        let value = self.values.get(value);
        bit.zip(value).and_then(|(bit, value)| value.bits.get(bit).copied()).unwrap_or(false)
    }

    /// The value that a text is.
    pub(super) fn find(&self, text: &str) -> Option<usize> {
        if self.several {
            return self.values.iter().position(|value| value.texts.iter().any(|known| known == text));
        }
        let bits = self.bits(text);
        self.values.iter().position(|value| value.bits == bits)
    }

    /// Another value.
    pub(super) fn add(&mut self, text: String) {
        let bits = self.bits(&text);
        if self.several && self.find(&text).is_none() && self.kinds.iter().any(|kind| self.is(&bits, kind)) {
            self.values.push(Value { bits, texts: vec![text] });
        }
    }

    /// Whether nothing is asked of it.
    pub(super) fn is_free(&self) -> bool {
        !self.several && self.predicates.is_empty()
    }
}
