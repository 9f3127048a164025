//! Literals brought to the normal form of what they stand beside.
//!
//! In: a literal as written, and what it is compared with. Out: its [`Scalar`], or why it has no value there.
//! Invariant: the text of a domain type goes through the runtime's own function, so a literal and an argument that mean the same compare equal.
//! Source: language section 3 (normal forms); `lang-spec/core-form.md`, the literals of [core.cond].

use leverframe_runtime::domain::{DomainError, email, host, ip, path, time, url};
use leverframe_syntax::tree::LiteralKind;

use super::lattice::{self, INT};
use crate::core::{Scalar, Type};

/// What a text beside a value of a string type is normalised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As written.
    Plain,
    /// A host of a URL.
    Host,
    /// The domain of an address.
    Domain,
}

/// Why a literal has no value where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LiteralProblem {
    /// It has no normal form of that kind.
    Form(&'static str, DomainError),
    /// It is no member of the enumeration.
    Member,
    /// Its type is another.
    Type,
    /// `null` is no value.
    Null,
}

/// The type that a literal has by itself; none for `null`.
pub(crate) fn type_of(kind: &LiteralKind) -> Option<Type> {
    match kind {
        LiteralKind::String(_) => Some(Type::String),
        LiteralKind::Int(_) => Some(INT),
        LiteralKind::Decimal(_) => Some(Type::Number),
        LiteralKind::Bool(_) => Some(Type::Bool),
        LiteralKind::Duration(_) => Some(Type::Duration),
        LiteralKind::Timestamp(_) => Some(Type::Timestamp),
        LiteralKind::Null => None,
    }
}

/// The value of a literal by itself.
pub(crate) fn plain(kind: &LiteralKind) -> Result<Scalar, LiteralProblem> {
    match kind {
        LiteralKind::String(text) => Ok(Scalar::String(text.clone())),
        LiteralKind::Int(value) => Ok(Scalar::Int(*value)),
        LiteralKind::Decimal(text) => Ok(Scalar::Number(decimal(text))),
        LiteralKind::Bool(value) => Ok(Scalar::Bool(*value)),
        LiteralKind::Duration(ms) => {
            i64::try_from(*ms).map(Scalar::Duration).map_err(|_| LiteralProblem::Form("a duration", DomainError::OutOfRange))
        }
        LiteralKind::Timestamp(text) => {
            time::parse_timestamp(text).map(Scalar::Timestamp).map_err(|error| LiteralProblem::Form("a timestamp", error))
        }
        LiteralKind::Null => Err(LiteralProblem::Null),
    }
}

/// The value of a literal beside a value of type `ty` and, if that is a string, of form `form`.
pub(crate) fn beside(kind: &LiteralKind, ty: &Type, form: Form) -> Result<Scalar, LiteralProblem> {
    if let LiteralKind::String(text) = kind {
        return text_beside(text, ty, form);
    }
    let own = type_of(kind).ok_or(LiteralProblem::Null)?;
    lattice::compared(&own, ty).ok_or(LiteralProblem::Type)?;
    plain(kind)
}

fn text_beside(text: &str, ty: &Type, form: Form) -> Result<Scalar, LiteralProblem> {
    let normal = match (ty, form) {
        (Type::String, Form::Plain) => text.to_owned(),
        (Type::String, Form::Host) => normal(host_normal, "a host", text)?,
        (Type::String, Form::Domain) => normal(domain_normal, "the domain of an address", text)?,
        (Type::Enum(members), _) if members.iter().any(|member| member == text) => text.to_owned(),
        (Type::Enum(_), _) => return Err(LiteralProblem::Member),
        (Type::Email, _) => normal(email::normalise, "an email", text)?,
        (Type::Url, _) => normal(url::normalise, "a url", text)?,
        (Type::Path, _) => normal(path::normalise, "a path", text)?,
        (Type::Ip, _) => normal(ip::normalise, "an ip", text)?,
        _ => return Err(LiteralProblem::Type),
    };
    Ok(Scalar::String(normal))
}

type Normalise = fn(&str, &mut String) -> Result<(), DomainError>;

fn normal(write: Normalise, what: &'static str, text: &str) -> Result<String, LiteralProblem> {
    let mut out = String::new();
    write(text, &mut out).map_err(|error| LiteralProblem::Form(what, error))?;
    Ok(out)
}

/// The normal form of a path's text.
pub(crate) fn path_form(text: &str) -> Result<String, LiteralProblem> {
    normal(path::normalise, "a path", text)
}

/// The normal form of a host's text.
pub(crate) fn host_form(text: &str) -> Result<String, LiteralProblem> {
    normal(host_normal, "a host", text)
}

/// The normal form of an address's domain.
pub(crate) fn domain_form(text: &str) -> Result<String, LiteralProblem> {
    normal(domain_normal, "the domain of an address", text)
}

/// Checks a network.
pub(crate) fn network(text: &str) -> Result<(), LiteralProblem> {
    ip::Network::parse(text).map(|_| ()).map_err(|error| LiteralProblem::Form("a network", error))
}

fn host_normal(text: &str, out: &mut String) -> Result<(), DomainError> {
    host::normalise(text, out)
}

/// A domain alone has the form that it has in an address.
fn domain_normal(text: &str, out: &mut String) -> Result<(), DomainError> {
    let mut address = String::new();
    email::normalise(&format!("x@{text}"), &mut address)?;
    let (_, domain) = email::parts(&address).ok_or(DomainError::NotEmail)?;
    out.clear();
    out.push_str(domain);
    Ok(())
}

/// The normal form of digits with at most one point: no leading or trailing zero that carries nothing.
pub(crate) fn decimal(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    match (whole, fraction) {
        ("", "") => "0".into(),
        (whole, "") => format!("{sign}{whole}"),
        ("", fraction) => format!("{sign}0.{fraction}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> LiteralKind {
        LiteralKind::String(text.into())
    }

    #[test]
    fn decimals_lose_what_carries_nothing() {
        for (given, wanted) in [("1.50", "1.5"), ("007.0", "7"), ("-0.0", "0"), ("0.050", "0.05"), ("-12", "-12"), ("100", "100")] {
            assert_eq!(decimal(given), wanted);
        }
    }

    #[test]
    fn domain_texts_take_the_form_of_what_they_stand_beside() {
        let of = |literal, ty, form| beside(&text(literal), &ty, form);
        let ok = |text: &str| Ok(Scalar::String(text.into()));
        assert_eq!(of("A@ACME.Example", Type::Email, Form::Plain), ok("A@acme.example"));
        assert_eq!(of("/srv/./a/../b", Type::Path, Form::Plain), ok("/srv/b"));
        assert_eq!(of("Acme.EXAMPLE.", Type::String, Form::Host), ok("acme.example"));
        assert_eq!(of("Acme.EXAMPLE", Type::String, Form::Domain), ok("acme.example"));
        assert_eq!(of("Acme", Type::String, Form::Plain), ok("Acme"));
    }

    #[test]
    fn a_text_without_the_form_is_refused() {
        assert!(matches!(beside(&text("srv"), &Type::Path, Form::Plain), Err(LiteralProblem::Form("a path", _))));
        assert!(matches!(beside(&text("x"), &Type::Enum(vec!["a".into()]), Form::Plain), Err(LiteralProblem::Member)));
        assert_eq!(beside(&text("1"), &INT, Form::Plain), Err(LiteralProblem::Type));
        assert_eq!(beside(&LiteralKind::Null, &INT, Form::Plain), Err(LiteralProblem::Null));
    }
}
