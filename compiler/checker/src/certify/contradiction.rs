//! Contradictions among few tests.
//!
//! In: tests that were decided, the last of them new. Out: a lemma of as few of them as will do, with the rule that shows it. Invariant: where a rule would need more
//! than its bound nothing is found. Source: `lang-spec/certificate.md`, [cert.lemmas].

use std::collections::HashMap;

use leverframe_compiler::core::cond::{CompareOp, Function};
use leverframe_compiler::core::{Cond, Core, Literal, Record, Term, ToolId, Type};
use leverframe_runtime::domain::ip;
use leverframe_runtime::frame::{Lemma, LemmaRule};

use super::numbers::Numbers;
use super::sums::{Reader, Says};
use super::{computed, farkas, texts};
use crate::limits::{LEMMA_LITERALS, LEMMA_TESTS};

/// Sets of predicates of one text that were looked at before, and whether no text has them.
#[derive(Default)]
pub(super) struct Known(pub(super) HashMap<Vec<(String, bool)>, bool>);

/// What the values of a term are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sort {
    Int(i64, i64),
    /// All integers: what arithmetic comes to where nothing is said of 64 bits.
    Whole,
    Number,
    Members(Vec<Literal>),
    Text,
    Address,
}

/// The number of a test and what it came to.
type Numbered = (u16, bool);

/// Whoever finds contradictions among the tests of one obligation.
pub(super) struct Prover<'s, 'a> {
    core: &'s Core,
    tool: ToolId,
    tests: &'s [&'a Cond],
    known: &'s mut Known,
    /// Whether some test is of several terms, or of arithmetic: without one there is nothing to add up.
    adds: bool,
}

/// A test and what it came to.
pub(super) type Decided<'a> = (&'a Cond, bool);

impl<'s, 'a> Prover<'s, 'a> {
    pub(super) fn new(core: &'s Core, tool: ToolId, tests: &'s [&'a Cond], known: &'s mut Known) -> Self {
        let adds = tests.iter().any(|test| terms(test).len() > 1 || computes(test));
        Self { core, tool, tests, known, adds }
    }

    /// Why what is decided is impossible, if the test that was decided last makes it so.
    pub(super) fn lemma(&mut self, decided: &[Option<bool>], last: u16) -> Option<Lemma> {
        let newest = *self.tests.get(usize::from(last))?;
        self.of_one_value(decided, newest)
            .or_else(|| self.of_equalities(decided, newest))
            .or_else(|| self.of_sums(decided, last))
            .or_else(|| self.of_what_is_computed(decided, newest))
    }

    fn of_one_value(&mut self, decided: &[Option<bool>], newest: &'a Cond) -> Option<Lemma> {
        let term = terms(newest).first().copied().filter(|term| reads_only(newest, term))?;
        let sort = self.sort(term)?;
        let mut group = self.decided(decided, |test| reads_only(test, term));
        let rule = self.rule(&sort, term, &group)?;
        shrink(&mut group, |fewer| self.holds(&rule, &sort, term, fewer));
        Some(Lemma { tests: numbers(&group), rule })
    }

    fn of_equalities(&self, decided: &[Option<bool>], newest: &Cond) -> Option<Lemma> {
        let equality = |test: &Cond| matches!(test, Cond::Compare(CompareOp::Eq | CompareOp::Ne, ..));
        let mut group = if equality(newest) { self.decided(decided, equality) } else { Vec::new() };
        let holds = |tests: &[Numbered]| {
            let tests = self.conds(tests);
            texts::unequal(&tests) && tests.iter().all(|(test, _)| terms(test).iter().all(|term| self.sort(term).is_some()))
        };
        let shown = holds(&group);
        if shown {
            shrink(&mut group, holds);
        }
        (shown && group.len() <= LEMMA_TESTS).then(|| Lemma { tests: numbers(&group), rule: LemmaRule::Equality })
    }

    /// Of the comparisons of numbers that have to do with the newest, by some chain of terms.
    fn of_sums(&self, decided: &[Option<bool>], last: u16) -> Option<Lemma> {
        if !self.adds {
            return None;
        }
        let sort = |term: &Term| self.sort(term);
        let mut reader = Reader::new(&sort);
        let newest = self.decided(decided, |_| true).into_iter().find(|(test, _)| *test == last)?;
        let mut of = |(test, holds): Numbered| Some((test, reader.says((*self.tests.get(usize::from(test))?, holds))?));
        let mut group = vec![of(newest)?];
        let others = self.decided(decided, |_| true).into_iter().filter(|(test, _)| *test != last);
        let mut left: Vec<(u16, Says)> = others.filter_map(of).collect();
        let mut terms: Vec<usize> = group.iter().flat_map(|(_, says)| says.terms()).collect();
        while let Some(at) = left.iter().position(|(_, says)| says.terms().iter().any(|term| terms.contains(term))) {
            let (test, says) = left.swap_remove(at);
            terms.extend(says.terms());
            group.push((test, says));
        }
        let few = group.len() <= LEMMA_TESTS / 2;
        // What each test says of one term alone is the matter of `Interval`.
        let computed = |test: &u16| self.tests.get(usize::from(*test)).is_some_and(|test| computes(test));
        let several = group.iter().any(|(test, says)| says.terms().len() != 1 || computed(test));
        let lemma = (few && several).then(|| farkas::lemma(&group, &reader.ranges().collect::<Vec<_>>()))??;
        (lemma.tests.len() <= LEMMA_TESTS).then_some(lemma)
    }

    /// Of what is computed of a term that is one of some literals.
    fn of_what_is_computed(&self, decided: &[Option<bool>], newest: &Cond) -> Option<Lemma> {
        let pins = self.decided(decided, |test| terms(test).len() == 1 && !matches!(test, Cond::Text(..)));
        pins.into_iter().find_map(|pin| {
            let (test, holds) = self.conds(&[pin]).pop()?;
            let term = *terms(test).first()?;
            let literals = texts::alternatives(&[(test, holds)]).filter(|literals| literals.len() <= LEMMA_LITERALS)?;
            let sort = self.sort(term).filter(|sort| literals.iter().all(|literal| sort.is_only(literal)))?;
            let reads = |test: &Cond| !terms(test).is_empty() && terms(test).iter().all(|read| computed::is_of(read, term));
            let mut others = self.decided(decided, |other| reads(other) && !std::ptr::eq(other, test));
            let fails = |others: &[Numbered]| {
                let tests = self.conds(others);
                let work = tests.iter().map(|(test, _)| size(test)).sum::<usize>() * literals.len();
                let fails = |value: &Literal| tests.iter().any(|(test, holds)| computed::truth(test, term, value) == Some(!holds));
                work <= LEMMA_LITERALS && literals.iter().all(fails)
            };
            if !reads(newest) || sort.is_empty() || !fails(&others) {
                return None;
            }
            shrink(&mut others, fails);
            let tests = std::iter::once(pin.0).chain(numbers(&others)).collect::<Vec<u16>>();
            (tests.len() <= LEMMA_TESTS).then_some(Lemma { tests, rule: LemmaRule::Substitution })
        })
    }

    fn decided(&self, decided: &[Option<bool>], wanted: impl Fn(&Cond) -> bool) -> Vec<Numbered> {
        let all = (0..).zip(self.tests.iter().zip(decided));
        all.filter_map(|(number, (test, value))| Some((number, (*value)?)).filter(|_| wanted(test))).collect()
    }

    fn conds(&self, group: &[Numbered]) -> Vec<Decided<'a>> {
        group.iter().filter_map(|(test, holds)| Some((*self.tests.get(usize::from(*test))?, *holds))).collect()
    }

    /// A rule that shows that the group is impossible.
    fn rule(&mut self, sort: &Sort, term: &Term, group: &[Numbered]) -> Option<LemmaRule> {
        let rules: &[LemmaRule] = match sort {
            Sort::Int(..) | Sort::Whole | Sort::Number => &[LemmaRule::Interval],
            Sort::Members(_) => &[LemmaRule::Enumeration],
            Sort::Text => &[LemmaRule::Literal, LemmaRule::Regular],
            Sort::Address => &[LemmaRule::Networks, LemmaRule::Literal, LemmaRule::Regular],
        };
        rules.iter().find(|rule| self.holds(rule, sort, term, group)).cloned()
    }

    fn holds(&mut self, rule: &LemmaRule, sort: &Sort, term: &Term, group: &[Numbered]) -> bool {
        let tests = self.conds(group);
        if tests.len() > LEMMA_TESTS || tests.iter().map(|(test, _)| size(test)).sum::<usize>() > LEMMA_LITERALS {
            return false;
        }
        match (rule, sort) {
            (LemmaRule::Interval, Sort::Int(lo, hi)) => Numbers::integers(*lo, *hi).exclude(term, &tests),
            (LemmaRule::Interval, Sort::Whole) => Numbers::whole().exclude(term, &tests),
            (LemmaRule::Interval, Sort::Number) => Numbers::decimals().exclude(term, &tests),
            (LemmaRule::Enumeration, Sort::Members(members)) => texts::none_of(members, &tests),
            (LemmaRule::Networks, Sort::Address) => texts::no_address(&tests),
            (LemmaRule::Literal, Sort::Text | Sort::Address) => texts::alternatives(&tests).is_some_and(|all| texts::none_of(all, &tests)),
            (LemmaRule::Regular, Sort::Text | Sort::Address) => tests.len() > 1 && self.known.no_text(&tests),
            _ => false,
        }
    }

    /// None where it is not known, or where there is no value.
    fn sort(&self, term: &Term) -> Option<Sort> {
        self.declared(term).filter(|sort| !sort.is_empty())
    }

    fn declared(&self, term: &Term) -> Option<Sort> {
        Some(match term {
            Term::Arg(path) => within(&self.core.tools.get(self.tool.index())?.args, path)?,
            Term::Context(path) => {
                let (name, rest) = path.split_first()?;
                let field = self.core.context.iter().find(|field| field.name == *name)?;
                follow(&field.ty, rest)?
            }
            Term::At => Sort::Int(i64::MIN, i64::MAX),
            Term::Arith(..) => Sort::Whole,
            Term::Literal(literal) => Sort::Members(vec![literal.clone()]),
            Term::Apply(Function::Size, _) => Sort::Int(0, i64::MAX),
            Term::Apply(Function::Hour, _) => Sort::Int(0, 23),
            Term::Apply(Function::Weekday, _) => Sort::Int(1, 7),
            Term::Apply(Function::UrlPort, _) => Sort::Int(0, 65_535),
            Term::Apply(Function::UrlScheme, _) => {
                Sort::Members(["http", "https", "ws", "wss", "ftp"].map(|scheme| Literal::String(scheme.to_owned())).to_vec())
            }
            Term::Apply(Function::NormIp, _) => Sort::Address,
            Term::Apply(..) => Sort::Text,
            Term::Var(..) | Term::Result(_) => return None,
        })
    }
}

fn numbers(group: &[Numbered]) -> Vec<u16> {
    group.iter().map(|(test, _)| *test).collect()
}

/// Takes out one after the other whatever is not needed.
fn shrink(left: &mut Vec<Numbered>, mut holds: impl FnMut(&[Numbered]) -> bool) {
    let mut at = 0;
    while at < left.len() && left.len() > 1 {
        let mut fewer = left.clone();
        fewer.remove(at);
        if holds(&fewer) {
            *left = fewer;
        } else {
            at += 1;
        }
    }
}

fn size(test: &Cond) -> usize {
    match test {
        Cond::In(_, _, literals) => literals.len(),
        _ => 1,
    }
}

fn within(record: &Record, path: &[String]) -> Option<Sort> {
    let (name, rest) = path.split_first()?;
    let field = record.fields.iter().find(|field| field.name == *name)?;
    follow(&field.ty, rest).filter(|sort| field.default.as_ref().is_none_or(|default| !rest.is_empty() || sort.has(default)))
}

impl Sort {
    /// Whether the literal is one of its values, as far as that is sure.
    fn has(&self, literal: &Literal) -> bool {
        match (self, literal) {
            (Self::Int(lo, hi), Literal::Int(value) | Literal::Timestamp(value) | Literal::Duration(value)) => (lo..=hi).contains(&value),
            (Self::Number, Literal::Number(_) | Literal::Int(_)) | (Self::Text, Literal::String(_)) => true,
            (Self::Members(members), literal) => members.contains(literal),
            (Self::Address, Literal::String(text)) => ip::parse(text).is_ok_and(|address| address.to_string() == *text),
            _ => false,
        }
    }

    /// Whether what is equal to the literal is the literal: a decimal may be written in several ways.
    fn is_only(&self, literal: &Literal) -> bool {
        match literal {
            Literal::Int(_) | Literal::Timestamp(_) | Literal::Duration(_) => matches!(self, Self::Int(..) | Self::Whole),
            Literal::String(_) | Literal::Bool(_) => matches!(self, Self::Members(_) | Self::Text | Self::Address),
            Literal::Number(_) => false,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Int(lo, hi) => lo > hi,
            Self::Members(members) => members.is_empty(),
            Self::Whole | Self::Number | Self::Text | Self::Address => false,
        }
    }
}

fn follow(ty: &Type, path: &[String]) -> Option<Sort> {
    let sort = match (ty, path) {
        (Type::Record(record), [_, ..]) => return within(record, path),
        (_, [_, ..]) | (Type::Json(_) | Type::List(_) | Type::Record(_), []) => return None,
        (Type::Bool, []) => Sort::Members(vec![Literal::Bool(true), Literal::Bool(false)]),
        (Type::Int { lo, hi }, []) => Sort::Int(*lo, *hi),
        (Type::Timestamp, []) => Sort::Int(i64::MIN, i64::MAX),
        (Type::Duration, []) => Sort::Int(0, i64::MAX),
        (Type::Number, []) => Sort::Number,
        (Type::Enum(members), []) => Sort::Members(members.iter().cloned().map(Literal::String).collect()),
        (Type::String | Type::Email | Type::Url | Type::Path, []) => Sort::Text,
        (Type::Ip, []) => Sort::Address,
    };
    Some(sort)
}

/// The terms that a test reads, literals apart; none of a test that is not of values.
fn terms(test: &Cond) -> Vec<&Term> {
    let all = match test {
        Cond::Compare(_, _, a, b) => vec![a, b],
        Cond::In(_, term, _) | Cond::InCidr(term, _) | Cond::UnderHost(term, _) | Cond::UnderPath(term, _) | Cond::Text(_, term, _) => {
            vec![term]
        }
        _ => Vec::new(),
    };
    all.into_iter().filter(|term| !matches!(term, Term::Literal(_))).collect()
}

fn computes(test: &Cond) -> bool {
    terms(test).iter().any(|term| matches!(term, Term::Arith(..)))
}

fn reads_only(test: &Cond, term: &Term) -> bool {
    let terms = terms(test);
    !terms.is_empty() && terms.iter().all(|other| *other == term)
}
