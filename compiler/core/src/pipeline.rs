//! The way through the compiler: text → tokens → tree → resolved → typed → core → automata → frame.
//!
//! In: the path of a policy and who reads files. Out: [`Checked`], and from an error-free one [`Built`].
//! Invariants: every stage is given an error-free result of the one before, or says only what it can still tell; findings are sorted by
//! position, and none is there only because of another one.
//! Left out: input and output, proofs. Source: the architecture's "way through it".

mod cascade;
mod oversize;
#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod sequence_tests;
#[cfg(test)]
mod tests;

use leverframe_runtime::frame::{self, Certificate, Claim, Frame, FrameError, Origin};
use leverframe_syntax::{Diagnostic, sort};
use sha2::{Digest, Sha256};

use crate::automata;
use crate::core::print::text;
use crate::core::{Assertion, Core, Origins};
use crate::elaborate::{Elaborated, Typed};
use crate::modules::{LoadError, Loader, SourceFile, read_program};
use crate::names::resolve;
use crate::names::symbols::Symbols;

/// A policy, looked at.
#[derive(Debug)]
pub struct Checked {
    /// Its files, by [`FileId`](leverframe_syntax::FileId).
    pub sources: Vec<SourceFile>,
    /// What was found, by position.
    pub diagnostics: Vec<Diagnostic>,
    /// Its names, and its tests.
    pub symbols: Symbols,
    /// Its core form, where nothing is wrong.
    pub core: Option<Core>,
    /// What should hold of all sessions, where nothing is wrong.
    pub assertions: Vec<Assertion>,
    /// Where its rules were written; empty where something is wrong.
    pub origins: Origins,
}

/// A policy, compiled.
#[derive(Debug)]
pub struct Built {
    /// What the runtime loads; unproven, as long as nothing has proved it.
    pub frame: Frame,
    /// Where the states of each of its rules come from.
    pub origins: Vec<Origin>,
    /// What it was made of.
    pub checked: Checked,
}

/// A certificate for a frame, which may be marked otherwise than it was when it was compiled.
///
/// # Errors
/// [`FrameError`] where the frame cannot be encoded.
pub fn certificate(core: &Core, frame: &Frame, origins: Vec<Origin>, claims: Vec<Claim>) -> Result<Certificate, FrameError> {
    let core = Sha256::digest(text(core).as_bytes()).into();
    Ok(Certificate { policy: frame::digest(frame)?, core, rules: origins, claims })
}

/// Why there is no frame.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The policy's own file could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The policy has errors, which the diagnostics tell.
    #[error("the policy has errors")]
    Refused(Box<Checked>),
}

/// Looks at a policy.
///
/// # Errors
/// Only where the file at `root` cannot be read; all else is in [`Checked::diagnostics`].
pub fn check(root: &str, loader: &dyn Loader) -> Result<Checked, LoadError> {
    let program = read_program(loader, root)?;
    let (symbols, mut diagnostics) = resolve(&program);
    let (typed, found) = Typed::new(&symbols);
    diagnostics.extend(found);
    diagnostics.extend(program.diagnostics.iter().cloned());
    let mut diagnostics = cascade::without(&program, diagnostics);
    let typed = typed.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
    let elaborated = match typed.map(Typed::elaborate).transpose() {
        Ok(elaborated) => elaborated,
        Err(too_large) => {
            diagnostics.extend(too_large);
            None
        }
    };
    sort(&mut diagnostics);
    let (core, assertions, origins) = match elaborated {
        Some(Elaborated { core, assertions, origins }) => (Some(core), assertions, origins),
        None => (None, Vec::new(), Origins::default()),
    };
    Ok(Checked { sources: program.files, diagnostics, symbols, core, assertions, origins })
}

/// Compiles a policy.
///
/// # Errors
/// [`BuildError::Load`] where its file cannot be read, [`BuildError::Refused`] where anything is wrong with it or passes a bound.
pub fn build(root: &str, loader: &dyn Loader) -> Result<Built, BuildError> {
    let mut checked = check(root, loader)?;
    let Some(core) = &checked.core else { return Err(BuildError::Refused(Box::new(checked))) };
    match automata::with_origins(core) {
        Ok((frame, origins)) => Ok(Built { frame, origins, checked }),
        Err(oversize) => {
            let found: Vec<Diagnostic> = oversize.iter().map(|oversize| oversize::diagnostic(oversize, &checked)).collect();
            checked.diagnostics.extend(found);
            sort(&mut checked.diagnostics);
            Err(BuildError::Refused(Box::new(checked)))
        }
    }
}
