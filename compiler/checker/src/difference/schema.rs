//! Arguments of one tool as two policies declare them.
//!
//! In: two object types. Out: one that everything fits which fits both; whether all that fits one fits the other; conditions that only one of them can meet.
//! Invariant: where the types read one value differently there is no type for both. Source: language section 3.

use std::collections::BTreeSet;

use leverframe_compiler::core::cond::CompareOp;
use leverframe_compiler::core::{Cond, Field, Record, Scalar, Term, Type, TypeTag};

use crate::session::permit::{and, negated};

/// A type that every value fits which fits both.
///
/// # Errors
/// The member that the two read differently.
pub(super) fn joined(a: &Record, b: &Record) -> Result<Record, String> {
    let names: BTreeSet<&str> = a.fields.iter().chain(&b.fields).map(|field| field.name.as_str()).collect();
    let fields = names.into_iter().filter_map(|name| match (named(a, name), named(b, name)) {
        (Some(a), Some(b)) => Some(joined_field(a, b)),
        (Some(one), None) | (None, Some(one)) => Some(Ok(Field { required: false, ..one.clone() })),
        (None, None) => None,
    });
    Ok(Record { open: a.open || b.open, fields: fields.collect::<Result<_, _>>()? })
}

fn named<'r>(record: &'r Record, name: &str) -> Option<&'r Field> {
    record.fields.iter().find(|field| field.name == name)
}

fn joined_field(a: &Field, b: &Field) -> Result<Field, String> {
    let Field { name, ty, required, nullable, default } = a;
    if *default != b.default {
        return Err(format!("`{name}` has another default"));
    }
    let ty = joined_type(ty, &b.ty).ok_or_else(|| format!("`{name}` has another type"))?;
    let (required, nullable) = (*required && b.required, *nullable || b.nullable);
    Ok(Field { name: name.clone(), ty, required, nullable, default: default.clone() })
}

fn joined_type(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        (Type::Int { lo, hi }, Type::Int { lo: low, hi: high }) => Type::Int { lo: *lo.min(low), hi: *hi.max(high) },
        (Type::Enum(a), Type::Enum(b)) => {
            let all: BTreeSet<String> = a.iter().chain(b).cloned().collect();
            Type::Enum(all.into_iter().collect())
        }
        (Type::Json(_), Type::Json(_)) => Type::Json(None),
        (Type::List(a), Type::List(b)) => Type::List(Box::new(joined_type(a, b)?)),
        (Type::Record(a), Type::Record(b)) => Type::Record(joined(a, b).ok()?),
        (a, b) if a == b => a.clone(),
        _ => return None,
    })
}

/// Whether all that fits `narrow` fits `wide`, given that there is a type for both.
pub(super) fn fits(narrow: &Record, wide: &Record) -> bool {
    let declared = narrow.fields.iter().all(|field| match named(wide, &field.name) {
        Some(other) => fits_field(field, other),
        None => wide.open,
    });
    let others = wide.fields.iter().filter(|field| named(narrow, &field.name).is_none()).all(|field| !narrow.open && !field.required);
    declared && others && (wide.open || !narrow.open)
}

fn fits_field(narrow: &Field, wide: &Field) -> bool {
    let there = narrow.required || !wide.required;
    there && (wide.nullable || !narrow.nullable) && fits_type(&narrow.ty, &wide.ty)
}

fn fits_type(narrow: &Type, wide: &Type) -> bool {
    match (narrow, wide) {
        (Type::Int { lo, hi }, Type::Int { lo: low, hi: high }) => lo >= low && hi <= high,
        (Type::Enum(a), Type::Enum(b)) => a.iter().all(|value| b.contains(value)),
        (Type::List(a), Type::List(b)) => fits_type(a, b),
        (Type::Record(a), Type::Record(b)) => fits(a, b),
        (Type::Json(_), Type::Json(_)) => true,
        (a, b) => a == b,
    }
}

/// Conditions on arguments of type `own` some of which, where they hold, make them no arguments of type `other`.
pub(super) fn beyond(own: &Record, other: &Record) -> Vec<Cond> {
    let mut found = Vec::new();
    beyond_at(&[], own, other, &mut found);
    found
}

fn beyond_at(way: &[String], own: &Record, other: &Record, found: &mut Vec<Cond>) {
    for field in &own.fields {
        let way = [way, std::slice::from_ref(&field.name)].concat();
        let there = Cond::Present(Term::Arg(way.clone()));
        let Some(known) = named(other, &field.name) else {
            found.push(there);
            continue;
        };
        if known.required && !field.required {
            found.push(negated(there.clone()));
        }
        let is = |tag: TypeTag, value: Scalar| {
            and(vec![there.clone(), Cond::Compare(CompareOp::Eq, tag, Term::Arg(way.clone()), Term::Literal(value))])
        };
        match (&field.ty, &known.ty) {
            (Type::Int { lo, hi }, Type::Int { .. }) => found.extend([lo, hi].map(|value| is(TypeTag::Int, Scalar::Int(*value)))),
            (Type::Enum(values), Type::Enum(others)) => {
                let new = values.iter().filter(|value| !others.contains(value));
                found.extend(new.map(|value| is(TypeTag::String, Scalar::String(value.clone()))));
            }
            (Type::Record(own), Type::Record(other)) => beyond_at(&way, own, other, found),
            _ => {}
        }
    }
    // Whatever the arguments are, one that is required may not be among them.
    found.extend(other.fields.iter().any(|field| field.required && named(own, &field.name).is_none()).then_some(Cond::Const(true)));
}

#[cfg(test)]
mod tests {
    use leverframe_compiler::core::{Field, Record, Type};

    use super::{beyond, fits, joined};

    fn record(fields: &[(&str, Type, bool)]) -> Record {
        let field = |(name, ty, required): &(&str, Type, bool)| Field {
            name: (*name).to_owned(),
            ty: ty.clone(),
            required: *required,
            nullable: false,
            default: None,
        };
        Record { open: false, fields: fields.iter().map(field).collect() }
    }

    fn int(lo: i64, hi: i64) -> Type {
        Type::Int { lo, hi }
    }

    #[test]
    fn a_narrower_type_fits_a_wider_one_and_not_the_other_way_round() {
        let small = record(&[("n", int(0, 5), true)]);
        let large = record(&[("m", Type::String, false), ("n", int(0, 9), true)]);
        assert!(fits(&small, &large) && !fits(&large, &small));
        assert_eq!(joined(&small, &large).as_ref(), Ok(&large));
        assert_eq!(beyond(&large, &small).len(), 3, "`m`, and the two ends of `n`");
    }

    #[test]
    fn what_is_required_on_one_side_only_does_not_fit() {
        let (with, without) = (record(&[("n", Type::Bool, true)]), record(&[]));
        assert!(!fits(&with, &without) && !fits(&without, &with));
        let open = Record { open: true, ..without };
        assert!(fits(&with, &open) && !fits(&open, &with));
    }

    #[test]
    fn two_readings_of_one_value_have_no_type_in_common() {
        let (a, b) = (record(&[("n", Type::String, true)]), record(&[("n", Type::Email, true)]));
        assert_eq!(joined(&a, &b), Err("`n` has another type".to_owned()));
    }
}
