//! How many different values a limit can count.
//!
//! In: a limit on different values. Out: whether there are no more than it admits. Source: `lang-spec/certificate.md`, [cert.findings].

use leverframe_reference::Policy;
use leverframe_reference::policy::{Body, FieldPath, Kind, Measure, Rule, Step};
use leverframe_reference::types::{Record, Type};

/// Whether the values that a rule counts are never so many.
pub(super) fn too_few(policy: &Policy, rule: &Rule) -> bool {
    let Body::Limit { measure: Measure::Distinct(most, _, path), event, .. } = &rule.body else { return false };
    if path.of_result || event.parts.iter().any(|part| part.kind == Kind::Event) {
        return false;
    }
    // A refused attempt may have no value whatever its tool declares.
    let attempts = u64::from(event.parts.iter().any(|part| part.kind != Kind::Call));
    let names = event.parts.iter().flat_map(|part| &part.cases).flat_map(|case| &case.names);
    let sizes = names.map(|name| size(&policy.tool(name)?.args, path));
    let all = sizes.chain([Some(attempts)]).try_fold(0_u64, |all, size| all.checked_add(size?));
    all.is_some_and(|all| all <= *most)
}

/// How many values of a tool's calls there are. A call without a value is judged whatever was counted, so there is no end where one may have none.
fn size(args: &Record, path: &FieldPath) -> Option<u64> {
    let none = path.steps.iter().any(|step| step.each) || may_lack(args, &path.steps);
    if none { None } else { domain(args, &path.steps) }
}

fn may_lack(record: &Record, steps: &[Step]) -> bool {
    let Some((step, rest)) = steps.split_first() else { return false };
    let Some(field) = record.field(&step.name) else { return true };
    let inner = |ty: &Type| match ty {
        Type::Record(record) => may_lack(record, rest),
        _ => true,
    };
    field.nullable || (!field.required && field.default.is_none()) || (!rest.is_empty() && inner(&field.ty))
}

/// Nothing where there is no end of them.
fn domain(record: &Record, steps: &[Step]) -> Option<u64> {
    let (step, rest) = steps.split_first()?;
    match (&record.field(&step.name)?.ty, rest) {
        (Type::Record(record), [_, ..]) => domain(record, rest),
        (Type::Bool, []) => Some(2),
        (Type::Enum(members), []) => u64::try_from(members.len()).ok(),
        (Type::Int(lo, hi), []) => u64::try_from(hi.checked_sub(*lo)?).ok()?.checked_add(1),
        _ => None,
    }
}
