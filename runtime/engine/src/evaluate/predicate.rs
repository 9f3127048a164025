//! Tests of a condition.
//!
//! In: a predicate. Out: yes, no, or why it cannot be evaluated. An absent value answers only `is present`.
//! Source: language section 4.

use core::cmp::Ordering;
use core::fmt::Write;

use super::term::{Operand, Source, Text, literal};
use super::{Failure, Reader, Truth};
use crate::domain::{decimal::Decimal, host, ip, path, text};
use crate::frame::{CompareOp, Kind, Predicate, ProgramId, Scalar, Term};
use crate::sets::is_ordered;
use crate::values::NodeId;

type Answer = Result<bool, Failure>;

impl<'a> Reader<'a> {
    pub(super) fn predicate(&mut self, predicate: &'a Predicate) -> Answer {
        match predicate {
            Predicate::Present(term) => Ok(!matches!(self.term(term)?, Operand::Absent)),
            Predicate::Compare(op, kind, a, b) => {
                let (a, b) = (self.term(a)?, self.term(b)?);
                self.compare(*kind, a, b).map(|order| holds(*op, order))
            }
            Predicate::In(kind, term, members) => self.member(*kind, term, members),
            Predicate::InCidr(term, _)
            | Predicate::UnderHost(term, _)
            | Predicate::UnderPath(term, _)
            | Predicate::Contains(term, _)
            | Predicate::StartsWith(term, _)
            | Predicate::EndsWith(term, _)
            | Predicate::Like(term, _)
            | Predicate::Matches(term, _) => {
                let text = self.text_of(term)?;
                self.of_text(predicate, self.str(text))
            }
            Predicate::Quantified { every, list, body } => self.quantified(*every, list, *body),
            Predicate::Has(label) => Ok(self.labels & (1_u64 << (label.0 & 63)) != 0),
            Predicate::Carries(label) => Ok(self.carried & (1_u64 << (label.0 & 63)) != 0),
        }
    }

    /// What a predicate about one text says of it.
    pub(super) fn of_text(&self, predicate: &Predicate, text: &str) -> Answer {
        match predicate {
            Predicate::InCidr(_, network) => Ok(ip::Network::parse(&network.text)?.contains(ip::parse(text)?)),
            Predicate::UnderHost(_, domain) => Ok(host::under(text, domain)),
            Predicate::UnderPath(_, root) => Ok(path::under(text, root)),
            Predicate::Contains(_, part) => Ok(text.contains(part.as_str())),
            Predicate::StartsWith(_, part) => Ok(text.starts_with(part.as_str())),
            Predicate::EndsWith(_, part) => Ok(text.ends_with(part.as_str())),
            Predicate::Like(_, pattern) => Ok(text::like(pattern, text)),
            Predicate::Matches(_, regex) => {
                let regex = self.regexes.get(regex.index()).ok_or(Failure::Value)?;
                regex.matches(text).ok_or(Failure::Value)
            }
            _ => Err(Failure::Value),
        }
    }

    fn member(&mut self, kind: Kind, term: &'a Term, members: &'a [Scalar]) -> Answer {
        let value = self.term(term)?;
        if let (true, Operand::Int(_) | Operand::Text(_)) = (is_ordered(kind), value) {
            return self.sought(kind, value, members);
        }
        for member in members {
            if self.compare(kind, value, literal(member))? == Ordering::Equal {
                return Ok(true);
            }
        }
        // A value that could not be compared must not pass as "none of these" where the list is empty.
        if members.is_empty() && matches!(value, Operand::Absent) { Err(Failure::Value) } else { Ok(false) }
    }

    /// Looks for a value in a set that is sorted.
    fn sought(&self, kind: Kind, value: Operand<'a>, members: &'a [Scalar]) -> Answer {
        let mut failed = None;
        let found = members.binary_search_by(|member| {
            self.compare(kind, literal(member), value).unwrap_or_else(|failure| {
                failed = Some(failure);
                Ordering::Equal
            })
        });
        failed.map_or(Ok(found.is_ok()), Err)
    }

    fn quantified(&mut self, every: bool, list: &'a Term, body: ProgramId) -> Answer {
        let Operand::List(mut next, _, source) = self.term(list)? else { return Err(Failure::Value) };
        while let Some(node) = next {
            self.pool.elements.push(source, node).ok_or(Failure::Value)?;
            let truth = self.work(0).map_or_else(Truth::Failed, |()| self.run(body));
            self.pool.elements.pop();
            match truth {
                Truth::Failed(failure) => return Err(failure),
                Truth::Yes if !every => return Ok(true),
                Truth::No if every => return Ok(false),
                Truth::Yes | Truth::No => next = self.next(source, node),
            }
        }
        Ok(every)
    }

    fn next(&self, source: Source, node: NodeId) -> Option<NodeId> {
        match source {
            Source::Arguments => self.args.next(node),
            Source::Context => self.context.next(node),
            Source::Result => self.result.and_then(|(values, _)| values.next(node)),
        }
    }

    fn compare(&self, kind: Kind, a: Operand<'_>, b: Operand<'_>) -> Result<Ordering, Failure> {
        match (kind, a, b) {
            (Kind::Bool, Operand::Bool(a), Operand::Bool(b)) => Ok(a.cmp(&b)),
            (Kind::Int, Operand::Int(a), Operand::Int(b)) => Ok(a.cmp(&b)),
            (Kind::Text, Operand::Text(a), Operand::Text(b)) => Ok(self.str(a).cmp(self.str(b))),
            (Kind::Number, a, b) => self.decimals(a, b),
            _ => Err(Failure::Value),
        }
    }

    fn decimals(&self, a: Operand<'_>, b: Operand<'_>) -> Result<Ordering, Failure> {
        let (mut left, mut right) = (Digits::default(), Digits::default());
        let a = self.decimal(a, &mut left)?;
        let b = self.decimal(b, &mut right)?;
        Ok(a.cmp(&b))
    }

    fn decimal<'s>(&'s self, operand: Operand<'s>, digits: &'s mut Digits) -> Result<Decimal<'s>, Failure> {
        let text = match operand {
            Operand::Number(text @ Text::Literal(_)) => return Ok(Decimal::parse_normal(self.str(text))?),
            Operand::Number(text) => self.str(text),
            Operand::Int(value) => digits.write(value)?,
            _ => return Err(Failure::Value),
        };
        Ok(Decimal::parse(text)?)
    }
}

fn holds(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}

/// The decimal digits of an int, without allocating.
#[derive(Default)]
struct Digits {
    bytes: [u8; 20],
    length: usize,
}

impl Digits {
    fn write(&mut self, value: i64) -> Result<&str, Failure> {
        self.length = 0;
        write!(self, "{value}").map_err(|_| Failure::Value)?;
        let bytes = self.bytes.get(..self.length).ok_or(Failure::Value)?;
        core::str::from_utf8(bytes).map_err(|_| Failure::Value)
    }
}

impl Write for Digits {
    fn write_str(&mut self, part: &str) -> core::fmt::Result {
        let end = self.length + part.len();
        self.bytes.get_mut(self.length..end).ok_or(core::fmt::Error)?.copy_from_slice(part.as_bytes());
        self.length = end;
        Ok(())
    }
}
