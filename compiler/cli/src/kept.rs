//! The checker's answers as files, so that the next check asks only what it cannot know.
//!
//! In: a folder and a policy's name. Out: what earlier checks of it found out; a file with what this one did. Invariants: what another program wrote, to the bit,
//! counts as nothing, and what is damaged as well; a file is written whole or not at all. Left out: who may write there. Whoever can decides what a check says.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use leverframe_checker::Cache;
use sha2::{Digest, Sha256};

use crate::exit::Failure;
use crate::frames;
use crate::limits::{CACHE_FILE_BYTES, CACHE_NAME_CHARS};
use crate::output::tell_warning;

/// A policy's file of answers.
pub(crate) struct Kept {
    path: PathBuf,
    /// The digest of this program.
    maker: String,
}

impl Kept {
    /// The file in `folder` that belongs to the policy of that name. The folder is made where there is none.
    ///
    /// # Errors
    /// [`Failure::Write`] of a folder that cannot be made, [`Failure::Read`] where this program cannot read itself.
    pub(crate) fn of(folder: &Path, policy: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| Failure::write(folder, error))?;
        Ok(Self { path: folder.join(name(policy)), maker: own_digest()? })
    }

    /// What is kept there; nothing where that is of no use, which is told where it is no file of this kind.
    pub(crate) fn read(&self) -> Cache {
        let told = |why: &str| {
            tell_warning(&format!("`{}` is not used: {why}", self.path.display()));
            Cache::default()
        };
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Cache::default(),
            Ok(metadata) if metadata.len() > CACHE_FILE_BYTES => return told("it is too large for a file of answers"),
            _ => {}
        }
        match fs::read(&self.path) {
            Err(error) => told(&error.to_string()),
            Ok(bytes) => match Cache::read(&bytes, &self.maker) {
                Ok(cache) => cache,
                Err(leverframe_checker::CacheError::OtherMaker) => Cache::default(),
                Err(error) => told(&error.to_string()),
            },
        }
    }

    /// Keeps the answers.
    ///
    /// # Errors
    /// [`Failure::Write`].
    pub(crate) fn write(&self, cache: Cache) -> Result<(), Failure> {
        let bytes = cache.kept(&self.maker).map_err(|error| Failure::Internal(error.to_string()))?;
        frames::replace(&self.path, &bytes)
    }
}

/// A name that tells policies apart: by the path that they are given by, so that another checkout finds the same file.
fn name(policy: &Path) -> String {
    let stem = policy.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let plain: String = stem.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(CACHE_NAME_CHARS).collect();
    format!("{plain}-{}.json", hex(&Sha256::digest(policy.as_os_str().as_encoded_bytes()), 8))
}

/// The digest of the file that this program runs from.
fn own_digest() -> Result<String, Failure> {
    let path = std::env::current_exe().map_err(|error| Failure::read(Path::new("the program itself"), error))?;
    let mut hasher = Sha256::new();
    let mut hash = || io::copy(&mut File::open(&path)?, &mut Hashing(&mut hasher));
    hash().map_err(|error| Failure::read(&path, error))?;
    Ok(hex(&hasher.finalize(), 32))
}

struct Hashing<'h>(&'h mut Sha256);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hex(bytes: &[u8], most: usize) -> String {
    bytes.iter().take(most).map(|byte| format!("{byte:02x}")).collect()
}
