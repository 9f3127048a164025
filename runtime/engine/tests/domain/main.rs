//! Corpora of the domain types: what each spelling becomes, and why the others have no normal form.

mod decimal;
mod email;
mod host;
mod ip;
mod mutated;
mod path;
mod text;
mod time;
mod url;

use leverframe_runtime::domain::DomainError;

/// A normaliser of one domain type.
type Normaliser = fn(&str, &mut String) -> Result<(), DomainError>;

/// The normal form of `text`, from a buffer that holds something else before.
fn normal(normalise: Normaliser, text: &str) -> Result<String, DomainError> {
    let mut out = String::from("left over");
    match normalise(text, &mut out) {
        Ok(()) => Ok(out),
        Err(error) => {
            assert_eq!(out, "", "an error leaves the buffer empty: {text:?}");
            Err(error)
        }
    }
}

/// Every pair's first spelling has the second as its normal form, which is its own.
fn becomes(normalise: Normaliser, pairs: &[(&str, &str)]) {
    for (text, wanted) in pairs {
        assert_eq!(normal(normalise, text).as_deref(), Ok(*wanted), "{text:?}");
        assert_eq!(normal(normalise, wanted).as_deref(), Ok(*wanted), "idempotence at {text:?}");
    }
}

/// Every spelling fails for the reason beside it.
fn fails(normalise: Normaliser, pairs: &[(&str, DomainError)]) {
    for (text, reason) in pairs {
        assert_eq!(normal(normalise, text), Err(*reason), "{text:?}");
    }
}
