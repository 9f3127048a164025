//! Contradictions among few tests.
//!
//! In: tests that were decided, the last of them new. Out: a lemma of as few of them as will do, with the rule that shows it. Invariant: where a rule would need more
//! than its bound nothing is found. Source: `lang-spec/certificate.md`, [cert.lemmas].

use std::collections::HashMap;

use leverframe_compiler::core::cond::{CompareOp, Function};
use leverframe_compiler::core::{Cond, Core, Literal, Record, Term, ToolId, Type};
use leverframe_runtime::frame::{Lemma, LemmaRule};

use super::numbers::Numbers;
use super::texts;
use crate::limits::{LEMMA_LITERALS, LEMMA_TESTS};

/// Sets of predicates of one text that were looked at before, and whether no text has them.
#[derive(Default)]
pub(super) struct Known(pub(super) HashMap<Vec<(String, bool)>, bool>);

/// What the values of a term are.
#[derive(Clone, Debug, PartialEq)]
enum Sort {
    Int(i64, i64),
    Number,
    Members(Vec<Literal>),
    Text,
}

/// The number of a test and what it came to.
type Numbered = (u16, bool);

/// Whoever finds contradictions among the tests of one obligation.
pub(super) struct Prover<'s, 'a> {
    core: &'s Core,
    tool: ToolId,
    tests: &'s [&'a Cond],
    known: &'s mut Known,
}

/// A test and what it came to.
pub(super) type Decided<'a> = (&'a Cond, bool);

impl<'s, 'a> Prover<'s, 'a> {
    pub(super) fn new(core: &'s Core, tool: ToolId, tests: &'s [&'a Cond], known: &'s mut Known) -> Self {
        Self { core, tool, tests, known }
    }

    /// Why what is decided is impossible, if the test that was decided last makes it so.
    pub(super) fn lemma(&mut self, decided: &[Option<bool>], last: u16) -> Option<Lemma> {
        let newest = *self.tests.get(usize::from(last))?;
        self.of_one_value(decided, newest).or_else(|| self.of_equalities(decided, newest))
    }

    fn of_one_value(&mut self, decided: &[Option<bool>], newest: &'a Cond) -> Option<Lemma> {
        let term = terms(newest).first().copied().filter(|term| reads_only(newest, term))?;
        let sort = self.sort(term)?;
        let mut group = self.decided(decided, |test| reads_only(test, term));
        let rule = self.rule(&sort, term, &group)?;
        shrink(&mut group, |fewer| self.holds(rule, &sort, term, fewer));
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
            Sort::Int(..) | Sort::Number => &[LemmaRule::Interval],
            Sort::Members(_) => &[LemmaRule::Enumeration],
            Sort::Text => &[LemmaRule::Literal, LemmaRule::Regular],
        };
        rules.iter().copied().find(|rule| self.holds(*rule, sort, term, group))
    }

    fn holds(&mut self, rule: LemmaRule, sort: &Sort, term: &Term, group: &[Numbered]) -> bool {
        let tests = self.conds(group);
        if tests.len() > LEMMA_TESTS || tests.iter().map(|(test, _)| size(test)).sum::<usize>() > LEMMA_LITERALS {
            return false;
        }
        match (rule, sort) {
            (LemmaRule::Interval, Sort::Int(lo, hi)) => Numbers::integers(*lo, *hi).exclude(term, &tests),
            (LemmaRule::Interval, Sort::Number) => Numbers::decimals().exclude(term, &tests),
            (LemmaRule::Enumeration, Sort::Members(members)) => texts::none_of(members, &tests),
            (LemmaRule::Literal, Sort::Text) => texts::alternatives(&tests).is_some_and(|all| texts::none_of(all, &tests)),
            (LemmaRule::Regular, Sort::Text) => tests.len() > 1 && self.known.no_text(&tests),
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
            Term::At | Term::Arith(..) => Sort::Int(i64::MIN, i64::MAX),
            Term::Literal(literal) => Sort::Members(vec![literal.clone()]),
            Term::Apply(Function::Size, _) => Sort::Int(0, i64::MAX),
            Term::Apply(Function::Hour, _) => Sort::Int(0, 23),
            Term::Apply(Function::Weekday, _) => Sort::Int(1, 7),
            Term::Apply(Function::UrlPort, _) => Sort::Int(0, 65_535),
            Term::Apply(Function::UrlScheme, _) => {
                Sort::Members(["http", "https", "ws", "wss", "ftp"].map(|scheme| Literal::String(scheme.to_owned())).to_vec())
            }
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
            _ => false,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Int(lo, hi) => lo > hi,
            Self::Members(members) => members.is_empty(),
            Self::Number | Self::Text => false,
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
        (Type::String | Type::Email | Type::Url | Type::Path | Type::Ip, []) => Sort::Text,
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

fn reads_only(test: &Cond, term: &Term) -> bool {
    let terms = terms(test);
    !terms.is_empty() && terms.iter().all(|other| *other == term)
}
