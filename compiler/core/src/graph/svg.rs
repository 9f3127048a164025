//! Drawings as SVG.
//!
//! In: a [`Drawing`] and its [`Layout`]. Out: one SVG document, without scripts, fonts or references to anything outside.
//! Source: SVG 1.1.

use std::fmt::{self, Write};

use super::drawing::{Drawing, Edge};
use super::layout::{Block, CHARACTER, Curve, LINE, Layout, RADIUS};

const INK: &str = "#1f2933";
const RED: &str = "#b3261e";

pub(super) fn write(drawing: &Drawing, layout: &Layout) -> String {
    let mut out = String::new();
    // Writing into a `String` cannot fail.
    let _ = document(drawing, layout, &mut out);
    out
}

fn document(drawing: &Drawing, layout: &Layout, out: &mut String) -> fmt::Result {
    let title = number_of(&drawing.name) * (CHARACTER + 1.5) + 48.0;
    let (width, height) = (layout.width.max(title), layout.height + 24.0);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 -24 {width:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"11\">"
    )?;
    writeln!(out, "<title>{}</title>", escaped(&drawing.name))?;
    writeln!(out, "<defs>{}{}</defs>", arrow("arrow", INK), arrow("red", RED))?;
    writeln!(out, "<rect x=\"0\" y=\"-24\" width=\"{width:.0}\" height=\"{height:.0}\" fill=\"#ffffff\"/>")?;
    writeln!(out, "<text x=\"16\" y=\"-6\" font-size=\"13\" font-weight=\"bold\" fill=\"{INK}\">{}</text>", escaped(&drawing.name))?;
    for (edge, curve) in drawing.edges.iter().zip(&layout.curves) {
        path(edge, curve, out)?;
    }
    start(layout, out)?;
    for (index, (text, block)) in drawing.nodes.iter().zip(&layout.nodes).enumerate() {
        node(text, block, drawing.end == Some(index), out)?;
    }
    for (edge, curve) in drawing.edges.iter().zip(&layout.curves) {
        lines(edge, &curve.block, out)?;
    }
    writeln!(out, "</svg>")
}

fn arrow(id: &str, colour: &str) -> String {
    format!(
        "<marker id=\"{id}\" viewBox=\"0 0 8 8\" refX=\"1\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"{colour}\"/></marker>"
    )
}

fn path(edge: &Edge, curve: &Curve, out: &mut String) -> fmt::Result {
    let [a, b, c, d] = curve.points;
    let (colour, marker) = if edge.judged { (RED, "red") } else { (INK, "arrow") };
    writeln!(
        out,
        "<path d=\"M{:.1},{:.1} C{:.1},{:.1} {:.1},{:.1} {:.1},{:.1}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.3\" marker-end=\"url(#{marker})\"/>",
        a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y
    )
}

fn start(layout: &Layout, out: &mut String) -> fmt::Result {
    let Some(Block { centre, width, .. }) = layout.nodes.first() else { return Ok(()) };
    let end = centre.x - width / 2.0 - 7.0;
    writeln!(
        out,
        "<path d=\"M{:.1},{:.1} L{end:.1},{:.1}\" stroke=\"{INK}\" stroke-width=\"1.3\" marker-end=\"url(#arrow)\"/>",
        end - 22.0,
        centre.y,
        centre.y
    )
}

fn node(text: &str, block: &Block, is_end: bool, out: &mut String) -> fmt::Result {
    let Block { centre, width, height } = block;
    let (x, y) = (centre.x - width / 2.0, centre.y - height / 2.0);
    let (colour, fill, round) = if is_end { (RED, "#fbeae9", 5.0) } else { (INK, "#f4f6f8", RADIUS) };
    writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{round}\" fill=\"{fill}\" stroke=\"{colour}\" stroke-width=\"1.4\"/>"
    )?;
    writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"12\" fill=\"{colour}\">{}</text>",
        centre.x,
        centre.y + 4.0,
        escaped(text)
    )
}

fn lines(edge: &Edge, block: &Block, out: &mut String) -> fmt::Result {
    let Block { centre, width, height } = block;
    let (x, y) = (centre.x - width / 2.0, centre.y - height / 2.0);
    let colour = if edge.judged { RED } else { INK };
    writeln!(out, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"#ffffff\" fill-opacity=\"0.92\"/>")?;
    let mut baseline = y + LINE - 1.0;
    for line in &edge.lines {
        writeln!(out, "<text x=\"{:.1}\" y=\"{baseline:.1}\" text-anchor=\"middle\" fill=\"{colour}\">{}</text>", centre.x, escaped(line))?;
        baseline += LINE;
    }
    Ok(())
}

fn number_of(text: &str) -> f64 {
    f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX))
}

/// Text for XML; control characters, which XML cannot hold, become visible.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            control if control.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
