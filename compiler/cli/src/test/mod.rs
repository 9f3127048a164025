//! `leverframe test`: the `test` blocks of policies, through the real runtime.
//!
//! In: policies. Out: which tests passed, and of the others the steps that came out otherwise.
//! Left out: coverage, which is not built yet.
//! Source: language section 7; the command line's contract.

mod report;
mod run;

use std::path::Path;

use leverframe_compiler::names::tests::Test as Block;

use crate::exit::{Exit, Failure};
use crate::options::{Test, TestFormat};
use crate::output::{Audience, Output};
use crate::place::place;
use crate::policy::{self, Compiled};

use report::{StepFailure, TestResult};
use run::Miss;

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a policy that cannot be read, an option that is not built.
pub(crate) fn test(options: &Test) -> Result<Exit, Failure> {
    if options.coverage {
        return Err(Failure::NotBuilt("`test --coverage`"));
    }
    let mut results = Vec::new();
    let mut exit = Exit::Clean;
    for path in &options.files {
        exit = exit.max(one(path, &mut results)?);
    }
    exit = exit.max(Exit::of_findings(report::failed(&results) > 0));
    let mut output = Output::new(match options.format {
        TestFormat::Human => Audience::People,
        TestFormat::Json | TestFormat::Junit => Audience::Programs,
    });
    match options.format {
        TestFormat::Human => output.text(&report::human(&results))?,
        TestFormat::Json => output.json(&report::json(&results, exit == Exit::Clean))?,
        TestFormat::Junit => output.text(&report::junit(&results))?,
    }
    output.flush()?;
    Ok(exit)
}

/// Runs the tests of one policy; a policy with errors has none that could be run.
fn one(path: &Path, results: &mut Vec<TestResult>) -> Result<Exit, Failure> {
    let compiled = policy::compile(path)?;
    let drawing = compiled.sources().drawing();
    compiled.checked.diagnostics.iter().filter(|finding| finding.is_error()).for_each(|finding| drawing.tell(finding));
    let Some(policy) = compiled.policy()? else { return Ok(Exit::Findings) };
    for test in compiled.tests() {
        let misses = run::run(test, &policy, &compiled.checked.symbols);
        results.push(result(&compiled, test, &misses));
    }
    Ok(Exit::Clean)
}

fn result(compiled: &Compiled, test: &Block, misses: &[Miss]) -> TestResult {
    let (file, text) = compiled.sources().get(test.span.file);
    let failure = |miss: &Miss| StepFailure {
        line: place(text, miss.span.range().start).line,
        step: miss.span.text(text).to_owned(),
        message: miss.message.clone(),
    };
    TestResult {
        file: file.to_owned(),
        name: test.name.clone(),
        line: place(text, test.span.range().start).line,
        steps: test.steps.len(),
        failures: misses.iter().map(failure).collect(),
    }
}
