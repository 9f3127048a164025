//! Detectors and scans.
//!
//! In: the declarations. Out: the detectors, and the scans with their names. Invariant: every detector that is named is there, and none refers to itself.
//! Source: language section 6; `lang-spec/core-form.md`, [core.file].

use std::collections::{BTreeMap, BTreeSet};

use crate::grammar::{Node, Rule};
use crate::judge::content::{BUILT_IN, is_search};
use crate::literal;
use crate::policy::{Detector, DetectorPart, Scan};
use crate::refusal::Refusal;

use super::personas::Personas;
use super::rules::Owner;
use super::scope::Scope;
use super::tools;

/// The detectors of a policy.
pub(super) fn detectors(declarations: &[Node<'_>]) -> Result<Vec<Detector>, Refusal> {
    let nodes: Vec<&Node<'_>> = declarations.iter().filter(|node| node.rule() == Rule::detector_declaration).collect();
    let mut known = BTreeMap::new();
    for node in &nodes {
        if known.insert(node.child_name()?, *node).is_some() {
            return Err(node.wrong("two detectors have one name"));
        }
    }
    let mut found = Vec::new();
    for node in nodes {
        let name = node.child_name()?;
        check(&name, node, &known, &mut Vec::new(), &mut BTreeSet::new())?;
        let parts: Result<Vec<DetectorPart>, Refusal> = node.children(Rule::detector_part).map(|part| self::part(&part)).collect();
        found.push(Detector { name, parts: parts? });
    }
    Ok(found)
}

fn part(node: &Node<'_>) -> Result<DetectorPart, Refusal> {
    if let Some(path) = node.child(Rule::path) {
        return Ok(DetectorPart::Named(path.name()));
    }
    let regex = literal::text(&node.need(Rule::string)?)?;
    if is_search(&regex) { Ok(DetectorPart::Matches(regex)) } else { Err(node.wrong("no regular expression that finds anything")) }
}

/// Every name leads to a detector, and never back.
fn check(
    name: &str,
    node: &Node<'_>,
    known: &BTreeMap<String, &Node<'_>>,
    way: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) -> Result<(), Refusal> {
    if way.iter().any(|before| before == name) {
        return Err(node.wrong(format!("the detector `{name}` refers to itself")));
    }
    if !done.insert(name.to_owned()) {
        return Ok(());
    }
    way.push(name.to_owned());
    for path in node.children(Rule::detector_part).filter_map(|part| part.child(Rule::path)) {
        let name = path.name();
        if let Some(next) = known.get(&name) {
            check(&name, next, known, way, done)?;
        } else if !is_built_in(&name) {
            return Err(path.wrong(format!("no detector is called `{name}`")));
        }
    }
    way.pop();
    Ok(())
}

fn is_built_in(name: &str) -> bool {
    name.strip_prefix("std.").is_some_and(|name| BUILT_IN.contains(&name))
}

/// The scans of a policy, wherever they stand.
pub(super) fn scans(scope: &Scope<'_>, personas: &Personas<'_>, declarations: &[Node<'_>]) -> Result<Vec<Scan>, Refusal> {
    let detectors = detectors(declarations)?;
    let known: BTreeSet<String> = detectors.into_iter().map(|detector| detector.name).collect();
    let (mut scans, mut of_everyone, mut at_top) = (Vec::new(), 0, 0);
    for node in declarations {
        match node.rule() {
            Rule::persona_declaration => {
                let persona = node.need(Rule::persona_head)?.child_name()?;
                for (number, item) in node.children(Rule::scan_rule).enumerate() {
                    let name = format!("{persona}.scan#{}", number + 1);
                    scans.push(scan(scope, &known, &item, name, personas.scope_of(Owner::Persona(&persona)))?);
                }
            }
            Rule::everyone_declaration => {
                for item in node.children(Rule::scan_rule) {
                    of_everyone += 1;
                    scans.push(scan(scope, &known, &item, format!("everyone.scan#{of_everyone}"), None)?);
                }
            }
            Rule::scan_rule => {
                at_top += 1;
                scans.push(scan(scope, &known, node, format!("scan#{at_top}"), None)?);
            }
            _ => {}
        }
    }
    Ok(scans)
}

fn scan(
    scope: &Scope<'_>,
    known: &BTreeSet<String>,
    node: &Node<'_>,
    name: String,
    personas: Option<Vec<String>>,
) -> Result<Scan, Refusal> {
    let mut detectors: Vec<String> = Vec::new();
    for path in node.children(Rule::path) {
        let detector = path.name();
        if !known.contains(&detector) && !is_built_in(&detector) {
            return Err(path.wrong(format!("no detector is called `{detector}`")));
        }
        if !detectors.contains(&detector) {
            detectors.push(detector);
        }
    }
    let actions: Vec<Node<'_>> = node.children(Rule::scan_action).collect();
    let labels: Result<BTreeSet<String>, Refusal> =
        actions.iter().filter_map(|action| action.child(Rule::name)).map(|label| scope.label(&label)).collect();
    Ok(Scan {
        name,
        scope: personas,
        results: node.need(Rule::scan_place)?.has(Rule::kw_results),
        tools: tools::listed(scope, node)?.into_iter().collect(),
        detectors,
        deny: actions.iter().any(|action| action.has(Rule::kw_deny)),
        redact: actions.iter().any(|action| action.has(Rule::kw_redact)),
        labels: labels?.into_iter().collect(),
    })
}
