//! Names that must not be part of themselves: definitions, detectors, groups, personas.
//!
//! In: for each name those that it refers to. Out: the circles, and an order in which everything comes after what it refers to.
//! Source: `lang-spec/catalogs.md`, [names.spaces].

use std::collections::BTreeMap;

use leverframe_syntax::Span;
use leverframe_syntax::tree::{self, DetectorPart, Expr, ExprKind};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::declare::Declared;
use super::report;

/// Who refers to whom: for each of a list, positions in the same list with the place of the reference.
pub(super) type References = Vec<Vec<(usize, Span)>>;

/// A circle: its members with the place where each refers to another member, the first one first.
pub(super) type Circle = Vec<(usize, Span)>;

/// All circles, and the order in which everything comes after what it refers to (within a circle in any order).
pub(super) fn circles(references: &References) -> (Vec<Circle>, Vec<usize>) {
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..references.len()).map(|at| graph.add_node(at)).collect();
    for (from, to) in nodes.iter().zip(references).flat_map(|(from, to)| to.iter().map(move |(to, _)| (from, *to))) {
        if let Some(to) = nodes.get(to) {
            graph.add_edge(*from, *to, ());
        }
    }
    let mut found = Vec::new();
    let mut order = Vec::new();
    for component in tarjan_scc(&graph) {
        let members: Vec<usize> = component.into_iter().map(NodeIndex::index).collect();
        found.extend(circle(&members, references));
        order.extend(members);
    }
    found.sort();
    (found, order)
}

fn circle(members: &[usize], references: &References) -> Option<Circle> {
    let inside = |at: usize| {
        let refers = references.get(at)?.iter().find(|(to, _)| members.contains(to))?;
        Some((at, refers.1))
    };
    let mut circle: Circle = members.iter().filter_map(|at| inside(*at)).collect();
    circle.sort();
    (!circle.is_empty()).then_some(circle)
}

/// Reports definitions that refer to themselves, and makes their bodies harmless.
pub(super) fn definitions(declared: &mut Declared) {
    let defines = &declared.symbols.defines;
    let index = &declared.symbols.index.defines;
    let references: References = defines.iter().map(|define| calls(&define.body, index)).collect();
    let names: Vec<String> = defines.iter().map(|define| define.name.text.clone()).collect();
    for circle in circles(&references).0 {
        declared.found.push(report::recursion("the definition", &named(&circle, &names)));
        for (at, span) in circle {
            if let Some(define) = declared.symbols.defines.get_mut(at) {
                let kind = ExprKind::Literal(tree::Literal { kind: tree::LiteralKind::Bool(false), span });
                define.body = Expr { kind, span: define.body.span };
            }
        }
    }
}

/// Reports detectors that refer to themselves or to none.
pub(super) fn detectors(declared: &mut Declared) {
    let mut references: References = Vec::new();
    for detector in &declared.symbols.detectors {
        let mut to = Vec::new();
        for part in &detector.parts {
            let DetectorPart::Named(path) = part else { continue };
            match declared.symbols.index.detectors.get(&path.text()) {
                Some(at) => to.push((*at, path.span)),
                None => declared.found.extend(declared.symbols.detector(path).err()),
            }
        }
        references.push(to);
    }
    let names: Vec<String> = declared.symbols.detectors.iter().map(|detector| detector.name.text.clone()).collect();
    for circle in circles(&references).0 {
        declared.found.push(report::recursion("the detector", &named(&circle, &names)));
    }
}

/// The members of a circle by their names.
pub(super) fn named<'a>(circle: &Circle, names: &'a [String]) -> Vec<(&'a str, Span)> {
    circle.iter().filter_map(|(at, span)| Some((names.get(*at)?.as_str(), *span))).collect()
}

/// The definitions that an expression uses.
fn calls(expr: &Expr, index: &BTreeMap<String, usize>) -> Vec<(usize, Span)> {
    let mut found = Vec::new();
    let mut left = vec![expr];
    while let Some(expr) = left.pop() {
        if let ExprKind::Call { function, .. } = &expr.kind {
            found.extend(index.get(&function.text).map(|at| (*at, function.span)));
        }
        parts(expr, &mut left);
    }
    found.sort_by_key(|(_, span)| *span);
    found
}

fn parts<'a>(expr: &'a Expr, into: &mut Vec<&'a Expr>) {
    match &expr.kind {
        ExprKind::Field { base, .. } => into.push(base),
        ExprKind::Call { arguments: members, .. } | ExprKind::List(members) | ExprKind::And(members) | ExprKind::Or(members) => {
            into.extend(members);
        }
        ExprKind::Not(inner) | ExprKind::IsPresent(inner) => into.push(inner),
        ExprKind::Compare { left, right, .. } => into.extend([&**left, &**right]),
        ExprKind::Quantified { over, body, .. } => into.extend([&**over, &**body]),
        ExprKind::Arithmetic { first, rest } => {
            into.push(first);
            into.extend(rest.iter().map(|(_, operand)| operand));
        }
        ExprKind::Literal(_)
        | ExprKind::Name(_)
        | ExprKind::Context(_)
        | ExprKind::Result(_)
        | ExprKind::At
        | ExprKind::SessionHas(_)
        | ExprKind::Carries(_) => {}
    }
}
