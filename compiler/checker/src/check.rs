//! The whole check: permissions, rules, sessions, assertions.
//!
//! In: a policy without errors. Out: a [`Report`], its findings by position. Source: verification section 3.

use std::time::Duration;

use leverframe_compiler::pipeline::Checked;

use crate::assertion::assertions;
use crate::flow::flows;
use crate::question::Questions;
use crate::report::Report;
use crate::rules::rules;
use crate::trap::traps;
use crate::unusable::unusable;

/// How to check.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long one question may take.
    pub timeout: Duration,
}

/// Checks a policy; of one with errors there is nothing to say.
#[must_use]
pub fn check(checked: &Checked, options: &Options) -> Report {
    let Some(core) = &checked.core else { return Report::default() };
    let mut questions = Questions::new(core, options.timeout);
    let mut report = rules(core, &checked.origins, &mut questions);
    for found in [
        unusable(core, &checked.origins, &mut questions),
        traps(core, &checked.origins, &mut questions),
        flows(core, &checked.origins, &mut questions),
    ] {
        report.findings.extend(found.findings);
    }
    let about = assertions(core, &checked.assertions, &mut questions);
    report.findings.extend(about.findings);
    report.proofs.extend(about.proofs);
    report
}
