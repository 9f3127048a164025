//! The result of `check` as one JSON object.
//!
//! In: findings with their sources, assertions, and the sizes of what was compiled. Out: the contract's object, its members in its order.
//! Left out: `witness`, `persona`, `tool`, `rules` and `rule` are those of proofs, and empty until there are proofs.
//! Source: the contract of `check --format json`.

use std::collections::BTreeSet;

use leverframe_runtime::frame::{Body, Frame, Gauge, Measure, Target};
use leverframe_runtime::{Policy, StateBytes};
use leverframe_syntax::{Diagnostic, Span};
use serde::Serialize;

use crate::place::{Place, place};
use crate::policy::Sources;

/// The version of the form.
const VERSION: u32 = 1;

/// The whole result.
#[derive(Serialize)]
pub(crate) struct Whole<'a> {
    version: u32,
    ok: bool,
    diagnostics: Vec<Finding<'a>>,
    proofs: Vec<Proof>,
    sizes: Sizes,
}

impl<'a> Whole<'a> {
    /// A result that is to be filled.
    pub(crate) fn new(ok: bool) -> Self {
        Self {
            version: VERSION,
            ok,
            diagnostics: Vec::new(),
            proofs: Vec::new(),
            sizes: Sizes { rules: Vec::new(), state_bytes: Bytes::One(State::default()) },
        }
    }

    /// Adds a finding.
    pub(crate) fn finding(&mut self, diagnostic: &'a Diagnostic, sources: &'a Sources) {
        self.diagnostics.push(Finding::new(diagnostic, sources));
    }

    /// Adds what a proof came to.
    pub(crate) fn proof(&mut self, proof: Proof) {
        self.proofs.push(proof);
    }

    /// Adds the sizes of a compiled policy; `file` where there are several.
    pub(crate) fn sizes(&mut self, policy: &Policy, file: Option<&str>) {
        self.sizes.rules.extend(rule_sizes(policy.frame(), file));
        let state = State::new(policy.state_bytes(), file);
        match (&mut self.sizes.state_bytes, file) {
            (bytes, None) => *bytes = Bytes::One(state),
            (Bytes::Several(states), Some(_)) => states.push(state),
            (bytes @ Bytes::One(_), Some(_)) => *bytes = Bytes::Several(vec![state]),
        }
    }
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'static str,
    severity: String,
    message: &'a str,
    spans: Vec<Marked<'a>>,
    persona: Option<&'a str>,
    tool: Option<&'a str>,
    rules: &'a [String],
    rule: Option<&'a str>,
    witness: &'a [serde_json::Value],
}

impl<'a> Finding<'a> {
    fn new(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Self {
        let mut labels: Vec<_> = diagnostic.labels.iter().collect();
        labels.sort_by_key(|label| !label.primary);
        Self {
            code: diagnostic.code.text(),
            severity: diagnostic.severity.to_string(),
            message: &diagnostic.message,
            spans: labels.into_iter().map(|label| Marked::new(label.span, &label.text, sources)).collect(),
            persona: None,
            tool: None,
            rules: &[],
            rule: None,
            witness: &[],
        }
    }
}

#[derive(Serialize)]
struct Marked<'a> {
    file: &'a str,
    start: Place,
    end: Place,
    label: &'a str,
}

impl<'a> Marked<'a> {
    fn new(span: Span, label: &'a str, sources: &'a Sources) -> Self {
        let (file, text) = sources.get(span.file);
        let range = span.range();
        Self { file, start: place(text, range.start), end: place(text, range.end), label }
    }
}

/// What a proof came to.
#[derive(Serialize)]
pub(crate) struct Proof {
    claim: &'static str,
    name: String,
    verdict: &'static str,
    reason: &'static str,
    basis: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl Proof {
    /// An assertion that nothing has proved yet.
    pub(crate) fn unknown_assertion(name: &str, file: Option<&str>) -> Self {
        let reason = "this version does not prove assertions yet";
        Self { claim: "assertion", name: name.to_owned(), verdict: "unknown", reason, basis: None, file: file.map(str::to_owned) }
    }
}

#[derive(Serialize)]
struct Sizes {
    rules: Vec<RuleSize>,
    state_bytes: Bytes,
}

#[derive(Serialize)]
struct RuleSize {
    name: String,
    states: u64,
    classes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

/// One policy's, or a list where there are several.
#[derive(Serialize)]
#[serde(untagged)]
enum Bytes {
    One(State),
    Several(Vec<State>),
}

#[derive(Default, Serialize)]
struct State {
    session: usize,
    principal: usize,
    agent: usize,
    tenant: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl State {
    fn new(bytes: StateBytes, file: Option<&str>) -> Self {
        let StateBytes { session, principal, agent, tenant } = bytes;
        Self { session, principal, agent, tenant, file: file.map(str::to_owned) }
    }
}

fn rule_sizes(frame: &Frame, file: Option<&str>) -> Vec<RuleSize> {
    let size = |rule: &leverframe_runtime::frame::Rule| RuleSize {
        name: rule.name.clone(),
        states: match &rule.body {
            Body::Automaton(automaton) => u64::from(automaton.states),
            // From none to all; what is beyond is denied and not counted.
            Body::Gauge(Gauge { measure: Measure::Count { most } | Measure::Distinct { most }, .. }) => u64::from(*most) + 1,
            Body::Gauge(Gauge { measure: Measure::Sum { .. }, .. }) => 1,
        },
        classes: classes(rule),
        file: file.map(str::to_owned),
    };
    frame.rules.iter().map(size).collect()
}

/// How many classes letters can have; of a limit, those of its sets of bits that some letter leads to.
fn classes(rule: &leverframe_runtime::frame::Rule) -> u64 {
    let ends = rule.alphabet.nodes.iter().flat_map(|node| [node.yes, node.no]).chain(rule.alphabet.sites.iter().map(|site| site.root));
    let reached: BTreeSet<u16> = ends
        .filter_map(|end| match end {
            Target::Class(class) => Some(class),
            Target::Node(_) => None,
        })
        .collect();
    match &rule.body {
        Body::Automaton(_) => u64::from(rule.alphabet.classes),
        Body::Gauge(_) => reached.len() as u64,
    }
}
