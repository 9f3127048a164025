//! What two policies decide differently.
//!
//! In: two policies that compiled. Out: [`Difference`]: calls that the new one newly allows or newly denies, each with a session that both runtimes have
//! decided; what is not known; and the word for it all. Invariants: `equivalent`, `stricter` and `looser` are said only where the direction that
//! the word excludes was proved to be empty; a session in which nothing differs is never shown. An answer is less severe where a denied call is asked about or
//! allowed, or an asked one is allowed; who is asked, and rules that observe, decide nothing. Left out: assertions and tests.
//! Source: verification section 3 (`leverframe diff`).

mod align;
mod calls;
mod direction;
mod histories;
mod implied;
mod lockstep;
mod rename;
mod schema;
#[cfg(test)]
mod tests;

use leverframe_compiler::core::Core;
use leverframe_compiler::pipeline::Checked;
use leverframe_runtime::frame::Frame;

pub use leverframe_runtime::Verdict as Answer;

use self::align::{Aligned, align, reads_approval};
use self::direction::{Found, Side, Toward, look};
use crate::check::{Options, loaded};
use crate::report::WitnessStep;

/// What two policies decide differently.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The word for it all.
    pub word: Word,
    /// Calls that the new policy answers less severely.
    pub allowed: Vec<Change>,
    /// Calls that the new policy answers more severely.
    pub denied: Vec<Change>,
    /// What is not known.
    pub unknown: Vec<Doubt>,
}

/// How the new policy stands to the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// No call is answered differently.
    Equivalent,
    /// Some calls are answered more severely, none less.
    Stricter,
    /// Some calls are answered less severely, none more.
    Looser,
    /// Some calls are answered less severely, others more.
    Incomparable,
    /// It is not known.
    Unknown,
}

impl Word {
    /// Whether it is proved that the new policy newly allows nothing.
    #[must_use]
    pub fn allows_nothing(self) -> bool {
        matches!(self, Self::Equivalent | Self::Stricter)
    }

    /// The word.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Equivalent => "equivalent",
            Self::Stricter => "stricter",
            Self::Looser => "looser",
            Self::Incomparable => "incomparable",
            Self::Unknown => "unknown",
        }
    }
}

/// A call that is answered differently.
#[derive(Clone, Debug)]
pub struct Change {
    /// Who calls.
    pub persona: String,
    /// What is called.
    pub tool: String,
    /// The rule over histories that makes the difference; none where it is made before any is asked.
    pub rule: Option<String>,
    /// What the old policy says of the session's last call.
    pub old: Answered,
    /// What the new policy says of it.
    pub new: Answered,
    /// A session up to that call, as the new policy decides it.
    pub witness: Vec<WitnessStep>,
}

/// What a runtime said of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The verdict.
    pub verdict: Answer,
    /// The code, as records have it.
    pub code: &'static str,
    /// The rules of that verdict.
    pub rules: Vec<String>,
}

/// Something that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What may be there all the same.
    pub direction: Direction,
    /// What it is about.
    pub about: String,
    /// Why it is not known.
    pub reason: String,
}

/// Which way answers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The new policy may answer less severely.
    Allowed,
    /// The new policy may answer more severely.
    Denied,
}

/// A policy to compare.
#[derive(Clone, Copy)]
pub struct Compared<'c> {
    /// What the compiler has found out about it.
    pub checked: &'c Checked,
    /// Its frame.
    pub frame: &'c Frame,
}

/// Compares two policies.
#[must_use]
pub fn difference(old: Compared<'_>, new: Compared<'_>, options: &Options) -> Difference {
    let (Some(old_core), Some(new_core)) = (&old.checked.core, &new.checked.core) else { return unknown("a policy has errors") };
    let (Some(old_policy), Some(new_policy)) = (loaded(old.frame), loaded(new.frame)) else {
        return unknown("the runtime does not take a policy's frame");
    };
    let aligned = align(old_core, new_core);
    let Aligned { old: old_named, new: new_named, .. } = &aligned;
    let old = Side { whole: old_core, core: old_named, policy: &old_policy };
    let new = Side { whole: new_core, core: new_named, policy: &new_policy };
    let mut allowed = look(&old, &new, Toward::Allowed, &aligned.apart, options.timeout);
    let mut denied = look(&new, &old, Toward::Denied, &aligned.apart, options.timeout);
    let approval = |core: &Core| reads_approval(core);
    if approval(old_named) || approval(new_named) {
        let (asks, asked) = (approves(&allowed), approves(&denied));
        approved(&mut allowed, asked);
        approved(&mut denied, asks);
    }
    for found in [&mut allowed, &mut denied] {
        found.doubts.extend(aligned.doubts.iter().cloned());
    }
    concluded(allowed, denied)
}

/// Whether some call may be admitted by both policies, and asked about by one of them only.
fn approves(found: &Found) -> bool {
    let between = |change: &Change| change.old.verdict != Answer::Deny && change.new.verdict != Answer::Deny;
    !found.doubts.is_empty() || found.changes.iter().any(between)
}

/// Histories are no longer the same once one policy asks where the other one allows, for rules that read approvals.
fn approved(found: &mut Found, differs: bool) {
    if differs {
        let reason = "one policy alone asks about a call, and a rule reads which calls were approved";
        found.doubts.push(("approvals".to_owned(), reason.to_owned()));
    }
}

fn concluded(allowed: Found, denied: Found) -> Difference {
    let word = match (state(&allowed), state(&denied)) {
        (State::Some, State::Some) => Word::Incomparable,
        (State::Some, State::Nothing) => Word::Looser,
        (State::Nothing, State::Some) => Word::Stricter,
        (State::Nothing, State::Nothing) => Word::Equivalent,
        (State::Unknown, _) | (_, State::Unknown) => Word::Unknown,
    };
    let doubts = |found: &Found, direction: Direction| -> Vec<Doubt> {
        found.doubts.iter().map(|(about, reason)| Doubt { direction, about: about.clone(), reason: reason.clone() }).collect()
    };
    let unknown = [doubts(&allowed, Direction::Allowed), doubts(&denied, Direction::Denied)].concat();
    Difference { word, allowed: allowed.changes, denied: denied.changes, unknown }
}

/// What a direction came to.
enum State {
    Some,
    Nothing,
    Unknown,
}

fn state(found: &Found) -> State {
    match (found.changes.is_empty(), found.doubts.is_empty()) {
        (false, _) => State::Some,
        (true, true) => State::Nothing,
        (true, false) => State::Unknown,
    }
}

fn unknown(reason: &str) -> Difference {
    let doubt = |direction| Doubt { direction, about: "the policies".to_owned(), reason: reason.to_owned() };
    let unknown = vec![doubt(Direction::Allowed), doubt(Direction::Denied)];
    Difference { word: Word::Unknown, allowed: Vec::new(), denied: Vec::new(), unknown }
}
