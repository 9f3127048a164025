//! The whole check: permissions, rules, sessions, assertions.
//!
//! In: a policy without errors. Out: a [`Report`], its findings by position. Source: verification section 3.

use std::time::Duration;

use leverframe_compiler::pipeline::Checked;
use leverframe_runtime::frame::{self, Frame};
use leverframe_runtime::{LoadOptions, Policy};

use crate::assertion::assertions;
use crate::cache::Cache;
use crate::capacity::capacities;
use crate::flow::flows;
use crate::permission::permissions;
use crate::question::Questions;
use crate::report::Report;
use crate::rules::rules;
use crate::session::ground::Ground;
use crate::trap::traps;
use crate::unusable::unusable;

/// How to check.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long one question may take.
    pub timeout: Duration,
    /// Whether [`Report::queries`] is filled.
    pub record_queries: bool,
}

/// The frame as the runtime takes it; nothing where it does not, so that nothing is proved either.
pub(crate) fn loaded(frame: &Frame) -> Option<Policy> {
    let bytes = frame::write(frame, None).ok()?;
    Policy::load(&bytes, &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).ok()
}

/// Checks a policy; of one with errors there is nothing to say.
#[must_use]
pub fn check(checked: &Checked, frame: &Frame, options: &Options) -> Report {
    check_again(checked, frame, options, &mut Cache::default())
}

/// Checks a policy of which, or of another one much like it, `cache` knows something: only what is not known is asked.
#[must_use]
pub fn check_again(checked: &Checked, frame: &Frame, options: &Options, cache: &mut Cache) -> Report {
    let Some(core) = &checked.core else { return Report::default() };
    let Some(policy) = loaded(frame) else { return Report::default() };
    let origins = &checked.origins;
    let ground = Ground::of(core, policy);
    let questions = Questions::new(core, options.timeout).with(std::mem::take(cache));
    let mut questions = if options.record_queries { questions.recording() } else { questions };
    let parts = [
        permissions(checked, ground.policy(), &mut questions),
        rules(&ground, origins, &mut questions),
        capacities(core, origins, &mut questions),
        unusable(&ground, origins, &mut questions),
        traps(&ground, origins, &mut questions),
        flows(core, origins, &mut questions),
        assertions(core, &checked.assertions, &mut questions),
    ];
    let mut report = Report::default();
    for part in parts {
        report.findings.extend(part.findings);
        report.proofs.extend(part.proofs);
    }
    report.queries = questions.queries().to_vec();
    *cache = questions.into_cache();
    report
}
