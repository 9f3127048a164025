//! Random conditions, of the right types by construction.
//!
//! In: what may be read where the condition stands. Out: its text, and the constructs that it is made of.

use super::atoms::Read;
use super::world::{Field, Kind};
use super::writer::Writer;
use crate::tree::{Tree, list, seq, word};

/// What a condition may read.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Values of the arguments (and elements of lists).
    pub reads: Vec<Read>,
    /// Whether `context.NAME` may stand here.
    pub context: bool,
    /// Whether `at` and `session has` may stand here.
    pub moment: bool,
}

impl Scope {
    /// The arguments of a call or host event.
    #[must_use]
    pub fn of(fields: &[Field]) -> Self {
        Self { reads: fields.iter().flat_map(|field| reads(field, &spelled(field.name), &[])).collect(), context: false, moment: false }
    }

    /// The same, where the call's context, time and session are known too.
    #[must_use]
    pub fn of_call(fields: &[Field]) -> Self {
        Self { context: true, moment: true, ..Self::of(fields) }
    }

    /// These terms are there for certain.
    pub fn present(&mut self, terms: &[&str]) {
        for read in &mut self.reads {
            read.guards.retain(|guard| !terms.contains(&guard.trim_matches('`')));
        }
    }

    /// The fields of a result, of which some are there for certain.
    pub fn add_result(&mut self, declared: &[Field], there: &[(&'static str, String)]) {
        for field in declared {
            let sure = there.iter().any(|(name, _)| *name == field.name);
            let field = Field { optional: field.optional && !sure, ..field.clone() };
            self.reads.extend(reads(&field, &format!("result.{}", field.name), &[]));
        }
    }

    /// Whether nothing at all can be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reads.is_empty() && !self.moment
    }
}

/// A field's name where a bare word would mean something else.
pub(super) fn spelled(name: &str) -> String {
    if ["limit", "context"].contains(&name) { format!("`{name}`") } else { name.to_owned() }
}

fn reads(field: &Field, term: &str, outer: &[String]) -> Vec<Read> {
    let mut guards = outer.to_vec();
    if field.may_be_absent() {
        guards.push(term.to_owned());
    }
    let mut found = vec![Read { term: term.to_owned(), kind: field.kind, guards: guards.clone() }];
    match field.kind {
        Kind::Record => found.extend(parts(term, &guards)),
        Kind::Nest => found.extend(nested(term, &guards)),
        _ => {}
    }
    found
}

/// The readable parts of a record `{a: int, b: string?}`.
pub(super) fn parts(term: &str, guards: &[String]) -> Vec<Read> {
    let a = Field::plain("a", Kind::Int, false);
    let b = Field::plain("b", Kind::Text, true);
    [a, b].iter().flat_map(|field| reads(field, &format!("{term}.{}", field.name), guards)).collect()
}

fn nested(term: &str, guards: &[String]) -> Vec<Read> {
    let c = format!("{term}.c");
    let inner = [guards, std::slice::from_ref(&c)].concat();
    let of = |field: &Field, term: &str, guards: &[String]| reads(field, &format!("{term}.{}", field.name), guards);
    let mut found = of(&Field::plain("f", Kind::Choice, false), term, guards);
    found.extend(of(&Field::plain("d", Kind::Int, false), &c, &inner));
    found.extend(of(&Field::plain("e", Kind::Flag, true), &c, &inner));
    found
}

impl Writer {
    /// A condition in `scope` that nests at most `depth` deep.
    pub(super) fn condition(&mut self, scope: &Scope, depth: usize) -> Tree {
        if depth == 0 {
            return self.atom(scope);
        }
        match self.dice.weighted(&[48, 22, 18, 12]) {
            0 => self.atom(scope),
            1 => self.chain(scope, depth, " and ", "and"),
            2 => self.chain(scope, depth, " or ", "or"),
            _ => {
                self.tag("not");
                let inner = self.condition(scope, depth - 1);
                seq(vec![word("not ("), inner, word(")")])
            }
        }
    }

    fn chain(&mut self, scope: &Scope, depth: usize, separator: &'static str, tag: &'static str) -> Tree {
        self.tag(tag);
        let count = self.dice.between(2, 3);
        let items = (0..count).map(|_| self.parenthesised(scope, depth - 1)).collect();
        list(separator, 1, items)
    }

    fn parenthesised(&mut self, scope: &Scope, depth: usize) -> Tree {
        seq(vec![word("("), self.condition(scope, depth), word(")")])
    }

    /// One test, guarded where what it reads may be absent.
    fn atom(&mut self, scope: &Scope) -> Tree {
        let of_context = if scope.context && !self.world.context.is_empty() { 14 } else { 0 };
        let of_moment = if scope.moment { 14 } else { 0 };
        let of_reads = if scope.reads.is_empty() { 0 } else { 72 };
        let literal = usize::from(of_context + of_moment + of_reads == 0) * 100 + 1;
        match self.dice.weighted(&[of_reads, of_context, of_moment, literal]) {
            0 => {
                let read = self.dice.pick(&scope.reads).clone();
                self.guarded(&read, scope)
            }
            1 => {
                self.tag("context");
                let field = self.dice.pick(&self.world.context).clone();
                let readable = reads(&field, &format!("context.{}", field.name), &[]);
                let read = self.dice.pick(&readable).clone();
                self.guarded(&read, scope)
            }
            2 => self.moment(scope),
            _ => {
                self.tag("literal condition");
                word(*self.dice.pick(&["true", "false"]))
            }
        }
    }

    fn moment(&mut self, scope: &Scope) -> Tree {
        let carries = if scope.context && !self.world.detectors.is_empty() { 40 } else { 0 };
        match self.dice.weighted(&[50, 25, 15, 10, carries]) {
            4 => {
                self.tag("carries");
                word(format!("carries {}", self.dice.pick(&self.world.labels)))
            }
            0 => {
                self.tag("session has");
                let label = *self.dice.pick(&self.world.labels);
                word(format!("session has {label}"))
            }
            1 => {
                self.tag("hour");
                let (op, hour) = (self.order(), self.dice.pick(&["9", "10", "0", "23"]).to_string());
                word(format!("hour(at) {op} {hour}"))
            }
            2 => {
                self.tag("weekday");
                word(*self.dice.pick(&["weekday(at) in [6, 7]", "weekday(at) == 1", "weekday(at) < 7"]))
            }
            _ => {
                self.tag("at");
                let stamp = self.stamp();
                let op = self.order();
                word(format!("at {op} {stamp}"))
            }
        }
    }

    /// The test of a value, after `is present` for everything that may be absent.
    fn guarded(&mut self, read: &Read, scope: &Scope) -> Tree {
        let test = self.test(read, scope);
        let guards = read.guards.clone();
        if guards.is_empty() || read.kind == Kind::Json {
            return test;
        }
        if read.kind == Kind::Text && guards == [read.term.clone()] && self.dice.chance(35) {
            self.tag("define with an optional parameter");
            return word(format!("given({})", read.term));
        }
        self.tag("is present");
        let present = guards.iter().map(|guard| word(format!("{guard} is present")));
        if self.dice.chance(65) {
            return seq(vec![word("("), list(" and ", 1, present.chain([test]).collect()), word(")")]);
        }
        self.tag("is present, negated");
        let absent = guards.iter().map(|guard| word(format!("not ({guard} is present)")));
        seq(vec![word("("), list(" or ", 1, absent.chain([test]).collect()), word(")")])
    }

    /// `all x in xs : (…)` or `some x in xs : (…)`.
    pub(super) fn quantified(&mut self, list: &Read, element: Kind, outer: &Scope) -> Tree {
        self.depth += 1;
        self.variables += 1;
        let variable = format!("q{}", self.variables);
        let every = self.dice.chance(50);
        self.tag(if every { "all" } else { "some" });
        let mut reads = match element {
            Kind::Record => parts(&variable, &[]),
            kind => vec![Read { term: variable.clone(), kind, guards: Vec::new() }],
        };
        let nested = self.dice.chance(25) && self.depth < 3;
        if nested {
            self.tag("quantifier with outer values");
            reads.extend(outer.reads.iter().cloned());
        }
        let scope = Scope { reads, context: false, moment: false };
        let depth = usize::from(self.dice.chance(40));
        let body = self.condition(&scope, depth);
        self.depth -= 1;
        let head = format!("{} {variable} in {}: (", if every { "all" } else { "some" }, list.term);
        seq(vec![word(head), body, word(")")])
    }
}
