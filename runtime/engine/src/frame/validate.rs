//! The one validation at load: after it every id is in range and nothing can fail late.
//!
//! In: a decoded [`Frame`]. Out: nothing, or the first thing that is wrong. The checks of rules are in `validate_rules`.
//! Source: `lang-spec/frame-format.md`, [frame.valid].

use alloc::string::String;
use alloc::vec::Vec;

use super::model::{Answer, AnswerId, Field, Frame, LabelId, Member, ProgramId, ToolRules, Type, TypeId};
use super::program::{Branch, Exit, Kind, Predicate, Program, Scalar, Term};
use super::validate_rules::validate_rules;
use super::validate_values::{validate_scans, validate_values};
use crate::domain::{DomainError, host, ip, path};
use crate::limits;

/// What is wrong with a decoded frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the frame is not valid: {what}")]
pub struct Invalid {
    /// In words.
    pub what: &'static str,
}

pub(super) type Check = Result<(), Invalid>;

pub(super) fn require(condition: bool, what: &'static str) -> Check {
    if condition { Ok(()) } else { Err(Invalid { what }) }
}

/// Checks a frame.
///
/// # Errors
/// [`Invalid`], the first thing found.
pub fn validate(frame: &Frame) -> Check {
    require(frame.language == 1, "its language version is unknown")?;
    require(frame.labels.len() <= limits::LABELS, "it has too many labels")?;
    types(frame)?;
    programs(frame)?;
    subjects(frame)?;
    validate_values(frame)?;
    permissions(frame)?;
    validate_rules(frame)?;
    validate_scans(frame)
}

fn types(frame: &Frame) -> Check {
    let mut depths: Vec<usize> = Vec::with_capacity(frame.types.len());
    for ty in &frame.types {
        let depth = depth_of(&frame.types, ty, &depths)?;
        require(depth <= limits::TYPE_DEPTH, "a type nests too deep")?;
        depths.push(depth);
    }
    record(frame, frame.context).map(|_| ())
}

fn depth_of(types: &[Type], ty: &Type, depths: &[usize]) -> Result<usize, Invalid> {
    let below = |id: TypeId| depths.get(id.index()).copied().ok_or(Invalid { what: "a type refers forward" });
    match ty {
        Type::Int { lo, hi } => require(lo <= hi, "a range is empty").map(|()| 1),
        Type::List(element) => below(*element).map(|depth| depth + 1),
        Type::Record { fields, .. } => {
            let mut deepest = 0;
            for field in fields {
                deepest = deepest.max(below(field.ty)?);
            }
            require(sorted(fields), "a record's fields are not sorted")?;
            require(fields.len() < usize::from(u16::MAX), "a record has too many fields")?;
            let fits = |field: &Field| {
                field.default.as_ref().is_none_or(|default| types.get(field.ty.index()).is_some_and(|ty| default_fits(ty, default)))
            };
            require(fields.iter().all(fits), "a default does not fit its field")?;
            Ok(deepest + 1)
        }
        _ => Ok(1),
    }
}

fn sorted(fields: &[Field]) -> bool {
    fields.windows(2).all(|pair| matches!(pair, [a, b] if a.name < b.name))
}

/// The fields of a record type.
pub(super) fn record(frame: &Frame, id: TypeId) -> Result<&[Field], Invalid> {
    match frame.types.get(id.index()) {
        Some(Type::Record { fields, .. }) => Ok(fields),
        _ => Err(Invalid { what: "arguments are no record" }),
    }
}

fn programs(frame: &Frame) -> Check {
    for (index, program) in frame.programs.iter().enumerate() {
        require(program.tests.len() <= limits::TESTS_PER_PROGRAM, "a condition is too long")?;
        exit(program, None, program.entry)?;
        for (at, branch) in program.tests.iter().enumerate() {
            exit(program, Some(at), branch.yes)?;
            exit(program, Some(at), branch.no)?;
            predicate(frame, index, branch)?;
        }
    }
    quantifier_depth(frame)
}

fn exit(program: &Program, from: Option<usize>, exit: Exit) -> Check {
    match exit {
        Exit::To(to) => {
            let to = usize::from(to);
            let forward = from.is_none_or(|from| to > from);
            require(forward && to < program.tests.len(), "a condition jumps backward or out")
        }
        Exit::Holds | Exit::Fails => Ok(()),
    }
}

fn predicate(frame: &Frame, program: usize, branch: &Branch) -> Check {
    match &branch.test {
        Predicate::Compare(_, _, a, b) => term(a, 0).and_then(|()| term(b, 0)),
        Predicate::Matches(a, regex) => {
            require(regex.index() < frame.regexes.len(), "a regular expression is absent")?;
            term(a, 0)
        }
        Predicate::Quantified { list, body, .. } => {
            require(body.index() < program, "a quantifier's body refers forward")?;
            term(list, 0)
        }
        Predicate::Has(label) | Predicate::Carries(label) => label_in_range(frame, *label),
        Predicate::InCidr(a, network) => {
            require(ip::Network::parse(&network.text).is_ok(), "a network cannot be read")?;
            term(a, 0)
        }
        Predicate::UnderHost(a, domain) => {
            require(is_normal(host::normalise, domain), "a host is not in normal form")?;
            term(a, 0)
        }
        Predicate::UnderPath(a, root) => {
            require(is_normal(path::normalise, root), "a path is not in normal form")?;
            term(a, 0)
        }
        Predicate::In(kind, a, members) => {
            require(members.iter().all(|member| is_of(*kind, member)), "a member of a set is of another kind")?;
            term(a, 0)
        }
        Predicate::Present(a)
        | Predicate::Contains(a, _)
        | Predicate::StartsWith(a, _)
        | Predicate::EndsWith(a, _)
        | Predicate::Like(a, _) => term(a, 0),
    }
}

/// Whether a literal can be read as a kind.
fn is_of(kind: Kind, literal: &Scalar) -> bool {
    matches!(
        (kind, literal),
        (Kind::Bool, Scalar::Bool(_))
            | (Kind::Int, Scalar::Int(_))
            | (Kind::Number, Scalar::Int(_) | Scalar::Number(_))
            | (Kind::Text, Scalar::Text(_))
    )
}

fn is_normal(normalise: fn(&str, &mut String) -> Result<(), DomainError>, literal: &str) -> bool {
    let mut normal = String::new();
    normalise(literal, &mut normal).is_ok() && normal == literal
}

pub(super) fn label_in_range(frame: &Frame, label: LabelId) -> Check {
    require(label.index() < frame.labels.len(), "a label is out of range")
}

fn term(t: &Term, depth: usize) -> Check {
    require(depth < limits::TERM_DEPTH, "a term nests too deep")?;
    match t {
        Term::Apply(_, inner) => term(inner, depth + 1),
        Term::Arith(_, a, b) => term(a, depth + 1).and_then(|()| term(b, depth + 1)),
        Term::Element(level, _) => require(usize::from(*level) < limits::TERM_DEPTH, "an element is out of range"),
        _ => Ok(()),
    }
}

/// Bodies have smaller ids than the programs that call them, so one pass gives each program's depth.
fn quantifier_depth(frame: &Frame) -> Check {
    let mut depths: Vec<usize> = Vec::with_capacity(frame.programs.len());
    for program in &frame.programs {
        let mut depth = 0;
        for branch in &program.tests {
            if let Predicate::Quantified { body, .. } = &branch.test {
                depth = depth.max(depths.get(body.index()).copied().unwrap_or(0) + 1);
            }
        }
        require(depth <= limits::TERM_DEPTH, "quantifiers nest too deep")?;
        depths.push(depth);
    }
    Ok(())
}

fn subjects(frame: &Frame) -> Check {
    let names: Vec<&String> = frame.tools.iter().map(|tool| &tool.name).collect();
    require(names.windows(2).all(|pair| matches!(pair, [a, b] if a < b)), "tools are not sorted by name")?;
    let known = known_labels(frame);
    let results = read_results(frame);
    for tool in &frame.tools {
        record(frame, tool.args)?;
        guards(frame, &tool.guards, &results)?;
        guards(frame, &tool.result_guards, &[])?;
        let all = tool.guards.len() + tool.result_guards.len();
        require(all <= limits::GUARDS_PER_TOOL, "a tool has too many guards")?;
        require(tool.returns & !known == 0, "a tool returns an unknown label")?;
    }
    for event in &frame.events {
        record(frame, event.args)?;
        guards(frame, &event.guards, &results)?;
    }
    Ok(())
}

fn guards(frame: &Frame, guards: &[ProgramId], results: &[bool]) -> Check {
    require(guards.len() <= limits::GUARDS_PER_TOOL, "a tool has too many guards")?;
    guards.iter().try_for_each(|guard| program_in_range(frame, *guard).and_then(|()| reads_no_result(results, *guard)))
}

fn reads_no_result(results: &[bool], program: ProgramId) -> Check {
    require(results.get(program.index()) != Some(&true), "a condition reads a result before there is one")
}

/// Every label of the frame, a bit each.
pub(super) fn known_labels(frame: &Frame) -> u64 {
    let rest = limits::LABELS.saturating_sub(frame.labels.len());
    u32::try_from(rest).ok().and_then(|rest| u64::MAX.checked_shr(rest)).unwrap_or(0)
}

/// Which programs read a result; bodies have smaller ids than the programs that call them.
fn read_results(frame: &Frame) -> Vec<bool> {
    let mut reads: Vec<bool> = Vec::with_capacity(frame.programs.len());
    for program in &frame.programs {
        let read = program.tests.iter().any(|branch| match &branch.test {
            Predicate::Compare(_, _, a, b) => reads_result(a) || reads_result(b),
            Predicate::Quantified { list, body, .. } => reads_result(list) || reads.get(body.index()) == Some(&true),
            Predicate::Has(_) | Predicate::Carries(_) => false,
            Predicate::Matches(a, _)
            | Predicate::InCidr(a, _)
            | Predicate::UnderHost(a, _)
            | Predicate::UnderPath(a, _)
            | Predicate::Present(a)
            | Predicate::In(_, a, _)
            | Predicate::Contains(a, _)
            | Predicate::StartsWith(a, _)
            | Predicate::EndsWith(a, _)
            | Predicate::Like(a, _) => reads_result(a),
        });
        reads.push(read);
    }
    reads
}

fn reads_result(term: &Term) -> bool {
    match term {
        Term::Result(_) => true,
        Term::Apply(_, inner) => reads_result(inner),
        Term::Arith(_, a, b) => reads_result(a) || reads_result(b),
        Term::Arg(_) | Term::Element(..) | Term::Context(_) | Term::At | Term::Scalar(_) => false,
    }
}

fn program_in_range(frame: &Frame, program: ProgramId) -> Check {
    require(program.index() < frame.programs.len(), "a condition is out of range")
}

fn permissions(frame: &Frame) -> Check {
    let results = read_results(frame);
    for answer in &frame.answers {
        if let Some(condition) = answer.condition {
            program_in_range(frame, condition)?;
            reads_no_result(&results, condition)?;
        }
    }
    tool_rules(frame, &frame.everyone)?;
    for persona in &frame.personas {
        if let Some(otherwise) = persona.otherwise {
            answer(frame, otherwise)?;
        }
        tool_rules(frame, &persona.tools)?;
    }
    Ok(())
}

fn tool_rules(frame: &Frame, rules: &[ToolRules]) -> Check {
    let ascending = rules.windows(2).all(|pair| matches!(pair, [a, b] if a.tool < b.tool));
    require(ascending, "a persona's tools are not sorted")?;
    for rule in rules {
        require(rule.tool.index() < frame.tools.len(), "a tool is out of range")?;
        for member in &rule.members {
            match member {
                Member::Rule(id) => answer(frame, *id).map(|_| ())?,
                Member::On(arms) => arms.iter().try_for_each(|id| answer(frame, *id).map(|_| ()))?,
            }
        }
    }
    Ok(())
}

fn answer(frame: &Frame, id: AnswerId) -> Result<&Answer, Invalid> {
    frame.answers.get(id.index()).ok_or(Invalid { what: "an answer is out of range" })
}

/// Whether a default fits the kind of value that its field's type keeps.
fn default_fits(ty: &Type, default: &Scalar) -> bool {
    match (ty, default) {
        (Type::Bool, Scalar::Bool(_)) | (Type::Number, Scalar::Number(_) | Scalar::Int(_)) => true,
        (Type::Int { lo, hi }, Scalar::Int(value)) => lo <= value && value <= hi,
        (Type::Timestamp | Type::Duration, Scalar::Int(_)) => true,
        (Type::Enum(members), Scalar::Text(text)) => members.binary_search(text).is_ok(),
        (Type::String | Type::Email | Type::Url | Type::Path | Type::Ip, Scalar::Text(_)) => true,
        _ => false,
    }
}
