//! Absolute paths of a file system with `/` between the names.
//!
//! In: any text. Out: `/` alone, or `/name` once or more, without `.`, `..`, doubled or trailing slashes.
//! Invariants: `/a/` and `/a` are one path, names are compared by code point, and a normal form never climbs.
//! Left out on purpose: links, mounts and case-insensitive file systems, which only the machine that opens the file knows.
//! Characters other than NUL and the backslash are names; `C:/x` is relative and fails.
//! Source: clause 3 of the language and its fine print (any `%XX` fails; `under` includes its root).

use alloc::string::String;

use super::{DomainError, fill, has_percent_triplet};

/// Writes the normal form of `path` to `out`.
///
/// # Errors
/// [`DomainError::Empty`], [`DomainError::RelativePath`], [`DomainError::AboveRoot`], [`DomainError::ControlCharacter`] (NUL),
/// [`DomainError::Backslash`] or [`DomainError::PercentEncoded`].
pub fn normalise(path: &str, out: &mut String) -> Result<(), DomainError> {
    fill(out, |out| resolve(path, out))
}

/// Whether `path` is `root` or lies below it; both are normal forms.
#[must_use]
pub fn under(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || root == "/")
}

fn resolve(path: &str, out: &mut String) -> Result<(), DomainError> {
    if path.is_empty() {
        return Err(DomainError::Empty);
    }
    if is_plain(path.as_bytes()) {
        out.push_str(path);
        return Ok(());
    }
    refuse_ambiguous(path)?;
    let names = path.strip_prefix('/').ok_or(DomainError::RelativePath)?;
    for name in names.split('/') {
        match name {
            "" | "." => {}
            ".." => climb(out)?,
            name => {
                out.push('/');
                out.push_str(name);
            }
        }
    }
    if out.is_empty() {
        out.push('/');
    }
    Ok(())
}

/// Whether a path is its own normal form, as most are: every slash is followed by a name that begins with no dot, and nothing needs a second look.
fn is_plain(path: &[u8]) -> bool {
    let mut after_slash = false;
    for (index, byte) in path.iter().enumerate() {
        match byte {
            0 | b'\\' | b'%' => return false,
            b'/' | b'.' if after_slash => return false,
            b'/' => after_slash = true,
            _ if index == 0 => return false,
            _ => after_slash = false,
        }
    }
    !after_slash
}

fn refuse_ambiguous(path: &str) -> Result<(), DomainError> {
    if path.contains('\0') {
        Err(DomainError::ControlCharacter)
    } else if path.contains('\\') {
        Err(DomainError::Backslash)
    } else if has_percent_triplet(path) {
        Err(DomainError::PercentEncoded)
    } else {
        Ok(())
    }
}

/// Drops the last name; `out` is empty exactly where the root has been reached.
fn climb(out: &mut String) -> Result<(), DomainError> {
    let parent = out.rfind('/').ok_or(DomainError::AboveRoot)?;
    out.truncate(parent);
    Ok(())
}
