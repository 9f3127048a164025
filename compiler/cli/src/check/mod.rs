//! `leverframe check`: what is wrong with policies, and what is proved of them.
//!
//! In: policies. Out: their findings with the sessions that show them, drawn or as JSON or as annotations; what the claims came to; sizes of what was
//! compiled; on demand the solver's queries. Invariant: what makes the exit code 1 is a finding at or above the fail level, and nothing else.
//! Source: the command line's contract.

mod basis;
mod elapsed;
mod github;
mod human;
mod json;
mod smtlib;
mod witness;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use leverframe_checker::Finding;
use leverframe_runtime::Policy;
use leverframe_syntax::Severity;

use crate::exit::{Exit, Failure};
use crate::kept::Kept;
use crate::options::{Check, CheckFormat, FailLevel};
use crate::output::{Audience, Output};
use crate::policy::{self, Compiled};
use crate::prove::{Proven, Record, claims, prove};

pub(crate) use human::drawn;
pub(crate) use witness::story;

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a policy that cannot be read, an option that is not built, queries that cannot be written, a claim of which nothing is said.
pub(crate) fn check(options: &Check) -> Result<Exit, Failure> {
    if options.format == CheckFormat::Sarif {
        return Err(Failure::NotBuilt("`check --format sarif`"));
    }
    let checked = options.files.iter().map(|path| Checked::new(path, options)).collect::<Result<Vec<_>, _>>()?;
    if let Some(folder) = &options.smtlib {
        smtlib::write(folder, &checked.iter().map(Checked::asked).collect::<Vec<_>>())?;
    }
    let result = Outcome::new(options, &checked);
    match options.format {
        CheckFormat::Human => human::print(&checked, &result)?,
        CheckFormat::Github => github(&checked)?,
        CheckFormat::Json | CheckFormat::Sarif => json(&checked, &result)?,
    }
    Ok(result.exit)
}

/// A policy that was looked at.
struct Checked {
    file: String,
    compiled: Compiled,
    proven: Proven,
    /// Its frame, loaded as a gateway would; none where there are errors.
    policy: Option<Policy>,
}

impl Checked {
    fn new(path: &Path, options: &Check) -> Result<Self, Failure> {
        let compiled = policy::compile(path)?;
        let policy = compiled.policy()?;
        let record = if options.smtlib.is_some() { Record::Queries } else { Record::Nothing };
        let kept = options.cache.as_deref().map(|folder| Kept::of(folder, path)).transpose()?;
        let mut proven = prove(&compiled, &options.proving, record, kept.as_ref())?;
        proven.attest(path, &compiled);
        // Silence is no proof: a clean exit needs a word on every claim.
        if let Some(claim) = proven.unsaid(claims(&compiled)) {
            return Err(Failure::Internal(format!("the checker said nothing of {claim:?} in `{}`", path.display())));
        }
        Ok(Self { file: path.display().to_string(), compiled, proven, policy })
    }

    fn asked(&self) -> smtlib::Asked<'_> {
        let Proven { findings, proofs, queries } = &self.proven;
        smtlib::Asked { policy: &self.file, queries, proofs, findings }
    }
}

/// What the whole run came to.
struct Outcome {
    errors: usize,
    warnings: usize,
    notes: usize,
    exit: Exit,
}

impl Outcome {
    fn new(options: &Check, checked: &[Checked]) -> Self {
        let found = distinct(checked);
        let count = |severity: Severity| found.iter().filter(|(_, finding)| finding.diagnostic.severity == severity).count();
        let [errors, warnings, notes] = [Severity::Error, Severity::Warning, Severity::Note].map(count);
        let failing = match options.fail_level {
            FailLevel::Error => errors,
            FailLevel::Warning => errors + warnings,
            FailLevel::Note => errors + warnings + notes,
        };
        Self { errors, warnings, notes, exit: Exit::of_findings(failing > 0) }
    }
}

/// Every finding once: policies that import the same module have its findings in common.
fn distinct(checked: &[Checked]) -> Vec<(&Checked, &Finding)> {
    let mut seen = HashSet::new();
    let all = checked.iter().flat_map(|checked| checked.proven.findings.iter().map(move |finding| (checked, finding)));
    all.filter(|(checked, finding)| {
        let span = finding.diagnostic.span();
        let (file, _) = checked.compiled.sources().get(span.file);
        seen.insert((file, span.range(), finding.diagnostic.code, finding.diagnostic.message.as_str(), &finding.persona, &finding.tool))
    })
    .collect()
}

fn github(checked: &[Checked]) -> Result<(), Failure> {
    let mut output = Output::new(Audience::Programs);
    for (owner, finding) in distinct(checked) {
        output.line(&github::annotation(&finding.diagnostic, owner.compiled.sources()))?;
    }
    output.flush()
}

fn json(checked: &[Checked], result: &Outcome) -> Result<(), Failure> {
    let mut whole = json::Whole::new(result.exit == Exit::Clean);
    let bases = checked.iter().flat_map(basis::bases).collect::<HashMap<_, _>>();
    for (owner, finding) in distinct(checked) {
        let basis = finding.stated.as_ref().and_then(|stated| bases.get(&(owner.file.as_str(), &stated.what)).copied());
        whole.finding(finding, basis, owner.compiled.sources());
    }
    let several = checked.len() > 1;
    for checked in checked {
        let file = several.then_some(checked.file.as_str());
        checked.proven.proofs.iter().for_each(|proof| whole.proof(proof, file));
        if let Some(policy) = &checked.policy {
            whole.sizes(policy, file);
        }
    }
    let mut output = Output::new(Audience::Programs);
    output.json(&whole)?;
    output.flush()
}
