//! Which calls no history can concern, for an operator who lets these through while the store cannot be reached.
//!
//! In: a policy. Out: [`Unconcerned`]. Invariants: a tool counts only if no rule over histories has a letter of it, no result of it gives the session a label
//! (by declaration or by a scan), and no condition of the policy reads the session's labels; so a call of it is decided as it would be with the states, but
//! for the session's end, its keys and its clock.
//! Left out: which conditions read labels. One that does anywhere in the policy leaves no tool.
//! Source: `runtime/store/README.md`.

use leverframe_runtime::frame::{Frame, Predicate};
use leverframe_runtime::{Policy, ToolId};

/// The tools of which calls can be decided without states.
#[derive(Debug, Default)]
pub(crate) struct Unconcerned(Vec<bool>);

impl Unconcerned {
    pub(crate) fn of(policy: &Policy) -> Self {
        let frame = policy.frame();
        if reads_labels(frame) {
            return Self::default();
        }
        let mut free: Vec<bool> = frame.tools.iter().map(|tool| tool.returns == 0).collect();
        let mut concern = |tool: u32| {
            if let Some(free) = usize::try_from(tool).ok().and_then(|tool| free.get_mut(tool)) {
                *free = false;
            }
        };
        let letters = frame.rules.iter().flat_map(|rule| &rule.alphabet.sites);
        let letters = letters.filter(|site| site.kind != leverframe_runtime::frame::LetterKind::Event);
        letters.for_each(|site| concern(site.subject));
        let labelling = frame.scans.iter().filter(|scan| scan.results && scan.labels != 0);
        labelling.flat_map(|scan| &scan.tools).for_each(|tool| concern(tool.0));
        Self(free)
    }

    pub(crate) fn has(&self, tool: ToolId) -> bool {
        self.0.get(tool.index()).copied().unwrap_or(false)
    }
}

fn reads_labels(frame: &Frame) -> bool {
    frame.programs.iter().flat_map(|program| &program.tests).any(|branch| matches!(branch.test, Predicate::Has(_)))
}
