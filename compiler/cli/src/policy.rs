//! Policies as files: reading them for the compiler, and what the compiler makes of them.
//!
//! In: a path. Out: [`Compiled`]: the sources, the findings, and as many stages as are free of errors.
//! Invariant: only what the policy names is read, and of no file more than [`POLICY_FILE_BYTES`].

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use leverframe_compiler::modules::{LoadError, Loader, SourceFile};
use leverframe_compiler::names::tests::Test;
use leverframe_compiler::pipeline::{self, BuildError, Checked};
use leverframe_runtime::Policy;
use leverframe_runtime::frame::{self, Frame, Origin};
use leverframe_syntax::FileId;

use crate::draw::Drawing;
use crate::exit::Failure;
use crate::frames;
use crate::limits::POLICY_FILE_BYTES;

/// A policy, as far as it could be compiled.
pub(crate) struct Compiled {
    /// What the compiler found out, its findings by place.
    pub(crate) checked: Checked,
    /// Its frame, where it has no errors.
    pub(crate) frame: Option<Frame>,
    /// Where the states of each of its rules come from.
    pub(crate) origins: Vec<Origin>,
}

/// The texts of a policy's modules.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    files: &'a [SourceFile],
}

impl<'a> Sources<'a> {
    /// The path and the text of a file; both empty where there is none.
    pub(crate) fn get(self, file: FileId) -> (&'a str, &'a str) {
        self.files.get(file.0 as usize).map_or(("", ""), |file| (file.path.as_str(), file.text.as_str()))
    }

    /// Something to draw findings with.
    pub(crate) fn drawing(self) -> Drawing {
        Drawing::new(self.files.iter().map(|file| (file.path.as_str(), file.text.as_str())))
    }
}

impl Compiled {
    /// The texts that spans are in.
    pub(crate) fn sources(&self) -> Sources<'_> {
        Sources { files: &self.checked.sources }
    }

    /// The frame as the runtime loads it; nothing where there are errors.
    ///
    /// # Errors
    /// [`Failure`] where the runtime refuses what the compiler has made: a fault of this program, or a state that would be too large.
    pub(crate) fn policy(&self) -> Result<Option<Policy>, Failure> {
        let Some(frame) = &self.frame else { return Ok(None) };
        let bytes = frame::write(frame, None).map_err(|error| Failure::Internal(error.to_string()))?;
        frames::from_bytes(Path::new("the policy's frame"), &bytes).map(Some)
    }

    /// The names of its assertions; none where there are errors.
    pub(crate) fn assertions(&self) -> impl Iterator<Item = &str> {
        let sound = self.frame.is_some().then_some(&self.checked.symbols.assertions);
        sound.into_iter().flatten().map(|assertion| assertion.tree.name.text.as_str())
    }

    /// Its tests, in module and source order.
    pub(crate) fn tests(&self) -> &[Test] {
        &self.checked.symbols.tests
    }
}

/// Compiles the policy that begins at `path`.
///
/// # Errors
/// [`Failure::Read`] where that file itself cannot be read; all else is a finding.
pub(crate) fn compile(path: &Path) -> Result<Compiled, Failure> {
    let name = path.to_str().ok_or_else(|| Failure::Usage(format!("the path `{}` is not Unicode", path.display())))?;
    let (checked, frame, origins) = match pipeline::build(name, &Disk) {
        Ok(built) => (built.checked, Some(built.frame), built.origins),
        Err(BuildError::Refused(checked)) => (*checked, None, Vec::new()),
        Err(BuildError::Load(_)) => return Err(unreadable(path)),
    };
    Ok(Compiled { checked, frame, origins })
}

/// Why a policy's own file cannot be read, in the system's words.
fn unreadable(path: &Path) -> Failure {
    let error = read(path).err().unwrap_or_else(|| io::Error::other("it could not be read"));
    Failure::read(path, error)
}

/// The text of one file.
///
/// # Errors
/// [`Failure::Read`]: not there, too long, or no UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    read(path).map_err(|error| Failure::read(path, error))
}

fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(POLICY_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > POLICY_FILE_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("it is longer than {POLICY_FILE_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        io::Error::new(io::ErrorKind::InvalidData, format!("it is not UTF-8 (byte {place})"))
    })
}

/// Reads modules and catalogs from the disk.
pub(crate) struct Disk;

impl Loader for Disk {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        read(Path::new(path)).map_err(|error| LoadError { path: path.to_owned(), reason: error.to_string() })
    }
}
