//! Policies of one tool, `t`, whose scans are given in short.

use leverframe_compiler::core::{Detector, DetectorPart, Scope as CoreScope};
use leverframe_compiler::{core, detectors};
use leverframe_runtime::content::{Memory, Scanned};
use leverframe_runtime::frame::{self, Frame, Persona, Scan, Scope, Tool, Type};
use leverframe_runtime::{LabelSet, LoadOptions, PersonaId, Policy, RawJson, ToolId};

/// Persona and tool of the calls.
pub(crate) const WHO: (PersonaId, ToolId) = (PersonaId(0), ToolId(0));

/// A scan, in short.
#[derive(Clone, Debug, Default)]
pub(crate) struct Short<'a> {
    pub(crate) results: bool,
    pub(crate) detectors: &'a [&'a str],
    pub(crate) deny: bool,
    pub(crate) redact: bool,
    pub(crate) labels: u64,
    /// Only the second persona's.
    pub(crate) second: bool,
}

/// A policy with these detectors (each one expression) and scans.
pub(crate) fn policy(own: &[(&str, &str)], scans: &[Short<'_>]) -> Policy {
    let own: Vec<Detector> =
        own.iter().map(|(name, text)| Detector { name: (*name).into(), parts: vec![DetectorPart::Matches((*text).into())] }).collect();
    let written: Vec<core::Scan> = scans.iter().map(core_scan).collect();
    let detectors = detectors::of_scans(&own, &written).unwrap();
    let scans = scans.iter().enumerate().map(|(index, short)| frame_scan(index, short, &detectors)).collect();
    let frame = Frame {
        language: 1,
        unproven: true,
        labels: vec!["a".into(), "b".into()],
        types: vec![Type::Record { open: true, fields: vec![] }],
        context: frame::TypeId(0),
        tools: vec![tool("t"), tool("u")],
        events: vec![],
        personas: ["p", "q"].map(|name| Persona { name: name.into(), otherwise: None, tools: vec![] }).into(),
        everyone: vec![],
        answers: vec![],
        rules: vec![],
        detectors,
        scans,
        programs: vec![],
        regexes: vec![],
    };
    Policy::load(&frame::write(&frame, None).unwrap(), &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).unwrap()
}

pub(crate) fn core_scan(short: &Short<'_>) -> core::Scan {
    core::Scan {
        name: String::new(),
        scope: CoreScope::All,
        results: short.results,
        tools: vec![],
        detectors: short.detectors.iter().map(|name| (*name).to_owned()).collect(),
        deny: short.deny,
        redact: short.redact,
        labels: vec![],
    }
}

fn frame_scan(index: usize, short: &Short<'_>, detectors: &[frame::Detector]) -> Scan {
    let place = |name: &&str| u16::try_from(detectors.iter().position(|made| made.name == *name).unwrap()).unwrap();
    Scan {
        name: format!("scan#{}", index + 1),
        scope: if short.second { Scope::Personas(vec![PersonaId(1)]) } else { Scope::All },
        results: short.results,
        tools: vec![ToolId(0)],
        detectors: short.detectors.iter().map(place).collect(),
        deny: short.deny,
        redact: short.redact,
        labels: short.labels,
    }
}

fn tool(name: &str) -> Tool {
    Tool { name: name.into(), args: frame::TypeId(0), returns: 0, guards: vec![], result: None, result_guards: vec![], values: vec![] }
}

/// A policy whose one scan takes out of results what the detectors find.
pub(crate) fn redacting(own: &[(&str, &str)], detectors: &[&str]) -> Policy {
    policy(own, &[Short { results: true, detectors, redact: true, labels: 1, ..Short::default() }])
}

pub(crate) fn result<'p>(policy: &'p Policy, raw: &str) -> Scanned<'p> {
    policy.scan_result(WHO.0, WHO.1, raw.as_bytes(), &mut Memory::default())
}

pub(crate) fn arguments<'p>(policy: &'p Policy, raw: &str) -> Scanned<'p> {
    policy.scan_arguments(WHO.0, WHO.1, raw.as_bytes(), &mut Memory::default())
}

/// What the decision makes of arguments: labels, and the positions of the scans that refuse them.
pub(crate) fn inspected(policy: &Policy, raw: &str) -> (LabelSet, Vec<u32>) {
    let mut memory = Memory::default();
    let inspection = policy.inspect(WHO.0, WHO.1, &RawJson(raw.as_bytes()), &mut memory);
    (inspection.labels, inspection.hits.iter().map(|id| id.0).collect())
}

/// A text with what a policy's scan of results finds in it taken out.
pub(crate) fn without(policy: &Policy, text: &str) -> String {
    let raw = serde_json::to_string(text).unwrap();
    let scanned = result(policy, &raw);
    assert!(!scanned.withheld, "{text:?}");
    scanned.redacted.map_or_else(|| text.to_owned(), |raw| serde_json::from_slice(&raw).unwrap())
}
