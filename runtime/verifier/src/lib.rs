//! Checks that a frame decides exactly as its policy says, without solver and without compiler.
//!
//! In: a policy, elaborated by the reference, and the bytes of a frame. Out: what was checked, or where the two differ.
//! Invariants: nothing in the frame is believed; what cannot be checked is a problem or is counted as trusted, never passed over. Every walk is bounded by
//! [`limits`]; a frame is validated by the runtime's own loading first, so that every id is in range.
//! Left out: minimality of automata; what `lang-spec/trust.md` lists as trusted.
//! Source: verification section 2; `lang-spec/certificate.md`.
//!
//! Where to read: a table's rule in [`table`](self), a limit's in `gauge`, letters in `letter` and `paths`, conditions in `condition`, witnesses in `witness`, everything else of the
//! frame in `subject`, `permission`, `content`.

mod asked;
pub mod claims;
mod condition;
mod content;
mod gauge;
mod letter;
pub mod limits;
mod paths;
mod permission;
mod regex;
mod rule;
mod subject;
mod table;
mod types;
mod witness;

use std::fmt;
use std::path::Path;

use leverframe_reference::limits::STACK_BYTES;
use leverframe_reference::types::Record;
use leverframe_reference::{Policy, Refusal, core_text, elaborate};
use leverframe_runtime::frame::{self, About, Claim, Frame, PersonaId, Witness};
use leverframe_runtime::{LoadError, LoadOptions};
use sha2::{Digest, Sha256};

use asked::Subjects;
use claims::Certified;

/// A difference between a frame and its policy, or something that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code: that of loading, LF0610 (no certificate), LF0611 (the frame decides otherwise) or LF0612 (the certificate does not hold).
    pub code: &'static str,
    /// The part of the frame.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.code, self.place, self.what)
    }
}

/// What was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// SHA-256 of the policy section.
    pub digest: [u8; 32],
    /// Tools and host events, with their types.
    pub subjects: usize,
    /// Conditions: guards of patterns, effects, permissions.
    pub conditions: usize,
    /// Automata of regular expressions, those of detectors among them.
    pub expressions: usize,
    /// Answers of permissions.
    pub answers: usize,
    /// Rules over histories that are tables.
    pub tables: usize,
    /// Rules over histories that are templates.
    pub templates: usize,
    /// States of the sources of the tables.
    pub states: usize,
    /// Steps of those, by a letter each, that were compared with a table.
    pub steps: usize,
    /// Classes of the tables.
    pub classes: usize,
    /// Those of which a concrete letter was evaluated.
    pub witnessed: usize,
    /// Scans of content.
    pub scans: usize,
    /// Whether the frame says of itself that its policy is not proved.
    pub unproven: bool,
    /// What the certificate claims of the policy, and on what that rests.
    pub claims: Vec<Certified>,
    /// What it claims that statements, rules and assertions do not do, and on what that rests. No decision depends on it.
    pub findings: Vec<Certified>,
}

/// A policy as the reference has read it.
#[derive(Debug)]
pub struct Reading(Policy);

impl Reading {
    /// Reads the policy whose root module is this file.
    ///
    /// # Errors
    /// LF0611 where the reference refuses it.
    pub fn of(path: &Path) -> Result<Self, Problem> {
        let refused = |refusal: Refusal| Problem { code: "LF0611", place: "the policy".to_owned(), what: refusal.to_string() };
        elaborate(path).map(Self).map_err(refused)
    }

    /// As [`verify`].
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(&self, bytes: &[u8]) -> Result<Report, Vec<Problem>> {
        verify(&self.0, bytes)
    }

    /// As [`claims::is_certified`].
    #[must_use]
    pub fn is_certified(&self, claim: &Claim) -> bool {
        claims::is_certified(&self.0, claim)
    }

    /// As [`claims::upheld`].
    #[must_use]
    pub fn upheld(&self, claims: Vec<Claim>) -> Vec<Claim> {
        claims::upheld(&self.0, claims)
    }

    /// As [`claims::certified`].
    #[must_use]
    pub fn certified(&self, claims: &[Claim]) -> Vec<About> {
        claims::certified(&self.0, claims)
    }

    /// Of witnesses of each rule's table, those that show what they should.
    #[must_use]
    pub fn witnessed(&self, frame: &Frame, witnesses: Vec<Vec<Witness>>) -> Vec<Vec<Witness>> {
        witnessed(&self.0, frame, witnesses)
    }
}

/// Of witnesses of each rule's table, those that show what they should: none, where the verifier has no room to run.
#[must_use]
pub fn witnessed(policy: &Policy, frame: &Frame, witnesses: Vec<Vec<Witness>>) -> Vec<Vec<Witness>> {
    with_room(|| witness::upheld(policy, frame, witnesses)).unwrap_or_default()
}

/// What a check of one part says.
type Checked<T = ()> = Result<T, String>;

/// Checks a frame against its policy: the result is a report if, and only if, every part of the frame was shown to be what the policy says, by the rules of
/// `lang-spec/certificate.md`.
///
/// # Errors
/// Every [`Problem`] that was found, part by part.
///
/// # Limits
/// Linear in the frame and, for each rule, in its source's states times the letters that it tells apart; see [`limits`].
pub fn verify(policy: &Policy, bytes: &[u8]) -> Result<Report, Vec<Problem>> {
    // Formulas and conditions are read by recursion, as deep as the reference lets them be.
    let failed = || vec![Problem { code: "LF0611", place: "the verifier".to_owned(), what: "it has no room to run".to_owned() }];
    with_room(|| whole(policy, bytes)).ok_or_else(failed)?
}

/// What comes of work on a stack of its own; nothing where there is no room for that.
fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).ok()?.join().ok())
}

fn whole(policy: &Policy, bytes: &[u8]) -> Result<Report, Vec<Problem>> {
    let load = |error: LoadError| vec![Problem { code: error.code(), place: "the frame".to_owned(), what: error.to_string() }];
    let options = LoadOptions { accept_unproven: true, ..LoadOptions::default() };
    let loaded = leverframe_runtime::Policy::load(bytes, &options).map_err(load)?;
    let decoded = frame::read(bytes).map_err(|error| load(LoadError::Frame(error)))?;
    let certificate = decoded.certificate().map_err(|error| load(LoadError::Frame(error)))?;
    let Some(certificate) = certificate else {
        let what = "it has no certificate, so nothing can be shown of it".to_owned();
        return Err(vec![Problem { code: "LF0610", place: "the frame".to_owned(), what }]);
    };
    let context = subject::context(policy);
    let report = Report { digest: decoded.digest, ..Report::default() };
    let subjects = Subjects::of(policy);
    let mut checker = Checker { policy, subjects: &subjects, context: &context, frame: loaded.frame(), report, problems: Vec::new() };
    checker.certificate(&certificate);
    checker.subjects();
    checker.permissions();
    checker.content();
    checker.rules(&certificate.rules);
    checker.claims(&certificate.claims);
    if checker.problems.is_empty() { Ok(checker.report) } else { Err(checker.problems) }
}

/// A check in progress.
struct Checker<'a> {
    policy: &'a Policy,
    subjects: &'a Subjects<'a>,
    /// What the gateway supplies.
    context: &'a Record,
    frame: &'a Frame,
    report: Report,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    /// Notes what a check of a part says.
    fn note(&mut self, place: impl FnOnce() -> String, checked: Checked) {
        if let Err(what) = checked {
            self.problems.push(Problem { code: "LF0611", place: place(), what });
        }
    }

    /// Whether the certificate is about this frame and this policy.
    fn certificate(&mut self, certificate: &frame::Certificate) {
        let core: [u8; 32] = Sha256::digest(core_text(self.policy).as_bytes()).into();
        let mut wrong = |what: &str| {
            self.problems.push(Problem { code: "LF0612", place: "the certificate".to_owned(), what: what.to_owned() });
        };
        if certificate.policy != self.report.digest {
            wrong("it is about another frame");
        }
        if certificate.core != core {
            wrong("it is about another policy: the core form that it was made of is not that of this policy");
        }
        if certificate.rules.len() != self.frame.rules.len() {
            wrong("it does not have the origin of every rule");
        }
    }
}

impl Checker<'_> {
    /// The claims that the certificate makes; a frame that is marked as proved must make all that there are about its policy.
    fn claims(&mut self, claims: &[Claim]) {
        let wrong = |what| Problem { code: "LF0612", place: "a claim".to_owned(), what };
        match claims::check(self.policy, claims) {
            Ok(certified) => {
                let is_finding = |claim: &Certified| matches!(claim.about, About::Finding(_));
                (self.report.findings, self.report.claims) = certified.into_iter().partition(is_finding);
            }
            Err(found) => self.problems.extend(found.into_iter().map(wrong)),
        }
        self.report.unproven = self.frame.unproven;
        if self.frame.unproven {
            return;
        }
        let personas = (0..).map(PersonaId).take(self.policy.personas.len()).flat_map(|id| [About::NoConflict(id), About::NoGap(id)]);
        let assertions = self.policy.assertions.iter().map(|assertion| About::Assertion(assertion.rule.name.clone()));
        for about in personas.chain(assertions).filter(|about| !claims.iter().any(|claim| claim.about == *about)) {
            let what = format!("the frame is marked as proved, and the certificate does not claim {}", claims::named(self.policy, &about));
            self.problems.push(wrong(what));
        }
    }
}

/// Refuses where something is not so.
fn require(holds: bool, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(what()) }
}

/// Refuses where the frame has something else than the policy.
fn equal<T: PartialEq + fmt::Debug>(what: &str, policy: &T, frame: &T) -> Checked {
    require(policy == frame, || format!("{what} is {frame:?} in the frame and {policy:?} in the policy"))
}

/// Refuses where lists are not of one length.
fn as_many(what: &str, policy: usize, frame: usize) -> Checked {
    require(policy == frame, || format!("the frame has {frame} {what}, the policy {policy}"))
}
