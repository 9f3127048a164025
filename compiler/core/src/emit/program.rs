//! Conditions become branch programs.
//!
//! In: a condition and what it may read. Out: the id of a program. Invariants: `and` and `or` are left to right and short-circuit; jumps go forward;
//! a quantifier's body has a smaller id. The tests are made from the last to the first, so that each knows where its answers lead, and then turned round.
//! Source: language section 9 ("Evaluation"), `runtime/engine/src/frame/program.rs`.

use leverframe_runtime::frame::{self, Branch, Cidr, Exit, LabelId, Predicate, Program, ProgramId};
use leverframe_runtime::limits;

use super::Emitter;
use super::term::{Scope, Undeclared, scalar};
use crate::automata::{Oversize, Subject};
use crate::core::cond::{CompareOp, TextOp};
use crate::core::{Cond, Record, Term, TypeTag};
use crate::planted::{Fault, planted};

/// A condition that can be no program. An id is given all the same; nothing is emitted where there are problems.
const NONE: ProgramId = ProgramId(0);

impl Emitter<'_> {
    /// The program of a condition on the letters of `subject`; `result` is what its results hold, where one can be read.
    pub(super) fn condition(&mut self, subject: &Subject, args: &Record, result: Option<&Record>, cond: &Cond) -> ProgramId {
        let context = self.context.clone();
        let scope = Scope { args, context: &context, result, elements: Vec::new() };
        self.program(subject, &scope, cond).unwrap_or_else(|problem| {
            self.problems.push(problem);
            NONE
        })
    }

    fn program(&mut self, subject: &Subject, scope: &Scope<'_>, cond: &Cond) -> Result<ProgramId, Oversize> {
        let mut writer = Writer { emitter: self, subject, scope, backward: Vec::new() };
        let entry = writer.write(cond, Exit::Holds, Exit::Fails)?;
        let backward = writer.backward;
        let count = backward.len();
        Oversize::check("LF0741", subject, "tests of one condition", limits::TESTS_PER_PROGRAM, count)?;
        let turn = |exit| match exit {
            Exit::To(test) => Exit::To(u16::try_from(count.saturating_sub(usize::from(test) + 1)).unwrap_or(u16::MAX)),
            exit => exit,
        };
        let tests = backward.into_iter().rev().map(|branch| Branch { yes: turn(branch.yes), no: turn(branch.no), ..branch }).collect();
        self.programs.push(Program { tests, entry: turn(entry) });
        Ok(ProgramId(u32::try_from(self.programs.len() - 1).unwrap_or(u32::MAX)))
    }
}

struct Writer<'w, 'a, 'c> {
    emitter: &'w mut Emitter<'c>,
    subject: &'w Subject,
    scope: &'w Scope<'a>,
    /// The last test first; `Exit::To` counts in this order.
    backward: Vec<Branch>,
}

impl Writer<'_, '_, '_> {
    /// Where to begin, to leave by `yes` if the condition holds and by `no` if it does not.
    fn write(&mut self, cond: &Cond, yes: Exit, no: Exit) -> Result<Exit, Oversize> {
        match cond {
            Cond::Const(value) => Ok(if *value { yes } else { no }),
            Cond::And(parts) => parts.iter().rev().try_fold(yes, |rest, part| self.write(part, rest, no)),
            Cond::Or(parts) => parts.iter().rev().try_fold(no, |rest, part| self.write(part, yes, rest)),
            Cond::Not(part) => self.write(part, no, yes),
            _ => {
                let test = self.predicate(cond)?;
                self.test(test, yes, no)
            }
        }
    }

    fn test(&mut self, test: Predicate, yes: Exit, no: Exit) -> Result<Exit, Oversize> {
        let index = self.backward.len();
        Oversize::check("LF0741", self.subject, "tests of one condition", limits::TESTS_PER_PROGRAM, index + 1)?;
        self.backward.push(Branch { test, yes, no });
        Ok(Exit::To(u16::try_from(index).unwrap_or(u16::MAX)))
    }

    fn predicate(&mut self, cond: &Cond) -> Result<Predicate, Oversize> {
        Ok(match cond {
            Cond::Present(term) => Predicate::Present(self.term(term)?),
            Cond::Compare(op, tag, a, b) => Predicate::Compare(compare(*op), kind(*tag), self.term(a)?, self.term(b)?),
            Cond::In(tag, term, members) => Predicate::In(kind(*tag), self.term(term)?, members.iter().map(scalar).collect()),
            Cond::InCidr(term, network) => Predicate::InCidr(self.term(term)?, Cidr { text: network.clone() }),
            Cond::UnderHost(term, host) => Predicate::UnderHost(self.term(term)?, host.clone()),
            Cond::UnderPath(term, root) => Predicate::UnderPath(self.term(term)?, root.clone()),
            Cond::Text(op, term, literal) => self.text(*op, term, literal)?,
            Cond::All(name, list, body) => self.quantified(true, name, list, body)?,
            Cond::Some(name, list, body) => self.quantified(false, name, list, body)?,
            Cond::Has(label) => Predicate::Has(LabelId(label.0)),
            Cond::Carries(label) => Predicate::Carries(LabelId(label.0)),
            Cond::Const(_) | Cond::And(_) | Cond::Or(_) | Cond::Not(_) => return Err(self.contradiction("parts that are no test")),
        })
    }

    fn text(&mut self, op: TextOp, term: &Term, literal: &str) -> Result<Predicate, Oversize> {
        let term = self.term(term)?;
        let text = literal.to_owned();
        Ok(match op {
            TextOp::Contains => Predicate::Contains(term, text),
            TextOp::StartsWith => Predicate::StartsWith(term, text),
            TextOp::EndsWith => Predicate::EndsWith(term, text),
            TextOp::Like => Predicate::Like(term, text),
            TextOp::Matches => Predicate::Matches(term, self.emitter.regexes.get(self.subject, literal)?),
        })
    }

    fn quantified(&mut self, every: bool, name: &str, list: &Term, body: &Cond) -> Result<Predicate, Oversize> {
        let element = self.scope.element_type(list).map_err(|Undeclared| self.contradiction("lists that are none"))?;
        let term = self.term(list)?;
        let mut scope = self.scope.clone();
        scope.elements.push((name, element));
        Oversize::check("LF0717", self.subject, "levels of quantifiers", limits::TERM_DEPTH, scope.elements.len())?;
        let body = self.emitter.program(self.subject, &scope, body)?;
        Ok(Predicate::Quantified { every, list: term, body })
    }

    fn term(&self, term: &Term) -> Result<frame::Term, Oversize> {
        let (term, depth) = self.scope.term(term).map_err(|Undeclared| self.contradiction("fields that are not declared"))?;
        Oversize::check("LF0717", self.subject, "levels of a term", limits::TERM_DEPTH, depth)?;
        Ok(term)
    }

    fn contradiction(&self, what: &'static str) -> Oversize {
        Oversize::contradiction(self.subject, what)
    }
}

pub(super) fn kind(tag: TypeTag) -> frame::Kind {
    match tag {
        TypeTag::Bool => frame::Kind::Bool,
        TypeTag::Int | TypeTag::Timestamp | TypeTag::Duration => frame::Kind::Int,
        TypeTag::Number => frame::Kind::Number,
        TypeTag::String | TypeTag::Email | TypeTag::Url | TypeTag::Path | TypeTag::Ip => frame::Kind::Text,
    }
}

fn compare(op: CompareOp) -> frame::CompareOp {
    match op {
        CompareOp::Eq => frame::CompareOp::Eq,
        CompareOp::Ne => frame::CompareOp::Ne,
        CompareOp::Lt if planted(Fault::Emission) => frame::CompareOp::Le,
        CompareOp::Lt => frame::CompareOp::Lt,
        CompareOp::Le => frame::CompareOp::Le,
        CompareOp::Gt => frame::CompareOp::Gt,
        CompareOp::Ge => frame::CompareOp::Ge,
    }
}
