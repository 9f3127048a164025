//! Frames as files: loading one, and writing one whole or not at all.
//!
//! In: a path. Out: a policy that is ready to decide, or the bytes on the disk.
//! Invariant: what writes a file leaves either the old content or the whole new one under its name, whatever happens in between.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use leverframe_runtime::{LoadOptions, Policy, TrustedKey};

use crate::exit::Failure;
use crate::output::tell_warning;
use leverframe_trust::keys::now_ms;

/// Loads a frame, where keys are given only if it is signed by one of them; an unproven one with a warning.
///
/// # Errors
/// [`Failure::Read`], or [`Failure::Frame`] with the runtime's code.
pub(crate) fn load(path: &Path, keys: Vec<TrustedKey>) -> Result<Policy, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::read(path, error))?;
    let policy = signed(path, &bytes, keys)?;
    if policy.unproven() {
        tell_warning(&format!("`{}` is unproven: the checker has not proved its policy", path.display()));
    }
    Ok(policy)
}

/// Loads a frame that is in memory; `path` is what a failure names.
///
/// # Errors
/// [`Failure::Frame`].
pub(crate) fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Policy, Failure> {
    signed(path, bytes, Vec::new())
}

/// The same, where keys are given only if the frame is signed by one of them.
///
/// # Errors
/// [`Failure::Frame`].
pub(crate) fn signed(path: &Path, bytes: &[u8], keys: Vec<TrustedKey>) -> Result<Policy, Failure> {
    let options = LoadOptions { accept_unproven: true, keys, now_ms: Some(now_ms()), ..LoadOptions::default() };
    Policy::load(bytes, &options).map_err(|error| Failure::Frame { path: path.to_owned(), code: error.code(), message: error.to_string() })
}

/// Writes a file whole or not at all: beside it first, then in its place. What permissions the file had, it keeps.
///
/// # Errors
/// [`Failure::Write`].
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    // A link stays a link: what it leads to is replaced. What is no regular file (`/dev/stdout`) cannot be replaced, only written.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
        return fs::write(&target, bytes).map_err(|error| Failure::write(path, error));
    }
    let beside = beside(&target);
    let write = || -> io::Result<()> {
        let mut file = File::create_new(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        if let Ok(old) = fs::metadata(&target) {
            fs::set_permissions(&beside, old.permissions())?;
        }
        fs::rename(&beside, &target)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&beside);
        Failure::write(path, error)
    })
}

/// A name in the same directory that no other run of this program uses.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}
