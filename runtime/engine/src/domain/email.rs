//! One plain e-mail address.
//!
//! In: any text. Out: `local@domain` with the domain lower-cased and the local part as it was written.
//! Invariants: exactly one `@`; the local part is a dot-atom without `%` and `!`, by which relays were once told to send a
//! message on; the domain is labels of ASCII letters, digits and inner hyphens, the last not all digits.
//! Choices, all to the strict side: only ASCII. A domain of another script must come in its `xn--` form and is then compared
//! as that, so no look-alike (`ａcme.example`, `аcme.example`) becomes an ASCII name on the way. A trailing dot, a quoted local part, a
//! comment, a display name, an address list, an address literal and white space anywhere fail.
//! Left out on purpose: whether the mailbox exists, and what its provider takes for equal (`+tag`, dots, case of the local part).
//! Source: clause 3 of the language; the dot-atom of RFC 5322, section 3.2.3.

use alloc::string::String;

use super::{DomainError, fill};

/// Writes the normal form of `email` to `out`.
///
/// # Errors
/// [`DomainError::Empty`] or [`DomainError::NotEmail`].
pub fn normalise(email: &str, out: &mut String) -> Result<(), DomainError> {
    if email.is_empty() {
        out.clear();
        return Err(DomainError::Empty);
    }
    fill(out, |out| {
        let (local, domain) = email.split_once('@').ok_or(DomainError::NotEmail)?;
        if !is_dot_atom(local) || !is_domain(domain) {
            return Err(DomainError::NotEmail);
        }
        out.push_str(local);
        out.push('@');
        out.extend(domain.chars().map(|c| c.to_ascii_lowercase()));
        Ok(())
    })
}

/// Takes an address in normal form apart into local part and domain; none where `normal` has no `@`.
#[must_use]
pub fn parts(normal: &str) -> Option<(&str, &str)> {
    normal.rsplit_once('@')
}

fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_byte))
}

/// The `atext` of RFC 5322 without `%` and `!`.
fn is_atom_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"#$&'*+-/=?^_`{|}~".contains(&b)
}

fn is_domain(domain: &str) -> bool {
    let numeric_last = domain.rsplit('.').next().is_none_or(|last| last.bytes().all(|b| b.is_ascii_digit()));
    !numeric_last && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
