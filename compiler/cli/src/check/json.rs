//! The result of `check` as one JSON object.
//!
//! In: findings with their sources, claims, and the sizes of what was compiled. Out: the contract's object, its members in its order.
//! Invariants: `basis` stands beside what is proved and beside findings about all calls or all sessions, and nothing else, `reason` beside what is unknown; a finding that needs no session has an empty `witness`.
//! Source: the contract of `check --format json`.

use std::collections::BTreeSet;

use leverframe_checker::{Basis, Claim, Finding, Proof, Verdict, WitnessStep};
use leverframe_runtime::frame::{Body, Frame, Gauge, Measure, Target};
use leverframe_runtime::{Policy, StateBytes};
use leverframe_syntax::Span;
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
    diagnostics: Vec<Told<'a>>,
    proofs: Vec<Proved<'a>>,
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
    pub(crate) fn finding(&mut self, finding: &'a Finding, basis: Option<Basis>, sources: Sources<'a>) {
        self.diagnostics.push(Told { basis: basis.map(word), ..Told::new(finding, sources) });
    }

    /// Adds what a claim came to; `file` where there are several.
    pub(crate) fn proof(&mut self, proof: &'a Proof, file: Option<&'a str>) {
        self.proofs.push(Proved::new(proof, file));
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
struct Told<'a> {
    code: &'static str,
    severity: String,
    message: &'a str,
    spans: Vec<Marked<'a>>,
    persona: Option<&'a str>,
    tool: Option<&'a str>,
    rules: &'a [String],
    rule: Option<&'a str>,
    witness: &'a [WitnessStep],
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
}

impl<'a> Told<'a> {
    fn new(finding: &'a Finding, sources: Sources<'a>) -> Self {
        let diagnostic = &finding.diagnostic;
        let mut labels: Vec<_> = diagnostic.labels.iter().collect();
        labels.sort_by_key(|label| !label.primary);
        Self {
            code: diagnostic.code.text(),
            severity: diagnostic.severity.to_string(),
            message: &diagnostic.message,
            spans: labels.into_iter().map(|label| Marked::new(label.span, &label.text, sources)).collect(),
            persona: finding.persona.as_deref(),
            tool: finding.tool.as_deref(),
            rules: &finding.rules,
            rule: finding.rules.first().map(String::as_str),
            witness: &finding.witness,
            basis: None,
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
    fn new(span: Span, label: &'a str, sources: Sources<'a>) -> Self {
        let (file, text) = sources.get(span.file);
        let range = span.range();
        Self { file, start: place(text, range.start), end: place(text, range.end), label }
    }
}

/// What a claim came to.
#[derive(Serialize)]
pub(super) struct Proved<'a> {
    claim: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    persona: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

impl<'a> Proved<'a> {
    /// `file` where there are several.
    pub(super) fn new(proof: &'a Proof, file: Option<&'a str>) -> Self {
        let (claim, persona, name) = match &proof.claim {
            Claim::NoConflict { persona } => ("no_conflict", Some(persona.as_str()), None),
            Claim::NoGap { persona } => ("no_gap", Some(persona.as_str()), None),
            Claim::Assertion { name } => ("assertion", None, Some(name.as_str())),
        };
        let (verdict, basis, reason) = match &proof.verdict {
            Verdict::Proved => ("proved", proof.basis.map(word), None),
            Verdict::Refuted => ("refuted", None, None),
            Verdict::Unknown(reason) => ("unknown", None, Some(reason.as_str())),
        };
        Self { claim, persona, name, verdict, basis, reason, file }
    }
}

fn word(basis: Basis) -> &'static str {
    match basis {
        Basis::Certificate => "certificate",
        Basis::Solver => "solver",
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

#[cfg(test)]
mod tests {
    use leverframe_checker::{Basis, Claim, Proof, Shown, Verdict};
    use serde_json::{json, to_value};

    use super::Proved;

    fn proof(claim: Claim, verdict: Verdict, basis: Option<Basis>) -> Proof {
        Proof { claim, verdict, basis, queries: Vec::new(), shown: Shown::Nothing }
    }

    #[test]
    fn claims_have_the_members_that_they_need() {
        let persona = || "p".to_owned();
        let cases = [
            (
                proof(Claim::NoConflict { persona: persona() }, Verdict::Proved, Some(Basis::Solver)),
                None,
                json!({"claim": "no_conflict", "persona": "p", "verdict": "proved", "basis": "solver"}),
            ),
            (
                proof(Claim::NoGap { persona: persona() }, Verdict::Refuted, Some(Basis::Certificate)),
                None,
                json!({"claim": "no_gap", "persona": "p", "verdict": "refuted"}),
            ),
            (
                proof(Claim::Assertion { name: "a".to_owned() }, Verdict::Unknown("too many".to_owned()), None),
                Some("x.lever"),
                json!({"claim": "assertion", "name": "a", "verdict": "unknown", "reason": "too many", "file": "x.lever"}),
            ),
        ];
        for (proof, file, wanted) in cases {
            assert_eq!(to_value(Proved::new(&proof, file)).unwrap(), wanted);
        }
    }
}
