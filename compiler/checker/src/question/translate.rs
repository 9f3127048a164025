//! Conditions become pairs of formulas: when they hold, and when they fail.
//!
//! In: conditions of the core form. Out: formulas over the unknowns of a [`Letter`]. Invariant: of a pair at most one is true on a letter; parts are read
//! from left to right, and the first that decides, or fails, ends it.
//! Source: language sections 4 and 9; `lang-spec/core-form.md`, [core.cond].

use leverframe_compiler::core::cond::{CompareOp, Function};
use leverframe_compiler::core::{Cond, Literal, Term, Type, TypeTag};

use super::formula::{F, Graph, N, NO, Number, Op, Unknown, YES};
use super::language::{Predicate, reads};
use super::letter::{Letter, Place};
use super::slots::Slots;
use super::texts::Port;

/// When a condition holds and when it cannot be evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Truth {
    pub(super) holds: F,
    pub(super) fails: F,
}

/// What a term comes to.
struct Got<'c> {
    fails: F,
    present: F,
    what: What<'c>,
}

enum What<'c> {
    Truth(F),
    Number(N),
    /// A reading.
    Text(usize),
    Literal(String),
    List(String, &'c Type),
    /// It is there or not, and that is all.
    Thing,
}

/// The translation of one question.
pub(super) struct Translation<'c> {
    pub(super) letter: Letter<'c>,
    slots: Slots,
    elements: Vec<(String, Place<'c>)>,
}

const FAILS: Truth = Truth { holds: NO, fails: YES };

impl<'c> Translation<'c> {
    pub(super) fn new(letter: Letter<'c>, slots: Slots) -> Self {
        Self { letter, slots, elements: Vec::new() }
    }

    pub(super) fn condition(&mut self, cond: &Cond) -> Truth {
        match cond {
            Cond::Const(value) => Truth { holds: Graph::constant(*value), fails: NO },
            Cond::And(parts) => {
                let parts: Vec<Truth> = parts.iter().map(|part| self.condition(part)).collect();
                self.all(&parts)
            }
            Cond::Or(parts) => {
                let parts: Vec<Truth> = parts.iter().map(|part| self.condition(part)).collect();
                self.any(&parts)
            }
            Cond::Not(part) => {
                let part = self.condition(part);
                self.contrary(part)
            }
            Cond::Present(term) => {
                let got = self.term(term);
                self.answer(got.fails, got.present)
            }
            Cond::Compare(op, tag, a, b) => self.compare(*op, *tag, a, b),
            Cond::In(tag, term, literals) => self.one_of(*tag, term, literals),
            Cond::InCidr(term, network) => self.text(term, Predicate::InCidr(network.clone())),
            Cond::UnderHost(term, root) => self.text(term, Predicate::UnderHost(root.clone())),
            Cond::UnderPath(term, root) => self.text(term, Predicate::UnderPath(root.clone())),
            Cond::Text(op, term, literal) => self.text(term, Predicate::text(*op, literal)),
            Cond::All(name, list, body) => self.quantified(name, list, body, Self::all),
            Cond::Some(name, list, body) => self.quantified(name, list, body, Self::any),
            Cond::Has(label) => Truth { holds: self.letter.has(*label), fails: NO },
            Cond::Carries(label) => Truth { holds: self.letter.carries(*label), fails: NO },
        }
    }

    /// What is true of functions: they read the same in the same text.
    pub(super) fn functions(&mut self) -> F {
        let pairs = self.letter.texts.congruent();
        pairs.into_iter().fold(YES, |all, ((from, to), (a, b))| {
            let (same, same_read) = (self.graph().op(Op::Same(from.min(to), from.max(to))), self.graph().op(Op::Same(a.min(b), a.max(b))));
            let (a, b) = (self.graph().op(Op::Unread(a)), self.graph().op(Op::Unread(b)));
            let (unread, differ) = (self.graph().and(a, b), self.graph().not(same));
            let either = self.graph().or(same_read, unread);
            let holds = self.graph().or(differ, either);
            self.graph().and(all, holds)
        })
    }

    fn graph(&mut self) -> &mut Graph {
        &mut self.letter.graph
    }

    /// What `holds` says where nothing fails.
    fn answer(&mut self, fails: F, holds: F) -> Truth {
        let evaluated = self.graph().not(fails);
        Truth { holds: self.graph().and(evaluated, holds), fails }
    }

    fn contrary(&mut self, truth: Truth) -> Truth {
        let decided = self.graph().or(truth.holds, truth.fails);
        Truth { holds: self.graph().not(decided), fails: truth.fails }
    }

    fn all(&mut self, parts: &[Truth]) -> Truth {
        parts.iter().rev().fold(Truth { holds: YES, fails: NO }, |rest, part| {
            let later = self.graph().and(part.holds, rest.fails);
            Truth { holds: self.graph().and(part.holds, rest.holds), fails: self.graph().or(part.fails, later) }
        })
    }

    fn any(&mut self, parts: &[Truth]) -> Truth {
        parts.iter().rev().fold(Truth { holds: NO, fails: NO }, |rest, part| {
            let ended = self.graph().or(part.holds, part.fails);
            let goes_on = self.graph().not(ended);
            let (holds, fails) = (self.graph().and(goes_on, rest.holds), self.graph().and(goes_on, rest.fails));
            Truth { holds: self.graph().or(part.holds, holds), fails: self.graph().or(part.fails, fails) }
        })
    }

    fn quantified(&mut self, name: &str, list: &Term, body: &Cond, join: fn(&mut Self, &[Truth]) -> Truth) -> Truth {
        let got = self.term(list);
        let What::List(key, element) = got.what else { return FAILS };
        let fails = self.unreadable(got.fails, got.present);
        let (size, slots) = self.list(&key);
        let neutral = join(self, &[]);
        let mut parts = Vec::new();
        for slot in 0..slots {
            let position = self.graph().int(i64::try_from(slot).unwrap_or(i64::MAX));
            let active = self.graph().compare(CompareOp::Lt, position, size);
            self.elements.push((name.to_owned(), Place { key: format!("{key}[{slot}]"), present: YES, ty: Some(element) }));
            let part = self.condition(body);
            self.elements.pop();
            parts.push(self.where_active(active, part, neutral));
        }
        let truth = join(self, &parts);
        let readable = self.graph().not(fails);
        let inner = self.graph().and(readable, truth.fails);
        Truth { holds: self.graph().and(readable, truth.holds), fails: self.graph().or(fails, inner) }
    }

    fn where_active(&mut self, active: F, part: Truth, neutral: Truth) -> Truth {
        let holds = if neutral.holds == YES {
            let idle = self.graph().not(active);
            self.graph().or(idle, part.holds)
        } else {
            self.graph().and(active, part.holds)
        };
        Truth { holds, fails: self.graph().and(active, part.fails) }
    }

    /// Size and slots of the list at a key.
    fn list(&mut self, key: &str) -> (N, usize) {
        let mut way = String::new();
        let mut inside = false;
        for character in key.chars() {
            match character {
                '[' => inside = true,
                ']' => {
                    inside = false;
                    way.push_str("[]");
                }
                _ if inside => {}
                other => way.push(other),
            }
        }
        let slots = self.slots.get(&way).copied().unwrap_or(1);
        self.letter.list(key, slots)
    }

    /// An absent value compares with nothing.
    fn unreadable(&mut self, fails: F, present: F) -> F {
        let absent = self.graph().not(present);
        self.graph().or(fails, absent)
    }

    fn compare(&mut self, op: CompareOp, tag: TypeTag, a: &Term, b: &Term) -> Truth {
        let (a, b) = (self.term(a), self.term(b));
        let (a_fails, b_fails) = (self.unreadable(a.fails, a.present), self.unreadable(b.fails, b.present));
        let fails = self.graph().or(a_fails, b_fails);
        let holds = match (tag, a.what, b.what) {
            (TypeTag::Bool, What::Truth(a), What::Truth(b)) => {
                let same = self.graph().equal_truths(a, b);
                self.as_asked(op, same)
            }
            (TypeTag::Int | TypeTag::Number | TypeTag::Timestamp | TypeTag::Duration, What::Number(a), What::Number(b)) => {
                self.graph().compare(op, a, b)
            }
            (_, What::Text(a), What::Text(b)) => {
                let same = self.same(a, b);
                self.as_asked(op, same)
            }
            (_, What::Text(reading), What::Literal(text)) | (_, What::Literal(text), What::Text(reading)) => {
                let same = self.predicate(reading, Predicate::OneOf(vec![text]));
                self.as_asked(op, same)
            }
            (_, What::Literal(a), What::Literal(b)) => self.as_asked(op, Graph::constant(a == b)),
            _ => return FAILS,
        };
        self.answer(fails, holds)
    }

    /// Truths and texts have no order, so what is no `==` is a `!=`.
    fn as_asked(&mut self, op: CompareOp, same: F) -> F {
        if op == CompareOp::Eq { same } else { self.graph().not(same) }
    }

    fn same(&mut self, a: usize, b: usize) -> F {
        if a == b {
            return YES;
        }
        self.letter.texts.links.push((a, b));
        self.graph().op(Op::Same(a.min(b), a.max(b)))
    }

    fn predicate(&mut self, reading: usize, predicate: Predicate) -> F {
        let number = self.letter.texts.predicate(reading, predicate);
        self.graph().op(Op::Text(reading, number))
    }

    fn one_of(&mut self, tag: TypeTag, term: &Term, literals: &[Literal]) -> Truth {
        let got = self.term(term);
        if let What::Text(reading) = got.what {
            let texts = literals.iter().filter_map(|literal| if let Literal::String(text) = literal { Some(text.clone()) } else { None });
            let fails = self.unreadable(got.fails, got.present);
            let holds = self.predicate(reading, Predicate::OneOf(texts.collect()));
            return self.answer(fails, holds);
        }
        let compare = |literal: &Literal| self.compare(CompareOp::Eq, tag, term, &Term::Literal(literal.clone()));
        let parts: Vec<Truth> = literals.iter().map(compare).collect();
        self.any(&parts)
    }

    fn text(&mut self, term: &Term, predicate: Predicate) -> Truth {
        let got = self.term(term);
        let What::Text(reading) = got.what else { return FAILS };
        let fails = self.unreadable(got.fails, got.present);
        let holds = self.predicate(reading, predicate);
        self.answer(fails, holds)
    }

    fn term(&mut self, term: &Term) -> Got<'c> {
        let nothing = Got { fails: YES, present: NO, what: What::Thing };
        match term {
            Term::Arg(names) => {
                let place = self.letter.argument(names);
                self.at_place(place)
            }
            Term::Result(names) => match self.letter.of_result(names) {
                Some(place) => self.at_place(place),
                None => nothing,
            },
            Term::Context(names) => match self.letter.context(names) {
                Some(place) => self.at_place(place),
                None => nothing,
            },
            Term::Var(name, names) => {
                let Some((_, place)) = self.elements.iter().rev().find(|(bound, _)| bound == name) else { return nothing };
                let place = self.letter.inside(place.clone(), names);
                self.at_place(place)
            }
            Term::At => Got { fails: NO, present: YES, what: What::Number(self.letter.time()) },
            Term::Literal(literal) => Got { fails: NO, present: YES, what: self.literal(literal) },
            Term::Apply(function, inner) => {
                let inner = self.term(inner);
                self.apply(*function, inner)
            }
            Term::Arith(op, a, b) => {
                let (a, b) = (self.term(a), self.term(b));
                let (a_fails, b_fails) = (self.unreadable(a.fails, a.present), self.unreadable(b.fails, b.present));
                let (What::Number(a), What::Number(b)) = (a.what, b.what) else { return nothing };
                let (made, overflow) = self.graph().arith(*op, a, b);
                let sides = self.graph().or(a_fails, b_fails);
                Got { fails: self.graph().or(sides, overflow), present: YES, what: What::Number(made) }
            }
        }
    }

    fn literal(&mut self, literal: &Literal) -> What<'c> {
        match literal {
            Literal::Bool(value) => What::Truth(Graph::constant(*value)),
            Literal::Int(value) | Literal::Timestamp(value) | Literal::Duration(value) => What::Number(self.graph().int(*value)),
            Literal::Number(text) => What::Number(self.graph().number(Number::Decimal(text.clone()))),
            Literal::String(text) => What::Literal(text.clone()),
        }
    }

    fn at_place(&mut self, place: Place<'c>) -> Got<'c> {
        let what = match place.ty {
            Some(Type::Bool) => What::Truth(self.letter.truth(&place.key)),
            Some(Type::List(element)) => What::List(place.key, element),
            Some(ty) => {
                let number = self.letter.number(&place.key, ty).map(What::Number);
                let word = self.letter.word(&place.key, ty);
                number.or_else(|| Some(What::Text(self.letter.texts.reading(word?, &[])))).unwrap_or(What::Thing)
            }
            None => What::Thing,
        };
        Got { fails: NO, present: place.present, what }
    }

    fn apply(&mut self, function: Function, inner: Got<'c>) -> Got<'c> {
        let fails = self.unreadable(inner.fails, inner.present);
        let (what, unread) = match (function, inner.what) {
            (Function::Size, What::List(key, _)) => (What::Number(self.list(&key).0), NO),
            (Function::Hour, What::Number(at)) => (What::Number(self.graph().number(Number::Hour(at))), NO),
            (Function::Weekday, What::Number(at)) => (What::Number(self.graph().number(Number::Weekday(at))), NO),
            (Function::UrlPort, What::Text(reading)) => self.port(reading),
            (_, What::Text(reading)) => self.derived(reading, function),
            (Function::UrlPort, What::Literal(text)) => match reads(function, &text).and_then(|port| port.parse().ok()) {
                Some(port) => (What::Number(self.graph().int(port)), NO),
                None => (What::Thing, YES),
            },
            (_, What::Literal(text)) => reads(function, &text).map_or((What::Thing, YES), |text| (What::Literal(text), NO)),
            _ => (What::Thing, YES),
        };
        Got { fails: self.graph().or(fails, unread), present: YES, what }
    }

    fn derived(&mut self, reading: usize, function: Function) -> (What<'c>, F) {
        let Some(inner) = self.letter.texts.readings.get(reading).cloned() else { return (What::Thing, YES) };
        let functions: Vec<Function> = inner.functions.iter().copied().chain([function]).collect();
        let made = self.letter.texts.reading(inner.text, &functions);
        // Readings are made whether or not they can fail; the options know which do.
        (What::Text(made), self.graph().op(Op::Unread(made)))
    }

    /// The port is an unknown of its own; it is there where the host is.
    fn port(&mut self, reading: usize) -> (What<'c>, F) {
        let (_, unread) = self.derived(reading, Function::UrlHost);
        let Some(inner) = self.letter.texts.readings.get(reading).cloned() else { return (What::Thing, YES) };
        let known = self.letter.texts.ports.iter().find(|port| port.text == inner.text && port.before == inner.functions);
        if let Some(known) = known {
            let number = known.number;
            return (What::Number(self.graph().number(Number::Unknown(number))), unread);
        }
        let made = self.graph().fresh(Unknown { lo: 0, hi: i64::from(u16::MAX), decimal: false });
        let number = self.graph().unknowns.len() - 1;
        self.letter.texts.ports.push(Port { text: inner.text, before: inner.functions, number });
        (What::Number(made), unread)
    }
}
