//! `leverframe check`: what is wrong with policies.
//!
//! In: policies. Out: their findings, drawn or as JSON or as annotations; sizes of what was compiled; what is known of assertions.
//! Left out: proofs. Until there is a checker every assertion is unknown, and unknown is never success.
//! Source: the command line's contract.

mod github;
mod json;

use std::collections::HashSet;
use std::path::Path;

use leverframe_runtime::Policy;
use leverframe_syntax::{Diagnostic, Severity};

use crate::exit::{Exit, Failure};
use crate::options::{Check, CheckFormat, FailLevel};
use crate::output::{Audience, BOLD, DIM, GREEN, Output, RED, YELLOW, printable, styled};
use crate::policy::{self, Compiled};

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a policy that cannot be read, an option that is not built.
pub(crate) fn check(options: &Check) -> Result<Exit, Failure> {
    if options.format == CheckFormat::Sarif {
        return Err(Failure::NotBuilt("`check --format sarif`"));
    }
    if options.smtlib.is_some() {
        return Err(Failure::NotBuilt("`check --smtlib`"));
    }
    let checked = options.files.iter().map(|path| Checked::new(path)).collect::<Result<Vec<_>, _>>()?;
    let result = Outcome::new(options, &checked);
    match options.format {
        CheckFormat::Human => human(&checked, &result)?,
        CheckFormat::Github => github(&checked)?,
        CheckFormat::Json | CheckFormat::Sarif => json(&checked, &result)?,
    }
    Ok(result.exit)
}

/// A policy that was looked at.
struct Checked {
    file: String,
    compiled: Compiled,
    /// Its frame, loaded as a gateway would; none where there are errors.
    policy: Option<Policy>,
}

impl Checked {
    fn new(path: &Path) -> Result<Self, Failure> {
        let compiled = policy::compile(path)?;
        let policy = compiled.policy()?;
        Ok(Self { file: path.display().to_string(), compiled, policy })
    }

    fn findings(&self) -> &[Diagnostic] {
        &self.compiled.diagnostics
    }
}

/// What the whole run came to.
struct Outcome {
    errors: usize,
    warnings: usize,
    notes: usize,
    /// Assertions of which it is not known whether they hold.
    unknown: usize,
    exit: Exit,
}

impl Outcome {
    fn new(options: &Check, checked: &[Checked]) -> Self {
        let mut counts = [0, 0, 0];
        for (_, finding) in distinct(checked) {
            let [errors, warnings, notes] = &mut counts;
            *match finding.severity {
                Severity::Error => errors,
                Severity::Warning => warnings,
                Severity::Note => notes,
            } += 1;
        }
        let [errors, warnings, notes] = counts;
        let unknown: usize = checked.iter().map(|checked| checked.compiled.assertions().count()).sum();
        let found = match options.fail_level {
            FailLevel::Error => errors,
            FailLevel::Warning => errors + warnings,
            FailLevel::Note => errors + warnings + notes,
        };
        Self { errors, warnings, notes, unknown, exit: Exit::of_findings(found + unknown > 0) }
    }
}

/// Every finding once: policies that import the same module have its findings in common.
fn distinct(checked: &[Checked]) -> Vec<(&Checked, &Diagnostic)> {
    let mut seen = HashSet::new();
    let all = checked.iter().flat_map(|checked| checked.findings().iter().map(move |finding| (checked, finding)));
    all.filter(|(checked, finding)| {
        let (file, _) = checked.compiled.sources.get(finding.span().file);
        seen.insert((file, finding.span().range(), finding.code, finding.message.as_str()))
    })
    .collect()
}

fn human(checked: &[Checked], result: &Outcome) -> Result<(), Failure> {
    let mut output = Output::new(Audience::People);
    for (owner, finding) in distinct(checked) {
        output.line(&owner.compiled.sources.drawing().draw(finding))?;
        output.line("")?;
    }
    for checked in checked {
        if let Some(policy) = &checked.policy {
            output.line(&sizes(&checked.file, policy))?;
        }
    }
    output.line(&verdict(result))?;
    output.flush()
}

fn sizes(file: &str, policy: &Policy) -> String {
    let frame = policy.frame();
    let bytes = policy.state_bytes();
    let text = format!(
        "{} tools, {} personas, {} rules over histories; {} bytes of state a session",
        frame.tools.len(),
        frame.personas.len(),
        frame.rules.len(),
        bytes.session
    );
    format!("{}: {}", styled(BOLD, &printable(file)), styled(DIM, &text))
}

fn verdict(result: &Outcome) -> String {
    let parts = [
        (result.errors, "error", "errors", RED),
        (result.warnings, "warning", "warnings", YELLOW),
        (result.unknown, "assertion not proved, which is no success", "assertions not proved, which is no success", YELLOW),
        (result.notes, "note", "notes", DIM),
    ];
    let found: Vec<String> = parts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many, style)| styled(*style, &format!("{count} {}", if *count == 1 { one } else { many })))
        .collect();
    if found.is_empty() { styled(GREEN, "no findings") } else { found.join(", ") }
}

fn github(checked: &[Checked]) -> Result<(), Failure> {
    let mut output = Output::new(Audience::Programs);
    for (owner, finding) in distinct(checked) {
        output.line(&github::annotation(finding, &owner.compiled.sources))?;
    }
    output.flush()
}

fn json(checked: &[Checked], result: &Outcome) -> Result<(), Failure> {
    let mut whole = json::Whole::new(result.exit == Exit::Clean);
    for (owner, finding) in distinct(checked) {
        whole.finding(finding, &owner.compiled.sources);
    }
    let several = checked.len() > 1;
    for checked in checked {
        let file = several.then_some(checked.file.as_str());
        for name in checked.compiled.assertions() {
            whole.proof(json::Proof::unknown_assertion(name, file));
        }
        if let Some(policy) = &checked.policy {
            whole.sizes(policy, file);
        }
    }
    let mut output = Output::new(Audience::Programs);
    output.json(&whole)?;
    output.flush()
}
