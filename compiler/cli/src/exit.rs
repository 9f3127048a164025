//! How a command ends: the exit codes, and the failures that are no findings.
//!
//! In: what a command met. Out: [`Exit`], or a [`Failure`] that leaves with 2.
//! Invariant: these are the only exit codes there are.
//! Source: the command line's contract (README, "Exit codes").

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How a command that ran to its end leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// 0: nothing at or above the fail level.
    Clean,
    /// 1: findings, a failed test, an expectation that is not met, a difference.
    Findings,
    /// 2: usage, unreadable input, internal error.
    Unusable,
}

impl Exit {
    /// `Findings` if there are any.
    pub(crate) fn of_findings(any: bool) -> Self {
        if any { Self::Findings } else { Self::Clean }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Clean => Self::from(0),
            Exit::Findings => Self::from(1),
            Exit::Unusable => Self::from(2),
        }
    }
}

/// Why a command could not do its work. Leaves with 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file that cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// Nobody reads the output any more: there is nobody to tell, and the work is not done.
    #[error("the reader of the output is gone")]
    ClosedPipe,
    /// A frame that the runtime refuses.
    #[error("`{}` cannot be loaded: {code}: {message}", path.display())]
    Frame {
        /// The file.
        path: PathBuf,
        /// The code.
        code: &'static str,
        /// The runtime's words.
        message: String,
    },
    /// A file that is no usable key.
    #[error(transparent)]
    Key(#[from] leverframe_trust::keys::KeyFault),
    /// An error of a record; the line is part of the text.
    #[error("{0}")]
    Record(String),
    /// What the command line promises and this version has not built.
    #[error("{0} is not built yet")]
    NotBuilt(&'static str),
    /// Arguments that clap lets through and the command cannot use.
    #[error("{0}")]
    Usage(String),
    /// A fault of this program.
    #[error("internal error: {0}; this is a fault of leverframe, please report it")]
    Internal(String),
}

impl Failure {
    /// That `path` cannot be read.
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }

    /// That `path` cannot be written.
    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source }
    }

    /// What an error of standard output means.
    pub(crate) fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Output(error),
        }
    }
}
