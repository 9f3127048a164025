//! A condition on its way to its compact form: tests of one field that follow each other become one test of a set.
//!
//! In: a program. Out: [`Draft`]s. Invariant: a test swallows another only where nothing else leads to that one and both read the same field: the field fits
//! both or neither, so what cannot be evaluated stays so.
//! Source: language section 9 ("Evaluation").

use alloc::vec::Vec;

use super::members::{Ranges, Texts};
use crate::frame::{Branch, CompareOp, Exit, Kind, Predicate, Program, Scalar, Term};

/// Up to this many constants in a set that is made of several tests, so that a long chain is not combined again and again.
const MOST: usize = 256;

/// What a test asks.
#[derive(Debug)]
pub(super) enum Asked<'f> {
    Bool(u16, bool),
    Ints(u16, Ranges),
    Texts(u16, Texts<'f>),
    /// A predicate about the text.
    Words(u16),
    /// Anything else: the predicate is followed as it stands.
    Other,
}

/// A test and where its answers lead.
#[derive(Debug)]
pub(super) struct Draft<'f> {
    pub(super) asked: Asked<'f>,
    pub(super) yes: Exit,
    pub(super) no: Exit,
    /// How many ways lead to it; none to one that was swallowed, or that nothing ever led to.
    pub(super) ways: u32,
}

impl<'f> Draft<'f> {
    fn of(branch: &'f Branch) -> Self {
        Self { asked: asked(&branch.test), yes: branch.yes, no: branch.no, ways: 0 }
    }
}

/// The tests of a program, those that belong together in one.
pub(super) fn drafts(program: &Program) -> Vec<Draft<'_>> {
    let mut drafts: Vec<Draft<'_>> = program.tests.iter().map(Draft::of).collect();
    count(&mut drafts, program.entry, 1);
    for at in 0..drafts.len() {
        let exits = drafts.get(at).map(|draft| [draft.yes, draft.no]);
        exits.into_iter().flatten().for_each(|exit| count(&mut drafts, exit, 1));
    }
    // Ways lead forward, so what may be swallowed has swallowed already.
    for at in (0..drafts.len()).rev() {
        while swallow(&mut drafts, at).is_some() {}
    }
    drafts
}

fn count(drafts: &mut [Draft<'_>], exit: Exit, more: i32) {
    if let Exit::To(at) = exit
        && let Some(draft) = drafts.get_mut(usize::from(at))
    {
        draft.ways = draft.ways.saturating_add_signed(more);
    }
}

/// Takes the test that only this one leads to into it, where both ask about one field; none where there is no such test.
fn swallow(drafts: &mut [Draft<'_>], at: usize) -> Option<()> {
    let draft = drafts.get(at)?;
    let next = |exit: Exit| match exit {
        Exit::To(next) => drafts.get(usize::from(next)).filter(|next| next.ways == 1),
        Exit::Holds | Exit::Fails => None,
    };
    let (asked, yes, no, left) = if let Some(next) = next(draft.yes).filter(|next| [next.yes, next.no].contains(&draft.no)) {
        let both = draft.no == next.no;
        (together(&draft.asked, &next.asked, |a, b| if both { a && b } else { !a || b })?, next.yes, next.no, (draft.yes, draft.no))
    } else {
        let next = next(draft.no).filter(|next| [next.yes, next.no].contains(&draft.yes))?;
        let either = draft.yes == next.yes;
        (together(&draft.asked, &next.asked, |a, b| if either { a || b } else { !a && b })?, next.yes, next.no, (draft.no, draft.yes))
    };
    let ways = draft.ways;
    count(drafts, left.0, -1);
    count(drafts, left.1, -1);
    *drafts.get_mut(at)? = Draft { asked, yes, no, ways };
    Some(())
}

fn together<'f>(a: &Asked<'f>, b: &Asked<'f>, combine: impl Fn(bool, bool) -> bool) -> Option<Asked<'f>> {
    match (a, b) {
        (Asked::Ints(field, a), Asked::Ints(other, b)) if field == other && a.0.len() + b.0.len() <= MOST => {
            Some(Asked::Ints(*field, a.with(b, combine)))
        }
        (Asked::Texts(field, a), Asked::Texts(other, b)) if field == other && a.listed.len() + b.listed.len() <= MOST => {
            Some(Asked::Texts(*field, a.with(b, combine)))
        }
        _ => None,
    }
}

/// A test in compact form: one of an argument that is no part of another, against literals.
fn asked(predicate: &Predicate) -> Asked<'_> {
    let plain = match predicate {
        Predicate::Compare(op, kind, Term::Arg(path), Term::Scalar(literal)) => compared(*op, *kind, path, literal),
        Predicate::Compare(op, kind, Term::Scalar(literal), Term::Arg(path)) => compared(turned(*op), *kind, path, literal),
        // An empty list fails a value that is absent, and nothing else.
        Predicate::In(kind, Term::Arg(path), members) if !members.is_empty() => listed(*kind, path, members),
        Predicate::InCidr(Term::Arg(path), _)
        | Predicate::UnderHost(Term::Arg(path), _)
        | Predicate::UnderPath(Term::Arg(path), _)
        | Predicate::Contains(Term::Arg(path), _)
        | Predicate::StartsWith(Term::Arg(path), _)
        | Predicate::EndsWith(Term::Arg(path), _)
        | Predicate::Like(Term::Arg(path), _)
        | Predicate::Matches(Term::Arg(path), _) => <[u16; 1]>::try_from(path.as_slice()).ok().map(|[field]| Asked::Words(field)),
        _ => None,
    };
    plain.unwrap_or(Asked::Other)
}

fn compared<'f>(op: CompareOp, kind: Kind, path: &[u16], literal: &'f Scalar) -> Option<Asked<'f>> {
    let &[field] = path else { return None };
    match (kind, literal, op) {
        (Kind::Bool, Scalar::Bool(literal), CompareOp::Eq) => Some(Asked::Bool(field, *literal)),
        (Kind::Bool, Scalar::Bool(literal), CompareOp::Ne) => Some(Asked::Bool(field, !*literal)),
        (Kind::Int, Scalar::Int(literal), op) => Some(Asked::Ints(field, Ranges::compared(op, *literal))),
        (Kind::Text, Scalar::Text(literal), CompareOp::Eq) => Some(Asked::Texts(field, Texts::listed([literal.as_str()].into()))),
        (Kind::Text, Scalar::Text(literal), CompareOp::Ne) => Some(Asked::Texts(field, Texts::but(literal))),
        _ => None,
    }
}

fn listed<'f>(kind: Kind, path: &[u16], members: &'f [Scalar]) -> Option<Asked<'f>> {
    let &[field] = path else { return None };
    match kind {
        Kind::Int => {
            let int = |member: &Scalar| if let Scalar::Int(value) = member { Some(*value) } else { None };
            Some(Asked::Ints(field, Ranges::listed(members.iter().map(int).collect::<Option<_>>()?)))
        }
        Kind::Text => {
            let text = |member: &'f Scalar| if let Scalar::Text(text) = member { Some(text.as_str()) } else { None };
            Some(Asked::Texts(field, Texts::listed(members.iter().map(text).collect::<Option<_>>()?)))
        }
        Kind::Bool | Kind::Number => None,
    }
}

/// The comparison of the same two, the other first.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        CompareOp::Eq | CompareOp::Ne => op,
    }
}
