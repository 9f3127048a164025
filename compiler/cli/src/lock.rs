//! `leverframe lock`: which definition of each tool the policy was written for.
//!
//! In: a policy without errors in its modules and catalogs. Out: `FILE.lock` beside it, or how the catalogs differ from that.
//! Invariant: the lock is made of the catalogs that the policy imports, whole: tools that it does not speak of among them.
//! Source: `lang-spec/lock.md`.

use std::path::{Path, PathBuf};

use leverframe_compiler::modules::read_program;
use leverframe_trust::lock::Lock;

use crate::draw::Drawing;
use crate::exit::{Exit, Failure};
use crate::options;
use crate::output::{Audience, Output, tell};
use crate::policy::{Disk, read_text};

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a file that cannot be read or written, or is no lock.
pub(crate) fn lock(options: &options::Lock) -> Result<Exit, Failure> {
    let name = options.file.to_str().ok_or_else(|| Failure::Usage(format!("the path `{}` is not Unicode", options.file.display())))?;
    // Its own words where it cannot be read.
    read_text(&options.file)?;
    let program = read_program(&Disk, name).map_err(|error| Failure::Internal(error.to_string()))?;
    let drawing = Drawing::new(program.files.iter().map(|file| (file.path.as_str(), file.text.as_str())));
    let errors: Vec<_> = program.diagnostics.iter().filter(|finding| finding.is_error()).collect();
    errors.iter().for_each(|finding| drawing.tell(finding));
    if !errors.is_empty() {
        return Ok(Exit::Findings);
    }
    let mut now = Lock::default();
    for catalog in &program.catalogs {
        let path = Path::new(&catalog.path);
        let alias = catalog.alias.as_ref().map(|alias| alias.text.as_str());
        now.pin_catalog(alias, &read_text(path)?).map_err(|error| Failure::Usage(format!("`{}`: {error}", path.display())))?;
    }
    let path = beside(&options.file);
    if options.check {
        return compare(&path, &now);
    }
    std::fs::write(&path, now.text()).map_err(|error| Failure::write(&path, error))?;
    tell(&format!("{}: {} tools locked", path.display(), now.iter().count()));
    Ok(Exit::Clean)
}

/// The name of a policy's lock.
fn beside(policy: &Path) -> PathBuf {
    let mut name = policy.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    policy.with_file_name(name)
}

fn compare(path: &Path, now: &Lock) -> Result<Exit, Failure> {
    let before = Lock::read(&read_text(path)?).map_err(|error| Failure::Usage(format!("`{}`: {error}", path.display())))?;
    let differences = before.differences(now);
    let mut output = Output::new(Audience::People);
    for line in &differences {
        output.line(line)?;
    }
    output.flush()?;
    Ok(Exit::of_findings(!differences.is_empty()))
}
