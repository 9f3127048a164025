//! Drawings as dot text, for whoever has a program that lays it out.
//!
//! In: a [`Drawing`]. Out: one `digraph`. Source: the dot language of Graphviz.

use std::fmt::Write;

use super::drawing::Drawing;

pub(super) fn write(drawing: &Drawing) -> String {
    let mut out = String::new();
    // Writing into a `String` cannot fail.
    let _ = lines(drawing, &mut out);
    out
}

fn lines(drawing: &Drawing, out: &mut String) -> std::fmt::Result {
    writeln!(out, "digraph {} {{", quoted(&drawing.name))?;
    writeln!(out, "  rankdir=LR;\n  node [shape=circle, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=11];")?;
    writeln!(out, "  start [shape=point];\n  start -> s0;")?;
    for (index, node) in drawing.nodes.iter().enumerate() {
        let shape = if drawing.end == Some(index) { ", shape=octagon, color=\"#b3261e\", fontcolor=\"#b3261e\"" } else { "" };
        writeln!(out, "  s{index} [label={}{shape}];", quoted(node))?;
    }
    for edge in &drawing.edges {
        let red = if edge.judged { ", color=\"#b3261e\", fontcolor=\"#b3261e\"" } else { "" };
        writeln!(out, "  s{} -> s{} [label={}{red}];", edge.from, edge.to, quoted(&edge.lines.join("\n")))?;
    }
    writeln!(out, "}}")
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}
