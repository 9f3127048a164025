//! Conditions: a program of the frame, against a condition of the policy.
//!
//! In: a condition, what it may read, and a program's id. Out: whether the program asks the same tests in the same order and leaves by the same exits.
//! Invariant: `and` and `or` go from left to right and stop as soon as they know; where a part of a condition is left is found in the program and must be
//! one place.
//! Source: language section 9 ("Evaluation"); `lang-spec/core-form.md`, [core.cond].

use leverframe_reference::policy::{Arith, Cond, Function, Op, Tag, Term, TextOp};
use leverframe_reference::types::{Record, Type};
use leverframe_runtime::frame::{self, Exit, Predicate, Program, ProgramId};

use crate::types::scalar;
use crate::{Checked, Checker, require};

/// What a condition may read.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    pub(crate) args: &'a Record,
    pub(crate) context: &'a Record,
    /// Of conditions on results.
    pub(crate) result: Option<&'a Record>,
    /// The elements of the quantifiers around, the innermost last.
    pub(crate) elements: Vec<(&'a str, &'a Type)>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(args: &'a Record, context: &'a Record, result: Option<&'a Record>) -> Self {
        Self { args, context, result, elements: Vec::new() }
    }

    /// Whether the frame's term is this one.
    fn term(&self, policy: &'a Term, frame: &frame::Term) -> bool {
        let path = |record: Option<&'a Record>, names: &[String], path: &[u16]| {
            record.and_then(|record| walk(record, names)).is_some_and(|(positions, _)| positions == path)
        };
        match (policy, frame) {
            (Term::Arg(names), frame::Term::Arg(positions)) => path(Some(self.args), names, positions),
            (Term::Context(names), frame::Term::Context(positions)) => path(Some(self.context), names, positions),
            (Term::Result(names), frame::Term::Result(positions)) => path(self.result, names, positions),
            (Term::Var(name, names), frame::Term::Element(level, positions)) => {
                let element = self.elements.iter().rev().enumerate().find(|(_, (known, _))| known == name);
                element.is_some_and(|(depth, (_, ty))| {
                    depth == usize::from(*level) && inside(ty, names).is_some_and(|(found, _)| found == *positions)
                })
            }
            (Term::At, frame::Term::At) => true,
            (Term::Literal(literal), frame::Term::Scalar(other)) => scalar(literal) == *other,
            (Term::Apply(function, inner), frame::Term::Apply(other, term)) => same_function(*function, *other) && self.term(inner, term),
            (Term::Arith(op, left, right), frame::Term::Arith(other, first, second)) => {
                let op = match op {
                    Arith::Add => frame::ArithOp::Add,
                    Arith::Sub => frame::ArithOp::Sub,
                    Arith::Mul => frame::ArithOp::Mul,
                };
                op == *other && self.term(left, first) && self.term(right, second)
            }
            _ => false,
        }
    }

    /// The type of the elements of a list.
    fn element(&self, list: &Term) -> Option<&'a Type> {
        let ty = match list {
            Term::Arg(names) => walk(self.args, names)?.1,
            Term::Context(names) => walk(self.context, names)?.1,
            Term::Result(names) => walk(self.result?, names)?.1,
            Term::Var(name, names) => inside(self.elements.iter().rev().find(|(known, _)| known == name)?.1, names)?.1,
            _ => return None,
        };
        match ty {
            Type::List(element) => Some(element),
            _ => None,
        }
    }
}

/// The positions of a path of fields, and the type at its end.
pub(crate) fn walk<'a>(record: &'a Record, names: &[String]) -> Option<(Vec<u16>, &'a Type)> {
    let (first, rest) = names.split_first()?;
    let position = record.fields.iter().position(|field| field.name == *first)?;
    let (deeper, ty) = inside(&record.fields.get(position)?.ty, rest)?;
    Some((std::iter::once(u16::try_from(position).ok()?).chain(deeper).collect(), ty))
}

fn inside<'a>(ty: &'a Type, names: &[String]) -> Option<(Vec<u16>, &'a Type)> {
    match ty {
        _ if names.is_empty() => Some((Vec::new(), ty)),
        Type::Record(record) => walk(record, names),
        _ => None,
    }
}

impl<'a> Checker<'a> {
    /// Whether a program is this condition.
    pub(crate) fn condition(&mut self, scope: &Scope<'a>, cond: &'a Cond, id: ProgramId) -> Checked {
        self.report.conditions += 1;
        let program = self.frame.programs.get(id.index()).ok_or("a condition is absent")?;
        let mut exits = (Some(Exit::Holds), Some(Exit::Fails));
        self.part(scope, cond, program, program.entry, &mut exits.0, &mut exits.1)
    }

    /// Whether the program, from `at` on, is this condition and leaves by `yes` and `no`; an exit that is not known yet is found.
    fn part(
        &mut self,
        scope: &Scope<'a>,
        cond: &'a Cond,
        program: &'a Program,
        at: Exit,
        yes: &mut Option<Exit>,
        no: &mut Option<Exit>,
    ) -> Checked {
        match cond {
            Cond::Const(true) => leave(at, yes),
            Cond::Const(false) => leave(at, no),
            Cond::Not(inner) => self.part(scope, inner, program, at, no, yes),
            Cond::And(parts) | Cond::Or(parts) => {
                let and = matches!(cond, Cond::And(_));
                let mut at = at;
                for part in parts {
                    let mut next = None;
                    if and {
                        self.part(scope, part, program, at, &mut next, no)?;
                    } else {
                        self.part(scope, part, program, at, yes, &mut next)?;
                    }
                    // A part that never goes on makes those after it unreachable.
                    match next {
                        Some(next) => at = next,
                        None => return Ok(()),
                    }
                }
                leave(at, if and { yes } else { no })
            }
            test => {
                let Exit::To(index) = at else { return Err(format!("the frame leaves out `{test}`")) };
                let branch = program.tests.get(usize::from(index)).ok_or("a test is absent")?;
                leave(branch.yes, yes)?;
                leave(branch.no, no)?;
                self.test(scope, test, &branch.test)
            }
        }
    }

    fn test(&mut self, scope: &Scope<'a>, cond: &'a Cond, test: &'a Predicate) -> Checked {
        let same = match (cond, test) {
            (Cond::Present(term), Predicate::Present(other)) => scope.term(term, other),
            (Cond::Compare(op, tag, left, right), Predicate::Compare(other, kind, first, second)) => {
                same_op(*op, *other) && self::kind(*tag) == *kind && scope.term(left, first) && scope.term(right, second)
            }
            (Cond::In(tag, term, literals), Predicate::In(kind, other, scalars)) => {
                self::kind(*tag) == *kind && scope.term(term, other) && same_set(literals.iter().map(scalar), scalars)
            }
            (Cond::InCidr(term, network), Predicate::InCidr(other, cidr)) => *network == cidr.text && scope.term(term, other),
            (Cond::UnderHost(term, host), Predicate::UnderHost(other, text)) => host == text && scope.term(term, other),
            (Cond::UnderPath(term, path), Predicate::UnderPath(other, text)) => path == text && scope.term(term, other),
            (Cond::Text(TextOp::Matches, term, pattern), Predicate::Matches(other, regex)) => {
                let bytes = self.frame.regexes.get(regex.index()).ok_or("a regular expression is absent")?;
                self.expression(pattern, bytes)?;
                scope.term(term, other)
            }
            (Cond::Text(op, term, literal), Predicate::Contains(other, text)) => {
                *op == TextOp::Contains && literal == text && scope.term(term, other)
            }
            (Cond::Text(op, term, literal), Predicate::StartsWith(other, text)) => {
                *op == TextOp::StartsWith && literal == text && scope.term(term, other)
            }
            (Cond::Text(op, term, literal), Predicate::EndsWith(other, text)) => {
                *op == TextOp::EndsWith && literal == text && scope.term(term, other)
            }
            (Cond::Text(op, term, literal), Predicate::Like(other, text)) => {
                *op == TextOp::Like && literal == text && scope.term(term, other)
            }
            (Cond::All(name, list, body) | Cond::Some(name, list, body), Predicate::Quantified { every, list: other, body: id }) => {
                let element = scope.element(list).ok_or("a quantifier is over no list")?;
                let mut inner = scope.clone();
                inner.elements.push((name, element));
                let same = *every == matches!(cond, Cond::All(..)) && scope.term(list, other);
                require(same, || format!("the frame has another quantifier for `{cond}`"))?;
                return self.condition(&inner, body, *id);
            }
            (Cond::Has(label), Predicate::Has(id)) | (Cond::Carries(label), Predicate::Carries(id)) => {
                self.policy.labels.get(id.index()).is_some_and(|known| known.name == *label)
            }
            _ => false,
        };
        require(same, || format!("the frame has another test for `{cond}`"))
    }
}

fn leave(at: Exit, exit: &mut Option<Exit>) -> Checked {
    require(*exit.get_or_insert(at) == at, || "a condition is left by another way".to_owned())
}

/// What a tag compares as.
pub(crate) fn kind(tag: Tag) -> frame::Kind {
    match tag {
        Tag::Bool => frame::Kind::Bool,
        Tag::Int | Tag::Timestamp | Tag::Duration => frame::Kind::Int,
        Tag::Number => frame::Kind::Number,
        Tag::String | Tag::Email | Tag::Url | Tag::Path | Tag::Ip => frame::Kind::Text,
    }
}

fn same_op(policy: Op, frame: frame::CompareOp) -> bool {
    matches!(
        (policy, frame),
        (Op::Eq, frame::CompareOp::Eq)
            | (Op::Ne, frame::CompareOp::Ne)
            | (Op::Lt, frame::CompareOp::Lt)
            | (Op::Le, frame::CompareOp::Le)
            | (Op::Gt, frame::CompareOp::Gt)
            | (Op::Ge, frame::CompareOp::Ge)
    )
}

fn same_function(policy: Function, frame: frame::Function) -> bool {
    let other = match policy {
        Function::Lower => frame::Function::Lower,
        Function::EmailDomain => frame::Function::EmailDomain,
        Function::EmailLocal => frame::Function::EmailLocal,
        Function::UrlScheme => frame::Function::UrlScheme,
        Function::UrlHost => frame::Function::UrlHost,
        Function::UrlPort => frame::Function::UrlPort,
        Function::UrlPath => frame::Function::UrlPath,
        Function::NormPath => frame::Function::NormPath,
        Function::NormIp => frame::Function::NormIp,
        Function::Size => frame::Function::Size,
        Function::Hour => frame::Function::Hour,
        Function::Weekday => frame::Function::Weekday,
    };
    other == frame
}

/// Whether the members of two sets are the same, in whatever order.
fn same_set(own: impl Iterator<Item = frame::Scalar>, other: &[frame::Scalar]) -> bool {
    let (mut own, mut other) = (own.collect::<Vec<_>>(), other.to_vec());
    own.sort_unstable();
    other.sort_unstable();
    own == other
}
