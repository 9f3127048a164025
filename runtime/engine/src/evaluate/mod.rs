//! Conditions on one letter: three-valued, because a value that cannot be read decides nothing.
//!
//! In: a program, the letter's values, context, time and labels. Out: [`Truth`]. Invariants: tests run in the order of the program; the first
//! one that cannot be evaluated ends it; cost is linear in the program, the texts that it reads and the elements of its lists; quantifiers stop at a bound.
//! Source: language section 4 ("Nothing fails open") and 9 ("Evaluation").

mod code;
mod derived;
mod draft;
mod members;
mod predicate;
mod term;

#[cfg(test)]
mod tests;

use alloc::string::String;

pub(crate) use self::code::Code;
use self::code::{Ask, FAILS, HOLDS, NEXT};
use self::derived::Derived;
use self::term::Source;
use crate::domain::DomainError;
use crate::frame::{Branch, Exit, Frame, Predicate, ProgramId};
use crate::regex::Regex;
use crate::rows::Rows;
use crate::values::{Node, NodeId, Value, Values};

/// What a condition comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    No,
    Failed(Failure),
}

/// Why a condition comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The value has no such reading (a URL that is none, an overflow, an absent value that nothing guards).
    Value,
    /// The gateway did not supply what the condition reads.
    Context,
}

impl From<DomainError> for Failure {
    fn from(_: DomainError) -> Self {
        Self::Value
    }
}

/// What a condition may read.
pub(crate) struct Reader<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) code: &'a Code,
    pub(crate) regexes: &'a [Regex],
    /// The policy's digest.
    pub(crate) policy: &'a [u8; 32],
    pub(crate) args: &'a Values,
    /// The arguments' record.
    pub(crate) root: NodeId,
    /// Its members.
    pub(crate) fields: &'a [Node],
    pub(crate) context: &'a Values,
    /// The first member of the context's record; none where a letter has no context.
    pub(crate) context_first: Option<NodeId>,
    /// The result's content and its record; none where there is no result yet.
    pub(crate) result: Option<(&'a Values, NodeId)>,
    pub(crate) at: i64,
    pub(crate) labels: u64,
    /// The labels of the call's arguments.
    pub(crate) carried: u64,
    /// Derived text (a lower-cased string, a normalised URL) and a buffer to make it in; kept between calls.
    pub(crate) pool: &'a mut Pool,
}

/// What evaluating a condition needs: the text that it derives, the elements that it is at; cleared, not freed, between conditions.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    /// Elements of the quantifiers around the test, the innermost last.
    elements: Elements,
    text: String,
    buffer: String,
    derived: Derived,
    rows: Rows,
    /// What the quantifiers of the condition at hand have done so far.
    work: u64,
}

/// A small stack; its depth is bounded at load.
#[derive(Clone, Copy, Debug)]
struct Elements {
    nodes: [(Source, NodeId); crate::limits::TERM_DEPTH],
    depth: usize,
}

impl Default for Elements {
    fn default() -> Self {
        Self { nodes: [(Source::Arguments, NodeId(0)); crate::limits::TERM_DEPTH], depth: 0 }
    }
}

impl Elements {
    fn push(&mut self, source: Source, node: NodeId) -> Option<()> {
        *self.nodes.get_mut(self.depth)? = (source, node);
        self.depth += 1;
        Some(())
    }

    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn get(&self, level: u8) -> Option<(Source, NodeId)> {
        let index = self.depth.checked_sub(usize::from(level) + 1)?;
        self.nodes.get(index).copied()
    }
}

impl Pool {
    /// Forgets what was derived of a letter that is over.
    pub(crate) fn clear(&mut self) {
        self.derived.clear();
    }
}

impl<'a> Reader<'a> {
    fn branch(&self, program: ProgramId, test: u16) -> Option<&'a Branch> {
        let frame = self.frame;
        frame.programs.get(program.index())?.tests.get(usize::from(test))
    }

    /// What the condition comes to on this letter.
    pub(crate) fn evaluate(&mut self, program: ProgramId) -> Truth {
        self.pool.work = 0;
        self.pool.elements.depth = 0;
        let (mut to, mut steps) = (self.code.entry(program), &[][..]);
        loop {
            match to {
                HOLDS => return Truth::Yes,
                FAILS => return Truth::No,
                NEXT => {}
                at => steps = self.code.from(at),
            }
            let Some((step, rest)) = steps.split_first() else { return Truth::Failed(Failure::Value) };
            steps = rest;
            let answer = match step.ask {
                Ask::Words { field, test } => self.words(program, field, test),
                Ask::Other(test) => self.other(program, test),
                ask => self.code.answer(ask, self.fields, self.args).ok_or(Failure::Value),
            };
            to = match answer {
                Ok(true) => step.yes,
                Ok(false) => step.no,
                Err(failure) => return Truth::Failed(failure),
            };
        }
    }

    /// Asks a test of a program about a field's text.
    #[inline(never)]
    fn words(&mut self, program: ProgramId, field: u16, test: u16) -> Result<bool, Failure> {
        let Some(Value::Text(span)) = self.fields.get(usize::from(field)).map(Node::value) else { return Err(Failure::Value) };
        let branch = self.branch(program, test).ok_or(Failure::Value)?;
        let text = self.args.text(span);
        match &branch.test {
            Predicate::Matches(_, regex) => self.pool.rows.matches(self.policy, self.regexes, *regex, text).ok_or(Failure::Value),
            test => self.of_text(test, text),
        }
    }

    /// Follows a test of a program as the frame has it.
    #[inline(never)]
    fn other(&mut self, program: ProgramId, test: u16) -> Result<bool, Failure> {
        let answer = self.branch(program, test).map_or(Err(Failure::Value), |branch| self.predicate(&branch.test));
        // Nothing that a test derives outlives it.
        self.pool.text.clear();
        answer
    }

    /// Counts one step and the bytes that it reads, where quantifiers may repeat it: nested ones would cost a product of lengths that the agent chooses.
    fn work(&mut self, bytes: usize) -> Result<(), Failure> {
        if self.pool.elements.depth > 0 {
            let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
            self.pool.work = self.pool.work.saturating_add(1).saturating_add(bytes);
        }
        if self.pool.work > crate::limits::QUANTIFIER_WORK { Err(Failure::Value) } else { Ok(()) }
    }

    /// What a quantifier's body comes to for the element at hand.
    fn run(&mut self, program: ProgramId) -> Truth {
        let frame = self.frame;
        let Some(program) = frame.programs.get(program.index()) else { return Truth::Failed(Failure::Value) };
        let mut exit = program.entry;
        loop {
            let at = match exit {
                Exit::Holds => return Truth::Yes,
                Exit::Fails => return Truth::No,
                Exit::To(at) => at,
            };
            let Some(branch) = program.tests.get(usize::from(at)) else { return Truth::Failed(Failure::Value) };
            let answer = self.predicate(&branch.test);
            // Nothing that a test derives outlives it; kept, it would grow with every element.
            self.pool.text.clear();
            exit = match answer {
                Ok(true) => branch.yes,
                Ok(false) => branch.no,
                Err(failure) => return Truth::Failed(failure),
            };
        }
    }
}
